package ledger

import (
	"errors"
	"fmt"
	"syscall"

	sqlite "modernc.org/sqlite"
)

var errHashLength = errors.New("a hash is 64 hexadecimal digits")

// What can go wrong with the book itself. An error may wrap several.
var (
	// ErrNotWritten: certainly nothing was written; the same batch may be
	// tried again.
	ErrNotWritten = errors.New("the entry was not written")
	// ErrDiskFull: no room for another entry, and then it comes with
	// ErrNotWritten, or for opening the book.
	ErrDiskFull = errors.New("the disk is full")
	// ErrStopped: a commit failed and nobody can tell whether it is on disk, or,
	// with ErrNotWritten, the book could not be opened anew after a statement that
	// failed. Nothing is written until Reopen has looked.
	ErrStopped = errors.New("the ledger has stopped: the last write is in doubt")
	// ErrClosed: Close was called.
	ErrClosed = errors.New("the ledger is closed")
	// ErrNotFound: there is no such object in the book.
	ErrNotFound = errors.New("not in the ledger")
	// ErrNewer: the database was written by a newer program.
	ErrNewer = errors.New("the ledger was written by a newer version of this program: update the program, or use the data directory it belongs to")
)

// Refusal is an entry that would break the law of the books. Nothing of its
// batch was written.
type Refusal struct {
	Code   string // one of the Refuse… words
	Object string // the sale, payment, refund, shift, job or key it is about
	Detail string // for logs
}

// The codes of refusals.
const (
	RefuseEntry        = "bad-entry"       // unknown kind, wrong payload, unusable text
	RefuseAmount       = "bad-amount"      // not positive where it must be, out of range, or more than is due
	RefuseCurrency     = "bad-currency"    // not the currency of this book
	RefuseExists       = "exists"          // an identity used before
	RefuseOrderUsed    = "order-used"      // an order or refund number used before
	RefuseKeyUsed      = "key-used"        // an idempotency key used before
	RefuseNoSale       = "no-sale"         //
	RefuseSaleState    = "sale-state"      // the sale is held, done or void
	RefuseSaleEmpty    = "sale-empty"      // no line on it
	RefuseSalePaid     = "sale-paid"       // money has been taken that would be left over
	RefuseDue          = "due"             // money is still to be paid
	RefuseLine         = "bad-line"        // no such line, removed, or misnumbered
	RefusePaymentOpen  = "payment-open"    // an attempt of the sale is in the air
	RefuseNoPayment    = "no-payment"      //
	RefuseTransition   = "transition"      // a payment or refund cannot go from one state to the other
	RefuseRefundAmount = "refund-too-much" // more than was paid less what is refunded or asked
	RefuseNoRefund     = "no-refund"       //
	RefuseShiftOpen    = "shift-open"      // a shift is open already
	RefuseNoShift      = "no-shift"        // none is open, or not that one
	RefuseNumber       = "number"          // a shift or Z number that is not the next one
	RefuseReport       = "report"          // a stored Z that the entries do not give
	RefusePrepaid      = "prepaid"         // a prepaid card that is unknown, frozen or past its day, or a sale that mixes top-up and goods
	RefuseBalance      = "balance"         // more than is on the prepaid card
	RefuseHold         = "hold"            // a pre-authorisation that is unknown, or not in a state for it
	RefuseNoJob        = "no-job"          // a receipt that was never queued
)

// Error is for logs.
func (r *Refusal) Error() string {
	return fmt.Sprintf("refused (%s) %s: %s", r.Code, r.Object, r.Detail)
}

func refuse(code, object, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Object: object, Detail: fmt.Sprintf(format, args...)}
}

// Broken says that the book is not the one this till wrote last: entries are
// missing at its end or were changed. The ledger can be read, not written.
type Broken struct {
	Number int64  // the first number known to be bad or missing; the last one where Why names no entry
	Why    string // one of the Why… words: people are told by it
	Detail string // for logs
}

// Error names the number and what is wrong with it.
func (b *Broken) Error() string {
	return fmt.Sprintf("the journal is broken at number %d: %s", b.Number, b.Detail)
}

// SQLite's result codes that decide something here. A write refused for want
// of room is reported as either of the first two, the second under a file-size
// limit or quota; the memory that readers share, which lies in a file beside the
// book, as the third.
const (
	codeFull             = 13
	codeWrite            = 778
	codeShared           = 4874
	codeDisk             = 10 // the low byte of every error of reading or writing
	codeCorrupt          = 11
	codeNoDatabase       = 26
	codeConstraintKey    = 1555
	codeConstraintUnique = 2067
)

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// isDiskFull: SQLite had no room, or a file of our own had none.
func isDiskFull(err error) bool {
	code := sqliteCode(err)
	return code == codeFull || code == codeWrite || code == codeShared || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isDamaged: what SQLite reads is no database, or not a whole one.
func isDamaged(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == codeCorrupt || code == codeNoDatabase
}

func isDiskError(err error) bool { return sqliteCode(err)&0xff == codeDisk }

func isDuplicate(err error) bool {
	code := sqliteCode(err)
	return code == codeConstraintKey || code == codeConstraintUnique
}

// notWritten wraps the error of a statement before COMMIT.
func notWritten(err error) error {
	if isDiskFull(err) {
		return fmt.Errorf("%w: %w: %w", ErrNotWritten, ErrDiskFull, err)
	}
	return fmt.Errorf("%w: %w", ErrNotWritten, err)
}
