// Package goods is what the shop sells and who its members are.
package goods

import "abacus/internal/money"

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
