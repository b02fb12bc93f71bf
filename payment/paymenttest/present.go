package paymenttest

import (
	"context"
	"slices"
	"testing"
	"time"

	"abacus/payment"
)

// presenting is the part of the suite for order codes.
type presenting struct {
	*till
	provider payment.Presenter
}

// orderLife is how long an order of the suite lives where nobody ends it.
const orderLife = 10 * time.Minute

// show registers an order and returns its code.
func (p *presenting) show(t *testing.T) (payment.Charge, string) {
	t.Helper()
	c := p.charge("")
	c.Expires, c.Life = time.Now().Add(orderLife), orderLife
	a := p.provider.Present(t.Context(), c)
	expect(t, "present", a, payment.Waiting)
	if a.OrderCode == "" {
		t.Fatalf("no order code: %+v", a)
	}
	return c, a.OrderCode
}

// end ends an order code the way a till does.
func (p *presenting) end(ctx context.Context, c payment.Charge) payment.Answer {
	a := p.provider.Close(ctx, orderOf(c))
	if a.Outcome == payment.Unknown && a.Reason == payment.NotFound {
		return p.provider.Reverse(ctx, orderOf(c))
	}
	return a
}

func (p *presenting) presents(t *testing.T) {
	t.Run("scanned and paid", func(t *testing.T) {
		c, code := p.show(t)
		if a := p.provider.Query(t.Context(), orderOf(c)); a.Outcome != payment.Waiting && a.Reason != payment.NotFound {
			t.Errorf("query before the scan: %s/%s", a.Outcome, a.Reason)
		}
		p.Control.Scan(t, code, Customer{})
		expect(t, "query", p.provider.Query(t.Context(), orderOf(c)), payment.Paid)
		p.books(t, orderOf(c), payment.Paid)
	})
	t.Run("scanned, password", func(t *testing.T) {
		c, code := p.show(t)
		p.Control.Scan(t, code, Customer{Behaviour: "password:5"})
		a := p.provider.Query(t.Context(), orderOf(c))
		expect(t, "query", a, payment.Waiting)
		if a.Reason != payment.Password {
			t.Errorf("scanned, entering the password: reason %q", a.Reason)
		}
		p.Control.Advance(t, 6*time.Second)
		expect(t, "query", p.provider.Query(t.Context(), orderOf(c)), payment.Paid)
	})
	t.Run("nobody scans", func(t *testing.T) {
		c, code := p.show(t)
		expect(t, "close", p.end(t.Context(), c), payment.Reversed)
		expect(t, "close again", p.end(t.Context(), c), payment.Reversed)
		if p.Control.Scan(t, code, Customer{}) {
			t.Error("a closed code can still be paid")
		}
		p.books(t, orderOf(c), payment.Reversed)
	})
	t.Run("left alone, as by a till without power", func(t *testing.T) {
		c, code := p.show(t)
		p.Control.Advance(t, orderLife)
		if p.Control.Scan(t, code, Customer{}) {
			t.Error("a code that nobody looks after can still be paid")
		}
		p.books(t, orderOf(c), payment.Reversed)
	})
	t.Run("scanned and left", func(t *testing.T) {
		c, code := p.show(t)
		p.Control.Scan(t, code, Customer{Behaviour: "never"})
		expect(t, "close", p.end(t.Context(), c), payment.Reversed)
		if p.Control.Scan(t, code, Customer{}) {
			t.Error("a closed code can still be paid")
		}
		p.books(t, orderOf(c), payment.Reversed)
	})
	t.Run("customer is faster", func(t *testing.T) {
		c, code := p.show(t)
		p.Control.Scan(t, code, Customer{})
		expect(t, "close", p.provider.Close(t.Context(), orderOf(c)), payment.Paid)
		p.books(t, orderOf(c), payment.Paid)
	})
	t.Run("shown twice", func(t *testing.T) {
		c, _ := p.show(t)
		a := p.provider.Present(t.Context(), c)
		expect(t, "present again", a, payment.Waiting)
		p.Control.Scan(t, a.OrderCode, Customer{})
		expect(t, "query", p.provider.Query(t.Context(), orderOf(c)), payment.Paid)
		p.books(t, orderOf(c), payment.Paid)
	})
}

func (p *presenting) presentFaults(t *testing.T) {
	for _, fault := range blinding {
		t.Run(fault, func(t *testing.T) {
			c := p.charge("")
			p.under(t, "present", fault, func(ctx context.Context) {
				a := p.provider.Present(ctx, c)
				expect(t, "present", a, payment.Unknown)
				if a.OrderCode != "" {
					t.Errorf("a code is shown of an order in doubt: %q", a.OrderCode)
				}
			})
			expect(t, "close", p.end(t.Context(), c), payment.Reversed)
			p.books(t, orderOf(c), payment.Reversed)
		})
	}
	for _, fault := range slices.Concat(harmless, lying) {
		t.Run(fault, func(t *testing.T) {
			c := p.charge("")
			p.under(t, "present", fault, func(ctx context.Context) {
				a := p.provider.Present(ctx, c)
				if a.Outcome != payment.Waiting && (fault != "wrong-order" || a.Reason != payment.WrongOrder) {
					t.Errorf("present: %s/%s", a.Outcome, a.Reason)
				}
			})
			expect(t, "close", p.end(t.Context(), c), payment.Reversed)
		})
	}
}

func (p *presenting) closeFaults(t *testing.T) {
	for _, fault := range blinding {
		t.Run(fault, func(t *testing.T) {
			c, code := p.show(t)
			p.under(t, "close", fault, func(ctx context.Context) {
				expect(t, "close", p.provider.Close(ctx, orderOf(c)), payment.Unknown)
			})
			expect(t, "close again", p.end(t.Context(), c), payment.Reversed)
			if p.Control.Scan(t, code, Customer{}) {
				t.Error("a closed code can still be paid")
			}
			p.books(t, orderOf(c), payment.Reversed)
		})
		t.Run("paid "+fault, func(t *testing.T) {
			c, code := p.show(t)
			p.Control.Scan(t, code, Customer{})
			p.under(t, "close", fault, func(ctx context.Context) {
				expect(t, "close", p.provider.Close(ctx, orderOf(c)), payment.Unknown)
			})
			expect(t, "close again", p.provider.Close(t.Context(), orderOf(c)), payment.Paid)
			p.books(t, orderOf(c), payment.Paid)
		})
	}
	for _, fault := range slices.Concat(harmless, lying, []string{"late-success"}) {
		t.Run(fault, func(t *testing.T) {
			c, _ := p.show(t)
			p.under(t, "close", fault, func(ctx context.Context) {
				a := p.end(ctx, c)
				if a.Outcome != payment.Reversed && (fault != "wrong-order" || a.Reason != payment.WrongOrder) {
					t.Errorf("close: %s/%s", a.Outcome, a.Reason)
				}
			})
			p.watch(t, orderOf(c)) // under late-success the acquirer only pretended
			p.books(t, orderOf(c), payment.Reversed)
		})
	}
}
