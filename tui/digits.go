package tui

import (
	"strings"

	"abacus/tui/theme"
)

// big is text (digits, point, minus) three rows high, one string a row, all of
// the same width: half blocks, or strokes where half blocks have no sure width.
func big(text string, look *theme.Look) [3]string {
	font := blockFont
	if look.ASCII {
		font = strokeFont
	}
	var rows [3]strings.Builder
	for i, r := range text {
		glyph := font(r)
		for y := range rows {
			if i > 0 {
				rows[y].WriteByte(' ')
			}
			rows[y].WriteString(glyph[y])
		}
	}
	return [3]string{rows[0].String(), rows[1].String(), rows[2].String()}
}

func blockFont(r rune) [3]string {
	switch r {
	case '0':
		return [3]string{"█▀█", "█ █", "▀▀▀"}
	case '1':
		return [3]string{"▀█ ", " █ ", "▀▀▀"}
	case '2':
		return [3]string{"▀▀█", "█▀▀", "▀▀▀"}
	case '3':
		return [3]string{"▀▀█", " ▀█", "▀▀▀"}
	case '4':
		return [3]string{"█ █", "▀▀█", "  ▀"}
	case '5':
		return [3]string{"█▀▀", "▀▀█", "▀▀▀"}
	case '6':
		return [3]string{"█▀▀", "█▀█", "▀▀▀"}
	case '7':
		return [3]string{"▀▀█", "  █", "  ▀"}
	case '8':
		return [3]string{"█▀█", "█▀█", "▀▀▀"}
	case '9':
		return [3]string{"█▀█", "▀▀█", "▀▀▀"}
	case '-':
		return [3]string{"   ", "▀▀▀", "   "}
	}
	return [3]string{" ", " ", "▀"} // the decimal point
}

func strokeFont(r rune) [3]string {
	switch r {
	case '0':
		return [3]string{" _ ", "| |", "|_|"}
	case '1':
		return [3]string{"   ", "  |", "  |"}
	case '2':
		return [3]string{" _ ", " _|", "|_ "}
	case '3':
		return [3]string{" _ ", " _|", " _|"}
	case '4':
		return [3]string{"   ", "|_|", "  |"}
	case '5':
		return [3]string{" _ ", "|_ ", " _|"}
	case '6':
		return [3]string{" _ ", "|_ ", "|_|"}
	case '7':
		return [3]string{" _ ", "  |", "  |"}
	case '8':
		return [3]string{" _ ", "|_|", "|_|"}
	case '9':
		return [3]string{" _ ", "|_|", " _|"}
	case '-':
		return [3]string{"   ", " _ ", "   "}
	}
	return [3]string{" ", " ", "."}
}
