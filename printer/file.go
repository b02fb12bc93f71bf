package printer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File appends every job to a plain file.
type File struct{ Path string }

// errNotPlain is about pipes and devices: opening or writing one may wait for
// ever, which File has no deadline against.
var errNotPlain = errors.New("not a plain file; a printer's device path is another kind of sink")

// Send appends the job.
func (f File) Send(ctx context.Context, job Job) error {
	what := "receipt file " + f.Path
	if err := ctx.Err(); err != nil {
		return notSent(what, err)
	}
	if info, err := os.Stat(f.Path); err == nil && !info.Mode().IsRegular() {
		return notSent(what, errNotPlain)
	}
	file, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return notSent(what, err)
	}
	if err := job.Begins(ctx); err != nil {
		return notSent(what, errors.Join(err, file.Close()))
	}
	n, err := file.Write(job.Data)
	if err := errors.Join(err, file.Close()); err != nil {
		return written(what, n, len(job.Data), err)
	}
	return nil
}

// Folder writes every job to a file of its own, named by the next free number:
// receipt-000001.bin. A file that has that name is complete.
type Folder struct{ Path string }

// Send writes the job beside its final name and links it there when it is
// whole, so whoever watches the folder never reads half a receipt.
func (f Folder) Send(ctx context.Context, job Job) error {
	what := "receipt folder " + f.Path
	if err := errors.Join(ctx.Err(), job.Begins(ctx)); err != nil {
		return notSent(what, err)
	}
	draft, err := os.CreateTemp(f.Path, ".receipt-*")
	if err != nil {
		return notSent(what, err)
	}
	_, err = draft.Write(job.Data)
	if err := errors.Join(err, draft.Close()); err != nil {
		return notSent(what, errors.Join(err, os.Remove(draft.Name())))
	}
	if err := f.place(draft.Name()); err != nil {
		return notSent(what, errors.Join(err, os.Remove(draft.Name())))
	}
	return nil
}

// place gives the draft the next number. A link, unlike a rename, refuses a
// name that is taken: two tills may share a folder.
func (f Folder) place(draft string) error {
	existing, err := filepath.Glob(filepath.Join(f.Path, "receipt-*.bin"))
	if err != nil {
		return err
	}
	for number := len(existing) + 1; ; number++ {
		name := filepath.Join(f.Path, fmt.Sprintf("receipt-%06d.bin", number))
		err := os.Link(draft, name)
		if err == nil {
			return os.Remove(draft)
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}
