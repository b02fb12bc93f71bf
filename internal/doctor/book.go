package doctor

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"time"

	"abacus/internal/upload"
	"abacus/ledger"
)

// Book is the journal, read beside a till that may be running.
type Book struct {
	Verify func(ctx context.Context) (ledger.Verdict, error)
	// Look gives how much is in doubt and when the last entry was written.
	Look func(ctx context.Context) (open int, last time.Time, err error)
	Now  func() time.Time
}

// Name implements Probe.
func (Book) Name() string { return "book" }

// Patience implements patient: checking takes some 20 µs an entry.
func (Book) Patience() time.Duration { return 2 * time.Minute }

// Check implements Probe.
func (b Book) Check(ctx context.Context) []Finding {
	v, err := b.Verify(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{note("book-none")}
	case err != nil && ctx.Err() != nil:
		return []Finding{{State: Unknown, Code: "no-end", Args: []any{int(b.Patience().Seconds())}}}
	case err != nil:
		return []Finding{fault("book-unreadable", err.Error())}
	case !v.OK && v.Why == ledger.WhyProjection:
		return []Finding{fault("book-sums")}
	case !v.OK:
		return []Finding{fault("book-broken", v.Bad, v.Detail, v.Why)}
	}
	found := []Finding{well("book-well", v.Entries, v.Head.Hash.String()[:16])}
	if v.HeadMissing {
		found = append(found, fault("head-missing"))
	}
	open, last, err := b.Look(ctx)
	switch {
	case err != nil:
		found = append(found, fault("book-unreadable", err.Error()))
	case open > 0:
		found = append(found, Finding{Check: "doubt", State: Fault, Code: "doubt-open", Args: []any{open}})
	default:
		found = append(found, Finding{Check: "doubt", State: Well, Code: "doubt-none"})
	}
	if err == nil && last.Sub(b.Now()) > time.Minute {
		found = append(found, Finding{Check: "clock", State: Fault, Code: "clock-before-book", Args: []any{last.Format(time.DateTime)}})
	}
	return found
}

// Till tells whether a till is working with the data folder.
type Till struct {
	Holder func() (pid int, held bool, err error)
}

// Name implements Probe.
func (Till) Name() string { return "till" }

// Check implements Probe.
func (t Till) Check(context.Context) []Finding {
	pid, held, err := t.Holder()
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return []Finding{fault("till-locked-out", err.Error())}
	case held:
		return []Finding{note("till-running", pid)}
	}
	return []Finding{note("till-still")}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Journal is the copy of the journal that somebody keeps.
type Journal struct {
	Ask func(ctx context.Context) upload.Status // nil: nobody does
}

// Name implements Probe.
func (Journal) Name() string { return "journal" }

// Check implements Probe.
func (j Journal) Check(ctx context.Context) []Finding {
	if j.Ask == nil {
		return []Finding{note("journal-none")}
	}
	status := j.Ask(ctx)
	f := fault("")
	f.Code, f.Args = status.Code()
	switch {
	case status.Cause == upload.None && status.Left == 0:
		f.State = Well
	case status.Cause == upload.None:
		f.State = Note
	}
	return []Finding{f}
}
