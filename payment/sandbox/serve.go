package sandbox

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	maxBody     = 64 << 10
	gatewayPath = "/gateway.do"
)

// call is one request of a till, understood and authenticated or refused.
type call struct {
	channel   string
	operation string // "" when refused or when faults do not apply
	// do answers the request. Of the strike it minds what changes the deed, not
	// the answer's way back.
	do func(f strike) answer
	// seal signs an answer and sends it; forge spoils the signature.
	seal func(w http.ResponseWriter, a answer, forge bool)
	// forget is called when the till will not have the answer: a transport
	// may then send the very same request again, which is no replay.
	forget func()
}

// answer is what a server says before it is signed.
type answer struct {
	status int
	body   []byte // JSON
	tail   string // of the number WeChat's support asks for
}

// serve takes a request of a till to its channel, through the plan of faults.
func (s *Sandbox) serve(w http.ResponseWriter, r *http.Request) {
	limit := int64(maxBody)
	if r.URL.Path == journalPath {
		limit = maxJournalBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		http.Error(w, "request too large or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	var c call
	switch {
	case r.URL.Path == journalPath:
		c = s.keeper.open(r, body)
	case r.URL.Path == gatewayPath:
		c = s.alipay.open(r, body)
	case strings.HasPrefix(r.URL.Path, "/v3/"):
		c = s.wechat.open(r, body)
	default:
		http.NotFound(w, r)
		return
	}
	s.misbehave(w, r, c, s.plan.take(c.channel, c.operation))
}

// misbehave answers the call the way the strike demands.
func (s *Sandbox) misbehave(w http.ResponseWriter, r *http.Request, c call, f strike) {
	switch f.kind {
	case dropRequest:
		c.hangUp()
	case reset:
		c.forget()
		resetConnection(w)
	case httpBefore:
		c.forget()
		proxyPage(w, f.status)
		return
	}
	a := c.do(f)
	switch f.kind {
	case duplicate:
		a = c.do(strike{})
	case dropAnswer:
		c.hangUp()
	case httpAfter:
		proxyPage(w, f.status)
		return
	case garbage:
		_, _ = io.WriteString(w, digits(s.options.Random, "\x00\x01\x7f\xff{}[]\"<>\\x", 256))
		return
	case wrongAmount:
		a.body = moreMoney(a.body)
	case wrongOrder:
		a.body = otherOrder(a.body)
	case delayed:
		select {
		case <-time.After(f.delay):
		case <-r.Context().Done(): // the till has gone; what was done stays done
			c.hangUp()
		}
	}
	c.seal(w, a, f.kind == badSignature)
}

// hangUp closes the connection without an answer. net/http takes this panic as
// the wish to do so.
func (c call) hangUp() {
	c.forget()
	panic(http.ErrAbortHandler)
}

// errReset asks an in-process transport for a reset connection.
var errReset = errors.New("connection reset")

// resetConnection makes the till's side see "connection reset by peer".
func resetConnection(w http.ResponseWriter) {
	if _, inProcess := w.(*recorder); inProcess {
		panic(errReset)
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
			conn = wrapped.NetConn() // under TLS: no close_notify is sent
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// proxyPage is the page of a gateway in front of the acquirer: no JSON, no
// signature.
func proxyPage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		_, _ = io.WriteString(w, "<html><body><h1>"+http.StatusText(status)+"</h1></body></html>\n")
	}
}
