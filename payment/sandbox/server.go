package sandbox

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Start prepares dir, opens the books kept there and serves both acquirers
// over TLS on loopback, until ctx ends or Close is called. With
// options.Control the control API is served too and DIR/sandbox.json and
// DIR/config.yaml say how a till is connected. Ports used before are taken
// again when they are free, so that a till that is running finds the sandbox.
func Start(ctx context.Context, dir string, options Options) (*Sandbox, error) {
	if dir == "" {
		return nil, errors.New("sandbox: no folder given")
	}
	setup, err := Prepare(ctx, dir, options)
	if err != nil {
		return nil, err
	}
	release, err := lockFolder(setup.Dir)
	if err != nil {
		return nil, err
	}
	s, err := openSandbox(setup)
	if err != nil {
		release()
		return nil, err
	}
	s.stop = func() {
		s.shut()
		release()
	}
	if err := s.listen(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.control == "" {
		return s, nil
	}
	if err := s.describe(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func openSandbox(setup *Setup) (*Sandbox, error) {
	path := filepath.Join(setup.Dir, booksFile)
	records, err := readBooks(path)
	if err != nil {
		return nil, err
	}
	s := newSandbox(setup, setup.options, nil)
	s.restore(records)
	for _, r := range records {
		if r.Slip != nil {
			s.pinpad.restoreSlip(r.Slip)
		}
	}
	s.keeper.store = folder(setup.Dir)
	s.log, err = openBooks(path, append(s.records(), s.pinpad.slipRecords()...))
	return s, err
}

// listen opens the sockets and serves them.
func (s *Sandbox) listen(ctx context.Context) error {
	last := lastPorts(filepath.Join(s.setup.Dir, sandboxFile))
	payments, err := listenLoopback("127.0.0.1:0", last.payments)
	if err != nil {
		return err
	}
	secure := tls.NewListener(payments, &tls.Config{
		Certificates: []tls.Certificate{s.setup.server}, MinVersion: tls.VersionTLS12,
		// HTTP/2 would hide the connection that the fault "reset" breaks.
		NextProtos: []string{"http/1.1"},
	})
	cards, err := listenLoopback("127.0.0.1:0", last.cards)
	if err != nil {
		return errors.Join(err, payments.Close())
	}
	s.cardAddress = cards.Addr().String()
	s.stopped.Go(func() { s.cards.serve(cards, s.stopped.Go) })
	s.base = "https://" + payments.Addr().String()
	servers := []*http.Server{s.run(secure, s.Handler())}
	var control net.Listener
	if s.options.Control {
		if control, err = listenLoopback(s.options.Listen, last.control); err == nil {
			s.control = "http://" + control.Addr().String()
			servers = append(servers, s.run(control, s.Control()))
		}
	}
	if err == nil && s.options.Control {
		err = s.openTerminal(ctx, last.pinpad)
	}
	closeBooks := s.stop
	s.stop = func() {
		_ = cards.Close()
		s.cards.close()
		s.unplug()
		for _, server := range servers {
			_ = server.Close() // connections are dropped: a till must stand that
		}
		s.stopped.Wait()
		closeBooks()
	}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return err
}

// run serves one listener until its server is closed.
func (s *Sandbox) run(l net.Listener, h http.Handler) *http.Server {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		// A till that hangs up during the handshake is no news.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	s.stopped.Go(func() { _ = server.Serve(l) })
	return server
}

// Close stops serving and closes the books. It may be called more than once.
func (s *Sandbox) Close() error {
	s.closing.Do(func() {
		if s.stop != nil {
			s.stop()
		}
	})
	return nil
}

// Run is the whole of `abacus sandbox`: it starts, prints one line of JSON
// when it is ready and serves until ctx ends.
func Run(ctx context.Context, dir, listen string, stdout io.Writer) error {
	s, err := Start(ctx, dir, Options{Listen: listen, Control: true})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := json.NewEncoder(stdout).Encode(struct {
		Ready   bool   `json:"ready"`
		Control string `json:"control"`
	}{true, s.control}); err != nil {
		return fmt.Errorf("sandbox: saying that it is ready: %w", err)
	}
	<-ctx.Done()
	return nil
}

// listenLoopback listens on address; where it leaves the port open, on the
// port used last time if that is free. Nothing but loopback is served: the
// control API lets anybody make money.
func listenLoopback(address, lastPort string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("sandbox: address %q is not HOST:PORT", address)
	}
	ip, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("sandbox: address %q is not loopback; use 127.0.0.1:PORT", address)
	}
	if port == "0" && lastPort != "" {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, lastPort)); err == nil {
			return l, nil
		}
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return l, nil
}

type ports struct{ control, payments, cards, pinpad string }

// lastPorts are the ports of the run before, as far as they can be read.
func lastPorts(path string) ports {
	var d description
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &d) != nil {
		return ports{}
	}
	port := func(address string) string {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil {
			return ""
		}
		return u.Port()
	}
	_, cards, err := net.SplitHostPort(d.Card.Address)
	if err != nil {
		cards = "" // written before there were cards
	}
	return ports{port(d.Control), port(d.WeChat.Base), cards, port("tcp://" + d.Pinpad.Address)}
}
