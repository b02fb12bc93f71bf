package iso8583

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// TPDU is the transport's address pair: 60, destination, source.
type TPDU [5]byte

// Header is the six bytes of application class, version and terminal state.
type Header [6]byte

// ParseTPDU reads ten hexadecimal digits beginning with 60.
func ParseTPDU(text string) (t TPDU, err error) {
	if err = parseHex(t[:], text); err == nil && t[0] != 0x60 {
		err = errors.New("a TPDU begins with 60")
	}
	return t, err
}

// ParseHeader reads twelve digits.
func ParseHeader(text string) (h Header, err error) {
	err = parseHex(h[:], text)
	if err == nil && strings.Trim(text, "0123456789") != "" {
		err = errors.New("a header has decimal digits only")
	}
	return h, err
}

func parseHex(into []byte, text string) error {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(into) {
		return fmt.Errorf("%d hexadecimal digits are wanted", 2*len(into))
	}
	copy(into, b)
	return nil
}

// swapped is the TPDU of the answer: the addresses change places.
func (t TPDU) swapped() TPDU { return TPDU{t[0], t[3], t[4], t[1], t[2]} }

// needs is what the host wishes to be done after this transaction: the digit
// of the header that asks for a sign-in, new parameters or keys. 0: nothing.
func (h Header) needs() byte { return h[3] & 0xF }

const (
	frameHead = len(TPDU{}) + len(Header{})
	// maxFrame is above anything the fields can hold; a longer announcement is
	// a broken line, not a message.
	maxFrame = 2048
)

// frame is a message as it goes over the line: two bytes of length, TPDU,
// header, message.
func frame(t TPDU, h Header, message []byte) []byte {
	out := make([]byte, 0, 2+frameHead+len(message))
	out = binary.BigEndian.AppendUint16(out, uint16(frameHead+len(message)))
	out = append(out, t[:]...)
	out = append(out, h[:]...)
	return append(out, message...)
}

// readFrame reads one frame, however the line has cut or joined it.
func readFrame(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n < frameHead+10 || n > maxFrame {
		return nil, fmt.Errorf("iso8583: the host announces a frame of %d bytes", n)
	}
	body := make([]byte, n)
	_, err := io.ReadFull(r, body)
	return body, err
}

// openFrame takes TPDU and header off an answer. Hosts differ in whether they
// swap the addresses, so both orders are taken; other addresses are not ours.
func openFrame(body []byte, t TPDU) (h Header, message []byte, err error) {
	if len(body) < frameHead {
		return h, nil, fmt.Errorf("iso8583: frame of %d bytes is cut off", len(body))
	}
	back := t.swapped()
	if !bytes.Equal(body[:5], t[:]) && !bytes.Equal(body[:5], back[:]) {
		return h, nil, errors.New("iso8583: the answer is addressed to another terminal")
	}
	copy(h[:], body[5:frameHead])
	return h, body[frameHead:], nil
}
