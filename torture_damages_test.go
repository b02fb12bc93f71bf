package main

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"abacus/internal/lang"
	"abacus/ledger"
)

// damage is what can have happened to a book between two starts, and the word
// for it that start, verify and doctor must find; empty where pages of two books
// are mixed, and it is theirs to say which of the many faults they meet first.
type damage struct {
	of    string
	do    func(s *shelfOfBooks, book string) error
	why   string
	alone bool // the way out is the file alone: what lies beside it must be as it was
}

var damages = map[string]damage{
	"an older file in its place": {of: closed, why: ledger.WhyEnd, do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db", older) }},
	"another shop's file":        {of: closed, why: ledger.WhyOther, do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db", foreign) }},
	"the file gone":              {of: closed, why: ledger.WhyGone, do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db", "") }},
	"the file empty":             {of: closed, why: ledger.WhyGone, do: func(s *shelfOfBooks, x string) error { return s.cut(x, "journal.db", 0) }},
	"the file gone beside its log": {of: killed, why: ledger.WhyGone, alone: true, do: func(s *shelfOfBooks, x string) error {
		return s.put(x, "journal.db", "")
	}},
	"the file empty beside its log": {of: killed, why: ledger.WhyGone, alone: true, do: func(s *shelfOfBooks, x string) error {
		return s.cut(x, "journal.db", 0)
	}},
	"only its log left": {of: killed, why: ledger.WhyGone, alone: true, do: func(s *shelfOfBooks, x string) error {
		return errors.Join(s.put(x, "journal.db", ""), s.put(x, "journal.head", ""), s.put(x, "journal.sent", ""))
	}},
	"the file cut in half":   {of: closed, why: ledger.WhyFile, do: func(s *shelfOfBooks, x string) error { return s.cut(x, "journal.db", 50) }},
	"the file's head spoilt": {of: closed, why: ledger.WhyFile, do: func(s *shelfOfBooks, x string) error { return s.flip(x, "journal.db", "SQLite format", 0) }},
	"the last entry changed": {of: closed, why: ledger.WhyHash, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "DROP TRIGGER journal_update", "UPDATE journal SET day = '2020-01-01' WHERE number = (SELECT max(number) FROM journal)")
	}},
	"the log gone":               {of: killed, why: ledger.WhyEnd, do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db-wal", "") }},
	"another shop's log":         {of: killed, do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.db-wal", foreign) }},
	"the log cut in half":        {of: killed, why: ledger.WhyEnd, do: func(s *shelfOfBooks, x string) error { return s.cut(x, "journal.db-wal", 50) }},
	"one bit of the log flipped": {of: killed, why: ledger.WhyEnd, do: func(s *shelfOfBooks, x string) error { return s.flip(x, "journal.db-wal", "", 40) }},
	"another shop's head file":   {of: closed, why: ledger.WhyOther, do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.head", foreign) }},
	"the head file of later":     {of: closed, why: ledger.WhyEnd, do: func(s *shelfOfBooks, x string) error { return s.put(x, "journal.head", killed) }},
	"an earlier entry changed":   {of: closed, why: ledger.WhyHash, do: func(s *shelfOfBooks, x string) error { return s.flip(x, "journal.db", "manager", 0) }},
	"an entry edited by SQL": {of: closed, why: ledger.WhyHash, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "DROP TRIGGER journal_update", "UPDATE journal SET payload = replace(payload, '1100', '1000')")
	}},
	"an entry deleted by SQL": {of: closed, why: ledger.WhyGap, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "DROP TRIGGER journal_delete", "DELETE FROM journal WHERE number = 5")
	}},
	"an entry linked to another": {of: closed, why: ledger.WhyPrevious, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "DROP TRIGGER journal_update", "UPDATE journal SET previous = hash WHERE number = 5")
	}},
	"a trigger taken away": {of: closed, why: ledger.WhySchema, do: func(s *shelfOfBooks, x string) error { return s.edit(x, "DROP TRIGGER journal_update") }},
	"a total edited by SQL": {of: closed, why: ledger.WhyProjection, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "UPDATE payments SET doc = replace(doc, '1099', '1000')")
	}},
	"a bit of a total flipped": {of: closed, why: ledger.WhyProjection, do: func(s *shelfOfBooks, x string) error { return s.flip(x, "journal.db", "bag-of-rice", 0) }},
	"the head file and the log of a young book gone": {of: young, why: ledger.WhyGone, do: func(s *shelfOfBooks, x string) error {
		return errors.Join(s.put(x, "journal.sent", ""), s.put(x, "journal.head", ""), s.put(x, "journal.db-wal", ""))
	}},
	"the head file and the log gone, the copy ahead": {of: killed, why: ledger.WhyCopy, do: func(s *shelfOfBooks, x string) error {
		return errors.Join(s.sent(x, 9999), s.put(x, "journal.head", ""), s.put(x, "journal.db-wal", ""))
	}},
	"all gone but the mark of the copy": {of: closed, why: ledger.WhyGone, do: func(s *shelfOfBooks, x string) error {
		return errors.Join(s.sent(x, 9), s.put(x, "journal.head", ""), s.put(x, "journal.db", ""))
	}},
	"a projection unreadable": {of: closed, why: ledger.WhyProjection, do: func(s *shelfOfBooks, x string) error {
		return s.edit(x, "UPDATE sales SET state = 'open', doc = '{'")
	}},
}

// TestDamagedBook damages a book between two starts. The next start says what
// is wrong, in one whole sentence of the till's language, and what to do, and
// sells nothing; `journal verify` and the doctor say the same; and the way out
// that is offered works.
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
			s.told(t, x, d.why)
			s.refused(t, x, d.why)
			s.wayOut(t, x, d)
		})
	}
}

// TestHeadFileGone: without the file that guards the book's end, and without
// anybody who knows better, the till sells, and says so: on the screen, in the
// book and by the doctor.
func TestHeadFileGone(t *testing.T) {
	t.Parallel()
	s := writeBooks(t)
	for name, text := range map[string][]byte{"gone": nil, "garbage": []byte(strings.Repeat("?", 1000))} {
		for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
			x := name + string(tag)
			s.copy(t, closed, x)
			err := os.Remove(s.path(x, "journal.head"))
			if err == nil && text != nil {
				err = os.WriteFile(s.path(x, "journal.head"), text, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			missing, remedy := lang.Must(tag).Finding("head-missing", nil)
			out, _ := s.program(x, string(tag), "doctor").CombinedOutput()
			if !strings.Contains(string(out), missing) || !strings.Contains(string(out), remedy) {
				t.Errorf("%s: the doctor says %s", x, out)
			}
			c, err := startTill(s.config, s.path(x), []string{"ABACUS_LANGUAGE=" + string(tag)})
			if err != nil {
				t.Fatal(err)
			}
			for method, say := range map[string]string{"till.snapshot": lang.Must(tag).Notice("head-missing", nil), "till.doctor": missing} {
				if told, err := c.call(method, map[string]any{}); err != nil || !strings.Contains(string(told), say) {
					t.Errorf("%s: %s says %v %s", x, method, err, told)
				}
			}
			c.stop()
			s.sells(t, x)
			noted, err := s.program(x, "en", "journal", "list", "--limit", "1000").Output()
			if count := strings.Count(string(noted), `"about":"journal.head"`); err != nil || count != 1 {
				t.Errorf("%s: noted %d times: %v %s", x, count, err, noted)
			}
		}
	}
}

// told asks verify and the doctor, before the start.
func (s *shelfOfBooks) told(t *testing.T, book, why string) {
	t.Helper()
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		out, err := s.program(book, string(tag), "journal", "verify", "--json").Output()
		found := dig(out, "why")
		if err == nil || found == "" || why != "" && found != why {
			t.Errorf("verify: %v %s", err, out)
		}
		var number struct{ Bad int64 }
		_ = json.Unmarshal(out, &number)
		say, hint := lang.Must(tag).Broken(found, number.Bad)
		if out, _ := s.program(book, string(tag), "journal", "verify").CombinedOutput(); !strings.Contains(string(out), say+"\n"+hint) {
			t.Errorf("%s: verify says %s, not %s", tag, out, say)
		}
		sent, _ := os.ReadFile(s.path(book, "journal.sent"))
		if out, _ := s.program(book, string(tag), "doctor").CombinedOutput(); !strings.Contains(string(out), say+"\n") || !strings.Contains(string(out), hint) {
			t.Errorf("%s: the doctor says %s, not %s", tag, out, say)
		}
		if sent != nil { // the doctor asks the keeper, whose answer goes in there
			if err := os.WriteFile(s.path(book, "journal.sent"), sent, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}

// english is a run of words that no Chinese sentence has: names of files and
// commands are left out before.
var english = regexp.MustCompile(`[A-Za-z]{2,} [A-Za-z]{2,}`)

// refused starts the till in both languages.
func (s *shelfOfBooks) refused(t *testing.T, book, why string) {
	t.Helper()
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		trouble, sale := s.start(t, book, string(tag))
		var told struct {
			Code, Say, Hint string
			Args            []any
		}
		if err := json.Unmarshal([]byte(trouble), &told); err != nil || told.Code != "journal-broken" || len(told.Args) != 3 || why != "" && told.Args[2] != why {
			t.Errorf("%s: %v, trouble %s, want %s", tag, err, trouble, why)
			continue
		}
		say, hint := lang.Must(tag).Broken(told.Args[2].(string), told.Args[0])
		if told.Say != say || told.Hint != hint {
			t.Errorf("%s: %s %s, want %s %s", tag, told.Say, told.Hint, say, hint)
		}
		if all := strings.ReplaceAll(told.Say+told.Hint, "abacus journal rebuild", ""); tag == lang.Chinese && english.MatchString(all) {
			t.Errorf("English in Chinese: %s", all)
		}
		if dig(sale, "refused") != told.Code {
			t.Errorf("%s: a sale is answered %s, not refused for %s", tag, sale, told.Code)
		}
	}
}

// wayOut does what the sentence says: rebuilding, or the backup in the folder's
// place, or a new folder beside it.
func (s *shelfOfBooks) wayOut(t *testing.T, book string, d damage) {
	t.Helper()
	if _, hint := lang.Must(lang.English).Broken(d.why, nil); strings.Contains(hint, "rebuild") {
		_ = s.program(book, "en", "journal", "rebuild").Run() // 3: there were differences
	} else {
		s.rebuildChangesNothing(t, book)
		s.sells(t, book+"-anew")
		if trouble, _ := s.start(t, book, "en"); trouble == "" {
			t.Errorf("after a start elsewhere the damage is no longer told")
		}
		if d.alone {
			s.putBackAlone(t, book, d)
		} else {
			s.restore(t, book, d.of)
		}
	}
	if out, err := s.program(book, "en", "journal", "verify").CombinedOutput(); err != nil {
		t.Errorf("after the way out: %v %s", err, out)
	}
	s.sells(t, book)
}

// rebuildChangesNothing tries rebuilding where it is no way out. What it refuses
// it leaves as it was, above all a log that is not the book's. An empty log may get
// a head of zeros, which holds as little.
func (s *shelfOfBooks) rebuildChangesNothing(t *testing.T, book string) {
	t.Helper()
	files := func() (all [2]string) {
		for i, name := range []string{"journal.db", "journal.db-wal"} {
			data, _ := os.ReadFile(s.path(book, name)) // missing: that, too, stays
			if all[i] = string(data); name == "journal.db-wal" && strings.Trim(all[i], "\x00") == "" {
				all[i] = ""
			}
		}
		return all
	}
	before := files()
	out, err := s.program(book, "en", "journal", "rebuild").CombinedOutput()
	if err != nil && files() != before {
		t.Errorf("rebuild changed what it refused: %s", out)
	}
}

// putBackAlone puts the book's file back, and it alone, after every command has
// been tried on the folder without it. The latest sales stand in the log.
func (s *shelfOfBooks) putBackAlone(t *testing.T, book string, d damage) {
	t.Helper()
	say, _ := lang.Must(lang.English).Broken(d.why, 1)
	for _, command := range []string{"report x", "journal list", "journal export", "journal rebuild", "sync --once"} {
		out, err := s.program(book, "en", strings.Fields(command)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), say) {
			t.Errorf("%s: %v %s, want %s", command, err, out, say)
		}
	}
	if err := errors.Join(s.put(book, "journal.db", d.of), s.put(book, "journal.head", d.of)); err != nil {
		t.Fatal(err)
	}
}

func (s *shelfOfBooks) sells(t *testing.T, book string) {
	t.Helper()
	if trouble, sale := s.start(t, book, "en"); trouble != "" || dig(sale, "sale") == "" {
		t.Errorf("%s: after the way out: %s %s", book, trouble, sale)
	}
}
