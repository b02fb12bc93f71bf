package pinpad

import "bytes"

// Bytes of the line. Source: the common ECR link of Chinese terminals: STX,
// length as four BCD digits, data, ETX, and the XOR of everything from the
// length to ETX.
const (
	stx byte = 0x02
	etx byte = 0x03
	eot byte = 0x04
	ack byte = 0x06
	nak byte = 0x15
)

// longest is the most data a frame may carry; a length above it is noise.
const longest = 1024

// encode puts data into a frame.
func encode(data []byte) []byte {
	n := len(data)
	out := make([]byte, 0, n+5)
	out = append(out, stx, bcd(n/100), bcd(n%100))
	out = append(append(out, data...), etx)
	return append(out, lrc(out[1:]))
}

func bcd(n int) byte { return byte(n/10<<4 | n%10) }

func lrc(b []byte) byte {
	var x byte
	for _, c := range b {
		x ^= c
	}
	return x
}

// event is what a byte completed.
type event uint8

const (
	nothing event = iota
	gotACK
	gotNAK
	gotFrame
	gotBad  // a frame that must be sent again
	gotStop // nothing of the line: the cashier wants out
)

// deframer finds frames in whatever comes in. Bytes outside a frame that mean
// nothing are noise and skipped.
type deframer struct {
	buf  []byte // from the length on; nil outside a frame
	want int    // bytes of buf in all, known once the length is there
}

// push takes one byte. The data of gotFrame is the caller's to keep.
func (d *deframer) push(b byte) (event, []byte) {
	if d.buf == nil {
		switch b {
		case stx:
			d.buf, d.want = make([]byte, 0, 256), 2
		case ack:
			return gotACK, nil
		case nak:
			return gotNAK, nil
		}
		return nothing, nil
	}
	d.buf = append(d.buf, b)
	switch {
	case len(d.buf) == 2:
		n, ok := length(d.buf[0], d.buf[1])
		if !ok {
			d.reset()
			return gotBad, nil
		}
		d.want = 2 + n + 2
	case len(d.buf) > 2 && len(d.buf) == d.want:
		return d.whole()
	}
	return nothing, nil
}

// whole checks the frame that buf now holds.
func (d *deframer) whole() (event, []byte) {
	defer d.reset()
	end := len(d.buf) - 2
	if d.buf[end] != etx || lrc(d.buf[:end+1]) != d.buf[end+1] {
		return gotBad, nil
	}
	return gotFrame, bytes.Clone(d.buf[2:end])
}

// inside reports whether a frame has begun and not ended.
func (d *deframer) inside() bool { return d.buf != nil }

func (d *deframer) reset() {
	clear(d.buf)
	d.buf, d.want = nil, 0
}

// length reads four BCD digits.
func length(a, b byte) (int, bool) {
	n := 0
	for _, digit := range []byte{a >> 4, a & 15, b >> 4, b & 15} {
		if digit > 9 {
			return 0, false
		}
		n = n*10 + int(digit)
	}
	return n, n > 0 && n <= longest
}
