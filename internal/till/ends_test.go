package till_test

import (
	"testing"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// A till that is ended while a charge is out takes it up at the next start: one
// charge at the acquirer, one end in the book, the same on both sides. The
// bubble fails when a goroutine of the ended run is left.
func TestEndsInOrderWithAPaymentInFlight(t *testing.T) {
	for name, lost := range map[string]mood{"the request is lost": lostBefore, "the answer is lost": lostAfter, "nothing is lost": fair, "the customer must act": waits} {
		for _, after := range []time.Duration{0, 50 * time.Millisecond, 3 * time.Second, 20 * time.Second} {
			t.Run(name+" "+after.String(), func(t *testing.T) {
				inWorld(t, func(w *world) {
					w.wechat.mood = func(op payment.Op, _ int) mood {
						if op == payment.OpCharge {
							return lost
						}
						return fair
					}
					w.sale(900)
					p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
					time.Sleep(after)
					began := time.Now()
					w.stop()
					if took := time.Since(began); took > schemes.CallTimeout {
						w.t.Errorf("ended after %v", took)
					}
					w.restart()
					p = w.wait(p.ID)
					time.Sleep(time.Hour) // whatever is still watched
					if again := w.payment(p.ID); !again.State.Final() || again.State != p.State {
						w.t.Errorf("%s, then %s", p.State, again.State)
					}
					if n := w.wechat.counts[payment.OpCharge]; n > 1 {
						w.t.Errorf("charged %d times", n)
					}
					ends := 0
					for _, e := range w.do(till.JournalList{Limit: 1000}).([]ledger.Entry) {
						if e.Kind == ledger.KindTillStopped {
							ends++
						}
					}
					if ends != 1 || len(w.snapshot().Doubt) != 0 {
						w.t.Errorf("%d stops in the book; in doubt %+v", ends, w.snapshot().Doubt)
					}
					w.balanced()
				})
			})
		}
	}
}
