package sandbox

import (
	"time"

	"abacus/internal/money"
)

// Windows. Source: acquirers' documents on reversal and refund. Alipay cancels
// on the same Beijing day, with a little grace after midnight.
const (
	reverseWindow = 7 * 24 * time.Hour
	cancelGrace   = 15 * time.Minute
	refundWindow  = 365 * 24 * time.Hour
	maxRefunds    = 50
	refundWork    = time.Second // until the acquirer calls a refund finished
)

// query is an order as the acquirer would tell it.
//
// With late, an order that exists is denied this once; if it was waiting its
// money moves lateAsked from now.
func (a *acquirer) query(channel, number string, late bool) (*order, refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.visible(orderKey(channel, number), late)
}

// queryReference is query by the acquirer's own number.
func (a *acquirer) queryReference(channel, reference string, late bool) (*order, refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.visible(a.byReference[channel+"/"+reference], late)
}

func (a *acquirer) visible(key string, late bool) (*order, refusal) {
	o, refused := a.known(key, late)
	if refused.why == accepted && o.unborn() {
		return nil, refusal{why: notFound}
	}
	return o, refused
}

// known is visible, and also an order code that nobody has scanned.
func (a *acquirer) known(key string, late bool) (*order, refusal) {
	o, refused := a.current(key)
	switch {
	case refused.why != accepted:
		return nil, refused
	case o.Hidden, late && o.State == waiting:
		return nil, a.asked(o)
	case late:
		return nil, refusal{why: notFound}
	}
	return o, refusal{}
}

// reverse undoes an order whatever its end: unpaid it is closed, paid the
// money goes back. A reversal done before is acknowledged again.
//
// An order code that nobody has scanned dies by it: its number is spent.
//
// With late-success, the reversal is acknowledged and not done; if the order was
// waiting, its money moves lateAsked from now. A query tells the truth
// throughout, and a second reversal works. With merchant-funds, money that would
// have to go back does not; nor, with not-allowed, ever.
func (a *acquirer) reverse(channel, number string, f strike) (*order, refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o, refused := a.known(orderKey(channel, number), false)
	if refused.why != accepted {
		return nil, refused
	}
	if why := a.reversible(o); why.why != accepted {
		return o, why
	}
	switch {
	case f.late():
		return a.pretend(o, "reversal pretended")
	case o.State == reversed || o.State == closed:
		return o, refusal{}
	case o.State == paid && f.kind == merchantFunds:
		return o, refusal{why: merchantPoor}
	case o.State == paid && f.kind == notAllowed:
		return o, refusal{why: noReversal}
	}
	o = o.clone()
	if o.State == paid {
		o.Reversed = o.Captured
	}
	o.State, o.PayAt, o.LateAt = reversed, time.Time{}, time.Time{}
	o.note(a.now(), "reversed", o.Reversed, "")
	return o, a.save(o)
}

func (a *acquirer) reversible(o *order) refusal {
	switch {
	case o.Present && o.Channel == weChat:
		return refusal{why: isPresent}
	case len(o.Refunds) > 0:
		return refusal{why: hasRefunds}
	case o.State == paid && a.now().After(reverseUntil(o)):
		return refusal{why: tooLate}
	}
	return refusal{}
}

func reverseUntil(o *order) time.Time {
	if o.Channel == weChat {
		return o.Created.Add(reverseWindow)
	}
	day := o.Created.In(beijing)
	midnight := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, beijing)
	return midnight.Add(cancelGrace)
}

// pretend acknowledges an end that did not happen.
func (a *acquirer) pretend(o *order, what string) (*order, refusal) {
	o = o.clone()
	o.note(a.now(), what, money.Amount{}, "late success")
	if o.State == waiting {
		o.hasten(a.now())
	}
	return o, a.save(o)
}

// close ends an unpaid order. With late it is acknowledged and not done, as
// with reverse; where there is nothing to close yet, a customer pays all the
// same lateAsked from now.
func (a *acquirer) close(channel, number string, late bool) (*order, refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := orderKey(channel, number)
	o, refused := a.visible(key, late && a.orders[key] != nil && a.orders[key].unborn())
	switch {
	case refused.why != accepted:
		return nil, refused
	case !o.Present && channel == weChat:
		return o, refusal{why: isCharge}
	case o.State == paid || o.State == refunded:
		return o, refusal{why: orderPaid}
	case o.State != waiting:
		return o, refusal{why: orderClosed}
	case late:
		return a.pretend(o, "close pretended")
	}
	o = o.clone()
	o.State, o.PayAt, o.LateAt = closed, time.Time{}, time.Time{}
	o.note(a.now(), "closed", money.Amount{}, "")
	return o, a.save(o)
}

// giveBack is a request for a refund.
type giveBack struct {
	channel, order, reference string // by the merchant's number or the acquirer's
	number                    string
	amount                    money.Amount
	total                     money.Amount // the order's, zero when not said
	strike                    strike
}

// refund gives money back. The same number with the same amount is the same
// refund: moved is then false.
//
// With late-success, the refund is made and answered as the acquirer's own
// fault; with merchant-funds or not-allowed a new one is refused; with abnormal it is stuck for
// a while.
func (a *acquirer) refund(g giveBack) (o *order, moved bool, refused refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := orderKey(g.channel, g.order)
	if g.order == "" {
		key = a.byReference[g.channel+"/"+g.reference]
	}
	if o, refused = a.visible(key, false); refused.why != accepted {
		return nil, false, refused
	}
	if r, known := o.refund(g.number); known {
		if !r.Amount.Equal(g.amount) {
			refused.why = refundOther
		}
		return o, false, refused
	}
	if refused = a.refundable(o, g); refused.why != accepted {
		return o, false, refused
	}
	switch g.strike.kind {
	case merchantFunds:
		return o, false, refusal{why: merchantPoor}
	case notAllowed:
		return o, false, refusal{why: noRefund}
	}
	o = o.clone()
	now := a.now()
	o.Refunds = append(o.Refunds, refund{
		Number: g.number, Reference: a.reference("503"), Amount: g.amount, At: now, Done: now.Add(refundWork + g.strike.stuck()), Stuck: g.strike.kind == abnormal,
	})
	if o.refundedSum().Equal(o.Captured) {
		o.State = refunded
	}
	o.note(now, "refunded", g.amount, g.number)
	if refused = a.save(o); refused.why == accepted && g.strike.late() {
		refused.why = systemFault
	}
	return o, true, refused
}

func (a *acquirer) refundable(o *order, g giveBack) refusal {
	other := a.byRefund[g.channel+"/"+g.number]
	switch {
	case o.State == reversed:
		return refusal{why: orderReversed}
	case o.State == closed:
		return refusal{why: orderClosed}
	case o.State != paid && o.State != refunded:
		return refusal{why: notPaid}
	case !g.total.IsZero() && !g.total.Equal(o.Amount):
		return refusal{why: wrongTotal}
	case g.channel == weChat && other != "" && other != o.key():
		return refusal{why: refundOther} // unique per merchant there, per order at Alipay
	case o.Captured.Less(o.refundedSum().Add(g.amount)):
		return refusal{why: refundTooMuch}
	case len(o.Refunds) >= maxRefunds:
		return refusal{why: refundTooMany}
	case a.now().After(o.PaidAt.Add(refundWindow)):
		return refusal{why: tooLate}
	}
	return refusal{}
}

// queryRefund is a refund by its number, with its order. Alipay asks for the
// order too.
func (a *acquirer) queryRefund(channel, number, order string, late bool) (*order, refund, refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := orderKey(channel, order)
	if order == "" {
		key = a.byRefund[channel+"/"+number]
	}
	o, refused := a.visible(key, false)
	if refused.why != accepted {
		return nil, refund{}, refused
	}
	r, known := o.refund(number)
	if !known || late {
		return o, refund{}, refusal{why: refundUnknown}
	}
	return o, r, refusal{}
}
