package tui

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/alipay"
	"abacus/payment/paymenttest"
	"abacus/payment/sandbox"
	"abacus/payment/wechat"
	"abacus/payment/wire"
)

// refundDoubt is what one of the sandbox's faults makes of a refund, as the
// list of doubts shows it.
type refundDoubt struct {
	name   string
	reason payment.Reason
}

func (d refundDoubt) snapshot() *till.Snapshot {
	s := selling()
	s.Refunds = []till.Refund{{Refund: ledger.Refund{ID: "20261121-0040-1-R1", Payment: "20261121-0040-1", Sale: "20261121-0040", Channel: "wechat",
		Amount: money.Fen(300), State: ledger.RefundChecking, Reason: string(d.reason), StartedAt: morning().Add(-time.Minute)}}}
	return s
}

var refundDoubts = []refundDoubt{
	{"drop-request", payment.NoAnswer},
	{"no-connection", payment.NotSent},
	{"http-503", payment.SystemBusy},
	{"garbage", payment.BadAnswer},
	{"bad-signature", payment.BadSignature},
	{"configuration", payment.Configuration},
	{"clock", payment.ClockSkew},
	{"wrong-amount", payment.WrongAmount},
	{"wrong-order", payment.WrongOrder},
	{"unknown-order", payment.NotFound},
}

var sandboxFaults = []string{
	"drop-request", "drop-answer", "reset", "delay:20", "delay:600000", "http:204", "http:302", "http:404", "http:429", "http:500", "http:503",
	"http-after:502", "garbage", "bad-signature", "wrong-amount", "wrong-order", "duplicate", "late-success", "merchant-funds", "not-allowed", "abnormal:60",
}

// terminalFaults are of the line to the bank terminal: payment/pinpad plays them.
var terminalFaults = []string{"nak", "ack-lost", "cut", "half"}

// TestNoFaultIsLeftOut: whatever the sandbox can do to a request is played.
func TestNoFaultIsLeftOut(t *testing.T) {
	source, err := os.ReadFile("../payment/sandbox/fault.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`kind += "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(kinds) < len(terminalFaults) {
		t.Fatalf("%d faults in the sandbox's source", len(kinds))
	}
	for _, kind := range kinds {
		played := slices.ContainsFunc(sandboxFaults, func(fault string) bool { return fault == kind[1] || strings.HasPrefix(fault, kind[1]+":") })
		if !played && !slices.Contains(terminalFaults, kind[1]) {
			t.Errorf("%s is played nowhere", kind[1])
		}
	}
}

// strikes reports whether the sandbox has a fault for an operation.
func (f *faulty) strikes(operation, fault string) bool {
	switch fault {
	case "late-success":
		return operation != "present" // no customer is there yet
	case "merchant-funds":
		return operation == "reverse" || operation == "refund"
	case "not-allowed":
		return (operation == "reverse" || operation == "refund") && f.p.Channel() == payment.Alipay
	case "abnormal:60":
		return operation == "refund" && f.p.Channel() == payment.WeChat
	}
	return true
}

// TestEveryFaultHasItsScreen plays every fault of the sandbox on every operation
// through the real clients. What each comes to stands in testdata/faults.txt,
// and whatever reason a cashier can then be shown is drawn by a golden screen.
func TestEveryFaultHasItsScreen(t *testing.T) {
	box, err := sandbox.Start(t.Context(), t.TempDir(), sandbox.Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	client := wire.NewClient(box.Setup().Roots)
	t.Cleanup(func() {
		client.CloseIdleConnections()
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &faulty{}
	for _, provider := range atSandbox(t, box, client) {
		f.p, f.control = provider, paymenttest.Control{URL: box.ControlURL(), Channel: string(provider.Channel())}
		for _, fault := range sandboxFaults {
			f.suffers(t, fault)
		}
	}
	slices.Sort(f.came)
	var text strings.Builder
	for _, line := range f.came {
		text.WriteString(line + "\n")
	}
	golden(t, "../faults.txt", text.String())
}

// channel is what both acquirers' clients can do.
type channel interface {
	payment.Presenter
	payment.Refunder
}

func atSandbox(t *testing.T, box *sandbox.Sandbox, client *http.Client) []channel {
	t.Helper()
	a := box.Setup().WeChat
	w, err := wechat.New(wechat.Config{
		Base: box.Base(), AppID: a.AppID, MchID: a.MchID, MerchantSerial: a.MerchantSerial, MerchantKey: a.MerchantKey, APIv3Key: a.APIv3Key,
		PlatformSerial: a.PlatformSerial, PlatformCert: a.PlatformCert, PublicKeyID: a.PublicKeyID, PublicKey: a.PublicKey, HTTP: client,
	})
	if err != nil {
		t.Fatal(err)
	}
	b := box.Setup().Alipay
	l, err := alipay.New(alipay.Config{Gateway: box.Gateway(), AppID: b.AppID, AppKey: b.AppKey, PublicKey: b.AlipayPublicKey, HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	return []channel{w, l}
}

// faulty makes calls under faults and notes what comes of them.
type faulty struct {
	p       channel
	control paymenttest.Control
	number  int
	came    []string
}

func (f *faulty) charge(t *testing.T, behaviour string) payment.Charge {
	f.number++
	return payment.Charge{Order: fmt.Sprintf("F_%04d", f.number), Amount: money.Fen(1136), Subject: "faults", Store: "S001", Till: "01", Cashier: "1001",
		Code: f.control.Code(t, paymenttest.Customer{Behaviour: behaviour})}
}

// suffers plays one fault on every operation.
func (f *faulty) suffers(t *testing.T, fault string) {
	pays := func() payment.Order {
		c := f.charge(t, "")
		if a := f.p.Charge(t.Context(), c); a.Outcome != payment.Paid {
			t.Fatalf("no fault, and %s/%s", a.Outcome, a.Reason)
		}
		return payment.Order{Number: c.Order, Amount: c.Amount}
	}
	shows := func() payment.Order {
		c := f.charge(t, "")
		c.Code = ""
		f.p.Present(t.Context(), c)
		return payment.Order{Number: c.Order, Amount: c.Amount, Present: true}
	}
	c, paid, shown := f.charge(t, ""), pays(), shows()
	f.under(t, "charge", fault, func(ctx context.Context) payment.Answer { return f.p.Charge(ctx, c) })
	f.under(t, "query", fault, func(ctx context.Context) payment.Answer { return f.p.Query(ctx, paid) })
	f.under(t, "close", fault, func(ctx context.Context) payment.Answer { return f.p.Close(ctx, shown) })
	f.under(t, "reverse", fault, func(ctx context.Context) payment.Answer { return f.p.Reverse(ctx, paid) })
	c = f.charge(t, "")
	c.Code = ""
	f.under(t, "present", fault, func(ctx context.Context) payment.Answer { return f.p.Present(ctx, c) })
	paid = pays()
	r := payment.Refund{Number: paid.Number + "_R", Order: paid.Number, Amount: money.Fen(300), Total: paid.Amount, Reason: "faults", Cashier: "1001"}
	f.refund(t, "refund", fault, func(ctx context.Context) payment.RefundAnswer { return f.p.Refund(ctx, r) })
	f.refund(t, "any", fault, func(ctx context.Context) payment.RefundAnswer { return f.p.QueryRefund(ctx, r) })
}

// plan sets one fault and gives a context that does not wait for what never
// comes.
func (f *faulty) plan(t *testing.T, operation, fault string) (context.Context, context.CancelFunc) {
	f.control.Fault(t, operation, fault)
	if fault == "delay:600000" {
		return context.WithTimeout(t.Context(), 100*time.Millisecond)
	}
	return context.WithCancel(t.Context())
}

func (f *faulty) under(t *testing.T, operation, fault string, call func(context.Context) payment.Answer) {
	if !f.strikes(operation, fault) {
		return
	}
	ctx, cancel := f.plan(t, operation, fault)
	defer cancel()
	a := call(ctx)
	f.control.ClearFaults(t)
	f.note(operation, fault, a.Outcome.String(), a.Reason)
	if a.Outcome != payment.Unknown {
		return
	}
	for _, d := range doubts {
		if d.reason == a.Reason && d.state == ledger.PaymentChecking {
			return
		}
	}
	t.Errorf("%s under %s of %s: no golden screen shows a payment in doubt for %q", operation, fault, f.p.Channel(), a.Reason)
}

func (f *faulty) refund(t *testing.T, operation, fault string, call func(context.Context) payment.RefundAnswer) {
	if !f.strikes(operation, fault) {
		return
	}
	ctx, cancel := f.plan(t, operation, fault)
	defer cancel()
	a := call(ctx)
	f.control.ClearFaults(t)
	f.note(map[string]string{"any": "refund query"}[operation]+map[string]string{"refund": "refund"}[operation], fault, a.Outcome.String(), a.Reason)
	if a.Outcome == payment.RefundUnknown && !slices.ContainsFunc(refundDoubts, func(d refundDoubt) bool { return d.reason == a.Reason }) {
		t.Errorf("%s under %s of %s: no golden screen shows a refund in doubt for %q", operation, fault, f.p.Channel(), a.Reason)
	}
}

// note keeps what came of a call. HTTP clients may repeat a GET by themselves
// when its connection breaks, and to ask twice harms nobody.
func (f *faulty) note(operation, fault, outcome string, reason payment.Reason) {
	came := outcome + " " + string(reason)
	if strings.HasSuffix(operation, "query") && f.p.Channel() == payment.WeChat && slices.Contains([]string{"drop-request", "drop-answer", "reset"}, fault) {
		came = "unknown no-answer, or asked again"
	}
	f.came = append(f.came, strings.TrimRight(fmt.Sprintf("%-7s %-13s %-15s %s", f.p.Channel(), operation, fault, came), " "))
}

// Every refund in doubt has words of its own, and a thing not to do.
func TestEveryRefundDoubtHasItsSentence(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		said := map[string]string{}
		for _, d := range refundDoubts {
			say, hint := lang.Must(tag).Refund(string(ledger.RefundChecking), string(d.reason))
			if say == "" || hint == "" || said[say] != "" {
				t.Errorf("%s, %s: %q, %q, as %s", tag, d.name, say, hint, said[say])
			}
			said[say] = d.name
		}
	}
}
