package till_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// withShifts has the drawer counted, in some shops, and once or more a day. It
// has dice of its own.
func (p *simPlan) withShifts() {
	r := dice(p.seed, "shifts")
	if odds := map[bool]int{true: 2, false: 6}[p.cards == cardsHost]; r.IntN(odds) != 0 {
		return
	}
	soon := func(verb string) simStep {
		return simStep{time.Duration(r.Int64N(int64(10 * time.Second))), verb, r.Uint64()}
	}
	steps := []simStep{soon("open the shift")}
	for _, step := range p.steps {
		steps = append(steps, step)
		switch n := r.IntN(40); {
		case n == 0:
			steps = append(steps, soon("close the shift"), soon("open the shift"))
		case n < 3:
			steps = append(steps, soon("cash in or out"))
		}
	}
	p.steps = steps
}

// cashInOrOut is change brought from the bank, or takings carried there.
func (s *sim) cashInOrOut(r *rand.Rand) {
	s.do(till.ShiftCash{Amount: money.Fen(1 + r.Int64N(50000) - 25000), Reason: "零钱"})
}

// sums is what the entries say that a shift took and gave back.
type sums struct {
	channels       map[string][2]int64 // taken, given back
	cashIn, out    int64
	opened, closed int64 // the entries
}

// moneyEntry is what of an entry's payload adds up.
type moneyEntry struct {
	Shift, Payment, Refund, Channel, State string
	Amount                                 money.Amount
}

// checkReports: totals, every Z and the X of a shift still open are what the
// entries add up to; Zs are numbered without gaps.
func (s *sim) checkReports(payments []ledger.Payment) {
	books, ctx := s.run.books, context.Background()
	x, err := books.Report(ctx)
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
		return
	}
	taken, kept := int64(0), int64(0)
	for _, p := range payments {
		if p.State == ledger.PaymentPaid {
			taken += p.Amount.Minor()
		}
		kept += s.ours(p)
	}
	if all, back := x.GrandTotal.Minor(), x.GrandBack.Minor(); all != taken || all-back != kept {
		s.fail("totals", "the book has %d fen taken and %d kept, its totals say %d and %d", taken, kept, all, all-back)
	}
	last := books.NextZNumber() - 1
	if last == 0 && x.Shift.ID == "" {
		return
	}
	shifts := s.addUp(payments)
	for n := int64(1); n <= last; n++ {
		z, err := books.Z(ctx, n)
		if err != nil || z.Number != n {
			s.fail("numbers", "Z %d of %d bears number %d (%v)", n, last, z.Number, err)
		}
		s.checkReport(z, shifts)
	}
	if x.Shift.ID != "" {
		s.checkReport(x, shifts)
	}
}

// addUp adds all entries up by the shift they stand in: between its first entry
// and its last, whatever they say of themselves.
func (s *sim) addUp(payments []ledger.Payment) map[string]*sums {
	of := map[string]ledger.Payment{}
	for _, p := range payments {
		of[p.ID] = p
	}
	shifts, seen := map[string]*sums{}, map[string]bool{}
	asked, shift := map[string]moneyEntry{}, ""
	for after := int64(0); ; {
		entries, err := s.run.books.Entries(context.Background(), after, ledger.MaxList)
		if err != nil {
			s.fail("error", "the book cannot be read: %v", err)
		}
		if len(entries) == 0 {
			return shifts
		}
		after = entries[len(entries)-1].Number
		for _, e := range entries {
			if !strings.HasPrefix(string(e.Kind), "payment.") && !strings.HasPrefix(string(e.Kind), "refund.") && !strings.HasPrefix(string(e.Kind), "shift.") {
				continue
			}
			var m moneyEntry
			if err := json.Unmarshal(e.Payload, &m); err != nil {
				s.fail("error", "entry %d cannot be read: %v", e.Number, err)
			}
			if e.Kind == ledger.KindShiftOpened {
				shift = m.Shift
			}
			if shifts[shift] == nil {
				shifts[shift] = &sums{channels: map[string][2]int64{}}
			}
			shifts[shift].add(e, m, of, asked, seen)
			if e.Kind == ledger.KindShiftClosed {
				shift = ""
			}
		}
	}
}

func (a *sums) add(e ledger.Entry, m moneyEntry, of map[string]ledger.Payment, asked map[string]moneyEntry, seen map[string]bool) {
	switch e.Kind {
	case ledger.KindShiftOpened:
		a.opened = e.Number
	case ledger.KindShiftClosed:
		a.closed = e.Number
	case ledger.KindShiftCash:
		a.cashIn, a.out = a.cashIn+max(0, m.Amount.Minor()), a.out+max(0, -m.Amount.Minor())
	case ledger.KindRefundStarted:
		asked[m.Refund] = m
	}
	switch {
	case m.Refund != "" && m.State == string(ledger.RefundDone) && !seen[m.Refund]:
		seen[m.Refund] = true
		r := asked[m.Refund]
		row := a.channels[r.Channel]
		a.channels[r.Channel] = [2]int64{row[0], row[1] + r.Amount.Minor()}
	case m.Refund == "" && m.State == string(ledger.PaymentPaid) && !seen[m.Payment]:
		seen[m.Payment] = true
		p := of[m.Payment]
		row := a.channels[p.Channel]
		a.channels[p.Channel] = [2]int64{row[0] + p.Amount.Minor(), row[1]}
	}
}

// checkReport holds an X or a Z against the sums of its shift.
func (s *sim) checkReport(r ledger.Report, shifts map[string]*sums) {
	want := shifts[r.Shift.ID]
	if want == nil || r.From != want.opened || r.Kind == "Z" && (r.To != want.closed || r.Number != r.Shift.Z) {
		s.fail("report", "%s %d of %s goes from %d to %d, its shift is %+v", r.Kind, r.Number, r.Shift.ID, r.From, r.To, want)
		return
	}
	gross, back := int64(0), int64(0)
	for _, row := range r.Channels {
		if got := [2]int64{row.Amount.Minor(), row.Refunds.Minor()}; got != want.channels[row.Name] {
			s.fail("report", "%s %d has %v of %s, the entries add up to %v", r.Kind, r.Number, got, row.Name, want.channels[row.Name])
		}
	}
	for _, row := range want.channels {
		gross, back = gross+row[0], back+row[1]
	}
	if r.Gross.Minor() != gross || r.Refunds.Minor() != back || r.Net.Minor() != gross-back {
		s.fail("report", "%s %d has %v, %v and %v, the entries add up to %d and %d", r.Kind, r.Number, r.Gross, r.Refunds, r.Net, gross, back)
	}
	cash := want.channels[string(payment.Cash)]
	if drawer := r.Shift.Float.Minor() + cash[0] - cash[1] + want.cashIn - want.out; r.Cash.Expected.Minor() != drawer {
		s.fail("report", "%s %d expects %v in the drawer, the entries %d fen", r.Kind, r.Number, r.Cash.Expected, drawer)
	}
}
