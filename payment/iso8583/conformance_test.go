package iso8583_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"abacus/payment"
	"abacus/payment/iso8583"
	"abacus/payment/paymenttest"
	"abacus/payment/sandbox"
)

func startSandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Start(t.Context(), t.TempDir(), sandbox.Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return box
}

// config is a terminal of the sandbox's merchant.
func config(t *testing.T, account sandbox.CardSetup) iso8583.Config {
	t.Helper()
	tpdu, err := iso8583.ParseTPDU(account.TPDU)
	if err != nil {
		t.Fatal(err)
	}
	header, err := iso8583.ParseHeader(account.Header)
	if err != nil {
		t.Fatal(err)
	}
	key, err := iso8583.ParseKey(account.MasterKey)
	if err != nil {
		t.Fatal(err)
	}
	return iso8583.Config{
		Merchant: account.Merchant, Terminal: account.Terminal, TPDU: tpdu, Header: header, MasterKey: key, Now: time.Now,
	}
}

// record is a terminal's record in a file; opened again, it is the same one.
func record(t *testing.T, path string) *iso8583.Record {
	t.Helper()
	f, err := iso8583.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	r, err := iso8583.OpenRecord(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func client(t *testing.T, cfg iso8583.Config) *iso8583.Client {
	t.Helper()
	c, err := iso8583.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// dialTo opens connections to the sandbox's host.
func dialTo(address string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
}

func TestAtTheSandbox(t *testing.T) {
	box := startSandbox(t)
	cfg := config(t, box.Setup().Card)
	cfg.Record, cfg.Dial = record(t, filepath.Join(t.TempDir(), "card.jsonl")), dialTo(box.CardAddress())
	paymenttest.Run(t, paymenttest.Setup{
		Provider: client(t, cfg),
		Control:  paymenttest.Control{URL: box.ControlURL(), Channel: "card"},
		Declines: map[string]payment.Reason{
			"51": payment.NoFunds, "05": payment.Refused, "54": payment.CodeExpired, "14": payment.CodeInvalid, "45": payment.ChipCard,
			"59": payment.Risk, "61": payment.OverLimit, "94": payment.NumberUsed, "97": payment.Configuration, "68": payment.SystemBusy,
			"A0": payment.SystemBusy, "77": payment.SystemBusy,
		},
		Doubts: map[string]payment.Reason{"96": payment.SystemBusy, "98": payment.SystemBusy, "10": payment.WrongAmount, "Z9": payment.BadAnswer},
		Reused: payment.NumberUsed,
		Cards:  true,
	})
}
