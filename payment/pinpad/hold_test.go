package pinpad_test

import (
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/pinpad"
)

// holding is a charge that only keeps money aside, or takes of what is.
func (c *counter) holding(fen int64, hold payment.Hold) payment.Charge {
	c.Helper()
	q := c.ready(fen)
	q.Hold = hold
	return q
}

// held is money kept aside, with its mark.
func (c *counter) held(fen int64) payment.Answer {
	c.Helper()
	a := c.charge(c.holding(fen, payment.Hold{Op: payment.HoldTake}))
	if a.Outcome != payment.Paid || a.Auth == "" || a.Trace == "" {
		c.Fatalf("not held: %+v", a)
	}
	return a
}

// giveUp releases a hold, or undoes a completion, asking and repeating as a till
// does.
func (c *counter) giveUp(op payment.HoldOp, of payment.Answer, fen int64) payment.RefundAnswer {
	c.Helper()
	r := payment.Refund{
		Amount: money.Fen(fen), Total: money.Fen(fen), Reference: of.Reference, Cashier: "1001",
		Mark: of.Mark, Since: c.cards.Ready(c.Context()).Mark, Hold: payment.Hold{Op: op},
	}
	a := c.cards.Refund(c.Context(), r)
	for i := 0; a.Outcome == payment.RefundUnknown && i < 8; i++ {
		time.Sleep(4 * time.Second)
		if a = c.cards.QueryRefund(c.Context(), r); a.Reason == payment.NotFound {
			a = c.cards.Refund(c.Context(), r)
		}
	}
	return a
}

func TestHoldIsCompletedReopenedAndReleased(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		hold := c.held(10000)
		c.keeps(0)
		complete := payment.Hold{Op: payment.HoldComplete, Mark: hold.Mark}
		if over := c.charge(c.holding(10001, complete)); over.Outcome != payment.Declined || over.Reason != payment.OverLimit {
			c.Errorf("more than is held: %+v", over)
		}
		taken := c.charge(c.holding(6000, complete))
		if taken.Outcome != payment.Paid {
			c.Fatalf("%+v", taken)
		}
		c.keeps(6000)
		if again := c.charge(c.holding(100, complete)); again.Outcome != payment.Declined {
			c.Errorf("taken twice: %+v", again)
		}
		if back := c.giveUp(payment.HoldReopen, taken, 6000); back.Outcome != payment.RefundPaid {
			c.Errorf("%+v", back)
		}
		c.keeps(0)
		if free := c.giveUp(payment.HoldRelease, hold, 10000); free.Outcome != payment.RefundPaid {
			c.Errorf("%+v", free)
		}
		if late := c.charge(c.holding(100, complete)); late.Outcome != payment.Declined {
			c.Errorf("taken after its release: %+v", late)
		}
		c.customer("decline:balance")
		if no := c.charge(c.holding(10000, payment.Hold{Op: payment.HoldTake})); no.Outcome != payment.Declined || no.Reason != payment.NoFunds {
			c.Errorf("%+v", no)
		}
	})
}

// A hold stands for weeks: settling the batch it began in does not end it.
func TestHoldOutlivesItsBatch(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		one, two := c.held(10000), c.held(5000)
		if s := c.cards.Settle(c.Context()); !s.Done {
			c.Fatalf("%+v", s)
		}
		time.Sleep(20 * 24 * time.Hour)
		if a := c.charge(c.holding(7000, payment.Hold{Op: payment.HoldComplete, Mark: one.Mark})); a.Outcome != payment.Paid {
			c.Errorf("%+v", a)
		}
		if a := c.giveUp(payment.HoldRelease, two, 5000); a.Outcome != payment.RefundPaid {
			c.Errorf("%+v", a)
		}
		c.keeps(7000)
	})
}

// A completion is refunded by its reference, not voided: the hold is over.
func TestCompletionIsRefunded(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		hold := c.held(10000)
		q := c.holding(6000, payment.Hold{Op: payment.HoldComplete, Mark: hold.Mark})
		taken := c.charge(q)
		r := payment.Refund{
			Amount: q.Amount, Total: q.Amount, Reference: taken.Reference, Mark: taken.Mark, Cashier: "1001",
			Since: c.cards.Ready(c.Context()).Mark, Hold: q.Hold,
		}
		if a := c.cards.Refund(c.Context(), r); a.Outcome != payment.RefundPaid || c.history() != "refunded" {
			c.Errorf("%+v, %s", a, c.history())
		}
	})
}

// What the terminal has done of a hold, a completion, a release or a reopening
// is found out whatever becomes of its answer, and nothing is done twice.
func TestHoldsUnderEveryFault(t *testing.T) {
	for _, listsAll := range []bool{true, false} {
		for _, fault := range []string{"drop-request", "drop-answer", "reset", "garbage", "bad-signature", "wrong-order", "late-success", "ack-lost", "cut:3000"} {
			atEither(t, func(set *pinpad.Config) { set.ListsAll = listsAll }, func(c *counter) {
				c.fault("charge", fault)
				q := c.holding(10000, payment.Hold{Op: payment.HoldTake})
				hold := c.settle(q, c.charge(q))
				if hold.Outcome == payment.Declined { // it never came there
					hold = c.held(10000)
				}
				c.fault("charge", fault)
				q = c.holding(6000, payment.Hold{Op: payment.HoldComplete, Mark: hold.Mark})
				taken := c.settle(q, c.charge(q))
				if taken.Outcome == payment.Declined {
					q = c.holding(6000, q.Hold)
					taken = c.charge(q)
				}
				if hold.Outcome != payment.Paid || taken.Outcome != payment.Paid {
					c.Fatalf("%s: %+v, %+v", fault, hold, taken)
				}
				c.keeps(6000)
				c.fault("reverse", fault)
				if a := c.giveUp(payment.HoldReopen, taken, 6000); a.Outcome != payment.RefundPaid {
					c.Errorf("%s: reopen: %+v", fault, a)
				}
				c.keeps(0)
				c.fault("reverse", fault)
				if a := c.giveUp(payment.HoldRelease, hold, 10000); a.Outcome != payment.RefundPaid {
					c.Errorf("%s: release: %+v", fault, a)
				}
			})
		}
	}
}

// Given up while it is being taken, a hold is released; a completion undone.
func TestHoldsGivenUp(t *testing.T) {
	atEither(t, nil, func(c *counter) {
		q := c.holding(10000, payment.Hold{Op: payment.HoldTake})
		hold := c.charge(q)
		if a := c.cards.Reverse(c.Context(), payment.Order{Amount: q.Amount, Mark: hold.Mark, Hold: q.Hold}); a.Outcome != payment.Reversed {
			c.Errorf("%+v", a)
		}
		hold = c.held(8000)
		q = c.holding(6000, payment.Hold{Op: payment.HoldComplete, Mark: hold.Mark})
		taken := c.charge(q)
		if a := c.cards.Reverse(c.Context(), payment.Order{Amount: q.Amount, Mark: taken.Mark, Hold: q.Hold}); a.Outcome != payment.Reversed {
			c.Errorf("%+v", a)
		}
		c.keeps(0)
		if a := c.charge(c.holding(7000, q.Hold)); a.Outcome != payment.Paid {
			c.Errorf("the hold stands again: %+v", a)
		}
	})
}

// Where the terminal no longer has the hold and does not list what it gave up,
// a person must tell.
func TestReleaseThatNobodyCanTell(t *testing.T) {
	for _, listsAll := range []bool{true, false} {
		atEither(t, func(set *pinpad.Config) { set.ListsAll = listsAll }, func(c *counter) {
			hold := c.held(10000)
			_ = c.giveUp(payment.HoldRelease, hold, 10000)
			if s := c.cards.Settle(c.Context()); !s.Done {
				c.Fatalf("%+v", s)
			}
			want := map[bool]payment.RefundOutcome{true: payment.RefundRefused, false: payment.RefundStuck}[listsAll]
			if a := c.giveUp(payment.HoldRelease, hold, 10000); a.Outcome != want {
				c.Errorf("lists all %v: %+v", listsAll, a)
			}
		})
	}
}

func TestSlipMarkOfASlip(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		since := c.ready(500).Mark
		hold := c.held(10000)
		mark, ok := c.cards.SlipMark(since, payment.Slip{Trace: hold.Trace, Reference: hold.Reference, Auth: hold.Auth, Date: time.Now().Format("0102")})
		if !ok {
			c.Fatal("a slip's numbers are not taken")
		}
		if a := c.charge(c.holding(7000, payment.Hold{Op: payment.HoldComplete, Mark: mark})); a.Outcome != payment.Paid {
			c.Errorf("%+v", a)
		}
		for _, bad := range []payment.Slip{
			{}, {Trace: "x", Reference: "1", Date: "1121"}, {Trace: "0", Reference: "1", Date: "1121"}, {Trace: "1", Date: "1121"},
			{Trace: "1", Reference: "1", Auth: "1234567", Date: "1121"}, {Trace: "1", Reference: "1", Date: "21.11"}, {Trace: "1", Reference: "1:2", Date: "1121"},
		} {
			if mark, ok := c.cards.SlipMark(since, bad); ok {
				c.Errorf("%+v is %s", bad, mark)
			}
		}
	})
}
