package theme

import (
	"strings"

	"golang.org/x/text/width"
)

// Marks that stand for a state, so that no state is told by colour alone.
const (
	Up       = "●"
	Off      = "○"
	Down     = "✖"
	Doubt    = "◐"
	Done     = "✔"
	Failed   = "✖"
	Unsent   = "↑"
	Here     = "▸"
	BarFull  = "█"
	BarEmpty = "░"
	Across   = "─"
	Upright  = "│"
	TeeDown  = "┬"
	TeeUp    = "┴"
)

// narrowed is the ASCII stand-in of a character that some terminals draw two
// cells wide, or the character itself.
func narrowed(r rune) rune {
	switch r {
	case '●', '✔':
		return '*'
	case '○':
		return 'o'
	case '✖', '×':
		return 'x'
	case '◐':
		return '~'
	case '↑':
		return '^'
	case '▸', '→':
		return '>'
	case '█', '▀', '▄':
		return '#'
	case '─', '−', '—', '–':
		return '-'
	case '│':
		return '|'
	case '┬', '┴':
		return '+'
	case '…', '·', '░':
		return '.'
	case '“', '”':
		return '"'
	case '‘', '’':
		return '\''
	}
	if r > 0x7f && width.LookupRune(r).Kind() == width.EastAsianAmbiguous {
		return '?'
	}
	return r
}

// Narrow replaces, when the look wants that, what terminals disagree on by
// ASCII of the same width.
func (l *Look) Narrow(text string) string {
	if !l.ASCII {
		return text
	}
	return strings.Map(narrowed, text)
}
