package printer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"github.com/rivo/uniseg"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// glyph is one unit of text that is never divided: its output form and how
// many columns it takes.
type glyph struct {
	out     string
	columns int
	space   bool
	opens   bool // punctuation that stays with what follows, such as (
	closes  bool // punctuation that stays with what precedes, such as ) and 。
}

// newGlyph is the glyph of a character that begins with first.
func newGlyph(out string, columns int, first rune) glyph {
	if len(out) == 1 && first < utf8.RuneSelf && out[0] == byte(first) && columns == 1 {
		return letters[first]
	}
	return makeGlyph(out, columns, first)
}

// letters are those of ASCII, which is most of a receipt.
var letters = func() (all [utf8.RuneSelf]glyph) {
	for i := range all {
		all[i] = makeGlyph(string(rune(i)), 1, rune(i))
	}
	return all
}()

func makeGlyph(out string, columns int, first rune) glyph {
	return glyph{
		out: out, columns: columns,
		space:  first == ' ' || first == '\u3000',
		opens:  unicode.In(first, unicode.Ps, unicode.Pi),
		closes: unicode.In(first, unicode.Pe, unicode.Pf, unicode.Po),
	}
}

// wide glyphs (Chinese) may be parted from their neighbours without a space.
func (g glyph) wide() bool { return g.columns > 1 && !g.space }

// run is a piece of one row.
type run []glyph

func (r run) columns() int {
	total := 0
	for _, g := range r {
		total += g.columns
	}
	return total
}

func (r run) String() string {
	var b strings.Builder
	for _, g := range r {
		b.WriteString(g.out)
	}
	return b.String()
}

// blank is n columns of nothing.
func blank(n int) run {
	r := make(run, max(n, 0))
	for i := range r {
		r[i] = newGlyph(" ", 1, ' ')
	}
	return r
}

// alphabet turns text into what one kind of output can show. Whatever it
// returns holds no control character, so goods names cannot give commands.
type alphabet func(text string) run

// clusters calls yield with each character as people count them, and its first
// rune. Controls and line ends arrive as spaces; what has no form of its own
// (joiners, direction marks) does not arrive.
func clusters(text string, yield func(cluster string, first rune)) {
	text, state := norm.NFC.String(text), -1
	for text != "" {
		if first, size := utf8.DecodeRuneInString(text); plain(first) { // most of a receipt
			if next, _ := utf8.DecodeRuneInString(text[size:]); plain(next) {
				yield(text[:size], first)
				text, state = text[size:], -1
				continue
			}
		}
		var cluster string
		cluster, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		first, size := utf8.DecodeRuneInString(cluster)
		if size < len(cluster) && (first == ' ' || first == '\u3000') { // a mark on a space must not go with it at a break
			cluster, text, state = cluster[:size], cluster[size:]+text, -1
		}
		switch {
		case unicode.In(first, unicode.Cf, unicode.Mn, unicode.Me):
		case first == '\u3000':
			yield(cluster, first)
		case unicode.IsSpace(first), unicode.IsControl(first):
			yield(" ", ' ')
		default:
			yield(cluster, first)
		}
	}
}

// plain letters, of ASCII and the common Chinese ones, never make a cluster
// with each other.
func plain(r rune) bool { return ' ' <= r && r <= '~' || '\u4e00' <= r && r <= '\u9fff' }

// screenAlphabet measures in terminal cells, ambiguous characters as one.
func screenAlphabet() alphabet {
	width := &runewidth.Condition{StrictEmojiNeutral: true}
	return func(text string) run {
		var r run
		clusters(text, func(cluster string, first rune) {
			if first == unicode.ReplacementChar {
				cluster = string(first) // broken UTF-8 must not reach the terminal as it is
			}
			r = append(r, newGlyph(cluster, width.StringWidth(cluster), first))
		})
		return r
	}
}

// substitute stands for every character the head cannot print; A1F5 is in the
// oldest zone of the character set.
const substitute = '□'

// paperForm replaces characters that two-byte heads lack though a twin exists.
// U+00A5 in particular is four bytes in GB18030 and prints as rubbish.
var paperForm = strings.NewReplacer("¥", "￥", "−", "-", "\u2011", "-", "•", "·", "✔", "√")

// paperAlphabet is GB18030 as receipt printers know it: the one-byte and the
// two-byte zones. Columns follow the bytes, not Unicode: × and … are two bytes
// and two columns wide on paper.
func paperAlphabet() alphabet {
	encoder := simplifiedchinese.GB18030.NewEncoder()
	encode := func(r rune) (string, bool) {
		if r < utf8.RuneSelf {
			return string(r), true
		}
		if r == unicode.ReplacementChar {
			return "", false
		}
		out, err := encoder.String(string(r))
		return out, err == nil && len(out) <= 2
	}
	box, _ := encode(substitute)
	return func(text string) run {
		var r run
		clusters(paperForm.Replace(text), func(_ string, first rune) {
			out, ok := encode(first)
			if !ok {
				out = box
			}
			r = append(r, newGlyph(out, len(out), first))
		})
		return r
	}
}
