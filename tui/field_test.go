package tui

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"abacus/internal/money"
	"abacus/ledger"
)

// Whatever is typed into the input line has one meaning or none, and a barcode
// is never an amount.
func FuzzTheInputLine(f *testing.F) {
	for _, text := range []string{"", "12.5", "5*", "5*12.5", "6901234567892", "/1001", "nfsq", "5*5*", "*", ".", "1e9", "9999999.99", "２.5", "\x00", "-1"} {
		f.Add(text)
	}
	barcode := regexp.MustCompile(`(^|\*)[0-9]{8,}$`)
	f.Fuzz(func(t *testing.T, text string) {
		in := read(text, money.CNY)
		meanings := 0
		for _, has := range []bool{!in.amount.IsZero(), in.code != "", in.name != "", in.onLine} {
			if has {
				meanings++
			}
		}
		if !in.bad && meanings != 1 {
			t.Fatalf("%q means %d things: %+v", text, meanings, in)
		}
		if !in.bad && in.amount.Minor() > 999999999 {
			t.Fatalf("%q is the amount %v", text, in.amount)
		}
		if barcode.MatchString(text) && !in.amount.IsZero() {
			t.Fatalf("the barcode %q is the amount %v", text, in.amount)
		}
		if in.quantity < 0 || in.quantity > 9999999 {
			t.Fatalf("%q is the quantity %d", text, in.quantity)
		}
	})
}

// No field shows the whole of what may be a pay code, typed or in a burst.
func FuzzWhatAFieldShows(f *testing.F) {
	f.Add("281234567890123456", "", uint8(free))
	f.Add("5*", "281234567890123456", uint8(free))
	f.Add("2812345", "67890123456", uint8(amount))
	f.Add("", "246810", uint8(secret))
	long := regexp.MustCompile(`[0-9]{14,}`)
	f.Fuzz(func(t *testing.T, text, held string, k uint8) {
		in := field{kind: kind(k % 4)}
		for _, r := range text {
			in.key(keyMsg{r: r})
		}
		shown := in.shown(held)
		if code := long.FindString(in.text + held); code != "" && strings.Contains(shown, code) && allDigits(in.text+held) {
			t.Fatalf("%q and %q show %q", in.text, held, shown)
		}
		if in.kind == secret && strings.Trim(shown, "*") != "" {
			t.Fatalf("a secret shows %q", shown)
		}
		if utf8.ValidString(held) && !utf8.ValidString(shown) {
			t.Fatalf("%q", shown)
		}
	})
}

func TestQuantities(t *testing.T) {
	for text, want := range map[string]ledger.Quantity{"5": 5000, "0.512": 512, "12.5": 12500, ".5": 500, "9999": 9999000} {
		got, ok := parseQuantity(text)
		if !ok || got != want {
			t.Errorf("%q is %d, %v", text, got, ok)
		}
		if back, _ := parseQuantity(quantity(got)); back != got {
			t.Errorf("%q comes back as %d", quantity(got), back)
		}
	}
	for _, text := range []string{"", ".", "0", "0.000", "1.2345", "10000", "-1", "1,5", "x", "+5", "1.-5"} {
		if q, ok := parseQuantity(text); ok {
			t.Errorf("%q is the quantity %d", text, q)
		}
	}
}

// Cutting a wide character in half leaves no hole and no overhang.
func TestCutThenPad(t *testing.T) {
	for _, text := range []string{"苹果苹果", "农夫山泉 550ml", "a\x1b[31mb\tc", "⚠️①", "\xff"} {
		for n := range 20 {
			if got := width(left(text, n)); got != n {
				t.Errorf("left(%q, %d) is %d cells", text, n, got)
			}
			if got := width(right(text, n)); got != n {
				t.Errorf("right(%q, %d) is %d cells", text, n, got)
			}
			if got := width(newRow(n).add(text).add(text).end()); got != n {
				t.Errorf("a row of %d is %d cells", n, got)
			}
		}
	}
}
