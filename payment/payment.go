// Package payment is about taking money from a customer: what a provider must
// do, what its answers mean, the life of one attempt, and which channel a pay
// code belongs to. It does no I/O and reads no clock.
package payment

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"abacus/internal/money"
)

// Channel is a way money comes in.
type Channel string

// The channels. A channel is stored in the journal: names never change.
const (
	WeChat   Channel = "wechat"
	Alipay   Channel = "alipay"
	UnionPay Channel = "unionpay"
	Card     Channel = "card"
	Prepaid  Channel = "prepaid"
	Cash     Channel = "cash"
)

// Outcome is what is known about the money. The zero value is Unknown: whoever
// forgets to decide is in doubt, never wrong.
type Outcome uint8

// The outcomes, of a charge, a query, a reversal or a close alike.
const (
	Unknown  Outcome = iota // nobody can tell yet: ask again
	Waiting                 // the order exists, unpaid; the customer may still act
	Paid                    // the acquirer, authenticated, has the money for this order and amount
	Declined                // authenticated and final: no money was and will be taken by this order
	Reversed                // authenticated: closed or undone, no money is or stays taken
)

// String is the outcome's name in the journal.
func (o Outcome) String() string {
	switch o {
	case Waiting:
		return "waiting"
	case Paid:
		return "paid"
	case Declined:
		return "declined"
	case Reversed:
		return "reversed"
	}
	return "unknown"
}

// Reason says why, as a word of ours that screens translate. The acquirer's
// own code and words go into Answer.Detail.
type Reason string

// Reasons of providers. A reason explains; only the outcome decides.
const (
	NoReason       Reason = ""
	Password       Reason = "password"        // the customer is entering a password
	CodeExpired    Reason = "code-expired"    // pay code too old: ask for a fresh one
	CodeInvalid    Reason = "code-invalid"    // not a code of this channel, or used
	NoFunds        Reason = "no-funds"        // balance or limit of the customer's means
	CardRefused    Reason = "card-refused"    // this kind of card is not taken
	OverLimit      Reason = "over-limit"      // amount above what this payer or shop may
	Risk           Reason = "risk"            // acquirer's risk control
	Refused        Reason = "refused"         // declined without a better word
	OtherPayer     Reason = "other-payer"     // payer and order do not fit
	NumberUsed     Reason = "number-used"     // order number known with other content
	AlreadyPaid    Reason = "already-paid"    // this order number has been paid: ask
	AlreadyClosed  Reason = "already-closed"  // order closed or reversed before
	NotFound       Reason = "not-found"       // acquirer does not know the order (yet)
	Configuration  Reason = "configuration"   // keys, numbers, permissions: stop the channel
	SystemBusy     Reason = "system-busy"     // acquirer's own fault, 5xx, rate limit
	NoAnswer       Reason = "no-answer"       // sent, nothing came back in time
	NotSent        Reason = "not-sent"        // no connection; still treated as unknown
	BadAnswer      Reason = "bad-answer"      // unreadable, or an unknown code
	BadSignature   Reason = "bad-signature"   // answer not authenticated
	WrongAmount    Reason = "wrong-amount"    // answer for another amount or currency
	WrongOrder     Reason = "wrong-order"     // answer for another order or merchant
	ClockSkew      Reason = "clock-skew"      // acquirer refuses our time, or its time is not ours
	Cancelled      Reason = "cancelled"       // the cashier gave the attempt up
	TimedOut       Reason = "timed-out"       // the customer did not act in time
	Interrupted    Reason = "interrupted"     // the till was stopped while the customer was to pay
	PaidThenBack   Reason = "paid-then-back"  // had been paid; the reversal returned the money
	LateSuccess    Reason = "late-success"    // paid after its sale was given up
	GivenBack      Reason = "given-back"      // paid, and the acquirer has returned some of it since, or all: it does not say how much
	RefundDone     Reason = "refund-done"     //
	RefundWorking  Reason = "refund-working"  // accepted, on its way
	RefundClosed   Reason = "refund-closed"   // refund refused for good
	RefundAbnormal Reason = "refund-abnormal" // acquirer cannot return it: a person must
	RefundUntold   Reason = "refund-untold"   // the bank terminal cannot tell what became of it: a person reads its slips
	MerchantFunds  Reason = "merchant-funds"  // merchant's balance too small for the refund or reversal
	NotRefundable  Reason = "not-refundable"  // order state or time does not allow it
	NoCard         Reason = "no-card"         // no card was put into the reader in time, or it could not be read
	ChipCard       Reason = "chip-card"       // a chip card was swiped: it must be inserted or tapped
	InsertCard     Reason = "insert-card"     // the chip reader waits for the customer's card
	ReversalFirst  Reason = "reversal-first"  // an earlier card payment waits for its reversal; nothing else goes out
	TerminalAway   Reason = "terminal-away"   // the bank terminal beside the till does not answer; nothing was sent
	TerminalSilent Reason = "terminal-silent" // it was sent to the bank terminal, which has not answered
	PresentCard    Reason = "present-card"    // the terminal waits for the customer's card and PIN
	PINNeeded      Reason = "pin-needed"      // the card's issuer wants the cardholder's PIN, and none was sent
	PINWrong       Reason = "pin-wrong"       // the PIN that was sent is not the card's
	SlipSays       Reason = "slip-says"       // a person has read the terminal's slip: it could not tell by itself
	ChannelOff     Reason = "channel-off"     // the channel has left the configuration: nobody can be asked
	RecordLost     Reason = "record-lost"     // the record that would tell of it is gone: nobody here knows, and nobody can be asked
	TerminalUnsure Reason = "terminal-unsure" // the bank terminal does not know the end of what may be this one: a person must look, and it may still find out
	Ambiguous      Reason = "ambiguous"       // several transactions may be this one: a person must look
)

// Charge is a request to take money. Provider calls are made once per attempt;
// a repeat of the same Charge uses the same values throughout.
type Charge struct {
	Order   string        // our number: letters, digits and underscores, at most 32, unique per merchant
	Amount  money.Amount  // more than nothing
	Code    string        // the customer's pay code; empty when presenting an order code
	Subject string        // what the customer reads on the phone, at most 40 characters
	Expires time.Time     // when the order should die by itself at the acquirer, by the till's clock
	Life    time.Duration // the same counted from the order's arrival, for acquirers that take it so: no wrong clock harms it
	Store   string
	Till    string
	Cashier string
	Huabei  Huabei
	Mark    string // of a Preparer: what Ready gave
	Hold    Hold   // of a Holder: what it has to do with a pre-authorisation
	Swipe   *Swipe // a card swiped at the till; nil with a channel for cards: the customer's card is read by the channel itself
	PIN     PIN    // of the card, where the till may ask for it; the provider wipes it
}

// PIN is a cardholder's, as digits. It is in memory only, until it is sealed
// for the acquirer, and prints as a dot.
type PIN []byte

// Wipe overwrites the PIN.
func (p PIN) Wipe() { clear(p) }

// Format shows a dot, whatever the verb.
func (PIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("•")) }

// MarshalText keeps a PIN out of every file.
func (PIN) MarshalText() ([]byte, error) { return []byte("•"), nil }

// Swipe is what a magnetic stripe said. It lives in memory only, and only as
// long as the charge is out: then it is wiped. It prints as its mask.
type Swipe struct {
	Track2 []byte // digits, "=", digits; without sentinels
}

// Mask is what of the card's number may be shown or kept: the first six digits
// and the last four.
func (s *Swipe) Mask() string {
	number, _, _ := bytes.Cut(s.Track2, []byte("="))
	return MaskCard(string(number))
}

// Wipe overwrites the card.
func (s *Swipe) Wipe() {
	if s != nil {
		clear(s.Track2)
	}
}

// Format shows the mask only, whatever the verb.
func (s *Swipe) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.Mask())) }

// MarshalText keeps a card out of every file.
func (s *Swipe) MarshalText() ([]byte, error) { return []byte(s.Mask()), nil }

// MaskCard is the first six and the last four digits of a card number; of what
// is too short to be one, nothing. Source: JR/T 0001, 签购单.
func MaskCard(number string) string {
	if len(number) < 13 {
		return "…"
	}
	return number[:6] + strings.Repeat("*", len(number)-10) + number[len(number)-4:]
}

// Huabei is Alipay's consumer credit, per shop.
type Huabei struct {
	Forbid      bool // no Huabei at all
	Instalments int  // 0, 3, 6 or 12
	SellerPays  bool // the shop bears the instalment fee
}

// Order names an attempt made before.
type Order struct {
	Number  string
	Amount  money.Amount
	Present bool   // it was presented as an order code, so it is closed rather than reversed
	Mark    string // of a Preparer: the last mark an answer about this order carried
	Hold    Hold   // as its charge had it
}

// HoldOp is what a call does with a pre-authorisation (预授权): money of a
// customer's that the bank keeps aside.
type HoldOp string

// What can be done with a hold.
const (
	HoldNone     HoldOp = ""         // the call has nothing to do with one
	HoldTake     HoldOp = "take"     // a charge keeps the amount aside; Paid means that it is held
	HoldComplete HoldOp = "complete" // a charge takes of a hold what is owed, at most what is held
	HoldRelease  HoldOp = "release"  // a refund gives a hold up; no money had moved
	HoldReopen   HoldOp = "reopen"   // a refund undoes a completion of today; the hold stands again
)

// Hold ties a call to a pre-authorisation.
type Hold struct {
	Op   HoldOp
	Mark string // the hold's own mark; empty when it is only being taken
}

// Holder is a Preparer that can keep money aside: its Charge, Query, Reverse
// and Refund mind Hold.
type Holder interface {
	Preparer
	Holds() bool
}

// SlipReader is a Preparer whose device may be unable to tell which of its
// transactions is one of ours: then a person reads its slip.
type SlipReader interface {
	Preparer
	// SlipMark is the mark of the transaction on a slip; since is the one that
	// Ready gave before it. ok is false when the numbers cannot be a slip's.
	SlipMark(since string, slip Slip) (mark string, ok bool)
}

// Slip is what stands on the slip of a bank terminal.
type Slip struct {
	Trace     string // 凭证号, at most 6 digits
	Reference string // 参考号, at most 12 characters
	Auth      string // 授权码, at most 6 characters; a pre-authorisation has one
	Date      string // MMDD
}

// Answer is what a provider makes of an acquirer's answer, or of its absence.
// The provider has already matched order number, amount, currency and merchant:
// a mismatch is Unknown with reason WrongAmount or WrongOrder.
type Answer struct {
	Outcome     Outcome
	Reason      Reason
	Lives       bool   // of a charge that is Declined: the acquirer keeps its order, which could be paid later, so it is reversed
	Detail      string // acquirer's code and words, without secrets, for its support
	Reference   string // acquirer's own number of the order
	Payer       string // masked
	Funding     string // e.g. "PCREDIT" (Huabei), "BALANCE", a bank's short name
	Instalments int
	OrderCode   string    // text of the QR to show, when presenting
	PaidAt      time.Time // acquirer's time
	Mark        string    // of a Preparer: kept with the order and handed back with later calls
	Trace, Auth string    // of a Holder: numbers on its slip, by which people find a hold again
	Err         error     // explains, never decides
}

// Provider is one channel at one acquirer.
//
// No method returns a bare error: every call ends in an Answer, and whatever
// is not a certain yes or a certain no is Unknown. Methods honour ctx, keep
// no state about orders, may be called concurrently, and never retry by
// themselves. Nothing they log or return holds a key or a whole pay code.
type Provider interface {
	Channel() Channel
	Timing() Timing
	// Charge takes money with the customer's pay code.
	Charge(ctx context.Context, c Charge) Answer
	// Query asks for an order's state. NotFound is Unknown with that reason.
	Query(ctx context.Context, o Order) Answer
	// Reverse undoes a charge whose end is unknown or unwanted. Reversed means
	// acknowledged (with reason PaidThenBack if money had moved and went back);
	// Declined means it can never be reversed this way (ask, then refund).
	Reverse(ctx context.Context, o Order) Answer
}

// Presenter is a Provider that can register an order for the customer to scan.
type Presenter interface {
	Provider
	// Present registers the order; Waiting with OrderCode set on success.
	Present(ctx context.Context, c Charge) Answer
	// Close ends an unpaid order and never moves money. Reversed means closed;
	// Paid means the customer was faster; Unknown with NotFound means that the
	// acquirer keeps no order before its code is scanned, and only Reverse
	// makes the code die.
	Close(ctx context.Context, o Order) Answer
}

// CardTaker is a Provider that is charged with a card instead of a pay code:
// one swiped at the till, or one that it reads by itself. TakesCards is true of
// every CardTaker that is ready to be charged so.
type CardTaker interface {
	Provider
	TakesCards() bool
}

// Settler is a Provider whose acquirer counts in batches that are compared and
// closed, usually at the end of the day.
type Settler interface {
	Provider
	// Settle compares the open batch with the acquirer and closes it. Called
	// again after no answer, it settles the same batch.
	Settle(ctx context.Context) Settlement
}

// BatchKeeper is a Settler that remembers a settlement over a restart: one that
// was wanted goes on until its batch is closed, and what came of it is given
// again until it is acknowledged.
type BatchKeeper interface {
	Settler
	// Want notes that the open batch is to be settled; false: there is nothing in it,
	// and no settlement under way.
	Want() (bool, error)
	// Owes reports a settlement that was wanted and has not been acknowledged.
	Owes() bool
	// Counted is the batch that counts an order or refund; false: none does.
	Counted(number string) (batch string, counted bool)
	// Told acknowledges what came of a settlement: it is in the journal.
	Told(batch string) error
}

// Settled is one transaction that a batch has counted.
type Settled struct {
	Number string // ours, of the order or the refund
	Return bool
	Amount money.Amount
	At     time.Time // before it left
}

// Settlement is what came of settling a batch.
type Settlement struct {
	Done        bool // the batch is closed; else Reason says why not
	Agrees      bool // the acquirer counts the same
	Batch       string
	Sales       money.Amount
	SaleCount   int
	Returns     money.Amount // voids and refunds
	ReturnCount int
	Uploaded    int       // details sent because the totals differed
	Began       time.Time // of a BatchKeeper: tells it from another batch of the same number
	Items       []Settled // of a BatchKeeper: what the sums are of
	Reason      Reason
	Detail      string
	Err         error
}

// BalanceAsker is a Provider that can ask what is on a customer's card.
type BalanceAsker interface {
	Provider
	// Balance asks; swiped is nil where the channel reads it by itself.
	Balance(ctx context.Context, swiped *Swipe) Balance
}

// Balance is an answer about a card's money; Known is false when there was no
// certain one, and Reason says why.
type Balance struct {
	Known  bool
	Amount money.Amount
	Payer  string // masked
	Reason Reason
	Detail string
	Err    error
}

// Tester is a Provider whose line can be tried without moving money.
type Tester interface {
	Provider
	// Test tries line and keys; the error says in one sentence what is wrong.
	Test(ctx context.Context) error
}

// Preparer is a Provider whose acquirer does not know our order numbers: a
// bank terminal beside the till. What becomes of an order is told by comparing
// what the terminal has done since with what it had done before. So it is asked
// first, what it says is on disk before the charge leaves, and nothing else
// leaves for it while an order's end is open.
type Preparer interface {
	Provider
	// Ready asks whether a charge could be made now; nothing can be charged by
	// it. Waiting with a Mark says yes; all else that no charge is to leave.
	Ready(ctx context.Context) Answer
	// Desk names the one device behind this provider; providers of several
	// channels may share it.
	Desk() string
	// Abort asks the device to stop waiting for the customer, if it can be asked. It
	// never blocks, and only the answer to the charge tells what became of it.
	Abort()
}

// Finder is a Provider that can be asked by the acquirer's own number.
type Finder interface {
	Provider
	// Find gives the order number of the merchant's order that the acquirer
	// knows under its own number; found is false when it knows none, err
	// when it could not be asked.
	Find(ctx context.Context, reference string) (order string, found bool, err error)
}

// Refunder is a Provider that can give money back later.
type Refunder interface {
	Provider
	// Refund asks for a refund; the same Refund again never refunds twice.
	Refund(ctx context.Context, r Refund) RefundAnswer
	// QueryRefund asks what became of it.
	QueryRefund(ctx context.Context, r Refund) RefundAnswer
}

// Refund is a request to give back Amount of an order that took Total.
type Refund struct {
	Number    string // ours: letters, digits, underscores, at most 64
	Order     string
	Reference string // acquirer's number of the order, if known
	Amount    money.Amount
	Total     money.Amount
	Reason    string // at most 40 characters
	Cashier   string
	Mark      string // of a Preparer: the last mark of the order that paid
	Since     string // of a Preparer: what Ready gave before this refund was first sent
	Hold      Hold   // of a Holder: a hold to be released, or a completion to be undone
}

// RefundOutcome is what is known about a refund; the zero value is unknown.
type RefundOutcome uint8

// The outcomes of a refund.
const (
	RefundUnknown  RefundOutcome = iota // ask, or repeat with the same number
	RefundAccepted                      // the acquirer is working on it
	RefundPaid                          // the money has gone back
	RefundRefused                       // final: no money went back
	RefundStuck                         // abnormal: a person must
)

// String is the outcome's name in the journal.
func (o RefundOutcome) String() string {
	return [...]string{"unknown", "accepted", "paid", "refused", "stuck"}[min(int(o), 4)]
}

// RefundAnswer is what a provider makes of the answer to a refund call.
type RefundAnswer struct {
	Outcome   RefundOutcome
	Reason    Reason
	Detail    string
	Reference string
	Err       error
}

// Timing is a scheme's clock for one attempt. Source: the acquirers' guides as
// gathered in docs/protocols of each provider.
type Timing struct {
	CallTimeout    time.Duration // one request, answer included
	FirstQuery     time.Duration // after the charge was sent
	QueryInterval  time.Duration
	Deadline       time.Duration // of a charge: then the last query and the reversal
	NoReverseUntil time.Duration // after the charge was sent
	OrderCodeLife  time.Duration // how long an order code is shown, then closed
	CodePoll       time.Duration // interval of queries while an order code is shown
	NoQuery        bool          // the acquirer cannot be asked: a charge in doubt is reversed at once
	Watch          time.Duration // after a reversal or a refusal: asked once more, then after 6 and 45 times as long
}
