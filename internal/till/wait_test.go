package till_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// A program may ask all day about a payment that stays in doubt: whoever has
// stopped waiting is forgotten.
func TestNobodyWaitsForEver(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.customer("password:90")
		c.sale(1136)
		p := c.byCard()
		time.Sleep(time.Second)
		waiting := func(want int) {
			c.t.Helper()
			if n := c.core.Waiting(c.t.Context()); n != want {
				t.Errorf("%d wait, not %d", n, want)
			}
		}
		for range 3 {
			c.do(till.PaymentWait{Payment: p.ID})
			c.do(till.PaymentWait{Payment: p.ID, Timeout: 5 * time.Second})
		}
		waiting(0)
		ctx, cancel := context.WithCancel(c.t.Context())
		gone := make(chan error)
		go func() {
			_, err := c.core.Do(ctx, till.PaymentWait{Payment: p.ID, Timeout: time.Hour})
			gone <- err
		}()
		time.Sleep(time.Second)
		waiting(1)
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		waiting(0)
		if p = c.wait(p.ID); p.State != ledger.PaymentPaid || !p.Amount.Equal(money.Fen(1136)) {
			t.Errorf("%+v", p)
		}
		waiting(0)
	})
}
