package printer

import (
	"context"
	"io"
	"time"

	"abacus/internal/fall"
)

// DisplayColumns is the width of the two rows of a customer display.
const DisplayColumns = 20

// The commands, from the CD5220 command set as makers of such displays print it:
// ESC Q A and ESC Q B write the upper and the lower row up to the CR.
const (
	upperRow = "\x1bQA"
	lowerRow = "\x1bQB"
	rowEnd   = "\r"
)

// DisplayRow is a row of a customer display: text at the left, a figure at the right.
// Of what does not fit, the figure stays whole.
type DisplayRow struct{ Left, Right string }

// Display is a customer display of two rows on a serial line, CD5220. It shows
// what it was given last; what it has no time for is passed over, and one that
// is not there holds nobody up.
type Display struct {
	Path    string
	Baud    int
	Chinese bool // it knows GB18030; else it gets ASCII only
	// Open opens the line; nil opens the serial line Path.
	Open func() (io.WriteCloser, error)
	// Trouble is told when the display cannot be opened or written to (*DisplayLost),
	// and when it can again (nil). It may be nil.
	Trouble func(error)

	next chan [2]DisplayRow
}

// DisplayLost is the error of a display that was opened and takes nothing any
// more.
type DisplayLost struct{ Err error }

func (e *DisplayLost) Error() string {
	return "the customer display takes nothing any more: " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *DisplayLost) Unwrap() error { return e.Err }

// The patience with a display.
const (
	displayWrite = 2 * time.Second
	displayAgain = 10 * time.Second // until it is looked for again
)

// Show replaces what is shown. It never waits. One goroutine calls it.
func (d *Display) Show(upper, lower DisplayRow) {
	select {
	case <-d.next: // older, and not shown yet
	default:
	}
	d.next <- [2]DisplayRow{upper, lower}
}

// NewDisplay prepares a display; Run works it.
func NewDisplay(d Display) *Display {
	d.next = make(chan [2]DisplayRow, 1)
	if d.Open == nil {
		path, baud := d.Path, d.Baud
		d.Open = func() (io.WriteCloser, error) {
			port, err := openPort(path, baud)
			if err != nil {
				return nil, err
			}
			return pace(port, port.stop), nil
		}
	}
	return &d
}

// Run writes to the display until ctx ends, and opens it again when it was
// gone.
func (d *Display) Run(ctx context.Context) {
	var line io.WriteCloser
	var rows [2]DisplayRow
	var again <-chan time.Time
	ill := false
	defer func() {
		if line != nil {
			_ = line.Close()
		}
	}()
	for {
		select {
		case rows = <-d.next:
		case <-again:
		case <-ctx.Done():
			return
		}
		err := fall.Caught(func() error { return d.write(ctx, &line, rows) })
		again = nil
		if err != nil {
			again = time.After(displayAgain)
		}
		if (err != nil) != ill && d.Trouble != nil && ctx.Err() == nil {
			d.Trouble(err)
		}
		ill = err != nil
	}
}

func (d *Display) write(ctx context.Context, line *io.WriteCloser, rows [2]DisplayRow) error {
	begin := ""
	if *line == nil {
		opened, err := d.Open()
		if err != nil {
			return err
		}
		*line, begin = opened, initialise
	}
	ctx, cancel := context.WithTimeout(ctx, displayWrite)
	defer cancel()
	if bounded, ok := (*line).(interface{ SetWriteDeadline(time.Time) error }); ok {
		defer bound(ctx, bounded.SetWriteDeadline)()
	}
	text := begin + upperRow + d.row(rows[0]) + rowEnd + lowerRow + d.row(rows[1]) + rowEnd
	if _, err := io.WriteString(*line, text); err != nil {
		_ = (*line).Close()
		*line = nil
		return &DisplayLost{cause(ctx, err)}
	}
	return nil
}

// row is exactly as wide as the display, because a shorter one would leave
// letters of the row before.
func (d *Display) row(r DisplayRow) string {
	letters := asciiAlphabet()
	if d.Chinese {
		letters = paperAlphabet()
	}
	right := letters(r.Right)
	right = right[:fitting(right, DisplayColumns)]
	room := DisplayColumns - right.columns()
	if len(right) > 0 && room > 0 {
		room--
	}
	left := letters(r.Left)
	for left.columns() > room {
		left = left[:len(left)-1]
	}
	l := layout{columns: DisplayColumns}
	return l.toRight(left, right).String()
}

// asciiAlphabet leaves out what is not ASCII: a display without Chinese would
// show rubbish in its place.
func asciiAlphabet() alphabet {
	return func(text string) run {
		var r run
		clusters(paperForm.Replace(text), func(cluster string, first rune) {
			if first >= ' ' && first <= '~' && (first != ' ' || len(r) > 0) {
				r = append(r, newGlyph(cluster[:1], 1, first))
			}
		})
		return r
	}
}
