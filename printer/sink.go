package printer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotSent marks the one failure after which a job may be tried again: not a
// single byte of it can have reached the printer.
var ErrNotSent = errors.New("nothing was sent to the printer")

// Sink takes whole jobs to a printer.
//
// Send returns nil when the job is out of the till's hands (for a printer that
// answers: when it says that it has worked all of it off), an error wrapping
// ErrNotSent when certainly nothing of it has left, and any other error when
// nobody can tell: then part or all of it may be on paper. It calls the
// job's Begins directly before the first byte leaves. It honours ctx, is called by
// one goroutine at a time and never retries by itself.
type Sink interface {
	Send(ctx context.Context, job Job) error
}

// Looker is a Sink that can ask its printer how it is, without printing. It is
// false for a printer that never answers.
type Looker interface {
	Look(ctx context.Context) (Status, bool)
}

// Waiting says that the printer itself says it does not print now. What waits
// for paper may wait long: somebody is about to bring some.
type Waiting struct{ Status Status }

func (w *Waiting) Error() string {
	return fmt.Sprintf("the printer is not ready: %s", w.Status.Condition())
}

// notSent explains why nothing was sent.
func notSent(what string, err error) error {
	return fmt.Errorf("%s: %w: %w", what, ErrNotSent, err)
}

// written judges a write that failed after n bytes had been taken.
func written(what string, n, of int, err error) error {
	if n == 0 {
		return notSent(what, err)
	}
	return fmt.Errorf("%s: stopped after %d of %d bytes, look at the paper: %w", what, n, of, err)
}

// past is a deadline that has gone by: it ends every wait at once.
var past = time.Unix(1, 0)

// bound makes the end of ctx the deadline of a connection or a device, which
// knows no context. The caller calls release when it has done, which lets the
// next call wait again.
func bound(ctx context.Context, setDeadline func(time.Time) error) (release func()) {
	set := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(set)
		_ = setDeadline(past)
	})
	return func() {
		if !stop() {
			<-set
		}
		_ = setDeadline(time.Time{})
	}
}

// cause prefers why ctx ended to the deadline error that its end brought about.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}
