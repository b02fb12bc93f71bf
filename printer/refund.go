package printer

import (
	"strings"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// RefundSlip is one refund as the customer gets it and the shop keeps it.
type RefundSlip struct {
	Heading
	Number      string // of the refund
	Sale        string
	Order       string // our number of the payment at the acquirer
	Channel     string // its word in the journal
	Amount      money.Amount
	Reason      string
	State       string // its word in the journal; any other is in doubt
	AcquirerRef string
	Operator    string
	Approver    string
	At          time.Time // in the shop's time zone
	Journal     Journal
}

// signature is the room for a name, in columns.
const signature = 18

// Document lays the slip out in a language.
func (r RefundSlip) Document(texts *lang.Paper) Document {
	s := &sheet{texts: texts}
	s.open(r.Heading)
	s.centred(texts.RefundTitle, Style{Double: true, Bold: true})
	s.add(Rule{})
	s.pair(texts.RefundNumber, r.Number)
	s.pair(texts.OriginalNumber, r.Sale)
	s.pair(texts.OriginalOrder, r.Order)
	s.pair(texts.Time, stamp(r.At))
	s.pair(joined(texts.Till, r.Till), joined(texts.Operator, r.Operator))
	s.pair(texts.Approver, r.Approver)
	s.add(Rule{})
	s.large(texts.RefundAmount, r.Amount)
	s.pair(texts.RefundTo, texts.Channel(r.Channel))
	s.pair(texts.Reason, r.Reason)
	s.pair(texts.State, texts.RefundState(r.State))
	s.pair(texts.AcquirerRef, r.AcquirerRef)
	s.add(Rule{})
	s.pair(texts.Journal, r.Journal.short())
	s.add(Feed{1}, Columns{Left: texts.Signature, Right: strings.Repeat("_", signature)})
	return s.close(r.Heading)
}
