package till_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/pinpad"
	"abacus/payment/prepaid"
	"abacus/scanner"
)

// tour does each command at a disk of one level.
type tour struct {
	*bankDesk
	gauge *gauge
	level doctor.Level
	free  int64
	seen  map[string]bool
	said  []string // what became of the commands that do not begin anything
}

// goesOn does a command whatever the room is.
func (c *tour) goesOn(command till.Command) till.Result {
	c.t.Helper()
	r, err := c.at(command)
	c.said = append(c.said, fmt.Sprintf("%T %v", command, err))
	var f *till.Fault
	if errors.As(err, &f) && f.Code == till.FaultNoSpace {
		c.t.Fatalf("%s: %T%+v is refused", c.level, command, command)
	}
	return r
}

// isNew does a command that begins something: refused on a full disk, done on
// any other.
func (c *tour) isNew(command till.Command) till.Result {
	c.t.Helper()
	head := c.books.Head().Number
	r, err := c.at(command)
	if c.level != doctor.Full {
		if err != nil {
			c.t.Fatalf("%s: %T%+v: %v", c.level, command, command, err)
		}
		return r
	}
	var f *till.Fault
	if !errors.As(err, &f) || f.Code != till.FaultNoSpace || len(f.Args) != 2 {
		c.t.Errorf("%s: %T%+v: %v, want the fault no-space with what is free and what must be", c.level, command, command, err)
	}
	if now := c.books.Head().Number; now > head+2 { // the levels are noted
		c.t.Errorf("%s: %T%+v is refused, and %d entries were written", c.level, command, command, now-head)
	}
	return nil
}

// at does a command at the tour's level, and has plenty of room before and
// behind it.
func (c *tour) at(command till.Command) (till.Result, error) {
	c.t.Helper()
	c.seen[reflect.TypeOf(command).Name()] = true
	c.to(c.free, c.level)
	r, err := c.core.Do(c.t.Context(), command)
	c.to(600*mega, doctor.Enough)
	return r, err
}

// to sets the level without waiting: what is under way stays where it is.
func (c *tour) to(free int64, want doctor.Level) {
	c.t.Helper()
	c.gauge.free.Store(free)
	c.core.LookAtDisk()
	synctest.Wait()
	if s := c.snapshot().Space; s == nil || s.Level != want {
		c.t.Fatalf("%d MiB free: %+v", free/mega, s)
	}
}

// empty leaves no sale in front.
func (c *tour) empty() {
	c.t.Helper()
	if s := c.snapshot().Sale; s != nil && s.State == ledger.SaleOpen {
		if len(s.Lines) == 0 {
			c.do(till.SaleVoid{Sale: s.ID})
			return
		}
		c.do(till.SaleHold{Sale: s.ID})
	}
}

// begins are the commands that begin something new.
func (c *tour) begins() {
	c.isNew(till.SaleOpen{})
	c.empty()
	c.isNew(till.SaleAdd{Amount: money.Fen(900)})
	c.empty()
	c.isNew(till.SaleScan{Text: "6901234567892"})
	c.sale(900)
	if r, _ := c.isNew(till.SaleScan{Text: code(payment.WeChat), Pay: true}).(till.Scanned); r.Payment != nil {
		c.wait(r.Payment.ID)
	}
	c.sale(150000) // one that has to be confirmed, too
	c.isNew(till.SaleScan{Text: code(payment.WeChat), Pay: true})
	c.sale(900)
	c.isNew(till.CustomerPlays{Channel: payment.WeChat})
	time.Sleep(time.Minute)
	for _, pay := range []till.SalePay{{Method: "auto", Code: code(payment.Alipay)}, {Method: "card"}} {
		c.sale(900)
		if p, ok := c.isNew(pay).(ledger.Payment); ok {
			c.wait(p.ID)
		}
	}
	c.sale(900)
	if p, ok := c.isNew(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment); ok {
		c.do(till.PaymentCancel{Payment: p.ID})
		c.wait(p.ID)
	}
	c.sale(900)
	p := c.do(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment)
	time.Sleep(time.Second)
	if c.isNew(till.PaymentSwitch{Payment: p.ID, Channel: payment.Alipay}); c.level == doctor.Full {
		if p = c.payment(p.ID); p.State != ledger.PaymentWaiting {
			c.t.Errorf("its switch is refused, and the order code is %s", p.State)
		}
	}
	time.Sleep(10 * time.Minute)
	c.empty()
	if c.isNew(till.PrepaidIssue{Number: giftCard}); c.level == doctor.Full {
		c.do(till.PrepaidIssue{Number: giftCard})
	}
	c.isNew(till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(500)})
	c.empty()
	c.do(till.SaleOpen{}) // an empty one does not help
	c.isNew(till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(500)})
	if h, ok := c.isNew(till.CardHold{Amount: money.Fen(5000)}).(till.Hold); ok {
		c.waitHold(h.ID, ledger.HoldHeld)
		c.do(till.CardRelease{Hold: h.ID, Reason: "退房"})
		c.waitHold(h.ID, ledger.HoldReleased)
	}
	c.empty()
}

// sells works on sales that are open, and ends them.
func (c *tour) sells() {
	s := c.do(till.SaleOpen{}).(ledger.Sale)
	c.goesOn(till.SaleAdd{Amount: money.Fen(1000)})
	c.goesOn(till.SaleScan{Text: "6901234567892"})
	c.goesOn(till.SaleScan{Text: code(payment.WeChat)}) // what is it?
	c.goesOn(till.SaleSetQuantity{Line: 1, Quantity: 2 * ledger.One})
	c.goesOn(till.SaleRemove{Line: 1})
	c.goesOn(till.SaleDiscount{Percent: 10, Reason: "熟客"})
	c.goesOn(till.SaleGet{Sale: s.ID})
	c.goesOn(till.SaleHold{Sale: s.ID})
	c.goesOn(till.SaleRecall{Sale: s.ID})
	c.goesOn(till.SalePay{Sale: s.ID, Method: "cash"})
	c.goesOn(till.SaleDismiss{})
	c.goesOn(till.SaleVoid{Sale: c.sale(500).ID, Reason: "不要了"})
	c.goesOn(till.SalesList{})

	part := c.sale(1000) // its customer has paid part, and may pay the rest in any way
	c.do(till.SalePay{Method: "cash", Amount: money.Fen(100), Tendered: money.Fen(100)})
	for _, pay := range []till.Command{
		till.SaleScan{Text: code(payment.WeChat), Pay: true}, till.SalePay{Method: "auto", Code: code(payment.Alipay), Amount: money.Fen(300)},
		till.SalePay{Method: "card", Amount: money.Fen(300)},
	} {
		c.wechat.is(func(payment.Op, int) mood { return declines })
		c.goesOn(pay)
		c.wechat.is(func(payment.Op, int) mood { return fair })
		time.Sleep(time.Minute)
	}
	shown := c.goesOn(till.SalePay{Method: "wechat", Present: true}).(ledger.Payment)
	time.Sleep(time.Second)
	c.goesOn(till.PaymentSwitch{Payment: shown.ID, Channel: payment.Alipay})
	time.Sleep(10 * time.Minute)
	c.do(till.SalePay{Sale: part.ID, Method: "cash"})

	c.do(till.SalePay{Sale: c.do(till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(5000)}).(ledger.Sale).ID, Method: "cash"})
	c.sale(700)
	c.goesOn(till.SalePay{Method: "prepaid", Code: giftCard}) // as certain as cash
	c.goesOn(till.PrepaidGet{Number: giftCard})
	c.goesOn(till.PrepaidList{})
	c.goesOn(till.PrepaidFreeze{Number: giftCard, Reason: "丢了"})
	c.goesOn(till.PrepaidThaw{Number: giftCard, Reason: "找到了"})
	c.goesOn(till.PrepaidPIN{Number: giftCard, Reason: "忘了"})
	c.goesOn(till.PrepaidExtend{Number: giftCard, Expires: "2100-01-01", Reason: "延期"})
	c.goesOn(till.PrepaidExpire{Number: giftCard, Reason: "过期"})
}

// settles is about payments, refunds and holds that are under way.
func (c *tour) settles() {
	c.sale(1136)
	c.fault("charge", "drop-answer")
	p := c.byCard()
	time.Sleep(time.Second)
	c.goesOn(till.PaymentGet{Payment: p.ID})
	c.goesOn(till.PaymentList{})
	c.goesOn(till.PaymentQuery{Payment: p.ID})
	c.goesOn(till.PaymentForce{Payment: p.ID, Reason: "顾客等不及"})
	c.goesOn(till.PaymentDecide{Payment: p.ID, Reason: "核对签购单"})
	c.goesOn(till.PaymentCancel{Payment: p.ID})
	c.goesOn(till.PaymentWait{Payment: p.ID, Timeout: time.Hour})
	time.Sleep(time.Hour)
	c.goesOn(till.PaymentFind{Number: p.Order})
	c.goesOn(till.Doubles{})

	s := c.sale(1000)
	p = c.wait(c.byCard().ID)
	r := c.goesOn(till.RefundCreate{Payment: p.ID, Amount: money.Fen(300), Reason: "坏了"}).(ledger.Refund)
	c.goesOn(till.RefundGet{Refund: r.ID})
	c.goesOn(till.RefundQuery{Refund: r.ID})
	c.goesOn(till.RefundList{Open: true})
	c.goesOn(till.RefundRetry{Refund: r.ID})
	c.goesOn(till.RefundGiven{Refund: r.ID, Reason: "现金退还"})
	c.goesOn(till.RefundDecide{Refund: r.ID, Reason: "核对签购单"})
	time.Sleep(time.Minute)
	c.goesOn(till.ReceiptPrint{Sale: s.ID})
	c.goesOn(till.ReceiptText{Sale: s.ID, Width: 48})

	h := c.held(50000) // its end, too, begins nothing: the money is owed
	c.goesOn(till.CardHolds{})
	c.goesOn(till.CardQuery{Hold: h.ID})
	c.goesOn(till.CardDecide{Hold: h.ID, Reason: "核对签购单"})
	c.goesOn(till.CardCancel{Hold: h.ID})
	c.wait(c.goesOn(till.CardComplete{Hold: h.ID, Amount: money.Fen(20000)}).(ledger.Payment).ID)
	c.goesOn(till.CardWait{Hold: h.ID})
	c.goesOn(till.CardReopen{Hold: h.ID, Reason: "错"})
	c.waitHold(h.ID, ledger.HoldHeld)
	c.goesOn(till.CardRelease{Hold: h.ID, Reason: "退房"})
	c.waitHold(h.ID, ledger.HoldReleased)
}

// ends is the shift and what a person looks up.
func (c *tour) ends() {
	c.goesOn(till.Hello{})
	c.goesOn(till.ShiftCash{Amount: money.Fen(1000), Reason: "零钱"})
	c.goesOn(till.DrawerOpen{Reason: "换零"})
	c.goesOn(till.ReportX{})
	if _, ok := c.goesOn(till.ShiftClose{}).(ledger.Report); !ok {
		c.t.Errorf("%s: the day could not be closed", c.level)
	}
	c.goesOn(till.ReportZ{})
	c.goesOn(till.ShiftOpen{})
	for _, command := range []till.Command{
		till.JournalSync{}, till.JournalList{}, till.GoodsSearch{Text: "nfsq"}, till.PrinterProbe{}, till.ScannerSheet{}, till.Examine{},
		till.CardSettle{}, till.CardBalance{}, till.CardTest{}, till.Logout{}, till.Login{Operator: "1001", PIN: "246810"},
	} {
		c.goesOn(command)
	}
}

// Every command at every level: on a disk that is nearly full what begins
// something new is refused, and nothing else.
func TestEveryCommandAtEveryLevel(t *testing.T) {
	seen := map[string]bool{"Keyed": true}
	var said [][]string
	for level, free := range map[doctor.Level]int64{doctor.Enough: 600 * mega, doctor.Low: 300 * mega, doctor.Full: 60 * mega} {
		deskWith(t, func(*pinpad.Config) {}, func(desk *bankDesk) {
			format := prepaid.Format{Prefix: "9800", Length: 16}
			desk.set.Prepaid = &till.Prepaid{
				Valid: format.Valid, Mask: prepaid.Mask, PINForm: prepaid.PINForm, Most: money.Fen(100000),
				Expires: func(time.Time) string { return "2099-01-01" },
			}
			desk.formats = scanner.Formats{Currency: money.CNY}
			desk.world.customer = &phone{world: desk.world}
			c := &tour{bankDesk: desk, gauge: desk.watch(600 * mega), level: level, free: free, seen: seen}
			c.do(till.ShiftOpen{Float: money.Fen(50000)})
			c.begins()
			c.sells()
			c.settles()
			c.ends()
			c.agree()
			if said = append(said, c.said); !slices.Equal(said[0], c.said) {
				t.Errorf("%s: another level has other answers:\n%q\n%q", level, said[0], c.said)
			}
		})
	}
	file, err := parser.ParseFile(token.NewFileSet(), "command.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "command" && f.Recv != nil {
			if name := f.Recv.List[0].Type.(*ast.Ident).Name; !seen[name] {
				t.Errorf("%s was not tried", name)
			}
		}
	}
}
