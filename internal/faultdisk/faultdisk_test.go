package faultdisk

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"modernc.org/sqlite"
)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func open(t *testing.T, path, vfs, journal string) *sql.DB {
	t.Helper()
	name := fmt.Sprintf("file:%s?_pragma=busy_timeout(1000)&_pragma=journal_mode(%s)&_pragma=synchronous(full)&_txlock=immediate", path, journal)
	if vfs != "" {
		name += "&vfs=" + vfs
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t *testing.T, db *sql.DB, queries ...string) {
	t.Helper()
	for _, q := range queries {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// work is some of everything a database does with its files.
func work(t *testing.T, db *sql.DB) {
	t.Helper()
	run(t, db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE)")
	for i := range 60 {
		run(t, db, fmt.Sprintf("INSERT INTO t (b) VALUES (printf('%%0900d', %d))", i))
	}
	run(t, db, "UPDATE t SET b = b || 'x' WHERE a % 3 = 0", "DELETE FROM t WHERE a % 2 = 0", "PRAGMA wal_checkpoint(TRUNCATE)",
		"INSERT INTO t (b) SELECT b || 'y' FROM t", "VACUUM", "CREATE TABLE u AS SELECT * FROM t ORDER BY b DESC")
}

func TestSameBytesAsTheSystemsFiles(t *testing.T) {
	for _, journal := range []string{"wal", "delete"} {
		t.Run(journal, func(t *testing.T) {
			disk := New(Options{Rand: source(1)})
			db := open(t, "/a.db", disk.VFS(), journal)
			work(t, db)

			real := filepath.Join(t.TempDir(), "a.db")
			seedSQLite(source(1))
			other := open(t, real, "", journal)
			work(t, other)

			for _, suffix := range []string{"", "-wal"} {
				want, err := os.ReadFile(real + suffix)
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
				if got := disk.Peek("/a.db" + suffix); !bytes.Equal(got, want) {
					t.Errorf("a.db%s: %d bytes here, %d there, or different ones", suffix, len(got), len(want))
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if names := disk.Names(); !slices.Equal(names, []string{"/a.db"}) {
				t.Errorf("left behind: %q", names)
			}
			if err := disk.Release(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSameSeedSameOperations(t *testing.T) {
	ops := func(seed uint64) []Op {
		disk := New(Options{Rand: source(seed), Now: func() time.Time { return time.Unix(1, 0) }})
		defer disk.Release()
		db := open(t, "/a.db", disk.VFS(), "wal")
		defer db.Close()
		work(t, db)
		run(t, db, "CREATE TABLE now AS SELECT julianday('now') AS at, random() AS r")
		return disk.Ops()
	}
	first := ops(7)
	if !slices.Equal(first, ops(7)) {
		t.Error("the same seed gave other operations")
	}
	if slices.Equal(first, ops(8)) {
		t.Error("another seed gave the same bytes")
	}
}

func TestFaultsReachTheCaller(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		fault Fault
		code  int
	}{
		{Open, Fail, 14}, {Write, Fail, 778}, {Write, Torn, 778}, {Write, Full, 13}, {Sync, Fail, 1034}, {Size, Fail, 1802},
		{Look, Fail, 3338}, {Read, Fail, 10}, {Share, Full, 4874}, {Write, PowerOff, 778},
	} {
		disk := New(Options{})
		disk.Plan(func(op Op) Fault {
			if op.Kind == c.kind {
				return c.fault
			}
			return None
		})
		db := open(t, "/a.db", disk.VFS(), "wal")
		_, err := db.Exec("CREATE TABLE t (a)")
		var e *sqlite.Error
		if !errors.As(err, &e) || e.Code() != c.code {
			t.Errorf("%s with fault %d: %v, want code %d", c.kind, c.fault, err, c.code)
		}
		if hit := slices.ContainsFunc(disk.Ops(), func(op Op) bool { return op.Fault == c.fault }); !hit {
			t.Errorf("%s with fault %d is not in the record", c.kind, c.fault)
		}
		if off := disk.Off(); off != (c.fault == PowerOff) {
			t.Errorf("%s with fault %d: power off is %v", c.kind, c.fault, off)
		}
	}
}

func TestConnectionsShareLocksAndLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := New(Options{})
		one, two := open(t, "/a.db", disk.VFS(), "wal"), open(t, "/a.db", disk.VFS(), "wal")
		run(t, one, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
		tx, err := one.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec("INSERT INTO t VALUES (2)"); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := two.QueryRow("SELECT count(*) FROM t").Scan(&n); err != nil || n != 1 {
			t.Errorf("beside a writer: %d rows, %v", n, err)
		}
		begin := time.Now()
		if _, err := two.Exec("INSERT INTO t VALUES (3)"); err == nil {
			t.Error("two writers at once")
		}
		if waited := time.Since(begin); waited < time.Second {
			t.Errorf("the second writer waited %v", waited)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := two.QueryRow("SELECT count(*) FROM t").Scan(&n); err != nil || n != 2 {
			t.Errorf("after the commit: %d rows, %v", n, err)
		}
		if err := disk.Release(); err == nil {
			t.Error("released under two open databases")
		}
		if err := errors.Join(one.Close(), two.Close()); err != nil {
			t.Error(err)
		}
	})
}
