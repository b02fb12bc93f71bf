package till_test

import (
	"slices"
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
	w.wechat.mu.Lock()
	w.wechat.mood = func(payment.Op, int) mood {
		if time.Now().Before(up) {
			return lostAfter
		}
		return fair
	}
	w.wechat.stubborn = true
	w.wechat.mu.Unlock()
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

// Goods that come after that are another customer's: the late money does not pay
// for them, also where its refund is refused.
func TestLateMoneyPaysNobodyElsesGoods(t *testing.T) {
	inWorld(t, func(w *world) {
		s, p := doubtful(w, 900, time.Now().Add(10*time.Minute))
		w.wechat.poor = 1
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		w.do(till.SaleRemove{Sale: s.ID})
		time.Sleep(time.Hour)
		if p = w.payment(p.ID); p.State != ledger.PaymentPaid || !p.Refunded.IsZero() {
			w.t.Fatalf("%+v", p)
		}
		if next := w.do(till.SaleAdd{Amount: money.Fen(900)}).(ledger.Sale); next.ID == s.ID || !next.Due().Equal(money.Fen(900)) {
			w.t.Errorf("the next customer's goods: %+v", next)
		}
		s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale)
		if s.State != ledger.SaleVoid || !s.Surplus().Equal(money.Fen(900)) {
			w.t.Errorf("%+v", s)
		}
		if again := w.do(till.RefundRetry{Refund: p.Refunds[0]}).(ledger.Refund); !again.Amount.Equal(money.Fen(900)) {
			w.t.Errorf("%+v", again)
		}
		time.Sleep(time.Minute)
		w.balanced()
	})
}

// What a forced payment brings above what is still due goes back, not more.
func TestForcedPaymentAboveALaterDiscount(t *testing.T) {
	inWorld(t, func(w *world) {
		s, p := doubtful(w, 900, time.Now().Add(10*time.Minute))
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		w.do(till.SaleDiscount{Sale: s.ID, Amount: money.Fen(100), Reason: "等久了"})
		time.Sleep(time.Hour)
		p, s = w.payment(p.ID), w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale)
		if p.State != ledger.PaymentPaid || !p.Refunded.Equal(money.Fen(100)) || s.State != ledger.SaleDone {
			t.Fatalf("%+v\n%+v", p, s)
		}
		w.balanced()
	})
}

// A late payment and its refund are one entry in the book: whatever happens
// after the payment is booked, it goes back.
func TestLatePaymentIsBookedWithItsRefund(t *testing.T) {
	inWorld(t, func(w *world) {
		s, p := doubtful(w, 900, time.Now().Add(10*time.Minute))
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		w.do(till.SalePay{Sale: s.ID, Method: "cash"})
		w.wait(p.ID)
		entries := w.do(till.JournalList{Limit: 1000}).([]ledger.Entry)
		at := slices.IndexFunc(entries, func(e ledger.Entry) bool { return e.Kind == ledger.KindRefundStarted })
		if at < 1 || entries[at-1].Kind != ledger.KindPaymentMoved || !entries[at].Time.Equal(entries[at-1].Time) {
			t.Fatalf("the refund is entry %d of %+v", at, entries)
		}
		time.Sleep(time.Minute)
		// The customer reads the reason in the acquirer's app and on the slip;
		// programs know it by the word in the book.
		r := w.do(till.RefundGet{Refund: p.ID + "-R1"}).(ledger.Refund)
		slip, err := w.core.SlipOf(w.t.Context(), r.ID)
		if err != nil || r.Cause != "late" || w.wechat.why != "款项迟到" || slip.Reason != "款项迟到" {
			t.Errorf("the reason is %q, %q at the acquirer, %q on the slip, %v", r.Cause, w.wechat.why, slip.Reason, err)
		}
		w.balanced()
	})
}

// Money that comes late to a sale whose other tender was given back meanwhile:
// whether that was for goods, or because somebody knew of this money, the till
// cannot know. It keeps the money, and tells.
func TestLateMoneyAfterAReturn(t *testing.T) {
	inWorld(t, func(w *world) {
		s, p := doubtful(w, 900, time.Now().Add(30*time.Minute))
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		cash := w.do(till.SalePay{Sale: s.ID, Method: "cash"}).(ledger.Payment)
		w.do(till.RefundCreate{Payment: cash.ID, Reason: "退货"})
		time.Sleep(2 * time.Hour)
		if p = w.payment(p.ID); p.State != ledger.PaymentPaid || !p.Refunded.IsZero() {
			w.t.Fatalf("%s, %v went back", p.State, p.Refunded)
		}
		if !slices.ContainsFunc(w.snapshot().Notices, func(n till.Notice) bool { return n.Code == till.NoticeLateKept }) {
			w.t.Errorf("told: %+v", w.snapshot().Notices)
		}
		doubles := w.do(till.Doubles{Days: 3}).([]till.Double)
		if len(doubles) != 1 || doubles[0].Why != till.DoubleLate || doubles[0].Payment.ID != p.ID || doubles[0].Amount.Minor() != 900 {
			w.t.Errorf("listed: %+v", doubles)
		}
		w.do(till.RefundCreate{Payment: p.ID, Reason: "退给顾客"})
		time.Sleep(time.Minute)
		if doubles := w.do(till.Doubles{Days: 3}).([]till.Double); len(doubles) != 0 {
			w.t.Errorf("after it went back: %+v", doubles)
		}
	})
}

// A manager lets the sale be charged again; what was in doubt turns out paid
// days later and goes back (complaint 11).
func TestForcedPaymentIsChased(t *testing.T) {
	inWorld(t, func(w *world) {
		up := time.Now().Add(5 * time.Hour)
		w.wechat.mood = func(op payment.Op, _ int) mood {
			if time.Now().Before(up) {
				return lostAfter // everything arrives, nothing comes back
			}
			return fair
		}
		w.wechat.stubborn = true
		s := w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Minute)
		w.do(till.Logout{})
		w.do(till.Login{Operator: "1002", PIN: "246810"})
		w.refuses(till.FaultNotPermitted, till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		w.do(till.Logout{})
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		w.refuses(till.FaultReasonNeeded, till.PaymentForce{Payment: p.ID})
		w.refuses(till.FaultReasonNeeded, till.PaymentForce{Payment: p.ID, Reason: " \u3000"})
		w.refuses(till.FaultPaymentOpen, till.SalePay{Sale: s.ID, Method: "cash"})
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		w.do(till.SalePay{Sale: s.ID, Method: "cash"})
		time.Sleep(8 * time.Hour)
		if p = w.payment(p.ID); !p.State.Final() || !p.Forced {
			t.Fatalf("%+v", p)
		}
		if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != ledger.SaleDone {
			t.Fatalf("%+v", s)
		}
		w.balanced()
	})
}

// Two attempts of one sale in the air, one of them forced: whichever order they
// end in, the sale is finished once and what is too much goes back.
func TestForcedAndSecondBothPay(t *testing.T) {
	for _, firstEnds := range []time.Duration{20 * time.Second, 3 * time.Minute} {
		inWorld(t, func(w *world) {
			up := time.Now().Add(firstEnds)
			w.wechat.stubborn = true
			w.wechat.mood = func(payment.Op, int) mood {
				if time.Now().Before(up) {
					return lostAfter
				}
				return fair
			}
			w.alipay.mood = func(op payment.Op, _ int) mood {
				if op == payment.OpCharge {
					return waits
				}
				return fair
			}
			s := w.sale(900)
			first := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
			time.Sleep(9 * time.Second)
			w.do(till.PaymentForce{Payment: first.ID, Reason: "顾客急"})
			second := w.do(till.SalePay{Sale: s.ID, Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
			time.Sleep(14 * time.Second)
			w.alipay.customerPays(second.Order)
			time.Sleep(20 * time.Minute)
			if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != ledger.SaleDone || !s.Paid.Sub(s.Refunded).Equal(s.Total) {
				t.Fatalf("%+v", s)
			}
			w.balanced()
		})
	}
}

// Goods scanned onto a sale that was emptied while its payment is in doubt are
// the next customer's: they are rung up on a sale of their own, and the money
// goes back when it comes.
func TestMoneyInDoubtPaysNobodyElsesGoods(t *testing.T) {
	for name, forced := range map[string]bool{"forced past": true, "given up, and paid late": false} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				s, p := doubtful(w, 900, time.Now().Add(10*time.Minute))
				if forced {
					w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
				} else {
					w.wechat.mu.Lock()
					w.wechat.mood = func(payment.Op, int) mood { return fair }
					w.wechat.orders[p.Order].gone, w.wechat.orders[p.Order].paid = true, false
					w.wechat.mu.Unlock()
					w.do(till.PaymentCancel{Payment: p.ID})
					if p = w.wait(p.ID); p.State != ledger.PaymentReversed && p.State != ledger.PaymentDeclined {
						w.t.Fatalf("%+v", p)
					}
				}
				w.do(till.SaleRemove{Sale: s.ID})
				next := w.do(till.SaleAdd{Amount: money.Fen(900)}).(ledger.Sale)
				if next.ID == s.ID || len(next.Lines) != 1 || next.State != ledger.SaleOpen {
					w.t.Fatalf("the next customer's goods: %+v", next)
				}
				if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); (s.State == ledger.SaleVoid) == forced {
					w.t.Errorf("the emptied sale is %s", s.State)
				}
				if !forced {
					w.wechat.mu.Lock()
					w.wechat.orders[p.Order].gone, w.wechat.orders[p.Order].paid = false, true
					w.wechat.mu.Unlock()
				}
				time.Sleep(time.Hour)
				if forced {
					if p = w.payment(p.ID); p.State != ledger.PaymentPaid || !p.Refunded.Equal(p.Amount) {
						w.t.Errorf("%+v", p)
					}
				}
				if now := w.do(till.SaleGet{Sale: next.ID}).(ledger.Sale); now.State != ledger.SaleOpen || !now.Paid.IsZero() {
					w.t.Errorf("the next customer's goods: %+v", now)
				}
				w.balanced()
			})
		})
	}
}

// What becomes of a payment that its sale went past is told, though the sale is
// still in front: that shows what it was done with, or the attempt that followed.
func TestTheEndOfAForcedPaymentIsTold(t *testing.T) {
	in := func(name string, f func(*world)) { t.Run(name, func(t *testing.T) { inWorld(t, f) }) }
	told := func(w *world, p ledger.Payment, state ledger.PaymentState) {
		w.t.Helper()
		notices := w.snapshot().Notices
		if !slices.ContainsFunc(notices, func(n till.Notice) bool {
			return n.Code == till.NoticeAsideEnded && n.Payment == p.ID && n.Args[1] == string(state)
		}) {
			w.t.Errorf("of %s, %s, was told: %+v", p.ID, w.payment(p.ID).State, notices)
		}
	}
	line := func(w *world, up time.Time) {
		w.wechat.mood = func(payment.Op, int) mood {
			if time.Now().Before(up) {
				return lostBefore
			}
			return fair
		}
	}
	in("the sale is done by other means", func(w *world) {
		line(w, time.Now().Add(10*time.Minute))
		s := w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Second)
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		w.do(till.SalePay{Sale: s.ID, Method: "cash"})
		time.Sleep(time.Hour)
		told(w, p, ledger.PaymentReversed)
	})
	in("another attempt is on the screen", func(w *world) {
		line(w, time.Now().Add(10*time.Minute))
		w.alipay.mood = func(payment.Op, int) mood { return lostBefore }
		s := w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Second)
		w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
		second := w.do(till.SalePay{Sale: s.ID, Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		time.Sleep(time.Hour)
		told(w, p, ledger.PaymentReversed)
		w.alipay.mood = func(payment.Op, int) mood { return fair }
		w.wait(second.ID)
		time.Sleep(time.Second)
		if slices.ContainsFunc(w.snapshot().Notices, func(n till.Notice) bool { return n.Code == till.NoticeAsideEnded && n.Payment == second.ID }) {
			w.t.Error("what the front shows is told twice")
		}
	})
	in("it turned up when it was reversed, and is taken back", func(w *world) {
		w.wechat.mood = func(op payment.Op, _ int) mood {
			if op == payment.OpCharge {
				return lostBefore
			}
			return fair
		}
		w.sale(800)
		p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		w.do(till.SalePay{Method: "cash"})
		w.wechat.mu.Lock()
		w.wechat.orders[p.Order] = &order{amount: p.Amount, paid: true, refunds: map[string]money.Amount{}}
		w.wechat.mu.Unlock()
		time.Sleep(30 * time.Minute)
		told(w, p, ledger.PaymentReversed)
	})
}
