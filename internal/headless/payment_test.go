package headless

import (
	"context"
	"strings"
	"testing"

	"abacus/internal/till"
	"abacus/payment"
)

// Whoever reads a payment that has been refunded is not told to hand over goods
// for it, nor that nothing was to be done when its acquirer is asked.
func TestARefundedPaymentSaysSo(t *testing.T) {
	p := aPayment()
	p.Refunded = p.Amount
	core := newFake(func(_ context.Context, c till.Command) (till.Result, error) {
		if _, ask := c.(till.PaymentQuery); ask {
			return till.Asked{Payment: p, Heard: true, Outcome: payment.Paid}, nil
		}
		return p, nil
	})
	for _, method := range []string{"payment.get", "payment.query"} {
		out := exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":{"payment":"`+p.ID+`"}}`)[0]
		if !strings.Contains(out, "已全部退回或正在退回") || strings.Contains(out, "收足后") || strings.Contains(out, "不用再做什么") {
			t.Errorf("%s: %s", method, out)
		}
	}
}
