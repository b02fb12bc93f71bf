package sandbox

import (
	"slices"
	"time"

	"abacus/internal/money"
)

// state is where an order stands; the same words at both acquirers.
type state string

const (
	waiting  state = "waiting"  // unpaid, the customer may still act
	paid     state = "paid"     // the money is taken; stays so after a refund of a part
	closed   state = "closed"   // ended unpaid, by the merchant or by its time
	reversed state = "reversed" // undone by the merchant; the money, if any, went back
	refunded state = "refunded" // the whole went back by refunds
	declined state = "declined" // refused for good
)

// order is one order in an acquirer's books. It is kept as JSON, so fields are
// only ever added. Orders are never changed in place: a copy is changed, made
// durable and then put in the old one's place.
type order struct {
	Sequence  int          `json:"sequence"`
	Channel   string       `json:"channel"`
	Number    string       `json:"order"`     // the merchant's
	Reference string       `json:"reference"` // the acquirer's
	Present   bool         `json:"present"`   // an order code, not a pay code
	Amount    money.Amount `json:"amount"`
	Terms     string       `json:"terms"`               // what a repeat must agree in, hashed
	CodeMark  string       `json:"code_mark,omitempty"` // the pay code, hashed
	Subject   string       `json:"subject"`
	Attach    string       `json:"attach,omitempty"`
	State     state        `json:"state"`
	Decline   refusal      `json:"decline,omitzero"`
	Created   time.Time    `json:"created"`
	Expires   time.Time    `json:"expires"`

	QR      string    `json:"qr,omitempty"` // text of the order code
	QRDies  time.Time `json:"qr_dies,omitzero"`
	Scanned bool      `json:"scanned,omitempty"` // a customer has it on the phone
	// Life is a trade's that only the scan makes: from then on. Source: Alipay's
	// timeout_express counts from the trade, qr_code_timeout_express from the code.
	Life time.Duration `json:"life,omitempty"`

	PayAt  time.Time `json:"pay_at,omitzero"`  // the customer will have entered the password
	LateAt time.Time `json:"late_at,omitzero"` // the money moves whatever was answered
	Hidden bool      `json:"hidden,omitempty"` // until then the acquirer denies the order

	PaidAt      time.Time `json:"paid_at,omitzero"`
	Payer       string    `json:"payer,omitempty"`
	Funding     string    `json:"funding,omitempty"`
	NoCredit    bool      `json:"no_credit,omitempty"` // the merchant takes no Huabei
	Plan        int       `json:"plan,omitempty"`      // instalments offered
	Instalments int       `json:"instalments,omitempty"`

	Captured money.Amount `json:"captured"`
	Reversed money.Amount `json:"reversed"`
	Refunds  []refund     `json:"refunds,omitempty"`
	Attempts int          `json:"attempts"`
	History  []Event      `json:"history"`
	Card     *cardTrace   `json:"card,omitempty"`
}

// refund is one refund of an order; its money counts as gone from the start.
type refund struct {
	Number    string       `json:"number"`
	Reference string       `json:"reference"`
	Amount    money.Amount `json:"amount"`
	At        time.Time    `json:"at"`
	Done      time.Time    `json:"done"`            // when the acquirer calls it finished
	Stuck     bool         `json:"stuck,omitempty"` // abnormal until then: it cannot reach the customer by itself
	Card      *cardTrace   `json:"card,omitempty"`
}

// Event is one thing that happened to an order, by the sandbox's clock.
type Event struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Amount int64     `json:"amount,omitempty"` // fen
	Note   string    `json:"note,omitempty"`
}

// Entry is an order as the books show it; amounts are fen. The merchant keeps
// Captured − Refunded − Reversed.
type Entry struct {
	Channel   string  `json:"channel"`
	Order     string  `json:"order"`
	Reference string  `json:"reference"`
	Present   bool    `json:"present"`
	Currency  string  `json:"currency"`
	Amount    int64   `json:"amount"`
	State     string  `json:"state"` // waiting, paid, closed, reversed, refunded, declined; of a hold held, completed, released
	Captured  int64   `json:"captured"`
	Refunded  int64   `json:"refunded"`
	Reversed  int64   `json:"reversed"`
	Attempts  int     `json:"attempts"` // times the order was asked for
	History   []Event `json:"history"`
}

func (o *order) entry() Entry {
	return Entry{
		Channel: o.Channel, Order: o.Number, Reference: o.Reference, Present: o.Present,
		Currency: string(money.CNY), Amount: o.Amount.Minor(), State: string(o.State),
		Captured: o.Captured.Minor(), Refunded: o.refundedSum().Minor(), Reversed: o.Reversed.Minor(),
		Attempts: o.Attempts, History: o.History,
	}
}

// clone is a copy that may be changed without touching o.
func (o *order) clone() *order {
	c := *o
	c.Refunds, c.History = slices.Clip(o.Refunds), slices.Clip(o.History)
	return &c
}

func (o *order) key() string { return orderKey(o.Channel, o.Number) }

func orderKey(channel, number string) string { return channel + "/" + number }

func (o *order) note(at time.Time, what string, amount money.Amount, note string) {
	o.History = append(o.History, Event{At: at, What: what, Amount: amount.Minor(), Note: note})
}

func (o *order) refundedSum() money.Amount {
	sum := money.Fen(0)
	for _, r := range o.Refunds {
		sum = sum.Add(r.Amount)
	}
	return sum
}

func (o *order) refund(number string) (refund, bool) {
	i := slices.IndexFunc(o.Refunds, func(r refund) bool { return r.Number == number })
	if i < 0 {
		return refund{}, false
	}
	return o.Refunds[i], true
}

func (o *order) capture(at time.Time) {
	o.State, o.Captured, o.PaidAt = paid, o.Amount, at
	o.PayAt, o.LateAt, o.Hidden = time.Time{}, time.Time{}, false
	o.note(at, "paid", o.Amount, o.Funding)
}

// unborn reports whether nobody has scanned the order code yet. Alipay makes
// the trade when the customer scans; until then it answers query, close and
// refund that there is none. Source: alipay.trade.precreate, 常见问题.
func (o *order) unborn() bool {
	return o.Channel == alipay && o.Present && !o.Scanned && !o.Captured.Positive()
}

func (o *order) refuse(at time.Time, why refusal) {
	o.State, o.Decline = declined, why
	o.note(at, "declined", money.Amount{}, why.text())
}

// settle lets the order's own future happen up to now; it reports whether
// anything did. Everything that happens by itself is worked out here, when the
// order is next looked at: the sandbox needs no timers.
func (o *order) settle(now time.Time) bool {
	if o.State != waiting {
		return false
	}
	switch {
	case reached(o.LateAt, now):
		o.capture(o.LateAt)
	case reached(o.PayAt, now) && !reached(o.Expires, o.PayAt):
		o.capture(o.PayAt)
	case reached(o.Expires, now) && o.LateAt.IsZero():
		o.State, o.PayAt = closed, time.Time{}
		o.note(o.Expires, "expired", money.Amount{}, "")
	default:
		return false
	}
	return true
}

func reached(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }
