package device

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"abacus/scanner"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const word = 8 // bytes of the numbers of an event's time in these tests

func event(kind, code uint16, value uint32) []byte {
	b := make([]byte, 2*word, 2*word+8)
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, code)
	return binary.NativeEndian.AppendUint32(b, value)
}

const report, misc = 0, 4

// stroke is a key down and up as the kernel reports it: the scan code, the key
// and the report, twice.
func stroke(code uint16) []byte {
	var b []byte
	for _, value := range []uint32{pressed, released} {
		b = append(b, event(misc, 4, uint32(code))...)
		b = append(b, event(evKey, code, value)...)
		b = append(b, event(evSyn, report, 0)...)
	}
	return b
}

func held(code uint16, inside ...byte) []byte {
	b := append(event(evKey, code, pressed), event(evSyn, report, 0)...)
	b = append(b, inside...)
	return append(b, append(event(evKey, code, released), event(evSyn, report, 0)...)...)
}

// keyOf is the key that writes a character on a US keyboard.
func keyOf(char byte) (code uint16, shifted, ok bool) {
	for _, row := range rows {
		if at := strings.IndexByte(row.plain, char); at >= 0 {
			return row.first + uint16(at), false, true
		}
		if at := strings.IndexByte(row.shifts, char); at >= 0 {
			return row.first + uint16(at), true, true
		}
	}
	return 0, false, false
}

// scanned are the events of a code that a scanner types, Enter included.
func scanned(text string) []byte {
	var b []byte
	for i := range len(text) {
		code, shifted, _ := keyOf(text[i])
		if shifted {
			b = append(b, held(keyLeftShift, stroke(code)...)...)
		} else {
			b = append(b, stroke(code)...)
		}
	}
	return append(b, stroke(keyEnter)...)
}

func texts(scans []scanner.Scan) []string {
	out := []string{}
	for _, s := range scans {
		if s.Torn {
			s.Text += "!"
		}
		out = append(out, s.Text)
	}
	return out
}

func TestKeys(t *testing.T) {
	dropped := append(event(evSyn, synDropped, 0), stroke(30)[:3*(2*word+8)]...)
	for _, tc := range []struct {
		name string
		in   []byte
		want []string
	}{
		{"digits", scanned("6901234567892"), []string{"6901234567892"}},
		{"letters and signs", scanned(`aZ-_@#%^?;=:/\|"'~ <>`), []string{`aZ-_@#%^?;=:/\|"'~ <>`}},
		{"two at once", append(scanned("12345678"), scanned("ABCDEFG")...), []string{"12345678", "ABCDEFG"}},
		{"number pad", slices.Concat(stroke(79), stroke(80), stroke(81), stroke(82), stroke(83), stroke(98), stroke(keyPadEnter)), []string{"1230./"}},
		{"Tab ends a code", slices.Concat(stroke(2), stroke(keyTab)), []string{"1"}},
		{"Ctrl+] is GS", slices.Concat(stroke(2), held(keyRightCtrl, stroke(27)...), stroke(3), stroke(keyEnter)), []string{"1\x1d2"}},
		{"Alt and numbers", slices.Concat(held(keyLeftAlt, slices.Concat(stroke(82), stroke(77), stroke(76))...), stroke(keyEnter)), []string{"A"}},
		{"the kernel's repeat", slices.Concat(event(evKey, 2, pressed), event(evKey, 2, 2), event(evKey, 2, 2), event(evKey, 2, released), stroke(keyEnter)), []string{"1"}},
		{"Caps Lock has no part", slices.Concat(stroke(58), stroke(30), stroke(keyEnter)), []string{"a"}},
		{"events lost", slices.Concat(stroke(2), dropped, scanned("345"), scanned("96385074")), []string{"!", "96385074"}},
		{"shift lost with them", slices.Concat(event(evKey, keyLeftShift, pressed), dropped, scanned("1"), scanned("1")), []string{"!", "1"}},
		{"half an event", scanned("12")[:2*word+5], []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := NewKeys(scanner.Lines{}, word)
			scans, err := k.Feed(noon, tc.in)
			if got := texts(scans); err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("got %q, %v, want %q", got, err, tc.want)
			}
		})
	}
}

// A keyboard that was configured by mistake gives itself away.
func TestKeysOfAPerson(t *testing.T) {
	for _, code := range []uint16{keyEscape, keyBackspace, keyF1, keyF12, 103, 108, keyDelete} {
		if _, err := NewKeys(scanner.Lines{}, word).Feed(noon, stroke(code)); !errors.Is(err, errKeyboard) {
			t.Errorf("key %d: %v", code, err)
		}
	}
}

// Every code a scanner can type comes out as it went in, however the kernel
// bundles the events.
func TestKeysRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -~]{1,40}`).Draw(t, "text")
		data, k := scanned(text), NewKeys(scanner.Lines{}, word)
		var got []scanner.Scan
		for len(data) > 0 {
			n := rapid.IntRange(1, len(data)).Draw(t, "n")
			scans, err := k.Feed(noon, data[:n])
			if err != nil {
				t.Fatal(err)
			}
			got, data = append(got, scans...), data[n:]
		}
		if want := []string{text}; !slices.Equal(texts(got), want) {
			t.Fatalf("got %q, want %q", texts(got), want)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(scanned("690@"), true)
	f.Add(append(event(evSyn, synDropped, 0), stroke(2)...), false)
	f.Fuzz(func(t *testing.T, data []byte, long bool) {
		k := NewKeys(scanner.Lines{}, map[bool]int{true: 8, false: 4}[long])
		scans, err := k.Feed(noon, data)
		if err == nil {
			scans = append(scans, k.Quiet(noon)...)
		}
		for _, s := range scans {
			if s.Text == "" && !s.Torn {
				t.Errorf("an empty scan")
			}
		}
	})
}
