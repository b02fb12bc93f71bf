package till_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// simPlan is everything that happens in one simulated shop, decided beforehand
// from a seed and by nothing else. Each part has its own dice, so that a part
// can be taken out, when a failure is shrunk, without changing the others.
type simPlan struct {
	seed    uint64
	steps   []simStep         // what people at the counter do, in order
	boots   []simBoot         // how the runs of the program end, in order
	last    simBoot           // the runs after them, which end in order
	spells  []simSpell        // times of trouble
	odds    float64           // that a request or its answer suffers something
	printer float64           // that a job does
	untold  float64           // that a commit which was done is told as one that failed, and was not to be looked up
	fresh   bool              // the first boot finds an empty disk
	only    map[string]bool   // requests that may suffer something; nil: all
	moved   map[string]string // by kind: the request whose luck all of that kind have
	cards   string            // one of the cards… words: what takes bank cards
	prepaid bool              // the shop has prepaid cards of its own
	keyed   bool              // a program drives the till, and gives each request a key
}

// simStep is one act at the counter.
type simStep struct {
	after time.Duration // since the step before
	verb  string        // of simVerbs or cardVerbs
	dice  uint64
}

// simBoot is how one run of the program ends by itself.
type simBoot struct {
	ops    int           // after so many operations of the disk; 0: not at all
	slip   int           // the first sync from this operation on fails; 0: none
	kill   bool          // the process dies, not the machine: nothing is lost
	pause  time.Duration // until the next start
	damage uint64        // what becomes of what was not synced
}

// simSpell is a time of trouble, counted from the shop's first start.
type simSpell struct {
	kind     string // one of the spell… words
	from, to time.Duration
	size     time.Duration // of a clock's error
}

// The kinds of trouble.
const (
	spellRefused  = "no connection"
	spellSilent   = "the line is dead"
	spellClock    = "the clock is wrong"
	spellFull     = "the disk is full"
	spellFailing  = "the disk fails"
	spellPrinter  = "no paper"
	spellWeChat   = "WeChat is down"
	spellAlipay   = "Alipay is down"
	spellSlow     = "the line is slow"
	spellBadLuck  = "every second request suffers"
	simCustomers  = 18            // they make some thirty orders: most pay in parts, or try again
	simDay        = 2 * time.Hour // about what they take
	longestOutage = 2 * 24 * time.Hour
	toThe1970s    = -30 * 365 * 24 * time.Hour // simulated days begin in 2000
)

// dice is a source of luck for one thing of a run, named.
func dice(seed uint64, about ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, about...)
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// newPlan draws a shop's day.
func newPlan(seed uint64) *simPlan {
	r := dice(seed, "plan")
	p := &simPlan{seed: seed, odds: pick(r, 0.02, 0.08, 0.15, 0.3), printer: pick(r, 0, 0.05, 0.3), fresh: r.IntN(8) == 0}
	for range simCustomers {
		p.steps = append(p.steps, simVisit(r)...)
	}
	for i := range 2 + r.IntN(3)/2 {
		p.boots = append(p.boots, newBoot(r, i == 0 && p.fresh))
	}
	p.last.slip = pick(r, 0, 1+r.IntN(600))
	for range r.IntN(6) {
		p.spells = append(p.spells, newSpell(r))
	}
	p.drawCards()
	p.withShifts()
	p.keyed = dice(seed, "keys").IntN(3) == 0
	p.untold = pick(dice(seed, "untold"), 0, 0, 0, 0.01, 0.03)
	return p
}

func newBoot(r *rand.Rand, fresh bool) simBoot {
	b := simBoot{ops: 60 + r.IntN(900), damage: r.Uint64(), pause: time.Duration(1+r.IntN(90)) * time.Second, kill: r.IntN(5) == 0}
	switch {
	case fresh:
		b.ops = 1 + r.IntN(300) // while the book is made
	case r.IntN(3) == 0:
		b.ops = 1 + r.IntN(40) // while the book is opened and what was open is taken up
	}
	switch r.IntN(4) {
	case 0:
		b.slip = 1 + r.IntN(b.ops)
	case 1:
		b.slip = max(1, b.ops-r.IntN(100)) // a disk that is about to give up
	}
	if r.IntN(8) == 0 {
		b.pause = time.Duration(r.Int64N(int64(longestOutage)))
	}
	return b
}

func newSpell(r *rand.Rand) simSpell {
	kinds := []string{
		spellRefused, spellSilent, spellClock, spellFull, spellFailing, spellPrinter, spellWeChat, spellAlipay, spellSlow, spellBadLuck,
	}
	s := simSpell{kind: kinds[r.IntN(len(kinds))], from: time.Duration(r.Int64N(int64(simDay)))}
	length := time.Duration(1 + r.Int64N(int64(5*time.Minute)))
	switch s.kind {
	case spellRefused, spellSilent:
		if r.IntN(12) == 0 {
			length = time.Duration(r.Int64N(int64(pick(r, 2*time.Hour, 2*time.Hour, 2*time.Hour, longestOutage)))) // every minute of it costs time
		}
	case spellFull, spellFailing:
		length = time.Duration(1 + r.Int64N(int64(90*time.Second)))
	case spellClock:
		length = time.Duration(r.Int64N(int64(simDay)))
		s.size = pick(r, -3*time.Hour, -time.Minute, time.Minute, 10*time.Minute, 2*time.Hour, 26*time.Hour, -30*24*time.Hour, toThe1970s)
	}
	s.to = s.from + length
	return s
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// simVisit is one customer at the counter: goods, a way to pay, and what goes
// wrong between people.
func simVisit(r *rand.Rand) []simStep {
	var steps []simStep
	add := func(after time.Duration, verb string) {
		steps = append(steps, simStep{after + time.Duration(r.Int64N(int64(time.Second))), verb, r.Uint64()})
	}
	gap := time.Duration(r.Int64N(int64(4 * time.Minute)))
	switch r.IntN(40) {
	case 0:
		gap = time.Duration(r.Int64N(int64(12 * time.Hour))) // the shop was closed
	case 1, 2, 3, 4, 5, 6, 7, 8:
		gap = time.Duration(r.Int64N(int64(8 * time.Second))) // the next customer already stood there
	}
	add(gap, "ring up")
	showing := func() {
		add(0, "show a code")
		add(time.Duration(r.Int64N(int64(40*time.Second))), "customer scans")
	}
	inAMoment := func() time.Duration { return time.Duration(r.Int64N(int64(30 * time.Second))) }
	switch n := r.IntN(20); {
	case n < 4:
		add(0, "scan the code")
	case n < 7:
		showing()
	case n < 8:
		add(0, "take cash")
	case n < 11:
		add(0, "take some cash")
		add(0, "scan the code")
	case n < 13:
		add(0, "scan a part")
		add(inAMoment(), "scan the code")
	case n < 18:
		add(0, "scan a part")
		add(inAMoment(), "scan a part")
		add(inAMoment(), "scan the code")
	default:
		add(0, "scan a part")
		showing()
	}
	for range max(0, r.IntN(6)-1) {
		add(time.Duration(r.Int64N(int64(pick(r, time.Second, 10*time.Second, 45*time.Second)))), pick(r, simMeddling...))
	}
	if r.IntN(2) == 0 {
		add(time.Duration(r.Int64N(int64(time.Minute))), "finish the sale")
	}
	if r.IntN(6) == 0 {
		add(time.Duration(r.Int64N(int64(time.Minute))), pick(r, "refund", "refund", "refund twice", "refund a part"))
	}
	if r.IntN(8) == 0 {
		add(0, pick(r, "open the shift", "close the shift", "X report", "print a copy", "restart", "put an old book back", "sign out"))
	}
	return steps
}

// simMeddling is what a hurried cashier or customer may do at any moment.
var simMeddling = []string{
	"wait", "wait", "scan the code again", "scan the code", "take cash", "show a code", "cancel", "cancel", "switch", "void",
	"hold", "recall", "add goods", "take goods off", "discount", "ask now", "force", "customer scans", "customer scans an old code",
	"ring up", "refund", "look up", "same key again",
}
