package headless

import (
	"context"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

type paymentOf struct {
	Payment           string              `json:"payment"`
	Sale              string              `json:"sale"`
	Order             string              `json:"order"`
	Channel           string              `json:"channel"`
	Amount            minor               `json:"amount"`
	Currency          money.Currency      `json:"currency"`
	State             ledger.PaymentState `json:"state"`
	Phase             payment.Phase       `json:"phase,omitempty"`
	Reason            string              `json:"reason"`
	Say               string              `json:"say"`
	Hint              string              `json:"hint"`
	AcquirerReference string              `json:"acquirer_reference"`
	Detail            string              `json:"detail,omitempty"`
	Present           bool                `json:"present,omitempty"`
	OrderCode         string              `json:"order_code,omitempty"`
	ShownUntil        time.Time           `json:"shown_until,omitzero"`
	CodeMask          string              `json:"code_mask,omitempty"`
	Tendered          minor               `json:"tendered,omitzero"`
	Change            minor               `json:"change,omitzero"`
	Payer             string              `json:"payer,omitempty"`
	Funding           string              `json:"funding,omitempty"`
	Instalments       int                 `json:"instalments,omitempty"`
	Refunded          minor               `json:"refunded,omitzero"`
	Refunds           []string            `json:"refunds,omitempty"`
	Forced            bool                `json:"forced,omitempty"`
	Operator          string              `json:"operator,omitempty"`
	Shift             string              `json:"shift,omitempty"`
	Day               string              `json:"day,omitempty"`
	StartedAt         time.Time           `json:"started_at,omitzero"`
	EndedAt           time.Time           `json:"ended_at,omitzero"`
	Asked             int                 `json:"asked,omitempty"`
	AskedAt           time.Time           `json:"asked_at,omitzero"`
	NextAsk           time.Time           `json:"next_ask,omitzero"`
	Next              string              `json:"next,omitempty"`     // "queued": it waits for its turn
	Then              string              `json:"next_say,omitempty"` // the same in words
	ReverseAt         time.Time           `json:"reverse_at,omitzero"`
	Resumed           bool                `json:"resumed,omitempty"`
	Prepaid           string              `json:"prepaid,omitempty"`      // the card of this till that paid
	PrepaidLeft       *minor              `json:"prepaid_left,omitempty"` // on it afterwards
	Hold              string              `json:"hold,omitempty"`         // the pre-authorisation it was taken of
	Decide            bool                `json:"decide,omitempty"`       // the terminal cannot tell: payment.decide
	Acquirer          *acquirerOf         `json:"acquirer,omitempty"`     // of payment.query: what it said just now
}

// acquirerOf is what an acquirer said of a payment when it was asked; the
// payment around it is what the book has.
type acquirerOf struct {
	Answered bool           `json:"answered"`
	Nobody   bool           `json:"nobody,omitempty"` // this till itself took it
	Outcome  string         `json:"outcome"`
	Reason   payment.Reason `json:"reason"`
	Detail   string         `json:"detail,omitempty"`
	Differs  bool           `json:"differs,omitempty"` // from the book
	Say      string         `json:"say"`
	Hint     string         `json:"hint"`
}

// asked views a payment beside what its acquirer said.
func (s *session) asked(ctx context.Context, name string, a till.Asked) (any, error) {
	view, err := s.payment(ctx, name, a.Payment)
	p, ok := view.(paymentOf)
	if err != nil || !ok {
		return view, err
	}
	of := lang.AskedOf{Channel: a.Payment.Channel, Outcome: a.Outcome.String(), Reason: string(a.Reason), State: string(a.Payment.State),
		Refunded: a.Payment.Refunded, Nobody: a.Nobody, Heard: a.Heard,
		Never: !a.Payment.State.Final() && p.Asked == 0}
	say, hint := s.texts.Asked(of)
	p.Acquirer = &acquirerOf{Answered: a.Heard, Nobody: a.Nobody, Outcome: a.Outcome.String(), Reason: a.Reason, Detail: a.Detail,
		Differs: of.Differs(), Say: say, Hint: hint}
	return p, nil
}

// attemptView is a payment as the journal has it, with what only the running
// till knows of it: the phase, the order code, when it asks again. While it is
// open both are taken from the attempt, so that they fit each other.
func (s *session) attemptView(now *till.Snapshot, p ledger.Payment, a till.Attempt) paymentOf {
	if !p.State.Final() && a.Payment.ID != "" {
		p = a.Payment
	}
	say, hint := s.texts.Payment(lang.PaymentOf{State: string(p.State), Phase: string(a.Phase), Reason: p.Reason, Present: p.Present,
		Amount: p.Amount, Refunded: p.Refunded, Forced: p.Forced, Over: now.SaleOver(p.Sale)})
	v := paymentOf{
		Payment: p.ID, Sale: p.Sale, Order: p.Order, Channel: p.Channel,
		Amount: minor{p.Amount}, Currency: p.Amount.Currency(), State: p.State, Phase: a.Phase,
		Reason: p.Reason, Say: say, Hint: hint, AcquirerReference: p.AcquirerReference, Detail: p.Detail,
		Present: p.Present, CodeMask: p.CodeMask, Tendered: minor{p.Tendered}, Change: minor{p.Change},
		Payer: p.Payer, Funding: p.Funding, Instalments: p.Instalments,
		Refunded: minor{p.Refunded}, Refunds: p.Refunds, Forced: p.Forced,
		Operator: p.Operator, Shift: p.Shift, Day: p.Day, StartedAt: p.StartedAt, EndedAt: p.EndedAt,
		Asked: a.Asked, AskedAt: a.AskedAt, Resumed: a.Resumed, Prepaid: p.Prepaid, PrepaidLeft: leftOn(p),
		Hold: p.Hold, Decide: a.Decide,
	}
	if !p.State.Final() { // what is over is neither shown nor asked again
		v.OrderCode, v.ShownUntil, v.NextAsk, v.ReverseAt = a.OrderCode, a.ShownUntil, a.NextAsk, a.ReverseAt
		if a.Turn {
			v.Next, v.Then = "queued", s.texts.Next("queued", "")
		}
	}
	return v
}

// payments views payments beside what the till is doing about them now.
func (s *session) payments(ctx context.Context, list []ledger.Payment) (any, error) {
	now, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	return each(list, func(p ledger.Payment) paymentOf {
		a, _ := attempt(now, p.ID)
		return s.attemptView(now, p, a)
	}), nil
}

// doubleOf is one row of the double-charge radar: the payment a refund.create
// would give back, and the one it seems to repeat.
type doubleOf struct {
	Why     string     `json:"why"` // same-payer, same-code, same-sale, late
	Amount  minor      `json:"amount"`
	Payment paymentOf  `json:"payment"`
	Earlier *paymentOf `json:"earlier,omitempty"` // none where a sale given up holds one payment only
}

func (s *session) doubles(ctx context.Context, list []till.Double) (any, error) {
	now, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	return each(list, func(d till.Double) doubleOf {
		v := doubleOf{Why: d.Why, Amount: minor{d.Amount}, Payment: s.attemptView(now, d.Payment, till.Attempt{})}
		if d.Earlier.ID != "" {
			v.Earlier = pointer(s.attemptView(now, d.Earlier, till.Attempt{}))
		}
		return v
	}), nil
}

// payment views one payment. Of an order code that was only just asked for it
// waits for the text to show, or for the end of the asking; the channel's own
// deadline bounds that.
func (s *session) payment(ctx context.Context, name string, p ledger.Payment) (any, error) {
	asked := p.Present && name == "sale.pay"
	ctx, end := context.WithCancel(ctx)
	defer end()
	for now := range s.core.Watch(ctx) {
		a, found := attempt(now, p.ID)
		if !asked || p.State.Final() || found && (a.OrderCode != "" || a.Phase != payment.Sending) {
			return s.attemptView(now, p, a), nil
		}
		result, err := s.core.Do(ctx, till.PaymentGet{Payment: p.ID})
		if err != nil {
			return nil, err
		}
		latest, ok := result.(ledger.Payment)
		if ok {
			p = latest
		}
		if p.State.Final() {
			return s.attemptView(now, p, a), nil
		}
	}
	return nil, s.interrupted(ctx)
}

// attempt finds a payment in a snapshot: the one in front, or one in doubt.
func attempt(now *till.Snapshot, id string) (till.Attempt, bool) {
	if now.Attempt != nil && now.Attempt.Payment.ID == id {
		return *now.Attempt, true
	}
	for _, a := range now.Doubt {
		if a.Payment.ID == id {
			return a, true
		}
	}
	return till.Attempt{}, false
}

type shiftOf struct {
	Shift    string         `json:"shift"`
	Number   int64          `json:"number"`
	Operator string         `json:"operator"`
	Day      string         `json:"day"`
	OpenedAt time.Time      `json:"opened_at,omitzero"`
	ClosedAt time.Time      `json:"closed_at,omitzero"`
	Float    minor          `json:"float"`
	CashIn   minor          `json:"cash_in"`
	CashOut  minor          `json:"cash_out"`
	Counted  minor          `json:"counted,omitzero"`
	Currency money.Currency `json:"currency"`
	From     int64          `json:"from"`
	To       int64          `json:"to,omitempty"`
	Z        int64          `json:"z,omitempty"`
	Report   *reportOf      `json:"report,omitempty"`
}

func shiftView(s ledger.Shift) shiftOf {
	return shiftOf{
		Shift: s.ID, Number: s.Number, Operator: s.Operator, Day: s.Day, OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt,
		Float: minor{s.Float}, CashIn: minor{s.CashIn}, CashOut: minor{s.CashOut}, Counted: minor{s.Counted},
		Currency: s.Float.Currency(), From: s.From, To: s.To, Z: s.Z,
	}
}

type reportOf struct {
	Kind        string           `json:"kind"`
	Number      int64            `json:"number,omitempty"`
	Store       string           `json:"store"`
	Till        string           `json:"till"`
	Currency    money.Currency   `json:"currency"`
	Shift       shiftOf          `json:"shift"`
	At          time.Time        `json:"at"`
	From        int64            `json:"from"`
	To          int64            `json:"to"`
	Sales       int              `json:"sales"`
	Voided      int              `json:"voided"`
	Removed     int              `json:"removed_lines"`
	Gross       minor            `json:"gross"`
	Refunds     minor            `json:"refunds"`
	Net         minor            `json:"net"`
	Discounts   minor            `json:"discounts"`
	Channels    []totalOf        `json:"channels"`
	Operators   []totalOf        `json:"operators"`
	Cash        cashOf           `json:"cash"`
	Doubtful    int              `json:"doubtful"`
	DoubtSum    minor            `json:"doubtful_amount"`
	Drawer      int              `json:"drawer_openings"`
	Copies      int              `json:"copies"`
	Journal     ledger.Head      `json:"journal"`
	GrandTotal  minor            `json:"grand_total"`
	GrandBack   minor            `json:"grand_refunds"`
	Prepaid     *prepaidTotalsOf `json:"prepaid,omitempty"`
	Holds       *heldTotals      `json:"holds,omitempty"`  // pre-authorisations open at this moment
	Between     minor            `json:"between,omitzero"` // came while no shift was open, since the last Z
	BetweenBack minor            `json:"between_refunds,omitzero"`
	Doubles     int              `json:"doubles"` // charges that may have been taken twice: payment.doubles
}

type totalOf struct {
	Name        string `json:"name"`
	Count       int    `json:"count"`
	Amount      minor  `json:"amount"`
	RefundCount int    `json:"refund_count"`
	Refunds     minor  `json:"refunds"`
}

type cashOf struct {
	Float    minor  `json:"float"`
	Sales    minor  `json:"sales"`
	In       minor  `json:"in"`
	Out      minor  `json:"out"`
	Refunds  minor  `json:"refunds"`
	Expected minor  `json:"expected"`
	Counted  *minor `json:"counted,omitempty"` // of a Z
	Variance *minor `json:"variance,omitempty"`
}

func totalView(t ledger.Total) totalOf {
	return totalOf{t.Name, t.Count, minor{t.Amount}, t.RefundCount, minor{t.Refunds}}
}

func reportView(r ledger.Report) *reportOf {
	v := &reportOf{
		Kind: r.Kind, Number: r.Number, Store: r.Store, Till: r.Till, Currency: r.Currency,
		Shift: shiftView(r.Shift), At: r.At, From: r.From, To: r.To,
		Sales: r.Sales, Voided: r.Voided, Removed: r.Removed,
		Gross: minor{r.Gross}, Refunds: minor{r.Refunds}, Net: minor{r.Net}, Discounts: minor{r.Discounts},
		Channels: each(r.Channels, totalView), Operators: each(r.Operators, totalView),
		Cash: cashOf{
			Float: minor{r.Cash.Float}, Sales: minor{r.Cash.Sales}, In: minor{r.Cash.In}, Out: minor{r.Cash.Out},
			Refunds: minor{r.Cash.Refunds}, Expected: minor{r.Cash.Expected},
		},
		Doubtful: r.Doubtful, DoubtSum: minor{r.DoubtSum}, Drawer: r.Drawer, Copies: r.Copies,
		Journal: r.Head, GrandTotal: minor{r.GrandTotal}, GrandBack: minor{r.GrandBack}, Prepaid: prepaidTotals(r), Holds: heldTotalsView(r), Doubles: r.Doubles,
		Between: minor{r.Between}, BetweenBack: minor{r.BetweenBack},
	}
	if r.Kind == "Z" { // an X has not been counted, which is not the same as counted 0
		v.Cash.Counted, v.Cash.Variance = &minor{r.Cash.Counted}, &minor{r.Cash.Variance}
	}
	return v
}
