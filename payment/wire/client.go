// Package wire is what every acquirer reached over HTTPS has in common: a
// client that keeps its connections and bounds what it reads, the meaning of a
// call that brought no answer, and the cleaning of texts before they leave a
// provider. It knows no acquirer and decides nothing about money.
package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// AnswerLimit is the most that is read of one answer, in bytes after
// decompression. Acquirers' answers are a few kilobytes.
const AnswerLimit = 1 << 20

// ErrTooLarge ends the reading of an answer beyond AnswerLimit.
var ErrTooLarge = errors.New("answer larger than 1 MiB")

// NewClient is an HTTP client for one acquirer. roots replaces the system's
// certificate authorities, as a sandbox needs; nil keeps them. Connections and
// TLS sessions are kept, because a handshake costs the customer half a second
// on a mobile line.
func NewClient(roots *x509.CertPool) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Client{Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 4,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true,
		TLSClientConfig: &tls.Config{
			RootCAs:            roots,
			MinVersion:         tls.VersionTLS12,
			ClientSessionCache: tls.NewLRUClientSessionCache(8),
		},
	}}
}

// Guard is a copy of c that follows no redirect and reads no more than
// AnswerLimit of any answer. A redirect of a money call is a captive portal or
// worse: following it would send the customer's code to a stranger.
func Guard(c *http.Client) *http.Client {
	guarded := *c
	base := c.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	guarded.Transport = limiter{base}
	guarded.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	guarded.Jar = nil
	return &guarded
}

type limiter struct{ base http.RoundTripper }

func (l limiter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &limitedBody{resp.Body, AnswerLimit}
	return resp, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the
// transport below.
func (l limiter) CloseIdleConnections() {
	if c, ok := l.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

type limitedBody struct {
	io.ReadCloser
	left int
}

// Read fails beyond the limit rather than ending: a cut answer must not look
// like a whole one.
func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= n
	if b.left < 0 {
		return n, ErrTooLarge
	}
	return n, err
}
