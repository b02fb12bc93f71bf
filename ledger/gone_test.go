package ledger

import (
	"errors"
	"testing"

	"abacus/internal/faultdisk"
)

// TestDatabaseGoneBesideItsLog: a database that is missing or empty is SQLite's
// new one, whose old log it deletes. The log of a killed till may hold the latest
// sales: whoever opens the book leaves it, so that all is there again with the
// database back in its place.
func TestDatabaseGoneBesideItsLog(t *testing.T) {
	killed, _, c := dayBooks(t)
	acked, _ := c.acknowledged()
	db, log := c.opt.Path, c.opt.Path+"-wal"
	ways := map[string]func(Options) error{
		"start": func(o Options) error {
			l, err := Open(t.Context(), o)
			if l != nil {
				return errors.Join(err, l.Close())
			}
			return err
		},
		"verify":     func(o Options) error { return verdictOf(Verify(t.Context(), o)) },
		"verify end": func(o Options) error { return verdictOf(VerifyEnd(t.Context(), o)) },
		"view":       func(o Options) error { _, err := OpenView(t.Context(), o); return err },
		"tail":       func(o Options) error { _, err := OpenTail(o); return err },
	}
	for what, content := range map[string][]byte{"missing": nil, "empty": {}} {
		for how, open := range ways {
			for tells, change := range map[string]func(*faultdisk.Disk, *Options){
				"head file": func(*faultdisk.Disk, *Options) {},
				"witness": func(d *faultdisk.Disk, o *Options) {
					d.Put(o.HeadPath, nil)
					o.Witness = func() (string, Head) { return "aeaq", acked }
				},
				"log alone": func(d *faultdisk.Disk, o *Options) { d.Put(o.HeadPath, nil) },
			} {
				t.Run(what+" "+how+" "+tells, func(t *testing.T) {
					disk := killed.Clone()
					o := c.opt.on(disk)
					change(disk, &o)
					book, kept := disk.Peek(db), disk.Peek(log)
					disk.Put(db, content)
					var broken *Broken
					if err := open(o); !errors.As(err, &broken) || broken.Why != WhyGone || broken.Number != 1 {
						t.Errorf("says %v", err)
					}
					if string(disk.Peek(log)) != string(kept) {
						t.Error("the log is not what it was")
					}
					if left := disk.Peek(db); (left == nil) != (content == nil) || len(left) > 0 {
						t.Errorf("a book of %d bytes was made", len(left))
					}
					disk.Put(db, book)
					if err := inspect(t.Context(), c.opt.on(disk), acked); err != nil {
						t.Error(err)
					}
					release(t, disk)
				})
			}
		}
	}
}

// TestALogWithoutAFrameTellsOfNothing: the power went while a book was made. The
// next start makes it.
func TestALogWithoutAFrameTellsOfNothing(t *testing.T) {
	for _, length := range []int{0, 32, shortestLog - 1, shortestLog} {
		disk := faultdisk.New(faultdisk.Options{Rand: luck(1)})
		c := newCashier(disk)
		disk.Put(c.opt.Path, []byte{})
		disk.Put(c.opt.Path+"-wal", make([]byte, length))
		err := c.open(t.Context())
		var broken *Broken
		if tells := errors.As(err, &broken) && broken.Why == WhyGone; tells != (length == shortestLog) || err != nil && !tells {
			t.Errorf("%d bytes: %v", length, err)
		}
		if err == nil {
			err = c.close()
			if err != nil {
				t.Error(err)
			}
		}
		release(t, disk)
	}
}

// verdictOf makes an error of a verdict.
func verdictOf(v Verdict, err error) error {
	if err == nil && !v.OK {
		err = &Broken{Number: v.Bad, Why: v.Why, Detail: v.Detail}
	}
	return err
}

// TestDatabaseGoneWhileSelling: who looks what became of a failed commit must not
// make a new book either.
func TestDatabaseGoneWhileSelling(t *testing.T) {
	killed, _, c := dayBooks(t)
	c.disk = killed
	if err := c.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.l.Append(t.Context(), Batch{Drafts: []Draft{{Kind: KindNote, Payload: Note{About: "test"}}}}); err != nil {
		t.Fatal(err)
	}
	db, log := c.opt.Path, c.opt.Path+"-wal"
	book, kept := killed.Peek(db), killed.Peek(log)
	killed.Put(db, nil)
	if err := c.l.Reopen(t.Context()); err == nil {
		t.Error("taken up again")
	}
	if killed.Peek(db) != nil || string(killed.Peek(log)) != string(kept) {
		t.Error("a new book was made, or the log touched")
	}
	killed.Put(db, book)
	if err := c.l.Reopen(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.close(); err != nil {
		t.Error(err)
	}
	release(t, killed)
}
