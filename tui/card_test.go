package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
)

const track = ";6224242300000069=99121010000000000000?"

// A card swiped pays, wherever the cashier is; no screen shows any of it, and
// it lands in no field.
func TestASwipeIsNeverShown(t *testing.T) {
	for name, keys := range map[string]string{"selling": "", "with digits typed": "12", "taking cash": "<f2>"} {
		t.Run(name, func(t *testing.T) {
			at(t, selling(), func(c *counter) {
				c.keys(keys)
				c.rest(time.Second)
				c.scan(track, tea.KeyEnter)
				c.rest(time.Second)
				c.asked(till.SaleScan{Text: track, Pay: true})
				c.seesNot("6224", "0069", "=9912", "2423")
			})
		})
	}
}

// A payment that needs the cardholder's PIN asks for it and is then made anew,
// under one key however often; the PIN is never on the screen.
func TestPINOfACard(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if k, ok := command.(till.Keyed); ok {
				command = k.Command
			}
			switch pay, _ := command.(till.SalePay); {
			case pay.PIN == "":
				return nil, &till.Fault{Code: till.FaultCardPIN}
			case len(pay.PIN) < 4:
				return nil, &till.Fault{Code: till.FaultCardPINForm}
			}
			return ledger.Payment{ID: "20261121-0042-1", State: ledger.PaymentWaiting}, nil
		}
		c.scan(track, tea.KeyEnter)
		c.rest(time.Second)
		c.asked(till.SaleScan{Text: track, Pay: true})
		c.sees("PIN of the bank card")
		c.keys("12<enter>")
		c.rest(time.Second)
		c.sees("PIN of the bank card", "has 4 to 12 digits")
		c.keys("123456")
		c.rest(time.Second)
		c.sees("******")
		c.seesNot("123456", "6224", "=9912")
		c.keys("<enter>")
		c.rest(time.Second)
		asked := c.core.took()
		if len(asked) != 2 {
			t.Fatalf("asked %v", asked)
		}
		first, last := asked[0].(till.Keyed), asked[1].(till.Keyed)
		if want := (till.SalePay{Method: "card", Code: track, PIN: "123456"}); first.Key != last.Key || last.Command != want {
			t.Errorf("asked %#v under %s and %s", last.Command, first.Key, last.Key)
		}
		c.seesNot("PIN of the bank card")
	})
}

func TestCardMenu(t *testing.T) {
	s := selling()
	s.Methods = append(s.Methods, till.Method{Channel: "card", Charge: true})
	at(t, s, func(c *counter) {
		c.keys(".89")
		c.sees("Balance of a card")
		c.keys("3")
		c.rest(time.Second)
		c.asked(till.CardTest{})
		c.keys(".891")
		c.sees("Swipe the card")
		c.scan(track, tea.KeyEnter)
		c.rest(time.Second)
		c.asked(till.CardBalance{Text: track})
	})
}

// Synchronising says what became of cards and journal, the worse of the two in
// its tone.
func TestSynchronisingInWords(t *testing.T) {
	settled := ledger.CardsSettled{Batch: "000007", Agrees: true, Sales: money.Fen(1), SaleCount: 1, Returns: money.Fen(0)}
	for _, x := range []struct {
		synced till.Synced
		tone   tone
		says   string
	}{
		{till.Synced{}, good, "No settlement"},
		{till.Synced{CardsOwed: true}, bad, "has not settled"},
		{till.Synced{Cards: &settled}, good, "Batch 000007"},
		{till.Synced{Cards: &settled, Journal: &upload.Status{}}, good, "Batch 000007"},
		{till.Synced{Cards: &settled, Journal: &upload.Status{Cause: upload.Unreachable}}, bad, "keeper"},
	} {
		at(t, selling(), func(c *counter) {
			c.core.answer = func(till.Command) (till.Result, error) { return x.synced, nil }
			c.run(c.root.syncJournal())
			c.rest(time.Second)
			if m := c.root.say; m.tone != x.tone || !strings.Contains(m.say+m.hint, x.says) {
				t.Errorf("%+v: %+v", x.synced, m)
			}
		})
	}
}

func TestSettlementInWords(t *testing.T) {
	at(t, selling(), func(c *counter) {
		lines := SettlementLines(&c.root.words.Screen, ledger.CardsSettled{
			Batch: "000007", Sales: money.Fen(1234), SaleCount: 2, Returns: money.Fen(34), ReturnCount: 1, Uploaded: 3,
		}, false)
		if len(lines) != 5 || lines[0] != "Batch 000007" {
			t.Errorf("%q", lines)
		}
		lines = SettlementLines(&c.root.words.Screen, ledger.CardsSettled{Batch: "000008", Agrees: true, Compared: true, Unmatched: []string{"20261121_0042_01_ab_1"}}, false)
		if len(lines) != 7 || lines[6] != "20261121_0042_01_ab_1" {
			t.Errorf("%q", lines)
		}
	})
}
