package till_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// The least reserve that can be set holds a bad day's end several times over:
// sixty payments in doubt are reversed, as many refunds are made, and the
// shift is closed and printed.
func TestTheReserveHoldsADaysEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		const bad, least = 60, 16 * mega
		g := w.watch(600 * mega)
		w.do(till.ShiftOpen{})
		var paid []string
		for range bad {
			w.sale(900)
			paid = append(paid, w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID).ID)
		}
		lost := func(payment.Op, int) mood { return lostBefore }
		w.alipay.is(lost)
		for range bad {
			w.sale(900)
			w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)})
		}
		w.restart() // the write-ahead log grows anew
		before := w.onDisk()
		w.has(g, 60*mega, doctor.Full)
		w.alipay.is(func(payment.Op, int) mood { return fair })
		for _, id := range paid {
			w.do(till.RefundCreate{Payment: id, Reason: "坏了"})
		}
		time.Sleep(2 * time.Hour)
		w.do(till.ShiftClose{})
		if v := w.snapshot(); v.DoubtCount+len(v.Refunds) > 0 {
			t.Fatalf("%d payments and %d refunds are not settled", v.DoubtCount, len(v.Refunds))
		}
		used := w.onDisk() - before
		t.Logf("%d KiB were needed", used>>10)
		if used > least/2 {
			t.Errorf("%d KiB of a reserve of %d", used>>10, int64(least>>10))
		}
		w.balanced()
	})
}

// onDisk is how much the book takes.
func (w *world) onDisk() (total int64) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			w.t.Fatal(err)
		}
		total += info.Size()
	}
	return total
}
