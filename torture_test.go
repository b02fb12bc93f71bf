package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

var (
	tortureTime = flag.Duration("torture", 10*time.Second, "how long TestTorture sells; from 5m on processes also stop for a minute")
	tortureSeed = flag.Uint64("torture-seed", 1, "dice of TestTorture's customers, cashiers and troubles")
)

// TestTorture lets two tills sell, as processes of their own, while they and
// the acquirers' sandbox are killed, stopped, cut off from their disk and from
// each other. Then all that ends, everything is started once more, and the
// acquirers' books agree with both journals to the fen.
//
// The dice are seeded, but processes run as they like: a seed gives the same
// kind of run, not the same run. The tills' clocks are wrong and jump; the
// acquirers' is the machine's.
func TestTorture(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for n := range 2 {
		if err := s.tills[n].start(); err != nil {
			t.Fatal(err)
		}
	}
	s.sell(*tortureTime)
	if t.Failed() {
		return
	}
	s.restartAll()
	if err := eventually(3*time.Minute, s.agree); err != nil {
		t.Fatal(err)
	}
	s.closeAll()
	s.report()
}

// street is the acquirers' sandbox and two tills.
type street struct {
	*testing.T
	tills []*counter

	mu    sync.Mutex
	box   *box
	codes []string // of boxes that are gone
	tally map[string]int
}

func newStreet(t *testing.T) *street {
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	s := &street{T: t, box: b, tally: map[string]int{}}
	t.Cleanup(func() { s.acquirer().kill() })
	for n := range 2 {
		k := &counter{s: s, number: n, data: filepath.Join(t.TempDir(), "till"), up: make(chan struct{}), said: map[string]bool{}}
		k.env = append(quick(), fmt.Sprintf("ABACUS_TILL=%02d", n+1), "ABACUS_WECHAT_TIMING_WATCH=100ms", "ABACUS_ALIPAY_TIMING_WATCH=100ms")
		k.clock = filepath.Join(t.TempDir(), "clock")
		k.env = append(k.env, clockEnv+"="+k.clock)
		s.tills = append(s.tills, k)
		t.Cleanup(k.kill)
		k.prepareDisk()
	}
	return s
}

// acquirer is the sandbox as it runs now.
func (s *street) acquirer() *box {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.box
}

func (s *street) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally[what]++
}

// lanes is how many sell at each till at the same time.
const lanes = 4

// sell has its lanes at each till and a troublemaker for each process. In the
// end the tills are killed under the lanes.
func (s *street) sell(how time.Duration) {
	ctx, stop := context.WithTimeout(s.Context(), how)
	defer stop()
	if err := planFaults(s.acquirer()); err != nil {
		s.Fatal(err)
	}
	var work, makers sync.WaitGroup
	for _, k := range s.tills {
		for lane := range lanes {
			work.Go(func() { k.lane(ctx, rand.New(rand.NewPCG(*tortureSeed, uint64(10*k.number+lane)))) })
		}
		makers.Go(func() { s.trouble(ctx, uint64(100+k.number), k.troubles()) })
	}
	makers.Go(func() { s.trouble(ctx, 200, s.troubles()) })
	makers.Wait()
	for _, k := range s.tills {
		k.kill()
	}
	work.Wait()
}

// trouble makes one trouble after the other; each is over when its function
// returns.
func (s *street) trouble(ctx context.Context, seed uint64, kinds map[string]func(*rand.Rand) error) {
	dice := rand.New(rand.NewPCG(*tortureSeed, seed))
	names := slices.Sorted(maps.Keys(kinds))
	for wait(ctx, time.Duration(100+dice.IntN(900))*time.Millisecond) {
		name := names[dice.IntN(len(names))]
		if err := kinds[name](dice); err != nil {
			s.Errorf("%s: %v", name, err)
			return
		}
		s.count(name)
	}
}

// wait reports whether the time has passed before the context ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// restartAll ends the faults and starts every process once more.
func (s *street) restartAll() {
	if err := s.restartBox(); err != nil {
		s.Fatal(err)
	}
	if err := s.acquirer().request(http.MethodDelete, "/faults", nil, nil); err != nil {
		s.Fatal(err)
	}
	for _, k := range s.tills {
		if err := k.start(); err != nil {
			s.Fatal(err)
		}
	}
}

// restartBox starts the sandbox again on its folder, without faults.
func (s *street) restartBox() error {
	old := s.acquirer()
	old.kill()
	b, err := startBox(old.dir)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.box, s.codes = b, append(s.codes, old.issued...)
	return nil
}

func (s *street) agree() (bool, error) {
	theirs, err := s.acquirer().books()
	if err != nil {
		return false, err
	}
	var ours []*auditor
	for _, k := range s.tills {
		a, err := k.audit()
		if err != nil {
			return false, err
		}
		ours = append(ours, a)
	}
	err = agreeOn(theirs, ours...)
	return err == nil, err
}

// closeAll ends the tills in order and looks at what they leave behind.
func (s *street) closeAll() {
	for _, k := range s.tills {
		if code := k.take().stop(); code != 0 {
			s.Errorf("till %d ended with %d", k.number, code)
		}
		a, err := k.audit()
		if err != nil {
			s.Fatal(err)
		}
		for id := range k.said {
			if p := a.payments[id]; p == nil || p.State != "paid" {
				s.Errorf("till %d said that %s is paid, its journal has %+v", k.number, id, p)
			}
		}
		for id, p := range a.payments {
			s.count("payments " + p.State)
			if p.State == "paid" && !k.said[id] {
				s.count("paid while nobody was told")
			}
		}
		s.tally["entries"] += a.entries
		s.tally["refunds"] += len(a.refunds)
		k.verify()
		if err := secretIn(k.data, append(s.codes, append(s.box.issued, "246810")...)); err != nil {
			s.Error(err)
		}
	}
}

// report gives the figures that docs/reliability.md quotes.
func (s *street) report() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(s.tally)) {
		s.Logf("%7d %s", s.tally[what], what)
	}
}
