package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

func TestDoubtListFromAnywhere(t *testing.T) {
	s := checking()
	s.Sale.State = ledger.SaleHeld
	s.Held = []ledger.Sale{*s.Sale}
	s.Sale, s.Attempt = nil, nil
	at(t, s, func(c *counter) {
		c.keys("<f9><ctrl+d>")
		c.sees("20261121-0042-1", "14:32:05", "0:2", "no answer came", "14:32:20")
		c.sees("Tell the customer: what was taken counts or goes back by itself.")
		c.keys("<enter>")
		c.asked(till.PaymentQuery{Payment: "20261121-0042-1"})
		c.sees("To the front")
		c.keys("+")
		c.asked(till.SaleRecall{Sale: "20261121-0042"})
		c.keys("<f12>-")
		c.asked(till.PaymentCancel{Payment: "20261121-0042-1"})
	})
}

// Asked from the list of doubt, an acquirer's word stands there as it does on the
// payment's own screen: also that there is none, because its turn has not come.
func TestTheListOfDoubtSaysWhatWasAnswered(t *testing.T) {
	s := checking()
	p := s.Doubt[0].Payment
	ended := p
	ended.State, ended.Reason = ledger.PaymentPaid, ""
	never := *s
	never.Doubt = []till.Attempt{{Payment: p, Phase: payment.Asking}}
	for _, test := range []struct {
		snap *till.Snapshot
		now  till.Asked
		sees []string
	}{
		{s, till.Asked{Payment: p, Heard: true, Reason: payment.SystemBusy}, []string{"The acquirer is busy and gave no result.", "Nothing new is known"}},
		{s, till.Asked{Payment: ended, Heard: true, Outcome: payment.Paid}, []string{"✔ Alipay says: paid, as the books say."}},
		{s, till.Asked{Payment: p}, []string{"Alipay has not answered."}},
		{&never, till.Asked{Payment: p}, []string{"Alipay has not been asked yet, or its first answer is still out.", "turn comes"}},
	} {
		at(t, test.snap, func(c *counter) {
			c.core.answer = func(till.Command) (till.Result, error) { return test.now, nil }
			c.keys("<ctrl+d><enter>")
			c.asked(till.PaymentQuery{Payment: p.ID})
			c.sees(test.sees...)
		})
	}
	at(t, refunding(0)(), func(c *counter) {
		r := c.root.snap.Refunds[0].Refund
		r.State = ledger.RefundDone
		c.core.answer = func(till.Command) (till.Result, error) { return r, nil }
		c.keys("<ctrl+d><enter>")
		c.sees("Refunded, the money went back the way it came.")
	})
}

func TestAManagerMayForceWithAReason(t *testing.T) {
	at(t, checking(), func(c *counter) {
		c.keys("<ctrl+d>*1")
		c.sees("Charge again anyway", "customer cannot wait", "11.36")
		c.keys("<enter>")
		c.asked()
		c.keys("+")
		c.asked(till.PaymentForce{Payment: "20261121-0042-1", Reason: "customer cannot wait"})
	})
	s := checking()
	s.Operator = &till.Operator{ID: "1002", Role: till.Cashier}
	at(t, s, func(c *counter) {
		c.keys("<ctrl+d>*1+")
		c.asked()
	})
}

// What a customer's phone shows proves nothing and is no reason. Another reason
// is told in words.
func TestAnotherReasonIsTyped(t *testing.T) {
	at(t, checking(), func(c *counter) {
		c.keys("<ctrl+d>*")
		c.seesNot("phone")
		c.keys("2")
		c.sees("customer pays another way", "11.36")
		c.keys("<esc>*3")
		c.sees("Say why")
		c.keys("<enter>")
		c.sees("other", "11.36") // nobody has to
		c.keys("<esc>*3 till 02 - took it <enter>")
		c.sees("Charge again anyway", "till 02 - took it", "11.36")
		c.keys("+")
		c.asked(till.PaymentForce{Payment: "20261121-0042-1", Reason: "till 02 - took it"})
	})
	at(t, checking(), func(c *counter) {
		c.keys("<ctrl+l><ctrl+d>*")
		c.sees("顾客改用其他方式付款")
		c.seesNot("手机")
		c.keys("3")
		c.sees("写明原因")
	})
	at(t, paid(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			switch command.(type) {
			case till.SaleGet:
				return *paid().Sale, nil
			case till.PaymentGet:
				return paid().Attempt.Payment, nil
			}
			return nil, nil
		}
		c.keys("<f8><enter>4")
		c.sees("Say why")
	})
}

// Past a forced payment the sale is charged like any other: no screen forbids
// it any more, the doubt stays listed with its own sentence, and it is not
// offered to be forced again.
func TestAForcedSaleCanBeCharged(t *testing.T) {
	s := checking()
	s.Attempt.Payment.Forced = true
	s.Doubt[0].Payment.Forced = true
	at(t, s, func(c *counter) {
		c.seesNot("Do not let the customer pay again")
		c.keys("<f2>")
		c.sees("Received", "█")
		c.keys("<esc><ctrl+d>")
		c.sees("lets its sale be charged again", "goes back by", "14:32:20 if still unknown, the till undoes it.")
		c.seesNot("Do not let the customer pay again", "Charge again anyway", "then charge again")
		c.keys("*")
		c.asked()
		c.keys("<esc>")
		c.scan(payCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: payCode, Pay: true})
	})
	over := *s // it was, another way
	over.Sale, over.Attempt = nil, nil
	at(t, &over, func(c *counter) {
		c.keys("<ctrl+d>")
		c.sees("Its sale is over: charge nothing more.", "the till undoes it.")
		c.seesNot("charge again", "charged again")
	})
	s.Doubt[0].Decide = true
	at(t, s, func(c *counter) {
		c.keys("<ctrl+d>*")
		c.sees("There is a slip")
	})
	s.Attempt.Payment.State, s.Doubt = ledger.PaymentPaid, nil
	at(t, s, func(c *counter) { c.sees("✔ Paid.") })
}

func TestFindAPayment(t *testing.T) {
	p := paid().Attempt.Payment
	at(t, idle(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if command == (till.PaymentFind{Number: "none"}) {
				return []ledger.Payment{}, nil
			}
			return []ledger.Payment{p}, nil
		}
		c.keys(".75none<enter>")
		c.sees("Neither this till nor the acquirers")
		c.scan(payCode, tea.KeyEnter)
		c.sees("does nothing here")
		c.core.took()
		c.scan("4200002026112100", tea.KeyEnter)
		c.asked(till.PaymentFind{Number: "4200002026112100"})
		c.keys("<enter>")
		c.sees("2026112122001", "138****5678")
	})
}

// Who could not be asked is told, and what was typed stays to be sent again.
func TestALookUpThatCouldNotAskSaysSo(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) {
			return nil, &till.Fault{Code: till.FaultFindUnasked, Args: []any{"wechat"}}
		}
		c.keys(".754200001234<enter>")
		c.sees("Not in this till's books, and WeChat Pay could not be asked", "4200001234")
		c.seesNot("Neither this till")
		c.core.took()
		c.keys("<enter>")
		c.asked(till.PaymentFind{Number: "4200001234"})
	})
}

func TestDoublesAreReadyToGoBack(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) {
			return []till.Double{{Payment: paid().Attempt.Payment, Earlier: ledger.Payment{ID: "20261121-0041-1"}, Why: till.DoublePayer, Amount: money.Fen(1136)}}, nil
		}
		c.keys(".76")
		c.sees("same payer", "repeat payment 20261121-0041-1")
		c.keys("<enter>")
		c.sees("at most 11.36")
	})
}

// Why a charge is listed and what Enter does stand there whole, whatever the
// amount and the language.
func TestWhyADoubleIsListed(t *testing.T) {
	p := paid().Attempt.Payment
	for _, why := range []string{till.DoublePayer, till.DoubleCode, till.DoubleSale, till.DoubleLate} {
		at(t, idle(), func(c *counter) {
			c.core.answer = func(till.Command) (till.Result, error) {
				return []till.Double{{Payment: p, Earlier: ledger.Payment{ID: "20261121-0041-1"}, Why: why, Amount: money.Fen(12345600)}}, nil
			}
			c.keys(".76")
			c.sees("Enter gives it back.", "11.36  "+c.root.why(why)+" ")
			c.keys("<ctrl+l>")
			c.sees("Enter", "。", "11.36  "+c.root.why(why)+" ")
			c.seesNot("..")
		})
	}
}

// In the list of doubt Enter asks about a refund, and ends one that is owed.
func TestRefundsInTheListOfDoubt(t *testing.T) {
	at(t, refunding(0)(), func(c *counter) {
		c.keys("<ctrl+d>")
		c.sees("5x 14:31:48", "14:32:20", "Customer oUpF8…3wd4", "4200002026112100000042")
		c.keys("<enter>")
		c.asked(till.RefundQuery{Refund: "20261121-0031-1-R1"})
		c.keys("<down><down><down><enter>1")
		c.sees("new number", "11.36")
		c.keys("+")
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.RefundRetry{Refund: "20261121-0034-1-R1"}) {
			t.Errorf("asked %#v", got)
		}
	})
	at(t, refunding(3)(), func(c *counter) {
		c.keys("<ctrl+d><enter>21")
		c.sees("cash out", "cash out of the drawer, signed for")
		c.keys("+")
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.RefundGiven{Refund: "20261121-0034-1-R1", Reason: "cash out of the drawer, signed for"}) {
			t.Errorf("asked %#v", got)
		}
		c.sees("went back otherwise")
	})
	s := refunding(3)()
	s.Operator = &till.Operator{ID: "1002", Role: till.Cashier}
	at(t, s, func(c *counter) {
		c.keys("<ctrl+d><enter>1+")
		c.asked()
	})
	at(t, idle(), func(c *counter) {
		r := refunding(3)().Refunds[0].Refund
		c.core.answer = func(till.Command) (till.Result, error) { return []ledger.Refund{r}, nil }
		c.keys(".79")
		c.asked(till.RefundList{Limit: 200})
		c.sees("20261121-0034-1-R1", "owed", "gone back.")
	})
}

// What waits for its turn says so, and no screen gives a time that is over.
func TestNoTimeThatIsOver(t *testing.T) {
	s := checking()
	past := s.Doubt[0].AskedAt
	s.Doubt[0].Turn, s.Doubt[0].NextAsk, s.Doubt[0].ReverseAt = true, past, past
	*s.Attempt = s.Doubt[0]
	at(t, s, func(c *counter) {
		c.sees("waits for its turn")
		c.seesNot("next at", "if still unknown")
		c.keys("<ctrl+d>")
		c.sees("waits its turn", "asked one by one")
		c.seesNot("if still unknown")
		c.keys("<ctrl+l>")
		c.sees("排队中", "轮到这笔")
	})
	s.Doubt[0].Turn, s.Attempt.Turn = false, false
	at(t, s, func(c *counter) {
		c.seesNot("next at", "if still unknown")
		c.keys("<ctrl+d>")
		c.seesNot("if still unknown", "waits its turn")
	})
}
