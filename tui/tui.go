// Package tui is the cashier's screen. It holds nothing of the till but a
// till.Core: it draws the core's snapshots and sends it commands.
//
// Two keys are deliberately not what they are elsewhere. Ctrl+C asks before it
// leaves, and is ignored inside a scan, where it is a scanner's suffix. Ctrl+Z
// does nothing: a stopped process could not finish a payment that is under way.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"
	"github.com/mattn/go-runewidth"

	"abacus/internal/fall"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/scanner"
	"abacus/tui/theme"
	_ "abacus/tui/theme/early" // before Bubble Tea's init; see there
)

// Options are what the screen needs from outside. Only Core has no default.
type Options struct {
	Core     till.Core
	In       io.Reader // the terminal; nil: standard input
	Out      io.Writer // the terminal; nil: standard output
	Now      func() time.Time
	Language lang.Tag      // empty: Chinese
	Theme    string        // a name of package theme; empty: dark
	Borders  string        // "lines" (default), or "ascii" where line drawing has no sure width
	Silent   bool          // no bell
	Environ  []string      // decides how many colours there are; nil: the process's
	Scanner  scanner.Rules // how a scan is told from typing
	// Scans are those of devices with a line of their own; nil: there are none.
	Scans <-chan scanner.Scan
	Log   *slog.Logger // is told when the screen fell; nil: nobody

	ctx           context.Context
	width, height int
	again         bool // it has fallen, and says so
}

// ErrTerminalGone reports that the terminal was closed under the till. The
// core goes on; whoever runs it decides what to do.
var ErrTerminalGone = errors.New("the terminal is gone")

func (o Options) withDefaults() Options {
	if o.In == nil {
		o.In = os.Stdin
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Language == "" {
		o.Language = lang.Chinese
	}
	if o.Theme == "" {
		o.Theme = theme.Dark
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ctx == nil {
		o.ctx = context.Background()
	}
	return o
}

func (o Options) ascii() (bool, error) {
	switch o.Borders {
	case "", "lines":
		return false, nil
	case "ascii":
		return true, nil
	}
	return false, fmt.Errorf("borders %q: use lines or ascii", o.Borders)
}

// Run shows the screen until the cashier leaves it, ctx ends, the terminal goes
// away (ErrTerminalGone) or the screen falls again and again (ErrFell). It leaves
// the terminal as it found it and does not stop the core: payments under way go
// on behind it. Signals are the caller's: end ctx on them.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	// Bubbles measure with go-runewidth, which doubles ambiguous characters in
	// Chinese locales where the renderer does not.
	runewidth.DefaultCondition.EastAsianWidth = false

	if f, ok := o.In.(*os.File); ok {
		// Raw before the first frame: what is scanned from here on must not be
		// echoed across it. Bubble Tea finds it raw and leaves it raw.
		if before, err := term.MakeRaw(f.Fd()); err == nil {
			defer func() { _ = term.Restore(f.Fd(), before) }()
		}
	}
	var fell falls
	for {
		fallen, err := show(ctx, o)
		if fallen == nil {
			return err
		}
		o.Log.Error("the screen fell", "what", fallen.What, "where", fallen.Where)
		if fell.again(o.Now()) {
			return ErrFell
		}
		o.again = true
	}
}

// show shows one screen until its end, or until it falls.
func show(ctx context.Context, o Options) (*fall.Fall, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	o.ctx = ctx
	out := &shared{to: o.Out}
	var terminal io.Writer = out
	var screen *screenFile
	if f, ok := o.Out.(*os.File); ok {
		screen = &screenFile{File: f, turns: out}
		terminal = screen
		o.width, o.height, _ = term.GetSize(f.Fd()) // the first frame need not wait for the first size message
	}
	in := o.In
	if f, ok := o.In.(*os.File); ok {
		in = &keyboard{f, func() { cancel(ErrTerminalGone) }}
	}
	o.Out = out
	root, err := New(o)
	if err != nil {
		return nil, err
	}
	if screen != nil && o.width > 0 {
		screen.paint(root.View())
	}
	program := tea.NewProgram(root,
		tea.WithInput(in), tea.WithOutput(terminal), tea.WithAltScreen(),
		tea.WithFPS(120), tea.WithoutBracketedPaste(), tea.WithoutSignalHandler(),
	)
	defer endWith(ctx, program)()
	_, err = program.Run()
	switch {
	case errors.Is(context.Cause(ctx), ErrTerminalGone):
		return nil, ErrTerminalGone
	case ctx.Err() != nil:
		return nil, nil
	}
	return root.fallen, err
}

// endWith ends the program when ctx does. Bubble Tea's own WithContext closes
// the input under its reader, which is a race; asked to quit it waits for the
// reader. A program stuck on a dead terminal cannot be asked and is killed.
func endWith(ctx context.Context, program *tea.Program) (stop func()) {
	const patience = 2 * time.Second
	over := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-over:
			return
		}
		kill := time.AfterFunc(patience, program.Kill)
		defer kill.Stop()
		program.Quit()
		<-over
	}()
	return func() { close(over) }
}

// screenFile is the terminal for Bubble Tea: its size and mode are the file's,
// what is written is taken in turns with the bell.
type screenFile struct {
	*os.File
	turns   *shared
	painted bool // the first frame stands; Bubble Tea's first clearing would blank it
}

// What Bubble Tea writes when it starts, and what it clears the screen with.
const (
	enterScreen = "\x1b[?25l\x1b[?1049h\x1b[2J\x1b[H"
	clearScreen = "\x1b[2J"
)

// paint shows the first frame at once. Bubble Tea's renderer would wait for
// its first tick; the cashier need not.
func (f *screenFile) paint(frame string) {
	if _, err := io.WriteString(f.turns, enterScreen+strings.ReplaceAll(frame, "\n", "\r\n")); err == nil {
		f.painted = true
	}
}

func (f *screenFile) Write(p []byte) (int, error) {
	if f.painted && string(p) == clearScreen {
		f.painted = false
		return len(p), nil
	}
	return f.turns.Write(p)
}

// keyboard notices that the terminal has been closed: Bubble Tea takes the end
// of its input for no reason to stop.
type keyboard struct {
	*os.File
	gone func()
}

func (k *keyboard) Read(p []byte) (int, error) {
	n, err := k.File.Read(p)
	if err != nil {
		k.gone()
	}
	return n, err
}
