// Command hello is what the till's start and latency are measured against: the
// least Bubble Tea program that fills the screen, at 120 frames a second.
package main

import (
	"fmt"
	"os"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

type model struct{ width, height, keys int }

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyMsg:
		m.keys++
	}
	return m, nil
}

func (m model) View() string {
	if m.width < 40 {
		return ""
	}
	lines := make([]string, m.height)
	for i := range lines {
		text := fmt.Sprintf(" %2d 你好 hello %d ", i, m.keys)
		lines[i] = "\x1b[97;44m" + text + strings.Repeat(" ", m.width-len(text)+2) + "\x1b[0m" // 你好: 6 bytes, 4 columns
	}
	return strings.Join(lines, "\n")
}

func main() {
	if _, err := tea.NewProgram(model{}, tea.WithAltScreen(), tea.WithFPS(120)).Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
