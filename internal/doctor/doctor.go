// Package doctor looks a till over: network, names, clock, certificates, disk,
// book and every device. Each thing found is a code with arguments;
// internal/lang has its sentence and the remedy.
package doctor

import (
	"context"
	"slices"
	"sync"
	"time"

	"abacus/internal/fall"
)

// State is how a thing found is meant.
type State string

// The states.
const (
	Well    State = "well"
	Note    State = "note"    // worth knowing; nothing has to be done now
	Fault   State = "fault"   // a person has to do something
	Unknown State = "unknown" // it could not be told; a person has to look
)

// Finding is one thing found. Code is a key of internal/lang's Doctor texts,
// Args fill its sentence.
type Finding struct {
	Check string // what was looked at: a key of the Doctor texts' Checks
	State State
	Code  string
	Args  []any
}

// Report is what one examination found, in the order of the probes.
type Report struct {
	At       time.Time
	Findings []Finding
}

// NeedsPerson reports whether anything is not well.
func (r Report) NeedsPerson() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.State == Fault || f.State == Unknown })
}

// Probe looks at one thing. Check must come back soon after ctx ends; findings
// without a Check of their own are filed under Name.
type Probe interface {
	Name() string
	Check(ctx context.Context) []Finding
}

// patient is a Probe that may take longer than the others.
type patient interface{ Patience() time.Duration }

// patience is how long one probe may take, unless it says otherwise.
const patience = 8 * time.Second

// Doctor examines with the probes it was given. One doctor may examine several
// times, also at the same time.
type Doctor struct {
	Now    func() time.Time
	Probes []Probe

	mu   sync.Mutex
	busy map[int]bool // probes whose last check has not come back
}

// Examine runs all probes at once, each for as long as it may take, and waits
// for the last. A check that does not come back in time is left behind, told
// as unknown, and not begun again until it has.
func (d *Doctor) Examine(ctx context.Context) Report {
	r := Report{At: d.Now()}
	found := make([][]Finding, len(d.Probes))
	var all sync.WaitGroup
	for i, p := range d.Probes {
		all.Go(func() { found[i] = d.look(ctx, i, p) })
	}
	all.Wait()
	for _, f := range found {
		r.Findings = append(r.Findings, f...)
	}
	return r
}

func (d *Doctor) look(ctx context.Context, i int, p Probe) []Finding {
	limit := patience
	if slow, ok := p.(patient); ok {
		limit = slow.Patience()
	}
	late := []Finding{{Check: p.Name(), State: Unknown, Code: "no-end", Args: []any{int(limit.Seconds())}}}
	if !d.begin(i) {
		return late
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	back := make(chan []Finding, 1)
	go func() {
		var found []Finding
		if fall.Caught(func() error { found = p.Check(ctx); return nil }) != nil {
			found = []Finding{{State: Unknown, Code: "fell"}}
		}
		d.end(i)
		back <- found
	}()
	defer cancel()
	select {
	case found := <-back:
		return filed(p.Name(), found)
	case <-ctx.Done():
	}
	select { // it ended by the very same limit, and knows better what hung
	case found := <-back:
		return filed(p.Name(), found)
	case <-time.After(grace):
		return late
	}
}

// grace is how long a probe may take to notice that its time is up.
const grace = 250 * time.Millisecond

func filed(name string, found []Finding) []Finding {
	for i := range found {
		if found[i].Check == "" {
			found[i].Check = name
		}
	}
	return found
}

func (d *Doctor) begin(i int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[i] {
		return false
	}
	if d.busy == nil {
		d.busy = map[int]bool{}
	}
	d.busy[i] = true
	return true
}

func (d *Doctor) end(i int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, i)
}

// Func is a probe made of a function.
type Func struct {
	Of  string
	Run func(ctx context.Context) []Finding
}

// Name implements Probe.
func (f Func) Name() string { return f.Of }

// Check implements Probe.
func (f Func) Check(ctx context.Context) []Finding { return f.Run(ctx) }

func well(code string, args ...any) Finding  { return Finding{State: Well, Code: code, Args: args} }
func note(code string, args ...any) Finding  { return Finding{State: Note, Code: code, Args: args} }
func fault(code string, args ...any) Finding { return Finding{State: Fault, Code: code, Args: args} }
