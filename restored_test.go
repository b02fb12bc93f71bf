package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A till that goes on from a backup counts its sales from there again. What the
// acquirer was asked for meanwhile must not be taken for the next customer's.
func TestABackupPutBackChargesAnew(t *testing.T) {
	t.Parallel()
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	dir := t.TempDir()
	data, backup := filepath.Join(dir, "data"), filepath.Join(dir, "backup")
	sell := func() (order string) {
		t.Helper()
		c, err := startTill(b.config(), data, quick())
		if err != nil {
			t.Fatal(err)
		}
		defer c.stop()
		sale, err := ring(c)
		if err != nil {
			t.Fatal(err)
		}
		code, err := b.code("wechat", "pay")
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.call("sale.pay", map[string]any{"sale": sale, "method": "auto", "code": code})
		if err == nil {
			p, err = c.call("payment.wait", map[string]any{"payment": dig(p, "payment")})
		}
		if err != nil || dig(p, "state") != "paid" {
			t.Fatalf("%s, %v", p, err)
		}
		return dig(p, "order")
	}
	sell()
	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	before := sell()
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(backup, data); err != nil {
		t.Fatal(err)
	}
	after := sell()
	books, err := b.books()
	if err != nil {
		t.Fatal(err)
	}
	if len(books) != 3 || books[before].Captured == 0 || books[after].Captured == 0 {
		t.Errorf("%s before and %s after the backup was put back; the acquirer has %+v", before, after, books)
	}
}
