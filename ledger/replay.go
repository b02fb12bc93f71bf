package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"abacus/internal/money"
)

// projections are the tables that derive from the journal.
var projections = []string{"sales", "payments", "refunds", "shifts", "reports", "tallies", "receipts", "prepaid", "prepaid_moves", "holds"}

// againPrefix names the second set of projections, in SQLite's temporary
// database: it grows on disk, not in memory, and works on a read-only
// connection.
const againPrefix = "again_"

// replay walks the journal from its first entry, checks the chain and folds it
// into a second set of projections.
type replay struct {
	c      *conn
	books  *books
	shelf  *shelf
	head   Head
	buffer []byte
	mark   string

	verdict Verdict
	outside *headRecord
}

// flushEvery is after how many entries the changed objects are put away.
const flushEvery = 5000

func newReplay(c *conn) (*replay, error) {
	r := &replay{c: c, shelf: newShelf(c, againPrefix)}
	var currency string
	found, err := c.one("SELECT mark, currency FROM installation", nil, &r.mark, &currency)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("the database belongs to no installation")
	}
	for _, table := range projections {
		var create string
		if _, err := c.one("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", []any{table}, &create); err != nil {
			return nil, err
		}
		_, columns, found := strings.Cut(create, "(")
		if !found {
			return nil, fmt.Errorf("the table %s is missing", table)
		}
		if err := c.exec("CREATE TEMP TABLE " + againPrefix + table + "(" + columns); err != nil {
			return nil, err
		}
	}
	r.books = newBooks(money.Currency(currency), r.shelf)
	r.books.all = &grandTotal{r.books.zero(), r.books.zero(), r.books.zero()}
	r.head = Head{Hash: genesis(r.mark)}
	return r, nil
}

// run walks to the end or to the first bad number, which it puts into the
// verdict. An error is one of reading or of ctx.
func (r *replay) run(ctx context.Context) error {
	err := r.c.each("SELECT "+entryColumns+" FROM journal ORDER BY number", nil, func(row []driver.Value) error {
		e, err := readEntry(row)
		if err != nil {
			return r.bad(r.head.Number+1, WhyHash, err.Error())
		}
		if err := r.step(&e); err != nil {
			return err
		}
		if r.head.Number%flushEvery != 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return r.flush()
	})
	if err == nil {
		err = r.flush()
	}
	if err == nil && r.books.desk.closing != "" {
		err = r.bad(r.head.Number+1, WhyLaw, "the Z of the last closing is missing")
	}
	r.verdict.Entries, r.verdict.Head = r.head.Number, r.head
	if errors.Is(err, errBad) {
		return nil
	}
	return err
}

// errBad ends a walk whose verdict is given.
var errBad = fmt.Errorf("the verdict is given")

func (r *replay) bad(number int64, why, detail string) error {
	if r.verdict.Why == "" {
		r.verdict.Bad, r.verdict.Why, r.verdict.Detail = number, why, detail
	}
	return errBad
}

// step checks one entry and lets it act.
func (r *replay) step(e *Entry) error {
	if why, detail := checkLink(r.head, e, r.buffer); why != "" {
		number := e.Number
		if why == WhyGap {
			number = r.head.Number + 1
		}
		return r.bad(number, why, detail)
	}
	payload, err := e.read()
	if err != nil {
		return r.bad(e.Number, WhyLaw, err.Error())
	}
	placed := *e
	if err = r.books.place(&placed, payload); err == nil && (placed.Shift != e.Shift || placed.Sale != e.Sale) {
		err = refuse(RefuseEntry, e.Sale, "booked under shift %q and sale %q", placed.Shift, placed.Sale)
	}
	if err == nil {
		err = r.books.apply(e, payload)
	}
	if err != nil {
		return r.broke(err, e.Number)
	}
	r.head = Head{e.Number, e.Hash}
	if r.outside != nil && e.Number == r.outside.number && e.Hash != r.outside.hash {
		return r.bad(e.Number, WhyHeadFile, "its hash is not the one the head file kept")
	}
	return nil
}

// broke makes a verdict of a refusal; another error goes on.
func (r *replay) broke(err error, number int64) error {
	if refusal, ok := apart(err); ok {
		return r.bad(number, WhyLaw, refusal.Error())
	}
	return err
}

func (r *replay) flush() error {
	if err := r.shelf.write(r.books); err != nil {
		return r.broke(err, r.head.Number)
	}
	r.shelf.accept(r.books)
	return nil
}

// maxDifferences is how many differences are told; one is enough to act.
const maxDifferences = 100

// differences compares what was kept with what the journal gives.
func (r *replay) differences() ([]string, error) {
	var found []string
	for _, table := range projections {
		columns, err := r.columns(table)
		if err != nil {
			return nil, err
		}
		for _, q := range []struct{ verdict, query string }{
			{"differs from the journal", "SELECT a.id FROM @ a JOIN again_@ b ON a.entry = b.entry WHERE " + columns},
			{"is not in the journal", "SELECT a.id FROM @ a LEFT JOIN again_@ b ON a.entry = b.entry WHERE b.entry IS NULL"},
			{"is missing", "SELECT b.id FROM again_@ b LEFT JOIN @ a ON a.entry = b.entry WHERE a.entry IS NULL"},
		} {
			query := strings.ReplaceAll(q.query, "@", table) + fmt.Sprintf(" LIMIT %d", maxDifferences)
			err := r.c.each(query, nil, func(row []driver.Value) error {
				found = append(found, fmt.Sprintf("%s %v %s", table, row[0], q.verdict))
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	// The mark lags behind, one way only: a live sale without it would not be
	// taken up.
	err := r.c.each("SELECT id FROM sales WHERE live = 0 AND state IN ('open', 'held')", nil, func(row []driver.Value) error {
		found = append(found, fmt.Sprintf("sales %v is open and not in the index of live ones", row[0]))
		return nil
	})
	return found[:min(len(found), maxDifferences)], err
}

func (r *replay) columns(table string) (string, error) {
	var unequal []string
	err := r.c.each("SELECT name FROM pragma_table_info(?) WHERE name NOT IN ('live', 'odd', 'odd_order')", []any{table}, func(row []driver.Value) error {
		unequal = append(unequal, fmt.Sprintf("a.%[1]v IS NOT b.%[1]v", row[0]))
		return nil
	})
	return strings.Join(unequal, " OR "), err
}

// Rebuild makes the projections anew from the journal, tells what differed from
// those kept (at most a hundred), and replaces them. A journal that does not
// verify is not built upon: the error is a *Broken. Callers' idempotency keys
// are no projection and stay. Nothing can be sold meanwhile.
func (l *Ledger) Rebuild(ctx context.Context) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped != nil && !l.unreadable {
		return nil, l.stopped
	}
	found, err := l.rebuild(ctx)
	if err != nil {
		l.replaceConn(err) // takes transaction and temporary tables along
		return nil, err
	}
	if err := l.load(); err != nil {
		return found, err
	}
	if l.unreadable {
		return found, l.mended()
	}
	return found, nil
}

func (l *Ledger) rebuild(ctx context.Context) ([]string, error) {
	if err := l.c.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	r, err := newReplay(l.c)
	if err != nil {
		return nil, err
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	if r.verdict.Why != "" {
		return nil, &Broken{Number: r.verdict.Bad, Why: r.verdict.Why, Detail: r.verdict.Detail}
	}
	found, err := r.differences()
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, table := range projections {
		if len(found) > 0 {
			statements = append(statements, "DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM "+againPrefix+table)
		}
		statements = append(statements, "DROP TABLE temp."+againPrefix+table)
	}
	for _, statement := range append(statements, "COMMIT") {
		if err := l.c.exec(statement); err != nil {
			return nil, fmt.Errorf("replace the projections: %w", notWritten(err))
		}
	}
	return found, nil
}

// mended finishes the opening that unreadable projections cut short.
func (l *Ledger) mended() error {
	l.unreadable, l.stopped = false, nil
	outside, err := readHeadFile(l.opt)
	if err == nil {
		err = l.guard(outside)
	}
	if err != nil {
		l.stopped = err
	}
	return err
}
