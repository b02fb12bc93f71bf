package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"
)

// headRecord is what the file outside the database says: up to which number
// this till knows it has written, and with which hash.
type headRecord struct {
	mark   string
	number int64
	count  int64
	hash   Hash
}

// The file holds two slots, written in turn, so that a write torn by a power
// cut leaves the other. A slot is one line of text in one disk sector.
const (
	slotSize  = 512
	slotCount = 2
	// writePause gathers commits that follow each other at once: a second file
	// written between them costs each a fifth of its time.
	writePause = 10 * time.Millisecond
	// syncPause is how long the file may wait for the disk. The page cache has
	// it before, which is enough for a killed program.
	syncPause = time.Second
)

func (r headRecord) line() string {
	body := fmt.Sprintf("abacus-head-1 %s %d %d %s", r.mark, r.number, r.count, r.hash)
	sum := sha256.Sum256([]byte(body))
	return fmt.Sprintf("%-*s\n", slotSize-1, fmt.Sprintf("%s %x", body, sum[:8]))
}

func parseHead(slot []byte) (headRecord, bool) {
	var r headRecord
	var hash string
	fields := strings.Fields(string(slot))
	if len(fields) != 6 || fields[0] != "abacus-head-1" {
		return r, false
	}
	_, err := fmt.Sscan(strings.Join(fields[1:5], " "), &r.mark, &r.number, &r.count, &hash)
	if err != nil || r.hash.UnmarshalText([]byte(hash)) != nil {
		return r, false
	}
	return r, r.line() == string(slot)
}

// readHeadFile gives the later of the two slots; nil when there is no file or
// nothing readable in it.
func readHeadFile(o Options) (*headRecord, error) {
	if o.HeadPath == "" {
		return nil, nil
	}
	text, err := o.files().ReadFile(o.HeadPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal's end: %w", err)
	}
	var best *headRecord
	for at := 0; at+slotSize <= len(text) && at < slotCount*slotSize; at += slotSize {
		if r, ok := parseHead(text[at : at+slotSize]); ok && (best == nil || r.number > best.number) {
			best = &r
		}
	}
	return best, nil
}

// compare finds a database that is not the one the file speaks of: rolled
// back, its log cut short, exchanged, or changed. A database ahead of the file
// is normal, for the file is written behind the sale.
func (l *Ledger) compare(outside *headRecord) error {
	switch {
	case outside == nil:
		return l.unguarded()
	case l.fresh && outside.number == 0:
		return nil // a first start that was cut off left it
	case outside.mark != l.mark:
		return &Broken{Number: 1, Why: whyOther(l.head), Detail: fmt.Sprintf("the database is of installation %s, the head file of %s", l.mark, outside.mark)}
	case outside.number > l.head.Number:
		return &Broken{Number: l.head.Number + 1, Why: WhyEnd, Detail: fmt.Sprintf(
			"the database ends at number %d, but %d has been written: restore what is missing from a backup", l.head.Number, outside.number)}
	}
	if outside.number > 0 {
		var kept Hash
		found, err := l.c.one("SELECT hash FROM journal WHERE number = ?", []any{outside.number}, &kept)
		if err != nil {
			return err
		}
		if !found || kept != outside.hash {
			return &Broken{Number: outside.number, Why: WhyHeadFile, Detail: "its hash is not the one the head file kept"}
		}
	}
	return l.witnessed()
}

// unguarded is a book without its head file: nothing proves a loss, unless
// something else does. A book's row is written behind its first head file, so
// a book without either entries or head file has lost both.
func (l *Ledger) unguarded() error {
	switch {
	case l.opt.HeadPath == "":
		return nil
	case l.head.Number == 0 && !l.fresh:
		return l.vanished()
	}
	return l.witnessed()
}

// witnessed compares with what else is known of the book's end. A head file says
// nothing against a book that was put back together with it.
func (l *Ledger) witnessed() error {
	if mark, end := l.opt.witness(); mark == l.mark && end.Number > 0 {
		return contradicts(l.c, l.head, end)
	}
	return nil
}

// contradicts compares a book with an end of its own that somebody else keeps.
func contradicts(c *conn, head, end Head) error {
	if end.Number > head.Number {
		return &Broken{Number: head.Number + 1, Why: WhyCopy, Detail: fmt.Sprintf("the database ends at number %d, the copy at %d", head.Number, end.Number)}
	}
	var kept Hash
	_, err := c.one("SELECT hash FROM journal WHERE number = ?", []any{end.Number}, &kept)
	if err == nil && kept != end.Hash {
		return &Broken{Number: end.Number, Why: WhyCopy, Detail: "its hash is not the one of the copy"}
	}
	return err
}

func (l *Ledger) vanished() error {
	return &Broken{Number: 1, Why: WhyGone, Detail: "the book is empty and its head file gone"}
}

func (o Options) witness() (mark string, end Head) {
	if o.Witness == nil {
		return "", Head{}
	}
	return o.Witness()
}

// firstHead puts the file outside on disk before the book it guards exists.
func firstHead(o Options, mark string) error {
	if o.HeadPath == "" {
		return nil
	}
	file, err := o.files().Create(o.HeadPath)
	if err != nil {
		return fmt.Errorf("keep the journal's end: %w", err)
	}
	if _, err = file.WriteAt([]byte(headRecord{mark: mark, hash: genesis(mark)}.line()), 0); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// whyOther tells a book that vanished, for which an empty one was just made,
// from one that belongs elsewhere.
func whyOther(end Head) string {
	if end.Number == 0 {
		return WhyGone
	}
	return WhyOther
}

// headFile writes the chain's end behind the sales: one goroutine, started with
// the ledger and ended by close, that always writes the latest only.
type headFile struct {
	file File
	mark string
	wake chan struct{}
	quit chan struct{}
	done chan struct{}

	mu     sync.Mutex
	latest Head
	due    bool  // a write is coming, with the latest end
	wrote  error // of the last write,
	synced error // and of the last sync: one that succeeds says nothing of the write before it
}

func openHeadFile(o Options, mark string) (*headFile, error) {
	file, err := o.files().Create(o.HeadPath)
	if err != nil {
		return nil, fmt.Errorf("keep the journal's end: %w", err)
	}
	h := &headFile{file: file, mark: mark, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go h.run()
	return h, nil
}

// post tells of a new end; it must be on disk already. It never waits.
func (h *headFile) post(head Head) {
	h.mu.Lock()
	asleep := !h.due
	h.latest, h.due = head, true
	h.mu.Unlock()
	if asleep { // waking costs as much as a row of the journal
		h.wake <- struct{}{}
	}
}

func (h *headFile) run() {
	defer close(h.done)
	var writeDue, syncDue <-chan time.Time
	for turn := 0; ; {
		select {
		case <-h.wake:
			writeDue = time.After(writePause)
		case <-writeDue:
			writeDue = nil
			h.write(turn)
			turn++
			if syncDue == nil {
				syncDue = time.After(syncPause)
			}
		case <-syncDue:
			syncDue = nil
			h.sync()
		case <-h.quit:
			h.write(turn)
			h.sync()
			_ = h.file.Close() // after the sync it has nothing left to write
			return
		}
	}
}

func (h *headFile) write(turn int) {
	h.mu.Lock()
	head := h.latest
	h.due = false
	h.mu.Unlock()
	line := headRecord{h.mark, head.Number, head.Number, head.Hash}.line()
	_, err := h.file.WriteAt([]byte(line), int64(turn%slotCount)*slotSize)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wrote = err
}

func (h *headFile) sync() {
	err := h.file.Sync()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.synced = err
}

func (h *headFile) trouble() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return errors.Join(h.wrote, h.synced)
}

// close writes and syncs the latest end and waits for the goroutine.
func (h *headFile) close() error {
	close(h.quit)
	<-h.done
	return h.trouble()
}
