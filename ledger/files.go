package ledger

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Files is where the head file lies. The database goes its own way, through
// SQLite; see Options.VFS.
type Files interface {
	// ReadFile reads a whole file; the error is fs.ErrNotExist when there is
	// none.
	ReadFile(path string) ([]byte, error)
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

func (o Options) files() Files {
	if o.Files == nil {
		return systemFiles{}
	}
	return o.Files
}
