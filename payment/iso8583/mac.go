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
	// SM4 is the same with the Chinese block cipher: blocks of 16 bytes, 32
	// characters of text. Keys and PIN blocks are SM4's then too. Source: GB/T
	// 32907 for the cipher.
	SM4 Algorithm = "sm4"
	// X919 is ANSI X9.19, ISO 9797-1 algorithm 3, padded with zeros (method 1).
	X919       Algorithm = "x9.19"
	X919Binary Algorithm = "x9.19-binary"
	// X91980 is the same, padded by method 2: 80, then zeros, always at least
	// the one byte.
	X91980       Algorithm = "x9.19-80"
	X91980Binary Algorithm = "x9.19-80-binary"
	// CBC is a CBC-MAC with the whole key in every block.
	CBC Algorithm = "cbc"
)

// Algorithms are the names a configuration may give.
var algorithms = []Algorithm{ECB, SM4, X919, X919Binary, X91980, X91980Binary, CBC}

// Algorithms are all algorithms by name.
func Algorithms() []Algorithm { return slices.Clone(algorithms) }

// MAC seals messages with one key.
type MAC struct {
	algorithm   Algorithm
	whole       cipher.Block // DES, triple DES or SM4
	left, right cipher.Block // of X9.19: single DES halves; the same for a single key
}

// NewMAC is an algorithm with a key of 8 or 16 bytes.
func NewMAC(algorithm Algorithm, key Key) (MAC, error) {
	if !slices.Contains(algorithms, algorithm) {
		return MAC{}, fmt.Errorf("iso8583: MAC algorithm %q is unknown", algorithm)
	}
	m := MAC{algorithm: algorithm}
	var err error
	if m.whole, err = algorithm.block(key); err != nil || algorithm == SM4 {
		return m, err
	}
	if m.left, err = algorithm.block(key[:8]); err != nil {
		return m, err
	}
	m.right, err = algorithm.block(key[len(key)-8:])
	return m, err
}

// Sum is field 64 of a message, from its type to the last field before.
func (m MAC) Sum(data []byte) []byte {
	full := m.full(data)
	if m.algorithm == X919Binary || m.algorithm == X91980Binary {
		return full
	}
	return hexOf(full)[:macLength]
}

// Fits compares without telling by its time where the two differ.
func (m MAC) Fits(data, mac []byte) bool { return subtle.ConstantTimeCompare(m.Sum(data), mac) == 1 }

func (m MAC) full(data []byte) []byte {
	switch m.algorithm {
	case ECB, SM4:
		n := m.whole.BlockSize()
		sum := hexOf(folded(data, n))
		out := make([]byte, n)
		m.whole.Encrypt(out, sum[:n])
		subtle.XORBytes(out, out, sum[n:])
		m.whole.Encrypt(out, out)
		return out
	case CBC:
		return chained(m.whole, data)
	case X91980, X91980Binary:
		data = slices.Concat(data, []byte{0x80}) // the zeros behind it change nothing
	}
	out := chained(m.left, data)
	m.right.Decrypt(out, out)
	m.left.Encrypt(out, out)
	return out
}

// folded is all blocks of n bytes XORed, the last padded with zeros.
func folded(data []byte, n int) []byte {
	out := make([]byte, n)
	for i, b := range data {
		out[i%n] ^= b
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
