package scanner

import (
	"errors"
	"fmt"
)

// TLV is one data object of a chip card. Source: EMV 4.3 Book 3, annex B.
type TLV struct {
	Tag   uint32 // such as 0x9F26
	Value []byte
}

// Constructed reports whether the value holds data objects itself.
func (t TLV) Constructed() bool {
	first := t.Tag
	for first > 0xFF {
		first >>= 8
	}
	return first&0x20 != 0
}

var errTLV = errors.New("damaged chip data")

// ParseTLV reads data objects one after the other. Tags have up to four bytes,
// lengths up to three. Zero bytes between objects are padding.
func ParseTLV(data []byte) ([]TLV, error) {
	var out []TLV
	for len(data) > 0 {
		if data[0] == 0 {
			data = data[1:]
			continue
		}
		tag, rest, err := readTag(data)
		if err != nil {
			return nil, err
		}
		n, rest, err := readLength(rest)
		if err != nil {
			return nil, err
		}
		if n > len(rest) {
			return nil, fmt.Errorf("%w: tag %X announces %d bytes, %d are there", errTLV, tag, n, len(rest))
		}
		out, data = append(out, TLV{tag, rest[:n]}), rest[n:]
	}
	return out, nil
}

func readTag(data []byte) (uint32, []byte, error) {
	tag := uint32(data[0])
	if data[0]&0x1F != 0x1F {
		return tag, data[1:], nil
	}
	for i := 1; i < len(data) && i < 4; i++ {
		tag = tag<<8 | uint32(data[i])
		if data[i]&0x80 == 0 {
			return tag, data[i+1:], nil
		}
	}
	return 0, nil, fmt.Errorf("%w: a tag without end", errTLV)
}

func readLength(data []byte) (int, []byte, error) {
	if len(data) == 0 {
		return 0, nil, fmt.Errorf("%w: a tag without length", errTLV)
	}
	first := int(data[0])
	if first < 0x80 {
		return first, data[1:], nil
	}
	n, length := first&0x7F, 0
	if n == 0 || n > 3 || len(data) < 1+n {
		return 0, nil, fmt.Errorf("%w: a length of %d bytes", errTLV, n)
	}
	for _, b := range data[1 : 1+n] {
		length = length<<8 | int(b)
	}
	return length, data[1+n:], nil
}

// maxNesting is deeper than any card's data.
const maxNesting = 6

// gather puts all data objects, those inside others too, into a map; of a tag
// that comes twice the first counts.
func gather(into map[uint32][]byte, data []byte, depth int) error {
	objects, err := ParseTLV(data)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if _, known := into[o.Tag]; !known {
			into[o.Tag] = o.Value
		}
		if o.Constructed() && depth < maxNesting {
			if err := gather(into, o.Value, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendTLV writes one data object.
func appendTLV(out []byte, tag uint32, value []byte) []byte {
	for shift := 24; shift >= 0; shift -= 8 {
		if b := byte(tag >> shift); b != 0 || shift == 0 {
			out = append(out, b)
		}
	}
	if len(value) >= 0x80 {
		out = append(out, 0x81) // nothing this till writes is longer than 255
	}
	return append(append(out, byte(len(value))), value...)
}
