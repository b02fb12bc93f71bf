package till_test

import (
	"flag"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"abacus/payment"
)

var (
	simSeed    = flag.Uint64("seed", 1, "the first seed of the simulation")
	simRuns    = flag.Int("runs", 0, "how many seeds to simulate; 0: a short campaign")
	simBugRuns = flag.Int("bugs", 0, "within how many seeds every planted bug must be found; 0: the common ones only, within few")
	simStory   = flag.Bool("story", false, "tell the whole story of every simulated day")
)

// simulate lives one plan in fake time.
func simulate(t *testing.T, plan *simPlan, bug *simBug, telling bool) (s *sim) {
	synctest.Test(t, func(t *testing.T) {
		s = newSim(t, plan, bug, telling)
		s.live()
		s.judge()
		// SQLite would keep the day's every byte for the rest of the campaign.
		if err := s.disk.Release(); err != nil {
			s.fail("disk", "%v", err)
		}
	})
	return s
}

// campaign is many seeds, simulated on all cores.
type campaign struct {
	mu                           sync.Mutex
	next, end                    uint64
	days, cuts, requests, orders int
	simulated                    time.Duration
	reach                        map[string]int
	bad                          map[uint64]*sim
	enough                       bool // one failure is
}

func runCampaign(t *testing.T, first uint64, runs int, bug *simBug, enough bool) *campaign {
	defer debug.SetGCPercent(debug.SetGCPercent(1000)) // a day's rubbish is small
	c := &campaign{next: first, end: first + uint64(runs), reach: map[string]int{}, bad: map[uint64]*sim{}, enough: enough}
	t.Run("seeds", func(t *testing.T) {
		for n := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				for seed, more := c.take(); more; seed, more = c.take() {
					c.add(t, seed, simulate(t, newPlan(seed), bug, *simStory))
				}
			})
		}
	})
	return c
}

func (c *campaign) take() (seed uint64, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == c.end || c.enough && len(c.bad) > 0 {
		return 0, false
	}
	c.next++
	return c.next - 1, true
}

func (c *campaign) add(t *testing.T, seed uint64, s *sim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.days++
	c.cuts += s.cuts
	c.requests += s.requests
	c.orders += s.orders
	c.simulated += s.lasted
	for what, n := range s.reach {
		c.reach[what] += n
	}
	if len(s.failures) > 0 {
		c.bad[seed] = s
	}
	if *simStory {
		t.Log(strings.Join(s.story, "\n"))
	}
}

func (c *campaign) seeds() []uint64 { return slices.Sorted(maps.Keys(c.bad)) }

func (c *campaign) String() string {
	return fmt.Sprintf("%d days, %d orders, %d power cuts, %d requests, %.0f simulated hours", c.days, c.orders, c.cuts, c.requests, c.simulated.Hours())
}

// TestSimulation lives whole days of a shop, one for each seed, and looks
// whether every fen is where the books say. A day that fails prints its seed;
// with -seed it is lived again exactly. -runs lives more of them.
func TestSimulation(t *testing.T) {
	runs := *simRuns
	if runs == 0 {
		runs = shortRuns
	}
	start := time.Now()
	c := runCampaign(t, *simSeed, runs, nil, false)
	t.Logf("%v; %.1f days a second", c, float64(c.days)/time.Since(start).Seconds())
	for _, seed := range c.seeds() {
		for _, f := range c.bad[seed].failures {
			t.Errorf("seed %d: %s: %s", seed, f.class, f.text)
		}
	}
	if len(c.bad) > 0 {
		seed := c.seeds()[0]
		t.Logf("all of it: go test ./internal/till -run 'TestSimulation$' -v -story -runs 1 -seed %d", seed)
		t.Logf("in short:\n%s", shortStory(t, shrink(t, newPlan(seed), nil, c.bad[seed]), nil))
	}
	c.checkReach(t, runs >= reachRuns)
}

// reachRuns is how many days it takes to come through every state in every
// kind of trouble.
const reachRuns = 1000

// checkReach: a simulation that never gets somewhere proves nothing about it.
func (c *campaign) checkReach(t *testing.T, all bool) {
	t.Helper()
	for _, phase := range []payment.Phase{payment.Sending, payment.Shown, payment.Asking, payment.Undoing, payment.Watching} {
		for _, trouble := range []string{"cut", lostRequest, lostAnswer} {
			what := fmt.Sprintf("%s × %s", phase, trouble)
			if all && c.reach[what] == 0 {
				t.Errorf("never reached: %s", what)
			}
			t.Logf("%6d  %s", c.reach[what], what)
		}
	}
	for _, what := range cardReach() {
		if all && c.reach[what] == 0 {
			t.Errorf("never reached: %s", what)
		}
		t.Logf("%6d  %s", c.reach[what], what)
	}
}
