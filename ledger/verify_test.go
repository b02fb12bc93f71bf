package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// busyDay puts something of everything into the book.
func (s *shop) busyDay() {
	s.t.Helper()
	s.must(shiftOpened(1, 10000))
	s.sold(1136)
	_, paid := s.paymentIn(PaymentPaid)
	s.must(refund(paid, paid+"-R1", 300, RefundChecking), refundMoved(paid+"-R1", RefundDone))
	s.paymentIn(PaymentWaiting)
	s.must(Draft{Kind: KindReceiptQueued, Sale: "20261121-0001", Payload: ReceiptQueued{Job: "j1", Object: "20261121-0001", Copy: 1}},
		Draft{Kind: KindDrawerOpened, Operator: "1001", Payload: DrawerOpened{Cause: "<change & \u2028 more>"}})
	if _, err := s.l.CloseShift(s.t.Context(), "1001", fen(11136), 0, Batch{}); err != nil {
		s.t.Fatal(err)
	}
	s.sold(500)
}

// tamper changes the book the way somebody with the sqlite3 shell would, who
// puts the triggers back.
func (s *shop) tamper(statement string, args ...any) {
	s.t.Helper()
	if err := s.l.Close(); err != nil {
		s.t.Fatal(err)
	}
	c, err := openConn(dsn(s.opt.Path, "", false))
	if err != nil {
		s.t.Fatal(err)
	}
	var back []string
	for _, trigger := range []string{"journal_update", "journal_delete"} {
		var create string
		if _, err := c.one("SELECT sql FROM sqlite_schema WHERE name = ?", []any{trigger}, &create); err != nil {
			s.t.Fatal(err)
		}
		back = append(back, create)
		if err := c.exec("DROP TRIGGER " + trigger); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := c.exec(statement, args...); err != nil {
		s.t.Fatal(err)
	}
	for _, create := range back {
		if err := c.exec(create); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := c.close(); err != nil {
		s.t.Fatal(err)
	}
}

func TestVerifyNamesTheBadNumber(t *testing.T) {
	for _, c := range []struct {
		name, statement string
		bad             int64
		why             string
	}{
		{"kind", "UPDATE journal SET kind = 'note' WHERE number = 3", 3, WhyHash},
		{"time", "UPDATE journal SET time = replace(time, '2026', '2025') WHERE number = 3", 3, WhyHash},
		{"no time", "UPDATE journal SET time = 'noon' WHERE number = 3", 3, WhyHash},
		{"operator", "UPDATE journal SET operator = '1002' WHERE number = 3", 3, WhyHash},
		{"moved between fields", "UPDATE journal SET operator = '', approver = operator WHERE number = 3", 3, WhyHash},
		{"hash", "UPDATE journal SET hash = zeroblob(32) WHERE number = 3", 3, WhyHash},
		{"short hash", "UPDATE journal SET hash = zeroblob(3) WHERE number = 3", 3, WhyHash},
		{"previous", "UPDATE journal SET previous = zeroblob(32) WHERE number = 3", 3, WhyPrevious},
		{"deleted", "DELETE FROM journal WHERE number = 3", 3, WhyGap},
		{"deleted at the start", "DELETE FROM journal WHERE number = 1", 1, WhyGap},
		{"deleted at the end", "DELETE FROM journal WHERE number > 20", 21, WhyEnd},
		{"another mark", "UPDATE installation SET mark = 'zzzz'", 1, WhyOther},
		{"total", "UPDATE sales SET doc = replace(doc, '1136', '1137') WHERE entry = 2", 0, WhyProjection},
		{"total of a day", "UPDATE tallies SET gross = gross + 1", 0, WhyProjection},
		{"sale lost", "DELETE FROM sales WHERE entry = 2", 0, WhyProjection},
		{"sale invented", "INSERT INTO sales SELECT 3, 'x', state, doc, live, surplus FROM sales WHERE entry = 2", 0, WhyProjection},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.busyDay()
			s.sound()
			s.tamper("DROP TRIGGER IF EXISTS installation_update")
			s.tamper(c.statement)
			v, err := Verify(t.Context(), s.opt)
			if err != nil || v.OK || v.Bad != c.bad || v.Why != c.why || v.Detail == "" {
				t.Fatalf("verdict %+v, %v", v, err)
			}
			if c.why == WhyProjection != (len(v.Differences) > 0) {
				t.Errorf("differences %q", v.Differences)
			}
		})
	}
}

// TestVerifyFindsEveryFlippedByte changes one byte after another of every
// payload.
func TestVerifyFindsEveryFlippedByte(t *testing.T) {
	s := newShop(t)
	s.busyDay()
	entries, err := s.l.Entries(t.Context(), 0, MaxList)
	if err != nil {
		t.Fatal(err)
	}
	head := Head{Hash: genesis(s.l.Mark())}
	for i := range entries {
		whole := entries[i]
		for at := range whole.Payload {
			e := whole
			e.Payload = bytes.Clone(whole.Payload)
			e.Payload[at] ^= 1
			if why, _ := checkLink(head, &e, nil); why != WhyHash {
				t.Fatalf("number %d, byte %d: %q", whole.Number, at, why)
			}
		}
		head = Head{whole.Number, whole.Hash}
	}
	for _, e := range entries { // the same from the file, one byte each
		s.tamper("UPDATE journal SET payload = '[' || substr(payload, 2) WHERE number = ?", e.Number)
		v, err := Verify(t.Context(), s.opt)
		if err != nil || v.Bad != e.Number || v.Why != WhyHash {
			t.Fatalf("number %d: %+v, %v", e.Number, v, err)
		}
		s.tamper("UPDATE journal SET payload = ? WHERE number = ?", string(e.Payload), e.Number)
	}
	s.sound()
}

// TestAForgedEntryBreaksTheLaw recomputes the whole chain after a change, as a
// forger would: then only the law of the books and the file outside tell.
func TestAForgedEntryBreaksTheLaw(t *testing.T) {
	s := newShop(t)
	s.busyDay()
	entries, err := s.l.Entries(t.Context(), 0, MaxList)
	if err != nil {
		t.Fatal(err)
	}
	forged := int64(0)
	previous := genesis(s.l.Mark())
	for _, e := range entries {
		if e.Kind == KindPaymentStarted && forged == 0 {
			forged = e.Number
			e.Payload = bytes.Replace(e.Payload, []byte(`"amount":{"minor":1136`), []byte(`"amount":{"minor":1036`), 1)
		}
		e.Previous = previous
		e.seal(nil)
		previous = e.Hash
		s.tamper("UPDATE journal SET payload = ?, previous = ?, hash = ? WHERE number = ?", string(e.Payload), e.Previous[:], e.Hash[:], e.Number)
	}
	without := s.opt
	without.HeadPath = ""
	v, err := Verify(t.Context(), without)
	if err != nil || v.Why != WhyLaw || v.Bad != forged {
		t.Errorf("without the file outside: %+v, %v; forged was %d", v, err, forged)
	}
}

func TestVerifyBesideARunningTill(t *testing.T) {
	s := newShop(t)
	s.busyDay()
	s.sound() // the ledger is open
	s.sold(700)
	s.sound()
}

func TestRebuild(t *testing.T) {
	s := newShop(t)
	s.busyDay()
	if found, err := s.l.Rebuild(t.Context()); err != nil || len(found) != 0 {
		t.Fatalf("a sound book: %q, %v", found, err)
	}
	for _, statement := range []string{
		"UPDATE sales SET state = 'open' WHERE entry = 2", "DELETE FROM payments", "UPDATE tallies SET gross = 0, doc = '{}'",
		"UPDATE receipts SET doc = 'no JSON'", "UPDATE shifts SET doc = 'no JSON'", "DELETE FROM reports",
	} {
		s.tamper(statement)
		l, err := Open(t.Context(), s.opt)
		s.l = l
		if broken := (*Broken)(nil); err != nil && !errors.As(err, &broken) {
			t.Fatal(err)
		}
		found, err := s.l.Rebuild(t.Context())
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %q, %v", statement, found, err)
		}
		s.sound()
		s.sold(100) // and it sells again
		s.sound()
	}
	s.tamper("UPDATE journal SET sale = 'x' WHERE number = 3")
	s.open()
	if found, err := s.l.Rebuild(t.Context()); err == nil {
		t.Errorf("rebuilt from a broken journal: %q", found)
	}
}

func exported(t *testing.T, s *shop) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.l.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestExport(t *testing.T) {
	s := newShop(t)
	if v, err := VerifyExport(t.Context(), strings.NewReader(exported(t, s))); err != nil || !v.OK || v.Entries != 0 {
		t.Errorf("an empty journal: %+v, %v", v, err)
	}
	s.busyDay()
	text := exported(t, s)
	v, err := VerifyExport(t.Context(), strings.NewReader(text))
	if err != nil || !v.OK || v.Head != s.l.Head() || v.Entries != v.Head.Number {
		t.Fatalf("%+v, %v", v, err)
	}
	lines := strings.SplitAfter(text, "\n")
	edit := func(number int, change func(string) string) string {
		edited := append([]string{}, lines...)
		edited[number] = change(edited[number])
		return strings.Join(edited, "")
	}
	replace := func(old, new string) func(string) string {
		return func(line string) string { return strings.Replace(line, old, new, 1) }
	}
	for name, c := range map[string]struct {
		text string
		bad  int64
		why  string
	}{
		"nothing":        {"", 0, WhyFormat},
		"another file":   {`{"format":"csv"}` + "\n", 0, WhyFormat},
		"payload":        {edit(3, replace("6901234567892", "6901234567893")), 3, WhyHash},
		"hash":           {edit(3, replace(`"hash":"`, `"hash":"00`)), 3, WhyFormat},
		"field too many": {edit(3, replace(`"sale"`, `"note":"","sale"`)), 3, WhyFormat},
		"field twice":    {edit(3, replace(`"sale"`, `"sale":"x","sale"`)), 3, WhyFormat},
		"space":          {edit(3, replace(`,"sale"`, `, "sale"`)), 3, WhyFormat},
		"no JSON":        {edit(3, func(string) string { return "{\n" }), 3, WhyFormat},
		"line removed":   {edit(3, func(string) string { return "" }), 3, WhyGap},
		"line doubled":   {edit(3, func(l string) string { return l + l }), 4, WhyGap},
		"end removed":    {edit(len(lines)-2, func(string) string { return "" }), v.Head.Number, WhyGap},
		"mark":           {edit(0, replace(`"mark":"`, `"mark":"x`)), 1, WhyPrevious},
		"head":           {edit(0, replace(fmt.Sprintf(`"number":%d`, v.Head.Number), `"number":3`)), v.Head.Number + 1, WhyGap},
	} {
		v, err := VerifyExport(t.Context(), strings.NewReader(c.text))
		if err != nil || v.OK || v.Bad != c.bad || v.Why != c.why {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

// TestExportByAStranger follows the recipe in the first line with nothing of
// this package.
func TestExportByAStranger(t *testing.T) {
	s := newShop(t)
	s.busyDay()
	lines := strings.Split(strings.TrimSpace(exported(t, s)), "\n")
	var head struct{ Mark, Hash string }
	if err := json.Unmarshal([]byte(lines[0]), &head); err != nil || head.Hash != hashRecipe {
		t.Fatal(head, err)
	}
	previous := sha256.Sum256([]byte("abacus journal 1 " + head.Mark))
	for _, text := range lines[1:] {
		var e map[string]any
		numbers := json.NewDecoder(strings.NewReader(text))
		numbers.UseNumber()
		if err := numbers.Decode(&e); err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		sum.Write(previous[:])
		for _, field := range strings.Split("number kind time mono day till operator approver shift sale payload", " ") {
			value := fmt.Sprint(e[field])
			fmt.Fprintf(sum, "%d:%s,", len(value), value)
		}
		copy(previous[:], sum.Sum(nil))
		if hex.EncodeToString(previous[:]) != e["hash"] {
			t.Fatalf("number %v: the recipe gives another hash", e["number"])
		}
	}
}

func FuzzVerifyExport(f *testing.F) {
	s := newShop(f)
	s.must(shiftOpened(1, 10000), opened("20261121-0001"))
	var out bytes.Buffer
	if err := s.l.Export(f.Context(), &out); err != nil {
		f.Fatal(err)
	}
	head := s.l.Head()
	if err := s.l.Close(); err != nil {
		f.Fatal(err)
	}
	// A first line without its long explanations: the fuzzer is to spend its
	// time on the rest.
	good := fmt.Appendf(nil, `{"format":"abacus-journal","version":1,"mark":%q,"head":{"number":%d,"hash":%q}}`+"\n%s",
		s.l.Mark(), head.Number, head.Hash, afterFirstLine(out.Bytes()))
	f.Add(good)
	f.Add([]byte("{}\n{}\n"))
	f.Add(good[:len(good)/2])
	f.Add(bytes.Replace(good, []byte("number"), []byte("Number"), 3))
	if v, err := VerifyExport(f.Context(), bytes.NewReader(good)); err != nil || !v.OK {
		f.Fatalf("%+v, %v", v, err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := VerifyExport(t.Context(), bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if v.OK == (v.Why != "") || v.OK && v.Entries != v.Head.Number {
			t.Errorf("%+v", v)
		}
		if v.OK && v.Head == head && !bytes.Equal(afterFirstLine(text), afterFirstLine(good)) {
			t.Errorf("another text with the same head verifies")
		}
	})
}

func afterFirstLine(text []byte) []byte {
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	return bytes.TrimRight(rest, "\n")
}

func TestVerifyNeedsABook(t *testing.T) {
	dir := t.TempDir()
	if _, err := Verify(t.Context(), Options{Path: dir + "/none.db"}); err == nil {
		t.Error("a missing file was verified")
	}
	if _, err := os.Stat(dir + "/none.db"); err == nil {
		t.Error("Verify made a file")
	}
}

// Text that is not UTF-8, as a program in another encoding says it: what acts on
// the books at once is what acts on them when they are read again.
func TestTextThatIsNotUTF8(t *testing.T) {
	s := newShop(t)
	sale := s.sold(100)
	s.must(receiptOf(sale), Draft{Kind: KindReceiptPrinted, Payload: ReceiptPrinted{Job: sale, Result: "failed", Detail: "lp: \xc4\xe3"}})
	_, paid := s.paymentIn(PaymentChecking)
	s.must(Draft{Kind: KindPaymentMoved, Payload: PaymentMoved{
		Payment: paid, State: PaymentPaid, Funding: "\xc4", AcquirerReference: "42\xd6", Detail: `\ufffd`, Attempt: []byte(`{"a":"\ufffd"}`)}})
	s.sound()
	if pay, err := s.l.PaymentByReference(t.Context(), "42�"); err != nil || pay.ID != paid {
		t.Errorf("by the acquirer's number: %+v, %v", pay, err)
	}
	s.reopen()
	s.sound()
}
