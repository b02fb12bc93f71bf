package ledger

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// timeLayout is how a time stands in the journal: local to the shop, with its
// offset, to the microsecond. The hash covers this text.
const timeLayout = "2006-01-02T15:04:05.000000Z07:00"

// hashRecipe tells a stranger how to check the chain; exports carry it.
const hashRecipe = "hash = SHA-256 of the 32 bytes of the previous hash followed by the fields number, kind, time, mono, day, " +
	"till, operator, approver, shift, sale, payload in this order, each as a netstring: its length in bytes in decimal, a colon, " +
	"its UTF-8 text (numbers in decimal, an absent field is empty, payload exactly as stored), a comma. " +
	"The previous hash of number 1 is SHA-256 of \"abacus journal 1 \" followed by the mark."

// genesis is the hash before the first entry. It holds the installation's mark,
// so that entries of one till never continue another's chain.
func genesis(mark string) Hash { return sha256.Sum256([]byte("abacus journal 1 " + mark)) }

// seal gives the entry its hash; every other field must be set.
func (e *Entry) seal(buffer []byte) []byte {
	b := append(buffer[:0], e.Previous[:]...)
	b = netInt(b, e.Number)
	b = netString(b, string(e.Kind))
	b = netString(b, e.Time.Format(timeLayout))
	b = netInt(b, e.Monotonic)
	for _, text := range [...]string{e.Day, e.Till, e.Operator, e.Approver, e.Shift, e.Sale} {
		b = netString(b, text)
	}
	b = strconv.AppendInt(b, int64(len(e.Payload)), 10)
	b = append(append(append(b, ':'), e.Payload...), ',')
	e.Hash = sha256.Sum256(b)
	return b
}

func netString(b []byte, text string) []byte {
	b = append(strconv.AppendInt(b, int64(len(text)), 10), ':')
	return append(append(b, text...), ',')
}

func netInt(b []byte, n int64) []byte {
	var digits [20]byte
	return netString(b, string(strconv.AppendInt(digits[:0], n, 10)))
}

// Limits of an entry's texts, in bytes. They keep a runaway caller from filling
// the book; nothing legitimate comes near.
const (
	maxText    = 128
	maxWords   = 1024 // of what a person tells
	maxPayload = 1 << 20
)

// write turns a draft into an entry without its place in the chain.
func (d *Draft) write(at time.Time, mono time.Duration, day, till string) (Entry, error) {
	if !fits(d.Kind, d.Payload) {
		return Entry{}, refuse(RefuseEntry, string(d.Kind), "payload is a %T", d.Payload)
	}
	for _, text := range [...]string{d.Operator, d.Approver, d.Sale} {
		if len(text) > maxText || !utf8.ValidString(text) {
			return Entry{}, refuse(RefuseEntry, string(d.Kind), "unusable text %.40q", text)
		}
	}
	payload, err := appendDoc(nil, d.Payload)
	if err != nil {
		return Entry{}, refuse(RefuseEntry, string(d.Kind), "payload: %v", err)
	}
	if len(payload) > maxPayload {
		return Entry{}, refuse(RefuseEntry, string(d.Kind), "payload of %d bytes, at most %d", len(payload), maxPayload)
	}
	return Entry{Kind: d.Kind, Time: at, Monotonic: mono.Microseconds(), Day: day, Till: till,
		Operator: d.Operator, Approver: d.Approver, Sale: d.Sale, Payload: payload}, nil
}

// checkLink says what is wrong with e as the successor of head; the reason is
// empty when nothing is.
func checkLink(head Head, e *Entry, buffer []byte) (reason, detail string) {
	if e.Number != head.Number+1 {
		return WhyGap, fmt.Sprintf("number %d is missing, %d comes next", head.Number+1, e.Number)
	}
	if e.Previous != head.Hash {
		return WhyPrevious, fmt.Sprintf("it names %.16s… as the hash before it, which is %.16s…", e.Previous, head.Hash)
	}
	kept := e.Hash
	e.seal(buffer)
	if e.Hash != kept {
		return WhyHash, fmt.Sprintf("its content gives the hash %.16s…, kept is %.16s…", e.Hash, kept)
	}
	return "", ""
}
