package iso8583

import (
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"io"
	"strings"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

// errPIN says nothing of what was typed.
var errPIN = errors.New("iso8583: a PIN has 4 to 12 digits")

// longestPIN is field 26: how long a PIN may be here.
const longestPIN = "12"

// withPIN puts the cardholder's PIN into a message, sealed under the working
// key: fields 26, 52 and 53. pin and number are left as they are.
func (c *Client) withPIN(m *Message, pin, number []byte) error {
	block, err := pinBlock(c.cfg.MAC, c.pik, pin, number, c.cfg.Random)
	if err != nil {
		return err
	}
	m.Set(fieldLongestPIN, longestPIN).SetBytes(fieldPIN, block).Set(fieldSecurity, security(c.cfg.MAC, c.pik))
	return nil
}

// security is field 53: a PIN block with the card's number in it; the kind of
// key; tracks in clear. Source: UnionPay POS interface, 域53; 4 for SM4 as
// published samples have it.
func security(a Algorithm, key Key) string {
	kind := "6"
	switch {
	case a == SM4:
		kind = "4"
	case len(key) == 8:
		kind = "0"
	}
	return "2" + kind + strings.Repeat("0", 14)
}

// pinBlock is the PIN sealed with the card's number under the working key: ISO
// 9564-1 format 0 for DES, format 4 for the blocks of SM4, which random is for.
func pinBlock(a Algorithm, key Key, pin, number []byte, random io.Reader) ([]byte, error) {
	b, err := a.block(key)
	if err != nil {
		return nil, err
	}
	if a == SM4 {
		return wideBlock(b, pin, number, random)
	}
	block, err := clearPINBlock(pin, number)
	if err == nil {
		b.Encrypt(block, block)
	}
	return block, err
}

// clearPINBlock is format 0 before it is sealed: 0, length, PIN, filled with F,
// XORed with the twelve digits of the number before its check digit.
func clearPINBlock(pin, number []byte) ([]byte, error) {
	if !fitsPIN(pin) || len(number) < 13 || !allDigits(number) {
		return nil, errPIN
	}
	block, account := filled(0, pin, 8, 0xF), make([]byte, 8)
	pack(account, 4, number[len(number)-13:len(number)-1])
	subtle.XORBytes(block, block, account)
	return block, nil
}

// wideBlock is format 4: the PIN filled with A and eight random bytes, sealed,
// XORed with the number, sealed again.
func wideBlock(b cipher.Block, pin, number []byte, random io.Reader) ([]byte, error) {
	if !fitsPIN(pin) || len(number) < 13 || len(number) > 19 || !allDigits(number) {
		return nil, errPIN
	}
	block, account := filled(4, pin, 16, 0xA), make([]byte, 16)
	if _, err := io.ReadFull(random, block[8:]); err != nil {
		wipe(block)
		return nil, err
	}
	pack(account, 0, []byte{'0' + byte(len(number)-12)})
	pack(account, 1, number)
	b.Encrypt(block, block)
	subtle.XORBytes(block, block, account)
	b.Encrypt(block, block)
	return block, nil
}

// filled is a block's beginning: its format, the PIN's length, the PIN, and
// eight bytes' worth of fill.
func filled(format byte, pin []byte, size int, fill byte) []byte {
	block := make([]byte, size)
	for i := range 8 {
		block[i] = fill<<4 | fill
	}
	block[0] = format<<4 | byte(len(pin))
	for i, d := range pin {
		shift := 4 * (1 - i%2)
		block[1+i/2] = block[1+i/2]&^(0xF<<shift) | (d-'0')<<shift
	}
	return block
}

// pack writes digits as nibbles, from the nibble at on.
func pack(into []byte, at int, digits []byte) {
	for i, d := range digits {
		into[(at+i)/2] |= (d - '0') << (4 * (1 - (at+i)%2))
	}
}

func fitsPIN(pin []byte) bool { return len(pin) >= 4 && len(pin) <= 12 && allDigits(pin) }

func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// wide gives a message not yet filled room for a PIN block of 16 bytes.
func (m *Message) wide() *Message {
	s := *spec()
	s.Fields = map[int]field.Field{}
	for id, f := range spec().Fields {
		s.Fields[id] = f
	}
	s.Fields[fieldPIN] = field.NewBinary(&field.Spec{Length: 16, Enc: encoding.Binary, Pref: prefix.Binary.Fixed})
	out := &Message{iso8583.NewMessage(&s)}
	out.m.MTI(m.MTI())
	return out
}
