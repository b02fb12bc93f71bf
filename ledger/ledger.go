// Package ledger is the shop's book: an append-only, gap-free, hash-chained
// journal on SQLite, and the projections that derive from it.
//
// Every change of money is an entry; corrections are new entries. Projections
// (sales, payments, refunds, shifts, totals) are written in the entry's own
// transaction by the same fold that Rebuild and Verify use. The fold also holds
// the law of the books: an entry that would break it is refused with a
// *Refusal before anything is written.
//
// The end of the chain is kept outside the database too, because a truncated
// write-ahead log passes every check of SQLite and of the chain itself.
package ledger

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"abacus/internal/money"
)

// Options say where a book lies and whose it is. Path and Currency are needed;
// what is left nil is the real clock, the local date and the system's
// randomness.
type Options struct {
	Path      string // the database
	HeadPath  string // the file that keeps the chain's end; empty: none is kept
	Store     string // for reports
	Till      string // stands in every entry
	Currency  money.Currency
	Now       func() time.Time
	Monotonic func() time.Duration   // since the till was started
	Day       func(time.Time) string // business day, yyyy-mm-dd
	Random    io.Reader
	VFS       string // SQLite's virtual file system; empty: the default
	Files     Files  // for the head file; nil: the system's

	// Witness is what else is known of the book's end, and of which book; nil:
	// nothing. It is not asked where there is no HeadPath.
	Witness func() (mark string, end Head)
}

// Ledger is an open book. There is one writer: all methods may be called
// concurrently and take turns. One process at a time may open a book; see
// LockDir.
type Ledger struct {
	opt  Options
	mark string

	mu      sync.Mutex
	c       *conn // nil while it cannot be opened
	shelf   *shelf
	books   *books
	head    Head
	stopped error    // set: nothing is written, and why
	doubt   *writing // the batch whose commit failed
	buffer  []byte
	values  []any          // reused
	days    map[string]int // last sale number of a day, once asked
	tallied tallied        // see Today

	file        *headFile
	headMissing bool
	fresh       bool // this start made the book
	unreadable  bool // the projections; Rebuild mends them
}

// Open opens the book, or makes it. A fully migrated book opens in the same
// time whatever its length. The error wraps ErrNewer for a book of a newer
// program, ErrDiskFull where opening needs room that is not there. When it is a *Broken, the ledger is returned as well: it can be
// read, listed and verified, but every Append fails with the same error. Only
// of a file that is gone, or no database any more (WhyGone, WhyFile), there may
// be no ledger.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	l, err := open(ctx, o)
	if isDiskFull(err) {
		err = fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return l, err
}

func open(ctx context.Context, o Options) (*Ledger, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	// The file first: a database that vanished is created empty below.
	outside, err := readHeadFile(o)
	if err != nil {
		return nil, err
	}
	if err := o.gone(outside); err != nil {
		return nil, err
	}
	if err := rewriteLog(o); err != nil {
		return nil, fmt.Errorf("open the ledger's log: %w", err)
	}
	l := &Ledger{opt: o, days: map[string]int{}}
	if l.c, err = connect(ctx, o); isDamaged(err) {
		return nil, &Broken{Why: WhyFile, Detail: err.Error()}
	} else if err != nil {
		return nil, fmt.Errorf("open the ledger %s: %w", o.Path, err)
	}
	if err := l.start(outside); err != nil {
		if broken := (*Broken)(nil); errors.As(err, &broken) {
			l.stopped = broken
			return l, broken
		}
		closing := l.c.close()
		if isDamaged(err) {
			return nil, &Broken{Why: WhyFile, Detail: err.Error()}
		}
		return nil, errors.Join(fmt.Errorf("open the ledger %s: %w", o.Path, err), closing)
	}
	return l, nil
}

func (o Options) complete() (Options, error) {
	if o.Path == "" || !o.Currency.Known() {
		return o, fmt.Errorf("a ledger needs a path and a currency, not %q and %q", o.Path, o.Currency)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Monotonic == nil {
		start := o.Now()
		o.Monotonic = func() time.Duration { return o.Now().Sub(start) }
	}
	if o.Day == nil {
		o.Day = func(t time.Time) string { return t.Format(time.DateOnly) }
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return o, nil
}

// start reads what must be in memory and compares with the file outside.
func (l *Ledger) start(outside *headRecord) error {
	if err := l.install(outside); err != nil {
		return err
	}
	if err := l.load(); err != nil {
		return err
	}
	return l.guard(outside)
}

// guard compares with the file outside and goes on writing it.
func (l *Ledger) guard(outside *headRecord) error {
	if err := l.compare(outside); err != nil {
		return err
	}
	l.headMissing = l.opt.HeadPath != "" && outside == nil && l.head.Number > 0
	if l.opt.HeadPath == "" {
		return nil
	}
	file, err := openHeadFile(l.opt, l.mark)
	if err != nil {
		return err
	}
	l.file = file
	l.file.post(l.head)
	return nil
}

// install reads the installation's row, or writes it into a new book.
func (l *Ledger) install(outside *headRecord) error {
	var currency string
	found, err := l.c.one("SELECT mark, currency FROM installation", nil, &l.mark, &currency)
	if err != nil {
		return err
	}
	if found {
		if currency != string(l.opt.Currency) {
			return fmt.Errorf("this book is kept in %s and cannot go on in %s: use another data directory", currency, l.opt.Currency)
		}
		return nil
	}
	if _, end := l.opt.witness(); outside == nil && end.Number > 0 {
		return l.vanished()
	}
	seed := make([]byte, 3)
	if _, err := io.ReadFull(l.opt.Random, seed); err != nil {
		return fmt.Errorf("draw the installation's mark: %w", err)
	}
	l.mark = strings.ToLower(base32.StdEncoding.EncodeToString(seed))[:4]
	l.fresh = true
	if outside == nil || outside.number == 0 {
		if err := firstHead(l.opt, l.mark); err != nil {
			return err
		}
	}
	if err := l.c.exec("INSERT INTO installation (one, mark, currency) VALUES (1, ?, ?)", l.mark, string(l.opt.Currency)); err != nil {
		return err
	}
	// Into the database itself: the row says that there was a head file, also
	// when the log is lost.
	return l.c.exec("PRAGMA wal_checkpoint(PASSIVE)")
}

// load reads the end of the chain and everything live.
func (l *Ledger) load() error {
	l.shelf = newShelf(l.c, "")
	l.books = newBooks(l.opt.Currency, l.shelf)
	clear(l.days)
	l.tallied = tallied{}
	last, err := l.readHead()
	if err != nil {
		return err
	}
	l.head = last
	err = l.shelf.restore(l.books)
	if isDiskError(err) || isDamaged(err) {
		return err // nothing is wrong with them that Rebuild could mend
	}
	if err != nil {
		l.unreadable = true
		return &Broken{Number: last.Number, Why: WhyProjection, Detail: fmt.Sprintf("the projections cannot be read, rebuild them: %v", err)}
	}
	return nil
}

// readHead is the end of the chain in the database. The last entry is checked
// against its own hash: it is the one a torn write would hit.
func (l *Ledger) readHead() (Head, error) {
	head := Head{Hash: genesis(l.mark)}
	entries, err := readEntries(l.c, "SELECT "+entryColumns+" FROM journal ORDER BY number DESC LIMIT 1")
	if err != nil || len(entries) == 0 {
		return head, err
	}
	e := &entries[0]
	if why, detail := checkLink(Head{e.Number - 1, e.Previous}, e, nil); why != "" {
		return head, &Broken{Number: e.Number, Why: why, Detail: detail}
	}
	return Head{e.Number, e.Hash}, nil
}

// Close flushes the file outside and ends the ledger.
func (l *Ledger) Close() error {
	l.mu.Lock()
	file, c := l.file, l.c
	l.file, l.c, l.stopped = nil, nil, ErrClosed
	l.mu.Unlock()
	var errs []error
	if c != nil {
		errs = append(errs, c.exec("PRAGMA journal_size_limit = 0")) // the log stays, empty
		errs = append(errs, c.close())
	}
	if file != nil {
		errs = append(errs, file.close())
	}
	return errors.Join(errs...)
}

// Mark is four lower-case letters and digits drawn when the book was made. It
// tells the book from every other; an older copy of the book has the same.
func (l *Ledger) Mark() string { return l.mark }

// Head is the end of the chain.
func (l *Ledger) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// HeadMissing reports that the file outside was not there, or not readable,
// though the book has entries: nothing guarded its end before this start.
func (l *Ledger) HeadMissing() bool { return l.headMissing }

// HeadError is the last error of writing the file outside, nil if the last
// write went well. The till may go on selling; somebody should look.
func (l *Ledger) HeadError() error {
	l.mu.Lock()
	file := l.file
	l.mu.Unlock()
	if file == nil {
		return nil
	}
	return file.trouble()
}

// Stopped is why nothing can be written: nil, a *Broken, or wrapping
// ErrStopped or ErrClosed.
func (l *Ledger) Stopped() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopped
}
