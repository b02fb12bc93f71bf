package printer

import (
	"bytes"
	"strings"

	"rsc.io/qr"
)

// rasterImage is GS v 0, from Epson's ESC/POS reference: bytes a row and rows
// follow, two bytes each, low first.
const rasterImage = "\x1dv0\x00"

// linePitch is how far the head feeds for a line of its own letters; a drawn
// line is cellHeight rows and feeds the rest.
const linePitch = 30

// drawnAlphabet is what the till draws, or the head prints as ASCII.
func drawnAlphabet(f *Font) alphabet {
	twins := strings.NewReplacer(drawnForm...)
	return func(text string) run {
		var r run
		clusters(twins.Replace(text), func(_ string, first rune) {
			_, columns := f.letter(first)
			if columns == 0 {
				first = substitute
				_, columns = f.letter(first)
			}
			r = append(r, newGlyph(string(first), columns, first))
		})
		return r
	}
}

// bitmap is black dots on white; rows are whole bytes, the left dot the highest bit.
type bitmap struct {
	dots []byte
	wide int // bytes a row
}

func newBitmap(width, height int) bitmap {
	wide := (width + 7) / 8
	return bitmap{make([]byte, wide*height), wide}
}

func (m bitmap) set(x, y int) {
	if x/8 < m.wide {
		m.dots[y*m.wide+x/8] |= 0x80 >> (x % 8)
	}
}

// fill blackens a square of dots.
func (m bitmap) fill(x, y, size int) {
	for dy := range size {
		for dx := range size {
			m.set(x+dx, y+dy)
		}
	}
}

// command is the picture for the head. Real-time commands are obeyed even
// within a picture, so where its dots would read as one, one more is black.
func (m bitmap) command(b *bytes.Buffer) {
	for i := range len(m.dots) - 1 {
		if next := m.dots[i+1]; m.dots[i] == 0x10 && (next == 0x04 || next == 0x05 || next == 0x14) {
			m.dots[i] |= 0x08
		}
	}
	rows := len(m.dots) / m.wide
	b.WriteString(rasterImage)
	b.Write([]byte{byte(m.wide), byte(m.wide >> 8), byte(rows), byte(rows >> 8)})
	b.Write(m.dots)
}

// draw is a line of text as a picture. Bold letters are a dot wider.
func (f *Font) draw(text string, style Style) bitmap {
	scale := 1
	if style.Double {
		scale = 2
	}
	var letters [][]byte
	columns := 0
	for _, r := range text {
		dots, cells := f.letter(r)
		letters = append(letters, dots)
		columns += cells
	}
	m, left := newBitmap(columns*cellWidth*scale, cellHeight*scale), 0
	for _, dots := range letters {
		wide := len(dots) / cellHeight
		for i, octet := range dots {
			for bit := range 8 {
				if octet&(0x80>>bit) == 0 {
					continue
				}
				x, y := (left+i%wide*8+bit)*scale, i/wide*scale
				m.fill(x, y, scale)
				if style.Bold {
					m.fill(x+scale, y, scale)
				}
			}
		}
		left += (wide - 1) * cellWidth
	}
	return m
}

// drawLines writes lines as pictures, but those of plain ASCII as text, which
// is shorter by far.
func (f *Font) drawLines(b *bytes.Buffer, l layout, row Row, style Style) {
	if style.Double {
		l = l.halved()
	}
	for _, line := range l.lines(row) {
		text := strings.TrimRight(line.String(), " ")
		if isASCII(text) {
			writeStyled(b, []string{text}, style)
			continue
		}
		f.draw(text, style).command(b)
		gap := linePitch - cellHeight
		if style.Double {
			gap = doubleGap
		}
		b.WriteString(feedDots)
		b.WriteByte(byte(gap))
	}
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > '~' })
}

// drawQR draws a code that the head may not be able to make.
func drawQR(b *bytes.Buffer, code *qr.Code, module, dots int) {
	left, quiet := (dots-code.Size*module)/2, quietZone*module
	m := newBitmap(left+code.Size*module, code.Size*module)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				m.fill(left+x*module, y*module, module)
			}
		}
	}
	b.WriteString(feedDots)
	b.WriteByte(byte(quiet))
	m.command(b)
	b.WriteString(feedDots)
	b.WriteByte(byte(quiet))
}
