// Package early keeps the terminal from being questioned before main.
//
// Bubble Tea v1 asks the terminal for its background colour in its init and
// waits up to five seconds for an answer; what is typed or scanned meanwhile is
// lost, and --version on a silent terminal waits too. Telling lipgloss the
// answer first prevents the question. Go initialises packages that are ready in
// the order of their import paths, so this package must import nothing but
// lipgloss, and its path must sort before github.com/charmbracelet/bubbletea.
package early

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
