package till

import (
	"context"

	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
)

// releaseHold gives a hold up. It waits its turn at the terminal, and is in
// doubt until that has told.
func (t *Till) releaseHold(ctx context.Context, c CardRelease, st stamp) (ledger.Hold, error) {
	h, err := t.stands(ctx, c.Hold)
	switch {
	case err != nil:
		return h, err
	case !reasoned(c.Reason):
		return h, fault(FaultReasonNeeded)
	}
	desk, err := t.holdDesk()
	if err != nil {
		return h, err
	}
	moved := ledger.HoldMoved{Hold: h.ID, State: ledger.HoldReleasing, Cause: c.Reason}
	if _, err := t.write(st.batch(h.ID, t.draft(ledger.KindHoldMoved, "", moved))); err != nil {
		return h, err
	}
	if h, err = t.hold(ctx, h.ID); err == nil {
		t.release(h, desk)
		h, err = t.hold(ctx, h.ID)
	}
	return h, err
}

// release makes a hold that is being given up a task, as a refund is one.
func (t *Till) release(h ledger.Hold, desk payment.Holder) {
	refunder, ok := desk.(payment.Refunder)
	if !ok {
		return
	}
	state := ledger.RefundChecking
	if h.State == ledger.HoldAbnormal {
		state = ledger.RefundAbnormal
	}
	task := &refunding{
		hold: h.ID, provider: refunder, desk: desk, ask: h.Since != "", // else nothing has been sent
		refund: ledger.Refund{ID: h.ID, Channel: h.Channel, Amount: h.Amount, State: state, Reason: h.Reason, StartedAt: h.StartedAt},
		call: payment.Refund{
			Number: h.ID, Order: h.ID, Reference: h.AcquirerReference, Amount: h.Amount, Total: h.Amount, Reason: h.Cause, Cashier: h.Operator,
			Mark: markOf(h.Attempt), Since: h.Since, Hold: payment.Hold{Op: payment.HoldRelease},
		},
	}
	task.left(t.now())
	t.refunds[h.ID] = task
	t.refundStep(task)
}

// holdReleaseState is where a hold stands of which the giving up stands so.
func holdReleaseState(s ledger.RefundState) ledger.HoldState {
	switch s {
	case ledger.RefundDone:
		return ledger.HoldReleased
	case ledger.RefundRefused:
		return ledger.HoldHeld
	case ledger.RefundAbnormal:
		return ledger.HoldAbnormal
	}
	return ledger.HoldReleasing
}

// releaseMoved writes what became of giving a hold up; false when the book did
// not take it.
func (t *Till) releaseMoved(r *refunding, m ledger.RefundMoved, asked ledger.Batch) bool {
	moved := ledger.HoldMoved{Hold: r.hold, State: holdReleaseState(m.State), Outcome: m.Outcome, Reason: m.Reason, Detail: m.Detail}
	asked.Drafts = append(asked.Drafts, t.draft(ledger.KindHoldMoved, "", moved))
	slip := t.holdPaper(r.hold, moved.State)
	if moved.State == ledger.HoldReleased {
		asked.Drafts = append(asked.Drafts, t.queued("", slip)...)
	}
	if _, err := t.write(asked); err != nil {
		return false
	}
	r.refund.State, r.refund.Reason = m.State, m.Reason
	t.tell(r.hold)
	h, err := t.hold(t.ctx, r.hold)
	switch {
	case err != nil:
	case h.State == ledger.HoldReleased:
		t.notice(Notice{Code: NoticeHoldSettled, Args: []any{h.ID, string(h.State)}})
		t.print(t.ctx, slip)
	case h.State != ledger.HoldReleasing:
		t.notice(Notice{Code: NoticeHoldFailed, Args: []any{h.ID}})
	}
	return true
}

// cancelHold gives a hold up that is being taken. The customer may hold the
// card: the terminal's answer decides.
func (t *Till) cancelHold(ctx context.Context, c CardCancel, st stamp) (ledger.Hold, error) {
	h, err := t.hold(ctx, c.Hold)
	a := t.attempts[c.Hold]
	switch {
	case err != nil:
		return h, err
	case a == nil || a.hold == "" || !h.State.InDoubt():
		return h, fault(FaultHoldState, h.ID, string(h.State))
	}
	if preparer, ok := a.provider.(payment.Preparer); ok && a.machine.Flight == payment.OpCharge {
		preparer.Abort()
	}
	t.stepWith(a, payment.GiveUp{At: t.now()}, payment.Answer{}, st.batch(h.ID))
	return t.hold(ctx, h.ID)
}

// queryHold lets the terminal be asked now, if there is something to ask.
func (t *Till) queryHold(ctx context.Context, c CardQuery) (ledger.Hold, error) {
	h, err := t.hold(ctx, c.Hold)
	if err != nil {
		return h, err
	}
	if a := t.attempts[h.ID]; a != nil {
		t.step(a, payment.AskNow{At: t.now()}, payment.Answer{})
	}
	if r := t.refunds[h.ID]; r != nil {
		t.refundStep(r)
	}
	if h.State == ledger.HoldCompleting {
		if _, err := t.queryPayment(ctx, PaymentQuery{Payment: h.Payment}); err != nil {
			return h, err
		}
	}
	return t.hold(ctx, h.ID)
}

// waitHold returns when it is known what became of a hold, or at the time-out
// with what is known.
func (t *Till) waitHold(ctx context.Context, c CardWait) (Result, error) {
	return t.await(ctx, c, c.Timeout, func() (Result, string, error) {
		h, err := t.hold(ctx, c.Hold)
		switch {
		case err != nil || settled(h):
			return t.shownHold(h), "", err
		case h.State == ledger.HoldCompleting:
			return t.shownHold(h), h.Payment, nil
		}
		return t.shownHold(h), h.ID, nil
	})
}

// settled reports whether nothing is on its way to a hold's terminal.
func settled(h ledger.Hold) bool {
	return !h.State.InDoubt() && h.State != ledger.HoldCompleting || h.State == ledger.HoldAbnormal
}

// resumeHolds takes up what an earlier run left of holds.
func (t *Till) resumeHolds(holds []ledger.Hold) {
	for _, h := range holds {
		desk := holder(t.parts.Providers[payment.Channel(h.Channel)])
		if desk == nil {
			if h.State.InDoubt() {
				t.notice(Notice{Code: NoticeChannelGone, Args: []any{h.Channel}})
			}
			continue
		}
		switch h.State {
		case ledger.HoldReleasing, ledger.HoldAbnormal:
			t.release(h, desk)
		case ledger.HoldWaiting, ledger.HoldChecking, ledger.HoldReversed, ledger.HoldDeclined:
			a := t.takeOver(ledger.Payment{ID: h.ID, Channel: h.Channel, Order: h.ID, Amount: h.Amount, StartedAt: h.StartedAt, Attempt: h.Attempt}, desk)
			a.hold, a.charge.Hold = h.ID, payment.Hold{Op: payment.HoldTake}
			a.resumed = h.State.InDoubt()
			t.step(a, payment.Resumed{At: t.now()}, payment.Answer{})
		}
	}
}

// inDoubt counts the holds of which an end is open.
func inDoubt(holds []ledger.Hold) int {
	n := 0
	for _, h := range holds {
		if h.State.InDoubt() {
			n++
		}
	}
	return n
}

// holdSlip is a hold on paper, as it stands now.
func (t *Till) holdSlip(h ledger.Hold, copy int) printer.HoldSlip {
	return printer.HoldSlip{
		Heading: t.heading(copy), Number: h.ID, Reference: h.Reference, Channel: h.Channel, Amount: h.Amount, State: string(h.State), Reason: h.Cause,
		AcquirerRef: h.AcquirerReference, Trace: h.Trace, Auth: h.Auth, Payer: h.Payer, Funding: h.Funding, Operator: h.Operator, At: h.StartedAt, Journal: t.place(),
	}
}
