package ledger

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"abacus/internal/faultdisk"
)

// TestFirm kills the till between the writing of an entry and its sync, lets
// somebody tell others of it, and cuts the power: once the log is firm, the entry
// is there.
func TestFirm(t *testing.T) {
	for _, firm := range []bool{true, false} {
		disk := faultdisk.New(faultdisk.Options{Rand: luck(1)})
		c := newCashier(disk)
		if err := c.open(t.Context()); err != nil {
			t.Fatal(err)
		}
		var killed *faultdisk.Disk
		disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
			if op.Kind == faultdisk.Sync && strings.HasSuffix(op.Path, "-wal") {
				killed = disk.Clone() // the last one: a new log's head is synced before
			}
			return faultdisk.None
		})
		if _, err := c.l.Append(t.Context(), Batch{Drafts: []Draft{{Kind: KindNote, Payload: Note{About: "test"}}}}); err != nil {
			t.Fatal(err)
		}
		disk.Plan(nil)
		mark, end := c.l.Mark(), c.l.Head()
		if err := c.close(); err != nil {
			t.Fatal(err)
		}
		release(t, disk)
		o := c.opt.on(killed)
		if firm {
			if err := Firm(o); err != nil {
				t.Fatal(err)
			}
		}
		tail, err := OpenTail(o)
		if err != nil {
			t.Fatal(err)
		}
		if told, err := tail.Head(); err != nil || told != end {
			t.Fatalf("told of %+v, %v, not of %+v", told, err, end)
		}
		lost := 0
		for cut := range uint64(20) {
			image := killed.Cut(luck(cut))
			o := c.opt.on(image)
			o.Witness = func() (string, Head) { return mark, end }
			err := inspect(t.Context(), o, end)
			if errors.Is(err, errTold) {
				lost++
			} else if err != nil {
				t.Error(err)
			}
			release(t, image)
		}
		if err := tail.Close(); err != nil { // it may sync the log, after others were told
			t.Error(err)
		}
		release(t, killed)
		if (lost == 0) != firm {
			t.Errorf("firm %v: lost by %d cuts", firm, lost)
		}
	}
}

// TestAnEmptiedLogStaysEmpty kills the till after a failed sync, as soon as the
// log is emptied. The next start finds that the batch is absent, and a power cut
// straight after does not bring it back.
func TestAnEmptiedLogStaysEmpty(t *testing.T) {
	t.Run("at once", func(t *testing.T) { emptied(t, false) })
	t.Run("at the second start, the first one's sync having failed", func(t *testing.T) { emptied(t, true) })
}

func emptied(t *testing.T, fails bool) {
	for seed := range uint64(20) {
		disk := faultdisk.New(faultdisk.Options{Rand: luck(seed)})
		c := newCashier(disk)
		if err := c.open(t.Context()); err != nil {
			t.Fatal(err)
		}
		failed, gone := false, false
		var killed *faultdisk.Disk
		disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
			log := strings.HasSuffix(op.Path, "-wal")
			switch {
			case gone && killed == nil:
				killed = disk.Clone()
			case log && op.Kind == faultdisk.Truncate && op.Length == 0:
				gone = true
			case log && op.Kind == faultdisk.Sync && bytes.Contains(disk.Peek(op.Path), []byte("absent")) && !failed:
				failed = true
				return faultdisk.Fail
			}
			return faultdisk.None
		})
		_, err := c.l.Append(t.Context(), Batch{Drafts: []Draft{{Kind: KindNote, Payload: Note{About: "absent"}}}})
		disk.Plan(nil)
		if !errors.Is(err, ErrNotWritten) || killed == nil {
			t.Fatalf("%v, emptied %v", err, gone)
		}
		if err := c.close(); err != nil {
			t.Fatal(err)
		}
		release(t, disk)
		if fails {
			killed.Plan(func(op faultdisk.Op) faultdisk.Fault {
				if op.Kind == faultdisk.Sync {
					return faultdisk.Fail
				}
				return faultdisk.None
			})
			if _, err := Open(t.Context(), c.opt.on(killed)); err == nil {
				t.Fatal("a start whose log cannot be synced")
			}
			killed.Plan(nil)
		}
		next, err := Open(t.Context(), c.opt.on(killed))
		if err != nil {
			t.Fatal(err)
		}
		end := next.Head()
		for cut := range uint64(20) {
			image := killed.Cut(luck(cut))
			after, err := Open(t.Context(), c.opt.on(image))
			if err != nil {
				t.Fatal(err)
			}
			if got := after.Head(); got != end {
				t.Errorf("luck %d, cut %d: the book ended at %d, and ends at %d", seed, cut, end.Number, got.Number)
			}
			if err := after.Close(); err != nil {
				t.Error(err)
			}
			release(t, image)
		}
		if err := next.Close(); err != nil {
			t.Error(err)
		}
		release(t, killed)
	}
}
