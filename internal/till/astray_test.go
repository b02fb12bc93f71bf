package till_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// strayingLine loses sight of the first request for a refund for a while, and has
// too little money for all the others.
type strayingLine struct {
	*acquirer
	after time.Duration // until the first request arrives; 0: never
	sent  int
}

func (l *strayingLine) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	if l.sent++; l.sent > 1 {
		return payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: payment.MerchantFunds}
	}
	if l.after > 0 {
		time.AfterFunc(l.after, func() { l.acquirer.Refund(context.Background(), r) })
	}
	<-ctx.Done()
	return payment.RefundAnswer{Reason: payment.NoAnswer}
}

// A refusal of the second request proves nothing while the first may still
// arrive: it did, the simulation found, and the money went back unseen.
func TestARefundAstrayIsWaitedFor(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		state ledger.RefundState
	}{{90 * time.Second, ledger.RefundDone}, {0, ledger.RefundRefused}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.more = map[payment.Channel]payment.Provider{payment.Alipay: &strayingLine{acquirer: w.alipay, after: c.after}}
			w.restart()
			w.sale(1000)
			p := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
			w.wait(p.ID)
			r := w.do(till.RefundCreate{Payment: p.ID, Reason: "x"}).(ledger.Refund)
			time.Sleep(time.Minute)
			if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundChecking {
				t.Errorf("a minute later: %+v", r)
			}
			time.Sleep(10 * time.Minute)
			if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != c.state {
				t.Errorf("in the end: %+v, want %s", r, c.state)
			}
			w.balanced()
		})
	}
}

// laggingLine takes the first request for a refund, does not find it for a while,
// and refuses it meanwhile by a rule that the refund itself has brought about.
type laggingLine struct {
	*acquirer
	found time.Time
}

func (l *laggingLine) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	if l.found.IsZero() {
		l.found = time.Now().Add(20 * time.Second)
		l.acquirer.Refund(ctx, r)
		return payment.RefundAnswer{Outcome: payment.RefundAccepted, Reason: payment.RefundWorking}
	}
	return payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: payment.NotRefundable}
}

func (l *laggingLine) QueryRefund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	if time.Now().Before(l.found) {
		return payment.RefundAnswer{Reason: payment.NotFound}
	}
	return l.acquirer.QueryRefund(ctx, r)
}

// What an acquirer has taken it has not refused, though it does not find it yet.
func TestARefundTakenIsNotRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.more = map[payment.Channel]payment.Provider{payment.Alipay: &laggingLine{acquirer: w.alipay}}
		w.restart()
		w.sale(1000)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		w.wait(p.ID)
		r := w.do(till.RefundCreate{Payment: p.ID, Reason: "x"}).(ledger.Refund)
		time.Sleep(10 * time.Minute)
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundDone {
			t.Errorf("in the end: %+v", r)
		}
		w.balanced()
	})
}
