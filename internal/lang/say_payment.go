package lang

import "abacus/internal/money"

// PaymentOf is what the sentences about a payment depend on.
type PaymentOf struct {
	State, Reason string       // as everybody outside sees them
	Phase         string       // as the till sees it; empty: not known
	Present       bool         // the till showed an order code
	Amount        money.Amount // of it
	Refunded      money.Amount // of that has gone back, or is on its way
	Forced        bool         // a manager has let its sale go past it
	Over          bool         // its sale is known to be done, or void
}

// Payment says where a payment stands and what to do next. A state that is not
// known is treated as in doubt, never as failed.
func (t *Texts) Payment(p PaymentOf) (say, hint string) {
	say, hint = t.standsAt(p)
	r := t.Say.Reasons[p.Reason]
	switch key := p.passed(); {
	case key == "":
		return say, hint
	case p.open() || !r.Doubtful: // of what has ended nobody is asked any more
		return say, t.join(t.Say.Payments[key].Hint, r.Call)
	default:
		return say, t.Say.Payments[key].Hint
	}
}

// passed picks what to do about a payment that its sale has gone past: one that
// a manager has forced, and one that is not paid where the sale is over. To
// charge again would be wrong there; so would be to forbid it. Empty: it has not.
func (p PaymentOf) passed() string {
	switch {
	case p.open() && p.Forced && p.Over:
		return "forced-over"
	case p.open() && p.Forced:
		return "forced"
	case p.open() || p.State == "paid" || !p.Over:
		return ""
	case p.Reason == "paid-then-back" || p.Reason == "late-success" || p.Reason == "already-paid" && p.State == "reversed":
		return "back-over"
	case p.key() == "watching":
		return "watching-over"
	case p.key() == "reversed":
		return "reversed-over"
	}
	return "over"
}

// standsAt is where a payment stands by itself.
func (t *Texts) standsAt(p PaymentOf) (say, hint string) {
	if p.State == "paid" && p.Refunded.Positive() {
		return t.wentBack(p)
	}
	// What is being undone, or watched, tells more by that than by an exact
	// sentence. Where the record is lost the undoing has been refused.
	settled := p.Phase != "undoing" && p.Phase != "watching" || p.Reason == "record-lost"
	if s, ok := t.Say.Exact[p.State+"/"+p.Reason]; ok && settled {
		return s.Say, s.Hint
	}
	standing, ok := t.Say.Payments[p.key()]
	if !ok {
		standing = t.Say.Payments["checking"]
	}
	return t.compose(standing, p.Reason)
}

// open reports whether the payment's end is not certain.
func (p PaymentOf) open() bool {
	return p.State != "paid" && p.State != "declined" && p.State != "reversed"
}

// key picks the most telling key for a payment.
func (p PaymentOf) key() string {
	switch {
	case p.open() && p.Phase == "undoing" && p.Present:
		return "closing"
	case p.open() && p.Phase == "undoing":
		return "undoing"
	case p.open() && p.Phase == "sending":
		return "sending"
	case p.State == "waiting" && p.Present:
		return "shown"
	case p.State == "reversed" && p.Phase == "watching":
		return "watching"
	case p.State == "reversed" && p.Present:
		return "closed"
	}
	return p.State
}

// wentBack is the sentence of a payment that has been refunded, wholly or in
// part: nobody is to hand over goods for money that the shop does not keep. The
// book counts a refund when it is asked for, so that it may still be under way.
func (t *Texts) wentBack(p PaymentOf) (say, hint string) {
	key := "refunded"
	if p.Refunded.Less(p.Amount) {
		key = "refunded-part"
	}
	s := t.Say.Payments[key]
	return t.fill(s.Say, []any{p.Refunded}), s.Hint
}

// Customer is what to tell the customer about a payment whose end is not known;
// empty where the hint says what the customer is to do, and where it is certain.
func (t *Texts) Customer(p PaymentOf) string {
	if !p.open() {
		return ""
	}
	switch p.Reason {
	case "ambiguous", "terminal-unsure", "record-lost", "channel-off":
		return t.Say.Customer["person"] // nobody but a person finds out
	}
	return t.Say.Customer[p.key()]
}

var customerEnglish = map[string]string{
	"checking": "Tell the customer: what was taken counts or goes back by itself.",
	"undoing":  "Tell the customer: what was taken goes back by itself.",
	"closing":  "Tell the customer: what was paid counts or goes back by itself.",
	"person":   "Tell the customer: the shop finds out whether it was paid.",
}

var customerChinese = map[string]string{
	"checking": "请告诉顾客:正在核实,若已扣款,会计入本单或自动退回。",
	"undoing":  "请告诉顾客:这笔正在撤销,若已扣款,会自动退回。",
	"closing":  "请告诉顾客:订单正在关闭,若已付款,会自动计入或退回。",
	"person":   "请告诉顾客:店里正在查是否已扣款。",
}
