package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// askedScreens are a payment's screen after its acquirer was asked.
func askedScreens(d *desk, p ledger.Payment, answer func(tea.Cmd, till.Result)) map[string]func() {
	late := p // its money has come after it was given up
	late.State, late.Reason, late.Detail = ledger.PaymentChecking, string(payment.LateSuccess), ""
	back := p // all of it has gone back
	back.Refunded = back.Amount
	all := map[string]func(){}
	for name, a := range map[string]till.Asked{
		"paid": {Heard: true, Outcome: payment.Paid}, "differs": {Heard: true, Outcome: payment.Reversed},
		"unsure": {Heard: true, Reason: payment.NoAnswer}, "silent": {}, "nobody": {Nobody: true},
		"refunded": {Payment: back, Heard: true, Outcome: payment.Paid}, "late": {Payment: late, Heard: true, Outcome: payment.Paid},
	} {
		if a.Payment.ID == "" {
			a.Payment = p
		}
		all["asked-"+name] = func() {
			d.openPayment(&p)
			answer(d.askAbout(&p), a)
		}
	}
	return all
}

// Any payment of the past can be asked about, from the pad, and what the
// acquirer says stands there; the list behind it says so too.
func TestAskTheAcquirerAboutAnyPayment(t *testing.T) {
	p := paid().Attempt.Payment
	p.State, p.Reason = ledger.PaymentDeclined, string(payment.NoFunds)
	at(t, idle(), func(c *counter) {
		now := till.Asked{Heard: true}
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.PaymentQuery); ok {
				return now, nil
			}
			return []ledger.Payment{p}, nil
		}
		c.keys(".72<enter>")
		c.sees("no money was taken", "Its sale is over: charge nothing more.", "Enter Ask the acquirer", "Esc Back")
		c.seesNot("another way to pay")
		c.core.took()
		now.Payment, now.Outcome = p, payment.Declined
		c.keys("<enter>")
		c.asked(till.PaymentQuery{Payment: p.ID})
		c.sees("Alipay says: not paid. By the books too no money is kept.", "✔")
		now.Outcome, now.Reason = payment.Unknown, payment.NoAnswer
		c.keys("<enter>")
		c.sees("no answer came", "what the books say holds", "no money was taken")
		now.Payment.State, now.Payment.Reason, now.Outcome = ledger.PaymentChecking, string(payment.LateSuccess), payment.Paid
		c.keys("<enter>")
		c.sees("Alipay says: paid.", "The customer paid after the order was given up; the result is not known")
		c.seesNot("no money was taken")
		c.keys("<esc>")
		c.sees("being checked")
		c.seesNot("not paid")
	})
}

// An acquirer that contradicts the book is told with what to do about it; the
// core is who notes it. A sale's own cash has nobody to ask.
// A payment that is looked at while its end comes does not go on being in doubt.
func TestAPaymentLookedAtFollowsItsEnd(t *testing.T) {
	p := checking().Attempt.Payment
	at(t, checking(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, get := command.(till.PaymentGet); get {
				return paid().Attempt.Payment, nil
			}
			return []ledger.Payment{p}, nil
		}
		c.keys(".72<enter>")
		c.sees("no answer came", "Do not let the customer pay again")
		s := checking()
		s.Doubt[0].Payment.Reason = string(payment.BadSignature)
		c.show(s)
		c.sees("signature is wrong")
		c.core.took()
		c.show(paid())
		c.asked(till.PaymentGet{Payment: p.ID})
		c.sees("Paid.")
		c.seesNot("Do not let the customer pay again")
		c.show(paid())
		c.asked()
	})
}

func TestAnAcquirerThatContradictsTheBook(t *testing.T) {
	for _, test := range []struct {
		now  till.Asked
		sees []string
	}{
		{till.Asked{Heard: true, Outcome: payment.Reversed}, []string{"✖ Alipay says: undone, the books say: paid", "a manager must look"}},
		{till.Asked{Nobody: true}, []string{"nobody to ask"}},
		{till.Asked{}, []string{"Alipay has not answered"}},
	} {
		at(t, idle(), func(c *counter) {
			p := paid().Attempt.Payment
			test.now.Payment = p
			c.core.answer = func(command till.Command) (till.Result, error) {
				if _, ok := command.(till.PaymentQuery); ok {
					return test.now, nil
				}
				return []ledger.Payment{p}, nil
			}
			c.keys(".72<enter><enter>")
			c.sees(test.sees...)
			c.keys("0")
			c.seesNot("Ask the acquirer")
		})
	}
}

// That a sale was charged again past a payment stands on its page, also when it
// has ended.
func TestThePageOfAForcedPayment(t *testing.T) {
	p := paid().Attempt.Payment
	for _, forced := range []bool{false, true} {
		p.Forced, p.State, p.Reason = forced, ledger.PaymentReversed, ""
		at(t, idle(), func(c *counter) {
			c.core.answer = func(till.Command) (till.Result, error) { return []ledger.Payment{p}, nil }
			c.keys(".754200001234<enter><enter>")
			if !forced {
				c.seesNot("charged again past it")
				return
			}
			c.sees("charged again past it", "journal")
			c.keys("<ctrl+l>")
			c.sees("越过这笔")
		})
	}
}
