package till_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/sandbox"
	"abacus/printer"
)

// verdict gathers what was seen of a run and what is wrong with it.
type verdict struct {
	mu        sync.Mutex
	failures  []simFailure
	telling   bool
	story     []string
	diskTrace []string       // every operation, while telling
	seen      *till.Snapshot // the latest
	head      ledger.Head    // the furthest the till has spoken of
	believed  map[string]bool
	reach     map[string]int
	crashed   bool  // the run before was cut off
	acked     int64 // the book's last entry by its own word
	writing   bool  // and more may be in it,
	closing   bool  // by the end of a shift, too
	cuts      int
	orders    int // numbers minted to be paid, at the day's end
	requests  int
	strikes   []string // the requests that suffered something
	lasted    time.Duration
}

// simFailure is one broken promise; class is its kind, by which a shrunk run
// is recognised.
type simFailure struct{ class, text string }

func (v *verdict) init() {
	v.believed, v.reach = map[string]bool{}, map[string]int{}
}

func (s *sim) fail(class, format string, args ...any) {
	s.tell("WRONG: "+format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, simFailure{class, fmt.Sprintf(format, args...)})
}

// tell adds a line to the story.
func (s *sim) tell(format string, args ...any) {
	if !s.telling {
		return
	}
	line := fmt.Sprintf("%11.3fs  ", time.Since(s.began).Seconds()) + fmt.Sprintf(format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.story = append(s.story, line)
}

func (s *sim) latest() *till.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// order is what the acquirer believes of an order.
func (s *sim) order(number string) (sandbox.Entry, bool) {
	for _, channel := range []payment.Channel{payment.WeChat, payment.Alipay} {
		if e, ok := s.box.Order(string(channel), number); ok {
			return e, true
		}
	}
	for _, e := range s.books() {
		if e.Order == number {
			return e, true
		}
	}
	return sandbox.Entry{}, false
}

// captured reports that the acquirer has an order's money now.
func (s *sim) captured(number string) bool {
	e, ok := s.order(number)
	return ok && e.Captured > 0 && e.Reversed == 0
}

// ended reports that the acquirer holds an order for dead.
func (s *sim) ended(number string) bool {
	e, _ := s.order(number)
	return e.State == "closed" || e.State == "reversed" || e.State == "declined"
}

// shown looks at every snapshot the till has ever sent.
func (s *sim) shown(run *simRun, v *till.Snapshot) {
	if run.power.Err() != nil {
		return // nobody sees a dark screen
	}
	if s.bug.view != nil {
		bent := *v
		if v.Attempt != nil {
			attempt := *v.Attempt
			bent.Attempt = &attempt
		}
		bent.Doubt = slices.Clone(v.Doubt)
		v = &bent
		s.bug.view(s, v)
	}
	s.mu.Lock()
	s.seen = v
	if v.Identity.Head.Number > s.head.Number {
		s.head = v.Identity.Head
	}
	s.mu.Unlock()
	if v.Attempt != nil {
		s.paidSeen("the screen", v.Attempt.Payment)
		s.noticeCode(v.Attempt.OrderCode)
	}
	for _, a := range v.Doubt {
		s.paidSeen("the list of doubts", a.Payment)
	}
	if v.Sale != nil {
		s.saleSeen("the screen", *v.Sale)
	}
	for _, sale := range v.Held {
		s.saleSeen("the list of held sales", sale)
	}
	for _, h := range v.Holds {
		s.holdSeen("the screen", h.Hold)
	}
}

// noticeCode remembers an order code that can be photographed.
func (s *sim) noticeCode(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != "" && text != lastOf(s.texts) {
		s.texts = append(s.texts, text)
	}
}

// shownCodes are the order codes that were on the screen, the newest last.
func (s *sim) shownCodes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.texts)
}

// once reports whether something is seen for the first time.
func (s *sim) once(what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.believed[what]
	s.believed[what] = true
	return !known
}

// paidSeen: what is shown as paid is paid, and a genuine answer said so. What
// is shown as reversed was acknowledged, what as declined refused.
func (s *sim) paidSeen(where string, p ledger.Payment) {
	coded := p.Channel == string(payment.WeChat) || p.Channel == string(payment.Alipay)
	over := p.State == ledger.PaymentReversed && !s.neverLeft(p) || p.State == ledger.PaymentDeclined && coded
	if over && !s.line.has(s.line.gone, p.Order) && s.once("gone "+p.ID) {
		s.fail("believed", "%s shows %s as %s, but no answer has said so", where, p.Order, p.State)
	}
	if p.State != ledger.PaymentPaid || !s.once("paid "+p.ID) {
		return
	}
	s.inBook(where, p)
	if own(p) {
		return
	}
	s.tell("till: %s is paid, says %s", p.ID, where)
	e, _ := s.order(p.Order)
	switch {
	case e.Captured != p.Amount.Minor() || e.Reversed != 0:
		s.fail("shown", "%s shows %s as paid %v; the acquirer took %d and gave back %d", where, p.Order, p.Amount, e.Captured, e.Reversed)
	case !s.line.has(s.line.sure, p.Order):
		s.fail("believed", "%s shows %s as paid, but no genuine answer has said so", where, p.Order)
	}
}

// checkPaper: what is printed of a sale is in the book, and paid.
func (s *sim) checkPaper(job printer.Job) {
	parts := strings.Split(job.ID, "-")
	if parts[0] != "sale" {
		return
	}
	id := parts[1] + "-" + parts[2]
	s.mu.Lock()
	delete(s.papers, job.ID) // it was laid out before
	s.mu.Unlock()
	sale, err := s.run.books.Sale(context.Background(), id)
	if err != nil || sale.State != ledger.SaleDone {
		s.fail("printed", "the receipt of %s is printed while the book has it as %q (%v)", id, sale.State, err)
	}
	for _, p := range sale.Payments {
		if p, err := s.run.books.Payment(context.Background(), p); err == nil {
			s.laidOut(job.ID, p)
			s.paidSeen("the receipt", p)
		}
	}
}

// printedOnce: no job comes out of the printer twice, over all crashes.
func (s *sim) printedOnce(job printer.Job) {
	if s.out == nil {
		s.out = map[string]bool{}
	}
	if s.out[job.ID] {
		s.fail("printed twice", "%s", job.ID)
	}
	s.out[job.ID] = true
	s.paperFits(job)
	_, _ = s.paper.Write(job.Data)
}

// checkIntent: what moves money is on disk before it leaves.
func (s *sim) checkIntent(q simRequest) {
	s.mu.Lock()
	s.requests++
	s.mu.Unlock()
	if !q.movesMoney() {
		return
	}
	if (q.op == "charge" || q.op == "present") && q.n > 1 && (s.desk == nil || q.channel != payment.Card) { // a terminal asks for it again itself
		s.fail("again", "%s: a charge leaves once", q)
	}
	books := s.run.books
	p, err := books.PaymentByOrder(context.Background(), q.order)
	intended := err == nil
	switch {
	case isHold(q.order):
		intended = s.holdIntended(q)
	case q.op == "reverse", q.op == "close":
		var a payment.Attempt
		intended = intended && json.Unmarshal(p.Attempt, &a) == nil && a.Undo.Tries > 0
	case q.op == "refund":
		refund, err := books.Refund(context.Background(), p.ID+"-R"+q.refund[strings.LastIndex(q.refund, "_r")+2:])
		intended = intended && err == nil && refund.Number == q.refund
	}
	if !intended {
		s.fail("intent", "%s is sent, and the book knows nothing of it", q)
	}
	if s.loose.Load() {
		s.fail("intent", "%s is sent before the book is on disk", q)
	}
}

// checkKept: what the till has spoken of is in the book it starts with.
func (s *sim) checkKept() {
	if open, err := s.run.books.OpenPayments(context.Background()); err == nil && s.crashed {
		for _, p := range open {
			s.reachedAttempt(p, "cut")
		}
	}
	s.crashed = false
	s.checkEnd()
	if s.head.Number == 0 {
		return
	}
	entries, err := s.run.books.Entries(context.Background(), s.head.Number-1, 1)
	switch {
	case err != nil:
		return // the disk fails: the next start looks
	case len(entries) == 0:
		s.fail("lost", "the till has spoken of entry %d, and the book ends at %d", s.head.Number, s.run.books.Head().Number)
	case entries[0].Hash != s.head.Hash:
		s.fail("lost", "entry %d is not the one the till has spoken of", s.head.Number)
	}
}

// append stands between till and book: it remembers where the book must end.
func (s *sim) append(ctx context.Context, b ledger.Batch) ([]ledger.Entry, error) {
	s.writing = true
	next := s.run.books.Append
	if s.bug.enter != nil {
		next = func(ctx context.Context, b ledger.Batch) ([]ledger.Entry, error) {
			return s.bug.enter(s, ctx, b, s.run.books.Append)
		}
	}
	entries, err := next(ctx, b)
	if s.off() {
		return entries, err
	}
	if s.writing = errors.Is(err, ledger.ErrStopped) && !errors.Is(err, ledger.ErrNotWritten); !s.writing {
		s.acked = s.run.books.Head().Number
	}
	if err == nil {
		s.ghost = nil // what is written next covers it
		s.loose.Store(s.unsynced.Load())
	}
	if err == nil && !s.calm.Load() && s.run.luck.Float64() < s.plan.untold {
		s.tell("disk: the commit up to entry %d is told as failed", s.acked)
		return nil, fmt.Errorf("%w: a commit that failed, and was done", ledger.ErrStopped)
	}
	return entries, err
}

// checkEnd: what the till was told is not written does not come back, and what
// it was told is written is there.
func (s *sim) checkEnd() {
	end, told := s.run.books.Head().Number, max(s.acked, s.head.Number)
	if end < s.acked {
		s.fail("lost", "the book ends at entry %d, and the till was told that it ends at %d", end, s.acked)
	}
	if !s.writing && !s.closing && end > told {
		s.fail("ghost", "the book ends at entry %d, and the till was told that it ends at %d", end, told)
	}
	s.acked, s.writing, s.closing, s.ghost = end, false, false, nil
}

// refusedBook: a book that only ever lost power is never broken; one that was
// exchanged is, and the right one is put back.
func (s *sim) refusedBook(err error) {
	var broken *ledger.Broken
	switch {
	case !errors.As(err, &broken):
	case s.rotten:
		s.tell("till: will not sell on this book: %v", broken)
		s.rotten, s.refused = false, true
	default:
		s.fail("broken", "the till will not start: %v", broken)
	}
}

// struck notes what a request suffers, and in which state its attempt was.
func (s *sim) struck(q simRequest, strike string) {
	s.tell("line: %s: %s", q, strike)
	s.mu.Lock()
	s.strikes = append(s.strikes, q.String())
	s.mu.Unlock()
	s.reached(q.order, strike)
}

func (s *sim) reached(order, fault string) {
	if p, err := s.run.books.PaymentByOrder(context.Background(), order); err == nil {
		s.reachedAttempt(p, fault)
	}
}

func (s *sim) reachedAttempt(p ledger.Payment, fault string) {
	if phase := phaseOf(p); phase != "" {
		s.been(fmt.Sprintf("%s%s × %s", s.via(p), phase, fault))
	}
}

// phaseOf is where in the machine a payment is; empty: in none.
func phaseOf(p ledger.Payment) payment.Phase {
	var a payment.Attempt
	if json.Unmarshal(p.Attempt, &a) != nil {
		return ""
	}
	return a.Phase
}

// been counts how often the day came through something.
func (s *sim) been(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reach[what]++
}
