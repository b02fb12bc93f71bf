package till

import (
	"context"
	"encoding/json"
	"time"

	"abacus/ledger"
	"abacus/payment"
)

// CardMemory is the record of a card terminal that nobody else can be asked
// about: it tells of everything that has left, and so of what has not.
type CardMemory interface {
	Fresh() bool // nothing has ever been written into it
	Knows(number string) bool
	Gave(detail string) bool   // an answer's detail came out of such a record: it knew the number then
	Doubts(number string) bool // it would be undone before anything else leaves
}

// lookedBack is how many days of payments, up to the last entry of the book, a
// record is held against: an old copy put back lacks the last ones first.
const lookedBack = 3

// Forgotten is what a book has and a card terminal's record has not, though it
// should. Doubted are orders and refunds without an end: whether they have left
// cannot be told by a record that was not there. Missing are orders that are paid.
type Forgotten struct{ Doubted, Missing []string }

// Forgot holds the record of a card terminal against the book, before anything
// is asked of it: a record that was deleted, moved away or put back from an old
// copy would say of a charge in doubt that it had never left. The intent of
// whatever leaves is in the book first, so what is open there now and not in the
// record is all that can be older than the record; no clock has to tell. again
// is true when the record must be told, because it is new or lacks something:
// what is paid, or what it has answered about before.
func Forgot(ctx context.Context, books *ledger.Ledger, record CardMemory) (f Forgotten, again bool, err error) {
	if f.Missing, err = paidUnknown(ctx, books, record); err != nil {
		return f, false, err
	}
	open, err := books.OpenPayments(ctx)
	if err != nil {
		return f, false, err
	}
	refunds, err := books.OpenRefunds(ctx)
	if err != nil {
		return f, false, err
	}
	again = record.Fresh() || len(f.Missing) > 0
	for _, p := range open {
		if !p.State.Final() && byRecord(p) && !record.Knows(p.Order) {
			f.Doubted, again = append(f.Doubted, p.Order), again || record.Gave(p.Detail)
		}
	}
	for _, r := range refunds {
		if r.Channel == string(payment.Card) && r.Mark == "" && r.Open() && !r.Owing() && !record.Knows(r.Number) {
			f.Doubted, again = append(f.Doubted, r.Number), again || record.Gave(r.Detail)
		}
	}
	if !again {
		return Forgotten{}, false, nil // what is open has not left yet
	}
	return f, true, nil
}

// paidUnknown are the newest payments that a host has taken and the record does
// not know, or, being an older copy, knows without their end only.
func paidUnknown(ctx context.Context, books *ledger.Ledger, record CardMemory) ([]string, error) {
	head := books.Head()
	if head.Number == 0 {
		return nil, nil
	}
	last, err := books.Entries(ctx, head.Number-1, 1)
	if err != nil || len(last) == 0 {
		return nil, err
	}
	day, err := time.Parse(time.DateOnly, last[0].Day)
	if err != nil {
		return nil, err
	}
	paid, err := books.PaidSince(ctx, 0, ledger.Days{First: day.AddDate(0, 0, -lookedBack).Format(time.DateOnly), Last: last[0].Day})
	var missing []string
	for _, p := range paid {
		if byRecord(p) && (!record.Knows(p.Order) || record.Doubts(p.Order)) {
			missing = append(missing, p.Order)
		}
	}
	return missing, err
}

// byRecord reports a payment by card that went to a host; a bank terminal keeps
// its own record.
func byRecord(p ledger.Payment) bool {
	var a payment.Attempt
	return p.Channel == string(payment.Card) && (json.Unmarshal(p.Attempt, &a) != nil || !a.Prepare)
}
