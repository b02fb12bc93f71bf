package printer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// The patience of a TCP sink where none is set.
const (
	DefaultDialTimeout  = 3 * time.Second
	DefaultWriteTimeout = 10 * time.Second
	DefaultCloseTimeout = 5 * time.Second
)

// TCP is a network printer's raw port, usually 9100. Such printers serve one
// client at a time, so there is one connection for each job and none between.
type TCP struct {
	Address string // host:port
	// Dial connects; nil is net.Dialer's DialContext.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Zero takes the default.
	DialTimeout, WriteTimeout, CloseTimeout time.Duration
	// Silent is for printers that keep their side open: a job whose bytes were
	// all taken by the network then counts as sent. Otherwise the printer's
	// closing of its side, after ours, is the proof that it read everything.
	Silent bool
}

// Send connects, writes the job, closes its side and waits for the printer to
// do the same.
func (t TCP) Send(ctx context.Context, job []byte) error {
	what := "printer " + t.Address
	conn, err := t.dial(ctx)
	if err != nil {
		return notSent(what, err)
	}
	defer conn.Close()
	n, err := t.write(ctx, conn, job)
	if err != nil {
		return written(what, n, len(job), err)
	}
	if t.Silent {
		return nil
	}
	if err := t.confirm(ctx, conn); err != nil {
		return fmt.Errorf("%s: took the job but did not confirm it, look at the paper: %w", what, err)
	}
	return nil
}

func (t TCP) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, or(t.DialTimeout, DefaultDialTimeout))
	defer cancel()
	dial := t.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return dial(ctx, "tcp", t.Address)
}

func (t TCP) write(ctx context.Context, conn net.Conn, job []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, or(t.WriteTimeout, DefaultWriteTimeout))
	defer cancel()
	defer bound(ctx, conn.SetDeadline)()
	n, err := conn.Write(job)
	if err != nil {
		return n, cause(ctx, err)
	}
	return n, nil
}

// confirm reads until the printer closes. What it says meanwhile is status
// that nobody asked for.
func (t TCP) confirm(ctx context.Context, conn net.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, or(t.CloseTimeout, DefaultCloseTimeout))
	defer cancel()
	defer bound(ctx, conn.SetDeadline)()
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.New("the connection cannot be closed on one side")
	}
	if err := half.CloseWrite(); err != nil {
		return cause(ctx, err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		return cause(ctx, err)
	}
	return nil
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}
