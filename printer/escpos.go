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

// ESCPOS is the document as a whole job for a receipt printer with a Chinese
// character set: GB18030 in its one- and two-byte zones. It depends on no state
// an earlier job left behind. A character the head cannot print becomes □.
func ESCPOS(doc Document, paper Paper) []byte {
	l := newLayout(paper.Columns, paperAlphabet())
	b := bytes.NewBufferString(initialise + chineseOn)
	for _, row := range doc {
		switch row := row.(type) {
		case Paragraph:
			writeLines(b, l, row, row.Style)
		case Columns:
			writeLines(b, l, row, row.Style)
		case Rule:
			writeLines(b, l, row, Style{})
		case QR:
			writeQR(b, l, row.Data, paper.Dots)
		case Feed:
			b.WriteString(feedLines)
			b.WriteByte(byte(min(max(row.Lines, 0), 255)))
		case Cut:
			b.WriteString(feedAndCut)
		}
	}
	return b.Bytes()
}

func writeLines(b *bytes.Buffer, l layout, row Row, style Style) {
	if style.Double {
		b.WriteString(doubleOn)
		l = l.halved()
	}
	if style.Bold {
		b.WriteString(boldOn)
	}
	for _, line := range l.lines(row) {
		b.WriteString(line.String())
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

// writeQR lets the head draw the code. Control bytes are never sent inside it:
// real-time commands (10 04, 10 14) are obeyed even within data.
func writeQR(b *bytes.Buffer, l layout, data string, dots int) {
	isControl := func(r rune) bool { return r < ' ' }
	code, err := qr.Encode(data, qr.M)
	if err != nil || data == "" || strings.ContainsFunc(data, isControl) ||
		dots/(code.Size+2*quietZone) < leastModule {
		writeLines(b, l, Paragraph{Text: data, Align: Center}, Style{})
		return
	}
	module := min(dots/(code.Size+2*quietZone), mostModule)
	b.WriteString(feedDots)
	b.WriteByte(byte(quietZone * module))
	b.WriteString(alignCenter + qrModel2 + qrModule)
	b.WriteByte(byte(module))
	length := len(qrStoreData) + len(data)
	b.WriteString(qrLevelM + qrStore)
	b.Write([]byte{byte(length), byte(length >> 8)})
	b.WriteString(qrStoreData + data + qrPrint + "\n" + alignLeft)
}
