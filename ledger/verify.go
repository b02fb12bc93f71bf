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
	Differences []string `json:"differences,omitempty"` // between projections and journal
}

// Why a number is bad.
const (
	WhyFormat     = "format"     // an export that is not in its own form
	WhyGap        = "gap"        // the number is missing
	WhyPrevious   = "previous"   // it does not continue the entry before it
	WhyHash       = "hash"       // its content was changed
	WhyLaw        = "law"        // an entry that the books could not have taken
	WhyHeadFile   = "head-file"  // not what this till wrote last
	WhyProjection = "projection" // the chain is whole; see Differences
	WhyDatabase   = "database"   // chain and projections are whole; indexes or schema are not
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
	c, err := openReader(o)
	if err != nil {
		return Verdict{}, err
	}
	v, err := verify(ctx, c, outside)
	return v, errors.Join(err, c.close())
}

// openReader opens a book to read one instant of it.
func openReader(o Options) (*conn, error) {
	c, version, err := openVersioned(dsn(o.Path, o.VFS, true))
	if err != nil {
		return nil, fmt.Errorf("read the ledger %s: %w", o.Path, err)
	}
	switch {
	case version > schemaVersion:
		err = ErrNewer
	case version < schemaVersion:
		err = fmt.Errorf("the ledger %s is of an older version: start the till on it once", o.Path)
	default:
		err = c.exec("BEGIN")
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
		r.verdict = Verdict{Bad: 1, Why: WhyHeadFile, Detail: fmt.Sprintf("the database is of installation %s, the head file of %s", r.mark, outside.mark)}
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
		v.Bad, v.Why = r.head.Number+1, WhyHeadFile
		v.Detail = fmt.Sprintf("the journal ends at number %d, but %d has been written", r.head.Number, outside.number)
		return *v, nil
	}
	if v.Differences, err = r.differences(); err != nil {
		return Verdict{}, err
	}
	if len(v.Differences) > 0 {
		v.Why, v.Detail = WhyProjection, v.Differences[0]
	} else if v.Detail, err = intact(c); err != nil {
		return Verdict{}, err
	} else if v.Detail != "" {
		v.Why = WhyDatabase
	}
	v.OK = v.Why == ""
	return *v, nil
}
