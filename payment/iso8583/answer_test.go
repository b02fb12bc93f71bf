package iso8583

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// lines is a record in memory.
type lines struct{}

func (lines) Load() ([][]byte, error) { return nil, nil }
func (lines) Append([]byte) error     { return nil }

// FuzzAnswer lets a host answer a sale with any bytes: without the right MAC
// nothing it says is certain.
func FuzzAnswer(f *testing.F) {
	for _, v := range messageVectors(f) {
		raw := unhex(f, v.Hex)
		f.Add(append([]byte{byte(len(raw) >> 8), byte(len(raw))}, raw...))
	}
	f.Add([]byte{0, 0})
	f.Fuzz(func(t *testing.T, said []byte) {
		record, err := OpenRecord(lines{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := New(Config{
			Merchant: "898110000000001", Terminal: "10000001", TPDU: TPDU{0x60, 0, 3}, MasterKey: make(Key, 16), Record: record, HostTimeout: time.Second,
			Dial: func(context.Context) (net.Conn, error) {
				near, far := net.Pipe()
				go func() {
					go func() { _, _ = io.Copy(io.Discard, far) }()
					_, _ = far.Write(said)
					_ = far.Close()
				}()
				return near, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if c.mac, err = NewMAC(ECB, bytes.Repeat([]byte{7}, 16)); err != nil {
			t.Fatal(err)
		}
		c.signedIn = true
		a := c.Charge(t.Context(), payment.Charge{Order: "F1", Amount: money.Fen(100), Swipe: &payment.Swipe{Track2: []byte("6224242300000069=30121010000000000000")}})
		if a.Outcome != payment.Unknown {
			t.Errorf("%X is taken for %s", said, a.Outcome)
		}
	})
}
