package wechat_test

import (
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/paymenttest"
	"abacus/payment/sandbox"
	"abacus/payment/wechat"
	"abacus/payment/wire"
)

func startSandbox(t *testing.T) (*sandbox.Sandbox, *http.Client) {
	t.Helper()
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
	return box, client
}

func config(box *sandbox.Sandbox, client *http.Client) wechat.Config {
	account := box.Setup().WeChat
	return wechat.Config{
		Base: box.Base(), AppID: account.AppID, MchID: account.MchID,
		MerchantSerial: account.MerchantSerial, MerchantKey: account.MerchantKey, APIv3Key: account.APIv3Key,
		PlatformSerial: account.PlatformSerial, PlatformCert: account.PlatformCert,
		PublicKeyID: account.PublicKeyID, PublicKey: account.PublicKey, HTTP: client,
	}
}

// TestAtTheSandbox is one test because a sandbox is slow to make: five RSA keys.
func TestAtTheSandbox(t *testing.T) {
	box, client := startSandbox(t)
	t.Run("conformance", func(t *testing.T) { conforms(t, box, client) })
	t.Run("key modes", func(t *testing.T) { keyModes(t, box, client) })
}

func conforms(t *testing.T, box *sandbox.Sandbox, client *http.Client) {
	provider, err := wechat.New(config(box, client))
	if err != nil {
		t.Fatal(err)
	}
	paymenttest.Run(t, paymenttest.Setup{
		Provider: provider,
		Control:  paymenttest.Control{URL: box.ControlURL(), Channel: "wechat"},
		Declines: map[string]payment.Reason{
			"AUTH_CODE_EXPIRE": payment.CodeExpired, "AUTHCODEEXPIRE": payment.CodeExpired,
			"AUTH_CODE_INVALID": payment.CodeInvalid, "AUTH_CODE_ERROR": payment.CodeInvalid,
			"NOT_ENOUGH": payment.NoFunds, "NOTENOUGH": payment.NoFunds,
			"NOTSUPORTCARD": payment.CardRefused, "NOT_SUPPORT_CARD": payment.CardRefused,
			"RULE_LIMIT": payment.Risk, "RULELIMIT": payment.Risk, "TRADE_ERROR": payment.Refused,
			"BUYER_MISMATCH": payment.OtherPayer, "NO_AUTH": payment.Configuration,
		},
		Doubts: map[string]payment.Reason{
			"SYSTEM_ERROR": payment.SystemBusy, "BANKERROR": payment.SystemBusy, "FREQUENCY_LIMITED": payment.SystemBusy,
			"ORDERPAID": payment.AlreadyPaid, "INVALID_REQUEST": payment.BadAnswer, "SOMETHING_NEW": payment.BadAnswer,
			"PARAM_ERROR": payment.Configuration,
		},
		Expired: payment.CodeExpired,
		Reused:  payment.NumberUsed,
	})
}

// keyModes holds that both ways of checking answers work, alone and together.
func keyModes(t *testing.T, box *sandbox.Sandbox, client *http.Client) {
	control := paymenttest.Control{URL: box.ControlURL(), Channel: "wechat"}
	for name, change := range map[string]func(*wechat.Config){
		"certificate": func(c *wechat.Config) { c.PublicKey, c.PublicKeyID = nil, "" },
		"public key":  func(c *wechat.Config) { c.PlatformCert, c.PlatformSerial = nil, "" },
		"both":        func(*wechat.Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(box, client)
			change(&c)
			provider, err := wechat.New(c)
			if err != nil {
				t.Fatal(err)
			}
			a := provider.Charge(t.Context(), charge(t.Name(), control.Code(t, paymenttest.Customer{})))
			if a.Outcome != payment.Paid {
				t.Errorf("got %s/%s (%s, %v)", a.Outcome, a.Reason, a.Detail, a.Err)
			}
		})
	}
	t.Run("stranger's key", func(t *testing.T) {
		c := config(box, client)
		c.MerchantKey = otherKey(box)
		provider, err := wechat.New(c)
		if err != nil {
			t.Fatal(err)
		}
		a := provider.Charge(t.Context(), charge(t.Name(), control.Code(t, paymenttest.Customer{})))
		if a.Outcome != payment.Unknown || a.Reason != payment.Configuration {
			t.Errorf("got %s/%s (%s, %v)", a.Outcome, a.Reason, a.Detail, a.Err)
		}
	})
}

// otherKey is a private key that is not the merchant's.
func otherKey(box *sandbox.Sandbox) *rsa.PrivateKey { return box.Setup().Alipay.AppKey }

func charge(name, code string) payment.Charge {
	letters := func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return '_'
	}
	_, own, _ := strings.Cut(strings.Map(letters, name), "modes")
	return payment.Charge{Order: "modes" + own, Amount: money.Fen(100), Code: code, Subject: "s", Store: "S001"}
}
