// Package prepaid is about the shop's own prepaid cards: what their numbers
// look like and how their PINs are kept. Balances are the ledger's.
package prepaid

import (
	"fmt"
	"io"
	"math/big"
	"strings"
)

// Format is what the shop's card numbers look like: the prefix, digits that
// nobody can guess, and a check digit.
type Format struct {
	Prefix string // digits; no pay code, bank card or article begins so
	Length int    // of the whole number
}

// The bounds of a number's length: goods have up to 14 digits, and a scanner's
// line should stay short.
const (
	LeastLength = 16
	MostLength  = 20

	leastFree = 8 // digits to be guessed, at least
)

// Validate says in one sentence what is wrong with a format.
func (f Format) Validate() error {
	switch {
	case f.Prefix == "" || strings.Trim(f.Prefix, "0123456789") != "":
		return fmt.Errorf("the prefix %q must be digits", f.Prefix)
	case f.Length < LeastLength || f.Length > MostLength:
		return fmt.Errorf("a number has %d to %d digits, not %d", LeastLength, MostLength, f.Length)
	case f.Length-len(f.Prefix)-1 < leastFree:
		return fmt.Errorf("behind the prefix %q only %d digits are left, too easy to guess", f.Prefix, f.Length-len(f.Prefix)-1)
	case f.looksLikeAnother():
		return fmt.Errorf("numbers with %q are pay codes or bank cards: use another prefix, such as 9800", f.Prefix)
	}
	return nil
}

// looksLikeAnother: pay codes begin 10-15 (WeChat Pay), 25-30 (Alipay), 62 or
// 01 (UnionPay); bank cards 3 to 6, and 8 or 9 at length 16 nobody (ISO/IEC
// 7812-1 leaves 9 to national use, and China does not).
func (f Format) looksLikeAnother() bool {
	return f.Prefix[0] != '9' && f.Prefix[0] != '8' && f.Prefix[0] != '7'
}

// Valid reports whether a text is a whole number of this form: anything
// mistyped in one digit is not.
func (f Format) Valid(number string) bool {
	return len(number) == f.Length && strings.HasPrefix(number, f.Prefix) && strings.Trim(number, "0123456789") == "" &&
		checkDigit(number[:len(number)-1]) == number[len(number)-1]
}

// Make makes a new number from outside randomness.
func (f Format) Make(random io.Reader) (string, error) {
	free := f.Length - len(f.Prefix) - 1
	// Far more random bits than digits: the remainder favours no digit.
	bits := make([]byte, 24)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", fmt.Errorf("make a card number: %w", err)
	}
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(free)), nil)
	digits := new(big.Int).Mod(new(big.Int).SetBytes(bits), most).String()
	body := f.Prefix + strings.Repeat("0", free-len(digits)) + digits
	return body + string(checkDigit(body)), nil
}

// Mask is what of a number may be shown, printed or kept: the first four
// digits and the last four.
func Mask(number string) string {
	const shown = 4
	if len(number) < LeastLength {
		return "…"
	}
	return number[:shown] + strings.Repeat("*", len(number)-2*shown) + number[len(number)-shown:]
}

// checkDigit is the last digit of ISO/IEC 7812-1, Annex B (Luhn).
func checkDigit(body string) byte {
	sum := 0
	for i := range len(body) {
		digit := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return byte('0' + (10-sum%10)%10)
}
