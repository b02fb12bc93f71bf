package report_test

import (
	"strings"
	"testing"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/report"
	"abacus/ledger"
)

// What came while no shift was open is told on paper and in spreadsheets, in
// both languages, and only where there is any.
func TestMoneyBetweenShifts(t *testing.T) {
	write := func(r ledger.Report, l lang.Tag) string {
		var b strings.Builder
		if err := report.Text(&b, r, &lang.Must(l).Paper, 42); err != nil {
			t.Fatal(err)
		}
		if err := report.CSV(&b, r); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	none := ledger.Report{Kind: "Z", Number: 1}
	some := none
	some.Between, some.BetweenBack = money.Fen(900), money.Fen(400)
	for language, words := range map[lang.Tag][]string{
		lang.Chinese: {"两班之间到账", "9.00", "两班之间退款", "−4.00", "total,between shifts,0,9.00,0,4.00"},
		lang.English: {"Came between shifts", "9.00", "Refunded between shifts", "−4.00", "total,between shifts,0,9.00,0,4.00"},
	} {
		for _, word := range words {
			if text := write(some, language); !strings.Contains(text, word) {
				t.Errorf("%s: no %q in\n%s", language, word, text)
			}
			if text := write(none, language); strings.Contains(text, word) {
				t.Errorf("%s: %q in\n%s", language, word, text)
			}
		}
	}
}
