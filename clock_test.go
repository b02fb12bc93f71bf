package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clockEnv names a file that says by how much a process's clock is wrong.
const clockEnv = "TILL_TEST_CLOCK"

// clockOf is the machine's clock, wrong by what the file says. It is read every
// time, so that a clock jumps under a running process as well as between two.
func clockOf(path string) func() time.Time {
	return func() time.Time {
		now := time.Now()
		text, err := os.ReadFile(path)
		if err != nil {
			return now // nobody has set it yet
		}
		off, err := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil {
			panic(err)
		}
		return now.Add(off)
	}
}

// setClock makes a process's clock wrong by so much.
func setClock(path string, off time.Duration) error {
	next := path + ".next"
	if err := os.WriteFile(next, []byte(off.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// A process really has the clock it is given, at its start and when it jumps:
// or the torture would have none either.
func TestAProcessHasTheClockItIsGiven(t *testing.T) {
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.kill)
	path := filepath.Join(t.TempDir(), "clock")
	if err := setClock(path, -48*time.Hour); err != nil {
		t.Fatal(err)
	}
	c, err := startTill(b.config(), filepath.Join(t.TempDir(), "till"), append(quick(), clockEnv+"="+path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	if _, err := c.call("operator.login", map[string]string{"operator": "1001", "pin": "246810"}); err != nil {
		t.Fatal(err)
	}
	for _, off := range []time.Duration{-48 * time.Hour, 0, 48 * time.Hour, -1200 * time.Hour} {
		if err := setClock(path, off); err != nil {
			t.Fatal(err)
		}
		sale, err := c.call("sale.open", nil)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := time.Parse(time.RFC3339Nano, dig(sale, "opened_at"))
		if wrong := time.Until(opened).Round(time.Hour); err != nil || wrong != off {
			t.Errorf("opened at %s, wrong by %v, %v; want %v", dig(sale, "opened_at"), wrong, err, off)
		}
	}
}
