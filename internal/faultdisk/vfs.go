package faultdisk

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// vfs is a disk's entry in SQLite's list of file systems, outside Go's heap.
type vfs struct {
	disk    *Disk
	name    string
	address uintptr
	cname   uintptr
	open    atomic.Int64 // files
}

// What SQLite hands us is addresses; these tell whose they are.
var (
	known  sync.Map // address of a vfs → *vfs
	opened sync.Map // address of a file → *handle
	serial atomic.Int64
)

// VFS gives the name under which SQLite knows this disk.
func (d *Disk) VFS() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.vfs == nil {
		d.vfs = register(d)
	}
	return d.vfs.name
}

func register(d *Disk) *vfs {
	tls := libc.NewTLS()
	defer tls.Close()
	v := &vfs{disk: d, name: fmt.Sprintf("faultdisk-%d", serial.Add(1))}
	v.address = libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	cname, err := libc.CString(v.name)
	if v.address == 0 || err != nil {
		panic("faultdisk: no memory for a file system") // no test goes on from here
	}
	v.cname = cname
	*at[sqlite3.Tsqlite3_vfs](v.address) = sqlite3.Tsqlite3_vfs{
		FiVersion: 2, FszOsFile: int32(unsafe.Sizeof(sqlite3.Tsqlite3_file{})), FmxPathname: 1024, FzName: cname,
		FxOpen: entry(xOpen), FxDelete: entry(xDelete), FxAccess: entry(xAccess), FxFullPathname: entry(xFullPathname),
		FxRandomness: entry(xRandomness), FxSleep: entry(xSleep), FxGetLastError: entry(xGetLastError),
		FxCurrentTime: entry(xCurrentTime), FxCurrentTimeInt64: entry(xCurrentTimeInt64),
	}
	known.Store(v.address, v)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, v.address, 0); rc != 0 {
		panic(fmt.Sprintf("faultdisk: SQLite takes no file system: %d", rc))
	}
	return v
}

func (v *vfs) unregister() error {
	tls := libc.NewTLS()
	defer tls.Close()
	sqlite3.Xsqlite3_vfs_unregister(tls, v.address)
	if n := v.open.Load(); n > 0 {
		return fmt.Errorf("%d files are still open on the disk %s", n, v.name)
	}
	known.Delete(v.address)
	libc.Xfree(tls, v.address)
	libc.Xfree(tls, v.cname)
	return nil
}

// at reads an address outside Go's heap.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// entry is the address SQLite calls a function by.
func entry[F any](function F) uintptr { return *(*uintptr)(unsafe.Pointer(&function)) }

func bytesAt(address uintptr, n int32) []byte { return unsafe.Slice(at[byte](address), n) }

func vfsAt(address uintptr) *vfs {
	v, _ := known.Load(address)
	return v.(*vfs)
}

func diskOf(address uintptr) *Disk { return vfsAt(address).disk }

func xOpen(_ *libc.TLS, vfs, name, address uintptr, flags int32, outFlags uintptr) int32 {
	file := at[sqlite3.Tsqlite3_file](address)
	file.FpMethods = 0
	v := vfsAt(vfs)
	h := &handle{disk: v.disk, vfs: v}
	if name != 0 {
		h.path = libc.GoString(name)
	}
	create := flags&sqlite3.SQLITE_OPEN_CREATE != 0
	h.dirSync = create && flags&(sqlite3.SQLITE_OPEN_WAL|sqlite3.SQLITE_OPEN_MAIN_JOURNAL|sqlite3.SQLITE_OPEN_SUPER_JOURNAL) != 0
	if _, rc := h.open(create || name == 0); rc != 0 {
		return rc
	}
	v.open.Add(1)
	opened.Store(address, h)
	file.FpMethods = uintptr(unsafe.Pointer(&methods))
	if outFlags != 0 {
		*at[int32](outFlags) = flags
	}
	return 0
}

func xDelete(_ *libc.TLS, vfs, name uintptr, syncDir int32) int32 {
	return diskOf(vfs).remove(libc.GoString(name), syncDir != 0)
}

func xAccess(_ *libc.TLS, vfs, name uintptr, flags int32, out uintptr) int32 {
	there, rc := diskOf(vfs).look(libc.GoString(name))
	*at[int32](out) = libc.Bool32(there)
	return rc
}

func xFullPathname(_ *libc.TLS, _, name uintptr, size int32, out uintptr) int32 {
	text := libc.GoString(name)
	if len(text)+1 > int(size) {
		return sqlite3.SQLITE_CANTOPEN
	}
	into := bytesAt(out, size)
	into[copy(into, text)] = 0
	return 0
}

func xSleep(_ *libc.TLS, _ uintptr, microseconds int32) int32 {
	time.Sleep(time.Duration(microseconds) * time.Microsecond)
	return microseconds
}

func xGetLastError(*libc.TLS, uintptr, int32, uintptr) int32 { return 0 }

// julianEpoch is the Unix epoch in milliseconds of SQLite's calendar.
const julianEpoch = 210866760000000

const dayMillis = 86400000

func xCurrentTime(_ *libc.TLS, vfs, out uintptr) int32 {
	*at[float64](out) = float64(diskOf(vfs).opt.Now().UnixMilli()+julianEpoch) / dayMillis
	return 0
}

func xCurrentTimeInt64(_ *libc.TLS, vfs, out uintptr) int32 {
	*at[int64](out) = diskOf(vfs).opt.Now().UnixMilli() + julianEpoch
	return 0
}

// SQLite asks the default file system for randomness, once, and has one
// generator in a process. seedSQLite stands before that file system.
var seeding struct {
	once sync.Once
	mu   sync.Mutex
	next *rand.PCG // nil: ask the system
	real func(*libc.TLS, uintptr, int32, uintptr) int32
}

// seedSQLite lets SQLite's generator start anew from r.
func seedSQLite(r *rand.Rand) {
	tls := libc.NewTLS()
	defer tls.Close()
	seeding.once.Do(func() {
		system := at[sqlite3.Tsqlite3_vfs](sqlite3.Xsqlite3_vfs_find(tls, 0))
		seeding.real = *(*func(*libc.TLS, uintptr, int32, uintptr) int32)(unsafe.Pointer(&struct{ uintptr }{system.FxRandomness}))
		system.FxRandomness = entry(xRandomness)
	})
	seeding.mu.Lock()
	seeding.next = rand.NewPCG(r.Uint64(), r.Uint64())
	seeding.mu.Unlock()
	sqlite3.Xsqlite3_randomness(tls, 0, 0) // forget the state: the next use asks again
}

func xRandomness(tls *libc.TLS, vfs uintptr, n int32, out uintptr) int32 {
	seeding.mu.Lock()
	source := seeding.next
	defer seeding.mu.Unlock()
	if source == nil {
		return seeding.real(tls, vfs, n, out)
	}
	for i := range bytesAt(out, n) {
		bytesAt(out, n)[i] = byte(source.Uint64())
	}
	return n
}
