package tui

import (
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/fall"
)

// A fall is a panic in the screen's own code. The core goes on behind it, and
// all that is drawn comes from the core: so the screen is opened again, and the
// sale in front is still there. Bubble Tea would print the panic's value on the
// terminal, which may hold a pay code, and end the program.

// ErrFell reports that the screen fell again and again. The core goes on;
// whoever runs it ends it in order.
var ErrFell = errors.New("the screen fell again and again")

// A screen that falls mostFalls times within fallsWithin falls for good.
const (
	mostFalls   = 3
	fallsWithin = time.Minute
)

// fellMsg is a command having panicked.
type fellMsg struct{ fall *fall.Fall }

// caught takes what recover gave; true: the screen is to be left.
func (r *Root) caught(value any) bool {
	if value != nil {
		r.fallen = fall.Of(value)
	}
	return value != nil
}

// guarded is a command of which a panic comes back as a message.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (m tea.Msg) {
		defer func() {
			if value := recover(); value != nil {
				m = fellMsg{fall.Of(value)}
			}
		}()
		m = cmd()
		if batch, ok := m.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guarded(batch[i])
			}
		}
		return m
	}
}

// falls remembers when the screen fell lately.
type falls []time.Time

// again notes one more and reports whether it was one too many.
func (f *falls) again(now time.Time) bool {
	var lately falls
	for _, at := range *f {
		if now.Sub(at).Abs() < fallsWithin {
			lately = append(lately, at)
		}
	}
	*f = append(lately, now)
	return len(*f) >= mostFalls
}
