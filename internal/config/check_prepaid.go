package config

import (
	"fmt"

	"abacus/internal/lang"
)

// checkPrepaid keeps card numbers apart from pay codes, bank cards and goods.
// The bounds are those of payment/prepaid, which this room does not import.
func (l *loader) checkPrepaid() *fault {
	p := &l.config.Prepaid
	if !onlyDigits(p.Prefix) || len(p.Prefix) > 7 || p.Prefix[0] < '7' {
		return &fault{"prepaid.prefix", func(t *lang.Config) string { return fmt.Sprintf(t.PrepaidPrefix, 7) }}
	}
	if !p.Most.Valid() || !p.Most.Positive() {
		return &fault{"prepaid.most", func(t *lang.Config) string { return t.MoneyPositive }}
	}
	return first(within("prepaid.length", p.Length, 16, 20), within("prepaid.months", p.Months, 0, 1200))
}
