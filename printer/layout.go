package printer

import "strings"

const (
	leastColumns  = 16  // narrower paper is not made; a row of two double-size Chinese characters must fit
	mostColumns   = 256 // wider screens leave the rest empty
	wideColumns   = 40  // from here on a middle column shares the row
	figureColumns = 12  // at the right of a middle column: 9,999,999.99
)

// layout sets rows to a width.
type layout struct {
	columns  int
	alphabet alphabet
}

func newLayout(columns int, a alphabet) layout {
	return layout{min(max(columns, leastColumns), mostColumns), a}
}

// halved is the same layout for letters of double width.
func (l layout) halved() layout { l.columns /= 2; return l }

// lines sets a row that consists of text, and is nil for the others.
func (l layout) lines(row Row) []run {
	switch row := row.(type) {
	case Paragraph:
		return l.paragraph(row.Text, row.Align)
	case Columns:
		return l.row(row)
	case Rule:
		mark := "-"
		if row.Strong {
			mark = "="
		}
		return []run{l.alphabet(strings.Repeat(mark, l.columns))}
	}
	return nil
}

func (l layout) paragraph(text string, align Align) []run {
	lines := wrap(l.alphabet(text), l.columns)
	if align == Center {
		for i, line := range lines {
			lines[i] = append(blank((l.columns-line.columns())/2), line...)
		}
	}
	return lines
}

func (l layout) row(row Columns) []run {
	left, middle, right := l.alphabet(row.Left), l.alphabet(row.Middle), l.alphabet(row.Right)
	indent := min(max(row.Indent, 0), l.columns/4)
	if len(middle) == 0 {
		return l.pair(left, right, indent)
	}
	stop := l.columns - figureColumns
	if l.columns < wideColumns || middle.columns() >= stop-indent || right.columns() >= figureColumns {
		return append(l.pair(left, nil, indent), l.pair(middle, right, indent+2)...)
	}
	var above []run
	if indent+left.columns()+1+middle.columns() > stop {
		above, left = l.pair(left, nil, indent), nil
	}
	line := append(blank(indent), left...)
	line = append(line, blank(stop-middle.columns()-line.columns())...)
	line = append(line, middle...)
	return append(above, l.toRight(line, right))
}

// pair puts left and right on one row where they fit, otherwise below each
// other. Nothing is ever cut off.
func (l layout) pair(left, right run, indent int) []run {
	lines := wrap(left, l.columns-indent)
	for i, line := range lines {
		lines[i] = append(blank(indent), line...)
	}
	last := len(lines) - 1
	switch {
	case len(right) == 0:
		return lines
	case len(left) == 0:
		lines = nil
	case lines[last].columns()+1+right.columns() <= l.columns:
		lines[last] = l.toRight(lines[last], right)
		return lines
	}
	for _, line := range wrap(right, l.columns) {
		lines = append(lines, l.toRight(nil, line))
	}
	return lines
}

func (l layout) toRight(line, right run) run {
	line = append(line, blank(l.columns-line.columns()-right.columns())...)
	return append(line, right...)
}

// wrap breaks text into rows of at most columns: at spaces, beside Chinese
// characters, and inside a word only when the word alone is too long. Only
// spaces at a break are lost. Empty text is one empty row.
func wrap(text run, columns int) []run {
	var lines []run
	for {
		end := fitting(text, columns)
		if end == len(text) {
			return append(lines, text)
		}
		at := breakBefore(text, end)
		lines = append(lines, trimRight(text[:at]))
		text = text[at:]
		for len(text) > 0 && text[0].space {
			text = text[1:]
		}
	}
}

// fitting is how many glyphs go into columns, at least one of any.
func fitting(text run, columns int) int {
	width := 0
	for i, g := range text {
		width += g.columns
		if width > columns && i > 0 {
			return i
		}
	}
	return len(text)
}

// breakBefore is the last place at or before end where a row may end.
func breakBefore(text run, end int) int {
	for at := end; at > 0; at-- {
		if mayPart(text[at-1], text[at]) && len(trimRight(text[:at])) > 0 {
			return at
		}
	}
	return end
}

// mayPart reports whether a row may end between two glyphs.
func mayPart(before, after glyph) bool {
	if before.space || after.space {
		return true
	}
	return (before.wide() || after.wide()) && !before.opens && !after.closes
}

func trimRight(line run) run {
	for len(line) > 0 && line[len(line)-1].space {
		line = line[:len(line)-1]
	}
	return line[:len(line):len(line)] // the rest of the text must not be written over
}
