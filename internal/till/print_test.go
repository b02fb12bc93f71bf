package till_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/printer"
)

// Of what a killed run left, the receipt that had begun is told as unknown and
// never printed again by itself; the other is printed, once. So is a Z.
func TestPrintingGoesOnAfterARestart(t *testing.T) {
	w := newWorld(t)
	w.mutePaper = true
	w.restart()
	sell := func() string {
		w.do(till.SaleAdd{Amount: money.Fen(1136)})
		return w.do(till.SalePay{Method: "cash"}).(ledger.Payment).Sale
	}
	w.do(till.ShiftOpen{})
	begun, waiting := sell(), sell()
	if err := w.core.PrintBegins(t.Context(), "sale-"+begun); err != nil {
		t.Fatal(err)
	}
	if err := w.core.PrintBegins(t.Context(), "sale-"+begun); err == nil {
		t.Error("a receipt may be sent twice")
	}
	z := w.do(till.ShiftClose{}).(ledger.Report)
	w.restart()
	if want := []string{"sale-" + waiting, "z-1"}; !slices.Equal(w.paper.jobs, want) {
		t.Errorf("printed after the restart: %q, want %q", w.paper.jobs, want)
	}
	told := func(n till.Notice) bool { return n.Code == till.NoticePrintUnknown && n.Args[0] == begun }
	if !slices.ContainsFunc(w.snapshot().Notices, told) {
		t.Errorf("nobody is told of %s: %v", begun, w.snapshot().Notices)
	}
	for n := 1; n <= 2; n++ {
		if r := w.do(till.ReceiptPrint{Z: -1}).(till.Printed); r.Copy != n {
			t.Errorf("copy %d of Z %d, want %d", r.Copy, z.Number, n)
		}
	}
}

// What the printer says of itself stands on the lamp and in one notice, and
// both go when it has been seen to.
func TestThePrinterSaysHowItIs(t *testing.T) {
	w := newWorld(t)
	tell := func(s printer.Status) (till.Link, int) {
		w.core.PrinterStatus(s)
		w.do(till.Hello{}) // comes after it
		v, about := w.snapshot(), 0
		for _, n := range v.Notices {
			if n.Code == "printer-"+string(s.Condition()) {
				about++
			}
		}
		return v.Links[slices.IndexFunc(v.Links, func(l till.Link) bool { return l.Name == "printer" })], about
	}
	for range 2 {
		if l, about := tell(printer.Status{PaperOut: true, Offline: true}); l.State != till.LinkDown || l.Cause != "paper-out" || about != 1 {
			t.Errorf("no paper: %+v, %d notices", l, about)
		}
	}
	if l, about := tell(printer.Status{PaperLow: true}); l.State != till.LinkUp || l.Cause != "paper-low" || about != 1 {
		t.Errorf("paper low: %+v, %d notices", l, about)
	}
	if l, _ := tell(printer.Status{}); l.State != till.LinkUp || l.Cause != "" || len(w.snapshot().Notices) != 0 {
		t.Errorf("ready: %+v, %v", l, w.snapshot().Notices)
	}
}

// slowPaper takes a second for each receipt.
type slowPaper struct{}

func (slowPaper) Send(ctx context.Context, job printer.Job) error {
	if err := job.Begins(ctx); err != nil {
		return err
	}
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// The sale's answer does not wait for the printer, however slow it is.
func TestASaleDoesNotWaitForItsReceipt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		start := time.Now()
		spooler := printer.NewSpooler(t.Context(), printer.Options{Sink: slowPaper{}, Begin: w.core.PrintBegins, Report: w.core.PrintResult})
		w.paper.to = spooler
		w.do(till.SaleAdd{Amount: money.Fen(1136)})
		w.do(till.SalePay{Method: "cash"})
		if took := time.Since(start); took >= time.Second {
			t.Errorf("took %v", took)
		}
		spooler.Close(t.Context())
	})
}

// BenchmarkSaleBesidePrinting measures a sale in cash, from its one line to the
// answer that it is paid, beside a printer that has the receipt before to work
// off; the limit, taken in turn in the same run, is the same without a printer.
func BenchmarkSaleBesidePrinting(b *testing.B) {
	without, with := cashSales(b, false), cashSales(b, true)
	var took, limit []time.Duration
	for b.Loop() {
		limit = append(limit, without())
		took = append(took, with())
	}
	slices.Sort(took)
	slices.Sort(limit)
	mid := len(took) / 2
	b.ReportMetric(float64(took[mid].Microseconds()), "p50-µs")
	b.ReportMetric(float64(limit[mid].Microseconds()), "limit-p50-µs")
	b.ReportMetric(float64(took[mid])/float64(limit[mid]), "ratio")
}

// cashSales makes a till, and gives what one sale of it takes.
func cashSales(b *testing.B, prints bool) func() time.Duration {
	b.Helper()
	core := till.New(settings(), time.Now, nil)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = core.Run(ctx) }()
	books := openBooks(b, b.TempDir())
	b.Cleanup(func() { stop(); <-ended; _ = books.Close() })
	parts := till.Parts{Books: books, Goods: goods.Sample()}
	if prints {
		width, err := printer.PaperOf(80)
		if err != nil {
			b.Fatal(err)
		}
		spooler := printer.NewSpooler(ctx, printer.Options{
			Sink: printer.File{Path: filepath.Join(b.TempDir(), "paper")}, Begin: core.PrintBegins, Report: core.PrintResult,
		})
		parts.Paper = &till.Paper{Spooler: spooler, Width: width, Texts: &lang.Must(lang.Chinese).Paper, Copies: 1}
	}
	if err := core.Start(ctx, parts); err != nil {
		b.Fatal(err)
	}
	do := func(c till.Command) {
		if _, err := core.Do(ctx, c); err != nil {
			b.Fatal(err)
		}
	}
	do(till.Login{Operator: "1001", PIN: "246810"})
	return func() time.Duration {
		start := time.Now()
		do(till.SaleAdd{Amount: money.Fen(1136)})
		do(till.SalePay{Method: "cash"})
		return time.Since(start)
	}
}

// stuckDrawer prints receipts and does not reach the drawer.
type stuckDrawer struct{ kicks []string }

func (s *stuckDrawer) Send(ctx context.Context, job printer.Job) error {
	if strings.HasPrefix(job.ID, "drawer-") {
		s.kicks = append(s.kicks, job.ID)
		return printer.ErrNotSent
	}
	return job.Begins(ctx)
}

// A drawer that does not open is told, and not tried again by itself: it would
// open with nobody there. The book has it opened once, as often as the command
// comes, and so has the drawer.
func TestADrawerThatDoesNotOpenIsTold(t *testing.T) {
	for name, command := range map[string]func(w *world) till.Command{
		"by hand": func(*world) till.Command { return till.DrawerOpen{Reason: "换零"} },
		"by cash": func(w *world) till.Command {
			return till.SalePay{Sale: w.sale(1136).ID, Method: "cash"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, drawer := newWorld(t), &stuckDrawer{}
				spooler := printer.NewSpooler(t.Context(), printer.Options{Sink: drawer, Begin: w.core.PrintBegins, Report: w.core.PrintResult})
				w.paper.to = spooler
				opens := till.Keyed{Key: "once", Command: command(w)}
				w.do(opens)
				w.do(opens)
				time.Sleep(time.Minute)
				spooler.Close(t.Context())
				synctest.Wait()
				told, opened := 0, 0
				for _, n := range w.snapshot().Notices {
					if n.Code == till.NoticeDrawerStuck {
						told++
					}
				}
				for _, e := range w.do(till.JournalList{Limit: 1000}).([]ledger.Entry) {
					if e.Kind == ledger.KindDrawerOpened {
						opened++
					}
				}
				if told != 1 || opened != 1 || len(drawer.kicks) != 1 {
					t.Errorf("told %d times, opened %d times in the book, kicks %q; want one of each", told, opened, drawer.kicks)
				}
			})
		})
	}
}

// A refund's slip that did not print is not its sale's receipt, which has.
func TestAnUnprintedRefundSlipIsToldAsSuch(t *testing.T) {
	for _, outcome := range []printer.Outcome{printer.Failed, printer.Unknown} {
		inWorld(t, func(w *world) {
			s := w.sale(900)
			p := w.do(till.SalePay{Method: "cash"}).(ledger.Payment)
			synctest.Wait() // the receipt is printed
			w.paper.mu.Lock()
			w.paper.mute = true
			w.paper.mu.Unlock()
			r := w.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
			w.core.PrintResult(printer.Done{Job: "refund-" + r.ID, Outcome: outcome})
			synctest.Wait()
			v := w.snapshot()
			if len(v.Notices) != 1 || v.Notices[0].Code != till.NoticeRefundUnprinted || v.Notices[0].Args[0] != r.ID {
				w.t.Errorf("told: %+v", v.Notices)
			}
			if v.Sale.ID != s.ID || v.Printing != "printed" {
				w.t.Errorf("the receipt of %s is %s", v.Sale.ID, v.Printing)
			}
		})
	}
}
