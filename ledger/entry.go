package ledger

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"abacus/internal/money"
)

// Kind names what an entry records. The closed set below is the whole book.
type Kind string

// Every kind of entry, with the payload it carries.
const (
	KindTillStarted     Kind = "till.started"     // TillStarted
	KindTillStopped     Kind = "till.stopped"     // TillStopped
	KindLogin           Kind = "operator.login"   // OperatorSeen
	KindLoginRefused    Kind = "operator.refused" // OperatorSeen
	KindLogout          Kind = "operator.logout"  // OperatorSeen
	KindApproval        Kind = "approval"         // Approval
	KindShiftOpened     Kind = "shift.opened"     // ShiftOpened
	KindShiftCash       Kind = "shift.cash"       // ShiftCash
	KindShiftClosed     Kind = "shift.closed"     // ShiftClosed, closes the range the Z covers
	KindZ               Kind = "shift.z"          // ZMade
	KindSaleOpened      Kind = "sale.opened"      // SaleOpened
	KindLineAdded       Kind = "sale.line"        // LineAdded
	KindLineChanged     Kind = "sale.changed"     // LineChanged
	KindLineRemoved     Kind = "sale.removed"     // LineRemoved
	KindDiscounted      Kind = "sale.discounted"  // Discounted
	KindSaleHeld        Kind = "sale.held"        // SaleMoved
	KindSaleRecalled    Kind = "sale.recalled"    // SaleMoved
	KindSaleVoided      Kind = "sale.voided"      // SaleMoved
	KindSaleDone        Kind = "sale.done"        // SaleMoved
	KindPaymentStarted  Kind = "payment.started"  // PaymentStarted: the intent, on disk before anything is sent
	KindPaymentMoved    Kind = "payment.moved"    // PaymentMoved: a further intent or an answer
	KindRefundStarted   Kind = "refund.started"   // RefundStarted: the intent, on disk before anything is sent
	KindRefundMoved     Kind = "refund.moved"     // RefundMoved
	KindReceiptQueued   Kind = "receipt.queued"   // ReceiptQueued
	KindReceiptBegun    Kind = "receipt.begun"    // ReceiptBegun: on disk before the first byte leaves
	KindReceiptPrinted  Kind = "receipt.printed"  // ReceiptPrinted
	KindDrawerOpened    Kind = "drawer.opened"    // DrawerOpened
	KindCardsSettled    Kind = "cards.settled"    // CardsSettled
	KindSettingsChanged Kind = "settings.changed" // SettingsChanged
	KindHoldStarted     Kind = "hold.started"     // HoldStarted: the intent, on disk before anything is sent
	KindHoldMoved       Kind = "hold.moved"       // HoldMoved: a further intent or an answer
	KindNote            Kind = "note"             // Note: something odd that a person may have to look at
	KindPrepaidIssued   Kind = "prepaid.issued"   // PrepaidIssued
	KindPrepaidFrozen   Kind = "prepaid.frozen"   // PrepaidChanged: it takes money back, and pays nothing
	KindPrepaidThawed   Kind = "prepaid.thawed"   // PrepaidChanged
	KindPrepaidExtended Kind = "prepaid.extended" // PrepaidChanged: Expires is set anew
	KindPrepaidExpired  Kind = "prepaid.expired"  // PrepaidChanged: what is left on it is booked off
	KindPrepaidPIN      Kind = "prepaid.pin"      // PrepaidChanged: PINSeal is set anew, empty takes the PIN off
	KindPrepaidTried    Kind = "prepaid.tried"    // PrepaidChanged: a wrong PIN
	KindPrepaidProved   Kind = "prepaid.proved"   // PrepaidChanged: the right PIN after wrong ones
)

// Draft is an entry before the ledger gives it a number, a time and a place in
// the chain.
type Draft struct {
	Kind     Kind
	Operator string // who did it; empty when the till itself did
	Approver string // the manager who allowed it, if one had to
	Shift    string // ignored: the ledger books under the shift open at that moment
	Sale     string // may stay empty where the payment or refund names it
	Payload  any    // the struct named beside the kind, as a value
}

// Entry is one line of the journal. Its hash covers every other field and the
// hash before it.
type Entry struct {
	Number    int64           `json:"number"` // from 1, without gaps
	Kind      Kind            `json:"kind"`
	Time      time.Time       `json:"time"` // wall clock, to the microsecond
	Monotonic int64           `json:"mono"` // microseconds since the till was started
	Day       string          `json:"day"`  // business day, yyyy-mm-dd
	Till      string          `json:"till"`
	Operator  string          `json:"operator,omitempty"`
	Approver  string          `json:"approver,omitempty"`
	Shift     string          `json:"shift,omitempty"`
	Sale      string          `json:"sale,omitempty"`
	Payload   json.RawMessage `json:"payload"`
	Previous  Hash            `json:"previous"`
	Hash      Hash            `json:"hash"`
}

// Hash is a SHA-256 sum; in text it is lower-case hexadecimal.
type Hash [32]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return errHashLength
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Head is the end of the chain: the last number and its hash.
type Head struct {
	Number int64 `json:"number"`
	Hash   Hash  `json:"hash"`
}

// Quantity counts thousandths: 1000 is one piece, 512 is 0.512 kg.
type Quantity int64

// One is one piece.
const One Quantity = 1000

// The payloads. A field that holds money is an Amount; personal data and card
// data have no field here.

// TillStarted opens a run of the program. Open counts what was in the air when
// the last run ended; Clean is false when that run was cut off.
type TillStarted struct {
	Version  string `json:"version"`
	Clean    bool   `json:"clean"`
	Open     int    `json:"open"`
	Training bool   `json:"training,omitempty"`
}

// TillStopped closes a run of the program.
type TillStopped struct {
	Cause string `json:"cause"`
}

// OperatorSeen records a sign-in, a refused one, or a sign-out.
type OperatorSeen struct {
	Operator string `json:"operator"`
	Role     string `json:"role,omitempty"`
	Cause    string `json:"cause,omitempty"`
}

// Approval is a manager's word for exactly one thing.
type Approval struct {
	What   string       `json:"what"`
	Object string       `json:"object"`
	Amount money.Amount `json:"amount,omitzero"`
	Reason string       `json:"reason,omitempty"`
}

// ShiftOpened starts a shift with the drawer's float.
type ShiftOpened struct {
	Shift  string       `json:"shift"`
	Number int64        `json:"number"`
	Float  money.Amount `json:"float"`
}

// ShiftCash is money put into (positive) or taken out of (negative) the drawer.
type ShiftCash struct {
	Amount money.Amount `json:"amount"`
	Reason string       `json:"reason"`
}

// ShiftClosed ends a shift. The count is recorded as counted, never compared
// before it is committed.
type ShiftClosed struct {
	Shift   string       `json:"shift"`
	Counted money.Amount `json:"counted"`
}

// ZMade stores the Z report of a closed shift, whole.
type ZMade struct {
	Number int64  `json:"number"` // from 1, without gaps
	Report Report `json:"report"`
}

// SaleOpened starts a sale.
type SaleOpened struct {
	Reference string         `json:"reference,omitempty"` // the shop's own order number
	Currency  money.Currency `json:"currency"`
}

// LineAdded puts a line on the sale; its Amount is price × quantity as rounded
// by the till.
type LineAdded struct {
	Line Line `json:"line"`
}

// LineChanged sets quantity and amount of a line anew.
type LineChanged struct {
	No       int          `json:"no"`
	Quantity Quantity     `json:"quantity"`
	Price    money.Amount `json:"price"`
	Amount   money.Amount `json:"amount"`
}

// LineRemoved takes a line off the sale; it stays in the book.
type LineRemoved struct {
	No     int          `json:"no"`
	Amount money.Amount `json:"amount"`
}

// Discounted takes Amount (positive) off a line, or off the sale when No is 0.
// It replaces an earlier discount of the same line or sale.
type Discounted struct {
	No     int          `json:"no,omitempty"`
	Amount money.Amount `json:"amount"`
	Reason string       `json:"reason"`
}

// SaleMoved is a sale held, recalled, voided or done.
type SaleMoved struct {
	Reason string `json:"reason,omitempty"`
	BySale bool   `json:"by_sale,omitempty"` // done: what its refused refunds owe goes by what it holds now; absent in older books
}

// PaymentStarted is the intent of an attempt. For cash it is also its end
// (State is PaymentPaid).
type PaymentStarted struct {
	Payment  string          `json:"payment"`
	Order    string          `json:"order"` // minted here, the acquirer's out_trade_no; unique for ever
	Channel  string          `json:"channel"`
	Amount   money.Amount    `json:"amount"`
	Present  bool            `json:"present,omitempty"`   // the till shows the order code
	CodeMask string          `json:"code_mask,omitempty"` // "2812…34", never the code
	CodeHash string          `json:"code_hash,omitempty"`
	Tendered money.Amount    `json:"tendered,omitzero"` // cash given
	Change   money.Amount    `json:"change,omitzero"`   // cash handed back
	Prepaid  string          `json:"prepaid,omitempty"` // the card of this book that pays; State is then PaymentPaid
	Hold     string          `json:"hold,omitempty"`    // the pre-authorisation that is completed by it
	State    PaymentState    `json:"state"`
	Attempt  json.RawMessage `json:"attempt,omitempty"` // the attempt machine's state, opaque here
}

// PaymentMoved is a further intent (Sent is the operation about to be sent) or
// an answer (Answered is the operation answered). Empty text fields leave what
// was known.
type PaymentMoved struct {
	Payment           string          `json:"payment"`
	State             PaymentState    `json:"state"`
	Sent              string          `json:"sent,omitempty"`
	Answered          string          `json:"answered,omitempty"`
	Outcome           string          `json:"outcome,omitempty"`
	Reason            string          `json:"reason,omitempty"`
	Detail            string          `json:"detail,omitempty"` // the acquirer's code and words, for its support
	AcquirerReference string          `json:"acquirer_reference,omitempty"`
	Payer             string          `json:"payer,omitempty"`   // masked
	Funding           string          `json:"funding,omitempty"` // e.g. PCREDIT
	Instalments       int             `json:"instalments,omitempty"`
	Forced            bool            `json:"forced,omitempty"` // a manager lets the sale be charged again
	Watch             bool            `json:"watch,omitempty"`  // final, yet to be asked about again: the acquirer may be late
	Attempt           json.RawMessage `json:"attempt,omitempty"`
}

// RefundStarted is the intent of a refund. For cash it is also its end.
type RefundStarted struct {
	Refund  string       `json:"refund"`
	Payment string       `json:"payment"`
	Number  string       `json:"number"` // minted here, the acquirer's out_refund_no
	Channel string       `json:"channel"`
	Amount  money.Amount `json:"amount"`
	Reason  string       `json:"reason"`
	Reopens string       `json:"reopens,omitempty"` // the pre-authorisation that stands again once this is done
	Owed    bool         `json:"owed,omitempty"`    // of money that came late: a refusal does not end it, a refund under a new number does
	Again   string       `json:"again,omitempty"`   // the refused refund it is made in place of; absent in older books: all that its payment owes
	State   RefundState  `json:"state"`
}

// RefundMoved is an answer about a refund.
type RefundMoved struct {
	Refund            string       `json:"refund"`
	State             RefundState  `json:"state"`
	Outcome           string       `json:"outcome,omitempty"`
	Reason            string       `json:"reason,omitempty"`
	Detail            string       `json:"detail,omitempty"`
	AcquirerReference string       `json:"acquirer_reference,omitempty"`
	Mark              string       `json:"mark,omitempty"`    // where a bank terminal stood before the refund was sent
	Instead           string       `json:"instead,omitempty"` // of one refused and owed: how a manager says the money went back otherwise
	BySale            bool         `json:"by_sale,omitempty"` // what is owed goes by what the sale holds too much; absent in older books, where only late money was, until each refund was ended
	Given             money.Amount `json:"given,omitzero"`    // with Instead: how much, where a part had gone back before; absent: all of it
}

// HoldStarted is the intent of a pre-authorisation (预授权): money of a
// customer's that the bank is asked to keep aside. None of it is the shop's.
type HoldStarted struct {
	Hold      string          `json:"hold"`
	Channel   string          `json:"channel"`
	Amount    money.Amount    `json:"amount"`
	Reference string          `json:"reference,omitempty"` // the shop's own: a room, a table, a contract
	State     HoldState       `json:"state"`
	Attempt   json.RawMessage `json:"attempt,omitempty"` // the attempt machine's state, opaque here
}

// HoldMoved is a further intent or an answer about a pre-authorisation. What of
// it is taken is a payment that names it. Empty text fields leave what was known.
type HoldMoved struct {
	Hold              string          `json:"hold"`
	State             HoldState       `json:"state"`
	Sent              string          `json:"sent,omitempty"`
	Answered          string          `json:"answered,omitempty"`
	Outcome           string          `json:"outcome,omitempty"`
	Reason            string          `json:"reason,omitempty"`
	Detail            string          `json:"detail,omitempty"`
	AcquirerReference string          `json:"acquirer_reference,omitempty"`
	Trace             string          `json:"trace,omitempty"` // as on the terminal's slip; so is Auth
	Auth              string          `json:"auth,omitempty"`
	Payer             string          `json:"payer,omitempty"` // masked
	Funding           string          `json:"funding,omitempty"`
	Cause             string          `json:"cause,omitempty"` // why it is given up, in the words of whoever does it
	Since             string          `json:"since,omitempty"` // where the terminal stood before it was given up
	Watch             bool            `json:"watch,omitempty"` // final, yet to be asked about again
	Attempt           json.RawMessage `json:"attempt,omitempty"`
}

// ReceiptQueued gives a receipt to the spooler. Copy 0 is the original.
type ReceiptQueued struct {
	Job    string `json:"job"` // identity: the same job is never printed twice
	What   string `json:"what"`
	Object string `json:"object"`
	Copy   int    `json:"copy,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// ReceiptBegun is a job about to be sent to the printer: from here on it may be
// on paper.
type ReceiptBegun struct {
	Job string `json:"job"`
}

// ReceiptPrinted is what became of a job: "printed", "unknown" or "failed".
type ReceiptPrinted struct {
	Job    string `json:"job"`
	Result string `json:"result"`
	Detail string `json:"detail,omitempty"`
}

// CardsSettled is a batch of card payments compared with the host and closed.
type CardsSettled struct {
	Batch       string       `json:"batch"`
	Agrees      bool         `json:"agrees"` // the host counted the same
	Sales       money.Amount `json:"sales"`
	SaleCount   int          `json:"sale_count"`
	Returns     money.Amount `json:"returns"` // voids and refunds
	ReturnCount int          `json:"return_count"`
	Uploaded    int          `json:"uploaded,omitempty"` // details sent because the totals differed

	// What this book has of the batch, where the two were compared, and the
	// numbers that only one of them has as money that moved; twenty at most.
	Compared        bool         `json:"compared,omitempty"`
	BookSales       money.Amount `json:"book_sales,omitzero"`
	BookSaleCount   int          `json:"book_sale_count,omitempty"`
	BookReturns     money.Amount `json:"book_returns,omitzero"`
	BookReturnCount int          `json:"book_return_count,omitempty"`
	Unmatched       []string     `json:"unmatched,omitempty"`
}

// Differs reports that host, terminal and book do not all count the same.
func (c CardsSettled) Differs() bool { return !c.Agrees || len(c.Unmatched) > 0 }

// DrawerOpened is the drawer being told to open, with the cause.
type DrawerOpened struct {
	Cause string `json:"cause"`
}

// SettingsChanged names a changed setting; secrets are named, not shown.
type SettingsChanged struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

// Note is something odd, such as an answer that belongs to no attempt.
type Note struct {
	About string `json:"about"`
	Text  string `json:"text"`
}

// PrepaidIssued makes a prepaid card. Prepaid is a one-way mark of its number:
// the number itself is nowhere in the book.
type PrepaidIssued struct {
	Prepaid string `json:"prepaid"`
	Mask    string `json:"mask"`              // first and last digits, the last four readable
	Expires string `json:"expires,omitempty"` // the last business day on which it pays, yyyy-mm-dd; empty: always
	PINSeal string `json:"pin_seal,omitempty"`
}

// PrepaidChanged changes a prepaid card otherwise than by a sale.
type PrepaidChanged struct {
	Prepaid string       `json:"prepaid"`
	Reason  string       `json:"reason,omitempty"`
	Expires string       `json:"expires,omitempty"`
	Amount  money.Amount `json:"amount,omitzero"` // booked off by KindPrepaidExpired: all there is
	PINSeal string       `json:"pin_seal,omitempty"`
}
