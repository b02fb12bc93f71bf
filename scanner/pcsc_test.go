package scanner

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// daemon is a made-up smart card service for one connection.
type daemon struct {
	minor  uint32 // its protocol
	reader string // empty: none is plugged in
	card   *plastic
	after  int // looks at the reader before a card is there
	mute   bool
	log    []uint32
}

func (d *daemon) dial(context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	go d.serve(far)
	return near, nil
}

func (d *daemon) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		head := make([]byte, 8)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		body := make([]byte, word(head, 0))
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		d.log = append(d.log, word(head, 1))
		if _, err := conn.Write(d.answer(conn, word(head, 1), body)); err != nil {
			return
		}
	}
}

func (d *daemon) answer(conn net.Conn, command uint32, body []byte) []byte {
	put := func(words ...uint32) (out []byte) {
		for _, w := range words {
			out = binary.LittleEndian.AppendUint32(out, w)
		}
		return out
	}
	switch command {
	case pcscVersion:
		if word(body, 1) != d.minor {
			return put(4, d.minor, 0x8010001E)
		}
		return put(4, d.minor, 0)
	case pcscEstablish:
		return put(2, 77, 0)
	case pcscReaders:
		out := make([]byte, pcscSlot*pcscSlots)
		copy(out, d.reader)
		if d.after--; d.after < 0 && d.card != nil && d.reader != "" {
			atr := []byte{0x3B, 0x6C, 0, 0}
			if d.card.contactless {
				atr = []byte{0x3B, 0x8C, 0x80, 0x01, 0}
			}
			copy(out[pcscName+12:], atr)
			binary.LittleEndian.PutUint32(out[pcscName+12+36:], uint32(len(atr)))
		}
		return out
	case pcscConnect:
		binary.LittleEndian.PutUint32(body[pcscName+12:], 5)
		binary.LittleEndian.PutUint32(body[pcscName+16:], 1)
		return body
	case pcscTransmit:
		apdu := make([]byte, word(body, 3))
		if _, err := io.ReadFull(conn, apdu); err != nil || d.mute {
			return nil
		}
		out, _ := d.card.Transmit(context.Background(), apdu)
		binary.LittleEndian.PutUint32(body[24:], uint32(len(out)))
		return append(body, out...)
	}
	return put(word(body, 0), 0, 0)[:len(body)]
}

func (d *daemon) read(t *testing.T, wait time.Duration) (*ChipCard, error) {
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	return (&Reader{Dial: d.dial}).Read(ctx, ask())
}

func TestReader(t *testing.T) {
	for name, c := range map[string]struct {
		daemon *daemon
		err    error
		say    string
	}{
		"a card is in":              {daemon: &daemon{minor: 4, reader: "Virtual 00", card: unionPay(t, true)}},
		"a service of other minor":  {daemon: &daemon{minor: 5, reader: "Virtual 00", card: unionPay(t, false)}},
		"a card comes after a time": {daemon: &daemon{minor: 4, reader: "Virtual 00", card: unionPay(t, true), after: 20}},
		"no card comes":             {daemon: &daemon{minor: 4, reader: "Virtual 00"}, err: ErrNoCard},
		"no reader":                 {daemon: &daemon{minor: 4}, err: ErrNoReader},
		"the card falls silent":     {daemon: &daemon{minor: 4, reader: "Virtual 00", card: unionPay(t, true), mute: true}, say: "silent"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				card, err := c.daemon.read(t, 30*time.Second)
				switch {
				case c.err == nil && c.say == "":
					if err != nil || string(card.Number) != "6222020000000007" {
						t.Errorf("%v, %v", card, err)
					}
				case c.err != nil && !errors.Is(err, c.err), c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)):
					t.Errorf("%v, want %v %s", err, c.err, c.say)
				}
			})
		})
	}
}

func TestNoService(t *testing.T) {
	r := &Reader{Dial: func(context.Context) (net.Conn, error) { return nil, errors.New("no such file") }}
	if _, err := r.Read(t.Context(), ask()); !errors.Is(err, ErrNoService) {
		t.Error(err)
	}
}

// FuzzService feeds a reader whatever a broken service may say.
func FuzzService(f *testing.F) {
	f.Add([]byte{4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0})
	f.Add(make([]byte, 5000))
	f.Fuzz(func(t *testing.T, data []byte) {
		near, far := net.Pipe()
		go func() {
			go func() { _, _ = io.Copy(io.Discard, far) }()
			_, _ = far.Write(data)
			_ = far.Close()
		}()
		r := &Reader{Dial: func(context.Context) (net.Conn, error) { return near, nil }, Poll: time.Microsecond}
		if c, err := r.Read(t.Context(), ask()); err == nil && len(c.Number) < 12 {
			t.Errorf("a card %q", c.Number)
		}
	})
}
