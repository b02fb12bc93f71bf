package till_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
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

func TestRefundWholePartAndTooMuch(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(1000)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		w.wait(p.ID)
		w.refuses(till.FaultReasonNeeded, till.RefundCreate{Payment: p.ID})
		w.refuses(till.FaultReasonNeeded, till.RefundCreate{Payment: p.ID, Reason: " \u3000"})
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
