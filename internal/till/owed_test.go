package till_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// refusedLate is a sale paid in cash past a WeChat payment in doubt, which then
// succeeds, and whose refund WeChat refuses for want of funds.
func refusedLate(w *world) (ledger.Sale, ledger.Refund) {
	w.t.Helper()
	s, p := doubtful(w, 900, time.Now().Add(time.Minute))
	w.wechat.poor = 1
	w.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
	w.do(till.SalePay{Sale: s.ID, Method: "cash"})
	time.Sleep(10 * time.Minute)
	p = w.payment(p.ID)
	if p.State != ledger.PaymentPaid || len(p.Refunds) != 1 || !p.Refunded.IsZero() {
		w.t.Fatalf("not paid late and refused: %+v", p)
	}
	return w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale), w.do(till.RefundGet{Refund: p.Refunds[0]}).(ledger.Refund)
}

// owes holds that exactly this refund waits for a person, wherever people look.
func (w *world) owes(when string, r ledger.Refund) {
	w.t.Helper()
	v := w.snapshot()
	if v.RefundCount != 1 || len(v.Refunds) != 1 || v.Refunds[0].ID != r.ID || v.Refunds[0].Next != till.RefundPerson ||
		v.Refunds[0].Reason != string(payment.MerchantFunds) || v.Refunds[0].Paid.Payer == "" || v.Refunds[0].Paid.AcquirerReference == "" {
		w.t.Fatalf("%s: %d, %+v", when, v.RefundCount, v.Refunds)
	}
	open := w.do(till.RefundList{Open: true}).([]ledger.Refund)
	if len(open) != 1 || open[0].ID != r.ID || !open[0].Owing() {
		w.t.Errorf("%s: the list has %+v", when, open)
	}
	if got := w.do(till.Doubles{}).([]till.Double); len(got) != 1 || got[0].Payment.ID != r.Payment || got[0].Why != till.DoubleSale || !got[0].Amount.Equal(r.Amount) {
		w.t.Errorf("%s: the radar has %+v", when, got)
	}
	if x := w.do(till.ReportX{}).(ledger.Report); x.Doubtful != 1 || !x.DoubtSum.Equal(r.Amount) || x.Doubles != 1 {
		w.t.Errorf("%s: X says %d of %s, %d double", when, x.Doubtful, x.DoubtSum, x.Doubles)
	}
}

// Money's law: never silence. It stays over restarts and the day's end, until a
// refund under a new number has brought the money back.
func TestRefusedRefundOfLateMoneyStays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(till.ShiftOpen{})
		_, r := refusedLate(w)
		w.owes("refused", r)
		if !slices.ContainsFunc(w.snapshot().Notices, func(n till.Notice) bool { return n.Code == till.NoticeRefundOwed }) {
			t.Errorf("nobody was told: %+v", w.snapshot().Notices)
		}
		w.restart()
		w.owes("after a restart", r)
		time.Sleep(48 * time.Hour)
		w.owes("two days later", r)
		if z := w.do(till.ShiftClose{}).(ledger.Report); z.Doubtful != 1 || z.Doubles != 1 {
			t.Errorf("Z: %d doubtful, %d double", z.Doubtful, z.Doubles)
		}
		w.do(till.ShiftOpen{})
		w.owes("in the next shift", r)
		if again := w.do(till.RefundQuery{Refund: r.ID}).(ledger.Refund); again.State != ledger.RefundRefused {
			t.Errorf("asked about what is over: %+v", again)
		}
		second := w.do(till.RefundRetry{Refund: r.ID}).(ledger.Refund)
		if second.Number == r.Number || second.ID == r.ID || !second.Owed {
			t.Fatalf("the same number again: %+v", second)
		}
		w.refuses(till.FaultNotOwed, till.RefundRetry{Refund: r.ID})
		time.Sleep(time.Minute)
		if v := w.snapshot(); v.RefundCount != 0 || w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund).Instead != second.ID {
			t.Errorf("gone back, and still there: %+v", v.Refunds)
		}
		if got := w.do(till.Doubles{Days: 31}).([]till.Double); len(got) != 0 {
			t.Errorf("the radar still has %+v", got)
		}
		w.balanced()
	})
}

func TestLateMoneyGivenBackOtherwise(t *testing.T) {
	inWorld(t, func(w *world) {
		s, r := refusedLate(w)
		paper := func(want string) {
			if text := w.do(till.ReceiptText{Sale: s.ID, Width: 48}).(string); !strings.Contains(text, want) {
				w.t.Errorf("%s is not on the receipt:\n%s", want, text)
			}
		}
		paper("被拒绝,待退还")
		w.refuses(till.FaultReasonNeeded, till.RefundGiven{Refund: r.ID})
		w.refuses(till.FaultReasonNeeded, till.RefundGiven{Refund: r.ID, Reason: " \u3000"})
		w.do(till.Logout{})
		w.do(till.Login{Operator: "1002", PIN: "246810"})
		w.refuses(till.FaultNotPermitted, till.RefundGiven{Refund: r.ID, Reason: "现金"})
		w.refuses(till.FaultNotPermitted, till.RefundRetry{Refund: r.ID})
		w.do(till.Logout{})
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		for range 2 { // the same request twice does it once
			if told := w.do(till.Keyed{Key: "k", Command: till.RefundGiven{Refund: r.ID, Reason: "现金退还,已签收"}}).(ledger.Refund); told.Instead != "现金退还,已签收" {
				t.Errorf("%+v", told)
			}
		}
		paper("被拒绝,已另退")
		w.refuses(till.FaultNotOwed, till.RefundGiven{Refund: r.ID, Reason: "现金"})
		w.restart()
		v, s := w.snapshot(), w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale)
		if v.RefundCount != 0 || s.Surplus().Positive() || !s.Elsewhere.Equal(money.Fen(900)) {
			t.Errorf("%+v\n%+v", v.Refunds, s)
		}
		entries := w.do(till.JournalList{Limit: 1000}).([]ledger.Entry)
		if !slices.ContainsFunc(entries, func(e ledger.Entry) bool {
			return e.Kind == ledger.KindApproval && e.Approver == "1001" && strings.Contains(string(e.Payload), "given back otherwise")
		}) {
			t.Error("no approval in the journal")
		}
		w.balanced()
	})
}

// What has gone back meanwhile by a refund of somebody's own is not given a
// second time: neither told to be, nor booked.
func TestLateMoneyGivenBackInParts(t *testing.T) {
	inWorld(t, func(w *world) {
		s, r := refusedLate(w)
		w.do(till.RefundCreate{Payment: r.Payment, Amount: money.Fen(400), Reason: "先退一部分"})
		time.Sleep(time.Minute)
		if v := w.snapshot(); len(v.Refunds) != 1 || v.Refunds[0].ID != r.ID || !v.Refunds[0].Left.Equal(money.Fen(500)) {
			w.t.Fatalf("left to go back: %+v", v.Refunds)
		}
		w.do(till.RefundGiven{Refund: r.ID, Reason: "现金退还"})
		if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); !s.Elsewhere.Equal(money.Fen(500)) || !s.Paid.Sub(s.Refunded).Sub(s.Elsewhere).Equal(s.Total) {
			w.t.Errorf("%+v", s)
		}
		entries := w.do(till.JournalList{Limit: 1000}).([]ledger.Entry)
		if !slices.ContainsFunc(entries, func(e ledger.Entry) bool {
			return e.Kind == ledger.KindApproval && strings.Contains(string(e.Payload), `given back otherwise`) && strings.Contains(string(e.Payload), `"minor":500`)
		}) {
			w.t.Error("no approval of 5.00 in the journal")
		}
		w.balanced()
	})
}

// A retry whose answer is lost keeps its number; one that is refused again
// waits for a person again.
func TestRetryOfOwedMoneyKeepsItsNumberWhileUnknown(t *testing.T) {
	inWorld(t, func(w *world) {
		_, r := refusedLate(w)
		w.wechat.mu.Lock()
		w.wechat.mood = func(op payment.Op, n int) mood {
			if op == "refund" && n < 4 {
				return lostAfter
			}
			return fair
		}
		w.wechat.mu.Unlock()
		second := w.do(till.RefundRetry{Refund: r.ID}).(ledger.Refund)
		time.Sleep(time.Minute)
		p := w.payment(r.Payment)
		if len(p.Refunds) != 2 || !p.Refunded.Equal(money.Fen(900)) || w.do(till.RefundGet{Refund: second.ID}).(ledger.Refund).State != ledger.RefundDone {
			t.Fatalf("%+v", p)
		}
		w.balanced()
	})
}

// Refunds in doubt have a clock, and "ask now" asks.
func TestRefundsHaveAClock(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		p = w.wait(p.ID)
		w.wechat.working = true
		r := w.do(till.RefundCreate{Payment: p.ID, Reason: "坏了"}).(ledger.Refund)
		time.Sleep(30 * time.Minute)
		shown := func() till.Refund {
			t.Helper()
			v := w.snapshot()
			if len(v.Refunds) != 1 || v.Refunds[0].ID != r.ID {
				t.Fatalf("%+v", v.Refunds)
			}
			return v.Refunds[0]
		}
		before := shown()
		if before.State != ledger.RefundPending || before.Asked < 5 || time.Since(before.AskedAt) > 2*time.Minute || before.NextAsk.IsZero() ||
			before.NextAsk.Before(time.Now()) || before.Next != till.RefundAskedAt {
			t.Fatalf("%+v", before)
		}
		time.Sleep(time.Second)
		w.do(till.RefundQuery{Refund: r.ID})
		if after := shown(); after.Asked != before.Asked+1 || time.Since(after.AskedAt) > time.Second {
			t.Errorf("asked now: %+v, before: %+v", after, before)
		}
		w.wechat.mu.Lock()
		w.wechat.working = false
		w.wechat.mu.Unlock()
		if done := w.do(till.RefundQuery{Refund: r.ID}).(ledger.Refund); done.State != ledger.RefundDone {
			t.Errorf("%+v", done)
		}
		w.refuses(till.FaultNoRefund, till.RefundQuery{Refund: "nobody"})
		w.refuses(till.FaultNotOwed, till.RefundRetry{Refund: r.ID})
	})
}

// The radar at the day's end looks over the whole shift, however long it was.
func TestRadarLooksAtTheWholeShift(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(till.ShiftOpen{})
		for range 2 {
			w.sale(1136)
			p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
			w.wait(p.ID)
			time.Sleep(3 * time.Minute)
		}
		time.Sleep(26 * time.Hour)
		if got := w.do(till.Doubles{}).([]till.Double); len(got) != 0 {
			t.Errorf("of today: %+v", got)
		}
		z := w.do(till.ShiftClose{}).(ledger.Report)
		if z.Doubles != 1 || !slices.ContainsFunc(w.snapshot().Notices, func(n till.Notice) bool { return n.Code == till.NoticeDoubles }) {
			t.Errorf("the Z has %d, told: %+v", z.Doubles, w.snapshot().Notices)
		}
		if stored := w.do(till.ReportZ{}).(ledger.Report); stored.Doubles != 1 {
			t.Errorf("stored: %d", stored.Doubles)
		}
		w.balanced()
	})
}

// A tender that is on its way back and has been paid for by another is owed when
// its refund is refused: the sale has its money twice. Where nothing is left on
// the sale it is given up, or the next customer's goods would be paid with it.
func TestRefusedRefundOfATender(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(w *world, s ledger.Sale)
		state     ledger.SaleState
	}{
		"paid for in cash": {func(w *world, s ledger.Sale) { w.do(till.SalePay{Sale: s.ID, Method: "cash"}) }, ledger.SaleDone},
		"given up":         {func(w *world, s ledger.Sale) { w.do(till.SaleVoid{Sale: s.ID, Reason: "不要了"}) }, ledger.SaleVoid},
		"emptied":          {func(w *world, s ledger.Sale) { w.do(till.SaleRemove{Sale: s.ID, Line: 1}) }, ledger.SaleVoid},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				s := w.sale(900)
				p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat), Amount: money.Fen(400)}).(ledger.Payment).ID)
				w.wechat.mu.Lock()
				w.wechat.poor = -1
				w.wechat.mood = func(op payment.Op, n int) mood {
					if op == "refund" && n == 1 {
						return lostBefore // so that it is on its way for a while
					}
					return fair
				}
				w.wechat.mu.Unlock()
				r := w.do(till.RefundCreate{Payment: p.ID, Reason: "换一种方式"}).(ledger.Refund)
				c.meanwhile(w, s)
				time.Sleep(10 * time.Minute)
				if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != c.state || !s.Surplus().Equal(money.Fen(400)) {
					t.Errorf("the sale: %+v", s)
				}
				w.owes("refused", w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund))
				w.wechat.mu.Lock()
				w.wechat.poor = 0
				w.wechat.mu.Unlock()
				w.do(till.RefundRetry{Refund: r.ID})
				time.Sleep(time.Minute)
				if v := w.snapshot(); v.RefundCount != 0 || v.Sale != nil && v.Sale.ID == s.ID && v.Sale.State != ledger.SaleDone {
					t.Errorf("gone back, and still there: %+v, %+v", v.Refunds, v.Sale)
				}
				w.balanced()
			})
		})
	}
}

// While a refund of late money is on its way the whole sale is given back in
// cash: refused, it is owed no longer, and stands in no list.
func TestRefusedWhenItsMoneyHasGoneBack(t *testing.T) {
	inWorld(t, func(w *world) {
		s, r := refusedLate(w)
		w.wechat.mu.Lock()
		w.wechat.poor = -1
		w.wechat.mood = func(op payment.Op, n int) mood {
			if op == "refund" && n == 2 {
				return lostBefore
			}
			return fair
		}
		w.wechat.mu.Unlock()
		again := w.do(till.RefundRetry{Refund: r.ID}).(ledger.Refund)
		w.do(till.RefundCreate{Payment: s.ID + "-2", Reason: "不要了"})
		time.Sleep(10 * time.Minute)
		v := w.snapshot()
		if again = w.do(till.RefundGet{Refund: again.ID}).(ledger.Refund); again.State != ledger.RefundRefused || again.Open() || v.RefundCount != 0 {
			t.Errorf("%+v, listed %+v", again, v.Refunds)
		}
		w.balanced()
	})
}

// A tender on its way back leaves its sale; when the goods go too, the next ones
// are another customer's. The refund is refused: the tender is owed, and pays for
// nothing.
func TestATenderOnItsWayBackPaysNobodyElsesGoods(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(1000)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat), Amount: money.Fen(400)}).(ledger.Payment)
		w.wait(p.ID)
		refusesLater(w)
		r := w.do(till.RefundCreate{Payment: p.ID, Reason: "不要了"}).(ledger.Refund)
		w.do(till.SaleRemove{Sale: s.ID})
		next := w.do(till.SaleAdd{Amount: money.Fen(1000)}).(ledger.Sale)
		time.Sleep(time.Hour)
		next = w.do(till.SaleGet{Sale: next.ID}).(ledger.Sale)
		if next.ID == s.ID || !next.Due().Equal(money.Fen(1000)) {
			w.t.Errorf("the next customer's goods: %+v", next)
		}
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); !r.Owing() {
			w.t.Errorf("%+v", r)
		}
		w.balanced()
	})
}

// refusesLater lets WeChat refuse refunds for an hour, after a minute in which
// none of them arrives.
func refusesLater(w *world) {
	back, rich := time.Now().Add(time.Minute), time.Now().Add(time.Hour)
	w.wechat.mu.Lock()
	defer w.wechat.mu.Unlock()
	w.wechat.poor = -1
	w.wechat.mood = func(op payment.Op, _ int) mood {
		switch {
		case op == "refund" && time.Now().Before(back):
			return lostBefore
		case !time.Now().Before(rich):
			w.wechat.poor = 0
		}
		return fair
	}
}

// twoRefused is a sale paid in parts by WeChat of which two were asked back, and
// then in cash; both refunds are refused for want of funds.
func twoRefused(w *world) (p ledger.Payment, small, large ledger.Refund) {
	w.t.Helper()
	w.sale(1100)
	p = w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat), Amount: money.Fen(1000)}).(ledger.Payment)
	w.wait(p.ID)
	refusesLater(w)
	small = w.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(400), Reason: "不要了"}).(ledger.Refund)
	large = w.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(600), Reason: "不要了"}).(ledger.Refund)
	w.do(till.SalePay{Method: "cash"})
	time.Sleep(time.Hour)
	for _, r := range []ledger.Refund{small, large} {
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); !r.Owing() {
			w.t.Fatalf("%+v", r)
		}
	}
	return p, small, large
}

// Of two refunds that a payment owes, each is tried again for itself.
func TestEachOwedRefundIsTriedAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		_, small, large := twoRefused(w)
		again := w.do(till.RefundRetry{Refund: small.ID}).(ledger.Refund)
		if !again.Amount.Equal(small.Amount) {
			w.t.Fatalf("%+v", again)
		}
		time.Sleep(time.Minute)
		if small = w.do(till.RefundGet{Refund: small.ID}).(ledger.Refund); small.Instead != again.ID {
			w.t.Errorf("%+v", small)
		}
		if large = w.do(till.RefundGet{Refund: large.ID}).(ledger.Refund); !large.Owing() {
			w.t.Fatalf("the other one's money is still here: %+v", large)
		}
		if more := w.do(till.RefundRetry{Refund: large.ID}).(ledger.Refund); !more.Amount.Equal(large.Amount) {
			w.t.Errorf("%+v", more)
		}
		time.Sleep(time.Minute)
		if v := w.snapshot(); v.RefundCount != 0 {
			w.t.Errorf("%+v", v.Refunds)
		}
		w.balanced()
	})
}

// What is owed ends when the sale holds no more than it is to: goods that came
// later took it, or it was given back otherwise.
func TestNothingIsOwedOfMoneyThatIsWanted(t *testing.T) {
	t.Run("goods that came later", func(t *testing.T) {
		inWorld(t, func(w *world) {
			s := w.sale(1000)
			p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat), Amount: money.Fen(600)}).(ledger.Payment)
			w.wait(p.ID)
			refusesLater(w)
			r := w.do(till.RefundCreate{Payment: p.ID, Reason: "不要了"}).(ledger.Refund)
			w.do(till.SalePay{Method: "cash", Amount: money.Fen(600)})
			time.Sleep(time.Hour)
			if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); !r.Owing() {
				w.t.Fatalf("%+v", r)
			}
			w.do(till.SaleAdd{Sale: s.ID, Amount: money.Fen(200)})
			w.do(till.SalePay{Sale: s.ID, Method: "cash"})
			if s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != ledger.SaleDone || s.Surplus().Positive() {
				w.t.Fatalf("%+v", s)
			}
			if v := w.snapshot(); v.RefundCount != 0 {
				w.t.Errorf("%+v", v.Refunds)
			}
			w.balanced()
		})
	})
	t.Run("given back otherwise", func(t *testing.T) {
		inWorld(t, func(w *world) {
			p, small, large := twoRefused(w)
			w.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(400), Reason: "再退"})
			time.Sleep(time.Minute)
			w.do(till.RefundGiven{Refund: large.ID, Reason: "现金退还,已签收"})
			if small = w.do(till.RefundGet{Refund: small.ID}).(ledger.Refund); small.Owing() {
				w.t.Errorf("%+v", small)
			}
			if v := w.snapshot(); v.RefundCount != 0 {
				w.t.Errorf("%+v", v.Refunds)
			}
		})
	})
}
