package ledger

// legalRefundMoves lists where a refund may go from each state. An abnormal one needs a person,
// and may still end either way.
var legalRefundMoves = map[RefundState][]RefundState{
	RefundChecking: {RefundChecking, RefundPending, RefundAbnormal, RefundDone, RefundRefused},
	RefundPending:  {RefundChecking, RefundPending, RefundAbnormal, RefundDone, RefundRefused},
	RefundAbnormal: {RefundChecking, RefundPending, RefundAbnormal, RefundDone, RefundRefused},
	RefundDone:     {RefundDone},
	RefundRefused:  {RefundRefused},
}

func (b *books) refundStarted(e *Entry, p RefundStarted) error {
	pay, err := b.payments.edit(p.Payment)
	if pay == nil {
		return orRefuse(err, RefuseNoPayment, p.Payment, "no such payment")
	}
	if p.Refund == "" || p.Number == "" || len(p.Refund) > maxText || len(p.Number) > maxText || p.Channel == "" {
		return refuse(RefuseEntry, p.Refund, "a refund needs an identity, a number and a channel")
	}
	if pay.State != PaymentPaid {
		return refuse(RefuseTransition, p.Payment, "a payment that is %s cannot be refunded", pay.State)
	}
	if p.State != RefundChecking && p.State != RefundPending && p.State != RefundDone {
		return refuse(RefuseTransition, p.Refund, "a refund cannot start as %q", p.State)
	}
	if err := b.accepts(p.Refund, p.Amount); err != nil {
		return err
	}
	if left := pay.Amount.Sub(pay.Refunded); !p.Amount.Positive() || left.Less(p.Amount) {
		return refuse(RefuseRefundAmount, p.Payment, "%s to be refunded of %s left", p.Amount, left)
	}
	if b.refunds.taken(p.Refund) {
		return refuse(RefuseExists, p.Refund, "this refund exists")
	}
	sale, err := b.sale(pay.Sale)
	if err != nil {
		return err
	}
	// What went back otherwise than by a refund does not go back again by one.
	if left := sale.net().Sub(sale.Elsewhere); left.Less(p.Amount) {
		return refuse(RefuseRefundAmount, p.Payment, "%s to be refunded, the sale holds %s", p.Amount, left)
	}
	r := b.refunds.add(p.Refund, e.Number, Refund{ID: p.Refund, Payment: pay.ID, Sale: sale.ID, Number: p.Number, Day: e.Day,
		Shift: e.Shift, Operator: e.Operator, Channel: p.Channel, Amount: p.Amount, Cause: p.Reason, Reopens: p.Reopens, State: p.State, StartedAt: e.Time, Owed: p.Owed})
	if err := b.reopening(pay, r); err != nil {
		return err
	}
	if err := b.triedAgain(pay, r, p.Again); err != nil {
		return err
	}
	pay.Refunds = append(pay.Refunds, r.ID)
	pay.Refunded, sale.Refunded = pay.Refunded.Add(p.Amount), sale.Refunded.Add(p.Amount)
	if err := b.settleTopUp(e, sale); err != nil {
		return err
	}
	if err := b.returned(e, pay, r); err != nil {
		return err
	}
	if p.State != RefundDone {
		return nil
	}
	r.EndedAt = e.Time
	if err := b.owesNothing(sale, r.ID); err != nil {
		return err
	}
	return b.gaveBack(e, r.Channel, r.Operator, r.Amount)
}

func (b *books) refundMoved(e *Entry, p RefundMoved) error {
	r, err := b.refunds.edit(p.Refund)
	if r == nil {
		return orRefuse(err, RefuseNoRefund, p.Refund, "no such refund")
	}
	if err := legal(legalRefundMoves, r.ID, r.State, p.State); err != nil {
		return err
	}
	if p.Instead != "" {
		return b.givenOtherwise(r, p)
	}
	before := r.State
	r.State = p.State
	set(&r.Reason, p.Reason)
	set(&r.Detail, p.Detail)
	set(&r.AcquirerReference, p.AcquirerReference)
	set(&r.Mark, p.Mark)
	if before == p.State || !p.State.final() {
		return nil
	}
	r.EndedAt = e.Time
	if p.State == RefundDone {
		if err := b.reopened(r); err != nil {
			return err
		}
		sale, err := b.sales.see(r.Sale)
		if err != nil {
			return err
		}
		if err := b.owesNothing(sale, r.ID); err != nil {
			return err
		}
		return b.gaveBack(e, r.Channel, r.Operator, r.Amount)
	}
	return b.unask(e, r, p.BySale)
}

// unask gives the amount of a refused refund free to be refunded again.
func (b *books) unask(e *Entry, r *Refund, bySale bool) error {
	pay, err := b.payments.edit(r.Payment)
	if pay == nil {
		return orRefuse(err, RefuseNoPayment, r.Payment, "no such payment")
	}
	sale, err := b.sale(r.Sale)
	if err != nil {
		return err
	}
	pay.Refunded, sale.Refunded = pay.Refunded.Sub(r.Amount), sale.Refunded.Sub(r.Amount)
	if bySale {
		if err := b.stillOwed(sale, r); err != nil {
			return err
		}
	}
	return b.settleTopUp(e, sale)
}
