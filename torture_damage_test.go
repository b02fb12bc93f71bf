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
		return os.Remove(s.path(book, name))
	}
	data, err := os.ReadFile(s.path(from, name))
	if err != nil {
		return err
	}
	return os.WriteFile(s.path(book, name), data, 0o600)
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

// damages are what can have happened to a book between two starts. Where the
// next start must say so, fault is its word; "any" where only SQLite's answer
// decides which. Where mends is set, rebuilding from the journal repairs it.
var damages = map[string]struct {
	of    string
	do    func(s *shelfOfBooks, book string) error
	fault string
	mends bool
}{
	"an older file in its place": {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db", older) }},
	"another shop's file":        {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db", foreign) }},
	"the file gone":              {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db", "") }},
	"the file empty":             {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.cut(x, "journal.db", 0) }},
	"the file cut in half":       {of: closed, fault: "any", do: func(s *shelfOfBooks, x string) error { return s.cut(x, "journal.db", 50) }},
	"the file's head spoilt":     {of: closed, fault: "any", do: func(s *shelfOfBooks, x string) error { return s.flip(x, "journal.db", "SQLite format", 0) }},
	"the last entry changed": {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "DROP TRIGGER journal_update", "UPDATE journal SET day = '2020-01-01' WHERE number = (SELECT max(number) FROM journal)")
	}},
	"the log gone":               {of: killed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db-wal", "") }},
	"another shop's log":         {of: killed, fault: "any", do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db-wal", foreign) }},
	"the log cut in half":        {of: killed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.cut(x, "journal.db-wal", 50) }},
	"one bit of the log flipped": {of: killed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.flip(x, "journal.db-wal", "", 40) }},
	"another shop's head file":   {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.head", foreign) }},
	"the head file of later":     {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.head", killed) }},
	"an earlier entry changed":   {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error { return s.flip(x, "journal.db", "bag-of-rice", 0) }},
	"an entry edited by SQL": {of: closed, fault: "journal-broken", do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "DROP TRIGGER journal_update", "UPDATE journal SET payload = replace(payload, '1100', '1000')")
	}},
	"a total edited by SQL": {of: closed, fault: "journal-broken", mends: true, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "UPDATE payments SET doc = replace(doc, '1099', '1000')")
	}},
	"a projection unreadable": {of: closed, fault: "any", mends: true, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "UPDATE sales SET state = 'open', doc = '{'")
	}},
}

// TestDamagedBook damages a book between two starts. The next start says what
// is wrong, from which number on and what to do, in the till's language, and
// sells nothing; `journal verify` finds it; and the way out works.
func TestDamagedBook(t *testing.T) {
	t.Parallel()
	s := writeBooks(t)
	for _, sound := range []string{closed, killed} {
		s.copy(t, sound, "sound-"+sound)
		if trouble, _ := s.start(t, "sound-"+sound, "en"); trouble != "" {
			t.Fatalf("the book %s itself: %s", sound, trouble)
		}
	}
	for name, d := range damages {
		t.Run(name, func(t *testing.T) {
			x := strings.ReplaceAll(name, " ", "-")
			s.copy(t, d.of, x)
			if err := d.do(s, x); err != nil {
				t.Fatal(err)
			}
			if out, err := s.program(x, "en", "journal", "verify").CombinedOutput(); err == nil {
				t.Errorf("verify finds nothing: %s", out)
			}
			s.refused(t, x, d.fault)
			if d.mends {
				_ = s.program(x, "en", "journal", "rebuild").Run() // 3: there were differences
			} else {
				s.restore(t, x, d.of)
			}
			if out, err := s.program(x, "en", "journal", "verify").CombinedOutput(); err != nil {
				t.Errorf("after the way out: %v %s", err, out)
			}
			if trouble, sale := s.start(t, x, "en"); trouble != "" || dig(sale, "sale") == "" {
				t.Errorf("after the way out: %s %s", trouble, sale)
			}
		})
	}
}

// refused starts the till in both languages.
func (s *shelfOfBooks) refused(t *testing.T, book, fault string) {
	t.Helper()
	for language, word := range map[string]string{"zh-CN": "账", "en": "journal"} {
		trouble, sale := s.start(t, book, language)
		code, say, hint := dig([]byte(trouble), "code"), dig([]byte(trouble), "say"), dig([]byte(trouble), "hint")
		if code == "" || fault != "any" && code != fault {
			t.Errorf("%s: trouble %s, want %s", language, trouble, fault)
			continue
		}
		if number := dig([]byte(trouble), "args.0"); code == "journal-broken" && !strings.Contains(say, number) {
			t.Errorf("%s: the number %s is not in %q", language, number, say)
		}
		if say == "" || hint == "" || code == "journal-broken" && !strings.Contains(say+hint, word) {
			t.Errorf("%s: %q, %q", language, say, hint)
		}
		if dig(sale, "refused") != code {
			t.Errorf("%s: a sale is answered %s, not refused for %s", language, sale, code)
		}
	}
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
