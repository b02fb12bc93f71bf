package till

import (
	"slices"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// Snapshot is all a face needs to draw the till. It is immutable once sent.
type Snapshot struct {
	Version  uint64 // rises with every change
	Identity Identity
	Ready    bool   // the books are open and checked; before that nothing can be sold
	Trouble  *Fault // set: the till does not sell, and why
	Operator *Operator
	SignIn   []SignIn // whom the sign-in screen shows (sandbox: with the PIN)
	Shift    *ledger.Shift
	Today    Day

	Sale       *ledger.Sale // in front; done stays in front until the next starts
	Attempt    *Attempt     // the open or last attempt of the sale in front
	Held       []ledger.Sale
	Doubt      []Attempt // every payment not final: of the sale in front first, then oldest first
	DoubtCount int       // all of them; Doubt holds the newest hundred, and what is in front
	Refunds    []Refund  // every refund not over, oldest first, at most a hundred
	Decide     []string  // refunds that only a manager can end: the terminal cannot tell them
	Holds      []Hold    // pre-authorisations not over, oldest first, at most a hundred
	HoldCount  int       // all of them

	RefundCount int // of refunds not over, all

	Methods  []Method // what can pay here
	Links    []Link
	Devices  []Device  // those with a line of their own, as they are configured
	LoneScan *LoneScan // the last scan that no screen took; nil before the first
	Space    *Space    // of the book's disk; nil: not watched, or not measured yet
	Unsent   int       // journal entries not yet sent to the acquirer
	Printing string    // state of the last receipt: "", "queued", "printed", "failed", "unknown"
	Notices  []Notice  // newest last; of how payments ended and of other money at most 100 each, of all else 8
}

// SaleOver reports whether a sale is known to be done, or void: it is neither in
// front and unfinished, nor held. Where so many are held that a snapshot may not
// carry them all, nothing is known.
func (s *Snapshot) SaleOver(id string) bool {
	switch {
	case s == nil || !s.Ready || id == "":
		return false
	case s.Sale != nil && s.Sale.ID == id:
		return s.Sale.State == ledger.SaleDone || s.Sale.State == ledger.SaleVoid
	}
	return len(s.Held) < mostHeld/2 && !slices.ContainsFunc(s.Held, func(h ledger.Sale) bool { return h.ID == id })
}

// SignIn is one operator on the sign-in screen; PIN is filled in the sandbox
// only.
type SignIn struct {
	Operator Operator
	PIN      string
}

// Day is the business day's figures so far.
type Day struct {
	Date      string
	Sales     int
	Gross     money.Amount
	Refunds   money.Amount
	ByChannel []ledger.Total
}

// Attempt is a payment as a screen shows it.
type Attempt struct {
	Payment    ledger.Payment
	Phase      payment.Phase
	OrderCode  string    // text of the QR to draw, while presenting
	ShownUntil time.Time // the order code's end
	Asked      int       // queries so far
	AskedAt    time.Time
	NextAsk    time.Time // zero: none planned, or it is being asked, or waits for its turn
	ReverseAt  time.Time // when the till reverses by itself; zero: it will not, or does, or must wait for its turn
	Turn       bool      // its next call waits until others of the channel are over
	Resumed    bool      // taken up again after a restart
	Decide     bool      // the terminal cannot tell: a manager must, by its slip
}

// Refund is a refund as a screen shows it.
type Refund struct {
	ledger.Refund
	Paid    ledger.Payment // of which it gives back: its payer and the acquirer's number lead to the customer
	Next    RefundNext
	Asked   int          // how often the acquirer was asked, or sent it, since the till was started
	AskedAt time.Time    // zero: not yet
	NextAsk time.Time    // zero: none planned
	Left    money.Amount // of one that is owed: what is still to go back, less than all where a part has gone since
}

// RefundNext is what happens next about a refund that is not over.
type RefundNext string

// What happens next.
const (
	RefundAsking  RefundNext = "asking"  // the acquirer is being asked this moment
	RefundAskedAt RefundNext = "ask"     // it is asked at NextAsk
	RefundSentAt  RefundNext = "send"    // it knows nothing of it: it is sent once more under its number
	RefundTurn    RefundNext = "turn"    // it waits for its turn at the bank terminal, or for the book
	RefundSlip    RefundNext = "slip"    // a manager must read the terminal's slip
	RefundPerson  RefundNext = "person"  // it was refused, and its money is owed: a manager must end it
	RefundStopped RefundNext = "stopped" // its channel is not configured any more: nobody can be asked
)

// Hold is a pre-authorisation as a screen shows it.
type Hold struct {
	ledger.Hold
	Days    int // that it has stood
	Asked   int // how often the terminal was asked what became of it
	AskedAt time.Time
	NextAsk time.Time // zero: none planned
	Resumed bool      // taken up again after a restart
	Decide  bool      // the terminal cannot tell: a manager must, by its slip
}

// Method is a way to pay and whether it works now.
type Method struct {
	Channel payment.Channel
	Charge  bool  // by the customer's code
	Present bool  // by the till's order code
	Plans   []int // Huabei instalments on offer: 3, 6, 12
	Desk    bool  // by a device beside the till: a bank terminal
	Hold    bool  // keeps money aside, too
}

// LinkState is how a device or an acquirer does.
type LinkState string

// The states of a link.
const (
	LinkUp   LinkState = "up"
	LinkDown LinkState = "down"
	LinkOff  LinkState = "off" // not configured
)

// Link is one lamp of the status bar.
type Link struct {
	Name  string // "network", "wechat", "alipay", "card", "printer", "scanner"; "display" while it is out
	State LinkState
	Since time.Time
	Cause string // what is wrong, as a word: of the printer "paper-out", "paper-low", "cover-open", "offline", "fault", "no-answer"
}

// Notice is something that happened by itself and that the cashier should see
// once: a payment settled after a restart, a receipt that did not print.
type Notice struct {
	At      time.Time
	Code    string // a word of internal/lang
	Args    []any
	Payment string
}
