package till

import (
	"context"

	"abacus/internal/money"
	"abacus/ledger"
)

// openRefunds are the refunds not over, oldest first, read again after an entry
// about one. What cannot be read leaves those that were known.
func (t *Till) openRefunds() []Refund {
	if !t.reread && t.ongoing != nil {
		return t.ongoing
	}
	open, err := t.parts.Books.OpenRefunds(t.ctx)
	if err != nil {
		return t.ongoing
	}
	t.ongoing, t.reread = make([]Refund, len(open)), false
	for i, r := range open {
		t.ongoing[i].Refund = r
		if i < mostDoubt {
			p, _, err := found(t.parts.Books.Payment(t.ctx, r.Payment))
			t.ongoing[i].Paid, t.reread = p, t.reread || err != nil
		}
	}
	return t.ongoing
}

// viewRefunds shows the refunds not over, with their clocks.
func (t *Till) viewRefunds(v *Snapshot) {
	open := t.openRefunds()
	v.RefundCount = len(open)
	for _, r := range open[:min(len(open), mostDoubt)] {
		task := t.refunds[r.ID]
		if r.Next = t.nextOf(r.Refund, task); task != nil {
			r.Asked, r.AskedAt, r.NextAsk = task.tries, task.asked, task.next
			if task.onlyASlipTells() {
				v.Decide = append(v.Decide, r.ID)
			}
		}
		if r.Owing() {
			r.AskedAt = r.EndedAt // nobody is asked any more
			if p, s, err := t.owedOf(t.ctx, r.Refund); err == nil {
				r.Left = stillOwed(r.Refund, p, s)
			}
		}
		v.Refunds = append(v.Refunds, r)
	}
}

func (t *Till) nextOf(r ledger.Refund, task *refunding) RefundNext {
	switch {
	case r.Owing():
		return RefundPerson
	case task == nil:
		return RefundStopped
	case task.onlyASlipTells():
		return RefundSlip
	case task.flying:
		return RefundAsking
	case task.next.IsZero() || task.desk != nil && task.call.Since == "":
		return RefundTurn
	case task.ask:
		return RefundAskedAt
	}
	return RefundSentAt
}

// askRefundNow takes the next step of a refund in doubt at once and answers with
// what is known once the answer has come, or the call has run out of time. Of
// one that is over there is nothing to ask.
func (t *Till) askRefundNow(ctx context.Context, c RefundQuery) (Result, error) {
	asked := false
	return t.await(ctx, c, longestCall, func() (Result, string, error) {
		r, err := t.refund(ctx, c.Refund)
		if err != nil || asked {
			return r, "", err
		}
		asked = true
		task := t.refunds[r.ID]
		switch {
		case task == nil && r.Open() && !r.Owing():
			return r, "", fault(FaultMethodOff, r.Channel)
		case task == nil:
			return r, "", nil
		}
		if t.refundStep(task); !task.flying {
			return r, "", nil // another transaction is at the terminal
		}
		t.publish()
		return r, r.ID, nil
	})
}

// owed is a refused refund whose money is still to go back.
func (t *Till) owed(ctx context.Context, id string) (ledger.Refund, error) {
	r, err := t.refund(ctx, id)
	if err == nil && !r.Owing() {
		err = fault(FaultNotOwed, r.ID, string(r.State))
	}
	return r, err
}

// owedOf is the payment and the sale of an owed refund.
func (t *Till) owedOf(ctx context.Context, r ledger.Refund) (ledger.Payment, ledger.Sale, error) {
	p, err := t.payment(ctx, r.Payment)
	if err != nil {
		return p, ledger.Sale{}, err
	}
	s, err := t.sale(ctx, r.Sale)
	return p, s, err
}

// stillOwed is what of a refused refund is still to go back: a part may have gone
// since, by another refund.
func stillOwed(r ledger.Refund, p ledger.Payment, s ledger.Sale) money.Amount {
	return money.Min(money.Min(r.Amount, s.Surplus()), p.Amount.Sub(p.Refunded))
}

// retryRefund gives money that came late back under a new number: the old one is
// refused for good. It is never more than what the sale still holds too much.
func (t *Till) retryRefund(ctx context.Context, c RefundRetry, st stamp) (ledger.Refund, error) {
	r, err := t.owed(ctx, c.Refund)
	if err != nil {
		return r, err
	}
	p, s, err := t.owedOf(ctx, r)
	if err != nil {
		return r, err
	}
	amount := stillOwed(r, p, s)
	if !amount.Positive() { // another refund of this sale is on its way
		return r, fault(FaultNotOwed, r.ID, string(r.State))
	}
	again := refundOf(p, amount, r.Cause)
	again.Owed, again.Again = true, r.ID
	return t.startRefund(ctx, p, again, st)
}

// refundGiven ends a refused refund by a manager's word. Nothing moves: what
// came out of the drawer for it is booked by ShiftCash.
func (t *Till) refundGiven(ctx context.Context, c RefundGiven, st stamp) (ledger.Refund, error) {
	r, err := t.owed(ctx, c.Refund)
	switch {
	case err != nil:
		return r, err
	case !reasoned(c.Reason):
		return r, fault(FaultReasonNeeded)
	}
	p, s, err := t.owedOf(ctx, r)
	if err != nil {
		return r, err
	}
	given := stillOwed(r, p, s)
	if !given.Positive() {
		return r, fault(FaultNotOwed, r.ID, string(r.State))
	}
	word := t.draft(ledger.KindApproval, r.Sale, ledger.Approval{What: "given back otherwise", Object: r.ID, Amount: given, Reason: c.Reason})
	moved := t.draft(ledger.KindRefundMoved, r.Sale, ledger.RefundMoved{Refund: r.ID, State: r.State, Instead: c.Reason, Given: given, BySale: true})
	word.Approver, moved.Approver = t.operator.ID, t.operator.ID
	if _, err := t.write(st.batch(r.ID, word, moved)); err != nil {
		return r, err
	}
	return t.refund(ctx, r.ID)
}

// RefundStanding is a refund's state as people are told it: one that was refused
// and whose money is owed is not over.
func RefundStanding(r ledger.Refund) string {
	switch {
	case r.Owing():
		return "owed"
	case r.State == ledger.RefundRefused && r.Instead != "":
		return "instead"
	}
	return string(r.State)
}
