package iso8583

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

const macLength = 8

// Algorithm is how a message is sealed.
type Algorithm string

// The algorithms. The first eight hexadecimal characters of the result are
// field 64, but for X919Binary, which sends the eight bytes themselves.
const (
	// ECB is UnionPay's own: all blocks XORed, written as hexadecimal, and that
	// text encrypted in two halves. Source: UnionPay POS interface, 附录 MAC算法.
	ECB Algorithm = "ecb"
	// X919 is ANSI X9.19, ISO 9797-1 algorithm 3, padded with zeros.
	X919       Algorithm = "x9.19"
	X919Binary Algorithm = "x9.19-binary"
	// CBC is a CBC-MAC with the whole key in every block.
	CBC Algorithm = "cbc"
)

// Algorithms are the names a configuration may give.
var algorithms = []Algorithm{ECB, X919, X919Binary, CBC}

// Algorithms are all algorithms by name.
func Algorithms() []Algorithm { return slices.Clone(algorithms) }

// MAC seals messages with one key.
type MAC struct {
	algorithm   Algorithm
	whole       cipher.Block // DES or triple DES
	left, right cipher.Block // single DES halves; the same for a single key
}

// NewMAC is an algorithm with a key of 8 or 16 bytes.
func NewMAC(algorithm Algorithm, key Key) (MAC, error) {
	if !slices.Contains(algorithms, algorithm) {
		return MAC{}, fmt.Errorf("iso8583: MAC algorithm %q is unknown", algorithm)
	}
	whole, err := key.block()
	if err != nil {
		return MAC{}, err
	}
	left, err := key[:8].block()
	if err != nil {
		return MAC{}, err
	}
	right, err := key[len(key)-8:].block()
	return MAC{algorithm, whole, left, right}, err
}

// Sum is field 64 of a message, from its type to the last field before.
func (m MAC) Sum(data []byte) []byte {
	full := m.full(data)
	if m.algorithm == X919Binary {
		return full
	}
	return hexOf(full)[:macLength]
}

// Fits compares without telling by its time where the two differ.
func (m MAC) Fits(data, mac []byte) bool { return subtle.ConstantTimeCompare(m.Sum(data), mac) == 1 }

func (m MAC) full(data []byte) []byte {
	switch m.algorithm {
	case ECB:
		sum := hexOf(folded(data))
		out := make([]byte, 8)
		m.whole.Encrypt(out, sum[:8])
		subtle.XORBytes(out, out, sum[8:])
		m.whole.Encrypt(out, out)
		return out
	case CBC:
		return chained(m.whole, data)
	}
	out := chained(m.left, data)
	m.right.Decrypt(out, out)
	m.left.Encrypt(out, out)
	return out
}

// folded is all blocks of eight bytes XORed, the last padded with zeros.
func folded(data []byte) []byte {
	out := make([]byte, 8)
	for i, b := range data {
		out[i%8] ^= b
	}
	return out
}

// chained is the last block of a CBC encryption, padded with zeros.
func chained(block cipher.Block, data []byte) []byte {
	out := make([]byte, 8)
	for part := range slices.Chunk(data, 8) {
		subtle.XORBytes(out, out[:len(part)], part)
		block.Encrypt(out, out)
	}
	return out
}

func hexOf(b []byte) []byte { return []byte(strings.ToUpper(hex.EncodeToString(b))) }
