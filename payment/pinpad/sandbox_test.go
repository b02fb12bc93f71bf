package pinpad_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/pinpad"
	"abacus/payment/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counter is a till's end and the sandbox's terminal on a line in memory, all
// in fake time.
type counter struct {
	*testing.T
	box   *sandbox.Sandbox
	term  *pinpad.Terminal
	cards *pinpad.Provider
	ctx   context.Context
	ends  sync.WaitGroup
	down  bool // nothing can be dialled
	last  net.Conn
	kept  int64 // taken before the test begins
}

// atCounter runs a test at a counter; change alters the terminal's settings.
func atCounter(t *testing.T, change func(*pinpad.Config), test func(*counter)) {
	t.Helper()
	atTerminal(t, sandbox.Options{}, change, test)
}

// atEither runs a test at a terminal that tells its batch and at one that does
// not and has taken something since it was last settled. At the latter's first
// charge doubt ends otherwise: TestFirstOfABatchThatIsNotTold.
func atEither(t *testing.T, change func(*pinpad.Config), test func(*counter)) {
	t.Helper()
	t.Run("batch", func(t *testing.T) { atCounter(t, change, test) })
	t.Run("no batch", func(t *testing.T) {
		atTerminal(t, sandbox.Options{NoBatch: true}, change, func(c *counter) {
			if a := c.charge(c.ready(100)); a.Outcome != payment.Paid {
				c.Fatalf("the first of the day: %+v", a)
			}
			c.kept = 100
			test(c)
		})
	})
}

func atTerminal(t *testing.T, is sandbox.Options, change func(*pinpad.Config), test func(*counter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		is.Now = time.Now
		c := &counter{T: t, box: sandbox.New(&sandbox.Setup{}, is), ctx: ctx}
		set := pinpad.Config{Dial: c.dial, Name: "line", Till: "01", Now: time.Now, ListsAll: true}
		if change != nil {
			change(&set)
		}
		var err error
		if c.term, err = pinpad.New(set); err != nil {
			t.Fatal(err)
		}
		c.cards = c.term.Cards()
		test(c)
		c.term.Close()
		cancel()
		c.ends.Wait()
	})
}

func (c *counter) dial(context.Context) (io.ReadWriteCloser, error) {
	if c.down {
		return nil, errors.New("no such device")
	}
	ours, theirs := net.Pipe()
	c.ends.Go(func() { c.box.ServeTerminal(c.ctx, theirs) })
	c.last = ours
	return ours, nil
}

func (c *counter) fault(operation, fault string) {
	c.Helper()
	if err := c.box.AddFault(sandbox.Fault{Channel: "pinpad", Operation: operation, Fault: fault}); err != nil {
		c.Fatal(err)
	}
}

func (c *counter) customer(behaviour string) {
	c.Helper()
	if err := c.box.AddCard(sandbox.Customer{Behaviour: behaviour}); err != nil {
		c.Fatal(err)
	}
}

// ready prepares a charge as the core does.
func (c *counter) ready(fen int64) payment.Charge {
	c.Helper()
	a := c.cards.Ready(c.Context())
	if a.Outcome != payment.Waiting || a.Mark == "" {
		c.Fatalf("not ready: %+v", a)
	}
	return payment.Charge{Order: "20261121_0001_01_k3f9_1", Amount: money.Fen(fen), Cashier: "1001", Mark: a.Mark}
}

func (c *counter) charge(q payment.Charge) payment.Answer {
	ctx, cancel := context.WithTimeout(c.Context(), c.cards.Timing().CallTimeout)
	defer cancel()
	return c.cards.Charge(ctx, q)
}

// settle asks as a till does, from a charge's answer until it is certain, and
// reverses what the terminal has not done.
func (c *counter) settle(q payment.Charge, a payment.Answer) payment.Answer {
	c.Helper()
	o := payment.Order{Number: q.Order, Amount: q.Amount, Mark: q.Mark}
	for range 40 {
		if a.Mark != "" {
			o.Mark = a.Mark
		}
		switch a.Outcome {
		case payment.Unknown, payment.Waiting:
			time.Sleep(4 * time.Second)
			if a = c.cards.Query(c.Context(), o); a.Outcome == payment.Declined {
				if undone := c.cards.Reverse(c.Context(), o); undone.Outcome != payment.Reversed {
					c.Errorf("what was never done is not reversed: %+v", undone)
				}
			}
		default:
			return a
		}
	}
	c.Fatalf("does not settle: %+v", a)
	return a
}

func (c *counter) keeps(want int64) {
	c.Helper()
	entries, err := c.box.Books()
	if err != nil {
		c.Fatal(err)
	}
	var kept int64
	for _, e := range entries {
		kept += e.Captured - e.Refunded - e.Reversed
	}
	if kept != want+c.kept {
		c.Errorf("the bank keeps %d fen, want %d: %+v", kept, want+c.kept, entries)
	}
}

func TestPaidByCard(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		q := c.ready(1136)
		a := c.charge(q)
		if a.Outcome != payment.Paid || len(a.Reference) != 12 || a.Funding != "0308" || a.PaidAt.IsZero() ||
			!strings.HasPrefix(a.Payer, "622202******") || len(a.Payer) != 16 {
			c.Fatalf("%+v", a)
		}
		if again := c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: a.Mark}); again.Outcome != payment.Paid || again.Reference != a.Reference {
			c.Errorf("asked again: %+v", again)
		}
		if other := c.cards.Query(c.Context(), payment.Order{Amount: money.Fen(1137), Mark: a.Mark}); other.Outcome != payment.Unknown || other.Reason != payment.WrongAmount {
			c.Errorf("asked for another amount: %+v", other)
		}
		c.keeps(1136)
	})
}

// Whatever the line does to a charge, the end is what the bank has, and nobody
// is charged twice.
func TestChargeUnderEveryFault(t *testing.T) {
	for fault, paid := range map[string]bool{
		"drop-request": false, "drop-answer": true, "reset": false, "garbage": true, "bad-signature": true, "wrong-amount": true,
		"wrong-order": true, "duplicate": true, "late-success": true, "nak": true, "ack-lost": true, "cut:20000": true, "cut:600000": true,
		"half": true, "delay:20": true, "delay:100000": true,
	} {
		t.Run(fault, func(t *testing.T) {
			atEither(t, nil, func(c *counter) {
				q := c.ready(500)
				c.fault("charge", fault)
				a := c.charge(q)
				if a.Outcome == payment.Declined || a.Outcome == payment.Paid && !paid {
					c.Errorf("charge: %+v", a)
				}
				want := payment.Declined
				if paid {
					want = payment.Paid
				}
				for range 4 { // a long cut
					if a = c.settle(q, a); a.Outcome == want {
						break
					}
				}
				if a.Outcome != want {
					c.Errorf("settled as %+v", a)
				}
				c.keeps(map[bool]int64{true: 500}[paid])
			})
		})
	}
}

func TestQueryUnderEveryFault(t *testing.T) {
	for _, fault := range []string{"drop-request", "drop-answer", "reset", "garbage", "bad-signature", "wrong-order", "late-success", "ack-lost", "cut:3000"} {
		t.Run(fault, func(t *testing.T) {
			atEither(t, nil, func(c *counter) {
				q := c.ready(500)
				c.fault("charge", "drop-answer")
				a := c.charge(q)
				c.fault("query", fault)
				if asked := c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark}); asked.Outcome != payment.Unknown && asked.Outcome != payment.Paid {
					c.Errorf("query: %+v", asked)
				}
				if a = c.settle(q, a); a.Outcome != payment.Paid {
					c.Errorf("settled as %+v", a)
				}
				c.keeps(500)
			})
		})
	}
}

func TestVoidUnderEveryFault(t *testing.T) {
	for _, listsAll := range []bool{true, false} {
		for _, fault := range []string{"", "drop-request", "drop-answer", "reset", "garbage", "bad-signature", "wrong-amount", "wrong-order", "duplicate", "late-success", "nak", "ack-lost", "cut:3000"} {
			t.Run(fault, func(t *testing.T) {
				atEither(t, func(set *pinpad.Config) { set.ListsAll = listsAll }, func(c *counter) {
					q := c.ready(500)
					a := c.charge(q)
					if fault != "" {
						c.fault("reverse", fault)
					}
					o := payment.Order{Amount: q.Amount, Mark: a.Mark}
					undone := c.cards.Reverse(c.Context(), o)
					if fault == "wrong-amount" && undone.Outcome != payment.Unknown {
						c.Errorf("voided another amount: %+v", undone)
					}
					for i := 0; undone.Outcome == payment.Unknown && i < 5; i++ {
						time.Sleep(4 * time.Second)
						undone = c.cards.Reverse(c.Context(), o)
					}
					if undone.Outcome != payment.Reversed || undone.Reason != payment.PaidThenBack {
						c.Errorf("%+v", undone)
					}
					o.Mark = undone.Mark
					if a := c.cards.Query(c.Context(), o); a.Outcome != payment.Reversed {
						c.Errorf("then: %+v", a)
					}
					c.keeps(0)
				})
			})
		}
	}
}

// A charge in doubt whose reversal is wanted: found by its place, then voided.
func TestReverseInDoubt(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		q := c.ready(500)
		c.fault("charge", "drop-answer")
		_ = c.charge(q)
		a := c.cards.Reverse(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark})
		if a.Outcome != payment.Reversed || a.Reason != payment.PaidThenBack {
			c.Errorf("%+v", a)
		}
		c.keeps(0)
	})
}

func TestDeclines(t *testing.T) {
	for word, reason := range map[string]payment.Reason{
		"balance": payment.NoFunds, "limit": payment.OverLimit, "risk": payment.Risk, "card": payment.CardRefused, "expired": payment.CardRefused, "55": payment.Refused,
	} {
		atEither(t, nil, func(c *counter) {
			c.customer("decline:" + word)
			if a := c.charge(c.ready(500)); a.Outcome != payment.Declined || a.Reason != reason {
				c.Errorf("%s: %+v", word, a)
			}
			c.keeps(0)
		})
	}
	// What no table knows is never a no; the last transaction tells.
	for _, word := range []string{"system", "68", "A0", "99", "zz"} {
		atEither(t, nil, func(c *counter) {
			c.customer("decline:" + word)
			q := c.ready(500)
			a := c.charge(q)
			if a.Outcome != payment.Unknown {
				c.Errorf("%s: %+v", word, a)
			}
			if a = c.settle(q, a); a.Outcome != payment.Declined {
				c.Errorf("%s settles as %+v", word, a)
			}
		})
	}
}

func TestThreeMinutesForThePIN(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		c.customer("password:180")
		began := time.Now()
		if a := c.charge(c.ready(500)); a.Outcome != payment.Paid || time.Since(began) < 3*time.Minute {
			c.Errorf("after %s: %+v", time.Since(began), a)
		}
		c.keeps(500)
	})
}

func TestNoCardInTime(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		c.customer("never")
		if a := c.charge(c.ready(500)); a.Outcome != payment.Declined || a.Reason != payment.TimedOut {
			c.Errorf("%+v", a)
		}
	})
}

// While the customer holds the card a question gets no answer, and is no no.
func TestAskedWhileTheCustomerHoldsTheCard(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		c.customer("password:60")
		q := c.ready(500)
		paid := make(chan payment.Answer, 1)
		go func() { paid <- c.charge(q) }()
		time.Sleep(10 * time.Second)
		if a := c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark}); a.Outcome != payment.Unknown || a.Reason != payment.SystemBusy {
			c.Errorf("query: %+v", a)
		}
		_ = c.last.Close() // the cable
		if a := <-paid; a.Outcome != payment.Unknown {
			c.Errorf("the cable is out: %+v", a)
		}
		if a := c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark}); a.Outcome != payment.Unknown {
			c.Errorf("plugged in, the customer still at it: %+v", a)
		}
		if a := c.settle(q, payment.Answer{}); a.Outcome != payment.Paid {
			c.Errorf("settled as %+v", a)
		}
		c.keeps(500)
	})
}

func TestAbort(t *testing.T) {
	for _, canAbort := range []bool{true, false} {
		atEither(t, func(set *pinpad.Config) { set.CanAbort = canAbort }, func(c *counter) {
			c.customer("never")
			q := c.ready(500)
			answer := make(chan payment.Answer, 1)
			began := time.Now()
			go func() { answer <- c.charge(q) }()
			time.Sleep(5 * time.Second)
			c.cards.Abort()
			a := <-answer
			if canAbort && (a.Outcome != payment.Declined || a.Reason != payment.Cancelled || time.Since(began) > 6*time.Second) {
				c.Errorf("after %s: %+v", time.Since(began), a)
			}
			if !canAbort && (a.Outcome != payment.Unknown || time.Since(began) > 26*time.Second) {
				c.Errorf("after %s: %+v", time.Since(began), a)
			}
			if a = c.settle(q, a); a.Outcome != payment.Declined {
				c.Errorf("settled as %+v", a)
			}
			c.keeps(0)
		})
	}
}

// The terminal has done other things since: by hand, or for another till.
func TestOthersAtTheTerminal(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		other := c.charge(c.ready(300))
		q := c.ready(500)
		c.fault("charge", "drop-answer")
		a := c.charge(q)
		_ = c.charge(c.ready(700))
		if a = c.settle(q, a); a.Outcome != payment.Paid || a.Reference == other.Reference {
			c.Errorf("one among others: %+v", a)
		}
		c.keeps(1500)
	})
	atEither(t, nil, func(c *counter) {
		q := c.ready(500)
		c.fault("charge", "drop-request")
		_ = c.charge(q)
		_ = c.charge(c.ready(700))
		if a := c.settle(q, payment.Answer{}); a.Outcome != payment.Declined {
			c.Errorf("not done, others were: %+v", a)
		}
	})
	atEither(t, nil, func(c *counter) {
		q := c.ready(500)
		_ = c.charge(c.ready(500))
		_ = c.charge(c.ready(500))
		a := c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark})
		if a.Outcome != payment.Unknown || a.Reason != payment.Ambiguous {
			c.Errorf("two it could be: %+v", a)
		}
		if a := c.cards.Reverse(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark}); a.Outcome != payment.Unknown {
			c.Errorf("two it could be, reversed: %+v", a)
		}
		c.keeps(1000)
	})
}

func TestNotThere(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		q := c.ready(500)
		_ = c.last.Close()
		synctest.Wait()
		c.down = true
		if a := c.cards.Ready(c.Context()); a.Outcome != payment.Unknown || a.Reason != payment.TerminalAway {
			c.Errorf("ready: %+v", a)
		}
		if a := c.charge(q); a.Outcome != payment.Declined || a.Reason != payment.TerminalAway {
			c.Errorf("charge: %+v", a)
		}
		if a := c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark}); a.Outcome != payment.Unknown {
			c.Errorf("query: %+v", a)
		}
		if a := c.cards.Reverse(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark}); a.Outcome != payment.Unknown {
			c.Errorf("reverse: %+v", a)
		}
		if err := c.term.Reachable(c.Context()); err == nil {
			c.Error("reachable")
		}
	})
}

// Without a place to look behind nothing leaves.
func TestUnpreparedChargeStaysHere(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		for _, mark := range []string{"", "x", "none:000001", "done:000001:000002:123456789012:1122"} {
			a := c.charge(payment.Charge{Amount: money.Fen(500), Mark: mark})
			if a.Outcome != payment.Declined || a.Reason != payment.NotSent {
				c.Errorf("%q: %+v", mark, a)
			}
		}
		c.keeps(0)
		q := c.ready(500)
		q.Code = "134512345678901234" // not a card's
		a := c.charge(q)
		if a.Outcome != payment.Declined || a.Reason != payment.NotSent {
			c.Errorf("%+v", a)
		}
		_ = c.charge(c.ready(500))
		if a = c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: a.Mark}); a.Outcome != payment.Unknown || a.Reason != payment.NotFound {
			c.Errorf("what was never sent is found in another's: %+v", a)
		}
	})
}

func TestPayCodeThroughTheTerminal(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		codes := c.term.Codes(payment.WeChat)
		code, err := c.box.NewCode("wechat", sandbox.Customer{})
		if err != nil {
			c.Fatal(err)
		}
		q := c.ready(500)
		q.Code = code
		a := codes.Charge(c.Context(), q)
		if a.Outcome != payment.Paid || strings.Contains(a.Detail+a.Mark, code) {
			c.Errorf("%+v", a)
		}
		q = c.ready(500)
		q.Code = code
		if a = codes.Charge(c.Context(), q); a.Outcome != payment.Declined || a.Reason != payment.CodeInvalid {
			c.Errorf("the code again: %+v", a)
		}
		q.Code = ""
		if a = codes.Charge(c.Context(), q); a.Outcome != payment.Declined {
			c.Errorf("no code: %+v", a)
		}
		c.keeps(500)
	})
}

// A terminal that was switched off and on between two sales.
func TestLineThatBrokeInBetween(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		_ = c.ready(500)
		_ = c.last.Close()
		if a := c.charge(c.ready(500)); a.Outcome != payment.Paid {
			c.Errorf("%+v", a)
		}
	})
}

func (c *counter) refund(q payment.Charge, paid payment.Answer, fen int64) (payment.Refund, payment.RefundAnswer) {
	r := payment.Refund{
		Number: q.Order + "_r1", Order: q.Order, Reference: paid.Reference, Amount: money.Fen(fen), Total: q.Amount,
		Cashier: "1001", Mark: paid.Mark, Since: c.cards.Ready(c.Context()).Mark,
	}
	return r, c.cards.Refund(c.Context(), r)
}

func (c *counter) history() string {
	entries, _ := c.box.Books()
	return entries[len(entries)-1].State
}

func TestRefunds(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		q := c.ready(500)
		paid := c.charge(q)
		if _, a := c.refund(q, paid, 500); a.Outcome != payment.RefundPaid || c.history() != "reversed" {
			c.Errorf("the whole on the same day is a void: %+v, %s", a, c.history())
		}
		c.keeps(0)
	})
	atEither(t, nil, func(c *counter) {
		q := c.ready(500)
		paid := c.charge(q)
		time.Sleep(30 * time.Hour)
		if _, a := c.refund(q, paid, 500); a.Outcome != payment.RefundPaid || c.history() != "refunded" {
			c.Errorf("the whole a day later is a refund: %+v, %s", a, c.history())
		}
		c.keeps(0)
	})
	atEither(t, nil, func(c *counter) {
		q := c.ready(500)
		paid := c.charge(q)
		if s := c.cards.Settle(c.Context()); !s.Done {
			c.Fatalf("%+v", s)
		}
		if _, a := c.refund(q, paid, 500); a.Outcome != payment.RefundPaid || c.history() != "refunded" {
			c.Errorf("once settled there is no void: %+v, %s", a, c.history())
		}
		c.keeps(0)
	})
	atEither(t, nil, func(c *counter) {
		q := c.ready(500)
		paid := c.charge(q)
		for _, fen := range []int64{200, 300} {
			if _, a := c.refund(q, paid, fen); a.Outcome != payment.RefundPaid {
				c.Errorf("%d: %+v", fen, a)
			}
		}
		if _, a := c.refund(q, paid, 1); a.Outcome != payment.RefundRefused {
			c.Errorf("one more: %+v", a)
		}
		c.keeps(0)
	})
}

// The original's day is the terminal's, Beijing's: on a machine of another zone,
// after midnight there, and where the terminal's clock is a little ahead.
func TestTheDayOfTheOriginal(t *testing.T) {
	for name, now := range map[string]func() time.Time{
		"elsewhere": func() time.Time { return time.Now().In(time.FixedZone("", -5*60*60)) },
		"UTC":       func() time.Time { return time.Now().UTC() },
		"behind":    func() time.Time { return time.Now().Add(-2 * time.Minute) },
	} {
		for _, at := range []time.Duration{16*time.Hour + time.Minute, 365*24*time.Hour + 16*time.Hour + time.Minute} { // a minute past midnight in Beijing, the second time of New Year
			for _, fen := range []int64{200, 500} {
				atCounter(t, func(c *pinpad.Config) { c.Now = now }, func(c *counter) {
					time.Sleep(at)
					q := c.ready(500)
					paid := c.charge(q)
					if d := time.Until(paid.PaidAt); d.Abs() > time.Hour {
						c.Errorf("%s: paid at %s, now %s", name, paid.PaidAt, time.Now())
					}
					if _, a := c.refund(q, paid, fen); a.Outcome != payment.RefundPaid {
						c.Errorf("%s, %s: %d fen: %+v", name, time.Now(), fen, a)
					}
				})
			}
		}
	}
}

// A refund in doubt: never twice; where the terminal cannot tell, a person must.
func TestRefundsUnderEveryFault(t *testing.T) {
	for _, whole := range []bool{true, false} {
		for _, listsAll := range []bool{true, false} {
			for _, fault := range []string{"drop-request", "drop-answer", "reset", "garbage", "bad-signature", "wrong-order", "late-success", "ack-lost", "cut:3000"} {
				atEither(t, func(set *pinpad.Config) { set.ListsAll = listsAll }, func(c *counter) {
					q := c.ready(500)
					paid := c.charge(q)
					fen := map[bool]int64{true: 500, false: 200}[whole]
					c.fault(map[bool]string{true: "reverse", false: "refund"}[whole], fault)
					r, a := c.refund(q, paid, fen)
					for i := 0; a.Outcome == payment.RefundUnknown && i < 8; i++ {
						time.Sleep(4 * time.Second)
						if a = c.cards.QueryRefund(c.Context(), r); a.Reason == payment.NotFound {
							a = c.cards.Refund(c.Context(), r)
						}
					}
					want := payment.RefundPaid
					if !whole && !listsAll {
						want = payment.RefundStuck
					}
					if a.Outcome != want {
						c.Errorf("%s, whole %v, lists all %v: %+v", fault, whole, listsAll, a)
					}
					if want == payment.RefundPaid {
						c.keeps(500 - fen)
					}
				})
			}
		}
	}
}

func TestRefundWithoutNumbersStaysHere(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		q := c.ready(500)
		paid := c.charge(q)
		r := payment.Refund{Amount: q.Amount, Total: q.Amount, Mark: paid.Mark}
		if a := c.cards.Refund(c.Context(), r); a.Outcome != payment.RefundUnknown || a.Reason != payment.NotFound {
			c.Errorf("not prepared: %+v", a)
		}
		r.Mark, r.Since = "", q.Mark
		if a := c.cards.Refund(c.Context(), r); a.Outcome != payment.RefundRefused {
			c.Errorf("no numbers: %+v", a)
		}
		c.keeps(500)
	})
}

// Money kept aside, taken in part, given back and released.
func TestSettlement(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		q := c.ready(500)
		paid := c.charge(q)
		_ = c.charge(c.ready(300))
		_, _ = c.refund(q, paid, 200)
		s := c.cards.Settle(c.Context())
		if !s.Done || !s.Sales.Equal(money.Fen(600)) || s.SaleCount != 3 || s.Batch != "000001" {
			c.Errorf("%+v", s)
		}
		if s = c.cards.Settle(c.Context()); !s.Done || !s.Sales.IsZero() || s.Batch != "000002" {
			c.Errorf("again: %+v", s)
		}
		c.fault("close", "drop-answer")
		if s = c.cards.Settle(c.Context()); s.Done || s.Reason != payment.TerminalSilent {
			c.Errorf("%+v", s)
		}
		if _, ok, err := c.term.Last(c.Context()); ok || err != nil {
			c.Errorf("a settled batch has a last transaction: %v", err)
		}
		// The next sale has a trace far above nothing.
		q = c.ready(900)
		c.fault("charge", "drop-answer")
		if a := c.settle(q, c.charge(q)); a.Outcome != payment.Paid {
			c.Errorf("%+v", a)
		}
	})
}

func TestBalanceSignOnAndTest(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		if err := c.box.AddCard(sandbox.Customer{Balance: money.Fen(4200)}); err != nil {
			c.Fatal(err)
		}
		if b := c.cards.Balance(c.Context(), nil); !b.Known || !b.Amount.Equal(money.Fen(4200)) || !strings.HasPrefix(b.Payer, "622202******") {
			c.Errorf("%+v", b)
		}
		if err := errors.Join(c.term.SignOn(c.Context()), c.cards.Test(c.Context())); err != nil {
			c.Error(err)
		}
		c.down = true
		_ = c.last.Close()
		synctest.Wait()
		if err := c.cards.Test(c.Context()); err == nil {
			c.Error("a terminal that is not there passes its test")
		}
		if b := c.cards.Balance(c.Context(), nil); b.Known || b.Reason != payment.TerminalAway {
			c.Errorf("%+v", b)
		}
	})
}
