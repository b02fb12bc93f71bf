package till_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/pinpad"
	"abacus/payment/sandbox"
)

// bankDesk is a till with the sandbox's bank terminal on a line in memory.
type bankDesk struct {
	*world
	box    *sandbox.Sandbox
	ctx    context.Context
	ends   sync.WaitGroup
	mu     sync.Mutex
	pulled bool
	lines  []net.Conn
}

func (c *bankDesk) dial(context.Context) (io.ReadWriteCloser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pulled {
		return nil, errors.New("no such device")
	}
	ours := c.press()
	c.lines = append(c.lines, ours)
	return ours, nil
}

// press is a line to the terminal for who stands at its keys: no cable is needed.
func (c *bankDesk) press() net.Conn {
	ours, theirs := net.Pipe()
	c.ends.Go(func() { c.box.ServeTerminal(c.ctx, theirs) })
	return ours
}

// pull takes the cable out, or puts it back.
func (c *bankDesk) pull(out bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = out
	for _, l := range c.lines {
		_ = l.Close()
	}
	c.lines = nil
}

func atBankDesk(t *testing.T, f func(*bankDesk)) {
	t.Helper()
	atDesk(t, true, f)
}

func atDesk(t *testing.T, stops bool, f func(*bankDesk)) {
	t.Helper()
	deskWith(t, func(set *pinpad.Config) { set.CanAbort = stops }, f)
}

// deskWith alters the terminal's settings.
func deskWith(t *testing.T, change func(*pinpad.Config), f func(*bankDesk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := &bankDesk{box: sandbox.New(&sandbox.Setup{}, sandbox.Options{Now: time.Now}), ctx: ctx}
		line := pinpad.Config{Dial: c.dial, Name: "line", Till: "01", Now: time.Now, ListsAll: true, Random: checksFrom(0)}
		change(&line)
		terminal, err := pinpad.New(line)
		if err != nil {
			t.Fatal(err)
		}
		c.world = &world{t: t, dir: t.TempDir(), wechat: newAcquirer(payment.WeChat), alipay: newAcquirer(payment.Alipay), set: settings()}
		c.more = map[payment.Channel]payment.Provider{payment.Card: terminal.Cards(), payment.UnionPay: terminal.Codes(payment.UnionPay)}
		c.start()
		c.do(till.Login{Operator: "1001", PIN: "246810"})
		f(c)
		c.stop()
		terminal.Close()
		cancel()
		c.ends.Wait()
	})
}

func (c *bankDesk) fault(operation, fault string) {
	c.t.Helper()
	if err := c.box.AddFault(sandbox.Fault{Channel: "pinpad", Operation: operation, Fault: fault}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *bankDesk) customer(behaviour string) {
	c.t.Helper()
	if err := c.box.AddCard(sandbox.Customer{Behaviour: behaviour}); err != nil {
		c.t.Fatal(err)
	}
}

// byCard begins to take the sale in front by card.
func (c *bankDesk) byCard() ledger.Payment {
	c.t.Helper()
	return c.do(till.SalePay{Method: "card"}).(ledger.Payment)
}

// agree holds that the bank keeps what the book says.
func (c *bankDesk) agree() {
	c.t.Helper()
	entries, err := c.box.Books()
	if err != nil {
		c.t.Fatal(err)
	}
	var kept int64
	for _, e := range entries {
		kept += e.Captured - e.Refunded - e.Reversed
	}
	ours := money.Fen(0)
	for _, p := range c.do(till.PaymentList{Limit: 1000}).([]ledger.Payment) {
		if p.State == ledger.PaymentPaid && (p.Channel == "card" || p.Channel == "unionpay") {
			ours = ours.Add(p.Amount).Sub(p.Refunded)
		}
	}
	if kept != ours.Minor() {
		c.t.Errorf("the bank keeps %d, the book says %v", kept, ours)
	}
	c.balanced()
}

func TestCardOnReceiptAndInTheBook(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		methods := c.snapshot().Methods
		if !slices.ContainsFunc(methods, func(m till.Method) bool { return m.Channel == payment.Card && m.Charge }) {
			t.Errorf("cards are not on offer: %+v", methods)
		}
		s := c.sale(1136)
		p := c.wait(c.byCard().ID)
		if p.State != ledger.PaymentPaid || !strings.HasPrefix(p.Payer, "622202******") || len(p.Payer) != 16 || p.Funding != "0308" {
			t.Fatalf("%+v", p)
		}
		paper := c.do(till.ReceiptText{Sale: s.ID, Width: 48}).(string)
		for _, want := range []string{"银行卡", p.Payer, "招商银行", p.AcquirerReference} {
			if !strings.Contains(paper, want) {
				t.Errorf("%q is not on the receipt:\n%s", want, paper)
			}
		}
		c.agree()
	})
}

// The cable is pulled between request and answer; the till finds out by itself.
func TestCablePulledWhileTheCustomerPays(t *testing.T) {
	for _, out := range []time.Duration{5 * time.Second, 20 * time.Minute} {
		atBankDesk(t, func(c *bankDesk) {
			c.customer("password:30")
			s := c.sale(1136)
			p := c.byCard()
			time.Sleep(10 * time.Second)
			if v := c.snapshot(); v.Attempt.Phase != payment.Shown || v.Attempt.Payment.Reason != "present-card" || !v.Attempt.ReverseAt.IsZero() {
				t.Errorf("%+v", v.Attempt)
			}
			c.pull(true)
			time.Sleep(out)
			if v := c.snapshot(); v.Attempt.Payment.State != ledger.PaymentChecking {
				t.Errorf("with the cable out: %+v", v.Attempt)
			}
			c.refuses(till.FaultPaymentOpen, till.SalePay{Method: "cash"})
			c.pull(false)
			if p = c.wait(p.ID); p.State != ledger.PaymentPaid {
				t.Errorf("%+v", p)
			}
			if s = c.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != ledger.SaleDone {
				t.Errorf("%+v", s)
			}
			c.agree()
		})
	}
}

// The request never arrives: asked twice, then closed, and charged again.
func TestRequestLostAtTheTerminal(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.fault("charge", "drop-request")
		c.sale(1136)
		began := time.Now()
		if p := c.wait(c.byCard().ID); p.State != ledger.PaymentDeclined || time.Since(began) > time.Minute {
			t.Errorf("after %s: %+v", time.Since(began), p)
		}
		if p := c.wait(c.byCard().ID); p.State != ledger.PaymentPaid {
			t.Errorf("%+v", p)
		}
		c.agree()
	})
}

func TestTerminalNotThere(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.pull(true)
		c.sale(1136)
		if p := c.wait(c.byCard().ID); p.State != ledger.PaymentDeclined || p.Reason != "terminal-away" {
			t.Errorf("%+v", p)
		}
		for _, l := range c.snapshot().Links {
			if want := map[string]till.LinkState{"card": till.LinkDown, "network": till.LinkUp}[l.Name]; want != "" && l.State != want {
				t.Errorf("%s is %s, want %s", l.Name, l.State, want)
			}
		}
		c.do(till.SalePay{Method: "cash"})
		c.agree()
	})
}

// The cashier gives up while the customer holds the card: a terminal that can
// be asked stops; at one that cannot, the customer may still pay, and has paid.
func TestGivenUpAtTheTerminal(t *testing.T) {
	for stops, want := range map[bool]ledger.PaymentState{true: ledger.PaymentDeclined, false: ledger.PaymentPaid} {
		atDesk(t, stops, func(c *bankDesk) {
			c.customer("password:12")
			c.sale(1136)
			p := c.byCard()
			time.Sleep(2 * time.Second)
			c.do(till.PaymentCancel{Payment: p.ID})
			if p = c.wait(p.ID); p.State != want {
				t.Errorf("stops %v: %+v", stops, p)
			}
			c.agree()
		})
	}
}

// The program is cut off while the customer holds the card; the next run asks.
func TestRestartWhileTheCustomerPays(t *testing.T) {
	for behaviour, want := range map[string]ledger.PaymentState{"password:20": ledger.PaymentPaid, "decline:balance": ledger.PaymentDeclined} {
		atBankDesk(t, func(c *bankDesk) {
			c.customer(behaviour)
			c.sale(1136)
			p := c.byCard()
			time.Sleep(100 * time.Millisecond)
			c.restart()
			time.Sleep(time.Second)
			c.do(till.SaleOpen{})
			c.do(till.SaleAdd{Amount: money.Fen(1136)})
			if p = c.payment(p.ID); !p.State.Final() {
				c.refuses(till.FaultTerminalOwes, till.SalePay{Method: "card"})
			}
			if p = c.wait(p.ID); p.State != want {
				t.Errorf("%s: %+v", behaviour, p)
			}
			if next := c.wait(c.byCard().ID); next.State != ledger.PaymentPaid {
				t.Errorf("%+v", next)
			}
			c.agree()
		})
	}
}

// A manager lets the sale be charged again: not at the terminal that owes an
// answer, whose next transaction could be taken for the one in doubt.
func TestForcedPastTheTerminal(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.fault("charge", "drop-answer")
		c.sale(1136)
		p := c.byCard()
		time.Sleep(time.Second)
		c.pull(true)
		time.Sleep(5 * time.Second)
		c.do(till.PaymentForce{Payment: p.ID, Reason: "顾客等不及"})
		c.refuses(till.FaultTerminalOwes, till.SalePay{Method: "card"})
		c.refuses(till.FaultTerminalOwes, till.CardSettle{}) // a settled batch could not tell any more
		c.do(till.SalePay{Method: "cash"})
		c.pull(false)
		if p = c.wait(p.ID); p.State != ledger.PaymentPaid {
			t.Errorf("%+v", p)
		}
		time.Sleep(time.Minute)
		if p = c.payment(p.ID); !p.Refunded.Equal(p.Amount) {
			t.Errorf("paid twice and not given back: %+v", p)
		}
		c.agree()
		if s := c.do(till.CardSettle{}).(ledger.CardsSettled); !s.Agrees {
			t.Errorf("%+v", s)
		}
	})
}

func TestRefundsAtTheTerminal(t *testing.T) {
	for _, fault := range []string{"", "drop-request", "drop-answer", "cut:5000", "late-success"} {
		atBankDesk(t, func(c *bankDesk) {
			c.sale(1000)
			p := c.wait(c.byCard().ID)
			if fault != "" {
				c.fault("refund", fault)
				c.fault("reverse", fault)
			}
			part := c.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(300), Reason: "坏了"}).(ledger.Refund)
			time.Sleep(10 * time.Minute)
			if part = c.do(till.RefundGet{Refund: part.ID}).(ledger.Refund); part.State != ledger.RefundDone || part.Mark == "" {
				t.Errorf("%s: %+v", fault, part)
			}
			c.sale(800)
			p = c.wait(c.byCard().ID)
			whole := c.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
			c.restart()
			time.Sleep(10 * time.Minute)
			if whole = c.do(till.RefundGet{Refund: whole.ID}).(ledger.Refund); whole.State != ledger.RefundDone {
				t.Errorf("%s: %+v", fault, whole)
			}
			c.agree()
		})
	}
}

// A refund that was lost on its way, or is only late, does not leave once more
// before the terminal must have it: it would be done twice.
func TestRefundAtTheTerminalIsNotRepeatedAtOnce(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(800)
		p := c.wait(c.byCard().ID)
		c.fault("reverse", "drop-request")
		r := c.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
		time.Sleep(500 * time.Millisecond)
		c.restart()
		time.Sleep(14 * time.Second)
		if r = c.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundChecking || r.Reason != string(payment.NotFound) {
			t.Errorf("the terminal was asked and did not know: %+v", r)
		}
		time.Sleep(time.Minute)
		if r = c.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundDone {
			t.Errorf("%+v", r)
		}
		c.agree()
	})
}

// Two refunds of one amount at once: what the terminal has done for the one is
// not taken for the other, whose request is lost.
func TestTwoRefundsAtTheTerminal(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		var paid [2]ledger.Payment
		for i := range paid {
			c.sale(800)
			paid[i] = c.wait(c.byCard().ID)
		}
		c.fault("query", "delay:1000") // the second is asked for before the first has left
		c.fault("reverse", "drop-request")
		for _, p := range paid {
			c.do(till.RefundCreate{Payment: p.ID, Reason: "退货"})
		}
		time.Sleep(10 * time.Minute)
		for _, p := range paid {
			if p = c.payment(p.ID); !p.Refunded.Equal(p.Amount) {
				t.Errorf("%+v", p)
			}
		}
		c.agree()
	})
}

// A refund that waits for its turn waits over a restart too: what the terminal
// owes is read from the book before anything leaves for it, or the refund's
// transaction would be taken for the charge, as both are of one amount.
func TestARefundWaitsForWhatTheLastRunLeft(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(800)
		first := c.wait(c.byCard().ID)
		c.sale(800)
		c.customer("never")
		second := c.byCard()
		time.Sleep(time.Second)
		c.do(till.PaymentForce{Payment: second.ID, Reason: "顾客急"}) // or the start would take it up at once, with its sale
		c.do(till.SalePay{Method: "cash"})
		c.do(till.RefundCreate{Payment: first.ID, Reason: "退货"})
		c.stop()
		time.Sleep(65 * time.Second) // the terminal gives up
		line, err := pinpad.New(pinpad.Config{Dial: c.dial, Name: "line", Till: "01", Now: time.Now, ListsAll: true, Random: checksFrom(100)})
		if err != nil {
			t.Fatal(err)
		}
		defer line.Close()
		c.more[payment.Card] = line.Cards() // a line of another program, quiet, and answered at once
		c.start()
		c.do(till.Login{Operator: "1001", PIN: "246810"})
		time.Sleep(10 * time.Minute)
		if second = c.payment(second.ID); second.State != ledger.PaymentDeclined {
			t.Errorf("%+v", second)
		}
		if first = c.payment(first.ID); !first.Refunded.Equal(first.Amount) {
			t.Errorf("%+v", first)
		}
		c.agree()
	})
}

// The book cannot take down where the terminal stands before a refund: it is
// asked again once the book is back, and nothing has left meanwhile.
func TestRefundPreparedWhileTheBookStops(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.onFailingDisk(func(failing *atomic.Bool) {
			c.sale(1000)
			p := c.wait(c.byCard().ID)
			c.fault("query", "delay:1000")
			r := c.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
			failing.Store(true)
			time.Sleep(10 * time.Second)
			if v := c.snapshot(); v.Trouble == nil {
				t.Error("the book still works")
			}
			failing.Store(false)
			time.Sleep(10 * time.Minute)
			if r = c.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundDone {
				t.Errorf("%+v", r)
			}
			c.agree()
		})
	})
}

// A pay code goes through the terminal where its channel has no acquirer.
func TestPayCodeAtTheTerminal(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(500)
		p := c.do(till.SalePay{Method: "auto", Code: "6212345678901234567"}).(ledger.Payment)
		if p = c.wait(p.ID); p.State != ledger.PaymentDeclined || p.Reason != "code-invalid" || p.Channel != "unionpay" {
			t.Errorf("%+v", p)
		}
		c.agree()
	})
}

// A balance inquiry is a transaction too: none leaves for a terminal that owes an
// end, where it would stand behind the one in doubt and keep the line from it.
func TestNoBalanceWhileTheTerminalOwes(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(500)
		c.fault("charge", "cut:60000")
		p := c.byCard()
		time.Sleep(time.Second)
		c.refuses(till.FaultTerminalOwes, till.CardBalance{})
		if p = c.wait(p.ID); p.State != ledger.PaymentPaid {
			t.Errorf("%+v", p)
		}
		if m := c.do(till.CardBalance{}).(till.CardMoney); !m.Amount.Positive() {
			t.Errorf("%+v", m)
		}
	})
}

// The bank is silent, and the terminal lists a payment whose end it does not know
// itself. It is found out by itself when the terminal finds out.
func TestTheTerminalFindsOutLater(t *testing.T) {
	for behaviour, want := range map[string]ledger.PaymentState{"unsure:50": ledger.PaymentPaid, "unsure:50:gone": ledger.PaymentDeclined} {
		atBankDesk(t, func(c *bankDesk) {
			c.sale(1000)
			c.wait(c.byCard().ID) // or the first of its batch would be a person's
			c.customer(behaviour)
			c.sale(1136)
			p := c.byCard()
			time.Sleep(30 * time.Second)
			if p = c.payment(p.ID); p.State != ledger.PaymentChecking || p.Reason != string(payment.TerminalUnsure) {
				t.Errorf("%s: %+v", behaviour, p)
			}
			time.Sleep(2 * time.Minute)
			if p = c.payment(p.ID); p.State != want {
				t.Errorf("%s: %+v", behaviour, p)
			}
			c.agree()
		})
	}
}

// Forced past, it keeps the terminal: the next payment there would make it go,
// and be taken for it. Once a manager has read the slip, the terminal is free.
func TestForcedPastWhatTheTerminalIsNotSureOf(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(1000)
		c.wait(c.byCard().ID)
		c.customer("unsure:3600")
		s := c.sale(1136)
		p := c.byCard()
		time.Sleep(10 * time.Second)
		c.do(till.PaymentForce{Payment: p.ID, Reason: "顾客等不及"})
		c.refuses(till.FaultTerminalOwes, till.SalePay{Method: "card"})
		c.do(till.PaymentDecide{Payment: p.ID, Reason: "没有签购单"})
		again := c.wait(c.byCard().ID)
		time.Sleep(time.Hour)
		if p = c.payment(p.ID); p.State != ledger.PaymentDeclined || again.State != ledger.PaymentPaid {
			t.Errorf("%+v, then %+v", p, again)
		}
		if s = c.do(till.SaleGet{Sale: s.ID}).(ledger.Sale); s.State != ledger.SaleDone || s.Surplus().Positive() {
			t.Errorf("%+v", s)
		}
		c.agree()
	})
}

// checksFrom draws the check digits of a terminal's first request, so that those of
// the till and of somebody at its keys never fit by chance.
type checksFrom uint8

// Read implements io.Reader.
func (b checksFrom) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}
