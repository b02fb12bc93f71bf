package ledger

import "errors"

// place completes a draft's entry with what only the books know: the shift it
// falls into, and the sale that a payment or refund belongs to.
func (b *books) place(e *Entry, payload any) error {
	e.Shift = b.desk.shift
	var owner string
	switch p := payload.(type) {
	case ShiftOpened:
		e.Shift = p.Shift
	case ZMade:
		e.Shift = b.desk.closing
	case PaymentMoved:
		pay, err := b.payments.see(p.Payment)
		if err != nil {
			return err
		}
		if pay != nil {
			owner = pay.Sale
		}
	case RefundStarted:
		pay, err := b.payments.see(p.Payment)
		if err != nil {
			return err
		}
		if pay != nil {
			owner = pay.Sale
		}
	case RefundMoved:
		r, err := b.refunds.see(p.Refund)
		if err != nil {
			return err
		}
		if r != nil {
			owner = r.Sale
		}
	}
	if e.Sale == "" {
		e.Sale = owner
	}
	if owner != "" && owner != e.Sale {
		return refuse(RefuseEntry, e.Sale, "%s belongs to sale %s", e.Kind, owner)
	}
	return nil
}

// apply is the fold: it lets one entry act on the books, or refuses it with a
// *Refusal because the law of the books forbids it. Another error is one of
// reading the database. After an error the changes must be discarded.
func (b *books) apply(e *Entry, payload any) error {
	if b.desk.closing != "" && e.Kind != KindZ {
		return refuse(RefuseReport, b.desk.closing, "the Z must follow the closing of its shift")
	}
	switch p := payload.(type) {
	case ShiftOpened:
		return b.shiftOpened(e, p)
	case ShiftCash:
		return b.shiftCash(e, p)
	case ShiftClosed:
		return b.shiftClosed(e, p)
	case ZMade:
		return b.zMade(e, p)
	case SaleOpened:
		return b.saleOpened(e, p)
	case LineAdded:
		return b.lineAdded(e, p)
	case LineChanged:
		return b.lineChanged(e, p)
	case LineRemoved:
		return b.lineRemoved(e, p)
	case Discounted:
		return b.discounted(e, p)
	case SaleMoved:
		return b.saleMoved(e, p)
	case PaymentStarted:
		return b.paymentStarted(e, p)
	case PaymentMoved:
		return b.paymentMoved(e, p)
	case RefundStarted:
		return b.refundStarted(e, p)
	case RefundMoved:
		return b.refundMoved(e, p)
	case ReceiptQueued:
		return b.receiptQueued(e, p)
	case ReceiptBegun:
		return b.receiptBegun(e, p)
	case ReceiptPrinted:
		return b.receiptPrinted(e, p)
	case HoldStarted:
		return b.holdStarted(e, p)
	case HoldMoved:
		return b.holdMoved(e, p)
	case DrawerOpened:
		return b.drawerOpened(e)
	case PrepaidIssued:
		return b.prepaidIssued(e, p)
	case PrepaidChanged:
		return b.prepaidChanged(e, p)
	}
	return nil // the other kinds only stand in the journal
}

// apart tells a refusal from a failure to read.
func apart(err error) (*Refusal, bool) {
	var r *Refusal
	ok := errors.As(err, &r)
	return r, ok
}

func (b *books) receiptQueued(e *Entry, p ReceiptQueued) error {
	if p.Job == "" || len(p.Job) > maxText || p.Copy < 0 {
		return refuse(RefuseEntry, p.Job, "a receipt job needs an identity, and a copy number from 0")
	}
	if b.receipts.taken(p.Job) {
		return refuse(RefuseExists, p.Job, "this receipt job exists")
	}
	b.receipts.add(p.Job, e.Number, receipt{Queued: p, Sale: e.Sale})
	if p.Copy == 0 {
		return nil
	}
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Copies++
	if e.Sale == "" {
		return nil
	}
	sale, err := b.sales.edit(e.Sale)
	if sale == nil {
		return orRefuse(err, RefuseNoSale, e.Sale, "a copy of an unknown sale's receipt")
	}
	sale.Copies++
	return nil
}

// receiptBegun keeps a job from being sent twice, whatever happens around it.
func (b *books) receiptBegun(_ *Entry, p ReceiptBegun) error {
	r, err := b.receipts.edit(p.Job)
	if r == nil {
		return orRefuse(err, RefuseNoJob, p.Job, "no such receipt job")
	}
	if r.Begun || r.Result != "" {
		return refuse(RefuseExists, p.Job, "this receipt job has been sent before")
	}
	r.Begun = true
	return nil
}

func (b *books) receiptPrinted(_ *Entry, p ReceiptPrinted) error {
	r, err := b.receipts.edit(p.Job)
	if r == nil {
		return orRefuse(err, RefuseNoJob, p.Job, "no such receipt job")
	}
	if p.Result == "" {
		return refuse(RefuseEntry, p.Job, "what became of the receipt is not said")
	}
	r.Result, r.Detail = p.Result, p.Detail
	return nil
}

func (b *books) drawerOpened(e *Entry) error {
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Drawer++
	return nil
}

// orRefuse is err if there is one, else the refusal.
func orRefuse(err error, code, object, format string, args ...any) error {
	if err != nil {
		return err
	}
	return refuse(code, object, format, args...)
}
