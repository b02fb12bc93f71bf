package printer_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"abacus/printer"
)

// paperRead is what a strict reader of ESC/POS found on the paper.
type paperRead struct {
	rows  []string // without their trailing spaces
	codes []string // QR codes
	cut   bool     // the job ends with a feed and a cut
}

// reader knows the commands the renderer may use and refuses every other, text
// wider than the paper, and whatever a real head would take amiss.
type reader struct {
	job    []byte
	at     int
	paper  printer.Paper
	double bool
	row    []byte
	code   []byte
	seen   paperRead
}

// read decodes a whole job.
func read(job []byte, paper printer.Paper) (paperRead, error) {
	r := &reader{job: job, paper: paper}
	if !bytes.HasPrefix(job, []byte("\x1b@\x1c&")) {
		return r.seen, fmt.Errorf("job begins with % x", job[:min(len(job), 4)])
	}
	for r.at < len(job) {
		if err := r.step(); err != nil {
			return r.seen, fmt.Errorf("byte %d: %w", r.at, err)
		}
	}
	if len(r.row) > 0 {
		return r.seen, fmt.Errorf("last row %q is not ended", r.row)
	}
	return r.seen, nil
}

func (r *reader) step() error {
	rest := r.job[r.at:]
	commands := []struct {
		prefix  string
		args    int
		apart   bool // only between rows
		act     func(args []byte) error
		explain string
	}{
		{"\x1b@", 0, true, nil, "initialise"},
		{"\x1c&", 0, true, nil, "Chinese"},
		{"\x1bE", 1, false, upTo(1), "bold"},
		{"\x1ba", 1, true, upTo(2), "align"},
		{"\x1d!", 1, false, r.size, "size"},
		{"\x1c!", 1, false, oneOf(0x00, 0x0c), "Chinese size"},
		{"\x1bd", 1, true, r.feed, "feed"},
		{"\x1bJ", 1, true, nil, "feed dots"},
		{"\x1dVB", 1, true, r.knife, "cut"},
		{"\x1dh", 1, true, nil, "bar height"},
		{"\x1dw", 1, true, upTo(6), "bar width"},
		{"\x1dH", 1, true, upTo(3), "bar text"},
	}
	for _, c := range commands {
		if !bytes.HasPrefix(rest, []byte(c.prefix)) {
			continue
		}
		end := len(c.prefix) + c.args
		if len(rest) < end {
			return fmt.Errorf("%s cut short", c.explain)
		}
		if c.apart && len(r.row) > 0 {
			return fmt.Errorf("%s inside a row", c.explain)
		}
		r.at += end
		if c.act != nil {
			return c.act(rest[len(c.prefix):end])
		}
		return nil
	}
	if bytes.HasPrefix(rest, []byte("\x1d(k")) {
		return r.qr(rest)
	}
	if bytes.HasPrefix(rest, []byte("\x1dk")) {
		return r.bars(rest)
	}
	return r.text(rest)
}

func upTo(most byte) func([]byte) error {
	return func(args []byte) error {
		if args[0] > most {
			return fmt.Errorf("argument %d", args[0])
		}
		return nil
	}
}

func oneOf(values ...byte) func([]byte) error {
	return func(args []byte) error {
		if !bytes.Contains(values, args) {
			return fmt.Errorf("argument %d", args[0])
		}
		return nil
	}
}

func (r *reader) size(args []byte) error {
	r.double = args[0] == 0x11
	return oneOf(0x00, 0x11)(args)
}

func (r *reader) feed(args []byte) error {
	r.seen.rows = append(r.seen.rows, make([]string, args[0])...)
	return nil
}

func (r *reader) knife([]byte) error {
	fed := bytes.HasSuffix(r.job[:r.at-4], []byte("\x1bd\x03"))
	r.seen.cut = fed && r.at == len(r.job)
	return nil
}

func (r *reader) qr(rest []byte) error {
	if len(rest) < 5 {
		return fmt.Errorf("QR cut short")
	}
	length := int(rest[3]) | int(rest[4])<<8
	if len(rest) < 5+length || length < 3 {
		return fmt.Errorf("QR of %d bytes", length)
	}
	body := rest[5 : 5+length]
	r.at += 5 + length
	switch string(body[:2]) {
	case "1A", "1C", "1E":
		return nil
	case "1P":
		r.code = body[3:]
		return nil
	case "1Q":
		if r.code == nil {
			return fmt.Errorf("QR printed before it was stored")
		}
		r.seen.codes = append(r.seen.codes, string(r.code))
		return nil
	}
	return fmt.Errorf("QR function % x", body[:2])
}

// bars reads GS k m n: EAN-13 (67) or Code 128 (73).
func (r *reader) bars(rest []byte) error {
	if len(rest) < 4 || len(rest) < 4+int(rest[3]) {
		return fmt.Errorf("bars cut short")
	}
	body := string(rest[4 : 4+rest[3]])
	r.at += 4 + int(rest[3])
	switch set := body[:2]; {
	case rest[2] == 67 && len(body) == 13:
		r.seen.codes = append(r.seen.codes, "EAN "+body)
	case rest[2] == 73 && set == "{B":
		r.seen.codes = append(r.seen.codes, "128 "+body[2:])
	case rest[2] == 73 && set == "{C":
		digits := ""
		for _, pair := range []byte(body[2:]) {
			digits += fmt.Sprintf("%02d", pair)
		}
		r.seen.codes = append(r.seen.codes, "128 "+digits)
	default:
		return fmt.Errorf("bars %d %q", rest[2], body)
	}
	return nil
}

func (r *reader) text(rest []byte) error {
	switch b := rest[0]; {
	case b == '\n':
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(r.row)
		if err != nil || bytes.ContainsRune(decoded, '\ufffd') {
			return fmt.Errorf("row % x is no GB18030", r.row)
		}
		r.seen.rows = append(r.seen.rows, strings.TrimRight(string(decoded), " "))
		r.row, r.at = nil, r.at+1
		return nil
	case b < 0x20, b == 0x7f:
		return fmt.Errorf("control byte %02x", b)
	case b < 0x80:
		return r.put(rest[:1])
	case b == 0x80 || b == 0xff || len(rest) < 2 || rest[1] < 0x40 || rest[1] == 0x7f || rest[1] == 0xff:
		return fmt.Errorf("not a two-byte character: % x", rest[:min(len(rest), 2)])
	}
	return r.put(rest[:2])
}

// put counts columns as the head does: one a byte, twice as many when double.
func (r *reader) put(char []byte) error {
	r.row = append(r.row, char...)
	r.at += len(char)
	width := len(r.row)
	if r.double {
		width *= 2
	}
	if width > r.paper.Columns {
		return fmt.Errorf("row %q is wider than %d columns", r.row, r.paper.Columns)
	}
	return nil
}

func mustRead(t interface {
	Helper()
	Fatal(...any)
}, job []byte, paper printer.Paper) paperRead {
	t.Helper()
	seen, err := read(job, paper)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestPapersReadBack(t *testing.T) {
	everySample(t, func(t *testing.T, name string, doc printer.Document, paper printer.Paper) {
		seen := mustRead(t, printer.ESCPOS(doc, paper), paper)
		if !seen.cut {
			t.Error("does not end with a feed and a cut")
		}
		what, _, _ := strings.Cut(name, ".")
		wantCode := !slices.Contains([]string{"refund", "hold", "released", "x", "z"}, what) // receipts of sales have one
		if got := len(seen.codes) == 1 && seen.codes[0] == "20261121-0042"; got != wantCode {
			t.Errorf("QR codes %q, want one: %v", seen.codes, wantCode)
		}
		for i, row := range seen.rows {
			if i > 0 && strings.Contains(row, "\ufffd") {
				t.Errorf("row %q", row)
			}
		}
	})
}

func TestReaderIsStrict(t *testing.T) {
	const head = "\x1b@\x1c&"
	paper := printer.Paper{Columns: 32, Dots: 384}
	for name, job := range map[string]string{
		"no start":         "text\n",
		"unknown command":  head + "\x1bZ\n",
		"control":          head + "\x10\x04\x01",
		"too wide":         head + strings.Repeat("x", 33) + "\n",
		"too wide, double": head + "\x1d!\x11" + strings.Repeat("x", 17) + "\n",
		"half a character": head + "\xb5\n",
		"four bytes":       head + "\x81\x30\x84\x36\n",
		"align in a row":   head + "x\x1ba\x01\n",
		"no line end":      head + "x",
		"QR too short":     head + "\x1d(k\x40\x001P0abc",
		"QR not stored":    head + "\x1d(k\x03\x001Q0",
	} {
		if _, err := read([]byte(job), paper); err == nil {
			t.Errorf("%s: read without complaint", name)
		}
	}
}
