package tui

import (
	"strings"
	"testing"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// What came while no shift was open stands on the screen's report, too.
func TestAReportTellsOfMoneyBetweenShifts(t *testing.T) {
	for tag, words := range map[lang.Tag][]string{
		lang.English: {"Came between shifts", "Refunded between shifts"}, lang.Chinese: {"两班之间到账", "两班之间退款"},
	} {
		at(t, selling(), func(c *counter) {
			z := report("Z")
			texts := &lang.Must(tag).Screen
			plain := strings.Join(c.root.desk.reportLines(texts, z, 60), "\n")
			z.Between, z.BetweenBack = money.Fen(900), money.Fen(400)
			told := strings.Join(c.root.desk.reportLines(texts, z, 60), "\n")
			for _, word := range words {
				if strings.Contains(plain, word) || !strings.Contains(told, word) {
					t.Errorf("%q: %v without, %v with such money", word, strings.Contains(plain, word), strings.Contains(told, word))
				}
			}
			if !strings.Contains(told, "9.00") || !strings.Contains(told, "4.00") {
				t.Errorf("no amounts in\n%s", told)
			}
		})
	}
}
