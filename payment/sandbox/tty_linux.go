package sandbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// tty is the terminal's end of a pseudo-terminal. The other end stays open here
// too, so that a till may come and go.
type tty struct {
	*os.File
	other *os.File
	link  string
}

// Close takes the link away and ends a Read that waits.
func (t *tty) Close() error {
	return errors.Join(os.Remove(t.link), t.other.Close(), t.File.Close())
}

// openTTY makes a serial line and links to it from the folder.
func (s *Sandbox) openTTY() (io.ReadWriteCloser, error) {
	ours, theirs, err := pty.Open()
	if err != nil {
		return nil, nil // a machine without pseudo-terminals has TCP
	}
	if _, err := term.MakeRaw(int(theirs.Fd())); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: serial line: %w", err), ours.Close(), theirs.Close())
	}
	link := filepath.Join(s.setup.Dir, ttyFile)
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("sandbox: serial line: %w", err), ours.Close(), theirs.Close())
	}
	if err := os.Symlink(theirs.Name(), link); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: serial line: %w", err), ours.Close(), theirs.Close())
	}
	line, err := interruptible(ours)
	if err != nil {
		return nil, errors.Join(err, theirs.Close())
	}
	return &tty{line, theirs, link}, nil
}

// interruptible is the same file with Close ending a Read that waits, which is
// not so of one whose descriptor was asked for.
func interruptible(f *os.File) (*os.File, error) {
	fd, err := unix.Dup(int(f.Fd()))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("sandbox: serial line: %w", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: serial line: %w", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), ttyFile), nil
}
