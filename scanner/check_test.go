package scanner

import (
	"reflect"
	"testing"
	"time"

	"abacus/internal/money"
)

func TestExamine(t *testing.T) {
	goods, letters, long := TestCodes()[0], TestCodes()[1], TestCodes()[2]
	quick := func(text string) Heard { return Heard{Text: text, Ended: true, Took: 40 * time.Millisecond} }
	one := func(f Flaw, arg any) []Finding { return []Finding{{f, arg}} }
	for _, tc := range []struct {
		name, code string
		heard      Heard
		rules      Rules
		want       []Finding
	}{
		{"as it should be", goods, quick(goods), Rules{}, nil},
		{"letters as they should be", letters, quick(letters), Rules{}, nil},
		{"AIM identifier", goods, quick("]E0" + goods), Rules{}, nil},
		{"STX", goods, quick("\x02" + goods), Rules{}, nil},
		{"prefix and suffix as configured", goods, quick("A#" + goods + "$"), Rules{Prefix: "A#", Suffix: "$\r"}, nil},
		{"nothing but Enter", goods, quick(""), Rules{}, one(FlawNothing, nil)},
		{"prefix", goods, quick("A#" + goods), Rules{}, one(FlawPrefix, "A#")},
		{"suffix", goods, quick(goods + "$"), Rules{}, one(FlawSuffix, "$")},
		{"both", goods, quick("A" + goods + "$"), Rules{}, []Finding{{FlawPrefix, "A"}, {FlawSuffix, "$"}}},
		{"no terminator", goods, Heard{Text: goods}, Rules{}, one(FlawTerminator, nil)},
		{"German", letters, quick(`ABxzyß09ö-"`), Rules{}, one(FlawLayout, "Deutsch")},
		{"French", letters, quick(`QBxyw)àçm!2`), Rules{}, one(FlawLayout, "Français")},
		{"French digits", goods, quick(`-çà&é"'(-è_çé`), Rules{}, one(FlawLayout, "Français")},
		{"British", letters, quick(`ABxyz-09;/"`), Rules{}, one(FlawLayout, "UK, 日本語")},
		{"Spanish", letters, quick(`ABxyz'09ñ-"`), Rules{}, one(FlawLayout, "Español")},
		{"Italian", letters, quick(`ABxyz'09ò-"`), Rules{}, one(FlawLayout, "Italiano")},
		{"a layout nobody listed", letters, quick(`ABxyz~09ž?@`), Rules{}, one(FlawLayout, "")},
		{"Caps Lock", letters, quick(`abXYZ-09;/@`), Rules{}, one(FlawCase, nil)},
		{"capitals only", letters, quick(`ABXYZ-09;/@`), Rules{}, one(FlawCase, nil)},
		{"full width", goods, quick("６９０１２３４５６７８９２"), Rules{}, one(FlawInput, nil)},
		{"full width with a prefix", letters, quick("x：ＡＢｘｙｚ－０９；／＠"), Rules{}, one(FlawInput, nil)},
		{"pinyin", letters, quick("阿爸小鱼子"), Rules{}, one(FlawInput, nil)},
		{"two digits lost", goods, quick("69013456792"), Rules{}, one(FlawMissing, 2)},
		{"the head lost, and the end", goods, Heard{Text: "34567892"}, Rules{}, []Finding{{FlawMissing, 5}, {FlawTerminator, nil}}},
		{"a bounced digit", goods, quick("69011234567892"), Rules{}, one(FlawDoubled, 1)},
		{"slow", long, Heard{Text: long, Ended: true, Took: 17 * 60 * time.Millisecond}, Rules{}, one(FlawSlow, 100)},
		{"slow, and allowed", long, Heard{Text: long, Ended: true, Took: 17 * 60 * time.Millisecond}, Rules{InterKey: 100 * time.Millisecond}, nil},
		{"as slow as can be", goods, Heard{Text: goods, Ended: true, Took: 12 * 400 * time.Millisecond}, Rules{}, one(FlawSlow, 150)},
		{"another code", goods, quick("96385074"), Rules{}, one(FlawOther, nil)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Examine(tc.code, tc.heard, tc.rules); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%q: got %+v, want %+v", tc.heard.Text, got, tc.want)
			}
		})
	}
}

// None of the test codes may be taken for money, whoever scans them.
func TestTestCodesAreHarmless(t *testing.T) {
	for _, code := range TestCodes() {
		length := len(code)
		if (CardFormat{Prefix: code[:2], MinLength: length, MaxLength: length}).HidesPayCodes() {
			t.Errorf("%s looks like a pay code", code)
		}
		if c := Parse(code, Formats{Currency: money.CNY, Weighed: DefaultLabels()}); c.Kind == Unreadable || c.Kind == Weighed {
			t.Errorf("%s is %v", code, c)
		}
	}
}

func FuzzExamine(f *testing.F) {
	for _, code := range TestCodes() {
		f.Add(code, code, "", int64(40), true)
	}
	f.Add("6901234567892", "６９", "A", int64(-1), false)
	f.Fuzz(func(t *testing.T, code, text, prefix string, took int64, ended bool) {
		for _, found := range Examine(code, Heard{text, ended, time.Duration(took)}, Rules{Prefix: prefix, InterKey: time.Duration(took)}) {
			if found.Flaw == "" {
				t.Errorf("a finding without a flaw: %+v", found)
			}
			if ms, ok := found.Arg.(int); ok && found.Flaw == FlawSlow && (ms < 5 || ms > 150) {
				t.Errorf("allow %d ms", ms)
			}
		}
	})
}
