package ledger

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func issued(id string) Draft {
	return Draft{Kind: KindPrepaidIssued, Operator: "1001", Payload: PrepaidIssued{Prepaid: id, Mask: "9800********" + id[len(id)-4:], Expires: "2029-11-21"}}
}

func cardChanged(kind Kind, p PrepaidChanged) Draft {
	return Draft{Kind: kind, Operator: "1001", Payload: p}
}

func topUpLine(sale, id string, amount int64) Draft {
	d := line(sale, 1, amount)
	l := d.Payload.(LineAdded).Line
	l.Code, l.Name, l.Prepaid = "", "9800", id
	d.Payload = LineAdded{l}
	return d
}

func byCard(sale, payment, id string, amount int64) Draft {
	return Draft{Kind: KindPaymentStarted, Operator: "1001", Sale: sale, Payload: PaymentStarted{Payment: payment, Order: minted(payment),
		Channel: "prepaid", Amount: fen(amount), Prepaid: id, State: PaymentPaid}}
}

// toppedUp puts money on a card by a sale paid in cash.
func (s *shop) toppedUp(id string, amount int64) string {
	s.t.Helper()
	s.sale++
	sale := fmt.Sprintf("20261121-%04d", s.sale)
	s.must(opened(sale), topUpLine(sale, id, amount))
	s.must(cash(sale, sale+"-1", amount), saleMoved(sale, KindSaleDone))
	return sale
}

func (s *shop) balance(id string) int64 {
	s.t.Helper()
	card, err := s.l.PrepaidCard(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return card.Balance.Minor()
}

func refusedAs(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

func TestPrepaidCardIsToppedUpPaysAndIsRefunded(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 0))
	s.must(issued("card-0001"))
	up := s.toppedUp("card-0001", 10000)
	s.must(opened("20261121-0900"), line("20261121-0900", 1, 3000))
	if code := refusedAs(s.try(byCard("20261121-0900", "20261121-0900-1", "card-0001", 3001))); code != RefuseAmount {
		t.Errorf("more than is due: %s", code)
	}
	s.must(byCard("20261121-0900", "20261121-0900-1", "card-0001", 3000), saleMoved("20261121-0900", KindSaleDone))
	pay, err := s.l.Payment(t.Context(), "20261121-0900-1")
	if err != nil || pay.PrepaidLeft.Minor() != 7000 || s.balance("card-0001") != 7000 {
		t.Errorf("%+v, %v", pay, err)
	}
	if code := refusedAs(s.try(refund(up+"-1", "R0", 7001, RefundDone))); code != RefuseBalance {
		t.Errorf("a top-up that has been spent was given back: %s", code)
	}
	s.must(refund(up+"-1", "R1", 2000, RefundChecking))
	if s.balance("card-0001") != 5000 {
		t.Error("a refund that is under way must already be off the card")
	}
	s.must(refundMoved("R1", RefundRefused))
	if s.balance("card-0001") != 7000 {
		t.Error("a refused refund must be on the card again")
	}
	s.must(refund(up+"-1", "R2", 1000, RefundDone), refund("20261121-0900-1", "R3", 500, RefundDone))
	if code := refusedAs(s.try(refund("20261121-0900-1", "R4", 1, RefundChecking))); code != RefuseTransition {
		t.Errorf("a refund to the card in doubt: %s", code)
	}
	r := s.x()
	want := PrepaidTotals{1, fen(10000), fen(1000), fen(3000), fen(500), fen(0)}
	if r.Liability.Minor() != 6500 || s.balance("card-0001") != 6500 || r.Turnover.Minor() != 3000-500 ||
		fmt.Sprint(r.Prepaid) != fmt.Sprint(want) || r.Net.Minor() != 10000+3000-1000-500 {
		t.Errorf("report %+v %s %s", r.Prepaid, r.Liability, r.Turnover)
	}
	s.z(0)
	s.sound()
}

func TestPrepaidLaw(t *testing.T) {
	s := newShop(t)
	s.must(issued("card-0001"), issued("card-0002"))
	s.toppedUp("card-0001", 10000)
	sale := "20261121-0900"
	s.must(opened(sale), line(sale, 1, 3000))
	full := "20261121-0901"
	s.must(opened(full), topUpLine(full, "card-0002", 500))
	frozen := cardChanged(KindPrepaidFrozen, PrepaidChanged{Prepaid: "card-0001", Reason: "lost"})
	over := cardChanged(KindPrepaidExtended, PrepaidChanged{Prepaid: "card-0001", Expires: "2026-11-20"})
	for name, c := range map[string]struct {
		drafts []Draft
		code   string
	}{
		"issued twice":           {[]Draft{issued("card-0001")}, RefuseExists},
		"no such card":           {[]Draft{byCard(sale, sale+"-1", "nobody", 1)}, RefusePrepaid},
		"more than is on it":     {[]Draft{byCard(sale, sale+"-1", "card-0002", 1)}, RefuseBalance},
		"twice in one batch":     {[]Draft{byCard(sale, sale+"-1", "card-0001", 3000), opened("x-1"), line("x-1", 1, 9000), byCard("x-1", "x-1-1", "card-0001", 7001)}, RefuseBalance},
		"frozen":                 {[]Draft{frozen, byCard(sale, sale+"-1", "card-0001", 1)}, RefusePrepaid},
		"past its day":           {[]Draft{over, byCard(sale, sale+"-1", "card-0001", 1)}, RefusePrepaid},
		"not past its day":       {[]Draft{cardChanged(KindPrepaidExpired, PrepaidChanged{Prepaid: "card-0001", Amount: fen(10000)})}, RefusePrepaid},
		"another sum booked off": {[]Draft{over, cardChanged(KindPrepaidExpired, PrepaidChanged{Prepaid: "card-0001", Amount: fen(9999)})}, RefusePrepaid},
		"no day":                 {[]Draft{cardChanged(KindPrepaidExtended, PrepaidChanged{Prepaid: "card-0001", Expires: "soon"})}, RefuseEntry},
		"top-up among goods": {[]Draft{func() Draft {
			d := topUpLine(sale, "card-0001", 100)
			l := d.Payload.(LineAdded).Line
			l.No = 2
			d.Payload = LineAdded{l}
			return d
		}()}, RefusePrepaid},
		"goods beside a top-up":  {[]Draft{line(full, 2, 100)}, RefusePrepaid},
		"discount on a top-up":   {[]Draft{{Kind: KindDiscounted, Sale: full, Payload: Discounted{Amount: fen(1), Reason: "x"}}}, RefusePrepaid},
		"top-up changed":         {[]Draft{{Kind: KindLineChanged, Sale: full, Payload: LineChanged{No: 1, Quantity: One, Price: fen(1), Amount: fen(1)}}}, RefusePrepaid},
		"top-up of no card":      {[]Draft{opened("x-2"), topUpLine("x-2", "nobody", 1)}, RefusePrepaid},
		"a card tops another up": {[]Draft{byCard(full, full+"-1", "card-0001", 500)}, RefusePrepaid},
		"a card of this book waits": {[]Draft{func() Draft {
			d := byCard(sale, sale+"-1", "card-0001", 5)
			p := d.Payload.(PaymentStarted)
			p.State = PaymentChecking
			d.Payload = p
			return d
		}()}, RefuseTransition},
	} {
		if code := refusedAs(s.try(c.drafts...)); code != c.code {
			t.Errorf("%s: %s, want %s", name, code, c.code)
		}
	}
	s.must(over, cardChanged(KindPrepaidExpired, PrepaidChanged{Prepaid: "card-0001", Amount: fen(10000)}))
	if s.balance("card-0001") != 0 || s.x().Prepaid.Expired.Minor() != 10000 {
		t.Error("not booked off")
	}
	s.sound()
}

func TestPINsAreInNoEntry(t *testing.T) {
	s := newShop(t)
	hash := "a1$c2FsdHNhbHQ$dGhlIGhhc2g"
	pinned := issued("card-0001").Payload.(PrepaidIssued)
	pinned.PINSeal = SealPIN(hash)
	batch := Batch{Drafts: []Draft{{Kind: KindPrepaidIssued, Payload: pinned}}, PIN: &PrepaidPIN{"card-0001", hash}}
	entries, err := s.l.Append(t.Context(), batch)
	if err != nil || strings.Contains(string(entries[0].Payload), "dGhl") {
		t.Fatalf("%v, %v", entries, err)
	}
	if kept, err := s.l.PrepaidPIN(t.Context(), "card-0001"); err != nil || kept != hash {
		t.Errorf("%q, %v", kept, err)
	}
	if _, err := s.l.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.sound()
	for _, change := range []string{"UPDATE prepaid_pins SET hash = 'a1$x$y'", "DELETE FROM prepaid_pins", "INSERT INTO prepaid_pins VALUES ('nobody', 'x')"} {
		if err := s.l.c.exec(change); err != nil {
			t.Fatal(err)
		}
		if v, err := Verify(t.Context(), s.opt); err != nil || v.OK || v.Why != WhySeal {
			t.Errorf("%s: %+v, %v", change, v, err)
		}
		if err := s.l.c.exec("DELETE FROM prepaid_pins"); err != nil {
			t.Fatal(err)
		}
		if err := s.l.c.exec("INSERT INTO prepaid_pins VALUES ('card-0001', '" + hash + "')"); err != nil {
			t.Fatal(err)
		}
	}
	batch = Batch{Drafts: []Draft{cardChanged(KindPrepaidPIN, PrepaidChanged{Prepaid: "card-0001"})}, PIN: &PrepaidPIN{Prepaid: "card-0001"}}
	if _, err := s.l.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if _, err := s.l.PrepaidPIN(t.Context(), "card-0001"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the PIN is still there: %v", err)
	}
	s.sound()
}

// deed is one thing that a till does with a card.
type deed struct {
	what   int
	card   string
	amount int64
}

// actor does its deeds beside others and counts what each card should have.
type actor struct {
	s       *shop
	name    string
	sales   int
	ups     []string // payments of top-ups
	pays    []string // payments by card
	of      map[string]string
	counted map[string]int64
}

func (a *actor) do(d deed, refunds int) {
	a.sales++
	sale := fmt.Sprintf("2026112%s-%04d", a.name, a.sales)
	pay, id := sale+"-1", fmt.Sprintf("R%s%d", a.name, refunds)
	try := func(drafts ...Draft) bool { return a.s.try(drafts...) == nil }
	switch d.what {
	case 0, 1:
		if try(opened(sale), topUpLine(sale, d.card, d.amount)) && try(cash(sale, pay, d.amount), saleMoved(sale, KindSaleDone)) {
			a.ups, a.of[pay] = append(a.ups, pay), d.card
			a.counted[d.card] += d.amount
		}
	case 2, 3, 4:
		if try(opened(sale), line(sale, 1, d.amount)) && try(byCard(sale, pay, d.card, d.amount), saleMoved(sale, KindSaleDone)) {
			a.pays, a.of[pay] = append(a.pays, pay), d.card
			a.counted[d.card] -= d.amount
		}
	case 5:
		if len(a.ups) > 0 && try(refund(a.ups[len(a.ups)-1], id, d.amount, RefundDone)) {
			a.counted[a.of[a.ups[len(a.ups)-1]]] -= d.amount
		}
	case 6:
		if len(a.pays) > 0 && try(refund(a.pays[len(a.pays)-1], id, d.amount, RefundDone)) {
			a.counted[a.of[a.pays[len(a.pays)-1]]] += d.amount
		}
	case 7:
		try(cardChanged(KindPrepaidFrozen, PrepaidChanged{Prepaid: d.card}))
	case 8:
		try(cardChanged(KindPrepaidThawed, PrepaidChanged{Prepaid: d.card}))
	}
}

// TestNobodyOverspends lets several tills' worth of requests meet on the same
// cards at once: no balance ever goes below nothing, no fen is lost or made,
// the balance is the sum of the moves, and a rebuild gives what was kept.
func TestNobodyOverspends(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newShop(t)
		defer s.l.Close()
		s.careless()
		cards := []string{"card-0001", "card-0002"}
		s.must(shiftOpened(1, 0))
		s.must(issued(cards[0]), issued(cards[1]))
		actors := make([]*actor, rapid.IntRange(2, 4).Draw(r, "actors"))
		var all sync.WaitGroup
		for i := range actors {
			a := &actor{s: s, name: fmt.Sprint(i), of: map[string]string{}, counted: map[string]int64{}}
			actors[i] = a
			deeds := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) deed {
				return deed{rapid.IntRange(0, 8).Draw(r, "what"), rapid.SampledFrom(cards).Draw(r, "card"), int64(rapid.IntRange(1, 30).Draw(r, "amount")) * 100}
			}), 5, 20).Draw(r, "deeds")
			all.Go(func() {
				for n, d := range deeds {
					a.do(d, n)
				}
			})
		}
		all.Wait()
		var owed int64
		for _, card := range cards {
			var want, moved int64
			for _, a := range actors {
				want += a.counted[card]
			}
			moves, err := s.l.PrepaidMoves(t.Context(), card, MaxList)
			if err != nil {
				r.Fatal(err)
			}
			for _, m := range moves {
				moved += m.Amount.Minor()
				if m.Left.Negative() {
					r.Fatalf("overspent: %+v", m)
				}
			}
			if got := s.balance(card); got != want || got != moved || got < 0 {
				r.Fatalf("%s has %d, counted by hand %d, its moves make %d", card, got, want, moved)
			}
			owed += want
		}
		if x := s.x(); x.Liability.Minor() != owed || x.Net.Sub(x.Prepaid.ToppedUp).Add(x.Prepaid.TakenBack).Minor() != x.Turnover.Minor() {
			r.Fatalf("the report owes %s, the cards hold %d: %+v", x.Liability, owed, x)
		}
		s.z(0)
		s.sound()
	})
}
