package pinpad

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// feed pushes bytes one by one and collects what they complete.
func feed(d *deframer, in []byte) (events []event, frames [][]byte) {
	for _, b := range in {
		e, data := d.push(b)
		if e != nothing {
			events = append(events, e)
		}
		if e == gotFrame {
			frames = append(frames, data)
		}
	}
	return events, frames
}

// The frame of the widely published example of this link: two bytes of data.
func TestFrameBytes(t *testing.T) {
	want := []byte{0x02, 0x00, 0x02, '0', '5', 0x03, 0x00 ^ 0x02 ^ '0' ^ '5' ^ 0x03}
	if got := encode([]byte("05")); !bytes.Equal(got, want) {
		t.Errorf("% x, want % x", got, want)
	}
	if got := encode(make([]byte, 148)); got[1] != 0x01 || got[2] != 0x48 {
		t.Errorf("length of 148 is % x, want 01 48", got[1:3])
	}
}

func TestAnyFrameComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 1, longest).Draw(t, "data")
		noise := rapid.SliceOf(rapid.SampledFrom([]byte{0, 'x', 0xff, '\r'})).Draw(t, "noise")
		var d deframer
		_, frames := feed(&d, append(append(noise, encode(data)...), noise...))
		if len(frames) != 1 || !bytes.Equal(frames[0], data) {
			t.Fatalf("%d frames", len(frames))
		}
	})
}

// One wrong bit anywhere is noticed: the frame is bad or never ends.
func TestOneWrongBit(t *testing.T) {
	whole := encode([]byte("0012345678901234"))
	for i := range whole {
		for bit := range 8 {
			broken := bytes.Clone(whole)
			broken[i] ^= 1 << bit
			var d deframer
			if _, frames := feed(&d, broken); len(frames) != 0 && !bytes.Equal(frames[0], nil) {
				t.Errorf("byte %d bit %d: taken for whole", i, bit)
			}
		}
	}
}

func TestAcknowledgements(t *testing.T) {
	var d deframer
	in := append([]byte{ack, 'x', nak}, encode([]byte{ack, nak, stx, etx})...)
	events, frames := feed(&d, in)
	if len(events) != 3 || events[0] != gotACK || events[1] != gotNAK || events[2] != gotFrame || !bytes.Equal(frames[0], []byte{ack, nak, stx, etx}) {
		t.Errorf("%v %q", events, frames)
	}
}

func FuzzDeframer(f *testing.F) {
	f.Add(encode([]byte("05")))
	f.Add([]byte{stx, 0x10, 0x24})
	f.Add([]byte{stx, 0xaa, 0xbb, stx, 0, 1, 'x', etx, 0})
	f.Add(append([]byte{ack, nak, eot}, encode(make([]byte, responseWidth))...))
	f.Fuzz(func(t *testing.T, in []byte) {
		var d deframer
		_, frames := feed(&d, in)
		for _, data := range frames {
			if len(data) == 0 || len(data) > longest || !bytes.Contains(in, encode(data)) {
				t.Errorf("a frame of %d bytes that was not there", len(data))
			}
		}
		if len(d.buf) > longest+4 {
			t.Errorf("holds %d bytes", len(d.buf))
		}
	})
}
