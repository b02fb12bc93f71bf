package ledger

import (
	"slices"
	"strings"
	"time"
)

// legalMoves lists where a payment may go from each state. Paid is final. A
// payment given up may turn out paid after all, at once or by way of checking:
// certain money is never refused.
var legalMoves = map[PaymentState][]PaymentState{
	PaymentWaiting:  {PaymentWaiting, PaymentChecking, PaymentPaid, PaymentDeclined, PaymentReversed},
	PaymentChecking: {PaymentWaiting, PaymentChecking, PaymentPaid, PaymentDeclined, PaymentReversed},
	PaymentDeclined: {PaymentDeclined, PaymentChecking, PaymentPaid},
	PaymentReversed: {PaymentReversed, PaymentChecking, PaymentPaid},
	PaymentPaid:     {PaymentPaid},
}

func legal[S ~string](moves map[S][]S, object string, from, to S) error {
	for _, s := range moves[from] {
		if s == to {
			return nil
		}
	}
	return refuse(RefuseTransition, object, "from %q to %q", from, to)
}

func (b *books) paymentStarted(e *Entry, p PaymentStarted) error {
	sale, err := b.sale(e.Sale)
	if err != nil {
		return err
	}
	if sale.State != SaleOpen {
		return refuse(RefuseSaleState, sale.ID, "the sale is %s", sale.State)
	}
	if err := b.mayStart(sale, &p); err != nil {
		return err
	}
	if b.payments.taken(p.Payment) || slices.Contains(sale.Payments, p.Payment) {
		return refuse(RefuseExists, p.Payment, "this payment exists")
	}
	pay := b.payments.add(p.Payment, e.Number, Payment{ID: p.Payment, Sale: sale.ID, Order: p.Order, Day: e.Day, Shift: e.Shift,
		Operator: e.Operator, Channel: p.Channel, Amount: p.Amount, Present: p.Present, CodeMask: p.CodeMask, CodeHash: p.CodeHash,
		Tendered: p.Tendered, Change: p.Change, Prepaid: p.Prepaid, Hold: p.Hold, State: p.State, StartedAt: e.Time, Attempt: p.Attempt})
	sale.Payments = append(sale.Payments, pay.ID)
	if err := b.completing(pay); err != nil {
		return err
	}
	if p.Channel == prepaidChannel {
		if err := b.redeemed(e, sale, pay); err != nil {
			return err
		}
	}
	if p.State == PaymentPaid {
		return b.paid(e, sale, pay)
	}
	sale.Open = pay.ID
	return nil
}

// mayStart holds the law that a sale is not charged twice: no second attempt
// while one is in the air, and never more than is due.
func (b *books) mayStart(sale *Sale, p *PaymentStarted) error {
	if p.Payment == "" || p.Order == "" || len(p.Payment) > maxText || len(p.Order) > maxText || p.Channel == "" {
		return refuse(RefuseEntry, p.Payment, "a payment needs an identity, an order number and a channel")
	}
	if named := paymentOf(p.Order); named != "" && named != p.Payment {
		return refuse(RefuseEntry, p.Payment, "the order number %s names payment %s", p.Order, named)
	}
	if p.State != PaymentWaiting && p.State != PaymentChecking && p.State != PaymentPaid {
		return refuse(RefuseTransition, p.Payment, "a payment cannot start as %q", p.State)
	}
	open, err := b.inTheAir(sale)
	if err != nil {
		return err
	}
	if open != "" {
		return refuse(RefusePaymentOpen, sale.ID, "payment %s is open", open)
	}
	if err := b.accepts(p.Payment, p.Amount, p.Tendered, p.Change); err != nil {
		return err
	}
	due := sale.Total.Sub(sale.net())
	// Goods given away end in a cash payment of nothing, so that every sale done
	// says how it was settled.
	gift := p.Amount.IsZero() && due.IsZero() && sale.Total.IsZero() && p.Channel == cashChannel && p.State == PaymentPaid
	if !gift && !p.Amount.Positive() || due.Less(p.Amount) {
		return refuse(RefuseAmount, p.Payment, "%s to be paid where %s is due", p.Amount, due)
	}
	if p.Tendered.IsZero() && p.Change.IsZero() {
		return nil
	}
	if p.Change.Negative() || !p.Tendered.Sub(p.Change).Equal(p.Amount) {
		return refuse(RefuseAmount, p.Payment, "%s given and %s back is not %s", p.Tendered, p.Change, p.Amount)
	}
	return nil
}

// paymentOf is the payment that an order number names when it is made of the
// payment's identity: 20261121_0042_till_mark_2 names 20261121-0042-2. Any
// other form names none.
func paymentOf(order string) string {
	var part [5]string // a list from strings.Split costs every sale a microsecond
	rest, more := order, true
	for i := range part {
		if !more {
			return ""
		}
		part[i], rest, more = strings.Cut(rest, "_")
		if part[i] == "" {
			return ""
		}
	}
	if more || strings.Contains(order, "-") {
		return ""
	}
	return part[0] + "-" + part[1] + "-" + part[4]
}

// IsOrder reports whether a number has the form of a till's order numbers, of
// this book or another.
func IsOrder(number string) bool { return paymentOf(number) != "" }

// saleOf is the sale that a payment's identity names when it is made of the
// sale's: all before the last dash.
func saleOf(payment string) string { return payment[:max(0, strings.LastIndexByte(payment, '-'))] }

// paid books the amount to the sale and to the shift open now, which need not
// be the one the attempt began in.
func (b *books) paid(e *Entry, sale *Sale, pay *Payment) error {
	pay.EndedAt = e.Time
	sale.Paid = sale.Paid.Add(pay.Amount)
	if err := b.settleTopUp(e, sale); err != nil {
		return err
	}
	return b.took(e, pay.Channel, pay.Operator, pay.Amount)
}

func (b *books) paymentMoved(e *Entry, p PaymentMoved) error {
	pay, err := b.payments.edit(p.Payment)
	if pay == nil {
		return orRefuse(err, RefuseNoPayment, p.Payment, "no such payment")
	}
	if err := legal(legalMoves, pay.ID, pay.State, p.State); err != nil {
		return err
	}
	before := pay.State
	pay.State, pay.Watch = p.State, p.Watch
	pay.Forced = pay.Forced || p.Forced
	set(&pay.Reason, p.Reason)
	if p.State.Final() {
		pay.Reason = p.Reason // why it was in the air explains no end
	}
	set(&pay.Detail, p.Detail)
	set(&pay.AcquirerReference, p.AcquirerReference)
	set(&pay.Payer, p.Payer)
	set(&pay.Funding, p.Funding)
	if p.Instalments != 0 {
		pay.Instalments = p.Instalments
	}
	if len(p.Attempt) > 0 {
		pay.Attempt = p.Attempt
	}
	if p.State != before {
		if err := b.turned(e, pay); err != nil {
			return err
		}
	}
	return b.pointAtOpen(pay.Sale)
}

// turned is what follows from a payment's new state.
func (b *books) turned(e *Entry, pay *Payment) error {
	if err := b.completed(e, pay); err != nil {
		return err
	}
	switch {
	case pay.State == PaymentPaid:
		sale, err := b.sale(pay.Sale)
		if err != nil {
			return err
		}
		return b.paid(e, sale, pay)
	case pay.State.Final():
		pay.EndedAt = e.Time
	default:
		pay.EndedAt = time.Time{}
	}
	return nil
}

func set(field *string, value string) {
	if value != "" {
		*field = value
	}
}

// pointAtOpen sets the sale's open attempt: the latest that is in the air,
// before one that a manager let the sale go past.
func (b *books) pointAtOpen(id string) error {
	sale, err := b.sales.see(id)
	if sale == nil {
		return orRefuse(err, RefuseNoSale, id, "no such sale")
	}
	open, forced := "", ""
	for _, id := range sale.Payments {
		pay, err := b.payments.see(id)
		if err != nil {
			return err
		}
		switch {
		case pay == nil || pay.State.Final():
		case pay.Forced:
			forced = id
		default:
			open = id
		}
	}
	if open == "" {
		open = forced
	}
	if open == sale.Open {
		return nil // the sale need not be written again
	}
	if sale, err = b.sale(id); err == nil {
		sale.Open = open
	}
	return err
}
