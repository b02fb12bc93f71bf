package printer_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"abacus/internal/lang"
	"abacus/printer"
)

// drawn is a roll for a printer without Chinese.
func drawn(t testing.TB, millimetres int) printer.Paper {
	t.Helper()
	paper, err := printer.PaperOf(millimetres)
	if err != nil {
		t.Fatal(err)
	}
	if paper.Font, err = printer.LoadFont(); err != nil {
		t.Fatal(err)
	}
	return paper
}

// picture is one GS v 0 in a job: bytes a row, rows, dots.
type picture struct {
	wide, rows int
	dots       []byte
}

// pictures takes the pictures out of a job; what is left is its text.
func pictures(job []byte) (found []picture, rest []byte, err error) {
	for {
		at := bytes.Index(job, []byte("\x1dv0\x00"))
		if at < 0 {
			return found, append(rest, job...), nil
		}
		rest, job = append(rest, job[:at]...), job[at+4:]
		if len(job) < 4 {
			return nil, nil, fmt.Errorf("a picture without its measures")
		}
		p := picture{wide: int(job[0]) | int(job[1])<<8, rows: int(job[2]) | int(job[3])<<8}
		if job = job[4:]; len(job) < p.wide*p.rows {
			return nil, nil, fmt.Errorf("%d × %d dots and only %d bytes", p.wide*8, p.rows, len(job))
		}
		p.dots, job = job[:p.wide*p.rows], job[p.wide*p.rows:]
		found = append(found, p)
	}
}

func (p picture) String() string {
	var b strings.Builder
	for i, octet := range p.dots {
		for bit := range 8 {
			b.WriteByte(".#"[octet>>(7-bit)&1])
		}
		if (i+1)%p.wide == 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Letters, large and bold ones, as dots one can look at.
func TestDrawnLettersAreAsSeenBefore(t *testing.T) {
	doc := printer.Document{
		printer.Paragraph{Text: "收款 A1"},
		printer.Paragraph{Text: "零", Style: printer.Style{Bold: true}},
		printer.Paragraph{Text: "￥8", Style: printer.Style{Double: true}},
	}
	found, _, err := pictures(printer.ESCPOS(doc, drawn(t, 58)))
	if err != nil || len(found) != 3 {
		t.Fatalf("%d pictures, %v", len(found), err)
	}
	var all strings.Builder
	for _, p := range found {
		all.WriteString(p.String() + "\n")
	}
	golden(t, "drawn.txt", all.String())
}

// realTimeCommands are obeyed wherever they stand, also within a picture.
var realTimeCommands = [][]byte{{0x10, 0x04}, {0x10, 0x05}, {0x10, 0x14}}

func checkDrawn(job []byte, paper printer.Paper) error {
	for _, command := range realTimeCommands {
		if bytes.Contains(job, command) {
			return fmt.Errorf("holds the command % x", command)
		}
	}
	found, rest, err := pictures(job)
	if err != nil {
		return err
	}
	for _, p := range found {
		if p.wide*8 > paper.Dots || p.wide == 0 || p.rows == 0 {
			return fmt.Errorf("a picture of %d × %d on %d dots", p.wide*8, p.rows, paper.Dots)
		}
	}
	for _, line := range bytes.Split(rest, []byte("\n")) {
		for _, b := range line {
			if b >= 0x80 {
				return fmt.Errorf("% x outside a picture", b)
			}
		}
	}
	return nil
}

// Every paper can be drawn: no wider than the roll, and nothing in it that a
// head without Chinese would print as rubbish.
func TestEveryPaperCanBeDrawn(t *testing.T) {
	everySample(t, func(t *testing.T, _ string, doc printer.Document, paper printer.Paper) {
		millimetres := map[int]int{32: 58, 48: 80}[paper.Columns]
		if err := checkDrawn(printer.ESCPOS(doc, drawn(t, millimetres)), paper); err != nil {
			t.Error(err)
		}
	})
}

func TestAnyTextCanBeDrawn(t *testing.T) {
	paper := drawn(t, 58)
	rapid.Check(t, func(rt *rapid.T) {
		doc := printer.Document{
			printer.Paragraph{Text: rapid.String().Draw(rt, "text"), Style: printer.Style{Double: rapid.Bool().Draw(rt, "double"), Bold: rapid.Bool().Draw(rt, "bold")}},
			printer.Columns{Left: rapid.StringMatching(`[一-龥 -~×￥]{0,40}`).Draw(rt, "left"), Right: "12.34"},
			printer.QR{Data: rapid.StringMatching(`[ -~]{0,60}`).Draw(rt, "code")},
		}
		if err := checkDrawn(printer.ESCPOS(doc, paper), paper); err != nil {
			rt.Fatal(err)
		}
	})
}

// The font has all of GB 2312's letters and says what it has not.
func TestTheFontKnowsWhatItHas(t *testing.T) {
	paper := drawn(t, 58)
	draw := func(text string) string {
		found, rest, err := pictures(printer.ESCPOS(printer.Document{printer.Paragraph{Text: text}}, paper))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(found, string(rest))
	}
	box := draw("□")
	for text, has := range map[string]bool{"算": true, "盘": true, "，": true, "￥": true, "×": true, "Ａ": true, "龘": false, "䶮": false, "😀": false, "ñ": false} {
		if got := draw(text); (got != box) != has {
			t.Errorf("%s: drawn as a box: %v", text, !has)
		}
	}
}

// The test page has both kinds of letters, whatever the setting is now.
func TestProbe(t *testing.T) {
	for _, paper := range []printer.Paper{paperOf(t, 58), drawn(t, 80)} {
		job, err := printer.Probe(paper, &lang.Must(lang.Chinese).Paper)
		if err != nil {
			t.Fatal(err)
		}
		found, rest, err := pictures(job)
		if err != nil || len(found) < 5 {
			t.Errorf("%d pictures, %v", len(found), err)
		}
		if own := "\xcb\xe3\xc5\xcc"; !bytes.Contains(rest, []byte(own)) { // 算盘
			t.Error("nothing in the printer's own letters")
		}
	}
}

func BenchmarkESCPOS(b *testing.B) {
	doc := samples[0].make(lang.Chinese).Document(&lang.Must(lang.Chinese).Paper)
	paper, _ := printer.PaperOf(80)
	for name, p := range map[string]printer.Paper{"own": paper, "drawn": drawn(b, 80)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.SetBytes(int64(len(printer.ESCPOS(doc, p))))
			}
		})
	}
}
