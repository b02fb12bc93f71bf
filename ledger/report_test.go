package ledger

import (
	"errors"
	"testing"
)

func (s *shop) x() Report {
	s.t.Helper()
	r, err := s.l.Report(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *shop) z(counted int64) Report {
	s.t.Helper()
	r, err := s.l.CloseShift(s.t.Context(), "1001", fen(counted), 0, Batch{})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// A Z, its paper and the key it was asked under come together.
func TestZWithItsPaperAndKey(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 10000))
	if n := s.l.NextZNumber(); n != 1 {
		t.Errorf("the next Z is %d", n)
	}
	with := Batch{Key: "close", KeyHash: "hash", KeyObject: "Z1", Drafts: []Draft{receiptOf("z-1")}}
	if _, err := s.l.CloseShift(t.Context(), "1001", fen(10000), 0, with); err != nil {
		t.Fatal(err)
	}
	hash, object, found, err := s.l.Key(t.Context(), "close")
	job, jobErr := s.l.ReceiptJob(t.Context(), "z-1")
	if err != nil || jobErr != nil || !found || hash != "hash" || object != "Z1" || job.Begun || job.Result != "" {
		t.Errorf("key %s for %s (%v, %v), paper %+v (%v)", hash, object, found, err, job, jobErr)
	}
	shift, err := s.l.Shift(t.Context(), "S000001")
	if err != nil || shift.Z != 1 || s.l.NextZNumber() != 2 {
		t.Errorf("%+v, %v", shift, err)
	}
	if _, err := s.l.Shift(t.Context(), "S000002"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a shift that never was: %v", err)
	}
	s.must(shiftOpened(2, 10000))
	before := s.l.Head()
	if got := code(second(s.l.CloseShift(t.Context(), "1001", fen(0), 0, with))); got != RefuseExists || s.l.Head() != before {
		t.Errorf("a second paper of one name: %q, journal at %d", got, s.l.Head().Number)
	}
}

func TestXAndZComeFromOneFunction(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 10000))
	s.sold(1136)
	_, paid := s.paymentIn(PaymentPaid)
	s.must(refund(paid, paid+"-R1", 300, RefundDone))
	s.must(Draft{Kind: KindShiftCash, Operator: "1001", Payload: ShiftCash{Amount: fen(2000), Reason: "coins"}},
		Draft{Kind: KindShiftCash, Operator: "1001", Payload: ShiftCash{Amount: fen(-500), Reason: "tea"}},
		Draft{Kind: KindDrawerOpened, Payload: DrawerOpened{Cause: "no sale"}})
	discounted, voided := "20261121-8001", "20261121-8002"
	s.must(opened(discounted), line(discounted, 1, 500), line(discounted, 2, 700),
		Draft{Kind: KindDiscounted, Sale: discounted, Payload: Discounted{No: 1, Amount: fen(100), Reason: "dented"}},
		Draft{Kind: KindDiscounted, Sale: discounted, Payload: Discounted{Amount: fen(50), Reason: "friend"}},
		Draft{Kind: KindLineRemoved, Sale: discounted, Payload: LineRemoved{No: 2, Amount: fen(700)}},
		cash(discounted, discounted+"-1", 350), saleMoved(discounted, KindSaleDone),
		opened(voided), saleMoved(voided, KindSaleVoided))
	x := s.x()
	z := s.z(12500)
	want := Report{Sales: 2, Voided: 1, Removed: 1, Drawer: 1, Gross: fen(2486), Refunds: fen(300), Net: fen(2186), Discounts: fen(150),
		Cash: CashCount{Float: fen(10000), Sales: fen(1486), In: fen(2000), Out: fen(500), Expected: fen(12986)}}
	for _, r := range []Report{x, z} {
		if r.Sales != want.Sales || r.Voided != want.Voided || r.Removed != want.Removed || r.Drawer != want.Drawer {
			t.Errorf("%s counts %+v", r.Kind, r)
		}
		for name, pair := range map[string][2]interface{ Minor() int64 }{
			"gross": {r.Gross, want.Gross}, "refunds": {r.Refunds, want.Refunds}, "net": {r.Net, want.Net}, "discounts": {r.Discounts, want.Discounts},
			"float": {r.Cash.Float, want.Cash.Float}, "cash": {r.Cash.Sales, want.Cash.Sales}, "in": {r.Cash.In, want.Cash.In},
			"out": {r.Cash.Out, want.Cash.Out}, "expected": {r.Cash.Expected, want.Cash.Expected}, "grand": {r.GrandTotal, want.Gross},
		} {
			if pair[0].Minor() != pair[1].Minor() {
				t.Errorf("%s %s: %d, want %d", r.Kind, name, pair[0].Minor(), pair[1].Minor())
			}
		}
	}
	if z.Number != 1 || z.Shift.Z != 1 || z.Cash.Counted.Minor() != 12500 || z.Cash.Variance.Minor() != -486 {
		t.Errorf("Z %+v", z)
	}
	if x.From != 1 || z.From != 1 || z.To != z.Head.Number || s.l.Head().Number != z.To+1 {
		t.Errorf("range: X %d to %d, Z %d to %d", x.From, x.To, z.From, z.To)
	}
	kept, err := s.l.Z(t.Context(), 0)
	if err != nil || !sameReport(&kept, &z) {
		t.Errorf("stored %+v, %v", kept, err)
	}
	s.sound()
}

func TestClosingNeverWaits(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	sale, waiting := s.paymentIn(PaymentChecking)
	_, paid := s.paymentIn(PaymentPaid)
	s.must(refund(paid, paid+"-R1", 200, RefundChecking))
	z := s.z(0)
	if z.Doubtful != 2 || z.DoubtSum.Minor() != 1200 || z.Gross.Minor() != 1000 || z.Refunds.Minor() != 0 {
		t.Errorf("first Z %+v", z)
	}
	// No shift is open: the end of the payment is booked without one.
	s.must(moved(waiting, PaymentPaid), saleMoved(sale, KindSaleDone))
	s.reopen()
	if x := s.x(); x.Shift.ID != "" || x.Gross.Minor() != 1000 || x.Sales != 1 || x.GrandTotal.Minor() != 2000 {
		t.Errorf("X without a shift %+v", x)
	}
	if got := code(second(s.l.CloseShift(t.Context(), "1001", fen(0), 0, Batch{}))); got != RefuseNoShift {
		t.Errorf("closing without a shift: %q", got)
	}
	s.must(shiftOpened(2, 0))
	if n := s.l.NextShiftNumber(); n != 3 {
		t.Errorf("next shift %d", n)
	}
	// The refund ends in the second shift, whatever shift it began in.
	s.must(refundMoved(paid+"-R1", RefundDone))
	s.reopen()
	z = s.z(0)
	if z.Number != 2 || z.Refunds.Minor() != 200 || z.Gross.Minor() != 0 || z.Doubtful != 0 || z.GrandTotal.Minor() != 2000 || z.GrandBack.Minor() != 200 {
		t.Errorf("second Z %+v", z)
	}
	today, err := s.l.Today(t.Context(), "2026-11-21")
	if err != nil || today.Gross.Minor() != 2000 || today.Refunds.Minor() != 200 || today.Sales != 1 || len(today.Channels) != 1 ||
		today.Channels[0].Count != 2 || today.Channels[0].RefundCount != 1 {
		t.Errorf("today %+v, %v", today, err)
	}
	if open, err := s.l.OpenShift(t.Context()); open != nil || err != nil {
		t.Errorf("open shift %+v, %v", open, err)
	}
	s.sound()
}

func TestAShiftOverMidnight(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	s.sold(100)
	s.now = s.now.AddDate(0, 0, 1)
	s.sold(200)
	s.reopen()
	s.now = s.now.AddDate(0, 0, -2) // and the clock may jump back
	s.sold(400)
	if x := s.x(); x.Gross.Minor() != 700 || x.Sales != 3 {
		t.Errorf("X %+v", x)
	}
	for day, gross := range map[string]int64{"2026-11-20": 400, "2026-11-21": 100, "2026-11-22": 200, "2026-11-23": 0} {
		f, err := s.l.Today(t.Context(), day)
		if err != nil || f.Gross.Minor() != gross {
			t.Errorf("%s: %+v, %v", day, f, err)
		}
	}
	if z := s.z(0); z.Gross.Minor() != 700 {
		t.Errorf("Z %+v", z)
	}
	s.sound()
}

// Money that becomes certain while no shift is open is in no shift's sums. The
// next Z tells it, so that the row of Zs adds up to the grand total.
func TestMoneyBetweenShiftsStandsOnTheNextZ(t *testing.T) {
	s := newShop(t)
	s.sold(300) // before the first shift there ever was
	s.must(shiftOpened(1, 0))
	s.sold(1136)
	_, late := s.paymentIn(PaymentChecking)
	_, back := s.paymentIn(PaymentPaid)
	first := s.z(0)
	if first.Between.Minor() != 300 || !first.BetweenBack.IsZero() || first.Doubtful != 1 {
		t.Errorf("the first Z: %s and %s between shifts, %d in doubt", first.Between, first.BetweenBack, first.Doubtful)
	}
	s.must(moved(late, PaymentPaid))
	s.must(refund(back, "R1", 400, RefundDone))
	if x := s.x(); !x.Between.IsZero() || x.Gross.Minor() != 1300 {
		t.Errorf("X without a shift: %s between shifts, %s today without one", x.Between, x.Gross)
	}
	s.must(shiftOpened(2, 0))
	s.sold(50)
	if x := s.x(); x.Between.Minor() != 1000 || x.BetweenBack.Minor() != 400 {
		t.Errorf("X of the second shift: %s and %s between shifts", x.Between, x.BetweenBack)
	}
	s.reopen()
	second := s.z(0)
	if second.Between.Minor() != 1000 || second.BetweenBack.Minor() != 400 || second.Gross.Minor() != 50 {
		t.Errorf("the second Z: %s and %s between shifts, gross %s", second.Between, second.BetweenBack, second.Gross)
	}
	if sum := first.Gross.Add(first.Between).Add(second.Gross).Add(second.Between); !sum.Equal(second.GrandTotal) {
		t.Errorf("the Zs add up to %s, ever was %s", sum, second.GrandTotal)
	}
	s.must(shiftOpened(3, 0))
	if third := s.z(0); !third.Between.IsZero() || !third.BetweenBack.IsZero() {
		t.Errorf("the third Z tells it again: %s, %s", third.Between, third.BetweenBack)
	}
	s.sound()
}

// A Z of an earlier book did not tell that, and stays the Z that was printed.
func TestAnOlderZTellsNothingOfBetween(t *testing.T) {
	s := newShop(t)
	s.sold(300)
	s.must(shiftOpened(1, 0))
	z := s.z(0)
	told, older := z, z
	told.Between = fen(299)
	older.Between = fen(0)
	b := newBooks(s.opt.Currency, newShelf(s.l.c, ""))
	b.all = &grandTotal{fen(300), fen(0), fen(0)}
	for name, c := range map[string]struct {
		report Report
		code   string
	}{"as made": {z, ""}, "without it": {older, ""}, "with another sum": {told, RefuseReport}} {
		b.desk = desk{shiftNumber: 1, closing: z.Shift.ID}
		e := Entry{Number: z.Head.Number + 1, Kind: KindZ, Time: z.At, Day: z.Shift.Day, Till: z.Till, Shift: z.Shift.ID, Previous: z.Head.Hash}
		if err := b.zMade(&e, ZMade{Number: 1, Report: c.report}); code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		b.discard()
	}
}
