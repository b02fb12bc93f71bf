package printer

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// Manner is how one speaks with a printer that can answer. The zero Manner is
// right for printers of today; zero durations are the defaults.
type Manner struct {
	// Silent is for printers that never answer: nothing is asked, and a job whose
	// bytes were all taken counts as printed.
	Silent bool
	Answer time.Duration // to a question that is answered at once
	Write  time.Duration // in which a printer that is ready takes at least a byte
	Finish time.Duration // from the last byte to the answer that all is worked off
	Hold   time.Duration // for which a job half printed waits for paper
}

// The patience with a printer where none is set.
const (
	DefaultAnswer = 2 * time.Second
	DefaultWrite  = 10 * time.Second
	DefaultFinish = 30 * time.Second
	DefaultHold   = 30 * time.Minute

	beat      = time.Second / 4 // at which urgent jobs are let through
	askEvery  = 8               // beats between two questions
	lastWords = time.Second     // for a silent printer's line to empty itself
)

// errNoAnswer is a printer that was asked and says nothing.
var errNoAnswer = errors.New("the printer gives no answer: is it switched on, is the cable in? one that never answers needs printer.status: false")

// line is a printer's line while a job is on it.
type line interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// opener opens the line for one job. Its error says what to do.
type opener func(ctx context.Context) (line, error)

// forgets marks a line that shows nothing of a printer switched off and on.
type forgets interface{ forgets() }

// send takes a job to a printer over a line of its own.
func (m Manner) send(ctx context.Context, what string, open opener, job Job) error {
	if err := ctx.Err(); err != nil {
		return notSent(what, err)
	}
	l, err := open(ctx)
	if err != nil {
		job.tells(Status{Lost: true})
		return notSent(what, err)
	}
	t := &talk{manner: m, what: what, line: l, job: job}
	defer t.close()
	if m.Silent {
		return t.sendBlind(ctx)
	}
	t.listen()
	if err := t.ask(ctx); err != nil {
		return notSent(what, err)
	}
	if job.Urgent {
		return t.sendUrgent(ctx, job)
	}
	if !t.status.Ready() {
		return notSent(what, &Waiting{t.status})
	}
	return t.sendWhole(ctx)
}

// look asks a printer how it is, if it answers at all.
func (m Manner) look(ctx context.Context, open opener) (Status, bool) {
	if m.Silent {
		return Status{}, false
	}
	l, err := open(ctx)
	if err != nil {
		return Status{Lost: true}, true
	}
	t := &talk{manner: m, line: l}
	defer t.close()
	t.listen()
	if err := t.ask(ctx); err != nil {
		return Status{Lost: true}, true
	}
	if t.status.Ready() {
		t.status.Unproven = !t.proves(ctx)
	}
	return t.status, true
}

// proves asks an idle printer for the answer that ends a job. It waits for it
// even if ctx ends: an answer left on the line would pass for that of the next
// job.
func (t *talk) proves(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), or(t.manner.Answer, DefaultAnswer))
	defer cancel()
	if t.put(ctx, []byte(askInOrder)) != nil {
		return false
	}
	for {
		select {
		case r, open := <-t.heard:
			if !open {
				return false
			}
			if t.take(r) {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// talk is one conversation with a printer.
type talk struct {
	manner Manner
	what   string
	line   line
	job    Job

	heard  chan reply // closed at the line's end
	over   chan struct{}
	reader sync.WaitGroup

	status  Status
	forming Status // as far as the answers to the last questions have come
	asked   int    // answers to DLE EOT still expected
}

// listen starts to take in what the printer says; close ends it.
func (t *talk) listen() {
	t.heard, t.over = make(chan reply, 64), make(chan struct{})
	t.reader.Go(func() {
		defer close(t.heard)
		var parts replies
		buffer := make([]byte, 256)
		for {
			n, err := t.line.Read(buffer)
			parts.read(buffer[:n], func(r reply) {
				select {
				case t.heard <- r:
				case <-t.over:
				}
			})
			if err != nil {
				return
			}
		}
	})
}

func (t *talk) close() {
	if t.over != nil {
		close(t.over)
		_ = t.line.SetReadDeadline(past)
		t.reader.Wait()
	}
	_ = t.line.Close()
}

// take takes an answer in and reports whether it was the one to GS r.
func (t *talk) take(r reply) (finished bool) {
	switch r.kind {
	case realTime:
		if t.asked == 0 {
			return false
		}
		n := answersToAsk + 1 - t.asked
		t.asked--
		t.forming = t.forming.answered(n, r.data[0])
		if t.asked > 0 {
			return false // only the four answers together are a picture
		}
		t.status = t.forming
	case automatic:
		t.status = automaticStatus(r.data)
	case inOrder:
		return true
	}
	t.job.tells(t.status)
	return false
}

// ask puts the questions that are answered at once and waits for the answers.
func (t *talk) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, or(t.manner.Answer, DefaultAnswer))
	defer cancel()
	t.asked = answersToAsk
	if err := t.put(ctx, []byte(askNow)); err != nil {
		t.job.tells(Status{Lost: true})
		return remedy(cause(ctx, err))
	}
	for t.asked > 0 {
		select {
		case r, open := <-t.heard:
			if !open {
				t.job.tells(Status{Lost: true})
				return errNoAnswer
			}
			t.take(r)
		case <-ctx.Done():
			t.job.tells(Status{Lost: true})
			return errNoAnswer
		}
	}
	return nil
}

// put writes a few bytes within ctx.
func (t *talk) put(ctx context.Context, data []byte) error {
	defer bound(ctx, t.line.SetWriteDeadline)()
	_, err := t.line.Write(data)
	return err
}

// sendUrgent gives a stopped printer what it obeys at once, others the usual.
func (t *talk) sendUrgent(ctx context.Context, job Job) error {
	data := job.Data
	if !t.status.Ready() {
		if len(job.Instead) == 0 {
			return notSent(t.what, &Waiting{t.status})
		}
		data = job.Instead
	}
	ctx, cancel := context.WithTimeout(ctx, or(t.manner.Write, DefaultWrite))
	defer cancel()
	if err := t.put(ctx, data); err != nil {
		return written(t.what, 1, len(data), err)
	}
	return nil
}

// sendBlind is for printers that never answer.
func (t *talk) sendBlind(ctx context.Context) error {
	if err := t.job.Begins(ctx); err != nil {
		return notSent(t.what, err)
	}
	if err := t.writeAll(ctx, t.job.Data); err != nil {
		return err
	}
	t.job.tells(Status{})
	// Closing a connection with unread bytes in it would take the last of the
	// job back.
	if half, ok := t.line.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		ctx, cancel := context.WithTimeout(ctx, lastWords)
		defer cancel()
		defer bound(ctx, t.line.SetReadDeadline)()
		_, _ = io.Copy(io.Discard, t.line)
	}
	return nil
}
