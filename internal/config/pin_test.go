package config_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"abacus/internal/config"
)

func hashed(pin string) string {
	salt := []byte("saltsalt")
	sum := argon2.IDKey([]byte(pin), salt, 1, 64, 1, 32)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", encode(salt), encode(sum))
}

func TestHashedPIN(t *testing.T) {
	yaml := instead("pin: \"830274\"", "pin_hash: \""+hashed("830274")+"\"")
	o := load(t, sources(yaml, realFiles())).Operators[0]
	for pin, fits := range map[string]bool{"830274": true, "830275": false, "": false, o.PINHash: false} {
		if o.PINFits(pin) != fits {
			t.Errorf("%q fits: %v", pin, !fits)
		}
	}
}

// A hash with absurd figures would stop the till, or guard nothing.
func TestHashesRefused(t *testing.T) {
	good := hashed("830274")
	for _, bad := range []string{
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=64", "m=4000000", 1), strings.Replace(good, "m=64", "m=0", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "t=1", "t=999", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=300", 1), good[:60], good + "$x", "$argon2id$v=19$m=64,t=1,p=1$!$!", "x",
	} {
		if _, err := config.Load(sources(instead("pin: \"830274\"", "pin_hash: \""+bad+"\""), realFiles())); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}

func TestWeakPINs(t *testing.T) {
	for _, pin := range []string{
		"000000", "888888", "123456", "234567", "890123", "654321", "987654", "121212", "520520", "123123", "112233",
		"123321", "135790", "5201314", "147258", "246810246810",
	} {
		if !config.WeakPIN(pin, "7") {
			t.Errorf("%s passes", pin)
		}
	}
	for _, pin := range []string{"830274", "914057", "26481057", "718281828459"} {
		if config.WeakPIN(pin, "7") {
			t.Errorf("%s is refused", pin)
		}
	}
	if !config.WeakPIN("830274", "830274") {
		t.Error("the operator's own number passes")
	}
}
