package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// keeper is the acquirer's journal endpoint: it keeps a copy of every till's
// journal and signs for how far it goes. It checks form, signature and chain by
// the public description alone.
type keeper struct {
	setup *Setup
	store copies

	mu     sync.Mutex
	copies map[string]*heldCopy
}

// heldCopy is one till's journal as it was received.
type heldCopy struct {
	Till, Mark string
	hashes     [][32]byte // of number 1 and on
	repeated   int        // entries that came again
}

const (
	journalPath    = "/journal"
	maxJournalBody = 16 << 20

	signatureHeader = "Abacus-Signature"
	keyHeader       = "Abacus-Key"
)

// batch is the first line of a request.
type batch struct {
	Format   string `json:"format"`
	Version  int    `json:"version"`
	Store    string `json:"store"`
	Till     string `json:"till"`
	Mark     string `json:"mark"`
	First    int64  `json:"first"`
	Last     int64  `json:"last"`
	Previous string `json:"previous"`
	Sent     string `json:"sent"`
	Nonce    string `json:"nonce"`
}

var (
	tillForm = regexp.MustCompile(`^[0-9A-Za-z]{1,4}$`)
	markForm = regexp.MustCompile(`^[a-z0-9]{4}$`)
)

// entryLine is one line of a journal's export.
type entryLine struct {
	Number   int64  `json:"number"`
	Kind     string `json:"kind"`
	Time     string `json:"time"`
	Mono     int64  `json:"mono"`
	Day      string `json:"day"`
	Till     string `json:"till"`
	Operator string `json:"operator"`
	Approver string `json:"approver"`
	Shift    string `json:"shift"`
	Sale     string `json:"sale"`
	Payload  string `json:"payload"`
	Previous string `json:"previous"`
	Hash     string `json:"hash"`
}

// sum is the entry's hash by the recipe that exports carry.
func (e *entryLine) sum(previous [32]byte) [32]byte {
	b := append(make([]byte, 0, 256+len(e.Payload)), previous[:]...)
	for _, field := range []string{strconv.FormatInt(e.Number, 10), e.Kind, e.Time, strconv.FormatInt(e.Mono, 10), e.Day,
		e.Till, e.Operator, e.Approver, e.Shift, e.Sale, e.Payload} {
		b = append(append(append(strconv.AppendInt(b, int64(len(field)), 10), ':'), field...), ',')
	}
	return sha256.Sum256(b)
}

// before is the hash before the first entry of a book with this mark.
func before(mark string) [32]byte { return sha256.Sum256([]byte("abacus journal 1 " + mark)) }

// open understands a batch, or refuses it unsigned: whose answer would it be.
func (k *keeper) open(r *http.Request, body []byte) call {
	first, rest, _ := bytes.Cut(body, []byte("\n"))
	var b batch
	status := 0
	switch {
	case r.Method != http.MethodPost:
		status = http.StatusMethodNotAllowed
	case !k.signed(r, body):
		status = http.StatusUnauthorized
	case json.Unmarshal(first, &b) != nil || b.Format != "abacus-journal-batch" || b.Version != 1,
		!tillForm.MatchString(b.Till), !markForm.MatchString(b.Mark), b.First < 1, b.Last < b.First-1:
		status = http.StatusBadRequest
	}
	if status != 0 {
		return call{forget: func() {}, seal: func(w http.ResponseWriter, _ answer, _ bool) { w.WriteHeader(status) },
			do: func(strike) answer { return answer{} }}
	}
	request := sha256.Sum256(body)
	return call{channel: journalChannel, operation: opUpload, forget: func() {}, seal: k.seal,
		do: func(strike) answer { return k.take(b, rest, hex.EncodeToString(request[:])) }}
}

func (k *keeper) signed(r *http.Request, body []byte) bool {
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get(signatureHeader))
	public := &k.setup.Journal.TillKey.PublicKey
	digest := sha256.Sum256(body)
	return err == nil && r.Header.Get(keyHeader) == keyName(public) && rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature) == nil
}

func (k *keeper) seal(w http.ResponseWriter, a answer, forge bool) {
	digest := sha256.Sum256(a.body)
	if forge {
		digest[0] ^= 1
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, k.setup.journalKey, crypto.SHA256, digest[:])
	if err != nil {
		http.Error(w, "cannot sign", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(signatureHeader, base64.StdEncoding.EncodeToString(signature))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// take adds what is new of a batch to the copy, durable before it answers.
func (k *keeper) take(b batch, lines []byte, request string) answer {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, err := k.copyOf(b.Till, b.Mark)
	problem, at := "", int64(0)
	if err == nil {
		var fresh []byte
		if fresh, problem, at = c.add(b, lines); len(fresh) > 0 {
			err = k.store.append(c.Till, c.Mark, fresh)
		}
	}
	if err != nil {
		delete(k.copies, b.Till+"-"+b.Mark) // read again next time: only the disk knows
		return answer{status: http.StatusInternalServerError, body: encode(map[string]string{"error": "the copy cannot be kept"})}
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusConflict
	}
	head := c.head()
	return answer{status: status, body: encode(map[string]any{
		"till": c.Till, "mark": c.Mark, "number": len(c.hashes), "hash": hex.EncodeToString(head[:]),
		"request": request, "problem": problem, "at": at,
	})}
}

func (c *heldCopy) head() [32]byte {
	if len(c.hashes) == 0 {
		return before(c.Mark)
	}
	return c.hashes[len(c.hashes)-1]
}

// add checks a batch line by line. What is held already must be the same; what
// is new must follow. Nothing of a batch with a problem is kept.
func (c *heldCopy) add(b batch, lines []byte) (fresh []byte, problem string, at int64) {
	held := int64(len(c.hashes))
	if b.First > held+1 {
		return nil, "gap", held + 1
	}
	hashes, repeated, next := c.hashes, 0, b.First
	for ; len(lines) > 0; next++ {
		line, rest, whole := bytes.Cut(lines, []byte("\n"))
		lines = rest
		e, hash, err := readEntry(line)
		switch {
		case !whole || err != nil || e.Number != next || e.Till != c.Till:
			return nil, "broken", next
		case next <= held && hashes[next-1] != hash:
			return nil, "fork", next
		case next <= held:
			repeated++
			continue
		}
		previous := before(c.Mark)
		if next > 1 {
			previous = hashes[next-2]
		}
		switch {
		case e.Previous != hex.EncodeToString(previous[:]):
			return nil, "fork", next
		case e.sum(previous) != hash:
			return nil, "broken", next
		}
		hashes, fresh = append(hashes, hash), append(append(fresh, line...), '\n')
	}
	if next != b.Last+1 {
		return nil, "broken", next
	}
	c.hashes, c.repeated = hashes, c.repeated+repeated
	return fresh, "", 0
}

func readEntry(line []byte) (e entryLine, hash [32]byte, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err = decoder.Decode(&e); err != nil {
		return e, hash, err
	}
	if len(e.Hash) != hex.EncodedLen(len(hash)) {
		return e, hash, errors.New("not a hash")
	}
	_, err = hex.Decode(hash[:], []byte(e.Hash))
	return e, hash, err
}

// copyOf is the copy of one till's book, read from its file the first time.
func (k *keeper) copyOf(till, mark string) (*heldCopy, error) {
	name := till + "-" + mark
	if c := k.copies[name]; c != nil {
		return c, nil
	}
	c := &heldCopy{Till: till, Mark: mark}
	lines, err := k.store.read(till, mark)
	if err != nil {
		return nil, err
	}
	if _, problem, at := c.add(batch{First: 1, Last: int64(bytes.Count(lines, []byte("\n")))}, lines); problem != "" {
		return nil, fmt.Errorf("sandbox: the copy of %s is %s at %d", name, problem, at)
	}
	k.copies[name] = c
	return c, nil
}

// JournalCopy is what the sandbox holds of one till's journal.
type JournalCopy struct {
	Till     string `json:"till"`
	Mark     string `json:"mark"`
	Number   int64  `json:"number"`
	Hash     string `json:"hash"`
	Repeated int    `json:"repeated"` // entries that came again since the sandbox was started
}

// Journals are the copies received or added to since the sandbox was started.
func (s *Sandbox) Journals() []JournalCopy {
	k := s.keeper
	k.mu.Lock()
	defer k.mu.Unlock()
	out := []JournalCopy{}
	for _, c := range k.copies {
		head := c.head()
		out = append(out, JournalCopy{c.Till, c.Mark, int64(len(c.hashes)), hex.EncodeToString(head[:]), c.repeated})
	}
	slices.SortFunc(out, func(a, b JournalCopy) int { return bytes.Compare([]byte(a.Till+a.Mark), []byte(b.Till+b.Mark)) })
	return out
}
