package printer_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"

	"abacus/internal/money"
	"abacus/printer"
)

// The screen's own measure of a row.
func cells(s string) int {
	return (&runewidth.Condition{StrictEmojiNeutral: true}).StringWidth(s)
}

// bare is text without spaces, the only thing wrapping may lose.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func TestWhatPaperCannotShow(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"yen sign of four bytes", "¥5", "￥5"},
		{"typographic minus", "−2.25", "-2.25"},
		{"four-byte Chinese", "𠮷野家", "□野家"},
		{"rare but two bytes", "龘", "龘"},
		{"emoji", "热卖🔥", "热卖□"},
		{"a family is one character", "a👨‍👩‍👧b", "a□b"},
		{"marks are composed", "cafe\u0301", "café"},
		{"private use", "\ue000", "□"},
		{"broken UTF-8", "a\xffb", "a□b"},
		{"no-break space", "1\u00a0kg", "1 kg"},
		{"joiners and direction marks", "a\u200b\u202eb\u2060", "ab"},
		{"commands", "x\x1b@\x10\x04\x01y", "x @   y"},
		{"line ends", "a\r\nb\nc", "a b c"},
	}
	paper := printer.Paper{Columns: 32, Dots: 384}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			seen := mustRead(t, printer.ESCPOS(printer.Document{printer.Paragraph{Text: test.text}}, paper), paper)
			if len(seen.rows) != 1 || seen.rows[0] != test.want {
				t.Errorf("got %q, want %q", seen.rows, test.want)
			}
		})
	}
}

func TestWrapping(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"fits", "sixteen columns!", "sixteen columns!\n"},
		{"at a space", "Nongfu Spring water", "Nongfu Spring\nwater\n"},
		{"beside Chinese", "农夫山泉饮用天然水550ml", "农夫山泉饮用天然\n水550ml\n"},
		{"word stays whole", "康师傅红烧 noodles", "康师傅红烧\nnoodles\n"},
		{"inside a word only when it must", "T01_20261121_0042_1", "T01_20261121_004\n2_1\n"},
		{"bracket stays with its word", "澳洲进口谷饲牛(冷冻)", "澳洲进口谷饲牛\n(冷冻)\n"},
		{"no full stop at the start", "一二三四五六七八。九", "一二三四五六七\n八。九\n"},
		{"odd column left over", "a一二三四五六七八", "a一二三四五六七\n八\n"},
		{"nothing", "", "\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := printer.Text(printer.Document{printer.Paragraph{Text: test.text}}, 16); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestColumns(t *testing.T) {
	tests := []struct {
		name    string
		columns int
		row     printer.Columns
		want    string
	}{
		{"beside", 20, printer.Columns{Left: "找零", Right: "93.00"}, "找零           93.00\n"},
		{"figure on its own row", 16, printer.Columns{Left: "实收 微信支付", Right: "1,299.00"}, "实收 微信支付\n        1,299.00\n"},
		{"figure beside the last row", 16, printer.Columns{Left: "康师傅红烧牛肉面大碗", Right: "4.50"}, "康师傅红烧牛肉面\n大碗        4.50\n"},
		{"figure too wide for the paper", 16, printer.Columns{Left: "No.", Right: "4200001234202611210123456789"}, "No.\n4200001234202611\n    210123456789\n"},
		{"figure alone", 16, printer.Columns{Right: "4.50"}, "            4.50\n"},
		{"indented", 16, printer.Columns{Left: "优惠", Right: "−2.25", Indent: 2}, "  优惠     −2.25\n"},
		{"middle on narrow paper", 32, printer.Columns{Left: "可乐", Middle: "2 × 3.00", Right: "6.00"}, "可乐\n  2 × 3.00                  6.00\n"},
		{"middle on wide paper", 48, printer.Columns{Left: "可乐", Middle: "2 × 3.00", Right: "6.00"}, "可乐                        2 × 3.00        6.00\n"},
		{"middle too wide", 48, printer.Columns{Left: "可乐", Middle: strings.Repeat("9", 40), Right: "6.00"}, "可乐\n  " + strings.Repeat("9", 40) + "  6.00\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := printer.Text(printer.Document{test.row}, test.columns); got != test.want {
				t.Errorf("got\n%q\nwant\n%q", got, test.want)
			}
		})
	}
}

// anyText draws what people and devices may have put into a name.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom([]rune("农夫山泉饮用水 abcXYZ 0123.,()(),。×…—¥￥−🔥𠮷é\u0301\u200d\n\x1b")), 0, 90, -1),
		rapid.String(),
	)
}

func anyRow() *rapid.Generator[printer.Row] {
	return rapid.Custom(func(t *rapid.T) printer.Row {
		style := printer.Style{Double: rapid.Bool().Draw(t, "double"), Bold: rapid.Bool().Draw(t, "bold")}
		if rapid.Bool().Draw(t, "paragraph") {
			return printer.Paragraph{Text: anyText().Draw(t, "text"), Align: printer.Align(rapid.IntRange(0, 1).Draw(t, "align")), Style: style}
		}
		return printer.Columns{
			Left: anyText().Draw(t, "left"), Middle: anyText().Draw(t, "middle"), Right: anyText().Draw(t, "right"),
			Indent: rapid.IntRange(-1, 40).Draw(t, "indent"), Style: style,
		}
	})
}

// unwrapped is what the screen makes of a text where hardly any wrapping is
// needed.
func unwrapped(text string) string {
	return bare(printer.Text(printer.Document{printer.Paragraph{Text: text}}, 256))
}

func TestNothingTooWideNothingLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := anyRow().Draw(t, "row")
		columns := rapid.IntRange(16, 64).Draw(t, "columns")
		text := printer.Text(printer.Document{row}, columns)
		for line := range strings.Lines(text) {
			if w := cells(strings.TrimSuffix(line, "\n")); w > columns {
				t.Fatalf("%d cells wide, not %d: %q", w, columns, line)
			}
		}
		var want string
		switch row := row.(type) {
		case printer.Paragraph:
			want = unwrapped(row.Text)
		case printer.Columns:
			want = unwrapped(row.Left) + unwrapped(row.Middle) + unwrapped(row.Right)
		}
		if got := bare(text); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestPaperRowsAreReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := anyRow().Draw(t, "row")
		paper := printer.Paper{Columns: rapid.IntRange(16, 64).Draw(t, "columns"), Dots: 576}
		once := mustRead(t, printer.ESCPOS(printer.Document{row}, paper), paper)
		wide := printer.Paper{Columns: 256, Dots: 576}
		// The same characters in the same order, whatever the width: compared
		// with a paper so wide that most texts need no wrapping.
		flat := mustRead(t, printer.ESCPOS(printer.Document{row}, wide), wide)
		if got, want := bare(strings.Join(once.rows, "")), bare(strings.Join(flat.rows, "")); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestQRCodes(t *testing.T) {
	tests := []struct {
		name, data string
		dots       int
		drawn      bool
	}{
		{"a sale", "20261121-0042", 384, true},
		{"a link", "https://receipts.example.cn/r/" + strings.Repeat("x", 100), 384, true},
		{"Chinese", "小票 42", 384, true},
		{"too long for narrow paper", strings.Repeat("x", 1500), 384, false},
		{"longer than any code", strings.Repeat("x", 5000), 576, false},
		{"empty", "", 384, false},
		{"real-time command inside", "a\x10\x04\x01", 384, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			paper := printer.Paper{Columns: 32, Dots: test.dots}
			seen := mustRead(t, printer.ESCPOS(printer.Document{printer.QR{Data: test.data}}, paper), paper)
			if drawn := len(seen.codes) == 1 && seen.codes[0] == test.data; drawn != test.drawn {
				t.Fatalf("drawn %v, want %v", drawn, test.drawn)
			}
			if !test.drawn && test.data != "" && bare(strings.Join(seen.rows, "")) == "" {
				t.Error("neither drawn nor printed as text")
			}
		})
	}
}

func TestAmountsThatCannotBeShown(t *testing.T) {
	r := sale("zh-CN")
	r.Total = money.Fen(money.Limit).Add(money.Fen(1)) // invalid
	r.Lines[0].Amount = money.Fen(money.Limit)
	everyPaper(t, r, func(text string) {
		if !strings.Contains(text, "—") || !strings.Contains(text, "100,000,000,000.00") {
			t.Errorf("got\n%s", text)
		}
	})
}

func TestOtherCurrenciesAreNamed(t *testing.T) {
	r := sale("zh-CN")
	r.Total = money.New(500, "JPY")
	everyPaper(t, r, func(text string) {
		if !strings.Contains(text, "JPY 500") {
			t.Errorf("got\n%s", text)
		}
	})
}

func TestPaperOf(t *testing.T) {
	if _, err := printer.PaperOf(57); err == nil || !strings.Contains(err.Error(), "58 or 80") {
		t.Errorf("got %v", err)
	}
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{"农夫山泉 550ml", "\x1b@\x1dV\x00", "🔥👨‍👩‍👧", "\xff\xfe", "a\u0301\u200d", "¥−×…", strings.Repeat("水", 100)} {
		f.Add(seed, seed, 32, false)
	}
	f.Fuzz(func(t *testing.T, left, right string, columns int, double bool) {
		style := printer.Style{Double: double}
		doc := printer.Document{
			printer.Paragraph{Text: left, Style: style, Align: printer.Center},
			printer.Columns{Left: left, Middle: right, Right: right, Style: style},
			printer.QR{Data: right},
			printer.Feed{Lines: 3}, printer.Cut{},
		}
		columns = min(max(columns, 16), 256)
		paper := printer.Paper{Columns: columns, Dots: columns * 12}
		if seen := mustRead(t, printer.ESCPOS(doc, paper), paper); !seen.cut {
			t.Fatal("not cut")
		}
		for line := range strings.Lines(printer.Text(doc, columns)) {
			line = strings.TrimSuffix(line, "\n")
			if strings.ContainsFunc(line, unicode.IsControl) {
				t.Fatalf("control character in %q", line)
			}
			if w := cells(line); w > columns {
				t.Fatalf("%d cells wide, not %d: %q", w, columns, line)
			}
		}
	})
}
