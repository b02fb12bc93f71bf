package tui

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/money"
	"abacus/internal/till"
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

func TestSettlementInWords(t *testing.T) {
	at(t, selling(), func(c *counter) {
		lines := settlementLines(&c.root.words.Screen, ledger.CardsSettled{
			Batch: "000007", Sales: money.Fen(1234), SaleCount: 2, Returns: money.Fen(34), ReturnCount: 1, Uploaded: 3,
		})
		if len(lines) != 5 || lines[0] != "Batch 000007" {
			t.Errorf("%q", lines)
		}
	})
}
