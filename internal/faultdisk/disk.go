// Package faultdisk is a disk in memory that fails on demand, under the real
// SQLite: for tests only.
//
// It is a writable SQLite virtual file system with locks and shared memory, so
// that a real write-ahead log runs on it, and the few calls on ordinary files
// that the ledger needs for its head file. Everything that touches it is an
// operation with a number; a plan may let any of them fail. Cut gives the disk
// as a power cut would leave it: what was not synced survives, is gone or is
// torn.
//
//	disk := faultdisk.New(faultdisk.Options{Rand: rand.New(rand.NewPCG(seed, 0))})
//	defer disk.Release()
//	disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
//		if op.N == 100 {
//			return faultdisk.PowerOff
//		}
//		return faultdisk.None
//	})
//	books, err := ledger.Open(ctx, ledger.Options{Path: "/till/books.db", VFS: disk.VFS(), Files: disk, …})
//	…                        // until an error; then, with disk.Off():
//	after := disk.Cut(r)     // the next start's disk
//
// The package starts no goroutine and never waits, except where SQLite itself
// waits for another connection's lock; it then calls time.Sleep, which a test
// under testing/synctest gets in fake time.
package faultdisk

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"sync"
	"syscall"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// Options say what a disk takes from outside.
type Options struct {
	// Rand decides how much of a torn write is stored, what a failed sync
	// leaves, and what SQLite draws (the salts of a log, above all): the same
	// source gives the same bytes. SQLite has one generator in a process, so
	// that holds for disks used one after the other; disks used at the same
	// time still do the same operations. Nil: half, nothing, and the system's
	// randomness.
	Rand *rand.Rand
	// Now is the time that SQL functions tell; nil: time.Now.
	Now func() time.Time
	// Unrecorded: operations are counted only, and Ops gives none.
	Unrecorded bool
}

// Disk is one disk. Its methods may be called concurrently.
type Disk struct {
	opt Options

	mu      sync.Mutex
	plan    func(Op) Fault
	ops     []Op
	count   int
	off     bool
	names   map[string]*file // what everybody sees
	durable map[string]*file // the names a power cut leaves for certain
	moves   []move           // between the two, in order
	handles int
	vfs     *vfs // nil until it is asked for
}

// New makes an empty disk.
func New(o Options) *Disk {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Disk{opt: o, names: map[string]*file{}, durable: map[string]*file{}}
	if o.Rand != nil {
		d.Seed(o.Rand)
	}
	return d
}

// Seed exchanges Options.Rand, and lets SQLite's generator start anew from it.
// A clone or a cut draws from the same source as the disk it comes from until
// it gets its own.
func (d *Disk) Seed(r *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opt.Rand = r
	seedSQLite(r)
}

// Plan sets who decides on faults; nil: nothing fails. The function is called
// for every operation before it happens, on the goroutine that does it and
// without a lock held: it may use this disk's methods and other disks. If it
// blocks, the operation takes that long.
func (d *Disk) Plan(decide func(Op) Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan = decide
}

// Ops is every operation so far, where they are recorded.
func (d *Disk) Ops() []Op {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.ops)
}

// Count is how many operations there were.
func (d *Disk) Count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

// PowerOff ends everything between two operations: every later one fails and
// changes nothing.
func (d *Disk) PowerOff() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
}

// Off reports that the power is gone.
func (d *Disk) Off() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.off
}

// Clone is the disk as another process finds it after this one was killed:
// nothing is lost, nobody holds a lock. It has no plan and counts from 1. It
// is cheap, and this disk goes on unharmed.
func (d *Disk) Clone() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &Disk{opt: d.opt, names: map[string]*file{}, durable: map[string]*file{}}
	twins := map[*file]*file{}
	twin := func(f *file) *file {
		if f != nil && twins[f] == nil {
			twins[f] = f.clone()
		}
		return twins[f]
	}
	for name, f := range d.names {
		c.names[name] = twin(f)
	}
	for name, f := range d.durable {
		c.durable[name] = twin(f)
	}
	for _, m := range d.moves {
		c.moves = append(c.moves, move{m.name, twin(m.file), m.from})
	}
	return c
}

// Cut is the disk as it is found after a power cut at this moment: r decides
// what becomes of everything that was not synced. It has no plan and counts
// from 1; this disk goes on unharmed, so that many can be cut from it.
func (d *Disk) Cut(r *rand.Rand) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &Disk{opt: d.opt, names: d.cutNames(r), durable: map[string]*file{}}
	twins := map[*file]*file{}
	for _, name := range sortedNames(c.names) {
		f := c.names[name]
		if twins[f] == nil {
			twins[f] = f.cut(r)
		}
		c.names[name], c.durable[name] = twins[f], twins[f]
	}
	return c
}

// Release takes the disk from SQLite. It fails while a file is open: close the
// database first.
func (d *Disk) Release() error {
	d.mu.Lock()
	v := d.vfs
	d.vfs = nil
	d.mu.Unlock()
	if v == nil {
		return nil
	}
	return v.unregister()
}

// begin counts an operation and asks the plan. What comes back is the fault to
// act out; off says that nothing happens at all.
func (d *Disk) begin(op Op) (f Fault, off bool) {
	d.mu.Lock()
	if d.off {
		d.mu.Unlock()
		return Fail, true
	}
	d.count++
	op.N = d.count
	plan := d.plan
	if !d.opt.Unrecorded {
		d.ops = append(d.ops, op)
	}
	d.mu.Unlock()
	if plan == nil {
		return None, false
	}
	f = plan(op)
	if !d.opt.Unrecorded {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ops[op.N-1].Fault = f
	}
	return f, false
}

// act runs an operation with its fault: do is the operation, tear what is left
// of it when it fails (nil: nothing). Both run under the lock.
func (d *Disk) act(op Op, do func(), tear func()) int32 {
	f, off := d.begin(op)
	if off {
		return code(op.Kind)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case f == Full && op.Kind == Write:
		tear() // what fits is stored
		return sqlite3.SQLITE_FULL
	case f == Full && op.Grows:
		return code(op.Kind)
	case f == None, f == Full:
		do()
		return 0
	case f == PowerOff:
		d.off = true
		if op.Kind != Sync && op.Kind != SyncDir {
			do() // in flight: unsynced, so Cut decides
		}
	case tear != nil && (f == Torn || op.Kind == Sync):
		tear()
	}
	return code(op.Kind)
}

// part draws from Options.Rand how much of n is left.
func (d *Disk) part(n int) int {
	if d.opt.Rand == nil {
		return n / 2
	}
	return d.opt.Rand.IntN(n)
}

// failure makes a Go error of a result code.
func failure(op Op, rc int32) error {
	switch rc {
	case 0:
		return nil
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s %s: %w", op.Kind, path.Base(op.Path), syscall.ENOSPC)
	}
	return fmt.Errorf("%s %s: input/output error (%d)", op.Kind, path.Base(op.Path), rc)
}
