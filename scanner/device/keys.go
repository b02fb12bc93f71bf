package device

import (
	"encoding/binary"
	"strconv"
	"time"

	"abacus/scanner"
)

// Keys makes scans of the events of a grabbed input device. Scanners press the
// keys of a US keyboard whatever layout the system has; Caps Lock has no part
// in it. Source: the Linux kernel's input-event-codes.h.
type Keys struct {
	lines   scanner.Lines
	long    int    // bytes of each of the two numbers of an event's time
	rest    []byte // of an event not yet whole
	shift   [2]bool
	ctrl    [2]bool
	alt     [2]bool
	digits  string // of a character given by Alt and number pad
	skipped bool   // the kernel's queue ran over; up to the next report nothing counts
}

// NewKeys makes a decoder. wordBytes is 8 where the kernel's time is two 64-bit
// numbers, otherwise 4.
func NewKeys(framing scanner.Lines, wordBytes int) *Keys {
	return &Keys{lines: framing, long: wordBytes}
}

// Event types and values.
const (
	evSyn = 0
	evKey = 1

	synReport  = 0
	synDropped = 3

	released = 0
	pressed  = 1
)

// Keys that are no character.
const (
	keyEscape, keyBackspace, keyTab, keyEnter = 1, 14, 15, 28
	keyLeftCtrl, keyLeftShift, keyRightShift  = 29, 42, 54
	keyLeftAlt, keyF1, keyF10, keyF11, keyF12 = 56, 59, 68, 87, 88
	keyPadEnter, keyRightCtrl, keyRightAlt    = 96, 97, 100
	keyHome, keyDelete                        = 102, 111
	padDigits                                 = "789-456+1230." // from code 71
	keyPad7                                   = 71
)

// Feed takes events as they come. The error says that keys came that no scanner
// has.
func (k *Keys) Feed(at time.Time, data []byte) ([]scanner.Scan, error) {
	var scans []scanner.Scan
	size := 2*k.long + 8
	data = append(k.rest, data...)
	for ; len(data) >= size; data = data[size:] {
		event := data[2*k.long : size]
		kind, code := binary.NativeEndian.Uint16(event), binary.NativeEndian.Uint16(event[2:])
		value := binary.NativeEndian.Uint32(event[4:])
		if kind == evSyn && code == synDropped {
			k.lose()
		}
		if k.skipped {
			k.skipped = kind != evSyn || code != synReport
			continue
		}
		if kind != evKey {
			continue
		}
		bytes, err := k.key(code, value)
		if err != nil {
			return scans, err
		}
		scans = append(scans, k.lines.Feed(at, bytes)...)
	}
	k.rest = append([]byte(nil), data...)
	return scans, nil
}

// lose forgets what was under way: which keys are down is not known any more
// either.
func (k *Keys) lose() {
	k.lines.Lose()
	k.skipped, k.shift, k.ctrl, k.alt, k.digits = true, [2]bool{}, [2]bool{}, [2]bool{}, ""
}

// Quiet says that nothing has come for scanner.Pause.
func (k *Keys) Quiet(at time.Time) []scanner.Scan { return k.lines.Quiet(at) }

// Waiting reports whether a code is under way.
func (k *Keys) Waiting() bool { return k.lines.Waiting() }

// key is what one event adds to the code.
func (k *Keys) key(code uint16, value uint32) ([]byte, error) {
	if k.modifier(code, value == released) {
		if char := k.byNumber(); char != 0 {
			return []byte{char}, nil
		}
		return nil, nil
	}
	if value != pressed { // a release, or the kernel's own repeat of a slow key
		return nil, nil
	}
	switch {
	case code == keyEnter || code == keyPadEnter:
		return []byte{'\r'}, nil
	case code == keyTab:
		return []byte{'\t'}, nil
	case noScannerHas(code):
		return nil, errKeyboard
	}
	char := character(code, either(k.shift))
	switch {
	case char == 0:
		return nil, nil
	case either(k.alt) && code >= keyPad7 && char >= '0' && char <= '9':
		k.digits += string(char)
		return nil, nil
	case either(k.ctrl) && char >= '@': // Ctrl+] is GS, Ctrl+B is STX
		char &= 0x1f
	}
	return []byte{char}, nil
}

// byNumber is the character whose number was keyed in with Alt held down, once
// Alt is up; 0 while there is none.
func (k *Keys) byNumber() byte {
	if either(k.alt) || k.digits == "" {
		return 0
	}
	number, _ := strconv.ParseUint(k.digits, 10, 8)
	k.digits = ""
	return byte(number)
}

func (k *Keys) modifier(code uint16, up bool) bool {
	switch code {
	case keyLeftShift:
		k.shift[0] = !up
	case keyRightShift:
		k.shift[1] = !up
	case keyLeftCtrl:
		k.ctrl[0] = !up
	case keyRightCtrl:
		k.ctrl[1] = !up
	case keyLeftAlt:
		k.alt[0] = !up
	case keyRightAlt:
		k.alt[1] = !up
	default:
		return false
	}
	return true
}

func either(keys [2]bool) bool { return keys[0] || keys[1] }

// noScannerHas reports whether a person must have pressed the key: Escape, the
// function keys, the arrows and what corrects typing.
func noScannerHas(code uint16) bool {
	return code == keyEscape || code == keyBackspace || code >= keyF1 && code <= keyF10 ||
		code == keyF11 || code == keyF12 || code >= keyHome && code <= keyDelete
}

// The rows of a US keyboard, by the code of their first key.
var rows = []struct {
	first         uint16
	plain, shifts string
}{
	{2, "1234567890-=", "!@#$%^&*()_+"},
	{16, "qwertyuiop[]", "QWERTYUIOP{}"},
	{30, "asdfghjkl;'`", `ASDFGHJKL:"~`},
	{43, `\zxcvbnm,./`, "|ZXCVBNM<>?"},
	{55, "*", "*"},
	{57, " ", " "},
	{keyPad7, padDigits, padDigits},
	{98, "/", "/"},
}

// character is the character of a key, 0 when it has none.
func character(code uint16, shifted bool) byte {
	for _, row := range rows {
		at := int(code) - int(row.first)
		if at < 0 || at >= len(row.plain) {
			continue
		}
		if shifted {
			return row.shifts[at]
		}
		return row.plain[at]
	}
	return 0
}
