package till_test

import (
	"sync/atomic"
	"testing"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// onFailingDisk runs a test on a disk whose every sync fails as long as
// failing is set.
func onFailingDisk(t *testing.T, f func(w *world, failing *atomic.Bool)) {
	inWorld(t, func(w *world) {
		w.stop()
		w.disk = faultdisk.New(faultdisk.Options{})
		w.start()
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		var failing atomic.Bool
		w.disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
			if failing.Load() && op.Kind == faultdisk.Sync {
				return faultdisk.Fail
			}
			return faultdisk.None
		})
		f(w, &failing)
		w.stop()
		if err := w.disk.Release(); err != nil {
			t.Error(err)
		}
	})
}

// A refund whose answer the book could not take is asked about again as soon
// as the book is back, without a restart.
func TestRefundGoesOnWhenTheBookIsBack(t *testing.T) {
	onFailingDisk(t, func(w *world, failing *atomic.Bool) {
		w.sale(900)
		p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		r := w.do(till.RefundCreate{Payment: p.ID, Reason: "不要了"}).(ledger.Refund)
		failing.Store(true)
		time.Sleep(time.Minute)
		if v := w.snapshot(); v.Trouble == nil || v.Trouble.Code != till.FaultJournalStopped {
			t.Fatalf("trouble %v", v.Trouble)
		}
		failing.Store(false)
		time.Sleep(time.Minute)
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundDone {
			t.Fatalf("%+v", r)
		}
		w.balanced()
	})
}
