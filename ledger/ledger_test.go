package ledger

import (
	"testing"
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
		x, err := s.l.Report(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if x.Sales != 1 || !x.Gross.Equal(fen(1136)) || !x.Cash.Expected.Equal(fen(11136)) || !x.GrandTotal.Equal(fen(1136)) {
			t.Fatalf("X %+v", x)
		}
		s.reopen()
	}
	z, err := s.l.CloseShift(ctx, "1001", fen(11100), "")
	if err != nil {
		t.Fatal(err)
	}
	if z.Number != 1 || !z.Cash.Variance.Equal(fen(-36)) || z.Head.Number != z.To {
		t.Fatalf("Z %+v", z)
	}
}
