package ledger

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"abacus/internal/faultdisk"
)

// dayBooks are disks as they lie there at the end of the day: after the program was
// killed, when the latest sales are in the log only and the head file knows
// them, and after it ended in order, when all is in the database.
func dayBooks(t *testing.T) (killed, closed *faultdisk.Disk, c *cashier) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		disk := faultdisk.New(faultdisk.Options{Rand: luck(1)})
		c = newCashier(disk)
		c.pragmas = nil
		kill := step{"kill", func(context.Context, *cashier) error { killed = disk.Clone(); return nil }}
		if err := c.work(t.Context(), append(slices.Clone(day), kill)); err != nil {
			t.Fatal(err)
		}
		closed = disk.Clone()
		release(t, disk)
	})
	return killed, closed, c
}

// content is everything a book says.
func content(o Options) (string, error) {
	c, err := openReader(o)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	schema, err := schemaOf(c)
	fmt.Fprintln(&b, schema)
	queries := []string{"PRAGMA integrity_check"}
	for _, table := range append([]string{"installation", "journal", "request_keys"}, projections...) {
		queries = append(queries, "SELECT * FROM "+table+" ORDER BY 1")
	}
	for _, query := range queries {
		err = errors.Join(err, c.each(query, nil, func(row []driver.Value) error {
			fmt.Fprintln(&b, row)
			return nil
		}))
	}
	return b.String(), errors.Join(err, c.close())
}

// found is who notices that a book is not what it was.
type found string

const (
	harmless found = "nothing differs"
	atStart  found = "refused at the start"
	atVerify found = "found by verify"
	silent   found = "not found"
)

func whoNotices(ctx context.Context, o Options, content0 string) (found, error) {
	l, err := Open(ctx, o)
	if l != nil {
		defer l.Close()
	}
	if err != nil {
		return atStart, err
	}
	text, err := content(o)
	if err == nil && text == content0 {
		return harmless, nil
	}
	v, err := Verify(ctx, o)
	if err != nil || !v.OK {
		return atVerify, errors.Join(err, errors.New(v.Detail))
	}
	return silent, fmt.Errorf("%w: differs at %.200q", errWrong, difference(text, content0))
}

func difference(text, other string) string {
	for i := range min(len(text), len(other)) {
		if text[i] != other[i] {
			return text[max(0, i-80):]
		}
	}
	return text[min(len(text), len(other)):]
}

// TestOneBitFlips lets single bits rot in a book whose program was killed. What
// differs from what was acknowledged is refused at the start or found by
// Verify, always; in the log, at the start.
func TestOneBitFlips(t *testing.T) {
	killed, closed, c := dayBooks(t)
	if count := rot(t, c, "the log of a killed till", killed, c.opt.Path+"-wal"); count[atVerify] > 0 {
		t.Errorf("%d flips in the log were found by verify only", count[atVerify])
	}
	rot(t, c, "the database of a killed till", killed, c.opt.Path)
	rot(t, c, "the database after an orderly end", closed, c.opt.Path)
}

func rot(t *testing.T, c *cashier, what string, book *faultdisk.Disk, name string) map[found]int {
	t.Helper()
	clean := book.Clone()
	text, err := content(c.opt.on(clean))
	if err != nil {
		t.Fatal(err)
	}
	release(t, clean)
	flips := max(100**damages/thin, 60) // few of them meet what the log does not hold anew
	count := map[found]int{}
	r := luck(uint64(len(what)))
	for range flips {
		disk := book.Clone()
		rotten := bytes.Clone(disk.Peek(name))
		bit := r.IntN(len(rotten) * 8)
		rotten[bit/8] ^= 1 << (bit % 8)
		disk.Put(name, rotten)
		who, err := whoNotices(t.Context(), c.opt.on(disk), text)
		if count[who]++; who == silent {
			t.Errorf("%s, bit %d of byte %d: %v", what, bit%8, bit/8, err)
		}
		release(t, disk)
	}
	t.Logf("%s, %d bytes, %d flips: %v", what, len(book.Peek(name)), flips, count)
	if count[atStart]+count[atVerify] == 0 {
		t.Errorf("%s: nothing noticed, nothing tested", what)
	}
	return count
}

// TestExchangedFiles is what people do with files while the till is off. All of
// it is refused before the first sale, with the number and a sentence.
func TestExchangedFiles(t *testing.T) {
	killed, _, c := dayBooks(t)
	db, log := c.opt.Path, c.opt.Path+"-wal"
	older := bookAfter(t, day[:6])
	stranger := faultdisk.New(faultdisk.Options{Rand: luck(2)})
	other := newCashier(stranger)
	other.opt.Random = twos{}
	if err := other.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := day[0].do(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	foreign := stranger.Clone()
	if err := other.close(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*faultdisk.Disk){
		"an older copy of the database, its log gone": func(d *faultdisk.Disk) { d.Put(db, older.Peek(db)); d.Put(log, nil) },
		"the log deleted":                      func(d *faultdisk.Disk) { d.Put(log, nil) },
		"the log of another till":              func(d *faultdisk.Disk) { d.Put(log, foreign.Peek(log)) },
		"the log cut short":                    func(d *faultdisk.Disk) { d.Put(log, d.Peek(log)[:len(d.Peek(log))/2]) },
		"the database cut short, its log gone": func(d *faultdisk.Disk) { d.Put(db, d.Peek(db)[:len(d.Peek(db))/2]); d.Put(log, nil) },
		"the database empty, its log gone":     func(d *faultdisk.Disk) { d.Put(db, []byte{}); d.Put(log, nil) },
		"the database deleted":                 func(d *faultdisk.Disk) { d.Put(db, nil); d.Put(log, nil) },
		"another till's book":                  func(d *faultdisk.Disk) { d.Put(db, foreign.Peek(db)); d.Put(log, foreign.Peek(log)) },
	} {
		t.Run(what, func(t *testing.T) {
			disk := killed.Clone()
			change(disk)
			l, err := Open(t.Context(), c.opt.on(disk))
			if err == nil {
				t.Error("taken as it is")
			} else if text := err.Error(); len(text) < 20 {
				t.Errorf("says only %q", text)
			} else {
				t.Log(text)
			}
			if l != nil {
				if _, err := l.Append(t.Context(), Batch{Drafts: []Draft{shiftOpened(3, 1)}}); err == nil {
					t.Error("sells on it")
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
			release(t, disk)
		})
	}
}

// TestOlderDatabaseUnderItsLog is a backup copied over the database while the
// log stays: its end is in the log, so the start sees nothing. Verify does.
func TestOlderDatabaseUnderItsLog(t *testing.T) {
	killed, _, c := dayBooks(t)
	older := bookAfter(t, day[:6])
	clean := killed.Clone()
	text, err := content(c.opt.on(clean))
	if err != nil {
		t.Fatal(err)
	}
	release(t, clean)
	killed.Put(c.opt.Path, older.Peek(c.opt.Path))
	who, err := whoNotices(t.Context(), c.opt.on(killed), text)
	if who != atVerify && who != atStart {
		t.Errorf("%s", who)
	}
	t.Log(who, err)
	release(t, killed)
}

// twos is other randomness than ones.
type twos struct{}

func (twos) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 2
	}
	return len(b), nil
}
