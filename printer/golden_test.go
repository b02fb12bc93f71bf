package printer_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"abacus/internal/lang"
	"abacus/printer"
)

var update = flag.Bool("update", false, "write golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./printer -update writes it anew); got\n%s", path, got)
	}
}

func paperOf(t *testing.T, millimetres int) printer.Paper {
	t.Helper()
	paper, err := printer.PaperOf(millimetres)
	if err != nil {
		t.Fatal(err)
	}
	return paper
}

// everySample calls f for every paper in every language on every roll.
func everySample(t *testing.T, f func(t *testing.T, name string, doc printer.Document, paper printer.Paper)) {
	for _, s := range samples {
		for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
			doc := s.make(tag).Document(&lang.Must(tag).Paper)
			for _, millimetres := range []int{58, 80} {
				name := fmt.Sprintf("%s.%s.%d", s.name, tag, millimetres)
				t.Run(name, func(t *testing.T) { f(t, name, doc, paperOf(t, millimetres)) })
			}
		}
	}
}

func TestPapersAreAsSeenBefore(t *testing.T) {
	everySample(t, func(t *testing.T, name string, doc printer.Document, paper printer.Paper) {
		golden(t, name+".txt", printer.Text(doc, paper.Columns))
		golden(t, name+".hex", hex.Dump(printer.ESCPOS(doc, paper)))
	})
}

// everyPaper calls f with a document as Chinese text for both rolls.
func everyPaper(t *testing.T, d document, f func(text string)) {
	t.Helper()
	for _, columns := range []int{32, 48} {
		f(printer.Text(d.Document(&lang.Must(lang.Chinese).Paper), columns))
	}
}
