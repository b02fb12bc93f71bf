package till_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
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

// What the acquirer says is told beside what the book has: of a payment in any
// state, and also that it has said nothing.
func TestAskingTellsWhatTheAcquirerSays(t *testing.T) {
	inWorld(t, func(w *world) {
		ask := func(p ledger.Payment) till.Asked { return w.do(till.PaymentQuery{Payment: p.ID}).(till.Asked) }
		pay := func(c payment.Channel) ledger.Payment {
			w.sale(900)
			return w.wait(w.do(till.SalePay{Method: "auto", Code: code(c)}).(ledger.Payment).ID)
		}
		wants := func(what string, a till.Asked, state ledger.PaymentState, heard bool, outcome payment.Outcome, reason payment.Reason) {
			w.t.Helper()
			if a.Payment.State != state || a.Heard != heard || a.Outcome != outcome || a.Reason != reason || a.Nobody {
				w.t.Errorf("%s: %s, %+v", what, a.Payment.State, a)
			}
		}
		paid := pay(payment.WeChat)
		wants("paid", ask(paid), ledger.PaymentPaid, true, payment.Paid, "")
		w.wechat.mood = func(payment.Op, int) mood { return lostAfter }
		wants("paid, and nobody answers", ask(paid), ledger.PaymentPaid, true, payment.Unknown, payment.NoAnswer)
		w.wechat.mood = func(payment.Op, int) mood { return fair }
		w.wechat.orders[paid.Order].paid, w.wechat.orders[paid.Order].gone = false, true
		wants("paid in the book only", ask(paid), ledger.PaymentPaid, true, payment.Reversed, "")

		w.alipay.mood = func(op payment.Op, _ int) mood { return map[bool]mood{true: declines}[op == payment.OpCharge] }
		declined := pay(payment.Alipay)
		wants("declined", ask(declined), ledger.PaymentDeclined, true, payment.Unknown, payment.NotFound)
		w.alipay.orders[declined.Order] = &order{amount: declined.Amount, paid: true, refunds: map[string]money.Amount{}}
		wants("declined, and paid at last", ask(declined), ledger.PaymentChecking, true, payment.Paid, "")
		if p := w.wait(declined.ID); p.State != ledger.PaymentReversed {
			w.t.Errorf("the late money has not gone back: %+v", p)
		}

		w.sale(500)
		cash := w.do(till.SalePay{Method: "cash"}).(ledger.Payment)
		if a := ask(cash); !a.Nobody || a.Heard || a.Payment.State != ledger.PaymentPaid {
			w.t.Errorf("cash: %+v", a)
		}
		w.refuses(till.FaultNoPayment, till.PaymentQuery{Payment: "none"})
	})
}

// While a reversal is out that is then refused, its refusal is not taken for
// the acquirer's word that nothing was paid.
func TestARefusedReversalIsNoAnswerToAQuestion(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.stubborn = true
		w.wechat.mood = func(op payment.Op, _ int) mood { return map[bool]mood{true: lostAfter}[op == payment.OpCharge] }
		w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		w.do(till.PaymentCancel{Payment: p.ID})
		for range 40 {
			time.Sleep(500 * time.Millisecond)
			a := w.do(till.PaymentQuery{Payment: p.ID}).(till.Asked)
			if a.Heard && a.Outcome != payment.Paid && a.Outcome != payment.Unknown {
				w.t.Fatalf("the acquirer has the money, and is quoted as %+v", a)
			}
		}
		w.balanced()
	})
}

// A number is found also as people read it out and type it, and a refund's
// number leads to its payment.
func TestALookUpTakesNumbersAsTheyCome(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sale(900)
		p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		r := w.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(100), Reason: "退货"}).(ledger.Refund)
		time.Sleep(time.Second)
		reference := w.do(till.RefundGet{Refund: r.ID}).(ledger.Refund).AcquirerReference
		if reference == "" {
			w.t.Fatal("the refund has no number of the acquirer's")
		}
		wide := strings.Map(func(r rune) rune { return r - '!' + '！' }, p.Order)
		for _, number := range []string{
			p.Order[:4] + " " + p.Order[4:8] + "　" + p.Order[8:], strings.ToUpper(p.Order), wide, p.AcquirerReference[:3] + " " + p.AcquirerReference[3:],
			r.Number, strings.ToUpper(r.Number), r.ID, strings.ToLower(r.ID), reference, reference[:4] + " " + reference[4:],
		} {
			if got := w.do(till.PaymentFind{Number: number}).([]ledger.Payment); len(got) != 1 || got[0].ID != p.ID {
				w.t.Errorf("%q finds %+v", number, got)
			}
		}
		if got := w.do(till.PaymentFind{Number: p.Order + "_rx"}).([]ledger.Payment); len(got) != 0 {
			w.t.Errorf("found %+v", got)
		}
	})
}

// An order number of the shop's that is not in this book, of another till or
// from before a backup was put back, is asked of the acquirers as well: on the
// customer's bill it stands beside theirs.
func TestALookUpByAnotherTillsOrderNumber(t *testing.T) {
	inWorld(t, func(w *world) {
		const number = "20261120_0042_02_k3f9_1"
		if got := w.do(till.PaymentFind{Number: number}).([]ledger.Payment); len(got) != 0 {
			w.t.Errorf("found %+v", got)
		}
		w.wechat.mood = func(op payment.Op, _ int) mood { return map[bool]mood{true: lostBefore}[op == payment.OpQuery] }
		w.refuses(till.FaultFindUnasked, till.PaymentFind{Number: number})
		w.alipay.orders[number] = &order{amount: money.Fen(500), paid: true}
		w.refuses(till.FaultFoundElsewhere, till.PaymentFind{Number: number})
	})
}

// An order number that names this till but is not in its book is of another data
// folder, or from before a backup was put back: no other till has it.
func TestALookUpByThisTillsOrderOfAnotherBook(t *testing.T) {
	inWorld(t, func(w *world) {
		const number = "20261120_0042_01_k3f9_1"
		if got := w.do(till.PaymentFind{Number: number}).([]ledger.Payment); len(got) != 0 {
			w.t.Errorf("found %+v", got)
		}
		w.alipay.orders[number] = &order{amount: money.Fen(500), paid: true}
		w.refuses(till.FaultFoundOtherBook, till.PaymentFind{Number: number})
		w.wechat.bills = map[string]string{"4200001234": number}
		w.refuses(till.FaultFoundOtherBook, till.PaymentFind{Number: "4200001234"})
	})
}

func TestFindByAnyNumber(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		p = w.wait(p.ID)
		for _, number := range []string{p.ID, p.Order, p.AcquirerReference, s.ID, " " + p.Order + " "} {
			got := w.do(till.PaymentFind{Number: number}).([]ledger.Payment)
			if len(got) != 1 || got[0].ID != p.ID {
				t.Fatalf("%q finds %+v", number, got)
			}
		}
		if got := w.do(till.PaymentFind{Number: "4200009999"}).([]ledger.Payment); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		// The book was never told the acquirer's number: the acquirer knows ours.
		w.wechat.bills = map[string]string{"4200001234": p.Order}
		if got := w.do(till.PaymentFind{Number: "4200001234"}).([]ledger.Payment); len(got) != 1 || got[0].ID != p.ID {
			t.Fatalf("%+v", got)
		}
		w.refuses(till.FaultBadInput, till.PaymentFind{})
	})
}

func TestAskAboutEndedPayments(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wechat.mood = func(op payment.Op, n int) mood {
			if op == payment.OpCharge && n == 1 {
				return declines
			}
			return fair
		}
		w.sale(900)
		p := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		w.wait(p.ID)
		if p = w.do(till.PaymentQuery{Payment: p.ID}).(till.Asked).Payment; p.State != ledger.PaymentDeclined {
			t.Fatalf("%+v", p)
		}
		second := w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment)
		second = w.wait(second.ID)
		w.wechat.mu.Lock()
		w.wechat.orders[second.Order].paid, w.wechat.orders[second.Order].gone = false, true
		w.wechat.mu.Unlock()
		w.do(till.PaymentQuery{Payment: second.ID})
		time.Sleep(time.Second)
		if v := w.snapshot(); !slices.ContainsFunc(v.Notices, func(n till.Notice) bool { return n.Code == till.NoticeContradiction }) {
			t.Fatalf("%+v", v.Notices)
		}
	})
}
