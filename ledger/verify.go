package ledger

import (
	"context"
	"errors"
	"fmt"
)

// Verdict is what a check of a book or of an export found.
type Verdict struct {
	OK          bool     `json:"ok"`
	Entries     int64    `json:"entries"` // checked and good
	Head        Head     `json:"head"`    // the last good one
	Bad         int64    `json:"bad,omitempty"`
	Why         string   `json:"why,omitempty"` // one of the Why… words
	Detail      string   `json:"detail,omitempty"`
	Differences []string `json:"differences,omitempty"`  // between projections and journal
	HeadMissing bool     `json:"head_missing,omitempty"` // the file outside is gone or unreadable: nothing guards the end
}

// Why a number is bad.
const (
	WhyFormat     = "format"     // an export that is not in its own form
	WhyGap        = "gap"        // the number is missing
	WhyPrevious   = "previous"   // it does not continue the entry before it
	WhyHash       = "hash"       // its content was changed
	WhyLaw        = "law"        // an entry that the books could not have taken
	WhyHeadFile   = "head-file"  // not what this till wrote last
	WhyEnd        = "end"        // entries are missing at the end: the log is lost, or an older file is in its place
	WhyOther      = "other"      // the file is another installation's
	WhyGone       = "gone"       // the book is empty, and what lies beside it says that it was not
	WhyFile       = "file"       // SQLite cannot read it any more
	WhySchema     = "schema"     // chain and projections are whole; tables, indexes or triggers were changed
	WhySeal       = "seal"       // a request's key or the hash of a PIN, which lie beside the chain, was changed
	WhyCopy       = "copy"       // the copy that somebody keeps has entries that the book has not; told by the file of what was sent
	WhyWrite      = "write"      // after a failed write the end is one nobody can explain
	WhyProjection = "projection" // the chain is whole; see Differences
	WhyDatabase   = "database"   // chain and projections are whole; SQLite's own structure is not
)

// Verify checks a book from its first entry to its last: the database, chain,
// law of the books, the file outside, and that the projections are what the
// journal gives.
// It writes nothing and works beside a running till, on one instant of its
// book. Of the options it needs Path, HeadPath (may be empty), VFS and Files.
func Verify(ctx context.Context, o Options) (Verdict, error) {
	// Before the database, so that sales made meanwhile cannot be taken for a
	// file that is ahead.
	outside, err := readHeadFile(o)
	if err != nil {
		return Verdict{}, err
	}
	mark, end := o.witness()
	o.Witness = func() (string, Head) { return mark, end }
	c, err := openReader(o)
	if err != nil {
		return unreadableBook(err, outside, o)
	}
	v, err := verify(ctx, c, outside)
	if err == nil && v.OK && o.HeadPath != "" {
		err = v.compared(c, o, outside)
	}
	if isDamaged(err) {
		v, err = unreadableBook(err, outside, o)
	}
	return v, errors.Join(err, c.close())
}

// compared is Ledger.compare for a sound book that is only read.
func (v *Verdict) compared(c *conn, o Options, outside *headRecord) error {
	var own string
	if _, err := c.one("SELECT mark FROM installation", nil, &own); err != nil {
		return err
	}
	l := &Ledger{opt: o, mark: own, c: c, head: v.Head}
	err := l.compare(outside)
	if broken := (*Broken)(nil); errors.As(err, &broken) {
		v.OK, v.Bad, v.Why, v.Detail = false, broken.Number, broken.Why, broken.Detail
		return nil
	}
	v.HeadMissing = err == nil && outside == nil
	return err
}

// unreadableBook is the verdict on a book that SQLite cannot read, or that is
// not there though the file outside, or else the witness, speaks of it; another error goes on.
func unreadableBook(err error, outside *headRecord, o Options) (Verdict, error) {
	_, end := o.witness()
	broken := (*Broken)(nil)
	switch {
	case errors.As(err, &broken):
		return Verdict{Bad: broken.Number, Why: broken.Why, Detail: broken.Detail}, nil
	case isDamaged(err):
		return Verdict{Why: WhyFile, Detail: err.Error()}, nil
	case errors.Is(err, errEmpty) && (outside != nil && outside.number > 0 || outside == nil && end.Number > 0):
		return Verdict{Bad: 1, Why: WhyGone, Detail: err.Error()}, nil
	}
	return Verdict{}, err
}

var errEmpty = errors.New("is missing or empty: start the till on it once")

// openReader opens a book to read one instant of it.
func openReader(o Options) (*conn, error) {
	if err := o.there(); err != nil {
		return nil, err
	}
	c, version, err := openVersioned(dsn(o.Path, o.VFS, true))
	if err != nil {
		return nil, fmt.Errorf("read the ledger %s: %w", o.Path, err)
	}
	switch {
	case version > schemaVersion:
		err = ErrNewer
	case version == 0:
		err = fmt.Errorf("the ledger %s %w", o.Path, errEmpty)
	case version < schemaVersion:
		err = fmt.Errorf("the ledger %s is of an older version: start the till on it once", o.Path)
	default:
		err = c.exec("BEGIN")
	}
	if err == nil { // the row is the last thing that a start which is cut off, or refused, leaves out
		var found bool
		if found, err = c.one("SELECT one FROM installation", nil, new(int64)); err == nil && !found {
			err = fmt.Errorf("the ledger %s %w", o.Path, errEmpty)
		}
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func verify(ctx context.Context, c *conn, outside *headRecord) (Verdict, error) {
	r, err := newReplay(c)
	if err != nil {
		return Verdict{}, err
	}
	if outside != nil && outside.mark != r.mark {
		var first Head
		if _, err := c.one("SELECT number FROM journal LIMIT 1", nil, &first.Number); err != nil {
			return Verdict{}, err
		}
		r.verdict = Verdict{Bad: 1, Why: whyOther(first), Detail: fmt.Sprintf("the database is of installation %s, the head file of %s", r.mark, outside.mark)}
		return r.verdict, nil
	}
	r.outside = outside
	if err := r.run(ctx); err != nil {
		return Verdict{}, err
	}
	v := &r.verdict
	switch {
	case v.Why != "":
		return *v, nil
	case outside != nil && outside.number > r.head.Number:
		v.Bad, v.Why = r.head.Number+1, WhyEnd
		v.Detail = fmt.Sprintf("the journal ends at number %d, but %d has been written", r.head.Number, outside.number)
		return *v, nil
	}
	if v.Differences, err = r.differences(); err != nil {
		return Verdict{}, err
	}
	if len(v.Differences) > 0 {
		v.Why, v.Detail = WhyProjection, v.Differences[0]
	} else if v.Why, v.Detail, err = intact(c); err != nil {
		return Verdict{}, err
	}
	v.OK = v.Why == ""
	return *v, nil
}
