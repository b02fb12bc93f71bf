package scanner

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"abacus/internal/money"
)

// Kind is what a scanned text is by its content alone. What to do with it is
// the till's business: the same digits may be a pay code or a short code.
type Kind string

// The kinds of codes.
const (
	Unreadable  Kind = "unreadable"   // misread or not for a till; Problem says why
	GTIN        Kind = "gtin"         // goods, by EAN-13, EAN-8, UPC-A, UPC-E or GTIN-14
	Weighed     Kind = "weighed"      // a scale's label; Label holds what it says
	Member      Kind = "member"       // a member's card; Number holds what counts of it
	Coupon      Kind = "coupon"       // the shop's own coupon; Number
	Prepaid     Kind = "prepaid"      // the shop's own prepaid card; Number
	Badge       Kind = "badge"        // a badge of the staff; Number
	Digits      Kind = "digits"       // any other digits: a pay code, a short code
	MerchantURL Kind = "merchant-url" // the customer shows a receive-money page, not the pay code
	Text        Kind = "text"         // anything else
)

// Problem is why a code is Unreadable.
type Problem string

// The problems of unreadable codes.
const (
	Empty      Problem = "empty"
	TooLong    Problem = "too-long"
	BadCheck   Problem = "check-digit"       // misread, or damaged
	Control    Problem = "control-character" // wrong keyboard layout, or no text at all
	NotASCII   Problem = "not-ascii-digits"  // full-width digits: an input method is in the way
	BadUnicode Problem = "encoding"          // not UTF-8
)

// maxText is more than any code at a counter holds; a shop's longest are pay
// URLs of some 130 characters.
const maxText = 512

// Code is a scanned text and what it is.
type Code struct {
	Kind    Kind
	Problem Problem
	// Text is the bare code: no prefix, suffix, line end or AIM identifier. It
	// may be a pay code, so it is neither logged nor marshalled. The till looks
	// up Text before GTIN or Label, because a shop may have registered any code
	// as an article.
	Text string `json:"-"`
	// GTIN is the number under which goods are kept: 13 digits for EAN-13 and
	// UPC, 8 for EAN-8, 14 for a case. Of a Weighed code it is the whole label.
	// With Digits it is a guess: six or seven digits that may be a UPC-E.
	GTIN   string
	Label  Label
	Number string // of a card, a coupon or a badge
}

// String names the code without its text, which may be a pay code.
func (c Code) String() string {
	if c.Kind == Unreadable {
		return fmt.Sprintf("%s code (%s) of %d bytes", c.Kind, c.Problem, len(c.Text))
	}
	return fmt.Sprintf("%s code of %d bytes", c.Kind, len(c.Text))
}

// GoString is String, for %#v.
func (c Code) GoString() string { return c.String() }

// Formats is what a shop's codes look like.
type Formats struct {
	Prefix, Suffix string // the scanner's, if its driver does not take them off
	Currency       money.Currency
	Weighed        []LabelFormat
	Cards          []CardFormat
}

// CardFormat is how one kind of the shop's own codes begins and how long it
// is, prefix included.
type CardFormat struct {
	Kind                 Kind // Member, Coupon, Prepaid or Badge
	Prefix               string
	MinLength, MaxLength int
	Keep                 bool // the prefix is part of the number
}

// Validate reports the first format that cannot work, in one sentence.
func (f Formats) Validate() error {
	for i, l := range f.Weighed {
		if err := l.validate(); err != nil {
			return fmt.Errorf("weighed label format %d (%q): %w", i+1, l.Prefix, err)
		}
	}
	for i, c := range f.Cards {
		switch {
		case c.Kind != Member && c.Kind != Coupon && c.Kind != Prepaid && c.Kind != Badge:
			return fmt.Errorf("card format %d: kind %q: use %s, %s, %s or %s", i+1, c.Kind, Member, Coupon, Prepaid, Badge)
		case c.Prefix == "":
			return fmt.Errorf("card format %d has no prefix: cards could not be told from goods", i+1)
		case c.MinLength <= len(c.Prefix) || c.MaxLength < c.MinLength || c.MaxLength > maxText:
			return fmt.Errorf("card format %d (%q): lengths %d to %d cannot be", i+1, c.Prefix, c.MinLength, c.MaxLength)
		case c.HidesPayCodes():
			return fmt.Errorf("card format %d (%q) looks like customers' pay codes: use another prefix or another length", i+1, c.Prefix)
		}
	}
	return nil
}

// HidesPayCodes reports whether pay codes could be taken for this card: those
// are 16 to 24 digits beginning 25-30 (Alipay), 18 beginning 10-15 (WeChat
// Pay), 19 beginning 62 or 01 (UnionPay, e-CNY).
func (c CardFormat) HidesPayCodes() bool {
	within := func(low, high int) bool { return c.MinLength <= high && c.MaxLength >= low }
	begins := func(starts ...string) bool {
		for _, s := range starts {
			if strings.HasPrefix(s, c.Prefix) || strings.HasPrefix(c.Prefix, s) {
				return true
			}
		}
		return false
	}
	return within(16, 24) && begins("25", "26", "27", "28", "29", "30") ||
		within(18, 18) && begins("10", "11", "12", "13", "14", "15") ||
		within(19, 19) && begins("62", "01")
}

// Parse cleans a scanned text and says what it is. It never fails: what it
// cannot make out is Unreadable.
func Parse(text string, formats Formats) Code {
	if len(text) > 4*maxText {
		return unreadable("", TooLong)
	}
	bare, symbology := clean(text, formats)
	if problem := illegible(bare); problem != "" {
		return unreadable(bare, problem)
	}
	c := Code{Kind: Text, Text: bare}
	if symbology.gs1() {
		return c.elements()
	}
	if isMerchantURL(bare) {
		c.Kind = MerchantURL
		return c
	}
	for _, card := range formats.Cards {
		if number, ok := card.number(bare); ok {
			c.Kind, c.Number = card.Kind, number
			return c
		}
	}
	if strings.ContainsRune(bare, gs) {
		return c.elements()
	}
	if isDigits(bare) {
		return c.digits(formats)
	}
	return c
}

const gs = '\x1d'

// clean takes off what scanners put around a code.
func clean(text string, formats Formats) (bare string, id symbology) {
	bare = strings.TrimRight(text, "\r\n\t\x00")
	bare = strings.TrimSuffix(bare, strings.TrimRight(formats.Suffix, "\r\n\t"))
	bare = strings.TrimPrefix(bare, formats.Prefix)
	bare = strings.Trim(bare, "\x02\x03\r\n\t ")
	bare, id = cutSymbology(bare)
	return strings.TrimPrefix(bare, string(gs)), id // FNC1 in first place says "GS1" again
}

// illegible finds what makes a text no code at all.
func illegible(text string) Problem {
	switch {
	case text == "":
		return Empty
	case len(text) > maxText:
		return TooLong
	case !utf8.ValidString(text):
		return BadUnicode
	}
	for _, r := range text {
		switch {
		case r == utf8.RuneError:
			return BadUnicode
		case r != gs && unicode.IsControl(r):
			return Control
		case r > unicode.MaxASCII && unicode.IsDigit(r):
			return NotASCII
		}
	}
	return ""
}

func unreadable(text string, problem Problem) Code {
	return Code{Kind: Unreadable, Problem: problem, Text: text}
}

// digits tells apart texts of ASCII digits only.
func (c Code) digits(formats Formats) Code {
	gtin, isGTIN := normalise(c.Text)
	for _, format := range formats.Weighed {
		if !format.fits(c.Text) {
			continue
		}
		label, ok := format.read(c.Text, formats.Currency)
		if !ok {
			return unreadable(c.Text, BadCheck)
		}
		c.Kind, c.Label, c.GTIN = Weighed, label, gtin
		return c
	}
	switch n := len(c.Text); {
	case isGTIN:
		c.Kind, c.GTIN = GTIN, gtin
	case n == 8 || n == 12 || n == 13 || n == 14:
		return unreadable(c.Text, BadCheck)
	default:
		c.Kind = Digits
		c.GTIN, _ = expandUPCE(c.Text)
	}
	return c
}

// elements takes the article number (01) out of GS1 element strings. Other
// elements are of no use to a till yet; without an article number the text
// stays a text.
func (c Code) elements() Code {
	number, ok := strings.CutPrefix(c.Text, "01")
	if !ok || len(number) < 14 || !isDigits(number[:14]) {
		return c
	}
	gtin, ok := normalise(number[:14])
	if !ok {
		return unreadable(c.Text, BadCheck)
	}
	c.Kind, c.GTIN = GTIN, gtin
	return c
}

// isMerchantURL recognises the pages on which a customer receives money, and
// merchants' own codes: none of them can be charged.
func isMerchantURL(text string) bool {
	lower := strings.ToLower(text)
	for _, start := range []string{
		"wxp://", "weixin://",
		"https://qr.alipay.com/", "http://qr.alipay.com/",
		"https://qr.95516.com/", "http://qr.95516.com/",
	} {
		if strings.HasPrefix(lower, start) {
			return true
		}
	}
	return false
}

func (c CardFormat) number(text string) (string, bool) {
	number, ok := strings.CutPrefix(text, c.Prefix)
	if !ok || len(text) < c.MinLength || len(text) > c.MaxLength {
		return "", false
	}
	if c.Keep {
		number = text
	}
	return number, true
}
