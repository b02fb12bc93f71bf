package scanner

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"abacus/internal/money"
)

// Chip is a card in a reader.
type Chip interface {
	// Transmit sends a command and gives back data and status.
	Transmit(ctx context.Context, command []byte) ([]byte, error)
	// Contactless reports whether the card lies on the reader's field.
	Contactless() bool
}

// ChipAsk is the payment a card is asked to sign.
type ChipAsk struct {
	Amount  money.Amount
	At      time.Time
	Balance bool    // nothing is paid
	PIN     bool    // the cardholder has entered the PIN, which the issuer checks
	Nonce   [4]byte // unpredictable number
	Serial  string  // of the terminal, at most 8 characters
}

// ChipCard is what a chip card said. It is in memory only and is to be wiped
// after use.
type ChipCard struct {
	Number      []byte // digits
	Expiry      []byte // YYMM
	Sequence    string // three digits
	Label       string // the application's name
	Contactless bool
	Phone       bool   // a phone or watch in a card's place
	Data        []byte // field 55 of a lab acquirer
}

// Wipe overwrites the card.
func (c *ChipCard) Wipe() {
	clear(c.Number)
	clear(c.Expiry)
	clear(c.Data)
}

// Format shows no more than the application's name.
func (c *ChipCard) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("card " + c.Label)) }

// ErrNoChipCard says that there is a chip, but no payment application this till knows.
var ErrNoChipCard = errors.New("the card holds no payment application")

// Names of the directories, and applications tried when a card has none.
// Source: EMV 4.3 Book 1, 12.3; UnionPay's registered identifiers.
const (
	contactDirectory     = "1PAY.SYS.DDF01"
	contactlessDirectory = "2PAY.SYS.DDF01"
)

var applications = []string{"A000000333010101", "A000000333010102", "A000000333010103", "A0000000031010", "A0000000041010"}

// ReadChip selects the payment application, reads its records and lets it sign
// the payment. That is enough to identify the card and to fill field 55 for a
// laboratory; the issuer's answer is not taken back to the card.
func ReadChip(ctx context.Context, chip Chip, ask ChipAsk) (*ChipCard, error) {
	s := &chipSession{ctx: ctx, chip: chip, data: map[uint32][]byte{}}
	defer s.wipe()
	s.terminal(ask)
	if err := s.selectApplication(); err != nil {
		return nil, err
	}
	if err := s.start(); err != nil {
		return nil, err
	}
	if err := s.sign(); err != nil {
		return nil, err
	}
	return s.card()
}

// chipSession is one reading of one card.
type chipSession struct {
	ctx  context.Context
	chip Chip
	data map[uint32][]byte // the card's, and the terminal's for the card
	seen [][]byte          // answers, to be wiped
}

func (s *chipSession) wipe() {
	for _, b := range s.seen {
		clear(b)
	}
}

// terminal is what the card may ask of the terminal. Source: EMV 4.3 Book 3,
// annex A; countries and currencies by ISO 3166 and 4217: 156 is China, yuan.
func (s *chipSession) terminal(a ChipAsk) {
	kind := byte(0x00)
	if a.Balance {
		kind = 0x31
	}
	capabilities, verified := []byte{0x60, 0x28, 0x00}, []byte{0x3F, 0x00, 0x00} // no cardholder verification was performed
	if a.PIN {
		capabilities, verified = []byte{0x60, 0x68, 0x00}, []byte{0x02, 0x00, 0x00} // PIN, checked online
	}
	at := a.At.In(time.FixedZone("CST", 8*60*60))
	for tag, value := range map[uint32][]byte{
		0x9F02: packDigits(fmt.Sprintf("%012d", a.Amount.Minor())), 0x9F03: make([]byte, 6), 0x9F1A: {0x01, 0x56}, 0x5F2A: {0x01, 0x56},
		0x95: make([]byte, 5), 0x9A: packDigits(at.Format("060102")), 0x9F21: packDigits(at.Format("150405")), 0x9C: {kind}, 0x9F37: a.Nonce[:],
		0x9F33: capabilities, // stripe and chip; signature or nothing, a PIN if one was entered; no offline authentication
		0x9F34: verified,
		0x9F35: {0x22},                   // attended, online and offline capable
		0x9F66: {0x26, 0x00, 0x00, 0x80}, // contactless: online, with a signature if need be
		0x9F1E: []byte(fmt.Sprintf("%-8.8s", a.Serial)),
	} {
		s.data[tag] = value
	}
}

// selectApplication takes the directory's application of the best priority.
func (s *chipSession) selectApplication() error {
	names, err := s.listed()
	if err != nil {
		return err
	}
	for _, name := range names {
		answer, ok, err := s.command([]byte{0x00, 0xA4, 0x04, 0x00}, name)
		if err != nil {
			return err
		}
		if ok && gather(s.data, answer, 0) == nil {
			s.data[0x84] = name
			return nil
		}
	}
	return ErrNoChipCard
}

// listed is the applications of the card's directory, the best first, or those
// this till knows.
func (s *chipSession) listed() ([][]byte, error) {
	directory := contactDirectory
	if s.chip.Contactless() {
		directory = contactlessDirectory
	}
	answer, ok, err := s.command([]byte{0x00, 0xA4, 0x04, 0x00}, []byte(directory))
	if err != nil {
		return nil, err
	}
	var entries []TLV
	if ok {
		entries = templates(answer, 0)
		if directory == contactDirectory {
			if entries, err = s.directoryRecords(answer); err != nil {
				return nil, err
			}
		}
	}
	if names := byPriority(entries); len(names) > 0 {
		return names, nil
	}
	names := make([][]byte, 0, len(applications))
	for _, text := range applications {
		name, err := hex.DecodeString(text)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// directoryRecords reads the file the contact directory points at.
func (s *chipSession) directoryRecords(answer []byte) ([]TLV, error) {
	head := map[uint32][]byte{}
	if gather(head, answer, 0) != nil || len(head[0x88]) != 1 {
		return nil, nil
	}
	var entries []TLV
	for record := byte(1); record <= 10; record++ {
		data, ok, err := s.command([]byte{0x00, 0xB2, record, head[0x88][0]<<3 | 4}, nil)
		if err != nil || !ok {
			return entries, err
		}
		entries = append(entries, templates(data, 0)...)
	}
	return entries, nil
}

// templates finds application templates (61) however deep they lie.
func templates(data []byte, depth int) []TLV {
	objects, err := ParseTLV(data)
	if err != nil || depth > maxNesting {
		return nil
	}
	var out []TLV
	for _, o := range objects {
		switch {
		case o.Tag == 0x61:
			out = append(out, o)
		case o.Constructed():
			out = append(out, templates(o.Value, depth+1)...)
		}
	}
	return out
}

// byPriority is the names of templates, the lowest priority indicator (87)
// first; none or 0 comes last.
func byPriority(entries []TLV) [][]byte {
	type named struct {
		name []byte
		rank byte
	}
	var all []named
	for _, e := range entries {
		fields := map[uint32][]byte{}
		if gather(fields, e.Value, 0) != nil || len(fields[0x4F]) < 5 || len(fields[0x4F]) > 16 {
			continue
		}
		rank := byte(16)
		if p := fields[0x87]; len(p) == 1 && p[0]&0x0F != 0 {
			rank = p[0] & 0x0F
		}
		all = append(all, named{fields[0x4F], rank})
	}
	slices.SortStableFunc(all, func(a, b named) int { return int(a.rank) - int(b.rank) })
	names := make([][]byte, len(all))
	for i, n := range all {
		names[i] = n.name
	}
	return names
}

// card is what was read, as far as a payment needs it.
func (s *chipSession) card() (*ChipCard, error) {
	c := &ChipCard{Contactless: s.chip.Contactless(), Label: printable(s.data[0x50])}
	track := nibbles(s.data[0x57])
	defer clear(track)
	number, after, _ := bytes.Cut(track, []byte("D"))
	if pan := s.data[0x5A]; len(pan) > 0 {
		number = nibbles(pan)
	}
	c.Number = bytes.TrimRight(number, "F")
	if len(s.data[0x5A]) == 0 {
		c.Number = bytes.Clone(c.Number)
	}
	switch expiry := s.data[0x5F24]; {
	case len(expiry) == 3:
		c.Expiry = nibbles(expiry[:2])
	case len(after) >= 4:
		c.Expiry = bytes.Clone(after[:4])
	}
	if sequence := s.data[0x5F34]; len(sequence) == 1 {
		c.Sequence = "0" + hex.EncodeToString(sequence)
	}
	if len(c.Number) < 12 || len(c.Number) > 19 || !isDigits(string(c.Number)) || len(c.Expiry) != 4 || !isDigits(string(c.Expiry)) ||
		c.Sequence != "" && !isDigits(c.Sequence) {
		c.Wipe()
		return nil, fmt.Errorf("%w: no card number", errTLV)
	}
	c.Phone = s.isPhone()
	c.Data = s.field55()
	return c, nil
}

// isPhone recognises a phone or a watch in a card's place: a number lent by a
// token service (9F19 names who asked for it), or a form factor (9F6E) that
// says so. Source: EMVCo Payment Tokenisation; EMV contactless Book C-3.
func (s *chipSession) isPhone() bool {
	if !s.chip.Contactless() {
		return false
	}
	form := s.data[0x9F6E]
	return len(s.data[0x9F19]) > 0 || len(form) > 0 && form[0]&0x1F == 0x03
}

// field55Tags are the data of an online request, in their usual order. Source:
// UnionPay POS interface, 域55.
var field55Tags = []uint32{
	0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x5F2A, 0x82, 0x9F1A, 0x9F03, 0x9F33, 0x9F34, 0x9F35, 0x9F1E, 0x84, 0x9F09, 0x9F41, 0x9F63,
}

func (s *chipSession) field55() []byte {
	var out []byte
	for _, tag := range field55Tags {
		if v := s.data[tag]; len(v) > 0 && len(v) < 0x80 {
			out = appendTLV(out, tag, v)
		}
	}
	return out
}

// nibbles is the digits of packed data, with D and F for separator and padding.
func nibbles(b []byte) []byte {
	return bytes.ToUpper(hex.AppendEncode(nil, b))
}

func printable(b []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, string(b[:min(len(b), 16)])))
}

// packDigits is two digits a byte; the text has an even number of them.
func packDigits(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		return make([]byte, (len(text)+1)/2) // only digits come here
	}
	return b
}
