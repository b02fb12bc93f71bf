package ledger

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// files are the book's files as they are on disk while the till runs.
func (s *shop) files() map[string][]byte {
	s.t.Helper()
	saved := map[string][]byte{}
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(s.opt.Path + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			s.t.Fatal(err)
		}
		if err == nil {
			saved[s.opt.Path+suffix] = text
		}
	}
	return saved
}

// putBack ends the till and puts older files in the place of its book.
func (s *shop) putBack(saved map[string][]byte) {
	s.t.Helper()
	if err := s.l.Close(); err != nil {
		s.t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(s.opt.Path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.t.Fatal(err)
		}
	}
	for path, text := range saved {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// broken opens the book, which must be found broken at a number, and why.
func (s *shop) broken(number int64, why string) {
	s.t.Helper()
	l, err := Open(s.t.Context(), s.opt)
	var broken *Broken
	if !errors.As(err, &broken) || broken.Number != number || broken.Why != why || l == nil {
		s.t.Fatalf("Open: %v, want broken at %d, %s", err, number, why)
	}
	s.l = l
	if err := s.try(opened("20261121-7777")); !errors.As(err, &broken) {
		s.t.Errorf("a broken book was written: %v", err)
	}
	if err := l.Reopen(s.t.Context()); !errors.As(err, &broken) {
		s.t.Errorf("a broken book was opened again: %v", err)
	}
	if _, err := l.Entries(s.t.Context(), 0, 10); err != nil {
		s.t.Errorf("a broken book cannot be listed: %v", err)
	}
	v, err := Verify(s.t.Context(), s.opt)
	if err != nil || v.OK || v.Why != why || v.Bad != number {
		s.t.Errorf("verify: %+v, %v", v, err)
	}
}

func TestRollbackIsFound(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.reopen()
	old, number := s.files(), s.l.Head().Number
	s.sold(200)
	s.putBack(old)
	s.broken(number+1, WhyEnd)
	// Nothing the broken till did made the file outside agree.
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	s.broken(number+1, WhyEnd)
}

func TestCutLogIsFound(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	live := s.files()
	log := live[s.opt.Path+"-wal"]
	if len(log) == 0 {
		t.Fatal("there is no log to cut")
	}
	log[len(log)-1] ^= 1 // SQLite drops the last transaction without a word
	s.putBack(live)
	s.broken(s.l.head.Number-1, WhyEnd)
}

func TestAnotherHistoryIsFound(t *testing.T) {
	s, other := newShop(t), newShop(t)
	s.sold(100)
	other.sold(200)
	other.sold(300)
	if err := other.l.Close(); err != nil {
		t.Fatal(err)
	}
	s.putBack(other.filesFor(s.opt.Path))
	s.broken(4, WhyHeadFile)
}

// filesFor are this shop's files under another's path.
func (s *shop) filesFor(path string) map[string][]byte {
	moved := map[string][]byte{}
	for name, text := range s.files() {
		moved[path+name[len(s.opt.Path):]] = text
	}
	return moved
}

func TestVanishedBookIsFound(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.putBack(nil)
	s.opt.Random = nil
	gone := func() {
		t.Helper()
		l, err := Open(t.Context(), s.opt)
		if broken := (*Broken)(nil); !errors.As(err, &broken) || broken.Why != WhyGone {
			t.Fatalf("Open: %v", err)
		}
		if l != nil {
			s.l = l
		}
	}
	gone()
	// As an empty book in its place is: an earlier version made one.
	book, err := newBook()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.opt.Path, bytes.ReplaceAll(book.db, []byte(s.l.Mark()), []byte("zzzz")), 0o600); err != nil {
		t.Fatal(err)
	}
	gone()
}

func TestTheFileOutsideMayLag(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.reopen()
	old, err := os.ReadFile(s.opt.HeadPath)
	if err != nil {
		t.Fatal(err)
	}
	s.sold(200)
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(s.opt.HeadPath)
	if err != nil {
		t.Fatal(err)
	}
	torn := append(append([]byte{}, now[:slotSize]...), make([]byte, slotSize)...)
	for name, text := range map[string][]byte{"older": old, "a torn slot": torn} {
		if err := os.WriteFile(s.opt.HeadPath, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s.open()
		if s.l.HeadMissing() || s.l.HeadError() != nil {
			t.Errorf("%s: missing %v, error %v", name, s.l.HeadMissing(), s.l.HeadError())
		}
		if err := s.l.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := readHeadFile(s.opt)
		if err != nil || r == nil || r.number != s.l.head.Number || r.hash != s.l.head.Hash {
			t.Errorf("%s: after Close the file says %+v, %v", name, r, err)
		}
	}
	for name, text := range map[string][]byte{"gone": nil, "unreadable": []byte("hello")} {
		if err := os.Remove(s.opt.HeadPath); err != nil {
			t.Fatal(err)
		}
		if text != nil {
			if err := os.WriteFile(s.opt.HeadPath, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s.open()
		if !s.l.HeadMissing() {
			t.Errorf("%s: not told", name)
		}
		if err := s.l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.open()
	if s.l.HeadMissing() {
		t.Error("told again after it was written")
	}
}

// Without the file outside only another witness can prove a loss, and an empty
// book, which never is without that file.
func TestWithoutTheFileOutside(t *testing.T) {
	for _, c := range []struct {
		name    string
		sales   int
		witness func(mark string, now Head) (string, Head)
		why     string
	}{
		{"nobody knows more", 1, func(mark string, now Head) (string, Head) { return "", Head{} }, ""},
		{"the copy is behind", 1, func(mark string, now Head) (string, Head) { return mark, Head{} }, ""},
		{"the copy agrees", 1, func(mark string, now Head) (string, Head) { return mark, now }, ""},
		{"the copy is another book's", 1, func(mark string, now Head) (string, Head) { return "zzzz", Head{Number: 99} }, ""},
		{"the copy goes further", 1, func(mark string, now Head) (string, Head) { return mark, Head{Number: now.Number + 1} }, WhyCopy},
		{"the copy differs", 1, func(mark string, now Head) (string, Head) { return mark, Head{Number: now.Number} }, WhyCopy},
		{"an empty book", 0, func(mark string, now Head) (string, Head) { return "", Head{} }, WhyGone},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			for range c.sales {
				s.sold(100)
			}
			mark, now := s.l.Mark(), s.l.Head()
			if err := errors.Join(s.l.Close(), os.Remove(s.opt.HeadPath)); err != nil {
				t.Fatal(err)
			}
			s.opt.Witness = func() (string, Head) { return c.witness(mark, now) }
			v, err := Verify(t.Context(), s.opt)
			if err != nil || v.Why != c.why || v.HeadMissing != (c.why == "") {
				t.Errorf("verify: %+v, %v", v, err)
			}
			for range 2 { // the refusal does not make up for what is missing
				l, err := Open(t.Context(), s.opt)
				broken := (*Broken)(nil)
				if errors.As(err, &broken); c.why == "" && err != nil || c.why != "" && (broken == nil || broken.Why != c.why) {
					t.Fatalf("Open: %v, want %q", err, c.why)
				}
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// The database and the file outside gone together: a new book is made only where
// nothing else tells of an old one.
func TestNewBookBesideRemains(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	if err := errors.Join(s.l.Close(), os.Remove(s.opt.HeadPath)); err != nil {
		t.Fatal(err)
	}
	s.putBack(nil)
	s.opt.Witness = func() (string, Head) { return "zzzz", Head{Number: 3} }
	for range 2 {
		l, err := Open(t.Context(), s.opt)
		if broken := (*Broken)(nil); !errors.As(err, &broken) || broken.Why != WhyGone {
			t.Fatalf("Open: %v", err)
		}
		if l != nil {
			t.Error("a new book was made")
		}
		// What checks the book afterwards says the same.
		if v, err := Verify(t.Context(), s.opt); err != nil || v.OK || v.Why != WhyGone {
			t.Errorf("verify: %+v, %v", v, err)
		}
	}
	s.opt.Witness = nil
	s.open()
	s.sold(100)
	s.sound()
}

func TestHeadRecordIsReadAsWritten(t *testing.T) {
	r := headRecord{mark: "ab2c", number: 12, count: 12, hash: genesis("x")}
	line := r.line()
	if got, ok := parseHead([]byte(line)); len(line) != slotSize || !ok || got != r {
		t.Fatalf("%q gives %+v, %v", line, got, ok)
	}
	for i := range line {
		bad := []byte(line)
		bad[i] ^= 1
		if got, ok := parseHead(bad); ok {
			t.Fatalf("byte %d changed, taken as %+v", i, got)
		}
	}
}

func TestLockDir(t *testing.T) {
	dir := t.TempDir()
	release, err := LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = LockDir(dir)
	var held *Held
	if !errors.As(err, &held) || held.PID != os.Getpid() || held.Since.IsZero() || held.Dir != dir {
		t.Fatalf("second: %v", err)
	}
	release()
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
		t.Errorf("the lock's file must stay: %v", err)
	}
	release, err = LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	release()
	if _, err := LockDir(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there was locked")
	}
}
