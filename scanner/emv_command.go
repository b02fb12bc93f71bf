package scanner

import (
	"fmt"
)

// command sends one command and gives back its data; ok is false when the card
// does not do it. T=0 cards answer in two steps. Source: ISO/IEC 7816-3.
func (s *chipSession) command(head, body []byte) (data []byte, ok bool, err error) {
	full := append([]byte(nil), head...)
	if body != nil {
		full = append(append(full, byte(len(body))), body...)
	}
	answer, err := s.transmit(append(full, 0))
	for range 8 { // a card that never ends is none
		if err != nil {
			return nil, false, err
		}
		status1, status2 := answer[len(answer)-2], answer[len(answer)-1]
		switch {
		case status1 == 0x90 && status2 == 0:
			return append(data, answer[:len(answer)-2]...), true, nil
		case status1 == 0x61:
			data = append(data, answer[:len(answer)-2]...)
			answer, err = s.transmit([]byte{0x00, 0xC0, 0x00, 0x00, status2})
		case status1 == 0x6C:
			answer, err = s.transmit(append(full, status2))
		default:
			return nil, false, nil
		}
	}
	return nil, false, fmt.Errorf("%w: an answer without end", errTLV)
}

func (s *chipSession) transmit(command []byte) ([]byte, error) {
	answer, err := s.chip.Transmit(s.ctx, command)
	if err != nil {
		return nil, err
	}
	s.seen = append(s.seen, answer)
	if len(answer) < 2 {
		return nil, fmt.Errorf("the card was pulled out")
	}
	return answer, nil
}

// start begins the payment (GET PROCESSING OPTIONS) and reads the records the
// card names.
func (s *chipSession) start() error {
	options, err := s.listOf(s.data[0x9F38])
	if err != nil {
		return err
	}
	answer, ok, err := s.command([]byte{0x80, 0xA8, 0x00, 0x00}, appendTLV(nil, 0x83, options))
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("%w: the card does not begin a payment", errTLV)
	}
	objects, err := ParseTLV(answer)
	if err != nil || len(objects) == 0 {
		return errTLV
	}
	if o := objects[0]; o.Tag == 0x80 && len(o.Value) >= 2 { // format 1: profile, then files
		s.data[0x82], s.data[0x94] = o.Value[:2], o.Value[2:]
	} else if err := gather(s.data, answer, 0); err != nil {
		return err
	}
	return s.readRecords(s.data[0x94])
}

// readRecords reads by the file locator: file, first and last record, and how
// many of them are signed.
func (s *chipSession) readRecords(locator []byte) error {
	if len(locator)%4 != 0 || len(locator) > 252 {
		return fmt.Errorf("%w: file locator of %d bytes", errTLV, len(locator))
	}
	for ; len(locator) > 0; locator = locator[4:] {
		first, last := locator[1], locator[2]
		if first == 0 || last < first || last-first > 16 {
			return fmt.Errorf("%w: records %d to %d", errTLV, first, last)
		}
		for i := range last - first + 1 { // counted, for a record 255 has no next one
			data, ok, err := s.command([]byte{0x00, 0xB2, first + i, locator[0]&0xF8 | 4}, nil)
			if err != nil {
				return err
			}
			if ok {
				if err := gather(s.data, data, 0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sign asks for a cryptogram to be checked online. Contactless cards have given
// theirs with the first answer.
func (s *chipSession) sign() error {
	if len(s.data[0x9F26]) > 0 {
		return nil
	}
	body, err := s.listOf(s.data[0x8C])
	if err != nil {
		return err
	}
	answer, ok, err := s.command([]byte{0x80, 0xAE, 0x80, 0x00}, body)
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("%w: the card does not sign", errTLV)
	}
	objects, err := ParseTLV(answer)
	if err != nil || len(objects) == 0 {
		return errTLV
	}
	if o := objects[0]; o.Tag == 0x80 && len(o.Value) >= 11 { // format 1: kind, counter, cryptogram, issuer's data
		s.data[0x9F27], s.data[0x9F36], s.data[0x9F26], s.data[0x9F10] = o.Value[:1], o.Value[1:3], o.Value[3:11], o.Value[11:]
		return nil
	}
	return gather(s.data, answer, 0)
}

// listOf fills a list of tags and lengths the card has asked for: what is too
// long is cut from the left, what is unknown is zeros.
func (s *chipSession) listOf(list []byte) ([]byte, error) {
	var out []byte
	for len(list) > 0 {
		tag, rest, err := readTag(list)
		if err != nil {
			return nil, err
		}
		if len(rest) == 0 {
			return nil, fmt.Errorf("%w: a list without its last length", errTLV)
		}
		n := int(rest[0])
		list = rest[1:]
		field, value := make([]byte, n), s.data[tag]
		if len(value) > n {
			value = value[len(value)-n:]
		}
		copy(field[n-len(value):], value)
		if out = append(out, field...); len(out) > 250 {
			return nil, fmt.Errorf("%w: the card asks for too much", errTLV)
		}
	}
	return out, nil
}
