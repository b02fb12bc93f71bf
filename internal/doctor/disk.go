package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Space is what a file system says of itself.
type Space struct {
	Free int64  // bytes this user may still write
	Kind string // "ext4", "tmpfs", …; empty when it cannot be told
}

// Disk is where the book lies.
type Disk struct {
	Dir     string
	Measure func(dir string) (Space, error)
	Limits  Limits
	Held    func() Level // what the till went by last; nil: no till runs
	// Sync writes and syncs a small file in dir n times and tells how long each
	// took.
	Sync func(ctx context.Context, dir string, n int) ([]time.Duration, error)
}

// Limits of writing. A flash chip needs some 50 µs to take a block for good, a
// turning disk some 8 ms; what answers in less than a few microseconds has not
// asked any device.
const (
	syncTries = 16
	instant   = 15 * time.Microsecond
	slowly    = 300 * time.Millisecond // a cashier feels it in every sale
)

// Name implements Probe.
func (Disk) Name() string { return "disk" }

// Check implements Probe.
func (d Disk) Check(ctx context.Context) []Finding {
	space, err := d.Measure(d.Dir)
	if err != nil {
		return []Finding{fault("disk-unreadable", d.Dir)}
	}
	found := append([]Finding{d.room(Bytes(space.Free))}, kindOf(space.Kind)...)
	return append(found, d.sync(ctx))
}

// room judges what is free as the till does.
func (d Disk) room(free Bytes) Finding {
	held := Enough
	if d.Held != nil {
		held = d.Held()
	}
	switch d.Limits.Level(free, held) {
	case Full:
		return fault("disk-full", d.Dir, free.String(), d.Limits.Back(Full).String())
	case Low:
		return fault("disk-low", d.Dir, free.String(), d.Limits.Stop.String())
	}
	return well("disk-well", d.Dir, free.String())
}

// kindOf judges a file system by its kind. Of some only half can be known.
func kindOf(kind string) []Finding {
	in := func(kinds ...string) bool { return slices.Contains(kinds, strings.ToLower(kind)) }
	switch {
	case in("tmpfs", "ramfs"):
		return []Finding{fault("disk-memory", kind)}
	case in("nfs", "cifs", "smb2", "9p", "remote"):
		return []Finding{fault("disk-network", kind)}
	case in("overlay", "aufs"):
		return []Finding{note("disk-layers", kind)}
	case in("vfat", "fat32", "exfat"):
		return []Finding{note("disk-no-journal", kind)}
	}
	return nil
}

// sync measures whether "written for good" takes any time at all. That a long
// one is honest cannot be seen from here, and the finding says so.
func (d Disk) sync(ctx context.Context) Finding {
	f := Finding{Check: "sync"}
	times, err := d.Sync(ctx, d.Dir, syncTries)
	if err != nil || len(times) == 0 {
		f.State, f.Code, f.Args = Fault, "sync-failed", []any{d.Dir}
		if errors.Is(err, fs.ErrPermission) {
			f.Code = "disk-denied"
		}
		return f
	}
	slices.Sort(times)
	median := times[len(times)/2]
	f.Args = []any{median.Round(time.Microsecond).String()}
	switch {
	case median < instant:
		f.State, f.Code = Fault, "sync-instant"
	case median > slowly:
		f.State, f.Code = Fault, "sync-slow"
	default:
		f.State, f.Code = Well, "sync-well"
	}
	return f
}

// SyncTimes is Disk.Sync on a real disk; since measures time passed.
func SyncTimes(ctx context.Context, dir string, n int) (times []time.Duration, err error) {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	block := make([]byte, 4096)
	for i := range n {
		if err := ctx.Err(); err != nil {
			break // what was measured so far will do
		}
		block[0] = byte(i) // a file system may leave out writing what is there
		begin := time.Now()
		if _, err := f.WriteAt(block, 0); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		times = append(times, time.Since(begin))
	}
	return times, nil
}
