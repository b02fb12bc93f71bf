package printer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"abacus/printer"
)

// verdict is a sink's answer in one word.
func verdict(err error) string {
	switch {
	case err == nil:
		return "sent"
	case errors.Is(err, printer.ErrNotSent):
		return "not sent"
	}
	return "unknown"
}

func wantVerdict(t *testing.T, err error, want string) {
	t.Helper()
	if got := verdict(err); got != want {
		t.Errorf("%s, want %s: %v", got, want, err)
	}
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	sink := printer.File{Path: filepath.Join(dir, "receipts.bin")}
	for _, job := range []string{"one", "two"} {
		wantVerdict(t, sink.Send(t.Context(), []byte(job)), "sent")
	}
	if got, _ := os.ReadFile(sink.Path); string(got) != "onetwo" {
		t.Errorf("got %q", got)
	}
	wantVerdict(t, sink.Send(cancelled(), []byte("x")), "not sent")
	wantVerdict(t, printer.File{Path: dir}.Send(t.Context(), []byte("x")), "not sent")
	wantVerdict(t, printer.File{Path: filepath.Join(dir, "no", "file")}.Send(t.Context(), []byte("x")), "not sent")
}

func TestFolder(t *testing.T) {
	sink := printer.Folder{Path: t.TempDir()}
	for _, job := range []string{"one", "two"} {
		wantVerdict(t, sink.Send(t.Context(), []byte(job)), "sent")
	}
	// A number that is taken is passed over, never written over.
	if err := os.Rename(filepath.Join(sink.Path, "receipt-000001.bin"), filepath.Join(sink.Path, "receipt-000003.bin")); err != nil {
		t.Fatal(err)
	}
	wantVerdict(t, sink.Send(t.Context(), []byte("three")), "sent")
	wantVerdict(t, sink.Send(cancelled(), []byte("x")), "not sent")
	wantVerdict(t, printer.Folder{Path: filepath.Join(sink.Path, "no")}.Send(t.Context(), []byte("x")), "not sent")
	for name, want := range map[string]string{"2": "two", "3": "one", "4": "three"} {
		if got, _ := os.ReadFile(filepath.Join(sink.Path, "receipt-00000"+name+".bin")); string(got) != want {
			t.Errorf("receipt %s is %q, want %q", name, got, want)
		}
	}
	if files, _ := os.ReadDir(sink.Path); len(files) != 3 {
		t.Errorf("%d files left, want 3", len(files))
	}
}

// listen serves one connection with f and gives the sink's address.
func listen(t *testing.T, f func(conn *net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		f(conn.(*net.TCPConn))
	}()
	t.Cleanup(func() { listener.Close(); <-served })
	return listener.Addr().String()
}

func TestTCP(t *testing.T) {
	job := bytes.Repeat([]byte("receipt "), 1<<20) // more than the sockets buffer
	abort := func(conn *net.TCPConn) { _ = conn.SetLinger(0); _ = conn.Close() }
	tests := []struct {
		name    string
		printer func(conn *net.TCPConn)
		want    string
	}{
		{"reads all and closes", func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() }, "sent"},
		{"sends status, reads all, closes", func(c *net.TCPConn) {
			_, _ = c.Write([]byte{0x12, 0x12})
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}, "sent"},
		{"breaks off after 1 byte", func(c *net.TCPConn) { _, _ = io.CopyN(io.Discard, c, 1); abort(c) }, "unknown"},
		{"breaks off after 4096 bytes", func(c *net.TCPConn) { _, _ = io.CopyN(io.Discard, c, 4096); abort(c) }, "unknown"},
		{"breaks off before the last byte", func(c *net.TCPConn) { _, _ = io.CopyN(io.Discard, c, int64(len(job)-1)); abort(c) }, "unknown"},
		{"breaks off after the last byte", func(c *net.TCPConn) { _, _ = io.CopyN(io.Discard, c, int64(len(job))); abort(c) }, "unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantVerdict(t, printer.TCP{Address: listen(t, test.printer)}.Send(t.Context(), job), test.want)
		})
	}
}

func TestTCPWithoutPrinter(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	wantVerdict(t, printer.TCP{Address: address}.Send(t.Context(), []byte("x")), "not sent")
	wantVerdict(t, printer.TCP{Address: address}.Send(cancelled(), []byte("x")), "not sent")
}

// halfPipe is a pipe with the half-close that TCP has.
type halfPipe struct {
	net.Conn
	closeWrite func() error
}

func (h halfPipe) CloseWrite() error { return h.closeWrite() }

// pipe makes a dialer whose printer's side is given to f.
func pipe(f func(conn net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go f(theirs)
		return halfPipe{ours, func() error { return nil }}, nil
	}
}

func TestTCPPatience(t *testing.T) {
	never := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	take := func(n int) func(net.Conn) {
		return func(c net.Conn) { _, _ = io.ReadFull(c, make([]byte, n)) }
	}
	tests := []struct {
		name string
		sink printer.TCP
		want string
		took time.Duration
	}{
		{"no connection", printer.TCP{Dial: never}, "not sent", printer.DefaultDialTimeout},
		{"takes nothing", printer.TCP{Dial: pipe(take(0))}, "not sent", printer.DefaultWriteTimeout},
		{"takes a part", printer.TCP{Dial: pipe(take(3))}, "unknown", printer.DefaultWriteTimeout},
		{"takes all, stays open", printer.TCP{Dial: pipe(take(6))}, "unknown", printer.DefaultCloseTimeout},
		{"takes all, is known to stay open", printer.TCP{Dial: pipe(take(6)), Silent: true}, "sent", 0},
		{"own patience", printer.TCP{Dial: pipe(take(0)), WriteTimeout: time.Second}, "not sent", time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				wantVerdict(t, test.sink.Send(t.Context(), []byte("123456")), test.want)
				if took := time.Since(start); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

func TestTCPIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := printer.TCP{Dial: pipe(func(c net.Conn) { _, _ = io.ReadFull(c, make([]byte, 2)) })}.Send(ctx, []byte("123456"))
		wantVerdict(t, err, "unknown")
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "2 of 6 bytes") {
			t.Errorf("got %v", err)
		}
	})
}

func TestDrawer(t *testing.T) {
	tests := []struct {
		name  string
		pulse printer.Pulse
		want  string
		fault string
	}{
		{"usual", printer.Pulse{}, "\x1bp\x00\x19\xfa", ""},
		{"pin 5", printer.Pulse{Pin: 5}, "\x1bp\x01\x19\xfa", ""},
		{"longest", printer.Pulse{Pin: 2, On: 510 * time.Millisecond, Off: 510 * time.Millisecond}, "\x1bp\x00\xff\xff", ""},
		{"too long", printer.Pulse{On: time.Second}, "", "at most 510ms"},
		{"no such pin", printer.Pulse{Pin: 3}, "", "use 2 or 5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.pulse.Command()
			if string(got) != test.want || (err == nil) != (test.fault == "") {
				t.Fatalf("got % x, %v", got, err)
			}
			if err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("got %v", err)
			}
		})
	}
}
