package printer

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// packedGlyphs is made by font/make.go; font/LICENSE names the fonts in it.
//
//go:embed font/glyphs.gz
var packedGlyphs []byte

// The measures of the font, in dots, and of the character set it covers.
const (
	cellWidth  = 12 // of ASCII; Chinese is twice as wide
	cellHeight = 24
	gbCells    = 94
	gbRows     = 87

	asciiSize   = cellHeight * 2 // bytes
	chineseSize = cellHeight * 3
)

// Font is letters drawn by the till, for printers that have no Chinese of their
// own: ASCII and the 6763 characters of GB 2312.
type Font struct{ ascii, chinese []byte }

// LoadFont unpacks the font; 0.6 MB in memory.
func LoadFont() (*Font, error) {
	packed, err := gzip.NewReader(bytes.NewReader(packedGlyphs))
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	data, err := io.ReadAll(packed)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	if want := gbCells * (asciiSize + gbRows*chineseSize); len(data) != want {
		return nil, fmt.Errorf("font: %d bytes, not %d", len(data), want)
	}
	return &Font{data[:gbCells*asciiSize], data[gbCells*asciiSize:]}, nil
}

// letter is the dots of a character, cellHeight rows of one or two cells, and
// nil for one that the font does not have.
func (f *Font) letter(r rune) (dots []byte, cells int) {
	if r == ' ' {
		return make([]byte, asciiSize), 1
	}
	if r > ' ' && r < 0x7f {
		at := int(r-'!') * asciiSize
		return f.ascii[at : at+asciiSize], 1
	}
	code, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
	if err != nil || len(code) != 2 || code[0] < 0xa1 || code[0] >= 0xa1+gbRows || code[1] < 0xa1 || code[1] >= 0xa1+gbCells {
		return nil, 0
	}
	at := (int(code[0]-0xa1)*gbCells + int(code[1]-0xa1)) * chineseSize
	if dots = f.chinese[at : at+chineseSize]; r != '\u3000' && len(bytes.Trim(dots, "\x00")) == 0 {
		return nil, 0
	}
	return dots, 2
}

// drawnForm replaces what may as well be printed by the head itself, and what
// the font lacks though a twin exists.
var drawnForm = []string{"×", "x", "−", "-", "\u2011", "-", "•", "·", "¥", "￥", "✔", "√"}
