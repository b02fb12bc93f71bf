package till_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/pinpad"
)

// countedLine counts the requests that leave for the terminal.
type countedLine struct {
	io.ReadWriteCloser
	left *atomic.Int32
}

func (l countedLine) Write(p []byte) (int, error) {
	if len(p) > 1 { // not an acknowledgement
		l.left.Add(1)
	}
	return l.ReadWriteCloser.Write(p)
}

// What a manager has read on the slip stands: asked about later, the payment is
// what it is, and the terminal, which cannot tell, is not asked for ever.
// Nothing of what others paid there is voided.
func TestWhatTheSlipSaidIsNotAskedAgain(t *testing.T) {
	var left atomic.Int32
	counted := func(set *pinpad.Config) {
		dial := set.Dial
		set.Dial = func(ctx context.Context) (io.ReadWriteCloser, error) {
			line, err := dial(ctx)
			return countedLine{line, &left}, err
		}
	}
	deskWith(t, counted, func(c *bankDesk) {
		p := c.untold()
		if s := c.snapshot(); s.Attempt == nil || !s.Attempt.Decide {
			t.Fatalf("%+v", s.Attempt)
		}
		if p = c.do(till.PaymentDecide{Payment: p.ID, Reason: "核对签购单"}).(ledger.Payment); p.State != ledger.PaymentDeclined {
			t.Fatalf("%+v", p)
		}
		asked := left.Load()
		for range 2 {
			said := c.do(till.PaymentQuery{Payment: p.ID}).(till.Asked)
			if said.Heard || said.Payment.State != ledger.PaymentDeclined || said.Payment.Reason != string(payment.SlipSays) {
				t.Errorf("%+v", said)
			}
			time.Sleep(24 * time.Hour)
			c.restart()
			time.Sleep(24 * time.Hour)
		}
		if n := left.Load(); n != asked {
			t.Errorf("the terminal was asked %d times for what it cannot tell", n-asked)
		}
		if got := c.do(till.PaymentGet{Payment: p.ID}).(ledger.Payment); got.State != ledger.PaymentDeclined || got.Reason != string(payment.SlipSays) {
			t.Errorf("%+v", got)
		}
		entries, err := c.box.Books()
		if err != nil || len(entries) != 2 || entries[0].Reversed+entries[1].Reversed != 0 {
			t.Errorf("%+v, %v", entries, err)
		}
		c.balanced()
	})
}
