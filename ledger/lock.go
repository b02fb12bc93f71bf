package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// lockName is the lock's own file in the data directory. It is never unlinked:
// a lock on a file that is gone locks nobody out.
const lockName = "till.lock"

// Held says that another process has the data directory.
type Held struct {
	Dir   string
	PID   int       // 0 when the holder has not written it yet
	Since time.Time // by the file system's clock
}

// Error is one sentence with what to do.
func (h *Held) Error() string {
	who := "another process"
	if h.PID != 0 {
		who = fmt.Sprintf("process %d since %s", h.PID, h.Since.Format(time.DateTime))
	}
	return fmt.Sprintf("the data directory %s is in use by %s: end that one, or choose another with --data", h.Dir, who)
}

var errLocked = errors.New("locked")

// LockDir takes a data directory for this process, or fails at once: with a
// *Held when another process has it. The operating system frees the lock when
// the process dies; release frees it before.
func LockDir(dir string) (release func(), err error) {
	path := filepath.Join(dir, lockName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := lockFile(file); err != nil {
		defer file.Close()
		if errors.Is(err, errLocked) {
			return nil, holder(dir, file)
		}
		return nil, fmt.Errorf("lock the data directory %s: %w", dir, err)
	}
	pid := strconv.Itoa(os.Getpid()) + "\n"
	if err := errors.Join(file.Truncate(0), write(file, pid)); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the data directory %s: %w", dir, err), file.Close())
	}
	return func() { _ = file.Close() }, nil
}

func write(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

func holder(dir string, file *os.File) *Held {
	held := &Held{Dir: dir}
	text := make([]byte, 16)
	n, _ := file.ReadAt(text, 0) // short at the end of the file
	held.PID, _ = strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if info, err := file.Stat(); err == nil {
		held.Since = info.ModTime()
	}
	return held
}
