//go:build unix

package printer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"abacus/printer"
)

// terminal is a printer on a pseudo-terminal, which stands for a serial line.
func terminal(t *testing.T, d *device) string {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	d.conn, d.came = ours, make(chan struct{})
	served := make(chan struct{})
	go func() { d.serve(d.conn); close(served) }()
	t.Cleanup(func() { theirs.Close(); ours.Close(); <-served })
	return theirs.Name()
}

func TestSerial(t *testing.T) {
	d := &device{}
	sink := printer.Serial{Path: terminal(t, d), Baud: 115200}
	wantVerdict(t, sink.Send(t.Context(), job(receipt)), "sent")
	d.mu.Lock()
	if string(d.printed) != receipt {
		t.Errorf("%d bytes on paper, want %d", len(d.printed), len(receipt))
	}
	d.out = true
	d.mu.Unlock()
	wantVerdict(t, sink.Send(t.Context(), job(receipt)), "not sent")
	if s, ok := sink.Look(t.Context()); !ok || s.Condition() != printer.ConditionPaperOut {
		t.Errorf("looked %+v, %v", s, ok)
	}
}

func TestSerialThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	for path, advice := range map[string]string{filepath.Join(dir, "none"): "not plugged in", dir: ""} {
		err := printer.Serial{Path: path, Baud: 9600}.Send(t.Context(), job("x"))
		wantVerdict(t, err, "not sent")
		if err != nil && !strings.Contains(err.Error(), advice) {
			t.Errorf("%v, want advice %q", err, advice)
		}
	}
}

func TestCUPS(t *testing.T) {
	dir := t.TempDir()
	lp := func(name, script string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	took := filepath.Join(dir, "took")
	tests := []struct {
		name, lp, want, says string
	}{
		{"takes it", lp("good", `echo "$@" > `+took+`; cat >> `+took), "sent", ""},
		{"has no such queue", lp("bad", `echo "lp: The printer or class does not exist." >&2; exit 1`), "not sent", "class does not exist"},
		{"says so in GBK", lp("gbk", `printf 'lp: \304\343\272\303 till' >&2; exit 1`), "not sent", "lp: ? till"},
		{"is killed", lp("killed", `kill -9 $$`), "unknown", "the queue"},
		{"is not there", filepath.Join(dir, "none"), "not sent", "install the CUPS client"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := printer.CUPS{Queue: "till", Lp: test.lp}.Send(t.Context(), job("receipt"))
			wantVerdict(t, err, test.want)
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
	if got, _ := os.ReadFile(took); string(got) != "-d till -o raw -t job\nreceipt" {
		t.Errorf("lp got %q", got)
	}
}
