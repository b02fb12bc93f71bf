package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"abacus/ledger"
)

// TestSyncMakesTheLogFirm: what a killed till left in its log is written anew, and
// so synced, before the keeper is sent any of it, unless a till sees to it.
func TestSyncMakesTheLogFirm(t *testing.T) {
	t.Parallel()
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	s := &shelfOfBooks{dir: t.TempDir(), config: b.config()}
	s.sell(t, killed, 1, true)
	log, then := s.path(killed, "journal.db-wal"), time.Now().Add(-time.Hour)
	sync := func(want bool) {
		t.Helper()
		before, err := os.ReadFile(log)
		if err == nil {
			err = os.Chtimes(log, then, then)
		}
		if err != nil || len(before) == 0 {
			t.Fatalf("a log of %d bytes: %v", len(before), err)
		}
		if out, err := s.program(killed, "en", "sync", "--once").CombinedOutput(); err != nil {
			t.Errorf("sync: %v %s", err, out)
		}
		info, err := os.Stat(log)
		after, reading := os.ReadFile(log)
		if err := errors.Join(err, reading); err != nil || string(after) != string(before) {
			t.Errorf("the log is another: %v", err)
		} else if written := info.ModTime().After(then.Add(time.Minute)); written != want {
			t.Errorf("written anew: %v, want %v", written, want)
		}
	}
	sync(true)
	release, err := ledger.LockDir(s.path(killed))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	sync(false)
}
