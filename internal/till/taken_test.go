package till_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/pinpad"
)

// moodyDesk is a bank terminal whose client hangs or falls when it is asked
// whether it is ready, and counts what it is asked.
type moodyDesk struct {
	*pinpad.Provider
	hangs, falls atomic.Bool
	charges      atomic.Int64
}

func (m *moodyDesk) Ready(ctx context.Context) payment.Answer {
	switch {
	case m.falls.Load():
		panic("246810")
	case m.hangs.Load():
		<-ctx.Done()
		return payment.Answer{Reason: payment.TerminalAway}
	}
	return m.Provider.Ready(ctx)
}

func (m *moodyDesk) Charge(ctx context.Context, c payment.Charge) payment.Answer {
	m.charges.Add(1)
	return m.Provider.Charge(ctx, c)
}

func atMoodyDesk(t *testing.T, f func(*bankDesk, *moodyDesk)) {
	atBankDesk(t, func(c *bankDesk) {
		m := &moodyDesk{Provider: c.more[payment.Card].(*pinpad.Provider)}
		c.more[payment.Card] = m
		c.signOnAgain()
		f(c, m)
	})
}

func (w *world) signOnAgain() {
	w.restart()
	if w.snapshot().Operator == nil {
		w.do(till.Login{Operator: "1001", PIN: "246810"})
	}
}

// Who asks for a refund, or gives a hold up, and goes away while it is written
// down, has asked for it all the same.
func TestWhoAskedMayGo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(900)
		p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		ctx, goes := context.WithCancel(w.t.Context())
		synctest.Wait() // nothing is being written
		w.written = func(b ledger.Batch) {
			for _, d := range b.Drafts {
				if d.Kind == ledger.KindRefundStarted {
					goes()
				}
			}
		}
		asked := till.Keyed{Key: "r-1", Command: till.RefundCreate{Payment: p.ID, Reason: "退货"}}
		if _, err := w.core.Do(ctx, asked); err == nil {
			w.t.Error("nobody is there, and it is answered")
		}
		time.Sleep(time.Hour)
		if r := w.do(asked).(ledger.Refund); r.State != ledger.RefundDone {
			w.t.Errorf("the refund is %s, shown as %+v", r.State, w.snapshot().Refunds)
		}
		w.balanced()
		gone, goes := context.WithCancel(w.t.Context())
		goes()
		if _, err := w.core.Do(gone, till.SaleOpen{}); err == nil || w.snapshot().Sale != nil && w.snapshot().Sale.State == ledger.SaleOpen {
			w.t.Errorf("one who has gone before is served: %v", err)
		}
	})
}

// A payment of an earlier run that is asked about before its turn is taken up as
// any other: what has not left does not leave, and it is counted once.
func TestAskedBeforeItsTurn(t *testing.T) {
	t.Run("not sent", func(t *testing.T) {
		atMoodyDesk(t, func(c *bankDesk, m *moodyDesk) {
			m.hangs.Store(true)
			c.sale(900)
			p := c.byCard()
			time.Sleep(time.Second)
			c.sale(100) // the next customer
			c.stop()
			m.hangs.Store(false)
			c.start()
			c.do(till.Login{Operator: "1001", PIN: "246810"})
			c.do(till.PaymentQuery{Payment: p.ID})
			time.Sleep(time.Minute)
			if p = c.payment(p.ID); m.charges.Load() != 0 || p.State != ledger.PaymentDeclined {
				c.t.Errorf("%s %s, the terminal was told %d times to charge", p.State, p.Reason, m.charges.Load())
			}
		})
	})
	t.Run("counted", func(t *testing.T) {
		atBankDesk(t, func(c *bankDesk) {
			c.wechat.mood = func(payment.Op, int) mood { return lostBefore }
			c.sale(900)
			p := c.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
			time.Sleep(time.Second)
			c.sale(100)
			c.signOnAgain()
			c.wechat.mood = func(payment.Op, int) mood { return fair }
			c.do(till.PaymentQuery{Payment: p.ID})
			time.Sleep(time.Hour)
			_, err := c.core.Do(c.t.Context(), till.SalePay{Method: "card"})
			if v := c.snapshot(); err != nil || v.DoubtCount != len(v.Doubt) {
				c.t.Errorf("a card: %v; %d in doubt, %d listed", err, v.DoubtCount, len(v.Doubt))
			}
		})
	})
}

// A client that falls while its terminal is asked where it stands before a
// refund has given no answer; it takes neither the till nor the next start along.
func TestATerminalThatFallsBeforeARefund(t *testing.T) {
	atMoodyDesk(t, func(c *bankDesk, m *moodyDesk) {
		c.sale(900)
		p := c.wait(c.byCard().ID)
		m.falls.Store(true)
		r := c.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
		time.Sleep(time.Minute)
		c.signOnAgain()
		time.Sleep(time.Minute)
		m.falls.Store(false)
		time.Sleep(time.Hour)
		if got, err := c.books.Refund(c.t.Context(), r.ID); err != nil || got.State != ledger.RefundDone {
			c.t.Errorf("the refund is %s (%v)", got.State, err)
		}
		c.agree()
	})
}

// Asked about a card payment that is paid, the terminal says so.
func TestAskedAboutAPaidCard(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(900)
		p := c.wait(c.byCard().ID)
		if a := c.do(till.PaymentQuery{Payment: p.ID}).(till.Asked); !a.Heard || a.Outcome != payment.Paid {
			c.t.Errorf("it says %v %s %s", a.Outcome, a.Reason, a.Detail)
		}
	})
}
