package ledger

import (
	"bufio"
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"abacus/internal/money"
)

// exportHead is the first line of an export. It tells a stranger all that is
// needed to read and check the rest.
type exportHead struct {
	Format   string            `json:"format"`
	Version  int               `json:"version"`
	Store    string            `json:"store"`
	Till     string            `json:"till"`
	Mark     string            `json:"mark"`
	Currency money.Currency    `json:"currency"`
	Exported time.Time         `json:"exported"`
	Head     Head              `json:"head"` // the last entry that must follow
	Hash     string            `json:"hash"`
	Fields   map[string]string `json:"fields"`
}

const (
	exportFormat  = "abacus-journal"
	exportVersion = 1
)

func exportFields() map[string]string {
	return map[string]string{
		"number":   "from 1, without gaps",
		"kind":     "what happened, such as sale.opened or payment.moved",
		"time":     "wall clock of the till, RFC 3339 with microseconds and offset",
		"mono":     "microseconds since the till program was started; does not jump with the clock",
		"day":      "business day",
		"till":     "the till",
		"operator": "who did it; empty when the till itself did",
		"approver": "the manager who allowed it, if one had to",
		"shift":    "the shift open at that moment",
		"sale":     "the sale it belongs to",
		"payload":  "the details as JSON text; amounts are {minor, currency} in minor units, quantities in thousandths",
		"previous": "hash of the entry before, hexadecimal",
		"hash":     "hash of this entry, hexadecimal",
	}
}

// exportLine is an entry in an export. Every field is always there, and the
// payload is text, so that any JSON library gives the exact bytes back.
type exportLine struct {
	Number   int64  `json:"number"`
	Kind     Kind   `json:"kind"`
	Time     string `json:"time"`
	Mono     int64  `json:"mono"`
	Day      string `json:"day"`
	Till     string `json:"till"`
	Operator string `json:"operator"`
	Approver string `json:"approver"`
	Shift    string `json:"shift"`
	Sale     string `json:"sale"`
	Payload  string `json:"payload"`
	Previous Hash   `json:"previous"`
	Hash     Hash   `json:"hash"`
}

func (x *exportLine) entry() (Entry, error) {
	at, err := time.Parse(timeLayout, x.Time)
	return Entry{Number: x.Number, Kind: x.Kind, Time: at, Monotonic: x.Mono, Day: x.Day, Till: x.Till, Operator: x.Operator,
		Approver: x.Approver, Shift: x.Shift, Sale: x.Sale, Payload: []byte(x.Payload), Previous: x.Previous, Hash: x.Hash}, err
}

// Export writes the whole journal as JSON lines; the first line describes the
// others. It reads one instant of the book and works beside a running till. Of
// the options it needs Path, and Store, Till, Now and VFS as for Open.
func Export(ctx context.Context, o Options, w io.Writer) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	c, err := openReader(o)
	if err != nil {
		return err
	}
	return errors.Join(export(ctx, c, o, w), c.close())
}

// Export writes the whole journal; see the function of that name. Selling goes
// on meanwhile.
func (l *Ledger) Export(ctx context.Context, w io.Writer) error { return Export(ctx, l.opt, w) }

func export(ctx context.Context, c *conn, o Options, w io.Writer) error {
	head := exportHead{Format: exportFormat, Version: exportVersion, Store: o.Store, Till: o.Till,
		Exported: o.Now().Truncate(time.Microsecond), Hash: hashRecipe, Fields: exportFields()}
	if _, err := c.one("SELECT mark, currency FROM installation", nil, &head.Mark, (*string)(&head.Currency)); err != nil {
		return err
	}
	head.Head.Hash = genesis(head.Mark)
	_, err := c.one("SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1", nil, &head.Head.Number, &head.Head.Hash)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(head); err != nil {
		return err
	}
	err = c.each("SELECT "+entryColumns+" FROM journal ORDER BY number", nil, func(row []driver.Value) error {
		x, err := exportRow(row)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return lines.Encode(x)
	})
	return errors.Join(err, out.Flush())
}

// maxExportLine bounds what VerifyExport reads at once: the largest payload
// with every byte escaped.
const maxExportLine = 6*maxPayload + 1<<16

// VerifyExport checks an export with nothing but the export: its form, the
// chain from the first entry, and that it ends where its first line says. An
// error is one of reading or of ctx; everything wrong with the export is in the
// verdict.
func VerifyExport(ctx context.Context, r io.Reader) (Verdict, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxExportLine)
	var head exportHead
	if !in.Scan() {
		return formVerdict(in.Err(), 0, "there is no first line")
	}
	if err := json.Unmarshal(in.Bytes(), &head); err != nil || head.Format != exportFormat || head.Version != exportVersion {
		return formVerdict(nil, 0, fmt.Sprintf("the first line does not describe a journal of version %d", exportVersion))
	}
	walk := exportWalk{v: Verdict{Head: Head{Hash: genesis(head.Mark)}}}
	for walk.v.Why == "" && in.Scan() {
		if err := ctx.Err(); err != nil {
			return Verdict{}, err
		}
		walk.line(in.Bytes())
	}
	v := walk.v
	switch {
	case v.Why != "":
		return v, nil
	case in.Err() != nil:
		return formVerdict(in.Err(), v.Head.Number+1, "")
	case v.Head != head.Head:
		v.Bad, v.Why = v.Head.Number+1, WhyGap
		v.Detail = fmt.Sprintf("it ends at number %d, its first line promises %d with hash %.16s…", v.Head.Number, head.Head.Number, head.Head.Hash)
		return v, nil
	}
	v.OK = true
	return v, nil
}

// formVerdict is a verdict on the form, or the error of a reader that failed.
func formVerdict(err error, number int64, detail string) (Verdict, error) {
	if errors.Is(err, bufio.ErrTooLong) {
		detail = fmt.Sprintf("a line of more than %d bytes", maxExportLine)
	} else if err != nil {
		return Verdict{}, fmt.Errorf("read the export: %w", err)
	}
	return Verdict{Bad: number, Why: WhyFormat, Detail: detail}, nil
}

type exportWalk struct {
	v      Verdict
	buffer bytes.Buffer
}

// line checks one entry. Its text must be exactly what Export writes: a field
// twice or one too many would let two readers see two different books.
func (w *exportWalk) line(text []byte) {
	var x exportLine
	next := w.v.Head.Number + 1
	err := json.Unmarshal(text, &x)
	w.buffer.Reset()
	if err == nil {
		form := json.NewEncoder(&w.buffer)
		form.SetEscapeHTML(false)
		err = form.Encode(&x)
	}
	e, timeErr := x.entry()
	if err != nil || timeErr != nil || !bytes.Equal(bytes.TrimSuffix(w.buffer.Bytes(), []byte("\n")), text) {
		w.v.Bad, w.v.Why, w.v.Detail = next, WhyFormat, "the line is not in the form of an export"
		return
	}
	if why, detail := checkLink(w.v.Head, &e, nil); why != "" {
		w.v.Bad, w.v.Why, w.v.Detail = e.Number, why, detail
		if why == WhyGap {
			w.v.Bad = next
		}
		return
	}
	w.v.Head = Head{e.Number, e.Hash}
	w.v.Entries = e.Number
}
