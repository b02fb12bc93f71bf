package tui

import (
	"testing"

	"abacus/internal/money"
	"abacus/internal/till"
)

// Goods given away are done with one key, by either of the two that take money.
func TestGoodsGivenAway(t *testing.T) {
	for _, key := range []string{"<enter>", "<f2>"} {
		gift := selling()
		gift.Sale.Total, gift.Sale.Discount = money.Fen(0), money.Fen(1136)
		at(t, gift, func(c *counter) {
			c.sees("Nothing due: press Enter")
			c.keys(key)
			if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.SalePay{Method: "cash"}) {
				t.Errorf("%s asked %#v", key, got)
			}
		})
	}
}

// So is a sale that was cut down to the part of it that had been paid.
func TestASalePaidInPartAndCutDown(t *testing.T) {
	at(t, selling(), func(c *counter) { c.seesNot("Nothing due") })
	cut := selling()
	cut.Sale.Paid = cut.Sale.Total
	at(t, cut, func(c *counter) {
		c.sees("Nothing due: press Enter")
		c.keys("<enter>")
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.SalePay{Method: "cash"}) {
			t.Errorf("asked %#v", got)
		}
	})
}
