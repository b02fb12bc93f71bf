package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// bankTerminal is a bank terminal on the counter with the bank behind it. It does
// one thing at a time, numbers what it does, and knows nothing of the till's
// order numbers.
type bankTerminal struct {
	*acquirer
	plan *plan

	busy      chan struct{} // holds one token: the terminal's one screen
	mu        sync.Mutex
	slips     []*slip
	customers []Customer // the next ones at the counter
	pulled    bool       // the cable
}

// slip is one transaction of the terminal; amounts in fen.
type slip struct {
	Trace     int       `json:"trace"`
	Kind      string    `json:"kind"` // sale, code, void, refund, hold, release, complete
	Amount    int64     `json:"amount"`
	Card      string    `json:"card"` // masked
	Issuer    string    `json:"issuer"`
	Channel   string    `json:"channel"`
	Reference string    `json:"reference"`
	Auth      string    `json:"auth"`
	Batch     int       `json:"batch"`
	At        time.Time `json:"at"`
	Of        int       `json:"of,omitempty"`       // trace of the original
	Undone    bool      `json:"undone,omitempty"`   // voided, or a hold used or released
	Refunded  int64     `json:"refunded,omitempty"` // of this sale
	Settled   bool      `json:"settled,omitempty"`
	Unsure    time.Time `json:"unsure,omitzero"` // until then the bank is silent about it; zero: it is known
	Gone      bool      `json:"gone,omitempty"`  // with Unsure: it will turn out never made
}

// never is the kind of a transaction that turned out never made: it keeps its
// trace, and is not listed.
const never = "never"

func newBankTerminal(a *acquirer, p *plan) *bankTerminal {
	t := &bankTerminal{acquirer: a, plan: p, busy: make(chan struct{}, 1)}
	t.busy <- struct{}{}
	return t
}

// cardWait is how long the terminal waits for a card; then it gives up by
// itself. cardTime is what a customer with the card ready takes.
const (
	cardWait = 60 * time.Second
	cardTime = 300 * time.Millisecond
)

// AddCard lets the next customer at the terminal behave so: "password:SECONDS"
// is how long the PIN takes, in real time; "never" presents no card.
func (s *Sandbox) AddCard(c Customer) error {
	if _, err := c.parse(); err != nil {
		return err
	}
	s.pinpad.mu.Lock()
	defer s.pinpad.mu.Unlock()
	s.pinpad.customers = append(s.pinpad.customers, c)
	return nil
}

// CardsWaiting is how many customers the terminal has not come to yet.
func (s *Sandbox) CardsWaiting() int {
	s.pinpad.mu.Lock()
	defer s.pinpad.mu.Unlock()
	return len(s.pinpad.customers)
}

// PullCable takes the terminal's line away, or puts it back.
func (s *Sandbox) PullCable(out bool) {
	s.pinpad.mu.Lock()
	defer s.pinpad.mu.Unlock()
	s.pinpad.pulled = out
}

func (t *bankTerminal) isPulled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pulled
}

func (t *bankTerminal) nextCustomer() behaviour {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.customers) == 0 {
		b, _ := Customer{}.parse()
		return b
	}
	c := t.customers[0]
	t.customers = t.customers[1:]
	b, _ := c.parse()
	return b
}

// operations of the terminal's types, as faults name them.
var terminalOperations = map[string]string{
	"00": opCharge, "60": opCharge, "21": opCharge, "23": opCharge, "01": opReverse, "22": opReverse, "24": opReverse,
	"02": opRefund, "03": opQuery, "04": opQuery, "06": opClose,
}

// act does what is asked. red is closed when somebody asks the terminal to stop
// waiting for the customer.
func (t *bankTerminal) act(ctx context.Context, w wish, red <-chan struct{}) reply {
	r := reply{code: "00", check: w.check, text: "交易成功", amount: w.amount}
	t.mu.Lock()
	t.findOut(w.kind != "04" && w.kind != "05")
	t.mu.Unlock()
	switch w.kind {
	case "00", "21", "60":
		t.take(ctx, w, &r, red)
	case "01", "22", "24":
		t.undo(w, &r)
	case "02":
		t.giveBack(w, &r)
	case "23":
		t.complete(w, &r)
	case "03":
		r.amount, r.card, r.issuer = t.nextCustomer().balance.Minor(), t.card(), "0308"
	case "04":
		t.tell(w, &r)
	case "05":
	case "06":
		t.settleBatch(&r)
	default:
		r.code, r.text = "12", "无效交易"
	}
	now := t.Clock().In(beijing)
	if r.date == "" {
		r.date, r.time = now.Format("0102"), now.Format("150405")
	}
	if r.batch == "" {
		r.batch = fmt.Sprintf("%06d", t.batch())
	}
	if t.options.NoBatch {
		r.batch = "000000"
	}
	return r
}

// take asks the customer at the counter for the money.
func (t *bankTerminal) take(ctx context.Context, w wish, r *reply, red <-chan struct{}) {
	if w.amount == 0 {
		r.code, r.text = "13", "金额无效"
		return
	}
	b, channel := t.nextCustomer(), "card"
	if w.kind == "60" {
		var refused refusal
		switch b, channel, refused = t.phone(w.extra); refused.why {
		case accepted:
		case codeExpired:
			r.code, r.text = "B2", "付款码已过期"
			return
		default:
			r.code, r.text = "B1", "付款码无效"
			return
		}
	}
	wait := cardTime
	switch {
	case b.password:
		wait = b.after
	case !b.pays && b.decline == "":
		wait = cardWait
	}
	select {
	case <-time.After(wait):
	case <-red:
		r.code, r.text = "C1", "交易取消"
		return
	case <-ctx.Done():
		r.code, r.text = "C1", "交易取消"
		return
	}
	switch {
	case b.decline != "":
		r.code, r.text = terminalDecline(b.decline), "交易拒绝"
	case !b.pays:
		r.code, r.text = "C2", "操作超时"
	case b.balance.Minor() < w.amount:
		r.code, r.text = "51", "余额不足"
	default:
		kind := map[string]string{"00": "sale", "21": "hold", "60": "code"}[w.kind]
		s := &slip{Kind: kind, Amount: w.amount, Card: t.card(), Issuer: "0308", Channel: channel}
		if b.unsure > 0 {
			s.Unsure, s.Gone = t.Clock().Add(b.unsure), b.gone
		}
		if t.book(s, r); b.unsure > 0 && r.code == "00" {
			r.code, r.text = silentCode, "银行无应答"
		}
	}
}

// silentCode: the bank has not answered in time.
const silentCode = "98"

// findOut ends what the bank was silent about: in time, or because the next
// transaction goes to the bank, before which the terminal takes it back.
func (t *bankTerminal) findOut(next bool) {
	for _, s := range t.slips {
		if s.Unsure.IsZero() || !next && t.Clock().Before(s.Unsure) {
			continue
		}
		t.changeLocked(s, func(s *slip) {
			if s.Unsure = (time.Time{}); next || s.Gone {
				s.Kind, s.Gone = never, false
			}
		})
	}
}

// phone is the wallet behind a pay code, which is used up.
func (t *bankTerminal) phone(code string) (behaviour, string, refusal) {
	t.acquirer.mu.Lock()
	defer t.acquirer.mu.Unlock()
	w := t.wallets[code]
	if w == nil {
		return behaviour{}, "", refusal{why: codeInvalid}
	}
	if _, refused := t.walletOf(w.channel, code); refused.why != accepted {
		return behaviour{}, "", refused
	}
	w.used = true
	return w.customer, w.channel, refusal{}
}

func terminalDecline(word string) string {
	codes := map[string]string{
		"balance": "51", "limit": "61", "risk": "59", "card": "57", "credit": "57", "expired": "54", "code": "B1", "payer": "05", "bank": "96", "system": "96",
	}
	if code, ok := codes[strings.ToLower(word)]; ok {
		return code
	}
	return (strings.ToUpper(word) + "  ")[:2]
}

func (t *bankTerminal) card() string { return "622202******" + digits(t.options.Random, decimal, 4) }

// lastTrace is followed by 1.
const lastTrace = 999_999

// book gives a slip its numbers, keeps it and puts it into the reply.
func (t *bankTerminal) book(s *slip, r *reply) {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.options.LastTrace
	if n := len(t.slips); n > 0 {
		last = t.slips[n-1].Trace
	}
	s.Trace, s.Batch, s.At = last%lastTrace+1, t.openBatch(), t.Clock()
	if s.Reference == "" {
		s.Reference = digits(t.options.Random, decimal, 12)
	}
	s.Auth = fmt.Sprintf("%06d", s.Trace*7%1_000_000)
	if t.keep(s) != nil {
		r.code, r.text = "96", "系统异常"
		return
	}
	t.slips = append(t.slips, s)
	s.into(r)
}

func (s *slip) into(r *reply) {
	at := s.At.In(beijing)
	r.issuer, r.card, r.trace, r.amount, r.reference, r.auth = s.Issuer, s.Card, s.Trace, s.Amount, s.Reference, s.Auth
	r.batch, r.date, r.time = fmt.Sprintf("%06d", s.Batch), at.Format("0102"), at.Format("150405")
}

// keep makes a slip durable.
func (t *bankTerminal) keep(s *slip) error {
	t.acquirer.mu.Lock()
	defer t.acquirer.mu.Unlock()
	return t.log.append(record{Slip: s})
}

// change keeps a slip that has changed.
func (t *bankTerminal) change(s *slip, change func(*slip)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changeLocked(s, change)
}

func (t *bankTerminal) changeLocked(s *slip, change func(*slip)) {
	changed := *s
	change(&changed)
	if t.keep(&changed) == nil {
		*s = changed
	}
}

func (t *bankTerminal) batch() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.openBatch()
}

func (t *bankTerminal) openBatch() int {
	batch := 1
	for _, s := range t.slips {
		if s.Settled {
			batch = max(batch, s.Batch+1)
		}
	}
	return batch
}

func (t *bankTerminal) find(fits func(*slip) bool) *slip {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.IndexFunc(t.slips, fits); i >= 0 {
		return t.slips[i]
	}
	return nil
}

// on reports whether a slip is of a day, yyyymmdd. Refunds only are held against it:
// a hold is named by its authorisation.
func (s *slip) on(day string) bool { return s.At.In(beijing).Format("20060102") == day }

// undo voids a sale, releases a hold or undoes its completion, within the batch.
func (t *bankTerminal) undo(w wish, r *reply) {
	kinds := map[string][]string{"01": {"sale", "code"}, "22": {"hold"}, "24": {"complete"}}[w.kind]
	s := t.find(func(s *slip) bool {
		return s.Trace == w.trace && slices.Contains(kinds, s.Kind) &&
			(!s.Settled || s.Kind == "hold") && // a hold outlives its batch
			(w.kind == "01" || s.Auth == w.extra)
	})
	switch {
	case s == nil:
		r.code, r.text = noOriginalCode, "无原交易"
	case s.Undone:
		r.code, r.text = noOriginalCode, "已撤销"
	case s.Refunded > 0:
		r.code, r.text = "61", "已退货"
	default:
		t.change(s, func(s *slip) { s.Undone = true })
		if w.kind == "24" {
			if hold := t.find(func(h *slip) bool { return h.Trace == s.Of }); hold != nil {
				t.change(hold, func(h *slip) { h.Undone = false })
			}
		}
		kind := map[string]string{"01": "void", "22": "release", "24": "void"}[w.kind]
		t.book(&slip{Kind: kind, Amount: s.Amount, Card: s.Card, Issuer: s.Issuer, Channel: s.Channel, Reference: s.Reference, Of: s.Trace}, r)
	}
}

const noOriginalCode = "25"

func (t *bankTerminal) giveBack(w wish, r *reply) {
	s := t.find(func(s *slip) bool {
		return s.Reference == w.reference && s.on(w.date) && (s.Kind == "sale" || s.Kind == "code" || s.Kind == "complete")
	})
	switch {
	case s == nil || s.Undone:
		r.code, r.text = noOriginalCode, "无原交易"
	case w.amount == 0 || s.Refunded+w.amount > s.Amount:
		r.code, r.text = "61", "超出可退金额"
	default:
		t.change(s, func(s *slip) { s.Refunded += w.amount })
		t.book(&slip{Kind: "refund", Amount: w.amount, Card: s.Card, Issuer: s.Issuer, Channel: s.Channel, Of: s.Trace}, r)
	}
}

// complete takes of a hold what was used.
func (t *bankTerminal) complete(w wish, r *reply) {
	s := t.find(func(s *slip) bool { return s.Trace == w.trace && s.Kind == "hold" && s.Auth == w.extra })
	switch {
	case s == nil || s.Undone:
		r.code, r.text = noOriginalCode, "无原交易"
	case w.amount == 0 || w.amount > s.Amount:
		r.code, r.text = "61", "超出预授权金额"
	default:
		t.change(s, func(s *slip) { s.Undone = true })
		t.book(&slip{Kind: "complete", Amount: w.amount, Card: s.Card, Issuer: s.Issuer, Channel: s.Channel, Of: s.Trace}, r)
	}
}

// tell is the last transaction, or one by its trace, of the open batch.
func (t *bankTerminal) tell(w wish, r *reply) {
	var s *slip
	if w.trace > 0 {
		s = t.find(func(s *slip) bool { return s.Trace == w.trace && !s.Settled && s.Kind != never })
	} else {
		t.mu.Lock()
		for _, last := range slices.Backward(t.slips) {
			if last.Kind != never {
				s = last
				break
			}
		}
		t.mu.Unlock()
	}
	if s != nil && s.Settled {
		s = nil
	}
	if s == nil {
		r.code, r.text = noOriginalCode, "无交易"
		return
	}
	r.text = "重打印"
	s.into(r)
	if !s.Unsure.IsZero() {
		r.code, r.text = silentCode, "银行无应答"
	}
}

// settleBatch closes the batch: the net sum, and the count in place of a trace.
func (t *bankTerminal) settleBatch(r *reply) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.batch, r.amount, r.text = fmt.Sprintf("%06d", t.openBatch()), 0, "结算成功"
	for _, s := range t.slips {
		if s.Settled {
			continue
		}
		switch {
		case s.Kind == "refund":
			r.amount, r.trace = r.amount-s.Amount, r.trace+1
		case (s.Kind == "sale" || s.Kind == "code" || s.Kind == "complete") && !s.Undone:
			r.amount, r.trace = r.amount+s.Amount, r.trace+1
		}
		t.changeLocked(s, func(s *slip) { s.Settled = true })
	}
	r.amount = max(r.amount, 0) // the record has no sign
}

// restoreSlip takes what the journal kept; the last line of a trace holds.
func (t *bankTerminal) restoreSlip(s *slip) {
	for i, old := range t.slips {
		if old.Trace == s.Trace {
			t.slips[i] = s
			return
		}
	}
	t.slips = append(t.slips, s)
}

// slipRecords is every slip, for a journal without history.
func (t *bankTerminal) slipRecords() []record {
	var all []record
	for _, s := range t.slips {
		all = append(all, record{Slip: s})
	}
	return all
}

// entries are the terminal's sales and holds as the books show them. Nothing of
// a hold is the merchant's.
func (t *bankTerminal) entries() []Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.findOut(false)
	var out []Entry
	for _, s := range t.slips {
		if !s.Unsure.IsZero() {
			continue
		}
		e := Entry{
			Channel: s.Channel, Order: fmt.Sprintf("trace %06d", s.Trace), Reference: s.Reference, Currency: "CNY",
			Amount: s.Amount, State: string(paid), Captured: s.Amount, Refunded: s.Refunded, Attempts: 1,
			History: []Event{{At: s.At, What: "paid", Amount: s.Amount, Note: s.Card}},
		}
		switch s.Kind {
		case "sale", "code", "complete":
		case "hold":
			e.State, e.Captured = t.holdState(s), 0
			e.History[0].What, e.History[0].Note = "held", s.Card+" "+s.Auth
			out = append(out, e)
			continue
		default:
			continue
		}
		switch {
		case s.Undone:
			e.State, e.Reversed = string(reversed), s.Amount
		case s.Refunded == s.Amount:
			e.State = string(refunded)
		}
		out = append(out, e)
	}
	return out
}

// holdState is where a hold stands: held, completed or released.
func (t *bankTerminal) holdState(hold *slip) string {
	if !hold.Undone {
		return "held"
	}
	if slices.ContainsFunc(t.slips, func(s *slip) bool { return s.Kind == "release" && s.Of == hold.Trace }) {
		return "released"
	}
	return "completed"
}
