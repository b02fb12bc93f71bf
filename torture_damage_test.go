package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// shelfOfBooks are data folders to damage copies of.
type shelfOfBooks struct {
	dir, config string
}

// The folders: a book after one sale and after three, both closed in order;
// the latter again after two more sales and a kill, so that its last entries
// stand in the write-ahead log only; and another shop's, killed too.
const (
	older   = "older"
	closed  = "closed"
	killed  = "killed"
	foreign = "foreign"
	young   = "young" // killed on its first day: all of it stands in the log
)

func writeBooks(t *testing.T) *shelfOfBooks {
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.stop)
	s := &shelfOfBooks{dir: t.TempDir(), config: b.config()}
	s.sell(t, "a", 1, false)
	s.copy(t, "a", older)
	s.sell(t, "a", 2, false)
	s.copy(t, "a", closed)
	if err := os.RemoveAll(s.path(closed, "journal.db-wal")); err != nil { // its content is in the file
		t.Fatal(err)
	}
	s.sell(t, "a", 2, true)
	s.copy(t, "a", killed)
	s.sell(t, foreign, 1, false)
	s.sell(t, foreign, 2, true)
	s.sell(t, young, 3, true)
	return s
}

func (s *shelfOfBooks) path(book string, name ...string) string {
	return filepath.Join(append([]string{s.dir, book}, name...)...)
}

func (s *shelfOfBooks) sell(t *testing.T, book string, sales int, kill bool) {
	t.Helper()
	c, err := startTill(s.config, s.path(book), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range sales {
		sale, err := ring(c)
		if err == nil {
			_, err = c.call("sale.discount", map[string]any{"sale": sale, "amount": 1, "reason": "bag-of-rice"})
		}
		if err == nil {
			_, err = c.call("sale.pay", map[string]any{"sale": sale, "method": "cash"})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !kill {
		if code := c.stop(); code != 0 {
			t.Fatalf("ended with %d", code)
		}
		return
	}
	defer c.kill()
	hello, err := c.call("till.hello", map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	// The head file is written behind the sale, ten milliseconds or so.
	last := " " + dig(hello, "journal.hash") + " "
	if err := eventually(10*time.Second, func() (bool, error) {
		data, err := os.ReadFile(s.path(book, "journal.head"))
		return bytes.Contains(data, []byte(last)), err
	}); err != nil {
		t.Fatal(err)
	}
}

func (s *shelfOfBooks) copy(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(s.path(to), os.DirFS(s.path(from))); err != nil {
		t.Fatal(err)
	}
}

// put replaces a file of a book by another book's; to nothing by removing it.
func (s *shelfOfBooks) put(book, name, from string) error {
	if from == "" {
		return os.RemoveAll(s.path(book, name))
	}
	data, err := os.ReadFile(s.path(from, name))
	if err != nil {
		return err
	}
	return os.WriteFile(s.path(book, name), data, 0o600)
}

// sent makes the copy's mark speak of an entry of this book.
func (s *shelfOfBooks) sent(book string, number int64) error {
	head, err := os.ReadFile(s.path(book, "journal.head"))
	if err != nil {
		return err
	}
	line := fmt.Sprintf("abacus-sent-1 %s %d %064d\n", strings.Fields(string(head))[1], number, 7)
	return os.WriteFile(s.path(book, "journal.sent"), []byte(line), 0o600)
}

func (s *shelfOfBooks) cut(book, name string, share int64) error {
	info, err := os.Stat(s.path(book, name))
	if err != nil {
		return err
	}
	return os.Truncate(s.path(book, name), info.Size()*share/100)
}

// flip changes one bit of a byte, given by the last place of a text or, where
// there is none, by a share of the file.
func (s *shelfOfBooks) flip(book, name, text string, share int) error {
	data, err := os.ReadFile(s.path(book, name))
	if err != nil {
		return err
	}
	at := len(data) * share / 100
	if text != "" {
		at = bytes.LastIndex(data, []byte(text))
	}
	if at < 0 {
		return fmt.Errorf("%s does not hold %q", name, text)
	}
	data[at] ^= 1
	return os.WriteFile(s.path(book, name), data, 0o600)
}

// edit is somebody with a database program.
func (s *shelfOfBooks) edit(book string, statements ...string) error {
	db, err := sql.Open("sqlite", s.path(book, "journal.db"))
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}

// start starts a till and opens a sale; refused is the code of the refusal.
func (s *shelfOfBooks) start(t *testing.T, book, language string) (trouble string, sale json.RawMessage) {
	t.Helper()
	c, err := startTill(s.config, s.path(book), []string{"ABACUS_LANGUAGE=" + language})
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	snapshot, err := c.call("till.snapshot", map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.call("operator.login", map[string]string{"operator": "1001", "pin": "246810"})
	sale, err = c.call("sale.open", map[string]any{})
	var refused *rpcError
	if errors.As(err, &refused) {
		sale = json.RawMessage(fmt.Sprintf(`{"refused":%q}`, refused.Data.Code))
	}
	if dig(snapshot, "ready") == "true" {
		return "", sale
	}
	return dig(snapshot, "trouble"), sale
}

// restore puts a book back as it was, as from a backup: all of its files.
func (s *shelfOfBooks) restore(t *testing.T, book, from string) {
	t.Helper()
	if err := os.RemoveAll(s.path(book)); err != nil {
		t.Fatal(err)
	}
	s.copy(t, from, book)
}

// program is a command on a book.
func (s *shelfOfBooks) program(book, language string, args ...string) *exec.Cmd {
	cmd, err := programCommand([]string{"ABACUS_LANGUAGE=" + language}, append(args, "--config", s.config, "--data", s.path(book))...)
	if err != nil {
		panic(err) // the test binary does not know itself
	}
	return cmd
}
