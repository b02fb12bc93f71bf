// Package till is the till's core: one sale from first scan to receipt, the
// attempts to pay it, the shift around it, and who may do what.
//
// One goroutine owns all state and takes commands one by one; calls to
// acquirers run beside it and come back as messages. What happened is written
// to the ledger first and only then acted on or shown. Faces hold Core and
// nothing else.
package till

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/fall"
	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// Settings are the shop's, fixed while the till runs.
type Settings struct {
	Version  string
	Store    string
	StoreID  string   // the shop at the acquirers
	Header   []string // receipt head: address, telephone
	Till     string   // letters and digits, at most 4
	Currency money.Currency
	Day      func(time.Time) string // the business day, yyyy-mm-dd, an instant belongs to
	Sandbox  bool
	Training bool

	Operators     []Account
	ShiftRequired bool         // sales, payments and refunds need an open shift
	ConfirmAbove  money.Amount // a scanned pay code above this needs one confirmation
	SignAbove     money.Amount // a card payment above this is signed on the paper; not positive: none is
	SettleAtClose bool         // a shift's close settles the card host's batch
	CardPIN       bool         // cardholders' PINs are keyed at the till: above SignAbove, and where the host wants one
	Instalments   []int        // Huabei plans on offer
	HuabeiForbid  bool
	Prepaid       *Prepaid                               // the shop's own prepaid cards; nil: none
	SellerPays    bool                                   // the shop bears the instalment fee
	Jitter        func(most time.Duration) time.Duration // up to most, which is positive: spreads what is repeated; nil: not at all
	// Examine looks the till over for the command of that name; called off the
	// core's goroutine.
	Examine  func(context.Context) doctor.Report
	Disk     *Disk // nil: how much room the book has is not watched
	ShowPINs bool  // sandbox only: the sign-in screen says how to get in
}

// Account is an operator and the check of the PIN.
type Account struct {
	Operator
	Check func(pin string) bool // slow on purpose; called off the core's goroutine
	PIN   string                // known in the sandbox only, for ShowPINs
	Badge string                // the text on the operator's badge, which stands for ID; empty: none
}

// Till is the core. Make it with New, run it with Run, give it its parts with
// Start as soon as they are there.
type Till struct {
	set   Settings
	now   func() time.Time
	log   *slog.Logger
	inbox chan func()
	done  chan struct{} // closed when Run has ended
	calls sync.WaitGroup

	ctx   context.Context                                             // Run's; calls to acquirers live in it
	parts *Parts                                                      // nil until Start
	enter func(context.Context, ledger.Batch) ([]ledger.Entry, error) // into the book; tests stand between

	trouble   *Fault
	operator  *Operator
	lock      lockout
	front     string // the sale in front
	attempts  map[string]*attempt
	lastSeen  map[string]payment.Attempt // ended attempts of the sale in front, for the screen
	lastEnd   string                     // the one of its payments that ended last: clocks may have been set back in between
	refunds   map[string]*refunding
	notices   []Notice
	differs   int64             // where the copy of the journal was last found to differ
	begun     bool              // the start of this run is in the book
	headTold  bool              // that the file outside cannot be written
	printing  map[string]string // sale → state of its last job
	untold    []printEnd        // ends of jobs that the book would not take yet
	links     map[string]Link
	devices   []Device  // in the order in which they were first heard of
	loneScan  *LoneScan // see ScanAlone
	space     *Space    // never changed once it is here: snapshots hold it
	look      chan struct{}
	lanes     map[payment.Channel]*lane
	toResume  []*attempt // taken over, their first step not yet made
	more      bool       // there are payments of earlier runs not yet taken over,
	cursor    int64      // behind this place in the book,
	unread    int        // of which so many are in doubt
	saleSeq   sequence
	live      []ledger.Sale // see liveSales
	holds     []ledger.Hold // see openHolds
	ongoing   []Refund      // see openRefunds
	reread    bool          // it is stale
	figures   Day           // see today
	figuresAt int64
	wake      *time.Timer
	timers    map[string]time.Time

	spaceNoted  doctor.Level  // what the book was told last
	settling    bool          // a settlement begun by the till is out, or waits for another
	settles     chan struct{} // holds one token: whoever has it may settle
	settlePause time.Duration // behind the last one that did not come to its end
	waiters     map[string][]chan struct{}
	askers      map[string][]*Asked // who hears what an acquirer says next of a payment

	hub hub
}

// New is a till without its parts: it shows itself, but sells nothing yet.
// A nil now is the wall clock; a nil logger is silent.
func New(set Settings, now func() time.Time, log *slog.Logger) *Till {
	if now == nil {
		now = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Till{
		set: set, now: now, log: log,
		inbox: make(chan func()), done: make(chan struct{}),
		attempts: map[string]*attempt{}, lastSeen: map[string]payment.Attempt{}, refunds: map[string]*refunding{},
		printing: map[string]string{}, links: map[string]Link{}, lanes: map[payment.Channel]*lane{},
		timers: map[string]time.Time{}, waiters: map[string][]chan struct{}{}, askers: map[string][]*Asked{},
		look: make(chan struct{}, 1), spaceNoted: doctor.Enough, settles: make(chan struct{}, 1),
	}
	t.hub.latest = t.view()
	return t
}

// ErrFell reports a panic on the core's goroutine. What is in memory cannot be
// trusted any more, what is in the book can: end the program and start it again.
var ErrFell = errors.New("the core fell")

// Run owns the till's state until ctx ends; then it waits for calls that are
// out, writes the stop into the book, and returns. The error is ErrFell.
func (t *Till) Run(ctx context.Context) (err error) {
	calls, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if value := recover(); value != nil {
			fell := fall.Of(value)
			t.log.Error("the core fell", "what", fell.What, "where", fell.Where)
			hangUp()
			t.calls.Wait()
			err = ErrFell
		}
	}()
	t.ctx = calls
	t.wake = time.NewTimer(time.Hour)
	defer close(t.done)
	defer t.wake.Stop()
	defer t.hub.close()
	if t.set.Disk != nil {
		t.calls.Go(func() { t.watchDisk(calls) })
	}
	for {
		select {
		case f := <-t.inbox:
			f()
		case <-t.wake.C:
			t.tick()
		case <-ctx.Done():
			t.shutDown(hangUp)
			return nil
		}
		if last := t.hub.latest; last != nil && last.Trouble != t.trouble {
			t.publish() // whatever met the book's stopping, or its going on
		}
		t.arm()
	}
}

// shutDown lets nothing new leave, drops the calls that are out (their orders
// are in the book and are asked about at the next start) and closes the run.
func (t *Till) shutDown(hangUp context.CancelFunc) {
	hangUp()
	t.dropLanes()
	finished := make(chan struct{})
	go func() { t.calls.Wait(); close(finished) }()
	for {
		select {
		case f := <-t.inbox:
			f()
		case <-finished:
			if t.parts != nil && t.trouble == nil {
				_, _ = t.write(ledger.Batch{Drafts: []ledger.Draft{{Kind: ledger.KindTillStopped, Payload: ledger.TillStopped{Cause: "asked"}}}})
			}
			return
		}
	}
}

// post hands f to the core's goroutine. It reports false when the till has
// ended; f then never runs.
func (t *Till) post(ctx context.Context, f func()) bool {
	select {
	case t.inbox <- f:
		return true
	case <-ctx.Done():
	case <-t.done:
	}
	return false
}

// inside runs f on the core's goroutine and waits for it. Whoever asked may go
// away: before its turn nothing is done, after that all of it, so f gets a context
// that does not end. Else what follows an entry would be missing.
func (t *Till) inside(ctx context.Context, f func(context.Context) (Result, error)) (Result, error) {
	type answer struct {
		result Result
		err    error
	}
	back := make(chan answer, 1)
	if !t.post(ctx, func() {
		if t.ctx.Err() != nil {
			back <- answer{nil, fault(FaultClosing)}
			return
		}
		if err := ctx.Err(); err != nil {
			back <- answer{nil, err}
			return
		}
		r, err := f(context.WithoutCancel(ctx))
		if err != nil && ctx.Err() == nil {
			err = t.bookFault(err) // of a reading that failed, wherever it was
		}
		t.publish()
		back <- answer{r, err}
	}) {
		return nil, fault(FaultClosing)
	}
	select {
	case a := <-back:
		return a.result, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.done:
		select {
		case a := <-back:
			return a.result, a.err
		default:
			return nil, fault(FaultClosing)
		}
	}
}

// Watch implements Core.
func (t *Till) Watch(ctx context.Context) <-chan *Snapshot { return t.hub.watch(ctx) }

// at plans a tick for key; a zero time cancels it.
func (t *Till) at(key string, when time.Time) {
	if when.IsZero() {
		delete(t.timers, key)
		return
	}
	t.timers[key] = when
}

// arm sets the one timer to the earliest plan.
func (t *Till) arm() {
	next := time.Hour
	now := t.now()
	for _, when := range t.timers {
		next = min(next, max(when.Sub(now), soonest))
	}
	t.wake.Reset(next)
}

// soonest lets what happens at one moment come to rest before the next tick:
// the same events then have the same order in every run.
const soonest = time.Microsecond

// due are the plans whose time has come, the oldest first.
func (t *Till) due(now time.Time) []string {
	var keys []string
	for key, when := range t.timers {
		if !now.Before(when) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(t.timers[a].Compare(t.timers[b]), cmp.Compare(a, b))
	})
	return keys
}

// tick runs what is due.
func (t *Till) tick() {
	now := t.now()
	for _, key := range t.due(now) {
		if when, planned := t.timers[key]; !planned || now.Before(when) {
			continue // what ran before it has changed the plan
		}
		delete(t.timers, key)
		switch {
		case key == reopenTimer:
			t.reopen()
		case key == resumeTimer:
			t.resumeSome()
		case key == printTimer:
			t.tellPrinted()
		case key == settleTimer:
			t.settleOwed()
		case t.attempts[key] != nil:
			t.step(t.attempts[key], payment.Tick{At: now}, payment.Answer{})
		case t.refunds[key] != nil:
			t.refundStep(t.refunds[key])
		}
	}
	t.publish()
}

func fault(code string, args ...any) *Fault { return &Fault{Code: code, Args: args} }

func faultOf(err error, code string, args ...any) *Fault {
	return &Fault{Code: code, Args: args, Err: err}
}
