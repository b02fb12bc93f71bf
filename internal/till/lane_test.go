package till_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// slowLine is an acquirer far away: every call takes its time, and it is seen
// which of those that clean up begin, and how many are out together.
type slowLine struct {
	*acquirer
	mu    sync.Mutex
	old   map[string]bool // the orders that are cleaned up
	began []string        // "query ORDER", of old ones
	out   int
	most  int
	fresh []string // begun while something was being cleaned up
}

const farAway = 700 * time.Millisecond

func (l *slowLine) during(op payment.Op, number string, call func() payment.Answer) payment.Answer {
	l.mu.Lock()
	old := l.old[number]
	switch {
	case old:
		l.began = append(l.began, string(op)+" "+number)
		l.out++
		l.most = max(l.most, l.out)
	case l.out > 0:
		l.fresh = append(l.fresh, string(op))
	}
	l.mu.Unlock()
	time.Sleep(farAway) // fake time
	answer := call()
	l.mu.Lock()
	defer l.mu.Unlock()
	if old {
		l.out--
	}
	return answer
}

// seen is what was begun so far.
func (l *slowLine) seen() (began, fresh []string, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.began), slices.Clone(l.fresh), l.most
}

func (l *slowLine) Charge(ctx context.Context, c payment.Charge) payment.Answer {
	return l.during(payment.OpCharge, c.Order, func() payment.Answer { return l.acquirer.Charge(ctx, c) })
}

func (l *slowLine) Query(ctx context.Context, o payment.Order) payment.Answer {
	return l.during(payment.OpQuery, o.Number, func() payment.Answer { return l.acquirer.Query(ctx, o) })
}

func (l *slowLine) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	return l.during(payment.OpReverse, o.Number, func() payment.Answer { return l.acquirer.Reverse(ctx, o) })
}

// leave makes n attempts on each channel whose line is down, in turn, and gives
// their orders as they were begun.
func (w *world) leave(n int) map[payment.Channel][]string {
	w.t.Helper()
	for _, a := range []*acquirer{w.wechat, w.alipay} {
		a.mood = func(payment.Op, int) mood { return lostBefore }
	}
	begun := map[payment.Channel][]string{}
	for range n {
		for _, channel := range []payment.Channel{payment.WeChat, payment.Alipay} {
			w.sale(900)
			p := w.do(till.SalePay{Method: "auto", Code: code(channel)}).(ledger.Payment)
			begun[channel] = append(begun[channel], p.Order)
			time.Sleep(50 * time.Millisecond)
		}
	}
	w.do(till.SaleOpen{}) // none of them is in front
	return begun
}

// After an outage an acquirer is not met by everything at once: what cleans up
// leaves in single file per channel, as it was begun, each reversal directly
// behind its query; the sale in front does not wait for any of it.
func TestSingleFilePerChannel(t *testing.T) {
	const n = 20
	inWorld(t, func(w *world) {
		begun := w.leave(n)
		time.Sleep(40 * time.Second) // every deadline is over: they are to be undone
		w.stop()
		lines := map[payment.Channel]*slowLine{payment.WeChat: {acquirer: w.wechat}, payment.Alipay: {acquirer: w.alipay}}
		w.more = map[payment.Channel]payment.Provider{}
		for channel, l := range lines {
			l.mood = func(payment.Op, int) mood { return fair }
			l.old = map[string]bool{}
			for _, number := range begun[channel] {
				l.old[number] = true
			}
			w.more[channel] = l
		}
		w.restart()
		time.Sleep(5 * time.Second) // in the middle of it
		for channel, l := range lines {
			w.sale(500)
			asked := time.Now()
			p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(channel)}).(ledger.Payment).ID)
			took := time.Since(asked)
			if _, fresh, _ := l.seen(); p.State != ledger.PaymentPaid || took > 2*farAway || len(fresh) == 0 {
				w.t.Errorf("%s: the sale in front is %s after %v, begun while others were out: %q", channel, p.State, took, fresh)
			}
		}
		time.Sleep(10 * time.Minute)
		for channel, l := range lines {
			began, _, most := l.seen()
			if most != 1 {
				w.t.Errorf("%s: %d calls that clean up were out together", channel, most)
			}
			inOrder(w.t, channel, began, begun[channel])
		}
		if v := w.snapshot(); len(v.Doubt) != 0 {
			w.t.Errorf("still in doubt: %+v", v.Doubt)
		}
		w.balanced()
	})
}

// inOrder checks the calls of one channel: first queries as the attempts were
// begun, and each first reversal directly behind its query.
func inOrder(t *testing.T, channel payment.Channel, calls, begun []string) {
	t.Helper()
	var asked []string
	reversed := 0
	for i, c := range calls {
		op, number, _ := strings.Cut(c, " ")
		if op == "query" && !slices.Contains(asked, number) {
			asked = append(asked, number)
		}
		if op == "reverse" && slices.Index(calls, c) == i {
			reversed++
			if i == 0 || calls[i-1] != "query "+number {
				t.Errorf("%s: the reversal of %s is not directly behind its query: %q", channel, number, calls[max(i-3, 0):i+1])
			}
		}
	}
	if !slices.Equal(asked, begun) {
		t.Errorf("%s: asked about in the order %q, begun as %q", channel, asked, begun)
	}
	if reversed != len(begun) {
		t.Errorf("%s: %d of %d were reversed", channel, reversed, len(begun))
	}
}

// What waits for its turn says so, and gives no time: that is over already, and
// what stands before it takes as long as it takes.
func TestWhatWaitsForItsTurnGivesNoTime(t *testing.T) {
	inWorld(t, func(w *world) {
		w.leave(6) // WeChat Pay is asked one by one, each call taking its eight seconds
		turns := 0
		for range 200 {
			time.Sleep(time.Second + time.Millisecond)
			v, waiting := w.snapshot(), map[string]int{}
			for _, a := range v.Doubt {
				if a.Turn {
					turns++
					waiting[a.Payment.Channel]++
				}
				if a.Turn && !(a.NextAsk.IsZero() && a.ReverseAt.IsZero()) {
					w.t.Fatalf("at %v %s waits for its turn, with the times %v and %v", time.Now(), a.Payment.ID, a.NextAsk, a.ReverseAt)
				}
				if past := time.Since(a.NextAsk); !a.NextAsk.IsZero() && past > schemes.CallTimeout {
					w.t.Fatalf("%s is asked next %v ago", a.Payment.ID, past)
				}
			}
			if waiting["wechat"] == 6 {
				w.t.Fatalf("at %v nothing is asked, everything waits", time.Now())
			}
		}
		if turns == 0 {
			w.t.Error("nothing waits for its turn")
		}
	})
}

// Somebody who asks does not wait behind what the till asks by itself, only
// behind the call that is out; two are asked for in the order they were.
func TestAskNowGoesToTheHeadOfItsLane(t *testing.T) {
	inWorld(t, func(w *world) {
		const n = 20
		begun := w.leave(n)[payment.WeChat]
		time.Sleep(60 * time.Second) // by now all wait, on a line that says nothing
		var first, second till.Asked
		var both sync.WaitGroup
		ask := func(order string, into *till.Asked) {
			id := ledgerPayment(w, order)
			both.Go(func() { *into, _ = w.do(till.PaymentQuery{Payment: id}).(till.Asked) })
			time.Sleep(time.Millisecond)
		}
		before := w.wechat.asked()
		ask(begun[n-1], &first)
		ask(begun[n-2], &second)
		w.wechat.mu.Lock()
		w.wechat.mood = func(payment.Op, int) mood { return fair } // behind the call that is out, it answers
		w.wechat.mu.Unlock()
		both.Wait()
		w.wechat.mu.Lock()
		calls := slices.Clone(w.wechat.calls[before:])
		w.wechat.mu.Unlock()
		if !first.Heard || !second.Heard {
			t.Errorf("heard %+v and %+v", first, second)
		}
		if at, next := slices.Index(calls, "query "+begun[n-1]), slices.Index(calls, "query "+begun[n-2]); at < 0 || at > 1 || next < at || next > at+2 {
			t.Errorf("asked about as call %d and %d of %q", at, next, calls)
		}
	})
}

// ledgerPayment is the payment of an order.
func ledgerPayment(w *world, order string) string {
	w.t.Helper()
	list := w.do(till.PaymentList{Limit: 1000}).([]ledger.Payment)
	return list[slices.IndexFunc(list, func(p ledger.Payment) bool { return p.Order == order })].ID
}
