//go:build unix

package printer_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"abacus/printer"
)

// fifo stands in for a device: it takes bytes without blocking until its
// buffer is full, as a printer without paper does.
func fifo(t *testing.T) (path string, other *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "lp0")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	return path, other
}

// silent is a device nobody asks: a fifo would answer with the question.
func silent(path string) printer.Device {
	return printer.Device{Path: path, Manner: printer.Manner{Silent: true}}
}

func TestDevice(t *testing.T) {
	path, other := fifo(t)
	wantVerdict(t, silent(path).Send(t.Context(), job("job")), "sent")
	got := make([]byte, 3)
	if _, err := io.ReadFull(other, got); err != nil || string(got) != "job" {
		t.Errorf("got %q, %v", got, err)
	}
	wantVerdict(t, silent(path).Send(cancelled(), job("job")), "not sent")
}

func TestDeviceThatStopsTaking(t *testing.T) {
	path, other := fifo(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = other.Read(make([]byte, 1)) // a byte has arrived: now the printer runs out of paper
		cancel()
	}()
	err := silent(path).Send(ctx, job(strings.Repeat("x", 1<<20))) // more than any pipe holds
	wantVerdict(t, err, "unknown")
	if !strings.Contains(err.Error(), "look at the paper") {
		t.Errorf("got %v", err)
	}
}

func TestDeviceThatTakesNothing(t *testing.T) {
	path, _ := fifo(t)
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	for err == nil {
		_, err = syscall.Write(fd, make([]byte, 4096))
	}
	err = printer.Device{Path: path, Manner: printer.Manner{Silent: true, Write: time.Millisecond}}.Send(t.Context(), job("job"))
	wantVerdict(t, err, "not sent")
	if !strings.Contains(err.Error(), "look at its paper") {
		t.Errorf("got %v", err)
	}
}

func TestDeviceThatCannotBeOpened(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, advice := range map[string]string{
		plain + "-not-there": "not plugged in",
		plain:                "use a file",
		t.TempDir():          "",
	} {
		err := silent(path).Send(t.Context(), job("job"))
		wantVerdict(t, err, "not sent")
		if !strings.Contains(err.Error(), advice) {
			t.Errorf("%s: %v, want advice %q", path, err, advice)
		}
	}
	if left, _ := os.ReadFile(plain); len(left) != 0 {
		t.Error("the plain file was written to")
	}
}

// The fifo is a pipe, too, which a file sink must refuse rather than wait for.
func TestFileRefusesAPipe(t *testing.T) {
	path, _ := fifo(t)
	wantVerdict(t, printer.File{Path: path}.Send(t.Context(), job("job")), "not sent")
}
