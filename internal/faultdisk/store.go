package faultdisk

import (
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
)

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// file is one file's bytes, whatever it is called.
type file struct {
	now     content  // what everybody reads
	disk    content  // what a power cut leaves for certain
	pending []change // since the last sync, in order
	written []byte   // the pending changes' bytes, one after the other
	// A sync that failed has left something else on the disk than is read.
	parted bool

	locks  locks
	shared *memory // nil while no connection has a log open
}

// change is bytes written at an offset, or, without bytes, the new length.
type change struct {
	at   int64
	data []byte
}

// write makes a change of bytes that the caller goes on using.
func (f *file) write(data []byte, at int64) {
	if len(data) == 0 {
		return
	}
	from := len(f.written)
	f.written = append(f.written, data...)
	f.change(change{at, f.written[from:len(f.written):len(f.written)]})
}

func (f *file) change(c change) {
	f.now.apply(c)
	f.pending = append(f.pending, c)
}

func (f *file) sync() {
	switch {
	case len(f.pending) == 0:
	case !f.parted:
		f.disk = f.now.picture()
	default:
		for _, c := range f.pending {
			f.disk.apply(c)
		}
	}
	f.forget()
}

// failSync leaves a part of what was pending on the disk and drops the rest,
// though everybody goes on reading it. Nil: nothing is left.
func (f *file) failSync(r *rand.Rand) {
	if r != nil {
		for _, c := range survivors(f.pending, r) {
			f.disk.apply(c)
		}
	}
	f.parted = true
	f.forget()
}

func (f *file) forget() { f.pending, f.written = f.pending[:0], f.written[:0] }

func (f *file) clone() *file {
	twin := &file{now: f.now.picture(), disk: f.disk.picture(), parted: f.parted}
	for _, c := range f.pending {
		twin.pending = append(twin.pending, change{c.at, slices.Clone(c.data)})
	}
	return twin
}

// cut is the file after a power cut. The new length may have reached the disk
// before the bytes: zeros are read then.
func (f *file) cut(r *rand.Rand) *file {
	left := f.disk.picture()
	for _, c := range survivors(f.pending, r) {
		left.apply(c)
	}
	if f.now.size > left.size && r.IntN(4) == 0 {
		left.resize(f.now.size)
	}
	return &file{now: left.picture(), disk: left}
}

// survivors is what of unsynced changes reaches the disk: nothing, everything,
// all up to one, or any of them; half the time some of those are torn.
func survivors(pending []change, r *rand.Rand) []change {
	var left []change
	tears := len(pending) > 0 && r.IntN(2) == 0
	for _, i := range some(len(pending), r) {
		c := pending[i]
		if len(c.data) == 0 || !tears || r.IntN(4) > 0 {
			left = append(left, c)
			continue
		}
		// A sector ends where the disk says, not where the write began: a short
		// line that lies across an end is torn too.
		for from, end := 0, 0; from < len(c.data); from = end {
			end = min(len(c.data), from+sector-int((c.at+int64(from))%sector))
			if end-from == len(c.data) || r.IntN(2) == 0 {
				left = append(left, change{c.at + int64(from), c.data[from:end]})
			}
		}
	}
	return left
}

// some picks indices below n, in order.
func some(n int, r *rand.Rand) []int {
	if n == 0 {
		return nil
	}
	keep := func(int) bool { return true }
	switch r.IntN(4) {
	case 0:
		return nil
	case 1:
		end := r.IntN(n + 1)
		keep = func(i int) bool { return i < end }
	case 2:
		keep = func(int) bool { return r.IntN(2) == 0 }
	}
	var picked []int
	for i := range n {
		if keep(i) {
			picked = append(picked, i)
		}
	}
	return picked
}

// move is a name given to a file, or with nil taken away, that no directory
// sync has made durable.
type move struct {
	name string
	file *file
	from string // the name it had until then; empty: it keeps what it has
}

func (m move) apply(names map[string]*file) {
	if m.from != "" {
		delete(names, m.from)
	}
	if m.file == nil {
		delete(names, m.name)
		return
	}
	names[m.name] = m.file
}

func (d *Disk) move(name string, f *file) { d.rename("", name, f) }

// rename is one move: a power cut leaves the file under the one name or the other.
func (d *Disk) rename(from, name string, f *file) {
	m := move{name, f, from}
	m.apply(d.names)
	d.moves = append(d.moves, m)
}

// syncDir makes the names of one directory durable.
func (d *Disk) syncDir(dir string) {
	d.moves = slices.DeleteFunc(d.moves, func(m move) bool {
		ours := path.Dir(m.name) == dir
		if ours {
			m.apply(d.durable)
		}
		return ours
	})
}

// cutNames is the directory after a power cut.
func (d *Disk) cutNames(r *rand.Rand) map[string]*file {
	names := maps.Clone(d.durable)
	for _, i := range some(len(d.moves), r) {
		d.moves[i].apply(names)
	}
	return names
}

func sortedNames(names map[string]*file) []string { return slices.Sorted(maps.Keys(names)) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(data []byte) uint32 { return crc32.Checksum(data, castagnoli) }
