package till_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/pinpad"
	"abacus/payment/prepaid"
	"abacus/scanner"
)

// keyless are the commands that a key does nothing for: they read, or what they
// do is not in the book, or doing it again is what is wanted.
var keyless = []string{
	"Keyed", "Hello", "SaleGet", "PaymentGet", "PaymentWait", "PaymentList", "PaymentFind", "PrepaidGet", "PrepaidList", "Doubles",
	"RefundGet", "RefundQuery", "RefundList", "ReceiptText", "CardBalance", "CardTest", "CardWait", "CardHolds", "ReportX", "ReportZ", "JournalList", "GoodsSearch",
	"SalesList", "Examine", // read
	"SaleDismiss", "PrinterProbe", "ScannerSheet", "CustomerPlays", // the screen, test papers, the sandbox
	"Login", "Logout", // somebody else may have come meanwhile
	"PaymentQuery", "CardQuery", "JournalSync", "CardSettle", // ask once more
}

// twice is a desk whose commands are all repeated.
type twice struct {
	*bankDesk
	done    map[string]bool // the kinds of commands
	repeats []func()
}

// once does a command under a key, and repeats it now and, with the others, at
// the end: the book must not move, and the same thing is answered.
func (c *twice) once(command till.Command) till.Result {
	c.t.Helper()
	c.done[reflect.TypeOf(command).Name()] = true
	keyed := till.Keyed{Key: fmt.Sprintf("key-%d", len(c.repeats)), Command: command}
	first := c.do(keyed)
	repeat := func() {
		synctest.Wait()
		before := c.books.Head()
		again := c.do(keyed)
		synctest.Wait()
		if after := c.books.Head(); after != before {
			c.t.Errorf("%T done again: the journal grew from %d to %d", command, before.Number, after.Number)
		}
		if first, again := named(first), named(again); first != again {
			c.t.Errorf("%T answers with %s, and then with %s", command, first, again)
		}
	}
	repeat()
	c.repeats = append(c.repeats, repeat)
	return first
}

// named is what a result is of.
func named(r till.Result) string {
	name := ""
	switch r := r.(type) {
	case ledger.Shift:
		name = r.ID
	case ledger.Report:
		name = fmt.Sprint(r.Number)
	case ledger.Sale:
		name = r.ID
	case ledger.Payment:
		name = r.ID
	case ledger.Refund:
		name = r.ID
	case till.Hold:
		name = r.ID
	case till.PrepaidCard:
		name = r.ID
	case till.Printed:
		name = r.Job
	case till.Scanned:
		name = fmt.Sprintf("%s %s %s line %d", r.Kind, r.Channel, r.Mask, r.Line)
		if r.Sale != nil {
			name += " " + r.Sale.ID
		}
		if r.Payment != nil {
			name += " " + r.Payment.ID
		}
	}
	return fmt.Sprintf("%T %s", r, name)
}

// wholeDay uses every command that changes something.
func (c *twice) wholeDay() {
	c.once(till.ShiftOpen{Float: money.Fen(50000)})
	c.once(till.ShiftCash{Amount: money.Fen(1000), Reason: "零钱"})
	c.once(till.DrawerOpen{Reason: "换零"})

	s := c.once(till.SaleOpen{Reference: "web-1"}).(ledger.Sale)
	c.once(till.SaleAdd{Sale: s.ID, Amount: money.Fen(1000)})
	c.once(till.SaleSetQuantity{Sale: s.ID, Line: 1, Quantity: 3 * ledger.One})
	c.once(till.SaleScan{Sale: s.ID, Text: "6901234567892"})
	c.once(till.SaleScan{Sale: s.ID, Text: "6901234567892"})
	c.once(till.SaleDiscount{Sale: s.ID, Percent: 10, Reason: "熟客"})
	c.once(till.SaleRemove{Sale: s.ID, Line: 2})
	c.once(till.SaleHold{Sale: s.ID})
	c.once(till.SaleRecall{Sale: s.ID})
	paid := c.once(till.SalePay{Sale: s.ID, Method: "cash"}).(ledger.Payment)
	c.once(till.ReceiptPrint{Sale: s.ID})
	c.once(till.RefundCreate{Payment: paid.ID, Amount: money.Fen(100), Reason: "坏了"})
	c.once(till.SaleVoid{Sale: c.sale(500).ID, Reason: "不要了"})

	c.sale(500)
	scanned := c.once(till.SaleScan{Text: code(payment.WeChat), Pay: true}).(till.Scanned)
	c.wait(scanned.Payment.ID)
	c.sale(600)
	shown := c.once(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment)
	time.Sleep(time.Second)
	c.once(till.PaymentSwitch{Payment: shown.ID, Channel: payment.Alipay})
	time.Sleep(time.Minute)
	c.once(till.PaymentCancel{Payment: c.snapshot().Attempt.Payment.ID})
	time.Sleep(time.Minute)

	card := till.PrepaidIssue{Number: giftCard}
	c.once(card)
	c.do(till.SaleHold{})
	top := c.once(till.PrepaidTopUp{Number: card.Number, Amount: money.Fen(5000)}).(ledger.Sale)
	c.do(till.SalePay{Sale: top.ID, Method: "cash"})
	c.once(till.PrepaidFreeze{Number: card.Number, Reason: "丢了"})
	c.once(till.PrepaidThaw{Number: card.Number, Reason: "找到了"})
	c.once(till.PrepaidPIN{Number: card.Number, Reason: "忘了"})
	c.once(till.PrepaidExtend{Number: card.Number, Expires: "2000-03-01", Reason: "延期"})
}

// atTheTerminal is what a bank terminal's payments and holds have of their own.
func (c *twice) atTheTerminal() {
	h := c.once(till.CardHold{Amount: money.Fen(50000)}).(till.Hold)
	c.waitHold(h.ID, ledger.HoldHeld)
	c.wait(c.once(till.CardComplete{Hold: h.ID, Amount: money.Fen(20000)}).(ledger.Payment).ID)
	c.once(till.CardReopen{Hold: h.ID, Reason: "错"})
	c.waitHold(h.ID, ledger.HoldHeld)
	c.once(till.ReceiptPrint{Hold: h.ID})
	c.once(till.CardRelease{Hold: h.ID, Reason: "退房"})
	c.waitHold(h.ID, ledger.HoldReleased)
	c.customer("password:90")
	h = c.do(till.CardHold{Amount: money.Fen(700)}).(till.Hold)
	time.Sleep(5 * time.Second)
	c.once(till.CardCancel{Hold: h.ID})
	c.do(till.CardWait{Hold: h.ID, Timeout: time.Hour})

	slip := payment.Slip{Trace: "000101", Reference: "900000000101", Auth: "123456"}
	c.sale(1136)
	c.fault("charge", "drop-answer")
	p := c.byCard()
	time.Sleep(time.Second)
	c.once(till.PaymentForce{Payment: p.ID, Reason: "顾客等不及"})
	c.byHand(1136)
	time.Sleep(5 * time.Minute)
	c.once(till.PaymentDecide{Payment: p.ID, Done: true, Slip: slip, Reason: "核对签购单"})
	c.fault("charge", "drop-answer")
	h = c.do(till.CardHold{Amount: money.Fen(800)}).(till.Hold)
	time.Sleep(time.Second)
	c.byHand(800)
	time.Sleep(5 * time.Minute)
	slip.Reference = "900000000102" // the other is the payment's
	c.once(till.CardDecide{Hold: h.ID, Done: true, Slip: slip, Reason: "核对签购单"})

	c.sale(1000)
	p = c.wait(c.byCard().ID)
	c.fault("refund", "drop-answer")
	r := c.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(300), Reason: "坏了"}).(ledger.Refund)
	time.Sleep(10 * time.Minute)
	c.once(till.RefundDecide{Refund: r.ID, Done: true, Slip: slip, Reason: "核对签购单"})
}

func TestEveryCommandIsDoneOncePerKey(t *testing.T) {
	done := map[string]bool{}
	for _, listsAll := range []bool{true, false} {
		deskWith(t, func(set *pinpad.Config) { set.ListsAll = listsAll }, func(desk *bankDesk) {
			c := &twice{bankDesk: desk, done: done}
			format := prepaid.Format{Prefix: "9800", Length: 16}
			c.set.Prepaid = &till.Prepaid{
				Valid: format.Valid, Mask: prepaid.Mask, PINForm: prepaid.PINForm, Most: money.Fen(100000),
				Expires: func(time.Time) string { return "2000-02-01" },
			}
			c.formats = scanner.Formats{Currency: money.CNY}
			c.restart()
			if listsAll {
				c.wholeDay()
				c.once(till.ShiftClose{Counted: money.Fen(55000)})
				c.once(till.ReceiptPrint{Z: 1})
				time.Sleep(70 * 24 * time.Hour)
				c.once(till.PrepaidExpire{Number: giftCard, Reason: "过期"})
				c.once(till.ShiftOpen{})
				_, r := refusedLate(c.world)
				c.once(till.RefundRetry{Refund: r.ID})
				_, r = refusedLate(c.world)
				c.once(till.RefundGiven{Refund: r.ID, Reason: "现金退还"})
			} else {
				c.atTheTerminal()
			}
			c.restart()
			for _, repeat := range c.repeats {
				repeat()
			}
		})
	}
	file, err := parser.ParseFile(token.NewFileSet(), "command.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "command" || f.Recv == nil {
			continue
		}
		if name := f.Recv.List[0].Type.(*ast.Ident).Name; done[name] == slices.Contains(keyless, name) {
			t.Errorf("%s: done twice is %v here, and it counts as one a key does nothing for", name, done[name])
		}
	}
}
