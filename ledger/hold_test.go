package ledger

import (
	"testing"
)

func holdStarted(id string, amount int64) Draft {
	return Draft{Kind: KindHoldStarted, Operator: "1001", Payload: HoldStarted{Hold: id, Channel: "card", Amount: fen(amount), Reference: "room 7", State: HoldChecking}}
}

func holdMoved(id string, state HoldState) Draft {
	return Draft{Kind: KindHoldMoved, Operator: "1001", Payload: HoldMoved{Hold: id, State: state, Auth: "000749", Trace: "000107"}}
}

func completing(sale, payment, hold string, amount int64) Draft {
	return Draft{Kind: KindPaymentStarted, Operator: "1001", Sale: sale, Payload: PaymentStarted{Payment: payment, Order: minted(payment),
		Channel: "card", Amount: fen(amount), Hold: hold, State: PaymentChecking}}
}

func reopening(payment, id, hold string, amount int64) Draft {
	d := refund(payment, id, amount, RefundChecking)
	p := d.Payload.(RefundStarted)
	p.Channel, p.Reopens = "card", hold
	d.Payload = p
	return d
}

func (s *shop) holdIs(id string, state HoldState) Hold {
	s.t.Helper()
	h, err := s.l.Hold(s.t.Context(), id)
	if err != nil || h.State != state {
		s.t.Errorf("hold %s is %q, not %q: %v", id, h.State, state, err)
	}
	return h
}

// held is a hold that stands.
func (s *shop) held(id string, amount int64) {
	s.t.Helper()
	s.must(holdStarted(id, amount))
	s.must(holdMoved(id, HoldHeld))
}

func TestHoldIsTakenCompletedReopenedAndReleased(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	s.held("H1", 10000)
	s.must(opened("20261121-0001"), line("20261121-0001", 1, 6000))
	s.must(completing("20261121-0001", "20261121-0001-1", "H1", 6000))
	if h := s.holdIs("H1", HoldCompleting); h.Payment != "20261121-0001-1" {
		t.Errorf("%+v", h)
	}
	s.must(moved("20261121-0001-1", PaymentPaid), saleMoved("20261121-0001", KindSaleDone))
	if h := s.holdIs("H1", HoldCompleted); h.Taken.Minor() != 6000 || h.EndedAt.IsZero() {
		t.Errorf("%+v", h)
	}
	if open, err := s.l.OpenHolds(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("open: %+v, %v", open, err)
	}
	s.must(reopening("20261121-0001-1", "R1", "H1", 6000))
	s.holdIs("H1", HoldCompleted)
	s.must(refundMoved("R1", RefundDone))
	if h := s.holdIs("H1", HoldHeld); !h.Taken.IsZero() || h.Payment != "" || !h.EndedAt.IsZero() {
		t.Errorf("%+v", h)
	}
	s.must(holdMoved("H1", HoldReleasing))
	s.must(holdMoved("H1", HoldReleased))
	s.holdIs("H1", HoldReleased)
	s.sound()
	s.reopen()
	s.holdIs("H1", HoldReleased)
	if all, err := s.l.Holds(t.Context(), 10); err != nil || len(all) != 1 {
		t.Errorf("all: %+v, %v", all, err)
	}
}

func TestTheLawOfHolds(t *testing.T) {
	s := newShop(t)
	const sale, pay = "20261121-0001", "20261121-0001-1"
	s.held("H1", 10000)
	s.must(opened(sale), line(sale, 1, 20000))
	for name, c := range map[string]struct {
		draft Draft
		code  string
	}{
		"again":              {holdStarted("H1", 100), RefuseExists},
		"of nothing":         {holdStarted("H2", 0), RefuseAmount},
		"unknown":            {holdMoved("H9", HoldReleasing), RefuseHold},
		"released unasked":   {holdMoved("H1", HoldReleased), RefuseTransition},
		"completed by entry": {holdMoved("H1", HoldCompleted), RefuseTransition},
		"more than is held":  {completing(sale, pay, "H1", 10001), RefuseAmount},
		"of an unknown hold": {completing(sale, pay, "H9", 100), RefuseHold},
	} {
		if got := refusedAs(s.try(c.draft)); got != c.code {
			t.Errorf("%s: %s, want %s", name, got, c.code)
		}
	}
	paid := completing(sale, pay, "H1", 100)
	p := paid.Payload.(PaymentStarted)
	p.State = PaymentPaid
	paid.Payload = p
	if got := refusedAs(s.try(paid)); got != RefuseTransition {
		t.Errorf("paid at once: %s", got)
	}
	s.must(completing(sale, pay, "H1", 6000))
	if got := refusedAs(s.try(holdMoved("H1", HoldReleasing))); got != RefuseTransition {
		t.Errorf("released while it is being completed: %s", got)
	}
	s.must(moved(pay, PaymentDeclined))
	s.holdIs("H1", HoldHeld)
	s.must(completing(sale, "20261121-0001-2", "H1", 6000))
	s.must(moved("20261121-0001-2", PaymentPaid))
	if got := refusedAs(s.try(completing(sale, "20261121-0001-3", "H1", 4000))); got != RefuseHold {
		t.Errorf("completed twice: %s", got)
	}
	if got := refusedAs(s.try(reopening("20261121-0001-2", "R1", "H1", 3000))); got != RefuseRefundAmount {
		t.Errorf("undone in part: %s", got)
	}
	s.must(moved(pay, PaymentPaid)) // late: certain money is never refused
	if h := s.holdIs("H1", HoldCompleted); h.Payment != "20261121-0001-2" {
		t.Errorf("%+v", h)
	}
	s.sound()
}

// An open hold is told by X and Z, however old; its money is no turnover.
func TestHoldsInReports(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	s.held("H1", 10000)
	s.must(holdStarted("H2", 500))
	z, err := s.l.CloseShift(t.Context(), "1001", fen(0), 0, Batch{})
	if err != nil || z.Holds.Open != 2 || z.Holds.Doubtful != 1 || z.Holds.Amount.Minor() != 10500 || !z.Gross.IsZero() {
		t.Errorf("%+v, %v", z, err)
	}
	s.reopen()
	if x, err := s.l.Report(t.Context()); err != nil || x.Holds != z.Holds {
		t.Errorf("%+v, %v", x.Holds, err)
	}
	s.must(holdMoved("H2", HoldDeclined))
	if x, err := s.l.Report(t.Context()); err != nil || x.Holds.Open != 1 {
		t.Errorf("%+v, %v", x.Holds, err)
	}
	s.sound()
}
