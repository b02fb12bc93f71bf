package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"
)

// Network is the machine's own connection and its names.
type Network struct {
	Interfaces func() ([]string, error)                                 // addresses of interfaces that are up, without loopback
	LookupHost func(ctx context.Context, host string) ([]string, error) // as net.Resolver has it
	Hosts      []string                                                 // names or addresses of all the till calls
}

// Name implements Probe.
func (Network) Name() string { return "network" }

// Check implements Probe. A till that calls nobody outside this machine needs
// no network.
func (n Network) Check(ctx context.Context) []Finding {
	var names []string
	outside := false
	for _, h := range n.Hosts {
		ip := net.ParseIP(h)
		if ip == nil && h != "localhost" {
			names = append(names, h)
		}
		outside = outside || h != "localhost" && !ip.IsLoopback()
	}
	addresses, err := n.Interfaces()
	switch {
	case !outside:
		return []Finding{note("network-not-needed")}
	case err != nil || len(addresses) == 0:
		return []Finding{fault("network-none")}
	}
	found := []Finding{well("network-up", addresses[0])}
	for _, name := range names {
		if _, err := n.LookupHost(ctx, name); err != nil {
			found = append(found, Finding{Check: "names", State: Fault, Code: "name-unknown", Args: []any{name}})
		}
	}
	if len(names) > 0 && len(found) == 1 {
		found = append(found, Finding{Check: "names", State: Well, Code: "names-well", Args: []any{len(names)}})
	}
	return found
}

// Limits of the clock. WeChat Pay's documents of APIv3 say that a request whose
// time is more than five minutes off is refused.
const (
	clockOff     = 30 * time.Second
	clockRefused = 5 * time.Minute
	endsSoon     = 30 * 24 * time.Hour
)

// Acquirer asks a server over HTTPS for nothing in particular: whether it is
// reached, whether its certificate is good, and what time it is there.
type Acquirer struct {
	Who     string // a channel, or another key of internal/lang's Words
	Address string // https://…
	HTTP    http.RoundTripper
	Now     func() time.Time
}

// Name implements Probe.
func (Acquirer) Name() string { return "acquirer" }

// Check implements Probe. Whatever the server answers, it was reached.
func (a Acquirer) Check(ctx context.Context) []Finding {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, a.Address, nil)
	if err != nil {
		return []Finding{fault("acquirer-unreachable", a.Who, a.Address)}
	}
	request.Close = true // the next examination is days away
	sent := a.Now()
	answer, err := a.HTTP.RoundTrip(request)
	if err != nil {
		return []Finding{a.failed(ctx, request.URL.Host, err)}
	}
	_ = answer.Body.Close()
	back := a.Now()
	found := []Finding{well("acquirer-well", a.Who, back.Sub(sent).Milliseconds())}
	if answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		if ends := answer.TLS.PeerCertificates[0].NotAfter; ends.Sub(back) < endsSoon {
			found = append(found, note("acquirer-ends", a.Who, ends.Format(time.DateOnly)))
		}
	}
	return append(found, clock(answer.Header.Get("Date"), sent, back))
}

func (a Acquirer) failed(ctx context.Context, host string, err error) Finding {
	var name *net.DNSError
	fault := func(code string) Finding { return fault("acquirer-"+code, a.Who, host) }
	switch flaw := certificateFlaw(err); {
	case errors.As(err, &name):
		return fault("no-name")
	case flaw != "":
		return fault(flaw)
	case ctx.Err() != nil:
		return fault("silent")
	}
	return fault("unreachable")
}

// certificateFlaw is what a server's certificate was refused for; empty: that
// was not it.
func certificateFlaw(err error) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var wrong x509.HostnameError
	var bad *tls.CertificateVerificationError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired"
	case errors.As(err, &wrong):
		return "wrong-name"
	case errors.As(err, &unknown), errors.As(err, &bad), errors.As(err, &invalid):
		return "untrusted"
	}
	return ""
}

// clock compares the server's time, which has whole seconds, with the middle
// of the time between request and answer.
func clock(date string, sent, back time.Time) Finding {
	f := Finding{Check: "clock"}
	theirs, err := http.ParseTime(date)
	if err != nil {
		f.State, f.Code = Note, "clock-unknown"
		return f
	}
	middle := sent.Add(back.Sub(sent) / 2)
	ahead := middle.Sub(theirs.Add(500 * time.Millisecond)).Round(time.Second)
	off := ahead.Abs()
	f.Args = []any{off.String()}
	switch direction := map[bool]string{true: "ahead", false: "behind"}[ahead > 0]; {
	case off >= clockRefused:
		f.State, f.Code = Fault, "clock-refused-"+direction
	case off >= clockOff:
		f.State, f.Code = Fault, "clock-"+direction
	default:
		f.State, f.Code = Well, "clock-well"
	}
	return f
}

// Certificate is one that the till was given, and its time.
type Certificate struct {
	Of    string // the setting that names its file
	Begin time.Time
	End   time.Time
	Now   func() time.Time
}

// Name implements Probe.
func (Certificate) Name() string { return "certificate" }

// Check implements Probe.
func (c Certificate) Check(context.Context) []Finding {
	now, end := c.Now(), c.End.Format(time.DateOnly)
	left := c.End.Sub(now)
	switch {
	case now.Before(c.Begin):
		return []Finding{fault("certificate-early", c.Of, c.Begin.Format(time.DateOnly))}
	case left <= 0:
		return []Finding{fault("certificate-ended", c.Of, end)}
	case left < endsSoon:
		return []Finding{fault("certificate-ending", c.Of, end, int(left.Hours()/24))}
	}
	return []Finding{well("certificate-well", c.Of, end)}
}
