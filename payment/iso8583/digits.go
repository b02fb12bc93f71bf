package iso8583

import (
	"errors"
	"fmt"
)

var errNotDigits = errors.New("not digits")

// packed writes characters as nibbles, two a byte, from the left; an odd count
// is padded with a zero at the end. The digits of n fields are 0 to 9; tracks
// (z fields) have D for the separator. The library's own encoders refuse D and
// would keep a copy of a card number where it cannot be wiped.
type packed struct{ separator bool }

// Encode implements encoding.Encoder.
func (p packed) Encode(text []byte) ([]byte, error) {
	out := make([]byte, (len(text)+1)/2)
	for i, c := range text {
		n, ok := p.nibble(c)
		if !ok {
			return nil, errNotDigits
		}
		out[i/2] |= n << (4 * (1 - i%2))
	}
	return out, nil
}

func (p packed) nibble(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c == 'D' && p.separator:
		return 0xD, true
	}
	return 0, false
}

// Decode implements encoding.Encoder. Padding other than zero is noticed by
// Unpack, which compares with what it would have written itself.
func (p packed) Decode(data []byte, length int) ([]byte, int, error) {
	read := (length + 1) / 2
	if length < 0 || len(data) < read {
		return nil, 0, fmt.Errorf("%d digits announced, %d bytes there", length, len(data))
	}
	out := make([]byte, length)
	for i := range out {
		n := data[i/2] >> (4 * (1 - i%2)) & 0xF
		switch {
		case n <= 9:
			out[i] = '0' + n
		case n == 0xD && p.separator:
			out[i] = 'D'
		default:
			return nil, 0, errNotDigits
		}
	}
	return out, read, nil
}

// wipe overwrites what must not stay in memory.
func wipe(parts ...[]byte) {
	for _, p := range parts {
		clear(p)
	}
}
