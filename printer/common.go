package printer

import (
	"fmt"
	"strings"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// Heading is what every paper has in common.
type Heading struct {
	Store    []string // the store's name, printed large, then address, telephone…
	Till     string
	Copy     int  // 0 is the original, n the n-th copy
	Sandbox  bool // money of the acquirers' sandbox
	Training bool
}

// Journal is a place in the journal: an entry's number and its hash in
// hexadecimal, which lets paper prove the file.
type Journal struct {
	Number int64
	Hash   string
}

// shortHash is how many hexadecimal digits of a hash receipts carry: 48 bits,
// enough to tell that a book has been replaced.
const shortHash = 12

// short is the place for a receipt: "#1234 9f3a61c05b7d".
func (j Journal) short() string {
	return fmt.Sprintf("#%d %.*s", j.Number, shortHash, j.Hash)
}

// sheet collects rows.
type sheet struct {
	rows  Document
	texts *lang.Paper
}

func (s *sheet) add(rows ...Row) { s.rows = append(s.rows, rows...) }

// pair adds a label and its value, if it has one.
func (s *sheet) pair(label, value string) {
	if value != "" {
		s.add(Columns{Left: label, Right: value})
	}
}

func (s *sheet) amount(label string, a money.Amount) {
	s.add(Columns{Left: label, Right: a.String()})
}

func (s *sheet) large(label string, a money.Amount) {
	s.add(Columns{Left: label, Right: symbol(a.Currency()) + a.String(), Style: Style{Double: true, Bold: true}})
}

func (s *sheet) centred(text string, style Style) {
	s.add(Paragraph{Text: text, Align: Center, Style: style})
}

// open puts the marks and the store's lines at the top. The marks are the
// first thing on the paper, so that it cannot be mistaken.
func (s *sheet) open(h Heading) {
	s.marks(h)
	for i, line := range h.Store {
		s.centred(line, Style{Double: i == 0, Bold: i == 0})
	}
}

func (s *sheet) marks(h Heading) {
	if h.Training {
		s.centred(s.texts.Training, Style{Bold: true})
	}
	if h.Sandbox {
		s.centred(s.texts.Sandbox, Style{Bold: true})
	}
	if h.Copy > 0 {
		s.centred(fmt.Sprintf(s.texts.Copy, h.Copy), Style{Double: true, Bold: true})
	}
}

// close repeats the marks, because paper gets torn, and cuts.
func (s *sheet) close(h Heading) Document {
	s.marks(h)
	s.add(Feed{3}, Cut{})
	return s.rows
}

// symbol goes before large amounts. The full-width yen sign is the one that
// Chinese printers have; it is as wide on the screen as on paper.
func symbol(c money.Currency) string {
	switch c {
	case money.CNY, "":
		return "￥"
	}
	return string(c) + " "
}

// stamp is a time in the location it comes with; empty when there is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04:05")
}

// joined is the texts that are not empty, with a space between them.
func joined(texts ...string) string {
	var kept []string
	for _, t := range texts {
		if t != "" {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, " ")
}
