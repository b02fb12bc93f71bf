package till_test

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// On a disk whose every sync takes its time nothing is shown or printed as paid
// before the commit has returned, a face is answered at once with what stands,
// and what needs no commit is answered as soon as the one under way is through.
func TestSlowDisk(t *testing.T) {
	for _, slow := range []time.Duration{300 * time.Millisecond, time.Second, 5 * time.Second} {
		t.Run(slow.String(), func(t *testing.T) {
			inWorld(t, func(w *world) { onSlowDisk(w, slow) })
		})
	}
}

func onSlowDisk(w *world, slow time.Duration) {
	w.stop()
	w.disk = faultdisk.New(faultdisk.Options{Rand: rand.New(rand.NewPCG(1, 1))})
	defer w.disk.Release()
	w.dir = "/till"
	var syncing atomic.Int32
	var committed, early atomic.Bool // early: said to be paid before that
	w.untold = func(b ledger.Batch) bool {
		for _, d := range b.Drafts {
			if m, ok := d.Payload.(ledger.PaymentMoved); ok && m.State == ledger.PaymentPaid {
				committed.Store(true)
			}
		}
		return false
	}
	w.start()
	w.paper.then = func() { early.CompareAndSwap(false, !committed.Load()) }
	w.do(till.Login{Operator: "1001", PIN: "246810"})
	w.disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
		if op.Kind == faultdisk.Sync {
			syncing.Add(1)
			time.Sleep(slow) // fake time
			syncing.Add(-1)
		}
		return faultdisk.None
	})
	w.sale(900)
	seen := make(chan struct{})
	ctx, leave := context.WithCancel(context.Background())
	go func() {
		defer close(seen)
		for v := range w.core.Watch(ctx) {
			if v.Attempt != nil && v.Attempt.Payment.State == ledger.PaymentPaid && !committed.Load() {
				early.Store(true)
			}
		}
	}()
	p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
	stillAnswers(w, slow, &syncing)
	if p = w.wait(p.ID); p.State != ledger.PaymentPaid || !committed.Load() {
		w.t.Errorf("%+v, committed %v", p, committed.Load())
	}
	time.Sleep(time.Minute)
	leave()
	<-seen
	if early.Load() || len(w.paper.jobs) != 1 {
		w.t.Errorf("said to be paid before the commit: %v; printed %q", early.Load(), w.paper.jobs)
	}
	w.disk.Plan(nil)
	w.balanced()
	w.stop()
}

// stillAnswers asks while the disk is syncing.
func stillAnswers(w *world, slow time.Duration, syncing *atomic.Int32) {
	for syncing.Load() == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	asked := time.Now()
	w.snapshot()
	if took := time.Since(asked); took != 0 {
		w.t.Errorf("a face waited %v for what stands", took)
	}
	w.do(till.GoodsSearch{Text: "nf", Limit: 5})
	if took := time.Since(asked); took > 2*slow {
		w.t.Errorf("a search waited %v, a sync takes %v", took, slow)
	}
}
