//go:build linux

package tui

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// terminal is the program on a pseudo-terminal that never answers a question.
type terminal struct {
	t     *testing.T
	cmd   *exec.Cmd
	tty   *os.File
	all   bytes.Buffer
	since int // what expect has looked at already
	read  chan []byte
}

func onTerminal(t *testing.T) *terminal {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ABACUS_TUI_CHILD=1", "TERM=xterm-256color", "NO_COLOR=", "COLORTERM=")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, cmd: cmd, tty: tty, read: make(chan []byte)}
	go func() {
		defer close(term.read)
		for {
			buf := make([]byte, 4096)
			n, err := tty.Read(buf)
			if n > 0 {
				term.read <- buf[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = tty.Close()
		for range term.read { // the reader ends with the terminal
		}
	})
	return term
}

// expect reads until the text has come. The patience only bounds a hang.
func (term *terminal) expect(text string) {
	term.t.Helper()
	patience := time.After(20 * time.Second)
	for {
		if i := strings.Index(term.all.String()[term.since:], text); i >= 0 {
			term.since += i + len(text)
			return
		}
		select {
		case data, open := <-term.read:
			if !open {
				term.t.Fatalf("the program ended before %q:\n%q", text, term.all.String()[term.since:])
			}
			term.all.Write(data)
		case <-patience:
			term.t.Fatalf("no %q:\n%q", text, term.all.String()[term.since:])
		}
	}
}

func (term *terminal) send(text string) {
	term.t.Helper()
	if _, err := term.tty.WriteString(text); err != nil {
		term.t.Fatal(err)
	}
}

// exit waits for the program's end and returns its code.
func (term *terminal) exit() int {
	term.t.Helper()
	for data := range term.read { // until nobody holds the terminal any more
		term.all.Write(data)
	}
	var failed *exec.ExitError
	if err := term.cmd.Wait(); errors.As(err, &failed) {
		return failed.ExitCode()
	}
	return 0
}

// A terminal that answers no question must not be asked any: Bubble Tea would
// wait five seconds for the answer and swallow what is scanned meanwhile.
func TestASilentTerminalIsNotAsked(t *testing.T) {
	term := onTerminal(t)
	term.expect("3 lines")
	for question, name := range map[string]string{
		"\x1b]10": "foreground colour", "\x1b]11": "background colour", "\x1b[6n": "cursor position", "\x1b[c": "device",
	} {
		if strings.Contains(term.all.String(), question) {
			t.Errorf("the terminal is asked for its %s", name)
		}
	}
	if strings.Contains(term.all.String(), "\x1b[?2004h") {
		t.Error("bracketed paste is on: an unfinished paste would swallow Ctrl+C")
	}
}

func TestScansThroughARealTerminal(t *testing.T) {
	term := onTerminal(t)
	term.expect("3 lines")
	for i, bytes := range []string{goodsCode + "\r", goodsCode + "\n", goodsCode + "\r\n", goodsCode + "\t", goodsCode + "\x03", "\x1b" + goodsCode + "\r"} {
		term.send(bytes)
		term.expect("scan" + string(rune('1'+i)) + ":13")
	}
	for _, b := range []byte(goodsCode + "\r") { // one write a character
		term.send(string(b))
	}
	term.expect("scan7:13")
	if strings.Contains(term.all.String(), "Leave the till") {
		t.Error("a scan's ETX asked to leave")
	}
}

func TestResize(t *testing.T) {
	term := onTerminal(t)
	term.expect("3 lines")
	for _, step := range []struct {
		cols, rows uint16
		sees       string
	}{{60, 10, "too small"}, {132, 43, "Turnover"}, {80, 24, "Unsent"}} {
		if err := pty.Setsize(term.tty, &pty.Winsize{Cols: step.cols, Rows: step.rows}); err != nil {
			t.Fatal(err)
		}
		term.expect(step.sees)
	}
}

func TestCtrlCAsks(t *testing.T) {
	term := onTerminal(t)
	term.expect("3 lines")
	term.send("\x03")
	term.expect("Leave the till")
	term.send("+")
	if code := term.exit(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	term.restored()
}

func TestSIGTERMLeavesTheTerminalAsItWas(t *testing.T) {
	term := onTerminal(t)
	term.expect("3 lines")
	if err := term.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := term.exit(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	term.restored()
}

func (term *terminal) restored() {
	term.t.Helper()
	for _, end := range []string{"\x1b[?1049l", "\x1b[?25h"} {
		if !strings.Contains(term.all.String(), end) {
			term.t.Errorf("the terminal is left without %q", end)
		}
	}
	mode, err := unix.IoctlGetTermios(int(term.tty.Fd()), unix.TCGETS)
	if err != nil {
		term.t.Fatal(err)
	}
	if want := uint32(unix.ECHO | unix.ICANON); mode.Lflag&want != want {
		term.t.Error("the terminal is left raw")
	}
}

// A terminal that goes away ends the screen, which says so to whoever runs it.
func TestAClosedTerminalIsNoticed(t *testing.T) {
	term := onTerminal(t)
	term.expect("3 lines")
	if err := term.tty.Close(); err != nil {
		t.Fatal(err)
	}
	if code := term.exit(); code != 5 {
		t.Fatalf("exit code %d, want 5", code)
	}
}
