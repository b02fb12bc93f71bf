package till_test

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/faultdisk"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

const mega = 1 << 20

var limits = doctor.Limits{Warn: 512 * mega, Stop: 64 * mega}

// gauge tells a till how much is free, as the test says.
type gauge struct {
	free   atomic.Int64
	looked atomic.Int64
}

func (g *gauge) disk() *till.Disk {
	return &till.Disk{Limits: limits, Free: func() (doctor.Bytes, error) {
		g.looked.Add(1)
		return doctor.Bytes(g.free.Load()), nil
	}}
}

// watch lets a world's till look at a disk of which so much is free.
func (w *world) watch(free int64) *gauge {
	w.t.Helper()
	g := &gauge{}
	g.free.Store(free)
	w.set.Disk = g.disk()
	w.restart()
	synctest.Wait()
	return g
}

// has sets what is free and waits until the till has looked.
func (w *world) has(g *gauge, free int64, want doctor.Level) {
	w.t.Helper()
	g.free.Store(free)
	time.Sleep(61 * time.Second)
	synctest.Wait()
	if s := w.snapshot().Space; s == nil || s.Level != want || want != doctor.Enough && int64(s.Free) != free {
		w.t.Fatalf("%d MiB free: %+v, want %s", free/mega, s, want)
	}
}

// is sets an acquirer's mood while it may be at work.
func (a *acquirer) is(m func(payment.Op, int) mood) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.mood = m
}

// spaceNotes are the levels that the book was told, in order.
func (w *world) spaceNotes() []string {
	w.t.Helper()
	var levels []string
	for after := int64(0); ; {
		page := w.do(till.JournalList{After: after, Limit: 1000}).([]ledger.Entry)
		if len(page) == 0 {
			return levels
		}
		for _, e := range page {
			if text := string(e.Payload); e.Kind == ledger.KindNote && strings.Contains(text, "disk space") {
				for _, l := range []doctor.Level{doctor.Enough, doctor.Low, doctor.Full} {
					if strings.Contains(text, string(l)+",") {
						levels = append(levels, string(l))
					}
				}
			}
		}
		after = page[len(page)-1].Number
	}
}

// notices are the codes of what stands on the screen about room.
func (w *world) spaceNotices() []string {
	w.t.Helper()
	var codes []string
	for _, n := range w.snapshot().Notices {
		if strings.HasPrefix(n.Code, "space-") {
			codes = append(codes, n.Code)
		}
	}
	return codes
}

// The level goes by what is measured, every minute and, while nothing new is
// sold, every five seconds. Each change is told once, on the screen and in the
// book; around a limit it does not waver. The till sells again by itself.
func TestSpaceIsWatched(t *testing.T) {
	inWorld(t, func(w *world) {
		if w.snapshot().Space != nil {
			t.Fatal("nobody watches, and there is a figure")
		}
		g := w.watch(600 * mega)
		if s := w.snapshot().Space; s == nil || s.Level != doctor.Enough || s.Free != 600*mega || s.Limits != limits {
			t.Fatalf("after the start: %+v", s)
		}
		for _, step := range []struct {
			free   int64
			level  doctor.Level
			notice string
		}{
			{513 * mega, doctor.Enough, ""}, {511 * mega, doctor.Low, till.NoticeSpaceLow}, {570 * mega, doctor.Low, till.NoticeSpaceLow},
			{64 * mega, doctor.Low, till.NoticeSpaceLow}, {63 * mega, doctor.Full, till.NoticeSpaceFull}, {71 * mega, doctor.Full, till.NoticeSpaceFull},
			{80 * mega, doctor.Low, till.NoticeSpaceSells}, {60 * mega, doctor.Full, till.NoticeSpaceFull}, {600 * mega, doctor.Enough, till.NoticeSpaceBack},
			{600 * mega, doctor.Enough, till.NoticeSpaceBack},
		} {
			w.has(g, step.free, step.level)
			if got := strings.Join(w.spaceNotices(), " "); got != step.notice {
				t.Errorf("%d MiB free: the screen says %q, want %q", step.free/mega, got, step.notice)
			}
			if step.level == doctor.Full {
				w.refuses(till.FaultNoSpace, till.SaleOpen{})
			} else {
				w.do(till.SaleVoid{Sale: w.do(till.SaleOpen{}).(ledger.Sale).ID})
			}
		}
		if got := strings.Join(w.spaceNotes(), " "); got != "low full low full enough" {
			t.Errorf("the book was told: %s", got)
		}

		w.has(g, 10*mega, doctor.Full)
		before := g.looked.Load()
		time.Sleep(time.Minute)
		if n := g.looked.Load() - before; n < 11 || n > 13 {
			t.Errorf("looked %d times in a minute in which nothing new is sold", n)
		}
		w.restart() // and it still is so
		synctest.Wait()
		w.refuses(till.FaultNoSpace, till.SaleOpen{})
		if got := strings.Join(w.spaceNotes(), " "); got != "low full low full enough full full" {
			t.Errorf("after a restart the book was told: %s", got)
		}
		w.balanced()
	})
}

// What is open goes on when nothing new is sold: payments in doubt are settled,
// a refund under way ends, who has paid part pays the rest by any means, and the
// shift closes.
func TestFullDiskFinishesWhatHasBegun(t *testing.T) {
	inWorld(t, func(w *world) {
		w.set.ShiftRequired = true
		g := w.watch(600 * mega)
		w.do(till.ShiftOpen{Float: money.Fen(50000)})
		refunded := w.sale(700)
		w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		part := w.sale(1000)
		w.do(till.SalePay{Sale: part.ID, Method: "cash", Amount: money.Fen(400), Tendered: money.Fen(400)})
		unpaid := w.sale(300)
		w.alipay.is(func(op payment.Op, n int) mood {
			if op == payment.OpCharge && n == 1 {
				return lostAfter
			}
			return fair
		})
		doubtful := w.sale(1136)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.Alipay)}).(ledger.Payment)
		w.wechat.is(func(op payment.Op, n int) mood {
			if op == "refund" || op == "refundquery" && n < 8 {
				return lostAfter
			}
			return fair
		})
		r := w.do(till.RefundCreate{Sale: refunded.ID, Reason: "坏了"}).(ledger.Refund)
		w.has(g, 60*mega, doctor.Full)

		if p = w.wait(p.ID); p.State != ledger.PaymentPaid || w.do(till.SaleGet{Sale: doubtful.ID}).(ledger.Sale).State != ledger.SaleDone {
			t.Errorf("in doubt when the disk was full: %+v", p)
		}
		time.Sleep(10 * time.Minute)
		if r = w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundDone {
			t.Errorf("%+v", r)
		}
		w.do(till.SaleRecall{Sale: part.ID})
		w.wait(w.do(till.SalePay{Sale: part.ID, Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		if s := w.do(till.SaleGet{Sale: part.ID}).(ledger.Sale); s.State != ledger.SaleDone {
			t.Errorf("paid in part when the disk was full: %+v", s)
		}
		w.refuses(till.FaultNoSpace, till.SalePay{Sale: unpaid.ID, Method: "auto", Code: code(payment.WeChat)})
		w.do(till.SalePay{Sale: unpaid.ID, Method: "cash"})
		w.do(till.Logout{})
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		w.do(till.ReportX{})
		if z := w.do(till.ShiftClose{Counted: money.Fen(50700)}).(ledger.Report); z.Cash.Variance.Minor() != 0 {
			t.Errorf("%+v", z.Cash)
		}
		w.do(till.ShiftOpen{})
		w.refuses(till.FaultNoSpace, till.SaleAdd{Amount: money.Fen(100)})
		synctest.Wait()
		if !slices.Contains(w.paper.jobs, "sale-"+doubtful.ID) {
			t.Error("the receipt of what was in doubt was not printed")
		}
		w.balanced()
	})
}

// A request repeated with its key answers with what it did before, also when the
// disk is full: refused it would look as if nothing had been charged.
func TestFullDiskAnswersRepeats(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.watch(600 * mega)
		w.sale(1136)
		pay := till.Keyed{Key: "k-1", Command: till.SalePay{Method: "auto", Code: code(payment.WeChat)}}
		p := w.wait(w.do(pay).(ledger.Payment).ID)
		w.has(g, 60*mega, doctor.Full)
		if again := w.do(pay).(ledger.Payment); again.ID != p.ID || again.State != ledger.PaymentPaid {
			t.Errorf("%+v", again)
		}
	})
}

// A disk that fills up between two looks is looked at as soon as the book finds
// no room.
func TestNoRoomForAnEntryIsLookedAtAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		var full atomic.Bool
		g := &gauge{}
		g.free.Store(600 * mega)
		w.set.Disk = g.disk()
		w.stop()
		w.disk = faultdisk.New(faultdisk.Options{})
		w.start()
		w.do(till.Login{Operator: "1001", PIN: "246810"})
		w.disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
			if full.Load() && op.Kind == faultdisk.Write {
				return faultdisk.Full
			}
			return faultdisk.None
		})
		g.free.Store(0)
		full.Store(true)
		w.refuses(till.FaultJournalStopped, till.SaleOpen{})
		synctest.Wait()
		if s := w.snapshot().Space; s == nil || s.Level != doctor.Full {
			t.Errorf("the book found no room, and the till saw %+v", s)
		}
		full.Store(false)
		g.free.Store(600 * mega)
		time.Sleep(10 * time.Second)
		w.do(till.SaleOpen{})
		w.stop()
		if err := w.disk.Release(); err != nil {
			t.Error(err)
		}
	})
}

// A file system that does not answer, or answers with an error, holds nothing up:
// the till sells, and ends.
func TestSpaceThatCannotBeMeasured(t *testing.T) {
	inWorld(t, func(w *world) {
		never := make(chan struct{})
		defer close(never)
		for _, free := range []func() (doctor.Bytes, error){
			func() (doctor.Bytes, error) { <-never; return 0, nil },
			func() (doctor.Bytes, error) { return 0, errors.New("stale file handle") },
		} {
			w.set.Disk = &till.Disk{Free: free, Limits: limits}
			w.restart()
			time.Sleep(5 * time.Minute)
			w.sale(900)
			w.do(till.SalePay{Method: "cash"})
			if s := w.snapshot().Space; s != nil {
				t.Errorf("nothing was measured: %+v", s)
			}
		}
		w.stop()
	})
}
