package device

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"context"

	"go.uber.org/goleak"

	"abacus/scanner"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plug is a device in the test's hand: data is what it sends, out is the
// plug pulled.
type plug struct {
	data chan string
	out  chan struct{}
	once sync.Once
}

func newPlug() *plug { return &plug{data: make(chan string), out: make(chan struct{})} }

func (p *plug) Read(b []byte, patience time.Duration) (int, error) {
	var late <-chan time.Time
	if patience > 0 {
		late = time.After(patience)
	}
	select {
	case text := <-p.data:
		return copy(b, text), nil
	case <-late:
		return 0, nil
	case <-p.out:
		return 0, errors.New("no such device")
	}
}

func (p *plug) Close() error {
	p.once.Do(func() { close(p.out) })
	return nil
}

// desk keeps one device and notes what it says.
type desk struct {
	mu   sync.Mutex
	port *plug // nil: not plugged in
	fail error // why it cannot be opened
	full bool  // the till takes no more scans
	log  []string
	end  context.CancelFunc
	done chan struct{}
}

func start(t *testing.T, d *desk, decode func() Decoder) {
	ctx, cancel := context.WithCancel(t.Context())
	d.end, d.done = cancel, make(chan struct{})
	source := Source{Decode: decode, Open: func() (Port, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.fail != nil {
			return nil, d.fail
		}
		if d.port == nil {
			return nil, fmt.Errorf("scanner: %w", fs.ErrNotExist)
		}
		return d.port, nil
	}}
	go func() {
		defer close(d.done)
		Keep(ctx, source, Options{Now: time.Now,
			Scan: func(s scanner.Scan) bool {
				d.mu.Lock()
				defer d.mu.Unlock()
				if !d.full {
					d.log = append(d.log, texts([]scanner.Scan{s})...)
				}
				return !d.full
			},
			Report: func(s Status) {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.log = append(d.log, fmt.Sprintf("up=%v %s", s.Up, s.Cause))
			}})
	}()
}

func (d *desk) set(port *plug, fail error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.port, d.fail = port, fail
}

func (d *desk) says(t *testing.T, want ...string) {
	t.Helper()
	time.Sleep(3 * time.Second) // in the bubble
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.log, want) {
		t.Errorf("got %q, want %q", d.log, want)
	}
	d.log = nil
}

func onLines() Decoder { return &lines{} }

// A scanner is missing, comes, is pulled out in the middle of a code, comes
// back on another line, and the half code never becomes one.
func TestKeepThroughPlugging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		start(t, d, onLines)
		d.says(t, "up=false missing")
		first := newPlug()
		d.set(first, nil)
		d.says(t, "up=true ")
		first.data <- "69012345"
		first.data <- "67892\r"
		first.data <- "96385074"
		d.says(t, "6901234567892", "96385074") // the second after a pause
		d.set(nil, nil)
		first.data <- "690123"
		_ = first.Close()
		d.says(t, "up=false gone")
		second := newPlug()
		d.set(second, nil)
		d.says(t, "up=true ")
		second.data <- "4567892\r"
		d.says(t, "4567892")
		d.end()
		<-d.done
	})
}

func TestKeepNamesTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{fail: fs.ErrPermission}
		start(t, d, onLines)
		d.says(t, "up=false denied")
		d.set(nil, errBusy)
		d.says(t, "up=false busy")
		d.set(nil, errors.New("i/o error"))
		d.says(t, "up=false broken")
		d.set(nil, errUnsupported)
		d.says(t, "up=false unsupported")
		d.set(newPlug(), nil)
		d.says(t) // it never will be: not tried again
		d.end()
		<-d.done
	})
}

// Somebody's keyboard is let go at the first key that no scanner has, and left
// alone.
func TestKeepLetsAKeyboardGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlug()
		d := &desk{port: p}
		start(t, d, func() Decoder { return NewKeys(scanner.Lines{}, word) })
		p.data <- string(stroke(keyEscape))
		d.says(t, "up=true ", "up=false keyboard")
		select {
		case <-p.out:
		default:
			t.Error("the keyboard is still held")
		}
		d.end()
		<-d.done
	})
}

// A code on which the decoder falls costs that opening of the device only.
func TestKeepSurvivesAFall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlug()
		d := &desk{port: p}
		start(t, d, func() Decoder { return &trap{} })
		p.data <- "96385074\r"
		d.says(t, "up=true ", "96385074")
		p.data <- "fall\r"
		next := newPlug()
		d.set(next, nil)
		d.says(t, "up=false broken", "up=true ")
		next.data <- "96385074\r"
		d.says(t, "96385074")
		d.end()
		<-d.done
	})
}

// trap is a decoder that falls on one code.
type trap struct{ lines }

func (d *trap) Feed(at time.Time, data []byte) ([]scanner.Scan, error) {
	if strings.HasPrefix(string(data), "fall") {
		panic(string(data))
	}
	return d.lines.Feed(at, data)
}

func TestKeepTellsOfAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlug()
		d := &desk{port: p, full: true}
		start(t, d, onLines)
		p.data <- strings.Repeat("96385074\r", 100)
		d.says(t, "up=true ", "up=true flood")
		d.mu.Lock()
		d.full = false
		d.mu.Unlock()
		p.data <- "96385074\r"
		d.says(t, "96385074", "up=true ")
		d.end()
		<-d.done
	})
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"usb-B-if00", "usb-A-if00"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := find(filepath.Join(dir, "usb-*"))
	if err != nil || got != filepath.Join(dir, "usb-A-if00") {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := find(filepath.Join(dir, "tty*")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no match: %v", err)
	}
	if got, err := find("COM3"); got != "COM3" || err != nil {
		t.Errorf("a plain name: %q, %v", got, err)
	}
}
