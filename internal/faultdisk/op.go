package faultdisk

import sqlite3 "modernc.org/sqlite/lib"

// Kind is what an operation does.
type Kind string

// The operations of a disk. A power cut can fall into any of them; those from
// Open to Rename change what is there.
const (
	Open     Kind = "open"     // Changes: it makes the file
	Write    Kind = "write"    // at Offset, Length bytes
	Truncate Kind = "truncate" // to Length bytes
	Sync     Kind = "sync"     // the file's bytes
	SyncDir  Kind = "syncdir"  // the names in the file's directory
	Delete   Kind = "delete"   // the name
	Rename   Kind = "rename"   // another file gets the name
	Read     Kind = "read"     // at Offset, Length bytes
	Size     Kind = "size"     // of the file
	Look     Kind = "look"     // whether the name exists
	Share    Kind = "share"    // one more region of the memory that connections to a log share
)

// Op is one operation as the disk met it.
type Op struct {
	N       int    // from 1, over the life of the disk
	Kind    Kind   //
	Path    string // empty: a temporary file without a name
	Handle  int    // which opening of the file it goes through, from 1; 0: none
	Offset  int64
	Length  int64
	Sum     uint32 // CRC-32 (Castagnoli) of the bytes written, where operations are recorded
	Changes bool   // what a power cut would leave may differ after it
	Grows   bool   // needs room
	Fault   Fault
}

// Fault is what happens to an operation.
type Fault int

// The faults of a disk.
const (
	None Fault = iota
	// Fail lets the operation fail with an I/O error. A sync that fails leaves
	// each unsynced write on the disk or not, and forgets that it is unsynced,
	// as Linux does: a later sync that succeeds proves nothing about it.
	Fail
	// Torn lets a write fail with an I/O error after a part of it was stored;
	// other operations just fail.
	Torn
	// Full refuses what needs room: writes, of which a part is stored, new files,
	// new shared memory. Other operations succeed.
	Full
	// PowerOff ends everything: the operation is in flight and may reach the
	// disk whole, in part or not at all, as Cut decides. Every later one fails.
	PowerOff
)

// code is SQLite's result code for an operation that fails.
func code(k Kind) int32 {
	switch k {
	case Open:
		return sqlite3.SQLITE_CANTOPEN
	case Write:
		return sqlite3.SQLITE_IOERR_WRITE
	case Truncate:
		return sqlite3.SQLITE_IOERR_TRUNCATE
	case Sync:
		return sqlite3.SQLITE_IOERR_FSYNC
	case SyncDir:
		return sqlite3.SQLITE_IOERR_DIR_FSYNC
	case Delete:
		return sqlite3.SQLITE_IOERR_DELETE
	case Read:
		return sqlite3.SQLITE_IOERR_READ
	case Size:
		return sqlite3.SQLITE_IOERR_FSTAT
	case Look:
		return sqlite3.SQLITE_IOERR_ACCESS
	case Share:
		return sqlite3.SQLITE_IOERR_SHMSIZE
	}
	return sqlite3.SQLITE_IOERR
}
