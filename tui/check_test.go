package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/scanner"
)

// The scanner check hears what no other screen may see: layouts, lost digits,
// prefixes, slow and unfinished scans; and nothing it hears is sold.
func TestTheScannerCheck(t *testing.T) {
	goods, letters, long := scanner.TestCodes()[0], scanner.TestCodes()[1], scanner.TestCodes()[2]
	at(t, selling(), func(c *counter) {
		c.keys(".94")
		c.rest(time.Second)
		c.sees("Scanner check", "1/3  "+goods, "Waiting for a scan")
		c.scan(goods, tea.KeyEnter)
		c.rest(time.Second)
		c.sees("Read as it should be.")
		for _, tc := range []struct{ came, says string }{
			{`ABxzyß09ö-"`, "Deutsch"}, {"abXYZ-09;/@", "the wrong way"}, {"69013456792", "missing: 2"}, {"#" + goods, "puts # before"},
			{"６９０１２３４５６７８９２", "input method"}, {"", "Only Enter came"}, {letters, "Read as it should be."},
			{long, "3/3  " + long},
		} {
			c.scan(tc.came, tea.KeyEnter)
			c.rest(time.Second)
			c.sees(tc.says)
		}
		for _, r := range long { // slowly, and without its end
			c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
			c.rest(70 * time.Millisecond)
		}
		c.rest(time.Second)
		c.sees("No Enter came", "inter_key_ms to 110")
		c.scan(payCode, tea.KeyEnter)
		c.rest(time.Second)
		c.sees("This was not the code shown.")
		c.seesNot(payCode)
		c.line <- scanner.Scan{Text: goods}
		c.rest(time.Second)
		c.sees("1/3  "+goods, "Read as it should be.")
		c.asked()
		c.keys("<down>")
		c.rest(time.Second)
		c.sees("2/3  "+letters, "Waiting for a scan")
		c.keys("/")
		c.rest(time.Second)
		c.asked(till.ScannerSheet{})
		c.sees("sent to the printer")
		c.keys("<esc>")
		c.rest(time.Second)
		c.seesNot("Scanner check")
		c.scan(goods, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goods, Pay: true})
	})
}

// The cashier does not see the customer display's rows, so the bar tells when
// it is out, in both languages and on the narrowest screen.
func TestADisplayThatIsOutHasALamp(t *testing.T) {
	for tag, name := range map[lang.Tag]string{lang.Chinese: "顾客屏", lang.English: "Display"} {
		s := selling()
		s.Links = append(s.Links, till.Link{Name: till.DeviceDisplay, State: till.LinkDown})
		r := still(t, Options{Language: tag}, s, area{80, 24})
		rows := strings.Split(ansi.Strip(r.View()), "\n")
		if bar := rows[len(rows)-1]; !strings.Contains(bar, name) {
			t.Errorf("%s: %q", tag, bar)
		}
	}
}
