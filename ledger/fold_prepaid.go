package ledger

import (
	"strconv"
	"time"

	"abacus/internal/money"
)

// prepaidChannel is the name of the channel of the shop's own prepaid cards.
const prepaidChannel = "prepaid"

// Prepaid is the projection of one prepaid card's entries. Its balance is the
// sum of its moves and never below nothing.
type Prepaid struct {
	ID       string       `json:"prepaid"` // a one-way mark of the number
	Mask     string       `json:"mask"`
	Balance  money.Amount `json:"balance"`
	Frozen   bool         `json:"frozen,omitempty"`
	Reason   string       `json:"reason,omitempty"`     // of the last change
	Expires  string       `json:"expires,omitempty"`    // the last business day on which it pays; empty: always
	PINSeal  string       `json:"pin_seal,omitempty"`   // of the hash of its PIN; empty: it has none
	Wrong    int          `json:"wrong_pins,omitempty"` // in a row
	Day      string       `json:"day"`
	IssuedAt time.Time    `json:"issued_at"`
}

// Over reports whether the card pays no more on a business day.
func (p Prepaid) Over(day string) bool { return p.Expires != "" && p.Expires < day }

// PrepaidMove is one change of a prepaid card's balance.
type PrepaidMove struct {
	Entry   int64        `json:"entry"` // of the journal
	Prepaid string       `json:"prepaid"`
	What    string       `json:"what"` // one of the Move… words
	Amount  money.Amount `json:"amount"`
	Left    money.Amount `json:"left"` // on the card after it
	Sale    string       `json:"sale,omitempty"`
	At      time.Time    `json:"at"`
}

// Why a prepaid card's balance changed.
const (
	MoveTopUp     = "top-up"
	MoveTakenBack = "taken-back" // a top-up refunded, or, positive, its refund refused
	MovePaid      = "redeemed"
	MoveReturned  = "returned" // a payment by the card refunded
	MoveExpired   = "expired"
)

// PrepaidTotals is what happened on prepaid cards; amounts are positive.
type PrepaidTotals struct {
	Issued    int          `json:"issued,omitempty"`
	ToppedUp  money.Amount `json:"topped_up,omitzero"`
	TakenBack money.Amount `json:"taken_back,omitzero"` // top-ups refunded
	Redeemed  money.Amount `json:"redeemed,omitzero"`   // paid with cards
	Returned  money.Amount `json:"returned,omitzero"`   // payments refunded to cards
	Expired   money.Amount `json:"expired,omitzero"`
}

// IsZero reports whether nothing happened.
func (p PrepaidTotals) IsZero() bool {
	return p.Issued == 0 && p.ToppedUp.IsZero() && p.TakenBack.IsZero() && p.Redeemed.IsZero() && p.Returned.IsZero() && p.Expired.IsZero()
}

// change is what it did to the sum the shop owes on cards.
func (p PrepaidTotals) change() money.Amount {
	return p.ToppedUp.Sub(p.TakenBack).Sub(p.Redeemed).Add(p.Returned).Sub(p.Expired)
}

func (p *PrepaidTotals) add(q PrepaidTotals) {
	p.Issued += q.Issued
	p.ToppedUp, p.TakenBack = p.ToppedUp.Add(q.ToppedUp), p.TakenBack.Add(q.TakenBack)
	p.Redeemed, p.Returned = p.Redeemed.Add(q.Redeemed), p.Returned.Add(q.Returned)
	p.Expired = p.Expired.Add(q.Expired)
}

// countPrepaid fills in what a report says of prepaid cards. Money that went
// onto cards is no turnover: it is when the card pays.
func (r *Report) countPrepaid(liability money.Amount) {
	if r.Prepaid.IsZero() && liability.IsZero() {
		return
	}
	r.Liability = liability
	r.Turnover = r.Net.Sub(r.Prepaid.ToppedUp).Add(r.Prepaid.TakenBack)
}

// movePrepaid changes a card's balance, or refuses: this is the one place
// where a balance moves, so no order of requests can take more than there is.
func (b *books) movePrepaid(e *Entry, id, what string, amount money.Amount) (*Prepaid, error) {
	p, err := b.prepaid.edit(id)
	if p == nil {
		return nil, orRefuse(err, RefusePrepaid, id, "no such prepaid card")
	}
	left := p.Balance.Add(amount)
	switch {
	case !left.Valid():
		return nil, refuse(RefuseAmount, id, "%s and %s", p.Balance, amount)
	case left.Negative():
		return nil, refuse(RefuseBalance, id, "%s is on the card", p.Balance)
	}
	t, err := b.tally(e)
	if err != nil {
		return nil, err
	}
	count := &t.Prepaid
	switch what {
	case MoveTopUp:
		count.ToppedUp = count.ToppedUp.Add(amount)
	case MoveTakenBack:
		count.TakenBack = count.TakenBack.Sub(amount)
	case MovePaid:
		count.Redeemed = count.Redeemed.Sub(amount)
	case MoveReturned:
		count.Returned = count.Returned.Add(amount)
	case MoveExpired:
		count.Expired = count.Expired.Sub(amount)
	}
	if b.all != nil {
		b.all.prepaid = b.all.prepaid.Add(amount)
	}
	p.Balance = left
	b.moves.add(strconv.FormatInt(e.Number, 10), e.Number, PrepaidMove{Entry: e.Number, Prepaid: id, What: what, Amount: amount, Left: left, Sale: e.Sale, At: e.Time})
	return p, nil
}

func (b *books) prepaidIssued(e *Entry, p PrepaidIssued) error {
	if p.Prepaid == "" || len(p.Prepaid) > maxText || len(p.Mask) < tailLength || len(p.Mask) > maxText || !isDay(p.Expires) {
		return refuse(RefuseEntry, p.Prepaid, "a prepaid card needs an identity, a mask and a day")
	}
	known, err := b.prepaid.see(p.Prepaid)
	if known != nil || err != nil {
		return orRefuse(err, RefuseExists, p.Prepaid, "this prepaid card exists")
	}
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Prepaid.Issued++
	b.prepaid.add(p.Prepaid, e.Number, Prepaid{ID: p.Prepaid, Mask: p.Mask, Balance: b.zero(), Expires: p.Expires, PINSeal: p.PINSeal,
		Day: e.Day, IssuedAt: e.Time})
	return nil
}

// isDay also takes the empty text: no day is set.
func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil || text == ""
}

func (b *books) prepaidChanged(e *Entry, change PrepaidChanged) error {
	p, err := b.prepaid.edit(change.Prepaid)
	if p == nil {
		return orRefuse(err, RefusePrepaid, change.Prepaid, "no such prepaid card")
	}
	switch e.Kind {
	case KindPrepaidFrozen:
		p.Frozen = true
	case KindPrepaidThawed:
		p.Frozen, p.Wrong = false, 0
	case KindPrepaidExtended:
		if !isDay(change.Expires) {
			return refuse(RefuseEntry, p.ID, "no day: %q", change.Expires)
		}
		p.Expires = change.Expires
	case KindPrepaidPIN:
		p.PINSeal, p.Wrong = change.PINSeal, 0
	case KindPrepaidTried:
		p.Wrong++
	case KindPrepaidProved:
		p.Wrong = 0
	case KindPrepaidExpired:
		if !p.Over(e.Day) || !p.Balance.Positive() || !change.Amount.Equal(p.Balance) {
			return refuse(RefusePrepaid, p.ID, "%s to be booked off of %s, good until %q", change.Amount, p.Balance, p.Expires)
		}
		if _, err := b.movePrepaid(e, p.ID, MoveExpired, b.zero().Sub(p.Balance)); err != nil {
			return err
		}
	}
	set(&p.Reason, change.Reason)
	return nil
}

// apartFromGoods keeps a top-up a sale of its own: a refund of the sale is
// then one of the top-up, and the card's share of it needs no guess.
func (b *books) apartFromGoods(sale *Sale, line *Line) error {
	standing := 0
	for _, old := range sale.Lines {
		if !old.Removed {
			standing++
		}
	}
	if line.Prepaid == "" {
		if sale.TopUp() != "" {
			return refuse(RefusePrepaid, sale.ID, "the sale tops a prepaid card up")
		}
		return nil
	}
	known, err := b.prepaid.see(line.Prepaid)
	switch {
	case err != nil:
		return err
	case known == nil:
		return refuse(RefusePrepaid, line.Prepaid, "no such prepaid card")
	case standing > 0 || !sale.Discount.IsZero() || !line.Discount.IsZero() || line.Quantity != One || !line.Amount.Equal(line.Price) || !line.Amount.Positive():
		return refuse(RefusePrepaid, sale.ID, "a top-up is a sale of its own")
	}
	return nil
}

// toppedUp puts the money of a finished top-up on its card, in the entry that
// finishes it.
func (b *books) toppedUp(e *Entry, sale *Sale) error {
	id := sale.TopUp()
	if id == "" {
		return nil
	}
	_, err := b.movePrepaid(e, id, MoveTopUp, sale.Total)
	return err
}

// settleTopUp takes back from the card what of a finished top-up is no longer
// paid for, and refuses if that has been spent.
func (b *books) settleTopUp(e *Entry, sale *Sale) error {
	id := sale.TopUp()
	if id == "" || sale.State != SaleDone {
		return nil
	}
	unpaid := sale.Total.Sub(sale.net()).Add(sale.Elsewhere) // what went back by hand pays for nothing
	if unpaid.Negative() {
		unpaid = b.zero()
	}
	more := unpaid.Sub(sale.TakenBack)
	if more.IsZero() {
		return nil
	}
	sale.TakenBack = unpaid
	_, err := b.movePrepaid(e, id, MoveTakenBack, b.zero().Sub(more))
	return err
}

// redeemed takes a payment off its card. A payment that names no card of this
// book is another till's to decide.
func (b *books) redeemed(e *Entry, sale *Sale, pay *Payment) error {
	if sale.TopUp() != "" {
		return refuse(RefusePrepaid, sale.ID, "a prepaid card does not top another one up")
	}
	if pay.Prepaid == "" {
		return nil
	}
	p, err := b.prepaid.see(pay.Prepaid)
	switch {
	case err != nil:
		return err
	case p == nil || p.Frozen || p.Over(e.Day):
		return refuse(RefusePrepaid, pay.Prepaid, "unknown, frozen or past its day")
	case pay.State != PaymentPaid:
		return refuse(RefuseTransition, pay.ID, "a card of this book pays at once")
	}
	p, err = b.movePrepaid(e, pay.Prepaid, MovePaid, b.zero().Sub(pay.Amount))
	if err == nil {
		pay.PrepaidLeft = p.Balance
	}
	return err
}

// returned puts a refund back on the card that paid, frozen or not.
func (b *books) returned(e *Entry, pay *Payment, r *Refund) error {
	if pay.Prepaid == "" {
		return nil
	}
	if r.State != RefundDone {
		return refuse(RefuseTransition, r.ID, "a refund to a card of this book is done at once")
	}
	_, err := b.movePrepaid(e, pay.Prepaid, MoveReturned, r.Amount)
	return err
}
