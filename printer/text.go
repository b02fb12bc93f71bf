package printer

import "strings"

// Text is the document for a screen: rows of at most columns terminal cells
// (at least 16, at most 256), without spaces at their ends, each ended by
// a line feed. The layout is that of paper as wide; double size is not shown.
func Text(doc Document, columns int) string {
	l := newLayout(columns, screenAlphabet())
	var b strings.Builder
	for _, row := range doc {
		lines := l.lines(row)
		switch row := row.(type) {
		case QR:
			lines = l.paragraph("[QR] "+row.Data, Center)
		case Bars:
			lines = l.paragraph("[||] "+row.Data, Center)
		case Feed:
			lines = make([]run, max(row.Lines, 0))
		}
		for _, line := range lines {
			b.WriteString(strings.TrimRight(line.String(), " \u3000"))
			b.WriteByte('\n')
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
