package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/faultdisk"
)

// way is how an operation fails.
type way struct {
	name  string
	fault faultdisk.Fault
	ever  bool // and every one after it
	hits  func(faultdisk.Op) bool
}

var ways = []way{
	{"once", faultdisk.Fail, false, func(faultdisk.Op) bool { return true }},
	{"for ever", faultdisk.Fail, true, func(faultdisk.Op) bool { return true }},
	{"torn", faultdisk.Torn, false, func(op faultdisk.Op) bool { return op.Kind == faultdisk.Write }},
	{"full once", faultdisk.Full, false, needsRoom},
	{"full for ever", faultdisk.Full, true, needsRoom},
}

func needsRoom(op faultdisk.Op) bool { return op.Kind == faultdisk.Write || op.Grows }

// victim works through the day on a disk that fails, as the till would: what
// was not written is tried again, after a stop the book is opened anew and
// asked what became of the last step.
type victim struct {
	*cashier
	at      int // the operation that fails
	way     way
	harm    *harm
	stopped int // times in doubt
}

func (v *victim) plan(op faultdisk.Op) faultdisk.Fault {
	if op.N == v.at || v.way.ever && op.N > v.at {
		return v.way.fault
	}
	return faultdisk.None
}

// patience is how often a till tries the same thing in a day.
const patience = 3

var errGivesUp = errors.New("the disk stays broken")

func (v *victim) work(ctx context.Context, steps []step) {
	err := v.insist(ctx, func() error { return v.start(ctx) })
	for i := 0; err == nil && i < len(steps); i++ {
		before := v.l.Head()
		err = v.insist(ctx, func() error { return v.step(ctx, steps[i], before) })
		time.Sleep(between)
	}
	if err != nil && !errors.Is(err, errGivesUp) {
		v.harm.add(err)
	}
	_ = v.close() // says what is broken, changes nothing that was acknowledged
	acked, _ := v.acknowledged()
	v.disk.Plan(nil)
	v.looks(ctx, "at the end", acked, v.stopped > 0, 2)
}

// looks at the book as a clean start finds it, and as a start does after the
// power was cut here, in a few ways.
func (v *victim) looks(ctx context.Context, when string, acked Head, doubt bool, cuts int) {
	v.look(ctx, when, v.disk.Clone(), acked, doubt)
	seen := map[uint64]bool{}
	for damage := range cuts {
		image := v.disk.Cut(luck(uint64(v.at), uint64(damage)))
		if print := fingerprint(image, 0); !seen[print] {
			seen[print] = true
			v.look(ctx, when+", after a power cut", image, acked, doubt)
		}
	}
}

// insist tries again until it goes well or patience ends. An error of wrong
// behaviour comes back at once.
func (v *victim) insist(ctx context.Context, try func() error) error {
	var err error
	for range patience {
		if err = try(); err == nil || errors.Is(err, errWrong) {
			return err
		}
		time.Sleep(time.Minute)
	}
	return errGivesUp
}

// start opens the book. A disk that fails is not a book that is broken.
func (v *victim) start(ctx context.Context) error {
	err := v.open(ctx)
	if broken := (*Broken)(nil); errors.As(err, &broken) {
		return fmt.Errorf("%w: start: %w", errWrong, err)
	}
	return err
}

// step does one step of the day, or tells why it could not.
func (v *victim) step(ctx context.Context, s step, before Head) error {
	if v.l == nil { // the restart did not succeed
		return v.start(ctx)
	}
	if v.l.Stopped() != nil {
		v.stopped++
		if err := v.l.Reopen(ctx); err != nil {
			return v.mayStop(err)
		}
		if v.l.Head() != before {
			v.acknowledge() // the till looked and found it
			return nil
		}
	}
	begin := v.disk.Count()
	err := s.do(ctx, v.cashier)
	var broken *Broken
	var refused *Refusal
	switch {
	case err == nil:
		v.acknowledge()
		v.quiet(begin)
	case errors.As(err, &broken), errors.As(err, &refused):
		return fmt.Errorf("%w: %s: %w", errWrong, s.name, err)
	case errors.Is(err, ErrNotWritten):
		v.quiet(begin)
		acked, _ := v.acknowledged()
		v.looks(ctx, "which was not written", acked, false, 8)
	case errors.Is(err, ErrStopped):
		v.quiet(begin)
	}
	return err
}

// mayStop: what Reopen says must be that it still cannot tell.
func (v *victim) mayStop(err error) error {
	if errors.Is(err, ErrStopped) {
		return err
	}
	return fmt.Errorf("%w: reopen: %w", errWrong, err)
}

// look inspects a book that must hold what was acknowledged, and nothing more
// unless the last step is in doubt.
func (v *victim) look(ctx context.Context, when string, disk *faultdisk.Disk, acked Head, doubt bool) {
	err := errors.Join(inspect(ctx, v.opt.on(disk), acked), disk.Release())
	if doubt && errors.Is(err, errMore) {
		err = nil
	}
	v.harm.add(explain(err, "operation %d fails %s, %s", v.at, v.way.name, when))
}

// quiet checks that in a step, begun after some operation, a connection whose
// write failed writes nothing more.
func (v *victim) quiet(begin int) {
	last := 0 // opening of a file before the failure
	for _, op := range v.disk.Ops()[begin:] {
		ours := strings.HasPrefix(op.Path, v.opt.Path) && (op.Kind == faultdisk.Write || op.Kind == faultdisk.Sync)
		switch {
		case ours && last == 0 && op.Fault != faultdisk.None:
			last = op.Handle
		case ours && last > 0 && op.Handle <= last:
			v.harm.add(fmt.Errorf("%w: operation %d %s: the failed connection goes on with operation %d (%s %s)",
				errWrong, v.at, v.way.name, op.N, op.Kind, op.Path))
			return
		}
	}
}

// everything: all of an exhaustive test, or a sample.
func everything() bool { return *damages >= 8 }

// failEverywhere lets every operation of the steps fail in every way, on a disk
// like the one given, or of a sample, to which syncs that fail once belong.
func failEverywhere(t *testing.T, like *faultdisk.Disk, steps []step, everything bool, also ...func(*cashier)) {
	t.Helper()
	chosen := func(i, w int, op faultdisk.Op) bool {
		sync := op.Kind == faultdisk.Sync || op.Kind == faultdisk.SyncDir
		return (everything || sync && w == 0 || (i/hands+w)%11 == 0) && i/hands%thin == 0
	}
	all := newHarm()
	share(t, func(t *testing.T, mine int) {
		mirror := like.Clone()
		mirror.Seed(luck(1))
		heads, ops := course(t, mirror, steps, also...)
		for i, op := range ops {
			for w, way := range ways {
				if i%hands != mine || !way.hits(op) || !chosen(i, w, op) {
					continue
				}
				all.tried()
				disk := like.Clone()
				disk.Seed(luck(uint64(op.N), uint64(w)))
				v := &victim{cashier: newCashier(disk), at: op.N, way: way, harm: all}
				for _, set := range also {
					set(v.cashier)
				}
				v.found(heads[0])
				disk.Plan(v.plan)
				v.work(t.Context(), steps)
				if err := disk.Release(); err != nil {
					t.Errorf("operation %d (%s %s) %s: %v", op.N, op.Kind, op.Path, way.name, err)
				}
			}
		}
	})
	all.report(t, "faults:")
}

// TestKilledAfterAFailedSync kills the program when a sync has failed, starts
// it, and cuts the power at every operation of that start. What the sync left
// out is read from memory all the same, and a later sync does not know of it.
func TestKilledAfterAFailedSync(t *testing.T) {
	cuts := newHarm()
	like := bookAfter(t, nil)
	share(t, func(t *testing.T, mine int) {
		heads, ops := course(t, like.Clone(), day)
		ops = slices.DeleteFunc(ops, func(op faultdisk.Op) bool { return op.Kind != faultdisk.Sync })
		for i, op := range ops {
			if i%hands != mine || !everything() && i/hands%(2*min(thin, 5)) != 0 {
				continue
			}
			disk := like.Clone()
			disk.Seed(luck(uint64(op.N)))
			c := newCashier(disk)
			s := &saboteur{c: c, heads: heads, again: cuts}
			disk.Plan(func(now faultdisk.Op) faultdisk.Fault {
				switch now.N {
				case op.N:
					return faultdisk.Fail
				case op.N + 1:
					acked, steps := c.acknowledged()
					s.recover(t.Context(), disk.Clone(), op.N, acked, heads[min(steps+1, len(heads)-1)])
				}
				return faultdisk.None
			})
			_ = c.work(t.Context(), day) // stops at the fault; what it says is tested elsewhere
			_ = c.close()
			release(t, disk)
		}
	})
	cuts.report(t, "power cuts at the start after a failed sync:")
}

func TestEveryOperationFails(t *testing.T) { failEverywhere(t, bookAfter(t, nil), day, everything()) }

// TestEveryOperationFailsBesideAReader: somebody reads the book all day, so that
// its log cannot be emptied when a commit has failed.
func TestEveryOperationFailsBesideAReader(t *testing.T) {
	failEverywhere(t, bookAfter(t, nil), day, everything(), func(c *cashier) { c.beside = true })
}

func TestEveryOperationFailsAtTheStart(t *testing.T) {
	failEverywhere(t, bookAfter(t, day[:5]), nil, true) // a sale is open, and its payment
}

func TestEveryOperationFailsWhileTheBookIsMade(t *testing.T) {
	failEverywhere(t, faultdisk.New(faultdisk.Options{Rand: luck(1)}), day[:1], everything())
}
