package printer

// Status is what a printer says of itself. The zero Status is a printer that
// is ready.
type Status struct {
	Lost      bool // cannot be reached, or gives no answer
	CoverOpen bool
	PaperOut  bool
	Fault     bool // knife, head or power: mostly cured by switching it off and on
	Offline   bool // off line for a reason it does not tell
	PaperLow  bool // it prints, but the roll is near its end
	Unproven  bool // it prints, but does not answer when that is done
}

// Condition is the one thing about a Status that a person should see to first.
type Condition string

// The conditions, worst first.
const (
	ConditionLost      Condition = "no-answer"
	ConditionCoverOpen Condition = "cover-open"
	ConditionPaperOut  Condition = "paper-out"
	ConditionFault     Condition = "fault"
	ConditionOffline   Condition = "offline"
	ConditionPaperLow  Condition = "paper-low"
	ConditionUnproven  Condition = "unproven"
	ConditionReady     Condition = ""
)

// Condition is the worst of what the status says.
func (s Status) Condition() Condition {
	for _, c := range []struct {
		holds bool
		name  Condition
	}{
		{s.Lost, ConditionLost},
		{s.CoverOpen, ConditionCoverOpen},
		{s.PaperOut, ConditionPaperOut},
		{s.Fault, ConditionFault},
		{s.Offline, ConditionOffline},
		{s.PaperLow, ConditionPaperLow},
		{s.Unproven, ConditionUnproven},
	} {
		if c.holds {
			return c.name
		}
	}
	return ConditionReady
}

// Ready reports whether the printer prints what it gets now.
func (s Status) Ready() bool {
	c := s.Condition()
	return c == ConditionReady || c == ConditionPaperLow || c == ConditionUnproven
}

// The requests, from Epson's ESC/POS reference. DLE EOT is obeyed at once, even
// by a printer that has stopped; GS r only when all before it has been worked
// off; GS a lets the printer speak by itself whenever something changes.
const (
	askNow       = "\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
	askInOrder   = "\x1dr\x01"
	speakUp      = "\x1da\x0f"
	speakNoMore  = "\x1da\x00"
	answersToAsk = 4
)

// replyKind is what a byte from the printer belongs to.
type replyKind uint8

const (
	realTime  replyKind = iota // to DLE EOT, one byte
	inOrder                    // to GS r, one byte
	automatic                  // by itself, four bytes
)

// reply is one answer of the printer.
type reply struct {
	kind replyKind
	data [4]byte
}

// replies takes a printer's bytes apart. Answers may come at any time and
// between each other; the fixed bits say what each byte is ("Transmission
// status identification" in Epson's reference). Bytes that are no answer, such
// as XON and XOFF, are passed over.
type replies struct {
	pending [4]byte // an automatic status, as far as it has come
	filled  int
}

func (r *replies) read(data []byte, yield func(reply)) {
	for _, b := range data {
		switch {
		case b&0x93 == 0x12:
			yield(reply{realTime, [4]byte{b}})
		case b&0x93 == 0x10:
			r.pending, r.filled = [4]byte{b}, 1
		case b&0x90 != 0: // XON, XOFF, noise
		case r.filled > 0:
			r.pending[r.filled] = b
			if r.filled++; r.filled == len(r.pending) {
				r.filled = 0
				yield(reply{automatic, r.pending})
			}
		default:
			yield(reply{inOrder, [4]byte{b}})
		}
	}
}

// paperGone reports whether an answer to GS r 1 says that the paper has ended.
func (r reply) paperGone() bool { return r.data[0]&0x0c != 0 }

// answered is the status with the answer to DLE EOT n taken in.
func (s Status) answered(n int, b byte) Status {
	switch n {
	case 1:
		s.Offline = b&0x08 != 0
	case 2:
		s.CoverOpen, s.PaperOut, s.Fault = b&0x04 != 0, b&0x20 != 0, b&0x40 != 0
	case 3:
		s.Fault = s.Fault || b&0x68 != 0
	case 4:
		s.PaperLow, s.PaperOut = b&0x0c != 0, s.PaperOut || b&0x60 != 0
	}
	return s
}

// automaticStatus reads the four bytes of an automatic status.
func automaticStatus(b [4]byte) Status {
	return Status{
		Offline: b[0]&0x08 != 0, CoverOpen: b[0]&0x20 != 0,
		Fault:    b[1]&0x68 != 0,
		PaperLow: b[2]&0x03 != 0, PaperOut: b[2]&0x0c != 0,
	}
}
