package paymenttest

import (
	"context"
	"slices"
	"testing"
	"time"

	"abacus/payment"
)

// blinding faults hide the answer whatever the call: nothing may be certain.
var blinding = []string{
	"drop-request", "drop-answer", "reset", "garbage", "bad-signature",
	"http:200", "http:204", "http:302", "http:404", "http:429", "http:500", "http:502",
	"http-after:502", "delay:600000",
}

// harmless faults leave the answer as it is.
var harmless = []string{"duplicate", "delay:20"}

// lying faults change what a valid answer says of amounts or numbers. A call
// whose answers have none is not touched by them.
var lying = []string{"wrong-amount", "wrong-order"}

// askedAgain excuses a right answer to a question whose connection broke: HTTP
// clients may repeat a GET by themselves, and to ask twice harms nobody.
func askedAgain(fault string, right bool) bool {
	return right && slices.Contains([]string{"drop-request", "drop-answer", "reset"}, fault)
}

// patience is how long a call waits under a fault that never answers: long
// enough to reach the acquirer, short enough for a test.
const patience = 100 * time.Millisecond

// under makes one call under a fault.
func (k *till) under(t *testing.T, operation, fault string, call func(context.Context)) {
	t.Helper()
	k.Control.Fault(t, operation, fault)
	ctx := t.Context()
	if fault == "delay:600000" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	call(ctx)
	k.Control.ClearFaults(t)
}

func (k *till) chargeFaults(t *testing.T) {
	for _, fault := range slices.Concat(blinding, lying) {
		t.Run(fault, func(t *testing.T) {
			c := k.charge(k.Control.Code(t, Customer{}))
			k.under(t, "charge", fault, func(ctx context.Context) {
				expect(t, "charge", k.send(t, ctx, c), payment.Unknown)
			})
			k.books(t, orderOf(c), k.settle(t, orderOf(c)))
			k.watch(t, orderOf(c))
		})
	}
	for _, fault := range harmless {
		t.Run(fault, func(t *testing.T) {
			k.under(t, "charge", fault, func(context.Context) { k.books(t, orderOf(k.paid(t)), payment.Paid) })
		})
	}
	t.Run("late-success", func(t *testing.T) {
		c := k.charge(k.Control.Code(t, Customer{}))
		k.under(t, "charge", "late-success", func(ctx context.Context) {
			expect(t, "charge", k.send(t, ctx, c), payment.Unknown)
		})
		end := k.settle(t, orderOf(c)) // the acquirer denies the order, then takes the money
		k.watch(t, orderOf(c))
		k.books(t, orderOf(c), end)
	})
}

func (k *till) queryFaults(t *testing.T) {
	for _, fault := range slices.Concat(blinding, lying, []string{"late-success"}) {
		t.Run(fault, func(t *testing.T) {
			o := orderOf(k.paid(t))
			k.under(t, "query", fault, func(ctx context.Context) {
				if a := k.Provider.Query(ctx, o); a.Outcome != payment.Unknown && !askedAgain(fault, a.Outcome == payment.Paid) {
					t.Errorf("query: %s/%s", a.Outcome, a.Reason)
				}
			})
			expect(t, "query again", k.Provider.Query(t.Context(), o), payment.Paid)
		})
	}
	for _, fault := range harmless {
		t.Run(fault, func(t *testing.T) {
			o := orderOf(k.paid(t))
			k.under(t, "query", fault, func(ctx context.Context) {
				expect(t, "query", k.Provider.Query(ctx, o), payment.Paid)
			})
		})
	}
}

func (k *till) reverseFaults(t *testing.T) {
	customers, late := map[string]Customer{"unpaid": {Behaviour: "never"}, "paid": {}}, []string{"late-success"}
	if k.Cards {
		delete(customers, "unpaid")
		late = nil
	} else {
		t.Run("paid merchant-funds", func(t *testing.T) {
			c := k.paid(t)
			k.under(t, "reverse", "merchant-funds", func(ctx context.Context) {
				expect(t, "reverse", k.Provider.Reverse(ctx, orderOf(c)), payment.Unknown, payment.MerchantFunds)
			})
			k.books(t, orderOf(c), payment.Paid)
			expect(t, "with money again", k.Provider.Reverse(t.Context(), orderOf(c)), payment.Reversed)
			k.books(t, orderOf(c), payment.Reversed)
		})
	}
	for name, customer := range customers {
		for _, fault := range slices.Concat(blinding, []string{"wrong-order"}) {
			t.Run(name+" "+fault, func(t *testing.T) {
				c, _ := k.pay(t, customer)
				k.under(t, "reverse", fault, func(ctx context.Context) {
					expect(t, "reverse", k.Provider.Reverse(ctx, orderOf(c)), payment.Unknown)
				})
				expect(t, "reverse again", k.Provider.Reverse(t.Context(), orderOf(c)), payment.Reversed)
				k.books(t, orderOf(c), payment.Reversed)
			})
		}
		for _, fault := range slices.Concat(harmless, []string{"wrong-amount"}, late) {
			t.Run(name+" "+fault, func(t *testing.T) {
				c, _ := k.pay(t, customer)
				k.under(t, "reverse", fault, func(ctx context.Context) {
					expect(t, "reverse", k.Provider.Reverse(ctx, orderOf(c)), payment.Reversed)
				})
				k.watch(t, orderOf(c)) // under late-success the acquirer only pretended
				k.books(t, orderOf(c), payment.Reversed)
			})
		}
	}
}
