package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const booksFile = "books.jsonl"

// record is one line of the books' file: an order as it became, or the clock's
// offset. The last line about an order is the one that holds.
type record struct {
	Order *order        `json:"order,omitempty"`
	Clock time.Duration `json:"clock,omitempty"`

	Terminal *terminal `json:"terminal,omitempty"`
	Slip     *slip     `json:"slip,omitempty"` // of the bank terminal beside the till
}

// journal keeps the books. append returns when the record is durable.
type journal interface {
	append(record) error
	close() error
}

// memory keeps nothing: the books live as long as the process.
type memory struct{}

func (memory) append(record) error { return nil }
func (memory) close() error        { return nil }

// shutJournal is in the place of one that was closed.
type shutJournal struct{}

func (shutJournal) append(record) error { return errors.New("the books are closed") }
func (shutJournal) close() error        { return nil }

// file keeps the books as JSON lines, synced one by one.
type file struct {
	f      *os.File
	length int64 // of whole lines
	broken error // after a failed write that could not be taken back
}

// readBooks reads the books' file. A last line that was cut off by a crash was
// never acknowledged and is left out; any other damage is an error.
func readBooks(path string) ([]record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: books: %w", err)
	}
	var records []record
	for number := 1; len(data) > 0; number++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			break
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("sandbox: books: %s line %d is damaged (%w); remove the line or the file", path, number, err)
		}
		records, data = append(records, r), rest
	}
	return records, nil
}

// openBooks writes records as the whole file and returns it open for more, so
// that each start drops the history of lines that no longer hold.
func openBooks(path string, records []record) (*file, error) {
	var text bytes.Buffer
	for _, r := range records {
		line, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("sandbox: books: %w", err)
		}
		text.Write(append(line, '\n'))
	}
	if err := writeWhole(path, text.Bytes()); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sandbox: books: %w", err)
	}
	length, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: books: %w", err), f.Close())
	}
	return &file{f: f, length: length}, nil
}

// append writes one line and syncs it. A line half written is taken back, or
// nothing more is written: glued to the next one it would spoil both.
func (j *file) append(r record) error {
	if j.broken != nil {
		return j.broken
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("sandbox: books: %w", err)
	}
	line = append(line, '\n')
	if _, err = j.f.WriteAt(line, j.length); err == nil {
		err = j.f.Sync()
	}
	if err != nil {
		if cut := j.f.Truncate(j.length); cut != nil {
			j.broken = errors.Join(err, cut)
		}
		return fmt.Errorf("sandbox: books: %w", err)
	}
	j.length += int64(len(line))
	return nil
}

func (j *file) close() error { return j.f.Close() }

// writeWhole replaces a file in one step, so that it is never seen half
// written. Only the owner may read it.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("sandbox: writing %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("sandbox: writing %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("sandbox: writing %s: %w", path, err)
	}
	return writeWhole(path, append(data, '\n'))
}
