//go:build linux

package main_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/lang"
)

// These benchmarks measure the built program from outside, on a
// pseudo-terminal of 80×24, against a Bubble Tea hello-world measured in turn
// with it. They report ratios to that limit, which carry over to other
// machines, and say which figures miss what docs/performance.md asks for.
//
//	go test -run "^$" -bench . -benchtime 1x . -args -starts 15 -keys 300
var (
	benchEntries = flag.Int("entries", 1_000_000, "entries in the journal the till starts on")
	benchBooks   = flag.String("books", "", "keep the data folder with that journal here, to use it again")
	benchStarts  = flag.Int("starts", 15, "starts of each program")
	benchScans   = flag.Int("scans", 60, "scans by each way")
	benchKeys    = flag.Int("keys", 300, "keys pressed in each program")
)

// programs are what is measured, built for this run.
type programs struct{ till, hello, books string }

// build makes the programs, and the journal the till starts on.
func build(b *testing.B) programs {
	b.Helper()
	p := compile(b)
	if p.books == "" {
		p.books = filepath.Join(filepath.Dir(p.till), "books")
	}
	if _, err := os.Stat(filepath.Join(p.books, "journal.db")); err == nil {
		return p
	}
	if err := os.MkdirAll(p.books, 0o700); err != nil {
		b.Fatal(err)
	}
	writeBooks(b, p.books, *benchEntries)
	return p
}

func compile(b *testing.B) programs {
	b.Helper()
	dir := b.TempDir()
	p := programs{filepath.Join(dir, "abacus"), filepath.Join(dir, "hello"), *benchBooks}
	for output, from := range map[string]string{p.till: ".", p.hello: "./testdata/hello"} {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", output, from)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", from, err, text)
		}
	}
	return p
}

// figure is one row of the table of docs/performance.md.
type figure struct {
	what  string
	value float64
	unit  string
	most  float64
}

func report(b *testing.B, figures ...figure) {
	b.Helper()
	for _, f := range figures {
		verdict := "reached"
		if f.value > f.most {
			verdict = "MISSED"
		}
		b.Logf("%-46s %8.2f %-5s (≤ %g: %s)", f.what, f.value, f.unit, f.most, verdict)
	}
}

// BenchmarkStart is the time from exec to the last cell of the first frame
// that fills the screen.
func BenchmarkStart(b *testing.B) {
	p := build(b)
	home := b.TempDir()
	start := func(answers bool, argv ...string) time.Duration {
		t := launch(b, answers, home, argv...)
		took := t.firstFrame()
		t.end()
		return took
	}
	start(true, p.till, "--data", p.books) // the first start makes the sandbox's keys
	var hello, answered, silent []time.Duration
	for b.Loop() {
		for range *benchStarts {
			hello = append(hello, start(true, p.hello))
			answered = append(answered, start(true, p.till, "--data", p.books))
			silent = append(silent, start(false, p.till, "--data", p.books))
		}
	}
	b.Logf("p50 of %d starts: hello %v, till %v, till on a silent terminal %v", len(hello), at(hello, 50), at(answered, 50), at(silent, 50))
	toHello, toAnswered := ratio(answered, hello, 50), ratio(silent, answered, 50)
	report(b, figure{"start, 1,000,000 entries / hello-world", toHello, "×", 1.2},
		figure{"start on a silent terminal / one that answers", toAnswered, "×", 1.1})
	b.ReportMetric(at(answered, 50).Seconds()*1e3, "ms/start")
	b.ReportMetric(toHello, "start/hello")
	b.ReportMetric(toAnswered, "silent/answering")
}

// BenchmarkKey is the time from a key to the first byte that answers it, on
// the sale screen. Keys come at random phases of the renderer's tick.
func BenchmarkKey(b *testing.B) {
	p := build(b)
	home := b.TempDir()
	hello := launch(b, true, home, p.hello)
	defer hello.end()
	hello.firstFrame()
	till := launch(b, true, home, p.till, "--data", p.books)
	defer till.end()
	signIn(till)
	var ofHello, ofTill []time.Duration
	key := func(keys string) {
		// Longer than the till holds characters back to tell typing from a scan,
		// so that one key's echo is not taken for the next one's.
		time.Sleep(60*time.Millisecond + rand.N(50*time.Millisecond))
		till.quiet(15 * time.Millisecond)
		hello.quiet(0)
		ofHello = append(ofHello, hello.press(keys))
		ofTill = append(ofTill, till.press(keys))
	}
	for b.Loop() {
		for range *benchKeys / 2 {
			key("n")
			key("\x7f")
		}
	}
	b.Logf("%d keys: hello p50 %v p99 %v, till p50 %v p99 %v", len(ofTill), at(ofHello, 50), at(ofHello, 99), at(ofTill, 50), at(ofTill, 99))
	p50, p99 := ratio(ofTill, ofHello, 50), ratio(ofTill, ofHello, 99)
	report(b, figure{"key to first byte, p50 / hello-world", p50, "×", 1.2}, figure{"key to first byte, p99 / hello-world", p99, "×", 1.2})
	b.ReportMetric(at(ofTill, 50).Seconds()*1e3, "ms/key-p50")
	b.ReportMetric(p50, "p50/hello")
	b.ReportMetric(p99, "p99/hello")
}

// BenchmarkSize is the memory of the till that sells, with the embedded sandbox
// and a journal of a million entries, and the size of the stripped binary.
func BenchmarkSize(b *testing.B) {
	p := build(b)
	till := launch(b, true, b.TempDir(), p.till, "--data", p.books)
	defer till.end()
	signIn(till)
	for b.Loop() {
		for range 20 {
			till.press("6901234567892\r")
			till.quiet(100 * time.Millisecond)
		}
	}
	resident, most := till.memory()
	info, err := os.Stat(p.till)
	if err != nil {
		b.Fatal(err)
	}
	binary := float64(info.Size()) / (1 << 20)
	report(b, figure{"memory with the sandbox, after 20 scans", resident, "MB", 40},
		figure{"memory at most", most, "MB", 40}, figure{"binary, stripped", binary, "MB", 25})
	b.ReportMetric(resident, "MB-resident")
	b.ReportMetric(most, "MB-most")
	b.ReportMetric(binary, "MB-binary")
}

// signIn goes from the first frame to the sale screen, with a shift open. The
// sandbox's operator shows the PIN.
func signIn(t *terminal) {
	t.b.Helper()
	t.firstFrame()
	if !strings.Contains(t.text.String(), samplePIN) {
		t.until("sign-in screen", func() bool { return strings.Contains(t.text.String(), samplePIN) })
	}
	t.typeSlowly(samplePIN + "\r")
	t.quiet(time.Second)
	t.text.Reset()
	t.press("6901234567892\r")
	t.quiet(time.Second)
	if strings.Contains(t.text.String(), lang.Must(lang.Chinese).Screen.ShiftOpenHint) {
		t.typeSlowly("\r") // an empty drawer
		t.quiet(time.Second)
	}
}

// samplePIN is the PIN of the sample operators, shown on the screen.
const samplePIN = "246810"

func at(times []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)-1)*percent/100]
}

func ratio(of, to []time.Duration, percent int) float64 {
	return float64(at(of, percent)) / float64(at(to, percent))
}
