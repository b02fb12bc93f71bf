package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"abacus/internal/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is a ledger in a temporary folder with a clock that moves by itself.
type shop struct {
	t    testing.TB
	opt  Options
	l    *Ledger
	now  time.Time
	sale int
}

var beijing = time.FixedZone("CST", 8*3600)

// newBook is a migrated book without entries, made once: migrations are most
// of the cost of a small test.
var newBook = sync.OnceValues(func() (book struct{ db, head []byte }, err error) {
	dir, err := os.MkdirTemp("", "abacus")
	if err != nil {
		return book, err
	}
	defer os.RemoveAll(dir)
	path, head := filepath.Join(dir, "books.db"), filepath.Join(dir, "head")
	l, err := Open(context.Background(), Options{Path: path, HeadPath: head, Currency: money.CNY, Random: strings.NewReader("three letters")})
	if err != nil {
		return book, err
	}
	if err := l.Close(); err != nil {
		return book, err
	}
	if book.db, err = os.ReadFile(path); err == nil {
		book.head, err = os.ReadFile(head)
	}
	return book, err
})

func newShop(t testing.TB) *shop {
	t.Helper()
	dir := t.TempDir()
	book, err := newBook()
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(dir, "books.db"), book.db, 0o600), os.WriteFile(filepath.Join(dir, "head"), book.head, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, now: time.Date(2026, 11, 21, 9, 0, 0, 123456789, beijing)}
	start := s.now
	s.opt = Options{Path: filepath.Join(dir, "books.db"), HeadPath: filepath.Join(dir, "head"), Store: "Corner shop", Till: "T1",
		Currency: money.CNY, Now: func() time.Time { s.now = s.now.Add(1234 * time.Millisecond); return s.now },
		Monotonic: func() time.Duration { return s.now.Sub(start) }}
	s.open()
	t.Cleanup(func() { s.l.Close() })
	return s
}

func (s *shop) open() {
	s.t.Helper()
	l, err := Open(s.t.Context(), s.opt)
	if err != nil {
		s.t.Fatal(err)
	}
	s.l = l
}

func (s *shop) reopen() {
	s.t.Helper()
	if err := s.l.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.open()
}

// careless makes the book quick and unsafe for tests of many commits that lose
// no power.
func (s *shop) careless() {
	s.t.Helper()
	if err := s.l.c.exec("PRAGMA synchronous = off"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) try(drafts ...Draft) error {
	_, err := s.l.Append(context.Background(), Batch{Drafts: drafts})
	return err
}

func (s *shop) must(drafts ...Draft) {
	s.t.Helper()
	if err := s.try(drafts...); err != nil {
		s.t.Fatal(err)
	}
}

func fen(n int64) money.Amount { return money.Fen(n) }

func opened(sale string) Draft {
	return Draft{Kind: KindSaleOpened, Operator: "1001", Sale: sale, Payload: SaleOpened{Currency: money.CNY}}
}

func line(sale string, no int, price int64) Draft {
	return Draft{Kind: KindLineAdded, Operator: "1001", Sale: sale, Payload: LineAdded{Line{No: no, Code: "6901234567892",
		Name: "绿茶 500 ml", Unit: "瓶", Quantity: One, Price: fen(price), Amount: fen(price)}}}
}

func started(sale, payment string, amount int64, state PaymentState) Draft {
	return Draft{Kind: KindPaymentStarted, Operator: "1001", Sale: sale, Payload: PaymentStarted{Payment: payment, Order: "O" + payment,
		Channel: "wechat", Amount: fen(amount), CodeMask: "13…34", CodeHash: "h" + payment, State: state}}
}

func cash(sale, payment string, amount int64) Draft {
	return Draft{Kind: KindPaymentStarted, Operator: "1001", Sale: sale, Payload: PaymentStarted{Payment: payment, Order: minted(payment),
		Channel: "cash", Amount: fen(amount), Tendered: fen(amount + 500), Change: fen(500), State: PaymentPaid}}
}

// nothing is how goods given away are paid.
func nothing(sale, channel string) Draft {
	return Draft{Kind: KindPaymentStarted, Operator: "1001", Sale: sale, Payload: PaymentStarted{
		Payment: sale + "-1", Order: minted(sale + "-1"), Channel: channel, Amount: fen(0), State: PaymentPaid}}
}

// minted is an order number as the till makes it; that of started is not.
func minted(payment string) string {
	at := strings.LastIndexByte(payment, '-')
	if at < 0 {
		return "O" + payment
	}
	return strings.ReplaceAll(payment[:at], "-", "_") + "_t1_mark_" + payment[at+1:]
}

func moved(payment string, state PaymentState) Draft {
	return Draft{Kind: KindPaymentMoved, Payload: PaymentMoved{Payment: payment, State: state, Answered: "query"}}
}

func refund(payment, id string, amount int64, state RefundState) Draft {
	return Draft{Kind: KindRefundStarted, Operator: "1001", Approver: "2001", Payload: RefundStarted{Refund: id, Payment: payment,
		Number: "N" + id, Channel: "wechat", Amount: fen(amount), Reason: "broken", State: state}}
}

func refundMoved(id string, state RefundState) Draft {
	return Draft{Kind: KindRefundMoved, Payload: RefundMoved{Refund: id, State: state}}
}

func saleMoved(sale string, kind Kind) Draft {
	return Draft{Kind: kind, Operator: "1001", Sale: sale, Payload: SaleMoved{}}
}

func shiftOpened(n int64, float int64) Draft {
	id := fmt.Sprintf("S%06d", n)
	return Draft{Kind: KindShiftOpened, Operator: "1001", Payload: ShiftOpened{Shift: id, Number: n, Float: fen(float)}}
}

// sold rings up and pays one sale in cash and gives its identity.
func (s *shop) sold(price int64) string {
	s.t.Helper()
	s.sale++
	id := fmt.Sprintf("20261121-%04d", s.sale)
	s.must(opened(id), line(id, 1, price))
	s.must(cash(id, id+"-1", price), saleMoved(id, KindSaleDone))
	return id
}
