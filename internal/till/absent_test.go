package till_test

import (
	"slices"
	"testing"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// A channel that leaves the configuration takes its doubts out of nobody's
// sight: they are listed and told, a manager may let the sale be charged again,
// and with the channel back the till finds out.
func TestAChannelThatHasGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(op payment.Op, _ int) mood {
			return map[bool]mood{true: lostAfter, false: lostBefore}[op == payment.OpCharge]
		}
		sale := w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Second)
		w.more = map[payment.Channel]payment.Provider{payment.WeChat: nil}
		w.signOnAgain()
		time.Sleep(time.Hour)
		v := w.snapshot()
		if v.DoubtCount != 1 || len(v.Doubt) != 1 || v.Doubt[0].Payment.ID != p.ID || v.Doubt[0].Payment.Reason != string(payment.ChannelOff) {
			w.t.Fatalf("%d in doubt: %+v", v.DoubtCount, v.Doubt)
		}
		if !slices.ContainsFunc(v.Notices, func(n till.Notice) bool { return n.Code == till.NoticeChannelGone }) {
			w.t.Errorf("told: %+v", v.Notices)
		}
		if a := w.do(till.PaymentQuery{Payment: p.ID}).(till.Asked); a.Outcome != payment.Unknown {
			w.t.Errorf("nobody can be asked, and says %v", a.Outcome)
		}
		w.refuses(till.FaultPaymentOpen, till.SalePay{Sale: sale.ID, Method: "cash"})
		w.do(till.PaymentForce{Payment: p.ID, Reason: "渠道停用"})
		w.do(till.SalePay{Sale: sale.ID, Method: "cash"})
		w.more = nil
		w.wechat.mood = func(payment.Op, int) mood { return fair }
		w.signOnAgain()
		time.Sleep(2 * time.Hour)
		if v := w.snapshot(); v.DoubtCount != 0 || w.wechat.kept().Positive() {
			w.t.Errorf("%d in doubt, the acquirer keeps %v", v.DoubtCount, w.wechat.kept())
		}
		w.balanced()
	})
}
