package till

import (
	"context"
	"maps"
	"slices"
	"time"

	"abacus/ledger"
	"abacus/payment"
)

// newAttempt is an attempt of the life its provider asks for.
func newAttempt(p payment.Provider, present bool) payment.Attempt {
	if _, ok := p.(payment.Preparer); ok {
		return payment.NewPrepared(p.Timing())
	}
	return payment.NewAttempt(present, p.Timing())
}

// takesCards reports whether a channel is charged without a code: the customer
// is asked for a card.
func (t *Till) takesCards(c payment.Channel) bool {
	p, ok := t.parts.Providers[c].(payment.CardTaker)
	return ok && p.TakesCards()
}

// atDesk reports whether a channel goes by way of a device beside the till.
func (t *Till) atDesk(c payment.Channel) bool {
	if t.parts == nil {
		return false
	}
	_, ok := t.parts.Providers[c].(payment.Preparer)
	return ok
}

// owes is the payment or refund whose end the device behind a provider has not
// told yet; empty when there is none. Until then nothing else may leave for it:
// its transactions have no order numbers of ours, and the next one could be
// taken for the one in doubt. A manager may go past one that the device itself
// cannot tell apart.
func (t *Till) owes(ctx context.Context, p payment.Provider) string {
	desk, ok := p.(payment.Preparer)
	if !ok {
		return ""
	}
	for _, id := range slices.Sorted(maps.Keys(t.attempts)) {
		a := t.attempts[id]
		if !sameDesk(a.provider, desk) || ledger.PaymentState(a.machine.State()).Final() {
			continue
		}
		if p, err := t.payment(ctx, id); err == nil && p.Forced && a.machine.Reason == payment.Ambiguous {
			continue
		}
		return id
	}
	if owing := t.owedRefund(desk, nil); owing != "" || t.unread <= 0 {
		return owing
	}
	return "?" // of an earlier run, not read yet
}

// owedRefund is a refund, other than this one, that has left for a desk and has
// no end yet.
func (t *Till) owedRefund(desk payment.Preparer, but *refunding) string {
	for _, id := range slices.Sorted(maps.Keys(t.refunds)) {
		r := t.refunds[id]
		if r != but && r.desk != nil && r.desk.Desk() == desk.Desk() && r.call.Since != "" && r.refund.State != ledger.RefundAbnormal {
			return id
		}
	}
	return ""
}

func sameDesk(p payment.Provider, desk payment.Preparer) bool {
	other, ok := p.(payment.Preparer)
	return ok && other.Desk() == desk.Desk()
}

// prepareRefund asks the device where it stands, so that a refund in doubt can
// be looked for behind that; only then does the refund leave.
func (t *Till) prepareRefund(r *refunding) {
	if t.deskBusy(r) {
		t.laterRefund(r)
		return
	}
	r.flying, r.next, r.asked = true, time.Time{}, t.now()
	t.send(payment.Channel(r.refund.Channel), r.refund.ID, true, false, func() {
		ctx, cancel := context.WithTimeout(t.ctx, r.provider.Timing().CallTimeout)
		defer cancel()
		answer := call(ctx, r.desk, payment.OpReady, payment.Charge{}, payment.Order{})
		t.post(t.ctx, func() { t.refundPrepared(r, answer) })
	})
}

// deskBusy reports whether something else has left for the device, or is about
// to, whose end could be taken for that of a refund: what an earlier run left
// and is not read yet may have.
func (t *Till) deskBusy(r *refunding) bool {
	if t.unread > 0 {
		return true
	}
	for _, a := range t.attempts {
		if sameDesk(a.provider, r.desk) && !ledger.PaymentState(a.machine.State()).Final() {
			return true
		}
	}
	return t.owedRefund(r.desk, r) != ""
}

// laterRefund waits for its turn at the device.
func (t *Till) laterRefund(r *refunding) {
	r.next = t.now().Add(time.Second)
	t.at(r.refund.ID, r.next)
}

func (t *Till) refundPrepared(r *refunding, answer payment.Answer) {
	if t.ctx.Err() != nil || t.refunds[r.refund.ID] != r { // a person has told meanwhile
		return
	}
	r.flying = false
	t.linkSeen(payment.Channel(r.refund.Channel), answer)
	if answer.Outcome != payment.Waiting || answer.Mark == "" {
		r.tries++
		t.planRefund(r)
		t.tell(r.refund.ID)
		t.publish()
		return
	}
	if t.deskBusy(r) { // something left while it was asked
		t.laterRefund(r)
		return
	}
	moved := ledger.RefundMoved{Refund: r.refund.ID, State: r.refund.State, Mark: answer.Mark}
	draft := ledger.Draft{Kind: ledger.KindRefundMoved, Shift: t.parts.shift, Sale: r.refund.Sale, Payload: moved}
	if r.hold != "" {
		draft = t.draft(ledger.KindHoldMoved, "", ledger.HoldMoved{Hold: r.hold, State: holdReleaseState(r.refund.State), Since: answer.Mark})
	}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{draft}}); err != nil {
		t.planRefund(r)
		return
	}
	r.refund.Mark, r.call.Since = answer.Mark, answer.Mark
	t.refundStep(r)
}

// Link takes in how a device or an acquirer does from whoever watches it.
func (t *Till) Link(ctx context.Context, name string, up bool) {
	t.post(ctx, func() {
		t.setLink(name, map[bool]LinkState{true: LinkUp, false: LinkDown}[up])
		t.publish()
	})
}
