package ledger

import "context"

// PaymentByReference is the attempt that an acquirer knows under its own
// number; ErrNotFound if there is none.
func (l *Ledger) PaymentByReference(ctx context.Context, reference string) (Payment, error) {
	return l.paymentBy(ctx, "SELECT id FROM payments WHERE json_extract(doc, '$.acquirer_reference') = ?", reference)
}

// PaidSince are the paid attempts that were started on a business day
// (yyyy-mm-dd) or later, oldest first.
func (l *Ledger) PaidSince(ctx context.Context, day string) ([]Payment, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	const page = 500
	var paid []Payment
	for before := int64(1)<<62 - 1; ; {
		cards, err := list[Payment](l.shelf, "SELECT entry, id, doc FROM payments WHERE entry < ? ORDER BY entry DESC LIMIT ?", before, int64(page))
		if err != nil {
			return nil, err
		}
		for _, c := range cards {
			if c.doc.Day >= day && c.doc.State == PaymentPaid {
				paid = append(paid, c.doc)
			}
			before = c.entry
		}
		if len(cards) < page || cards[len(cards)-1].doc.Day < day {
			break
		}
	}
	for i, j := 0, len(paid)-1; i < j; i, j = i+1, j-1 {
		paid[i], paid[j] = paid[j], paid[i]
	}
	return paid, nil
}
