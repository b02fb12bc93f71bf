package printer_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

func job(data string) printer.Job { return printer.Job{ID: "job", Data: []byte(data)} }

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	sink := printer.File{Path: filepath.Join(dir, "receipts.bin")}
	for _, data := range []string{"one", "two"} {
		wantVerdict(t, sink.Send(t.Context(), job(data)), "sent")
	}
	if got, _ := os.ReadFile(sink.Path); string(got) != "onetwo" {
		t.Errorf("got %q", got)
	}
	wantVerdict(t, sink.Send(cancelled(), job("x")), "not sent")
	wantVerdict(t, printer.File{Path: dir}.Send(t.Context(), job("x")), "not sent")
	wantVerdict(t, printer.File{Path: filepath.Join(dir, "no", "file")}.Send(t.Context(), job("x")), "not sent")
}

func TestFolder(t *testing.T) {
	sink := printer.Folder{Path: t.TempDir()}
	for _, data := range []string{"one", "two"} {
		wantVerdict(t, sink.Send(t.Context(), job(data)), "sent")
	}
	// A number that is taken is passed over, never written over.
	if err := os.Rename(filepath.Join(sink.Path, "receipt-000001.bin"), filepath.Join(sink.Path, "receipt-000003.bin")); err != nil {
		t.Fatal(err)
	}
	wantVerdict(t, sink.Send(t.Context(), job("three")), "sent")
	wantVerdict(t, sink.Send(cancelled(), job("x")), "not sent")
	wantVerdict(t, printer.Folder{Path: filepath.Join(sink.Path, "no")}.Send(t.Context(), job("x")), "not sent")
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

func TestTCPWithoutPrinter(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	wantVerdict(t, printer.TCP{Address: address}.Send(t.Context(), job("x")), "not sent")
	wantVerdict(t, printer.TCP{Address: address}.Send(cancelled(), job("x")), "not sent")
}

// A printer that never answers: what the network took counts as printed.
func TestTCPSilent(t *testing.T) {
	data := strings.Repeat("receipt ", 1<<20) // more than the sockets buffer
	abort := func(conn *net.TCPConn) { _ = conn.SetLinger(0); _ = conn.Close() }
	tests := []struct {
		name    string
		printer func(conn *net.TCPConn)
		want    string
	}{
		{"reads all and closes", func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() }, "sent"},
		{"breaks off after 1 byte", func(c *net.TCPConn) { _, _ = io.CopyN(io.Discard, c, 1); abort(c) }, "unknown"},
		{"breaks off after 4096 bytes", func(c *net.TCPConn) { _, _ = io.CopyN(io.Discard, c, 4096); abort(c) }, "unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sink := printer.TCP{Address: listen(t, test.printer), Manner: printer.Manner{Silent: true}}
			wantVerdict(t, sink.Send(t.Context(), job(data)), test.want)
		})
	}
}

func TestDrawer(t *testing.T) {
	tests := []struct {
		name  string
		pulse printer.Pulse
		want  string
		fault string
	}{
		{"usual", printer.Pulse{}, "\x1bp\x00\x19\xfa\x10\x14\x01\x00\x01", ""},
		{"pin 5", printer.Pulse{Pin: 5}, "\x1bp\x01\x19\xfa\x10\x14\x01\x01\x01", ""},
		{"longest", printer.Pulse{Pin: 2, On: 510 * time.Millisecond, Off: 510 * time.Millisecond}, "\x1bp\x00\xff\xff\x10\x14\x01\x00\x06", ""},
		{"too long", printer.Pulse{On: time.Second}, "", "at most 510ms"},
		{"no such pin", printer.Pulse{Pin: 3}, "", "use 2 or 5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			job, err := test.pulse.Job("drawer-1")
			got := string(job.Data) + string(job.Instead)
			if got != test.want || (err == nil) != (test.fault == "") {
				t.Fatalf("got % x, %v", got, err)
			}
			if err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("got %v", err)
			}
		})
	}
}
