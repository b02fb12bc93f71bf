package till_test

import (
	"errors"
	"reflect"
	"testing"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// mute is an acquirer's mood in which look-ups come to nothing.
func mute(op payment.Op, _ int) mood {
	if op == opFind {
		return lostBefore
	}
	return fair
}

// "Nobody knows this number" is only said when everybody was asked: an acquirer
// that could not be may have the customer's money.
func TestALookUpThatCouldNotAskSaysSo(t *testing.T) {
	for _, c := range []struct {
		name    string
		mute    []payment.Channel
		known   payment.Channel // who has the number on its bill
		unasked []any
	}{
		{"everybody answers, nobody knows it", nil, "", nil},
		{"the first was not reached", []payment.Channel{payment.WeChat}, "", []any{"wechat"}},
		{"the second was not reached", []payment.Channel{payment.Alipay}, "", []any{"alipay"}},
		{"nobody was reached", []payment.Channel{payment.WeChat, payment.Alipay}, "", []any{"wechat", "alipay"}},
		{"the first was not reached, the second knows it", []payment.Channel{payment.WeChat}, payment.Alipay, nil},
		{"the second was not reached, the first knows it", []payment.Channel{payment.Alipay}, payment.WeChat, nil},
		{"who was not reached knows it", []payment.Channel{payment.Alipay}, payment.Alipay, []any{"alipay"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.sale(900)
				p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
				all := map[payment.Channel]*acquirer{payment.WeChat: w.wechat, payment.Alipay: w.alipay}
				for _, channel := range c.mute {
					all[channel].mood = mute
				}
				if c.known != "" {
					all[c.known].bills = map[string]string{"4200001234": p.Order}
				}
				r, err := w.core.Do(w.t.Context(), till.PaymentFind{Number: "4200001234"})
				var f *till.Fault
				switch found, _ := r.([]ledger.Payment); {
				case c.unasked != nil:
					if !errors.As(err, &f) || f.Code != till.FaultFindUnasked || !reflect.DeepEqual(f.Args, c.unasked) {
						w.t.Fatalf("%+v, %v; want that %v could not be asked", r, err, c.unasked)
					}
				case err != nil, len(found) != min(len(c.known), 1):
					w.t.Fatalf("%+v, %v", r, err)
				case len(found) == 1 && found[0].ID != p.ID:
					w.t.Fatalf("found %+v", found)
				}
				if got := w.do(till.PaymentFind{Number: p.AcquirerReference}).([]ledger.Payment); len(got) != 1 {
					t.Fatalf("what the book knows needs nobody: %+v", got)
				}
			})
		})
	}
}

// An order of the shop's that another till made is known to the acquirer, and
// this till does not say that nobody knows it.
func TestALookUpFindsAnotherTillsOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.alipay.bills = map[string]string{"2026112122001": "B02202611210042001"}
		w.refuses(till.FaultFoundElsewhere, till.PaymentFind{Number: "2026112122001"})
	})
}
