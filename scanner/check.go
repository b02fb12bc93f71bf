package scanner

import (
	"strings"
	"time"
	"unicode"
)

// TestCodes are codes for trying a scanner out: one as on goods, one whose
// characters lie elsewhere on other keyboards, and one as long as a pay code
// that is none.
func TestCodes() []string { return []string{"6901234567892", "ABxyz-09;/@", "990000123456789012"} }

// Heard is what came when a test code was scanned, before anything was taken
// off it.
type Heard struct {
	Text  string
	Ended bool          // a terminator came behind it
	Took  time.Duration // from the first character to the last; 0 on a line that is no keyboard
}

// Flaw is what a test scan found wrong.
type Flaw string

// The flaws. Arg of a Finding is named where there is one.
const (
	FlawNothing    Flaw = "nothing"    // no character came
	FlawLayout     Flaw = "layout"     // the keyboard layout, where it is known
	FlawCase       Flaw = "case"       // capitals and small letters the other way round
	FlawInput      Flaw = "input"      // an input method changed or swallowed characters
	FlawMissing    Flaw = "missing"    // how many
	FlawDoubled    Flaw = "doubled"    // characters came twice; how many too many
	FlawPrefix     Flaw = "prefix"     // what stands before the code
	FlawSuffix     Flaw = "suffix"     // what stands behind it
	FlawTerminator Flaw = "terminator" // none came
	FlawSlow       Flaw = "slow"       // milliseconds that should be allowed
	FlawOther      Flaw = "other"      // another code, or nothing that can be explained
)

// Finding is one flaw.
type Finding struct {
	Flaw Flaw
	Arg  any // string or int, nil where the flaw needs none
}

// Examine compares a test scan with its code. An empty result is a scanner
// that is set up well; rules are those under which it is to work.
func Examine(code string, heard Heard, rules Rules) []Finding {
	text := strings.TrimPrefix(heard.Text, rules.Prefix)
	text = strings.TrimSuffix(text, strings.TrimRight(rules.Suffix, "\r\n\t\x03"))
	if text == "" {
		return []Finding{{Flaw: FlawNothing}}
	}
	found := compare(code, text)
	if !heard.Ended {
		found = append(found, Finding{Flaw: FlawTerminator})
	}
	if slow, ok := tooSlow(heard, rules); ok {
		found = append(found, Finding{FlawSlow, slow})
	}
	return found
}

// compare explains the difference between a code and what came of it, the
// surest explanation first.
func compare(code, text string) []Finding {
	if before, after, ok := strings.Cut(text, code); ok {
		return around(before, after)
	}
	full := halfWidth(text)
	switch layout, ok := layoutOf(code, text); {
	case ok:
		return []Finding{{FlawLayout, layout}}
	case strings.Contains(full, code), strings.ContainsFunc(text, isHan):
		return []Finding{{Flaw: FlawInput}}
	case strings.Contains(strings.ToLower(text), strings.ToLower(code)):
		return []Finding{{Flaw: FlawCase}}
	case inside(text, code):
		return []Finding{{FlawMissing, len(code) - len(text)}}
	case inside(code, text) && onlyOf(text, code):
		return []Finding{{FlawDoubled, len(text) - len(code)}}
	case rearranged(code, text):
		return []Finding{{FlawLayout, ""}}
	}
	return []Finding{{Flaw: FlawOther}}
}

// around is what a scanner is set to send before and behind each code. An AIM
// identifier is no flaw: the till takes it off.
func around(before, after string) []Finding {
	var found []Finding
	if _, id := cutSymbology(before); id != "" && len(before) == 3 {
		before = ""
	}
	if before = strings.TrimPrefix(before, "\x02"); before != "" {
		found = append(found, Finding{FlawPrefix, before})
	}
	if after != "" {
		found = append(found, Finding{FlawSuffix, after})
	}
	return found
}

// tooSlow gives the pause between characters that should be allowed, with room
// to spare, when a scan was slower than the rules let it be.
func tooSlow(heard Heard, rules Rules) (int, bool) {
	gaps := len([]rune(heard.Text)) - 1
	allowed := rules.InterKey
	if allowed == 0 {
		allowed = defaultInterKey
	}
	if gaps < 1 || heard.Took <= allowed*time.Duration(gaps) {
		return 0, false
	}
	const step = 10
	average := int((heard.Took / time.Duration(gaps)).Milliseconds())
	return min((average*3/2/step+1)*step, int(maxInterKey.Milliseconds())), true
}

// halfWidth undoes an input method's full-width forms.
func halfWidth(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, text)
}

// layouts say what the keys of a US keyboard, which is what a scanner presses,
// write under other layouts. Only keys that the test codes need, and none that
// wait for a second one.
var layouts = []struct{ name, us, theirs string }{
	{"Deutsch", "yzYZ-;/@", `zyZYßö-"`},
	{"Français", "aqzwAQZWmM-;/@0123456789", `qawzQAWZ,?)m!2à&é"'(-è_ç`},
	{"UK, 日本語", "@", `"`},
	{"Español", "-;/@", `'ñ-"`},
	{"Italiano", "-;/@", `'ò-"`},
}

// layoutOf finds the layout under which the code becomes the text.
func layoutOf(code, text string) (string, bool) {
	for _, l := range layouts {
		us, theirs := []rune(l.us), []rune(l.theirs)
		under := strings.Map(func(r rune) rune {
			for i := range us {
				if us[i] == r {
					return theirs[i]
				}
			}
			return r
		}, code)
		if under != code && strings.Contains(text, under) {
			return l.name, true
		}
	}
	return "", false
}

// inside reports whether all of part stands in whole, in order.
func inside(part, whole string) bool {
	rest := []rune(whole)
	for _, r := range part {
		at := 0
		for at < len(rest) && rest[at] != r {
			at++
		}
		if at == len(rest) {
			return false
		}
		rest = rest[at+1:]
	}
	return true
}

func onlyOf(text, code string) bool {
	return strings.Trim(text, code) == ""
}

// rearranged reports whether text is code with every character exchanged for
// always the same other one, some of them kept: a layout nobody listed.
func rearranged(code, text string) bool {
	from, to := []rune(code), []rune(text)
	if len(from) != len(to) {
		return false
	}
	becomes, kept := map[rune]rune{}, 0
	for i, r := range from {
		if known, ok := becomes[r]; ok && known != to[i] {
			return false
		}
		becomes[r] = to[i]
		if r == to[i] {
			kept++
		}
	}
	return kept*2 >= len(from)
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
