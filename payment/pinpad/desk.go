package pinpad

import (
	"context"
	"fmt"

	"abacus/internal/money"
	"abacus/payment"
)

// Test implements payment.Tester: the line is opened and the last transaction
// asked for, which moves nothing.
func (t *Terminal) Test(ctx context.Context) error {
	return t.quickly(ctx, func(ctx context.Context) error {
		_, _, err := t.last(ctx)
		return err
	})
}

// Last is the terminal's last transaction; ok is false when it has none.
func (t *Terminal) Last(ctx context.Context) (r Record, ok bool, err error) {
	err = t.quickly(ctx, func(ctx context.Context) (err error) {
		r, ok, err = t.last(ctx)
		return err
	})
	return r, ok, err
}

// patiently makes one exchange that may need the customer.
func (t *Terminal) patiently(ctx context.Context, cashier string, q request) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, t.set.Customer)
	defer cancel()
	if err := t.line.take(ctx); err != nil {
		return Record{}, err
	}
	defer t.line.give()
	return t.ask(ctx, cashier, q)
}

// SignOn lets the terminal fetch its keys for the day.
func (t *Terminal) SignOn(ctx context.Context) error {
	r, err := t.patiently(ctx, "", request{kind: kindSignOn})
	if err == nil && r.Code != approved {
		err = fmt.Errorf("the terminal answers %s %s", r.Code, r.Text)
	}
	return err
}

// Balance implements payment.BalanceAsker: the terminal asks for the card.
func (t *Terminal) Balance(ctx context.Context, _ *payment.Swipe) payment.Balance {
	r, err := t.patiently(ctx, "", request{kind: kindBalance})
	switch {
	case err != nil:
		return payment.Balance{Reason: reasonOf(err), Detail: err.Error(), Err: err}
	case r.Code != approved:
		return payment.Balance{Reason: verdictOf(r.Code).reason, Detail: words(r)}
	}
	return payment.Balance{Known: true, Amount: r.Amount, Payer: r.Card, Detail: words(r)}
}

// Settle implements payment.Settler: the terminal compares its batch with the
// bank and closes it. It answers the net sum, and the count in the place of the
// trace; a settlement in doubt is settled again, which closes an empty batch.
func (t *Terminal) Settle(ctx context.Context) payment.Settlement {
	s := payment.Settlement{Sales: money.Fen(0), Returns: money.Fen(0)}
	r, err := t.patiently(ctx, "", request{kind: kindSettle})
	switch {
	case err != nil:
		s.Reason, s.Detail, s.Err = reasonOf(err), err.Error(), err
		return s
	case r.Code != approved:
		s.Reason, s.Detail = verdictOf(r.Code).reason, words(r)
		return s
	}
	s.Done, s.Agrees, s.Batch, s.Sales, s.SaleCount, s.Detail = true, true, r.Batch, r.Amount, r.Trace, words(r)
	return s
}
