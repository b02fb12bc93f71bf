package upload

import (
	"fmt"
	"os"
	"path/filepath"

	"abacus/ledger"
)

// File is a Memory in a file of one line. A file that is gone or unreadable
// costs one question to the keeper.
type File string

const fileForm = "abacus-sent-1 %s %d %s\n"

// Load implements Memory.
func (f File) Load(mark string) ledger.Head {
	text, err := os.ReadFile(string(f))
	if err != nil {
		return ledger.Head{}
	}
	return parseMemory(text, mark)
}

// Kept is what the file says, of whatever book.
func (f File) Kept() (mark string, head ledger.Head) {
	text, err := os.ReadFile(string(f))
	if err != nil {
		return "", ledger.Head{}
	}
	if _, err := fmt.Sscanf(string(text), "abacus-sent-1 %s ", &mark); err != nil {
		return "", ledger.Head{}
	}
	return mark, parseMemory(text, mark)
}

func parseMemory(text []byte, mark string) ledger.Head {
	var of, hash string
	var h ledger.Head
	_, err := fmt.Sscanf(string(text), fileForm, &of, &h.Number, &hash)
	if err != nil || of != mark || h.Number < 0 || h.Hash.UnmarshalText([]byte(hash)) != nil {
		return ledger.Head{}
	}
	return h
}

// Save implements Memory. It is not synced: what a power cut takes, the keeper
// knows.
func (f File) Save(mark string, head ledger.Head) {
	next, err := os.CreateTemp(filepath.Dir(string(f)), ".sent-*")
	if err != nil {
		return
	}
	_, err = fmt.Fprintf(next, fileForm, mark, head.Number, head.Hash)
	if closing := next.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(next.Name(), string(f))
	}
	if err != nil {
		_ = os.Remove(next.Name())
	}
}
