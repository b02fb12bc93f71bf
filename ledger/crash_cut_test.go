package ledger

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"unicode"

	"abacus/internal/faultdisk"
)

// harm counts what a series of faults did.
type harm struct {
	mu                            sync.Mutex
	tries, looks, lost, told, bad int
	kinds                         map[string]int // of errors, numbers left out
	examples                      []error        // one of each kind
}

func (h *harm) tried() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries++
}

func (h *harm) add(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.looks++
	switch {
	case err == nil:
		return
	case errors.Is(err, errLost):
		h.lost++
	case errors.Is(err, errTold):
		h.told++
	default:
		h.bad++
	}
	kind := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, err.Error())
	if h.kinds[kind]++; h.kinds[kind] == 1 {
		h.examples = append(h.examples, err)
	}
}

// report fails the test with one error of each kind.
func (h *harm) report(t *testing.T, what string) {
	t.Helper()
	t.Log(what, h)
	if h.looks == 0 {
		t.Errorf("%s nothing was tried", what)
	}
	for _, err := range h.examples {
		t.Error(err)
	}
}

func newHarm() *harm { return &harm{kinds: map[string]int{}} }

func (h *harm) String() string {
	return fmt.Sprintf("%d tried, %d different books looked at: %d without something acknowledged, %d more that the start refuses, %d wrong otherwise",
		h.tries, h.looks, h.lost, h.told, h.bad)
}

// saboteur cuts the power at every operation of a day, in a few ways each, and
// inspects what is left. What it has seen is not looked at again.
type saboteur struct {
	c       *cashier
	heads   []Head // of the day without faults
	share   int    // it takes every so many-th operation,
	mine    int    // from this one on
	thin    int    // and of those every so many-th
	damages int
	nested  int // after every so many of them the start is cut, too; 0: never
	cuts    *harm
	again   *harm // of nested cuts
	seen    map[uint64]bool
	taken   int
}

func (s *saboteur) plan(ctx context.Context) func(faultdisk.Op) faultdisk.Fault {
	return func(op faultdisk.Op) faultdisk.Fault {
		if op.Changes && op.N%s.share == s.mine && op.N/s.share%s.thin == 0 {
			s.cut(ctx, op)
		}
		return faultdisk.None
	}
}

// cut ends the day just before an operation. One that was in flight is an
// unsynced one before the next cut.
func (s *saboteur) cut(ctx context.Context, op faultdisk.Op) {
	acked, steps := s.c.acknowledged()
	next := s.heads[min(steps+1, len(s.heads)-1)]
	for damage := range s.damages {
		s.cuts.tried()
		image := s.c.disk.Cut(luck(uint64(op.N), uint64(damage)))
		if print := fingerprint(image, steps); s.seen[print] {
			continue
		} else {
			s.seen[print] = true
		}
		var err error
		if steps > stepsBeforeRestart && image.Peek(s.c.opt.HeadPath) == nil {
			err = fmt.Errorf("%w: the head file is gone", errWrong)
		}
		err = errors.Join(err, inspect(ctx, s.c.opt.on(image), acked, next), image.Release())
		s.cuts.add(explain(err, "cut before operation %d (%s %s), damage %d", op.N, op.Kind, op.Path, damage))
	}
	if s.taken++; s.nested > 0 && s.taken%s.nested == 0 {
		s.recover(ctx, s.c.disk.Cut(luck(uint64(op.N), 1000)), op.N, acked, next)
	}
}

// recover starts on what a cut left, ends in order, and cuts the power at every
// operation of that.
func (s *saboteur) recover(ctx context.Context, image *faultdisk.Disk, first int, acked, next Head) {
	image.Plan(func(op faultdisk.Op) faultdisk.Fault {
		if op.Changes {
			s.again.tried()
			again := image.Cut(luck(uint64(first), uint64(op.N)))
			err := errors.Join(inspect(ctx, s.c.opt.on(again), acked, next), again.Release())
			s.again.add(explain(err, "cut before operation %d, again before operation %d (%s %s) of the start", first, op.N, op.Kind, op.Path))
		}
		return faultdisk.None
	})
	o := s.c.opt.on(image)
	o.Now, o.Monotonic = tomorrow, nil
	l, err := Open(ctx, o)
	if err == nil {
		err = l.Close()
	}
	s.again.add(errors.Join(err, image.Release()))
}

func explain(err error, where string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(where+": %w", append(args, err)...)
}

var prints = maphash.MakeSeed()

func fingerprint(d *faultdisk.Disk, steps int) uint64 {
	var h maphash.Hash
	h.SetSeed(prints)
	fmt.Fprintln(&h, steps)
	for _, name := range d.Names() {
		fmt.Fprintln(&h, name, len(d.Peek(name)))
		h.Write(d.Peek(name))
	}
	return h.Sum64()
}

// hands is how many goroutines share an exhaustive test; each works through the
// whole day and tries its share.
const hands = 2

// share runs work on as many goroutines, in fake time.
func share(t *testing.T, work func(t *testing.T, mine int)) {
	t.Helper()
	t.Run("hand", func(t *testing.T) {
		for mine := range hands {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { work(t, mine) })
			})
		}
	})
}

// cutEverywhere tries a whole day with the given pragmas.
func cutEverywhere(t *testing.T, damages, nested int, pragmas ...string) (cuts, again *harm) {
	t.Helper()
	cuts, again = newHarm(), newHarm()
	share(t, func(t *testing.T, mine int) {
		heads, _ := course(t, faultdisk.New(faultdisk.Options{}), day)
		disk := faultdisk.New(faultdisk.Options{})
		c := newCashier(disk)
		c.pragmas = append(c.pragmas, pragmas...)
		c.noLog = len(pragmas) > 0
		s := &saboteur{c: c, heads: heads, share: hands, mine: mine, thin: thin, damages: damages, nested: nested,
			cuts: cuts, again: again, seen: map[uint64]bool{}}
		if len(pragmas) > 0 {
			s.thin = min(thin, 6) // enough to be found out
		}
		disk.Plan(s.plan(t.Context()))
		if err := c.work(t.Context(), day); err != nil {
			t.Fatal(err)
		}
		s.cut(t.Context(), faultdisk.Op{N: disk.Count() + 1})
		release(t, disk)
	})
	return cuts, again
}

func TestPowerCutAnywhere(t *testing.T) {
	cuts, again := cutEverywhere(t, *damages, 48/min(*damages, 4)/min(thin, 3))
	cuts.report(t, "cut once:")
	again.report(t, "cut again while starting:")
}

// A test that finds nothing proves nothing: the same cuts must find what is
// wrong with every faster way to write.
func TestPowerCutFindsWeakSettings(t *testing.T) {
	for _, c := range []struct {
		name, pragma string
		wrong        bool // it must do more harm than to lose something
	}{
		{"WAL and NORMAL", "PRAGMA synchronous = normal", false},
		{"WAL and OFF", "PRAGMA synchronous = off", true},
		{"DELETE and FULL", "PRAGMA journal_mode = delete", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cuts, _ := cutEverywhere(t, min(*damages, 4), 0, c.pragma)
			t.Log(cuts, "such as:", slices.Clip(cuts.examples)[:min(2, len(cuts.examples))])
			if cuts.lost+cuts.told == 0 || c.wrong && cuts.bad == 0 {
				t.Error("not found out")
			}
		})
	}
}
