package sandbox

import (
	"context"
	"net"
	"sync"
)

// lines are the bank terminal's ways out.
type lines struct {
	address string // TCP
	tty     string // in the folder; empty where there are no pseudo-terminals
	stop    context.CancelFunc
	served  sync.WaitGroup
}

const ttyFile = "terminal.tty"

// openTerminal serves the bank terminal on loopback TCP and, where there are
// pseudo-terminals, as a serial line DIR/terminal.tty.
func (s *Sandbox) openTerminal(ctx context.Context, lastPort string) error {
	listener, err := listenLoopback("127.0.0.1:0", lastPort)
	if err != nil {
		return err
	}
	ctx, s.counter.stop = context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	s.counter.address = listener.Addr().String()
	s.counter.served.Go(func() { s.acceptTerminal(ctx, listener) })
	line, err := s.openTTY()
	if err != nil {
		return err
	}
	if line != nil {
		s.counter.tty = ttyFile
		s.counter.served.Go(func() { s.ServeTerminal(ctx, line) })
	}
	return nil
}

func (s *Sandbox) acceptTerminal(ctx context.Context, l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.counter.served.Go(func() { s.ServeTerminal(ctx, conn) })
	}
}

// unplug ends the terminal's lines.
func (s *Sandbox) unplug() {
	if s.counter.stop != nil {
		s.counter.stop()
		s.counter.served.Wait()
	}
}
