package prepaid

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of one PIN's hash: some tens of milliseconds on a till. A PIN has
// few digits, so the cost is what stands between a copied hash and the PIN.
const (
	hashTime   = 2
	hashMemory = 19 << 10 // KiB
	saltLength = 16
	sumLength  = 32

	leastPIN = 4
	mostPIN  = 8
)

// PINForm reports whether a text can be a PIN: four to eight digits.
func PINForm(pin string) bool {
	return len(pin) >= leastPIN && len(pin) <= mostPIN && strings.Trim(pin, "0123456789") == ""
}

// HashPIN is a salted, slow hash of a PIN.
func HashPIN(pin string, random io.Reader) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("salt a PIN: %w", err)
	}
	sum := argon2.IDKey([]byte(pin), salt, hashTime, hashMemory, 1, sumLength)
	return "a1$" + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(sum), nil
}

// PINFits reports whether a PIN is the one that was hashed. It is slow on
// purpose.
func PINFits(hash, pin string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 3 || parts[0] != "a1" || !PINForm(pin) {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[1])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil || len(want) != sumLength {
		return false
	}
	sum := argon2.IDKey([]byte(pin), salt, hashTime, hashMemory, 1, sumLength)
	return subtle.ConstantTimeCompare(sum, want) == 1
}
