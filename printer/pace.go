package printer

import (
	"bytes"
	"io"
	"os"
	"sync"
	"time"
)

// paced gives write deadlines to a line whose writes block and know none: a
// serial line, or a device on Windows. Each write works in a goroutine of its
// own, a small piece at a time, so that little is under way when the printer
// stops taking any. The piece under way at a deadline is not forgotten: writing
// the same bytes again waits for it instead.
type paced struct {
	io.WriteCloser
	unblock func() // makes a piece that is stuck return

	mu      sync.Mutex
	expired chan struct{} // closed when the deadline has passed

	under chan result // of the piece under way; nil: none
	piece []byte
}

type result struct {
	n   int
	err error
}

// pieceSize is some 70 ms at 9600 baud.
const pieceSize = 64

func pace(l io.WriteCloser, unblock func()) *paced {
	return &paced{WriteCloser: l, unblock: unblock, expired: make(chan struct{})}
}

// SetWriteDeadline knows two: one that has gone by, and the zero time, none.
func (p *paced) SetWriteDeadline(at time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.expired:
		if at.IsZero() {
			p.expired = make(chan struct{})
		}
	default:
		if !at.IsZero() {
			close(p.expired)
		}
	}
	return nil
}

func (p *paced) deadline() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.expired
}

func (p *paced) Write(data []byte) (int, error) {
	written := 0
	for written < len(data) {
		n, err := p.writePiece(data[written:])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (p *paced) writePiece(data []byte) (int, error) {
	if p.under != nil && !bytes.HasPrefix(data, p.piece) { // a question nobody waits for any more
		select {
		case <-p.under:
			p.under = nil
		case <-p.deadline():
			return 0, os.ErrDeadlineExceeded
		}
	}
	if p.under == nil {
		piece, under := bytes.Clone(data[:min(pieceSize, len(data))]), make(chan result, 1)
		p.under, p.piece = under, piece
		go func() {
			n, err := p.WriteCloser.Write(piece)
			under <- result{n, err}
		}()
	}
	select {
	case r := <-p.under:
		p.under = nil
		return r.n, r.err
	case <-p.deadline():
		return 0, os.ErrDeadlineExceeded
	}
}

// underWay reports whether some bytes are neither written nor certainly not.
func (p *paced) underWay() bool { return p.under != nil }

// Close ends a piece that is stuck, and with it its goroutine.
func (p *paced) Close() error {
	if p.under != nil {
		p.unblock()
	}
	return p.WriteCloser.Close()
}
