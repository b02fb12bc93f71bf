package tui

import (
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// cards is a till with a bank terminal beside it.
func cards(s *till.Snapshot) *till.Snapshot {
	s.Methods = append(s.Methods, till.Method{Channel: payment.Card, Charge: true, Desk: true, Hold: true})
	cardLamp(s, till.LinkUp)
	return s
}

func cardLamp(s *till.Snapshot, state till.LinkState) {
	for i := range s.Links {
		if s.Links[i].Name == "card" {
			s.Links[i].State = state
		}
	}
}

// byCard is a card payment on its way.
func byCard(state ledger.PaymentState, phase payment.Phase, reason payment.Reason) *till.Snapshot {
	s := cards(selling())
	a := attempt(state, phase, false)
	a.Payment.Channel, a.Payment.CodeMask, a.Payment.Reason = "card", "", string(reason)
	s.Attempt = a
	if !state.Final() {
		s.Doubt = []till.Attempt{*a}
	}
	return s
}

// cardSelling has nothing of it yet.
func cardSelling() *till.Snapshot { return cards(selling()) }

// cardWaiting: the customer is at the terminal.
func cardWaiting() *till.Snapshot {
	return byCard(ledger.PaymentWaiting, payment.Shown, payment.PresentCard)
}

// cardAsked: the terminal has been asked what became of it, and has not told.
func cardAsked() *till.Snapshot {
	s := byCard(ledger.PaymentChecking, payment.Asking, payment.TerminalSilent)
	s.Attempt.Asked, s.Attempt.AskedAt, s.Attempt.NextAsk = 4, morning(), morning().Add(4*time.Second)
	s.Doubt = []till.Attempt{*s.Attempt}
	cardLamp(s, till.LinkDown)
	return s
}

// cardDoubt: it has told of several that could be it.
func cardDoubt() *till.Snapshot {
	s := cardAsked()
	s.Attempt.Payment.Reason, s.Attempt.Decide = string(payment.Ambiguous), true
	s.Doubt = []till.Attempt{*s.Attempt}
	cardLamp(s, till.LinkUp)
	return s
}

func cardDeclined() *till.Snapshot {
	return byCard(ledger.PaymentDeclined, payment.Ended, payment.Refused)
}

func cardNoFunds() *till.Snapshot {
	s := byCard(ledger.PaymentDeclined, payment.Ended, payment.NoFunds)
	s.Attempt.Payment.Detail = "51 余额不足 trace 000107 batch 000001 terminal 00000001"
	return s
}

// chipAwaited is a card at the host: no terminal, and nothing was swiped.
func chipAwaited() *till.Snapshot {
	s := byCard(ledger.PaymentChecking, payment.Sending, payment.InsertCard)
	s.Methods[len(s.Methods)-1] = till.Method{Channel: payment.Card, Charge: true}
	return s
}

func aHold(state ledger.HoldState, reason payment.Reason, days int) till.Hold {
	return till.Hold{Days: days, Hold: ledger.Hold{
		ID: "H20261121-57", Reference: "302", Channel: "card", Amount: money.Fen(100000), State: state, Reason: string(reason),
		Trace: "000107", Auth: "000749", Payer: "622202******0007", StartedAt: morning().Add(-time.Duration(days) * 24 * time.Hour).Add(-50 * time.Second),
	}}
}

// holding is a till with holds, the first of which stands so.
func holding(first till.Hold) func() *till.Snapshot {
	return func() *till.Snapshot {
		s := cards(selling())
		old := aHold(ledger.HoldHeld, "", 31)
		old.ID, old.Reference, old.Amount = "H20261021-9", "", money.Fen(50000)
		s.Holds, s.HoldCount = []till.Hold{first, old}, 2
		return s
	}
}

// refundUntold is a part refund that only a slip can tell.
func refundUntold() *till.Snapshot {
	s := cards(selling())
	s.Refunds = []till.Refund{{Next: till.RefundSlip, Refund: ledger.Refund{ID: "20261121-0040-1-R1", Payment: "20261121-0040-1", Sale: "20261121-0040", Channel: "card",
		Amount: money.Fen(300), State: ledger.RefundAbnormal, Reason: string(payment.RefundUntold), StartedAt: morning().Add(-time.Minute)}}}
	s.Decide = []string{s.Refunds[0].ID}
	return s
}

// chipSelling is a till whose cards go to the host.
func chipSelling() *till.Snapshot {
	s := cards(selling())
	s.Methods[len(s.Methods)-1] = till.Method{Channel: payment.Card, Charge: true}
	return s
}

func openFirstHold(d *desk) {
	if len(d.snap.Holds) > 0 {
		d.openHold(d.snap.Holds[0])
	}
}

func decideFirstRefund(d *desk) {
	if len(d.snap.Refunds) > 0 {
		d.decideRefund(d.snap.Refunds[0].Refund)
	}
}
