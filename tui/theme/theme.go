// Package theme is every colour and every mark of the screens.
//
// A style is a pair of ready-made escape sequences, because building them anew
// for each cell costs twenty times the rest of a frame. No meaning is carried
// by colour alone: states also have marks and words.
package theme

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// Depth is how many colours the terminal has.
type Depth uint8

// The depths. Bare has not even bold; Plain has bold and reverse only.
const (
	Bare Depth = iota
	Plain
	Sixteen
	Full
)

// DepthOf tells the depth from the environment, as pairs NAME=value. Any text
// in NO_COLOR means no colour (no-color.org).
func DepthOf(environ []string) Depth {
	noColor := slices.ContainsFunc(environ, func(v string) bool {
		return strings.HasPrefix(v, "NO_COLOR=") && v != "NO_COLOR="
	})
	switch p := colorprofile.Env(environ); {
	case p <= colorprofile.NoTTY:
		return Bare
	case noColor || p == colorprofile.ASCII:
		return Plain
	case p == colorprofile.ANSI:
		return Sixteen
	}
	return Full
}

// The names of the themes, in the order one key walks through them.
const (
	Dark     = "dark"
	Light    = "light"
	Contrast = "contrast"
)

// Names are all themes.
func Names() []string { return []string{Dark, Light, Contrast} }

// Next is the theme after name.
func Next(name string) string {
	all := Names()
	return all[(slices.Index(all, name)+1)%len(all)]
}

// Style paints text. The zero Style leaves it as it is.
type Style struct{ open, shut string }

// Paint is text in this style, back in the base style behind it. The text must
// be one line without escape sequences.
func (s Style) Paint(text string) string {
	if s.open == "" || text == "" {
		return text
	}
	return s.open + text + s.shut
}

// Look is one theme at one depth, with or without line-drawing characters.
type Look struct {
	Name  string
	Depth Depth
	ASCII bool // no character whose width terminals disagree on

	Text    Style // the base, given for uniformity: paints nothing
	Head    Style // header and headings
	Rule    Style
	Dim     Style // explanations, labels
	Strong  Style // what matters
	Chosen  Style // the selected row
	Key     Style // a key's name
	Typed   Style // what is being typed
	Good    Style // certain yes
	Wait    Style // not known yet
	Bad     Style // certain no, faults
	Sandbox Style // the badge

	// Black, White, Upper and Lower are one cell of a QR code each: two black
	// modules, two white, black over white, white over black. Colours are given
	// outright, because with the terminal's own a light theme inverts the code,
	// and solid cells are spaces, because block characters have gaps in many
	// fonts. End closes a line.
	Black, White, Upper, Lower, End string

	base string
}

// ink is one style's colours (-1: the base's) and attributes.
type ink struct {
	fg, bg        int // of 256
	fg16, bg16    int // of 16
	bold, reverse bool
}

type palette struct{ base, head, rule, dim, strong, chosen, key, typed, good, wait, bad, sandbox ink }

func palettes() map[string]palette {
	const same = -1
	return map[string]palette{
		Dark: {
			base: ink{252, 234, 7, 0, false, false},
			head: ink{255, 238, 15, 4, true, false}, rule: ink{242, same, 8, same, false, false},
			dim: ink{248, same, 7, same, false, false}, strong: ink{231, same, 15, same, true, false},
			chosen: ink{231, 24, 15, 4, true, false}, key: ink{117, same, 14, same, true, false},
			typed: ink{231, 238, 15, same, true, false}, good: ink{120, same, 10, same, true, false},
			wait: ink{221, same, 11, same, true, false}, bad: ink{210, same, 9, same, true, false},
			sandbox: ink{16, 221, 0, 3, true, false},
		},
		Light: {
			base: ink{235, 255, 0, 15, false, false},
			head: ink{255, 60, 15, 4, true, false}, rule: ink{246, same, 8, same, false, false},
			dim: ink{239, same, 0, same, false, false}, strong: ink{16, same, 0, same, true, false},
			chosen: ink{16, 153, 15, 4, true, false}, key: ink{25, same, 4, same, true, false},
			typed: ink{16, 253, 0, same, true, false}, good: ink{22, same, 2, same, true, false},
			wait: ink{94, same, 5, same, true, false}, bad: ink{124, same, 1, same, true, false},
			sandbox: ink{231, 94, 15, 5, true, false},
		},
		Contrast: {
			base: ink{231, 16, 15, 0, false, false},
			head: ink{16, 231, 0, 15, true, false}, rule: ink{231, same, 15, same, false, false},
			dim: ink{231, same, 15, same, false, false}, strong: ink{231, same, 15, same, true, false},
			chosen: ink{16, 231, 0, 15, true, false}, key: ink{226, same, 11, same, true, false},
			typed: ink{231, same, 15, same, true, false}, good: ink{46, same, 10, same, true, true},
			wait: ink{226, same, 11, same, true, true}, bad: ink{217, same, 9, same, true, true},
			sandbox: ink{16, 226, 0, 11, true, false},
		},
	}
}

// New makes a look; an unknown name is an error that names the themes.
func New(name string, depth Depth, ascii bool) (*Look, error) {
	p, ok := palettes()[name]
	if !ok {
		return nil, fmt.Errorf("theme %q: use %s", name, strings.Join(Names(), ", "))
	}
	l := &Look{Name: name, Depth: depth, ASCII: ascii}
	l.base = p.base.open(depth, p.base)
	style := func(i ink) Style {
		open := i.open(depth, p.base)
		if open == "" {
			return Style{}
		}
		return Style{open, "\x1b[0m" + l.base}
	}
	l.Head, l.Rule, l.Dim, l.Strong = style(p.head), style(p.rule), style(p.dim), style(p.strong)
	l.Chosen, l.Key, l.Typed = style(p.chosen), style(p.key), style(p.typed)
	l.Good, l.Wait, l.Bad, l.Sandbox = style(p.good), style(p.wait), style(p.bad), style(p.sandbox)
	if depth <= Plain { // without colour the selected row still has to stand out
		l.Chosen, l.Sandbox = l.reversed(), l.reversed()
		l.Rule, l.Dim = Style{}, Style{}
	}
	l.cells(depth)
	return l, nil
}

func (l *Look) reversed() Style {
	if l.Depth == Bare {
		return Style{}
	}
	return Style{"\x1b[7m", "\x1b[0m"}
}

// cells are the QR code's. Even without colour the code needs black and white
// of its own; only a terminal that knows no sequences at all is left alone.
func (l *Look) cells(depth Depth) {
	black, white, ink, paper := "\x1b[48;5;16m", "\x1b[48;5;231m", "\x1b[38;5;16m", "\x1b[38;5;231m"
	if depth < Full {
		black, white, ink, paper = "\x1b[40m", "\x1b[107m", "\x1b[30m", "\x1b[97m"
	}
	l.Black, l.White, l.End = black+" ", white+" ", "\x1b[0m"+l.base
	l.Upper, l.Lower = paper+black+"▄", ink+white+"▄"
}

func (i ink) open(depth Depth, base ink) string {
	if depth == Bare {
		return ""
	}
	var codes []string
	if i.bold {
		codes = append(codes, "1")
	}
	if i.reverse {
		codes = append(codes, "7")
	}
	if depth >= Sixteen {
		codes = append(codes, i.colours(depth, base)...)
	}
	if len(codes) == 0 {
		return ""
	}
	return "\x1b[0;" + strings.Join(codes, ";") + "m"
}

func (i ink) colours(depth Depth, base ink) []string {
	fg, bg := i.fg, i.bg
	if depth == Sixteen {
		fg, bg = i.fg16, i.bg16
	}
	if bg < 0 && depth == Sixteen {
		bg = base.bg16
	} else if bg < 0 {
		bg = base.bg
	}
	if depth == Full {
		return []string{fmt.Sprintf("38;5;%d", fg), fmt.Sprintf("48;5;%d", bg)}
	}
	return []string{fmt.Sprint(ansi16(fg, 30)), fmt.Sprint(ansi16(bg, 40))}
}

// ansi16 is the SGR parameter of one of 16 colours: 30–37 and 90–97 for the
// foreground, ten more for the background.
func ansi16(colour, from int) int {
	if colour >= 8 {
		return from + 60 + colour - 8
	}
	return from + colour
}

// Line wraps a finished line in the base style.
func (l *Look) Line(text string) string {
	if l.base == "" {
		return text
	}
	return l.base + text + "\x1b[0m"
}
