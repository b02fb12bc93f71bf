package sandbox

import (
	"crypto/cipher"
	"crypto/des"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm4"
)

// The form of ISO 8583 that UnionPay's terminals speak, written here a second
// time from the public interface description: nothing is shared with the
// client's codec.

// shape is how a field stands on the wire. A length prefix of n digits counts
// digits for packed fields and bytes for others.
type shape struct {
	width  int  // of fixed fields; the most of others
	prefix int  // digits of the length; 0: fixed
	packed bool // two digits a byte
	left   bool // an odd fixed count is padded behind, not before
}

var cardShapes = map[int]shape{
	2: {19, 2, true, true}, 3: {6, 0, true, false}, 4: {12, 0, true, false}, 11: {6, 0, true, false}, 12: {6, 0, true, false},
	13: {4, 0, true, false}, 14: {4, 0, true, false}, 15: {4, 0, true, false}, 22: {3, 0, true, true}, 23: {3, 0, true, false},
	25: {2, 0, true, false}, 26: {2, 0, true, false}, 32: {11, 2, true, true}, 35: {37, 2, true, true}, 36: {104, 3, true, true},
	37: {12, 0, false, false}, 38: {6, 0, false, false}, 39: {2, 0, false, false}, 41: {8, 0, false, false}, 42: {15, 0, false, false},
	44: {25, 2, false, false}, 48: {322, 3, true, true}, 49: {3, 0, false, false}, 52: {8, 0, false, false}, 53: {16, 0, true, false},
	54: {20, 3, false, false}, 55: {255, 3, false, false}, 60: {17, 3, true, true}, 61: {29, 3, true, true}, 62: {512, 3, false, false},
	63: {163, 3, false, false}, 64: {8, 0, false, false},
}

// cardMessage is a message taken apart: packed fields as digits.
type cardMessage struct {
	mti    string
	fields map[int]string
}

func (m cardMessage) get(id int) string { return m.fields[id] }

// readCard takes a message apart, from type to last field. A PIN block has the
// size of the cipher's.
func readCard(raw []byte, pinSize int) (cardMessage, error) {
	m := cardMessage{fields: map[int]string{}}
	if len(raw) < 10 || raw[2]&0x80 != 0 {
		return m, fmt.Errorf("no message of this host")
	}
	m.mti = hex.EncodeToString(raw[:2])
	bits, rest := binary.BigEndian.Uint64(raw[2:10]), raw[10:]
	for id := 2; id <= 64; id++ {
		if bits>>(64-id)&1 == 0 {
			continue
		}
		s, known := cardShapes[id]
		if !known {
			return m, fmt.Errorf("field %d is not used", id)
		}
		if id == 52 {
			s.width = pinSize
		}
		value, after, err := s.read(rest)
		if err != nil {
			return m, fmt.Errorf("field %d: %w", id, err)
		}
		m.fields[id], rest = value, after
	}
	if len(rest) > 0 {
		return m, fmt.Errorf("%d bytes too many", len(rest))
	}
	return m, nil
}

func (s shape) read(raw []byte) (value string, rest []byte, err error) {
	count := s.width
	if s.prefix > 0 {
		n := (s.prefix + 1) / 2
		if len(raw) < n {
			return "", nil, fmt.Errorf("cut off")
		}
		if _, err := fmt.Sscanf(hex.EncodeToString(raw[:n]), "%d", &count); err != nil || count > s.width {
			return "", nil, fmt.Errorf("length %x", raw[:n])
		}
		raw = raw[n:]
	}
	size := count
	if s.packed {
		size = (count + 1) / 2
	}
	if len(raw) < size {
		return "", nil, fmt.Errorf("cut off")
	}
	value, rest = string(raw[:size]), raw[size:]
	if s.packed {
		digits := strings.ToUpper(hex.EncodeToString(raw[:size]))
		if value = digits[len(digits)-count:]; s.left {
			value = digits[:count]
		}
	}
	return value, rest, nil
}

// write puts a message together.
func (m cardMessage) write() ([]byte, error) {
	out, err := hex.DecodeString(m.mti)
	if err != nil {
		return nil, err
	}
	var bits uint64
	ids := make([]int, 0, len(m.fields))
	for id := range m.fields {
		bits |= 1 << (64 - id)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out = binary.BigEndian.AppendUint64(out, bits)
	for _, id := range ids {
		field, err := cardShapes[id].write(m.fields[id])
		if err != nil {
			return nil, fmt.Errorf("field %d: %w", id, err)
		}
		out = append(out, field...)
	}
	return out, nil
}

func (s shape) write(value string) ([]byte, error) {
	var out []byte
	if s.prefix > 0 {
		length, _ := hex.DecodeString(fmt.Sprintf("%0*d", (s.prefix+1)/2*2, len(value)))
		out = length
	} else if len(value) != s.width {
		return nil, fmt.Errorf("%d characters instead of %d", len(value), s.width)
	}
	if !s.packed {
		return append(out, value...), nil
	}
	if len(value)%2 == 1 {
		if s.left {
			value += "0"
		} else {
			value = "0" + value
		}
	}
	digits, err := hex.DecodeString(value)
	return append(out, digits...), err
}

// cardCipher is a key at a host: triple DES of double length, or SM4.
func cardCipher(algorithm string, key []byte) cipher.Block {
	if algorithm == macSM4 {
		block, err := sm4.NewCipher(key)
		if err != nil {
			panic(err) // only for a key of another length
		}
		return block
	}
	block, err := des.NewTripleDESCipher(append(slices.Clone(key[:16]), key[:8]...))
	if err != nil {
		panic(err) // likewise
	}
	return block
}

// cardMAC is UnionPay's MAC of everything before field 64.
func cardMAC(block cipher.Block, data []byte) string {
	n := block.BlockSize()
	sum := make([]byte, n)
	for i, b := range data {
		sum[i%n] ^= b
	}
	text := fmt.Sprintf("%X", sum)
	out := make([]byte, n)
	block.Encrypt(out, []byte(text[:n]))
	for i := range out {
		out[i] ^= text[n+i]
	}
	block.Encrypt(out, out)
	return fmt.Sprintf("%X", out)[:8]
}

// sealKey is a key under another, with its check value.
func sealKey(algorithm string, master, key []byte) string {
	over := cardCipher(algorithm, master)
	n := over.BlockSize()
	out := make([]byte, len(key))
	for i := 0; i < len(key); i += n {
		over.Encrypt(out[i:], key[i:])
	}
	check := make([]byte, n)
	cardCipher(algorithm, key).Encrypt(check, check)
	return string(append(out, check[:4]...))
}

// openPIN is the PIN of a block, under the key for PINs and with the number it
// was sealed with: ISO 9564-1 format 0, of SM4 format 4.
func openPIN(algorithm string, key []byte, block, pan string) (pin string, ok bool) {
	c := cardCipher(algorithm, key)
	if len(block) != c.BlockSize() || len(pan) < 13 {
		return "", false
	}
	out := make([]byte, len(block))
	c.Decrypt(out, []byte(block))
	account, format := "0000"+pan[len(pan)-13:len(pan)-1], "0"
	if algorithm == macSM4 {
		account, format = fmt.Sprintf("%-32s", strconv.Itoa(len(pan)-12)+pan), "4"
		account = strings.ReplaceAll(account, " ", "0")
	}
	number, err := hex.DecodeString(account)
	if err != nil {
		return "", false
	}
	for i := range out {
		out[i] ^= number[i]
	}
	if algorithm == macSM4 {
		c.Decrypt(out, out)
	}
	text := fmt.Sprintf("%X", out)
	length, err := strconv.ParseUint(text[1:2], 16, 8)
	if err != nil || text[:1] != format || length < 4 || length > 12 || strings.Trim(text[2:2+length], decimal) != "" {
		return "", false
	}
	return text[2 : 2+length], strings.Trim(text[2+length:16], map[string]string{"0": "F", "4": "A"}[format]) == ""
}
