package device

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"

	"abacus/scanner"
)

// The real library on a pseudo-terminal, which is what a USB scanner's serial
// port is to a program: found by a link that stays, scanned, pulled out, put
// back on another terminal.
func TestSerialOnALine(t *testing.T) {
	link := filepath.Join(t.TempDir(), "usb-Scanner-if00")
	scans, states := make(chan scanner.Scan, 8), make(chan Status, 8)
	ctx, end := context.WithCancel(t.Context())
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		Keep(ctx, Serial(filepath.Join(filepath.Dir(link), "usb-*"), 9600, scanner.Lines{}), Options{
			Now: time.Now, Scan: func(s scanner.Scan) bool { scans <- s; return true }, Report: func(s Status) { states <- s },
		})
	}()
	is := func(up bool, cause Cause) {
		t.Helper()
		if s := <-states; s.Up != up || s.Cause != cause {
			t.Fatalf("got %+v, want %v %s", s, up, cause)
		}
	}
	is(false, Missing)
	for range 2 {
		scannerSide, tillSide, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(tillSide.Name(), link); err != nil {
			t.Fatal(err)
		}
		is(true, "")
		_ = tillSide.Close()
		for _, code := range []string{"6901234567892", "010690\x1d21算盘"} {
			if _, err := scannerSide.WriteString(code + "\r\n"); err != nil {
				t.Fatal(err)
			}
			if s := <-scans; s.Text != code || s.Torn {
				t.Errorf("got %q, want %q", s.Text, code)
			}
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
		_ = scannerSide.Close()
		is(false, Gone)
	}
	end()
	<-kept
}

func TestSerialRefuses(t *testing.T) {
	if _, err := openSerial(filepath.Join(t.TempDir(), "ttyACM0"), 9600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such port: %v", err)
	}
	if _, err := openInput("*no such scanner*"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such input device: %v", err)
	}
	if _, err := openInput(os.DevNull); err == nil {
		t.Error("/dev/null was taken for a scanner")
	}
}
