package faultdisk

import (
	"fmt"
	"io"
	"io/fs"
	"path"
)

// File is an ordinary file, opened with Create.
type File = interface {
	io.WriterAt
	Sync() error
	io.Closer
}

// ReadFile reads a whole file; the error is fs.ErrNotExist when there is none.
func (d *Disk) ReadFile(name string) ([]byte, error) {
	var text []byte
	var f *file
	op := Op{Kind: Read, Path: name}
	rc := d.act(op, func() {
		if f = d.names[name]; f != nil {
			text = f.now.bytes()
		}
	}, nil)
	if rc != 0 {
		return nil, failure(op, rc)
	}
	if f == nil {
		return nil, fmt.Errorf("read %s: %w", path.Base(name), fs.ErrNotExist)
	}
	return text, nil
}

// Size is how long a file is; 0 when there is none. It is no operation: what is
// known of a name needs no disk.
func (d *Disk) Size(name string) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return 0, failure(Op{Kind: Size, Path: name}, code(Size))
	}
	if f := d.names[name]; f != nil {
		return f.now.size, nil
	}
	return 0, nil
}

// Create opens a file for writing. One that is not there is made, and its
// directory synced.
func (d *Disk) Create(name string) (File, error) {
	h := &handle{disk: d, path: name}
	op, rc := h.open(true)
	if rc != 0 {
		return nil, failure(op, rc)
	}
	if op.Changes {
		d.syncDirOf(name, h.number) // fails in silence, as the ledger's own files do
	}
	return &ordinary{h}, nil
}

// Rename gives a file another name, over whatever has it. Both are in the same
// directory; who wants that to outlast a power cut syncs it.
func (d *Disk) Rename(from, to string) error {
	there := false
	op := Op{Kind: Rename, Path: to, Changes: true}
	rc := d.act(op, func() {
		f := d.names[from]
		if there = f != nil; there {
			d.rename(from, to, f)
		}
	}, nil)
	switch {
	case rc != 0:
		return failure(op, rc)
	case !there:
		return fmt.Errorf("rename %s: %w", path.Base(from), fs.ErrNotExist)
	}
	return nil
}

// SyncDir makes the names in a file's directory durable.
func (d *Disk) SyncDir(name string) error {
	return failure(Op{Kind: SyncDir, Path: name}, d.syncDirOf(name, 0))
}

// ordinary is the other door to a handle, for Go.
type ordinary struct{ h *handle }

func (o *ordinary) WriteAt(data []byte, at int64) (int, error) {
	op, rc := o.h.write(data, at)
	if rc != 0 {
		return 0, failure(op, rc)
	}
	return len(data), nil
}

func (o *ordinary) Sync() error {
	op, rc := o.h.sync()
	return failure(op, rc)
}

// Truncate cuts the file, or fills it up with zeros.
func (o *ordinary) Truncate(size int64) error {
	return failure(o.h.op(Truncate), o.h.truncate(size))
}

func (o *ordinary) Close() error { return nil }

// Names lists the files that are there now, sorted.
func (d *Disk) Names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return sortedNames(d.names)
}

// Peek gives a file's bytes without an operation; nil when there is none.
func (d *Disk) Peek(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.names[name]
	if f == nil {
		return nil
	}
	return f.now.bytes()
}

// Put replaces or makes a file without an operation, as somebody does who
// copies files about while the till is off; nil bytes remove it. It must not be
// open, and the bytes belong to the disk from then on.
func (d *Disk) Put(name string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var f *file
	if data != nil {
		f = &file{now: contentOf(data), disk: contentOf(data)}
	}
	d.move(name, f)
	d.syncDir(path.Dir(name))
}
