package ledger

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readsAll are the functions whose statements read whole tables by intent:
// what they are for is to look at everything, and nobody waits for them to sell.
var readsAll = []string{"export", "newReplay", "run", "differences", "columns", "rebuild", "verify", "keysIntact", "schemaOf", "pinsIntact"}

// mayScan are statements beside selling that may walk a table.
var mayScan = map[string]string{
	"SELECT coalesce(sum(gross), 0), coalesce(sum(refunds), 0), coalesce(sum(prepaid), 0) FROM tallies": "one row for each day and shift, read for reports",
	"SELECT entry, id, doc FROM refunds WHERE (?1 = '' OR state = ?1) ORDER BY entry DESC LIMIT ?":      "a list that a person asks for; refunds are few",
	"SELECT entry, id, doc FROM payments WHERE state = ? ORDER BY entry DESC LIMIT ?":                   "the newest paid ones: nearly all are",
}

// notRun are statements for changes that the law of the books knows none of.
var notRun = []string{"UPDATE reports SET doc = ? WHERE entry = ?", "UPDATE prepaid_moves SET amount = ?, doc = ? WHERE entry = ?"}

// small are the indexes that hold only what is live or wrong, so that walking
// one is walking that.
var small = []string{"sales_live", "sales_surplus", "payments_watch", "refunds_open", "receipts_live", "holds_open"}

var (
	scanned = regexp.MustCompile(`^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?`)
	// newestFirst walks a table by its key and stops at a limit: nothing is left out.
	newestFirst = regexp.MustCompile(`FROM \w+ ORDER BY (entry|number)( DESC)? LIMIT (\?|\d+)`)
	isSQL       = regexp.MustCompile(`\b(SELECT|FROM|WHERE|UPDATE|INSERT INTO|DELETE)\b`)
)

// TestNothingIsWalkedBesideSelling explains every statement that runs beside
// selling or before the first sale: none may read a table that grows with the
// book. A statement that stands in the source and was not run here fails too,
// so that a new one cannot escape.
func TestNothingIsWalkedBesideSelling(t *testing.T) {
	s := newShop(t)
	ran := append(s.aDaysStatements(), notRun...)
	for _, literal := range statementsInSource(t) {
		if !slices.ContainsFunc(ran, func(q string) bool { return strings.Contains(q, strings.ReplaceAll(literal, "@", "")) }) {
			t.Errorf("not run by this test: %s", literal)
		}
	}
	excused := maps.Clone(mayScan)
	for _, query := range ran {
		if !isSQL.MatchString(query) {
			continue
		}
		if walked := s.walks(query); walked != "" {
			if excused[query] == "" {
				t.Errorf("%s\n\twalks: %s", query, walked)
			}
			delete(excused, query)
		}
	}
	for query := range excused {
		t.Errorf("excused, and does not need it: %s", query)
	}
}

// walks is the step of a statement's plan that reads a table or an index from
// one end to the other; empty if there is none.
func (s *shop) walks(query string) (found string) {
	s.t.Helper()
	var plan []string
	err := s.l.c.each("EXPLAIN QUERY PLAN "+query, make([]any, 64), func(row []driver.Value) error {
		plan = append(plan, fmt.Sprint(row[3]))
		return nil
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	for _, step := range plan {
		m := scanned.FindStringSubmatch(step)
		switch {
		case m == nil, strings.HasSuffix(step, "VALUES CLAUSE"), m[1] == "CONSTANT", m[1] == "installation", strings.Contains(step, "VIRTUAL TABLE"):
		case slices.Contains(small, m[2]):
		case m[2] == "" && newestFirst.MatchString(query) && !slices.ContainsFunc(plan, func(p string) bool { return strings.Contains(p, "TEMP B-TREE") }):
		default:
			found = step
		}
	}
	return found
}

// aDaysStatements does all that a till does with a book beside selling and
// before the first sale, and gives the statements.
func (s *shop) aDaysStatements() []string {
	used := map[string]bool{}
	s.makesABook(used)
	s.changesEverything()
	s.asksEverything()
	noteStatements(used, s.l.c)
	s.readsBeside(used)
	return slices.Sorted(maps.Keys(used))
}

func noteStatements(used map[string]bool, c *conn) {
	for query := range c.statements {
		used[query] = true
	}
}

// makesABook is the first start of all, and one after it.
func (s *shop) makesABook(used map[string]bool) {
	s.t.Helper()
	o := s.opt
	dir := s.t.TempDir()
	o.Path, o.HeadPath = filepath.Join(dir, "books.db"), filepath.Join(dir, "head")
	for range 2 {
		l, err := Open(s.t.Context(), o)
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := l.Append(s.t.Context(), Batch{Drafts: []Draft{{Kind: KindNote, Payload: Note{About: "test", Text: "first"}}}}); err != nil {
			s.t.Fatal(err)
		}
		noteStatements(used, l.c)
		if err := l.Close(); err != nil {
			s.t.Fatal(err)
		}
	}
}

// changesEverything makes and changes an object of every kind.
func (s *shop) changesEverything() {
	s.t.Helper()
	const sale, card = "20261121-7000", "card-0001"
	s.busyDay()
	s.must(shiftOpened(2, 0), receiptOf("j2"))
	s.must(Draft{Kind: KindReceiptPrinted, Payload: ReceiptPrinted{Job: "j2", Result: "printed"}})
	s.held("H1", 10000)
	s.must(opened(sale), line(sale, 1, 6000))
	s.must(completing(sale, sale+"-1", "H1", 6000))
	s.must(moved(sale+"-1", PaymentPaid), saleMoved(sale, KindSaleDone))
	s.must(reopening(sale+"-1", "R1", "H1", 6000))
	s.must(refundMoved("R1", RefundDone))
	for i := range len(insertEntries) { // batches of every length
		s.must(slices.Repeat([]Draft{{Kind: KindNote, Payload: Note{About: "test", Text: "many"}}}, i+1)...)
	}
	for _, hash := range []string{"hash", ""} {
		seal := ""
		if hash != "" {
			seal = SealPIN(hash)
		}
		draft := cardChanged(KindPrepaidPIN, PrepaidChanged{Prepaid: card, PINSeal: seal})
		if hash != "" {
			draft = Draft{Kind: KindPrepaidIssued, Operator: "1001", Payload: PrepaidIssued{Prepaid: card, Mask: "9800********0001", Expires: "2029-11-21", PINSeal: seal}}
		}
		_, err := s.l.Append(s.t.Context(), Batch{Key: "k" + hash, KeyHash: "h", KeyObject: "o", Drafts: []Draft{draft}, PIN: &PrepaidPIN{card, hash}})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	s.toppedUp(card, 5000)
}

// asksEverything calls every reading method of a ledger, also for what is not
// there.
func (s *shop) asksEverything() {
	s.t.Helper()
	ctx := s.t.Context()
	ask := func(_ any, err error) {
		s.t.Helper()
		if err != nil && !errors.Is(err, ErrNotFound) {
			s.t.Error(err)
		}
	}
	l := s.l
	clear(l.books.payments.kept) // as after a restart
	for _, id := range []string{"20261121-0001", "20261121-0001-1", "P1", "card-0001", "H1", "j1", "S000001", "1"} {
		ask(l.Sale(ctx, id))
		ask(l.Payment(ctx, id))
		ask(l.Refund(ctx, id))
		ask(l.Hold(ctx, id))
		ask(l.ReceiptJob(ctx, id))
		ask(l.Shift(ctx, id))
		ask(l.PrepaidCard(ctx, id))
		ask(l.PrepaidPIN(ctx, id))
		ask(l.PrepaidMoves(ctx, id, 10))
		ask(l.TopUpOf(ctx, id, id))
		ask(l.PaymentByOrder(ctx, id))
		ask(l.PaymentByReference(ctx, id))
		ask(l.PaymentByRefund(ctx, id))
		ask(l.PaymentByCodeHash(ctx, id))
	}
	ask(l.Z(ctx, 1))
	ask(l.Z(ctx, 100))
	for _, state := range []PaymentState{"", PaymentPaid, PaymentDeclined} {
		ask(l.Payments(ctx, state, 10))
	}
	for _, open := range []bool{false, true} {
		ask(l.Refunds(ctx, RefundDone, open, 10))
	}
	for _, tail := range []string{"", "0001"} {
		ask(l.PrepaidCards(ctx, tail, 10))
	}
	ask(l.Sales(ctx, 10))
	ask(l.Holds(ctx, 10))
	ask(l.Entries(ctx, 0, 10))
	ask(l.LiveSales(ctx))
	ask(l.NewestLive(ctx, 10))
	ask(l.OpenPayments(ctx))
	_, _, err := l.OpenPaymentsAfter(ctx, 0, 10)
	ask(nil, err)
	ask(l.OpenRefunds(ctx))
	ask(l.OpenHolds(ctx))
	ask(l.Unprinted(ctx))
	ask(l.Overpaid(ctx))
	ask(l.CountOpen(ctx))
	ask(l.OpenShift(ctx))
	ask(l.PaidSince(ctx, 1, Days{"2026-11-21", "2026-11-21"}))
	ask(l.Today(ctx, "2026-11-21"))
	ask(l.LastSaleNumber(ctx, "2026-11-22"))
	ask(l.Report(ctx))
	_, _, _, err = l.Key(ctx, "k")
	ask(nil, err)
}

// readsBeside is what reads the book on a connection of its own, and before the
// first sale.
func (s *shop) readsBeside(used map[string]bool) {
	s.t.Helper()
	c, err := openReader(s.opt)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := verifyEnd(s.t.Context(), c); err != nil {
		s.t.Error(err)
	}
	noteStatements(used, c)
	tail, err2 := OpenTail(s.opt)
	if err := errors.Join(c.close(), err2); err != nil {
		s.t.Fatal(err)
	}
	head, err := tail.Head()
	if err == nil {
		_, err = tail.Read(s.t.Context(), 0, head.Number, 10, 1000)
	}
	noteStatements(used, tail.c)
	if err := errors.Join(err, tail.Close()); err != nil {
		s.t.Error(err)
	}
}

// statementsInSource are the string literals with SQL in them of this package,
// without those of functions that read everything.
func statementsInSource(t *testing.T) (literals []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return !slices.Contains(readsAll, n.Name.Name)
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && isSQL.MatchString(text) {
					literals = append(literals, text)
				}
			}
			return true
		})
	}
	return literals
}
