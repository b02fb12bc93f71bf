package scanner

import "strings"

// checkDigit is the digit that completes a GTIN or SSCC: from the right,
// weights 3, 1, 3, 1 and so on (GS1 General Specifications, section 7.9.1).
// The argument is ASCII digits.
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

// normalise turns the forms in which scanners deliver one article number into
// one: UPC-A gets its leading zero, a GTIN-14 that begins with zero loses it,
// UPC-E in eight digits is expanded. EAN-8 stays as it is.
func normalise(digits string) (string, bool) {
	switch len(digits) {
	case 8:
		if hasCheckDigit(digits) {
			return digits, true
		}
		return expandUPCE(digits)
	case 12:
		return "0" + digits, hasCheckDigit(digits)
	case 13:
		return digits, hasCheckDigit(digits)
	case 14:
		return strings.TrimPrefix(digits, "0"), hasCheckDigit(digits)
	}
	return "", false
}

// expandUPCE gives the EAN-13 of a UPC-E: six digits, or seven with the check
// digit behind or the number system in front, or eight with both. Only forms
// with a check digit can be verified; false when it is wrong. (GS1 General
// Specifications, section 5.2.2.4, suppression of zeros.)
func expandUPCE(digits string) (string, bool) {
	switch len(digits) {
	case 6:
		return zeros("0", digits), true
	case 7:
		if full := zeros("0", digits[:6]); full[12] == digits[6] {
			return full, true
		}
		if digits[0] == '0' || digits[0] == '1' {
			return zeros(digits[:1], digits[1:]), true
		}
	case 8:
		if digits[0] == '0' || digits[0] == '1' {
			full := zeros(digits[:1], digits[1:7])
			return full, full[12] == digits[7]
		}
	}
	return "", false
}

// zeros puts back the zeros left out of a UPC-E; system is its number system
// and d its six digits.
func zeros(system, d string) string {
	var body string
	switch d[5] {
	case '0', '1', '2':
		body = d[:2] + d[5:] + "0000" + d[2:5]
	case '3':
		body = d[:3] + "00000" + d[3:5]
	case '4':
		body = d[:4] + "00000" + d[4:5]
	default:
		body = d[:5] + "0000" + d[5:]
	}
	upc := system + body
	return "0" + upc + string(checkDigit(upc))
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// symbology is the AIM identifier some scanners put before a code, "]E0"
// (ISO/IEC 15424), empty when there is none.
type symbology string

func cutSymbology(text string) (string, symbology) {
	if len(text) < 3 || text[0] != ']' {
		return text, ""
	}
	letter, modifier := text[1], text[2]
	isLetter := letter >= 'A' && letter <= 'Z' || letter >= 'a' && letter <= 'z'
	isModifier := modifier >= '0' && modifier <= '9' || modifier >= 'A' && modifier <= 'Z'
	if !isLetter || !isModifier {
		return text, ""
	}
	return text[3:], symbology(text[1:3])
}

// gs1 reports whether the code holds GS1 element strings: GS1-128, GS1
// DataBar, DataMatrix and QR.
func (s symbology) gs1() bool { return s == "C1" || s == "e0" || s == "d2" || s == "Q3" }
