package ledger

import "testing"

// owed is the intent of a refund of money that came late.
func owed(payment, id string, amount int64) Draft {
	return but(refund(payment, id, amount, RefundChecking), func(p *RefundStarted) { p.Reason, p.Owed = "late", true })
}

// instead is a manager's word that the money went back otherwise.
func instead(id, how string) Draft {
	return Draft{Kind: KindRefundMoved, Operator: "2001", Payload: RefundMoved{Refund: id, State: RefundRefused, Instead: how}}
}

// paidLate is a sale paid in cash past a forced payment that then brought its
// money too, and of which nothing has gone back.
func (s *shop) paidLate() (sale, payment string) {
	s.t.Helper()
	sale, payment = s.paymentIn(PaymentChecking)
	s.must(Draft{Kind: KindPaymentMoved, Approver: "2001", Payload: PaymentMoved{Payment: payment, State: PaymentChecking, Forced: true}})
	s.must(cash(sale, sale+"-2", 1000), saleMoved(sale, KindSaleDone))
	s.must(moved(payment, PaymentPaid))
	return sale, payment
}

// stands holds what the book says of money that is still to go back.
func (s *shop) stands(when string, surplus int64, open ...string) {
	s.t.Helper()
	over, err := s.l.Overpaid(s.t.Context())
	held := int64(0)
	for _, sale := range over {
		held += sale.Surplus().Minor()
	}
	if err != nil || held != surplus {
		s.t.Errorf("%s: %d too much in the book, want %d (%v)", when, held, surplus, err)
	}
	refunds, err := s.l.OpenRefunds(s.t.Context())
	count, err2 := s.l.CountOpen(s.t.Context())
	if err != nil || err2 != nil || len(refunds) != len(open) || count.Refunds != len(open) {
		s.t.Fatalf("%s: open refunds %+v, %+v, want %v (%v, %v)", when, refunds, count, open, err, err2)
	}
	sum := int64(0)
	for i, r := range refunds {
		sum += r.Amount.Minor()
		if r.ID != open[i] {
			s.t.Errorf("%s: %s is open, not %s", when, r.ID, open[i])
		}
	}
	if x := s.x(); x.Doubtful != len(open) || x.DoubtSum.Minor() != sum {
		s.t.Errorf("%s: X says %d of %s, want %d of %d", when, x.Doubtful, x.DoubtSum, len(open), sum)
	}
	s.sound()
}

// Refused money of a late success stays, over restarts and the day's end, until
// a refund under a new number has brought it back.
func TestRefusedLateRefundStays(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	_, p := s.paidLate()
	s.stands("nobody has tried", 1000)
	s.must(owed(p, "R1", 1000))
	s.stands("asked", 0, "R1")
	s.must(refundMoved("R1", RefundRefused))
	s.stands("refused", 1000, "R1")
	s.reopen()
	s.stands("after a restart", 1000, "R1")
	if z := s.z(1000); z.Doubtful != 1 || z.DoubtSum.Minor() != 1000 {
		t.Errorf("the Z says %d of %s", z.Doubtful, z.DoubtSum)
	}
	s.must(owed(p, "R2", 1000))
	s.stands("tried again", 0, "R2")
	s.must(refundMoved("R2", RefundRefused))
	s.stands("refused again", 1000, "R2")
	s.must(owed(p, "R3", 1000), refundMoved("R3", RefundDone))
	s.stands("gone back", 0)
	for id, want := range map[string]string{"R1": "R2", "R2": "R3", "R3": ""} {
		if r, err := s.l.Refund(t.Context(), id); err != nil || r.Instead != want || !r.Owed {
			t.Errorf("%+v, %v, want %q in its place", r, err, want)
		}
	}
	s.reopen()
	if found, err := s.l.Rebuild(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("rebuild: %q, %v", found, err)
	}
	s.stands("rebuilt", 0)
}

// Other ways in which it ends, and ways in which it does not.
func TestOwedMoneyEnds(t *testing.T) {
	refused := func(p string) []Draft { return []Draft{owed(p, "R1", 1000), refundMoved("R1", RefundRefused)} }
	for _, c := range []struct {
		name    string
		after   func(sale, p string) []Draft
		surplus int64
		open    []string
		how     string
	}{
		{"given out of the drawer", func(string, string) []Draft { return []Draft{instead("R1", "out of the drawer, signed")} }, 0, nil, "out of the drawer, signed"},
		{"the cash was given back", func(sale, _ string) []Draft { return []Draft{refund(sale+"-2", "R2", 1000, RefundDone)} }, 0, nil, "R2"},
		{"a manager's own refund", func(_, p string) []Draft {
			return []Draft{refund(p, "R2", 1000, RefundChecking), refundMoved("R2", RefundDone)}
		}, 0, nil, "R2"},
		{"a part of it", func(_, p string) []Draft {
			return []Draft{refund(p, "R2", 400, RefundChecking), refundMoved("R2", RefundDone)}
		}, 600, []string{"R1"}, ""},
		{"a manager's own refund, refused", func(_, p string) []Draft {
			return []Draft{refund(p, "R2", 1000, RefundChecking), refundMoved("R2", RefundRefused)}
		}, 1000, []string{"R1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			sale, p := s.paidLate()
			s.must(append(refused(p), c.after(sale, p)...)...)
			s.stands("in the end", c.surplus, c.open...)
			if r, err := s.l.Refund(t.Context(), "R1"); err != nil || r.Instead != c.how {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// A top-up paid twice, of which one was given back by hand: with the refund of
// the other its money leaves the card.
func TestATopUpGivenBackByHandAndRefunded(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0), issued("card-0001"))
	sale := "20261121-0900"
	s.must(opened(sale), topUpLine(sale, "card-0001", 1000), started(sale, sale+"-1", 1000, PaymentChecking))
	s.must(Draft{Kind: KindPaymentMoved, Approver: "2001", Payload: PaymentMoved{Payment: sale + "-1", State: PaymentChecking, Forced: true}})
	s.must(cash(sale, sale+"-2", 1000), saleMoved(sale, KindSaleDone))
	s.must(moved(sale+"-1", PaymentPaid), owed(sale+"-1", "R1", 1000))
	s.must(refundMoved("R1", RefundRefused))
	s.must(instead("R1", "out of the drawer"))
	if got := s.balance("card-0001"); got != 1000 {
		t.Fatalf("paid for once, and %d on the card", got)
	}
	s.must(refund(sale+"-2", "R2", 300, RefundDone))
	if got := s.balance("card-0001"); got != 700 {
		t.Errorf("300 refunded, and %d on the card", got)
	}
	s.must(opened("20261121-0901"), line("20261121-0901", 1, 100))
	s.must(byCard("20261121-0901", "20261121-0901-1", "card-0001", 100), saleMoved("20261121-0901", KindSaleDone))
	if code := refusedAs(s.try(refund(sale+"-2", "R3", 700, RefundDone))); code != RefuseBalance {
		t.Errorf("refunded what has been spent: %s", code)
	}
	s.must(refund(sale+"-2", "R3", 600, RefundDone))
	if got := s.balance("card-0001"); got != 0 {
		t.Errorf("all but what was spent refunded, and %d on the card", got)
	}
	s.sound()
}

// A refund of an earlier book, of money that came late, knows nothing of this:
// it ends when it is refused, and the Z that was printed then stays true.
func TestRefusedRefundOfAnOlderBook(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	_, p := s.paidLate()
	s.must(but(refund(p, "R1", 1000, RefundChecking), func(r *RefundStarted) { r.Reason = "late" }), refundMoved("R1", RefundRefused))
	s.stands("refused", 1000)
	if z := s.z(1000); z.Doubtful != 0 {
		t.Errorf("the Z says %d", z.Doubtful)
	}
	s.stands("the radar has it", 1000)
}

func owedStories() []story {
	void := func(more ...Draft) []Draft {
		return rung(append([]Draft{started(saleA, saleA+"-1", 1500, PaymentChecking), moved(saleA+"-1", PaymentReversed), saleMoved(saleA, KindSaleVoided),
			moved(saleA+"-1", PaymentPaid)}, more...)...)
	}
	refused := func(more ...Draft) []Draft {
		return void(append([]Draft{owed(saleA+"-1", "R1", 1500), refundMoved("R1", RefundRefused)}, more...)...)
	}
	return []story{
		{"owed money under a new number", "", refused(owed(saleA+"-1", "R2", 1500))},
		{"owed money twice on its way", RefuseTransition, void(owed(saleA+"-1", "R1", 700), owed(saleA+"-1", "R2", 700))},
		{"owed money under the same number", RefuseOrderUsed, refused(but(owed(saleA+"-1", "R2", 1500), func(p *RefundStarted) { p.Number = "NR1" }))},
		{"given otherwise while it is on its way", RefuseTransition, void(owed(saleA+"-1", "R1", 1500), instead("R1", "cash"))},
		{"given otherwise twice", RefuseTransition, refused(instead("R1", "cash"), instead("R1", "cash"))},
		{"given otherwise, and refunded besides", RefuseRefundAmount, refused(instead("R1", "cash"), refund(saleA+"-1", "R2", 1500, RefundChecking))},
		{"given otherwise, and refunded in part besides", RefuseRefundAmount, refused(instead("R1", "cash"), refund(saleA+"-1", "R2", 1, RefundDone))},
		{"given otherwise once it is tried again", RefuseTransition, refused(owed(saleA+"-1", "R2", 1500), instead("R1", "cash"))},
		{"given otherwise, and done", RefuseTransition, refused(but(instead("R1", "cash"), func(p *RefundMoved) { p.State = RefundDone }))},
		{"a part given otherwise, the rest refunded", "", refused(but(instead("R1", "cash"), func(p *RefundMoved) { p.Given = fen(400) }), refund(saleA+"-1", "R2", 1100, RefundDone))},
		{"a part given otherwise, more than the rest refunded", RefuseRefundAmount, refused(but(instead("R1", "cash"), func(p *RefundMoved) { p.Given = fen(400) }), refund(saleA+"-1", "R2", 1101, RefundDone))},
		{"more given otherwise than is owed", RefuseRefundAmount, refused(but(instead("R1", "cash"), func(p *RefundMoved) { p.Given = fen(1501) }))},
		{"less than nothing given otherwise", RefuseRefundAmount, refused(but(instead("R1", "cash"), func(p *RefundMoved) { p.Given = fen(-1) }))},
		{"given otherwise where nothing is owed", RefuseTransition, paidUp(refund(saleA+"-1", "R1", 100, RefundChecking), refundMoved("R1", RefundRefused), instead("R1", "cash"))},
	}
}

// An owed refund that nobody can read any more is found before the first sale:
// the till takes it up, whatever its state says.
func TestTheEndOfABookHoldsWhatIsOwed(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	_, p := s.paidLate()
	s.must(owed(p, "R1", 1000))
	s.must(refundMoved("R1", RefundRefused))
	if v, err := VerifyEnd(t.Context(), s.opt); err != nil || !v.OK {
		t.Fatalf("a sound book: %+v, %v", v, err)
	}
	s.tamper("UPDATE refunds SET doc = '{' WHERE id = 'R1'")
	if v, err := VerifyEnd(t.Context(), s.opt); err != nil || v.OK || v.Why != WhyProjection {
		t.Errorf("%+v, %v", v, err)
	}
}

// bySale is a refusal of which the sale tells whether its money is owed.
func bySale(id string) Draft {
	return but(refundMoved(id, RefundRefused), func(p *RefundMoved) { p.BySale = true })
}

// A refused refund is owed as long as its sale holds more than it is to, however
// the money came there; once.
func TestTheSaleTellsWhetherARefundIsOwed(t *testing.T) {
	for name, c := range map[string]struct {
		after   func(sale, p string) []Draft
		surplus int64
		open    []string
	}{
		"late, and nothing has gone back": {func(_, p string) []Draft { return []Draft{owed(p, "R1", 1000), bySale("R1")} }, 1000, []string{"R1"}},
		"late, and the cash has gone back": {func(sale, p string) []Draft {
			return []Draft{owed(p, "R1", 1000), refund(sale+"-2", "R2", 1000, RefundDone), bySale("R1")}
		}, 0, nil},
		"a cashier's": {func(_, p string) []Draft { return []Draft{refund(p, "R1", 1000, RefundChecking), bySale("R1")} }, 1000, []string{"R1"}},
		"a cashier's beside one that is owed": {func(_, p string) []Draft {
			return []Draft{owed(p, "R1", 1000), bySale("R1"), refund(p, "R2", 600, RefundChecking), bySale("R2")}
		}, 1000, []string{"R1"}},
		"a cashier's of what the sale may keep": {func(sale, p string) []Draft {
			return []Draft{refund(sale+"-2", "R1", 1000, RefundDone), refund(p, "R2", 1000, RefundChecking), bySale("R2")}
		}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.must(shiftOpened(1, 0))
			sale, p := s.paidLate()
			s.must(c.after(sale, p)...)
			s.stands("in the end", c.surplus, c.open...)
			s.reopen()
			s.stands("after a restart", c.surplus, c.open...)
		})
	}
}
