package faultdisk

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// put opens an ordinary file and writes text at its begin.
func put(t *testing.T, d *Disk, name, text string) File {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		t.Fatal(err)
	}
	return f
}

// fates is what a file is after each of many power cuts; "-" is no file.
func fates(d *Disk, name string) map[string]int {
	seen := map[string]int{}
	r := source(3)
	for range 400 {
		after := d.Cut(r)
		text := "-"
		if b, err := after.ReadFile(name); err == nil {
			text = string(b)
		} else if !errors.Is(err, fs.ErrNotExist) {
			text = err.Error()
		}
		seen[text]++
	}
	return seen
}

func want(t *testing.T, what string, got map[string]int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if got[text] == 0 {
			t.Errorf("%s: never %.40q", what, text)
		}
	}
	if len(got) != len(texts) {
		t.Errorf("%s: %d different ends, want %d: %.200v", what, len(got), len(texts), got)
	}
}

func TestCutKeepsWhatWasSynced(t *testing.T) {
	d := New(Options{Rand: source(1)})
	f := put(t, d, "/d/a", "one")
	want(t, "only the name synced", fates(d, "/d/a"), "", "one", "\x00\x00\x00")
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	want(t, "all synced", fates(d, "/d/a"), "one")
	if _, err := f.WriteAt([]byte("two"), 0); err != nil {
		t.Fatal(err)
	}
	want(t, "written over", fates(d, "/d/a"), "one", "two")
	d.remove("/d/a", false)
	want(t, "unlinked", fates(d, "/d/a"), "-", "one", "two")
	d.Plan(func(op Op) Fault {
		if op.Kind == SyncDir {
			return Fail
		}
		return None
	})
	put(t, d, "/d/a", "new")
	want(t, "made again", fates(d, "/d/a"), "-", "one", "two", "new", "", "\x00\x00\x00")
}

func TestCutTearsAtSectors(t *testing.T) {
	d := New(Options{})
	put(t, d, "/a", strings.Repeat("a", 3*sector))
	torn := 0
	for text := range fates(d, "/a") {
		if len(text)%sector != 0 {
			t.Errorf("%d bytes", len(text))
		}
		for at := 0; at < len(text); at += sector {
			if part := text[at : at+sector]; strings.Count(part, "a") != sector && strings.Count(part, "\x00") != sector {
				t.Fatal("a sector was torn")
			}
		}
		if strings.Contains(text, "\x00") || len(text) == sector {
			torn++
		}
	}
	if torn == 0 {
		t.Error("no write was torn")
	}
}

// A short write across the end of a sector reaches the disk whole, without its
// head, without its tail or not at all; where the head is missing, zeros are read.
func TestCutTearsAShortWriteAcrossASector(t *testing.T) {
	d := New(Options{})
	before := strings.Repeat("b", sector-2)
	f := put(t, d, "/a", before)
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("1234"), sector-2); err != nil {
		t.Fatal(err)
	}
	want(t, "a line", fates(d, "/a"), before, before+"1234", before+"12", before+"\x00\x0034", before+"12\x00\x00", before+"\x00\x00\x00\x00")
}

func TestFailedSyncForgets(t *testing.T) {
	d := New(Options{Rand: source(5)})
	f := put(t, d, "/a", "old")
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	fail := true
	d.Plan(func(op Op) Fault {
		if fail && op.Kind == Sync {
			return Fail
		}
		return None
	})
	kept := map[string]int{}
	for range 100 {
		if _, err := f.WriteAt([]byte("new"), 0); err != nil {
			t.Fatal(err)
		}
		fail = true
		if err := f.Sync(); err == nil {
			t.Fatal("the sync did not fail")
		}
		fail = false
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		if text, _ := d.Clone().ReadFile("/a"); string(text) != "new" {
			t.Fatalf("another process reads %q", text)
		}
		for text := range fates(d, "/a") {
			kept[text]++
		}
		d.Put("/a", []byte("old"))
		f = put(t, d, "/a", "old")
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "after a failed and a good sync", kept, "old", "new")
}

func TestAFullDiskStoresWhatFits(t *testing.T) {
	d := New(Options{})
	f := put(t, d, "/a", "")
	d.Plan(func(Op) Fault { return Full })
	if _, err := f.WriteAt([]byte("123456"), 0); err == nil {
		t.Error("a full disk took it all")
	}
	if got := string(d.Peek("/a")); got != "123" {
		t.Errorf("stored %q", got)
	}
}

func TestNothingHappensWithoutPower(t *testing.T) {
	d := New(Options{})
	f := put(t, d, "/a", "one")
	n := d.Count()
	d.PowerOff()
	_, writes := f.WriteAt([]byte("two"), 0)
	_, reads := d.ReadFile("/a")
	_, makes := d.Create("/b")
	if writes == nil || reads == nil || makes == nil || f.Sync() == nil || d.remove("/a", true) == 0 {
		t.Error("something went well")
	}
	if d.Count() != n || string(d.Peek("/a")) != "one" || len(d.Names()) != 1 {
		t.Error("something happened")
	}
	if back := d.Cut(source(1)); back.Off() {
		t.Error("the power does not come back")
	}
}

// A clone and a cut leave the disk they come from alone, and it them.
func TestCopiesDoNotShare(t *testing.T) {
	d := New(Options{})
	f := put(t, d, "/a", "one")
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	clone, cut := d.Clone(), d.Cut(source(1))
	for i, x := range []*Disk{d, clone, cut} {
		g := put(t, x, "/a", []string{"two", "three", "four"}[i])
		if err := g.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range []*Disk{d, clone, cut} {
		want := []string{"two", "three", "four"}[i]
		if got := string(x.Peek("/a")); got != want {
			t.Errorf("disk %d reads %q, want %q", i, got, want)
		}
		if got := string(x.Cut(source(1)).Peek("/a")); got != want {
			t.Errorf("disk %d keeps %q, want %q", i, got, want)
		}
	}
}
