package till

import (
	"context"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// doubleWithin is how near in time two equal charges of one payer are
// suspicious.
const doubleWithin = 10 * time.Minute

// doubles is the double-charge radar. It lists every sale that holds more than
// it is to, whatever paid it and however long ago, and behind them the payments
// since an entry or some business days, not wholly refunded, that look like another one.
func (t *Till) doubles(ctx context.Context, entry int64, days ledger.Days) ([]Double, error) {
	out, seen, err := t.overpaid(ctx)
	if err != nil {
		return nil, err
	}
	paid, within, err := t.paidSince(ctx, entry, days)
	if err != nil {
		return nil, t.bookFault(err)
	}
	byCode, byPayer := map[string]ledger.Payment{}, map[string]ledger.Payment{}
	for _, p := range paid { // oldest first
		if late, err := t.lateKept(ctx, p); err != nil {
			return nil, err
		} else if late.Positive() && within[p.ID] && !seen[p.ID] {
			seen[p.ID] = true
			out = append(out, Double{Payment: p, Why: DoubleLate, Amount: late})
		}
		// One that is to go back already is no other's twin: its own twin stays.
		if p.Channel == string(payment.Cash) || seen[p.ID] || !p.Refunded.Less(p.Amount) {
			continue
		}
		payer := p.Channel + " " + p.Payer + " " + p.Amount.String()
		earlier, why := ledger.Payment{}, ""
		if e, ok := byCode[p.CodeHash]; ok && p.CodeHash != "" {
			earlier, why = e, DoubleCode
		} else if e, ok := byPayer[payer]; ok && p.Payer != "" && p.StartedAt.Sub(e.StartedAt) <= doubleWithin {
			earlier, why = e, DoublePayer
		}
		if why != "" && within[p.ID] {
			out = append(out, Double{Payment: p, Earlier: earlier, Why: why, Amount: p.Amount.Sub(p.Refunded)})
		}
		byCode[p.CodeHash], byPayer[payer] = p, p
	}
	return out, nil
}

// paidSince are the payments since an entry or some business days, and before
// them those of one day more: the first of a pair may be there, on the other side
// of a change of shifts. within has those that were asked for.
func (t *Till) paidSince(ctx context.Context, entry int64, days ledger.Days) (paid []ledger.Payment, within map[string]bool, err error) {
	asked, err := t.parts.Books.PaidSince(ctx, entry, days)
	if err != nil || len(asked) == 0 {
		return nil, nil, err
	}
	within = make(map[string]bool, len(asked))
	for _, p := range asked {
		within[p.ID] = true
	}
	if first, err := time.Parse(time.DateOnly, days.First); err == nil {
		days.First = first.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	paid, err = t.parts.Books.PaidSince(ctx, entry, days)
	return paid, within, err
}

// lateKept is what a payment brought to a sale that had been paid otherwise, and
// that has kept it since its own tender was given back meanwhile: for goods, or
// because somebody knew of this one. Only a person can tell.
func (t *Till) lateKept(ctx context.Context, p ledger.Payment) (money.Amount, error) {
	none := t.zero()
	if p.State != ledger.PaymentPaid || !p.Forced && p.Reason == "" || !p.Refunded.Less(p.Amount) {
		return none, nil // it came while its sale was waiting for it, or went back
	}
	s, err := t.sale(ctx, p.Sale)
	if err != nil || s.State != ledger.SaleDone || s.Surplus().Positive() {
		return none, err
	}
	kept := s.Paid.Sub(s.Total).Sub(s.Elsewhere)
	for _, id := range s.Payments {
		other, err := t.payment(ctx, id)
		if err != nil {
			return none, err
		}
		for _, id := range other.Refunds {
			if r, err := t.refund(ctx, id); err != nil {
				return none, err
			} else if r.Owed && r.State != ledger.RefundRefused {
				kept = kept.Sub(r.Amount)
			}
		}
	}
	return money.Min(kept, p.Amount.Sub(p.Refunded)), nil
}

// lastDays are so many business days up to the present one; 1 is that alone.
func (t *Till) lastDays(many int) ledger.Days {
	now := t.now()
	return ledger.Days{First: t.set.Day(now.AddDate(0, 0, -min(max(many, 1), 31)+1)), Last: t.set.Day(now)}
}

// sinceShift is the radar since the open shift began, and over the business
// day on which it did; over the present one when none is open.
func (t *Till) sinceShift(ctx context.Context) ([]Double, error) {
	if s, err := t.parts.Books.OpenShift(ctx); err == nil && s != nil {
		return t.doubles(ctx, s.From, ledger.Days{First: s.Day, Last: s.Day})
	}
	return t.doubles(ctx, 0, t.lastDays(1))
}

// overpaid lists the sales that hold too much, each with the payment to give
// back, and these payments by their identity.
func (t *Till) overpaid(ctx context.Context) (out []Double, seen map[string]bool, err error) {
	out, seen = []Double{}, map[string]bool{}
	sales, err := t.parts.Books.Overpaid(ctx)
	if err != nil {
		return nil, nil, t.bookFault(err)
	}
	owing := map[string]bool{}
	for _, r := range t.openRefunds() {
		owing[r.Payment] = owing[r.Payment] || r.Owing()
	}
	for _, s := range sales {
		var paid []ledger.Payment
		for _, id := range s.Payments {
			p, err := t.payment(ctx, id)
			if err != nil {
				return nil, nil, err
			}
			if p.State == ledger.PaymentPaid && p.Refunded.Less(p.Amount) {
				paid = append(paid, p)
			}
		}
		if back, earlier := superfluous(paid, owing); back.ID != "" {
			seen[back.ID] = true
			out = append(out, Double{Payment: back, Earlier: earlier, Why: DoubleSale, Amount: money.Min(s.Surplus(), back.Amount.Sub(back.Refunded))})
		}
	}
	return out, seen, nil
}

// superfluous is the payment of an overpaid sale that goes back: one whose refund
// was refused, else the last that is not cash, else the last; and another one, if
// there is any.
func superfluous(paid []ledger.Payment, owing map[string]bool) (back, earlier ledger.Payment) {
	rank := -1
	for _, p := range paid {
		r := 0
		switch {
		case owing[p.ID]:
			r = 2
		case p.Channel != string(payment.Cash):
			r = 1
		}
		if r >= rank {
			rank, back, earlier = r, p, back
		} else {
			earlier = p
		}
	}
	return back, earlier
}
