package tui

import (
	"slices"
	"testing"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// doubting is a list of doubt with these sales' payments, nothing in front.
func doubting(sales ...string) *till.Snapshot {
	s := checking()
	a := *s.Attempt
	s.Sale, s.Attempt, s.Doubt = nil, nil, nil
	for _, sale := range sales {
		a.Payment.ID, a.Payment.Sale = sale+"-1", sale
		s.Doubt = append(s.Doubt, a)
	}
	return s
}

const first, second, third, fourth = "20261121-0041", "20261121-0042", "20261121-0043", "20261121-0044"

// doubtKeys are the keys of the list of doubt that act on a row, what must be
// pressed after each of them, and what comes of it.
var doubtKeys = []struct {
	name, key, then string
	want            func(sale string) till.Command
}{
	{"ask", "<enter>", "", func(sale string) till.Command { return till.PaymentQuery{Payment: sale + "-1"} }},
	{"give up", "-", "", func(sale string) till.Command { return till.PaymentCancel{Payment: sale + "-1"} }},
	{"to the front", "+", "", func(sale string) till.Command { return till.SaleRecall{Sale: sale} }},
	{"force", "*", "1<enter>+", func(sale string) till.Command {
		return till.PaymentForce{Payment: sale + "-1", Reason: "customer cannot wait"}
	}},
}

// The cashier stands on a payment; others end or come just before the key.
func TestTheBarFollowsItsRow(t *testing.T) {
	for _, k := range doubtKeys {
		for name, next := range map[string]*till.Snapshot{
			"a row above ends": doubting(second, third), "a row below ends": doubting(first, second),
			"rows come above": doubting("20261121-0039", "20261121-0040", first, second, third), "all others end": doubting(second),
		} {
			t.Run(k.name+", "+name, func(t *testing.T) {
				at(t, doubting(first, second, third), func(c *counter) {
					c.keys("<f12><down>")
					c.core.show(next)
					c.flush()
					c.keys(k.key + k.then)
					c.asked(k.want(second))
				})
			})
		}
	}
}

// The payment under the bar ends just before the key: the key tells, a second
// one out of a held key does nothing, and what is then pressed is meant.
func TestNoKeyActsOnARowNobodyHasChosen(t *testing.T) {
	for _, k := range doubtKeys {
		for name, next := range map[string]*till.Snapshot{"it ends": doubting(first, third, fourth), "all above end too": doubting(third, fourth)} {
			t.Run(k.name+", "+name, func(t *testing.T) {
				at(t, doubting(first, second, third, fourth), func(c *counter) {
					c.keys("<f12><down>")
					c.core.show(next)
					c.flush()
					c.keys(k.key)
					c.asked()
					c.sees("row is gone", "In doubt: payments")
					c.keys(k.key)
					c.asked()
					c.rest(time.Second)
					under := c.root.top().(doubtScreen)
					a, _ := under.chosen()
					c.keys(k.key + k.then)
					c.asked(k.want(a.Payment.Sale))
				})
			})
		}
	}
}

// With nothing left in the list nothing can be done, and what comes next is
// not chosen by having come.
func TestTheFirstRowOfAnEmptyListIsNotChosen(t *testing.T) {
	for _, k := range doubtKeys {
		at(t, doubting(first), func(c *counter) {
			c.keys("<f12>")
			c.show(doubting())
			c.show(doubting(second))
			c.keys(k.key)
			c.asked()
			c.sees("row is gone")
		})
	}
}

// An arrow pressed as rows come or go may reach another row than was meant.
func TestAnArrowIsNoChoiceWhileRowsMove(t *testing.T) {
	at(t, doubting(first, second, third, fourth), func(c *counter) {
		c.keys("<f12><down>")
		c.core.show(doubting(first, second, fourth)) // the cashier means the third
		c.flush()
		c.keys("<down>-")
		c.asked()
		c.rest(time.Second)
		c.keys("-")
		c.asked(till.PaymentCancel{Payment: fourth + "-1"})
		c.rest(time.Second)
		c.keys("<up>-")
		c.asked(till.PaymentCancel{Payment: second + "-1"})
	})
}

// What is typed while the acquirer is asked is meant for the list as it was.
func TestTypedAheadInAListThatMoves(t *testing.T) {
	at(t, doubting(first, second, third, fourth), func(c *counter) {
		wait := make(chan struct{})
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, asks := command.(till.PaymentQuery); asks {
				<-wait
			}
			return nil, nil
		}
		c.keys("<f12><down><enter><down>-")
		c.core.show(doubting(first, second, fourth))
		c.rest(5 * time.Second)
		close(wait)
		c.rest(time.Second)
		c.asked(till.PaymentQuery{Payment: second + "-1"})
	})
}

// The menu of a row belongs to that row, whatever the list below it does.
func TestTheMenuOfARowKeepsToIt(t *testing.T) {
	s := doubting(first, second, third)
	s.Doubt[1].Decide = true
	at(t, s, func(c *counter) {
		c.keys("<f12><down>*")
		c.sees(second + "-1")
		c.show(doubting(third))
		c.keys("21<enter>+")
		c.asked(till.PaymentForce{Payment: second + "-1", Reason: "customer cannot wait"})
	})
}

// Refunds and holds stand in the list of doubt below the payments, and move
// when those end.
func TestRefundsKeepTheBarWhenPaymentsEnd(t *testing.T) {
	s := doubting(first, second)
	s.Refunds = refunding(0)().Refunds
	at(t, s, func(c *counter) {
		c.keys("<f12><down><down><down>")
		next := doubting(third)
		next.Refunds = slices.Clone(s.Refunds)
		c.core.show(next)
		c.flush()
		c.keys("<enter>")
		c.asked(till.RefundQuery{Refund: s.Refunds[1].ID})
		gone := doubting(third)
		gone.Refunds = slices.Delete(slices.Clone(s.Refunds), 1, 2)
		c.core.show(gone)
		c.flush()
		c.keys("<enter>")
		c.asked()
		c.sees("row is gone")
	})
}

func TestHeldSalesKeepTheBar(t *testing.T) {
	holding := func(ids ...string) *till.Snapshot {
		s := idle()
		for _, id := range ids {
			sale := *selling().Sale
			sale.ID, sale.State = id, ledger.SaleHeld
			s.Held = append(s.Held, sale)
		}
		return s
	}
	at(t, holding(first, second, third), func(c *counter) {
		c.keys("<f7><down>")
		c.core.show(holding(second, third))
		c.flush()
		c.keys("<enter>")
		c.asked(till.SaleRecall{Sale: second})
	})
	at(t, holding(first, second, third), func(c *counter) {
		c.keys("<f7><down>")
		c.core.show(holding(first, third))
		c.flush()
		c.keys("<enter><enter>")
		c.asked()
		c.rest(time.Second)
		c.keys("<enter>")
		c.asked(till.SaleRecall{Sale: third})
	})
}

func TestHoldsKeepTheBar(t *testing.T) {
	holding := func(ids ...string) *till.Snapshot {
		s := idle()
		for _, id := range ids {
			s.Holds = append(s.Holds, till.Hold{Hold: ledger.Hold{ID: id, Channel: "card", State: ledger.HoldHeld, StartedAt: morning()}})
		}
		return s
	}
	for _, test := range []struct {
		next *till.Snapshot
		want string // whose panel opens; empty: none
	}{
		{holding("H2", "H3"), "H2"}, {holding("H0", "H1", "H2"), "H2"}, {holding("H1", "H3"), ""},
	} {
		at(t, holding("H1", "H2", "H3"), func(c *counter) {
			c.root.openHolds()
			c.keys("<down>")
			c.core.show(test.next)
			c.flush()
			c.keys("<enter>")
			panel, open := c.root.top().(*holdPanel)
			if open != (test.want != "") || open && panel.held.ID != test.want {
				t.Errorf("the panel of %+v is open, want that of %q", panel, test.want)
			}
		})
	}
}

// A bar on a row that says how many more there are is on no payment.
// Enter in the list of doubt is named for what it does to the row: it opens a
// hold, and without a row there is no Enter.
func TestEnterInTheListOfDoubtIsNamedForTheRow(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.keys("<ctrl+d>")
		c.seesNot("Enter")
	})
	at(t, holding(aHold(ledger.HoldChecking, payment.NoAnswer, 0))(), func(c *counter) {
		c.keys("<ctrl+d>")
		c.seesNot("Ask now")
		c.sees("Enter OK")
		c.keys("<enter>")
		c.asked()
		c.sees("Holds on cards ")
	})
}

func TestTheRowOfTheRestIsNoPayment(t *testing.T) {
	s := doubting(first)
	s.DoubtCount = 3
	at(t, s, func(c *counter) {
		c.keys("<f12><down><enter>-+*")
		c.asked()
		c.show(doubting(first, second))
		c.keys("-")
		c.asked()
		c.sees("row is gone")
	})
}
