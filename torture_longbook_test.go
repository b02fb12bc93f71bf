package main

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"abacus/internal/lang"
	"abacus/ledger"
)

// TestDamagedLongBook: of a book too long to be verified whole before the first
// sale, a changed entry of the last part is refused before it, one of the old
// part soon after it, with the sentence; the sales made meanwhile stand.
func TestDamagedLongBook(t *testing.T) {
	t.Parallel()
	s := writeBooks(t)
	s.copy(t, closed, "long")
	dir := s.path("long")
	books, err := ledger.Open(t.Context(), bookIn(dir))
	if err != nil {
		t.Fatal(err)
	}
	const entries = 52_000 // the 900th is no longer among those checked first, though there is no Z
	var drafts []ledger.Draft
	for range 500 {
		drafts = append(drafts, ledger.Draft{Kind: ledger.KindNote, Operator: "1001", Payload: ledger.Note{About: "test", Text: "a long book"}})
	}
	for books.Head().Number < entries {
		if _, err := books.Append(t.Context(), ledger.Batch{Drafts: drafts}); err != nil {
			t.Fatal(err)
		}
	}
	if err := books.Close(); err != nil {
		t.Fatal(err)
	}
	change := "UPDATE journal SET operator = '1002' WHERE number = "
	s.copy(t, "long", "late")
	if err := errors.Join(s.edit("late", "DROP TRIGGER journal_update", change+"(SELECT max(number) - 100 FROM journal)"),
		s.edit("long", "DROP TRIGGER journal_update", change+"900")); err != nil {
		t.Fatal(err)
	}
	s.refused(t, "late", ledger.WhyHash)
	c, err := startTill(s.config, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	sale, err := ring(c)
	if err == nil {
		_, err = c.call("sale.pay", map[string]any{"sale": sale, "method": "cash"})
	}
	sold := err == nil // or the check was quicker than the cashier
	if stopped := (*rpcError)(nil); !sold && (!errors.As(err, &stopped) || stopped.Data.Code != "journal-broken") {
		t.Fatal(err)
	}
	if err := eventually(time.Minute, func() (bool, error) {
		raw, err := c.call("till.snapshot", map[string]any{})
		var now struct{ Trouble struct{ Say string } }
		_ = json.Unmarshal(raw, &now)
		say, _ := lang.Must(lang.Chinese).Broken(ledger.WhyHash, 900)
		return now.Trouble.Say == say, err
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := c.call("sale.get", map[string]any{"sale": sale}); sold && (err != nil || dig(got, "state") != "done") {
		t.Errorf("the sale made meanwhile: %v %s", err, got)
	}
	if _, err := ring(c); err == nil {
		t.Error("it goes on selling")
	}
}
