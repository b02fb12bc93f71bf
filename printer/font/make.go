//go:build ignore

// Make packs two bitmap fonts of the X Window System into glyphs.gz:
//
//	go run make.go 12x24.bdf gb24st.bdf > glyphs.gz
//
// The file holds printable ASCII from ! on, 12 × 24 dots, two bytes a row; then
// GB 2312 by row and cell, 24 × 24 dots, three bytes a row. No index is needed:
// the place follows from the character's code. See LICENSE for the fonts.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"strings"
)

const (
	height = 24
	cells  = 94 // of a row of GB 2312; also the printable characters of ASCII
	rows   = 87
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go run make.go 12x24.bdf gb24st.bdf > glyphs.gz")
	}
	packed := make([]byte, cells*height*2+rows*cells*height*3)
	chinese := packed[cells*height*2:]
	read(os.Args[1], 2, func(code int) []byte {
		if code < '!' || code > '~' {
			return nil
		}
		return packed[(code-'!')*height*2:]
	})
	read(os.Args[2], 3, func(code int) []byte {
		return chinese[((code>>8-0x21)*cells+code&0xff-0x21)*height*3:]
	})
	out, err := gzip.NewWriterLevel(os.Stdout, gzip.BestCompression)
	if err == nil {
		_, err = out.Write(packed)
	}
	if err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
}

// read copies each glyph of a BDF file to its place.
func read(path string, width int, place func(code int) []byte) {
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var to []byte
	row := -1
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text := strings.TrimSpace(lines.Text())
		var code int
		switch {
		case strings.HasPrefix(text, "ENCODING "):
			if _, err := fmt.Sscanf(text, "ENCODING %d", &code); err != nil {
				log.Fatal(err)
			}
			to = place(code)
		case text == "BITMAP":
			row = 0
		case text == "ENDCHAR":
			row = -1
		case row >= 0 && to != nil:
			dots, err := hex.DecodeString(text)
			if err != nil || len(dots) != width || row >= height {
				log.Fatalf("%s: character %d is not %d × %d", path, code, width*8, height)
			}
			copy(to[row*width:], dots)
			row++
		}
	}
}
