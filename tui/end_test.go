package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

func TestTheEndOfASale(t *testing.T) {
	t.Run("the next scan is the next sale", func(t *testing.T) {
		at(t, paid(), func(c *counter) {
			c.sees("✔", "138****5678", "in 3 instalments", "printing")
			c.scan("6921168509256", tea.KeyEnter)
			c.asked(till.SaleScan{Text: "6921168509256", Pay: true})
		})
	})
	t.Run("so is the next digit", func(t *testing.T) {
		at(t, paid(), func(c *counter) {
			c.keys("7")
			c.asked(till.SaleDismiss{})
			c.show(idle())
			c.keys("<enter>")
			c.asked(till.SaleAdd{Amount: money.Fen(700)})
		})
	})
	t.Run("change is big", func(t *testing.T) {
		at(t, paidCash(), func(c *counter) {
			c.sees("Change", big("88.64", c.root.look)[1])
		})
	})
	t.Run("declined goes back to the sale", func(t *testing.T) {
		at(t, declined(), func(c *counter) {
			c.sees("✖", "no money was taken")
			c.keys("<enter>")
			c.asked()
			c.sees("Master Kong")
			c.scan("281234567890123456", tea.KeyEnter)
			c.asked(till.SaleScan{Text: "281234567890123456", Pay: true})
		})
	})
	t.Run("a part leaves the rest", func(t *testing.T) {
		at(t, partPaid(), func(c *counter) {
			c.sees("Still due 6.36")
			c.keys("<f2><enter>")
			if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.SalePay{Method: "cash"}) {
				t.Fatalf("asked %#v", got)
			}
		})
	})
	t.Run("copy and refund", func(t *testing.T) {
		at(t, paid(), func(c *counter) {
			c.keys("<f7>")
			c.asked(till.ReceiptPrint{Sale: "20261121-0042", Reason: "customer asked"})
		})
	})
}

// The number by which the acquirer finds a payment is 28 digits, and stands there.
func TestTheEndShowsTheWholeNumber(t *testing.T) {
	for _, state := range []func() *till.Snapshot{paid, partPaid, declined} {
		s := state()
		s.Attempt.Payment.AcquirerReference = "4200002026112112345678901234"
		at(t, s, func(c *counter) {
			c.sees("20261121-0042-1 ", "Acquirer no. 4200002026112112345678901234")
			c.keys("<ctrl+l>")
			c.sees("20261121-0042-1 ", " 4200002026112112345678901234")
		})
	}
}

// What was typed for one customer's sale does nothing to the next one's.
func TestAQuantityDoesNotOutliveItsSale(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.keys("5*<f2><enter>")
		c.show(paid())
		c.sees("✔")
		c.core.took()
		c.scan(goodsCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true})
	})
	at(t, selling(), func(c *counter) {
		c.keys("5*")
		c.show(checking())
		c.keys("<f2>")
		c.show(idle())
		c.core.took()
		c.seesNot("5*_")
		c.scan(goodsCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true})
	})
	at(t, selling(), func(c *counter) { // part of it is paid: it is still the same sale
		c.keys("5*")
		c.show(partPaid())
		c.core.took()
		c.scan(goodsCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true, Quantity: 5 * ledger.One})
	})
}

func TestAQuantityDoesNotOutliveARecall(t *testing.T) {
	held := func() *till.Snapshot {
		s := idle()
		sale := *selling().Sale
		sale.ID, sale.State = "20261121-0001", ledger.SaleHeld
		s.Held = []ledger.Sale{sale}
		return s
	}
	inDoubt := func() *till.Snapshot {
		s := checking()
		s.Sale, s.Attempt = nil, nil
		return s
	}
	for name, test := range map[string]struct {
		state  func() *till.Snapshot
		recall func(c *counter)
	}{
		"from the held sales":   {held, func(c *counter) { c.keys("<f7><enter>") }},
		"from the doubts":       {inDoubt, func(c *counter) { c.keys("<ctrl+d>+") }},
		"by its slip's barcode": {held, func(c *counter) { c.scan("20261121-0001", tea.KeyEnter) }},
	} {
		t.Run(name, func(t *testing.T) {
			for _, typed := range []string{"5*", "12"} {
				at(t, test.state(), func(c *counter) {
					c.core.answer = func(command till.Command) (till.Result, error) {
						if _, ok := command.(till.SaleScan); ok {
							return till.Scanned{Kind: till.ScanReceipt, Mask: "20261121-0001", Sale: &test.state().Held[0]}, nil
						}
						return nil, nil
					}
					c.keys(typed)
					test.recall(c)
					c.show(selling())
					got := c.core.took()
					if _, ok := got[len(got)-1].(till.SaleRecall); !ok {
						c.t.Fatalf("asked %#v", got)
					}
					c.sees("Total")
					if text := c.root.sell.entry.text; text != "" {
						c.t.Errorf("%q stands in the line of the recalled sale", text)
					}
				})
			}
		})
	}
}

// The end of a sale is told also where its last payment was noted before: a
// removed line, or an earlier attempt that has turned out paid, has ended it.
func TestTheEndOfASaleIsToldAfterThatOfItsPayment(t *testing.T) {
	at(t, partPaid(), func(c *counter) {
		c.keys("<enter>")
		c.seesNot("✔")
		c.rest(2 * time.Second)
		c.bell.Reset()
		c.show(paid())
		c.sees("✔", "Paid.")
		c.rest(2 * time.Second)
		if got := strings.Count(c.bell.String(), "\a"); got != soundPaid {
			t.Errorf("%d strokes", got)
		}
		c.core.took()
		c.keys("<enter>")
		c.asked(till.SaleDismiss{})
	})
	at(t, partPaid(), func(c *counter) { // what asks for cash gives way to it
		for _, keys := range []string{"<enter>", "5<enter>"} {
			c.show(partPaid())
			c.keys("<enter><f2>")
			c.sees("Received")
			c.show(paid())
			c.core.took()
			c.keys(keys)
			c.asked()
			c.sees("✔", "Paid.")
			c.seesNot("Received")
			c.rest(time.Second)
			c.keys("<enter>")
			c.show(idle())
		}
	})
}
