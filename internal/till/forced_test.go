package till_test

import (
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// doubtful is a sale of one line whose WeChat payment is in doubt until the
// line is up again, though the customer has paid.
func doubtful(w *world, fen int64, up time.Time) (ledger.Sale, ledger.Payment) {
	w.wechat.mood = func(payment.Op, int) mood {
		if time.Now().Before(up) {
			return lostAfter
		}
		return fair
	}
	w.wechat.stubborn = true
	s := w.sale(fen)
	p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
	time.Sleep(time.Second)
	return s, p
}

// The customer of a forced payment leaves without the goods; the payment turns
// out paid, is booked, and goes back.
func TestForcedPaymentOfASaleWithoutGoods(t *testing.T) {
	inWorld(t, func(w *world) {
		s, p := doubtful(w, 900, time.Now().Add(10*time.Minute))
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		w.do(till.SaleRemove{Sale: s.ID})
		time.Sleep(time.Hour)
		if p = w.payment(p.ID); p.State != ledger.PaymentPaid || !p.Refunded.Equal(money.Fen(900)) {
			t.Fatalf("%+v", p)
		}
		w.balanced()
	})
}
