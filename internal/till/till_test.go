package till_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
)

// inWorld runs a test in fake time.
func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f(w)
		if w.core != nil {
			w.stop()
		}
	})
}

func TestCashWithChange(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(1136)
		p := w.do(till.SalePay{Method: "cash", Tendered: money.Fen(2000)}).(ledger.Payment)
		if p.State != ledger.PaymentPaid || !p.Change.Equal(money.Fen(864)) {
			t.Fatalf("%+v", p)
		}
		s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale)
		if s.State != ledger.SaleDone || !s.Paid.Equal(money.Fen(1136)) {
			t.Fatalf("%+v", s)
		}
		synctest.Wait()
		if v := w.snapshot(); v.Printing != "printed" || v.Today.Sales != 1 {
			t.Fatalf("printing %q, %d sales", v.Printing, v.Today.Sales)
		}
		if !slices.Contains(w.paper.jobs, "sale-"+s.ID) || !strings.HasPrefix(w.paper.jobs[0], "drawer-") {
			t.Fatalf("jobs %v", w.paper.jobs)
		}
	})
}

func TestSplitTender(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(5000)
		w.do(till.SalePay{Method: "cash", Amount: money.Fen(1000)})
		p := w.do(till.SalePay{Method: "auto", Amount: money.Fen(1500), Code: code(payment.Alipay)}).(ledger.Payment)
		w.refuses(till.FaultPaymentOpen, till.SalePay{Method: "cash"})
		w.wait(p.ID)
		w.refuses(till.FaultTooMuch, till.SalePay{Method: "auto", Amount: money.Fen(2501), Code: code(payment.WeChat)})
		p = w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		if p = w.wait(p.ID); !p.Amount.Equal(money.Fen(2500)) || p.Channel != "wechat" {
			t.Fatalf("%+v", p)
		}
		if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != ledger.SaleDone || len(s.Payments) != 3 {
			t.Fatalf("%+v", s)
		}
		w.balanced()
	})
}

// A sale of nothing but gifts is done like any other, and no drawer opens.
func TestGoodsGivenAway(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(300)
		w.do(till.SaleDiscount{Sale: s.ID, Amount: money.Fen(300), Reason: "试吃"})
		w.refuses(till.FaultNothingDue, till.SalePay{Method: "auto", Code: code(payment.WeChat)})
		w.refuses(till.FaultNothingDue, till.SalePay{Method: "alipay", Present: true})
		w.refuses(till.FaultTooMuch, till.SalePay{Method: "cash", Amount: money.Fen(1)})
		w.do(till.SalePay{Method: "cash"})
		if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != ledger.SaleDone || len(s.Payments) != 1 {
			t.Fatalf("%+v", s)
		}
		w.refuses(till.FaultSaleClosed, till.SalePay{Sale: s.ID, Method: "cash"})
		w.refuses(till.FaultRefundTooMuch, till.RefundCreate{Payment: s.Payments[0], Reason: "不要了"})
		w.balanced()
	})
}

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

func TestDeclinedThenAnotherWay(t *testing.T) {
	inWorld(t, func(w *world) {
		w.alipay.mood = func(op payment.Op, n int) mood {
			if op == payment.OpCharge && n == 1 {
				return declines
			}
			return fair
		}
		w.sale(300)
		first := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		if first = w.wait(first.ID); first.State != ledger.PaymentDeclined || first.Reason != string(payment.NoFunds) {
			t.Fatalf("%+v", first)
		}
		second := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		if second = w.wait(second.ID); second.State != ledger.PaymentPaid || second.Order == first.Order {
			t.Fatalf("%+v", second)
		}
	})
}

func TestOrderCodeShownSwitchedAndPaid(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(800)
		p := w.do(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment)
		time.Sleep(time.Second)
		if v := w.snapshot(); v.Attempt == nil || v.Attempt.OrderCode == "" || v.Attempt.Payment.State != ledger.PaymentWaiting {
			t.Fatalf("%+v", v.Attempt)
		}
		w.do(till.PaymentSwitch{Payment: p.ID, Channel: payment.Alipay})
		time.Sleep(2 * time.Second)
		v := w.snapshot()
		if v.Attempt.Payment.Channel != "alipay" || v.Attempt.OrderCode == "" {
			t.Fatalf("%+v", v.Attempt)
		}
		if first := w.payment(p.ID); first.State != ledger.PaymentReversed {
			t.Fatalf("left without closing: %+v", first)
		}
		second := v.Attempt.Payment
		w.alipay.customerPays(second.Order)
		if second = w.wait(second.ID); second.State != ledger.PaymentPaid {
			t.Fatalf("%+v", second)
		}
		w.balanced()
	})
}

func TestOrderCodeRunsOutAndIsClosed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(800)
		p := w.do(till.SalePay{Method: "alipay", Present: true}).(ledger.Payment)
		if p = w.wait(p.ID); p.State != ledger.PaymentReversed || p.Reason != string(payment.TimedOut) {
			t.Fatalf("%+v", p)
		}
		if o := w.alipay.orders[p.Order]; !o.gone {
			t.Fatal("the order can still be paid")
		}
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
		w.wechat.mu.Lock() // the request turns up after all
		w.wechat.orders[p.Order] = &order{amount: p.Amount, paid: true, refunds: map[string]money.Amount{}}
		w.wechat.mu.Unlock()
		time.Sleep(30 * time.Minute)
		if p = w.payment(p.ID); p.State != ledger.PaymentReversed || p.Reason != string(payment.PaidThenBack) {
			t.Fatalf("%+v", p)
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

func TestRefundWholePartAndTooMuch(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(1000)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		w.wait(p.ID)
		w.refuses(till.FaultReasonNeeded, till.RefundCreate{Payment: p.ID})
		r := w.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(300), Reason: "坏了"}).(ledger.Refund)
		w.refuses(till.FaultRefundTooMuch, till.RefundCreate{Payment: p.ID, Amount: money.Fen(701), Reason: "x"})
		time.Sleep(time.Second)
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundDone {
			t.Fatalf("%+v", r)
		}
		r = w.do(till.RefundCreate{Sale: s.ID, Reason: "退货"}).(ledger.Refund)
		if !r.Amount.Equal(money.Fen(700)) {
			t.Fatalf("%+v", r)
		}
		time.Sleep(time.Second)
		w.refuses(till.FaultRefundTooMuch, till.RefundCreate{Payment: p.ID, Reason: "x"})
		w.balanced()
	})
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

func TestKeysDoThingsOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(500)
		pay := till.Keyed{Key: "k1", Command: till.SalePay{Method: "cash"}}
		first := w.do(pay).(ledger.Payment)
		again := w.do(pay).(ledger.Payment)
		if first.ID != again.ID {
			t.Fatalf("%s, then %s", first.ID, again.ID)
		}
		w.refuses(till.FaultKeyReused, till.Keyed{Key: "k1", Command: till.SaleOpen{}})
		w.do(till.Keyed{Key: strings.Repeat("单", 64), Command: till.SaleOpen{}})
		w.refuses(till.FaultBadInput, till.Keyed{Key: strings.Repeat("k", 65), Command: till.SaleOpen{}})
		w.restart()
		if again = w.do(pay).(ledger.Payment); first.ID != again.ID {
			t.Fatalf("after a restart %s, then %s", first.ID, again.ID)
		}
	})
}

func TestScans(t *testing.T) {
	inWorld(t, func(w *world) {
		piece := goods.Sample().Search("nfsq", 1)[0]
		for range 2 {
			if r := w.do(till.SaleScan{Text: piece.Code + "\r", Pay: true}).(till.Scanned); r.Kind != till.ScanGoods {
				t.Fatalf("%+v", r)
			}
		}
		v := w.snapshot()
		if len(v.Sale.Lines) != 1 || v.Sale.Lines[0].Quantity != 2*ledger.One {
			t.Fatalf("%+v", v.Sale.Lines)
		}
		if r := w.do(till.SaleScan{Text: "wxp://f2f0x", Pay: true}).(till.Scanned); r.Kind != till.ScanMerchantURL {
			t.Fatalf("%+v", r)
		}
		if r := w.do(till.SaleScan{Text: piece.Code[:12] + string('0'+(piece.Code[12]-'0'+1)%10), Pay: true}).(till.Scanned); r.Kind != till.ScanUnreadable {
			t.Fatalf("%+v", r)
		}
		c := code(payment.WeChat)
		r := w.do(till.SaleScan{Text: c, Pay: true}).(till.Scanned)
		if r.Kind != till.ScanPayCode || r.Payment == nil || strings.Contains(r.Mask, c[4:14]) {
			t.Fatalf("%+v", r)
		}
		if r := w.do(till.SaleScan{Text: c, Pay: true}).(till.Scanned); r.Kind != till.ScanRepeat {
			t.Fatalf("a bounced scan: %+v", r)
		}
		w.wait(r.Payment.ID)
		// The next scan starts the next sale: no key in between.
		w.do(till.SaleScan{Text: piece.Code, Pay: true})
		if v := w.snapshot(); v.Sale.State != ledger.SaleOpen || len(v.Sale.Lines) != 1 {
			t.Fatalf("%+v", v.Sale)
		}
	})
}

func TestLargeAmountsAskOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(100001)
		c := code(payment.Alipay)
		r := w.do(till.SaleScan{Text: c, Pay: true}).(till.Scanned)
		if !r.Confirm.Equal(money.Fen(100001)) || r.Payment != nil {
			t.Fatalf("%+v", r)
		}
		p := w.do(till.SalePay{Sale: s.ID, Method: "auto", Code: c}).(ledger.Payment)
		if p = w.wait(p.ID); p.State != ledger.PaymentPaid {
			t.Fatalf("%+v", p)
		}
	})
}

func TestShiftFromFloatToZ(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(till.ShiftOpen{Float: money.Fen(50000)})
		w.refuses(till.FaultShiftOpen, till.ShiftOpen{})
		w.sale(1136)
		w.do(till.SalePay{Method: "cash", Tendered: money.Fen(2000)})
		w.sale(2000)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		w.wait(p.ID)
		w.do(till.ShiftCash{Amount: money.Fen(-500), Reason: "买水"})
		w.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(500), Reason: "坏了"})
		time.Sleep(time.Second)
		x := w.do(till.ReportX{}).(ledger.Report)
		z := w.do(till.ShiftClose{Counted: money.Fen(50636)}).(ledger.Report)
		if z.Kind != "Z" || z.Number != 1 || !z.Gross.Equal(money.Fen(3136)) || !z.Refunds.Equal(money.Fen(500)) || !x.Gross.Equal(z.Gross) || !x.Cash.Expected.Equal(z.Cash.Expected) {
			t.Fatalf("%+v", z)
		}
		if want := money.Fen(50000 + 1136 - 500); !z.Cash.Expected.Equal(want) || !z.Cash.Variance.IsZero() {
			t.Fatalf("expected %v, variance %v", z.Cash.Expected, z.Cash.Variance)
		}
		stored := w.do(till.ReportZ{}).(ledger.Report)
		if stored.Number != 1 || stored.Head != z.Head {
			t.Fatalf("%+v", stored)
		}
		w.refuses(till.FaultNoShift, till.ShiftClose{})
		w.do(till.ShiftOpen{})
		if next := w.do(till.ShiftClose{}).(ledger.Report); next.Number != 2 || !next.GrandTotal.Equal(z.GrandTotal) || !next.Gross.IsZero() {
			t.Fatalf("%+v", next)
		}
	})
}

// Day-end can always finish, with a payment still in doubt.
func TestShiftClosesOverADoubt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(till.ShiftOpen{})
		w.wechat.mood = func(op payment.Op, _ int) mood {
			if op == payment.OpCharge {
				return lostAfter
			}
			return fair
		}
		w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		z := w.do(till.ShiftClose{}).(ledger.Report)
		if z.Doubtful != 1 || !z.DoubtSum.Equal(money.Fen(900)) || !z.Gross.IsZero() {
			t.Fatalf("%+v", z)
		}
		w.do(till.ShiftOpen{})
		w.wait(p.ID)
		if next := w.do(till.ShiftClose{}).(ledger.Report); !next.Gross.Equal(money.Fen(900)) {
			t.Fatalf("%+v", next)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(till.Logout{})
		w.refuses(till.FaultNotSignedIn, till.SaleOpen{})
		w.do(till.Login{Operator: "1002", PIN: "246810"})
		s := w.sale(100)
		w.do(till.SalePay{Method: "cash"})
		w.refuses(till.FaultNotPermitted, till.RefundCreate{Sale: s.ID, Reason: "x"})
		w.refuses(till.FaultNotPermitted, till.DrawerOpen{Reason: "x"})
		w.refuses(till.FaultNotPermitted, till.ShiftCash{Amount: money.Fen(-1), Reason: "x"})
		w.do(till.Logout{})
		for range 4 {
			w.refuses(till.FaultWrongPIN, till.Login{Operator: "1002", PIN: "000000"})
		}
		w.refuses(till.FaultLockedOut, till.Login{Operator: "9999", PIN: "000000"})
		w.refuses(till.FaultLockedOut, till.Login{Operator: "1001", PIN: "246810"})
		time.Sleep(6 * time.Minute)
		w.do(till.Login{Operator: "1001", PIN: "246810"})
	})
}

func TestRefusals(t *testing.T) {
	inWorld(t, func(w *world) {
		w.refuses(till.FaultNoSale, till.SaleGet{Sale: "20261121-9999"})
		w.refuses(till.FaultUnknownGoods, till.SaleAdd{Code: "0000"})
		for _, add := range []till.SaleAdd{{Code: "281234567890123456"}, {Name: "281234567890123456"}} { // typed, behind a quantity
			var f *till.Fault
			if _, err := w.core.Do(w.t.Context(), add); !errors.As(err, &f) || f.Args[0] != payment.Mask("281234567890123456") {
				t.Errorf("a pay code is told whole: %v", err)
			}
		}
		w.refuses(till.FaultBadInput, till.SaleAdd{})
		w.refuses(till.FaultBadAmount, till.SaleAdd{Amount: money.Fen(-1)})
		w.refuses(till.FaultBadAmount, till.SaleAdd{Amount: money.New(1, "JPY")})
		s := w.sale(1000)
		w.refuses(till.FaultNoLine, till.SaleRemove{Line: 7})
		w.refuses(till.FaultBadQuantity, till.SaleSetQuantity{Line: 1, Quantity: 500})
		w.refuses(till.FaultBadDiscount, till.SaleDiscount{Percent: 101})
		w.refuses(till.FaultBadDiscount, till.SaleDiscount{Amount: money.Fen(1001)})
		w.refuses(till.FaultMethodOff, till.SalePay{Method: "card"})
		w.refuses(till.FaultNotPayCode, till.SalePay{Method: "auto", Code: "6901285991219"})
		w.refuses(till.FaultWrongChannel, till.SalePay{Method: "wechat", Code: code(payment.Alipay)})
		w.refuses(till.FaultHuabei, till.SalePay{Method: "alipay", Code: code(payment.Alipay), Huabei: 9})
		w.refuses(till.FaultTooLittle, till.SalePay{Method: "cash", Amount: money.Fen(1000), Tendered: money.Fen(1)})
		w.do(till.SaleDiscount{Percent: 50, Reason: "会员"})
		w.do(till.SalePay{Method: "cash", Amount: money.Fen(300)})
		w.refuses(till.FaultSalePaid, till.SaleVoid{Sale: s.ID})
		w.refuses(till.FaultSalePaid, till.SaleRemove{Line: 1})
		w.do(till.SalePay{Method: "cash"})
		w.refuses(till.FaultSaleClosed, till.SaleAdd{Sale: s.ID, Amount: money.Fen(1)})
		w.sale(100)
		w.do(till.SaleRemove{})
		w.refuses(till.FaultSaleEmpty, till.SalePay{Method: "cash"})
		w.do(till.SaleVoid{Reason: "不要了"})
		w.refuses(till.FaultSandboxOnly, till.CustomerPlays{Channel: payment.WeChat})
		w.refuses(till.FaultNoReport, till.ReportZ{Number: 5})
	})
}

func TestHoldAndRecall(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.sale(100)
		w.do(till.SaleHold{})
		second := w.sale(200)
		w.refuses(till.FaultFrontOpen, till.SaleRecall{})
		w.do(till.SaleHold{})
		if v := w.snapshot(); v.Sale != nil || len(v.Held) != 2 {
			t.Fatalf("%+v", v.Held)
		}
		if got := w.do(till.SaleRecall{}).(ledger.Sale); got.ID != second.ID {
			t.Fatalf("recalled %s", got.ID)
		}
		w.do(till.SalePay{Method: "cash"})
		if got := w.do(till.SaleRecall{Sale: first.ID}).(ledger.Sale); got.State != ledger.SaleOpen {
			t.Fatalf("%+v", got)
		}
		w.restart()
		if v := w.snapshot(); v.Sale == nil || v.Sale.ID != first.ID {
			t.Fatalf("the unfinished sale is not in front: %+v", v.Sale)
		}
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

func TestReceiptCopiesAreNumbered(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(700)
		w.refuses(till.FaultSaleClosed, till.ReceiptPrint{Sale: s.ID})
		w.do(till.SalePay{Method: "cash"})
		for n := 1; n <= 2; n++ {
			if r := w.do(till.ReceiptPrint{Sale: s.ID, Reason: "顾客要"}).(till.Printed); r.Copy != n {
				t.Fatalf("%+v", r)
			}
		}
		text := w.do(till.ReceiptText{Sale: s.ID, Width: 32}).(string)
		if !strings.Contains(text, s.ID) || !strings.Contains(text, "7.00") {
			t.Fatal(text)
		}
	})
}

func TestEndsInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(100)
		w.stop()
		if _, err := w.core.Do(w.t.Context(), till.SaleOpen{}); err == nil {
			t.Fatal("a till that has ended took a command")
		}
		if v, open := <-w.core.Watch(w.t.Context()); open {
			t.Fatalf("a till that has ended sent %+v", v)
		}
		w.start()
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		entries := w.do(till.JournalList{Limit: 1000}).([]ledger.Entry)
		if !slices.ContainsFunc(entries, func(e ledger.Entry) bool { return e.Kind == ledger.KindTillStopped }) {
			t.Fatal("the stop is not in the book")
		}
	})
}

// phone is a customer of the sandbox.
type phone struct {
	world   *world
	scanned []string
}

func (p *phone) Wallet(_ context.Context, c payment.Channel, _ string) (string, error) {
	return code(c), nil
}

func (p *phone) Scan(_ context.Context, orderCode, _ string) error {
	p.scanned = append(p.scanned, orderCode)
	p.world.wechat.customerPays(strings.TrimPrefix(orderCode, "weixin://wxpay/bizpayurl?pr="))
	return nil
}

func TestTheSandboxCustomerPays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.customer = &phone{world: w}
		w.restart()
		w.sale(800)
		r := w.do(till.CustomerPlays{Channel: payment.Alipay}).(till.Scanned)
		if r.Payment == nil || w.wait(r.Payment.ID).State != ledger.PaymentPaid {
			t.Fatalf("%+v", r)
		}
		w.sale(900)
		p := w.do(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment)
		time.Sleep(time.Second)
		w.do(till.CustomerPlays{Order: p.Order})
		if p = w.wait(p.ID); p.State != ledger.PaymentPaid {
			t.Fatalf("%+v", p)
		}
		w.refuses(till.FaultNoPayment, till.CustomerPlays{Order: p.Order})
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

func TestFindByAnyNumber(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		p = w.wait(p.ID)
		for _, number := range []string{p.ID, p.Order, p.AcquirerReference, s.ID, " " + p.Order + " "} {
			got := w.do(till.PaymentFind{Number: number}).([]ledger.Payment)
			if len(got) != 1 || got[0].ID != p.ID {
				t.Fatalf("%q finds %+v", number, got)
			}
		}
		if got := w.do(till.PaymentFind{Number: "4200009999"}).([]ledger.Payment); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		// The book was never told the acquirer's number: the acquirer knows ours.
		w.wechat.bills = map[string]string{"4200001234": p.Order}
		if got := w.do(till.PaymentFind{Number: "4200001234"}).([]ledger.Payment); len(got) != 1 || got[0].ID != p.ID {
			t.Fatalf("%+v", got)
		}
		w.refuses(till.FaultBadInput, till.PaymentFind{})
	})
}

func TestAskAboutEndedPayments(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(op payment.Op, n int) mood {
			if op == payment.OpCharge && n == 1 {
				return declines
			}
			return fair
		}
		w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		w.wait(p.ID)
		if p = w.do(till.PaymentQuery{Payment: p.ID}).(till.Asked).Payment; p.State != ledger.PaymentDeclined {
			t.Fatalf("%+v", p)
		}
		second := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		second = w.wait(second.ID)
		w.wechat.mu.Lock()
		w.wechat.orders[second.Order].paid, w.wechat.orders[second.Order].gone = false, true
		w.wechat.mu.Unlock()
		w.do(till.PaymentQuery{Payment: second.ID})
		time.Sleep(time.Second)
		if v := w.snapshot(); !slices.ContainsFunc(v.Notices, func(n till.Notice) bool { return n.Code == till.NoticeContradiction }) {
			t.Fatalf("%+v", v.Notices)
		}
	})
}

func TestDoubleChargeRadar(t *testing.T) {
	inWorld(t, func(w *world) {
		pay := func(fen int64) ledger.Payment {
			w.sale(fen)
			return w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		}
		w.do(till.ShiftOpen{})
		first := pay(1136)
		time.Sleep(3 * time.Minute)
		pay(999)
		second := pay(1136) // the same customer, the same amount, minutes later
		time.Sleep(time.Hour)
		pay(1136)
		got := w.do(till.Doubles{}).([]till.Double)
		if len(got) != 1 || got[0].Payment.ID != second.ID || got[0].Earlier.ID != first.ID || got[0].Why != till.DoublePayer {
			t.Fatalf("%+v", got)
		}
		w.do(till.ShiftClose{})
		if v := w.snapshot(); !slices.ContainsFunc(v.Notices, func(n till.Notice) bool { return n.Code == till.NoticeDoubles }) {
			t.Fatalf("%+v", v.Notices)
		}
		w.do(till.RefundCreate{Payment: got[0].Payment.ID, Reason: "重复收款"})
		if got := w.do(till.Doubles{}).([]till.Double); len(got) != 0 {
			t.Fatalf("refunded, and still listed: %+v", got)
		}
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
