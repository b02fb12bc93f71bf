package printer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"abacus/printer"
)

// device stands in for a printer that answers, with a buffer, a roll and
// somebody who brings paper.
type device struct {
	mute      bool
	deafOrder bool          // does not know GS r
	noSpeech  bool          // does not know GS a
	early     bool          // answers GS r though it has stopped, as some clones do
	paper     int           // bytes until the paper ends; 0: a full roll
	refill    time.Duration // how long somebody takes to bring a roll; 0: nobody comes
	cutAfter  int           // bytes after which the line breaks
	room      int           // of the buffer; 0: 4096
	coverOpen bool

	mu      sync.Mutex
	conn    io.ReadWriteCloser
	came    chan struct{}
	out     bool
	asb     bool
	buffer  []byte
	printed []byte
	now     [][]byte // real-time drawer commands
}

// dial makes a connection that the device serves until it is closed.
func (d *device) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	d.mu.Lock()
	d.conn, d.came, d.buffer, d.asb = theirs, make(chan struct{}), nil, false
	d.mu.Unlock()
	go d.serve(theirs)
	return ours, nil
}

func (d *device) serve(conn io.ReadWriteCloser) {
	defer conn.Close()
	in, total := make([]byte, 32), 0
	for {
		d.mu.Lock()
		full := len(d.buffer) >= max(d.room, 64) && d.out
		d.mu.Unlock()
		if full {
			select {
			case <-d.came:
			case <-time.After(2 * printer.DefaultHold):
			}
		}
		n, err := conn.Read(in)
		if err != nil {
			return
		}
		if total += n; d.cutAfter > 0 && total >= d.cutAfter {
			return
		}
		d.mu.Lock()
		if d.conn == conn { // else it has been closed and another come
			d.buffer = append(d.buffer, in[:n]...)
			d.work()
		}
		d.mu.Unlock()
	}
}

func (d *device) stopped() bool { return d.out || d.coverOpen }

func (d *device) say(b ...byte) {
	if !d.mute {
		_, _ = d.conn.Write(b)
	}
}

// work obeys what is obeyed at once wherever it stands, and the rest in order.
func (d *device) work() {
	for i := 0; i+2 < len(d.buffer); i++ {
		switch {
		case d.buffer[i] == 0x10 && d.buffer[i+1] == 4:
			d.answer(d.buffer[i+2])
			d.buffer = append(d.buffer[:i], d.buffer[i+3:]...)
			i--
		case d.buffer[i] == 0x10 && d.buffer[i+1] == 0x14 && i+4 < len(d.buffer):
			d.now = append(d.now, bytes.Clone(d.buffer[i:i+5]))
			d.buffer = append(d.buffer[:i], d.buffer[i+5:]...)
			i--
		}
	}
	for len(d.buffer) > 0 {
		switch {
		case d.buffer[0] == 0x1d && len(d.buffer) < 3, d.buffer[0] == 0x10:
			return
		case d.early && bytes.HasPrefix(d.buffer, []byte("\x1dr")):
			d.say(map[bool]byte{true: 0x0f, false: 0}[d.out])
			d.buffer = d.buffer[3:]
		case d.stopped():
			return
		case bytes.HasPrefix(d.buffer, []byte("\x1da")):
			d.asb = d.buffer[2] != 0 && !d.noSpeech
			d.buffer = d.buffer[3:]
			d.speak()
		case bytes.HasPrefix(d.buffer, []byte("\x1dr")):
			if !d.deafOrder {
				d.say(0)
			}
			d.buffer = d.buffer[3:]
		default:
			d.printed = append(d.printed, d.buffer[0])
			d.buffer = d.buffer[1:]
			if d.paper > 0 && len(d.printed) == d.paper {
				d.paperEnds()
			}
		}
	}
}

func (d *device) paperEnds() {
	d.out = true
	d.speak()
	if d.refill > 0 {
		time.AfterFunc(d.refill, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.out = false
			d.speak()
			d.work()
			close(d.came)
		})
	}
}

func (d *device) answer(n byte) {
	b := byte(0x12)
	switch n {
	case 1:
		if d.stopped() {
			b |= 0x08
		}
	case 2:
		if d.out {
			b |= 0x20
		}
		if d.coverOpen {
			b |= 0x04
		}
	case 4:
		if d.out {
			b |= 0x6c
		}
	}
	d.say(b)
}

func (d *device) speak() {
	if !d.asb {
		return
	}
	first, third := byte(0x10), byte(0)
	if d.stopped() {
		first |= 0x08
	}
	if d.out {
		third = 0x0f
	}
	d.say(first, 0, third, 0)
}

var receipt = strings.Repeat("a line of a receipt\n", 40)

func TestTalkingToAPrinter(t *testing.T) {
	tests := []struct {
		name   string
		device *device
		want   string
		took   time.Duration // at most
		whole  bool          // all is on paper, once
		told   printer.Condition
	}{
		{"prints", &device{}, "printed", time.Second, true, ""},
		{"does not speak by itself", &device{noSpeech: true}, "printed", time.Second, true, ""},
		{"mute", &device{mute: true}, "waits", printer.DefaultAnswer, false, printer.ConditionLost},
		{"cover open", &device{coverOpen: true}, "waits", time.Second, false, printer.ConditionCoverOpen},
		{"no paper from the start", &device{out: true}, "waits", time.Second, false, printer.ConditionPaperOut},
		{"paper ends, the rest fits its buffer", &device{paper: 500, room: 4096, refill: 5 * time.Minute}, "printed", 6 * time.Minute, true, printer.ConditionPaperOut},
		{"paper ends, the rest does not", &device{paper: 100, refill: 5 * time.Minute}, "printed", 6 * time.Minute, true, printer.ConditionPaperOut},
		{"paper ends, it must be asked", &device{paper: 500, room: 4096, noSpeech: true, refill: 5 * time.Minute}, "printed", 6 * time.Minute, true, printer.ConditionPaperOut},
		{"paper ends, it confirms at once", &device{paper: 500, room: 4096, early: true, refill: 5 * time.Minute}, "printed", 6 * time.Minute, true, printer.ConditionPaperOut},
		{"paper ends, nobody comes", &device{paper: 500, room: 4096}, "unknown", printer.DefaultHold + time.Minute, false, printer.ConditionPaperOut},
		{"paper ends early, nobody comes", &device{paper: 20}, "unknown", printer.DefaultHold + time.Minute, false, printer.ConditionPaperOut},
		{"never confirms", &device{deafOrder: true}, "unknown", printer.DefaultFinish + time.Minute, true, printer.ConditionUnproven},
		{"the line breaks", &device{cutAfter: 300}, "unknown", time.Minute, false, ""},
		{"the line breaks at the end", &device{cutAfter: 12 + 3 + 800 + 3}, "unknown", time.Minute, false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, got := test.device, "waits"
				var told []printer.Condition
				s := printer.NewSpooler(t.Context(), printer.Options{
					Sink:   printer.TCP{Dial: d.dial},
					GiveUp: 1, // what could not be sent is not tried again
					Report: func(x printer.Done) { got = x.Outcome.String(); t.Log(x.Err) },
					Status: func(s printer.Status) { told = append(told, s.Condition()) },
				})
				if err := s.Submit(job(receipt)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.took)
				synctest.Wait()
				if got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
				s.Close(cancelled())
				time.Sleep(2 * printer.DefaultHold)
				d.mu.Lock()
				defer d.mu.Unlock()
				if whole := string(d.printed) == receipt; whole != test.whole {
					t.Errorf("whole on paper: %v, %d bytes", whole, len(d.printed))
				}
				if test.told != "" && !contains(told, test.told) {
					t.Errorf("told %q, want %q", told, test.told)
				}
			})
		})
	}
}

// A printer that does not say when it has printed is told before the first
// receipt, once, and a job's own answers do not take that back; one that says
// it again is told too.
func TestAPrinterThatProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &device{deafOrder: true}
		var told []printer.Condition
		s := printer.NewSpooler(t.Context(), printer.Options{Sink: printer.TCP{Dial: d.dial}, Report: func(x printer.Done) {
			if x.Outcome == printer.Unknown && !strings.Contains(x.Err.Error(), "printer.status: false") {
				t.Errorf("not a word about what to set: %v", x.Err)
			}
		}, Status: func(s printer.Status) { told = append(told, s.Condition()) }})
		time.Sleep(5 * time.Second)
		if err := s.Submit(job(receipt)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		d.mu.Lock()
		d.deafOrder = false
		d.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(told) != 2 || told[0] != printer.ConditionUnproven || told[1] != printer.ConditionReady {
			t.Errorf("told %q", told)
		}
		s.Close(cancelled())
	})
}

func contains(list []printer.Condition, c printer.Condition) bool {
	for _, x := range list {
		if x == c {
			return true
		}
	}
	return false
}

// The drawer opens while a receipt waits for paper, and by the command that a
// stopped printer obeys.
func TestTheDrawerPassesAReceiptThatWaitsForPaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &device{paper: 500, room: 4096, refill: time.Minute}
		var done []string
		s := printer.NewSpooler(t.Context(), printer.Options{Sink: printer.TCP{Dial: d.dial}, Report: func(x printer.Done) {
			done = append(done, x.Job+" "+x.Outcome.String())
		}})
		if err := s.Submit(job(receipt)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		drawer, err := printer.Pulse{}.Job("drawer-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Submit(drawer); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if strings.Join(done, ", ") != "drawer-1 printed" || len(d.now) != 1 {
			t.Errorf("after the drawer: %q, % x", done, d.now)
		}
		s.Close(t.Context())
		if strings.Join(done, ", ") != "drawer-1 printed, job printed" || string(d.printed) != receipt {
			t.Errorf("at the end: %q, %d bytes", done, len(d.printed))
		}
	})
}

// A job that waits for paper before its first byte has not begun.
func TestAJobBeginsWithItsFirstByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &device{out: true}
		var begun []string
		s := printer.NewSpooler(t.Context(), printer.Options{Sink: printer.TCP{Dial: d.dial}, Begin: func(_ context.Context, job string) error {
			begun = append(begun, job)
			return nil
		}})
		if err := s.Submit(job(receipt)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(printer.DefaultGiveUp + time.Minute)
		synctest.Wait()
		if len(begun) != 0 {
			t.Errorf("begun %q", begun)
		}
		d.mu.Lock()
		d.out = false
		d.mu.Unlock()
		s.Close(t.Context())
		if strings.Join(begun, ",") != "job" || string(d.printed) != receipt {
			t.Errorf("begun %q, %d bytes on paper", begun, len(d.printed))
		}
	})
}

// While nobody can write down that a job begins, none of it leaves.
func TestNothingLeavesUnrecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, refused := &device{}, true
		s := printer.NewSpooler(t.Context(), printer.Options{Sink: printer.TCP{Dial: d.dial}, Begin: func(context.Context, string) error {
			if refused {
				return errors.New("the book has stopped")
			}
			return nil
		}})
		if err := s.Submit(job(receipt)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(d.printed) != 0 {
			t.Errorf("%d bytes on paper", len(d.printed))
		}
		refused = false
		s.Close(t.Context())
		if string(d.printed) != receipt {
			t.Errorf("%d bytes on paper", len(d.printed))
		}
	})
}

// A printer with nothing to do is looked after.
func TestAPrinterIsLookedAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &device{}
		var told []printer.Condition
		s := printer.NewSpooler(t.Context(), printer.Options{Sink: printer.TCP{Dial: d.dial}, Status: func(s printer.Status) {
			told = append(told, s.Condition())
		}})
		time.Sleep(time.Second)
		for _, open := range []bool{true, false} {
			d.mu.Lock()
			d.coverOpen = open
			d.mu.Unlock()
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		if len(told) != 3 || told[0] != "" || told[1] != printer.ConditionCoverOpen || told[2] != "" {
			t.Errorf("told %q", told)
		}
		s.Close(t.Context())
	})
}
