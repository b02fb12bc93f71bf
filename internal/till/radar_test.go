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
)

// scanned is a sale paid by a WeChat code; its payer is always the same.
func (w *world) scanned(fen int64) ledger.Payment {
	w.t.Helper()
	w.sale(fen)
	return w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
}

// The two payments of one overpaid sale are one double, and one is to go back:
// whoever gave back what the radar lists would else give back both.
func TestTheRadarListsAPairOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(till.ShiftOpen{})
		s, late := doubtful(w, 900, time.Now().Add(3*time.Second))
		synctest.Wait()
		w.wechat.poor = 1
		w.do(till.PaymentForce{Payment: late.ID, Reason: "顾客急"})
		synctest.Wait()
		w.wechat.mood = func(payment.Op, int) mood { return fair }
		second := w.wait(w.do(till.SalePay{Sale: s.ID, Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		time.Sleep(5 * time.Minute)
		got := w.do(till.Doubles{}).([]till.Double)
		if len(got) != 1 || got[0].Payment.ID != late.ID || got[0].Why != till.DoubleSale {
			w.t.Fatalf("%+v", got)
		}
		third := w.scanned(900) // of another sale: like the one that stays
		got = w.do(till.Doubles{}).([]till.Double)
		if len(got) != 2 || got[1].Payment.ID != third.ID || got[1].Earlier.ID != second.ID {
			w.t.Fatalf("%+v", got)
		}
		if z := w.do(till.ShiftClose{}).(ledger.Report); z.Doubles != 2 {
			w.t.Errorf("the Z counts %d", z.Doubles)
		}
	})
}

// A part given back for something else makes no double certain, nor forgotten.
func TestTheRadarSeesPaymentsRefundedInPart(t *testing.T) {
	for _, which := range []int{0, 1} {
		inWorld(t, func(w *world) {
			pair := []ledger.Payment{w.scanned(1136), w.scanned(1136)}
			w.do(till.RefundCreate{Payment: pair[which].ID, Amount: money.Fen(50), Reason: "碎了一个"})
			time.Sleep(time.Minute)
			got := w.do(till.Doubles{}).([]till.Double)
			if want := int64(1136 - 50*which); len(got) != 1 || got[0].Payment.ID != pair[1].ID || got[0].Amount.Minor() != want {
				w.t.Fatalf("want %d of %s: %+v", want, pair[1].ID, got)
			}
		})
	}
}

// The second charge of a pair counts in the shift it was made in, also where the
// first was made before the shifts, and with them the business days, changed.
func TestTheRadarSeesAPairOverAChangeOfShifts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(till.ShiftOpen{})
		time.Sleep(24*time.Hour - 3*time.Minute)
		first := w.scanned(1136)
		if z := w.do(till.ShiftClose{}).(ledger.Report); z.Doubles != 0 {
			w.t.Errorf("the first shift's Z counts %d", z.Doubles)
		}
		time.Sleep(4 * time.Minute)
		w.do(till.ShiftOpen{})
		second := w.scanned(1136)
		got := w.do(till.Doubles{}).([]till.Double)
		if len(got) != 1 || got[0].Payment.ID != second.ID || got[0].Earlier.ID != first.ID {
			w.t.Fatalf("%+v", got)
		}
		if z := w.do(till.ShiftClose{}).(ledger.Report); z.Doubles != 1 {
			w.t.Errorf("the second shift's Z counts %d", z.Doubles)
		}
		time.Sleep(10 * time.Minute)
		w.do(till.ShiftOpen{})
		w.scanned(1136)
		time.Sleep(24 * time.Hour)
		if got := w.do(till.Doubles{}).([]till.Double); len(got) != 0 {
			w.t.Errorf("of another day: %+v", got)
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
