package printer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// sendWhole writes the job and waits until the printer has worked it off.
func (t *talk) sendWhole(ctx context.Context) error {
	if err := t.job.Begins(ctx); err != nil {
		return notSent(t.what, err)
	}
	data := append([]byte(speakUp), t.job.Data...)
	if err := t.writeAll(ctx, append(data, askInOrder...)); err != nil {
		return err
	}
	if err := t.finish(ctx); err != nil {
		return fmt.Errorf("%s: took the job but did not confirm it, look at the paper: %w", t.what, err)
	}
	t.poke(ctx, speakNoMore)
	return nil
}

// writeAll writes with pauses for as long as the printer says that it has
// stopped. Bytes it took are never written again.
func (t *talk) writeAll(ctx context.Context, data []byte) error {
	total, stalled, held := len(data), time.Duration(0), time.Duration(0)
	for len(data) > 0 {
		n, err := t.writeSome(ctx, data)
		if data = data[n:]; len(data) == 0 {
			return nil // what is heard from now on may be the answer
		}
		t.catchUp()
		switch {
		case ctx.Err() != nil, !errors.Is(err, os.ErrDeadlineExceeded):
			return t.brokenOff(total-len(data), total, cause(ctx, err))
		case n > 0:
			stalled = 0
			continue
		case !t.status.Ready():
			held += beat
		default:
			stalled += beat
		}
		if stalled >= or(t.manner.Write, DefaultWrite) || held >= or(t.manner.Hold, DefaultHold) {
			return t.brokenOff(total-len(data), total, context.DeadlineExceeded)
		}
	}
	return nil
}

// brokenOff judges a job of which the line has taken some bytes, or is still
// about to take some.
func (t *talk) brokenOff(taken, total int, err error) error {
	if slow, ok := t.line.(interface{ underWay() bool }); ok && slow.underWay() {
		taken = max(taken, 1)
	}
	return written(t.what, taken, total, remedy(err))
}

func (t *talk) writeSome(ctx context.Context, data []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, beat)
	defer cancel()
	defer bound(ctx, t.line.SetWriteDeadline)()
	return t.line.Write(data)
}

// catchUp takes in what has been said during a write.
func (t *talk) catchUp() {
	for {
		select {
		case r, open := <-t.heard:
			if !open {
				t.heard = nil // the line is at its end; the write will say so
				return
			}
			t.take(r)
		default:
			return
		}
	}
}

// errPaperEnded is about a printer that answered out of turn.
var errPaperEnded = errors.New("the paper ended while it printed")

// errUnproven is a printer that tells its state and not when it has printed.
var errUnproven = fmt.Errorf("it tells its state, but does not answer GS r; one that never does needs printer.status: false: %w", context.DeadlineExceeded)

// finish waits for the answer that comes when everything before it has been
// worked off. Paper may have to be brought meanwhile; the printer keeps what it
// has not printed and goes on by itself.
func (t *talk) finish(ctx context.Context) error {
	ticks := time.NewTicker(beat)
	defer ticks.Stop()
	waited, held := time.Duration(0), time.Duration(0)
	early := false // answered though the paper was out: ask again once there is paper
	for beats := 1; ; {
		select {
		case r, open := <-t.heard:
			switch finished := open && t.take(r); {
			case !open:
				return errors.New("the line to the printer broke")
			case !finished:
			case !r.paperGone():
				return nil
			default:
				early, t.status.PaperOut = true, true
				t.job.tells(t.status)
			}
		case <-ticks.C:
			if !t.status.Ready() {
				held += beat
			} else {
				waited += beat
			}
			if waited >= or(t.manner.Finish, DefaultFinish) && t.status.Ready() {
				return errUnproven
			}
			if waited >= or(t.manner.Finish, DefaultFinish) || held >= or(t.manner.Hold, DefaultHold) {
				return context.DeadlineExceeded
			}
			t.letUrgentPass(ctx)
			if beats++; beats%askEvery == 0 {
				t.asked = answersToAsk
				t.poke(ctx, askNow)
			}
			if early && t.status.Ready() {
				if _, blind := t.line.(forgets); blind {
					return errPaperEnded
				}
				early = false
				t.poke(ctx, askInOrder)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// poke is a question beside the job: one that the printer does not take now is
// put again later.
func (t *talk) poke(ctx context.Context, question string) {
	ctx, cancel := context.WithTimeout(ctx, beat)
	defer cancel()
	_ = t.put(ctx, []byte(question))
}

// letUrgentPass opens the drawer while a job waits for paper.
func (t *talk) letUrgentPass(ctx context.Context) {
	if t.job.aside == nil {
		return
	}
	if urgent, settle := t.job.aside(); settle != nil {
		settle(t.sendUrgent(ctx, urgent))
	}
}
