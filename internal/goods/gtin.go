package goods

import "strings"

// codeKey is the form under which a code is kept: article numbers (GTIN) are
// filled up to 14 digits, so that all forms of one meet; anything else is
// taken as it is.
func codeKey(code string) string {
	switch len(code) {
	case 8, 12, 13, 14:
		if isDigits(code) && hasCheckDigit(code) {
			return strings.Repeat("0", 14-len(code)) + code
		}
	}
	return code
}

// checkDigit completes a GTIN: from the right, weights 3, 1, 3, 1 and so on
// (GS1 General Specifications, section 7.9.1). The argument is ASCII digits.
func checkDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

func hasCheckDigit(digits string) bool {
	last := len(digits) - 1
	return digits[last] == checkDigit(digits[:last])
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
