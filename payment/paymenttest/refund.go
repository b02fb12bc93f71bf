package paymenttest

import (
	"context"
	"slices"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// refunding is the part of the suite for refunds.
type refunding struct {
	*till
	provider payment.Refunder
}

func (r *refunding) refundOf(c payment.Charge, number string, a money.Amount) payment.Refund {
	return payment.Refund{
		Number: c.Order + number, Order: c.Order, Amount: a, Total: c.Amount, Reason: "退货", Cashier: "1001",
	}
}

// finish asks until a refund has ended, as a till does.
func (r *refunding) finish(t *testing.T, f payment.Refund, a payment.RefundAnswer) payment.RefundAnswer {
	t.Helper()
	for range 5 {
		switch a.Outcome {
		case payment.RefundAccepted:
			r.Control.Advance(t, 5*time.Second)
			a = r.provider.QueryRefund(t.Context(), f)
		case payment.RefundUnknown:
			a = r.provider.QueryRefund(t.Context(), f)
			if a.Outcome == payment.RefundUnknown && a.Reason == payment.NotFound {
				a = r.provider.Refund(t.Context(), f)
			}
		default:
			return a
		}
	}
	t.Fatalf("refund %s does not end: %s/%s (%s)", f.Number, a.Outcome, a.Reason, a.Detail)
	return a
}

func (r *refunding) ends(t *testing.T, f payment.Refund, want payment.RefundOutcome) {
	t.Helper()
	a := r.finish(t, f, r.provider.Refund(t.Context(), f))
	if a.Outcome != want {
		t.Errorf("refund of %s: got %s/%s (%s, %v), want %s", f.Amount, a.Outcome, a.Reason, a.Detail, a.Err, want)
	}
}

func (r *refunding) gone(t *testing.T, order string, want int64) {
	t.Helper()
	if e := r.Control.Books(t, order); e.Refunded != want || e.Captured != amount.Minor() {
		t.Errorf("refunded %d fen of %d, want %d: %+v", e.Refunded, e.Captured, want, e)
	}
}

func (r *refunding) refunds(t *testing.T) {
	t.Run("whole", func(t *testing.T) {
		c := r.paid(t)
		r.ends(t, r.refundOf(c, "_A", c.Amount), payment.RefundPaid)
		r.gone(t, c.Order, amount.Minor())
	})
	t.Run("in parts", func(t *testing.T) {
		c := r.paid(t)
		r.ends(t, r.refundOf(c, "_A", money.Fen(136)), payment.RefundPaid)
		r.ends(t, r.refundOf(c, "_B", money.Fen(500)), payment.RefundPaid)
		r.ends(t, r.refundOf(c, "_C", money.Fen(501)), payment.RefundRefused)
		r.ends(t, r.refundOf(c, "_D", money.Fen(500)), payment.RefundPaid)
		r.ends(t, r.refundOf(c, "_E", money.Fen(1)), payment.RefundRefused)
		r.gone(t, c.Order, amount.Minor())
	})
	t.Run("more than was paid", func(t *testing.T) {
		c := r.paid(t)
		r.ends(t, r.refundOf(c, "_A", c.Amount.Add(money.Fen(1))), payment.RefundRefused)
		r.gone(t, c.Order, 0)
	})
	t.Run("numbers", r.numbers)
}

// numbers holds that a refund is known by its number.
func (r *refunding) numbers(t *testing.T) {
	t.Run("same number twice", func(t *testing.T) {
		c := r.paid(t)
		whole := r.refundOf(c, "_A", c.Amount)
		r.ends(t, whole, payment.RefundPaid)
		r.ends(t, whole, payment.RefundPaid)
		r.gone(t, c.Order, amount.Minor())
		part := r.refundOf(r.paid(t), "_A", money.Fen(100))
		r.ends(t, part, payment.RefundPaid)
		r.ends(t, part, payment.RefundPaid)
		r.gone(t, part.Order, 100)
	})
	t.Run("same number, other amount", func(t *testing.T) {
		c := r.paid(t)
		r.ends(t, r.refundOf(c, "_A", money.Fen(100)), payment.RefundPaid)
		if a := r.provider.Refund(t.Context(), r.refundOf(c, "_A", money.Fen(200))); a.Outcome == payment.RefundPaid {
			t.Error("a refund that never was is called done")
		}
		r.gone(t, c.Order, 100)
	})
	t.Run("never asked for", func(t *testing.T) {
		f := r.refundOf(r.paid(t), "_A", money.Fen(100))
		if a := r.provider.QueryRefund(t.Context(), f); a.Outcome != payment.RefundUnknown || a.Reason != payment.NotFound {
			t.Errorf("query: %s/%s", a.Outcome, a.Reason)
		}
	})
}

func (r *refunding) refundFaults(t *testing.T) {
	for _, fault := range slices.Concat(blinding, lying, harmless, []string{"late-success"}) {
		t.Run(fault, func(t *testing.T) {
			c := r.paid(t)
			f := r.refundOf(c, "_A", money.Fen(400))
			var a payment.RefundAnswer
			r.under(t, "refund", fault, func(ctx context.Context) { a = r.provider.Refund(ctx, f) })
			if certain := a.Outcome == payment.RefundPaid || a.Outcome == payment.RefundRefused; certain && !slices.Contains(harmless, fault) {
				t.Errorf("a blind refund is certain: %s/%s (%s)", a.Outcome, a.Reason, a.Detail)
			}
			if a = r.finish(t, f, a); a.Outcome != payment.RefundPaid {
				t.Errorf("refund: %s/%s (%s)", a.Outcome, a.Reason, a.Detail)
			}
			r.gone(t, c.Order, 400)
		})
	}
	if r.Cards {
		return
	}
	for _, fault := range slices.Concat(blinding, lying) {
		t.Run("query "+fault, func(t *testing.T) {
			f := r.refundOf(r.paid(t), "_A", money.Fen(400))
			r.ends(t, f, payment.RefundPaid)
			r.under(t, "query", fault, func(ctx context.Context) {
				if a := r.provider.QueryRefund(ctx, f); a.Outcome != payment.RefundUnknown && !askedAgain(fault, a.Outcome == payment.RefundPaid) {
					t.Errorf("query: %s/%s (%s)", a.Outcome, a.Reason, a.Detail)
				}
			})
		})
	}
}
