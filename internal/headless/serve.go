// Package headless is the till without a screen: JSON-RPC 2.0, one object a
// line, over stdin and stdout or a socket, on exactly the core the screen has.
//
// Requests of one connection begin in the order in which they arrive, so that
// a script may send a whole sale without waiting for the answers; only those
// that wait for somebody outside (payment.wait, payment.query and whatever else
// has waits in methods) let later ones overtake them. At the end of the input
// everything asked is still answered.
package headless

import (
	"context"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/creachadair/jrpc2"

	"abacus/internal/fall"
	"abacus/internal/lang"
	"abacus/internal/till"
)

// Options say what is served, and for Serve where.
type Options struct {
	Core     till.Core
	Language lang.Tag // of say and hint
	In       io.Reader
	Out      io.Writer
	// Ready, if set, is told the address once Listen accepts connections; for
	// port 0 it is the port chosen.
	Ready func(address string)
}

// Serve answers the requests that come from In on Out, until In ends or ctx
// does. Nil means that In ended and every request was answered; an error that
// ctx ended or Out could not be written.
//
// When ctx ends, Serve does not wait for a Read or Write of In or Out that is
// under way: nothing can interrupt one on a terminal or a pipe from a process
// that hangs.
func Serve(ctx context.Context, o Options) error {
	texts, err := lang.For(o.Language)
	if err != nil {
		return fmt.Errorf("headless: %w", err)
	}
	w := newWire(o.Out, texts)
	go w.read(o.In)
	written := make(chan struct{})
	go func() { defer close(written); w.write() }()

	life, end := context.WithCancel(ctx)
	s := &session{core: o.Core, texts: texts, wire: w, life: life}
	server := jrpc2.NewServer(s, &jrpc2.ServerOptions{
		// The order is kept by turns (session.Assign). A limit here could give
		// every slot to requests that wait for the turn of one without a slot.
		Concurrency:    math.MaxInt32,
		DisableBuiltin: true,
		NewContext:     func() context.Context { return life },
	})
	server.Start(w)
	stop := context.AfterFunc(life, server.Stop)
	_ = server.WaitStatus() // how the connection ended is told by ctx and the wire
	stop()
	end()
	s.pumps.Wait()
	_ = w.Close()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	<-written
	return w.failure()
}

// session is one connection: jrpc2's Assigner and what it remembers.
type session struct {
	core  till.Core
	texts *lang.Texts
	wire  *wire
	life  context.Context // the connection's; a request's own ends with its answer

	last     chan struct{} // closed when the newest request has had its turn; jrpc2 assigns under a lock
	pumps    sync.WaitGroup
	watching sync.Once
}

// Assign gives each request its turn. jrpc2 calls it in the order in which
// requests arrive, one at a time, before it runs them at the same time.
func (s *session) Assign(_ context.Context, name string) jrpc2.Handler {
	before, mine := s.last, make(chan struct{})
	s.last = mine
	return func(ctx context.Context, r *jrpc2.Request) (any, error) {
		pass := sync.OnceFunc(func() { close(mine) })
		defer pass()
		if r.IsNotification() {
			defer s.wire.done()
		}
		if before != nil {
			select {
			case <-before:
			case <-ctx.Done():
				return nil, s.refuse(ctx.Err())
			}
		}
		var result any
		err := fall.Caught(func() (err error) {
			result, err = s.call(ctx, name, r, pass)
			return err
		})
		if err != nil {
			return nil, s.refuse(err)
		}
		return result, nil
	}
}

// call does one request; pass lets the next one begin before this one ends.
func (s *session) call(ctx context.Context, name string, r *jrpc2.Request, pass func()) (any, error) {
	p, err := s.params(ctx, r)
	if err != nil {
		return nil, err
	}
	switch name {
	case "till.snapshot", "till.watch":
		if err := p.rest(); err != nil {
			return nil, err
		}
		return s.snapshot(ctx, r, name == "till.watch")
	}
	m, ok := methods[name]
	if !ok {
		return nil, unknownMethod(name)
	}
	key := p.text("key", 64)
	command := m.build(p)
	if err := p.rest(); err != nil {
		return nil, err
	}
	if key != "" && !m.reads {
		command = till.Keyed{Key: key, Command: command}
	}
	if m.waits {
		pass()
	}
	result, err := s.core.Do(ctx, command)
	if err != nil {
		return nil, err
	}
	pass()
	return s.view(ctx, name, result)
}
