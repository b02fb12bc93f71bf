package sandbox

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// copies is where the journals' copies are kept.
type copies interface {
	read(till, mark string) ([]byte, error) // whole lines
	append(till, mark string, lines []byte) error
}

// forgetful keeps nothing beyond what the keeper has in memory.
type forgetful struct{}

func (forgetful) read(string, string) ([]byte, error) { return nil, nil }
func (forgetful) append(string, string, []byte) error { return nil }

// folder keeps a file for each till's book.
type folder string

func (f folder) path(till, mark string) string {
	return filepath.Join(string(f), "journal-"+till+"-"+mark+".jsonl")
}

// read leaves out a last line that was cut off by a crash: it was never
// acknowledged.
func (f folder) read(till, mark string) ([]byte, error) {
	lines, err := os.ReadFile(f.path(till, mark))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return lines[:bytes.LastIndexByte(lines, '\n')+1], err
}

func (f folder) append(till, mark string, lines []byte) error {
	file, err := os.OpenFile(f.path(till, mark), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	at, err := wholeLines(file)
	if err == nil {
		_, err = file.WriteAt(lines, at)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// wholeLines is where the last whole line of a file ends.
func wholeLines(file *os.File) (int64, error) {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return end, err
	}
	last := make([]byte, 1)
	for ; end > 0; end-- {
		if _, err := file.ReadAt(last, end-1); err != nil {
			return 0, err
		}
		if last[0] == '\n' {
			break
		}
	}
	return end, nil
}

// keyName is how a request names its key: the first 16 bytes of SHA-256 of the
// public key's PKIX form.
func keyName(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:16])
}
