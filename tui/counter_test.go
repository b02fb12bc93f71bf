package tui

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/scanner"
)

// counter is a root with the cashier's hands on it, in a synctest bubble: its
// commands run like Bubble Tea's, in goroutines, and their messages come back
// one by one.
type counter struct {
	t    *testing.T
	core *fakeCore
	root *Root
	bell *strings.Builder
	line chan scanner.Scan // a scanner with a line of its own

	mu    sync.Mutex
	queue []tea.Msg
	quit  bool
}

// at runs a test at the counter with a snapshot on the screen.
func at(t *testing.T, s *till.Snapshot, play func(*counter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(morning())) // fake time: no one waits
		ctx, cancel := context.WithCancel(t.Context())
		defer time.Sleep(2 * time.Minute) // for the last timers to run out
		defer cancel()
		c := &counter{t: t, core: &fakeCore{latest: s}, bell: &strings.Builder{}, line: make(chan scanner.Scan, 8)}
		root, err := New(Options{Core: c.core, Out: c.bell, In: strings.NewReader(""), Language: lang.English,
			Environ: []string{"TERM=xterm-256color"}, ctx: ctx, Scans: c.line})
		if err != nil {
			t.Fatal(err)
		}
		c.root = root
		c.run(root.Init())
		c.send(tea.WindowSizeMsg{Width: 80, Height: 24})
		c.rest(time.Second) // what opened by itself is armed by now
		play(c)
	})
}

// run executes a command the way Bubble Tea does.
func (c *counter) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, b := range batch {
				c.run(b)
			}
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, quit := msg.(tea.QuitMsg); quit {
			c.quit = true
		} else if msg != nil {
			c.queue = append(c.queue, msg)
		}
	}()
}

// flush handles every message there is until nothing more comes by itself.
func (c *counter) flush() {
	for {
		synctest.Wait()
		c.mu.Lock()
		queue := c.queue
		c.queue = nil
		c.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, m := range queue {
			_, cmd := c.root.Update(m)
			c.root.View()
			c.run(cmd)
		}
	}
}

func (c *counter) send(m tea.Msg) {
	_, cmd := c.root.Update(m)
	c.root.View()
	c.run(cmd)
	c.flush()
}

// rest lets time pass, in small steps so that timers are handled when due.
func (c *counter) rest(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(5*time.Millisecond, time.Until(end)))
		c.flush()
	}
}

// keys presses keys at a person's pace: "12.5", or names in angle brackets.
func (c *counter) keys(text string) {
	for text != "" {
		m := tea.KeyMsg{}
		if name, rest, ok := strings.Cut(strings.TrimPrefix(text, "<"), ">"); ok && text[0] == '<' {
			m, text = named(name), rest
		} else {
			r := []rune(text)[0]
			m, text = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}, text[len(string(r)):]
		}
		c.send(m)
		c.rest(120 * time.Millisecond)
	}
}

func named(name string) tea.KeyMsg {
	types := map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "bs": tea.KeyBackspace,
		"up": tea.KeyUp, "down": tea.KeyDown, "ctrl+c": tea.KeyCtrlC, "ctrl+d": tea.KeyCtrlD, "ctrl+l": tea.KeyCtrlL,
		"ctrl+t": tea.KeyCtrlT, "ctrl+z": tea.KeyCtrlZ, "ctrl+j": tea.KeyCtrlJ, "pgdown": tea.KeyPgDown, "f2": tea.KeyF2, "f3": tea.KeyF3,
		"f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6, "f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f12": tea.KeyF12}
	return tea.KeyMsg{Type: types[name]}
}

// scan sends a code as a wedge does: 2 ms a character, then the end key.
func (c *counter) scan(code string, end tea.KeyType) {
	for _, r := range code {
		c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
		time.Sleep(2 * time.Millisecond)
	}
	c.send(tea.KeyMsg{Type: end})
	c.rest(300 * time.Millisecond)
}

// show is a snapshot from the core, looked at long enough to be armed.
func (c *counter) show(s *till.Snapshot) {
	c.core.show(s)
	c.rest(time.Second)
}

// screen is what stands on the screen, without colours.
func (c *counter) screen() string { return ansi.Strip(c.root.View()) }

func (c *counter) sees(texts ...string) {
	c.t.Helper()
	for _, text := range texts {
		if !strings.Contains(c.screen(), text) {
			c.t.Fatalf("%q is not on the screen:\n%s", text, c.screen())
		}
	}
}

func (c *counter) seesNot(texts ...string) {
	c.t.Helper()
	for _, text := range texts {
		if strings.Contains(c.screen(), text) {
			c.t.Fatalf("%q is on the screen:\n%s", text, c.screen())
		}
	}
}

// asked checks the commands sent since the last check.
func (c *counter) asked(want ...till.Command) {
	c.t.Helper()
	got := c.core.took()
	if len(got) != len(want) {
		c.t.Fatalf("asked %#v, want %#v\n%s", got, want, c.screen())
	}
	for i := range got {
		if got[i] != want[i] {
			c.t.Fatalf("asked %#v, want %#v", got[i], want[i])
		}
	}
}
