package printer

import "fmt"

// Document is what is to be read, before any width is known.
type Document []Row

// Row is one of Paragraph, Columns, Rule, QR, Bars, Feed and Cut.
type Row interface{ row() }

// Align is where a paragraph stands.
type Align uint8

// The alignments.
const (
	Left Align = iota
	Center
)

// Style is how letters look; the screen shows neither.
type Style struct {
	Double bool // twice as wide and high: half as many characters in a row
	Bold   bool
}

// Paragraph is text that wraps.
type Paragraph struct {
	Text  string
	Align Align
	Style Style
}

// Columns is a row with text at the left and a figure at the right edge. The
// left wraps; the right goes to a row of its own where it does not fit beside
// it. Middle, if any, shares the row on wide paper and starts the next one on
// narrow paper, so that one receipt does not mix both manners.
type Columns struct {
	Left, Middle, Right string
	Indent              int // columns
	Style               Style
}

// Rule is a line across the paper, made of hyphens, or of equals signs.
type Rule struct{ Strong bool }

// QR is a QR code in the middle of the paper; the screen shows its text. Data
// that no code of a scannable size can hold is printed as text.
type QR struct{ Data string }

// Bars is a bar code in the middle of the paper with its text below: EAN-13
// where Data is one, otherwise Code 128. Data that does not fit is printed as
// text; the screen shows its text.
type Bars struct{ Data string }

// Feed is a number of empty lines, at most 255.
type Feed struct{ Lines int }

// Cut feeds to the knife and cuts. Heads without a knife ignore it.
type Cut struct{}

func (Paragraph) row() {}
func (Columns) row()   {}
func (Rule) row()      {}
func (QR) row()        {}
func (Bars) row()      {}
func (Feed) row()      {}
func (Cut) row()       {}

// Paper is the printable width, in columns of the 12-dot font and in dots at
// 203 dpi, and who has the letters.
type Paper struct {
	Columns, Dots int
	Font          *Font // nil: the printer has Chinese of its own
}

// PaperOf gives the paper of a roll by its width in millimetres, 58 or 80.
func PaperOf(millimetres int) (Paper, error) {
	switch millimetres {
	case 58:
		return Paper{Columns: 32, Dots: 384}, nil
	case 80:
		return Paper{Columns: 48, Dots: 576}, nil
	}
	return Paper{}, fmt.Errorf("paper of %d mm: use 58 or 80", millimetres)
}
