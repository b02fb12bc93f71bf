package till_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	mu       sync.Mutex
	failures []simFailure
	telling  bool
	story    []string
	seen     *till.Snapshot // the latest
	head     ledger.Head    // the furthest the till has spoken of
	believed map[string]bool
	reach    map[string]int
	crashed  bool // the run before was cut off
	cuts     int
	requests int
	lasted   time.Duration
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
	books, err := s.box.Books()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range books {
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
		if text := v.Attempt.OrderCode; text != "" && text != lastOf(s.texts) {
			s.texts = append(s.texts, text)
		}
	}
	for _, a := range v.Doubt {
		s.paidSeen("the list of doubts", a.Payment)
	}
}

// paidSeen: what is shown as paid is paid, and a genuine answer said so.
func (s *sim) paidSeen(where string, p ledger.Payment) {
	if p.State != ledger.PaymentPaid || p.Channel == string(payment.Cash) {
		return
	}
	s.mu.Lock()
	known := s.believed[p.ID]
	s.believed[p.ID] = true
	s.mu.Unlock()
	if known {
		return
	}
	s.tell("till: %s is paid, says %s", p.ID, where)
	e, _ := s.order(p.Order)
	switch {
	case e.Captured != p.Amount.Minor() || e.Reversed != 0:
		s.fail("shown", "%s shows %s as paid %v; the acquirer took %d and gave back %d", where, p.Order, p.Amount, e.Captured, e.Reversed)
	case !s.line.isSure(p.Order):
		s.fail("believed", "%s shows %s as paid, but no genuine answer has said so", where, p.Order)
	}
}

func (l *simLine) isSure(order string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sure[order]
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
	switch q.op {
	case "reverse", "close":
		var a payment.Attempt
		intended = intended && json.Unmarshal(p.Attempt, &a) == nil && a.Undo.Tries > 0
	case "refund":
		refund, err := books.Refund(context.Background(), p.ID+"-R"+q.refund[strings.LastIndex(q.refund, "_r")+2:])
		intended = intended && err == nil && refund.Number == q.refund
	}
	if !intended {
		s.fail("intent", "%s is sent, and the book knows nothing of it", q)
	}
	if s.unsynced {
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

// brokenBook: a book that only ever lost power is never broken.
func (s *sim) brokenBook(err error) {
	var broken *ledger.Broken
	if errors.As(err, &broken) {
		s.fail("broken", "the till will not start: %v", broken)
	}
}

// reached counts that a fault met an attempt in some state.
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
	s.reach[fmt.Sprintf("%s × %s", a.Phase, fault)]++
}

// How long, without trouble, until the till knows of every payment, and until
// no acquirer can surprise it any more.
const (
	simCertain = 5 * time.Minute
	simSettled = 25 * time.Minute
)

// judge ends the trouble and looks whether everything comes right.
func (s *sim) judge() {
	s.calm = true
	s.tell("all trouble ends")
	time.Sleep(simCertain)
	v := s.latest()
	if v.Trouble != nil || !v.Ready {
		s.fail("stuck", "after %v without trouble the till does not sell: %v", simCertain, v.Trouble)
	}
	if v.DoubtCount > 0 {
		s.fail("doubt", "%s is in doubt after %v without trouble", v.Doubt[0].Payment.Order, simCertain)
	}
	if len(v.Refunds) > 0 {
		s.fail("doubt", "refund %s is %s after %v without trouble", v.Refunds[0].Number, v.Refunds[0].State, simCertain)
	}
	time.Sleep(simSettled)
	s.compare()
	s.end()
	s.wires.Wait()
	s.lasted = time.Since(s.began)
	s.verify()
	s.searchSecrets()
}

// compare holds the book against the acquirers' books, order by order, and
// every sale against what was taken for it.
func (s *sim) compare() {
	books, err := s.box.Books()
	if err != nil {
		s.t.Fatal(err)
	}
	kept := map[string]int64{}
	for _, e := range books {
		kept[e.Order] = e.Captured - e.Refunded - e.Reversed
	}
	payments, err := s.run.books.Payments(context.Background(), "", ledger.MaxList)
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
		return
	}
	net, forced := map[string]int64{}, map[string]bool{}
	for _, p := range payments {
		ours := s.ours(p)
		net[p.Sale] += ours
		forced[p.Sale] = forced[p.Sale] || p.Forced
		if p.Channel == string(payment.Cash) {
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
// keeps anything.
func (s *sim) checkSales(net map[string]int64) {
	sales, err := s.run.books.Sales(context.Background(), ledger.MaxList)
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
	}
	for _, sale := range sales {
		most := sale.Total.Minor()
		if sale.State == ledger.SaleVoid {
			most = 0
		}
		if net[sale.ID] > most {
			s.fail("twice", "sale %s is %s at %v and keeps %d fen", sale.ID, sale.State, sale.Total, net[sale.ID])
		}
		if sale.State == ledger.SaleDone {
			s.checkReceipt("sale-" + sale.ID)
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
	codes := map[string]bool{}
	for _, code := range s.codes {
		codes[code] = true
	}
	places := map[string][]byte{"log": s.log.Bytes(), "paper": s.paper.Bytes()}
	for _, name := range s.disk.Names() {
		places[name] = s.disk.Peek(name)
	}
	for name, text := range places {
		if at := findCode(text, codes); at >= 0 {
			s.fail("secret", "%s holds a pay code: …%q…", name, text[max(0, at-40):min(len(text), at+40)])
		}
		for _, secret := range simSecrets(s.t, s.box.Setup()) {
			if bytes.Contains(text, []byte(secret)) {
				s.fail("secret", "%s holds a PIN or key", name)
			}
		}
	}
}

// findCode gives the place of the first pay code in a text, in one pass.
func findCode(text []byte, codes map[string]bool) int {
	const length = 18
	run := 0
	for i, c := range text {
		if c < '0' || c > '9' {
			run = 0
			continue
		}
		if run++; run >= length && codes[string(text[i+1-length:i+1])] {
			return i + 1 - length
		}
	}
	return -1
}
