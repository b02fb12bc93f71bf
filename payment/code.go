package payment

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// The shapes of pay codes are disjoint. Sources: WeChat Pay and Alipay
// merchant documents (prefix and length); UnionPay QRC and e-CNY as seen at
// aggregators.
var codeShapes = []struct {
	channel Channel
	shape   *regexp.Regexp
}{
	{WeChat, regexp.MustCompile(`^1[0-5][0-9]{16}$`)},
	{Alipay, regexp.MustCompile(`^(?:2[5-9]|30)[0-9]{14,22}$`)},
	{UnionPay, regexp.MustCompile(`^62[0-9]{17}$`)},
	{UnionPay, regexp.MustCompile(`^01[0-9]{17}$`)}, // e-CNY, which the same acquirer routes
}

// Recognise tells the channel of a customer's pay code by its shape. The text
// must be the bare code: ASCII digits, no prefix, no line end.
func Recognise(code string) (Channel, bool) {
	for _, s := range codeShapes {
		if s.shape.MatchString(code) {
			return s.channel, true
		}
	}
	return "", false
}

// Mask is what of a pay code may be shown or kept: the first two digits, which
// name the scheme, and the last two.
func Mask(code string) string {
	if len(code) < 12 {
		return "…"
	}
	return code[:2] + "…" + code[len(code)-2:]
}

// HashCode is a one-way mark of a pay code, salted per till, so that the same
// code seen twice can be noticed without keeping it. A code lives for about a
// minute; the mark is of no use after that.
func HashCode(salt, code string) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + code))
	return hex.EncodeToString(sum[:8])
}
