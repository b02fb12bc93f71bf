package printer

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stuck is a line that takes some bytes and then none until it is unblocked.
type stuck struct {
	takes int
	free  chan struct{}

	mu    sync.Mutex
	taken []byte
}

func (s *stuck) Write(data []byte) (int, error) {
	s.mu.Lock()
	full := len(s.taken)+len(data) > s.takes
	s.mu.Unlock()
	if full {
		<-s.free
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, data...)
	return len(data), nil
}

func (s *stuck) Close() error { return nil }

// A write that is stuck ends at its deadline; the same bytes written again go
// out once.
func TestAPacedWriteEndsAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{takes: 100, free: make(chan struct{})}
		l := pace(s, func() { close(s.free) })
		data := []byte(strings.Repeat("0123456789", 30))
		_ = l.SetWriteDeadline(time.Time{})
		time.AfterFunc(time.Second, func() { _ = l.SetWriteDeadline(past) })
		n, err := l.Write(data)
		if n != pieceSize || !errors.Is(err, os.ErrDeadlineExceeded) || !l.underWay() {
			t.Fatalf("%d bytes, %v, under way %v", n, err, l.underWay())
		}
		_ = l.SetWriteDeadline(time.Time{})
		time.AfterFunc(time.Minute, func() { close(s.free) })
		if m, err := l.Write(data[n:]); n+m != len(data) || err != nil {
			t.Errorf("then %d bytes, %v", m, err)
		}
		if string(s.taken) != string(data) {
			t.Errorf("taken %q", s.taken)
		}
		_ = l.Close()
	})
}

// Closing ends what is stuck, so that no goroutine stays behind.
func TestAPacedLineIsClosedWhileStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{free: make(chan struct{})}
		l := pace(s, func() { close(s.free) })
		time.AfterFunc(time.Second, func() { _ = l.SetWriteDeadline(past) })
		if n, err := l.Write([]byte("job")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%d bytes, %v", n, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}
