package headless

import (
	"context"
	"strings"
	"testing"

	"abacus/internal/till"
	"abacus/ledger"
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

// Past a forced payment the sale is charged again, and once it is done nothing is.
func TestAForcedPaymentSaysSo(t *testing.T) {
	p := aPayment()
	p.State, p.Reason, p.Forced = ledger.PaymentChecking, string(payment.NoAnswer), true
	core := newFake(func(context.Context, till.Command) (till.Result, error) { return p, nil })
	sale := aSale()
	for _, test := range []struct {
		state     ledger.SaleState
		says, not string
	}{
		{ledger.SaleOpen, "主管已允许本单重新收款", "请勿"},
		{ledger.SaleDone, "它的销售单已了结,不用再收款", "重新收款"},
	} {
		sale.State = test.state
		core.show(func(s *till.Snapshot) {
			s.Sale, s.Doubt = &sale, []till.Attempt{{Payment: p, Phase: payment.Undoing}}
		})
		for _, request := range []string{`"payment.get","params":{"payment":"` + p.ID + `"}`, `"till.snapshot"`} {
			out := exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":`+request+`}`)[0]
			if !strings.Contains(out, test.says) || strings.Contains(out, test.not) {
				t.Errorf("%s, sale %s: %s", request, test.state, out)
			}
		}
	}
}

// A payment that came to nothing does not ask for another once its sale is over.
func TestNothingIsChargedForASaleThatIsOver(t *testing.T) {
	p := aPayment()
	p.State, p.Reason = ledger.PaymentDeclined, string(payment.NoFunds)
	core := newFake(func(context.Context, till.Command) (till.Result, error) { return p, nil })
	for _, over := range []bool{false, true} {
		core.show(func(s *till.Snapshot) {
			if sale := aSale(); !over {
				s.Sale = &sale
			} else {
				s.Sale = nil
			}
		})
		out := exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":"payment.get","params":{"payment":"`+p.ID+`"}}`)[0]
		if strings.Contains(out, "不用再收款") != over || strings.Contains(out, "换一种付款方式") == over {
			t.Errorf("over %t: %s", over, out)
		}
	}
}

// Nobody asked is not the same as no answer.
func TestWhatWasNeverAskedSaysSo(t *testing.T) {
	p := aPayment()
	p.State = ledger.PaymentChecking
	core := newFake(func(context.Context, till.Command) (till.Result, error) { return till.Asked{Payment: p}, nil })
	for times, says := range map[int]string{0: "还没有问到支付宝", 2: "支付宝没有回答"} {
		core.show(func(s *till.Snapshot) { s.Doubt = []till.Attempt{{Payment: p, Phase: payment.Asking, Asked: times}} })
		out := exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":"payment.query","params":{"payment":"`+p.ID+`"}}`)[0]
		if !strings.Contains(out, says) {
			t.Errorf("asked %d times: %s", times, out)
		}
	}
}
