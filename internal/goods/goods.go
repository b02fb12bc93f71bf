// Package goods is what the shop sells and who its members are.
package goods

import (
	"strings"

	"abacus/internal/money"
)

// Item is one article.
type Item struct {
	Code     string       // EAN-13, EAN-8, UPC-A as 13 digits, or the shop's own short code
	Name     string       // Chinese
	NameEn   string       // English
	Initials string       // pinyin initials in lower-case ASCII, "nfsq"
	Unit     string       // "瓶", "kg"
	Price    money.Amount // per piece, or per kg when weighed
	Weighed  bool
}

// Member is a customer the shop knows.
type Member struct {
	Number string // of the card
	Phone  string // whole or masked; show MaskedPhone only
	Name   string
	Points int64
}

// MaskedPhone is what of the phone number may be shown: "138****5678".
func (m Member) MaskedPhone() string {
	if len(m.Phone) < 8 || strings.Contains(m.Phone, "*") {
		return m.Phone
	}
	return m.Phone[:3] + strings.Repeat("*", len(m.Phone)-7) + m.Phone[len(m.Phone)-4:]
}

// String is the member without name and phone, for logs.
func (m Member) String() string { return "member " + m.Number }
