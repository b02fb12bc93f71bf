package iso8583

import (
	"context"
	"fmt"
	"strings"

	"abacus/internal/money"
	"abacus/payment"
)

// Codes of field 60.3 of a settlement and its upload, and the host's verdict
// at digit 31 of field 48.
const (
	settleCode     = "201"
	uploadEnd      = "202" // after totals that differed
	totalsEqual    = '1'
	totalsUnequal  = '2'
	detailsAtOnce  = 8
	domesticDigits = 31
	// mostCounted is what a count of a settlement's three digits can say.
	mostCounted = 999
)

// totals are a batch's sums. Debits are sales, credits are what went back.
type totals struct {
	debit, credit   money.Amount
	debits, credits int
}

// Settle implements payment.Settler. A batch is closed only by the host's
// answer; cut off before that, after a restart too, the same batch is settled
// again. What came of it is given again until it is acknowledged.
func (c *Client) Settle(ctx context.Context) payment.Settlement {
	release, err := c.take(ctx)
	if err != nil {
		return payment.Settlement{Reason: payment.NotSent, Err: err}
	}
	defer release()
	return c.settle(ctx)
}

// makeRoom settles a batch that can count no more before anything is added to
// it, as terminals do by themselves. It is tried once: where it does not come to
// its end it stays wanted, and cards go on being taken.
func (c *Client) makeRoom(ctx context.Context) error {
	if _, under := c.cfg.Record.unsettled(); under || !c.cfg.Record.full(c.most) {
		return nil
	}
	if _, err := c.Want(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.HostTimeout) // the transaction needs its own time
	defer cancel()
	c.settle(ctx)
	return nil
}

// settle is Settle with the line taken.
func (c *Client) settle(ctx context.Context) payment.Settlement {
	closing, under := c.cfg.Record.unsettled()
	if under && closing.Done {
		out, _ := c.settlementOf(closing)
		return out
	}
	if f := c.ready(ctx, ""); f != nil {
		return payment.Settlement{Reason: f.reason, Err: f}
	}
	if !under {
		closing = Closing{Batch: c.cfg.Record.Batch(), At: c.cfg.Now()}
	}
	out, slips := c.settlementOf(closing)
	if waiting := c.cfg.Record.where(func(s Slip) bool { return s.Batch == closing.Batch && s.State == Pending }); len(waiting) > 0 {
		return unsettledFor(out, fails(payment.NoAnswer, fmt.Errorf("iso8583: %d refunds of the batch are still in doubt", len(waiting))))
	}
	if !under {
		if err := c.cfg.Record.saveClosing(closing); err != nil {
			return unsettledFor(out, fails(payment.Configuration, err))
		}
	}
	if f := c.close(ctx, &closing, slips); f != nil {
		return unsettledFor(out, f)
	}
	c.signOff(ctx)
	out.Done, out.Agrees, out.Uploaded = true, closing.Agrees, closing.Uploaded
	return out
}

// close brings a batch to its end at the host, and notes each step.
func (c *Client) close(ctx context.Context, closing *Closing, slips []Slip) *failure {
	if !closing.Compared {
		equal, f := c.compare(ctx, closing.Batch, sumsOf(slips))
		switch {
		case f != nil && f.reason == payment.SystemBusy && c.cfg.Record.Batch() != closing.Batch:
			// The host is at a later batch: this one is closed, and whether the two
			// agreed can no longer be asked.
			closing.Compared, closing.Done = true, true
		case f != nil:
			return f
		default:
			closing.Compared, closing.Agrees, closing.Done = true, equal, equal
		}
		if err := c.cfg.Record.saveClosing(*closing); err != nil {
			return fails(payment.Configuration, err)
		}
	}
	if closing.Done {
		return nil
	}
	sent, f := c.upload(ctx, closing.Batch, slips)
	if f != nil {
		return f
	}
	closing.Uploaded, closing.Done = sent, true
	if err := c.cfg.Record.saveClosing(*closing); err != nil {
		return fails(payment.Configuration, err)
	}
	return nil
}

// settlementOf is a settlement as far as the record knows it, and what it counts.
func (c *Client) settlementOf(closing Closing) (payment.Settlement, []Slip) {
	slips := c.cfg.Record.where(func(s Slip) bool { return s.Batch == closing.Batch && s.State == Approved })
	sums := sumsOf(slips)
	out := payment.Settlement{
		Done: closing.Done, Agrees: closing.Agrees, Uploaded: closing.Uploaded, Batch: sixDigits(closing.Batch), Began: closing.At,
		Sales: sums.debit, SaleCount: sums.debits, Returns: sums.credit, ReturnCount: sums.credits,
	}
	for _, s := range slips {
		out.Items = append(out.Items, payment.Settled{Number: s.Number, Return: s.Kind != Sale, Amount: s.Amount, At: s.At})
	}
	return out, slips
}

func unsettledFor(out payment.Settlement, f *failure) payment.Settlement {
	out.Reason, out.Err = f.reason, f
	return out
}

// Want implements payment.BatchKeeper.
func (c *Client) Want() (bool, error) {
	r := c.cfg.Record
	if _, under := r.unsettled(); under {
		return true, nil
	}
	batch := r.Batch()
	if r.settled(batch) || len(r.where(func(s Slip) bool {
		return s.Batch == batch && (s.State == Approved || s.State == Pending || s.State == Undoing)
	})) == 0 {
		return false, nil
	}
	return true, r.saveClosing(Closing{Batch: batch, At: c.cfg.Now()})
}

// Owes implements payment.BatchKeeper.
func (c *Client) Owes() bool {
	_, under := c.cfg.Record.unsettled()
	return under
}

// Counted implements payment.BatchKeeper.
func (c *Client) Counted(number string) (batch string, counted bool) {
	s, known := c.cfg.Record.Slip(number)
	return sixDigits(s.Batch), known && s.State == Approved
}

// Told implements payment.BatchKeeper. What the batch needed is of no more use
// then.
func (c *Client) Told(batch string) error {
	closing, under := c.cfg.Record.unsettled()
	if !under || !closing.Done || sixDigits(closing.Batch) != batch {
		return nil
	}
	closing.Told = true
	if err := c.cfg.Record.saveClosing(closing); err != nil {
		return err
	}
	return c.cfg.Record.Compact(c.cfg.Now())
}

func sumsOf(slips []Slip) totals {
	t := totals{debit: money.Fen(0), credit: money.Fen(0)}
	for _, s := range slips {
		if s.Kind == Sale {
			t.debit, t.debits = t.debit.Add(s.Amount), t.debits+1
		} else {
			t.credit, t.credits = t.credit.Add(s.Amount), t.credits+1
		}
	}
	return t
}

// compare sends the sums and reads whether the host has the same. Cards from
// abroad have sums of their own, which this terminal leaves at nothing. Of a batch
// longer than its counts can say they say the most they can.
func (c *Client) compare(ctx context.Context, batch int, t totals) (equal bool, f *failure) {
	sums := fmt.Sprintf("%s%03d%s%03d0", fen(t.debit), min(t.debits, mostCounted), fen(t.credit), min(t.credits, mostCounted))
	a, f := c.manage(ctx, "0500", settleCode, batch, sums+strings.Repeat("0", domesticDigits))
	if f != nil {
		return false, f
	}
	answer := a.Text(fieldTotals)
	if len(answer) < domesticDigits {
		return false, fails(payment.BadAnswer, fmt.Errorf("iso8583: the settlement's answer has %d digits of totals", len(answer)))
	}
	switch answer[domesticDigits-1] {
	case totalsEqual:
		return true, nil
	case totalsUnequal:
		return false, nil
	}
	return false, fails(payment.BadAnswer, fmt.Errorf("iso8583: the settlement's answer says %q", answer[domesticDigits-1]))
}

// upload sends every transaction of the batch, then its end. Sent twice, it
// changes nothing at the host.
func (c *Client) upload(ctx context.Context, batch int, slips []Slip) (sent int, f *failure) {
	for start := 0; start < len(slips); start += detailsAtOnce {
		part := slips[start:min(start+detailsAtOnce, len(slips))]
		details := fmt.Sprintf("%02d", len(part))
		for _, s := range part {
			details += detailOf(s)
		}
		if _, f := c.manage(ctx, "0320", settleCode, batch, details); f != nil {
			return sent, f
		}
		sent += len(part)
	}
	_, f = c.manage(ctx, "0320", uploadEnd, batch, fmt.Sprintf("%04d", sent))
	return sent, f
}

// detailOf is one item of the upload: card class, trace, card number, amount.
// Of the number only the digits that were kept are sent, the others as zeros.
func detailOf(s Slip) string {
	number := strings.ReplaceAll(strings.Trim(s.Mask, "…"), "*", "0")
	return "00" + sixDigits(s.Trace) + strings.Repeat("0", 20-min(len(number), 20)) + number + fen(s.Amount)
}

// manage sends one message of the settlement and wants 00.
func (c *Client) manage(ctx context.Context, mti, code string, batch int, body string) (*Message, *failure) {
	trace, err := c.cfg.Record.nextTrace()
	if err != nil {
		return nil, &failure{payment.Configuration, true, err}
	}
	m := NewMessage(mti).Set(fieldTrace, sixDigits(trace)).Set(fieldTotals, body).Set(fieldReserved, managing(batch, code))
	if mti == "0500" {
		m.Set(fieldCurrency, "156").Set(fieldText, c.operator(""))
	}
	a, f := c.exchange(ctx, m, false)
	if f != nil {
		return nil, f
	}
	if got := a.Text(fieldResponse); got != "" && got != "00" {
		c.signedIn = c.signedIn && !judge(got).signIn
		return nil, fails(payment.SystemBusy, fmt.Errorf("iso8583: the host answers %s with code %s", mti, got))
	}
	return a, nil
}
