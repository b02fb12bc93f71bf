package pinpad

import (
	"strconv"
	"strings"

	"abacus/payment"
)

// Holds implements payment.Holder: pre-authorisations are of cards.
func (p *Provider) Holds() bool { return p.TakesCards() }

// chargeOf is the request that a charge makes; ok is false where it cannot be
// one of this channel's.
func (p *Provider) chargeOf(c payment.Charge) (q request, ok bool) {
	q = request{kind: kindSale, amount: c.Amount}
	switch {
	case !p.TakesCards():
		q.kind, q.code = kindCode, c.Code
		return q, c.Code != "" && c.Hold.Op == payment.HoldNone
	case c.Hold.Op == payment.HoldTake:
		q.kind = kindHold
	case c.Hold.Op == payment.HoldComplete:
		held, known := readMark(c.Hold.Mark)
		q.kind, q.trace, q.auth, q.date = kindComplete, held.trace, held.auth, p.dayOf(held.date)
		return q, c.Code == "" && known && held.state == done
	}
	return q, c.Code == "" && (c.Hold.Op == payment.HoldNone || c.Hold.Op == payment.HoldTake)
}

// undoing is the type that undoes what a call with a hold has done.
func undoing(op payment.HoldOp) kind {
	switch op {
	case payment.HoldTake, payment.HoldRelease:
		return kindHoldCancel
	case payment.HoldComplete, payment.HoldReopen:
		return kindCompleteCancel
	}
	return kindVoid
}

// SlipMark implements payment.SlipReader.
func (p *Provider) SlipMark(since string, slip payment.Slip) (string, bool) {
	m, ok := readMark(since)
	trace, err := strconv.Atoi(slip.Trace)
	whole := err == nil && isTrace(trace) && trace > 0 && slip.Reference != "" && len(slip.Auth) <= 6 && len(slip.Reference) <= 12
	if !ok || !whole || len(slip.Date) != 4 || strings.Trim(slip.Date, "0123456789") != "" ||
		!printable(slip.Auth+slip.Reference) || strings.Contains(slip.Auth+slip.Reference, ":") {
		return "", false
	}
	m.state, m.trace, m.reference, m.date, m.auth = done, trace, slip.Reference, slip.Date, slip.Auth
	return m.String(), true
}
