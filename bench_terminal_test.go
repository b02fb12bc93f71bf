//go:build linux

package main_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/mattn/go-runewidth"
)

const (
	benchColumns  = 80
	benchRows     = 24
	benchPatience = 15 * time.Second
)

// terminal is a program on a pseudo-terminal, seen from the other end.
type terminal struct {
	b       *testing.B
	cmd     *exec.Cmd
	tty     *os.File
	output  chan output
	started time.Time
	glass   glass
	text    bytes.Buffer // all that was read, without escape sequences
}

type output struct {
	at   time.Time
	data []byte
}

// launch starts a program. A terminal that answers tells its background colour
// and cursor position, as real ones do; one that does not never says a word.
func launch(b *testing.B, answers bool, dir string, argv ...string) *terminal {
	b.Helper()
	t := &terminal{b: b, output: make(chan output, 4096), glass: newGlass(benchColumns, benchRows)}
	t.cmd = exec.Command(argv[0], argv[1:]...)
	t.cmd.Dir = dir
	t.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=zh_CN.UTF-8", "LC_ALL=",
		"HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	t.started = time.Now()
	tty, err := pty.StartWithSize(t.cmd, &pty.Winsize{Rows: benchRows, Cols: benchColumns})
	if err != nil {
		b.Fatal(err)
	}
	t.tty = tty
	go t.read(answers)
	return t
}

func (t *terminal) read(answers bool) {
	defer close(t.output)
	buffer := make([]byte, 64<<10)
	for {
		n, err := t.tty.Read(buffer)
		if n > 0 {
			data := bytes.Clone(buffer[:n])
			t.output <- output{time.Now(), data}
			if answers {
				t.answer(data)
			}
		}
		if err != nil {
			return
		}
	}
}

func (t *terminal) answer(asked []byte) {
	for question, reply := range map[string]string{
		"\x1b]11;?": "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b[6n": "\x1b[1;1R", "\x1b[c": "\x1b[?62;4c",
	} {
		if bytes.Contains(asked, []byte(question)) {
			_, _ = t.tty.WriteString(reply)
		}
	}
}

// until reads on until done holds, and gives the time of the output that made
// it so.
func (t *terminal) until(what string, done func() bool) time.Time {
	t.b.Helper()
	timeout := time.After(benchPatience)
	for {
		select {
		case o, ok := <-t.output:
			if !ok {
				t.b.Fatalf("%s ended before %s; it said:\n%s", t.cmd.Path, what, t.text.String())
			}
			t.see(o.data)
			if done() {
				return o.at
			}
		case <-timeout:
			t.b.Fatalf("%s: no %s in %v; it said:\n%s", t.cmd.Path, what, benchPatience, t.text.String())
		}
	}
}

func (t *terminal) see(data []byte) {
	t.glass.write(data)
	t.text.WriteString(t.glass.plain)
}

// firstFrame is how long the program took from its start to the last cell of
// the first frame that fills the screen.
func (t *terminal) firstFrame() time.Duration {
	t.b.Helper()
	return t.until("full frame", t.glass.full).Sub(t.started)
}

// quiet reads until nothing has come for so long.
func (t *terminal) quiet(d time.Duration) {
	for {
		select {
		case o, ok := <-t.output:
			if !ok {
				return
			}
			t.see(o.data)
		case <-time.After(d):
			return
		}
	}
}

// press writes keys and gives the time to the first byte that comes back.
func (t *terminal) press(keys string) time.Duration {
	t.b.Helper()
	t.quiet(0)
	pressed := time.Now()
	if _, err := t.tty.WriteString(keys); err != nil {
		t.b.Fatal(err)
	}
	return t.until(fmt.Sprintf("answer to %q", keys), func() bool { return true }).Sub(pressed)
}

// typeSlowly writes keys as a person does: what comes faster is a scan.
func (t *terminal) typeSlowly(keys string) {
	t.b.Helper()
	for _, key := range keys {
		time.Sleep(60 * time.Millisecond)
		t.quiet(0)
		if _, err := t.tty.WriteString(string(key)); err != nil {
			t.b.Fatal(err)
		}
	}
}

// end asks the program to stop, as a session that closes does, and waits.
func (t *terminal) end() {
	t.b.Helper()
	_ = t.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(benchPatience, func() { _ = t.cmd.Process.Kill() })
	defer timer.Stop()
	for range t.output {
	}
	_ = t.cmd.Wait()
	_ = t.tty.Close()
}

// memory is what the kernel says of the program, in MB: resident now, and most.
func (t *terminal) memory() (resident, most float64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.cmd.Process.Pid))
	if err != nil {
		t.b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kB float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kB); err == nil {
			resident = kB / 1024
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kB); err == nil {
			most = kB / 1024
		}
	}
	return resident, most
}

// glass follows the cursor just enough to know which cells have been written.
type glass struct {
	columns, rows int
	x, y          int
	reached       []int  // how far each row has been written
	rest          []byte // an escape sequence or character not yet whole
	plain         string // text of the last write
}

func newGlass(columns, rows int) glass {
	return glass{columns: columns, rows: rows, reached: make([]int, rows)}
}

// full reports whether every row has been written to its end.
func (g *glass) full() bool {
	for _, to := range g.reached {
		if to < g.columns {
			return false
		}
	}
	return true
}

func (g *glass) write(data []byte) {
	var plain strings.Builder
	data = append(g.rest, data...)
	for len(data) > 0 {
		if data[0] == '\x1b' {
			n := g.escape(data)
			if n == 0 {
				break
			}
			data = data[n:]
			continue
		}
		if !utf8.FullRune(data) {
			break
		}
		r, n := utf8.DecodeRune(data)
		data = data[n:]
		g.put(r)
		plain.WriteRune(r)
	}
	g.rest, g.plain = bytes.Clone(data), plain.String()
}

func (g *glass) put(r rune) {
	switch {
	case r == '\r':
		g.x = 0
	case r == '\n':
		g.y = min(g.y+1, g.rows-1)
	case r >= ' ':
		condition := runewidth.Condition{}
		g.x += condition.RuneWidth(r)
		g.reached[g.y] = max(g.reached[g.y], g.x)
	}
}

// escape takes one escape sequence and gives its length, 0 when it is not
// whole yet.
func (g *glass) escape(data []byte) int {
	switch {
	case len(data) < 2:
		return 0
	case data[1] == ']': // ends in BEL or ESC \
		for i := 2; i < len(data); i++ {
			if data[i] == '\a' || data[i] == '\\' && data[i-1] == '\x1b' {
				return i + 1
			}
		}
		return 0
	case data[1] != '[':
		return 2
	}
	for i := 2; i < len(data); i++ {
		if data[i] >= '@' && data[i] <= '~' {
			g.control(string(data[2:i]), data[i])
			return i + 1
		}
	}
	return 0
}

func (g *glass) control(parameters string, final byte) {
	row, column := 1, 1
	_, _ = fmt.Sscanf(strings.ReplaceAll(parameters, ";", " "), "%d %d", &row, &column)
	switch final {
	case 'H', 'f':
		g.y, g.x = max(0, min(row, g.rows)-1), max(0, min(column, g.columns)-1)
	case 'A':
		g.y = max(0, g.y-row)
	case 'B':
		g.y = min(g.rows-1, g.y+row)
	case 'C':
		g.x = min(g.columns-1, g.x+row)
	case 'D':
		g.x = max(0, g.x-row)
	case 'G':
		g.x = max(0, min(row, g.columns)-1)
	case 'd':
		g.y = max(0, min(row, g.rows)-1)
	case 'K': // a row erased to its end has been written to its end
		g.reached[g.y] = g.columns
	}
}
