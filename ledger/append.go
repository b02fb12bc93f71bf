package ledger

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Batch is one or more entries that are written together or not at all. Key is
// a caller's idempotency key, if it sent one, KeyHash what it asked for and
// KeyObject what it got; they are kept with the entries.
type Batch struct {
	Key       string
	KeyHash   string
	KeyObject string
	Drafts    []Draft
	PIN       *PrepaidPIN // the hash of a prepaid card's PIN, of which an entry holds the seal
}

// writing is a batch on its way.
type writing struct {
	at      time.Time
	mono    time.Duration
	day     string
	before  Head
	after   Head
	entries []Entry
}

// Append writes a batch durably: its entries and all that follows from them,
// in one transaction. When it returns without an error everything is on disk.
//
// Errors: a *Refusal when the law of the books forbids an entry; wrapping
// ErrNotWritten when certainly nothing was written; wrapping ErrStopped when
// that cannot be told, and from then on until Reopen; wrapping both when nothing
// was written and nothing can be until Reopen; a *Broken. The context is looked
// at before the write begins, never during it.
func (l *Ledger) Append(ctx context.Context, batch Batch) ([]Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, err := l.begin(ctx)
	if err != nil {
		return nil, err
	}
	if len(batch.Drafts) == 0 {
		return nil, refuse(RefuseEntry, "", "a batch without entries")
	}
	for i := range batch.Drafts {
		d := &batch.Drafts[i]
		if d.Kind == KindShiftClosed || d.Kind == KindZ {
			err = refuse(RefuseEntry, string(d.Kind), "a shift is closed by CloseShift only")
		} else {
			err = l.add(w, d)
		}
		if err != nil {
			return nil, l.giveUp(err)
		}
	}
	if err := l.commit(w, &batch); err != nil {
		return nil, err
	}
	return w.entries, nil
}

func (l *Ledger) begin(ctx context.Context) (*writing, error) {
	if l.stopped != nil {
		return nil, l.stopped
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	// Round drops the monotonic reading and what the journal does not keep.
	at := l.opt.Now().Round(0).Truncate(time.Microsecond)
	return &writing{at: at, mono: l.opt.Monotonic(), day: l.opt.Day(at), before: l.head, after: l.head}, nil
}

// add makes an entry of a draft, lets it act on the books and chains it.
func (l *Ledger) add(w *writing, d *Draft) error {
	e, err := d.write(w.at, w.mono, w.day, l.opt.Till)
	if err != nil {
		return err
	}
	e.Number, e.Previous = w.after.Number+1, w.after.Hash
	payload := d.Payload
	// Bytes that are no UTF-8 are written as this sign. What was written acts, as
	// it will when the book is read again, not what was meant.
	if bytes.Contains(e.Payload, []byte(`\ufffd`)) {
		if payload, err = e.read(); err != nil {
			return refuse(RefuseEntry, string(d.Kind), "payload: %v", err)
		}
	}
	if err := l.books.place(&e, payload); err != nil {
		return err
	}
	if err := l.books.apply(&e, payload); err != nil {
		return err
	}
	l.buffer = e.seal(l.buffer)
	w.after = Head{e.Number, e.Hash}
	w.entries = append(w.entries, e)
	return nil
}

// giveUp drops a batch before anything of it was written.
func (l *Ledger) giveUp(err error) error {
	l.books.discard()
	if r, ok := apart(err); ok {
		return r
	}
	return notWritten(err)
}

// commit puts the batch on disk. Only a COMMIT that failed leaves a doubt.
func (l *Ledger) commit(w *writing, batch *Batch) error {
	if err := l.write(w, batch); err != nil {
		_ = l.c.exec("ROLLBACK") // fails where SQLite has rolled back by itself
		if _, ok := apart(err); !ok {
			l.replaceConn(err)
		}
		if err = l.giveUp(err); l.stopped != nil {
			return fmt.Errorf("%w; %w", err, l.stopped)
		}
		return err
	}
	if err := l.c.exec("COMMIT"); err != nil {
		if err := l.settle(w, err); err != nil {
			return err
		}
	}
	if l.books.tallies.grows() {
		l.tallied = tallied{}
	}
	l.shelf.accept(l.books)
	l.head = w.after
	if l.file != nil {
		l.file.post(l.head)
	}
	l.noteSales(w.entries)
	return nil
}

// insertEntries are the statements for one entry, two and so on: one statement
// for a sale's last entries is quicker than one for each.
var insertEntries = func() (statements [4]string) {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	for i := range statements {
		statements[i] = "INSERT INTO journal (" + entryColumns + ") VALUES " + row + strings.Repeat(", "+row, i)
	}
	return statements
}()

func (l *Ledger) write(w *writing, batch *Batch) error {
	if err := l.c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	when := w.at.Format(timeLayout)
	for some := range slices.Chunk(w.entries, len(insertEntries)) {
		l.values = l.values[:0]
		for i := range some {
			e := &some[i]
			l.values = append(l.values, e.Number, string(e.Kind), when, e.Monotonic, e.Day, e.Till,
				e.Operator, e.Approver, e.Shift, e.Sale, string(e.Payload), e.Previous[:], e.Hash[:])
		}
		if err := l.c.exec(insertEntries[len(some)-1], l.values...); err != nil {
			return err
		}
	}
	if err := l.shelf.write(l.books); err != nil {
		return err
	}
	if batch.PIN != nil {
		if err := l.writePIN(batch.PIN); err != nil {
			return err
		}
	}
	if batch.Key == "" {
		return nil
	}
	err := l.c.exec("INSERT INTO request_keys (key, hash, object, entry) VALUES (?, ?, ?, ?)",
		batch.Key, sealKey(batch.Key, batch.KeyHash, batch.KeyObject, w.before.Number+1), batch.KeyObject, w.before.Number+1)
	if isDuplicate(err) {
		return refuse(RefuseKeyUsed, batch.Key, "this key has been used")
	}
	return err
}

const entryColumns = "number, kind, time, mono, day, till, operator, approver, shift, sale, payload, previous, hash"

// readEntry makes an entry of a row of entryColumns.
func readEntry(row []driver.Value) (Entry, error) {
	var e Entry
	var kind, at, payload string
	err := scan(row, &e.Number, &kind, &at, &e.Monotonic, &e.Day, &e.Till, &e.Operator, &e.Approver, &e.Shift, &e.Sale,
		&payload, &e.Previous, &e.Hash)
	if err != nil {
		return e, fmt.Errorf("journal number %d: %w", e.Number, err)
	}
	e.Kind, e.Payload = Kind(kind), []byte(payload)
	// What is hashed is the text: one that only reads the same is another.
	if e.Time, err = time.Parse(timeLayout, at); err == nil && e.Time.Format(timeLayout) != at {
		err = fmt.Errorf("unusable time %q", at)
	}
	if err != nil {
		return e, fmt.Errorf("journal number %d: %w", e.Number, err)
	}
	return e, nil
}

func readEntries(c *conn, query string, args ...any) ([]Entry, error) {
	var entries []Entry
	err := c.each(query, args, func(row []driver.Value) error {
		e, err := readEntry(row)
		entries = append(entries, e)
		return err
	})
	return entries, err
}
