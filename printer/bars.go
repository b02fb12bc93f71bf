package printer

import (
	"strings"

	"abacus/internal/lang"
)

// Bar codes, from the same reference as the rest: GS h height in dots, GS w
// dots a module, GS H 2 the text below, GS k m n with the kinds below.
const (
	barHeight  = "\x1dh\x50"
	barModule  = "\x1dw\x02"
	barText    = "\x1dH\x02"
	barEAN13   = "\x1dk\x43"
	bar128     = "\x1dk\x49"
	setB, setC = "{B", "{C" // of Code 128: all of ASCII, pairs of digits
	barQuiet   = 10         // modules of white on either side
	moduleDots = 2
)

// bars lets the head draw the code. Every head can, those without Chinese too.
func (p press) bars(data string) {
	command, modules := barsOf(data)
	if command == "" || (modules+2*barQuiet)*moduleDots > p.paper.Dots {
		p.text(Paragraph{Text: data, Align: Center}, Style{})
		return
	}
	p.b.WriteString(alignCenter + barHeight + barModule + barText + command + "\n" + alignLeft)
}

// barsOf is the command that prints a code, and how many modules wide it gets;
// "" when no bar code can hold the data.
func barsOf(data string) (command string, modules int) {
	const start, check, stop, character = 11, 11, 13, 11
	unprintable := func(r rune) bool { return r < ' ' || r > '~' || r == '{' }
	digits := strings.Trim(data, "0123456789") == ""
	switch {
	case data == "" || len(data) > 64 || strings.ContainsFunc(data, unprintable):
		return "", 0
	case digits && len(data) == 13:
		return barEAN13 + "\x0d" + data, 95
	case digits && len(data)%2 == 0 && !strings.Contains(data, "16"): // pair 16 begins real-time commands
		pairs := make([]byte, 0, len(data)/2)
		for i := 0; i < len(data); i += 2 {
			pairs = append(pairs, (data[i]-'0')*10+data[i+1]-'0')
		}
		return bar128 + string(rune(len(setC)+len(pairs))) + setC + string(pairs), start + check + stop + character*len(pairs)
	}
	return bar128 + string(rune(len(setB)+len(data))) + setB + data, start + check + stop + character*len(data)
}

// TestSheet is the codes by which a scanner is tried out, each as bars and as a
// QR code.
func TestSheet(codes []string, texts *lang.Paper) Document {
	s := &sheet{texts: texts}
	s.centred(texts.TestSheet, Style{Bold: true})
	for _, code := range codes {
		s.add(Rule{}, Bars{code}, Feed{1}, QR{code}, Paragraph{Text: code, Align: Center})
	}
	s.add(Rule{}, Feed{3}, Cut{})
	return s.rows
}
