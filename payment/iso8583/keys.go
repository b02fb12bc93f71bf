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
)

// Key is a DES key of one or two halves of eight bytes. It prints as nothing.
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

func (k Key) block() (cipher.Block, error) {
	switch len(k) {
	case 8:
		return des.NewCipher(k)
	case 16:
		return des.NewTripleDESCipher(slices.Concat(k, k[:8]))
	}
	return nil, fmt.Errorf("iso8583: a key has 8 or 16 bytes, not %d", len(k))
}

// CheckValue is the first four bytes of eight zeros encrypted with the key: it
// tells keys apart without giving them away.
func (k Key) CheckValue() ([]byte, error) {
	b, err := k.block()
	if err != nil {
		return nil, err
	}
	out := make([]byte, 8)
	b.Encrypt(out, out)
	return out[:4], nil
}

// open decrypts a key that came under this one.
func (k Key) open(sealed []byte) (Key, error) {
	b, err := k.block()
	if err != nil {
		return nil, err
	}
	out := make(Key, len(sealed))
	for i := 0; i < len(sealed); i += 8 {
		b.Decrypt(out[i:], sealed[i:])
	}
	return out, nil
}

// WorkingKeys are the keys of a sign-in.
type WorkingKeys struct{ PIN, MAC Key }

// errCheckValue: the keys are not to be used; sign in again.
var errCheckValue = errors.New("iso8583: a working key does not fit its check value: is the master key the host's?")

// OpenKeys reads field 62 of a sign-in's answer: each key under the master key
// with its check value of 4 bytes. 24 bytes are keys of single length, 40 of
// double length; 60 bytes carry a key for tracks too, which is not used.
func OpenKeys(master Key, field []byte) (WorkingKeys, error) {
	size := 16
	switch len(field) {
	case 24:
		size = 8
	case 40, 60:
	default:
		return WorkingKeys{}, fmt.Errorf("iso8583: working keys of %d bytes: want 24, 40 or 60", len(field))
	}
	keys := make([]Key, 0, 3)
	for part := range slices.Chunk(field, size+4) {
		key, err := master.open(part[:size])
		if err != nil {
			return WorkingKeys{}, err
		}
		check, err := key.CheckValue()
		if err != nil || subtle.ConstantTimeCompare(check, part[size:]) == 0 {
			return WorkingKeys{}, errCheckValue
		}
		keys = append(keys, key)
	}
	return WorkingKeys{PIN: keys[0], MAC: keys[1]}, nil
}
