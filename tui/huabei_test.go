package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/till"
	"abacus/payment"
)

// The plan is chosen first; then the customer's code is charged by it, or the
// till's order code carries it.
func TestHuabeiPlan(t *testing.T) {
	want := func(c *counter, pay till.SalePay) {
		t.Helper()
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != pay {
			t.Fatalf("asked %#v, want %#v\n%s", got, pay, c.screen())
		}
	}
	at(t, selling(), func(c *counter) {
		c.keys(".172")
		c.scan("281234567890123456", tea.KeyEnter)
		want(c, till.SalePay{Method: "auto", Code: "281234567890123456", Huabei: 6})
	})
	at(t, selling(), func(c *counter) {
		c.keys(".1731")
		want(c, till.SalePay{Method: string(payment.Alipay), Present: true, Huabei: 12})
	})
}
