package ledger

import (
	"errors"
	"testing"
	"testing/synctest"

	"abacus/internal/faultdisk"
)

// TestDiskFullAtTheStart lets the disk be full from any operation of a start on:
// of a new book, of one whose till was killed, of an older one. The start says
// so, and goes well once there is room.
func TestDiskFullAtTheStart(t *testing.T) {
	killed, _, _ := dayBooks(t)
	for what, like := range map[string]*faultdisk.Disk{
		"new": faultdisk.New(faultdisk.Options{Rand: luck(1)}), "killed": killed, "older": olderBook(t),
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				heads, ops := course(t, like.Clone(), nil)
				told := 0
				for i, op := range ops {
					if !everything() && what != "killed" && i%5 != 0 { // the others have hundreds
						continue
					}
					// That SQLite could not make a file for want of room it does not tell.
					if needsRoom(op) && op.Kind != faultdisk.Open && fullFrom(t, like.Clone(), op, heads[0]) {
						told++
					}
				}
				if t.Log(told, "starts said that the disk is full"); told == 0 {
					t.Error("nothing was tried")
				}
			})
		})
	}
}

// fullFrom starts on a disk that is full from an operation on, and again with room.
func fullFrom(t *testing.T, disk *faultdisk.Disk, from faultdisk.Op, head Head) (told bool) {
	t.Helper()
	disk.Seed(luck(uint64(from.N)))
	c := newCashier(disk)
	disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
		if op.N >= from.N {
			return faultdisk.Full
		}
		return faultdisk.None
	})
	err := c.open(t.Context())
	if told = err != nil; told && !errors.Is(err, ErrDiskFull) {
		t.Errorf("from operation %d (%s %s) on: %v", from.N, from.Kind, from.Path, err)
	}
	_ = c.close() // a head file that could not be written tells so
	disk.Plan(nil)
	if err := c.open(t.Context()); err != nil {
		t.Errorf("with room, after operation %d (%s %s): %v", from.N, from.Kind, from.Path, err)
	} else if c.l.Head() != head {
		t.Errorf("with room, after operation %d: ends at %+v, not %+v", from.N, c.l.Head(), head)
	}
	if err := c.close(); err != nil {
		t.Error(err)
	}
	release(t, disk)
	return told
}
