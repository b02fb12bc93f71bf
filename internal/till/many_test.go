package till_test

import (
	"slices"
	"testing"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// numbersOf are the payments listed in doubt, as they are listed.
func numbersOf(doubt []till.Attempt) (ids []string) {
	for _, a := range doubt {
		ids = append(ids, a.Payment.ID)
	}
	return ids
}

// With more in doubt than are listed, the customer at the counter stands first
// and the newest are there: only what is listed can be forced past. All count.
func TestTheCounterIsListedFirst(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(payment.Op, int) mood { return lostBefore }
		var begun []string
		for range 105 {
			w.sale(900)
			begun = append(begun, w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
			time.Sleep(10 * time.Millisecond)
		}
		last := len(begun) - 1
		v := w.snapshot()
		if got, want := numbersOf(v.Doubt), append([]string{begun[last]}, begun[last-99:last]...); v.DoubtCount != 105 || !slices.Equal(got, want) {
			t.Errorf("%d in doubt, listed are %v", v.DoubtCount, got)
		}
		w.do(till.SaleOpen{})
		if got := numbersOf(w.snapshot().Doubt); !slices.Equal(got, begun[last-99:]) {
			t.Errorf("with none of them in front are listed %v", got)
		}
		w.do(till.SaleRecall{Sale: w.payment(begun[0]).Sale})
		v = w.snapshot()
		if got := numbersOf(v.Doubt); v.DoubtCount != 105 || len(got) != 100 || got[0] != begun[0] || got[99] != begun[last] {
			t.Errorf("%d in doubt, with the oldest in front are listed %v", v.DoubtCount, got)
		}
	})
}

// How many payments end together, what a person must do is not pushed out by it,
// nor by a printer; and how each of a bad day ended is told.
func TestEndsPushNothingOut(t *testing.T) {
	inWorld(t, func(w *world) {
		const n = 60
		w.wechat.poor = 1
		_, owed := doubtful(w, 900, time.Now().Add(10*time.Second))
		w.do(till.PaymentForce{Payment: owed.ID, Reason: "顾客急"})
		w.do(till.SalePay{Method: "cash"})
		time.Sleep(10 * time.Minute) // it came, and its refund was refused
		w.wechat.mu.Lock()
		w.wechat.mood = func(payment.Op, int) mood { return lostBefore }
		w.wechat.mu.Unlock()
		for range n {
			w.sale(500)
			w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)})
		}
		w.do(till.SaleOpen{})
		time.Sleep(time.Minute)
		w.wechat.mu.Lock()
		w.wechat.mood = func(payment.Op, int) mood { return fair }
		w.wechat.mu.Unlock()
		for range 20 {
			w.core.DeviceSeen(w.t.Context(), till.Device{Kind: till.DeviceScanner, Name: "left", Line: "serial", State: till.LinkDown, Trouble: "gone"})
			w.core.DeviceSeen(w.t.Context(), till.Device{Kind: till.DeviceScanner, Name: "left", Line: "serial", State: till.LinkUp})
		}
		time.Sleep(time.Hour)
		told := map[string]int{}
		for _, n := range w.snapshot().Notices {
			told[n.Code]++
		}
		if scanners := told[till.NoticeScannerGone] + told[till.NoticeScannerBack]; scanners != 8 {
			w.t.Errorf("%d notices about scanners", scanners)
		}
		if told[till.NoticeRefundOwed] != 1 || told[till.NoticeAsideEnded] < n {
			w.t.Errorf("told %v", told)
		}
	})
}
