package payment_test

import (
	"strings"
	"testing"

	"abacus/payment"
)

// FuzzRecognise: what is taken for a pay code is digits only, belongs to one
// channel, and its mask gives it away to nobody.
func FuzzRecognise(f *testing.F) {
	for _, seed := range []string{"134567890123456789", "281234567890123456", "6212345678901234567", "6901234567892", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code string) {
		_, ok := payment.Recognise(code)
		if ok && (strings.Trim(code, "0123456789") != "" || len(code) < 16 || len(code) > 24) {
			t.Errorf("%q is taken for a pay code", code)
		}
		mask := payment.Mask(code)
		if len(mask) > 2+len("…")+2 {
			t.Errorf("mask of %q: %q", code, mask)
		}
		if hash := payment.HashCode("salt", code); len(hash) != 16 || hash == payment.HashCode("other", code) {
			t.Errorf("hash of %q: %s", code, hash)
		}
	})
}
