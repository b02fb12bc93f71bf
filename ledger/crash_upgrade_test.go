package ledger

import (
	"os"
	"testing"

	"abacus/internal/faultdisk"
)

// olderBook is a disk with a filled book of the first schema on it.
func olderBook(t *testing.T) *faultdisk.Disk {
	t.Helper()
	s := newShop(t)
	s.busyDay()
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	now := s.opt.Path
	s.opt.Path += ".old"
	s.firstSchema(now)
	disk := faultdisk.New(faultdisk.Options{Rand: luck(1)})
	opt := newCashier(disk).opt
	for from, to := range map[string]string{s.opt.Path: opt.Path, s.opt.HeadPath: opt.HeadPath} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		disk.Put(to, data)
	}
	return disk
}

// afterUpgrade is what is done on the book when it is brought up to date.
var afterUpgrade = []step{batch("a note", Draft{Kind: KindNote, Payload: Note{About: "test", Text: "goes on"}})}

// TestUpgradeCutAnywhere cuts the power at every operation of the start that
// brings a filled book of the first schema up to date.
func TestUpgradeCutAnywhere(t *testing.T) {
	like := olderBook(t)
	cuts := newHarm()
	share(t, func(t *testing.T, mine int) {
		heads, _ := course(t, like.Clone(), afterUpgrade)
		disk := like.Clone()
		s := &saboteur{c: newCashier(disk), heads: heads, share: hands, mine: mine, thin: 3 * thin, damages: *damages, cuts: cuts, again: newHarm(), seen: map[uint64]bool{}}
		if everything() {
			s.thin = 1
		}
		s.c.found(heads[0])
		disk.Plan(s.plan(t.Context()))
		if err := s.c.work(t.Context(), afterUpgrade); err != nil {
			t.Fatal(err)
		}
		release(t, disk)
	})
	cuts.report(t, "cut while upgrading:")
}

// TestEveryOperationFailsWhileUpgrading lets every operation of it fail.
func TestEveryOperationFailsWhileUpgrading(t *testing.T) {
	failEverywhere(t, olderBook(t), afterUpgrade, everything())
}
