package ledger

import (
	"bytes"
	"testing"
)

// FuzzHeadSlot: the file outside the database lies on the same disk as what it
// guards. Whatever stands in a slot, it is believed only if it is, byte for
// byte, what the till writes.
func FuzzHeadSlot(f *testing.F) {
	good := headRecord{mark: "abcd", number: 17, count: 17, hash: Hash{1, 2, 3}}.line()
	f.Add([]byte(good))
	f.Add([]byte(good[:slotSize/2]))
	f.Add(bytes.Replace([]byte(good), []byte(" 17 "), []byte(" 18 "), 1))
	f.Add([]byte("abacus-head-1 abcd -1 0x10 00 00\n"))
	f.Add(bytes.Repeat([]byte{0}, slotSize))
	f.Fuzz(func(t *testing.T, slot []byte) {
		if r, ok := parseHead(slot); ok && r.line() != string(slot) {
			t.Errorf("%q is read as %+v", slot, r)
		}
	})
}
