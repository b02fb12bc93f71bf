package printer

import (
	"context"
	"net"
	"time"
)

// DefaultDialTimeout is how long a network printer may take to answer a call.
const DefaultDialTimeout = 3 * time.Second

// TCP is a network printer's raw port, usually 9100. Such printers serve one
// client at a time, so there is one connection for each job and none between.
type TCP struct {
	Address string // host:port
	// Dial connects; nil is net.Dialer's DialContext.
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
	DialTimeout time.Duration // zero is DefaultDialTimeout
	Manner
}

// Send connects, takes the job over and hears that it is printed.
func (t TCP) Send(ctx context.Context, job Job) error {
	return t.send(ctx, "printer "+t.Address, t.open, job)
}

// Look implements Looker.
func (t TCP) Look(ctx context.Context) (Status, bool) { return t.look(ctx, t.open) }

func (t TCP) open(ctx context.Context) (line, error) {
	ctx, cancel := context.WithTimeout(ctx, or(t.DialTimeout, DefaultDialTimeout))
	defer cancel()
	dial := t.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return dial(ctx, "tcp", t.Address)
}
