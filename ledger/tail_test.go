package ledger_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"abacus/internal/money"
	"abacus/ledger"
)

// Pages put together are the export, whatever their size, and every page says
// what it follows.
func TestTailPagesAreTheExport(t *testing.T) {
	o := ledger.Options{Path: filepath.Join(t.TempDir(), "journal.db"), Till: "01", Currency: money.CNY}
	books, err := ledger.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = books.Close() }()
	tail, err := ledger.OpenTail(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tail.Close() }()
	for i := range 57 { // behind a writer that is at work
		draft := ledger.Draft{Kind: ledger.KindNote, Payload: ledger.Note{About: "test", Text: string(make([]byte, i*7))}}
		if _, err := books.Append(t.Context(), ledger.Batch{Drafts: []ledger.Draft{draft}}); err != nil {
			t.Fatal(err)
		}
	}
	head, err := tail.Head()
	if err != nil || head != books.Head() || tail.Mark() != books.Mark() {
		t.Fatalf("%+v of %s, %v; want %+v of %s", head, tail.Mark(), err, books.Head(), books.Mark())
	}
	var export bytes.Buffer
	if err := books.Export(t.Context(), &export); err != nil {
		t.Fatal(err)
	}
	_, want, _ := bytes.Cut(export.Bytes(), []byte("\n"))
	for _, size := range []struct{ most, bytes int }{{1000, 1 << 20}, {10, 1 << 20}, {1000, 900}, {1, 1}} {
		var got []byte
		at := ledger.Head{}
		if at.Hash, err = tail.HashAt(0); err != nil {
			t.Fatal(err)
		}
		for at.Number < head.Number {
			p, err := tail.Read(t.Context(), at.Number, head.Number, size.most, size.bytes)
			if err != nil || p.First != at.Number+1 || p.Previous != at.Hash || p.Last < p.First {
				t.Fatalf("after %+v: %+v, %v", at, p, err)
			}
			if n := p.Last - p.First + 1; n > int64(size.most) || n > 1 && len(p.Lines) > size.bytes {
				t.Errorf("a page of %d entries, %d bytes", n, len(p.Lines))
			}
			got, at = append(got, p.Lines...), ledger.Head{Number: p.Last, Hash: p.Hash}
		}
		if at != head || !bytes.Equal(got, want) {
			t.Errorf("pages of %+v end at %+v and differ from the export", size, at)
		}
	}
	if p, err := tail.Read(t.Context(), 3, 5, 100, 1<<20); err != nil || p.Last != 5 {
		t.Errorf("up to 5: %d, %v", p.Last, err)
	}
	if _, err := tail.HashAt(head.Number + 1); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("beyond the end: %v", err)
	}
}
