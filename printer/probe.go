package printer

import (
	"bytes"
	"strings"

	"abacus/internal/lang"
)

// Probe is a page that finds out what a printer can do: the same text once in
// the printer's own Chinese and once drawn, a ruler for the paper's width, and
// what to set. All instructions are drawn, so that they can be read on any
// printer.
func Probe(paper Paper, texts *lang.Paper) ([]byte, error) {
	own, drawn := paper, paper
	own.Font = nil
	if drawn.Font == nil {
		font, err := LoadFont()
		if err != nil {
			return nil, err
		}
		drawn.Font = font
	}
	ruler := strings.Repeat("1234567890", paper.Columns/10+1)[:paper.Columns]
	sample := Document{Paragraph{Text: texts.ProbeSample}, Paragraph{Text: texts.ProbeLarge, Style: Style{Double: true, Bold: true}}, QR{"ABACUS"}}
	pages := []struct {
		doc   Document
		paper Paper
	}{
		{Document{
			Paragraph{Text: texts.ProbeTitle, Align: Center, Style: Style{Double: true, Bold: true}},
			Rule{}, Paragraph{Text: texts.ProbeOwn},
		}, drawn},
		{sample, own},
		{Document{Rule{}, Paragraph{Text: texts.ProbeDrawn}}, drawn},
		{sample, drawn},
		{Document{Rule{}, Paragraph{Text: texts.ProbeChoose}, Rule{}, Paragraph{Text: ruler}, Paragraph{Text: texts.ProbeWidth}, Feed{3}, Cut{}}, drawn},
	}
	var job bytes.Buffer
	for _, p := range pages {
		job.Write(ESCPOS(p.doc, p.paper))
	}
	return job.Bytes(), nil
}
