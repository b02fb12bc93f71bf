package till_test

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment/sandbox"
)

// How long, without trouble, until the till knows of every payment, and until
// no acquirer can surprise it any more.
const (
	simCertain = 8 * time.Minute // a refund whose batch at the card host is over takes three tries, two minutes apart (day 2627843)
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
	if v.DoubtCount != len(v.Doubt) {
		s.fail("count", "%d are said to be in doubt after %v without trouble, and %d are listed", v.DoubtCount, simCertain, len(v.Doubt))
	}
	for _, a := range v.Doubt {
		s.fail("doubt", "%s is in doubt after %v without trouble: %s", a.Payment.Order, simCertain, a.Payment.Attempt)
	}
	if len(v.Refunds) > 0 {
		s.fail("doubt", "refund %s is %s after %v without trouble", v.Refunds[0].Number, v.Refunds[0].State, simCertain)
	}
	s.bookIsCertain()
	s.sells()
	time.Sleep(simSettled)
	if s.host != nil && s.host.client != nil && s.host.client.Owes() {
		s.fail("doubt", "a settlement of cards is owed after %v without trouble", simCertain+simSettled)
	}
	s.compare()
	s.end()
	s.wires.Wait()
	s.lasted = time.Since(s.began)
	s.verify()
	s.searchSecrets()
}

// sells: a customer pays in cash, and one by a code.
func (s *sim) sells() {
	r := dice(s.plan.seed, "last customers")
	s.signIn(r.Uint64())
	for _, method := range []string{"cash", "auto"} {
		c := till.SalePay{Method: method}
		if method == "auto" {
			var err error
			if c.Code, err = s.box.NewCode(anyChannel(r), sandbox.Customer{Behaviour: "pay"}); err != nil {
				s.t.Fatal(err)
			}
			s.codes = append(s.codes, c.Code)
		}
		s.do(till.SaleOpen{})
		added, _ := s.do(till.SaleAdd{Amount: price(r)})
		s.do(c)
		time.Sleep(1234567 * time.Microsecond) // nothing of the till's own comes at the same moment
		sale, _ := added.(ledger.Sale)
		if now, err := s.run.books.Sale(context.Background(), sale.ID); err != nil || now.State != ledger.SaleDone {
			s.fail("stuck", "after %v without trouble the till does not take %s: sale %q is %q (%v)", simCertain, method, sale.ID, now.State, err)
		}
	}
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
	jobs, err := s.run.books.Unprinted(context.Background())
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
	}
	for _, job := range jobs {
		s.fail("receipt", "what became of %s is not known after %v without trouble", job.Job, simCertain)
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
	s.keptPaid(payments)
	s.checkSales(net)
	s.checkReports(payments)
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

// keptATender reports whether a tender of the sale was to go back and stays: its
// refund was refused. What had become due is paid then, and the next key ends it.
func (s *sim) keptATender(sale ledger.Sale) bool {
	for _, id := range sale.Payments {
		p, err := s.run.books.Payment(context.Background(), id)
		if err != nil {
			return false
		}
		for _, id := range p.Refunds {
			if r, err := s.run.books.Refund(context.Background(), id); err == nil && r.State == ledger.RefundRefused {
				return true
			}
		}
	}
	return false
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
		if live := sale.State == ledger.SaleOpen || sale.State == ledger.SaleHeld; live && !s.lessened[sale.ID] && !s.keptATender(sale) && sale.Open == "" && sale.Refunded.Less(sale.Paid) && !sale.Due().Positive() {
			s.fail("unfinished", "sale %s is %s, and nothing is due of %v", sale.ID, sale.State, sale.Total)
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
