package till

import (
	"context"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// paidUp reports whether an open sale has all its money already: a part of it
// was paid before a line was removed, or a discount given.
func paidUp(s ledger.Sale) bool { return !s.Due().Positive() && s.Refunded.Less(s.Paid) }

// lastPaid is the payment that a sale was done with, or the last one of it that
// is paid. What came when it was done already took no part in that.
func (t *Till) lastPaid(ctx context.Context, s ledger.Sale) (last ledger.Payment, err error) {
	var late ledger.Payment
	for _, id := range s.Payments {
		p, err := t.payment(ctx, id)
		if err != nil {
			return p, err
		}
		switch {
		case p.State != ledger.PaymentPaid:
		case !s.ClosedAt.IsZero() && p.EndedAt.After(s.ClosedAt):
			late = p
		case !p.EndedAt.Before(last.EndedAt):
			last = p
		}
	}
	switch {
	case last.ID != "":
		return last, nil
	case late.ID != "": // the clock was set back in between
		return late, nil
	}
	return last, fault(FaultNoPayment, "")
}

// finishPaid ends such a sale. Nothing is taken: the last payment that brought
// something is the answer.
func (t *Till) finishPaid(ctx context.Context, s ledger.Sale, c SalePay, st stamp) (ledger.Payment, error) {
	if !c.Tendered.IsZero() {
		return ledger.Payment{}, fault(FaultNothingDue)
	}
	last, err := t.lastPaid(ctx, s)
	if err != nil {
		return last, err
	}
	if _, err := t.write(st.batch(last.ID, t.finishing(s.ID)...)); err != nil {
		return ledger.Payment{}, err
	}
	t.print(ctx, original(ofSale, s.ID))
	return t.payment(ctx, last.ID)
}

// payCash takes notes: what was tendered above the amount is change; tendered
// less than is due is a part payment.
func (t *Till) payCash(ctx context.Context, s ledger.Sale, amount money.Amount, c SalePay, st stamp) (ledger.Payment, error) {
	tendered := c.Tendered
	if tendered.IsZero() {
		tendered = amount
	}
	if tendered.Negative() || !tendered.Valid() || !tendered.IsZero() && tendered.Currency() != s.Currency {
		return ledger.Payment{}, fault(FaultBadAmount, tendered.String())
	}
	if !c.Amount.IsZero() && tendered.Less(amount) {
		return ledger.Payment{}, fault(FaultTooLittle, amount)
	}
	taken := money.Min(amount, tendered)
	id, order := t.mint(s)
	started := ledger.PaymentStarted{
		Payment: id, Order: order, Channel: string(payment.Cash), Amount: taken,
		Tendered: tendered, Change: tendered.Sub(taken), State: ledger.PaymentPaid,
	}
	drafts := []ledger.Draft{t.draft(ledger.KindPaymentStarted, s.ID, started)}
	if tendered.Positive() {
		drafts = append(drafts, t.draft(ledger.KindDrawerOpened, s.ID, ledger.DrawerOpened{Cause: "cash " + id}))
	}
	done := taken.Equal(s.Due())
	if done {
		drafts = append(drafts, t.finishing(s.ID)...)
	}
	if _, err := t.write(st.batch(id, drafts...)); err != nil {
		return ledger.Payment{}, err
	}
	if s.ID == t.front {
		t.lastEnd = id
	}
	if tendered.Positive() {
		t.kick("cash-" + id)
	}
	if done {
		t.print(ctx, original(ofSale, s.ID))
	}
	return t.payment(ctx, id)
}
