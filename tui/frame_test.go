package tui

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"

	"abacus/internal/doctor"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
	"abacus/tui/theme"
)

// still is a root outside any bubble, for what needs no commands to run.
func still(t testing.TB, o Options, s *till.Snapshot, size area) *Root {
	t.Helper()
	o.Core, o.Now = &fakeCore{}, morning
	if o.Environ == nil {
		o.Environ = []string{"TERM=xterm-256color"}
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Update(tea.WindowSizeMsg{Width: size.w, Height: size.h})
	r.Update(snapshotMsg{snap: s})
	return r
}

// TestDoubtOfABrokenBook: nobody has read a broken book, so nobody says that
// nothing in it is open; what was read before it was found broken is told.
func TestDoubtOfABrokenBook(t *testing.T) {
	for open, want := range map[int]string{0: "In doubt ? ", 2: "In doubt 2 "} {
		s := broken()
		s.DoubtCount = open
		lines := strings.Split(ansi.Strip(still(t, Options{Language: lang.English}, s, area{w: 80, h: 24}).View()), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, want) {
			t.Errorf("%d open: %s", open, last)
		}
	}
}

// screens opens every screen there is above the ground.
func screens(d *desk) map[string]func() {
	sales := []ledger.Sale{}
	if d.snap.Sale != nil {
		sales = append(sales, *d.snap.Sale)
	}
	p := ledger.Payment{ID: "20261121-0042-1", Channel: "wechat", State: ledger.PaymentPaid, Amount: money.Fen(1136), Detail: "SYSTEMERROR 系统\x1b[2J错误"}
	answer := func(cmd tea.Cmd, r till.Result) { // what the core would bring
		if d.busy != nil && d.busy.then != nil {
			d.busy.then(r)
			d.busy = nil
		}
	}
	all := prepaidScreens(d, answer)
	maps.Copy(all, map[string]func(){
		"ground":   func() {},
		"menu":     func() { d.openMenu() },
		"doctor":   func() { answer(d.openDoctor(), examined()) },
		"shift":    func() { d.openShiftMenu() },
		"card-pin": func() { d.askCardPIN(nil); d.stack[len(d.stack)-1].(*numberScreen).entry.text = "123456" },
		"till":     func() { d.openTillMenu() },
		"pay":      func() { d.open(newPay(d, money.Amount{})) },
		"part":     func() { d.open(newPay(d, money.Fen(500))) },
		"cash":     func() { d.open(newCash(d, money.Amount{})) },
		"discount": func() { d.openDiscount() },
		"percent":  func() { d.askPercent(1)() },
		"member":   func() { d.openMember() },
		"held":     func() { d.openHeld() },
		"doubt":    func() { d.openDoubt() },
		"help":     func() { d.openHelp() },
		"quit":     func() { d.openQuit() },
		"customer": func() { d.openCustomer() },
		"check":    func() { d.openCheck() },
		"flaws": func() {
			d.openCheck()
			d.top().(*checkScreen).judge(scanner.Heard{Text: "$690134567892", Took: 12 * 60 * time.Millisecond})
		},
		"good":     func() { d.openCheck(); d.top().update(scanMsg{text: scanner.TestCodes()[2]}, d.snap) },
		"refund":   func() { d.openRefundOf(p) },
		"reason":   func() { d.refundReason(p, p.Amount) },
		"payment":  func() { d.openPayment(&p) },
		"float":    func() { d.openShift() },
		"count":    func() { d.closeShift() },
		"sales":    func() { answer(d.openSales(), sales) },
		"payments": func() { answer(d.openPayments(), []ledger.Payment{p, p}) },
		"receipt":  func() { answer(d.openReceipt("20261121-0042"), "鼓楼店\n农夫山泉 2 × 2.00\n") },
		"X":        func() { d.showReport(report("X")) },
		"Z":        func() { d.showReport(report("Z")) },
		"confirm": func() {
			d.popUp(newConfirmPay(d, till.Scanned{Channel: payment.Alipay, Confirm: money.Fen(500000)}, "281234567890123456"))
		},
		"search": func() { d.sell.entry.text = "nf"; d.sell.asked = "nf"; d.sell.found = shelf() },
		"fault": func() {
			d.fault(&till.Fault{Code: till.FaultPaymentOpen, Args: []any{"20261121-0042-1"}})
			d.busy = nil
		},
		"no-space": func() {
			d.fault(&till.Fault{Code: till.FaultNoSpace, Args: till.Space{Free: 60 << 20, Limits: doctor.Limits{Warn: 512 << 20, Stop: 64 << 20}}.Args()})
			d.busy = nil
		},
		"find": func() { d.openFind(); d.busy = nil },
		"find-unasked": func() {
			d.openFind()
			d.fault(&till.Fault{Code: till.FaultFindUnasked, Args: []any{"wechat", "alipay"}})
			d.busy = nil
		},
		"find-elsewhere": func() {
			d.openFind()
			d.fault(&till.Fault{Code: till.FaultFoundElsewhere, Args: []any{"alipay", "B02202611210042001"}})
			d.busy = nil
		},
		"find-other-book": func() {
			d.openFind()
			d.fault(&till.Fault{Code: till.FaultFoundOtherBook, Args: []any{"alipay", "20261120_0042_01_k3f9_1"}})
			d.busy = nil
		},
		"cards":   func() { d.openCards() },
		"balance": func() { d.openBalance() },
		"holds":   func() { d.openHolds() },
		"hold":    func() { openFirstHold(d) },
		"decide":  func() { decideFirstRefund(d) },
		"owed": func() {
			if len(d.snap.Refunds) > 0 {
				d.endOwed(d.snap.Refunds[0].Refund)
			}
		},
		"working": func() { d.busy = &request{since: morning(), slow: true} },
		"slow":    func() { d.busy = &request{since: morning().Add(-time.Minute), slow: true} },
	})
	maps.Copy(all, askedScreens(d, p, answer))
	return all
}

func report(kind string) ledger.Report {
	return ledger.Report{Kind: kind, Number: 7, Store: "鼓楼店", Till: "01", Currency: money.CNY, Shift: ledger.Shift{ID: "S000012", Operator: "1001"},
		Sales: 12, Gross: money.Fen(123456), Net: money.Fen(123000), Refunds: money.Fen(456), From: 1, To: 99,
		Channels:  []ledger.Total{{Name: "wechat", Count: 3, Amount: money.Fen(100000), RefundCount: 1, Refunds: money.Fen(456)}},
		Operators: []ledger.Total{{Name: "1001", Count: 3, Amount: money.Fen(100000)}},
		Cash:      ledger.CashCount{Float: money.Fen(50000), Expected: money.Fen(60000), Counted: money.Fen(59900), Variance: money.Fen(-100)}}
}

// exact fails unless every line of the frame is as wide as the terminal, and
// there are as many lines as it has.
func exact(frame string, size area, ascii bool) error {
	wide := runewidth.Condition{EastAsianWidth: true}
	lines := strings.Split(frame, "\n")
	if len(lines) != size.h {
		return fmt.Errorf("%d lines, want %d", len(lines), size.h)
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w != size.w {
			return fmt.Errorf("line %d is %d cells wide, want %d: %q", i+1, w, size.w, ansi.Strip(line))
		}
		if w := wide.StringWidth(ansi.Strip(line)); ascii && w != size.w {
			return fmt.Errorf("line %d is %d cells wide where ambiguous characters are double: %q", i+1, w, ansi.Strip(line))
		}
	}
	return nil
}

func TestEveryFrameIsExact(t *testing.T) {
	var names []string
	for name := range screens(still(t, Options{}, selling(), area{80, 24}).desk) {
		names = append(names, name)
	}
	sizes := []area{{80, 24}, {100, 30}, {132, 43}, {81, 25}, {99, 24}, {131, 50}, {200, 60}, {79, 24}, {80, 23}, {20, 5}, {1, 1}, {3, 40}}
	rapid.Check(t, func(t *rapid.T) {
		s := drawSnapshot(t)
		size := rapid.SampledFrom(sizes).Draw(t, "size")
		o := Options{
			Language: rapid.SampledFrom([]lang.Tag{lang.Chinese, lang.English}).Draw(t, "language"),
			Theme:    rapid.SampledFrom(theme.Names()).Draw(t, "theme"),
			Borders:  rapid.SampledFrom([]string{"lines", "ascii"}).Draw(t, "borders"),
			Environ:  []string{rapid.SampledFrom([]string{"TERM=xterm-256color", "TERM=linux", "TERM=dumb", "NO_COLOR=1"}).Draw(t, "terminal"), "TERM=xterm"},
		}
		o.Core, o.Now = &fakeCore{}, morning
		r, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		r.Update(tea.WindowSizeMsg{Width: size.w, Height: size.h})
		r.Update(snapshotMsg{snap: s})
		name := rapid.SampledFrom(names).Draw(t, "screen")
		screens(r.desk)[name]()
		for _, key := range rapid.SliceOfN(rapid.SampledFrom([]string{"1", "5", ".", "*", "a", "苹", "up", "down", "pgdown", "ctrl+t", "ctrl+l"}), 0, 4).Draw(t, "keys") {
			m := keyMsg{name: key}
			if rs := []rune(key); len(rs) == 1 {
				m = keyMsg{r: rs[0]}
			}
			r.top().update(m, s)
			r.busy = nil
		}
		r.stale = true
		if err := exact(r.View(), size, o.Borders == "ascii"); err != nil {
			t.Fatalf("%s at %v: %v\n%s", name, size, err, ansi.Strip(r.View()))
		}
	})
}

// drawSnapshot is any state of the till, sensible or not.
func drawSnapshot(t *rapid.T) *till.Snapshot {
	s := rapid.SampledFrom([]func() *till.Snapshot{
		starting, broken, signedOut, idle, selling, presenting, checking, paid, paidCash, partPaid, declined,
	}).Draw(t, "state")()
	text := rapid.SampledFrom([]string{"", "x", "农夫山泉 天然饮用水 550ml×24 整箱", "Å“quoted” — tab\tesc\x1b[31m", "👨‍👩‍👧 family ①", strings.Repeat("长", 99), "\xff\xfe"})
	cents := rapid.OneOf(rapid.Int64Range(-10000, 10000), rapid.Int64Range(-money.Limit, money.Limit))
	s.Identity.Store, s.Identity.Sandbox = text.Draw(t, "store"), rapid.Bool().Draw(t, "sandbox")
	s.Unsent = rapid.IntRange(0, 1000000).Draw(t, "unsent")
	if s.Operator != nil {
		s.Operator = &till.Operator{ID: "1001", Name: text.Draw(t, "operator"), Role: till.Cashier}
	}
	if s.Sale != nil {
		for i := range rapid.IntRange(0, 60).Draw(t, "lines") {
			l := line(i+10, text.Draw(t, "name"), text.Draw(t, "english"), ledger.Quantity(rapid.Int64Range(1, 9999999).Draw(t, "quantity")), cents.Draw(t, "price"), cents.Draw(t, "amount"))
			l.Removed = rapid.Bool().Draw(t, "removed")
			s.Sale.Lines = append(s.Sale.Lines, l)
		}
		s.Sale.Total = money.Fen(cents.Draw(t, "total"))
		s.Held = []ledger.Sale{*s.Sale}
	}
	if s.Attempt != nil {
		a := *s.Attempt
		a.Payment.Reason, a.Payment.Payer = text.Draw(t, "reason"), text.Draw(t, "payer")
		a.OrderCode = rapid.SampledFrom([]string{"", "weixin://wxpay/bizpayurl?pr=abc", strings.Repeat("https://x/", 14), strings.Repeat("长", 3000)}).Draw(t, "code")
		a.Asked, a.Resumed = rapid.IntRange(0, 99).Draw(t, "asked"), rapid.Bool().Draw(t, "resumed")
		s.Attempt, s.Doubt = &a, append(s.Doubt, a, a)
		s.Refunds = []till.Refund{{Refund: ledger.Refund{ID: a.Payment.ID + "-R1", Channel: "wechat", Amount: money.Fen(100), State: ledger.RefundPending}}}
	}
	for range rapid.IntRange(0, 3).Draw(t, "notices") {
		s.Notices = append(s.Notices, till.Notice{At: morning(), Code: till.NoticePrintFailed, Args: []any{text.Draw(t, "arg")}})
	}
	if level := rapid.SampledFrom([]doctor.Level{"", doctor.Enough, doctor.Low, doctor.Full}).Draw(t, "room"); level != "" {
		s.Space = &till.Space{Free: doctor.Bytes(rapid.Int64Min(0).Draw(t, "free")), Level: level}
	}
	return s
}
