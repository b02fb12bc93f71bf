package tui

import (
	"io"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
)

// stroke rings once and orders the rest of the sound.
func (r *Root) stroke(left int) tea.Cmd {
	out := r.bell
	ring := func() tea.Msg {
		// A bell that cannot be heard is no reason to trouble the cashier.
		_, _ = io.WriteString(out, "\a")
		return nil
	}
	if left <= 1 {
		return ring
	}
	return tea.Batch(ring, after(strokeGap, bellMsg{left - 1}))
}

// shared lets the bell and the renderer write to one terminal without one
// landing inside an escape sequence of the other.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}
