package faultdisk

import sqlite3 "modernc.org/sqlite/lib"

// locks are SQLite's locks on a database file.
type locks struct {
	shared    int
	reserved  *handle
	pending   *handle
	exclusive *handle
}

// lock raises the lock of a handle, by SQLite's rules: one may intend to write
// while others read, and waits for the readers to end while no new ones come.
func (h *handle) lock(level int32) int32 {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.off {
		return sqlite3.SQLITE_IOERR_LOCK
	}
	l := &h.file.locks
	if h.level >= level {
		return 0
	}
	if held(l.exclusive, h) || held(l.pending, h) {
		return sqlite3.SQLITE_BUSY
	}
	if h.level == sqlite3.SQLITE_LOCK_NONE {
		l.shared++
		h.level = sqlite3.SQLITE_LOCK_SHARED
	}
	if level == sqlite3.SQLITE_LOCK_SHARED {
		return 0
	}
	if held(l.reserved, h) {
		return sqlite3.SQLITE_BUSY
	}
	if level == sqlite3.SQLITE_LOCK_RESERVED {
		l.reserved, h.level = h, level
		return 0
	}
	l.pending, h.level = h, sqlite3.SQLITE_LOCK_PENDING
	if l.shared > 1 {
		return sqlite3.SQLITE_BUSY
	}
	l.exclusive, h.level = h, sqlite3.SQLITE_LOCK_EXCLUSIVE
	return 0
}

// held: by another.
func held(by, h *handle) bool { return by != nil && by != h }

func (h *handle) unlock(level int32) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.drop(level)
}

func (h *handle) drop(level int32) {
	l := &h.file.locks
	for _, owner := range []**handle{&l.reserved, &l.pending, &l.exclusive} {
		if *owner == h {
			*owner = nil
		}
	}
	if level == sqlite3.SQLITE_LOCK_NONE && h.level > level {
		l.shared--
	}
	h.level = min(h.level, level)
}

// reserved reports that somebody intends to write.
func (h *handle) reserved() bool {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	l := &h.file.locks
	return l.reserved != nil || l.pending != nil || l.exclusive != nil
}
