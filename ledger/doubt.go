package ledger

import (
	"context"
	"errors"
	"fmt"
)

// fate is what became of a batch whose COMMIT failed.
type fate int

const (
	fateUnclear fate = iota
	fateWritten
	fateAbsent
)

// decide tells the fate of a batch from the end of the chain as a fresh
// connection finds it. Nobody else writes, so anything but the end before or
// the end after the batch is a thing nobody can explain.
func decide(before, after, found Head) fate {
	switch found {
	case after:
		return fateWritten
	case before:
		return fateAbsent
	}
	return fateUnclear
}

// settle finds out about a batch whose COMMIT failed: the same failure leaves
// the entry on disk at one time and not at another. The result is nil when it
// is there.
func (l *Ledger) settle(w *writing, cause error) error {
	found, err := l.lookAgain()
	if err != nil {
		l.books.discard()
		l.doubt = w
		l.stopped = fmt.Errorf("%w: number %d: %w; looking for it: %w", ErrStopped, w.after.Number, cause, err)
		return l.stopped
	}
	switch decide(w.before, w.after, found) {
	case fateWritten:
		return nil
	case fateAbsent:
		return l.giveUp(cause)
	}
	l.books.discard()
	l.stopped = unexplained(w, found)
	return l.stopped
}

func unexplained(w *writing, found Head) *Broken {
	return &Broken{Number: w.before.Number + 1, Why: WhyWrite, Detail: fmt.Sprintf(
		"after a failed write the journal ends at number %d, neither before nor after it", found.Number)}
}

// lookAgain leaves the connection, opens a new one and reads the end of the
// chain, once two things are certain. What is read is on the disk: after a
// failed sync the log's pages may be in memory only. And what is not read will
// not come back: the log may hold all of a batch behind its end, and whoever
// reads it anew after a power cut would take it in, though it was told to be
// absent.
//
// Where nobody reads the book, the log is moved into the database, synced and
// emptied. Emptying is not synced, so the commit that changes nothing begins a
// new log. Beside a reader, who may stand open for hours, the log cannot be
// emptied: its bytes are written and synced again, and the same commit goes
// behind its end, over the first frame of the absent batch. A frame counts only
// if its check sum continues that of the frame before it. This one is another
// page, or a commit where that batch had more to come, so what follows it of the
// batch never counts again. Later commits empty the log as always.
func (l *Ledger) lookAgain() (Head, error) {
	if err := l.reconnect(); err != nil {
		return Head{}, err
	}
	emptied, err := l.emptyLog()
	if err == nil && !emptied {
		err = rewriteLog(l.opt)
	}
	if err == nil {
		err = l.c.exec(fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
	}
	if err != nil {
		return Head{}, err
	}
	return l.readHead()
}

// emptyLog moves the log into the database unless somebody reads the book. It
// does not wait for them: all that sells waits for this.
func (l *Ledger) emptyLog() (emptied bool, err error) {
	var busy int64
	err = l.c.exec("PRAGMA busy_timeout = 0")
	if err == nil {
		_, err = l.c.one("PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy)
	}
	return busy == 0, errors.Join(err, l.c.exec(fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout)))
}

// reconnect exchanges the connection. The new one is opened first: the last one
// to close moves the log into the database, and a connection that has failed
// shall write nothing more. Errors of closing it say nothing that opening the
// new one does not.
func (l *Ledger) reconnect() error {
	if err := l.opt.there(); err != nil {
		return err
	}
	c, _, err := openVersioned(dsn(l.opt.Path, l.opt.VFS, false))
	if err != nil {
		return err
	}
	_ = l.c.close()
	l.c, l.shelf.c = c, c
	return nil
}

// replaceConn takes a new connection after a failed statement; nothing is in
// doubt, yet nobody knows what state the old one is in.
func (l *Ledger) replaceConn(cause error) {
	if err := l.reconnect(); err != nil {
		l.stopped = fmt.Errorf("%w: %w; opening it again: %w", ErrStopped, cause, err)
	}
}

// Reopen takes a stopped ledger up again: it looks what became of the last
// batch and reads everything anew. Callers then look for their object, or their
// idempotency key, and decide. The error wraps ErrStopped when it still cannot
// be told, and is a *Broken when the book is not what it was.
func (l *Ledger) Reopen(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if broken, ok := l.stopped.(*Broken); ok {
		return broken
	}
	if l.stopped == ErrClosed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	expected := l.head
	found, err := l.lookAgain()
	if err != nil {
		l.stopped = fmt.Errorf("%w: %w", ErrStopped, err)
		return l.stopped
	}
	w := l.doubt
	if w == nil {
		w = &writing{before: expected, after: expected}
	}
	if decide(w.before, w.after, found) == fateUnclear {
		l.stopped = unexplained(w, found)
		return l.stopped
	}
	if err := l.load(); err != nil {
		l.stopped = fmt.Errorf("%w: %w", ErrStopped, err)
		return l.stopped
	}
	l.stopped, l.doubt = nil, nil
	if l.file != nil {
		l.file.post(l.head)
	}
	return nil
}
