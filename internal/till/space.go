package till

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"abacus/internal/doctor"
	"abacus/ledger"
)

// Disk is the disk the book is on. The till looks how much is free there, and
// sells nothing new before it is full: what has begun can then be finished, and
// the day can be closed.
//
// Limits.Stop is the reserve for that: 64 MiB unless the shop sets it, 16 MiB at
// least. A payment in doubt that is asked about, reversed and watched, and a
// refund beside it, take some 25 KiB of database and write-ahead log, a Z about
// as much: TestTheReserveHoldsADaysEnd ends a day with sixty of each in less
// than 2 MiB. So the least reserve holds several hundred of them, and the usual
// one leaves three quarters to what others write to the same disk until
// somebody comes, and to a write-ahead log that a long reader, a backup or a
// check of the book, keeps from being checkpointed.
type Disk struct {
	Free   func() (doctor.Bytes, error) // may hang; called off the core's goroutine
	Limits doctor.Limits
}

// Space is how much room the book's disk has.
type Space struct {
	Free   doctor.Bytes
	Level  doctor.Level
	Limits doctor.Limits
}

// Args are those of FaultNoSpace.
func (s Space) Args() []any { return []any{s.Free, s.Limits.Back(doctor.Full)} }

// How often it is looked. While nothing new is sold somebody waits for the till
// to see that there is room again.
const (
	spaceEvery = time.Minute
	spaceOften = 5 * time.Second
)

// watchDisk measures until ctx ends, and at once when it is asked to. It goes by
// the machine's own clock: one that is set back does not keep it from looking.
func (t *Till) watchDisk(ctx context.Context) {
	level, pause := doctor.Enough, time.Duration(0)
	for {
		due := time.NewTimer(pause)
		select {
		case <-due.C:
		case <-t.look:
			due.Stop()
		case <-ctx.Done():
			due.Stop()
			return
		}
		free, err := t.measure(ctx)
		if pause = spaceEvery; err == nil {
			level = t.set.Disk.Limits.Level(free, level)
		} else if ctx.Err() == nil { // what was so is taken to be so still
			t.log.Error("free space", "error", err)
		}
		if level == doctor.Full {
			pause = spaceOften
		}
		if err == nil {
			measured := Space{Free: free, Level: level, Limits: t.set.Disk.Limits}
			t.post(ctx, func() { t.spaceIs(measured) }) // which runs while the next is measured
		}
	}
}

// measure asks the system in a goroutine of its own: on a disk of the network it
// may never answer, and the till must be able to end all the same.
func (t *Till) measure(ctx context.Context) (doctor.Bytes, error) {
	type answer struct {
		free doctor.Bytes
		err  error
	}
	back := make(chan answer, 1)
	go func() {
		free, err := t.set.Disk.Free()
		back <- answer{free, err}
	}()
	select {
	case a := <-back:
		return a.free, a.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// lookAtDisk has the room measured now: the book did not find any.
func (t *Till) lookAtDisk() {
	select {
	case t.look <- struct{}{}:
	default: // asked already
	}
}

// noticeSpace begins the code of every notice about room; what held before is
// taken back.
const noticeSpace = "space-"

// spaceIs takes in what was measured.
func (t *Till) spaceIs(s Space) {
	if t.ctx.Err() != nil {
		return
	}
	was := Space{Level: doctor.Enough}
	if t.space != nil {
		was = *t.space
	}
	t.space = &s
	if s.Level != was.Level {
		t.log.Warn("free space", "bytes", int64(s.Free), "level", s.Level)
		t.notices = slices.DeleteFunc(t.notices, func(n Notice) bool { return strings.HasPrefix(n.Code, noticeSpace) })
		n := Notice{Code: NoticeSpaceBack, Args: []any{s.Free}}
		switch s.Level {
		case doctor.Low:
			n = Notice{Code: NoticeSpaceLow, Args: []any{s.Free, s.Limits.Stop}}
		case doctor.Full:
			n = Notice{Code: NoticeSpaceFull, Args: s.Args()}
		}
		if was.Level == doctor.Full && s.Level == doctor.Low {
			n.Code = NoticeSpaceSells
		}
		t.notice(n)
	}
	t.noteSpace()
	if s.Level != was.Level || s.Level != doctor.Enough && s.Free != was.Free {
		t.publish()
	}
}

// noteSpace tells the book of a level it has not heard of. One that takes no
// entries, or is not open yet, is told at the next look.
func (t *Till) noteSpace() {
	if t.space == nil || t.parts == nil || t.trouble != nil || t.space.Level == t.spaceNoted {
		return
	}
	note := ledger.Note{About: "disk space", Text: fmt.Sprintf("%s, %d bytes free", t.space.Level, int64(t.space.Free))}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{t.draft(ledger.KindNote, "", note)}}); err == nil {
		t.spaceNoted = t.space.Level
	}
}

// room refuses to begin something new on a disk that is nearly full: a sale, a
// top-up, a card, a hold.
func (t *Till) room() error {
	if t.space == nil || t.space.Level != doctor.Full {
		return nil
	}
	return fault(FaultNoSpace, t.space.Args()...)
}

// roomToCharge refuses a charge on a disk that is nearly full: nobody knows how
// many steps it will take. Not for a customer who has paid part of the sale,
// and wants the goods. Cash and prepaid cards finish any sale that is open: they
// are certain at once.
func (t *Till) roomToCharge(s ledger.Sale) error {
	if s.Refunded.Less(s.Paid) {
		return nil
	}
	return t.room()
}
