package ledger

import (
	"os"
	"testing"
)

// An older database and its head file, put back together, agree with each other;
// what was sent to the keeper meanwhile does not.
func TestPutBackWithItsHeadFile(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	mark, then := s.l.Mark(), s.l.Head()
	s.reopen()
	old := s.files()
	head, err := os.ReadFile(s.opt.HeadPath)
	if err != nil {
		t.Fatal(err)
	}
	s.sold(200)
	now := s.l.Head()
	s.putBack(old)
	if err := os.WriteFile(s.opt.HeadPath, head, 0o600); err != nil {
		t.Fatal(err)
	}
	s.opt.Witness = func() (string, Head) { return mark, now }
	s.broken(then.Number+1, WhyCopy)
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	s.opt.Witness = func() (string, Head) { return mark, then }
	s.open()
	s.sold(200)
	s.sound()
}

// What a till sells and sends while its book is checked is no contradiction.
func TestSentWhileVerifying(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.opt.Witness = func() (string, Head) {
		s.sold(200)
		return s.l.Mark(), s.l.Head()
	}
	if err := os.Remove(s.opt.HeadPath); err != nil {
		t.Fatal(err)
	}
	if v, err := Verify(t.Context(), s.opt); err != nil || !v.OK || !v.HeadMissing {
		t.Errorf("verify: %+v, %v", v, err)
	}
}
