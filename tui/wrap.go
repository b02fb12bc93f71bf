package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"
)

// piece is text that no line may end within.
type piece struct {
	text  string
	cells int // with the spaces at its end,
	bare  int // and without
	cost  int // of ending a line here, in cells left empty
}

// wrap breaks text into as few lines of at most n cells as it takes. They end
// where Unicode (UAX #14) lets them, at spaces and between Chinese characters,
// and of these places rather where a sentence or clause does.
func wrap(text string, n int) []string {
	if n <= 0 {
		return nil
	}
	pieces := piecesOf(clean(text), n)
	if len(pieces) == 0 {
		return []string{""}
	}
	const (
		line   = 1_000_000 // dearer than anything else
		orphan = 15        // a last line of a character or two
	)
	best, next := make([]int, len(pieces)+1), make([]int, len(pieces)) // for the text from a piece on
	for from := len(pieces) - 1; from >= 0; from-- {
		cells := 0
		for to := from; to < len(pieces) && (to == from || cells+pieces[to].bare <= n); to++ {
			cost := line + best[to+1]
			switch used := cells + pieces[to].bare; {
			case to+1 < len(pieces):
				cost += n - used + pieces[to].cost
			case from > 0 && used < 6:
				cost += orphan
			}
			if to == from || cost <= best[from] {
				best[from], next[from] = cost, to+1
			}
			cells += pieces[to].cells
		}
	}
	var lines []string
	for from := 0; from < len(pieces); from = next[from] {
		var b strings.Builder
		for _, p := range pieces[from:next[from]] {
			b.WriteString(p.text)
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

// piecesOf cuts a word that is longer than a line.
func piecesOf(text string, n int) []piece {
	var pieces []piece
	rest, state := text, -1
	for rest != "" {
		var part string
		part, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		for part != "" {
			head := part
			if width(strings.TrimRight(part, " ")) > n {
				head = ansi.Truncate(part, max(n, 2), "")
			}
			if head == "" {
				head = part
			}
			bare := strings.TrimRight(head, " ")
			pieces = append(pieces, piece{head, width(head), width(bare), breakCost(bare, head != bare)})
			part = part[len(head):]
		}
	}
	return pieces
}

// breakCost is what ending a line behind a piece costs.
func breakCost(bare string, space bool) int {
	switch last, _ := utf8.DecodeLastRuneInString(bare); last {
	case '。', '！', '？', '；', '.', '!', '?', ';':
		return 0
	case '，', '、', '：', ',', ':':
		return 10
	}
	if space {
		return 20
	}
	return 30
}
