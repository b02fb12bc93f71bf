package pinpad

import (
	"context"
	"errors"
	"fmt"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// Ready implements payment.Preparer: it asks for the last transaction, from
// which on a charge would be looked for.
func (p *Provider) Ready(ctx context.Context) payment.Answer {
	var a payment.Answer
	err := p.quickly(ctx, func(ctx context.Context) error {
		r, ok, err := p.last(ctx)
		if err != nil {
			return err
		}
		m := mark{state: open, batch: batchOf(r)}
		if ok {
			m.since = r.Trace
		}
		a = payment.Answer{Outcome: payment.Waiting, Reason: payment.PresentCard, Mark: m.String()}
		return nil
	})
	if err != nil {
		a = unknown(err)
		a.Reason = payment.TerminalAway // whatever it is, no charge has left
	}
	return a
}

// Charge implements payment.Provider. It returns when the customer is done.
func (p *Provider) Charge(ctx context.Context, c payment.Charge) payment.Answer {
	m, ok := readMark(c.Mark)
	q, fits := p.chargeOf(c)
	switch {
	case !ok || m.state != open:
		return payment.Answer{Outcome: payment.Declined, Reason: payment.NotSent, Detail: "the terminal was not asked first"}
	case !fits:
		m.state = none // or another's charge could later be found behind the mark
		return payment.Answer{Outcome: payment.Declined, Reason: payment.NotSent, Detail: "the terminal takes no such charge", Mark: m.String()}
	}
	if err := p.line.take(ctx); err != nil {
		return declinedUnsent(m, err)
	}
	defer p.line.give()
	r, err := p.ask(ctx, c.Cashier, q)
	switch {
	case errors.Is(err, errNotSent):
		return declinedUnsent(m, err)
	case err != nil:
		return unknown(err)
	case r.Code != approved:
		return p.refused(m, r)
	}
	return p.taken(m, r, c.Amount)
}

// declinedUnsent: not a byte has left.
func declinedUnsent(m mark, err error) payment.Answer {
	m.state = none
	return payment.Answer{Outcome: payment.Declined, Reason: payment.TerminalAway, Detail: err.Error(), Err: err, Mark: m.String()}
}

func (p *Provider) refused(m mark, r Record) payment.Answer {
	v := verdictOf(r.Code)
	a := payment.Answer{Reason: v.reason, Detail: words(r)}
	if v.certain {
		m.state = none
		a.Outcome, a.Mark = payment.Declined, m.String()
	}
	return a
}

// taken is an approval, if it is one of this charge.
func (p *Provider) taken(m mark, r Record, amount money.Amount) payment.Answer {
	n, forward := ahead(m.since, r.Trace)
	first := m.since == 0 // of its batch: any trace may be its
	switch {
	case !r.Amount.Equal(amount):
		a := payment.Answer{Reason: payment.WrongAmount, Detail: words(r)}
		if m.state == open && r.Trace != 0 {
			m.state, m.trace, m.reference, m.date = odd, r.Trace, r.Reference, r.Date
			a.Mark = m.String()
		}
		return a
	case r.Trace == 0 || !first && (n == 0 || !forward):
		return payment.Answer{Reason: payment.WrongOrder, Detail: words(r)}
	}
	return p.paid(m, r)
}

func (p *Provider) paid(m mark, r Record) payment.Answer {
	m.state, m.trace, m.reference, m.date, m.auth = done, r.Trace, r.Reference, r.Date, r.Auth
	return payment.Answer{
		Outcome: payment.Paid, Reference: r.Reference, Payer: r.Card, Funding: r.Issuer,
		Detail: words(r), PaidAt: p.when(r), Mark: m.String(),
		Trace: fmt.Sprintf("%06d", r.Trace), Auth: r.Auth,
	}
}

// words are the terminal's, for its acquirer's support.
func words(r Record) string {
	return fmt.Sprintf("%s %s trace %06d batch %s terminal %s", r.Code, r.Text, r.Trace, r.Batch, r.Terminal)
}

// beijing is the terminals' time zone, whatever the machine's is.
var beijing = time.FixedZone("CST", 8*60*60)

// now is the till's time as a terminal would say it.
func (p *Provider) now() time.Time { return p.set.Now().In(beijing) }

// when is the terminal's time.
func (p *Provider) when(r Record) time.Time {
	at, err := time.ParseInLocation("20060102150405", p.dayOf(r.Date)+r.Time, beijing)
	if err != nil {
		return p.set.Now()
	}
	return at
}

// dayOf is a terminal's MMDD with its year, the latest that fits: the terminal's
// clock may be a little ahead, into another day or year.
func (p *Provider) dayOf(date string) string {
	now := p.now()
	for year := now.Year() + 1; year > now.Year()-8; year-- { // 29 February needs so many
		day := fmt.Sprintf("%04d%s", year, date)
		if at, err := time.ParseInLocation("20060102", day, beijing); err == nil && !at.After(now.AddDate(0, 0, 2)) {
			return day
		}
	}
	return fmt.Sprintf("%04d%s", now.Year(), date)
}

// Query implements payment.Provider. Declined says that the terminal, asked
// after the charge, has done nothing of the kind.
func (p *Provider) Query(ctx context.Context, o payment.Order) payment.Answer {
	m, ok := readMark(o.Mark)
	if !ok {
		return payment.Answer{Reason: payment.NotFound, Detail: "nothing was sent to the terminal"}
	}
	switch m.state {
	case none:
		return payment.Answer{Reason: payment.NotFound, Detail: "the terminal has not done it"}
	case undone:
		return payment.Answer{Outcome: payment.Reversed, Mark: o.Mark}
	}
	var a payment.Answer
	err := p.search(ctx, func(ctx context.Context) error {
		var err error
		if m.state == done {
			a, err = p.confirm(ctx, m, o.Amount)
		} else {
			a, err = p.settle(ctx, m, o.Amount)
		}
		return err
	})
	if err != nil {
		return unknown(err)
	}
	return a
}

// confirm asks for the transaction once more.
func (p *Provider) confirm(ctx context.Context, m mark, amount money.Amount) (payment.Answer, error) {
	r, ok, err := p.look(ctx, m.trace)
	switch {
	case err != nil:
		return payment.Answer{}, err
	case !ok:
		return payment.Answer{Reason: payment.Ambiguous, Detail: "the terminal no longer has it; its batch has been settled"}, nil
	case r.Code != approved && mayHaveMoved(r):
		return payment.Answer{}, fmt.Errorf("%06d stands as %s: %w", r.Trace, r.Code, errUnclear)
	case r.Code != approved || r.Reference != m.reference:
		return payment.Answer{Reason: payment.WrongOrder, Detail: words(r)}, nil
	}
	return p.taken(m, r, amount), nil
}

// settle finds out what became of a charge in doubt.
func (p *Provider) settle(ctx context.Context, m mark, amount money.Amount) (payment.Answer, error) {
	f, err := p.find(ctx, m, amount)
	switch {
	case err != nil:
		return payment.Answer{}, err
	case !f.there && m.state == odd:
		return payment.Answer{}, fmt.Errorf("the terminal said that %06d is done, of another amount: %w", m.trace, errUnclear)
	case !f.there:
		return payment.Answer{Outcome: payment.Declined, Reason: payment.TerminalSilent, Detail: "the terminal has not done it"}, nil
	case f.voided:
		m.state, m.trace, m.reference, m.date = undone, f.record.Trace, f.record.Reference, f.record.Date
		return payment.Answer{Outcome: payment.Reversed, Reason: payment.PaidThenBack, Mark: m.String()}, nil
	}
	return p.paid(m, f.record), nil
}

// Reverse implements payment.Provider: whatever the terminal has done of the
// charge is voided.
func (p *Provider) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	m, ok := readMark(o.Mark)
	switch {
	case !ok || m.state == none:
		return payment.Answer{Outcome: payment.Reversed, Reason: payment.NotFound}
	case m.state == undone:
		return payment.Answer{Outcome: payment.Reversed, Reason: payment.PaidThenBack}
	}
	var a payment.Answer
	err := p.search(ctx, func(ctx context.Context) error {
		var err error
		a, err = p.undo(ctx, m, o)
		return err
	})
	if err != nil {
		return unknown(err)
	}
	return a
}

func (p *Provider) undo(ctx context.Context, m mark, o payment.Order) (payment.Answer, error) {
	if m.state == open || m.state == odd {
		now, err := p.settle(ctx, m, o.Amount)
		switch {
		case err != nil:
			return now, err
		case now.Outcome == payment.Declined:
			m.state = none // all until here has been looked through: what comes later is another's
			return payment.Answer{Outcome: payment.Reversed, Reason: payment.NotFound, Mark: m.String()}, nil
		case now.Outcome != payment.Paid:
			return now, nil
		}
		m, _ = readMark(now.Mark)
	}
	gone, r, err := p.void(ctx, "", undoing(o.Hold.Op), m, o.Amount)
	switch {
	case err != nil:
		return payment.Answer{}, err
	case !gone:
		return payment.Answer{Outcome: payment.Declined, Reason: payment.NotRefundable, Detail: words(r)}, nil
	}
	m.state = undone
	return payment.Answer{Outcome: payment.Reversed, Reason: payment.PaidThenBack, Detail: words(r), Mark: m.String()}, nil
}

// void undoes a transaction of today's batch. Asked twice, a terminal voids
// once: the second time it says that there is none to void, while it still has
// the transaction itself. It says so, too, of a hold whose numbers are not those
// that it has: a slip may have been misread.
func (p *Provider) void(ctx context.Context, cashier string, as kind, m mark, amount money.Amount) (gone bool, r Record, err error) {
	q := request{kind: as, amount: amount, trace: m.trace}
	if as != kindVoid {
		if m.auth == "" { // somebody has read the slip of a completion, and not that
			known, ok, err := p.look(ctx, m.trace)
			if err != nil {
				return false, known, err
			}
			if ok && known.Reference == m.reference {
				m.auth, m.date = known.Auth, known.Date
			}
		}
		q.auth, q.date = m.auth, p.dayOf(m.date)
	}
	r, err = p.ask(ctx, cashier, q)
	switch {
	case err != nil:
		return false, r, err
	case r.Code == approved && !r.Amount.Equal(amount):
		return false, r, fmt.Errorf("the terminal has voided %s instead of %s: %w", r.Amount, amount, errGarbage)
	case r.Code == approved:
		return true, r, nil
	case r.Code == noOriginal:
		still, ok, err := p.look(ctx, m.trace)
		if err == nil && ok && still.Code != approved && mayHaveMoved(still) {
			err = fmt.Errorf("%06d stands as %s: %w", still.Trace, still.Code, errUnclear)
		}
		return ok && still.Reference == m.reference && (as == kindVoid || still.Auth == m.auth && still.Date == m.date), r, err
	case verdictOf(r.Code).certain:
		return false, r, nil
	}
	return false, r, fmt.Errorf("the terminal answers %s %s: %w", r.Code, r.Text, errGarbage)
}
