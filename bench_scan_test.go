//go:build linux

package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// BenchmarkScan is the time from the last byte of a scanned code to its line on
// the sale screen, by the terminal and by a scanner's own serial line. The
// limit is a key of hello-world, which shows nothing but the key, and the disk
// write that makes one entry durable, both measured in turn with it.
func BenchmarkScan(b *testing.B) {
	p := compile(b)
	home := b.TempDir()
	ours, theirs, err := pty.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _, _ = ours.Close(), theirs.Close() }()
	config := filepath.Join(home, "config.yaml")
	text := fmt.Sprintf("shift: {required: false}\nscanner: {devices: [{kind: serial, device: %s}]}\n", theirs.Name())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	hello := launch(b, true, home, p.hello)
	defer hello.end()
	hello.firstFrame()
	till := launch(b, true, home, p.till, "--data", filepath.Join(home, "books"), "--config", config)
	defer till.end()
	signIn(till) // with one line of the article on the sale
	disk := openDisk(b, home)

	pieces, limit := 1, []time.Duration{}
	scan := func(to *os.File) time.Duration {
		time.Sleep(150*time.Millisecond + rand.N(50*time.Millisecond))
		till.quiet(15 * time.Millisecond)
		hello.quiet(0)
		limit = append(limit, hello.press("n")+disk())
		pieces++
		total := fmt.Sprintf("%d.00", 2*pieces)
		till.text.Reset()
		if _, err := to.WriteString("6901234567892"); err != nil {
			b.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
		till.quiet(0)
		sent := time.Now()
		if _, err := to.WriteString("\r"); err != nil {
			b.Fatal(err)
		}
		return till.until("line of "+total, func() bool { return strings.Contains(till.text.String(), total) }).Sub(sent)
	}
	var wedge, serial []time.Duration
	for b.Loop() {
		for range *benchScans {
			wedge = append(wedge, scan(till.tty))
			serial = append(serial, scan(ours))
		}
	}
	b.Logf("%d scans: keyboard p50 %v p99 %v, serial p50 %v p99 %v, limit p50 %v", len(wedge), at(wedge, 50), at(wedge, 99), at(serial, 50), at(serial, 99), at(limit, 50))
	report(b, figure{"scan by the keyboard / key + commit, p50", ratio(wedge, limit, 50), "×", 1.5},
		figure{"scan by a serial line / key + commit, p50", ratio(serial, limit, 50), "×", 1.5},
		figure{"scan by a serial line / key + commit, p99", ratio(serial, limit, 99), "×", 1.5})
	b.ReportMetric(ratio(wedge, limit, 50), "keyboard/limit")
	b.ReportMetric(ratio(serial, limit, 50), "serial/limit")
}

// openDisk gives the time of one overwrite of 512 bytes made durable.
func openDisk(b *testing.B, dir string) func() time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "limit"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	page := make([]byte, 512)
	return func() time.Duration {
		began := time.Now()
		if _, err := f.WriteAt(page, 0); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
}
