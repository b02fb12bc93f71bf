package till_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// A core that falls in the middle of a payment stops at once; the next start
// lands on the sale and finds out about the money.
func TestAFallenCoreIsStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.falls = true
		sale := w.sale(1250)
		w.written = func(b ledger.Batch) {
			for _, d := range b.Drafts {
				if m, ok := d.Payload.(ledger.PaymentMoved); ok && m.State == ledger.PaymentPaid {
					panic("134567890123456789")
				}
			}
		}
		started := w.do(till.SalePay{Sale: sale.ID, Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		time.Sleep(time.Minute)
		_, err := w.core.Do(t.Context(), till.SaleGet{Sale: sale.ID})
		var f *till.Fault
		if !errors.As(err, &f) || f.Code != till.FaultClosing {
			t.Fatalf("a fallen core answers: %v", err)
		}
		w.written = nil
		w.restart()
		if front := w.snapshot().Sale; front == nil || front.ID != sale.ID {
			t.Fatalf("in front after the restart: %+v", front)
		}
		if p := w.wait(started.ID); p.State != ledger.PaymentPaid {
			t.Errorf("the payment is %s", p.State)
		}
		w.balanced()
	})
}

// Of a panic nothing is told that could be a secret, but where it was is.
func TestWhatIsToldOfAFall(t *testing.T) {
	var log bytes.Buffer
	fall := func(panics func()) (f till.Fall) {
		defer func() { f = till.FallOf(recover()) }()
		panics()
		return f
	}
	var none []int
	at := 3
	for _, c := range []struct {
		panics func()
		what   string
	}{
		{func() { panic("246810") }, "string"},
		{func() { panic(errors.New("246810")) }, "*errors.errorString"},
		{func() { none[at] = 1 }, "index out of range [3] with length 0"},
	} {
		f := fall(c.panics)
		slog.New(slog.NewTextHandler(&log, nil)).Error("fell", "what", f.What, "where", f.Where)
		if !strings.HasSuffix(f.What, c.what) || !strings.Contains(f.Where, "internal/till_test.TestWhatIsToldOfAFall") {
			t.Errorf("%+v, want %q", f, c.what)
		}
	}
	if strings.Contains(log.String(), "246810") {
		t.Errorf("the log holds a secret: %s", &log)
	}
}
