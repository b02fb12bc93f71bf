package iso8583_test

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/iso8583"
	"abacus/payment/sandbox"
)

// merchant is a sandbox's merchant; its keys take seconds to make.
var merchant = sync.OnceValues(func() (*sandbox.Setup, error) {
	return sandbox.Prepare(context.Background(), "", sandbox.Options{})
})

// counter is a terminal at a host of its own, without sockets.
type counter struct {
	t    *testing.T
	box  *sandbox.Sandbox
	cfg  iso8583.Config
	path string
	cut  bool   // the line is down
	deaf bool   // nothing of what the host answers is heard
	last string // after a message of this type it goes down
	says string // the next answer's code in place of the host's; only where no MAC seals it
	sent []string
	*iso8583.Client
}

func newCounter(t *testing.T) *counter { return newCounterOf(t, sandbox.Options{}) }

func newCounterOf(t *testing.T, options sandbox.Options) *counter {
	t.Helper()
	setup, err := merchant()
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{t: t, box: sandbox.New(setup, options), cfg: config(t, setup.Card), path: filepath.Join(t.TempDir(), "card.jsonl")}
	t.Cleanup(func() { _ = c.box.Close() })
	c.cfg.Dial = c.dial
	c.restart()
	return c
}

// dial keeps the types of what goes out.
func (c *counter) dial(ctx context.Context) (net.Conn, error) {
	if c.cut {
		return nil, errors.New("no line")
	}
	conn, err := c.box.DialCard(ctx)
	return &listening{conn, c}, err
}

type listening struct {
	net.Conn
	c *counter
}

// cutAfter lets the line go down behind the next message of a type.
func (c *counter) cutAfter(mti string) { c.last = mti }

func (l *listening) Write(p []byte) (int, error) {
	mti := hex.EncodeToString(p[13:15])
	if l.c.last == mti {
		l.c.cut = true
	}
	l.c.sent = append(l.c.sent, mti)
	return l.Conn.Write(p)
}

func (l *listening) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.c.deaf && err == nil {
		return 0, io.EOF
	}
	if m, bad := iso8583.Unpack(p[min(n, 11):n]); l.c.says != "" && bad == nil {
		raw, bad := m.Set(39, l.c.says).Pack()
		if bad != nil {
			return 0, bad
		}
		copy(p[11:n], raw)
		l.c.says = ""
	}
	return n, err
}

// restart is the till coming up again on the same record.
func (c *counter) restart() {
	c.t.Helper()
	c.cut, c.last = false, ""
	c.cfg.Record = record(c.t, c.path)
	c.Client = client(c.t, c.cfg)
}

// went is what has gone out since it was last asked.
func (c *counter) went() string {
	out := strings.Join(c.sent, " ")
	c.sent = nil
	return out
}

func (c *counter) fault(operation, fault string) {
	c.t.Helper()
	if err := c.box.AddFault(sandbox.Fault{Channel: "card", Operation: operation, Fault: fault}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) swipe(behaviour string) *payment.Swipe {
	c.t.Helper()
	track, err := c.box.NewCode("card", sandbox.Customer{Behaviour: behaviour})
	if err != nil {
		c.t.Fatal(err)
	}
	return &payment.Swipe{Track2: []byte(strings.Trim(track, ";?"))}
}

func (c *counter) charge(order string, amount int64) payment.Answer {
	return c.Charge(c.t.Context(), payment.Charge{Order: order, Amount: money.Fen(amount), Swipe: c.swipe("pay")})
}

func (c *counter) want(what string, a payment.Answer, outcome payment.Outcome, reason payment.Reason) {
	c.t.Helper()
	if a.Outcome != outcome || a.Reason != reason {
		c.t.Errorf("%s: %s/%s (%s, %v), want %s/%s", what, a.Outcome, a.Reason, a.Detail, a.Err, outcome, reason)
	}
}

// kept is what the host holds for the merchant.
func (c *counter) kept() int64 {
	c.t.Helper()
	entries, err := c.box.Books()
	if err != nil {
		c.t.Fatal(err)
	}
	sum := int64(0)
	for _, e := range entries {
		sum += e.Captured - e.Refunded - e.Reversed
	}
	return sum
}

func order(number string, amount int64) payment.Order {
	return payment.Order{Number: number, Amount: money.Fen(amount)}
}

// An answer lost is a reversal that goes out before any other money does, over
// a restart, until the host acknowledges it.
func TestReversalGoesFirst(t *testing.T) {
	c := newCounter(t)
	c.fault("charge", "drop-answer")
	c.want("lost answer", c.charge("A1", 100), payment.Unknown, payment.NoAnswer)
	if c.kept() != 100 {
		t.Fatalf("the host holds %d fen", c.kept())
	}
	c.went()

	c.restart()
	c.want("query after the restart", c.Query(t.Context(), order("A1", 100)), payment.Unknown, payment.NoAnswer)
	c.fault("reverse", "drop-request")
	c.want("the next sale", c.charge("A2", 200), payment.Declined, payment.ReversalFirst)
	if got := c.went(); got != "0800 0400" {
		t.Errorf("went out: %s; a sale must not pass a reversal", got)
	}
	c.fault("reverse", "bad-signature")
	c.want("reversal", c.Reverse(t.Context(), order("A1", 100)), payment.Unknown, payment.BadSignature)

	c.restart()
	c.went()
	c.want("the next sale", c.charge("A3", 300), payment.Paid, "")
	if got := c.went(); got != "0800 0400 0200" {
		t.Errorf("went out: %s", got)
	}
	c.want("the first sale", c.Query(t.Context(), order("A1", 100)), payment.Reversed, "")
	c.want("reversal, told from the record", c.Reverse(t.Context(), order("A1", 100)), payment.Reversed, "")
	c.want("a sale that was declined before it left", c.Reverse(t.Context(), order("A2", 200)), payment.Reversed, payment.NotFound)
	if got := c.went(); got != "" || c.kept() != 300 {
		t.Errorf("the host holds %d fen; went out: %q", c.kept(), got)
	}
}

// What the line did to the answer decides the reason the host is told.
func TestDoubtsEndReversed(t *testing.T) {
	for fault, reason := range map[string]payment.Reason{
		"drop-request": payment.NoAnswer, "drop-answer": payment.NoAnswer, "garbage": payment.WrongOrder, "bad-signature": payment.BadSignature,
		"wrong-amount": payment.WrongAmount, "wrong-order": payment.WrongOrder, "late-success": payment.SystemBusy, "http:502": payment.BadAnswer,
	} {
		t.Run(fault, func(t *testing.T) {
			c := newCounter(t)
			c.fault("charge", fault)
			c.want("charge", c.charge("B1", 100), payment.Unknown, reason)
			c.want("reversal", c.Reverse(t.Context(), order("B1", 100)), payment.Reversed, "")
			c.want("the same order again", c.charge("B1", 100), payment.Reversed, "")
			if c.kept() != 0 {
				t.Errorf("the host holds %d fen", c.kept())
			}
		})
	}
}

func TestNothingLeftWithoutALine(t *testing.T) {
	c := newCounter(t)
	c.cut = true
	c.want("no sign-in", c.charge("C1", 100), payment.Declined, payment.NotSent)
	c.cut = false
	c.want("line back", c.charge("C2", 100), payment.Paid, "")
	c.cut = true
	c.want("no line", c.charge("C3", 100), payment.Declined, payment.NotSent)
	c.want("reversal of what never left", c.Reverse(t.Context(), order("C3", 100)), payment.Reversed, "")
	c.want("reversal without a line", c.Reverse(t.Context(), order("C2", 100)), payment.Unknown, payment.NotSent)
	c.cut = false
	c.want("reversal of a paid sale", c.Reverse(t.Context(), order("C2", 100)), payment.Reversed, payment.PaidThenBack)
}

// A record that does not take a slip keeps its sale at home.
func TestNothingLeavesBeforeItIsOnDisk(t *testing.T) {
	c := newCounter(t)
	c.want("sale", c.charge("D1", 100), payment.Paid, "")
	full := &fullDisk{}
	r, err := iso8583.OpenRecord(full)
	if err != nil {
		t.Fatal(err)
	}
	c.cfg.Record = r
	c.Client = client(t, c.cfg)
	full.left = 2 // trace of the sign-in, and its batch
	c.went()
	c.want("sale", c.charge("D2", 100), payment.Declined, payment.Configuration)
	if got := c.went(); got != "0800" {
		t.Errorf("went out: %s", got)
	}
	full.left = 1 // the slip, not its approval
	c.want("approval not kept", c.charge("D3", 100), payment.Unknown, payment.NoAnswer)
	full.left = 100
	c.want("so it goes back", c.Reverse(t.Context(), order("D3", 100)), payment.Reversed, "")
}

type fullDisk struct{ left int }

func (d *fullDisk) Load() ([][]byte, error) { return nil, nil }

func (d *fullDisk) Append([]byte) error {
	if d.left--; d.left < 0 {
		return errors.New("no space left on device")
	}
	return nil
}

func TestExpiredKeysSignInAgain(t *testing.T) {
	c := newCounter(t)
	c.want("sale", c.charge("E1", 100), payment.Paid, "")
	if err := c.box.Advance(25 * time.Hour); err != nil {
		t.Fatal(err)
	}
	c.want("old keys", c.charge("E2", 100), payment.Declined, payment.SystemBusy)
	c.want("fresh keys", c.charge("E3", 100), payment.Paid, "")
	if got := c.went(); got != "0800 0200 0200 0800 0200" {
		t.Errorf("went out: %s", got)
	}
}

func TestWrongMasterKey(t *testing.T) {
	c := newCounter(t)
	c.cfg.MasterKey = make(iso8583.Key, 16)
	c.Client = client(t, c.cfg)
	c.want("sale", c.charge("F1", 100), payment.Declined, payment.Configuration)
	if err := c.Test(t.Context()); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("test: %v", err)
	}
}

func (c *counter) refund(number, order string, amount, total int64) payment.RefundAnswer {
	return c.Refund(c.t.Context(), payment.Refund{Number: number, Order: order, Amount: money.Fen(amount), Total: money.Fen(total), Reason: "r"})
}

func (c *counter) wantRefund(what string, a payment.RefundAnswer, outcome payment.RefundOutcome) {
	c.t.Helper()
	if a.Outcome != outcome {
		c.t.Errorf("%s: %s/%s (%s, %v), want %s", what, a.Outcome, a.Reason, a.Detail, a.Err, outcome)
	}
}

// A void in doubt is itself reversed and made anew; a refund in doubt is
// repeated under its own trace.
func TestRefundsInDoubt(t *testing.T) {
	for _, fault := range []string{"drop-request", "drop-answer", "bad-signature", "garbage", "late-success", "wrong-amount", "wrong-order"} {
		t.Run(fault, func(t *testing.T) {
			c := newCounter(t)
			c.want("sale", c.charge("G1", 100), payment.Paid, "")
			c.fault("refund", fault)
			c.wantRefund("void", c.refund("G1_r1", "G1", 100, 100), payment.RefundUnknown)
			c.restart()
			c.went()
			c.wantRefund("void again", c.refund("G1_r1", "G1", 100, 100), payment.RefundPaid)
			if got := c.went(); got != "0800 0400 0200" {
				t.Errorf("went out: %s", got)
			}
			c.want("sale", c.charge("G2", 100), payment.Paid, "")
			c.fault("refund", fault)
			c.wantRefund("refund", c.refund("G2_r1", "G2", 30, 100), payment.RefundUnknown)
			c.went()
			c.wantRefund("refund again", c.refund("G2_r1", "G2", 30, 100), payment.RefundPaid)
			if got := c.went(); got != "0220" && got != "0800 0220" {
				t.Errorf("went out: %s", got)
			}
			if c.kept() != 70 {
				t.Errorf("the host holds %d fen", c.kept())
			}
		})
	}
}

// Some codes approve with a defect that is the acquirer's to sort out.
func TestApprovedWithADefect(t *testing.T) {
	c := newCounter(t)
	for i, code := range []string{"11", "A2", "A4", "A5", "A6"} {
		number := "D" + code
		a := c.Charge(t.Context(), payment.Charge{Order: number, Amount: money.Fen(100), Swipe: c.swipe("decline:" + code)})
		c.want(code, a, payment.Paid, "")
		if kept := c.kept(); kept != int64(100*(i+1)) {
			t.Errorf("after %s the host keeps %d", code, kept)
		}
	}
	c.fault("charge", "drop-answer")
	c.want("in doubt", c.Charge(t.Context(), payment.Charge{Order: "DX", Amount: money.Fen(100), Swipe: c.swipe("decline:A2")}), payment.Unknown, payment.NoAnswer)
	c.want("reversed", c.Reverse(t.Context(), order("DX", 100)), payment.Reversed, "")
	if s := c.Settle(t.Context()); !s.Done || !s.Agrees || c.kept() != 500 {
		t.Errorf("settled %+v, the host keeps %d", s, c.kept())
	}
}

// A batch that stays open over midnight: the host voids of the same day only.
func TestWholeRefundOfYesterday(t *testing.T) {
	now := time.Date(2026, 11, 30, 15, 59, 0, 0, time.UTC) // a minute to midnight in Beijing
	c := newCounterOf(t, sandbox.Options{Now: func() time.Time { return now }})
	c.cfg.Now = func() time.Time { return now }
	c.restart()
	c.want("sale", c.charge("Y1", 100), payment.Paid, "")
	c.want("sale", c.charge("Y2", 100), payment.Paid, "")
	c.want("sale", c.charge("Y3", 100), payment.Paid, "")
	c.wantRefund("today", c.refund("Y1_r1", "Y1", 100, 100), payment.RefundPaid)
	c.fault("refund", "drop-request")
	c.wantRefund("a void in doubt", c.refund("Y3_r1", "Y3", 100, 100), payment.RefundUnknown)
	now = now.Add(2 * time.Minute)
	c.wantRefund("yesterday's", c.refund("Y2_r1", "Y2", 100, 100), payment.RefundPaid)
	c.wantRefund("the one in doubt", c.refund("Y3_r1", "Y3", 100, 100), payment.RefundPaid)
	if s := c.Settle(t.Context()); !s.Done || !s.Agrees || c.kept() != 0 {
		t.Errorf("settled %+v, the host keeps %d", s, c.kept())
	}
}

func TestRefundOfASaleNobodyRecorded(t *testing.T) {
	c := newCounter(t)
	c.wantRefund("refund", c.refund("H1_r1", "H1", 100, 100), payment.RefundStuck)
}

func TestBalanceAndTest(t *testing.T) {
	c := newCounter(t)
	b := c.Balance(t.Context(), c.swipe("pay"))
	if !b.Known || b.Amount.Minor() != 10_000_00 || !strings.HasPrefix(b.Payer, "622848******") {
		t.Errorf("balance: %+v", b)
	}
	if b := c.Balance(t.Context(), &payment.Swipe{Track2: []byte("6224242300000069=99121010000000000000")}); b.Known || b.Reason != payment.CodeInvalid {
		t.Errorf("a card nobody knows: %+v", b)
	}
	if err := c.Test(t.Context()); err != nil {
		t.Error(err)
	}
	if got := c.went(); got != "0800 0200 0200 0820 0800" {
		t.Errorf("went out: %s", got)
	}
}

func TestChipStripeIsRefused(t *testing.T) {
	c := newCounter(t)
	a := c.Charge(t.Context(), payment.Charge{Order: "X1", Amount: money.Fen(1), Swipe: &payment.Swipe{Track2: []byte("6224242300000069=30122010000000000000")}})
	c.want("chip card swiped", a, payment.Declined, payment.ChipCard)
	c.want("no card", c.Charge(t.Context(), payment.Charge{Order: "X2", Amount: money.Fen(1)}), payment.Declined, payment.NoCard)
}

// On disk are six digits and four.
func TestRecordKeepsNoCard(t *testing.T) {
	c := newCounter(t)
	s := c.swipe("pay")
	track := string(s.Track2)
	number, after, _ := strings.Cut(track, "=")
	c.want("sale", c.Charge(t.Context(), payment.Charge{Order: "Y1", Amount: money.Fen(1), Swipe: s}), payment.Paid, "")
	data, err := os.ReadFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(data); strings.Contains(text, number) || strings.Contains(text, number[6:12]) || strings.Contains(text, after) {
		t.Errorf("the record holds the card: %s", text)
	}
	if strings.Trim(string(s.Track2), "\x00") != "" {
		t.Error("the card is still in memory")
	}
}

// A record cut off in its last line goes on without it; one damaged elsewhere
// is not trusted.
func TestRecordAfterACrash(t *testing.T) {
	c := newCounter(t)
	c.want("sale", c.charge("Z1", 100), payment.Paid, "")
	data, err := os.ReadFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path, data[:len(data)-20], 0o600); err != nil { // the approval is half written
		t.Fatal(err)
	}
	c.restart()
	c.want("its approval was never told", c.Query(t.Context(), order("Z1", 100)), payment.Unknown, payment.NoAnswer)
	c.want("reversal", c.Reverse(t.Context(), order("Z1", 100)), payment.Reversed, "")
	if err := os.WriteFile(c.path, append([]byte("{nonsense\n"), data...), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := iso8583.OpenFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := iso8583.OpenRecord(f); err == nil {
		t.Error("a damaged record is taken")
	}
}

// A record that is not the one that would know says so, of a charge and of a
// refund: neither is called off, nor made again.
func TestRecordThatWasLost(t *testing.T) {
	c := newCounter(t)
	if !c.cfg.Record.Fresh() {
		t.Error("a new record is not fresh")
	}
	c.want("sale", c.charge("P1", 100), payment.Paid, "")
	c.fault("refund", "drop-answer")
	c.wantRefund("refund", c.refund("P1_r1", "P1", 40, 100), payment.RefundUnknown)
	c.fault("charge", "drop-answer")
	c.want("in doubt", c.charge("P2", 100), payment.Unknown, payment.NoAnswer)
	held := c.kept()
	if err := os.Remove(c.path); err != nil {
		t.Fatal(err)
	}
	c.restart()
	if err := c.cfg.Record.Born(iso8583.Birth{At: time.Now(), Doubted: []string{"P2", "P1_r1"}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c.went()
		c.want("asked", c.Query(t.Context(), order("P2", 100)), payment.Unknown, payment.RecordLost)
		c.want("reversed", c.Reverse(t.Context(), order("P2", 100)), payment.Declined, payment.RecordLost)
		c.want("charged again", c.charge("P2", 100), payment.Unknown, payment.RecordLost)
		r := payment.Refund{Number: "P1_r1", Order: "P1", Amount: money.Fen(40), Total: money.Fen(100)}
		if a := c.QueryRefund(t.Context(), r); a.Outcome != payment.RefundUnknown || a.Reason != payment.RecordLost {
			t.Errorf("refund asked: %+v", a)
		}
		if a := c.Client.Refund(t.Context(), r); a.Outcome != payment.RefundUnknown || a.Reason != payment.RecordLost {
			t.Errorf("refund made again: %+v", a)
		}
		if got := c.went(); got != "" || c.kept() != held {
			t.Errorf("went out: %s; the host keeps %d, kept %d", got, c.kept(), held)
		}
		c.want("never left", c.Reverse(t.Context(), order("P3", 100)), payment.Reversed, payment.NotFound)
		c.restart()
	}
}

// A record that has lost transactions gives none of their traces again: the
// reversal of a sale that never arrived would undo the one that has its trace.
func TestTracesAfterALoss(t *testing.T) {
	for _, old := range []bool{true, false} {
		c := newCounter(t)
		c.want("sale", c.charge("P1", 100), payment.Paid, "")
		c.restart()
		copied, err := os.ReadFile(c.path)
		if err != nil {
			t.Fatal(err)
		}
		c.want("sale", c.charge("P2", 200), payment.Paid, "")
		if err := os.Remove(c.path); err != nil {
			t.Fatal(err)
		}
		missing := []string{"P1", "P2"}
		if old {
			missing = missing[1:]
			if err := os.WriteFile(c.path, copied, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c.restart()
		if err := c.cfg.Record.Born(iso8583.Birth{At: time.Now(), Missing: missing}); err != nil {
			t.Fatal(err)
		}
		c.restart()
		for _, number := range []string{"P3", "P4"} {
			c.fault("charge", "drop-request")
			c.want("lost", c.charge(number, 200), payment.Unknown, payment.NoAnswer)
			c.want("reversed", c.Reverse(t.Context(), order(number, 200)), payment.Reversed, "")
		}
		if c.kept() != 300 {
			t.Errorf("old copy %v: the host keeps %d fen of 300", old, c.kept())
		}
		c.want("the next", c.charge("P5", 5), payment.Paid, "")
	}
}
