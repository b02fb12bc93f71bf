package config

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/argon2"
)

// PINFits reports whether pin is the operator's. With a hash it takes as long
// as the hash was made to take, tens of milliseconds.
func (o Operator) PINFits(pin string) bool {
	if o.PINHash == "" {
		return subtle.ConstantTimeCompare([]byte(o.PIN), []byte(pin)) == 1
	}
	h, ok := parseHash(o.PINHash)
	if !ok {
		return false
	}
	sum := argon2.IDKey([]byte(pin), h.salt, h.time, h.memory, h.threads, uint32(len(h.sum)))
	return subtle.ConstantTimeCompare(sum, h.sum) == 1
}

type pinHash struct {
	time, memory uint32 // memory in KiB
	threads      uint8
	salt, sum    []byte
}

// parseHash reads the form that the argon2 command and most libraries write.
// The limits keep a wrong figure from stopping the till for minutes.
func parseHash(text string) (h pinHash, ok bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return h, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); n != 3 || err != nil {
		return h, false
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return h, false
	}
	if h.sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return h, false
	}
	fits := h.memory >= 8 && h.memory <= 256<<10 && h.time >= 1 && h.time <= 16 && h.threads >= 1 &&
		len(h.salt) >= 8 && len(h.salt) <= 64 && len(h.sum) >= 16 && len(h.sum) <= 64
	return h, fits
}

// popularPINs are ones that rules of shape do not catch.
var popularPINs = []string{"246810", "135790", "147258", "258369", "159357", "5201314", "1314520", "112358", "314159"}

// weakPIN reports whether a PIN is easily guessed: a row up or down, a short
// piece repeated, a mirror image, digits in pairs, the operator's own number,
// or a popular one.
func weakPIN(pin, id string) bool {
	if pin == id || slices.Contains(popularPINs, pin) {
		return true
	}
	up, down, mirrored, paired := true, true, true, true
	for i := 1; i < len(pin); i++ {
		up = up && (pin[i]-'0') == (pin[i-1]-'0'+1)%10
		down = down && (pin[i]-'0'+1)%10 == pin[i-1]-'0'
		mirrored = mirrored && pin[i] == pin[len(pin)-1-i]
		paired = paired && (i%2 == 0 || pin[i] == pin[i-1])
	}
	return up || down || mirrored || paired || repeats(pin)
}

// repeats reports whether a piece of at most half the length makes up all of
// it: 111111, 121212, 520520.
func repeats(pin string) bool {
	for n := 1; n <= len(pin)/2; n++ {
		if len(pin)%n == 0 && strings.Repeat(pin[:n], len(pin)/n) == pin {
			return true
		}
	}
	return false
}

func onlyDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}
