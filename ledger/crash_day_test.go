package ledger

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sqlite "modernc.org/sqlite"

	"abacus/internal/faultdisk"
	"abacus/internal/money"
)

var damages = flag.Int("damages", 1, "what a power cut does is tried this many times at every operation; at 8, every operation also fails in every way")

// cashier works through a day on a book that lies on a disk in memory.
type cashier struct {
	opt     Options
	disk    *faultdisk.Disk
	pragmas []string // set after every Open
	noLog   bool     // the log is not kept, so that another journal mode can be set
	beside  bool     // somebody reads the book from each Open to the Close

	l      *Ledger
	reader *conn

	mu    sync.Mutex // the plan asks from other goroutines
	heads []Head     // what was there, and after each step that was acknowledged
}

func newCashier(disk *faultdisk.Disk) *cashier {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, beijing)
	start := now
	return &cashier{disk: disk, heads: []Head{{}}, pragmas: []string{"PRAGMA wal_autocheckpoint = 30"}, opt: Options{
		Path: "/till/books.db", HeadPath: "/till/head", Store: "Corner shop", Till: "T1", Currency: money.CNY,
		Random:    ones{},
		Now:       func() time.Time { now = now.Add(1234 * time.Millisecond); return now },
		Monotonic: func() time.Duration { return now.Sub(start) },
	}}
}

// ones is randomness that is the same for everybody.
type ones struct{}

func (ones) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 1
	}
	return len(b), nil
}

// on is the options for a book as it lies on a disk.
func (o Options) on(disk *faultdisk.Disk) Options {
	o.VFS, o.Files = disk.VFS(), disk
	return o
}

func (c *cashier) open(ctx context.Context) error {
	l, err := Open(ctx, c.opt.on(c.disk))
	if err != nil && l != nil {
		err = errors.Join(err, l.Close())
	}
	if err != nil {
		return err
	}
	c.l = l
	if c.noLog {
		if _, err := l.c.raw.(sqlite.FileControl).FileControlPersistWAL("main", 0); err != nil {
			return err
		}
	}
	for _, p := range c.pragmas {
		if err := l.c.exec(p); err != nil {
			return err
		}
	}
	if c.beside {
		c.read()
	}
	return nil
}

// read begins a look at the book as it is now, unless the disk fails.
func (c *cashier) read() {
	reader, err := openReader(c.opt.on(c.disk))
	if err == nil {
		_ = reader.exec("SELECT count(*) FROM journal")
		c.reader = reader
	}
}

func (c *cashier) close() error {
	if c.reader != nil {
		_ = c.reader.close()
		c.reader = nil
	}
	if c.l == nil {
		return nil
	}
	err := c.l.Close()
	c.l = nil
	return err
}

// acknowledged is the end of the chain after the last step that went well, and
// how many did.
func (c *cashier) acknowledged() (Head, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heads[len(c.heads)-1], len(c.heads) - 1
}

// found is the end of the chain before the day begins.
func (c *cashier) found(head Head) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heads[0] = head
}

func (c *cashier) acknowledge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heads = append(c.heads, c.l.Head())
}

// between is the time from one step to the next. It is fake; the file outside
// is written and at times synced in it.
const between = 300 * time.Millisecond

// work does steps of a day and stops at the first error.
func (c *cashier) work(ctx context.Context, steps []step) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	c.found(c.l.Head())
	for _, step := range steps {
		if err := step.do(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		c.acknowledge()
		time.Sleep(between)
	}
	return c.close()
}

type step struct {
	name string
	do   func(context.Context, *cashier) error
}

func batch(name string, drafts ...Draft) step {
	return step{name, func(ctx context.Context, c *cashier) error {
		_, err := c.l.Append(ctx, Batch{Drafts: drafts})
		return err
	}}
}

func keyed(name, key, object string, drafts ...Draft) step {
	return step{name, func(ctx context.Context, c *cashier) error {
		_, err := c.l.Append(ctx, Batch{Key: key, KeyHash: "asked", KeyObject: object, Drafts: drafts})
		return err
	}}
}

// restart is an orderly end and a start in the middle of the day: the log is
// moved into the database and taken away.
var restart = step{"restart", func(ctx context.Context, c *cashier) error {
	return errors.Join(c.close(), c.open(ctx))
}}

// day is a shop's day with everything in it that moves money.
var day = []step{
	batch("open the shift", shiftOpened(1, 10000)),
	batch("first sale", opened("20261121-0001"), line("20261121-0001", 1, 700), line("20261121-0001", 2, 800)),
	batch("a line more", line("20261121-0001", 3, 500)),
	batch("split tender: an attempt", started("20261121-0001", "P1", 1500, PaymentChecking)),
	batch("it waits", moved("P1", PaymentWaiting)),
	batch("it is declined", moved("P1", PaymentDeclined)),
	keyed("another attempt", "key-1", "P2", started("20261121-0001", "P2", 1500, PaymentChecking)),
	batch("it is paid", moved("P2", PaymentPaid)),
	batch("the rest in cash, done", cash("20261121-0001", "P3", 500), saleMoved("20261121-0001", KindSaleDone), receiptOf("J1")),
	batch("printed", Draft{Kind: KindReceiptPrinted, Payload: ReceiptPrinted{Job: "J1", Result: "printed"}}),
	restart,
	keyed("second sale", "key-2", "20261121-0002", opened("20261121-0002"), line("20261121-0002", 1, 1136)),
	batch("an attempt", started("20261121-0002", "P4", 1136, PaymentChecking)),
	batch("paid and done", moved("P4", PaymentPaid), saleMoved("20261121-0002", KindSaleDone), receiptOf("J2")),
	batch("a refund", refund("P4", "R1", 136, RefundChecking)),
	batch("it is done", refundMoved("R1", RefundDone)),
	batch("cash into the drawer", Draft{Kind: KindShiftCash, Operator: "1001", Payload: ShiftCash{Amount: fen(5000), Reason: "change"}}),
	{"close the shift", func(ctx context.Context, c *cashier) error {
		_, err := c.l.CloseShift(ctx, "1001", fen(15600), 0, Batch{Key: "key-3", KeyHash: "hash", KeyObject: "Z1", Drafts: []Draft{receiptOf("z-1")}})
		return err
	}},
	batch("the next shift", shiftOpened(2, 10000)),
}

// stepsBeforeRestart is how many steps of the day the first start sees.
var stepsBeforeRestart = slices.IndexFunc(day, func(s step) bool { return s.name == restart.name })

func receiptOf(job string) Draft {
	return Draft{Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: job, What: "receipt", Object: job}}
}

// course is what steps of a day on a disk look like when nothing happens: the
// end of the chain after each, and the operations of the disk.
func course(t *testing.T, disk *faultdisk.Disk, steps []step, also ...func(*cashier)) (heads []Head, ops []faultdisk.Op) {
	t.Helper()
	c := newCashier(disk)
	for _, set := range also {
		set(c)
	}
	if err := c.work(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	release(t, disk)
	return c.heads, disk.Ops()
}

// bookAfter is a disk with a book on it that has seen steps of a day.
func bookAfter(t *testing.T, steps []step) *faultdisk.Disk {
	t.Helper()
	disk := faultdisk.New(faultdisk.Options{Rand: luck(1)})
	synctest.Test(t, func(t *testing.T) { course(t, disk, steps) })
	return disk.Clone()
}

func luck(seeds ...uint64) *rand.Rand {
	var all uint64
	for _, s := range seeds {
		all = all*1_000_003 + s
	}
	return rand.New(rand.NewPCG(all, 0))
}

func release(t *testing.T, disk *faultdisk.Disk) {
	t.Helper()
	if err := disk.Release(); err != nil {
		t.Error(err)
	}
}

// Ways in which a book is not what it must be.
var (
	errLost  = errors.New("something acknowledged is gone")
	errTold  = errors.New("something acknowledged is gone, as the start says")
	errMore  = errors.New("there is more than can have been written")
	errWrong = errors.New("the book is wrong")
)

// continues checks that a book still holds the entry that was its last one.
func continues(ctx context.Context, l *Ledger, acked Head) error {
	if acked.Number == 0 {
		return nil
	}
	entries, err := l.Entries(ctx, acked.Number-1, 1)
	if err != nil || len(entries) != 1 || entries[0].Hash != acked.Hash {
		return fmt.Errorf("%w: number %d is another entry: %+v, %w", errWrong, acked.Number, entries, err)
	}
	return nil
}

func tomorrow() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, beijing) }

// inspect opens a book as the next start finds it: everything acknowledged must
// be there, nothing but what the day can have written, whole batches only, and
// everything must agree with everything; and the till must sell again.
func inspect(ctx context.Context, o Options, acked Head, next ...Head) error {
	o.Now, o.Monotonic = tomorrow, nil // the day's own clock must not notice
	l, err := Open(ctx, o)
	if l != nil {
		defer l.Close()
	}
	if broken := (*Broken)(nil); errors.As(err, &broken) && (l == nil || l.Head().Number < acked.Number) {
		return fmt.Errorf("%w: %w", errTold, err)
	}
	if err != nil {
		return fmt.Errorf("%w: open: %w", errWrong, err)
	}
	head := l.Head()
	if head.Number < acked.Number {
		return fmt.Errorf("%w: it ends at %d, %d was acknowledged", errLost, head.Number, acked.Number)
	}
	v, err := Verify(ctx, o)
	if err != nil || !v.OK || v.Head != head {
		return fmt.Errorf("%w: %+v, %w", errWrong, v, err)
	}
	if head.Number > acked.Number && !slices.Contains(next, head) {
		return fmt.Errorf("%w: it ends at %d", errMore, head.Number)
	}
	if err := continues(ctx, l, acked); err != nil {
		return err
	}
	if _, err := l.Append(ctx, Batch{Drafts: []Draft{{Kind: KindNote, Payload: Note{About: "test", Text: "goes on"}}}}); err != nil {
		return fmt.Errorf("%w: it takes no entry: %w", errWrong, err)
	}
	if err := l.Close(); err != nil {
		return fmt.Errorf("%w: close: %w", errWrong, err)
	}
	return nil
}
