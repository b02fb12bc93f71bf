package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"unicode"

	"abacus/ledger"
)

// auditor keeps a till's books once more, from the lines of its export and
// with nothing of the till's own code: what was taken and given back.
type auditor struct {
	entries  int
	payments map[string]*audited // by payment
	refunds  map[string]*audited // by refund
}

// audited is a payment or a refund as its last entry left it.
type audited struct {
	Payment, Refund, Order, Channel, State string
	Amount                                 struct{ Minor int64 }
	Watch                                  bool
	sale                                   string
}

// audit reads an export as `abacus journal export` writes it.
func audit(export io.Reader) (*auditor, error) {
	a := &auditor{payments: map[string]*audited{}, refunds: map[string]*audited{}}
	lines := bufio.NewScanner(export)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var line struct{ Kind, Sale, Payload string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, err
		}
		if line.Kind == "" {
			continue // the first line describes the others
		}
		a.entries++
		if err := a.take(line.Kind, line.Sale, []byte(line.Payload)); err != nil {
			return nil, fmt.Errorf("entry %d: %w", a.entries, err)
		}
	}
	return a, lines.Err()
}

func (a *auditor) take(kind, sale string, payload []byte) error {
	var x audited
	switch kind {
	case "payment.started", "payment.moved", "refund.started", "refund.moved":
		if err := json.Unmarshal(payload, &x); err != nil {
			return err
		}
	}
	x.sale = sale
	switch kind {
	case "payment.started":
		a.payments[x.Payment] = &x
	case "refund.started":
		a.refunds[x.Refund] = &x
	case "payment.moved":
		return moved(a.payments[x.Payment], x)
	case "refund.moved":
		return moved(a.refunds[x.Refund], x)
	}
	return nil
}

func moved(known *audited, now audited) error {
	if known == nil {
		return fmt.Errorf("%s%s moved before it started", now.Payment, now.Refund)
	}
	if known.State == "paid" && now.State != "paid" {
		return fmt.Errorf("%s was paid and became %s", now.Payment, now.State)
	}
	known.State, known.Watch = now.State, now.Watch
	return nil
}

// open says what has not come to its end.
func (a *auditor) open() error {
	for id, p := range a.payments {
		if p.Watch || p.State != "paid" && p.State != "declined" && p.State != "reversed" {
			return fmt.Errorf("payment %s is %s, watched %v", id, p.State, p.Watch)
		}
	}
	for id, r := range a.refunds {
		if r.State != "done" && r.State != "refused" {
			return fmt.Errorf("refund %s is %s", id, r.State)
		}
	}
	return nil
}

// taken is what the till believes to hold by order, and by sale how many of
// its payments it holds something of.
func (a *auditor) taken() (orders map[string]int64, sales map[string]int) {
	orders, sales = map[string]int64{}, map[string]int{}
	back := map[string]int64{}
	for _, r := range a.refunds {
		if r.State == "done" {
			back[r.Payment] += r.Amount.Minor
		}
	}
	for id, p := range a.payments {
		kept := int64(0)
		if p.State == "paid" {
			kept = p.Amount.Minor - back[id]
		}
		if kept > 0 {
			sales[p.sale]++
		}
		if p.Channel != "cash" {
			orders[p.Order] = kept
		}
	}
	return orders, sales
}

// agreeOn compares the acquirers' books with the tills' to the fen, order by
// order, both ways. The sales of these tests are charged whole, so one payment
// of each is all that may be held.
func agreeOn(theirs map[string]booked, tills ...*auditor) error {
	known := map[string]bool{}
	for _, a := range tills {
		if err := a.open(); err != nil {
			return err
		}
		orders, sales := a.taken()
		for order, ours := range orders {
			known[order] = true
			o := theirs[order]
			if kept := o.Captured - o.Refunded - o.Reversed; kept != ours {
				return fmt.Errorf("%s: the acquirer keeps %d, the journal says %d: %+v", order, kept, ours, o)
			}
		}
		for sale, payments := range sales {
			if payments > 1 {
				return fmt.Errorf("sale %s was paid %d times", sale, payments)
			}
		}
	}
	for order, o := range theirs {
		if !known[order] {
			return fmt.Errorf("the acquirer has an order nobody made: %+v", o)
		}
	}
	return nil
}

// standsIn reports whether a text stands in data. A PIN is so short that among
// the digits of an hour's moments and references it comes up by chance: it counts
// only where no digit or letter goes on before or behind it.
func standsIn(data []byte, secret string) bool {
	goesOn := func(at int) bool {
		return at >= 0 && at < len(data) && (unicode.IsDigit(rune(data[at])) || data[at] < 0x80 && unicode.IsLetter(rune(data[at])))
	}
	for from := 0; secret != ""; from++ {
		at := bytes.Index(data[from:], []byte(secret))
		if at < 0 {
			break
		}
		from += at
		if len(secret) > 8 || !goesOn(from-1) && !goesOn(from+len(secret)) {
			return true
		}
	}
	return false
}

// TestAPINIsFound: what standsIn passes over is chance only.
func TestAPINIsFound(t *testing.T) {
	for text, stands := range map[string]bool{
		`"pin":"246810"`: true, "246810": true, "PIN 246810\n": true, "1246810": false, "05.1246810Z": false, "a246810": false,
		"02468101 and 246810.": true, "codes 130123456789012345x": true, "x": false,
	} {
		if got := standsIn([]byte(text), "246810") || standsIn([]byte(text), "130123456789012345"); got != stands {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// secretIn looks for any of the texts in the files of a folder.
func secretIn(dir string, secrets []string) error {
	return filepath.WalkDir(dir, func(path string, f os.DirEntry, err error) error {
		if err != nil || !f.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range secrets {
			if standsIn(data, s) {
				return fmt.Errorf("%s holds a secret of %d characters", path, len(s))
			}
		}
		return nil
	})
}

// bookHolds opens a book as the next start would and looks for payments that
// somebody was told of; it gives how many there are in all.
func bookHolds(t *testing.T, data string, told map[string]bool) (held int, err error) {
	books, err := ledger.Open(t.Context(), bookIn(data))
	if err != nil && len(told) > 0 {
		return 0, err
	} else if err != nil {
		return 0, nil // the power went before there was a book
	}
	if err := books.Close(); err != nil {
		return 0, err
	}
	v, err := ledger.Verify(t.Context(), bookIn(data))
	if err == nil && !v.OK {
		err = fmt.Errorf("verify: %+v", v)
	}
	if err != nil {
		return 0, err
	}
	a, err := auditBook(t, data)
	if err != nil {
		return 0, err
	}
	for id := range told {
		if p := a.payments[id]; p == nil || p.State != "paid" {
			return 0, fmt.Errorf("payment %s was acknowledged and the book has %+v", id, p)
		}
	}
	return len(a.payments), nil
}
