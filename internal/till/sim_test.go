//go:build !race

// The race detector makes a simulated day some thirty times slower; the other
// tests race the same code.

package till_test

import (
	"flag"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	simSeed  = flag.Uint64("seed", 1, "the first seed of the simulation")
	simRuns  = flag.Int("runs", 0, "how many seeds to simulate; 0: a short campaign")
	simStory = flag.Bool("story", false, "tell the story of every simulated day")
)

// simulate lives one plan in fake time.
func simulate(t *testing.T, plan *simPlan, bug *simBug, telling bool) (s *sim) {
	synctest.Test(t, func(t *testing.T) {
		s = newSim(t, plan, bug)
		s.telling = telling
		s.live()
		s.judge()
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
	bad                          map[uint64][]simFailure
}

func runCampaign(t *testing.T, first uint64, runs int, bug *simBug) *campaign {
	c := &campaign{next: first, end: first + uint64(runs), reach: map[string]int{}, bad: map[uint64][]simFailure{}}
	t.Run("seeds", func(t *testing.T) {
		for n := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				for seed, more := c.take(); more; seed, more = c.take() {
					c.add(seed, simulate(t, newPlan(seed), bug, *simStory))
				}
			})
		}
	})
	return c
}

func (c *campaign) take() (seed uint64, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == c.end {
		return 0, false
	}
	c.next++
	return c.next - 1, true
}

func (c *campaign) add(seed uint64, s *sim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.days++
	c.cuts += s.cuts
	c.requests += s.requests
	c.orders += len(s.sales)
	c.simulated += s.lasted
	for what, n := range s.reach {
		c.reach[what] += n
	}
	if len(s.failures) > 0 {
		c.bad[seed] = s.failures
	}
	if *simStory {
		for _, line := range s.story {
			s.t.Log(line)
		}
	}
}

func TestSimulation(t *testing.T) {
	runs := *simRuns
	if runs == 0 {
		runs = 20
	}
	start := time.Now()
	c := runCampaign(t, *simSeed, runs, nil)
	for _, seed := range slices.Sorted(maps.Keys(c.bad)) {
		for _, f := range c.bad[seed] {
			t.Errorf("seed %d: %s: %s", seed, f.class, f.text)
		}
	}
	took := time.Since(start)
	t.Logf("%d days, %d orders, %d power cuts, %d requests, %.0f hours in %.1f s: %.1f seeds a second",
		c.days, c.orders, c.cuts, c.requests, c.simulated.Hours(), took.Seconds(), float64(c.days)/took.Seconds())
	for _, what := range slices.Sorted(maps.Keys(c.reach)) {
		t.Logf("%6d  %s", c.reach[what], what)
	}
}
