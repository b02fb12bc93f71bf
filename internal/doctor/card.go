package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"strings"
)

// Host is a server on TCP that is only connected to: a card host, a bank
// terminal. Nothing is said to it, because a sign-in would take the keys away
// that a running till works with.
type Host struct {
	Of      string // the check
	Who     string // a key of internal/lang's Words
	Address string // host:port
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

// Name implements Probe.
func (h Host) Name() string { return h.Of }

// Check implements Probe.
func (h Host) Check(ctx context.Context) []Finding {
	c, err := h.Dial(ctx, "tcp", h.Address)
	if err != nil {
		return []Finding{fault("host-"+h.flaw(ctx, err), h.Who, h.Address)}
	}
	_ = c.Close()
	return []Finding{well("host-well", h.Who, h.Address)}
}

func (h Host) flaw(ctx context.Context, err error) string {
	var name *net.DNSError
	var plain tls.RecordHeaderError
	var late net.Error
	switch flaw := certificateFlaw(err); {
	case errors.As(err, &name):
		return "no-name"
	case flaw != "":
		return flaw
	case errors.As(err, &plain):
		return "no-tls"
	case ctx.Err() != nil, errors.As(err, &late) && late.Timeout():
		return "silent"
	}
	return "unreachable"
}

// CardReader is the chip reader behind the system's smart card service.
type CardReader struct {
	Service string                                      // the service's socket
	Want    string                                      // part of the reader's name; empty: any
	Readers func(ctx context.Context) ([]string, error) // names of those plugged in
}

// Name implements Probe.
func (CardReader) Name() string { return "cardreader" }

// Check implements Probe. No card is touched: a customer's may be in the reader.
func (r CardReader) Check(ctx context.Context) []Finding {
	names, err := r.Readers(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{fault("reader-no-service", r.Service)}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{fault("reader-denied", r.Service)}
	case err != nil:
		return []Finding{fault("reader-service-down", r.Service)}
	case len(names) == 0:
		return []Finding{fault("reader-none")}
	}
	for _, name := range names {
		if strings.Contains(name, r.Want) {
			return []Finding{well("reader-well", name)}
		}
	}
	return []Finding{fault("reader-other", r.Want, names[0])}
}
