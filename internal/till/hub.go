package till

import (
	"context"
	"sync"
)

// hub gives the latest snapshot to whoever watches; a slow watcher skips.
type hub struct {
	mu       sync.Mutex
	latest   *Snapshot
	watchers map[chan *Snapshot]struct{}
	closed   bool
	tap      func(*Snapshot) // sees every snapshot; set by tests only
}

func (h *hub) watch(ctx context.Context) <-chan *Snapshot {
	c := make(chan *Snapshot, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(c)
		return c
	}
	if h.watchers == nil {
		h.watchers = map[chan *Snapshot]struct{}{}
	}
	h.watchers[c] = struct{}{}
	if h.latest != nil {
		c <- h.latest
	}
	context.AfterFunc(ctx, func() { h.leave(c) })
	return c
}

func (h *hub) leave(c chan *Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, in := h.watchers[c]; in {
		delete(h.watchers, c)
		close(c)
	}
}

func (h *hub) send(s *Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = s
	if h.tap != nil {
		h.tap(s)
	}
	for c := range h.watchers {
		select {
		case <-c: // the one it has not read yet is stale
		default:
		}
		c <- s
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.watchers {
		delete(h.watchers, c)
		close(c)
	}
}
