package headless

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/creachadair/jrpc2"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// params are the parameters of one request, taken by name. The first mistake
// is kept and the rest reads as absent, so that a command is built in one go;
// rest tells the mistake. A null is as good as absent.
//
// An explicit 0 is refused where the core reads 0 as "all" or "the last": a
// script that computed 0 meant nothing, not everything.
type params struct {
	fields   map[string]json.RawMessage
	currency func() (money.Currency, error) // the till's
	err      error
}

func (s *session) params(ctx context.Context, r *jrpc2.Request) (*params, error) {
	p := &params{currency: func() (money.Currency, error) {
		result, err := s.core.Do(ctx, till.Hello{})
		if err != nil {
			return "", err
		}
		identity, _ := result.(till.Identity)
		return identity.Currency, nil
	}}
	if r.HasParams() && r.UnmarshalParams(&p.fields) != nil {
		return nil, badParam{"params", "param-object"}
	}
	return p, nil
}

// rest is the first mistake, if only that a parameter is left over.
func (p *params) rest() error {
	if left := slices.Sorted(maps.Keys(p.fields)); p.err == nil && len(left) > 0 {
		return badParam{left[0], "param-unknown"}
	}
	return p.err
}

func (p *params) fail(field, why string) {
	if p.err == nil {
		p.err = badParam{field, why}
	}
}

func (p *params) take(name string) (raw string, ok bool) {
	value, ok := p.fields[name]
	delete(p.fields, name)
	raw = string(value)
	return raw, ok && raw != "null"
}

// textLimit is the longest text there is a use for, in characters.
const textLimit = 200

// text is a text without control characters, which would reach the journal,
// the receipt and somebody's terminal.
func (p *params) text(name string, limit int) string {
	text := p.raw(name, limit)
	if strings.ContainsFunc(text, unicode.IsControl) {
		p.fail(name, "param-control")
		return ""
	}
	return text
}

// raw is a text as a scanner may give it.
func (p *params) raw(name string, limit int) string {
	raw, ok := p.take(name)
	if !ok {
		return ""
	}
	var text string
	if json.Unmarshal([]byte(raw), &text) != nil {
		p.fail(name, "param-text")
	}
	if utf8.RuneCountInString(text) > limit {
		p.fail(name, "param-long")
		return ""
	}
	return text
}

func (p *params) flag(name string) bool {
	raw, _ := p.take(name)
	switch raw {
	case "true":
		return true
	case "false", "null", "":
	default:
		p.fail(name, "param-flag")
	}
	return false
}

// oneOf is one of some words; the empty one when absent. A word that there is
// not would find nothing, which reads as if there were nothing.
func oneOf[T ~string](p *params, name string, words ...T) T {
	word := T(p.text(name, idLimit))
	if word != "" && !slices.Contains(words, word) {
		p.fail(name, "param-word")
	}
	return word
}

// choice is a flag that must be given: neither answer goes without saying.
func (p *params) choice(name string) bool {
	if raw, ok := p.fields[name]; !ok || string(raw) == "null" {
		p.fail(name, "param-missing")
	}
	return p.flag(name)
}

// number is a whole number from least to most; 0 when absent.
func (p *params) number(name string, least, most int64) int64 {
	return p.numberOr(0, name, least, most)
}

func (p *params) numberOr(absent int64, name string, least, most int64) int64 {
	raw, ok := p.take(name)
	if !ok {
		return absent
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || n < least || n > most {
		p.fail(name, "param-number")
		return 0
	}
	return n
}

// amount is minor units in the till's currency, not 0; the zero value when
// absent. "currency" may go with it and must then be the till's.
func (p *params) amount(name string) money.Amount {
	return p.minor(name, false)
}

// sum is an amount that must be given and may be 0.
func (p *params) sum(name string) money.Amount {
	if raw, ok := p.fields[name]; !ok || string(raw) == "null" {
		p.fail(name, "param-missing")
	}
	return p.minor(name, true)
}

func (p *params) minor(name string, zero bool) money.Amount {
	wanted := p.text("currency", 3)
	raw, ok := p.take(name)
	if !ok && wanted == "" {
		return money.Amount{}
	}
	currency, err := p.currency()
	switch {
	case err != nil && p.err == nil:
		p.err = err
	case wanted != "" && wanted != string(currency):
		p.fail("currency", "param-currency")
	}
	if !ok {
		return money.Amount{}
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	switch {
	case err != nil, n > money.Limit, n < -money.Limit:
		p.fail(name, "param-amount")
		return money.Amount{}
	case n == 0 && !zero:
		p.fail(name, "param-zero")
	}
	return money.New(n, currency)
}

// quantity is a number above 0 with at most three decimals, read from its
// digits: 0.512 has no exact float.
func (p *params) quantity(name string) ledger.Quantity {
	raw, ok := p.take(name)
	if !ok {
		return 0
	}
	whole, fraction, _ := strings.Cut(raw, ".")
	digits := whole + fraction + strings.Repeat("0", max(0, 3-len(fraction)))
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || len(fraction) > 3 || n <= 0 {
		p.fail(name, "param-quantity")
		return 0
	}
	return ledger.Quantity(n)
}
