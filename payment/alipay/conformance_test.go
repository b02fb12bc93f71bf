package alipay_test

import (
	"net/http"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/alipay"
	"abacus/payment/paymenttest"
	"abacus/payment/sandbox"
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

// TestAtTheSandbox is one test because a sandbox is slow to make: five RSA keys.
func TestAtTheSandbox(t *testing.T) {
	box, client := startSandbox(t)
	account := box.Setup().Alipay
	provider, err := alipay.New(alipay.Config{
		Gateway: box.Gateway(), AppID: account.AppID, AppKey: account.AppKey,
		PublicKey: account.AlipayPublicKey, HTTP: client,
	})
	if err != nil {
		t.Fatal(err)
	}
	control := paymenttest.Control{URL: box.ControlURL(), Channel: "alipay"}
	t.Run("conformance", func(t *testing.T) { conforms(t, provider, control) })
	t.Run("huabei", func(t *testing.T) { huabei(t, provider, control) })
	t.Run("stranger's key", func(t *testing.T) {
		stranger, err := alipay.New(alipay.Config{
			Gateway: box.Gateway(), AppID: account.AppID, AppKey: box.Setup().WeChat.MerchantKey,
			PublicKey: account.AlipayPublicKey, HTTP: client,
		})
		if err != nil {
			t.Fatal(err)
		}
		a := stranger.Charge(t.Context(), charge("STRANGER", control.Code(t, paymenttest.Customer{})))
		if a.Outcome == payment.Paid || a.Outcome == payment.Waiting {
			t.Errorf("got %s/%s (%s, %v)", a.Outcome, a.Reason, a.Detail, a.Err)
		}
	})
	t.Run("stranger's app", func(t *testing.T) {
		stranger, err := alipay.New(alipay.Config{
			Gateway: box.Gateway(), AppID: "2021000000000000", AppKey: account.AppKey,
			PublicKey: account.AlipayPublicKey, HTTP: client,
		})
		if err != nil {
			t.Fatal(err)
		}
		a := stranger.Query(t.Context(), payment.Order{Number: "STRANGER", Amount: money.Fen(100)})
		if a.Outcome != payment.Unknown || a.Reason != payment.Configuration {
			t.Errorf("got %s/%s (%s, %v)", a.Outcome, a.Reason, a.Detail, a.Err)
		}
	})
}

func conforms(t *testing.T, provider payment.Provider, control paymenttest.Control) {
	paymenttest.Run(t, paymenttest.Setup{
		Provider: provider,
		Control:  control,
		Declines: map[string]payment.Reason{
			"ACQ.PAYMENT_AUTH_CODE_INVALID": payment.CodeInvalid, "ACQ.BUYER_BALANCE_NOT_ENOUGH": payment.NoFunds,
			"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE":     payment.NoFunds,
			"ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": payment.OverLimit, "ACQ.BEYOND_PAY_RESTRICTION": payment.OverLimit,
			"ACQ.PULL_MOBILE_CASHIER_FAIL": payment.Refused, "ACQ.PAYMENT_FAIL": payment.Refused,
			"ACQ.PAYMENT_REQUEST_HAS_RISK": payment.Risk, "ACQ.SELLER_BEEN_BLOCKED": payment.Risk,
			"ACQ.TRADE_BUYER_NOT_MATCH": payment.OtherPayer, "ACQ.BUYER_SELLER_EQUAL": payment.OtherPayer,
			"ACQ.INVALID_STORE_ID": payment.Configuration,
		},
		Doubts: map[string]payment.Reason{
			"ACQ.SYSTEM_ERROR": payment.SystemBusy, "AQC.SYSTEM_ERROR": payment.SystemBusy,
			"ACQ.TRADE_HAS_SUCCESS": payment.AlreadyPaid, "ACQ.SOMETHING_NEW": payment.BadAnswer,
		},
		Expired: payment.CodeInvalid,
		Reused:  payment.NumberUsed,
	})
}

func huabei(t *testing.T, provider *alipay.Client, control paymenttest.Control) {
	credit := paymenttest.Customer{Funding: "PCREDIT"}
	t.Run("in instalments", func(t *testing.T) {
		c := charge("HUABEI_6", control.Code(t, credit))
		c.Huabei = payment.Huabei{Instalments: 6, SellerPays: true}
		a := provider.Charge(t.Context(), c)
		if a.Outcome != payment.Paid || a.Funding != "PCREDIT" || a.Instalments != 6 {
			t.Errorf("charge: %+v", a)
		}
		a = provider.Query(t.Context(), payment.Order{Number: c.Order, Amount: c.Amount})
		if a.Outcome != payment.Paid || a.Funding != "PCREDIT" || a.Instalments != 6 {
			t.Errorf("query: %+v", a)
		}
	})
	t.Run("forbidden", func(t *testing.T) {
		c := charge("HUABEI_NO", control.Code(t, credit))
		c.Huabei.Forbid = true
		if a := provider.Charge(t.Context(), c); a.Outcome != payment.Declined {
			t.Errorf("charge: %+v", a)
		}
		balance := charge("HUABEI_CASH", control.Code(t, paymenttest.Customer{}))
		balance.Huabei.Forbid = true
		if a := provider.Charge(t.Context(), balance); a.Outcome != payment.Paid || a.Funding == "PCREDIT" {
			t.Errorf("charge from the balance: %+v", a)
		}
	})
}

func charge(number, code string) payment.Charge {
	return payment.Charge{
		Order: number, Amount: money.Fen(100_00), Code: code, Subject: "s", Store: "S001",
		Life: 2 * time.Minute,
	}
}
