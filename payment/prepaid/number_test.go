package prepaid

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var usual = Format{Prefix: "9800", Length: 16}

func TestNumbers(t *testing.T) {
	for number, want := range map[string]bool{
		"9800000000000003":  true,
		"9800123412341235":  true,
		"9800123412341236":  false, // check digit
		"980012341234123":   false,
		"98001234123412310": false,
		"9801123412341235":  false,
		"98001234123412３1":  false,
		"":                  false,
	} {
		if usual.Valid(number) != want {
			t.Errorf("%q: %v", number, !want)
		}
	}
}

func TestEveryMadeNumberIsValidAndNoSlipIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := Format{Prefix: rapid.StringMatching(`[789][0-9]{0,5}`).Draw(r, "prefix"), Length: rapid.IntRange(LeastLength, MostLength).Draw(r, "length")}
		if err := f.Validate(); err != nil {
			r.Fatal(err)
		}
		number, err := f.Make(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 24, 24).Draw(r, "random")))
		if err != nil || !f.Valid(number) {
			r.Fatalf("%s: %v", number, err)
		}
		at := rapid.IntRange(0, len(number)-1).Draw(r, "at")
		slip := []byte(number)
		slip[at] = '0' + (slip[at]-'0'+byte(rapid.IntRange(1, 9).Draw(r, "by")))%10
		if f.Valid(string(slip)) {
			r.Fatalf("%s passes for %s", slip, number)
		}
		if mask := Mask(number); len(mask) != len(number) || strings.Contains(mask, number[4:len(number)-4]) || !strings.HasSuffix(mask, number[len(number)-4:]) {
			r.Fatalf("mask %s of %s", mask, number)
		}
	})
}

func TestMakeNeedsRandomness(t *testing.T) {
	if number, err := usual.Make(strings.NewReader("short")); err == nil {
		t.Errorf("made %s", number)
	}
}

func TestFormatsThatCannotWork(t *testing.T) {
	for _, f := range []Format{
		{"", 16}, {"98x", 16}, {"9800", 13}, {"9800", 21}, {"98001234", 16},
		{"62", 19}, {"13", 18}, {"28", 16}, {"4", 16}, {"01", 19},
	} {
		if f.Validate() == nil {
			t.Errorf("%+v passes", f)
		}
	}
}

func TestPINs(t *testing.T) {
	hash, err := HashPIN("2580", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := HashPIN("2580", rand.Reader)
	if hash == again || strings.Contains(hash, "2580") {
		t.Error("not salted")
	}
	if !PINFits(hash, "2580") || PINFits(hash, "2581") || PINFits(hash, "") {
		t.Error("wrong answer about a PIN")
	}
	for _, broken := range []string{"", "a1$$", "a1$x", "a2" + hash[2:], hash[:len(hash)-2], "a1$!$!"} {
		if PINFits(broken, "2580") {
			t.Errorf("%q fits", broken)
		}
	}
	for pin, want := range map[string]bool{"1234": true, "123": false, "12345678": true, "123456789": false, "12a4": false, "": false} {
		if PINForm(pin) != want {
			t.Errorf("%q: %v", pin, !want)
		}
	}
	if _, err := HashPIN("2580", strings.NewReader("short")); err == nil {
		t.Error("hashed without a salt")
	}
}

func FuzzValid(f *testing.F) {
	f.Add("9800123412341235")
	f.Add("\xff9800")
	f.Add("0000********0000") // is its own mask
	f.Fuzz(func(t *testing.T, text string) {
		digits := strings.Trim(text, "0123456789") == ""
		if usual.Valid(text) && (len(text) != 16 || !digits) {
			t.Errorf("%q", text)
		}
		if digits && len(text) >= LeastLength && strings.Contains(Mask(text), text) {
			t.Errorf("%q is not masked", text)
		}
	})
}
