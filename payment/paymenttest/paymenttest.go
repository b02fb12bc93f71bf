package paymenttest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// Setup is a provider connected to a sandbox.
type Setup struct {
	Provider payment.Provider // Presenter and Refunder are tested if it is one
	Control  Control

	// Declines are the acquirer's codes that refuse a charge for good, and
	// Doubts those that settle nothing, each with the reason it must become.
	Declines map[string]payment.Reason
	Doubts   map[string]payment.Reason
	Expired  payment.Reason // of a pay code that is too old
	Reused   payment.Reason // of an order number used with another amount

	// Cards: the channel takes cards, at an acquirer that cannot be asked. No
	// customer enters a password on a phone there, and queries and late
	// successes never reach the acquirer.
	Cards bool
}

// amount of every charge of the suite.
var amount = money.Fen(1136)

// Run puts the provider through everything a till does with one, and through
// every fault of the sandbox. Cases share the sandbox, so they run in turn.
func Run(t *testing.T, s Setup) {
	k := &till{Setup: s, run: fmt.Sprintf("%07d", time.Now().UnixNano()/1e6%1e7)}
	t.Run("timing", k.timing)
	t.Run("charge", k.charges)
	t.Run("faults of a charge", k.chargeFaults)
	if !k.Cards {
		t.Run("faults of a query", k.queryFaults)
	}
	t.Run("faults of a reversal", k.reverseFaults)
	t.Run("at once", k.atOnce)
	if presenter, ok := s.Provider.(payment.Presenter); ok {
		p := &presenting{k, presenter}
		t.Run("present", p.presents)
		t.Run("faults of presenting", p.presentFaults)
		t.Run("faults of closing", p.closeFaults)
	}
	if refunder, ok := s.Provider.(payment.Refunder); ok {
		r := &refunding{k, refunder}
		t.Run("refund", r.refunds)
		t.Run("faults of a refund", r.refundFaults)
	}
}

// till is the merchant's side of the suite.
type till struct {
	Setup
	run    string // tells the numbers of one run from another's in the same books
	number atomic.Int64
}

func (k *till) order() string { return fmt.Sprintf("C%s_%04d", k.run, k.number.Add(1)) }

func (k *till) charge(code string) payment.Charge {
	c := payment.Charge{
		Order: k.order(), Amount: amount, Code: code, Subject: "便利店 conformance",
		Store: "S001", Till: "01", Cashier: "1001",
	}
	if k.Cards {
		c.Code, c.Swipe = "", &payment.Swipe{Track2: []byte(strings.Trim(code, ";?"))}
	}
	return c
}

func orderOf(c payment.Charge) payment.Order {
	return payment.Order{Number: c.Order, Amount: c.Amount, Present: c.Code == "" && c.Swipe == nil}
}

// pay makes a charge with a fresh code of a customer.
func (k *till) pay(t *testing.T, customer Customer) (payment.Charge, payment.Answer) {
	t.Helper()
	c := k.charge(k.Control.Code(t, customer))
	return c, k.send(t, t.Context(), c)
}

// send charges and holds that the answer gives the pay code away nowhere.
func (k *till) send(t *testing.T, ctx context.Context, c payment.Charge) payment.Answer {
	t.Helper()
	secret := c.Code
	if c.Swipe != nil {
		secret, _, _ = strings.Cut(string(c.Swipe.Track2), "=")
	}
	a := k.Provider.Charge(ctx, c)
	if text := fmt.Sprintf("%+v %v %#v", a, a.Err, a.Err); strings.Contains(text, secret) {
		t.Errorf("the pay code or card number is in the answer: %s", text)
	}
	if c.Swipe != nil && strings.Trim(string(c.Swipe.Track2), "\x00") != "" {
		t.Error("the card is still in memory after the charge")
	}
	return a
}

// paid makes a charge that is paid at once.
func (k *till) paid(t *testing.T) payment.Charge {
	t.Helper()
	c, a := k.pay(t, Customer{})
	expect(t, "charge", a, payment.Paid)
	return c
}

// settle does what a till does with an order in doubt: ask, and reverse what
// is not paid until that is acknowledged. It returns how the order ended.
func (k *till) settle(t *testing.T, o payment.Order) payment.Outcome {
	t.Helper()
	k.Control.ClearFaults(t)
	for range 5 {
		a := k.Provider.Query(t.Context(), o)
		if a.Outcome == payment.Paid || a.Outcome == payment.Reversed {
			return a.Outcome
		}
		if a = k.Provider.Reverse(t.Context(), o); a.Outcome == payment.Reversed {
			return payment.Reversed
		}
	}
	t.Fatalf("order %s does not settle", o.Number)
	return payment.Unknown
}

// watch does what a till does with an order it has reversed: ask again later,
// and send the money back if it came all the same.
func (k *till) watch(t *testing.T, o payment.Order) {
	t.Helper()
	k.Control.Advance(t, time.Minute)
	if a := k.Provider.Query(t.Context(), o); a.Outcome != payment.Paid {
		return
	}
	o.Present = false
	a := k.Provider.Reverse(t.Context(), o)
	if a.Outcome == payment.Declined { // an order code, at some acquirers
		k.refundWhole(t, o)
		return
	}
	expect(t, "reversal of a late success", a, payment.Reversed)
}

func (k *till) refundWhole(t *testing.T, o payment.Order) {
	t.Helper()
	refunder, ok := k.Provider.(payment.Refunder)
	if !ok {
		t.Fatal("neither reversal nor refund gives the money back")
	}
	r := payment.Refund{Number: o.Number + "_R", Order: o.Number, Amount: o.Amount, Total: o.Amount, Reason: "late success"}
	if a := refunder.Refund(t.Context(), r); a.Outcome != payment.RefundPaid && a.Outcome != payment.RefundAccepted {
		t.Fatalf("refund of a late success: %s/%s", a.Outcome, a.Reason)
	}
}

// books compares the acquirer's books with what the till would write down.
func (k *till) books(t *testing.T, o payment.Order, end payment.Outcome) {
	t.Helper()
	want := int64(0)
	if end == payment.Paid {
		want = o.Amount.Minor()
	}
	if e := k.Control.Books(t, o.Number); e.Kept() != want {
		t.Errorf("order %s ended %s, yet the acquirer keeps %d fen for us: %+v", o.Number, end, e.Kept(), e)
	}
}

func expect(t *testing.T, what string, a payment.Answer, outcome payment.Outcome, reasons ...payment.Reason) {
	t.Helper()
	fits := len(reasons) == 0
	for _, r := range reasons {
		fits = fits || a.Reason == r
	}
	if a.Outcome != outcome || !fits {
		t.Errorf("%s: got %s/%s (%s, %v), want %s %v", what, a.Outcome, a.Reason, a.Detail, a.Err, outcome, reasons)
	}
}

func (k *till) timing(t *testing.T) {
	timing := k.Provider.Timing()
	for name, d := range map[string]time.Duration{
		"CallTimeout": timing.CallTimeout, "FirstQuery": timing.FirstQuery, "QueryInterval": timing.QueryInterval,
		"Deadline": timing.Deadline, "OrderCodeLife": timing.OrderCodeLife, "CodePoll": timing.CodePoll,
	} {
		if d <= 0 {
			t.Errorf("%s is %s", name, d)
		}
	}
	if timing.Deadline < timing.FirstQuery || timing.Deadline < timing.NoReverseUntil {
		t.Errorf("the deadline comes before its steps: %+v", timing)
	}
	if string(k.Provider.Channel()) != k.Control.Channel {
		t.Errorf("channel %s at the sandbox of %s", k.Provider.Channel(), k.Control.Channel)
	}
}
