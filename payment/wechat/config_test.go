package wechat

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"strings"
	"testing"
	"time"

	"abacus/payment"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestConfigNamesTheFault(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)},
		&x509.Certificate{SerialNumber: big.NewInt(1)}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	elliptic, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"base":            func(c *Config) { c.Base = "http://api.example" },
		"appid":           func(c *Config) { c.AppID = "" },
		"mchid":           func(c *Config) { c.MchID = "" },
		"merchant_serial": func(c *Config) { c.MerchantSerial = "" },
		"merchant_key":    func(c *Config) { c.MerchantKey = nil },
		"apiv3_key":       func(c *Config) { c.APIv3Key = "short" },
		"public_key_id":   func(c *Config) { c.PublicKeyID = "" },
		"platform_cert":   func(c *Config) { c.PublicKey, c.PublicKeyID, c.PlatformCert = nil, "", nil },
		"platform_serial": func(c *Config) { c.PlatformSerial = "ABC" },
		"RSA":             func(c *Config) { c.PlatformCert = elliptic },
	} {
		config := testConfig(nil)
		change(&config)
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

// Answers are checked with whichever key signed, and with no other.
func TestKeyModes(t *testing.T) {
	certOnly := func(c *Config) { c.PublicKey, c.PublicKeyID = nil, "" }
	keyOnly := func(c *Config) { c.PlatformCert = nil }
	for name, row := range map[string]struct {
		mode            func(*Config)
		byCert, byKeyID payment.Outcome
		accept          string
	}{
		"certificate": {certOnly, payment.Paid, payment.Unknown, keys().serial},
		"public key":  {keyOnly, payment.Unknown, payment.Paid, testKeyID},
		"both":        {func(*Config) {}, payment.Paid, payment.Paid, testKeyID},
	} {
		t.Run(name, func(t *testing.T) {
			for _, byKeyID := range []bool{false, true} {
				good := ok(paidBody("", ""))
				good.byKeyID = byKeyID
				config := testConfig(&script{answers: []answer{good}})
				row.mode(&config)
				c, want := mustNew(t, config), row.byCert
				if byKeyID {
					want = row.byKeyID
				}
				if a := c.Charge(background(), testCharge()); a.Outcome != want {
					t.Errorf("signed by key id %t: got %s/%s", byKeyID, a.Outcome, a.Reason)
				}
				if serial, _ := c.guard.GetAcceptSerial(background()); serial != row.accept {
					t.Errorf("asks for answers by %q", serial)
				}
			}
		})
	}
}

// The serial number is the certificate's: however the shop typed it, an answer
// that names it in WeChat's form is believed, and another's is not.
func TestSerialHoweverItIsTyped(t *testing.T) {
	const plain, zero = "4B0000000000000000000000000000000000ABCD", "0B0000000000000000000000000000000000ABCD"
	for name, row := range map[string]struct{ serial, typed string }{
		"not typed":             {plain, ""},
		"as it is":              {plain, plain},
		"in lower case":         {plain, strings.ToLower(plain)},
		"zeros before it":       {plain, "00" + plain},
		"a zero in it":          {zero, zero},
		"a zero, not typed":     {zero, ""},
		"a zero, left out":      {zero, zero[1:]},
		"a zero, in lower case": {zero, strings.ToLower(zero[1:])},
	} {
		t.Run(name, func(t *testing.T) {
			for _, alone := range []bool{true, false} {
				good := ok(paidBody("", ""))
				good.serial = row.serial
				stranger := good
				stranger.serial = "1" + row.serial[1:]
				config := testConfig(&script{answers: []answer{good, stranger}})
				config.PlatformCert, config.PlatformSerial = certified(keys().certKey, row.serial), row.typed
				if alone {
					config.PublicKey, config.PublicKeyID = nil, ""
				}
				c := mustNew(t, config)
				expectAnswer(t, c.Charge(background(), testCharge()), payment.Paid, payment.NoReason)
				expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, payment.BadSignature)
				if serial, _ := c.guard.GetAcceptSerial(background()); alone && serial != row.serial {
					t.Errorf("asks for answers by %q", serial)
				}
			}
		})
	}
}

func TestTimingCanBeSet(t *testing.T) {
	config := testConfig(nil)
	config.Timing.OrderCodeLife = time.Minute
	c := mustNew(t, config)
	if c.Channel() != payment.WeChat {
		t.Error(c.Channel())
	}
	want := defaultTiming
	want.OrderCodeLife = time.Minute
	if c.Timing() != want {
		t.Errorf("timing %+v", c.Timing())
	}
}
