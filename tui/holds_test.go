package tui

import (
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// askedFor holds that just this was asked, with a key or without.
func (c *counter) askedFor(want till.Command) {
	c.t.Helper()
	got := c.core.took()
	if len(got) == 1 {
		if keyed, ok := got[0].(till.Keyed); ok && keyed.Key != "" {
			got[0] = keyed.Command
		}
	}
	if len(got) != 1 || got[0] != want {
		c.t.Fatalf("asked %+v, want %+v\n%s", got, want, c.screen())
	}
}

// F4 starts the bank terminal with all that is due; the wait says who has to do
// what, and Esc gives up.
func TestTheCardKey(t *testing.T) {
	at(t, cardSelling(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return cardWaiting().Attempt.Payment, nil }
		c.keys("<f4>")
		c.rest(time.Second)
		c.askedFor(till.SalePay{Method: "card"})
		c.core.answer = nil
		c.core.show(cardWaiting())
		c.rest(time.Second)
		c.sees("The bank terminal waits for the customer's card and PIN")
		c.keys("<esc>")
		c.rest(time.Second)
		c.askedFor(till.PaymentCancel{Payment: "20261121-0042-1"})
	})
}

// Without cards F4 says so, and nothing is sent.
func TestTheCardKeyWithoutCards(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.keys("<f4>")
		c.rest(time.Second)
		c.asked()
		c.sees("cannot take bank card")
	})
}

// A chip card is awaited at the reader: nothing speaks of a terminal.
func TestTheChipReaderWaits(t *testing.T) {
	at(t, chipAwaited(), func(c *counter) {
		c.sees("card reader waits for the customer's card")
		c.seesNot("terminal")
	})
	at(t, chipSelling(), func(c *counter) {
		c.keys(".89")
		c.sees("Test the card host")
		c.seesNot("terminal")
	})
	at(t, cardSelling(), func(c *counter) {
		c.keys(".89")
		c.sees("Test the bank terminal")
		c.seesNot("host")
	})
}

func TestHoldFromTheKeypad(t *testing.T) {
	held := aHold(ledger.HoldHeld, "", 0)
	at(t, cardSelling(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return aHold(ledger.HoldWaiting, payment.PresentCard, 0), nil }
		c.keys(".56+1000<enter>302<enter>")
		c.rest(time.Second)
		c.askedFor(till.CardHold{Amount: money.Fen(100000), Reference: "302"})
		c.core.show(holding(aHold(ledger.HoldWaiting, payment.PresentCard, 0))())
		c.rest(time.Second)
		c.sees("H20261121-57", "card and PIN, to hold")
		c.keys("6")
		c.rest(time.Second)
		c.askedFor(till.CardCancel{Hold: held.ID})
		c.core.show(holding(held)())
		c.rest(time.Second)
		c.sees("nothing has been paid", "000749")
		c.core.answer = func(till.Command) (till.Result, error) { return ledger.Payment{ID: "20261121-0043-1"}, nil }
		c.keys("2600<enter>")
		c.rest(time.Second)
		c.askedFor(till.CardComplete{Hold: held.ID, Amount: money.Fen(60000)})
	})
}

func TestHoldPanel(t *testing.T) {
	held := aHold(ledger.HoldHeld, "", 2)
	at(t, holding(held)(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return ledger.Payment{ID: "20261121-0042-1"}, nil }
		c.keys(".56")
		c.sees("H20261121-57", "302", "1,000.00", "2 d", "H20261021-9")
		c.keys("<enter>1")
		c.rest(time.Second)
		c.askedFor(till.CardComplete{Hold: held.ID, Sale: "20261121-0042"})
	})
	at(t, holding(held)(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return aHold(ledger.HoldReleasing, "", 2), nil }
		c.keys(".56<enter>31")
		c.sees("Release hold H20261121-57 (1,000.00)")
		c.keys("+")
		c.rest(time.Second)
		c.askedFor(till.CardRelease{Hold: held.ID, Reason: "customer leaves"})
		over := aHold(ledger.HoldReleased, "", 2)
		c.core.answer = func(till.Command) (till.Result, error) { return over, nil }
		c.core.show(cardSelling())
		c.rest(time.Second)
		c.askedFor(till.CardWait{Hold: held.ID})
		c.sees("the money is the customer's again")
		c.keys("8")
		c.rest(time.Second)
		c.askedFor(till.ReceiptPrint{Hold: held.ID, Reason: "customer asked"})
	})
	done := aHold(ledger.HoldCompleted, "", 0)
	done.Taken = money.Fen(60000)
	at(t, cardSelling(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return []till.Hold{done}, nil }
		c.keys(".56*")
		c.rest(time.Second)
		c.askedFor(till.CardHolds{All: true, Limit: 200})
		c.core.answer = func(till.Command) (till.Result, error) {
			return ledger.Refund{ID: "R1", State: ledger.RefundChecking}, nil
		}
		c.keys("<enter>41+")
		c.rest(time.Second)
		c.askedFor(till.CardReopen{Hold: held.ID, Reason: "wrong amount taken"})
	})
}

// What only the slip tells is asked for step by step, and once more.
func TestDecideByTheSlip(t *testing.T) {
	at(t, refundUntold(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) {
			return ledger.Refund{ID: "20261121-0040-1-R1", State: ledger.RefundDone, Reason: string(payment.SlipSays)}, nil
		}
		c.keys("<f12>*")
		c.sees("Enter what the slip says", "There is none")
		c.keys("1000103<enter>900000000103<enter>1")
		c.sees("trace 000103, reference 900000000103")
		c.keys("+")
		c.rest(time.Second)
		c.askedFor(till.RefundDecide{Refund: "20261121-0040-1-R1", Done: true, Slip: payment.Slip{Trace: "000103", Reference: "900000000103"}, Reason: "slip compared"})
		c.sees("Refunded")
	})
	at(t, cardDoubt(), func(c *counter) {
		c.keys("<f12>*12")
		c.keys("3+")
		c.rest(time.Second)
		c.askedFor(till.PaymentDecide{Payment: "20261121-0042-1", Reason: "acquirer confirmed it"})
	})
	puzzled := aHold(ledger.HoldChecking, payment.Ambiguous, 0)
	puzzled.Decide = true
	at(t, holding(puzzled)(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return aHold(ledger.HoldHeld, payment.SlipSays, 0), nil }
		c.keys("<f12><enter>71000107<enter>900000000107<enter>000749<enter>2+")
		c.rest(time.Second)
		c.askedFor(till.CardDecide{Hold: puzzled.ID, Done: true, Reason: "terminal's list compared",
			Slip: payment.Slip{Trace: "000107", Reference: "900000000107", Auth: "000749"}})
	})
}
