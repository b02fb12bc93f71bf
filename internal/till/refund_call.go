package till

import (
	"context"
	"time"

	"abacus/ledger"
	"abacus/payment"
)

// refundStep makes the next call of a refund: its intent is in the book.
func (t *Till) refundStep(r *refunding) {
	if t.trouble != nil {
		r.next = time.Time{} // reopen takes it up
		return
	}
	if r.flying {
		return
	}
	if r.desk != nil && r.call.Since == "" {
		t.prepareRefund(r)
		return
	}
	r.flying, r.next, r.asked = true, time.Time{}, t.now()
	provider, c, ask := r.provider, r.call, r.ask
	if !ask {
		r.left(t.now())
	}
	t.send(payment.Channel(r.refund.Channel), r.refund.ID, r.tries > 0 || ask, false, func() {
		ctx, cancel := context.WithTimeout(t.ctx, provider.Timing().CallTimeout)
		defer cancel()
		answer := callRefund(ctx, provider, c, ask)
		t.post(t.ctx, func() { t.refundArrived(r, ask, answer) })
	})
}

// left notes that a refund is on its way, or may be since before the start.
func (r *refunding) left(now time.Time) { r.arrives = now.Add(r.provider.Timing().NoReverseUntil) }

func callRefund(ctx context.Context, p payment.Refunder, c payment.Refund, ask bool) (answer payment.RefundAnswer) {
	defer func() {
		if recover() != nil {
			answer = payment.RefundAnswer{Reason: payment.BadAnswer, Detail: "the channel's client failed"}
		}
	}()
	if ask {
		return p.QueryRefund(ctx, c)
	}
	return p.Refund(ctx, c)
}

func (t *Till) refundArrived(r *refunding, asked bool, answer payment.RefundAnswer) {
	if t.ctx.Err() != nil || t.refunds[r.refund.ID] != r { // a person has told meanwhile
		return
	}
	r.flying = false
	r.tries++
	answer = r.believed(t.now(), asked, answer)
	if !asked && r.desk != nil && answer.Outcome == payment.RefundUnknown {
		r.left(t.now()) // it may have waited for its turn at the device
	}
	t.log.Info("refund answer", "refund", r.refund.ID, "query", asked, "outcome", answer.Outcome, "reason", answer.Reason, "detail", answer.Detail, "error", answer.Err)
	if r.desk != nil && r.refund.State == ledger.RefundAbnormal && answer.Outcome == payment.RefundUnknown {
		// A person's, unless the terminal tells after all: it is asked, and nothing is
		// sent to it again.
		r.ask = true
		t.planRefund(r)
		t.tell(r.refund.ID)
		t.publish()
		return
	}
	state := r.refund.State
	switch answer.Outcome {
	case payment.RefundPaid:
		state = ledger.RefundDone
	case payment.RefundAccepted:
		state = ledger.RefundPending
	case payment.RefundRefused:
		state = ledger.RefundRefused
	case payment.RefundStuck:
		state = ledger.RefundAbnormal
	}
	// Unknown to the acquirer: the same number once more. Else ask. A bank
	// terminal would do it twice, as it knows no numbers of ours.
	r.ask = !(asked && answer.Outcome == payment.RefundUnknown && answer.Reason == payment.NotFound) ||
		r.desk != nil && t.now().Before(r.arrives)
	if state != r.refund.State || string(answer.Reason) != r.refund.Reason {
		if !t.refundMoved(r, state, answer, ledger.Batch{}) {
			t.planRefund(r)
			return
		}
	}
	if state == ledger.RefundDone || state == ledger.RefundRefused {
		t.dropRefund(r)
	} else {
		t.planRefund(r)
	}
	t.tell(r.refund.ID)
	t.publish()
}

// believed is what an answer proves. The refusal of a request proves nothing of
// one with the same number that was sent before and is still on its way, or has
// been taken.
func (r *refunding) believed(now time.Time, asked bool, answer payment.RefundAnswer) payment.RefundAnswer {
	switch {
	case asked || r.desk != nil: // a terminal's silence has its own rule
	case answer.Outcome == payment.RefundUnknown && answer.Reason != payment.NotSent,
		answer.Outcome == payment.RefundAccepted: // sent again only where the query does not find it yet
		r.astray = now.Add(refundAstray)
	case answer.Outcome == payment.RefundRefused && now.Before(r.astray):
		return payment.RefundAnswer{Reason: payment.NoAnswer, Detail: answer.Detail}
	}
	return answer
}

// dropRefund forgets a refund that has ended.
func (t *Till) dropRefund(r *refunding) {
	delete(t.refunds, r.refund.ID)
	t.at(r.refund.ID, time.Time{})
}

// planRefund asks again, after one second at first and every minute in the end.
func (t *Till) planRefund(r *refunding) {
	doublings := min(max(r.tries-1, 0), 6) // one that could not even be prepared has no tries
	r.next = t.spread(t.now().Add(min(time.Second<<doublings, time.Minute)))
	t.at(r.refund.ID, r.next)
}

// refundMoved writes what became of a refund; false when the book did not take
// it.
func (t *Till) refundMoved(r *refunding, state ledger.RefundState, answer payment.RefundAnswer, asked ledger.Batch) bool {
	moved := ledger.RefundMoved{
		Refund: r.refund.ID, State: state, Outcome: answer.Outcome.String(), Reason: string(answer.Reason),
		Detail: answer.Detail, AcquirerReference: answer.Reference,
	}
	if r.hold != "" {
		return t.releaseMoved(r, moved, asked)
	}
	moved.BySale = state == ledger.RefundRefused
	empty := moved.BySale && t.leavesEmpty(r.refund)
	if empty { // first: what holds money cannot be given up
		asked.Drafts = append(asked.Drafts, t.draft(ledger.KindSaleVoided, r.refund.Sale, ledger.SaleMoved{Reason: r.refund.Cause}))
	}
	asked.Drafts = append(asked.Drafts, ledger.Draft{Kind: ledger.KindRefundMoved, Shift: t.parts.shift, Sale: r.refund.Sale, Payload: moved})
	if state == ledger.RefundDone {
		asked.Drafts = append(asked.Drafts, t.queued(r.refund.Sale, original(ofRefund, r.refund.ID))...)
	}
	if _, err := t.write(asked); err != nil {
		return false
	}
	if empty && t.front == r.refund.Sale {
		t.putInFront("")
	}
	if updated, err := t.refund(t.ctx, r.refund.ID); err == nil {
		r.refund = updated
	}
	switch state {
	case ledger.RefundDone:
		t.notice(Notice{Code: NoticeRefundDone, Args: []any{r.refund.ID}, Payment: r.refund.Payment})
		t.print(t.ctx, original(ofRefund, r.refund.ID))
	case ledger.RefundRefused, ledger.RefundAbnormal:
		if r.refund.Owing() {
			t.notice(Notice{Code: NoticeRefundOwed, Args: []any{r.refund.ID}, Payment: r.refund.Payment})
			break
		}
		t.notice(Notice{Code: NoticeRefundFailed, Args: []any{r.refund.ID}, Payment: r.refund.Payment})
	}
	return true
}
