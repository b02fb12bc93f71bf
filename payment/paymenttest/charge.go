package paymenttest

import (
	"sync"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

func (k *till) charges(t *testing.T) {
	t.Run("paid at once", func(t *testing.T) {
		c, a := k.pay(t, Customer{})
		expect(t, "charge", a, payment.Paid)
		if a.Reference == "" || a.PaidAt.IsZero() || a.Funding == "" || a.Payer == "" {
			t.Errorf("the answer says too little: %+v", a)
		}
		expect(t, "query", k.Provider.Query(t.Context(), orderOf(c)), payment.Paid)
		k.books(t, orderOf(c), payment.Paid)
		k.found(t, c.Order, a.Reference)
	})
	if !k.Cards {
		t.Run("password, then paid", k.password)
		t.Run("never pays", k.never)
		t.Run("bad codes", k.badCodes)
	}
	t.Run("paid, then reversed", k.paidThenReversed)
	t.Run("not enough money", func(t *testing.T) {
		_, a := k.pay(t, Customer{Balance: amount.Minor() - 1})
		expect(t, "charge", a, payment.Declined, payment.NoFunds)
	})
	for code, reason := range k.Declines {
		t.Run("declined "+code, func(t *testing.T) {
			c, a := k.pay(t, Customer{Behaviour: "decline:" + code})
			expect(t, "charge", a, payment.Declined, reason)
			k.books(t, orderOf(c), payment.Declined)
		})
	}
	for code, reason := range k.Doubts {
		t.Run("in doubt "+code, func(t *testing.T) {
			c, a := k.pay(t, Customer{Behaviour: "decline:" + code})
			expect(t, "charge", a, payment.Unknown, reason)
			k.books(t, orderOf(c), k.settle(t, orderOf(c)))
		})
	}
	t.Run("repeated", k.repeated)
	t.Run("order nobody knows", func(t *testing.T) {
		o := payment.Order{Number: k.order(), Amount: amount}
		expect(t, "query", k.Provider.Query(t.Context(), o), payment.Unknown, payment.NotFound)
		expect(t, "reverse", k.Provider.Reverse(t.Context(), o), payment.Reversed, payment.NotFound)
	})
}

// found asks by the acquirer's own number, as on the customer's phone.
func (k *till) found(t *testing.T, number, reference string) {
	t.Helper()
	f, ok := k.Provider.(payment.Finder)
	if !ok {
		t.Fatal("the provider cannot be asked by the acquirer's number")
	}
	if order, ok, err := f.Find(t.Context(), reference); err != nil || !ok || order != number {
		t.Errorf("%s is %q, %v, %v; want %s", reference, order, ok, err, number)
	}
	if order, ok, err := f.Find(t.Context(), "4200000000202611210000000000"); err != nil || ok {
		t.Errorf("a number nobody has is %q, %v, %v", order, ok, err)
	}
}

func (k *till) password(t *testing.T) {
	c, a := k.pay(t, Customer{Behaviour: "password:10"})
	expect(t, "charge", a, payment.Waiting, payment.Password)
	expect(t, "query", k.Provider.Query(t.Context(), orderOf(c)), payment.Waiting)
	k.Control.Advance(t, 11*time.Second)
	expect(t, "query", k.Provider.Query(t.Context(), orderOf(c)), payment.Paid)
	k.books(t, orderOf(c), payment.Paid)
}

func (k *till) never(t *testing.T) {
	c, a := k.pay(t, Customer{Behaviour: "never"})
	expect(t, "charge", a, payment.Waiting, payment.Password)
	k.Control.Advance(t, 30*time.Second)
	expect(t, "last query", k.Provider.Query(t.Context(), orderOf(c)), payment.Waiting)
	expect(t, "reverse", k.Provider.Reverse(t.Context(), orderOf(c)), payment.Reversed)
	expect(t, "reverse again", k.Provider.Reverse(t.Context(), orderOf(c)), payment.Reversed)
	expect(t, "query", k.Provider.Query(t.Context(), orderOf(c)), payment.Reversed)
	k.books(t, orderOf(c), payment.Reversed)
}

func (k *till) paidThenReversed(t *testing.T) {
	c := k.paid(t)
	expect(t, "reverse", k.Provider.Reverse(t.Context(), orderOf(c)), payment.Reversed)
	expect(t, "query", k.Provider.Query(t.Context(), orderOf(c)), payment.Reversed)
	if e := k.Control.Books(t, c.Order); e.Reversed != amount.Minor() {
		t.Errorf("the money did not go back: %+v", e)
	}
	if a := k.send(t, t.Context(), c); a.Outcome == payment.Paid {
		t.Error("a reversed order is paid again")
	}
	k.books(t, orderOf(c), payment.Reversed)
}

func (k *till) repeated(t *testing.T) {
	c := k.paid(t)
	if a := k.send(t, t.Context(), c); a.Outcome != payment.Paid && a.Outcome != payment.Unknown {
		t.Errorf("the same charge again: %s/%s", a.Outcome, a.Reason)
	}
	other := c
	other.Amount = c.Amount.Add(money.Fen(1))
	expect(t, "the number with another amount", k.send(t, t.Context(), other), payment.Unknown, k.Reused)
	expect(t, "query of another amount", k.Provider.Query(t.Context(), orderOf(other)), payment.Unknown, payment.WrongAmount)
	k.books(t, orderOf(c), payment.Paid)
}

func (k *till) badCodes(t *testing.T) {
	used := k.paid(t)
	expect(t, "used code", k.send(t, t.Context(), k.charge(used.Code)), payment.Declined, payment.CodeInvalid)
	old := k.charge(k.Control.Code(t, Customer{}))
	k.Control.Advance(t, 2*time.Minute)
	expect(t, "expired code", k.send(t, t.Context(), old), payment.Declined, k.Expired)
	made := k.charge(used.Code[:len(used.Code)-6] + "000000")
	expect(t, "made-up code", k.send(t, t.Context(), made), payment.Declined, payment.CodeInvalid)
	none := k.charge("")
	if a := k.Provider.Charge(t.Context(), none); a.Outcome != payment.Declined {
		t.Errorf("no code: %s/%s", a.Outcome, a.Reason)
	}
	for _, c := range []payment.Charge{old, made, none} {
		k.books(t, orderOf(c), payment.Declined)
	}
}

// atOnce holds that a provider keeps no state: many charges at the same time
// do not touch one another.
func (k *till) atOnce(t *testing.T) {
	const tills = 8
	var (
		all     sync.WaitGroup
		charges [tills]payment.Charge
		answers [tills]payment.Answer
	)
	for i := range charges {
		charges[i] = k.charge(k.Control.Code(t, Customer{}))
		charges[i].Amount = money.Fen(int64(100 + i))
	}
	for i := range charges {
		all.Go(func() { answers[i] = k.Provider.Charge(t.Context(), charges[i]) })
	}
	all.Wait()
	for i := range charges {
		expect(t, "charge", answers[i], payment.Paid)
		k.books(t, orderOf(charges[i]), payment.Paid)
	}
}
