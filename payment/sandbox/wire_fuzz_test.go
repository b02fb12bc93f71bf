package sandbox

import (
	"bytes"
	"encoding/binary"
	"maps"
	"testing"
)

// FuzzCardFrame: what the card host reads of a line is the frame that was
// announced, and a message that it takes is read the same when it is written.
func FuzzCardFrame(f *testing.F) {
	f.Fuzz(func(t *testing.T, line []byte) {
		frame, err := readCardFrame(bytes.NewReader(line))
		if err != nil {
			return
		}
		if n := int(binary.BigEndian.Uint16(line)); n != len(frame) || !bytes.Equal(frame, line[2:2+n]) {
			t.Fatalf("a frame of %d bytes, announced were %d", len(frame), n)
		}
		_, _ = readCard(frame[11:], 16) // of SM4
		m, err := readCard(frame[11:], 8)
		if err != nil {
			return
		}
		raw, err := m.write()
		if err != nil {
			t.Fatalf("%+v: %v", m, err)
		}
		again, err := readCard(raw, 8)
		if err != nil || again.mti != m.mti || !maps.Equal(again.fields, m.fields) {
			t.Errorf("read %+v, written and read %+v, %v", m, again, err)
		}
	})
}

// FuzzTerminalLine: of whatever comes in, the bank terminal takes frame after
// frame until nothing whole is left; what it takes frames to the same bytes, and
// a request it understands has numbers that are some.
func FuzzTerminalLine(f *testing.F) {
	f.Fuzz(func(t *testing.T, in []byte) {
		for {
			data, rest, whole := unframed(in)
			if !whole {
				if len(rest) > 2+1024+3 {
					t.Fatalf("%d bytes are held, more than any frame", len(rest))
				}
				return
			}
			if len(rest) >= len(in) {
				t.Fatalf("nothing was taken of %d bytes", len(in))
			}
			if data != nil && !bytes.HasSuffix(in[:len(in)-len(rest)], framed(data, 0)) {
				t.Fatalf("%q is not what came in", data)
			}
			if w, err := readWish(data); err == nil && (w.amount < 0 || w.trace < 0 || len(w.kind) > 2 || len(w.check) > 3) {
				t.Errorf("understood %+v of %q", w, data)
			}
			in = rest
		}
	})
}
