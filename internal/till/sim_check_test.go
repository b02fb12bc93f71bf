package till_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
// is shown as reversed was acknowledged.
func (s *sim) paidSeen(where string, p ledger.Payment) {
	if p.State == ledger.PaymentReversed && !s.line.has(s.line.gone, p.Order) && !s.neverLeft(p) && s.once("gone "+p.ID) {
		s.fail("believed", "%s shows %s as reversed, but no answer has said so", where, p.Order)
	}
	if p.State != ledger.PaymentPaid || own(p) {
		return
	}
	if !s.once("paid " + p.ID) {
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
	sale, err := s.run.books.Sale(context.Background(), id)
	if err != nil || sale.State != ledger.SaleDone {
		s.fail("printed", "the receipt of %s is printed while the book has it as %q (%v)", id, sale.State, err)
	}
	for _, p := range sale.Payments {
		if p, err := s.run.books.Payment(context.Background(), p); err == nil {
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
	if s.unsynced.Load() {
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
	if s.writing = errors.Is(err, ledger.ErrStopped); !s.writing {
		s.acked = s.run.books.Head().Number
	}
	if err == nil {
		s.ghost = nil // what is written next covers it
	}
	return entries, err
}

// checkEnd: what the till was told is not written does not come back.
func (s *sim) checkEnd() {
	end, told := s.run.books.Head().Number, max(s.acked, s.head.Number)
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
	var a payment.Attempt
	if json.Unmarshal(p.Attempt, &a) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reach[fmt.Sprintf("%s%s × %s", s.via(p), a.Phase, fault)]++
}

// How long, without trouble, until the till knows of every payment, and until
// no acquirer can surprise it any more.
const (
	simCertain = 5 * time.Minute
	simSettled = 25 * time.Minute
)

// judge ends the trouble and looks whether everything comes right.
func (s *sim) judge() {
	s.calm.Store(true)
	s.tell("all trouble ends")
	time.Sleep(simCertain - 2*simReading)
	s.readSlips()
	time.Sleep(simReading)
	s.readSlips()
	time.Sleep(simReading)
	v := s.latest()
	if v.Trouble != nil || !v.Ready {
		s.fail("stuck", "after %v without trouble the till does not sell: %v", simCertain, v.Trouble)
	}
	if v.DoubtCount > 0 {
		s.fail("doubt", "%s is in doubt after %v without trouble: %s", v.Doubt[0].Payment.Order, simCertain, v.Doubt[0].Payment.Attempt)
	}
	if len(v.Refunds) > 0 {
		s.fail("doubt", "refund %s is %s after %v without trouble", v.Refunds[0].Number, v.Refunds[0].State, simCertain)
	}
	s.bookIsCertain()
	time.Sleep(simSettled)
	s.compare()
	s.end()
	s.wires.Wait()
	s.lasted = time.Since(s.began)
	s.verify()
	s.searchSecrets()
}

// bookIsCertain: what the book leaves open the screen must not hide.
func (s *sim) bookIsCertain() {
	open, err := s.run.books.OpenPayments(context.Background())
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
	}
	for _, p := range open {
		if !p.State.Final() {
			s.fail("doubt", "the book has %s as %s after %v without trouble", p.Order, p.State, simCertain)
		}
	}
	refunds, err := s.run.books.OpenRefunds(context.Background())
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
	}
	holds, err := s.run.books.OpenHolds(context.Background())
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
	}
	for _, h := range holds {
		if h.State.InDoubt() || h.State == ledger.HoldCompleting {
			s.fail("doubt", "the book has hold %s as %s after %v without trouble", h.ID, h.State, simCertain)
		}
	}
	for _, r := range refunds {
		s.fail("doubt", "the book has refund %s as %s after %v without trouble", r.Number, r.State, simCertain)
	}
}

// compare holds the book against the acquirers' books, order by order, and
// every sale against what was taken for it.
func (s *sim) compare() {
	kept := map[string]int64{}
	books := s.books()
	s.compareHolds(books)
	for _, e := range books {
		if isHoldState(e.State) {
			continue
		}
		kept[e.Order] = e.Captured - e.Refunded - e.Reversed
		if e.State == "waiting" {
			s.fail("open", "the acquirer still waits for the money of %s", e.Order)
		}
	}
	payments, err := s.run.books.Payments(context.Background(), "", ledger.MaxList)
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
		return
	}
	s.orders = len(payments)
	net := map[string]int64{}
	for _, p := range payments {
		ours := s.ours(p)
		net[p.Sale] += ours
		if own(p) {
			continue
		}
		if kept[p.Order] != ours {
			s.fail("money", "%s: the acquirer keeps %d fen, the book says %d (%s)", p.Order, kept[p.Order], ours, p.State)
		}
		delete(kept, p.Order)
	}
	for order, fen := range kept {
		s.fail("money", "the acquirer keeps %d fen for %s, which is not in the book", fen, order)
	}
	s.checkSales(net)
	s.checkPrepaid(net, payments)
}

// ours is what the book says of a payment: taken and not given back.
func (s *sim) ours(p ledger.Payment) int64 {
	if p.State != ledger.PaymentPaid {
		return 0
	}
	fen := p.Amount.Minor()
	for _, id := range p.Refunds {
		if r, err := s.run.books.Refund(context.Background(), id); err == nil && r.State == ledger.RefundDone {
			fen -= r.Amount.Minor()
		}
	}
	return fen
}

// checkSales: no sale keeps more than its total, and none that was given up
// keeps anything. A day's sales are numbered without gaps.
func (s *sim) checkSales(net map[string]int64) {
	sales, err := s.run.books.Sales(context.Background(), ledger.MaxList)
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
	}
	last, count := map[string]int{}, map[string]int{}
	for _, sale := range sales {
		day, number, _ := strings.Cut(sale.ID, "-")
		n, _ := strconv.Atoi(number)
		last[day] = max(last[day], n)
		count[day]++
		most := sale.Total.Minor()
		if sale.State == ledger.SaleVoid {
			most = 0
		}
		if net[sale.ID]-sale.Elsewhere.Minor() > most {
			s.fail("twice", "sale %s is %s at %v and keeps %d fen", sale.ID, sale.State, sale.Total, net[sale.ID])
		}
		if sale.State == ledger.SaleDone {
			s.checkReceipt("sale-" + sale.ID)
		}
	}
	for day := range last {
		if last[day] != count[day] {
			s.fail("numbers", "%d sales of %s bear numbers up to %d", count[day], day, last[day])
		}
	}
}

// checkReceipt: of every receipt it is known what became, and one that is known
// as printed came out.
func (s *sim) checkReceipt(name string) {
	job, err := s.run.books.ReceiptJob(context.Background(), name)
	if err != nil || job.Result == "" || job.Result == "printed" && !s.out[name] {
		s.fail("receipt", "%s is %q, begun %v, on paper %v (%v)", name, job.Result, job.Begun, s.out[name], err)
	}
}

// verify checks the book itself.
func (s *sim) verify() {
	v, err := ledger.Verify(context.Background(), s.bookOptions())
	if err != nil || !v.OK {
		s.fail("books", "the book does not verify: %v, %+v", err, v)
	}
}

// searchSecrets looks for pay codes, the PIN and keys where they must not be.
func (s *sim) searchSecrets() {
	secrets, err := simSecrets()
	if err != nil {
		s.t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, code := range s.codes {
		codes[code] = true
	}
	numbers := s.cardNumbers()
	places := map[string][]byte{"log": s.log.Bytes(), "paper": s.paper.Bytes()}
	for _, name := range s.disk.Names() {
		places[name] = s.disk.Peek(name)
	}
	for name, text := range places {
		if at := findCode(text, codes); at >= 0 {
			s.fail("secret", "%s holds a pay code: …%q…", name, text[max(0, at-40):min(len(text), at+40)])
		}
		if at := findNumber(text, numbers); at >= 0 {
			s.fail("secret", "%s holds a card's number or PIN: …%q…", name, text[max(0, at-40):min(len(text), at+40)])
		}
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				s.fail("secret", "%s holds a PIN or key", name)
			}
		}
	}
}

// findCode gives the place of the first pay code in a text; -1: none is there.
func findCode(text []byte, codes map[string]bool) int {
	return findDigits(text, 18, codes)
}

// findDigits gives the place of the first of some numbers of so many digits. A
// run of digits that long has one at every place that is a multiple of it.
func findDigits(text []byte, length int, numbers map[string]bool) int {
	isDigit := func(at int) bool { return at >= 0 && at < len(text) && '0' <= text[at] && text[at] <= '9' }
	for at := length - 1; at < len(text); at += length {
		if !isDigit(at) {
			continue
		}
		from, to := at, at+1
		for isDigit(from - 1) {
			from--
		}
		for isDigit(to) {
			to++
		}
		for ; from+length <= to; from++ {
			if numbers[string(text[from:from+length])] {
				return from
			}
		}
	}
	return -1
}
