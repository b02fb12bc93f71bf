package headless

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// connectionLimit is how many connections are served at once; more wait.
const connectionLimit = 64

// socketPathLimit is what every system's sockaddr_un has room for, in bytes.
const socketPathLimit = 100

// ErrAddress is an address that is not one to listen on, or not of this machine.
var ErrAddress = errors.New("use unix:PATH or 127.0.0.1:PORT, never the network")

// Listen serves connections until ctx ends; all of them drive the same core.
// The address is "unix:PATH", a socket only this user may open, or HOST:PORT
// with a loopback host: the till has no door to the network. Options In and
// Out are not used.
func Listen(ctx context.Context, address string, o Options) error {
	listener, err := open(ctx, address)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	if o.Ready != nil {
		o.Ready(listener.name)
	}
	err = accept(ctx, listener, o)
	_ = listener.Close()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// accept serves each connection and returns when all have ended.
func accept(ctx context.Context, listener net.Listener, o Options) error {
	ctx, end := context.WithCancel(ctx)
	var connections sync.WaitGroup
	defer connections.Wait()
	defer end()
	slots := make(chan struct{}, connectionLimit)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		connection, err := listener.Accept()
		if err != nil {
			return fmt.Errorf("headless: %w", err)
		}
		connections.Go(func() {
			defer func() { <-slots }()
			stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
			defer stop()
			defer connection.Close()
			o := o
			o.In, o.Out = connection, connection
			_ = Serve(ctx, o) // a client that went away is no fault of the till
		})
	}
}

// named is a listener with the address as the client should write it.
type named struct {
	net.Listener
	name string
	path string // of a Unix socket, removed at the end
	once sync.Once
}

func (n *named) Close() error {
	err := n.Listener.Close()
	if n.path != "" {
		n.once.Do(func() { _ = os.Remove(n.path) })
	}
	return err
}

func open(ctx context.Context, address string) (*named, error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return openSocket(ctx, path)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("headless: listen address %q: %w", address, ErrAddress)
	}
	if host == "localhost" { // a hosts file may say anything
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("headless: listen address %q: %w", address, ErrAddress)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("headless: %w", err)
	}
	return &named{Listener: listener, name: listener.Addr().String()}, nil
}

// openSocket makes the socket in a directory of its own and moves it into
// place, so that nobody else can open it in between.
func openSocket(ctx context.Context, path string) (*named, error) {
	if len(path) > socketPathLimit { // it could be made, but no client could name it
		return nil, fmt.Errorf("headless: socket %s: the path is longer than %d bytes", path, socketPathLimit)
	}
	if err := clearStale(ctx, path); err != nil {
		return nil, err
	}
	private, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, fmt.Errorf("headless: %w", err)
	}
	defer os.RemoveAll(private)
	inside := filepath.Join(private, "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: inside, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("headless: socket %s: %w", path, err)
	}
	listener.SetUnlinkOnClose(false) // it would look for the name it was made by
	err = errors.Join(os.Chmod(inside, 0o600), os.Rename(inside, path))
	if err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("headless: socket %s: %w", path, err)
	}
	return &named{Listener: listener, name: "unix:" + path, path: path}, nil
}

// clearStale removes a socket that nobody answers, left by a till that was cut
// off. Anything else in its place is left alone.
func clearStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("headless: %w", err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("headless: %s exists and is no socket; remove it or choose another path", path)
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "unix", path)
	if err == nil {
		_ = connection.Close()
		return fmt.Errorf("headless: another program listens on %s", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("headless: socket %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("headless: %w", err)
	}
	return nil
}
