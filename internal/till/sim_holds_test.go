package till_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/sandbox"
)

// isHold reports whether an order's number is that of a pre-authorisation.
func isHold(order string) bool { return strings.HasPrefix(order, "H") }

// withHolds has guests come who leave a deposit on their card. It has dice of
// its own.
func (p *simPlan) withHolds() {
	r := dice(p.seed, "holds")
	if r.IntN(2) == 0 {
		return
	}
	var steps []simStep
	for _, step := range p.steps {
		steps = append(steps, step)
		if r.IntN(14) != 0 {
			continue
		}
		for _, next := range []struct {
			most time.Duration
			verb string
		}{
			{5 * time.Second, "hold on a card"},
			{30 * time.Second, pick(r, "wait for the hold", "wait for the hold", "give the hold up", "pull the cable", "restart", "settle by hand", "release the hold")},
			{time.Minute, pick(r, "complete the hold", "complete the hold", "release the hold")},
			{30 * time.Second, pick(r, "wait for the hold", "reopen the hold", "pull the cable", "ask about the hold", "complete the hold", "refund")},
		} {
			steps = append(steps, simStep{time.Duration(r.Int64N(int64(next.most))), next.verb, r.Uint64()})
		}
	}
	p.steps = steps
}

// holdVerbs are the acts of a step that have to do with holds.
var holdVerbs = map[string]func(s *sim, r *rand.Rand){
	"hold on a card": func(s *sim, r *rand.Rand) {
		if s.desk != nil && s.box.CardsWaiting() == 0 {
			if err := s.box.AddCard(withCard(r)); err != nil {
				s.t.Fatal(err)
			}
		}
		if got, code := s.do(till.CardHold{Amount: price(r)}); code == "" {
			s.holds = append(s.holds, got.(till.Hold).ID)
		}
	},
	"complete the hold": func(s *sim, r *rand.Rand) {
		s.do(till.CardComplete{Hold: lastOf(s.holds), Amount: pick(r, money.Amount{}, money.Amount{}, money.Fen(1+r.Int64N(2000)))})
	},
	"release the hold": func(s *sim, _ *rand.Rand) { s.do(till.CardRelease{Hold: lastOf(s.holds), Reason: "退房"}) },
	"reopen the hold":  func(s *sim, _ *rand.Rand) { s.do(till.CardReopen{Hold: lastOf(s.holds), Reason: "错"}) },
	"give the hold up": func(s *sim, _ *rand.Rand) { s.do(till.CardCancel{Hold: lastOf(s.holds)}) },
	"ask about the hold": func(s *sim, _ *rand.Rand) {
		s.do(till.CardQuery{Hold: lastOf(s.holds)})
	},
	"wait for the hold": func(s *sim, r *rand.Rand) {
		s.do(till.CardWait{Hold: lastOf(s.holds), Timeout: time.Duration(r.IntN(60)) * time.Second})
	},
}

// holdIntended reports whether the book knows of what leaves for a hold.
func (s *sim) holdIntended(q simRequest) bool {
	h, err := s.run.books.Hold(context.Background(), q.order)
	if err != nil {
		return false
	}
	var a payment.Attempt
	switch q.op {
	case "charge":
		return strings.Contains(string(h.Attempt), `"mark":"open:`)
	case "reverse":
		return json.Unmarshal(h.Attempt, &a) == nil && a.Undo.Tries > 0
	}
	return (h.State == ledger.HoldReleasing || h.State == ledger.HoldAbnormal) && h.Since != ""
}

// slipOfHold is what the terminal's papers say of a hold.
func (s *sim) slipOfHold(h ledger.Hold) till.CardDecide {
	c := till.CardDecide{Hold: h.ID, Reason: "核对签购单"}
	e, made := s.order(h.ID)
	if !made {
		return c
	}
	if h.State == ledger.HoldReleasing || h.State == ledger.HoldAbnormal {
		if c.Done = e.State == "released"; c.Done {
			c.Slip = payment.Slip{Reference: e.Reference}
		}
		return c
	}
	words := strings.Fields(e.History[0].Note)
	if c.Done = e.State == "held"; c.Done {
		c.Slip = payment.Slip{Trace: s.desk.traceOf(h.ID), Reference: e.Reference, Auth: lastOf(words), Date: e.History[0].At.In(time.FixedZone("CST", 8*60*60)).Format("0102")}
	}
	return c
}

// compareHolds: every hold stands at the bank as it does in the book, and none
// is there that the book does not have.
func (s *sim) compareHolds(books []sandbox.Entry) {
	holds, err := s.run.books.Holds(context.Background(), ledger.MaxList)
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
		return
	}
	at, amounts := map[string]string{}, map[string]int64{}
	for _, e := range books {
		if isHoldState(e.State) {
			at[e.Order], amounts[e.Order] = e.State, e.Amount
		}
	}
	for _, h := range holds {
		var right bool
		switch bank := at[h.ID]; h.State {
		case ledger.HoldDeclined, ledger.HoldReversed:
			right = bank == "" || bank == "released"
		case ledger.HoldHeld, ledger.HoldCompleted, ledger.HoldReleased:
			right = bank == string(h.State) && amounts[h.ID] == h.Amount.Minor()
		}
		if !right {
			s.fail("hold", "hold %s is %s (%s), and at the bank %q", h.ID, h.State, h.Reason, at[h.ID])
		}
		delete(at, h.ID)
		s.been("hold × " + string(h.State))
	}
	for order, state := range at {
		s.fail("hold", "the bank has hold %s as %s, and the book does not have it", order, state)
	}
}

func isHoldState(state string) bool {
	return slices.Contains([]string{"held", "completed", "released"}, state)
}
