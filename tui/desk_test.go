package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/money"
	"abacus/internal/till"
)

func TestShiftOpensWhereOneIsMissing(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.SaleAdd); ok {
				return nil, &till.Fault{Code: till.FaultNoShift}
			}
			return nil, nil
		}
		c.keys("5<enter>")
		c.sees("Open the shift", "✖")
		c.core.took()
		c.rest(quiet)
		c.keys("500<enter>")
		c.asked(till.ShiftOpen{Float: money.Fen(50000)})
	})
}

// The float is asked for in the middle of typing: what was meant for the sale is
// no float.
func TestWhatIsTypedOnIsNoFloat(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.SaleAdd); ok {
				return nil, &till.Fault{Code: till.FaultNoShift}
			}
			return nil, nil
		}
		c.keys("5<enter>8<enter>")
		c.asked(till.SaleAdd{Amount: money.Fen(500)})
		c.sees("Open the shift")
		c.rest(quiet)
		c.keys("500<enter>")
		c.asked(till.ShiftOpen{Float: money.Fen(50000)})
	})
}

func TestTheCountIsBlind(t *testing.T) {
	s := idle()
	s.Operator = &till.Operator{ID: "1002", Name: "李雷", Role: till.Cashier}
	at(t, s, func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			switch command.(type) {
			case till.ReportX:
				return report("X"), nil
			case till.ShiftClose:
				return report("Z"), nil
			}
			return nil, nil
		}
		c.keys("<f9>85")
		c.seesNot("Expected")
		c.keys("<pgdown>")
		c.seesNot("Expected", "600.00")
		c.keys("<esc><f9>82")
		c.seesNot("600.00")
		c.core.took()
		c.keys("599<enter><enter>")
		c.asked() // Enter is no answer
		c.keys("+")
		c.asked(till.ShiftClose{Counted: money.Fen(59900)})
		c.keys("<pgdown>")
		c.sees("Expected cash", "Over or short", "-1.00")
	})
}

func TestSignIn(t *testing.T) {
	at(t, signedOut(), func(c *counter) {
		c.sees("王芳", "PIN 246810", "PIN 135790")
		c.keys("<down>135790")
		c.sees(" ******_")
		if strings.Count(c.screen(), "135790") != 1 {
			t.Fatal("the PIN typed is on the screen")
		}
		c.keys("<enter>")
		c.asked(till.Login{Operator: "1002", PIN: "135790"})
		c.keys("/1003<enter>1111<enter>")
		c.asked(till.Login{Operator: "1003", PIN: "1111"})
	})
}

// Goods and pay codes sign nobody in, and whoever scans one is told what does.
func TestAScanSignsNobodyIn(t *testing.T) {
	at(t, signedOut(), func(c *counter) {
		c.scan("6901234567892", tea.KeyEnter)
		c.rest(time.Second)
		c.sees("This scan signs nobody in")
		c.asked()
	})
}

// A badge chooses who signs in; its text is not shown, and without the PIN it
// opens nothing. Esc forgets it.
func TestABadgeChoosesTheOperator(t *testing.T) {
	at(t, signedOut(), func(c *counter) {
		c.scan("STAFF-0077", tea.KeyEnter)
		c.rest(time.Second)
		c.sees("Operator     badge")
		c.seesNot("STAFF", "0077")
		c.keys("<enter>")
		c.asked()
		c.keys("246810<enter>")
		c.asked(till.Login{Operator: "STAFF-0077", PIN: "246810"})
		c.scan("STAFF-0077", tea.KeyEnter)
		c.keys("<esc>246810<enter>")
		c.asked(till.Login{Operator: "1001", PIN: "246810"})
	})
}
