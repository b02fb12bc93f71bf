package iso8583

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emmansun/gmsm/sm4"
)

// Key is a DES key of one or two halves of eight bytes, or an SM4 key of sixteen
// bytes: the algorithm of the MAC says which. It prints as nothing.
type Key []byte

// Format shows nothing of the key.
func (Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("…")) }

// ParseKey reads 16 or 32 hexadecimal characters.
func ParseKey(text string) (Key, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 8 && len(key) != 16 {
		return nil, errors.New("a key is 16 or 32 hexadecimal characters")
	}
	return key, nil
}

// block is the cipher of a key, for an algorithm's family.
func (a Algorithm) block(k Key) (cipher.Block, error) {
	switch {
	case a == SM4 && len(k) == sm4.BlockSize:
		return sm4.NewCipher(k)
	case a == SM4:
		return nil, fmt.Errorf("iso8583: an SM4 key has 16 bytes, not %d", len(k))
	case len(k) == 8:
		return des.NewCipher(k)
	case len(k) == 16:
		return des.NewTripleDESCipher(slices.Concat(k, k[:8]))
	}
	return nil, fmt.Errorf("iso8583: a key has 8 or 16 bytes, not %d", len(k))
}

// checkValue is the first four bytes of a block of zeros encrypted with the
// key: it tells keys apart without giving them away.
func checkValue(b cipher.Block) []byte {
	out := make([]byte, b.BlockSize())
	b.Encrypt(out, out)
	return out[:4]
}

// opened decrypts a key that came under another.
func opened(b cipher.Block, sealed []byte) Key {
	out := make(Key, len(sealed))
	for i := 0; i < len(sealed); i += b.BlockSize() {
		b.Decrypt(out[i:], sealed[i:])
	}
	return out
}

// WorkingKeys are the keys of a sign-in.
type WorkingKeys struct{ PIN, MAC Key }

// errCheckValue: the keys are not to be used; sign in again.
var errCheckValue = errors.New("iso8583: a working key does not fit its check value: is the master key the host's?")

// OpenKeys reads field 62 of a sign-in's answer: each key under the master key
// with its check value of 4 bytes. 24 bytes are keys of single length, 40 of
// double length or of SM4; 60 bytes carry a key for tracks too, which is not
// used.
func OpenKeys(a Algorithm, master Key, field []byte) (WorkingKeys, error) {
	size := 16
	switch {
	case len(field) == 24 && a != SM4:
		size = 8
	case len(field) == 40, len(field) == 60:
	default:
		return WorkingKeys{}, fmt.Errorf("iso8583: working keys of %d bytes: want 24 (DES only), 40 or 60", len(field))
	}
	under, err := a.block(master)
	if err != nil {
		return WorkingKeys{}, err
	}
	keys := make([]Key, 0, 3)
	for part := range slices.Chunk(field, size+4) {
		key := opened(under, part[:size])
		b, err := a.block(key)
		if err != nil || subtle.ConstantTimeCompare(checkValue(b), part[size:]) == 0 {
			return WorkingKeys{}, errCheckValue
		}
		keys = append(keys, key)
	}
	return WorkingKeys{PIN: keys[0], MAC: keys[1]}, nil
}
