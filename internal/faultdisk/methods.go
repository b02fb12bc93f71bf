package faultdisk

import (
	"sync/atomic"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// methods are what SQLite does with an open file. Version 2 is with shared
// memory and without memory-mapped reading.
var methods = sqlite3.Tsqlite3_io_methods{
	FiVersion: 2,
	FxClose:   entry(xClose), FxRead: entry(xRead), FxWrite: entry(xWrite), FxTruncate: entry(xTruncate), FxSync: entry(xSync),
	FxFileSize: entry(xFileSize), FxLock: entry(xLock), FxUnlock: entry(xUnlock), FxCheckReservedLock: entry(xCheckReservedLock),
	FxFileControl: entry(xFileControl), FxSectorSize: entry(xSectorSize), FxDeviceCharacteristics: entry(xDeviceCharacteristics),
	FxShmMap: entry(xShmMap), FxShmLock: entry(xShmLock), FxShmBarrier: entry(xShmBarrier), FxShmUnmap: entry(xShmUnmap),
}

func handleAt(address uintptr) *handle {
	h, _ := opened.Load(address)
	return h.(*handle)
}

func xClose(tls *libc.TLS, address uintptr) int32 {
	h := handleAt(address)
	h.unmap(tls)
	h.unlock(sqlite3.SQLITE_LOCK_NONE)
	opened.Delete(address)
	h.vfs.open.Add(-1)
	return 0
}

func xRead(_ *libc.TLS, address, into uintptr, n int32, offset int64) int32 {
	return handleAt(address).read(bytesAt(into, n), offset)
}

func xWrite(_ *libc.TLS, address, from uintptr, n int32, offset int64) int32 {
	_, rc := handleAt(address).write(bytesAt(from, n), offset)
	return rc
}

func xTruncate(_ *libc.TLS, address uintptr, size int64) int32 {
	return handleAt(address).truncate(size)
}

func xSync(_ *libc.TLS, address uintptr, _ int32) int32 {
	_, rc := handleAt(address).sync()
	return rc
}

func xFileSize(_ *libc.TLS, address, out uintptr) int32 {
	size, rc := handleAt(address).size()
	*at[int64](out) = size
	return rc
}

func xLock(_ *libc.TLS, address uintptr, level int32) int32 { return handleAt(address).lock(level) }

func xUnlock(_ *libc.TLS, address uintptr, level int32) int32 {
	handleAt(address).unlock(level)
	return 0
}

func xCheckReservedLock(_ *libc.TLS, address, out uintptr) int32 {
	*at[int32](out) = libc.Bool32(handleAt(address).reserved())
	return 0
}

// xFileControl knows one thing: that the log outlives its last connection.
func xFileControl(_ *libc.TLS, address uintptr, what int32, arg uintptr) int32 {
	if what != sqlite3.SQLITE_FCNTL_PERSIST_WAL {
		return sqlite3.SQLITE_NOTFOUND
	}
	h, value := handleAt(address), at[int32](arg)
	if *value >= 0 {
		h.keepLog = *value != 0
	}
	*value = libc.Bool32(h.keepLog)
	return 0
}

// Sector size and characteristics are those of SQLite's own file system on
// Unix: SQLite writes its log the same way on both.
func xSectorSize(*libc.TLS, uintptr) int32 { return 4096 }

func xDeviceCharacteristics(*libc.TLS, uintptr) int32 {
	return sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE | sqlite3.SQLITE_IOCAP_SUBPAGE_READ
}

func xShmMap(tls *libc.TLS, address uintptr, index, size, extend int32, out uintptr) int32 {
	region, rc := handleAt(address).region(tls, index, size, extend != 0)
	*at[uintptr](out) = region
	return rc
}

func xShmLock(_ *libc.TLS, address uintptr, from, count, flags int32) int32 {
	return handleAt(address).slot(from, count, flags)
}

var barrier atomic.Int64

func xShmBarrier(*libc.TLS, uintptr) { barrier.Add(1) }

func xShmUnmap(tls *libc.TLS, address uintptr, _ int32) int32 {
	handleAt(address).unmap(tls)
	return 0
}
