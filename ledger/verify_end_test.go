package ledger

import "testing"

// TestTheEndOfALongBook: what the first sale builds upon is checked before it
// at any length of the book; what is older is left to Verify, which finds it.
func TestTheEndOfALongBook(t *testing.T) {
	s := newShop(t)
	s.careless()
	notes := func(many int) {
		var drafts []Draft
		for range many {
			drafts = append(drafts, Draft{Kind: KindNote, Operator: "1001", Payload: Note{About: "test", Text: "long"}})
		}
		s.must(drafts...)
	}
	notes(100)
	s.must(shiftOpened(1, 0))
	if _, err := s.l.CloseShift(t.Context(), "1001", fen(0), 0, Batch{}); err != nil {
		t.Fatal(err)
	}
	z := s.l.Head().Number
	notes(100)
	if v, err := VerifyEnd(t.Context(), s.opt); err != nil || !v.OK || v.Entries != s.l.Head().Number {
		t.Fatalf("a short book: %+v, %v", v, err)
	}
	notes(leastOfTheEnd)
	s.must(opened("20261121-0001"))
	if v, err := VerifyEnd(t.Context(), s.opt); err != nil || !v.OK || v.Entries != s.l.Head().Number-z || v.Head != s.l.Head() {
		t.Fatalf("a sound book: %+v, %v", v, err)
	}
	s.tamper("UPDATE journal SET operator = '1002' WHERE number = 50")
	if v, err := VerifyEnd(t.Context(), s.opt); err != nil || !v.OK {
		t.Errorf("the old part: %+v, %v", v, err)
	}
	if v, err := Verify(t.Context(), s.opt); err != nil || v.Why != WhyHash || v.Bad != 50 {
		t.Errorf("all of it: %+v, %v", v, err)
	}
	for _, c := range []struct {
		change string
		bad    int64
		why    string
	}{
		{"UPDATE sales SET doc = '{'", 0, WhyProjection},
		{"UPDATE journal SET operator = '1002' WHERE number = 2000", 2000, WhyHash},
		{"UPDATE journal SET previous = zeroblob(32) WHERE number = 1500", 1500, WhyPrevious},
		{"DELETE FROM journal WHERE number = 1000", 1000, WhyGap},
	} {
		s.tamper(c.change)
		if v, err := VerifyEnd(t.Context(), s.opt); err != nil || v.OK || v.Bad != c.bad || v.Why != c.why {
			t.Errorf("%s: %+v, %v", c.change, v, err)
		}
	}
}

// A live sale is looked for in the index of live ones only: one that is not in
// it is found by Verify, and Rebuild puts it back.
func TestVerifyFindsALiveSaleThatIsHidden(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.must(opened("20261121-0002"))
	s.tamper("UPDATE sales SET live = 0")
	if v, err := Verify(t.Context(), s.opt); err != nil || v.OK || v.Why != WhyProjection {
		t.Fatalf("%+v, %v", v, err)
	}
	s.open()
	if found, err := s.l.Rebuild(t.Context()); err != nil || len(found) != 1 {
		t.Fatalf("rebuild: %v, %v", found, err)
	}
	if live, err := s.l.NewestLive(t.Context(), 10); err != nil || len(live) != 1 {
		t.Errorf("%v, %v", live, err)
	}
	s.sound()
}
