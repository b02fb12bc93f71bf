//go:build linux

package main_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
)

// writeBooks makes a data folder with a journal of at least so many entries:
// days of 1,000 cash sales, a shift and a Z each, ending some days ago.
func writeBooks(b *testing.B, dir string, entries int) {
	b.Helper()
	const salesADay, salesABatch, entriesASale = 1000, 250, 4
	days := entries/(salesADay*entriesASale) + 1
	first := time.Now().AddDate(0, 0, -days-7).Truncate(24 * time.Hour).Add(8 * time.Hour)
	now := first
	books, err := ledger.Open(b.Context(), ledger.Options{
		Path: filepath.Join(dir, "journal.db"), HeadPath: filepath.Join(dir, "journal.head"),
		Store: "算盘便利店", Till: "01", Currency: money.CNY, Now: func() time.Time { return now },
	})
	if err != nil {
		b.Fatal(err)
	}
	appendAll := func(drafts []ledger.Draft) {
		if _, err := books.Append(b.Context(), ledger.Batch{Drafts: drafts}); err != nil {
			b.Fatal(err)
		}
	}
	for day := range days {
		now = first.AddDate(0, 0, day)
		number := books.NextShiftNumber()
		shift := fmt.Sprintf("S%06d", number)
		appendAll([]ledger.Draft{{Kind: ledger.KindShiftOpened, Operator: "1001", Shift: shift,
			Payload: ledger.ShiftOpened{Shift: shift, Number: number, Float: money.Fen(50000)}}})
		for done := 0; done < salesADay; done += salesABatch {
			now = now.Add(time.Hour)
			var drafts []ledger.Draft
			for n := done + 1; n <= done+salesABatch; n++ {
				drafts = append(drafts, cashSale(now.Format("20060102"), n, shift)...)
			}
			appendAll(drafts)
		}
		if _, err := books.CloseShift(b.Context(), "1001", money.Fen(50000), 0, ledger.Batch{}); err != nil {
			b.Fatal(err)
		}
	}
	if got := books.Head().Number; got < int64(entries) {
		b.Fatalf("%d entries written, %d wanted", got, entries)
	}
	if err := books.Close(); err != nil {
		b.Fatal(err)
	}
}

func cashSale(day string, n int, shift string) []ledger.Draft {
	sale := fmt.Sprintf("%s-%04d", day, n)
	price := money.Fen(int64(100 + n%900))
	draft := func(kind ledger.Kind, payload any) ledger.Draft {
		return ledger.Draft{Kind: kind, Operator: "1001", Shift: shift, Sale: sale, Payload: payload}
	}
	return []ledger.Draft{
		draft(ledger.KindSaleOpened, ledger.SaleOpened{Currency: money.CNY}),
		draft(ledger.KindLineAdded, ledger.LineAdded{Line: ledger.Line{No: 1, Code: "6901234567892", Name: "农夫山泉 550ml",
			NameEn: "Nongfu Spring Water 550ml", Unit: "瓶", Quantity: ledger.One, Price: price, Amount: price}}),
		draft(ledger.KindPaymentStarted, ledger.PaymentStarted{Payment: sale + "-1", Order: "T01" + day + fmt.Sprintf("%04d01", n),
			Channel: "cash", Amount: price, Tendered: price, State: ledger.PaymentPaid}),
		draft(ledger.KindSaleDone, ledger.SaleMoved{}),
	}
}
