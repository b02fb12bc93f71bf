package sandbox

import (
	"context"
	"io"
	"net"
	"slices"
	"time"
)

// wire is the terminal's end of one line.
type wire struct {
	t     *bankTerminal
	conn  io.ReadWriter
	in    chan byte
	hangs bool      // the line can be closed from this end
	dead  time.Time // until then nothing goes in or out
}

// ServeTerminal plays the bank terminal on one line until it breaks or ctx
// ends; then it closes the line.
func (s *Sandbox) ServeTerminal(ctx context.Context, conn io.ReadWriteCloser) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	w := &wire{t: s.pinpad, conn: conn, in: make(chan byte)}
	_, w.hangs = conn.(net.Conn)
	ended := make(chan struct{})
	go func() { defer close(ended); defer close(w.in); w.read(ctx) }()
	w.serve(ctx)
	if stop() {
		_ = conn.Close()
	}
	cancel()
	<-ended
}

func (w *wire) read(ctx context.Context) {
	buf := make([]byte, 256)
	for {
		n, err := w.conn.Read(buf)
		for _, b := range buf[:n] {
			select {
			case w.in <- b:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// serve takes requests; what comes while the cable is out is lost.
func (w *wire) serve(ctx context.Context) {
	var held []byte
	gap := time.NewTimer(time.Second)
	defer gap.Stop()
	for {
		if gap.Reset(time.Second); len(held) == 0 {
			gap.Stop()
		}
		select {
		case b, open := <-w.in:
			if !open {
				return
			}
			if w.silent() {
				held = nil
				continue
			}
			held = append(held, b)
		case <-gap.C:
			held = nil
			w.write([]byte{0x15})
			continue
		case <-ctx.Done():
			return
		}
		data, rest, whole := unframed(held)
		held = slices.Clone(rest)
		if !whole {
			continue
		}
		request, err := readWish(data)
		if err != nil {
			w.write([]byte{0x15})
			continue
		}
		if !w.answer(ctx, request) {
			return
		}
	}
}

func (w *wire) silent() bool { return w.t.isPulled() || time.Now().Before(w.dead) }

func (w *wire) write(b []byte) {
	if !w.silent() {
		_, _ = w.conn.Write(b)
	}
}

// answer does one request under the plan of faults; false closes the line. A
// terminal that is busy does not hear.
func (w *wire) answer(ctx context.Context, q wish) bool {
	select {
	case <-w.t.busy:
	default:
		return true
	}
	defer func() { w.t.busy <- struct{}{} }()
	f := w.t.plan.take(pinpadChannel, terminalOperations[q.kind])
	switch f.kind {
	case dropRequest:
		return true
	case reset:
		return !w.hangs // a serial line is only silent
	case nakOnce:
		w.write([]byte{0x15})
		return true // the till sends it again
	case ackLost:
	default:
		w.write([]byte{0x06})
	}
	r := w.act(ctx, q)
	data := r.record()
	var spoil byte
	switch f.kind {
	case dropAnswer, ackLost:
		return true
	case cut:
		w.dead = time.Now().Add(f.delay)
		return true
	case garbage:
		w.write([]byte(digits(w.t.options.Random, "\x00\x01\x7f\xff{}[]\"<>\\x", 60)))
		return true
	case delayed:
		if !w.pause(ctx, f.delay) {
			return false
		}
	case wrongAmount:
		r.amount++
		data = r.record()
	case wrongOrder:
		r.check = string([]byte{'0' + (r.check[0]-'0'+1)%10, r.check[1], r.check[2]})
		data = r.record()
	case lateSuccess:
		data = reply{code: "98", text: "交易超时", check: r.check, amount: r.amount}.record()
	case badSignature:
		spoil = 0x55
	case halfFrame:
		whole := framed(data, 0)
		w.write(whole[:len(whole)/2])
		return w.pause(ctx, 2*time.Second) && w.deliver(ctx, data, 0)
	}
	if !w.deliver(ctx, data, spoil) {
		return false
	}
	return f.kind != duplicate || w.deliver(ctx, data, 0)
}

// act lets the terminal work, listening for an EOT meanwhile; everything else
// that comes is not heard.
func (w *wire) act(ctx context.Context, q wish) reply {
	done, red := make(chan reply, 1), make(chan struct{})
	go func() { done <- w.t.act(ctx, q, red) }()
	in, pressed := w.in, false
	for {
		select {
		case r := <-done:
			return r
		case b, open := <-in:
			switch {
			case !open:
				in = nil // the cable is out; the customer goes on
			case b == 0x04 && !pressed && !w.silent():
				pressed = true
				close(red)
			}
		}
	}
}

// pause lets real time pass; what comes in is not heard.
func (w *wire) pause(ctx context.Context, d time.Duration) bool {
	over := time.After(d)
	for {
		select {
		case <-over:
			return true
		case _, open := <-w.in:
			if !open {
				return false
			}
		case <-ctx.Done():
			return false
		}
	}
}

// deliver sends the answer until it is acknowledged, three times at most.
func (w *wire) deliver(ctx context.Context, data []byte, spoil byte) bool {
	for range 3 {
		w.write(framed(data, spoil))
		late := time.After(2 * time.Second)
		for waiting := true; waiting; {
			select {
			case b, open := <-w.in:
				switch {
				case !open:
					return false
				case w.silent():
				case b == 0x06:
					return true
				case b == 0x15:
					waiting = false
				}
			case <-late:
				waiting = false
			case <-ctx.Done():
				return false
			}
		}
	}
	return true
}
