package ledger

import (
	"encoding/json"
	"time"

	"abacus/internal/money"
)

// SaleState is where a sale stands.
type SaleState string

// The states of a sale. Done and void are final.
const (
	SaleOpen SaleState = "open"
	SaleHeld SaleState = "held"
	SaleDone SaleState = "done"
	SaleVoid SaleState = "void"
)

// Sale is the projection of one sale's entries.
type Sale struct {
	ID         string         `json:"sale"` // business day and running number, "20261121-0042"
	Reference  string         `json:"reference,omitempty"`
	State      SaleState      `json:"state"`
	Day        string         `json:"day"`
	Shift      string         `json:"shift,omitempty"`
	Operator   string         `json:"operator,omitempty"`
	Currency   money.Currency `json:"currency"`
	OpenedAt   time.Time      `json:"opened_at"`
	ClosedAt   time.Time      `json:"closed_at,omitzero"`
	Lines      []Line         `json:"lines"` // also removed ones, in order of entry
	Discount   money.Amount   `json:"discount,omitzero"`
	DiscountOf string         `json:"discount_reason,omitempty"`
	Total      money.Amount   `json:"total"`    // lines less all discounts
	Paid       money.Amount   `json:"paid"`     // certain, net of change
	Refunded   money.Amount   `json:"refunded"` // asked or done, not refused
	Payments   []string       `json:"payments,omitempty"`
	Open       string         `json:"open_payment,omitempty"` // the attempt in the air, if any
	Copies     int            `json:"copies,omitempty"`       // receipt copies made
	TakenBack  money.Amount   `json:"taken_back,omitzero"`    // of a done top-up: off the card again, because it was refunded
	Elsewhere  money.Amount   `json:"elsewhere,omitzero"`     // of money that came late: given back otherwise than by a refund
}

// Due is what is still to be paid. Until the sale is finished a tender given
// back is due again.
func (s Sale) Due() money.Amount {
	if s.State == SaleDone || s.State == SaleVoid {
		return s.Total.Sub(s.Paid)
	}
	return s.Total.Sub(s.net())
}

// Surplus is what the sale holds more than it is to: money that came after the
// sale was given up, or had been paid by other means, and has not gone back.
func (s Sale) Surplus() money.Amount {
	over := s.net().Sub(s.Elsewhere)
	if s.State != SaleVoid {
		over = over.Sub(s.Total)
	}
	if !over.Positive() {
		return money.New(0, s.Currency)
	}
	return over
}

// Line is one line of a sale.
type Line struct {
	No       int          `json:"line"` // from 1, never reused in a sale
	Code     string       `json:"code,omitempty"`
	Name     string       `json:"name"`
	NameEn   string       `json:"name_en,omitempty"`
	Unit     string       `json:"unit,omitempty"`
	Quantity Quantity     `json:"quantity"`
	Price    money.Amount `json:"price"`
	Amount   money.Amount `json:"amount"`            // price × quantity, or the label's binding amount
	Discount money.Amount `json:"discount,omitzero"` // positive
	Reason   string       `json:"reason,omitempty"`  // of the discount
	Weighed  bool         `json:"weighed,omitempty"` // quantity is kg
	Removed  bool         `json:"removed,omitempty"` //
	Prepaid  string       `json:"prepaid,omitempty"` // the prepaid card that is topped up; the sale holds nothing else then
}

// TopUp is the prepaid card that the sale tops up, if it does.
func (s Sale) TopUp() string {
	for _, line := range s.Lines {
		if !line.Removed && line.Prepaid != "" {
			return line.Prepaid
		}
	}
	return ""
}

// PaymentState is an attempt's state as everybody outside sees it.
type PaymentState string

// The states of a payment. Only the last three are certain.
const (
	PaymentWaiting  PaymentState = "waiting"  // the customer must act
	PaymentChecking PaymentState = "checking" // in doubt; the till is finding out
	PaymentPaid     PaymentState = "paid"
	PaymentDeclined PaymentState = "declined"
	PaymentReversed PaymentState = "reversed"
)

// Final reports whether the state is certain.
func (s PaymentState) Final() bool {
	return s == PaymentPaid || s == PaymentDeclined || s == PaymentReversed
}

// Payment is the projection of one attempt's entries.
type Payment struct {
	ID                string          `json:"payment"` // "20261121-0042-1"
	Sale              string          `json:"sale"`
	Order             string          `json:"order"`
	Day               string          `json:"day"`
	Shift             string          `json:"shift,omitempty"`
	Operator          string          `json:"operator,omitempty"`
	Channel           string          `json:"channel"`
	Amount            money.Amount    `json:"amount"`
	Present           bool            `json:"present,omitempty"`
	CodeMask          string          `json:"code_mask,omitempty"`
	CodeHash          string          `json:"code_hash,omitempty"`
	Tendered          money.Amount    `json:"tendered,omitzero"`
	Change            money.Amount    `json:"change,omitzero"`
	State             PaymentState    `json:"state"`
	Reason            string          `json:"reason,omitempty"`
	Detail            string          `json:"detail,omitempty"`
	AcquirerReference string          `json:"acquirer_reference,omitempty"`
	Payer             string          `json:"payer,omitempty"`
	Funding           string          `json:"funding,omitempty"`
	Instalments       int             `json:"instalments,omitempty"`
	Forced            bool            `json:"forced,omitempty"`
	Watch             bool            `json:"watch,omitempty"` // final, yet to be asked about again
	StartedAt         time.Time       `json:"started_at"`
	EndedAt           time.Time       `json:"ended_at,omitzero"`
	Attempt           json.RawMessage `json:"attempt,omitempty"`
	Refunded          money.Amount    `json:"refunded,omitzero"` // asked or done, not refused
	Refunds           []string        `json:"refunds,omitempty"`
	Prepaid           string          `json:"prepaid,omitempty"`     // the card of this book that paid
	PrepaidLeft       money.Amount    `json:"prepaid_left,omitzero"` // on the card when it had paid
	Hold              string          `json:"hold,omitempty"`        // the pre-authorisation completed by it
}

// RefundState is where a refund stands.
type RefundState string

// The states of a refund. Done and refused are final.
const (
	RefundChecking RefundState = "checking" // asked, not known
	RefundPending  RefundState = "pending"  // the acquirer has it and is working on it
	RefundDone     RefundState = "done"
	RefundRefused  RefundState = "refused"
	RefundAbnormal RefundState = "abnormal" // the acquirer cannot return the money: a person must
)

// Refund is the projection of one refund's entries.
type Refund struct {
	ID                string       `json:"refund"` // "20261121-0042-1-R1"
	Payment           string       `json:"payment"`
	Sale              string       `json:"sale"`
	Number            string       `json:"number"`
	Day               string       `json:"day"`
	Shift             string       `json:"shift,omitempty"`
	Operator          string       `json:"operator,omitempty"`
	Channel           string       `json:"channel"`
	Amount            money.Amount `json:"amount"`
	Cause             string       `json:"cause"`             // the cashier's reason
	Reopens           string       `json:"reopens,omitempty"` // the pre-authorisation that stands again once this is done
	State             RefundState  `json:"state"`
	Reason            string       `json:"reason,omitempty"` // the acquirer's
	Detail            string       `json:"detail,omitempty"`
	AcquirerReference string       `json:"acquirer_reference,omitempty"`
	Mark              string       `json:"mark,omitempty"` // where a bank terminal stood before the refund was sent
	StartedAt         time.Time    `json:"started_at"`
	EndedAt           time.Time    `json:"ended_at,omitzero"`
	Owed              bool         `json:"owed,omitempty"`    // of money that is the customer's: refused, it is still to go back
	Instead           string       `json:"instead,omitempty"` // how it went back after all: the refund that did it, or a manager's words
}

// Owing reports whether the refund was refused and its money is still to go
// back: a person must end it.
func (r Refund) Owing() bool { return r.Owed && r.State == RefundRefused && r.Instead == "" }

// Open reports whether the refund is not over.
func (r Refund) Open() bool { return !r.State.final() || r.Owing() }

// Shift is the projection of one shift's entries. A shift is a range of entry
// numbers, not of time.
type Shift struct {
	ID       string       `json:"shift"` // "S000012"
	Number   int64        `json:"number"`
	Operator string       `json:"operator"`
	Day      string       `json:"day"`
	OpenedAt time.Time    `json:"opened_at"`
	ClosedAt time.Time    `json:"closed_at,omitzero"`
	Float    money.Amount `json:"float"`
	CashIn   money.Amount `json:"cash_in,omitzero"`
	CashOut  money.Amount `json:"cash_out,omitzero"`
	Counted  money.Amount `json:"counted,omitzero"`
	From     int64        `json:"from"` // entry that opened it
	To       int64        `json:"to,omitempty"`
	Z        int64        `json:"z,omitempty"`
}

// Report is an X (so far) or a Z (closed, numbered, stored).
type Report struct {
	Kind       string         `json:"kind"`             // "X" or "Z"
	Number     int64          `json:"number,omitempty"` // of a Z
	Store      string         `json:"store"`
	Till       string         `json:"till"`
	Currency   money.Currency `json:"currency"`
	Shift      Shift          `json:"shift"`
	At         time.Time      `json:"at"`
	From       int64          `json:"from"` // first and last entry covered
	To         int64          `json:"to"`
	Sales      int            `json:"sales"` // done
	Voided     int            `json:"voided"`
	Removed    int            `json:"removed_lines"`
	Gross      money.Amount   `json:"gross"` // paid, net of change
	Refunds    money.Amount   `json:"refunds"`
	Net        money.Amount   `json:"net"`
	Discounts  money.Amount   `json:"discounts"`
	Channels   []Total        `json:"channels"`
	Operators  []Total        `json:"operators"`
	Cash       CashCount      `json:"cash"`
	Doubtful   int            `json:"doubtful"` // payments and refunds not certain at this moment
	DoubtSum   money.Amount   `json:"doubtful_amount"`
	Drawer     int            `json:"drawer_openings"`
	Copies     int            `json:"copies"`
	Head       Head           `json:"head"`        // of the chain, before this report's own entry
	GrandTotal money.Amount   `json:"grand_total"` // of all time, never reset: gross
	GrandBack  money.Amount   `json:"grand_refunds"`
	Prepaid    PrepaidTotals  `json:"prepaid,omitzero"`
	Liability  money.Amount   `json:"prepaid_liability,omitzero"` // on all prepaid cards of this book, at this moment
	Turnover   money.Amount   `json:"turnover,omitzero"`          // where cards were topped up: net, less what only went onto cards
	Holds      HoldTotals     `json:"holds,omitzero"`             // pre-authorisations open at this moment
	// What became certain since the last Z while no shift was open: late answers
	// mostly. It is in no shift's sums, and in the grand total.
	Between     money.Amount `json:"between,omitzero"`
	BetweenBack money.Amount `json:"between_refunds,omitzero"`
	Doubles     int          `json:"doubles,omitempty"` // charges that may have been taken twice, sales that hold too much
}

// Total is one row of a report.
type Total struct {
	Name        string       `json:"name"`
	Count       int          `json:"count"`
	Amount      money.Amount `json:"amount"`
	RefundCount int          `json:"refund_count"`
	Refunds     money.Amount `json:"refunds"`
}

// CashCount is the drawer: expected is float + cash sales + in − out − refunds.
// Counted and Variance are set on a Z only.
type CashCount struct {
	Float    money.Amount `json:"float"`
	Sales    money.Amount `json:"sales"`
	In       money.Amount `json:"in"`
	Out      money.Amount `json:"out"`
	Refunds  money.Amount `json:"refunds"`
	Expected money.Amount `json:"expected"`
	Counted  money.Amount `json:"counted,omitzero"`
	Variance money.Amount `json:"variance,omitzero"`
}
