package sandbox

import (
	"fmt"
	"maps"
	"strings"
)

// settleBatch compares a batch's totals. Equal totals close the batch; the
// same settlement again gets the same answer.
func (h *cardHost) settleBatch(m, a cardMessage) string {
	batch, told := m.get(60)[2:8], m.get(48)
	if before, settled := h.state.Totals[batch]; settled {
		a.fields[48] = before
		return "00"
	}
	if len(told) != 62 || batch != h.batch() {
		return "77"
	}
	mine, uncounted := h.totals(batch)
	if told[:30] != mine || uncounted {
		a.fields[48] = mine + "2" + strings.Repeat("0", 30) + "1"
		return "00"
	}
	a.fields[48] = mine + "1" + strings.Repeat("0", 30) + "1"
	return h.closeBatch(batch, a.fields[48])
}

func (h *cardHost) closeBatch(batch, totals string) string {
	t := h.state
	t.Settled, t.Totals = true, maps.Clone(t.Totals)
	if t.Totals == nil {
		t.Totals = map[string]string{}
	}
	t.Totals[batch] = totals
	if !h.keep(t) {
		return "96"
	}
	return "00"
}

// totals is what the host has in a batch: sum and count of sales, then of
// voids and refunds. A count has three digits; one of more is said as 999, and
// is equal to no other.
func (h *cardHost) totals(batch string) (said string, uncounted bool) {
	debit, credit := fen(0), fen(0)
	debits, credits := 0, 0
	for _, o := range h.orders {
		if o.Card == nil {
			continue
		}
		if o.Card.Batch == batch && o.Captured.Positive() && !o.Reversed.Positive() {
			debit, debits = debit.Add(o.Captured), debits+1
		}
		for _, r := range o.Refunds {
			if r.Card.Batch == batch {
				credit, credits = credit.Add(r.Amount), credits+1
			}
		}
	}
	said = fmt.Sprintf("%012d%03d%012d%03d", debit.Minor(), min(debits, 999), credit.Minor(), min(credits, 999))
	return said, debits > 999 || credits > 999
}

// upload takes a batch's details after totals that differed; its end closes
// the batch with the host's own figures.
func (h *cardHost) upload(m cardMessage) string {
	batch, code := m.get(60)[2:8], m.get(60)[8:11]
	if _, settled := h.state.Totals[batch]; settled {
		return "00"
	}
	switch {
	case batch != h.batch():
		return "77"
	case code == "202":
		mine, _ := h.totals(batch)
		return h.closeBatch(batch, mine+"2"+strings.Repeat("0", 30)+"1")
	}
	return "00"
}

// cardDecline is the response code of a word, or the code itself.
func cardDecline(wanted string) string {
	word := map[string]string{
		"balance": "51", "limit": "61", "risk": "59", "card": "57", "credit": "57", "code": "14", "expired": "54", "payer": "05", "bank": "91", "system": "96",
	}[strings.ToLower(wanted)]
	switch {
	case word != "":
		return word
	case len(wanted) == 2:
		return wanted
	}
	return "05"
}

// newCard makes up a card: UnionPay's 62, sixteen digits, no chip.
func (a *acquirer) newCard() (pan, track string) {
	pan = "622848" + digits(a.options.Random, decimal, 9)
	pan += luhn(pan)
	return pan, ";" + pan + "=9912101" + digits(a.options.Random, decimal, 13) + "?"
}

// luhn is the check digit of a card number. Source: ISO/IEC 7812-1, annex B.
func luhn(number string) string {
	sum := 0
	for i := range number {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return string(rune('0' + (10-sum%10)%10))
}

func maskCard(pan string) string {
	if len(pan) < 13 {
		return ""
	}
	return pan[:6] + strings.Repeat("*", len(pan)-10) + pan[len(pan)-4:]
}
