package ledger

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
)

// Tail reads a journal page by page behind a till that is selling, on a
// connection of its own: the writer never waits for it. Not safe for
// concurrent use.
type Tail struct {
	c    *conn
	mark string
}

// Page is a run of entries in the lines of an export.
type Page struct {
	First    int64 // of the entries; Last is First-1 when there are none
	Last     int64
	Previous Hash // before First
	Hash     Hash // of Last
	Lines    []byte
}

// OpenTail opens a book for reading behind its writer. Of the options it needs
// Path and VFS.
func OpenTail(o Options) (*Tail, error) {
	c, err := openReader(o)
	if err != nil {
		return nil, err
	}
	t := &Tail{c: c}
	_, err = c.one("SELECT mark FROM installation", nil, &t.mark)
	// Every page is an instant of its own: one long read would keep the log from
	// being worked off.
	if err := errors.Join(err, c.exec("COMMIT")); err != nil {
		return nil, errors.Join(fmt.Errorf("read the ledger %s: %w", o.Path, err), c.close())
	}
	return t, nil
}

// Close ends the connection.
func (t *Tail) Close() error { return t.c.close() }

// Mark is the book's; see Ledger.Mark.
func (t *Tail) Mark() string { return t.mark }

// Head is the end of the journal as it lies in the database.
func (t *Tail) Head() (Head, error) {
	h := Head{Hash: genesis(t.mark)}
	_, err := t.c.one("SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1", nil, &h.Number, &h.Hash)
	return h, err
}

// HashAt is the hash of an entry, of number 0 the one before the first. It is
// ErrNotFound beyond the end.
func (t *Tail) HashAt(number int64) (Hash, error) {
	if number == 0 {
		return genesis(t.mark), nil
	}
	var h Hash
	found, err := t.c.one("SELECT hash FROM journal WHERE number = ?", []any{number}, &h)
	if err == nil && !found {
		err = ErrNotFound
	}
	return h, err
}

var errPageFull = errors.New("page full")

// Read gives the entries after a number, up to last and at most so many. It
// stops before a page of more than size bytes, but a page has at least one
// entry if there is one.
func (t *Tail) Read(ctx context.Context, after, last int64, most, size int) (Page, error) {
	p := Page{First: after + 1, Last: after}
	var err error
	if p.Previous, err = t.HashAt(after); err != nil {
		return p, err
	}
	p.Hash = p.Previous
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	query := "SELECT " + entryColumns + " FROM journal WHERE number > ? AND number <= ? ORDER BY number LIMIT ?"
	err = t.c.each(query, []any{after, last, int64(most)}, func(row []driver.Value) error {
		whole := text.Len()
		x, err := exportRow(row)
		if err == nil {
			err = errors.Join(ctx.Err(), lines.Encode(x))
		}
		if err != nil {
			return err
		}
		if text.Len() > size && whole > 0 {
			text.Truncate(whole)
			return errPageFull
		}
		p.Last, p.Hash = x.Number, x.Hash
		return nil
	})
	if errors.Is(err, errPageFull) {
		err = nil
	}
	p.Lines = text.Bytes()
	return p, err
}

// exportRow reads a row of entryColumns as a line of an export.
func exportRow(row []driver.Value) (*exportLine, error) {
	x := &exportLine{}
	err := scan(row, &x.Number, (*string)(&x.Kind), &x.Time, &x.Mono, &x.Day, &x.Till, &x.Operator, &x.Approver, &x.Shift, &x.Sale,
		&x.Payload, &x.Previous, &x.Hash)
	if err != nil {
		return nil, fmt.Errorf("journal number %d: %w", x.Number, err)
	}
	return x, nil
}
