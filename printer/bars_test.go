package printer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"abacus/internal/lang"
	"abacus/printer"
)

func TestBars(t *testing.T) {
	for _, tc := range []struct{ data, want string }{
		{"6901234567892", "EAN 6901234567892"},
		{"ABxyz-09;/@", "128 ABxyz-09;/@"},
		{"990000123456789012", "128 990000123456789012"},
		{"99160410", "128 99160410"},
		{strings.Repeat("wide", 10), ""},
		{"brace{", ""},
		{"", ""},
	} {
		for _, millimetres := range []int{58, 80} {
			paper, _ := printer.PaperOf(millimetres)
			job := printer.ESCPOS(printer.Document{printer.Bars{Data: tc.data}}, paper)
			if strings.Contains(string(job), "\x10") {
				t.Errorf("%q: a real-time command inside the code", tc.data)
			}
			if got := fmt.Sprint(mustRead(t, job, paper).codes); tc.want != "" && got != "["+tc.want+"]" || tc.want == "" && got != "[]" {
				t.Errorf("%d mm, %q: %s", millimetres, tc.data, got)
			}
		}
	}
}

func TestTestSheet(t *testing.T) {
	codes := []string{"6901234567892", "ABxyz-09;/@", "990000123456789012"}
	paper, _ := printer.PaperOf(58)
	seen := mustRead(t, printer.ESCPOS(printer.TestSheet(codes, &lang.Must(lang.Chinese).Paper), paper), paper)
	want := []string{"EAN " + codes[0], codes[0], "128 " + codes[1], codes[1], "128 " + codes[2], codes[2]}
	if !slices.Equal(seen.codes, want) || !seen.cut {
		t.Errorf("codes %q, cut %v", seen.codes, seen.cut)
	}
}
