package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Files is where the head file and the database's log lie. SQLite goes its own
// way to them and to the database; see Options.VFS.
type Files interface {
	// ReadFile reads a whole file; the error is fs.ErrNotExist when there is
	// none.
	ReadFile(path string) ([]byte, error)
	// Size is how long a file is; 0 when there is none.
	Size(path string) (int64, error)
	// Create opens a file for writing without shortening it. One that is not
	// there is made, and its name outlives a power cut from then on.
	Create(path string) (File, error)
}

// File is a file opened with Create.
type File = interface {
	io.WriterAt
	Sync() error
	io.Closer
}

type systemFiles struct{}

func (systemFiles) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }

func (systemFiles) Size(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (systemFiles) Create(path string) (File, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	// Windows cannot sync a directory and needs not: its file systems log
	// names. Where it fails otherwise, the file is no worse than before.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return file, nil
}

// Lengths in SQLite's log (https://sqlite.org/fileformat2.html#walformat), in bytes.
const (
	logHead = 32
	// shortestLog is how long a log is that holds anything: its head, and a frame
	// with the smallest page. A power cut while a book is made leaves less beside an
	// empty database; to refuse that would be for ever.
	shortestLog = logHead + 24 + 512
)

// gone is a *Broken for a database that is missing or empty though something
// beside it tells of entries. It is asked before SQLite is: SQLite takes such a
// file for a new database and deletes the log beside it, for a reader as well.
// That log may hold the latest sales, for when the database is back in its place.
func (o Options) gone(outside *headRecord) error {
	if size, err := o.files().Size(o.Path); err != nil || size > 0 {
		return err
	}
	log, err := o.files().Size(o.Path + "-wal")
	if err != nil {
		return err
	}
	_, end := o.witness()
	if log >= shortestLog || outside != nil && outside.number > 0 || outside == nil && end.Number > 0 {
		return &Broken{Number: 1, Why: WhyGone, Detail: "the database is missing or empty, and what lies beside it tells of entries"}
	}
	return nil
}

// there is an error unless there is a database to be read.
func (o Options) there() error {
	size, err := o.files().Size(o.Path)
	if err != nil || size > 0 {
		return err
	}
	outside, err := readHeadFile(o)
	if err == nil {
		err = o.gone(outside)
	}
	if err == nil {
		err = fmt.Errorf("the ledger %s %w", o.Path, errEmpty)
	}
	return err
}

// rewriteLog makes sure that the log a crash left, or a failed commit beside a
// reader, is on the disk before anything is concluded from it. Nobody may be
// writing to it; that it is open, and read, does no harm: the bytes are the same,
// and SQLite's locks lie on other files. After a sync that failed, the system still
// shows what it could not write and takes it for written: a start would build
// the book on it, and a power cut then tear it apart. Only bytes written again
// are synced again. An empty log may be one whose emptying was not synced either:
// what stood in it, an absent batch too, would be back after that power cut. So it
// gets a head that is none, behind which no frame counts.
func rewriteLog(o Options) error {
	path := o.Path + "-wal"
	log, err := o.files().ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the last run ended in order
	}
	if err != nil {
		return err
	}
	file, err := o.files().Create(path)
	if err != nil {
		return err
	}
	if len(log) == 0 {
		log = make([]byte, logHead)
	}
	if _, err = file.WriteAt(log, 0); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// Firm makes sure that what a killed till left in its log is on the disk, for who
// tells others of entries that no start has looked at. Nobody may be writing: the
// caller holds the data directory. Of the options it needs Path and Files.
func Firm(o Options) error {
	if err := rewriteLog(o); err != nil {
		return fmt.Errorf("write the ledger's log to the disk: %w", err)
	}
	return nil
}

func (o Options) files() Files {
	if o.Files == nil {
		return systemFiles{}
	}
	return o.Files
}
