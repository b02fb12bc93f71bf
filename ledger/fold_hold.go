package ledger

import "time"

// legalHoldMoves lists where an entry of its own may take a hold. To completing
// and completed, and back, it goes by its payment's entries.
var legalHoldMoves = map[HoldState][]HoldState{
	HoldWaiting:   {HoldWaiting, HoldChecking, HoldHeld, HoldDeclined, HoldReversed},
	HoldChecking:  {HoldWaiting, HoldChecking, HoldHeld, HoldDeclined, HoldReversed},
	HoldDeclined:  {HoldDeclined, HoldChecking, HoldHeld}, // the bank may be late
	HoldReversed:  {HoldReversed, HoldChecking, HoldHeld},
	HoldHeld:      {HoldReleasing},
	HoldReleasing: {HoldReleasing, HoldAbnormal, HoldReleased, HoldHeld},
	HoldAbnormal:  {HoldReleasing, HoldAbnormal, HoldReleased, HoldHeld},
}

func (b *books) holdStarted(e *Entry, p HoldStarted) error {
	if p.Hold == "" || len(p.Hold) > maxText || len(p.Reference) > maxText || p.Channel == "" {
		return refuse(RefuseEntry, p.Hold, "a hold needs an identity and a channel")
	}
	if p.State != HoldWaiting && p.State != HoldChecking {
		return refuse(RefuseTransition, p.Hold, "a hold cannot start as %q", p.State)
	}
	if err := b.accepts(p.Hold, p.Amount); err != nil {
		return err
	}
	if !p.Amount.Positive() {
		return refuse(RefuseAmount, p.Hold, "%s to be held", p.Amount)
	}
	known, err := b.holds.see(p.Hold)
	if known != nil || err != nil {
		return orRefuse(err, RefuseExists, p.Hold, "this hold exists")
	}
	b.holds.add(p.Hold, e.Number, Hold{ID: p.Hold, Reference: p.Reference, Day: e.Day, Shift: e.Shift, Operator: e.Operator,
		Channel: p.Channel, Amount: p.Amount, State: p.State, StartedAt: e.Time, Attempt: p.Attempt})
	return nil
}

func (b *books) holdMoved(e *Entry, p HoldMoved) error {
	h, err := b.holds.edit(p.Hold)
	if h == nil {
		return orRefuse(err, RefuseHold, p.Hold, "no such hold")
	}
	if err := legal(legalHoldMoves, h.ID, h.State, p.State); err != nil {
		return err
	}
	h.State, h.Watch, h.EndedAt = p.State, p.Watch, time.Time{}
	set(&h.Reason, p.Reason)
	if !p.State.InDoubt() {
		h.Reason = p.Reason // why it was in doubt explains no end
	}
	if !p.State.Open() {
		h.EndedAt = e.Time
	}
	set(&h.Detail, p.Detail)
	set(&h.AcquirerReference, p.AcquirerReference)
	set(&h.Trace, p.Trace)
	set(&h.Auth, p.Auth)
	set(&h.Payer, p.Payer)
	set(&h.Funding, p.Funding)
	set(&h.Cause, p.Cause)
	set(&h.Since, p.Since)
	if p.State == HoldHeld {
		h.Since = "" // the next release asks the terminal anew
	}
	if len(p.Attempt) > 0 {
		h.Attempt = p.Attempt
	}
	return nil
}

// completing is a payment that takes of a hold, at most what is held, and only
// of one that stands.
func (b *books) completing(pay *Payment) error {
	if pay.Hold == "" {
		return nil
	}
	h, err := b.holds.edit(pay.Hold)
	switch {
	case h == nil:
		return orRefuse(err, RefuseHold, pay.Hold, "no such hold")
	case h.State != HoldHeld:
		return refuse(RefuseHold, h.ID, "the hold is %s", h.State)
	case h.Amount.Less(pay.Amount):
		return refuse(RefuseAmount, h.ID, "%s to be taken of %s held", pay.Amount, h.Amount)
	case pay.State == PaymentPaid || pay.Channel != h.Channel:
		return refuse(RefuseTransition, pay.ID, "only the terminal completes a hold")
	}
	h.State, h.Payment = HoldCompleting, pay.ID
	return nil
}

// completed is what a payment's new state makes of the hold it takes of. Money
// that is certain is never refused, whatever has become of the hold meanwhile.
func (b *books) completed(e *Entry, pay *Payment) error {
	if pay.Hold == "" {
		return nil
	}
	h, err := b.holds.edit(pay.Hold)
	switch {
	case h == nil:
		return orRefuse(err, RefuseHold, pay.Hold, "no such hold")
	case h.Payment != pay.ID && h.Payment != "":
		return nil // another payment takes of it by now
	case pay.State == PaymentPaid:
		h.State, h.Payment, h.Taken, h.EndedAt = HoldCompleted, pay.ID, pay.Amount, e.Time
	case pay.State.Final() && h.State == HoldCompleting:
		h.State, h.Payment = HoldHeld, ""
	case !pay.State.Final() && h.State == HoldHeld:
		h.State, h.Payment = HoldCompleting, pay.ID
	}
	return nil
}

// reopening is a refund that undoes a completion: of all of it, by the payment
// that is it.
func (b *books) reopening(pay *Payment, r *Refund) error {
	if r.Reopens == "" {
		return nil
	}
	h, err := b.holds.see(r.Reopens)
	switch {
	case h == nil:
		return orRefuse(err, RefuseHold, r.Reopens, "no such hold")
	case pay.Hold != h.ID || h.Payment != pay.ID || h.State != HoldCompleted:
		return refuse(RefuseHold, h.ID, "payment %s has not completed it", pay.ID)
	case !r.Amount.Equal(pay.Amount) || r.State == RefundDone:
		return refuse(RefuseRefundAmount, r.ID, "a completion of %s is undone as a whole", pay.Amount)
	}
	return nil
}

// reopened lets a hold stand again: the terminal has undone its completion.
func (b *books) reopened(r *Refund) error {
	if r.Reopens == "" {
		return nil
	}
	h, err := b.holds.edit(r.Reopens)
	if h == nil {
		return orRefuse(err, RefuseHold, r.Reopens, "no such hold")
	}
	h.State, h.Payment, h.Taken, h.EndedAt, h.Since = HoldHeld, "", b.zero(), time.Time{}, ""
	return nil
}
