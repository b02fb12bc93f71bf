package wechat

import (
	"net/http"
	"testing"

	"abacus/payment"
	"abacus/payment/paymenttest"
)

func TestNoDNS(t *testing.T) {
	paymenttest.NoNames(t, testCharge(), func(line http.RoundTripper) payment.Provider { return mustNew(t, testConfig(line)) })
}
