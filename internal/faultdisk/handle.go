package faultdisk

import (
	"path"

	sqlite3 "modernc.org/sqlite/lib"
)

// handle is one opening of a file.
type handle struct {
	disk   *Disk
	vfs    *vfs // nil: opened by Create
	file   *file
	path   string // empty: a temporary file
	number int
	// The first sync also syncs the directory: SQLite on Unix does that for a
	// journal or a log that it may have made.
	dirSync bool
	level   int32 // the lock it holds on the file
	slots   [slotCount]slotLock
	mapped  bool // it uses the shared memory
	keepLog bool
}

func (h *handle) op(k Kind) Op {
	return Op{Kind: k, Path: h.path, Handle: h.number}
}

// open finds the file, or makes it. A temporary file has no name.
func (h *handle) open(create bool) (Op, int32) {
	d := h.disk
	d.mu.Lock()
	f := d.names[h.path]
	d.handles++
	h.number = d.handles
	d.mu.Unlock()
	op := h.op(Open)
	op.Changes = f == nil && create && h.path != ""
	op.Grows = f == nil
	rc := d.act(op, func() {
		if f == nil && create {
			f = &file{}
			if h.path != "" {
				d.move(h.path, f)
			}
		}
		h.file = f
	}, nil)
	if rc == 0 && h.file == nil {
		rc = sqlite3.SQLITE_CANTOPEN
	}
	return op, rc
}

func (h *handle) read(into []byte, at int64) int32 {
	op := h.op(Read)
	op.Offset, op.Length = at, int64(len(into))
	n := 0
	rc := h.disk.act(op, func() {
		n = h.file.now.read(into, at)
	}, nil)
	if rc == 0 && n < len(into) {
		clear(into[n:])
		return sqlite3.SQLITE_IOERR_SHORT_READ
	}
	return rc
}

func (h *handle) write(data []byte, at int64) (Op, int32) {
	op := h.op(Write)
	op.Offset, op.Length, op.Changes = at, int64(len(data)), h.path != ""
	if !h.disk.opt.Unrecorded {
		op.Sum = sum(data)
	}
	h.disk.mu.Lock()
	op.Grows = at+int64(len(data)) > h.file.now.size
	h.disk.mu.Unlock()
	return op, h.disk.act(op, func() {
		h.file.write(data, at)
	}, func() {
		if n := h.disk.part(len(data)); n > 0 {
			h.file.write(data[:n], at)
		}
	})
}

func (h *handle) truncate(size int64) int32 {
	op := h.op(Truncate)
	op.Length, op.Changes = size, h.path != ""
	return h.disk.act(op, func() { h.file.change(change{at: size}) }, nil)
}

func (h *handle) sync() (Op, int32) {
	d, op := h.disk, h.op(Sync)
	op.Changes = h.path != ""
	rc := d.act(op, h.file.sync, func() { h.file.failSync(d.opt.Rand) })
	if rc == 0 && h.dirSync {
		h.dirSync = false
		// Unix systems that cannot sync a directory made SQLite deaf here.
		d.syncDirOf(h.path, h.number)
	}
	return op, rc
}

func (d *Disk) syncDirOf(name string, handle int) int32 {
	op := Op{Kind: SyncDir, Path: name, Handle: handle, Changes: true}
	return d.act(op, func() { d.syncDir(path.Dir(name)) }, nil)
}

func (h *handle) size() (size int64, rc int32) {
	rc = h.disk.act(h.op(Size), func() { size = h.file.now.size }, nil)
	return size, rc
}

// remove takes a name away.
func (d *Disk) remove(name string, syncDir bool) int32 {
	there := false
	rc := d.act(Op{Kind: Delete, Path: name, Changes: true}, func() {
		if there = d.names[name] != nil; there {
			d.move(name, nil)
		}
	}, nil)
	switch {
	case rc != 0:
		return rc
	case !there:
		return sqlite3.SQLITE_IOERR_DELETE_NOENT
	case syncDir:
		return d.syncDirOf(name, 0)
	}
	return 0
}

// look reports whether there is a file with something in it: SQLite on Unix
// takes an empty one for none.
func (d *Disk) look(name string) (there bool, rc int32) {
	rc = d.act(Op{Kind: Look, Path: name}, func() {
		f := d.names[name]
		there = f != nil && f.now.size > 0
	}, nil)
	return there, rc
}
