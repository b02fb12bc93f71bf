package tui

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/tui/theme"
)

// area is a rectangle of cells.
type area struct{ w, h int }

// width is the one measure of text on the screen. It counts ambiguous
// characters as one cell in every locale, as the renderer does.
func width(text string) int {
	cells := 0
	for _, r := range text {
		switch {
		case r >= ' ' && r <= '~':
			cells++
		case r >= '一' && r <= '鿿', r >= '！' && r <= '～': // most of what a shop writes
			cells += 2
		default: // what may combine with its neighbours is measured as a whole
			return ansi.StringWidth(text)
		}
	}
	return cells
}

// clean takes control characters out: names and acquirers' words come from
// outside and must not move the cursor.
func clean(text string) string {
	for _, r := range text {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ansi.Strip(strings.Map(func(r rune) rune {
				if unicode.IsControl(r) && r != '\x1b' {
					return ' '
				}
				return r
			}, text))
		}
	}
	return text
}

// cut shortens text to at most n cells. The result may be a cell short where a
// wide character did not fit, so pad after cutting.
func cut(text string, n int) string {
	text = clean(text)
	switch {
	case n <= 0:
		return ""
	case width(text) <= n:
		return text
	case n <= 4:
		return ansi.Truncate(text, n, "")
	}
	return ansi.Truncate(text, n, "..")
}

func spaces(n int) string {
	const blank = "                                                                                "
	if n <= 0 {
		return ""
	}
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// left and right are text in exactly n cells.
func left(text string, n int) string {
	text = cut(text, n)
	return text + spaces(n-width(text))
}

func right(text string, n int) string {
	text = cut(text, n)
	return spaces(n-width(text)) + text
}

// row builds one line of exactly its width out of painted pieces.
type row struct {
	b       strings.Builder
	used, w int
}

func newRow(w int) *row {
	r := &row{w: w}
	r.b.Grow(w * 2)
	return r
}

// put appends as much of text as fits.
func (r *row) put(s theme.Style, text string) *row {
	text = cut(text, r.w-r.used)
	r.used += width(text)
	r.b.WriteString(s.Paint(text))
	return r
}

// add appends text in the base style.
func (r *row) add(text string) *row { return r.put(theme.Style{}, text) }

// to moves on to a column, if it is not there yet.
func (r *row) to(column int) *row {
	if n := min(column, r.w) - r.used; n > 0 {
		r.b.WriteString(spaces(n))
		r.used += n
	}
	return r
}

// far puts text at the right edge, leaving rest cells behind it.
func (r *row) far(s theme.Style, text string, rest int) *row {
	return r.to(r.w-rest-width(clean(text))).put(s, text)
}

func (r *row) end() string { return r.to(r.w).b.String() }

// fill makes exactly a.h lines of lines that are a.w wide already.
func fill(a area, lines []string) []string {
	if len(lines) > a.h {
		return lines[:a.h]
	}
	for len(lines) < a.h {
		lines = append(lines, spaces(a.w))
	}
	return lines
}

// cash is an amount for a column: with an ASCII minus, because the typographic
// one is two cells wide on some terminals.
func cash(a money.Amount) string {
	if !a.Valid() {
		return "--"
	}
	return strings.Replace(a.String(), "−", "-", 1)
}

// quantity is thousandths without needless zeros: "2", "0.512".
func quantity(q ledger.Quantity) string {
	text := strconv.FormatInt(int64(q/ledger.One), 10)
	if rest := int64(q % ledger.One); rest != 0 {
		digits := strconv.FormatInt(max(rest, -rest)+int64(ledger.One), 10)[1:]
		text += "." + strings.TrimRight(digits, "0")
	}
	return text
}

// parseQuantity reads "5" or "0.512"; more than three decimals, nothing and
// more than 9,999 are refused.
func parseQuantity(text string) (ledger.Quantity, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(whole) > 4 || len(fraction) > 3 || whole+fraction == "" {
		return 0, false
	}
	n, err := strconv.ParseUint("0"+whole+fraction+strings.Repeat("0", 3-len(fraction)), 10, 32)
	return ledger.Quantity(n), err == nil && n > 0
}
