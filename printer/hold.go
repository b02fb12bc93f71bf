package printer

import (
	"strings"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// HoldSlip is one pre-authorisation as the customer gets it and the shop keeps
// it: with the numbers by which the terminal finds it again.
type HoldSlip struct {
	Heading
	Number      string // of the hold
	Reference   string // the shop's own: a room, a contract
	Channel     string // its word in the journal
	Amount      money.Amount
	State       string // its word in the journal
	Reason      string // why it was given up
	AcquirerRef string
	Trace       string
	Auth        string
	Payer       string // masked by whoever fills this
	Funding     string
	Operator    string
	At          time.Time // in the shop's time zone
	Journal     Journal
}

// Document lays the slip out in a language.
func (h HoldSlip) Document(texts *lang.Paper) Document {
	title, note := texts.HoldTitle, texts.HoldNotPaid
	released := h.State == "released"
	if released {
		title, note = texts.HoldReleased, texts.HoldFreed
	}
	s := &sheet{texts: texts}
	s.open(h.Heading)
	s.centred(title, Style{Double: true, Bold: true})
	s.add(Rule{})
	s.pair(texts.Hold, h.Number)
	s.pair(texts.Reference, h.Reference)
	s.pair(texts.Time, stamp(h.At))
	s.pair(joined(texts.Till, h.Till), joined(texts.Operator, h.Operator))
	s.add(Rule{})
	s.large(texts.HoldAmount, h.Amount)
	s.pair(texts.Payer, h.Payer)
	s.pair(texts.Funding, texts.FundingOf(h.Funding, 0))
	s.pair(texts.Trace, h.Trace)
	s.pair(texts.Auth, h.Auth)
	s.pair(texts.AcquirerRef, h.AcquirerRef)
	if released {
		s.pair(texts.Reason, h.Reason)
	}
	s.add(Rule{})
	s.pair(texts.Journal, h.Journal.short())
	s.centred(note, Style{})
	if !released {
		s.add(Feed{1}, Columns{Left: texts.Signature, Right: strings.Repeat("_", signature)})
	}
	return s.close(h.Heading)
}
