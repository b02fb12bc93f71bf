package iso8583

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// Medium is what a File is written on; an *os.File is one. Its name must be
// durable.
type Medium interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// NewFile keeps a record on an open medium.
func NewFile(m Medium) *File { return &File{f: m} }

// File keeps a record as JSON lines, synced one by one. Only the owner may
// read it.
type File struct {
	mu     sync.Mutex
	f      Medium
	length int64 // of whole lines
	broken error
}

// OpenFile opens or makes the file.
func OpenFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the card terminal's record: %w", err)
	}
	if err := syncName(path); err != nil {
		return nil, fmt.Errorf("the card terminal's record: %w", errors.Join(err, f.Close()))
	}
	return NewFile(f), nil
}

// syncName makes the file's name durable: a record that a power cut takes away
// would say of a charge in doubt that it had never left. Windows cannot sync a
// folder and keeps names by itself.
func syncName(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Load reads all whole lines. A last line that was cut off had not been
// acknowledged, so nothing was sent on the strength of it: it is cut away.
func (s *File) Load() ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := io.ReadAll(io.NewSectionReader(s.f, 0, math.MaxInt64))
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	s.length = int64(whole)
	if whole < len(data) {
		if err := s.f.Truncate(s.length); err != nil {
			return nil, err
		}
	}
	if whole == 0 {
		return nil, nil
	}
	return bytes.Split(bytes.TrimSuffix(data[:whole], []byte("\n")), []byte("\n")), nil
}

// Append writes one line and syncs it. A line half written is taken back, or
// nothing more is written.
func (s *File) Append(line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	line = append(bytes.Clone(line), '\n')
	_, err := s.f.WriteAt(line, s.length)
	if err == nil {
		err = s.f.Sync()
	}
	if err != nil {
		if cut := s.f.Truncate(s.length); cut != nil {
			s.broken = errors.Join(err, cut)
		}
		return err
	}
	s.length += int64(len(line))
	return nil
}

// Close ends the use of the file.
func (s *File) Close() error {
	if err := s.f.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}
