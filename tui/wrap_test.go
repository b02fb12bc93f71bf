package tui

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWrapEndsLinesWhereSentencesDo(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want []string
	}{
		{"", 10, []string{""}},
		{"12.34", 2, []string{"12", ".3", "4"}},
		{"付款成功。", 10, []string{"付款成功。"}},
		{"付款成功。", 8, []string{"付款", "成功。"}},
		{"窗口太小，现在是 60×10。请放大窗口。收款照常进行。", 40, []string{"窗口太小，现在是 60×10。请放大窗口。", "收款照常进行。"}},
		{"磁盘用时 212µs，断电后是否保得住，从这里看不出来。", 46, []string{"磁盘用时 212µs，断电后是否保得住，", "从这里看不出来。"}},
		{"The result is not known; it is being asked for.", 40, []string{"The result is not known;", "it is being asked for."}},
		{"A member's code can be scanned at any time.", 39, []string{"A member's code can be scanned at", "any time."}},
	} {
		if got := wrap(c.text, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d cells: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestWrapLosesNothingAndFits(t *testing.T) {
	word := rapid.SampledFrom([]string{"付款", "成功", "，", "。", " ", " ", "till", "212µs", "20261121-0042-1", "“", "”", "(", ")", "é", "12.34"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(word).Draw(t, "text"), "")
		n := rapid.IntRange(2, 60).Draw(t, "cells")
		lines := wrap(text, n)
		plain := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := plain(strings.Join(lines, "")); got != plain(text) {
			t.Errorf("%q in %d cells lost something: %q", text, n, lines)
		}
		for _, line := range lines {
			if width(line) > n {
				t.Errorf("%q in %d cells: %q is too long", text, n, line)
			}
		}
	})
}

func TestWrapBeginsNoLineWithAComma(t *testing.T) {
	word := rapid.SampledFrom([]string{"付款", "成功", "付款，", "成功。", "（付款）", "till ", "212µs，"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(word).Draw(t, "text"), "")
		for _, line := range wrap(text, rapid.IntRange(20, 60).Draw(t, "cells")) {
			if first, _ := utf8.DecodeRuneInString(line); strings.ContainsRune("，。）", first) || strings.HasSuffix(line, "（") {
				t.Errorf("%q has the line %q", text, line)
			}
		}
	})
}
