// Package money counts money in whole minor units of one currency.
//
// There is no float and no rounding that is not asked for. An arithmetic
// result that cannot be represented (overflow, two currencies mixed) is
// Invalid; like NaN it spreads through every later operation, prints as "—"
// and is refused by the ledger and by every wire format. Callers therefore
// check once, where money is committed, and not after each addition.
package money

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sort"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// Currency is an ISO 4217 code in capitals, such as "CNY".
type Currency string

// CNY is the currency of mainland China; its minor unit is the fen.
const CNY Currency = "CNY"

// Digits is the number of decimal digits of the currency's minor unit (CNY 2,
// JPY 0). An unknown currency has 2.
func (c Currency) Digits() int {
	d, ok := currency.GetDigits(string(c))
	if !ok {
		return 2
	}
	return int(d)
}

// Known reports whether c is an ISO 4217 currency in use.
func (c Currency) Known() bool { return currency.IsValid(string(c)) }

// Limit is the largest magnitude an Amount may have, in minor units: a hundred
// thousand million yuan. Sums of a shop's whole life stay below it.
const Limit = 10_000_000_000_000

// invalid marks a result that cannot be represented.
const invalid = math.MinInt64

// Amount is a number of minor units of a currency. The zero value is zero of
// no particular currency and may be added to any amount.
type Amount struct {
	minor    int64
	currency Currency
}

// Errors of this package.
var (
	ErrSyntax   = errors.New("not an amount of money")
	ErrRange    = errors.New("amount of money out of range")
	ErrCurrency = errors.New("unknown currency")
)

// New is minor units of c; out of ±Limit it is Invalid.
func New(minor int64, c Currency) Amount {
	if minor > Limit || minor < -Limit {
		minor = invalid
	}
	return Amount{minor, c}
}

// Fen is an amount of Chinese fen (1/100 CNY).
func Fen(n int64) Amount { return New(n, CNY) }

// Minor is the amount in minor units; 0 for an invalid amount (see Valid).
func (a Amount) Minor() int64 {
	if !a.Valid() {
		return 0
	}
	return a.minor
}

// Currency is the amount's currency, empty for the zero value.
func (a Amount) Currency() Currency { return a.currency }

// Valid reports whether the amount can be represented.
func (a Amount) Valid() bool { return a.minor != invalid }

// IsZero reports whether the amount is exactly nothing.
func (a Amount) IsZero() bool { return a.minor == 0 }

// Positive reports whether the amount is valid and more than nothing.
func (a Amount) Positive() bool { return a.Valid() && a.minor > 0 }

// Negative reports whether the amount is valid and less than nothing.
func (a Amount) Negative() bool { return a.Valid() && a.minor < 0 }

// Equal reports whether both are valid, of one currency and the same number.
// Nothing of any currency equals the zero value.
func (a Amount) Equal(b Amount) bool {
	if !a.Valid() || !b.Valid() || a.minor != b.minor {
		return false
	}
	return a.currency == b.currency || a.minor == 0 && (a.currency == "" || b.currency == "")
}

// Less reports whether a < b. It is false when either is invalid or the
// currencies differ, so a guard of the form "if due.Less(x) refuse" must also
// check Valid where it matters.
func (a Amount) Less(b Amount) bool { d := b.Sub(a); return d.Positive() }

// Add is a + b.
func (a Amount) Add(b Amount) Amount {
	c, ok := common(a, b)
	if !ok || !a.Valid() || !b.Valid() {
		return Amount{invalid, c}
	}
	return New(a.minor+b.minor, c) // both within ±Limit: the sum cannot overflow
}

// Sub is a − b.
func (a Amount) Sub(b Amount) Amount { return a.Add(b.Neg()) }

// Neg is −a.
func (a Amount) Neg() Amount {
	if a.Valid() {
		a.minor = -a.minor
	}
	return a
}

// Min is the smaller of the two; Invalid when they cannot be compared.
func Min(a, b Amount) Amount {
	d := a.Sub(b)
	switch {
	case !d.Valid():
		return d
	case d.minor <= 0:
		return a
	}
	return b
}

// Sum adds up amounts; of none it is the zero value.
func Sum(amounts ...Amount) Amount {
	var total Amount
	for _, a := range amounts {
		total = total.Add(a)
	}
	return total
}

func common(a, b Amount) (Currency, bool) {
	switch {
	case a.currency == b.currency, b.currency == "":
		return a.currency, true
	case a.currency == "":
		return b.currency, true
	}
	return a.currency, false
}

// MulDiv is a × num ÷ den rounded half away from zero, the way a shop rounds
// a price: 0.512 kg at 9.98 is MulDiv(512, 1000). It is Invalid when den is
// not positive or the product is out of range.
func (a Amount) MulDiv(num, den int64) Amount {
	if !a.Valid() || den <= 0 || num == math.MinInt64 {
		return Amount{invalid, a.currency}
	}
	negative := (a.minor < 0) != (num < 0)
	hi, lo := bits.Mul64(magnitude(a.minor), magnitude(num))
	if hi >= uint64(den) {
		return Amount{invalid, a.currency}
	}
	quotient, rest := bits.Div64(hi, lo, uint64(den))
	if rest >= uint64(den)-rest {
		quotient++
	}
	if quotient > Limit {
		return Amount{invalid, a.currency}
	}
	if negative {
		return New(-int64(quotient), a.currency)
	}
	return New(int64(quotient), a.currency)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

// Split shares a out by weights so that the parts add up to a exactly; the
// minor units left over by rounding down go to the largest remainders, first
// come first. Weights must not be negative and not all be zero; otherwise, and
// for an invalid amount, it returns nil.
func (a Amount) Split(weights ...int64) []Amount {
	var total int64
	for _, w := range weights {
		if w < 0 || w > Limit {
			return nil
		}
		total += w
	}
	if total <= 0 || total > math.MaxInt64/2 || !a.Valid() {
		return nil
	}
	parts, left := make([]Amount, len(weights)), magnitude(a.minor)
	rests, order := make([]uint64, len(weights)), make([]int, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(magnitude(a.minor), uint64(w))
		share, rest := bits.Div64(hi, lo, uint64(total))
		parts[i], rests[i], order[i] = New(int64(share), a.currency), rest, i
		left -= share
	}
	sort.SliceStable(order, func(i, j int) bool { return rests[order[i]] > rests[order[j]] })
	for _, i := range order[:left] {
		parts[i].minor++
	}
	if a.minor < 0 {
		for i := range parts {
			parts[i].minor = -parts[i].minor
		}
	}
	return parts
}

// Parse reads a decimal number of major units: "11.36", "1,286.5", "-3", ".5".
// More decimals than the currency has are refused rather than rounded, and so is
// a comma that parts no thousands: "12,50" is twelve and a half where it was
// written so. The error wraps ErrSyntax, ErrRange or ErrCurrency.
func Parse(s string, c Currency) (Amount, error) {
	if !c.Known() {
		return Amount{}, fmt.Errorf("%w: %q", ErrCurrency, c)
	}
	text, negative := strings.CutPrefix(strings.TrimSpace(s), "-")
	whole, fraction, dotted := strings.Cut(text, ".")
	digits := c.Digits()
	if !grouped(whole) {
		return Amount{}, fmt.Errorf("%w: %q", ErrSyntax, clip(s))
	}
	whole = strings.ReplaceAll(whole, ",", "")
	if whole+fraction == "" || len(text) > 32 || dotted && digits == 0 || len(fraction) > digits {
		return Amount{}, fmt.Errorf("%w: %q", ErrSyntax, clip(s))
	}
	all := whole + fraction + strings.Repeat("0", digits-len(fraction))
	for _, r := range all {
		if r < '0' || r > '9' {
			return Amount{}, fmt.Errorf("%w: %q", ErrSyntax, clip(s))
		}
	}
	n, err := strconv.ParseInt(all, 10, 64)
	if err != nil || n > Limit {
		return Amount{}, fmt.Errorf("%w: %q", ErrRange, clip(s))
	}
	if negative {
		n = -n
	}
	return New(n, c), nil
}

// grouped reports whether commas stand before every third digit only; there may
// be none.
func grouped(whole string) bool {
	first, rest, commas := strings.Cut(whole, ",")
	if !commas {
		return true
	}
	for _, group := range strings.Split(rest, ",") {
		if len(group) != 3 {
			return false
		}
	}
	return first != "" && len(first) <= 3
}

func clip(s string) string {
	if r := []rune(s); len(r) > 24 {
		return string(r[:24]) + "…"
	}
	return s
}

// Decimal is the amount in major units without grouping, as acquirers and
// spreadsheets want it: "11.36". An invalid amount is "—".
func (a Amount) Decimal() string {
	if !a.Valid() {
		return "—"
	}
	digits := 2
	if a.currency != "" {
		digits = a.currency.Digits()
	}
	text := strconv.FormatUint(magnitude(a.minor), 10)
	if pad := digits + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	if digits > 0 {
		text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	if a.minor < 0 {
		text = "-" + text
	}
	return text
}

// String is the amount for people, with thousands grouped: "41,286.50". A
// negative amount has the typographic minus "−".
func (a Amount) String() string {
	text := a.Decimal()
	if !a.Valid() {
		return text
	}
	text, negative := strings.CutPrefix(text, "-")
	whole, fraction, dotted := strings.Cut(text, ".")
	var b strings.Builder
	if negative {
		b.WriteString("−")
	}
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if dotted {
		b.WriteString("." + fraction)
	}
	return b.String()
}

type wire struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency,omitempty"`
}

// MarshalJSON writes {"minor":1136,"currency":"CNY"}; an invalid amount is an
// error wrapping ErrRange. Outward faces that want a bare integer use Minor.
func (a Amount) MarshalJSON() ([]byte, error) {
	if !a.Valid() {
		return nil, ErrRange
	}
	if len(a.currency) != 3 || strings.Trim(string(a.currency), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return json.Marshal(wire{a.minor, a.currency})
	}
	// By hand: one sale writes some thirty amounts, and reflection takes five
	// times as long.
	b := strconv.AppendInt(append(make([]byte, 0, 48), `{"minor":`...), a.minor, 10)
	return append(append(append(b, `,"currency":"`...), a.currency...), `"}`...), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Amount) UnmarshalJSON(data []byte) error {
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("%w: %s", ErrSyntax, clip(string(data)))
	}
	if w.Minor > Limit || w.Minor < -Limit {
		return fmt.Errorf("%w: %d", ErrRange, w.Minor)
	}
	*a = New(w.Minor, w.Currency)
	return nil
}
