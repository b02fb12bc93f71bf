package tui

import (
	"fmt"
	"strconv"
	"strings"

	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/tui/theme"
)

// view draws lines on the left, the amount on the right, on wide terminals the
// day's figures beside it, and the input line below.
func (s *sellScreen) view(a area, snap *till.Snapshot) string {
	side, day := 30, 0
	if a.w >= wideWidth {
		side = 36
	}
	if a.w >= widestWidth {
		day = 34
	}
	main := area{a.w - side - 1, a.h - 6}
	if day > 0 {
		main.w -= day + 1
	}
	columns := [][]string{s.list(main, snap), s.side(area{side, main.h}, snap)}
	if day > 0 {
		columns = append(columns, s.day(area{day, main.h}, snap))
	}
	bar := s.look.Rule.Paint(theme.Upright)
	lines := make([]string, 0, a.h)
	lines = append(lines, s.joints(a.w, main.w, side, day, theme.TeeDown))
	for y := range main.h {
		line := columns[0][y]
		for _, c := range columns[1:] {
			line += bar + c[y]
		}
		lines = append(lines, line)
	}
	lines = append(lines, s.joints(a.w, main.w, side, day, theme.TeeUp))
	lines = append(append(lines, s.inputLine(a.w)), s.message(a.w, s.hint())...)
	if len(lines) < a.h-1 { // a long message takes the rule's place
		lines = append(lines, s.rule(a.w, 0, ""))
	}
	lines = append(lines, s.keyBar(a.w, s.keys))
	return strings.Join(lines, "\n")
}

func (s *sellScreen) joints(w, main, side, day int, mark string) string {
	if day == 0 {
		return s.rule(w, main, mark)
	}
	return s.rule(main+1+side, main, mark) + s.look.Rule.Paint(mark) + s.rule(day, 0, "")
}

func (s *sellScreen) hint() string {
	t := &s.words.Screen
	switch {
	case s.searching():
		return t.HintSearch
	case strings.HasSuffix(s.entry.text, "*"):
		return t.HintQuantity
	case s.snap.Identity.Sandbox && front(s.snap) == nil:
		return t.HintSandbox
	}
	return t.HintSell
}

func (s *sellScreen) inputLine(w int) string {
	text := s.entry.shown(s.held)
	return newRow(w).add("  ").put(s.look.Key, ">").add(" ").put(s.look.Typed, " "+cut(text, w-12)+"_ ").end()
}

func (s *sellScreen) list(a area, snap *till.Snapshot) []string {
	if s.searching() {
		return s.results(a)
	}
	columns := newColumns(a.w)
	lines := []string{s.look.Dim.Paint(columns.heading(&s.words.Screen))}
	sale := front(snap)
	if sale == nil {
		return fill(a, append(append(lines, spaces(a.w)), s.empty(a.w, snap)...))
	}
	rows, chosen := s.rows(sale)
	for _, row := range window(rows, chosen, a.h-1) {
		switch {
		case row.less:
			lines = append(lines, s.look.Good.Paint(columns.less(s.reason(row.reason), cash(row.amount.Neg()))))
		case row.chosen:
			lines = append(lines, s.look.Chosen.Paint(columns.line(row.no, row.line, s.lineName(row.line), true)))
		default:
			lines = append(lines, columns.line(row.no, row.line, s.lineName(row.line), false))
		}
	}
	return fill(a, lines)
}

// empty stands where no sale is: what to do, or why none can be begun.
func (s *sellScreen) empty(w int, snap *till.Snapshot) []string {
	if !s.full() {
		return []string{s.look.Dim.Paint(left("   "+s.words.Screen.EmptySale, w))}
	}
	say, hint := s.words.Fault(till.FaultNoSpace, snap.Space.Args())
	var lines []string
	for _, line := range wrap(theme.Failed+" "+say, w-6) {
		lines = append(lines, newRow(w).to(3).put(s.look.Bad, line).end())
	}
	lines = append(lines, spaces(w))
	for _, line := range wrap(hint, w-6) {
		lines = append(lines, newRow(w).to(3).put(s.look.Strong, line).end())
	}
	return lines
}

// saleRow is a line of the sale, or the discount below it.
type saleRow struct {
	no     int
	line   ledger.Line
	chosen bool

	less   bool
	reason string
	amount money.Amount
}

// rows are the sale's rows, and where the chosen one is. Only those on the
// screen are drawn.
func (s *sellScreen) rows(sale *ledger.Sale) (rows []saleRow, chosen int) {
	lines := standing(sale)
	for i, l := range lines {
		here := l.No == s.selected || s.selected == 0 && i == len(lines)-1
		if here {
			chosen = len(rows)
		}
		rows = append(rows, saleRow{no: i + 1, line: l, chosen: here})
		if !l.Discount.IsZero() {
			rows = append(rows, saleRow{less: true, reason: l.Reason, amount: l.Discount})
		}
	}
	if !sale.Discount.IsZero() {
		rows = append(rows, saleRow{less: true, reason: sale.DiscountOf, amount: sale.Discount})
	}
	return rows, chosen
}

func (d *desk) reason(text string) string {
	if text == "" {
		return d.words.Screen.Discount
	}
	return text
}

// itemName is the goods' name in the screen's language.
func (d *desk) itemName(name, english string) string {
	if d.words.Tag == lang.English && english != "" {
		return english
	}
	if name == "" {
		return d.words.Screen.BareAmount
	}
	return name
}

// results are the goods found, the chosen one marked.
func (s *sellScreen) results(a area) []string {
	t := &s.words.Screen
	lines := []string{s.look.Dim.Paint(left(fmt.Sprintf("  "+t.Found, len(s.found)), a.w))}
	if len(s.found) == 0 {
		return fill(a, append(lines, spaces(a.w), left("   "+t.NothingFound, a.w)))
	}
	var rows []string
	for i, item := range s.found {
		text := s.result(a.w, item, i == s.pick)
		if i == s.pick {
			text = s.look.Chosen.Paint(text)
		}
		rows = append(rows, text)
	}
	return fill(a, append(lines, window(rows, s.pick, a.h-1)...))
}

func (s *sellScreen) result(w int, item goods.Item, chosen bool) string {
	mark := " "
	if chosen {
		mark = ">"
	}
	price := cash(item.Price)
	if item.Unit != "" {
		price += "/" + item.Unit
	}
	code := ""
	if w >= 60 {
		code = left(item.Code, 14)
	}
	return " " + mark + " " + left(s.itemName(item.Name, item.NameEn), w-17-len(code)) + " " + code + right(price, 12) + " "
}

// window is what of rows fits into h with the chosen one in it.
func window[T any](rows []T, chosen, h int) []T {
	if h <= 0 {
		return nil
	}
	if len(rows) <= h {
		return rows
	}
	from := min(max(chosen-h+2, 0), len(rows)-h)
	return rows[from : from+h]
}

// columns are the widths of the list of lines.
type columns struct{ name, quantity, price, amount int }

func newColumns(w int) columns {
	const number, quantity, price, amount = 5, 7, 9, 10
	return columns{w - number - quantity - price - amount - 1, quantity, price, amount}
}

func (c columns) heading(t *lang.Screen) string {
	return "  #  " + left(t.ColumnName, c.name) + right(t.ColumnQuantity, c.quantity) +
		right(t.ColumnPrice, c.price) + right(t.ColumnAmount, c.amount) + " "
}

func (c columns) line(no int, l ledger.Line, name string, chosen bool) string {
	mark := " "
	if chosen {
		mark = ">"
	}
	return right(strconv.Itoa(no), 3) + mark + " " + left(name, c.name) + right(quantity(l.Quantity), c.quantity) +
		right(cash(l.Price), c.price) + right(cash(l.Amount), c.amount) + " "
}

func (c columns) less(reason, text string) string {
	return spaces(7) + left(reason, c.name+c.quantity+c.price-2) + right(text, c.amount) + " "
}
