package sandbox

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// chain makes the lines of a journal by the recipe that exports carry.
func chain(mark, till string, texts ...string) []string {
	previous := before(mark)
	var lines []string
	for i, text := range texts {
		e := entryLine{Number: int64(i + 1), Kind: "note", Time: "2026-11-21T14:32:00.000000+08:00", Day: "2026-11-21", Till: till,
			Payload: text, Previous: hex.EncodeToString(previous[:])}
		previous = e.sum(previous)
		e.Hash = hex.EncodeToString(previous[:])
		lines = append(lines, string(encode(e)))
	}
	return lines
}

func upload(t *testing.T, s *Sandbox, key *rsa.PrivateKey, till string, first int, lines ...string) (int, map[string]any) {
	t.Helper()
	head := fmt.Sprintf(`{"format":"abacus-journal-batch","version":1,"till":%q,"mark":"k3f9","first":%d,"last":%d}`, till, first, first+len(lines)-1)
	body := []byte(head + "\n" + strings.Join(append(slices.Clone(lines), ""), "\n"))
	digest := sha256.Sum256(body)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/journal", bytes.NewReader(body))
	r.Header.Set("Abacus-Signature", base64.StdEncoding.EncodeToString(signature))
	r.Header.Set("Abacus-Key", keyName(&key.PublicKey))
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	var answer map[string]any
	if w.Code == http.StatusOK || w.Code == http.StatusConflict {
		signed, _ := base64.StdEncoding.DecodeString(w.Header().Get("Abacus-Signature"))
		sum := sha256.Sum256(w.Body.Bytes())
		if err := rsa.VerifyPKCS1v15(s.setup.Journal.PublicKey, crypto.SHA256, sum[:], signed); err != nil {
			t.Errorf("the answer's signature: %v", err)
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if answer["request"] != hex.EncodeToString(digest[:]) {
			t.Errorf("it answers %v", answer["request"])
		}
	}
	return w.Code, answer
}

func TestKeeper(t *testing.T) {
	s := New(testSetup(t), Options{})
	key := s.setup.Journal.TillKey
	lines, other := chain("k3f9", "01", "a", "b", "c", "d", "e"), chain("k3f9", "01", "a", "b", "x", "d")
	for _, step := range []struct {
		name    string
		first   int
		lines   []string
		problem string
		at      float64
		number  float64
	}{
		{"asks an empty copy", 1, nil, "", 0, 0},
		{"two", 1, lines[:2], "", 0, 2},
		{"the same again", 1, lines[:2], "", 0, 2},
		{"a gap", 4, lines[3:], "gap", 3, 2},
		{"overlapping", 2, lines[1:4], "", 0, 4},
		{"another third", 3, other[2:3], "fork", 3, 4},
		{"another book's end", 5, chain("aaaa", "01", "a", "b", "c", "d", "e")[4:], "fork", 5, 4},
		{"changed content", 5, []string{strings.Replace(lines[4], `"e"`, `"E"`, 1)}, "broken", 5, 4},
		{"no entry", 5, []string{"{}"}, "broken", 5, 4},
		{"another till's", 5, []string{strings.Replace(lines[4], `"till":"01"`, `"till":"02"`, 1)}, "broken", 5, 4},
		{"the last", 5, lines[4:], "", 0, 5},
	} {
		status, a := upload(t, s, key, "01", step.first, step.lines...)
		if want := map[bool]int{true: 200, false: 409}[step.problem == ""]; status != want || a["problem"] != step.problem || a["at"] != step.at || a["number"] != step.number {
			t.Errorf("%s: %d %v", step.name, status, a)
		}
	}
	if c := s.Journals(); len(c) != 1 || c[0].Number != 5 || c[0].Repeated != 3 {
		t.Errorf("held: %+v", c)
	}
	if status, _ := upload(t, s, s.setup.Alipay.AppKey, "01", 6); status != http.StatusUnauthorized {
		t.Errorf("a stranger's key: %d", status)
	}
	if status, _ := upload(t, s, key, "../1", 6); status != http.StatusBadRequest {
		t.Errorf("a till that is a path: %d", status)
	}
}

// A copy outlives the sandbox; a line cut off by a crash was never answered.
func TestKeeperReadsItsCopyAgain(t *testing.T) {
	store := folder(t.TempDir())
	lines := chain("k3f9", "01", "a", "b", "c")
	for i, want := range []float64{2, 3} {
		s := New(testSetup(t), Options{})
		s.keeper.store = store
		first := []int{1, 3}[i]
		if _, a := upload(t, s, s.setup.Journal.TillKey, "01", first, lines[first-1:int(want)]...); a["number"] != want || a["problem"] != "" {
			t.Errorf("run %d: %v", i, a)
		}
		f, err := os.OpenFile(store.path("01", "k3f9"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(`{"number":`); err != nil || f.Close() != nil {
			t.Fatal(err)
		}
	}
	if text, err := store.read("01", "k3f9"); err != nil || string(text) != strings.Join(lines, "\n")+"\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func FuzzKeeper(f *testing.F) {
	for _, line := range chain("k3f9", "01", "a") {
		f.Add([]byte(line + "\n"))
	}
	f.Add([]byte("{\"number\":1}\n\n"))
	f.Fuzz(func(t *testing.T, lines []byte) {
		c := &heldCopy{Till: "01", Mark: "k3f9"}
		last := int64(bytes.Count(lines, []byte("\n")))
		fresh, problem, _ := c.add(batch{First: 1, Last: last}, lines)
		if problem == "" && (!bytes.Equal(fresh, lines) || int64(len(c.hashes)) != last) || problem != "" && len(c.hashes) > 0 {
			t.Errorf("%q: %q, %d held", lines, problem, len(c.hashes))
		}
	})
}

var keeperSetup = sync.OnceValues(func() (*Setup, error) { return Prepare(context.Background(), "", Options{}) })

func testSetup(t *testing.T) *Setup {
	t.Helper()
	setup, err := keeperSetup()
	if err != nil {
		t.Fatal(err)
	}
	return setup
}
