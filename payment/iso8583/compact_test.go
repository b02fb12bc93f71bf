package iso8583_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/money"
	"abacus/payment/iso8583"
)

// testDisk is the disk in memory as a record's file uses it.
type testDisk struct{ *faultdisk.Disk }

func (d testDisk) Create(name string) (iso8583.DiskFile, error) {
	f, err := d.Disk.Create(name)
	if err != nil {
		return nil, err
	}
	return f.(iso8583.DiskFile), nil
}

const recordPath = "/till/card.jsonl"

var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func openOn(d *faultdisk.Disk) (*iso8583.Record, error) {
	f, err := iso8583.OpenFileOn(testDisk{d}, recordPath)
	if err != nil {
		return nil, err
	}
	return iso8583.OpenRecord(f)
}

// A program that was killed has written its last line and not synced it. The
// next one reads it, the till acts on it, and then the power goes: the line is
// still there.
func TestWhatWasReadStays(t *testing.T) {
	text := []byte(`{"slip":{"number":"R1","kind":"refund","state":"approved","batch":1,"trace":5,"amount":{"minor":194,"currency":"CNY"},"at":"2026-03-01T09:00:00Z"},"trace":5}` + "\n")
	for seed := range uint64(100) {
		disk := faultdisk.New(faultdisk.Options{Rand: rand.New(rand.NewPCG(1, seed))})
		f, err := testDisk{disk}.Create(recordPath)
		if err == nil {
			err = disk.SyncDir(recordPath)
		}
		if err == nil {
			_, err = f.WriteAt(text, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		if seed%2 == 0 { // after a sync that failed the system takes the bytes for written
			disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
				if op.Kind == faultdisk.Sync {
					return faultdisk.Fail
				}
				return faultdisk.None
			})
			if f.Sync() == nil {
				t.Fatal("the sync did not fail")
			}
		}
		killed := disk.Clone()
		if r, err := openOn(killed); err != nil || !known(r, "R1") {
			t.Fatalf("after the kill: %v", err)
		}
		if r, err := openOn(killed.Cut(rand.New(rand.NewPCG(2, seed)))); err != nil || !known(r, "R1") {
			t.Fatalf("seed %d: read once, and gone after the power cut (%v)", seed, err)
		}
	}
}

// A disk that fails while the record is opened puts off what would be done on
// the strength of it, and no longer.
func TestARecordThatIsNotYetOnDisk(t *testing.T) {
	disk := longRecord(t)
	failing := true
	disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
		if failing && op.Kind == faultdisk.Sync {
			return faultdisk.Fail
		}
		return faultdisk.None
	})
	f, err := iso8583.OpenFileOn(testDisk{disk}, recordPath)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := f.Load()
	if err != nil || len(lines) == 0 {
		t.Fatalf("loaded %d lines, %v", len(lines), err)
	}
	if f.Firm() == nil || f.Append([]byte(`{"trace":9}`)) == nil {
		t.Error("it is said to be on disk")
	}
	failing = false
	if err := f.Firm(); err != nil {
		t.Error(err)
	}
	if err := f.Append([]byte(`{"trace":9}`)); err != nil {
		t.Error(err)
	}
	if again, err := openOn(disk.Cut(rand.New(rand.NewPCG(1, 2)))); err != nil || !known(again, "O1") {
		t.Errorf("after the power cut: %v", err)
	}
}

// A line whose sync failed was told as not written, and the till acts on that: it
// reverses what the line calls approved. A power cut does not bring it back.
func TestALineThatWasNotWrittenStaysAway(t *testing.T) {
	line := []byte(`{"slip":{"number":"V1","kind":"void","state":"approved","batch":1,"trace":9,"amount":{"minor":194,"currency":"CNY"},"at":"2026-03-01T09:00:00Z"},"trace":9}`)
	for seed := range uint64(200) {
		disk := longRecord(t)
		disk.Seed(rand.New(rand.NewPCG(4, seed)))
		f, err := iso8583.OpenFileOn(testDisk{disk}, recordPath)
		if err == nil {
			_, err = f.Load()
		}
		if err != nil {
			t.Fatal(err)
		}
		left := 1 + int(seed%2) // the second time it cannot be taken back at once either
		disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
			if op.Kind == faultdisk.Sync && left > 0 {
				left--
				return faultdisk.Fail
			}
			return faultdisk.None
		})
		if f.Append(line) == nil {
			t.Fatal("it is said to be written")
		}
		if err := f.Firm(); err != nil {
			t.Fatal(err)
		}
		if r, err := openOn(disk.Cut(rand.New(rand.NewPCG(3, seed)))); err != nil || known(r, "V1") {
			t.Fatalf("seed %d: it is back after the power cut (%v)", seed, err)
		}
	}
}

// A disk that fails for a while, in the middle of a line or while the record is
// written anew, stops cards for as long, not until the till is started again.
func TestARecordGoesOnAfterTheDiskFailed(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails []faultdisk.Kind
		use   func(*iso8583.File) error
	}{
		{"a line", []faultdisk.Kind{faultdisk.Sync, faultdisk.Truncate}, func(f *iso8583.File) error { return f.Append([]byte(`{"trace":8}`)) }},
		{"anew, its name", []faultdisk.Kind{faultdisk.SyncDir}, func(f *iso8583.File) error {
			return f.Replace([][]byte{[]byte(`{"slip":{"number":"O1","kind":"sale","state":"pending","batch":1,"trace":1,"amount":{"minor":100,"currency":"CNY"},"at":"2026-03-01T09:00:00Z"}}`)})
		}},
		{"anew, its opening", []faultdisk.Kind{faultdisk.Rename, faultdisk.Open}, func(f *iso8583.File) error {
			return f.Replace([][]byte{[]byte(`{"slip":{"number":"O1","kind":"sale","state":"pending","batch":1,"trace":1,"amount":{"minor":100,"currency":"CNY"},"at":"2026-03-01T09:00:00Z"}}`)})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := longRecord(t)
			f, err := iso8583.OpenFileOn(testDisk{disk}, recordPath)
			if err == nil {
				_, err = f.Load()
			}
			if err != nil {
				t.Fatal(err)
			}
			failing := true
			disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
				if failing && slices.Contains(c.fails, op.Kind) {
					return faultdisk.Fail
				}
				return faultdisk.None
			})
			if c.use(f) == nil {
				t.Fatal("nothing failed")
			}
			failing = false
			if err := f.Append([]byte(`{"trace":9}`)); err != nil {
				t.Fatalf("with a disk that is well again: %v", err)
			}
			for seed := range uint64(20) {
				r, err := openOn(disk.Cut(rand.New(rand.NewPCG(3, seed))))
				if err != nil || !known(r, "O1") {
					t.Fatalf("after a power cut: %v", err)
				}
			}
		})
	}
}

func known(r *iso8583.Record, number string) bool {
	_, ok := r.Slip(number)
	return ok
}

// longRecord is years of use: batches settled, a batch open, one sale in doubt
// in it, one to be undone.
func longRecord(t *testing.T) *faultdisk.Disk {
	t.Helper()
	disk := faultdisk.New(faultdisk.Options{Rand: rand.New(rand.NewPCG(1, 1))})
	var lines strings.Builder
	line := func(text string, args ...any) { _, _ = fmt.Fprintf(&lines, text+"\n", args...) }
	slip := func(number, kind, state string, batch, trace int, at time.Time, more string) {
		line(`{"slip":{"number":%q,"kind":%q,"state":%q,"batch":%d,"trace":%d,"amount":{"minor":100,"currency":"CNY"},"at":%q,"entry":"022","reserved":"22"%s},"trace":%d}`,
			number, kind, state, batch, trace, at.Format(time.RFC3339), more, trace)
	}
	trace := 0
	for batch := 1; batch <= 20; batch++ {
		line(`{"batch":%d}`, batch)
		at := began.AddDate(0, 0, 42*batch-940)
		for n := range 10 {
			for _, state := range []string{"pending", "approved"} {
				slip(fmt.Sprintf("S%d_%d", batch, n), "sale", state, batch, trace+1, at, "")
			}
			trace++
			slip(fmt.Sprintf("D%d_%d", batch, n), "sale", "pending", batch, trace+1, at, "")
			slip(fmt.Sprintf("D%d_%d", batch, n), "sale", "refused", batch, trace+1, at, "")
			trace++
		}
		slip(fmt.Sprintf("R%d", batch), "refund", "approved", batch, trace+1, at, fmt.Sprintf(`,"of":"S%d_0"`, batch))
		trace++
	}
	line(`{"batch":21}`)
	slip("O1", "sale", "pending", 21, trace+1, began, "")
	slip("O2", "sale", "undoing", 21, trace+2, began, "")
	slip("O3", "sale", "refused", 21, trace+3, began, "")
	disk.Put(recordPath, []byte(lines.String()))
	return disk
}

// left is what a record says of the slips that must never be lost, and of some
// that may.
func left(t *testing.T, d *faultdisk.Disk) string {
	t.Helper()
	r, err := openOn(d)
	if err != nil {
		t.Fatalf("the record is lost: %v", err)
	}
	said := []string{fmt.Sprintf("batch %d", r.Batch())}
	for _, number := range []string{"O1", "O2", "O3", "S20_9", "S6_0", "R6"} {
		s, _ := r.Slip(number)
		said = append(said, string(s.State))
	}
	return strings.Join(said, " ")
}

const whole = "batch 21 pending undoing refused approved approved approved"

// What is dropped is only what nobody needs: open orders, the open batch, what
// may still be refunded and what has been refunded of it stay.
func TestCompactedRecord(t *testing.T) {
	disk := longRecord(t)
	before := len(disk.Peek(recordPath))
	r, err := openOn(disk)
	if err == nil {
		err = r.Born(iso8583.Birth{At: began, Doubted: []string{"B1"}, Missing: []string{"B2"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Compact(began); err != nil {
		t.Fatal(err)
	}
	if after := len(disk.Peek(recordPath)); after > before/2 {
		t.Errorf("%d bytes of %d are left", after, before)
	}
	if got := left(t, disk); got != whole {
		t.Errorf("left: %s", got)
	}
	if r, err = openOn(disk); err != nil {
		t.Fatal(err)
	}
	if !r.Knows("B1") || !r.Knows("B2") {
		t.Error("what the record had lost before is forgotten")
	}
	for _, number := range []string{"D3_1", "S1_0", "R1"} { // refused; too old to be refunded; its refund
		if _, there := r.Slip(number); there {
			t.Errorf("%s is still there", number)
		}
	}
	if got := strings.Join(disk.Names(), " "); got != recordPath {
		t.Errorf("files: %s", got)
	}
	ops := disk.Count()
	if err := r.Compact(began); err != nil || disk.Count() != ops {
		t.Errorf("written anew for nothing: %v", err)
	}
}

// A clock that is years ahead drops nothing that may still be given back, not even
// when a day's sales were made by it; years that have passed do.
func TestCompactingUnderAWrongClock(t *testing.T) {
	for name, test := range map[string]struct {
		days, sales int // by that clock; sales on each
		stays       bool
	}{"one start": {0, 0, true}, "a day": {1, 50, true}, "two years": {50, 1, false}} {
		disk := longRecord(t)
		ahead := began.AddDate(2, 0, 0)
		text := strings.Builder{}
		text.Write(disk.Peek(recordPath))
		text.WriteString(strings.Repeat(`{"trace":900}`+"\n", 300)) // it is worth writing anew
		for n := range test.days {
			for m := range test.sales {
				_, _ = fmt.Fprintf(&text, `{"slip":{"number":"N%d_%d","kind":"sale","state":"approved","batch":21,"trace":%d,"amount":{"minor":100,"currency":"CNY"},"at":%q}}`+"\n",
					n, m, 1000+50*n+m, ahead.AddDate(0, 0, n).Format(time.RFC3339))
			}
		}
		disk.Put(recordPath, []byte(text.String()))
		r, err := openOn(disk)
		if err == nil {
			err = r.Compact(ahead.AddDate(0, 0, test.days))
		}
		if err != nil {
			t.Fatal(err)
		}
		if known(r, "D20_1") {
			t.Errorf("%s: it was not written anew", name)
		}
		if known(r, "S20_9") != test.stays {
			t.Errorf("%s: a sale of the last batch stays: %v", name, !test.stays)
		}
	}
}

// Whatever fails while it is written anew, and wherever the power goes, the
// record is whole at the next start, and what was written to it meanwhile is in
// it.
func TestCompactingMayFailAnywhere(t *testing.T) {
	first := faultdisk.Op{}
	operations := 0
	for n := 1; ; n++ {
		clean := true
		for _, kind := range []faultdisk.Fault{faultdisk.Fail, faultdisk.Torn, faultdisk.Full, faultdisk.PowerOff} {
			disk := longRecord(t)
			r, err := openOn(disk)
			if err != nil {
				t.Fatal(err)
			}
			start, struck := disk.Count(), false
			disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
				if op.N == start+n && !struck {
					struck, first = true, op
					return kind
				}
				return faultdisk.None
			})
			failed := r.Compact(began)
			if !struck {
				disk.Plan(nil) // compacting has fewer operations than that
				continue
			}
			clean = false
			name := fmt.Sprintf("operation %d, %s, %d", n, first.Kind, kind)
			// The next sale goes into the record, or is not made.
			s, err := iso8583.Begin(r, iso8583.Slip{Number: "N1", Kind: iso8583.Sale, Amount: money.Fen(5), At: began, Entry: "022", Reserved: "22"})
			kept := err == nil
			if failed == nil && err != nil && !disk.Off() {
				t.Errorf("%s: a record written anew takes nothing: %v", name, err)
			}
			for seed := range uint64(4) {
				after := disk.Clone()
				if disk.Off() || seed > 0 {
					after = disk.Cut(rand.New(rand.NewPCG(seed, uint64(n))))
				}
				if got := left(t, after); got != whole {
					t.Errorf("%s, cut %d: left %s", name, seed, got)
				}
				again, err := openOn(after)
				if err != nil {
					t.Fatal(err)
				}
				if got, there := again.Slip("N1"); kept && (!there || got.Trace != s.Trace) {
					t.Errorf("%s, cut %d: a sale that was acknowledged is gone", name, seed)
				}
				if err := again.Compact(began); err != nil {
					t.Errorf("%s, cut %d: cannot be compacted any more: %v", name, seed, err)
				}
			}
		}
		if clean {
			operations = n - 1
			break
		}
	}
	if operations < 8 {
		t.Errorf("only %d operations", operations)
	}
}
