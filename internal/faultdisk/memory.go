package faultdisk

import (
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

const slotCount = sqlite3.SQLITE_SHM_NLOCK

type slotLock int

const (
	slotFree slotLock = iota
	slotShared
	slotExclusive
)

// memory is what the connections to one database in log mode share: the index
// of the log. It dies with its last user, as a power cut or the next start
// would have it.
type memory struct {
	regions []uintptr // outside Go's heap, where SQLite writes as it likes
	users   int
	shared  [slotCount]int
	taken   [slotCount]bool
}

// region gives the address of a region, 0 if it is not there and may not be
// made.
func (h *handle) region(tls *libc.TLS, index, size int32, extend bool) (address uintptr, rc int32) {
	d := h.disk
	d.mu.Lock()
	if d.off {
		d.mu.Unlock()
		return 0, code(Share)
	}
	if h.file.shared == nil {
		h.file.shared = &memory{}
	}
	m := h.file.shared
	if !h.mapped {
		h.mapped = true
		m.users++
	}
	missing := int(index) >= len(m.regions)
	if !missing {
		address = m.regions[index]
	}
	d.mu.Unlock()
	if !missing || !extend {
		return address, 0
	}
	op := h.op(Share)
	op.Length, op.Grows = int64(size), true
	rc = d.act(op, func() {
		for int(index) >= len(m.regions) {
			m.regions = append(m.regions, libc.Xcalloc(tls, 1, libc.Tsize_t(size)))
		}
		address = m.regions[index]
	}, nil)
	return address, rc
}

// slot takes or frees locks in the shared memory.
func (h *handle) slot(from, count, flags int32) int32 {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	m := h.file.shared
	if m == nil {
		return sqlite3.SQLITE_IOERR_SHMLOCK
	}
	if flags&sqlite3.SQLITE_SHM_UNLOCK != 0 {
		for i := from; i < from+count; i++ {
			m.free(h, i)
		}
		return 0
	}
	if h.disk.off {
		return sqlite3.SQLITE_IOERR_SHMLOCK
	}
	exclusive := flags&sqlite3.SQLITE_SHM_EXCLUSIVE != 0
	for i := from; i < from+count; i++ {
		others := m.shared[i]
		if h.slots[i] == slotShared {
			others--
		}
		if m.taken[i] && h.slots[i] != slotExclusive || exclusive && others > 0 {
			return sqlite3.SQLITE_BUSY
		}
	}
	for i := from; i < from+count; i++ {
		m.take(h, i, exclusive)
	}
	return 0
}

func (m *memory) take(h *handle, i int32, exclusive bool) {
	m.free(h, i)
	if exclusive {
		m.taken[i], h.slots[i] = true, slotExclusive
		return
	}
	m.shared[i]++
	h.slots[i] = slotShared
}

func (m *memory) free(h *handle, i int32) {
	switch h.slots[i] {
	case slotShared:
		m.shared[i]--
	case slotExclusive:
		m.taken[i] = false
	}
	h.slots[i] = slotFree
}

// unmap ends a handle's use of the shared memory.
func (h *handle) unmap(tls *libc.TLS) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	m := h.file.shared
	if m == nil || !h.mapped {
		return
	}
	for i := range int32(slotCount) {
		m.free(h, i)
	}
	h.mapped = false
	if m.users--; m.users > 0 {
		return
	}
	for _, address := range m.regions {
		libc.Xfree(tls, address)
	}
	h.file.shared = nil
}
