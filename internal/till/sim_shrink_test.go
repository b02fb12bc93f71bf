package till_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// mostTries bounds how long a failure is shrunk.
const mostTries = 250

// shrinking looks for the smallest plan that still fails in the same way.
type shrinking struct {
	t     *testing.T
	bug   *simBug
	class string
	tries int
	best  *simPlan
}

// shrink takes out of a failing plan whatever its failure does not need.
func shrink(t *testing.T, plan *simPlan, bug *simBug, failed *sim) *simPlan {
	h := &shrinking{t: t, bug: bug, class: failed.failures[0].class, best: plan}
	h.attempt(func(p *simPlan) { p.printer, p.fresh = 0, false })
	h.attempt(func(p *simPlan) { p.untold = 0 })
	h.attempt(func(p *simPlan) { p.last = simBoot{} })
	h.attempt(func(p *simPlan) { p.only = map[string]bool{} })
	if h.best.only == nil {
		h.attempt(func(p *simPlan) { p.only = setOf(failed.strikes) })
	}
	h.reduce()
	h.moveStrikes()
	h.reduce()
	return h.best
}

func (h *shrinking) reduce() {
	for before := -1; h.size() != before && h.tries < mostTries; {
		before = h.size()
		fewer(h, func(p *simPlan) *[]simStep { return &p.steps })
		fewer(h, func(p *simPlan) *[]simBoot { return &p.boots })
		fewer(h, func(p *simPlan) *[]simSpell { return &p.spells })
		h.fewerStrikes()
	}
}

// moveStrikes lets what is left strike the first request of its kind, whatever
// its order: those before would be needed for the number alone.
func (h *shrinking) moveStrikes() {
	for _, strike := range slices.Sorted(maps.Keys(h.best.only)) {
		h.attempt(func(p *simPlan) {
			p.moved = maps.Clone(h.best.moved)
			if p.moved == nil {
				p.moved = map[string]string{}
			}
			p.moved[kindOf(strike)] = strike
		})
	}
}

// kindOf is a request's name without its number.
func kindOf(request string) string {
	word := strings.Fields(request)
	return word[0] + " " + word[1] + " " + word[len(word)-1]
}

func setOf(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

func (h *shrinking) size() int {
	return len(h.best.steps) + len(h.best.boots) + len(h.best.spells) + len(h.best.only)
}

// attempt keeps a change if the plan still fails in the same way.
func (h *shrinking) attempt(change func(*simPlan)) bool {
	if h.tries++; h.tries > mostTries {
		return false
	}
	p := *h.best
	change(&p)
	if !fails(h.t, &p, h.bug, h.class) {
		return false
	}
	h.best = &p
	return true
}

func fails(t *testing.T, plan *simPlan, bug *simBug, class string) bool {
	s := simulate(t, plan, bug, false)
	return slices.ContainsFunc(s.failures, func(f simFailure) bool { return f.class == class })
}

// fewer takes out halves, then quarters, down to single things.
func fewer[T any](h *shrinking, part func(*simPlan) *[]T) {
	for size := (len(*part(h.best)) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(*part(h.best)); {
			list := *part(h.best)
			rest := slices.Concat(list[:at], list[min(at+size, len(list)):])
			if !h.attempt(func(p *simPlan) { *part(p) = rest }) {
				at += size
			}
		}
	}
}

func (h *shrinking) fewerStrikes() {
	for _, strike := range slices.Sorted(maps.Keys(h.best.only)) {
		h.attempt(func(p *simPlan) {
			p.only = setOf(nil)
			for other := range h.best.only {
				if other != strike {
					p.only[other] = true
				}
			}
		})
	}
}

// shortStory tells a failing plan in words: who did what, what broke, what the
// till said.
func shortStory(t *testing.T, plan *simPlan, bug *simBug) string {
	s := simulate(t, plan, bug, true)
	var lines []string
	for _, line := range s.story {
		if !strings.Contains(line, "  acquirer: ") && !strings.Contains(line, "  log: ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
