//go:build !race

// A simulated day takes some twenty times as long under the race detector.

package till_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// A simulation proves something only if it repeats itself, and if it finds what
// is wrong: both are shown here.

// TestSimulationRepeats: the same seed gives the same day, every operation of
// the disk and every byte of the book.
func TestSimulationRepeats(t *testing.T) {
	for seed := *simSeed; seed < *simSeed+4; seed++ {
		first, again := simulate(t, newPlan(seed), nil, true), simulate(t, newPlan(seed), nil, true)
		sameLines(t, seed, toldBy(first), toldBy(again))
		books, booksAgain := filesOf(first.disk), filesOf(again.disk)
		for name, text := range books {
			if !bytes.Equal(text, booksAgain[name]) {
				t.Errorf("seed %d: the bytes of %s differ", seed, name)
			}
		}
		if len(books[simBooks]) == 0 || len(books) != len(booksAgain) {
			t.Errorf("seed %d: %d files, then %d", seed, len(books), len(booksAgain))
		}
	}
}

// toldBy is all that happened, and every operation of the disk with the sum of
// its bytes. What happens at the same moment has no order.
func toldBy(s *sim) []string {
	slices.Sort(s.story)
	return append(s.story, s.diskTrace...)
}

func sameLines(t *testing.T, seed uint64, first, again []string) {
	t.Helper()
	if len(first) != len(again) {
		t.Errorf("seed %d: %d lines, then %d", seed, len(first), len(again))
	}
	for i := range min(len(first), len(again)) {
		if first[i] != again[i] {
			t.Fatalf("seed %d, line %d:\n%s\n%s", seed, i, first[i], again[i])
		}
	}
}

// fewRuns is within how many days the common mistakes must be found.
const fewRuns = 30

// TestSimulationFindsBugs: a simulation that finds nothing proves nothing. With
// -bugs 200 every known mistake must be found within so many days; without, the
// common ones within few.
func TestSimulationFindsBugs(t *testing.T) {
	for _, bug := range simBugs {
		runs := *simBugRuns
		if runs == 0 && bug.common {
			runs = fewRuns
		}
		if runs == 0 {
			continue
		}
		t.Run(strings.ReplaceAll(bug.name, " ", "-"), func(t *testing.T) {
			c := runCampaign(t, *simSeed, runs, bug, true)
			if len(c.bad) == 0 {
				t.Fatalf("not found in %d days", c.days)
			}
			first := c.seeds()[0]
			t.Logf("| %s | %d | %.100s |", bug.name, first+1-*simSeed, c.bad[first].failures[0].text)
		})
	}
}

// TestSimulationShrinks: what is left of a failing day is a short story in
// words, and it fails as the day did.
func TestSimulationShrinks(t *testing.T) {
	for _, c := range []struct {
		bug    string
		faults int // how many it takes
		says   []string
	}{
		{"a customer who must act is taken for paid", 0, []string{"customer: shows a code, will ", "as paid"}},
		{"a time-out is taken for a refusal", 1, []string{"customer: shows a code, will ", "line: ", "as declined, but no answer has said so"}},
	} {
		bug := bugNamed(t, c.bug)
		found := runCampaign(t, *simSeed, fewRuns, bug, true)
		if len(found.bad) == 0 {
			t.Fatalf("%s: not found in %d days", c.bug, found.days)
		}
		failed := found.bad[found.seeds()[0]]
		plan := shrink(t, newPlan(failed.plan.seed), bug, failed)
		story := shortStory(t, plan, bug)
		t.Logf("%s: of %d acts at the counter %d are left:\n%s", c.bug, len(failed.plan.steps), len(plan.steps), story)
		if faults := len(plan.boots) + len(plan.spells) + len(plan.only); len(plan.steps) > 4 || faults > c.faults {
			t.Errorf("%s: left are %d acts and %d faults", c.bug, len(plan.steps), faults)
		}
		for _, said := range append(c.says, "WRONG: ") {
			if !strings.Contains(story, said) {
				t.Errorf("%s: the story does not say %q", c.bug, said)
			}
		}
	}
}

func bugNamed(t *testing.T, name string) *simBug {
	t.Helper()
	for _, bug := range simBugs {
		if bug.name == name {
			return bug
		}
	}
	t.Fatalf("there is no bug %q", name)
	return nil
}
