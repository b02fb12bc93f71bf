package ledger

import "slices"

// Money that came after its sale was given up, or paid by other means, is the
// customer's. So is a tender that was to go back, and had been paid for by
// another when its refund was refused. Such a refund is owed: an acquirer's
// refusal does not end it. That does a refund under a new number, or a manager
// who says how the money went back otherwise.

// refundsOf goes through all refunds of a sale, whatever became of them.
func (b *books) refundsOf(sale *Sale, each func(*Refund) error) error {
	for _, payment := range sale.Payments {
		pay, err := b.payments.see(payment)
		if err != nil {
			return err
		}
		if pay == nil {
			continue
		}
		for _, id := range pay.Refunds {
			r, err := b.refunds.see(id)
			if err == nil && r != nil {
				err = each(r)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// stillOwed settles whether the money of a refused refund is owed: the sale holds
// more than it is to, and no other refused refund stands for it.
func (b *books) stillOwed(sale *Sale, r *Refund) error {
	owing := b.zero()
	err := b.refundsOf(sale, func(other *Refund) error {
		if other.ID != r.ID && other.Owing() {
			owing = owing.Add(other.Amount)
		}
		return nil
	})
	r.Owed = owing.Less(sale.Surplus())
	return err
}

// triedAgain lets an owed refund take the place of the one refused before it.
func (b *books) triedAgain(pay *Payment, r *Refund, again string) error {
	if again != "" && !(r.Owed && slices.Contains(pay.Refunds, again)) {
		return refuse(RefuseNoRefund, r.ID, "no refund of this payment is %s", again)
	}
	if !r.Owed {
		return nil
	}
	for _, id := range pay.Refunds {
		if again != "" && id != again {
			continue
		}
		old, err := b.refunds.see(id)
		if err != nil {
			return err
		}
		switch {
		case old == nil || !old.Owed || !old.Open():
			continue
		case !old.Owing():
			return refuse(RefuseTransition, r.ID, "refund %s of the same money is %s", old.ID, old.State)
		}
		edited, err := b.refunds.edit(id)
		if err != nil {
			return err
		}
		edited.Instead = r.ID
	}
	return nil
}

// owesNothing ends what a sale's refused refunds still owe, once the sale holds no
// more than it is to. By is the refund that brought the money back; empty: goods
// that came later have taken it.
func (b *books) owesNothing(sale *Sale, by string) error {
	if sale == nil || sale.Surplus().Positive() {
		return nil
	}
	return b.refundsOf(sale, func(old *Refund) error {
		if !old.Owing() {
			return nil
		}
		edited, err := b.refunds.edit(old.ID)
		if err == nil {
			edited.Owed, edited.Instead = by != "", by
		}
		return err
	})
}

// givenOtherwise is a manager's word that the money of a refused refund went
// back in another way. The acquirer still has it, so it is no refund; the sale
// owes it no longer.
func (b *books) givenOtherwise(r *Refund, p RefundMoved) error {
	if !r.Owing() || p.State != RefundRefused {
		return refuse(RefuseTransition, r.ID, "a refund that is %s does not wait for a person", r.State)
	}
	if len(p.Instead) > maxWords {
		return refuse(RefuseEntry, r.ID, "too long a story of how the money went back")
	}
	given := r.Amount
	if !p.Given.IsZero() {
		given = p.Given
	}
	if err := b.accepts(r.ID, given); err != nil {
		return err
	}
	if !given.Positive() || r.Amount.Less(given) {
		return refuse(RefuseRefundAmount, r.ID, "%s given otherwise of %s", given, r.Amount)
	}
	sale, err := b.sale(r.Sale)
	if err != nil {
		return err
	}
	r.Instead = p.Instead
	sale.Elsewhere = sale.Elsewhere.Add(given)
	if p.BySale {
		return b.owesNothing(sale, r.ID)
	}
	return nil
}
