package goods

import (
	_ "embed"
	"strings"
	"unicode"
)

// letters holds, for every character from U+4E00 to U+9FFF, the first letter
// of its pinyin, or a space. It is made by go test -update from go-pinyin,
// which is not linked in because its dictionary would cost every start of the
// till four milliseconds.
//
//go:embed initials.txt
var letters string

const (
	firstHan = '一'
	lastHan  = '\u9fff'
)

// Initials is a name in the letters a cashier types to find it: of Chinese
// characters the first letter of the pinyin, of anything else ASCII letters
// and digits, all in lower case. A character with several readings has the one
// usual in goods' names.
func Initials(name string) string {
	var b strings.Builder
	for _, r := range name {
		r = narrow(r)
		switch {
		case r >= firstHan && r <= lastHan && int(r-firstHan) < len(letters):
			if letter := letters[r-firstHan]; letter != ' ' {
				b.WriteByte(letter)
			}
		case r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// narrow turns a full-width form into the ASCII character it stands for: an
// input method left in full-width mode types those.
func narrow(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000':
		return ' '
	}
	return r
}
