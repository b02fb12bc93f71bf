package tui

import (
	"strings"

	"github.com/mdp/qrterminal/v3"
	"rsc.io/qr"

	"abacus/tui/theme"
)

// code is an order code drawn once and shown unmoved: an encoder run for every
// frame would be wasted, and a code that is redrawn is harder to scan.
type code struct {
	text  string
	room  area
	look  *theme.Look
	lines []string
	w     int
}

// draw returns the code in the largest quiet zone the room has place for, four
// modules, then two, then one; none if it does not fit at all.
func (c *code) draw(text string, room area, look *theme.Look) (lines []string, w int) {
	if c.text == text && c.room == room && c.look == look {
		return c.lines, c.w
	}
	*c = code{text: text, room: room, look: look}
	if look.Depth == theme.Bare || text == "" {
		return nil, 0 // no way to give it black and white
	}
	for _, quiet := range []int{4, 2, 1} {
		for _, level := range []qr.Level{qr.M, qr.L} {
			if c.try(text, level, quiet) {
				return c.lines, c.w
			}
		}
	}
	return nil, 0
}

func (c *code) try(text string, level qr.Level, quiet int) bool {
	encoded, err := qr.Encode(text, level)
	if err != nil {
		return false // too long; qrterminal would panic on it
	}
	modules := encoded.Size + 2*quiet
	w, h, half := modules, (modules+1)/2, true
	if c.look.ASCII { // half blocks have no sure width: two spaces a module
		w, h, half = 2*modules, modules, false
	}
	if w > c.room.w || h > c.room.h {
		return false
	}
	var b strings.Builder
	white, black := c.look.White, c.look.Black
	if !half {
		white, black = white+" ", black+" "
	}
	qrterminal.GenerateWithConfig(text, qrterminal.Config{
		Level: level, Writer: &b, HalfBlocks: half, QuietZone: quiet, WhiteChar: white, BlackChar: black,
		BlackWhiteChar: c.look.Upper, WhiteBlackChar: c.look.Lower,
	})
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if half { // the library makes half a row of border black, as if the terminal were
		border := 0
		if quiet%2 == 0 {
			border = len(lines) - 1
		}
		lines[border] = strings.Repeat(c.look.White, w)
	}
	for i := range lines {
		lines[i] += c.look.End
	}
	c.lines, c.w = lines, w
	return true
}
