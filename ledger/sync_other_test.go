//go:build !linux

package ledger

import "os"

func syncData(file *os.File) error { return file.Sync() }
