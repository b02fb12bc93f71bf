package till_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// puzzle is an acquirer whose answers to a query settle nothing, and say why.
type puzzle struct {
	*acquirer
	why payment.Reason
}

func (p puzzle) Query(ctx context.Context, o payment.Order) payment.Answer {
	p.acquirer.Query(ctx, o)
	return payment.Answer{Reason: p.why}
}

// What an attempt's answers say again and again is told once, also while it is
// undone and watched.
func TestWhatIsAnsweredAgainIsToldOnce(t *testing.T) {
	for why, notice := range map[payment.Reason]string{
		payment.WrongAmount: till.NoticeStranger, payment.WrongOrder: till.NoticeStranger,
		payment.Configuration: till.NoticeChannelStopped, payment.ChannelOff: till.NoticeChannelGone,
	} {
		t.Run(string(why), func(t *testing.T) {
			inWorld(t, func(w *world) {
				up := time.Now().Add(5 * time.Minute)
				w.wechat.mood = func(op payment.Op, _ int) mood {
					if op == payment.OpQuery || time.Now().After(up) {
						return fair
					}
					return lostBefore
				}
				w.more = map[payment.Channel]payment.Provider{payment.WeChat: puzzle{w.wechat, why}}
				w.signOnAgain()
				w.sale(900)
				p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
				time.Sleep(10 * time.Second)
				w.do(till.PaymentCancel{Payment: p.ID}) // from here on the attempt's own reason is another
				told := func() (n int) {
					for _, seen := range w.snapshot().Notices {
						if seen.Code == notice && seen.Payment == p.ID {
							n++
						}
					}
					return n
				}
				time.Sleep(time.Until(up) - time.Second)
				if p = w.payment(p.ID); p.State != ledger.PaymentChecking || told() != 1 {
					t.Errorf("%s, told %d times while it is undone", p.State, told())
				}
				time.Sleep(24 * time.Hour)
				if p = w.payment(p.ID); p.State != ledger.PaymentReversed || told() != 1 {
					t.Errorf("%s, told %d times while it is watched", p.State, told())
				}
				if ended := why == payment.WrongAmount; p.Watch == ended {
					t.Errorf("watched after a day: %v", p.Watch)
				}
			})
		})
	}
}

// While the line is down somebody gives the money back in the acquirer's own
// app. The payment was paid, and is booked so; how much is gone only a person can
// find out, and is told to.
func TestMoneyGivenBackByOthersIsTold(t *testing.T) {
	inWorld(t, func(w *world) {
		_, p := doubtful(w, 900, time.Now().Add(20*time.Second))
		w.wechat.mu.Lock()
		w.wechat.orders[p.Order].returned = true
		w.wechat.mu.Unlock()
		if p = w.wait(p.ID); p.State != ledger.PaymentPaid || p.Reason != string(payment.GivenBack) {
			t.Errorf("%+v", p)
		}
		if !slices.ContainsFunc(w.snapshot().Notices, func(n till.Notice) bool { return n.Code == till.NoticeGivenBack && n.Payment == p.ID }) {
			t.Errorf("nobody was told: %+v", w.snapshot().Notices)
		}
	})
}
