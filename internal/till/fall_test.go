package till_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// A core that falls in the middle of a payment stops at once; the next start
// lands on the sale and finds out about the money.
func TestAFallenCoreIsStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.falls = true
		sale := w.sale(1250)
		w.written = func(b ledger.Batch) {
			for _, d := range b.Drafts {
				if m, ok := d.Payload.(ledger.PaymentMoved); ok && m.State == ledger.PaymentPaid {
					panic("134567890123456789")
				}
			}
		}
		started := w.do(till.SalePay{Sale: sale.ID, Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Minute)
		_, err := w.core.Do(t.Context(), till.SaleGet{Sale: sale.ID})
		var f *till.Fault
		if !errors.As(err, &f) || f.Code != till.FaultClosing {
			t.Fatalf("a fallen core answers: %v", err)
		}
		w.written = nil
		w.restart()
		if front := w.snapshot().Sale; front == nil || front.ID != sale.ID {
			t.Fatalf("in front after the restart: %+v", front)
		}
		if p := w.wait(started.ID); p.State != ledger.PaymentPaid {
			t.Errorf("the payment is %s", p.State)
		}
		w.balanced()
	})
}
