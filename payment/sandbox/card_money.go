package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"abacus/internal/money"
)

// ours is the number the till has put behind the operator in field 63.
func (m cardMessage) ours(batch string) string {
	if text := m.get(63); len(text) > 3 {
		return text[3:]
	}
	return m.get(41) + "-" + batch + "-" + m.get(11)
}

func (m cardMessage) amount() money.Amount {
	n, err := strconv.ParseInt(m.get(4), 10, 64)
	if err != nil {
		return fen(0)
	}
	return fen(n)
}

// sell takes money from a card. The same message again is answered with what
// became of the first; a trace that was reversed before it came stays dead.
func (h *cardHost) sell(m, a cardMessage, late bool) string {
	batch, trace := m.get(60)[2:8], m.get(11)
	if o, r := h.byTrace(batch, trace); o != nil {
		return h.again(m, a, o, r)
	}
	number := m.ours(batch)
	switch _, known := h.orders[orderKey(card, number)]; {
	case slices.Contains(h.state.Dead, trace):
		return "12"
	case known:
		return "94"
	case !m.amount().Positive() || m.get(49) != "156":
		return "13"
	}
	o := h.newOrder(ask{channel: card, number: number, amount: m.amount(), code: trace})
	o.Card = &cardTrace{Batch: batch, Trace: trace, Auth: digits(h.options.Random, "0123456789ABCDEF", 6)}
	o.Reference = a.fields[37]
	w, pan, code := h.cardOf(m)
	o.Card.Payer = maskCard(pan)
	if code == "" {
		code = h.proved(m, w, pan)
	}
	if code == "" {
		if refused := w.ask(o, h.now()); refused.why != accepted {
			code = cardDecline(refused.code)
		}
	}
	approval := "00"
	if slices.Contains(approvals, code) {
		approval, code = code, ""
		o.capture(h.now())
	}
	if code != "" {
		o.refuse(h.now(), refusal{byCustomer, code})
	}
	if failed := h.save(o); failed.why != accepted {
		return "96"
	}
	if code != "" || late {
		return orElse(code, "96") // late: taken, and answered as a fault
	}
	h.approve(a, o)
	return approval
}

// approvals are the codes besides 00 by which money is taken. Source: UnionPay POS
// interface, 应答码.
var approvals = []string{"11", "A2", "A4", "A5", "A6"}

// again answers a message whose trace is known.
func (h *cardHost) again(m, a cardMessage, o *order, r *refund) string {
	same := r == nil && m.operation() == opCharge && m.amount().Equal(o.Amount) && m.ours(o.Card.Batch) == o.Number
	switch {
	case !same:
		return "94"
	case o.State == declined:
		return o.Decline.code
	case o.State == reversed:
		return "12"
	}
	h.approve(a, o)
	return "00"
}

func (h *cardHost) approve(a cardMessage, o *order) {
	a.fields[37], a.fields[38], a.fields[63], a.fields[15] = o.Reference, o.Card.Auth, "CUP", a.fields[13]
	a.fields[44] = fmt.Sprintf("%-11s%-11s", "03080000", "48020000")
}

// cardOf is the customer whose card a message carries. Cards it does not know
// are taken from a chip only: what a chip has signed cannot be checked here.
func (h *cardHost) cardOf(m cardMessage) (behaviour, string, string) {
	pan, service := m.get(2), ""
	if track := m.get(35); track != "" {
		number, after, ok := strings.Cut(track, "D")
		if !ok || len(after) < 7 {
			return behaviour{}, "", "14"
		}
		pan, service = number, after[4:7]
	}
	w := h.wallets[pan]
	switch {
	case strings.HasPrefix(service, "2") || strings.HasPrefix(service, "6"):
		return behaviour{}, pan, "45"
	case w == nil && len(m.get(55)) > 0 && strings.HasPrefix(pan, "62"):
		b, err := Customer{}.parse()
		if err != nil {
			return b, pan, "96"
		}
		return b, pan, ""
	case w == nil || w.channel != card:
		return behaviour{}, pan, "14"
	}
	return w.customer, pan, ""
}

// mostWrongPINs in a row block a card.
const mostWrongPINs = 3

// proved is why a card does not pay with the PIN that came, or without one. A
// block that does not open was sealed with other keys.
func (h *cardHost) proved(m cardMessage, w behaviour, pan string) string {
	block := m.get(52)
	if block == "" && w.pin == "" {
		return ""
	}
	if block == "" {
		return "55"
	}
	keyed, opens := openPIN(h.options.CardMAC, h.state.PIN, block, pan)
	switch {
	case !opens:
		return "99"
	case w.pin == "":
		return ""
	}
	kept := h.wallets[pan]
	switch {
	case kept.wrong >= mostWrongPINs:
		return "75"
	case keyed == w.pin:
		kept.wrong = 0
		return ""
	}
	kept.wrong++
	return "55"
}

func (h *cardHost) balance(m, a cardMessage) string {
	b, _, code := h.cardOf(m)
	if code != "" {
		return code
	}
	a.fields[54] = fmt.Sprintf("1002156C%012d", b.balance.Minor())
	return "00"
}

// undo reverses a sale or a void by its trace; done twice, it is done once. An
// original that is not known is noted, so that it is refused should it come late.
func (h *cardHost) undo(m cardMessage) string {
	original := m.get(61)
	if len(original) < 12 {
		return "30"
	}
	batch, trace := original[:6], original[6:12]
	o, r := h.byTrace(batch, trace)
	switch {
	case m.get(11) != trace || m.get(60)[2:8] != batch:
		return "30" // it repeats what it undoes
	case o != nil && (r == nil && !m.amount().Equal(o.Amount) || r != nil && !m.amount().Equal(r.Amount)):
		return "25" // no such original
	case o == nil:
		t := h.state
		if batch == h.batch() && !slices.Contains(t.Dead, trace) {
			if t.Dead = append(slices.Clone(t.Dead), trace); !h.keep(t) {
				return "96"
			}
		}
		return "25"
	case r != nil:
		return h.undoVoid(o, *r)
	case o.State == reversed || o.State == declined:
		return "00"
	case o.State != paid || len(o.Refunds) > 0 || batch != h.batch():
		return "12"
	}
	o = o.clone()
	o.State, o.Reversed = reversed, o.Captured
	o.note(h.now(), "reversed", o.Reversed, "cause "+m.get(39))
	return h.saved(o)
}

func (h *cardHost) undoVoid(o *order, r refund) string {
	if !r.Card.Void {
		return "12"
	}
	o = o.clone()
	o.Refunds = slices.DeleteFunc(slices.Clone(o.Refunds), func(x refund) bool { return x.Number == r.Number })
	o.State = paid
	o.note(h.now(), "void reversed", r.Amount, r.Number)
	t := h.state
	if t.Dead = append(slices.Clone(t.Dead), r.Card.Trace); !h.keep(t) {
		return "96"
	}
	return h.saved(o)
}

func (h *cardHost) saved(o *order) string {
	if h.save(o).why != accepted {
		return "96"
	}
	return "00"
}

// takeBack voids or refunds. The same message again is the same refund.
func (h *cardHost) takeBack(m, a cardMessage, late bool) string {
	batch, trace, original := m.get(60)[2:8], m.get(11), m.get(61)
	if len(original) < 12 {
		return "30"
	}
	if o, r := h.byTrace(batch, trace); o != nil {
		if r == nil || !r.Amount.Equal(m.amount()) || r.Card.Void != (m.mti == "0200") {
			return "94"
		}
		a.fields[37], a.fields[63] = r.Reference, "CUP"
		return "00"
	}
	o, r := h.byTrace(original[:6], original[6:12])
	if code := h.returnable(m, o, r, batch); code != "" {
		return code
	}
	o = o.clone()
	now := h.now()
	o.Refunds = append(o.Refunds, refund{
		Number: m.ours(batch), Reference: a.fields[37], Amount: m.amount(), At: now, Done: now,
		Card: &cardTrace{Batch: batch, Trace: trace, Void: m.mti == "0200"},
	})
	if o.refundedSum().Equal(o.Captured) {
		o.State = refunded
	}
	o.note(now, "refunded", m.amount(), m.ours(batch))
	a.fields[63] = "CUP"
	if code := h.saved(o); code != "00" || late {
		return "96"
	}
	return "00"
}

// sameDay is by the host's calendar.
func sameDay(a, b time.Time) bool {
	return a.In(beijing).Format(time.DateOnly) == b.In(beijing).Format(time.DateOnly)
}

func (h *cardHost) returnable(m cardMessage, o *order, r *refund, batch string) string {
	switch {
	case slices.Contains(h.state.Dead, m.get(11)):
		return "12"
	case o == nil || r != nil || o.Reference != m.get(37):
		return "25"
	case m.mti == "0200" && (o.Card.Batch != batch || !m.amount().Equal(o.Captured)):
		return "64"
	case m.mti == "0200" && !sameDay(o.PaidAt, h.now()):
		return "12" // a void is of the same day too, however long the batch is open
	case !m.amount().Positive():
		return "13"
	case h.refundable(o, giveBack{channel: card, order: o.Number, number: m.ours(batch), amount: m.amount()}).why != accepted:
		return "64"
	}
	return ""
}
