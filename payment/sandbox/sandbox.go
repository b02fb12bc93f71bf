// Package sandbox is the acquirers' side of the till, made up: the servers of
// WeChat Pay APIv3 and of the Alipay OpenAPI gateway and a bank terminal, with
// their own books, their own clock and a plan of faults.
//
// It is written from the acquirers' public documents alone. It shares no codec
// with the clients and uses none of their libraries, so that a mistake in one
// is seen by the other. It checks signatures, serials, timestamps, numbers,
// codes, amounts and windows the way the real ones do, and its books are the
// truth a till's day is compared with.
//
// Two clocks matter. Signatures and request timestamps are judged by
// Options.Now, which the till shares. Everything that happens in the acquirer
// (codes and orders expiring, a customer entering a password) goes by the
// sandbox's own clock, which is Options.Now moved by Advance.
package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Options are what comes in from outside. The zero value is usable.
type Options struct {
	Now       func() time.Time // default time.Now
	Random    io.Reader        // of codes, nonces and numbers; default crypto/rand. Keys never come from it
	StoreID   string           // written to config.yaml; default "0001"
	StoreName string           // default "算盘便利店"
	Till      string           // default "01"
	CodeLife  time.Duration    // of a customer's pay code; default one minute
	Listen    string           // of the control API, loopback only; default "127.0.0.1:0"
	CardMAC   string           // the card host's algorithm: "ecb" (default) or "sm4"
	NoBatch   bool             // the bank terminal tells no batch number: "000000"
	LastTrace int              // of the bank terminal, before its first transaction here; default 100
	Control   bool             // serve the control API too; Run always does
	Log       *slog.Logger     // default: nothing
	// Sign makes the acquirers' signatures (PKCS #1 v1.5) of SHA-256 digests;
	// default rsa.SignPKCS1v15.
	Sign func(key *rsa.PrivateKey, digest []byte) ([]byte, error)
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.CodeLife <= 0 {
		o.CodeLife = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Sign == nil {
		o.Sign = func(key *rsa.PrivateKey, digest []byte) ([]byte, error) {
			return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest)
		}
	}
	o.Random = &lockedReader{r: o.Random}
	if o.CardMAC != macSM4 {
		o.CardMAC = "ecb"
	}
	if o.LastTrace <= 0 {
		o.LastTrace = 100
	}
	o.StoreID = orElse(o.StoreID, "0001")
	o.StoreName = orElse(o.StoreName, "算盘便利店")
	o.Till = orElse(o.Till, "01")
	o.Listen = orElse(o.Listen, "127.0.0.1:0")
	return o
}

// Sandbox is both acquirers. Its methods may be called concurrently.
type Sandbox struct {
	*acquirer
	setup  *Setup
	plan   *plan
	wechat *wechatServer
	alipay *alipayServer
	cards  *cardLine
	keeper *keeper
	pinpad *bankTerminal

	// Set by Start only.
	base, control, cardAddress string
	counter                    lines // of the bank terminal

	stop    func()
	stopped sync.WaitGroup
	closing sync.Once
}

// New is a sandbox without sockets and with books in memory only, for use
// through Handler, Control, Transport and the methods.
func New(setup *Setup, options Options) *Sandbox {
	return newSandbox(setup, options.withDefaults(), memory{})
}

func newSandbox(setup *Setup, options Options, log journal) *Sandbox {
	s := &Sandbox{setup: setup, plan: newPlan(), acquirer: newAcquirer(options, log)}
	s.wechat = &wechatServer{acquirer: s.acquirer, setup: setup, seen: newNonces()}
	s.alipay = &alipayServer{acquirer: s.acquirer, setup: setup}
	s.keeper = &keeper{setup: setup, store: forgetful{}, copies: map[string]*heldCopy{}}
	host := &cardHost{acquirer: s.acquirer, setup: setup}
	s.kept = func() *terminal { return &host.state }
	s.restoreTerminal = func(t terminal) { host.state = t }
	s.cards = newCardLine(host, s.plan)
	s.pinpad = newBankTerminal(s.acquirer, s.plan)
	return s
}

// Books is what the acquirers and the bank behind the terminal believe.
func (s *Sandbox) Books() ([]Entry, error) {
	entries, err := s.acquirer.Books()
	return append(entries, s.pinpad.entries()...), err
}

// Order is what one acquirer believes of one order; ok is false where it has
// none of that number.
func (s *Sandbox) Order(channel, number string) (e Entry, ok bool) {
	s.acquirer.mu.Lock()
	defer s.acquirer.mu.Unlock()
	o, refused := s.acquirer.find(channel, number)
	if refused.why != accepted {
		return Entry{}, false
	}
	return o.entry(), true
}

// Setup is the keys and numbers of this sandbox.
func (s *Sandbox) Setup() *Setup { return s.setup }

// Base is the address of WeChat Pay, "https://127.0.0.1:PORT"; empty without
// sockets.
func (s *Sandbox) Base() string { return s.base }

// JournalURL is where tills send their journals; empty without sockets.
func (s *Sandbox) JournalURL() string {
	if s.base == "" {
		return ""
	}
	return s.base + journalPath
}

// Gateway is the address of Alipay; empty without sockets.
func (s *Sandbox) Gateway() string {
	if s.base == "" {
		return ""
	}
	return s.base + gatewayPath
}

// ControlURL is the address of the control API, empty when it is not served.
func (s *Sandbox) ControlURL() string { return s.control }

// AddFault puts a fault at the end of the plan.
func (s *Sandbox) AddFault(f Fault) error { return s.plan.add(f) }

// ClearFaults empties the plan.
func (s *Sandbox) ClearFaults() { s.plan.clear() }

// Handler is both acquirers' servers: WeChat Pay under /v3/, Alipay at
// /gateway.do, the journal's keeper at /journal. A dropped connection is the panic http.ErrAbortHandler.
func (s *Sandbox) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// lockedReader lets several goroutines draw from one source.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
