package scanner

import (
	"errors"
	"strconv"
	"strings"

	"abacus/internal/money"
)

// Label is what a scale's label says.
type Label struct {
	Item     string       // the scale's article number (PLU)
	Amount   money.Amount // of the whole packet; zero when the label has none
	Grams    int64        // net weight; 0 when the label has none
	ByWeight bool         // the weight binds: amount is price × weight. Otherwise the amount does
}

// LabelFormat is how one kind of label lays its digits out. Prefixes 20 to 29
// belong to the shop, so the layout is whatever its scales print.
type LabelFormat struct {
	Prefix string // digits the code begins with
	Length int    // digits in all, check digit included
	Item   Field
	Amount Field // Digits 0: not on the label
	Weight Field // Digits 0: not on the label
	// AmountDecimals and WeightDecimals are how many digits stand behind the
	// point, of the currency's major unit and of a kilogram.
	AmountDecimals int
	WeightDecimals int
	ByWeight       bool // the weight binds, not the amount
	// PriceCheck, when not 0, is the place (from 1) of a second check digit over
	// the amount or, without one, the weight, which then has four or five digits.
	PriceCheck int
	NoCheck    bool // the last digit is not an EAN check digit
}

// Field is where a number stands in a code: From counts from 1.
type Field struct {
	From, Digits int
}

// DefaultLabels is the layout most Chinese scales are delivered with: 21, five
// digits of article, five of amount in fen, check digit.
func DefaultLabels() []LabelFormat {
	return []LabelFormat{{
		Prefix: "21", Length: 13,
		Item: Field{3, 5}, Amount: Field{8, 5}, AmountDecimals: 2,
	}}
}

func (f LabelFormat) validate() error {
	measure := f.Amount
	if measure.Digits == 0 {
		measure = f.Weight
	}
	binding := f.Amount
	if f.ByWeight {
		binding = f.Weight
	}
	switch {
	case f.Prefix == "" || !isDigits(f.Prefix):
		return errors.New("the prefix must be digits")
	case f.Length < 8 || f.Length > 32:
		return errors.New("the length must be 8 to 32 digits")
	case !f.Item.within(f.Length, 12) || f.Item.Digits == 0:
		return errors.New("the article number must be 1 to 12 digits inside the code")
	case !f.Amount.within(f.Length, 12) || !f.Weight.within(f.Length, 9):
		return errors.New("amount (at most 12 digits) and weight (at most 9) must lie inside the code")
	case binding.Digits == 0:
		return errors.New("the label must hold the amount, or the weight with by-weight set")
	case f.AmountDecimals < 0 || f.AmountDecimals > 4 || f.WeightDecimals < 0 || f.WeightDecimals > 6:
		return errors.New("decimals must be 0 to 4 for the amount and 0 to 6 for the weight")
	case f.PriceCheck < 0 || f.PriceCheck > f.Length:
		return errors.New("the price check digit must lie inside the code")
	case f.PriceCheck > 0 && measure.Digits != 4 && measure.Digits != 5:
		return errors.New("a price check digit needs an amount of four or five digits")
	}
	return nil
}

func (f Field) within(length, most int) bool {
	if f.Digits == 0 {
		return true
	}
	return f.From >= 1 && f.Digits > 0 && f.Digits <= most && f.From+f.Digits-1 <= length
}

func (f Field) of(digits string) string { return digits[f.From-1 : f.From-1+f.Digits] }

// fits reports whether a code of digits has this layout. A format that does
// not validate fits nothing.
func (f LabelFormat) fits(digits string) bool {
	return len(digits) == f.Length && strings.HasPrefix(digits, f.Prefix) && f.validate() == nil
}

// read takes the label apart; false when a check digit is wrong or an amount
// is none of the currency.
func (f LabelFormat) read(digits string, c money.Currency) (Label, bool) {
	if !f.NoCheck && !hasCheckDigit(digits) || !f.priceCheckHolds(digits) {
		return Label{}, false
	}
	label := Label{Item: f.Item.of(digits), ByWeight: f.ByWeight}
	if f.Amount.Digits > 0 {
		amount, ok := scale(f.Amount.of(digits), f.AmountDecimals, c.Digits())
		if !ok {
			return Label{}, false
		}
		if label.Amount = money.New(amount, c); !label.Amount.Valid() {
			return Label{}, false
		}
	}
	if f.Weight.Digits > 0 {
		grams, ok := scale(f.Weight.of(digits), f.WeightDecimals, 3)
		if !ok {
			return Label{}, false
		}
		label.Grams = grams
	}
	return label, true
}

// scale turns digits with so many decimals into units with so many decimals.
// Digits that would be lost must be zero.
func scale(digits string, have, want int) (int64, bool) {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	for ; have < want; have++ {
		n *= 10
	}
	for ; have > want; have-- {
		if n%10 != 0 {
			return 0, false
		}
		n /= 10
	}
	return n, true
}

func (f LabelFormat) priceCheckHolds(digits string) bool {
	if f.PriceCheck == 0 {
		return true
	}
	measure := f.Amount
	if measure.Digits == 0 {
		measure = f.Weight
	}
	return digits[f.PriceCheck-1] == priceCheckDigit(measure.of(digits))
}

// priceCheckDigit is the inner check digit over a price of four or five
// digits: GS1 General Specifications, sections 7.9.3 and 7.9.4. Each digit is
// multiplied and the tens of the product are added to or taken from its units
// ("5+", "2-").
func priceCheckDigit(price string) byte {
	weigh := func(i, factor, sign int) int {
		product := int(price[i]-'0') * factor
		return (product%10 + sign*(product/10) + 10) % 10
	}
	if len(price) == 4 {
		sum := weigh(0, 2, -1) + weigh(1, 2, -1) + weigh(2, 3, 0) + weigh(3, 5, -1)
		return byte('0' + sum*3%10)
	}
	sum := weigh(0, 5, 1) + weigh(1, 2, -1) + weigh(2, 5, -1) + weigh(3, 5, 1) + weigh(4, 2, -1)
	// The check digit is the one whose own 5- product completes the sum to ten.
	digit := byte('0')
	for product := 0; (product%10-product/10+10+sum)%10 != 0; product += 5 {
		digit++
	}
	return digit
}
