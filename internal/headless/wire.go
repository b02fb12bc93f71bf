package headless

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"

	"abacus/internal/lang"
)

// lineLimit is the longest line read, in bytes without its end.
const lineLimit = 1 << 20

// openLimit is how many lines of one connection may be unanswered; further
// ones stay in the pipe, so that a client that only sends costs no memory. A
// batch is one line, whose results are kept until the last is there: it has no
// more requests either.
const openLimit = 256

// wire is a connection's lines, as a jrpc2 channel with what channel.Line lacks:
// a limit on the length of a line, an end of input that waits for the answers,
// and a Send that never blocks, so that a client which stops reading can hold
// up nothing but itself.
type wire struct {
	out   io.Writer
	texts *lang.Texts
	lines chan line
	ended chan struct{} // closed by Close

	mu      sync.Mutex
	changed sync.Cond
	answers [][]byte                 // to write, in order
	push    []byte                   // the newest snapshot to write; an older one is of no use
	open    int                      // answers and notifications still owed
	gates   map[string]chan struct{} // by request id, closed when its answer is queued
	closed  bool
	err     error // of the writer
}

type line struct {
	text    []byte
	tooLong bool
}

func newWire(out io.Writer, texts *lang.Texts) *wire {
	w := &wire{
		out: out, texts: texts, lines: make(chan line), ended: make(chan struct{}),
		gates: map[string]chan struct{}{},
	}
	w.changed.L = &w.mu
	return w
}

// read hands on the lines of in until it ends or the wire is closed.
func (w *wire) read(in io.Reader) {
	defer close(w.lines)
	buffered := bufio.NewReaderSize(in, 64<<10)
	for {
		l, err := readLine(buffered)
		if blank := len(bytes.TrimSpace(l.text)) == 0 && !l.tooLong; !blank {
			select {
			case w.lines <- l:
			case <-w.ended:
				return
			}
		}
		if err != nil || isHTTP(l.text) {
			return
		}
	}
}

// readLine reads to the end of the line, but keeps no more than lineLimit.
func readLine(in *bufio.Reader) (line, error) {
	var l line
	for {
		chunk, err := in.ReadSlice('\n')
		if l.tooLong = l.tooLong || len(l.text)+len(chunk) > lineLimit+1; l.tooLong {
			l.text = nil
		} else {
			l.text = append(l.text, chunk...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			l.text = bytes.TrimSuffix(l.text, []byte("\n"))
			return l, err
		}
	}
}

// isHTTP tells a web browser's request line. Any page can make a browser post
// to a port of this machine; read on, its body would be taken for commands.
func isHTTP(text []byte) bool {
	return len(text) > 0 && text[0] != '{' && text[0] != '[' && bytes.Contains(text, []byte(" HTTP/"))
}

// Recv is the next line that jrpc2 should see.
func (w *wire) Recv() ([]byte, error) {
	for {
		if !w.until(func() bool { return w.open < openLimit }) {
			return nil, channel.ErrClosed
		}
		select {
		case l, ok := <-w.lines:
			switch {
			case !ok && w.until(func() bool { return w.open == 0 }):
				return nil, io.EOF
			case !ok:
				return nil, channel.ErrClosed
			case l.tooLong:
				w.refuse("line-too-long", lineLimit)
			default:
				requests, err := jrpc2.ParseRequests(l.text)
				if err == nil && len(requests) > openLimit {
					w.refuse("batch-too-long", openLimit)
					continue
				}
				w.owe(owed(requests))
				return l.text, nil
			}
		case <-w.ended:
			return nil, channel.ErrClosed
		}
	}
}

// refuse answers a line that jrpc2 does not see.
func (w *wire) refuse(word string, limit int) {
	w.owe(1)
	_ = w.Send(encodeError(w.texts, jrpc2.InvalidRequest, word, limit))
}

// owed is how many times a line will be settled: once by its answer, if it has
// one, and once for each notification in it. A line that is no request has none.
func owed(requests []*jrpc2.ParsedRequest) int {
	if len(requests) == 0 {
		return 1
	}
	notifications, answer := 0, 0
	for _, r := range requests {
		if r.Error == nil && r.ID == "" && r.Method != "" {
			notifications++
		} else {
			answer = 1
		}
	}
	return notifications + answer
}

// Send queues an answer.
func (w *wire) Send(answer []byte) error {
	text := append(explain(w.texts, answer), '\n')
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return channel.ErrClosed
	}
	w.answers = append(w.answers, text)
	for id, gate := range w.gates {
		if bytes.Contains(answer, []byte(`"id":`+id+`,`)) {
			close(gate)
			delete(w.gates, id)
		}
	}
	w.changed.Broadcast()
	return nil
}

// after is closed when the answer to a request has been queued, so that what
// follows from it does not come before it.
func (w *wire) after(id string) <-chan struct{} {
	gate := make(chan struct{})
	if id == "" { // a notification has no answer
		close(gate)
		return gate
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gates[id] = gate
	return gate
}

// Push queues a notification in the place of one that is still unwritten.
func (w *wire) Push(notification []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.push = append(notification, '\n')
	w.changed.Broadcast()
}

// Close ends the wire; what is not written by then is dropped.
func (w *wire) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.ended)
		w.changed.Broadcast()
	}
	return nil
}

// write writes what is queued, until the wire is closed.
func (w *wire) write() {
	for {
		text, answer := w.next()
		if text == nil {
			return
		}
		if _, err := w.out.Write(text); err != nil {
			w.mu.Lock()
			w.err = err
			w.mu.Unlock()
			_ = w.Close()
			return
		}
		if answer {
			w.done()
		}
	}
}

// next waits for something to write, answers before pushes; nil at the end.
func (w *wire) next() (text []byte, answer bool) {
	if !w.until(func() bool { return len(w.answers) > 0 || w.push != nil }) {
		return nil, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.answers) > 0 {
		text, w.answers = w.answers[0], w.answers[1:]
		return text, true
	}
	text, w.push = w.push, nil
	return text, false
}

// until waits for a condition, looked at under the lock; false when closed.
func (w *wire) until(condition func() bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.closed && !condition() {
		w.changed.Wait()
	}
	return !w.closed
}

func (w *wire) owe(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open += n
}

// done settles one of what is owed.
func (w *wire) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open--
	w.changed.Broadcast()
}

func (w *wire) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
