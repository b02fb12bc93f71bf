package scanner

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Reader is the chip reader behind pcscd, the Linux smart card service. It is
// spoken to by its socket, without a library. Source: pcsc-lite, winscard_msg.h,
// protocol 4:2 and later.
type Reader struct {
	// Dial connects to the service, usually at /run/pcscd/pcscd.comm.
	Dial func(ctx context.Context) (net.Conn, error)
	// Name is part of the name of the reader to be used; empty: the first one
	// with a card in it.
	Name string
	// Poll is how often the reader is looked at for a card; default 300 ms.
	Poll time.Duration
	// Answer is how long a card may take for one command; default 5 s. A card
	// that has fallen silent must not hold the till up.
	Answer time.Duration
}

// Errors of readers, for people to be told apart.
var (
	ErrNoService = errors.New("the smart card service does not answer: is pcscd running, and may this user use it?")
	ErrNoReader  = errors.New("no chip reader is plugged in")
	ErrNoCard    = errors.New("no card was inserted or tapped in time")
)

// Read waits for a card until ctx ends and reads it.
func (r *Reader) Read(ctx context.Context, ask ChipAsk) (*ChipCard, error) {
	s, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	chip, err := s.wait(ctx)
	if err != nil {
		return nil, err
	}
	defer s.release(chip)
	return ReadChip(ctx, chip, ask)
}

// Readers are the names of the readers plugged in.
func (r *Reader) Readers(ctx context.Context) ([]string, error) {
	s, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	slots, err := s.slots()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, slot := range slots {
		names = append(names, slot.name)
	}
	return names, nil
}

// Commands of the service, and the fixed sizes of its answers.
const (
	pcscEstablish, pcscRelease  = 0x01, 0x02
	pcscConnect, pcscDisconnect = 0x04, 0x06
	pcscBegin, pcscTransmit     = 0x07, 0x09
	pcscVersion, pcscReaders    = 0x11, 0x12

	pcscName  = 128
	pcscSlot  = pcscName + 3*4 + 36 + 2*4 // name, counter, state, sharing, ATR with padding, its length, protocol
	pcscSlots = 16
	maxAPDU   = 65_538
)

// service is a connection to pcscd.
type service struct {
	r       *Reader
	conn    net.Conn
	context uint32
	dead    bool
}

func (r *Reader) open(ctx context.Context) (*service, error) {
	conn, err := r.Dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoService, err)
	}
	s := &service{r: r, conn: conn}
	if err := s.hello(); err != nil {
		s.close()
		return nil, fmt.Errorf("%w (%w)", ErrNoService, err)
	}
	return s, nil
}

// hello agrees on the protocol: a service of another minor version names its
// own and is then spoken to in that.
func (s *service) hello() error {
	answer, err := s.words(pcscVersion, 12, 4, 4, 0)
	if err != nil {
		return err
	}
	if word(answer, 2) != 0 && word(answer, 0) == 4 {
		if answer, err = s.words(pcscVersion, 12, 4, word(answer, 1), 0); err != nil {
			return err
		}
	}
	if err := status(answer); err != nil {
		return err
	}
	const system = 2
	if answer, err = s.words(pcscEstablish, 12, system, 0, 0); err != nil {
		return err
	}
	s.context = word(answer, 1)
	return status(answer)
}

func (s *service) close() {
	if !s.dead && s.context != 0 {
		_, _ = s.words(pcscRelease, 8, s.context, 0)
	}
	_ = s.conn.Close()
}

// words sends a command of 32-bit words.
func (s *service) words(command uint32, size int, words ...uint32) ([]byte, error) {
	body := make([]byte, 0, 4*len(words))
	for _, w := range words {
		body = binary.LittleEndian.AppendUint32(body, w)
	}
	return s.call(command, size, body, nil)
}

// call sends a command with what follows it and reads the fixed answer. After
// an error the connection is out of step and of no more use.
func (s *service) call(command uint32, size int, body, tail []byte) ([]byte, error) {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	out = binary.LittleEndian.AppendUint32(out, command)
	out = append(append(out, body...), tail...)
	patience := s.r.Answer
	if patience <= 0 {
		patience = 5 * time.Second
	}
	_ = s.conn.SetDeadline(time.Now().Add(patience))
	answer := make([]byte, size)
	_, err := s.conn.Write(out)
	if err == nil {
		_, err = io.ReadFull(s.conn, answer)
	}
	s.dead = s.dead || err != nil
	return answer, err
}

func word(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }

// status is the service's return code, always the last word.
func status(answer []byte) error {
	if code := word(answer, len(answer)/4-1); code != 0 {
		return fmt.Errorf("smart card service: error %08X", code)
	}
	return nil
}

// slot is one reader, with the answer to reset of the card in it.
type slot struct {
	name string
	atr  []byte
}

func (s *service) slots() ([]slot, error) {
	raw, err := s.call(pcscReaders, pcscSlot*pcscSlots, nil, nil)
	if err != nil {
		return nil, err
	}
	var out []slot
	for part := raw; len(part) >= pcscSlot; part = part[pcscSlot:] {
		name, _, _ := strings.Cut(string(part[:pcscName]), "\x00")
		if name == "" {
			continue
		}
		n := min(int(word(part[pcscName+12+36:], 0)), 33)
		out = append(out, slot{name, bytes.Clone(part[pcscName+12 : pcscName+12+n])})
	}
	return out, nil
}

// wait looks for a card until there is one, or ctx ends.
func (s *service) wait(ctx context.Context) (*pcscCard, error) {
	poll := s.r.Poll
	if poll <= 0 {
		poll = 300 * time.Millisecond
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		slots, err := s.slots()
		if err != nil {
			return nil, err
		}
		if len(slots) == 0 {
			return nil, ErrNoReader
		}
		for _, slot := range slots {
			if len(slot.atr) > 0 && strings.Contains(slot.name, s.r.Name) {
				return s.connect(slot)
			}
		}
		select {
		case <-ctx.Done():
			return nil, ErrNoCard
		case <-ticker.C:
		}
	}
}

// pcscCard is a card connected to; it implements Chip.
type pcscCard struct {
	s             *service
	handle        uint32
	protocol      uint32 // 1 is T=0, 2 is T=1
	isContactless bool
}

func (s *service) connect(slot slot) (*pcscCard, error) {
	const shared, anyProtocol = 2, 3
	body := make([]byte, 4+pcscName+5*4)
	binary.LittleEndian.PutUint32(body, s.context)
	copy(body[4:4+pcscName-1], slot.name)
	binary.LittleEndian.PutUint32(body[4+pcscName:], shared)
	binary.LittleEndian.PutUint32(body[8+pcscName:], anyProtocol)
	answer, err := s.call(pcscConnect, len(body), body, nil)
	if err == nil {
		err = status(answer)
	}
	if err != nil {
		return nil, fmt.Errorf("the card does not answer: %w", err)
	}
	tail := answer[4+pcscName:]
	c := &pcscCard{s: s, handle: word(tail, 2), protocol: word(tail, 3), isContactless: contactless(slot.atr)}
	if answer, err = s.words(pcscBegin, 8, c.handle, 0); err == nil {
		err = status(answer)
	}
	return c, err
}

// contactless recognises the answer to reset that readers make up for a card
// in the field. Source: PC/SC part 3, 3.1.3.2.3.
func contactless(atr []byte) bool {
	return len(atr) > 4 && atr[0] == 0x3B && atr[1]&0xF0 == 0x80 && atr[2] == 0x80 && atr[3] == 0x01
}

// Contactless implements Chip.
func (c *pcscCard) Contactless() bool { return c.isContactless }

// Transmit implements Chip.
func (c *pcscCard) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, ErrNoCard
	}
	const pci = 8
	body := make([]byte, 0, 8*4)
	for _, w := range []uint32{c.handle, c.protocol, pci, uint32(len(command)), 0, 0, maxAPDU, 0} {
		body = binary.LittleEndian.AppendUint32(body, w)
	}
	answer, err := c.s.call(pcscTransmit, len(body), body, command)
	if err == nil {
		err = status(answer)
	}
	if err != nil {
		return nil, fmt.Errorf("the card has fallen silent or was pulled out: %w", err)
	}
	n := word(answer, 6)
	if n > maxAPDU {
		c.s.dead = true
		return nil, fmt.Errorf("smart card service: an answer of %d bytes", n)
	}
	out := make([]byte, n)
	if _, err := io.ReadFull(c.s.conn, out); err != nil {
		c.s.dead = true
		return nil, fmt.Errorf("the card has fallen silent: %w", err)
	}
	return out, nil
}

// release resets the card, so that nobody goes on where this till has stopped.
func (s *service) release(c *pcscCard) {
	const reset = 1
	if !s.dead {
		_, _ = s.words(pcscDisconnect, 12, c.handle, reset, 0)
	}
}
