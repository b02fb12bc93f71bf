package till_test

import (
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// repeats are the reversals and refunds that a till sends in half an hour
// without a line.
func repeats(w *world) (reversals, refunds int) {
	paid := w.do(till.SalePay{Sale: w.sale(900).ID, Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
	paid = w.wait(paid.ID)
	up := time.Now().Add(30 * time.Minute)
	down := func(payment.Op, int) mood {
		if time.Now().Before(up) {
			return lostBefore
		}
		return fair
	}
	w.wechat.mood, w.alipay.mood = down, down
	w.do(till.RefundCreate{Payment: paid.ID, Amount: money.Fen(100), Reason: "broken"})
	w.do(till.SalePay{Sale: w.sale(500).ID, Method: "auto", Code: code(payment.WeChat)})
	time.Sleep(time.Until(up))
	w.wechat.mu.Lock()
	reversals = w.wechat.counts[payment.OpReverse]
	w.wechat.mu.Unlock()
	w.alipay.mu.Lock()
	refunds = w.alipay.counts["refund"] + w.alipay.counts["refundquery"]
	w.alipay.mu.Unlock()
	time.Sleep(time.Hour)
	w.balanced()
	return reversals, refunds
}

// Tills that lost the line together shall not come back together: what is
// repeated is put off by as much as the wiring says.
func TestRepeatsAreSpread(t *testing.T) {
	var plain, spread struct{ reversals, refunds, asked int }
	inWorld(t, func(w *world) { plain.reversals, plain.refunds = repeats(w) })
	inWorld(t, func(w *world) {
		w.stop()
		w.set.Jitter = func(most time.Duration) time.Duration {
			if most <= 0 {
				t.Errorf("asked for at most %v", most)
			}
			spread.asked++
			return 10 * most // as long again as the pause itself
		}
		w.start()
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		spread.reversals, spread.refunds = repeats(w)
	})
	if plain.reversals < 10 || plain.refunds < 10 || spread.asked < 10 {
		t.Fatalf("too few to tell: %+v, %+v", plain, spread)
	}
	if spread.reversals > plain.reversals*3/4 || spread.refunds > plain.refunds*3/4 {
		t.Errorf("%+v without, %+v with", plain, spread)
	}
}
