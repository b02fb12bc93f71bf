package till_test

import (
	"context"
	"fmt"
	"slices"

	"abacus/payment"
)

// cardBug is a known mistake with cards.
type cardBug struct {
	// desk is what the terminal's client makes of an answer.
	desk       func(p *simPinpad, ctx context.Context, op payment.Op, o payment.Order, a payment.Answer) payment.Answer
	deskRefund func(p *simPinpad, ctx context.Context, r payment.Refund, a payment.RefundAnswer) payment.RefundAnswer
	strangers  bool // the terminal is taken for another one at every call
}

// simBugs are all known mistakes.
var simBugs = slices.Concat(codeBugs, cardBugs)

var cardBugs = []*simBug{
	{name: "a terminal's lost answer is taken for a refusal", common: true, cardBug: cardBug{desk: func(_ *simPinpad, _ context.Context, op payment.Op, _ payment.Order, a payment.Answer) payment.Answer {
		if op == payment.OpCharge && a.Reason == payment.TerminalSilent {
			a.Outcome = payment.Declined
		}
		return a
	}}},
	{name: "the terminal's last transaction is taken for this one", common: true, cardBug: cardBug{desk: lastIsOurs}},
	{name: "a reversal at the terminal is believed without its word", cardBug: cardBug{desk: func(_ *simPinpad, _ context.Context, op payment.Op, _ payment.Order, a payment.Answer) payment.Answer {
		if op == payment.OpReverse && a.Outcome == payment.Unknown {
			a.Outcome = payment.Reversed
		}
		return a
	}}},
	{name: "a terminal's silence about a refund is taken for a refusal", cardBug: cardBug{deskRefund: func(_ *simPinpad, _ context.Context, _ payment.Refund, a payment.RefundAnswer) payment.RefundAnswer {
		if a.Outcome == payment.RefundUnknown && a.Reason == payment.TerminalSilent {
			a.Outcome = payment.RefundRefused
		}
		return a
	}}},
	{name: "the next customer goes to a terminal that owes an answer", cardBug: cardBug{strangers: true}},
}

// lastIsOurs believes a terminal that tells its last transaction, whosever it
// is.
func lastIsOurs(p *simPinpad, ctx context.Context, op payment.Op, o payment.Order, a payment.Answer) payment.Answer {
	if op != payment.OpQuery || a.Outcome != payment.Declined {
		return a
	}
	again, cancel := oneMoreCall(ctx)
	defer cancel()
	r, ok, err := p.Last(again)
	if err != nil || !ok || r.Code != "00" || !r.Amount.Positive() {
		return a
	}
	return payment.Answer{Outcome: payment.Paid, Reference: r.Reference, Mark: fmt.Sprintf("done:%s:%06d:%s:%s", o.Mark[len("open:"):], r.Trace, r.Reference, r.Date)}
}

func (p *simPinpad) bend(ctx context.Context, op payment.Op, o payment.Order, a payment.Answer) payment.Answer {
	if p.d.s.bug.desk != nil {
		return p.d.s.bug.desk(p, ctx, op, o, a)
	}
	return a
}

// Desk implements payment.Preparer.
func (p *simPinpad) Desk() string {
	if !p.d.s.bug.strangers {
		return p.Provider.Desk()
	}
	p.d.note(func() { p.d.names++ })
	return fmt.Sprint("line ", p.d.names)
}
