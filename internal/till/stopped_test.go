package till_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
)

// onFailingDisk runs a test on a disk whose every sync fails as long as
// failing is set.
func onFailingDisk(t *testing.T, f func(w *world, failing *atomic.Bool)) {
	inWorld(t, func(w *world) { w.onFailingDisk(func(failing *atomic.Bool) { f(w, failing) }) })
}

func (w *world) onFailingDisk(f func(failing *atomic.Bool)) {
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
	f(&failing)
	w.stop()
	if err := w.disk.Release(); err != nil {
		w.t.Error(err)
	}
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

// What became of a receipt is told to the book as soon as it is back: else the
// cashier would be asked after the next start whether it is on paper.
func TestPrintedIsToldWhenTheBookIsBack(t *testing.T) {
	onFailingDisk(t, func(w *world, failing *atomic.Bool) {
		s := w.sale(900)
		w.do(till.SalePay{Method: "cash"})
		w.paper.then = func() { failing.Store(true) }
		job := w.do(till.ReceiptPrint{Sale: s.ID, Reason: "顾客要"}).(till.Printed).Job
		time.Sleep(time.Minute)
		failing.Store(false)
		time.Sleep(time.Minute)
		if j, err := w.books.ReceiptJob(w.t.Context(), job); err != nil || j.Result != "printed" {
			w.t.Fatalf("%+v %v", j, err)
		}
	})
}

// What comes in while the book has stopped, a payment's answer or a printer's,
// does not keep the till from trying the book again.
func TestNewsDoesNotPutTheBookOff(t *testing.T) {
	onFailingDisk(t, func(w *world, failing *atomic.Bool) {
		w.sale(900)
		failing.Store(true)
		w.refuses(till.FaultJournalStopped, till.SalePay{Method: "cash"})
		failing.Store(false)
		for range 10 {
			time.Sleep(time.Second)
			w.core.PrintResult(printer.Done{Job: "sale-20000101-0001", Outcome: printer.Failed})
		}
		if v := w.snapshot(); v.Trouble != nil {
			w.t.Fatalf("after 10 s: %v", v.Trouble)
		}
	})
}

// The first step after a restart is made although the book stops just then: an
// order code that is no longer on the screen does not wait to run out.
func TestFirstStepIsMadeWhenTheBookIsBack(t *testing.T) {
	onFailingDisk(t, func(w *world, _ *atomic.Bool) {
		var syncs, most atomic.Int64
		plan := func(op faultdisk.Op) faultdisk.Fault {
			if op.Kind == faultdisk.Sync && syncs.Add(1) > most.Load() && most.Load() > 0 {
				return faultdisk.Fail
			}
			return faultdisk.None
		}
		w.disk.Plan(plan)
		w.stop()
		syncs.Store(0)
		w.start()
		time.Sleep(time.Second)
		quiet := syncs.Load() // of a start with nothing to take up
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		w.sale(900)
		p := w.do(till.SalePay{Method: "alipay", Present: true}).(ledger.Payment)
		time.Sleep(time.Second)
		w.stop()
		syncs.Store(0)
		most.Store(quiet)
		w.start()
		time.Sleep(time.Second)
		if syncs.Load() <= quiet {
			w.t.Error("the disk did not fail")
		}
		most.Store(0)
		time.Sleep(30 * time.Second)
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		if p = w.do(till.PaymentGet{Payment: p.ID}).(ledger.Payment); p.State != ledger.PaymentReversed {
			w.t.Errorf("%s", p.State)
		}
		w.balanced()
	})
}

// A commit whose failure left everything on the disk: what the till was told is
// not there is taken up as soon as the book is back, and happens once.
func TestCommitThatFailedAndWasDone(t *testing.T) {
	untold := func(w *world, kind ledger.Kind, c till.Command) {
		w.t.Helper()
		hit := w.untoldOnce(func(d ledger.Draft) bool { return d.Kind == kind })
		w.refuses(till.FaultJournalStopped, c)
		time.Sleep(time.Minute)
		if v := w.snapshot(); v.Trouble != nil || !hit.Load() {
			w.t.Fatalf("%v, %v", hit.Load(), v.Trouble)
		}
	}
	inWorld(t, func(w *world) {
		untold(w, ledger.KindShiftOpened, till.ShiftOpen{Float: money.Fen(50000)})
		if v := w.snapshot(); v.Shift == nil || v.Shift.ID != "S000001" {
			w.t.Errorf("the shift is %+v", v.Shift)
		}
		w.refuses(till.FaultShiftOpen, till.ShiftOpen{})
		untold(w, ledger.KindSaleOpened, till.SaleAdd{Amount: money.Fen(900)})
		v := w.snapshot()
		if v.Sale == nil || len(v.Sale.Lines) != 1 {
			w.t.Fatalf("in front is %+v", v.Sale)
		}
		untold(w, ledger.KindPaymentStarted, till.SalePay{Method: "cash"})
		if s := w.do(till.SaleGet{Sale: v.Sale.ID}).(ledger.Sale); s.State != ledger.SaleDone || !slices.Contains(w.paper.jobs, "sale-"+s.ID) {
			w.t.Errorf("%s, printed %v", s.State, w.paper.jobs)
		}
		w.sale(1136)
		untold(w, ledger.KindPaymentStarted, till.SalePay{Method: "auto", Code: code(payment.WeChat)})
		s := w.snapshot().Sale
		if s.Open != "" || len(s.Payments) != 1 || !w.payment(s.Payments[0]).State.Final() {
			w.t.Errorf("%+v", s)
		}
		p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		untold(w, ledger.KindRefundStarted, till.RefundCreate{Payment: p.ID, Reason: "坏了"})
		if p = w.payment(p.ID); len(p.Refunds) != 1 || w.do(till.RefundGet{Refund: p.Refunds[0]}).(ledger.Refund).State != ledger.RefundDone {
			w.t.Errorf("%+v", p)
		}
		w.balanced()
		w.do(till.ShiftClose{Counted: money.Fen(50900)})
	})
}

// An end whose commit failed and was done is known as soon as the book is back:
// nobody is asked about it any more, and the money of a good sale stays.
func TestAnEndThatFailedAndWasDone(t *testing.T) {
	ends := func(d ledger.Draft) string {
		switch m := d.Payload.(type) {
		case ledger.PaymentMoved:
			return "payment " + string(m.State)
		case ledger.RefundMoved:
			return "refund " + string(m.State)
		}
		return ""
	}
	for _, c := range []struct {
		end  string
		mood func(payment.Op, int) mood
	}{
		{"payment paid", nil},
		{"payment declined", func(op payment.Op, _ int) mood {
			return map[bool]mood{true: declines, false: fair}[op == payment.OpCharge]
		}},
		{"refund done", nil},
	} {
		t.Run(c.end, func(t *testing.T) {
			inWorld(t, func(w *world) {
				hit := w.untoldOnce(func(d ledger.Draft) bool { return ends(d) == c.end })
				if c.mood != nil {
					w.wechat.mood = c.mood
				}
				sale := w.sale(900)
				p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
				time.Sleep(20 * time.Minute) // a refused one is watched so long
				if strings.HasPrefix(c.end, "refund") {
					w.do(till.RefundCreate{Payment: p.ID, Reason: "坏了"})
					time.Sleep(5 * time.Minute)
				}
				before := w.wechat.asked()
				time.Sleep(time.Hour)
				if p = w.payment(p.ID); !hit.Load() || w.wechat.asked() != before {
					w.t.Errorf("hit %v; asked %d times within an hour about %s", hit.Load(), w.wechat.asked()-before, p.State)
				}
				if s := w.do(till.SaleGet{Sale: sale.ID}).(ledger.Sale); c.end == "payment paid" && (s.State != ledger.SaleDone || !p.Refunded.IsZero()) {
					w.t.Errorf("the sale is %s, %v went back", s.State, p.Refunded)
				}
				w.balanced()
			})
		})
	}
}

// A book found broken beside selling stays so, also when a write of it fails
// and it can be opened again.
func TestABrokenBookStaysBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.core.Fail(t.Context(), &till.Fault{Code: till.FaultJournalBroken, Args: []any{int64(1), "", ""}})
		w.refuses(till.FaultJournalBroken, till.SaleOpen{})
		w.untold = func(ledger.Batch) bool { return true }
		_, _ = w.core.Do(t.Context(), till.Logout{})
		w.untold = nil
		time.Sleep(time.Hour)
		if v := w.snapshot(); v.Trouble == nil || v.Trouble.Code != till.FaultJournalBroken {
			t.Errorf("an hour later: %v", v.Trouble)
		}
	})
}

// A verdict that comes before the till has started is not lost, whatever becomes
// of the start.
func TestABookFoundBrokenWhileTheTillStarts(t *testing.T) {
	broken := &till.Fault{Code: till.FaultJournalBroken, Args: []any{int64(1), "", ""}}
	for _, c := range []struct {
		name string
		fail error // of the start's own entry
	}{
		{"started", nil},
		{"full", ledger.ErrDiskFull},
		{"stopped", ledger.ErrStopped},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				core := till.New(w.set, nil, nil)
				core.Between(func(ctx context.Context, b ledger.Batch) ([]ledger.Entry, error) {
					if c.fail != nil {
						return nil, c.fail
					}
					return w.books.Append(ctx, b)
				})
				ctx, end := context.WithCancel(w.t.Context())
				ended := make(chan struct{})
				go func() { defer close(ended); _ = core.Run(ctx) }()
				core.Fail(ctx, broken)
				err := core.Start(ctx, till.Parts{Books: w.books, Goods: goods.Sample()})
				if (err == nil) != (c.fail == nil) {
					w.t.Errorf("start: %v", err)
				}
				core.Fail(ctx, &till.Fault{Code: till.FaultJournalStopped, Args: []any{"start"}}) // what main says of a start that failed
				time.Sleep(time.Hour)
				watching, leave := context.WithCancel(ctx)
				if v := <-core.Watch(watching); v.Trouble == nil || v.Trouble.Code != till.FaultJournalBroken {
					w.t.Errorf("an hour later: %v", v.Trouble)
				}
				leave()
				end()
				<-ended
			})
		})
	}
}

// A disk that fails while something is read is told as everything else is,
// whoever read: faces have sentences for faults only.
func TestAFailedReadingIsAFault(t *testing.T) {
	inWorld(t, func(w *world) {
		failed := errors.New("disk I/O error (266)")
		var f *till.Fault
		if err := w.core.Inside(w.t.Context(), func() error { return failed }); !errors.As(err, &f) || f.Code != till.FaultInternal || !errors.Is(err, failed) {
			w.t.Errorf("told as %v", err)
		}
		ended, end := context.WithCancel(w.t.Context())
		if err := w.core.Inside(ended, func() error { end(); return ended.Err() }); errors.As(err, &f) || !errors.Is(err, context.Canceled) {
			w.t.Errorf("one who has gone is told %v", err)
		}
	})
}

// A disk that is full while the program starts is no reason to start it again:
// with room it sells by itself, and has taken up what was open.
func TestADiskThatIsFullAtTheStart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(payment.Op, int) mood { return lostAfter }
		w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Second)
		w.stop()
		w.wechat.mood = func(payment.Op, int) mood { return fair }
		w.full = &atomic.Bool{}
		w.full.Store(true)
		w.start()
		time.Sleep(time.Minute)
		if v := w.snapshot(); v.Ready || v.Trouble == nil || v.Trouble.Code != till.FaultDiskFull {
			w.t.Errorf("on a full disk: %+v", v.Trouble)
		}
		w.full.Store(false)
		time.Sleep(time.Minute)
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		if p = w.wait(p.ID); p.State != ledger.PaymentPaid {
			w.t.Errorf("the payment is %s", p.State)
		}
		starts := 0
		entries, err := w.books.Entries(w.t.Context(), 0, 1000)
		for _, e := range entries {
			if e.Kind == ledger.KindTillStarted {
				starts++
			}
		}
		if err != nil || starts != 2 {
			w.t.Errorf("%d starts are in the book (%v)", starts, err)
		}
		w.balanced()
	})
}

// A commit that fails under an answer nobody waits for: the screen says at once
// that the book has stopped, and not what was so before.
func TestAStopIsOnTheScreenAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(900)
		p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		w.untoldOnce(func(d ledger.Draft) bool {
			m, ok := d.Payload.(ledger.RefundMoved)
			return ok && m.State == ledger.RefundDone
		})
		w.do(till.RefundCreate{Payment: p.ID, Reason: "坏了"})
		time.Sleep(500 * time.Millisecond)
		if v := w.snapshot(); v.Trouble == nil || v.Trouble.Code != till.FaultJournalStopped {
			t.Errorf("the screen tells of %v, and of %d refunds in doubt", v.Trouble, v.RefundCount)
		}
		time.Sleep(time.Minute)
		if v := w.snapshot(); v.Trouble != nil || v.RefundCount != 0 {
			t.Errorf("afterwards: %v, %+v", v.Trouble, v.Refunds)
		}
		w.balanced()
	})
}

// A book that stops while the till takes up what was open has stopped: the till
// says so until it has looked what became of the commit, and tells of no doubt
// that the book has ended.
func TestABookThatStopsWhileItIsTakenUp(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(payment.Op, int) mood { return lostAfter }
		w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		w.stop()
		hit := w.untoldOnce(func(d ledger.Draft) bool {
			m, ok := d.Payload.(ledger.PaymentMoved)
			return ok && m.Payment == p.ID
		})
		w.start()
		if v := w.snapshot(); !hit.Load() || v.Trouble == nil || v.Trouble.Code != till.FaultJournalStopped {
			t.Errorf("told %v, and the book has stopped: %v", v.Trouble, hit.Load())
		}
		time.Sleep(time.Minute)
		if v := w.snapshot(); v.Trouble != nil {
			t.Errorf("a minute later: %v", v.Trouble)
		}
	})
}
