package tui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/scanner"
	"abacus/tui/theme"
)

// screen is what is between header and status bar. Screens are plain structs;
// the root alone is a tea.Model.
type screen interface {
	// update takes a keyMsg or a scanMsg.
	update(msg tea.Msg, s *till.Snapshot) tea.Cmd
	// view draws exactly the area.
	view(a area, s *till.Snapshot) string
	bindings() []binding
}

// timed is a screen with a clock that runs by seconds.
type timed interface{ timed() }

// quiet is how long the keyboard must have been silent before a screen that
// opened by itself takes a key: what was typed for the screen before must not
// answer this one.
const quiet = 400 * time.Millisecond

// desk is what all screens share: the core behind them, the words and the look
// in front, and which screen is on top.
type desk struct {
	ctx    context.Context
	core   till.Core
	now    func() time.Time
	words  *lang.Texts
	look   *theme.Look
	silent bool          // no bell
	rules  scanner.Rules // how a scan is told from typing

	snap  *till.Snapshot
	size  area
	sell  *sellScreen
	base  screen   // follows from the snapshot
	stack []screen // what the cashier has opened above it
	held  string   // keys the decoder has not judged yet

	say    message
	minted int      // idempotency keys made so far
	busy   *request // the command whose answer the next key must wait for
	late   []tea.Msg
	ahead  time.Time // since when the key now taken may have waited; zero: it has just been pressed

	seen    string    // the payment whose end the cashier has taken note of
	noticed time.Time // the newest notice taken note of
	posted  reading   // the notice on the screen
	follow  string    // the refund whose end is still to be told

	lastWas  keyMsg
	repeats  bool      // the key now taken comes from one that is held down
	openedAt time.Time // when the top screen opened by itself
	lastKey  time.Time
	armed    bool
	covered  bool // the base opened by itself below what the cashier has open
}

// tone is how a message is meant.
type tone uint8

const (
	info tone = iota
	good
	bad
)

// message is the line that answers the last gesture.
type message struct {
	tone tone
	say  string
	hint string
}

func (d *desk) top() screen {
	if n := len(d.stack); n > 0 {
		return d.stack[n-1]
	}
	return d.base
}

// open puts a screen on top because the cashier asked for it.
func (d *desk) open(s screen) tea.Cmd {
	d.stack = append(d.stack, s)
	d.armed = true
	return nil
}

// popUp puts a screen on top that nobody asked for: it takes keys only after
// the keyboard has been quiet.
func (d *desk) popUp(s screen) {
	d.stack = append(d.stack, s)
	d.openedAt, d.armed = d.now(), false
}

// repeatGap is what a terminal sends a key held down within, and nobody presses
// one twice in. The slowest, a Linux console, needs 92 ms.
const repeatGap = 110 * time.Millisecond

// arm notes a key and tells whether the top screen takes it.
func (d *desk) arm(at time.Time, k keyMsg) bool {
	d.repeats, d.lastWas = k == d.lastWas && at.Sub(d.lastKey) < repeatGap, k
	since := d.openedAt
	if d.lastKey.After(since) {
		since = d.lastKey
	}
	d.lastKey = at
	d.armed = d.armed || at.Sub(since) >= quiet
	return d.armed
}

// pressed is when the key now taken was pressed, or the earliest it can have
// been.
func (d *desk) pressed() time.Time {
	if d.ahead.IsZero() {
		return d.now()
	}
	return d.ahead
}

// back closes the top screen.
func (d *desk) back() tea.Cmd {
	if n := len(d.stack); n > 0 {
		d.stack[n-1] = nil
		d.stack = d.stack[:n-1]
	}
	return nil
}

// home closes everything the cashier has opened.
func (d *desk) home() tea.Cmd {
	clear(d.stack)
	d.stack = d.stack[:0]
	return nil
}

// close takes one screen away wherever it is, when what it was for is done.
func (d *desk) close(s screen) {
	for i := range d.stack {
		if d.stack[i] == s {
			d.stack = append(d.stack[:i], d.stack[i+1:]...)
			return
		}
	}
}

func (d *desk) tell(t tone, say string) { d.say = message{tone: t, say: say} }

// refuse says why something is not done, with the sound for it.
func (d *desk) refuse(say string) tea.Cmd {
	d.tell(bad, say)
	return d.ring(soundRefused)
}

// fault shows a command's error. A missing shift leads straight to where one
// is opened.
func (d *desk) fault(err error) tea.Cmd {
	var f *till.Fault
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case errors.As(err, &f):
		say, hint := d.words.Fault(f.Code, f.Args)
		d.say = message{bad, say, hint}
		if f.Code == till.FaultNoShift && d.snap.Operator != nil {
			d.home()
			d.popUp(newShiftOpen(d)) // what is being typed is for the sale
		}
	default:
		say, hint := d.words.Fault(till.FaultInternal, []any{err.Error()})
		d.say = message{bad, say, hint}
	}
	return d.ring(soundRefused)
}

func (d *desk) currency() money.Currency {
	if c := d.snap.Identity.Currency; c != "" {
		return c
	}
	return money.CNY
}

// channel is a channel's name in the screen's language.
func (d *desk) channel(name string) string {
	if word, ok := d.words.Say.Words[name]; ok {
		return word
	}
	return name
}

func (d *desk) switchLanguage() tea.Cmd {
	d.words = d.words.Other()
	return nil
}

func (d *desk) switchTheme() tea.Cmd {
	if look, err := theme.New(theme.Next(d.look.Name), d.look.Depth, d.look.ASCII); err == nil {
		d.look = look
	}
	return nil
}
