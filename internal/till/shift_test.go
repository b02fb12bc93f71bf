package till_test

import (
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// Where a shift is wanted no money moves without one, neither on a sale left
// open when its shift was closed nor back: it would be on no Z.
func TestNoMoneyBetweenShifts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.set.ShiftRequired = true
		w.restart()
		w.do(till.ShiftOpen{})
		w.sale(700)
		sold := w.do(till.SalePay{Method: "cash"}).(ledger.Payment)
		left := w.sale(900)
		w.do(till.SaleHold{Sale: left.ID})
		if z := w.do(till.ShiftClose{Counted: money.Fen(700)}).(ledger.Report); !z.Cash.Variance.IsZero() {
			t.Fatalf("%+v", z.Cash)
		}
		w.do(till.SaleRecall{Sale: left.ID})
		w.refuses(till.FaultNoShift, till.SalePay{Sale: left.ID, Method: "cash"})
		w.refuses(till.FaultNoShift, till.SalePay{Sale: left.ID, Method: "auto", Code: code(payment.WeChat)})
		w.refuses(till.FaultNoShift, till.SaleScan{Sale: left.ID, Text: code(payment.WeChat), Pay: true})
		w.refuses(till.FaultNoShift, till.RefundCreate{Payment: sold.ID, Reason: "退货"})
		w.do(till.ShiftOpen{Float: money.Fen(700)})
		w.do(till.SalePay{Sale: left.ID, Method: "cash"})
		w.do(till.RefundCreate{Payment: sold.ID, Reason: "退货"})
		time.Sleep(time.Second)
		z := w.do(till.ShiftClose{Counted: money.Fen(900)}).(ledger.Report)
		if !z.Gross.Equal(money.Fen(900)) || !z.Refunds.Equal(money.Fen(700)) || !z.Cash.Variance.IsZero() || !z.GrandTotal.Equal(money.Fen(1600)) {
			t.Errorf("%+v", z)
		}
		w.balanced()
	})
}

// An amount that no report could add up is refused where it is entered: booked,
// it would keep the shift from being closed for ever.
func TestASumTooLargeToCount(t *testing.T) {
	inWorld(t, func(w *world) {
		most := money.Fen(money.Limit / 100)
		more := most.Add(money.Fen(1))
		w.refuses(till.FaultTooMuch, till.ShiftOpen{Float: more})
		w.do(till.ShiftOpen{Float: most})
		w.refuses(till.FaultTooMuch, till.ShiftCash{Amount: more, Reason: "零钱"})
		w.refuses(till.FaultTooMuch, till.ShiftCash{Amount: more.Neg(), Reason: "存银行"})
		w.refuses(till.FaultTooMuch, till.SaleAdd{Amount: more})
		s := w.sale(money.Limit / 100)
		w.refuses(till.FaultTooMuch, till.SaleAdd{Amount: money.Fen(1)})
		w.refuses(till.FaultTooMuch, till.SaleSetQuantity{Sale: s.ID, Line: 1, Quantity: 2 * ledger.One})
		w.do(till.SalePay{Sale: s.ID, Method: "cash"})
		w.do(till.ShiftCash{Amount: most, Reason: "零钱"})
		w.refuses(till.FaultTooMuch, till.ShiftClose{Counted: more})
		if z := w.do(till.ShiftClose{Counted: most}).(ledger.Report); !z.Cash.Expected.Equal(most.Add(most).Add(most)) || z.Number != 1 {
			w.t.Errorf("%+v", z.Cash)
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
		w.refuses(till.FaultReasonNeeded, till.ShiftCash{Amount: money.Fen(-500), Reason: " "})
		w.refuses(till.FaultReasonNeeded, till.DrawerOpen{Reason: " "})
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
