package printer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"abacus/internal/fall"
)

// The spooler's patience.
const (
	DefaultGiveUp = 2 * time.Minute  // from Submit to Failed
	UrgentWithin  = 5 * time.Second  // from Submit to the only try of an urgent job
	firstPause    = time.Second / 2  // between two tries, growing by half each time
	longestPause  = 10 * time.Second //
	closeGrace    = 2 * time.Second  // for a sink to notice that its context has ended
	lookEvery     = 30 * time.Second // at a printer that has nothing to do,
	lookAgain     = 5 * time.Second  // and at one that somebody is seeing to
)

// Refusals of Submit.
var (
	ErrClosed   = errors.New("the print spooler is closed")
	ErrRepeated = errors.New("a job of this name was given before")
	ErrNoJob    = errors.New("a print job needs a name and data")
)

// Options are what a Spooler works with.
type Options struct {
	Sink Sink
	// Report is told the end of every job, one call at a time and in order,
	// from a goroutine of the spooler. It must not call Close.
	Report func(Done)
	// Begin is asked, from that goroutine, once for every job but urgent ones,
	// directly before its first byte leaves. While it gives an error nothing does.
	// A job it was never asked about is certainly not on paper.
	Begin func(ctx context.Context, job string) error
	// Status is told, from that goroutine, how the printer is, when that changes.
	// With it, a sink that can is asked also while there is nothing to print.
	Status func(Status)
	// GiveUp is how long a job may wait, counted from Submit; zero is
	// DefaultGiveUp. Every job gets one try, however long it had to wait.
	GiveUp time.Duration
	Now    func() time.Time                     // nil is time.Now
	After  func(time.Duration) <-chan time.Time // nil is time.After
}

// Spooler prints jobs in the background, in the order they came. It tries a
// job again only when certainly nothing of it was sent, and after an unknown
// end never by itself. What it holds is lost with the process: the till keeps
// a record of what it submitted, what began and what ended. After the process
// ended, a job that had not begun can be submitted again as it is; one that
// had may be on paper, so whoever submits it again has it say that it is a
// copy.
type Spooler struct {
	options Options
	cancel  context.CancelFunc
	wake    chan struct{}
	ended   chan struct{}

	mu        sync.Mutex
	known     map[string]struct{} // every name ever given, so that none is printed twice
	queue     []*waiting
	current   *waiting // in the sink's hands
	closing   bool
	abandoned bool   // the sink did not come back; its answer no longer counts
	stopLook  func() // a job has come: the printer is not to be kept busy with questions

	told     bool // of the run goroutine
	status   Status
	unproven bool // the printer did not answer GS r when it was last looked at
}

// waiting is a job with what has been tried.
type waiting struct {
	Job
	since time.Time
	after time.Time // not to be tried before
	tries int
	begun bool
	pause *backoff.ExponentialBackOff
}

// NewSpooler starts a spooler. It runs until Close, or until ctx ends, which
// leaves waiting jobs unprinted and unreported.
func NewSpooler(ctx context.Context, options Options) *Spooler {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.After == nil {
		options.After = time.After
	}
	options.GiveUp = or(options.GiveUp, DefaultGiveUp)
	ctx, cancel := context.WithCancel(ctx)
	s := &Spooler{
		options: options,
		cancel:  cancel,
		wake:    make(chan struct{}, 1),
		ended:   make(chan struct{}),
		known:   map[string]struct{}{},
	}
	go s.run(ctx)
	return s
}

// Submit queues a job and returns at once. It refuses with ErrRepeated, ErrNoJob
// or ErrClosed; a refused job is not reported.
func (s *Spooler) Submit(job Job) error {
	if job.ID == "" || len(job.Data) == 0 && job.Make == nil {
		return ErrNoJob
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return ErrClosed
	}
	if _, known := s.known[job.ID]; known {
		return fmt.Errorf("%w: %s", ErrRepeated, job.ID)
	}
	s.known[job.ID] = struct{}{}
	// Without a random part: one till and one printer cannot crowd each other.
	pause := &backoff.ExponentialBackOff{InitialInterval: firstPause, Multiplier: 1.5, MaxInterval: longestPause}
	s.queue = append(s.queue, &waiting{Job: job, since: s.options.Now(), pause: pause})
	if s.stopLook != nil {
		s.stopLook()
	}
	s.nudge()
	return nil
}

// nudge wakes the loop; one pending nudge is enough.
func (s *Spooler) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// refuse lets no more jobs in.
func (s *Spooler) refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
}

// Close takes no more jobs, prints what waits until ctx ends, then stops. It
// returns the names of the jobs that were not tried to an end, which have not
// been reported; a job stuck in a sink that does not come back is reported as
// unknown. Close returns at most about two seconds after ctx has ended.
func (s *Spooler) Close(ctx context.Context) (left []string) {
	s.refuse()
	s.nudge()
	select {
	case <-s.ended:
	case <-ctx.Done():
		s.cancel()
		select {
		case <-s.ended:
		case <-s.options.After(closeGrace):
			s.abandon()
		}
	}
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.queue {
		left = append(left, w.ID)
	}
	return left
}

// abandon gives up on the sink itself, once.
func (s *Spooler) abandon() {
	s.mu.Lock()
	stuck := s.current
	s.current, s.abandoned = nil, true
	s.mu.Unlock()
	if stuck != nil {
		s.report(stuck, Unknown, errors.New("the printer did not answer while the till was closing, look at the paper"))
	}
}

func (s *Spooler) report(w *waiting, outcome Outcome, err error) {
	if s.options.Report != nil {
		s.options.Report(Done{w.ID, outcome, w.tries, err})
	}
}

func (s *Spooler) run(ctx context.Context) {
	defer close(s.ended)
	defer s.refuse()
	s.look(ctx)
	for ctx.Err() == nil { // asked before a job leaves the queue
		next, pause, finished := s.next()
		switch {
		case finished:
			return
		case next == nil:
			s.rest(ctx, pause)
		default:
			s.print(ctx, next)
		}
	}
}

// rest waits for a new job, for the end of a pause (if there is one), or for
// the end, and looks after the printer when there is nothing to print.
func (s *Spooler) rest(ctx context.Context, pause time.Duration) {
	var pauseOver, lookDue <-chan time.Time
	switch {
	case pause > 0:
		pauseOver = s.options.After(pause)
	case s.looks() && (s.status.Condition() == ConditionReady || s.status.Unproven):
		lookDue = s.options.After(lookEvery)
	case s.looks():
		lookDue = s.options.After(lookAgain)
	}
	select {
	case <-s.wake:
	case <-pauseOver:
	case <-lookDue:
		s.look(ctx)
	case <-ctx.Done():
	}
}

// next takes the job to try now off the queue. While the first receipt waits
// out its pause nothing but a urgent job may pass it.
func (s *Spooler) next() (w *waiting, pause time.Duration, finished bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return nil, 0, s.closing
	}
	at := 0
	for i, w := range s.queue {
		if w.Urgent {
			at = i
			break
		}
	}
	w = s.queue[at]
	if pause := w.after.Sub(s.options.Now()); pause > 0 {
		return nil, pause, false
	}
	s.queue = append(s.queue[:at:at], s.queue[at+1:]...)
	s.current = w
	return w, 0, false
}

func (s *Spooler) print(ctx context.Context, w *waiting) {
	if late := s.options.Now().Sub(w.since); w.Urgent && late > UrgentWithin {
		s.settle(w, Failed, fmt.Errorf("%w: waited %v behind another job", ErrNotSent, late))
		return
	}
	s.mu.Lock()
	w.tries++
	s.mu.Unlock()
	err := fall.Caught(func() error {
		if w.Make != nil && w.Data == nil {
			w.Data = w.Make()
		}
		return s.options.Sink.Send(ctx, s.hooked(w))
	})
	var fell *fall.Fall
	waited, patience := s.options.Now().Sub(w.since), s.options.GiveUp
	if s.status.Condition() != ConditionReady { // somebody has been told to see to it
		patience = max(patience, DefaultHold)
	}
	switch {
	case err == nil:
		s.settle(w, Printed, nil)
	case errors.As(err, &fell) && !w.begun && !w.Urgent: // it would fall again: at this start, and at every other
		s.settle(w, Failed, fmt.Errorf("%w: %w", ErrNotSent, err))
	case !errors.Is(err, ErrNotSent):
		s.settle(w, Unknown, err)
	case ctx.Err() != nil && !w.Urgent:
		s.putBack(w) // stopped by Close: certainly unprinted, so it is left
	case w.Urgent || waited >= patience:
		s.settle(w, Failed, err)
	default:
		s.putBack(w)
	}
}

// hooked is the job with what the sink is to call while it has it.
func (s *Spooler) hooked(w *waiting) Job {
	job := w.Job
	job.tell, job.aside = s.tell, s.aside
	job.begin = func(ctx context.Context) error {
		if w.begun || w.Urgent || s.options.Begin == nil {
			return nil
		}
		if err := s.options.Begin(ctx, w.ID); err != nil {
			return err
		}
		w.begun = true
		return nil
	}
	return job
}

// settle ends a job, unless Close has already spoken for it.
func (s *Spooler) settle(w *waiting, outcome Outcome, err error) {
	s.mu.Lock()
	abandoned := s.abandoned
	s.current = nil
	s.mu.Unlock()
	if !abandoned {
		s.report(w, outcome, err)
	}
}

// putBack makes the job the first again, after a pause.
func (s *Spooler) putBack(w *waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	if s.abandoned {
		return
	}
	w.after = s.options.Now().Add(w.pause.NextBackOff())
	s.queue = append([]*waiting{w}, s.queue...)
}
