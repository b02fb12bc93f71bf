package iso8583

import (
	"bytes"
	"fmt"

	"github.com/moov-io/iso8583"
)

// Message is one message without its frame. It may hold a card's track while
// it is being sent: it prints as its type and trace only.
type Message struct{ m *iso8583.Message }

// NewMessage is a message of a type such as "0200".
func NewMessage(mti string) *Message {
	m := &Message{iso8583.NewMessage(spec())}
	m.m.MTI(mti)
	return m
}

// MTI is the message's type.
func (m *Message) MTI() string {
	mti, _ := m.m.GetMTI()
	return mti
}

// Has reports whether a field is there.
func (m *Message) Has(id int) bool { return m.m.Bitmap().IsSet(id) }

// Text is a field as text: digits as digits, bytes as upper-case hexadecimal.
// A field that is absent is empty.
func (m *Message) Text(id int) string {
	if !m.set(id) {
		return ""
	}
	s, _ := m.m.GetString(id)
	return s
}

// Bytes is the content of a field; nil when it is absent.
func (m *Message) Bytes(id int) []byte {
	if !m.set(id) {
		return nil
	}
	b, _ := m.m.GetBytes(id)
	return b
}

func (m *Message) set(id int) bool { return m.m.GetFields()[id] != nil }

// Set gives a field its content, at the full width of fixed fields. Empty
// content leaves the field out.
func (m *Message) Set(id int, content string) *Message { return m.SetBytes(id, []byte(content)) }

// SetBytes is Set for bytes; they are not copied, so that the caller can wipe
// them after Pack.
func (m *Message) SetBytes(id int, content []byte) *Message {
	if len(content) > 0 {
		_ = m.m.BinaryField(id, content) // an unknown field is noticed by Pack
	}
	return m
}

// String names the message without its fields.
func (m *Message) String() string { return fmt.Sprintf("%s trace %s", m.MTI(), m.Text(fieldTrace)) }

// GoString is String, for %#v.
func (m *Message) GoString() string { return m.String() }

// Pack is the message from type to last field, without MAC.
func (m *Message) Pack() ([]byte, error) {
	raw, err := m.m.Pack()
	if err != nil {
		return nil, fmt.Errorf("iso8583: pack %s: %w", m.MTI(), err)
	}
	return raw, nil
}

// Seal is Pack with a MAC as last field.
func (m *Message) Seal(mac MAC) ([]byte, error) {
	m.SetBytes(fieldMAC, make([]byte, macLength))
	raw, err := m.Pack()
	if err != nil {
		return nil, err
	}
	body := raw[:len(raw)-macLength]
	copy(raw[len(body):], mac.Sum(body))
	return raw, nil
}

// Sealed reports whether the last eight bytes of a message as it came in are
// its MAC.
func Sealed(raw []byte, mac MAC) bool {
	if len(raw) < macLength {
		return false
	}
	at := len(raw) - macLength
	return mac.Fits(raw[:at], raw[at:])
}

// Unpack reads a message. Whatever it would not write the same way itself is
// refused: bytes left over, a second bitmap, padding that is not zero. An
// answer that is only half understood must not decide about money.
func Unpack(raw []byte) (m *Message, err error) {
	// The library reads attackers' bytes; a slip in it must not end the till.
	defer func() {
		if recover() != nil {
			m, err = nil, fmt.Errorf("iso8583: unreadable message of %d bytes", len(raw))
		}
	}()
	if len(raw) < 10 {
		return nil, fmt.Errorf("iso8583: message of %d bytes is cut off", len(raw))
	}
	if raw[2]&0x80 != 0 {
		return nil, fmt.Errorf("iso8583: message announces a second bitmap")
	}
	m = &Message{iso8583.NewMessage(spec())}
	if err := m.m.Unpack(raw); err != nil {
		return nil, fmt.Errorf("iso8583: unreadable message of %d bytes", len(raw)) // the library's error may quote a field
	}
	again, err := m.m.Pack()
	if err != nil || !bytes.Equal(again, raw) {
		return nil, fmt.Errorf("iso8583: message of %d bytes is not in the agreed form", len(raw))
	}
	return m, nil
}
