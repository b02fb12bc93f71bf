package tui

import (
	"context"
	"fmt"
	"sync"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// fakeCore remembers the commands it was sent and answers as the test says.
type fakeCore struct {
	mu       sync.Mutex
	asked    []till.Command
	answer   func(till.Command) (till.Result, error)
	watchers []chan *till.Snapshot
	latest   *till.Snapshot
}

func (c *fakeCore) Do(ctx context.Context, command till.Command) (till.Result, error) {
	c.mu.Lock()
	c.asked = append(c.asked, command)
	answer := c.answer
	c.mu.Unlock()
	if answer == nil {
		return nil, nil
	}
	return answer(command)
}

func (c *fakeCore) Watch(context.Context) <-chan *till.Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := make(chan *till.Snapshot, 1)
	if c.latest != nil {
		w <- c.latest
	}
	c.watchers = append(c.watchers, w)
	return w
}

// show sends a snapshot to every watcher, the latest wins.
func (c *fakeCore) show(s *till.Snapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.latest = s
	for _, w := range c.watchers {
		select {
		case <-w:
		default:
		}
		w <- s
	}
}

// took returns the commands since the last call.
func (c *fakeCore) took() []till.Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = nil
	return asked
}

// morning is when every test begins.
func morning() time.Time { return time.Date(2026, 11, 21, 14, 32, 0, 0, time.UTC) }

// snapshots of a day, as the core would send them.

func starting() *till.Snapshot {
	return &till.Snapshot{Version: 1, Identity: till.Identity{Store: "鼓楼店", Till: "01", Currency: money.CNY, Sandbox: true}}
}

func signedOut() *till.Snapshot {
	s := starting()
	s.Version, s.Ready = 2, true
	s.SignIn = []till.SignIn{
		{Operator: till.Operator{ID: "1001", Name: "王芳", Role: till.Manager}, PIN: "246810"},
		{Operator: till.Operator{ID: "1002", Name: "李雷", Role: till.Cashier}, PIN: "135790"},
	}
	s.Links = []till.Link{
		{Name: "network", State: till.LinkUp}, {Name: "wechat", State: till.LinkUp}, {Name: "alipay", State: till.LinkDown},
		{Name: "card", State: till.LinkOff}, {Name: "printer", State: till.LinkUp}, {Name: "scanner", State: till.LinkUp},
	}
	return s
}

// ownPINs is a till on somebody else's sandbox: the PINs are the shop's.
func ownPINs() *till.Snapshot {
	s := signedOut()
	for i := range s.SignIn {
		s.SignIn[i].PIN = ""
	}
	return s
}

func idle() *till.Snapshot {
	s := signedOut()
	s.Version = 3
	s.Operator = &s.SignIn[0].Operator
	s.Shift = &ledger.Shift{ID: "S000012", Number: 12, Operator: "1001"}
	s.Methods = []till.Method{
		{Channel: payment.WeChat, Charge: true, Present: true},
		{Channel: payment.Alipay, Charge: true, Present: true, Plans: []int{3, 6, 12}},
		{Channel: payment.Cash, Charge: true},
	}
	s.Today = till.Day{Date: "2026-11-21", Sales: 1204, Gross: money.Fen(4128650), Refunds: money.Fen(31200), ByChannel: []ledger.Total{
		{Name: "wechat", Count: 702, Amount: money.Fen(1820420)}, {Name: "alipay", Count: 402, Amount: money.Fen(1387080)},
		{Name: "cash", Count: 100, Amount: money.Fen(921150)},
	}}
	return s
}

func line(no int, name, en string, q ledger.Quantity, price, amount int64) ledger.Line {
	return ledger.Line{No: no, Code: fmt.Sprintf("69%011d", no), Name: name, NameEn: en, Quantity: q,
		Price: money.Fen(price), Amount: money.Fen(amount), Weighed: q%ledger.One != 0}
}

func selling() *till.Snapshot {
	s := idle()
	s.Version = 4
	noodles := line(3, "康师傅红烧牛肉面", "Master Kong beef noodles", 1000, 450, 450)
	noodles.Discount, noodles.Reason = money.Fen(225), "第二件半价"
	s.Sale = &ledger.Sale{ID: "20261121-0042", State: ledger.SaleOpen, Currency: money.CNY, OpenedAt: morning(), Lines: []ledger.Line{
		line(1, "农夫山泉 550ml", "Nongfu Spring 550ml", 2000, 200, 400), line(2, "散装苹果", "Apples, loose", 512, 998, 511), noodles,
	}, Total: money.Fen(1136)}
	return s
}

func attempt(state ledger.PaymentState, phase payment.Phase, present bool) *till.Attempt {
	at := morning()
	a := &till.Attempt{Payment: ledger.Payment{
		ID: "20261121-0042-1", Sale: "20261121-0042", Order: "A01202611210042001", Channel: "alipay",
		Amount: money.Fen(1136), Present: present, State: state, StartedAt: at.Add(-20 * time.Second), CodeMask: "28…34",
	}, Phase: phase}
	if present {
		a.OrderCode, a.ShownUntil = "https://qr.alipay.com/bax03431lq0tfdk2bsgo00d0", at.Add(107*time.Second)
	}
	return a
}

func presenting() *till.Snapshot {
	s := selling()
	s.Version = 5
	s.Attempt = attempt(ledger.PaymentWaiting, payment.Shown, true)
	s.Doubt = []till.Attempt{*s.Attempt}
	return s
}

func checking() *till.Snapshot {
	s := selling()
	s.Version = 6
	a := attempt(ledger.PaymentChecking, payment.Asking, false)
	a.Payment.Reason = string(payment.NoAnswer)
	a.Asked, a.AskedAt, a.NextAsk, a.ReverseAt = 3, morning(), morning().Add(5*time.Second), morning().Add(20*time.Second)
	s.Attempt, s.Doubt, s.Unsent = a, []till.Attempt{*a}, 3
	return s
}

func paid() *till.Snapshot {
	s := selling()
	s.Version = 7
	a := attempt(ledger.PaymentPaid, payment.Ended, false)
	a.Payment.Payer, a.Payment.Instalments, a.Payment.AcquirerReference = "138****5678", 3, "2026112122001"
	s.Attempt, s.Printing = a, "queued"
	s.Sale.State, s.Sale.Paid, s.Sale.Payments = ledger.SaleDone, money.Fen(1136), []string{a.Payment.ID}
	return s
}

// devices of the counter: one scanner is there, one is not.
func devices() *till.Snapshot {
	s := selling()
	s.Devices = []till.Device{
		{Kind: till.DeviceScanner, Name: "counter", Line: "serial", State: till.LinkUp, Since: morning()},
		{Kind: till.DeviceScanner, Name: "hand-held", Line: "evdev", State: till.LinkDown, Trouble: "gone", Since: morning()},
	}
	return s
}

func paidCash() *till.Snapshot {
	s := paid()
	s.Attempt.Payment.Channel, s.Attempt.Payment.Tendered, s.Attempt.Payment.Change = "cash", money.Fen(10000), money.Fen(8864)
	return s
}

func partPaid() *till.Snapshot {
	s := paid()
	s.Version = 8
	s.Attempt.Payment.Amount = money.Fen(500)
	s.Sale.State, s.Sale.Paid = ledger.SaleOpen, money.Fen(500)
	return s
}

func declined() *till.Snapshot {
	s := selling()
	s.Version = 9
	s.Attempt = attempt(ledger.PaymentDeclined, payment.Ended, false)
	s.Attempt.Payment.Reason = string(payment.NoFunds)
	return s
}

// shortOf is a till whose disk is short.
func shortOf(of func() *till.Snapshot, space till.Space) func() *till.Snapshot {
	return func() *till.Snapshot {
		s := of()
		space.Limits = doctor.Limits{Warn: 512 << 20, Stop: 64 << 20}
		s.Space = &space
		return s
	}
}

// told is such a till that has just seen it.
func told(of func() *till.Snapshot) func() *till.Snapshot {
	return func() *till.Snapshot {
		s := of()
		n := till.Notice{At: morning().Add(time.Second), Code: till.NoticeSpaceFull, Args: s.Space.Args()}
		if s.Space.Level == doctor.Low {
			n = till.Notice{At: n.At, Code: till.NoticeSpaceLow, Args: []any{s.Space.Free, s.Space.Limits.Stop}}
		}
		s.Notices = []till.Notice{n}
		return s
	}
}

func broken() *till.Snapshot {
	s := starting()
	s.Trouble = &till.Fault{Code: till.FaultJournalBroken, Args: []any{int64(4711), "detail", "hash"}}
	return s
}

func shelf() []goods.Item {
	return []goods.Item{
		{Code: "6921168509256", Name: "农夫山泉 550ml", NameEn: "Nongfu Spring 550ml", Initials: "nfsq", Unit: "瓶", Price: money.Fen(200)},
		{Code: "2000010", Name: "散装苹果", NameEn: "Apples, loose", Initials: "szpg", Unit: "kg", Price: money.Fen(998), Weighed: true},
	}
}

// examined is a till with a few things wrong.
func examined() doctor.Report {
	return doctor.Report{At: morning(), Findings: []doctor.Finding{
		{Check: "till", State: doctor.Note, Code: "till-here"},
		{Check: "network", State: doctor.Well, Code: "network-up", Args: []any{"192.168.1.20"}},
		{Check: "acquirer", State: doctor.Well, Code: "acquirer-well", Args: []any{"wechat", int64(38)}},
		{Check: "clock", State: doctor.Fault, Code: "clock-behind", Args: []any{"1m12s"}},
		{Check: "certificate", State: doctor.Fault, Code: "certificate-ending", Args: []any{"wechat.platform_cert_file", "2026-12-01", 9}},
		{Check: "sync", State: doctor.Well, Code: "sync-well", Args: []any{"212µs"}},
		{Check: "book", State: doctor.Unknown, Code: "no-end", Args: []any{120}},
		{Check: "printer", State: doctor.Note, Code: "printer-paper-low"},
	}}
}
