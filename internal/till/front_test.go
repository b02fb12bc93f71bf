package till_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// What the screen shows of a sale that was charged more than once is the attempt
// that counts, not the one that began last.
func TestTheAttemptInFront(t *testing.T) {
	soon := 10 * time.Minute
	forced := func(w *world) ledger.Payment {
		_, p := doubtful(w, 900, time.Now().Add(soon))
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		return p
	}
	inFront := func(w *world, id string, state ledger.PaymentState, sale ledger.SaleState) {
		w.t.Helper()
		v := w.snapshot()
		if v.Sale == nil || v.Attempt == nil || v.Attempt.Payment.ID != id || v.Attempt.Payment.State != state || v.Sale.State != sale {
			w.t.Fatalf("want %s %s of a sale %s:\n%+v\n%+v", id, state, sale, v.Attempt, v.Sale)
		}
	}
	t.Run("a later one ends without money after the forced one has paid", func(t *testing.T) {
		inWorld(t, func(w *world) {
			first := forced(w)
			w.alipay.mood = func(op payment.Op, _ int) mood {
				if op == payment.OpCharge {
					return waits
				}
				return lostBefore
			}
			second := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
			time.Sleep(time.Second)
			inFront(w, second.ID, ledger.PaymentWaiting, ledger.SaleOpen)
			if first = w.wait(first.ID); first.State != ledger.PaymentPaid {
				w.t.Fatalf("%+v", first)
			}
			w.alipay.mu.Lock()
			w.alipay.mood = func(payment.Op, int) mood { return fair }
			w.alipay.mu.Unlock()
			w.wait(second.ID)
			inFront(w, first.ID, ledger.PaymentPaid, ledger.SaleDone)
		})
	})
	t.Run("the forced one pays after a later one has ended", func(t *testing.T) {
		inWorld(t, func(w *world) {
			first := forced(w)
			w.alipay.mood = func(payment.Op, int) mood { return declines }
			second := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
			w.wait(second.ID)
			inFront(w, second.ID, ledger.PaymentDeclined, ledger.SaleOpen)
			w.wait(first.ID)
			inFront(w, first.ID, ledger.PaymentPaid, ledger.SaleDone)
		})
	})
	t.Run("the change of a sale done in cash stays when the forced one pays too", func(t *testing.T) {
		inWorld(t, func(w *world) {
			first := forced(w)
			cash := w.do(till.SalePay{Method: "cash", Tendered: money.Fen(1000)}).(ledger.Payment)
			w.wait(first.ID)
			inFront(w, cash.ID, ledger.PaymentPaid, ledger.SaleDone)
		})
	})
	t.Run("one given up is paid late", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.wechat.stubborn = true
			w.sale(800)
			first := w.do(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment)
			time.Sleep(2 * time.Second)
			w.do(till.PaymentCancel{Payment: first.ID})
			w.wait(first.ID)
			w.alipay.mood = func(payment.Op, int) mood { return declines }
			second := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
			w.wait(second.ID)
			back := time.Now().Add(soon)
			w.wechat.mu.Lock()
			w.wechat.orders[first.Order].gone, w.wechat.orders[first.Order].paid = false, true
			w.wechat.mood = func(op payment.Op, _ int) mood {
				if op == payment.OpReverse && time.Now().Before(back) {
					return lostBefore
				}
				return fair
			}
			w.wechat.mu.Unlock()
			time.Sleep(5 * time.Minute)
			inFront(w, first.ID, ledger.PaymentChecking, ledger.SaleOpen)
			time.Sleep(time.Hour)
			inFront(w, first.ID, ledger.PaymentPaid, ledger.SaleDone)
		})
	})
}

// How a payment ended whose sale was put aside is told: nothing on the screen in
// front changes. Of the sale in front the screen itself tells.
func TestHowAPaymentPutAsideEndedIsTold(t *testing.T) {
	inWorld(t, func(w *world) {
		told := func() (of []string) {
			for _, n := range w.snapshot().Notices {
				if n.Code == till.NoticeAsideEnded {
					of = append(of, n.Payment+" "+n.Args[1].(string))
				}
			}
			return of
		}
		_, aside := doubtful(w, 900, time.Now().Add(10*time.Second))
		_, inFront := doubtful(w, 500, time.Now().Add(10*time.Second))
		w.wait(aside.ID)
		w.wait(inFront.ID)
		if got := told(); !slices.Equal(got, []string{aside.ID + " paid"}) {
			w.t.Errorf("told %v", got)
		}
	})
}

// A sale that is done with what was paid before answers with that payment, not
// with a later one that brought nothing.
func TestASaleDoneByAnEarlierPaymentSaysSo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(600)
		w.do(till.SaleAdd{Amount: money.Fen(200)})
		part := w.do(till.SalePay{Method: "cash", Amount: money.Fen(600)}).(ledger.Payment)
		w.alipay.mood = func(payment.Op, int) mood { return declines }
		failed := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		w.wait(failed.ID)
		w.do(till.SaleRemove{Line: 2})
		if got := w.do(till.SalePay{Method: "cash"}).(ledger.Payment); got.ID != part.ID {
			t.Errorf("answered with %+v", got)
		}
		if v := w.snapshot(); v.Sale.State != ledger.SaleDone || v.Attempt == nil || v.Attempt.Payment.ID != part.ID {
			t.Errorf("in front: %+v of %+v", v.Attempt, v.Sale)
		}
	})
}

// The clock is set back between two payments of a sale: the screen still shows
// the one that ended last.
func TestTheAttemptInFrontWhateverTheClockSays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.stop()
		var back atomic.Int64
		w.clock = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		w.start()
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		w.sale(1000)
		w.do(till.SalePay{Method: "cash", Amount: money.Fen(400)})
		back.Store(int64(time.Minute))
		w.alipay.mood = func(payment.Op, int) mood { return declines }
		second := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		w.wait(second.ID)
		if v := w.snapshot(); v.Attempt == nil || v.Attempt.Payment.ID != second.ID {
			t.Errorf("in front: %+v", v.Attempt)
		}
	})
}
