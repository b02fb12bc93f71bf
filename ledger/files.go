package ledger

import (
	"io"
	"os"
)

// Files is where the head file lies. The database goes its own way, through
// SQLite; see Options.VFS.
type Files interface {
	// ReadFile reads a whole file; the error is fs.ErrNotExist when there is
	// none.
	ReadFile(path string) ([]byte, error)
	// Create opens a file for writing without shortening it; one that is not
	// there is made.
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
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

func (o Options) files() Files {
	if o.Files == nil {
		return systemFiles{}
	}
	return o.Files
}
