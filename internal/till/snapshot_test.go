package till

import (
	"testing"

	"abacus/ledger"
)

// A sale that a snapshot carries neither in front nor held is over, as long as
// it carries all that are held.
func TestASaleIsOverWhenNothingHasIt(t *testing.T) {
	sale := func(id string, state ledger.SaleState) *ledger.Sale { return &ledger.Sale{ID: id, State: state} }
	held := []ledger.Sale{*sale("held", ledger.SaleHeld)}
	for _, test := range []struct {
		name, id string
		s        *Snapshot
		over     bool
	}{
		{"no snapshot", "x", nil, false},
		{"books not open", "x", &Snapshot{}, false},
		{"in front", "x", &Snapshot{Ready: true, Sale: sale("x", ledger.SaleOpen)}, false},
		{"done", "x", &Snapshot{Ready: true, Sale: sale("x", ledger.SaleDone)}, true},
		{"void", "x", &Snapshot{Ready: true, Sale: sale("x", ledger.SaleVoid)}, true},
		{"held", "held", &Snapshot{Ready: true, Held: held}, false},
		{"gone", "x", &Snapshot{Ready: true, Held: held, Sale: sale("y", ledger.SaleOpen)}, true},
		{"many held", "x", &Snapshot{Ready: true, Held: make([]ledger.Sale, mostHeld)}, false},
		{"of no sale", "", &Snapshot{Ready: true}, false},
	} {
		if got := test.s.SaleOver(test.id); got != test.over {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}
