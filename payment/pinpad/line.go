package pinpad

import (
	"context"
	"errors"
	"io"
	"time"
)

// Dial opens the way to the terminal. Closing it must end a Read that waits.
type Dial func(ctx context.Context) (io.ReadWriteCloser, error)

// How an exchange can fail. None of them says that nothing was done, except
// errNotSent.
var (
	errNotSent  = errors.New("the terminal cannot be reached; nothing was sent")
	errBusy     = errors.New("the terminal is busy with another request of this till")
	errBabble   = errors.New("the line to the terminal does not fall silent")
	errNoACK    = errors.New("the terminal did not acknowledge the request")
	errRefused  = errors.New("the terminal could not read the request")
	errLost     = errors.New("the line to the terminal broke")
	errNoAnswer = errors.New("the terminal has not answered in time")
	errGarbage  = errors.New("the terminal's answer cannot be read")
)

// The line's own clock. Source: terminals' integration manuals: ACK within two
// seconds, three tries, a second between the bytes of a frame.
const (
	ackWait  = 2 * time.Second
	byteWait = time.Second
	tries    = 3
	// strangerWait is what remains of a long wait once an answer to another
	// request has come: the terminal is awake and may have mixed them up.
	strangerWait = time.Minute
	// stopWait is what remains of it once the cashier wants out: after that the
	// last transaction tells.
	stopWait = 20 * time.Second
	// quietWait is how long the line must be silent before the next request when
	// one was sent twice: a NAK that is late would send the next one twice too.
	quietWait = 300 * time.Millisecond
	forEver   = 24 * time.Hour // the context ends a wait for the customer
)

// line is the one way to a terminal, which does one request at a time.
type line struct {
	dial  Dial
	stops bool          // an EOT makes the terminal stop waiting for the customer
	turn  chan struct{} // holds one token
	abort chan struct{}
	port  *port // nil: closed; belongs to whoever has the turn
	noisy bool  // the last exchange left something that may still come in
}

func newLine(dial Dial, stops bool) *line {
	l := &line{dial: dial, stops: stops, turn: make(chan struct{}, 1), abort: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// port is an open line and the goroutine that reads it, which ends when the
// connection is closed.
type port struct {
	conn  io.ReadWriteCloser
	bytes chan []byte
	quit  chan struct{}
	gone  chan struct{} // closed when the reader has ended
	in    deframer
	rest  []byte
	sent  int // times the last request has left
}

func newPort(conn io.ReadWriteCloser) *port {
	p := &port{conn: conn, bytes: make(chan []byte), quit: make(chan struct{}), gone: make(chan struct{})}
	go p.read()
	return p
}

func (p *port) read() {
	defer close(p.gone)
	for {
		buf := make([]byte, 512)
		n, err := p.conn.Read(buf)
		if n > 0 {
			select {
			case p.bytes <- buf[:n]:
			case <-p.quit:
				return
			}
		}
		if err != nil || n == 0 { // a serial port that is gone reads nothing
			return
		}
	}
}

func (p *port) close() {
	close(p.quit)
	_ = p.conn.Close()
	<-p.gone
}

// take waits for the line; the context bounds it.
func (l *line) take(ctx context.Context) error {
	select {
	case <-l.turn:
		return nil
	case <-ctx.Done():
		return errBusy
	}
}

func (l *line) give() { l.turn <- struct{}{} }

// hangUp closes the connection; the next exchange opens it again. The caller
// has the turn.
func (l *line) hangUp() {
	if l.port != nil {
		l.port.close()
		l.port = nil
	}
}

// close waits for its turn and hangs up.
func (l *line) close() {
	<-l.turn
	l.hangUp()
	l.give()
}

func (l *line) open(ctx context.Context) error {
	if l.port != nil {
		select {
		case <-l.port.gone:
			l.hangUp()
		default:
			return nil
		}
	}
	conn, err := l.dial(ctx)
	if err != nil {
		return errors.Join(errNotSent, err)
	}
	l.port = newPort(conn)
	return nil
}

// exchange sends a request and returns the first answer that fits. Answers to
// others are acknowledged, so that the terminal goes on, and passed over. After
// any failure the line is closed: what comes late has nobody to mislead. A line
// that broke while nobody used it is opened once more for a request that does no
// harm twice. The caller has the turn.
func (l *line) exchange(ctx context.Context, data []byte, again bool, fits func([]byte) bool) ([]byte, error) {
	idle := l.port != nil
	answer, err := l.once(ctx, data, again, fits)
	if again && idle && errors.Is(err, errLost) {
		return l.once(ctx, data, again, fits)
	}
	return answer, err
}

func (l *line) once(ctx context.Context, data []byte, again bool, fits func([]byte) bool) ([]byte, error) {
	if err := l.open(ctx); err != nil {
		return nil, err
	}
	p := l.port
	stop := context.AfterFunc(ctx, func() { _ = p.conn.Close() }) // ends a write that hangs
	defer stop()
	if p.drain(); l.noisy && !p.hush(ctx) {
		l.hangUp()
		return nil, errors.Join(errNotSent, errBabble)
	}
	select {
	case <-l.abort: // meant for an earlier request
	default:
	}
	answer, err := p.deliver(ctx, encode(data), again, fits)
	if err == nil && answer == nil {
		answer, err = l.await(ctx, fits)
	}
	if l.noisy = err != nil || p.sent > 1; l.noisy {
		l.hangUp()
	}
	return answer, err
}

// drain throws away what came in while nobody asked.
func (p *port) drain() {
	p.in.reset()
	p.rest = nil
	for {
		select {
		case <-p.bytes:
		default:
			return
		}
	}
}

// hush waits until nothing more comes in, as long as for an ACK; false: it
// does not fall silent, or the line is gone.
func (p *port) hush(ctx context.Context) bool {
	over := time.After(ackWait)
	for {
		select {
		case <-p.bytes:
		case <-time.After(quietWait):
			return true
		case <-over:
			return false
		case <-p.gone:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// next is the next event on the line within wait; a word on abort is one.
func (p *port) next(ctx context.Context, wait time.Duration, abort <-chan struct{}) (event, []byte, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	gap := time.NewTimer(byteWait)
	defer gap.Stop()
	for {
		for len(p.rest) > 0 {
			b := p.rest[0]
			p.rest = p.rest[1:]
			if e, data := p.in.push(b); e != nothing {
				return e, data, nil
			}
		}
		var broken <-chan time.Time
		if p.in.inside() {
			gap.Reset(byteWait)
			broken = gap.C
		}
		select {
		case p.rest = <-p.bytes:
		case <-abort:
			return gotStop, nil, nil
		case <-broken:
			p.in.reset()
			return gotBad, nil, nil
		case <-timer.C:
			return nothing, nil, errNoAnswer
		case <-p.gone:
			return nothing, nil, errLost
		case <-ctx.Done():
			return nothing, nil, errNoAnswer
		}
	}
}

// deliver writes a frame until it is acknowledged. After silence the terminal
// may well have it, so only a NAK asks for it again, or a request that does no
// harm twice. An answer that comes instead of the ACK is returned.
func (p *port) deliver(ctx context.Context, frame []byte, again bool, fits func([]byte) bool) ([]byte, error) {
	var failed error
	p.sent = 0
	for range tries {
		p.sent++
		if _, err := p.conn.Write(frame); err != nil {
			return nil, errLost
		}
		e, data, err := p.acknowledged(ctx, fits)
		switch {
		case errors.Is(err, errNoAnswer) && again && ctx.Err() == nil:
			failed = errNoACK
		case errors.Is(err, errNoAnswer):
			return nil, errNoACK
		case err != nil || e != gotNAK:
			return data, err
		default:
			failed = errRefused
		}
	}
	return nil, failed
}

// acknowledged waits for ACK, NAK or at once the answer. What a terminal still
// had to tell about another request is acknowledged and passed over.
func (p *port) acknowledged(ctx context.Context, fits func([]byte) bool) (event, []byte, error) {
	for range tries {
		e, data, err := p.next(ctx, ackWait, nil)
		switch {
		case err != nil || e == gotACK || e == gotNAK:
			return e, nil, err
		case e == gotBad:
			p.write(nak) // something of an answer: it comes again
		default:
			p.write(ack)
			if fits(data) {
				return e, data, nil
			}
		}
	}
	return nothing, nil, errNoAnswer
}

// await waits for the answer that fits.
func (l *line) await(ctx context.Context, fits func([]byte) bool) ([]byte, error) {
	p, bad := l.port, 0
	for {
		e, data, err := p.next(ctx, forEver, l.abort)
		switch {
		case err != nil:
			return nil, err
		case e == gotStop:
			if l.stops {
				p.write(eot)
			}
			var done context.CancelFunc
			ctx, done = context.WithTimeout(ctx, stopWait)
			defer done()
		case e == gotBad:
			if bad++; bad > tries {
				return nil, errGarbage
			}
			p.write(nak)
		case e == gotFrame:
			p.write(ack)
			if fits(data) {
				return data, nil
			}
			var done context.CancelFunc
			ctx, done = context.WithTimeout(ctx, strangerWait)
			defer done()
		}
	}
}

func (p *port) write(b byte) { _, _ = p.conn.Write([]byte{b}) }
