package pinpad

import (
	"context"

	"abacus/payment"
)

// Refund implements payment.Refunder: the whole amount on the same day is
// voided while the terminal still has the transaction, all else is refunded by
// the original's reference and date.
//
// A refund has no number on the terminal. Where the terminal lists its refunds,
// it is looked for before it is sent. Where it does not, a void may be repeated,
// since nothing is voided twice; a refund in doubt is for a person. So it is
// where the terminal told nothing to look behind: QueryRefund, which is asked
// before anything is sent again, says so, and what was never sent may leave.
func (p *Provider) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	paid, since, bad := refundMarks(r)
	if bad != nil {
		return *bad
	}
	if p.set.ListsAll && !since.blind() {
		if known := p.QueryRefund(ctx, r); known.Outcome != payment.RefundUnknown || known.Reason != payment.NotFound {
			return known
		}
	}
	ctx, cancel := context.WithTimeout(ctx, p.set.Customer) // a refund may ask for the card
	defer cancel()
	if err := p.line.take(ctx); err != nil {
		return refundInDoubt(err)
	}
	defer p.line.give()
	voids, err := p.voids(ctx, paid, r)
	if err != nil {
		return refundInDoubt(err)
	}
	if voids {
		gone, record, err := p.void(ctx, r.Cashier, undoing(r.Hold.Op), paid, r.Amount)
		if err == nil && !gone && record.Code == noOriginal && r.Hold.Op != payment.HoldNone && !p.set.ListsAll {
			// No such hold, or one given up by the request whose answer was lost.
			return payment.RefundAnswer{Outcome: payment.RefundStuck, Reason: payment.RefundUntold, Detail: words(record)}
		}
		return refundOf(record, gone, err)
	}
	record, err := p.ask(ctx, r.Cashier, request{kind: kindRefund, amount: r.Amount, date: p.dayOf(paid.date), reference: paid.reference})
	if err == nil && record.Code == approved && !record.Amount.Equal(r.Amount) {
		return payment.RefundAnswer{Reason: payment.WrongAmount, Detail: words(record)}
	}
	return refundOf(record, record.Code == approved, err)
}

// voids reports whether a refund is made as a void.
func (p *Provider) voids(ctx context.Context, paid mark, r payment.Refund) (bool, error) {
	switch r.Hold.Op {
	case payment.HoldRelease, payment.HoldReopen:
		return true, nil
	case payment.HoldComplete:
		return false, nil // the terminal voids no completion: it is refunded
	}
	if !r.Amount.Equal(r.Total) || paid.date != p.now().Format("0102") {
		return false, nil
	}
	record, ok, err := p.look(ctx, paid.trace)
	return ok && record.Reference == paid.reference, err
}

func refundInDoubt(err error) payment.RefundAnswer {
	return payment.RefundAnswer{Reason: reasonOf(err), Detail: err.Error(), Err: err}
}

// refundMarks reads what the till kept; without it nothing is sent.
func refundMarks(r payment.Refund) (paid, since mark, bad *payment.RefundAnswer) {
	paid, ok := readMark(r.Mark)
	since, ready := readMark(r.Since)
	switch {
	case !ok || paid.state != done:
		return paid, since, &payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: payment.NotRefundable, Detail: "the terminal's numbers of the payment are not known"}
	case !ready || since.state != open:
		return paid, since, &payment.RefundAnswer{Reason: payment.NotFound, Detail: "the terminal was not asked first"}
	}
	return paid, since, nil
}

// refundOf is what an answer to a void or refund means.
func refundOf(r Record, gone bool, err error) payment.RefundAnswer {
	switch {
	case err != nil:
		return refundInDoubt(err)
	case gone:
		return payment.RefundAnswer{Outcome: payment.RefundPaid, Reason: payment.RefundDone, Reference: r.Reference, Detail: words(r)}
	case verdictOf(r.Code).certain:
		return payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: verdictOf(r.Code).reason, Detail: words(r)}
	}
	return payment.RefundAnswer{Reason: verdictOf(r.Code).reason, Detail: words(r)}
}

// QueryRefund implements payment.Refunder.
func (p *Provider) QueryRefund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	paid, since, bad := refundMarks(r)
	if bad != nil {
		return *bad
	}
	var a payment.RefundAnswer
	err := p.search(ctx, func(ctx context.Context) error {
		all, err := p.since(ctx, since)
		if err != nil {
			return err
		}
		again, err := p.voids(ctx, paid, r)
		if err != nil {
			return err
		}
		a = p.among(all, paid, r, again)
		return nil
	})
	if err != nil {
		return refundInDoubt(err)
	}
	return a
}

// among looks for a refund among the transactions since it was about to be
// sent. Not finding it says something only of a terminal that lists refunds, or
// where it may be sent once more whatever became of it.
func (p *Provider) among(all []Record, paid mark, r payment.Refund, again bool) payment.RefundAnswer {
	for _, record := range all {
		isVoid := record.Reference != "" && record.Reference == paid.reference
		switch {
		case record.Trace == paid.trace || !isVoid && !p.set.ListsAll:
		case record.Code != approved: // whatever its amount, as of a charge
			return payment.RefundAnswer{Reason: payment.TerminalUnsure, Detail: words(record)}
		case record.Amount.Equal(r.Amount):
			return payment.RefundAnswer{Outcome: payment.RefundPaid, Reason: payment.RefundDone, Reference: record.Reference, Detail: words(record)}
		}
	}
	if p.set.ListsAll || again {
		return payment.RefundAnswer{Reason: payment.NotFound, Detail: "the terminal has not done it"}
	}
	return payment.RefundAnswer{Outcome: payment.RefundStuck, Reason: payment.RefundUntold, Detail: "the terminal does not tell its refunds; look at its slips"}
}
