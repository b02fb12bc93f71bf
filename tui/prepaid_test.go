package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

const giftNumber = "9800123412341235"

// gift is a prepaid card with 25.00 on it and a PIN.
func gift() till.PrepaidCard {
	at := morning()
	moves := []ledger.PrepaidMove{
		{What: ledger.MoveReturned, Amount: money.Fen(500), Left: money.Fen(2500), Sale: "20261121-0041", At: at},
		{What: ledger.MovePaid, Amount: money.Fen(-8000), Left: money.Fen(2000), Sale: "20261121-0041", At: at.Add(-3600e9)},
		{What: ledger.MoveTopUp, Amount: money.Fen(10000), Left: money.Fen(10000), Sale: "20261001-0007", At: at.Add(-51 * 24 * 3600e9)},
	}
	return till.PrepaidCard{Prepaid: ledger.Prepaid{ID: "P0123456789abcdef01234567", Mask: "9800********1235", Balance: money.Fen(2500), Expires: "2029-11-21", PINSeal: "seal"}, Moves: moves}
}

func frozenGift() till.PrepaidCard {
	c := gift()
	c.Frozen, c.Reason = true, "wrong-pins"
	return c
}

func overGift() till.PrepaidCard {
	c := gift()
	c.Expires, c.Over, c.PINSeal = "2026-10-31", true, ""
	return c
}

// prepaidScreens are the screens about the shop's own cards.
func prepaidScreens(d *desk, answer func(tea.Cmd, till.Result)) map[string]func() {
	panel := func(c till.PrepaidCard) { d.open(newPanel(d, giftNumber, c, money.Amount{})) }
	type_ := func(text string) {
		for _, r := range text {
			d.top().update(keyMsg{r: r}, d.snap)
		}
	}
	enter := func(text string) {
		type_(text)
		d.top().update(keyMsg{name: "enter"}, d.snap)
	}
	return map[string]func(){
		"prepaid":            func() { d.openPrepaid() },
		"prepaid-number":     func() { d.openPrepaid(); enter("2"); type_("98001234123412") },
		"prepaid-issue":      func() { d.issueCard(giftNumber) },
		"prepaid-again":      func() { d.issueCard(giftNumber); enter("1234"); type_("12") },
		"prepaid-differs":    func() { d.issueCard(giftNumber); enter("1234"); enter("1235") },
		"prepaid-issued":     func() { d.issueCard(giftNumber); enter(""); answer(nil, gift()) },
		"prepaid-unknown":    func() { d.tookPrepaid(giftNumber, till.Scanned{Kind: till.ScanPrepaid, Mask: gift().Mask}) },
		"prepaid-panel":      func() { panel(gift()) },
		"prepaid-frozen":     func() { panel(frozenGift()) },
		"prepaid-over":       func() { panel(overGift()) },
		"prepaid-top-up":     func() { d.topUp(giftNumber); type_("50") },
		"prepaid-moves":      func() { d.showMoves(gift()) },
		"prepaid-list":       func() { answer(d.listCards(""), []till.PrepaidCard{gift(), frozenGift(), overGift()}) },
		"prepaid-freeze":     func() { panel(gift()); enter("4") },
		"prepaid-extend":     func() { d.extendCard(giftNumber, overGift()) },
		"prepaid-before":     func() { d.extendCard(giftNumber, gift()); enter("20291121") },
		"prepaid-no-day":     func() { d.extendCard(giftNumber, gift()); enter("20270230") },
		"prepaid-expire":     func() { d.bookOff(giftNumber, overGift()) },
		"prepaid-pin":        func() { d.payByPrepaid("k", giftNumber, gift(), money.Amount{}); type_("12") },
		"prepaid-new-pin":    func() { d.newPIN(giftNumber) },
		"prepaid-new-reason": func() { d.newPIN(giftNumber); enter("1234"); enter("1234") },
	}
}

// atTill is a till that takes the shop's own cards, with nothing on the sale.
func atTill() *till.Snapshot {
	s := idle()
	s.Methods = append(s.Methods, till.Method{Channel: payment.Prepaid, Charge: true})
	return s
}

func sellingByCard() *till.Snapshot {
	s := selling()
	s.Methods = atTill().Methods
	return s
}

// unkeyed are the commands sent since the last check, without their keys.
func (c *counter) unkeyed() []till.Command {
	var out []till.Command
	for _, asked := range c.core.took() {
		if k, ok := asked.(till.Keyed); ok {
			asked = k.Command
		}
		out = append(out, asked)
	}
	return out
}

func (c *counter) did(want ...till.Command) {
	c.t.Helper()
	got := c.unkeyed()
	if len(got) != len(want) {
		c.t.Fatalf("asked %d commands, want %d\n%s", len(got), len(want), c.screen())
	}
	for i := range got {
		if got[i] != want[i] {
			c.t.Fatalf("asked %T, want %#v\n%s", got[i], want[i], c.screen())
		}
	}
}

// A card's whole life by keys: issued with a PIN typed twice, topped up, paid
// with, frozen, thawed, extended, given a new PIN, booked off. What is typed of
// a PIN is never on the screen.
func TestACardsLifeAtTheKeys(t *testing.T) {
	at(t, atTill(), func(c *counter) {
		card := gift()
		c.core.answer = func(asked till.Command) (till.Result, error) {
			if k, ok := asked.(till.Keyed); ok {
				asked = k.Command
			}
			if _, ok := asked.(till.PrepaidTopUp); ok {
				return ledger.Sale{}, nil
			}
			return card, nil
		}
		open := func() { // the panel, by typing the number
			c.keys("<f9>55")
			c.keys("1" + giftNumber + "<enter>")
			c.did(till.PrepaidGet{Number: giftNumber})
			c.sees("Prepaid card 9800********1235")
		}

		c.keys("<f9>552" + giftNumber + "<enter>")
		c.keys("4711<enter>")
		c.sees("once more")
		c.keys("4712<enter>")
		c.sees("The two PINs differ")
		c.did()
		c.keys("4711<enter>4711")
		c.seesNot("4711")
		c.keys("<enter>")
		c.did(till.PrepaidIssue{Number: giftNumber, PIN: "4711"})
		c.sees("is issued", "has a PIN")

		c.keys("250<enter>")
		c.did(till.PrepaidTopUp{Number: giftNumber, Amount: money.Fen(5000)})

		open()
		c.keys("41")
		c.did(till.PrepaidFreeze{Number: giftNumber, Reason: "Customer has lost it"})
		card = frozenGift()
		open()
		c.sees("frozen", "Pay with this card (not available now)", "Top up (not available now)")
		card = gift()
		c.keys("51")
		c.did(till.PrepaidThaw{Number: giftNumber, Reason: "It was found"})

		open()
		c.keys("6<enter>1")
		c.did(till.PrepaidExtend{Number: giftNumber, Expires: "2030-11-21", Reason: "Customer asks for it"})
		open()
		c.keys("6")
		for typed, says := range map[string]string{"20270230": "This is no day", "20291121": "must be after 2029-11-21", "2031": "This is no day"} {
			c.keys(typed + "<enter>")
			c.sees(says)
			c.keys("<esc>")
		}
		c.did()
		c.keys("20311231<enter>2")
		c.did(till.PrepaidExtend{Number: giftNumber, Expires: "2031-12-31", Reason: "Past its last day"})

		open()
		c.keys("7")
		c.keys("8642<enter>8642<enter>1")
		c.did(till.PrepaidPIN{Number: giftNumber, PIN: "8642", Reason: "PIN forgotten"})

		card = overGift()
		open()
		c.keys("8")
		c.sees("25.00 on card 9800********1235, good until 2026-10-31")
		c.keys("<enter>") // a scanner's Enter books nothing off
		c.did()
		c.keys("+")
		c.did(till.PrepaidExpire{Number: giftNumber, Reason: "Past its last day"})
	})
}

// A card that is scanned pays with one key, and its PIN is asked for in between
// if it has one; a wrong one can be typed again.
func TestACardThatIsScannedPays(t *testing.T) {
	at(t, sellingByCard(), func(c *counter) {
		card := gift()
		wrong := true
		c.core.answer = func(asked till.Command) (till.Result, error) {
			switch asked.(type) {
			case till.SaleScan:
				return till.Scanned{Kind: till.ScanPrepaid, Mask: card.Mask, Prepaid: &card}, nil
			case till.Keyed:
				if wrong {
					return nil, &till.Fault{Code: till.FaultPrepaidPIN, Args: []any{4}}
				}
			}
			return ledger.Payment{}, nil
		}
		c.scan(giftNumber, tea.KeyEnter)
		c.core.took()
		c.rest(time.Second)
		c.sees("9800********1235", "has a PIN", "> Pay with this card")
		c.seesNot(giftNumber)
		c.keys("1")
		c.did()
		c.keys("1111<enter>")
		c.did(till.SalePay{Method: "prepaid", Code: giftNumber, PIN: "1111"})
		c.sees("PIN of the prepaid card")
		wrong = false
		c.keys("4711<enter>")
		c.did(till.SalePay{Method: "prepaid", Code: giftNumber, PIN: "4711"})
	})
}

// What may be shown of a card is its mask: no screen about it has the number,
// nor what is typed of a PIN.
func TestGoldenPrepaid(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		var names []string
		for name := range prepaidScreens(still(t, Options{}, sellingByCard(), area{80, 24}).desk, nil) {
			names = append(names, name)
		}
		for _, name := range names {
			state := sellingByCard
			if name == "prepaid-panel" {
				state = atTill
			}
			r := still(t, Options{Language: tag}, state(), area{80, 24})
			screens(r.desk)[name]()
			r.stale = true
			frame := ansi.Strip(r.View())
			golden(t, fmt.Sprintf("%s-80x24.%s.txt", name, tag), frame+"\n")
			if strings.Contains(frame, giftNumber) || strings.Contains(frame, "1234 ") {
				t.Errorf("%s shows a number or a PIN:\n%s", name, frame)
			}
		}
	}
}
