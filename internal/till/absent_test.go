package till_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/sandbox"
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

// A channel goes to an acquirer of its own instead of through the bank terminal,
// or the other way round, while a payment and a refund are in doubt. The new one
// knows nothing of either: it is not asked, or it would say that nothing had ever
// left. Nobody is blocked by them, and with the old one back they are found out.
func TestAChannelThatHasMoved(t *testing.T) {
	for _, fromDesk := range []bool{true, false} {
		atBankDesk(t, func(c *bankDesk) {
			desk, own := c.more[payment.UnionPay], newAcquirer(payment.UnionPay)
			pay := func() ledger.Payment {
				code, err := c.box.NewCode("unionpay", sandbox.Customer{Behaviour: "pay"})
				if err != nil {
					t.Fatal(err)
				}
				c.sale(900)
				p := c.do(till.SalePay{Method: "auto", Code: code}).(ledger.Payment)
				time.Sleep(800 * time.Millisecond)
				return p
			}
			old, new := desk, payment.Provider(own)
			if !fromDesk {
				old, new = own, desk
			}
			c.more[payment.UnionPay] = old
			c.signOnAgain()
			paid := pay()
			if p := c.wait(paid.ID); p.State != ledger.PaymentPaid {
				t.Fatalf("%+v", p)
			}
			var back ledger.Refund
			if !fromDesk { // a terminal does one thing at a time
				synctest.Wait()
				own.mood = func(payment.Op, int) mood { return lostAfter }
				back = c.do(till.RefundCreate{Payment: paid.ID, Amount: money.Fen(300), Reason: "坏了"}).(ledger.Refund)
			}
			c.fault("charge", "drop-answer")
			p := pay()

			synctest.Wait()
			own.mood = func(payment.Op, int) mood { return fair }
			c.more[payment.UnionPay] = new
			c.signOnAgain()
			time.Sleep(time.Minute)
			c.do(till.PaymentCancel{Payment: p.ID})
			time.Sleep(time.Hour)
			if p = c.payment(p.ID); p.State.Final() || c.snapshot().DoubtCount != 1 {
				t.Errorf("from the desk %v: %s/%s", fromDesk, p.State, p.Reason)
			}
			if !fromDesk {
				if r := c.do(till.RefundGet{Refund: back.ID}).(ledger.Refund); !r.Open() {
					t.Errorf("refund: %s/%s", r.State, r.Reason)
				}
			}
			c.refuses(till.FaultMethodOff, till.RefundCreate{Payment: paid.ID, Amount: money.Fen(1), Reason: "坏了"})
			c.refuses(till.FaultMethodOff, till.PaymentQuery{Payment: paid.ID})
			c.sale(500)
			if card := c.wait(c.byCard().ID); card.State != ledger.PaymentPaid {
				t.Errorf("the terminal is blocked: %+v", card)
			}
			c.more[payment.UnionPay] = old
			c.signOnAgain()
			time.Sleep(2 * time.Hour)
			if p = c.payment(p.ID); !p.State.Final() || c.snapshot().DoubtCount+c.snapshot().RefundCount != 0 {
				t.Errorf("from the desk %v, and back: %s/%s", fromDesk, p.State, p.Reason)
			}
		})
	}
}
