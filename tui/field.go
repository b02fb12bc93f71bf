package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"abacus/internal/money"
	"abacus/payment"
)

// kind is what a field takes.
type kind uint8

const (
	free   kind = iota // any text
	amount             // a number with a point
	count              // digits only
	secret             // digits, shown as stars
	card               // digits of a card's number, masked as soon as it could be one
)

// field is one line of input. Scans never come here: the decoder hands them to
// the screen as a whole.
type field struct {
	kind kind
	text string
}

// key takes a keystroke if it belongs to the field.
func (f *field) key(k keyMsg) bool {
	if k.name == "backspace" {
		if f.text == "" {
			return false
		}
		_, n := utf8.DecodeLastRuneInString(f.text)
		f.text = f.text[:len(f.text)-n]
		return true
	}
	if k.name != "" || !f.takes(k.r) {
		return false
	}
	if f.full() {
		return true // swallowed: a longer number is no amount a person means
	}
	f.text += string(k.r)
	return true
}

func (f *field) takes(r rune) bool {
	digit := r >= '0' && r <= '9'
	switch f.kind {
	case amount:
		return digit || r == '.' && !strings.Contains(f.text, ".")
	case count, secret, card:
		return digit
	}
	return unicode.IsPrint(r)
}

// full keeps an unrecognised barcode from becoming an amount: seven digits
// before the point are more than any shop takes, and no barcode is that short.
func (f *field) full() bool {
	whole, fraction, dotted := strings.Cut(f.text, ".")
	switch f.kind {
	case amount:
		return dotted && len(fraction) >= 3 || !dotted && len(whole) >= 8
	case count, secret:
		return len(f.text) >= 12
	case card:
		return len(f.text) >= 20
	}
	return utf8.RuneCountInString(f.text) >= 40
}

// value is the amount in the field; ok is false when it is none.
func (f *field) value(c money.Currency) (money.Amount, bool) {
	a, err := money.Parse(f.text, c)
	whole, _, _ := strings.Cut(f.text, ".")
	return a, err == nil && !a.Negative() && len(whole) <= 7
}

func (f *field) clear() { f.text = "" }

// shown is what the screen shows of the field with the keys held back by the
// decoder behind it. Secrets are stars, a pay code is masked, and a burst that
// may become one is not shown at all.
func (f *field) shown(held string) string {
	const burst = 4 // keys at scanner's speed that a person hardly types
	if f.kind == secret {
		return strings.Repeat("*", len(f.text)+len(held))
	}
	if utf8.RuneCountInString(held) >= burst {
		held = "…"
	}
	text := f.text + held
	start := strings.LastIndex(text, "*") + 1 // behind a quantity
	bare := text[start:]
	if _, ok := payment.Recognise(bare); ok || len(bare) > 13 && allDigits(bare) {
		return text[:start] + payment.Mask(bare)
	}
	return text
}

func allDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
