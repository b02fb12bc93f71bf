package till

import (
	"context"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// Core is the one door to the till. Screen and headless both hold exactly this.
type Core interface {
	// Do validates a command, checks who may, journals it and acts on it. The
	// error is a *Fault for anything a person can do something about.
	Do(ctx context.Context, c Command) (Result, error)
	// Watch delivers the latest snapshot, at once and after every change,
	// until ctx ends; a slow reader skips, it never holds the core up.
	Watch(ctx context.Context) <-chan *Snapshot
}

// Command is one of the structs below, a closed set.
type Command interface{ command() }

// Result is what a command answers: one of the result types named with each
// command, or nil.
type Result any

// Keyed is a command that carries the caller's idempotency key (at most 64
// characters): the same key again answers with the object of the first time
// and does nothing; the same key with another command is refused.
type Keyed struct {
	Key     string
	Command Command
}

// The commands. The comment names the result.
type (
	Hello struct{} // Identity

	Login  struct{ Operator, PIN string } // Operator; by number or badge
	Logout struct{}                       // nil

	ShiftOpen struct{ Float money.Amount } // ledger.Shift
	ShiftCash struct {                     // ledger.Shift
		Amount money.Amount // negative takes out
		Reason string
	}
	ShiftClose struct{ Counted money.Amount } // ledger.Report, the Z

	SaleOpen   struct{ Reference string }    // ledger.Sale; becomes the sale in front
	SaleGet    struct{ Sale string }         // ledger.Sale
	SaleHold   struct{ Sale string }         // ledger.Sale; empty: the one in front
	SaleRecall struct{ Sale string }         // ledger.Sale; empty: the one held last
	SaleVoid   struct{ Sale, Reason string } // ledger.Sale
	// SaleDismiss takes a finished sale off the front, so the next can start.
	SaleDismiss struct{} // nil

	// SaleAdd adds goods by Code, by Name, or a bare Amount. Sale empty: the
	// sale in front, opened if there is none. Exactly one of the three is set.
	SaleAdd struct { // ledger.Sale
		Sale, Code, Name string
		Amount           money.Amount
		Quantity         ledger.Quantity // 0 is One
	}
	SaleSetQuantity struct { // ledger.Sale
		Sale     string
		Line     int
		Quantity ledger.Quantity
	}
	SaleRemove struct { // ledger.Sale
		Sale string
		Line int // 0: the last one
	}
	SaleDiscount struct { // ledger.Sale
		Sale    string
		Line    int // 0: the whole sale
		Amount  money.Amount
		Percent int // 1 to 100; one of the two
		Reason  string
	}
	// SaleScan is what the scanner's text does. With Pay false a pay code is
	// recognised but nothing is charged: the answer says what it is. Quantity
	// goes with goods only; 0 is One.
	SaleScan struct { // Scanned
		Sale, Text string
		Pay        bool
		Quantity   ledger.Quantity
	}
	// SalePay starts an attempt. Amount zero: all that is due. For cash,
	// Tendered is what the customer gave (zero: exactly the amount).
	SalePay struct { // ledger.Payment
		Sale     string
		Method   string // "auto" or a payment.Channel
		Amount   money.Amount
		Tendered money.Amount
		Code     string // the customer's pay code, the number of a prepaid card, or what a stripe reader has typed
		PIN      PIN    // of the prepaid card, if it has one; a bank card's only where Settings.CardPIN says so
		Present  bool
		Huabei   int // 0, 3, 6, 12 instalments

		swipe *payment.Swipe // what Code was, if a card was swiped
	}

	// PrepaidIssue makes a prepaid card of a number that is on a card nobody has
	// yet; PIN may stay empty. Number is the card's here and below; where nobody
	// has it in hand, the identity that PrepaidList gives does as well.
	PrepaidIssue struct { // PrepaidCard
		Number string
		PIN    PIN
	}
	// PrepaidTopUp opens a sale that tops the card up, or puts the top-up on an
	// empty one: pay it like any other, but by a prepaid card.
	PrepaidTopUp struct { // ledger.Sale
		Sale, Number string
		Amount       money.Amount
	}
	PrepaidGet  struct{ Number string } // PrepaidCard
	PrepaidList struct {                // []PrepaidCard, newest first
		Ending string // the number's last four digits; empty: all
		Limit  int    // 0: 100
	}
	PrepaidFreeze struct{ Number, Reason string }          // PrepaidCard: it pays no more
	PrepaidThaw   struct{ Number, Reason string }          // PrepaidCard
	PrepaidExtend struct{ Number, Expires, Reason string } // PrepaidCard: pays up to another day, yyyy-mm-dd
	PrepaidExpire struct{ Number, Reason string }          // PrepaidCard: books off what is left after its last day
	PrepaidPIN    struct {                                 // PrepaidCard: a new PIN; empty takes it off
		Number, Reason string
		PIN            PIN
	}

	PaymentGet  struct{ Payment string } // ledger.Payment
	PaymentWait struct {
		Payment string
		Timeout time.Duration
	} // ledger.Payment, final or at the time-out
	PaymentQuery  struct{ Payment string } // Asked; asks the acquirer now
	PaymentCancel struct{ Payment string } // ledger.Payment; gives it up, closing or reversing first
	PaymentSwitch struct {                 // ledger.Payment: closes the order code, then presents on the other channel
		Payment string
		Channel payment.Channel
	}
	// PaymentForce lets the sale of exactly this open payment be charged again.
	// The payment goes on being chased; if it turns out paid, it goes back.
	PaymentForce struct{ Payment, Reason string } // ledger.Payment
	// PaymentFind looks a payment up by any number somebody may hold in hand:
	// ours of payment, order or sale, or the acquirer's, as in the customer's
	// bill on the phone. What this book does not know by that number is asked of
	// the acquirers.
	PaymentFind struct{ Number string } // []ledger.Payment
	// Doubles is the double-charge radar over the last Days business days (0: the
	// present one). A sale that holds more than its total, or anything though it was
	// given up, is in it from any day.
	Doubles     struct{ Days int } // []Double
	PaymentList struct {           // []ledger.Payment, newest first
		State ledger.PaymentState // empty: all
		Limit int                 // 0: 100
	}

	RefundCreate struct { // ledger.Refund
		Payment, Sale string       // one of the two
		Amount        money.Amount // zero: all that is left
		Reason        string
	}
	RefundGet   struct{ Refund string } // ledger.Refund
	RefundQuery struct{ Refund string } // ledger.Refund; asks the acquirer now
	RefundList  struct {                // []ledger.Refund, newest first
		State ledger.RefundState // empty: all
		Open  bool               // only those that are not over: also refused ones whose money is owed
		Limit int                // 0: 100
	}
	// RefundRetry tries a refused refund of money that came late again, under a
	// new number. RefundGiven is a manager's word how that money went back
	// otherwise.
	RefundRetry struct{ Refund string }         // ledger.Refund, the new one
	RefundGiven struct{ Refund, Reason string } // ledger.Refund

	// PaymentDecide is a manager's word about exactly one payment of which the
	// bank terminal has said that it cannot tell: what its slip or its own list
	// says. Done with the slip's numbers means that the slip is there, not Done
	// that there is none. RefundDecide and CardDecide are the same of a refund and
	// of a hold.
	PaymentDecide struct { // ledger.Payment
		Payment string
		Done    bool
		Slip    payment.Slip
		Reason  string
	}
	RefundDecide struct { // ledger.Refund
		Refund string
		Done   bool
		Slip   payment.Slip // its Trace or Reference
		Reason string
	}
	CardDecide struct { // Hold
		Hold   string
		Done   bool         // it is held; of one to be released: it is released
		Slip   payment.Slip // of one that is held: with Auth
		Reason string
	}

	// ReceiptPrint prints a copy, numbered and journaled: of a Z, if its number is
	// given (-1: the last one), of a pre-authorisation's slip, else of a sale.
	ReceiptPrint struct { // Printed
		Sale, Reason, Hold string
		Z                  int64
	}
	ReceiptText struct {
		Sale  string
		Width int
	} // string: the receipt as text for the screen
	// PrinterProbe prints a page that shows what the printer can do and what to set.
	PrinterProbe struct{}                // Printed
	DrawerOpen   struct{ Reason string } // nil
	// ScannerSheet prints the codes by which a scanner is tried out.
	ScannerSheet struct{} // Printed

	ReportX struct{}               // ledger.Report
	ReportZ struct{ Number int64 } // ledger.Report; 0: the last one
	// JournalSync sends what the journal's keeper does not have yet, and compares
	// its copy with ours; a settlement of cards that is owed is brought to its
	// end before.
	JournalSync struct{} // Synced
	JournalList struct { // []ledger.Entry
		After int64
		Limit int // 0: 100, at most 1000
	}
	// Examine looks the whole till over. It works before anybody has signed in and
	// when the till does not sell: then it is needed most.
	Examine     struct{} // doctor.Report
	GoodsSearch struct { // []goods.Item: by name, pinyin initials or code
		Text  string
		Limit int
	}
	SalesList struct{ Limit int } // []ledger.Sale, newest first

	// CardSettle compares the card host's batch and closes it. CardBalance asks
	// what is on a card: Text is what a stripe reader has typed, or empty for the
	// chip reader. CardTest tries line and keys.
	CardSettle  struct{}              // ledger.CardsSettled
	CardBalance struct{ Text string } // CardMoney
	CardTest    struct{}              // nil

	// CardHold lets the bank keep an amount of the customer's card aside
	// (预授权). It returns at once; CardWait tells when the customer is done.
	CardHold struct { // Hold
		Amount    money.Amount
		Reference string // the shop's own: a room, a table, a contract
	}
	// CardComplete takes of a hold what is due on a sale, or, with Sale empty, of
	// a sale of its own. Amount zero: all that is due, or held if that is less.
	CardComplete struct { // ledger.Payment
		Hold, Sale string
		Amount     money.Amount
	}
	// CardReopen undoes a completion of today; the hold then stands again.
	CardReopen  struct{ Hold, Reason string } // ledger.Refund
	CardRelease struct{ Hold, Reason string } // Hold: gives it up
	CardCancel  struct{ Hold string }         // Hold: the cashier wants out while it is being taken
	CardQuery   struct{ Hold string }         // Hold: asks the terminal now
	CardWait    struct {                      // Hold, no longer in doubt, or at the time-out
		Hold    string
		Timeout time.Duration
	}
	CardHolds struct { // []Hold: those open, oldest first; or, newest first,
		All   bool // of any state
		Limit int  // 0: 100
	}

	// CustomerPlays is the sandbox's customer at the counter (SANDBOX only):
	// without Order a wallet is opened and its pay code scanned on the sale in
	// front; with Order, an order number, the customer scans its order code.
	CustomerPlays struct { // Scanned or ledger.Payment
		Channel   payment.Channel
		Behaviour string
		Order     string
	}
)

func (Keyed) command()           {}
func (Hello) command()           {}
func (Login) command()           {}
func (Logout) command()          {}
func (ShiftOpen) command()       {}
func (ShiftCash) command()       {}
func (ShiftClose) command()      {}
func (SaleOpen) command()        {}
func (SaleGet) command()         {}
func (SaleHold) command()        {}
func (SaleRecall) command()      {}
func (SaleVoid) command()        {}
func (SaleDismiss) command()     {}
func (SaleAdd) command()         {}
func (SaleSetQuantity) command() {}
func (SaleRemove) command()      {}
func (SaleDiscount) command()    {}
func (SaleScan) command()        {}
func (SalePay) command()         {}
func (PaymentGet) command()      {}
func (PrepaidIssue) command()    {}
func (PrepaidTopUp) command()    {}
func (PrepaidGet) command()      {}
func (PrepaidList) command()     {}
func (PrepaidFreeze) command()   {}
func (PrepaidThaw) command()     {}
func (PrepaidExtend) command()   {}
func (PrepaidExpire) command()   {}
func (PrepaidPIN) command()      {}
func (PaymentWait) command()     {}
func (PaymentQuery) command()    {}
func (PaymentCancel) command()   {}
func (PaymentSwitch) command()   {}
func (PaymentForce) command()    {}
func (PaymentFind) command()     {}
func (Doubles) command()         {}
func (PaymentList) command()     {}
func (RefundCreate) command()    {}
func (RefundGet) command()       {}
func (RefundQuery) command()     {}
func (RefundList) command()      {}
func (RefundRetry) command()     {}
func (RefundGiven) command()     {}
func (PaymentDecide) command()   {}
func (RefundDecide) command()    {}
func (CardDecide) command()      {}
func (ReceiptPrint) command()    {}
func (ReceiptText) command()     {}
func (PrinterProbe) command()    {}
func (ScannerSheet) command()    {}
func (DrawerOpen) command()      {}
func (ReportX) command()         {}
func (ReportZ) command()         {}
func (JournalSync) command()     {}
func (JournalList) command()     {}
func (Examine) command()         {}
func (GoodsSearch) command()     {}
func (SalesList) command()       {}
func (CardSettle) command()      {}
func (CardBalance) command()     {}
func (CardTest) command()        {}
func (CardHold) command()        {}
func (CardComplete) command()    {}
func (CardReopen) command()      {}
func (CardRelease) command()     {}
func (CardCancel) command()      {}
func (CardQuery) command()       {}
func (CardWait) command()        {}
func (CardHolds) command()       {}
func (CustomerPlays) command()   {}

// Identity is who this till is.
type Identity struct {
	Version  string
	Store    string
	Till     string
	Currency money.Currency
	Sandbox  bool
	Training bool
	Head     ledger.Head
}

// Role is what an operator may do.
type Role string

// The roles. A manager may do everything a cashier may.
const (
	Cashier Role = "cashier"
	Manager Role = "manager"
)

// Operator is somebody who may sign in.
type Operator struct {
	ID   string
	Name string
	Role Role
}

// ScanKind is what a scanned text turned out to be.
type ScanKind string

// The kinds of scans.
const (
	ScanGoods       ScanKind = "goods"
	ScanWeighed     ScanKind = "weighed"
	ScanPayCode     ScanKind = "paycode"
	ScanCard        ScanKind = "card" // a card's stripe; without Payment it was a track of no use, or nothing was to be paid
	ScanMember      ScanKind = "member"
	ScanMerchantURL ScanKind = "merchant-url" // the customer has the wrong page open
	ScanUnknownItem ScanKind = "unknown-goods"
	ScanUnreadable  ScanKind = "unreadable"
	ScanRepeat      ScanKind = "repeat" // the same pay code again while its attempt is open
	ScanReceipt     ScanKind = "receipt"
	ScanCoupon      ScanKind = "coupon"
	ScanPrepaid     ScanKind = "prepaid"
	ScanBadge       ScanKind = "badge"
)

// Problems of scans besides the words of scanner.Problem.
const (
	ProblemTorn      = "torn"       // the head of the code was lost
	ProblemNoPrepaid = "no-prepaid" // a prepaid card that this till does not know
)

// Scanned is what a scan did.
type Scanned struct {
	Kind    ScanKind
	Problem string          // why it is ScanUnreadable, or what is wrong with it
	Channel payment.Channel // of a pay code
	Mask    string          // what of the code may be shown
	Line    int             // the line added or raised
	Sale    *ledger.Sale    // the sale changed or paid; of a receipt the sale it belongs to
	Payment *ledger.Payment
	Prepaid *PrepaidCard // nothing is paid by scanning it: SalePay with the number does
	Confirm money.Amount // not zero: above the threshold, SalePay with the code must follow
}

// Double is a charge that may have been taken twice: the later payment, which
// can be refunded as it stands, and the one it seems to repeat.
type Double struct {
	Payment ledger.Payment
	Earlier ledger.Payment // without an identity where a sale given up holds one payment only
	Why     string         // one of the Double… words
	Amount  money.Amount   // to be given back of the payment
}

// Why two payments look like one.
const (
	DoublePayer = "same-payer" // same payer, same amount, minutes apart
	DoubleCode  = "same-code"  // the same pay code
	DoubleSale  = "same-sale"  // one sale paid above its total
	DoubleLate  = "late"       // it came after its sale had been paid otherwise, and that had been given back
)

// Asked is a payment after its acquirer was asked, and what that one said just
// now. The payment is what the book has, which need not be the same.
type Asked struct {
	Payment ledger.Payment
	Nobody  bool // it was certain when it was taken, or a person has told: there is nobody to ask
	Heard   bool // an answer came, or it is certain that none will; else it is still awaited
	Outcome payment.Outcome
	Reason  payment.Reason
	Detail  string // the acquirer's code and words, for its support
}

// CardMoney is what is on a customer's card.
type CardMoney struct {
	Card   string // masked
	Amount money.Amount
}

// Printed is a receipt job given to the spooler.
type Printed struct {
	Job  string
	Copy int
}

// Fault is a refusal with a reason that screens translate. Code is one word of
// the closed set in internal/lang; Args fill its sentence.
type Fault struct {
	Code string
	Args []any
	Err  error // the cause, for logs
}

// Error is for logs; people get lang's sentence.
func (f *Fault) Error() string {
	if f.Err != nil {
		return f.Code + ": " + f.Err.Error()
	}
	return f.Code
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }
