package till_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
)

// The answer to a charge is lost although the customer has paid: the till asks
// and finds out, and takes nothing twice (complaints 8, 9, 10).
func TestLostAnswerIsFoundOut(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(op payment.Op, _ int) mood {
			if op == payment.OpCharge {
				return lostAfter
			}
			return fair
		}
		w.sale(1136)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		if p.State != ledger.PaymentChecking {
			t.Fatalf("in doubt, but %s", p.State)
		}
		w.refuses(till.FaultPaymentOpen, till.SalePay{Method: "cash"})
		w.refuses(till.FaultPaymentOpen, till.SaleVoid{})
		w.refuses(till.FaultPaymentOpen, till.SaleAdd{Amount: money.Fen(100)})
		if p = w.wait(p.ID); p.State != ledger.PaymentPaid {
			t.Fatalf("%+v", p)
		}
		if w.wechat.counts[payment.OpCharge] != 1 {
			t.Fatalf("charged %d times", w.wechat.counts[payment.OpCharge])
		}
		w.balanced()
	})
}

func TestLineDownEndsReversedAndTheSaleGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		down := time.Now().Add(5 * time.Minute)
		w.wechat.mood = func(op payment.Op, n int) mood {
			if time.Now().Before(down) {
				return []mood{lostBefore, lostAfter}[n%2]
			}
			return fair
		}
		s := w.sale(1136)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Minute)
		v := w.snapshot()
		if len(v.Doubt) != 1 || v.Doubt[0].Asked == 0 || v.Doubt[0].Phase != payment.Undoing {
			t.Fatalf("doubt %+v", v.Doubt)
		}
		if p = w.wait(p.ID); p.State != ledger.PaymentReversed {
			t.Fatalf("%+v", p)
		}
		if got := time.Since(down); got > 90*time.Second {
			t.Fatalf("found out %v after the line came back", got)
		}
		w.do(till.SalePay{Sale: s.ID, Method: "cash"})
		w.balanced()
	})
}

// Paid after its order was reversed: the money goes back by itself.
func TestLateSuccessGoesBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(op payment.Op, _ int) mood {
			if op == payment.OpCharge {
				return lostBefore
			}
			return fair
		}
		w.sale(800)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		if p = w.wait(p.ID); p.State != ledger.PaymentReversed {
			t.Fatalf("%+v", p)
		}
		w.do(till.SalePay{Method: "cash"})
		w.wechat.turnsUp(p, true)
		time.Sleep(30 * time.Minute)
		if p = w.payment(p.ID); p.State != ledger.PaymentReversed || p.Reason != string(payment.PaidThenBack) {
			t.Fatalf("%+v", p)
		}
		w.balanced()
	})
}

// A refusal is not always the acquirer's last word: what turns out to be paid goes
// back, and what the customer could pay yet is undone, while the sale goes on.
func TestARefusedChargeThatLivesIsUndone(t *testing.T) {
	for name, c := range map[string]struct {
		paid   bool
		state  ledger.PaymentState
		reason payment.Reason
		told   string
	}{
		"paid after all": {true, ledger.PaymentReversed, payment.PaidThenBack, till.NoticeLatePaid},
		"on the phone":   {false, ledger.PaymentDeclined, payment.NoFunds, till.NoticeStillPayable},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.wechat.mood = func(op payment.Op, _ int) mood {
					return map[bool]mood{true: declines, false: fair}[op == payment.OpCharge]
				}
				s := w.sale(800)
				p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
				if p = w.wait(p.ID); p.State != ledger.PaymentDeclined {
					t.Fatalf("%+v", p)
				}
				w.wechat.turnsUp(p, c.paid)
				if v := w.snapshot(); v.DoubtCount != 0 {
					t.Errorf("%d in doubt before anybody knows", v.DoubtCount)
				}
				w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)})
				time.Sleep(30 * time.Minute)
				p, s = w.payment(p.ID), w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale)
				if p.State != c.state || p.Reason != string(c.reason) || s.State != ledger.SaleDone {
					t.Errorf("%+v\n%+v", p, s)
				}
				v := w.snapshot()
				if !slices.ContainsFunc(v.Notices, func(n till.Notice) bool { return n.Code == c.told && n.Payment == p.ID }) {
					t.Errorf("told %+v", v.Notices)
				}
				if !w.wechat.orders[p.Order].gone {
					t.Error("the customer can pay it yet")
				}
				w.balanced()
			})
		})
	}
}

// A till that is stopped behind a refusal asks about it all the same.
func TestARefusedChargeIsWatchedOverARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(op payment.Op, _ int) mood {
			return map[bool]mood{true: declines, false: fair}[op == payment.OpCharge]
		}
		w.sale(800)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		p = w.wait(p.ID)
		w.do(till.SalePay{Method: "cash"})
		w.restart()
		w.wechat.turnsUp(p, true)
		time.Sleep(30 * time.Minute)
		if p = w.payment(p.ID); p.State != ledger.PaymentReversed || p.Reason != string(payment.PaidThenBack) {
			t.Errorf("%+v", p)
		}
		w.balanced()
	})
}

// Paid after its order code was closed, for a sale that is still owed it: where
// the acquirer reverses no order code the money stays and the sale is done, so
// nobody may be told that it goes back.
func TestLateSuccessOfAnOrderCodeCounts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.stubborn = true
		s := w.sale(800)
		p := w.do(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment)
		time.Sleep(2 * time.Second)
		w.do(till.PaymentCancel{Payment: p.ID})
		if p = w.wait(p.ID); p.State != ledger.PaymentReversed {
			t.Fatalf("%+v", p)
		}
		w.wechat.mu.Lock() // the close came too late after all
		w.wechat.orders[p.Order].gone, w.wechat.orders[p.Order].paid = false, true
		w.wechat.mu.Unlock()
		time.Sleep(30 * time.Minute)
		p, s = w.payment(p.ID), w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale)
		if p.State != ledger.PaymentPaid || p.Reason != string(payment.LateSuccess) || s.State != ledger.SaleDone || !p.Refunded.IsZero() {
			t.Fatalf("%+v\n%+v", p, s)
		}
		v := w.snapshot()
		if last := v.Notices[len(v.Notices)-1]; last.Code != till.NoticeLateCounts || last.Payment != p.ID {
			t.Errorf("told last: %+v", v.Notices)
		}
		w.balanced()
	})
}

// Cut off at each kind of wait: the next start finishes the payment by itself
// and says so.
func TestRestartFinishesByItself(t *testing.T) {
	for name, c := range map[string]struct {
		present bool
		mood    mood
		want    ledger.PaymentState
	}{
		"the charge is out":     {false, lostAfter, ledger.PaymentPaid},
		"the charge never left": {false, lostBefore, ledger.PaymentReversed},
		"the password dialog":   {false, waits, ledger.PaymentReversed},
		"an order code shown":   {true, fair, ledger.PaymentReversed},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.wechat.mood = func(op payment.Op, _ int) mood {
					if op == payment.OpCharge {
						return c.mood
					}
					return fair
				}
				w.sale(800)
				pay := till.SalePay{Method: "wechat", Present: c.present}
				if !c.present {
					pay.Code = code(payment.WeChat)
				}
				p := w.do(pay).(ledger.Payment)
				time.Sleep(2 * time.Second)
				w.restart()
				if p = w.wait(p.ID); p.State != c.want {
					t.Fatalf("%+v, want %s", p, c.want)
				}
				v := w.snapshot()
				if !slices.ContainsFunc(v.Notices, func(n till.Notice) bool { return n.Code == till.NoticeSettled && n.Payment == p.ID }) {
					t.Fatalf("nothing said: %+v", v.Notices)
				}
				if !slices.ContainsFunc(v.Notices, func(n till.Notice) bool { return n.Code == till.NoticeRecovered && n.Args[0] == p.Sale }) {
					t.Fatalf("the sale in front is not told of: %+v", v.Notices)
				}
				if w.wechat.counts[payment.OpCharge]+w.wechat.counts[payment.OpPresent] != 1 {
					t.Fatalf("sent again: %v", w.wechat.calls)
				}
				w.balanced()
			})
		})
	}
}

// A till that is cut off when a sale is done, and has shown it to nobody, tells of
// it at the next start; not of one that was heard of, and not of anything else.
func TestASaleDoneUnheardIsTold(t *testing.T) {
	pays := func(w *world) ledger.Payment { return w.do(till.SalePay{Method: "cash"}).(ledger.Payment) }
	prints := func(w *world, sale string) {
		if err := w.core.PrintBegins(w.t.Context(), "sale-"+sale); err != nil {
			w.t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		then      func(*world)
		cut, want bool
	}{
		"in cash, the paper waits": {func(w *world) { pays(w) }, true, true},
		"the paper has begun":      {func(w *world) { prints(w, pays(w).Sale) }, true, true},
		"by a pay code": {func(w *world) {
			w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		}, true, true},
		"the paper is there": {func(w *world) {
			sale := pays(w).Sale
			prints(w, sale)
			w.core.PrintResult(printer.Done{Job: "sale-" + sale, Outcome: printer.Printed})
		}, true, false},
		"not paid":       {func(*world) {}, true, false},
		"a refund too":   {func(w *world) { w.do(till.RefundCreate{Sale: pays(w).Sale, Reason: "坏了"}) }, true, false},
		"ended in order": {func(w *world) { pays(w) }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.mutePaper, w.full = true, &atomic.Bool{}
				w.restart()
				s := w.sale(1136)
				c.then(w)
				synctest.Wait()
				w.full.Store(c.cut) // then its end is not in the book
				w.stop()
				w.full.Store(false)
				w.start()
				w.do(till.Login{Operator: "1001", PIN: "246810"})
				told := slices.ContainsFunc(w.snapshot().Notices, func(n till.Notice) bool {
					return n.Code == till.NoticeLastDone && n.Args[0] == s.ID && n.Args[1] == s.Total
				})
				if told != c.want {
					t.Errorf("told is %v: %+v", told, w.snapshot().Notices)
				}
			})
		})
	}
}

// A refund nobody answers is asked about and repeated under the same number,
// also by the next run.
func TestRefundUnknownKeepsItsNumber(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(1000)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		w.wait(p.ID)
		w.alipay.mood = func(op payment.Op, n int) mood {
			if op == "refund" && n == 1 {
				return lostBefore
			}
			if op == "refund" && n == 2 {
				return lostAfter
			}
			return fair
		}
		r := w.do(till.RefundCreate{Payment: p.ID, Reason: "x"}).(ledger.Refund)
		time.Sleep(3 * time.Second)
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundChecking {
			t.Fatalf("%+v", r)
		}
		w.restart()
		time.Sleep(time.Minute)
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundDone {
			t.Fatalf("%+v", r)
		}
		if n := len(w.alipay.orders[p.Order].refunds); n != 1 {
			t.Fatalf("%d refunds at the acquirer", n)
		}
		w.balanced()
	})
}

// The next customer is served while a payment is being checked; the sale left
// behind is finished by itself.
func TestServeTheNextWhileChecking(t *testing.T) {
	inWorld(t, func(w *world) {
		w.alipay.mood = func(op payment.Op, n int) mood {
			if op == payment.OpCharge && n == 1 {
				return lostAfter
			}
			return fair
		}
		first := w.sale(700)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		w.sale(300)
		w.do(till.SalePay{Method: "cash"})
		w.wait(p.ID)
		if first = w.do(till.SaleGet{Sale: first.ID}).(ledger.Sale); first.State != ledger.SaleDone {
			t.Fatalf("%+v", first)
		}
		w.balanced()
	})
}
