package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"
)

func TestDecide(t *testing.T) {
	before, after := Head{4, Hash{4}}, Head{6, Hash{6}}
	for _, c := range []struct {
		found Head
		want  fate
	}{
		{after, fateWritten}, {before, fateAbsent},
		{Head{6, Hash{7}}, fateUnclear}, {Head{5, Hash{5}}, fateUnclear}, {Head{7, Hash{7}}, fateUnclear}, {Head{4, Hash{5}}, fateUnclear}, {Head{}, fateUnclear},
	} {
		if got := decide(before, after, c.found); got != c.want {
			t.Errorf("%+v: %v, want %v", c.found, got, c.want)
		}
	}
}

// badCommit is a COMMIT that reports a failure, after doing what it was asked
// or instead of it.
type badCommit struct {
	driver.Stmt
	instead string
	c       *conn
}

var errDisk = errors.New("disk I/O error")

func (b *badCommit) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	return nil, errors.Join(errDisk, b.c.exec(b.instead))
}

// failCommit makes the next COMMIT fail.
func (s *shop) failCommit(instead string) {
	s.t.Helper()
	real, err := s.l.c.prepare("COMMIT")
	if err != nil {
		s.t.Fatal(err)
	}
	if instead == "COMMIT" {
		instead = "COMMIT " // another statement for the cache
	}
	s.l.c.statements["COMMIT"] = &badCommit{real, instead, s.l.c}
}

func TestFailedCommitThatIsThere(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.failCommit("COMMIT")
	s.must(opened("20261121-0002"), line("20261121-0002", 1, 5))
	s.must(line("20261121-0002", 2, 5))
	s.reopen()
	if sale, err := s.l.Sale(t.Context(), "20261121-0002"); err != nil || len(sale.Lines) != 2 {
		t.Errorf("sale %+v, %v", sale, err)
	}
	s.sound()
}

// A statement that failed and a disk on which the book cannot be opened anew: the
// entry is not written, and whoever wrote it must know that the book has stopped,
// or nobody opens it again before the next one is refused.
func TestFailedStatementThatStopsTheBook(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	real, err := s.l.c.prepare("BEGIN IMMEDIATE")
	if err != nil {
		t.Fatal(err)
	}
	s.l.c.statements["BEGIN IMMEDIATE"] = &badCommit{real, "ROLLBACK", s.l.c}
	s.l.opt.VFS = "no-such-disk"
	err = s.try(opened("20261121-0002"))
	if !errors.Is(err, ErrNotWritten) || !errors.Is(err, ErrStopped) || !errors.Is(err, errDisk) || s.l.Stopped() == nil {
		t.Fatalf("Append: %v", err)
	}
	s.l.opt.VFS = ""
	if err := s.l.Reopen(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.must(opened("20261121-0002"))
	s.sound()
}

func TestFailedCommitThatIsNotThere(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.failCommit("ROLLBACK")
	err := s.try(opened("20261121-0002"))
	if !errors.Is(err, ErrNotWritten) || !errors.Is(err, errDisk) || errors.Is(err, ErrStopped) || s.l.Stopped() != nil {
		t.Fatalf("Append: %v", err)
	}
	if _, err := s.l.Sale(t.Context(), "20261121-0002"); !errors.Is(err, ErrNotFound) {
		t.Errorf("sale: %v", err)
	}
	s.must(opened("20261121-0002")) // tried again
	s.sound()
}

// TestFailedCommitThatCannotBeLookedUp fails the commit and the new connection.
func TestFailedCommitThatCannotBeLookedUp(t *testing.T) {
	for _, c := range []struct {
		really string
		there  bool
	}{{"COMMIT", true}, {"ROLLBACK", false}} {
		s := newShop(t)
		s.sold(100)
		s.failCommit(c.really)
		s.l.opt.VFS = "no-such-disk"
		if err := s.try(opened("20261121-0002")); !errors.Is(err, ErrStopped) || errors.Is(err, ErrNotWritten) {
			t.Fatalf("Append: %v", err)
		}
		if err := s.try(opened("20261121-0003")); !errors.Is(err, ErrStopped) {
			t.Errorf("Append while stopped: %v", err)
		}
		if sales, err := s.l.Sales(t.Context(), 1); err != nil || len(sales) != 1 {
			t.Errorf("read while stopped: %v, %v", sales, err)
		}
		if err := s.l.Reopen(t.Context()); !errors.Is(err, ErrStopped) || s.l.Stopped() == nil {
			t.Errorf("Reopen without a disk: %v", err)
		}
		s.l.opt.VFS = ""
		if err := s.l.Reopen(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.l.Sale(t.Context(), "20261121-0002"); (err == nil) != c.there {
			t.Errorf("after %s: sale: %v", c.really, err)
		}
		s.must(opened("20261121-0003"))
		s.sound()
	}
}

// reading is somebody who reads one instant of the book for as long as the test
// likes, as an export into a pager does.
func (s *shop) reading() (stop func()) {
	s.t.Helper()
	c, err := openReader(s.opt)
	if err == nil {
		err = c.exec("SELECT count(*) FROM journal")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return func() { s.t.Helper(); _ = c.close() }
}

// TestFailedCommitBesideAReader: whoever reads the book keeps its log from being
// emptied, not the till from selling.
func TestFailedCommitBesideAReader(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	stop := s.reading()
	t.Cleanup(stop)
	s.sold(100)
	s.failCommit("COMMIT")
	s.must(opened("20261121-1002"))
	s.failCommit("ROLLBACK")
	if err := s.try(opened("20261121-1003")); !errors.Is(err, ErrNotWritten) || s.l.Stopped() != nil {
		t.Fatalf("Append: %v", err)
	}
	s.must(opened("20261121-1003"))
	var wait int64
	if _, err := s.l.c.one("PRAGMA busy_timeout", nil, &wait); err != nil || wait != busyTimeout {
		t.Errorf("from now on it waits %d ms, %v", wait, err)
	}
	s.sound()
}

// TestReopenBesideAReader: the same for a book that had stopped.
func TestReopenBesideAReader(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	stop := s.reading()
	s.failCommit("COMMIT")
	s.l.opt.VFS = "no-such-disk"
	if err := s.try(opened("20261121-1002")); !errors.Is(err, ErrStopped) {
		t.Fatalf("Append: %v", err)
	}
	s.l.opt.VFS = ""
	if err := s.l.Reopen(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.must(line("20261121-1002", 1, 5))
	stop()
	s.reopen()
	if _, err := s.l.Sale(t.Context(), "20261121-1002"); err != nil {
		t.Error(err)
	}
	s.sound()
}

func TestFailedCommitWithAStrangersEntry(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.failCommit("ROLLBACK; INSERT INTO journal SELECT number + 1, kind, time, mono, day, till, operator, approver, shift, sale, " +
		"payload, previous, hash FROM journal ORDER BY number DESC LIMIT 1")
	var broken *Broken
	if err := s.try(opened("20261121-0002")); err == nil {
		t.Fatal("taken")
	}
	if err := s.try(opened("20261121-0002")); !errors.As(err, &broken) && !errors.Is(err, ErrStopped) {
		t.Errorf("the till goes on: %v", err)
	}
}

func TestReopenWithoutNeed(t *testing.T) {
	s := newShop(t)
	id := s.sold(100)
	if err := s.l.Reopen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.l.Sale(t.Context(), id); err != nil {
		t.Error(err)
	}
	s.sold(200)
	s.sound()
}

func TestDiskFull(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	// SQLite's own limit gives the error of a full disk at the same place.
	if err := s.l.c.exec("PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	var err error
	for range 100 { // until the pages at hand are full
		s.sale++
		id := "20261121-5" + string(rune('A'+s.sale))
		if err = s.try(opened(id), line(id, 1, 5), line(id, 2, 5)); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrDiskFull) || !errors.Is(err, ErrNotWritten) {
		t.Fatalf("Append: %v", err)
	}
	s.sold(200) // there is room again
	s.sound()
}
