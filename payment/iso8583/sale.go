package iso8583

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// beijing is the hosts' time zone; China has no summer time.
var beijing = time.FixedZone("CST", 8*60*60)

// card is where a payment's card data comes from, one of the two, and the PIN
// that goes with it, if one was keyed.
type card struct {
	swipe *payment.Swipe
	chip  *ChipCard
	pin   payment.PIN
}

func (c card) wipe() {
	c.swipe.Wipe()
	c.pin.Wipe()
	if c.chip != nil {
		c.chip.Wipe()
	}
}

func (c card) mask() string {
	if c.swipe != nil {
		return c.swipe.Mask()
	}
	return payment.MaskCard(string(c.chip.Number))
}

// entry is field 22: how the card was read, and whether a PIN was entered (1)
// or not (2).
func (c card) entry() string {
	pin := "2"
	if len(c.pin) > 0 {
		pin = "1"
	}
	switch {
	case c.swipe != nil:
		return "02" + pin
	case c.chip.Contactless:
		return "07" + pin
	}
	return "05" + pin
}

// number is the card's number, in the card's own memory.
func (c card) number() []byte {
	if c.swipe == nil {
		return c.chip.Number
	}
	number, _, _ := bytes.Cut(c.swipe.Track2, []byte("="))
	return number
}

// mark is how the card was read, as slips say it behind the number.
func (c card) mark() string {
	switch {
	case c.swipe != nil:
		return "S"
	case c.chip.Phone:
		return "P"
	case c.chip.Contactless:
		return "C"
	}
	return "I"
}

// capability is what field 60 says about the terminal after its network code.
func (c card) capability() string {
	if c.chip != nil && c.chip.Contactless {
		return "601"
	}
	return "500"
}

// Charge implements payment.Provider. What ends before the message leaves is
// declined: nothing was sent and nothing will be under this number.
func (c *Client) Charge(ctx context.Context, ch payment.Charge) payment.Answer {
	defer ch.Swipe.Wipe()
	defer ch.PIN.Wipe()
	if !ch.Amount.Positive() || ch.Amount.Currency() != money.CNY || ch.Order == "" || len(ch.Order) > 64 {
		return refused(payment.Configuration, errors.New("iso8583: a sale wants an order number and an amount in CNY"))
	}
	release, err := c.take(ctx)
	if err != nil {
		return refused(payment.NotSent, err)
	}
	defer release()
	if s, known := c.cfg.Record.Slip(ch.Order); known {
		return c.repeated(s, ch.Amount)
	}
	if why := c.cfg.Record.absent(ch.Order); why == payment.RecordLost {
		return payment.Answer{Reason: why} // it may have left before
	}
	if f := c.readyForMore(ctx); f != nil {
		return refused(f.reason, f)
	}
	data, why, err := c.cardFor(ctx, ch.Swipe, ChipPayment{Amount: ch.Amount, At: c.cfg.Now(), PIN: len(ch.PIN) > 0})
	if err != nil {
		return refused(why, err)
	}
	defer data.wipe()
	data.pin = ch.PIN
	s, err := c.cfg.Record.begin(Slip{
		Number: ch.Order, Kind: Sale, Amount: ch.Amount, At: c.cfg.Now(), Mask: data.mask(), Mark: data.mark(), Entry: data.entry(),
		Reserved: "22" + sixDigits(c.cfg.Record.Batch()) + "000" + data.capability(),
	})
	if err != nil {
		return refused(payment.Configuration, err)
	}
	m, err := c.sale(s, data)
	if err != nil {
		return c.settleSlip(s, nil, &failure{payment.Configuration, true, err})
	}
	answer, f := c.exchange(ctx, m, true)
	return c.settleSlip(s, answer, f)
}

// repeated answers a number that is in the record.
func (c *Client) repeated(s Slip, amount money.Amount) payment.Answer {
	if !s.Amount.Equal(amount) {
		return payment.Answer{Reason: payment.NumberUsed}
	}
	return answerOf(s)
}

// cardFor is the swiped card, or the one in the chip reader.
func (c *Client) cardFor(ctx context.Context, swipe *payment.Swipe, p ChipPayment) (card, payment.Reason, error) {
	if swipe != nil {
		if len(swipe.Track2) == 0 || len(swipe.Track2) > 37 {
			return card{}, payment.NoCard, errors.New("iso8583: the stripe holds no track 2")
		}
		return card{swipe: swipe}, "", nil
	}
	if c.cfg.Chip == nil {
		return card{}, payment.NoCard, errors.New("iso8583: no card was swiped and there is no chip reader")
	}
	ctx, cancel := context.WithTimeout(ctx, cardWait)
	defer cancel()
	chip, err := c.cfg.Chip.Read(ctx, p)
	if err != nil {
		return card{}, payment.NoCard, err
	}
	return card{chip: chip}, "", nil
}

// sale is the 0200 of a slip.
func (c *Client) sale(s Slip, data card) (*Message, error) {
	m := NewMessage("0200")
	if len(data.pin) > 0 {
		if c.cfg.MAC == SM4 {
			m = m.wide()
		}
		if err := c.withPIN(m, data.pin, data.number()); err != nil {
			return nil, err
		}
	}
	m.Set(fieldProcessing, "000000").Set(fieldAmount, fen(s.Amount)).Set(fieldTrace, sixDigits(s.Trace)).
		Set(fieldEntry, s.Entry).Set(fieldCondition, "00").Set(fieldCurrency, "156").Set(fieldReserved, s.Reserved).
		Set(fieldText, c.operator(s.Number))
	data.into(m)
	return m, nil
}

// into puts the card into a message. The bytes are the card's own, so that
// wiping it wipes the message too.
func (c card) into(m *Message) {
	if c.swipe != nil {
		if at := bytes.IndexByte(c.swipe.Track2, '='); at >= 0 {
			c.swipe.Track2[at] = 'D'
		}
		m.SetBytes(fieldTrack2, c.swipe.Track2)
		return
	}
	m.SetBytes(fieldPAN, c.chip.Number).SetBytes(fieldExpiry, c.chip.Expiry).Set(fieldSequence, c.chip.Sequence).
		SetBytes(fieldChip, c.chip.Data)
}

// settleSlip brings an answer, or its absence, into the record and then into
// words. "Paid" is only said once it is in the record.
func (c *Client) settleSlip(s Slip, m *Message, f *failure) payment.Answer {
	if f != nil {
		return c.withoutAnswer(s, f)
	}
	code := m.Text(fieldResponse)
	v := judge(code)
	s.Code, s.Reason = code, string(v.reason)
	if v.reason == payment.PINWrong && !strings.HasSuffix(s.Entry, "1") {
		s.Reason = string(payment.PINNeeded)
	}
	if v.signIn {
		c.signedIn = false
	}
	switch {
	case v.outcome == payment.Paid && !agrees(m, s):
		s.Reason, s.Cause = string(payment.WrongAmount), causeOther
	case v.outcome == payment.Paid:
		s.State = Approved
	case v.outcome == payment.Declined:
		s.State = Refused
	default:
		s.Cause = causeOther
	}
	s.Reference, s.Auth, s.Date, s.Time = m.Text(fieldReference), m.Text(fieldAuth), m.Text(fieldDate), m.Text(fieldTime)
	s.Brand = brandOf(m)
	if err := c.cfg.Record.save(s); err != nil {
		return payment.Answer{Reason: payment.NoAnswer, Err: err} // on disk it is pending: it will be reversed
	}
	return answerOf(s)
}

// withoutAnswer: what never left is refused, all else is in doubt.
func (c *Client) withoutAnswer(s Slip, f *failure) payment.Answer {
	s.Reason, s.Cause = string(f.reason), causeOf(f.reason)
	if f.unsent {
		s.State = Refused
	}
	if err := c.cfg.Record.save(s); err != nil {
		return payment.Answer{Reason: payment.NoAnswer, Err: err}
	}
	a := answerOf(s)
	a.Err = f
	return a
}

// agrees holds amount and currency of an approval against what was asked.
func agrees(m *Message, s Slip) bool {
	currency := m.Text(fieldCurrency)
	return m.Text(fieldAmount) == fen(s.Amount) && (currency == "" || currency == "156")
}

// brandOf is the card's scheme, the first three characters of field 63.
func brandOf(m *Message) string {
	if text := m.Bytes(fieldText); len(text) >= 3 {
		return string(bytes.ToValidUTF8(bytes.TrimSpace(text[:3]), []byte("?")))
	}
	return "CUP"
}

// answerOf says what the record knows of a sale.
func answerOf(s Slip) payment.Answer {
	a := payment.Answer{
		Reason: payment.Reason(s.Reason), Reference: s.Reference, Payer: payer(s), Funding: s.Brand, Detail: detail(s),
	}
	switch s.State {
	case Approved:
		a.Outcome, a.Reason, a.PaidAt = payment.Paid, "", paidAt(s)
	case Refused:
		a.Outcome = payment.Declined
	case Reversed:
		a.Outcome, a.Reason = payment.Reversed, ""
		if s.Returned {
			a.Reason = payment.PaidThenBack
		}
	default:
		if a.Reason == "" {
			a.Reason = payment.NoAnswer
		}
	}
	return a
}

// payer is the card as slips show it.
func payer(s Slip) string {
	if s.Mark == "" {
		return s.Mask
	}
	return s.Mask + " " + s.Mark
}

// detail is what support at the acquirer asks for.
func detail(s Slip) string {
	text := fmt.Sprintf(place, s.Batch, s.Trace)
	if s.Code != "" {
		text += " code " + s.Code
	}
	if s.Auth != "" {
		text += " auth " + s.Auth
	}
	return text
}

// paidAt is the host's time; it does not say the year.
func paidAt(s Slip) time.Time {
	at := s.At.In(beijing)
	t, err := time.ParseInLocation("20060102150405", at.Format("2006")+s.Date+s.Time, beijing)
	switch {
	case err != nil:
		return s.At
	case t.Sub(at) > 180*24*time.Hour:
		return t.AddDate(-1, 0, 0)
	case at.Sub(t) > 180*24*time.Hour:
		return t.AddDate(1, 0, 0)
	}
	return t
}

// Query implements payment.Provider. The host cannot be asked: the terminal's
// own record tells, and what it does not tell is to be reversed.
func (c *Client) Query(_ context.Context, o payment.Order) payment.Answer {
	if err := c.cfg.Record.firm(); err != nil {
		return payment.Answer{Reason: payment.NotSent, Err: err}
	}
	s, known := c.cfg.Record.Slip(o.Number)
	switch {
	case !known:
		return payment.Answer{Reason: c.cfg.Record.absent(o.Number)}
	case !s.Amount.Equal(o.Amount):
		return payment.Answer{Reason: payment.WrongAmount}
	}
	return answerOf(s)
}

// Find implements payment.Finder, by the reference number on the slip.
func (c *Client) Find(_ context.Context, reference string) (string, bool, error) {
	s, found := c.cfg.Record.byReference(reference)
	return s.Number, found, nil
}

func refused(why payment.Reason, err error) payment.Answer {
	return payment.Answer{Outcome: payment.Declined, Reason: why, Err: err}
}
