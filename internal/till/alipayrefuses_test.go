package till_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/alipay"
	"abacus/payment/sandbox"
)

// alipayShop is a till whose Alipay is the sandbox's, by the real client.
type alipayShop struct {
	*world
	box    *sandbox.Sandbox
	client *alipay.Client
}

func atAlipay(t *testing.T, f func(*alipayShop)) {
	t.Helper()
	setup, err := simSetup()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &alipayShop{box: sandbox.New(setup, sandbox.Options{Sign: signSHA256})}
		s.client, err = alipay.New(alipay.Config{
			Gateway: "https://alipay.test/gateway.do", AppID: setup.Alipay.AppID, AppKey: setup.Alipay.AppKey,
			PublicKey: setup.Alipay.AlipayPublicKey, HTTP: &http.Client{Transport: s.box.Transport()},
		})
		if err != nil {
			t.Fatal(err)
		}
		s.world = newWorld(t)
		s.more = map[payment.Channel]payment.Provider{payment.Alipay: s.client}
		s.restart()
		f(s)
		s.stop()
	})
}

func (s *alipayShop) fault(operation, fault string, times int) {
	s.t.Helper()
	if err := s.box.AddFault(sandbox.Fault{Channel: "alipay", Operation: operation, Fault: fault, Times: times}); err != nil {
		s.t.Fatal(err)
	}
}

// pays is a sale of 9.00 whose customer pays with Alipay.
func (s *alipayShop) pays() (ledger.Sale, ledger.Payment) {
	s.t.Helper()
	code, err := s.box.NewCode("alipay", sandbox.Customer{})
	if err != nil {
		s.t.Fatal(err)
	}
	sale := s.sale(900)
	return sale, s.do(till.SalePay{Method: "auto", Code: code}).(ledger.Payment)
}

// byHand gives a part back in Alipay's own app, past the till.
func (s *alipayShop) byHand(p ledger.Payment, fen int64) {
	s.t.Helper()
	a := s.client.Refund(s.t.Context(), payment.Refund{
		Number: "HAND_" + p.Order, Order: p.Order, Amount: money.Fen(fen), Total: p.Amount, Reason: "app",
	})
	if a.Outcome != payment.RefundPaid {
		s.t.Fatalf("by hand: %+v", a)
	}
}

func (s *alipayShop) keeps(want int64) {
	s.t.Helper()
	entries, err := s.box.Books()
	if err != nil || len(entries) != 1 {
		s.t.Fatalf("%v, %+v", err, entries)
	}
	if e := entries[0]; e.Captured-e.Refunded-e.Reversed != want {
		s.t.Errorf("Alipay keeps %+v, want %d", e, want)
	}
}

// What Alipay refuses to give back for good is refused here, not in doubt for
// ever, and the next refund may leave.
func TestAlipayRefusesARefund(t *testing.T) {
	t.Run("more than is left there", func(t *testing.T) {
		atAlipay(t, func(s *alipayShop) {
			_, p := s.pays()
			p = s.wait(p.ID)
			s.byHand(p, 300)
			whole := s.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
			time.Sleep(10 * time.Minute)
			if r := s.do(till.RefundGet{Refund: whole.ID}).(ledger.Refund); r.State != ledger.RefundRefused || r.Reason != string(payment.NotRefundable) {
				t.Errorf("the whole: %s/%s", r.State, r.Reason)
			}
			s.keeps(600)
			rest := s.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(600), Reason: "退货"}).(ledger.Refund)
			time.Sleep(10 * time.Minute)
			if r := s.do(till.RefundGet{Refund: rest.ID}).(ledger.Refund); r.State != ledger.RefundDone {
				t.Errorf("the rest: %s/%s", r.State, r.Reason)
			}
			s.keeps(0)
		})
	})
	t.Run("anything", func(t *testing.T) {
		atAlipay(t, func(s *alipayShop) {
			_, p := s.pays()
			s.wait(p.ID)
			s.fault("refund", "not-allowed", 1)
			r := s.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
			time.Sleep(10 * time.Minute)
			if r = s.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); r.State != ledger.RefundRefused {
				t.Errorf("%s/%s", r.State, r.Reason)
			}
			s.keeps(900)
		})
	})
}

// A payment that Alipay will not cancel, ever, is what the query then says: it
// counts, or goes back by a refund, or is a person's.
func TestAlipayRefusesACancellation(t *testing.T) {
	lost := func(s *alipayShop) (ledger.Sale, ledger.Payment) {
		s.fault("charge", "drop-answer", 1)
		s.fault("query", "drop-request", 1000)
		sale, p := s.pays()
		time.Sleep(2 * time.Second)
		return sale, p
	}
	asksAgain := func(s *alipayShop) {
		time.Sleep(5 * time.Minute)
		s.box.ClearFaults()
	}
	t.Run("counts", func(t *testing.T) {
		atAlipay(t, func(s *alipayShop) {
			s.fault("reverse", "not-allowed", 1) // a second one would be done
			sale, p := lost(s)
			asksAgain(s)
			time.Sleep(10 * time.Minute)
			if p = s.payment(p.ID); p.State != ledger.PaymentPaid {
				t.Errorf("%s/%s", p.State, p.Reason)
			}
			if sale = s.do(till.SaleGet{Sale: sale.ID}).(ledger.Sale); sale.State != ledger.SaleDone {
				t.Errorf("the sale is %s", sale.State)
			}
			s.keeps(900)
		})
	})
	t.Run("goes back", func(t *testing.T) {
		atAlipay(t, func(s *alipayShop) {
			s.fault("reverse", "not-allowed", 1000)
			sale, p := lost(s)
			s.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
			s.do(till.SalePay{Sale: sale.ID, Method: "cash"})
			asksAgain(s)
			s.fault("reverse", "not-allowed", 1000)
			time.Sleep(10 * time.Minute)
			if p = s.payment(p.ID); p.State != ledger.PaymentPaid || !p.Refunded.Equal(p.Amount) {
				t.Errorf("%s/%s, %s back", p.State, p.Reason, p.Refunded)
			}
			s.keeps(0)
		})
	})
	t.Run("a person's", func(t *testing.T) {
		atAlipay(t, func(s *alipayShop) {
			sale, p := lost(s)
			s.byHand(p, 300)
			s.do(till.PaymentForce{Payment: p.ID, Reason: "顾客急"})
			s.do(till.SalePay{Sale: sale.ID, Method: "cash"})
			asksAgain(s)
			time.Sleep(10 * time.Minute)
			p = s.payment(p.ID)
			if v := s.snapshot(); p.State != ledger.PaymentPaid || len(v.Refunds) != 1 || v.Refunds[0].Next != till.RefundPerson ||
				v.Refunds[0].Reason != string(payment.NotRefundable) || v.DoubtCount != 0 {
				t.Fatalf("%s/%s, %d in doubt, %+v", p.State, p.Reason, v.DoubtCount, v.Refunds)
			}
			s.do(till.RefundGiven{Refund: s.snapshot().Refunds[0].ID, Reason: "支付宝商家退3元,现金6元"})
			if v := s.snapshot(); v.RefundCount != 0 {
				t.Errorf("told, and still there: %+v", v.Refunds)
			}
			s.keeps(600)
		})
	})
}
