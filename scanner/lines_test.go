package scanner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// said is what a Lines gave: the texts, "!" for a torn one.
func said(scans []Scan) []string {
	texts := []string{}
	for _, s := range scans {
		if s.Torn {
			s.Text += "!"
		}
		texts = append(texts, s.Text)
	}
	return texts
}

func TestLines(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lines Lines
		in    []string // a pause comes between two, none at the end
		want  []string
	}{
		{"CR", Lines{}, []string{"6901234567892\r"}, []string{"6901234567892"}},
		{"LF", Lines{}, []string{"6901234567892\n"}, []string{"6901234567892"}},
		{"CR LF, twice", Lines{}, []string{"6901234567892\r\n96385074\r\n"}, []string{"6901234567892", "96385074"}},
		{"Tab", Lines{}, []string{"6901234567892\t96385074\t"}, []string{"6901234567892", "96385074"}},
		{"STX and ETX", Lines{}, []string{"\x0296385074\x03"}, []string{"96385074"}},
		{"no terminator, a pause", Lines{}, []string{"6901234567892", ""}, []string{"6901234567892"}},
		{"a late terminator confirms nothing", Lines{}, []string{"6901234567892", "\r\n"}, []string{"6901234567892"}},
		{"prefix and suffix", Lines{Prefix: "A#", Suffix: "$$"}, []string{"A#96385074$$A#6901234567892$$\r"}, []string{"96385074", "6901234567892"}},
		{"a suffix that ends in a return", Lines{Suffix: "$\r"}, []string{"96385074$\r"}, []string{"96385074"}},
		{"GS and Chinese stay", Lines{}, []string{"01069\x1d算盘\r"}, []string{"01069\x1d算盘"}},
		{"nothing but line ends", Lines{}, []string{"\r\n\r\n\x00\t", ""}, []string{}},
		{"too long", Lines{}, []string{strings.Repeat("9", maxBurst+5) + "\r96385074\r"}, []string{"!", "96385074"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := []string{}
			for i, part := range tc.in {
				if i > 0 {
					got = append(got, said(tc.lines.Quiet(start))...)
				}
				got = append(got, said(tc.lines.Feed(start, []byte(part)))...)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// Whatever was lost, the rest of that code is not taken for a code, and the
// next one is whole again.
func TestLinesAfterALoss(t *testing.T) {
	var l Lines
	l.Feed(start, []byte("690123"))
	l.Lose()
	got := said(l.Feed(start, []byte("4567892\r96385074\r")))
	if want := []string{"!", "96385074"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// How the bytes were bundled into reads changes nothing.
func TestLinesHoweverSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("0189AZ#$\r\n\t\x02\x03\x1d算")), 0, 60, -1).Draw(t, "text")
		rules := Lines{Prefix: rapid.SampledFrom([]string{"", "A#"}).Draw(t, "prefix"), Suffix: rapid.SampledFrom([]string{"", "$$", "\r"}).Draw(t, "suffix")}
		whole, split := rules, rules
		want := append(said(whole.Feed(start, []byte(text))), said(whole.Quiet(start))...)
		var got []string
		for rest := []byte(text); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			got = append(got, said(split.Feed(start, rest[:n]))...)
			rest = rest[n:]
		}
		got = append(got, said(split.Quiet(start))...)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("split %q, whole %q", got, want)
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("6901234567892\r\n\x0296385074\x03"), "A", "$")
	f.Add([]byte("\xff\x00\x1d"), "", "\r")
	f.Fuzz(func(t *testing.T, data []byte, prefix, suffix string) {
		l := Lines{Prefix: prefix, Suffix: suffix}
		scans := append(l.Feed(start, data), l.Quiet(start)...)
		if l.Waiting() {
			t.Error("something is held after a pause")
		}
		bytes := 0
		for _, s := range scans {
			if bytes += len(s.Text); len(s.Text) > maxBurst || s.Text == "" && !s.Torn {
				t.Errorf("%v", s)
			}
			Parse(s.Text, shop) // never panics
		}
		if bytes > len(data) {
			t.Errorf("%d bytes of codes out of %d", bytes, len(data))
		}
	})
}
