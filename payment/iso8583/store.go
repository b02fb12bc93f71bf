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

// Disk is what a record's file needs of a disk.
type Disk interface {
	// ReadFile reads a whole file; the error is fs.ErrNotExist when there is none.
	ReadFile(name string) ([]byte, error)
	// Create opens a file for writing, and makes one that is not there.
	Create(name string) (DiskFile, error)
	Rename(from, to string) error
	// SyncDir makes the names in a file's folder durable.
	SyncDir(name string) error
}

// DiskFile is one open file.
type DiskFile interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// Medium is an open file whose name is durable; an *os.File is one.
type Medium interface {
	DiskFile
	io.ReaderAt
}

// File keeps a record as JSON lines, synced one by one. Only the owner may
// read it.
type File struct {
	read func() ([]byte, error)
	disk Disk // nil: there is nothing but the open file
	path string

	mu     sync.Mutex
	f      DiskFile
	length int64  // of whole lines
	loose  []byte // what was loaded, while it may not be on disk
	half   bool   // behind the whole lines one may stand that was not acknowledged
	broken error  // nothing is written before the file is open again
}

// OpenFile opens or makes the file, on the system's disk.
func OpenFile(path string) (*File, error) { return OpenFileOn(systemDisk{}, path) }

// OpenFileOn is OpenFile on any disk.
func OpenFileOn(disk Disk, path string) (*File, error) {
	f, err := disk.Create(path)
	if err != nil {
		return nil, fmt.Errorf("the card terminal's record: %w", err)
	}
	// A record whose name a power cut takes away would say of a charge in doubt
	// that it had never left.
	if err := disk.SyncDir(path); err != nil {
		return nil, fmt.Errorf("the card terminal's record: %w", errors.Join(err, f.Close()))
	}
	return &File{read: func() ([]byte, error) { return disk.ReadFile(path) }, disk: disk, path: path, f: f}, nil
}

// NewFile keeps a record on an open medium. It is never written anew.
func NewFile(m Medium) *File {
	return &File{f: m, read: func() ([]byte, error) { return io.ReadAll(io.NewSectionReader(m, 0, math.MaxInt64)) }}
}

// Load reads all whole lines. A last line that was cut off had not been
// acknowledged, so nothing was sent on the strength of it: it is cut away. The
// others are made Firm, if the disk lets it be done now.
func (s *File) Load() ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := s.read()
	if err != nil {
		return nil, err
	}
	whole := WholeLines(data)
	s.length = int64(whole)
	if whole < len(data) {
		if err := s.f.Truncate(s.length); err != nil {
			return nil, err
		}
	}
	if whole == 0 {
		return nil, nil
	}
	s.loose = data[:whole]
	_ = s.firm() // else whoever wants to act on it tries again
	return bytes.Split(bytes.TrimSuffix(data[:whole], []byte("\n")), []byte("\n")), nil
}

// WholeLines is where the last whole line of a record ends. The power may have gone with a
// line's tail on disk and not its head, which lay in the sector before: what was
// not written is read as zeros, and no line has one.
func WholeLines(data []byte) int {
	end := bytes.LastIndexByte(data, '\n') + 1
	last := bytes.LastIndexByte(data[:max(end-1, 0)], '\n') + 1
	if bytes.IndexByte(data[last:end], 0) >= 0 {
		return last
	}
	return end
}

// Firm makes sure that what was loaded is on disk, and that a line which was not
// acknowledged is gone from there. What a killed program has written and not
// synced is there to be read, and a power cut takes it away again, as it may bring
// a line back that was cut off; so nobody acts before. What was loaded is written
// once more, since after a sync that failed the system takes the bytes for clean.
func (s *File) Firm() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.firm()
}

func (s *File) firm() error {
	if s.half {
		if err := s.takeBack(); err != nil {
			return err
		}
	}
	if len(s.loose) == 0 {
		return nil
	}
	_, err := s.f.WriteAt(s.loose, 0)
	if err == nil {
		err = s.f.Sync()
	}
	if err == nil {
		s.loose = nil
	}
	return err
}

// Append writes one line and syncs it. A line half written is taken back before
// anything else is written, if not at once.
func (s *File) Append(line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mend(); err != nil {
		return err
	}
	if err := s.firm(); err != nil {
		return err
	}
	line = append(bytes.Clone(line), '\n')
	_, err := s.f.WriteAt(line, s.length)
	if err == nil {
		err = s.f.Sync()
	}
	if err != nil {
		s.half = true
		return errors.Join(err, s.takeBack())
	}
	s.length += int64(len(line))
	return nil
}

// mend opens the file again after Replace has failed half-way: under its name
// lies the old one or the new one, whole, and either will do once the name is
// durable.
func (s *File) mend() error {
	if s.broken == nil {
		return nil
	}
	data, err := s.read()
	whole := WholeLines(data)
	if err != nil || whole == 0 {
		return errors.Join(s.broken, err)
	}
	f, err := s.disk.Create(s.path)
	if err != nil {
		return err
	}
	if err := s.disk.SyncDir(s.path); err != nil {
		return errors.Join(err, f.Close())
	}
	_ = s.f.Close() // if it is open still
	s.f, s.length, s.loose, s.half, s.broken = f, int64(whole), data[:whole], whole < len(data), nil
	return nil
}

// takeBack cuts a line away that nobody was told is there, for good: the reversal
// of what it calls approved may be next to leave.
func (s *File) takeBack() error {
	err := s.f.Truncate(s.length)
	if err == nil {
		err = s.f.Sync()
	}
	s.half = err != nil
	return err
}

// Replace puts these lines in the place of all there are: the old file stands
// until the new one is whole on disk under its name. After an error one of the two
// goes on being used, as soon as the disk lets it be opened.
func (s *File) Replace(lines [][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.disk == nil {
		return errors.ErrUnsupported
	}
	if err := s.mend(); err != nil {
		return err
	}
	fresh := s.path + ".new"
	text := append(bytes.Join(lines, []byte("\n")), '\n')
	if err := s.writeWhole(fresh, text); err != nil {
		return err
	}
	// Windows renames over no file that is open.
	if err := s.f.Close(); err != nil {
		s.broken = err
		return err
	}
	renamed := s.disk.Rename(fresh, s.path)
	f, err := s.disk.Create(s.path)
	if err != nil {
		s.broken = errors.Join(renamed, err)
		return s.broken
	}
	s.f = f
	if renamed != nil {
		return renamed // the old file, as it was
	}
	s.length, s.loose, s.half = int64(len(text)), nil, false
	// Until the name is durable a power cut may bring the old file back, without
	// the lines that would be added to the new one.
	if err := s.disk.SyncDir(s.path); err != nil {
		s.broken = err
	}
	return s.broken
}

func (s *File) writeWhole(path string, text []byte) error {
	f, err := s.disk.Create(path)
	if err != nil {
		return err
	}
	err = f.Truncate(0) // what a cut has left there
	if err == nil {
		_, err = f.WriteAt(text, 0)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Close ends the use of the file.
func (s *File) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.f.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

// systemDisk is the operating system's.
type systemDisk struct{}

func (systemDisk) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

func (systemDisk) Create(name string) (DiskFile, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
}

func (systemDisk) Rename(from, to string) error { return os.Rename(from, to) }

// SyncDir syncs a file's folder. Windows cannot, and keeps names by itself.
func (systemDisk) SyncDir(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
