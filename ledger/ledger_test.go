package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"abacus/internal/money"
)

func TestSaleFromOpenToDone(t *testing.T) {
	s := newShop(t)
	s.must(shiftOpened(1, 10000))
	id := s.sold(1136)
	ctx := t.Context()
	for range 2 { // from memory, then from disk
		sale, err := s.l.Sale(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if sale.State != SaleDone || !sale.Paid.Equal(fen(1136)) || !sale.Due().IsZero() || len(sale.Payments) != 1 {
			t.Fatalf("sale %+v", sale)
		}
		s.reopen()
	}
}

func TestNewBook(t *testing.T) {
	dir := t.TempDir()
	o := Options{Path: filepath.Join(dir, "a book?#%.db"), HeadPath: filepath.Join(dir, "head"), Currency: money.CNY,
		Random: strings.NewReader("\x00\x44\x32")}
	l, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(o.Path); err != nil {
		t.Fatal("the path was not taken as it is: ", err)
	}
	if l.Mark() != "abcd" || l.Head().Number != 0 || l.Head().Hash != genesis("abcd") || l.HeadMissing() {
		t.Errorf("mark %q, head %+v", l.Mark(), l.Head())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(t.Context(), o); err != nil || l.Mark() != "abcd" {
		t.Fatal("the mark is drawn once only: ", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	o.Currency = "JPY"
	if _, err = Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "CNY") {
		t.Errorf("another currency: %v", err)
	}
	o.Currency = "XXL"
	if _, err = Open(t.Context(), o); err == nil {
		t.Error("an unknown currency was taken")
	}
}

func TestNewerBookIsRefused(t *testing.T) {
	s := newShop(t)
	if err := s.l.c.exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), s.opt); !errors.Is(err, ErrNewer) {
		t.Errorf("Open: %v", err)
	}
	if _, err := Verify(t.Context(), s.opt); !errors.Is(err, ErrNewer) {
		t.Errorf("Verify: %v", err)
	}
}

func TestEntriesAreReadAsWritten(t *testing.T) {
	s := newShop(t)
	written, err := s.l.Append(t.Context(), Batch{Drafts: []Draft{opened("20261121-0001"), line("20261121-0001", 1, 5)}})
	if err != nil {
		t.Fatal(err)
	}
	read, err := s.l.Entries(t.Context(), 0, 10)
	if err != nil || len(read) != 2 {
		t.Fatal(read, err)
	}
	for i := range read {
		if !read[i].Time.Equal(written[i].Time) {
			t.Errorf("time %v, was %v", read[i].Time, written[i].Time)
		}
		read[i].Time = written[i].Time
	}
	if !reflect.DeepEqual(read, written) {
		t.Errorf("read %+v\nwritten %+v", read, written)
	}
	if rest, err := s.l.Entries(t.Context(), 1, 0); err != nil || len(rest) != 1 || rest[0].Number != 2 {
		t.Errorf("after 1: %v, %v", rest, err)
	}
}

func TestListings(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	done := s.sold(100)
	heldSale, declined := s.paymentIn(PaymentDeclined)
	_, waiting := s.paymentIn(PaymentWaiting)
	_, paid := s.paymentIn(PaymentPaid)
	_, watched := s.paymentIn(PaymentChecking)
	s.must(saleMoved(heldSale, KindSaleHeld),
		Draft{Kind: KindPaymentMoved, Payload: PaymentMoved{Payment: watched, State: PaymentReversed, Watch: true}},
		refund(paid, paid+"-R1", 10, RefundPending),
		Draft{Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j1", Object: done}},
		Draft{Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j2", Object: done}},
		Draft{Kind: KindReceiptPrinted, Payload: ReceiptPrinted{Job: "j1", Result: "printed"}})
	for range 2 { // from memory, then from disk
		if live, err := s.l.LiveSales(ctx); err != nil || len(live) != 4 || live[0].ID != heldSale || live[0].State != SaleHeld {
			t.Errorf("live sales %+v, %v", live, err)
		}
		if open, err := s.l.OpenPayments(ctx); err != nil || len(open) != 2 || open[0].ID != waiting || open[1].ID != watched {
			t.Errorf("open payments %+v, %v", open, err)
		}
		if open, err := s.l.OpenRefunds(ctx); err != nil || len(open) != 1 || open[0].ID != paid+"-R1" {
			t.Errorf("open refunds %+v, %v", open, err)
		}
		if jobs, err := s.l.Unprinted(ctx); err != nil || len(jobs) != 1 || jobs[0].Job != "j2" {
			t.Errorf("unprinted %+v, %v", jobs, err)
		}
		if list, err := s.l.Payments(ctx, PaymentDeclined, 0); err != nil || len(list) != 1 || list[0].ID != declined {
			t.Errorf("declined %+v, %v", list, err)
		}
		if list, err := s.l.Payments(ctx, "", 2); err != nil || len(list) != 2 || list[0].ID != watched || list[1].ID != paid {
			t.Errorf("newest payments %+v, %v", list, err)
		}
		if list, err := s.l.Sales(ctx, 1); err != nil || len(list) != 1 || list[0].ID != "20261121-0005" {
			t.Errorf("newest sale %+v, %v", list, err)
		}
		if pay, err := s.l.PaymentByOrder(ctx, "O"+paid); err != nil || pay.ID != paid {
			t.Errorf("by order %+v, %v", pay, err)
		}
		if pay, err := s.l.PaymentByOrder(ctx, minted(done+"-1")); err != nil || pay.ID != done+"-1" {
			t.Errorf("by an order number that names it: %+v, %v", pay, err)
		}
		if pay, err := s.l.PaymentByOrder(ctx, strings.Replace(minted(done+"-1"), "mark", "other", 1)); !errors.Is(err, ErrNotFound) {
			t.Errorf("another book's order number found %+v, %v", pay, err)
		}
		if pay, err := s.l.PaymentByCodeHash(ctx, "h"+waiting); err != nil || pay.ID != waiting {
			t.Errorf("by code %+v, %v", pay, err)
		}
		if n, err := s.l.LastSaleNumber(ctx, "2026-11-21"); err != nil || n != 5 {
			t.Errorf("last sale number %d, %v", n, err)
		}
		s.reopen()
	}
	for name, err := range map[string]error{
		"sale": second(s.l.Sale(ctx, "x")), "payment": second(s.l.Payment(ctx, "x")), "refund": second(s.l.Refund(ctx, "x")),
		"order": second(s.l.PaymentByOrder(ctx, "x")), "code": second(s.l.PaymentByCodeHash(ctx, "")), "z": second(s.l.Z(ctx, 0)),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown %s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestLastSaleNumber(t *testing.T) {
	s := newShop(t)
	for _, step := range []struct {
		open string
		want int
	}{{"", 0}, {"20261121-0001", 1}, {"20261121-9999", 9999}, {"20261121-10000", 10000}, {"20261122-0007", 10000}, {"20261121-odd", 10000}} {
		if step.open != "" {
			s.must(opened(step.open))
		}
		for range 2 {
			if n, err := s.l.LastSaleNumber(t.Context(), "2026-11-21"); err != nil || n != step.want {
				t.Errorf("after %q: %d, %v, want %d", step.open, n, err, step.want)
			}
			clear(s.l.days) // then from the database
		}
	}
}

func TestKeys(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	batch := Batch{Key: "k", KeyHash: "h", KeyObject: "20261121-0001", Drafts: []Draft{opened("20261121-0001")}}
	if _, err := s.l.Append(ctx, batch); err != nil {
		t.Fatal(err)
	}
	batch.Drafts = []Draft{opened("20261121-0002")}
	if _, err := s.l.Append(ctx, batch); code(err) != RefuseKeyUsed {
		t.Errorf("the same key: %v", err)
	}
	if _, err := s.l.Sale(ctx, "20261121-0002"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the refused batch left something: %v", err)
	}
	hash, object, found, err := s.l.Key(ctx, "k")
	if hash != "h" || object != "20261121-0001" || !found || err != nil {
		t.Errorf("key: %q %q %v %v", hash, object, found, err)
	}
	if _, _, found, err = s.l.Key(ctx, "other"); found || err != nil {
		t.Errorf("unknown key: %v %v", found, err)
	}
	s.sale = 5
	s.sold(5)
	s.sound()
}

func TestTheBookTakesNoChanges(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	for _, statement := range []string{
		"UPDATE journal SET payload = '{}' WHERE number = 1",
		"DELETE FROM journal WHERE number = 1",
		"DELETE FROM journal",
		"INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE number = 2",
		"UPDATE installation SET mark = 'aaaa'",
		"DELETE FROM installation",
	} {
		if err := s.l.c.exec(statement); err == nil {
			t.Errorf("taken: %s", statement)
		}
	}
	s.sound()
}

func TestClosedAndCancelled(t *testing.T) {
	s := newShop(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.l.Append(gone, Batch{Drafts: []Draft{opened("x-1")}}); !errors.Is(err, ErrNotWritten) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled Append: %v", err)
	}
	if _, err := s.l.Sales(gone, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled read: %v", err)
	}
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.try(opened("x-1")); !errors.Is(err, ErrClosed) {
		t.Errorf("Append after Close: %v", err)
	}
	if _, err := s.l.Sales(t.Context(), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("read after Close: %v", err)
	}
	if err := s.l.Reopen(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Reopen after Close: %v", err)
	}
	if err := s.l.Close(); err != nil {
		t.Errorf("Close twice: %v", err)
	}
}

// TestUnderSimulatedTime holds that nothing of the ledger keeps a bubble's
// clock from moving on.
func TestUnderSimulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		for range 3 {
			s.sold(100)
			synctest.Wait()
		}
		if err := s.l.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
