// Package upload sends the journal to whoever keeps a copy of it: in order, in
// signed batches, behind the sale. The keeper's signed answer says how far its
// copy goes and with which hash, so that it is one more witness of the chain's
// end outside this machine.
package upload

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"abacus/internal/fall"
	"abacus/ledger"
)

// Limits of one batch. A batch has at least one entry, however large.
const (
	batchEntries = 500
	batchBytes   = 1 << 20
)

// Cause is why the journal is not at its keeper.
type Cause string

// The causes.
const (
	None        Cause = ""
	Unreachable Cause = "unreachable" // no answer, or one that says nothing
	Refused     Cause = "refused"     // the keeper does not know this till or its key
	BadAnswer   Cause = "bad-answer"  // not signed by the keeper, or not to our question
	Differs     Cause = "differs"     // its copy is not of this journal
	Unreadable  Cause = "unreadable"  // our own book cannot be read
)

// Status is how far the keeper's copy goes.
type Status struct {
	Held    ledger.Head // the last head the keeper has signed for, in this run or an earlier one
	Left    int64       // entries it does not have yet
	Asked   bool        // the keeper has answered in this run
	Cause   Cause
	Differs *Difference // set with the cause of that name
	Err     error       // for logs
}

// Code is the status as a code of internal/lang's Doctor texts, with what fills
// its sentence.
func (s Status) Code() (code string, args []any) {
	switch {
	case s.Cause == Differs && s.Differs.Ahead:
		return "journal-ahead", []any{s.Differs.Number, s.Differs.Ours}
	case s.Cause == Differs:
		return "journal-differs", []any{s.Differs.Number}
	case s.Cause != None:
		return "journal-" + string(s.Cause), []any{s.Left}
	case s.Left > 0:
		return "journal-behind", []any{s.Left}
	}
	return "journal-well", []any{s.Held.Number}
}

// Difference is a copy that is not of this journal: one of the two was changed,
// or entries of ours are gone.
type Difference struct {
	Number int64 // where they part; of a copy that goes further than the journal, its last number
	Ours   int64 // our last number
	Ahead  bool  // the copy goes further than the journal
}

func (d *Difference) Error() string {
	if d.Ahead {
		return fmt.Sprintf("the keeper holds entries up to %d, this journal ends at %d", d.Number, d.Ours)
	}
	return fmt.Sprintf("the keeper's copy and this journal differ at entry %d", d.Number)
}

// Keeper is who keeps the copy. Send asks it to take a batch, or with an empty
// page just how far its copy goes. The error wraps one of the Err… values.
type Keeper interface {
	Send(ctx context.Context, mark string, p ledger.Page) (Answer, error)
}

// Answer is the keeper's, authenticated.
type Answer struct {
	Held    ledger.Head
	Problem string // "", "gap", "fork" or "broken"
	At      int64  // where the problem is
}

// Why a batch was not answered.
var (
	ErrUnreachable = errors.New("the journal's keeper gives no answer")
	ErrRefused     = errors.New("the journal's keeper refuses this till")
	ErrBadAnswer   = errors.New("not an answer of the journal's keeper")
)

// Options are what a Sender works with.
type Options struct {
	Keeper Keeper
	Open   func() (*ledger.Tail, error) // opens the journal for reading
	// Head is how far may be sent: what the writer of the book has acknowledged.
	// After an error nothing can be said of how much is left, least of all that it
	// is nothing.
	Head   func() (ledger.Head, error)
	Seen   Memory
	Report func(Status) // called after every change, from the sender's goroutine; may be nil
	Jitter func(most time.Duration) time.Duration
}

// Memory keeps the last head the keeper signed for over restarts. It is for
// people to see while the keeper cannot be asked; nothing else relies on it.
type Memory interface {
	Load(mark string) ledger.Head
	Save(mark string, head ledger.Head)
}

// Sender keeps the copy up to date. Its methods may be called concurrently;
// one batch is under way at a time.
type Sender struct {
	o    Options
	turn chan struct{} // holds one token; whoever has it may send

	tail *ledger.Tail // with the token

	mu     sync.Mutex
	status Status
}

// New is a sender that has sent nothing yet. Close it at the end.
func New(o Options) *Sender {
	s := &Sender{o: o, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// Close ends what Sync and Run left open. Neither may run any more.
func (s *Sender) Close() error {
	if s.tail == nil {
		return nil
	}
	return s.tail.Close()
}

// Status is how things stand, without asking anybody.
func (s *Sender) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	head, err := s.o.Head()
	if err != nil && st.Cause == None {
		st.Cause, st.Err = Unreadable, errors.Join(errUnreadable, err)
	}
	st.Left = max(head.Number-st.Held.Number, 0)
	return st
}

// limit is how far may be sent.
func (s *Sender) limit() (ledger.Head, error) {
	head, err := s.o.Head()
	if err != nil {
		err = errors.Join(errUnreadable, err)
	}
	return head, err
}

// Sync sends everything the book holds now, and returns when the keeper has it
// or something is in the way. The keeper is asked first what it holds.
func (s *Sender) Sync(ctx context.Context) (Status, error) {
	return s.turned(ctx, func() error { return s.sync(ctx, true, 0) })
}

// turned runs f when nobody else is sending, and tells what came of it.
func (s *Sender) turned(ctx context.Context, f func() error) (Status, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return s.Status(), ctx.Err()
	}
	defer func() { s.turn <- struct{}{} }()
	err := fall.Caught(f)
	return s.told(err), err
}

// Ask compares the keeper's copy with the journal without sending anything.
func (s *Sender) Ask(ctx context.Context) (Status, error) {
	return s.turned(ctx, func() error {
		if err := s.open(); err != nil {
			return err
		}
		limit, err := s.limit()
		if err != nil {
			return err
		}
		held := s.Status().Held.Number
		_, err = s.send(ctx, ledger.Page{First: held + 1, Last: held}, limit)
		return err
	})
}

// Recall opens the book and remembers what the keeper held last.
func (s *Sender) Recall(ctx context.Context) (Status, error) { return s.turned(ctx, s.open) }

// sync runs with the token. Between two batches it rests.
func (s *Sender) sync(ctx context.Context, ask bool, rest time.Duration) error {
	if err := s.open(); err != nil {
		return err
	}
	st := s.Status()
	limit, err := s.limit()
	if err != nil {
		return err
	}
	held := st.Held
	if ask || !st.Asked || st.Cause != None {
		held, err = s.send(ctx, ledger.Page{First: held.Number + 1, Last: held.Number}, limit)
	}
	for err == nil && held.Number < limit.Number {
		if held, err = s.next(ctx, held, limit); err == nil {
			err = pauseFor(ctx, rest)
		}
	}
	return err
}

func pauseFor(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next sends the batch behind what the keeper holds.
func (s *Sender) next(ctx context.Context, held, limit ledger.Head) (ledger.Head, error) {
	page, err := s.tail.Read(ctx, held.Number, limit.Number, batchEntries, batchBytes)
	if err != nil {
		return held, errors.Join(errUnreadable, err)
	}
	after, err := s.send(ctx, page, limit)
	if err == nil && after.Number <= held.Number {
		err = fmt.Errorf("%w: it does not take entry %d", ErrBadAnswer, page.First)
	}
	return after, err
}

func (s *Sender) send(ctx context.Context, page ledger.Page, limit ledger.Head) (ledger.Head, error) {
	answer, err := s.o.Keeper.Send(ctx, s.tail.Mark(), page)
	if err != nil {
		return ledger.Head{}, err
	}
	return s.compare(answer, limit)
}

var errUnreadable = errors.New("the journal cannot be read")

func (s *Sender) open() error {
	if s.tail != nil {
		return nil
	}
	tail, err := s.o.Open()
	if err != nil {
		return errors.Join(errUnreadable, err)
	}
	s.tail = tail
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.Held.Number == 0 {
		s.status.Held = s.o.Seen.Load(tail.Mark())
	}
	return nil
}

// compare holds the keeper's head against our own entry of that number and
// remembers it if they agree.
func (s *Sender) compare(a Answer, limit ledger.Head) (ledger.Head, error) {
	if a.Problem == "fork" || a.Problem == "broken" {
		return a.Held, &Difference{Number: a.At, Ours: limit.Number}
	}
	// The book may have grown since limit was taken, by a till beside us.
	ours, err := s.tail.HashAt(a.Held.Number)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return a.Held, &Difference{Number: a.Held.Number, Ours: limit.Number, Ahead: true}
	case err != nil:
		return a.Held, errors.Join(errUnreadable, err)
	case ours != a.Held.Hash:
		return a.Held, &Difference{Number: a.Held.Number, Ours: limit.Number}
	}
	s.o.Seen.Save(s.tail.Mark(), a.Held)
	s.mu.Lock()
	s.status.Held, s.status.Asked = a.Held, true
	s.mu.Unlock()
	s.report()
	return a.Held, nil
}

// told puts the outcome of a sync into the status.
func (s *Sender) told(err error) Status {
	var d *Difference
	var fell *fall.Fall
	cause := None
	switch {
	case err == nil:
	case errors.As(err, &d):
		cause = Differs
	case errors.Is(err, ErrRefused):
		cause = Refused
	case errors.Is(err, ErrBadAnswer), errors.As(err, &fell):
		cause = BadAnswer
	case errors.Is(err, errUnreadable):
		cause = Unreadable
		s.reopen()
	default:
		cause = Unreachable
	}
	s.mu.Lock()
	s.status.Cause, s.status.Err, s.status.Differs = cause, err, d
	s.mu.Unlock()
	s.report()
	return s.Status()
}

// reopen drops a connection that failed: the next sync makes a new one.
func (s *Sender) reopen() {
	if s.tail != nil {
		_ = s.tail.Close()
		s.tail = nil
	}
}

func (s *Sender) report() {
	if s.o.Report != nil {
		s.o.Report(s.Status())
	}
}

// Pauses of Run.
const (
	// look is how often the book is looked at. What a sale writes meanwhile goes
	// in one batch.
	look       = 2 * time.Second
	firstPause = 2 * time.Second
	mostPause  = 5 * time.Minute
	// breath is the till's turn between two batches of a backlog: one takes some
	// twenty milliseconds of a processor that a sale wants too.
	breath = 100 * time.Millisecond
)

// Run keeps the copy up to date until ctx ends. After a failure it waits
// longer and longer, so that a week offline costs nothing; a copy that differs
// is left alone until somebody asks by Sync.
func (s *Sender) Run(ctx context.Context) {
	pause := time.Duration(0)
	for {
		wait := look
		st := s.Status()
		switch {
		case st.Cause == Differs:
		case st.Asked && st.Left == 0 && st.Cause == None:
		default:
			if _, err := s.turned(ctx, func() error { return s.sync(ctx, false, breath) }); err == nil {
				pause = 0
			} else {
				pause = min(max(2*pause, firstPause), mostPause)
				wait = pause + s.o.Jitter(pause/4)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
