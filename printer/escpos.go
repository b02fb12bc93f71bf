package printer

import (
	"bytes"
	"strings"

	"rsc.io/qr"
)

// The commands used, all from Epson's ESC/POS reference ("ESC/POS Command
// Reference for TM Printers") and understood by its clones.
const (
	initialise  = "\x1b@"              // ESC @: also ends whatever a broken job left half done
	chineseOn   = "\x1c&"              // FS &: two-byte characters
	chineseOff  = "\x1c."              // FS .
	boldOn      = "\x1bE\x01"          // ESC E
	boldOff     = "\x1bE\x00"          //
	doubleOn    = "\x1d!\x11\x1c!\x0c" // GS !, and FS ! for older heads that size Chinese apart
	doubleOff   = "\x1d!\x00\x1c!\x00" //
	alignLeft   = "\x1ba\x00"          // ESC a, at the start of a line only
	alignCenter = "\x1ba\x01"          //
	feedLines   = "\x1bd"              // ESC d n
	feedDots    = "\x1bJ"              // ESC J n
	feedAndCut  = "\x1dVB\x00"         // GS V 66 0: to the knife, then a partial cut
	qrModel2    = "\x1d(k\x04\x001A2\x00"
	qrModule    = "\x1d(k\x03\x001C" // then dots a module
	qrLevelM    = "\x1d(k\x03\x001E1"
	qrStore     = "\x1d(k" // then length + 3 in two bytes, low first
	qrStoreData = "1P0"
	qrPrint     = "\x1d(k\x03\x001Q0"
	leastModule = 3 // dots: 0.375 mm; smaller does not scan from thermal paper
	mostModule  = 6
	quietZone   = 4 // modules of white around a code
	doubleGap   = 8 // dots below a row of double height, which else touches the next
)

// ESCPOS is the document as a whole job for a receipt printer. Text goes as
// GB18030 in its one- and two-byte zones; with a Font, whatever is not ASCII is
// drawn instead. It depends on no state an earlier job left behind. A character
// that cannot be printed becomes □.
func ESCPOS(doc Document, paper Paper) []byte {
	p := press{b: bytes.NewBufferString(initialise), paper: paper}
	if paper.Font != nil {
		p.layout = newLayout(paper.Columns, drawnAlphabet(paper.Font))
		p.b.WriteString(chineseOff)
	} else {
		p.layout = newLayout(paper.Columns, paperAlphabet())
		p.b.WriteString(chineseOn)
	}
	for _, row := range doc {
		switch row := row.(type) {
		case Paragraph:
			p.text(row, row.Style)
		case Columns:
			p.text(row, row.Style)
		case Rule:
			p.text(row, Style{})
		case QR:
			p.code(row.Data)
		case Bars:
			p.bars(row.Data)
		case Feed:
			p.b.WriteString(feedLines)
			p.b.WriteByte(byte(min(max(row.Lines, 0), 255)))
		case Cut:
			p.b.WriteString(feedAndCut)
		}
	}
	return p.b.Bytes()
}

// press is a job being written.
type press struct {
	b      *bytes.Buffer
	layout layout
	paper  Paper
}

func (p press) text(row Row, style Style) {
	if p.paper.Font != nil {
		p.paper.Font.drawLines(p.b, p.layout, row, style)
		return
	}
	l := p.layout
	if style.Double {
		l = l.halved()
	}
	var lines []string
	for _, line := range l.lines(row) {
		lines = append(lines, line.String())
	}
	writeStyled(p.b, lines, style)
}

func writeStyled(b *bytes.Buffer, lines []string, style Style) {
	if style.Double {
		b.WriteString(doubleOn)
	}
	if style.Bold {
		b.WriteString(boldOn)
	}
	for _, line := range lines {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	if style.Bold {
		b.WriteString(boldOff)
	}
	if style.Double {
		b.WriteString(doubleOff + feedDots)
		b.WriteByte(doubleGap)
	}
}

// code lets the head draw a QR code. Control bytes are never sent inside it:
// real-time commands (10 04, 10 14) are obeyed even within data.
func (p press) code(data string) {
	isControl := func(r rune) bool { return r < ' ' }
	code, err := qr.Encode(data, qr.M)
	if err != nil || data == "" || strings.ContainsFunc(data, isControl) ||
		p.paper.Dots/(code.Size+2*quietZone) < leastModule {
		p.text(Paragraph{Text: data, Align: Center}, Style{})
		return
	}
	module := min(p.paper.Dots/(code.Size+2*quietZone), mostModule)
	if p.paper.Font != nil { // a head without Chinese mostly lacks codes, too
		drawQR(p.b, code, module, p.paper.Dots)
		return
	}
	p.b.WriteString(feedDots)
	p.b.WriteByte(byte(quietZone * module))
	p.b.WriteString(alignCenter + qrModel2 + qrModule)
	p.b.WriteByte(byte(module))
	length := len(qrStoreData) + len(data)
	p.b.WriteString(qrLevelM + qrStore)
	p.b.Write([]byte{byte(length), byte(length >> 8)})
	p.b.WriteString(qrStoreData + data + qrPrint + "\n" + alignLeft)
}
