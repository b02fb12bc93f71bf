package till

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// findPayment looks in the book first; only a number the book does not know is
// asked of the acquirers, in the caller's goroutine.
func (t *Till) findPayment(ctx context.Context, c PaymentFind) (Result, error) {
	number := plainNumber(c.Number)
	if number == "" || len(number) > longestText {
		return nil, fault(FaultBadInput, "number")
	}
	var finders []payment.Finder
	r, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
		if err := t.permit(c); err != nil {
			return nil, err
		}
		for _, channel := range []payment.Channel{payment.WeChat, payment.Alipay, payment.UnionPay, payment.Card} {
			if f, ok := t.parts.Providers[channel].(payment.Finder); ok {
				finders = append(finders, f)
			}
		}
		return t.inBook(ctx, number)
	})
	if err != nil || len(r.([]ledger.Payment)) > 0 {
		return r, err
	}
	return t.atAcquirers(ctx, finders, number)
}

// atAcquirers asks every acquirer for its own number. Nobody knowing it is only
// said when everybody has answered: whoever was not reached may have the money.
func (t *Till) atAcquirers(ctx context.Context, finders []payment.Finder, number string) (Result, error) {
	var unasked []any
	for _, f := range finders {
		asking, cancel := context.WithTimeout(ctx, f.Timing().CallTimeout)
		order, ok, err := f.Find(asking, number)
		if err == nil && !ok && ledger.IsOrder(number) && f.Channel() != payment.Card { // cards are known by the till's own record only
			order = number
			ok, err = t.knowsOrder(asking, f, number)
		}
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			t.log.Warn("find", "channel", f.Channel(), "error", err)
			unasked = append(unasked, string(f.Channel()))
		case ok:
			return t.inside(ctx, func(ctx context.Context) (Result, error) { return t.foundAs(ctx, f.Channel(), order) })
		}
	}
	if len(unasked) > 0 {
		return nil, fault(FaultFindUnasked, unasked...)
	}
	return []ledger.Payment{}, nil
}

// plainNumber is a number as it stands in books, out of one that was read out in
// groups or typed through a Chinese input method.
func plainNumber(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= '！' && r <= '～': // full width
			return r - '！' + '!'
		}
		return r
	}, text)
}

// knowsOrder asks an acquirer for an order of the shop's that is not in this
// book. Its amount is not known, so that what is told of another one is told of it.
func (t *Till) knowsOrder(ctx context.Context, p payment.Provider, number string) (bool, error) {
	answer := call(ctx, p, payment.OpQuery, payment.Charge{}, payment.Order{Number: number, Amount: money.New(1, t.set.Currency)})
	switch {
	case answer.Reason == payment.NotFound:
		return false, nil
	case answer.Outcome != payment.Unknown, answer.Reason == payment.WrongAmount:
		return true, nil
	}
	return false, fmt.Errorf("query %s: %s", answer.Reason, answer.Detail)
}

// foundAs is the payment of an order number that an acquirer gave. One that is
// not in this book is another till's, or of another book of this one's.
func (t *Till) foundAs(ctx context.Context, channel payment.Channel, order string) (Result, error) {
	payments, err := t.inBook(ctx, order)
	if err == nil && len(payments) == 0 {
		if part := strings.Split(order, "_"); ledger.IsOrder(order) && part[2] == strings.ToLower(t.set.Till) {
			return nil, fault(FaultFoundOtherBook, string(channel), clip(order))
		}
		return nil, fault(FaultFoundElsewhere, string(channel), clip(order))
	}
	return payments, err
}

// inBook finds payments by the numbers the book holds, in which our own letters
// are small but for those of a refund.
func (t *Till) inBook(ctx context.Context, number string) ([]ledger.Payment, error) {
	payments, err := t.numbered(ctx, number)
	if small := strings.ToLower(number); err == nil && len(payments) == 0 && small != number {
		return t.numbered(ctx, small)
	}
	return payments, err
}

// refundNumber is a refund's number and its identity: those of its payment, and its
// own behind them.
var refundNumber = regexp.MustCompile(`^(\d.*)[_-][rR]\d+$`)

func (t *Till) numbered(ctx context.Context, number string) ([]ledger.Payment, error) {
	if parts := refundNumber.FindStringSubmatch(number); parts != nil {
		number = parts[1]
	}
	books := t.parts.Books
	for _, by := range []func(context.Context, string) (ledger.Payment, error){books.Payment, books.PaymentByOrder, books.PaymentByReference} {
		p, ok, err := found(by(ctx, number))
		if err != nil {
			return nil, t.bookFault(err)
		}
		if ok {
			return []ledger.Payment{p}, nil
		}
	}
	out := []ledger.Payment{}
	s, ok, err := found(books.Sale(ctx, number))
	if err != nil {
		return nil, t.bookFault(err)
	}
	if !ok { // last of all: it looks through the refunds
		p, ok, err := found(books.PaymentByRefund(ctx, number))
		if ok {
			out = append(out, p)
		}
		return out, t.bookFault(err)
	}
	for _, id := range s.Payments {
		p, err := t.payment(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// askNow asks the acquirer and answers with what it said and what is known
// then, or, when the time is out, that it has not said anything yet.
func (t *Till) askNow(ctx context.Context, c PaymentQuery) (Result, error) {
	var said *Asked
	return t.await(ctx, c, longestCall, func() (Result, string, error) {
		begins := said == nil
		var p ledger.Payment
		var err error
		if begins {
			said = &Asked{}
			p, err = t.queryPayment(ctx, c)
			said.Nobody = err == nil && (decidedHere(p) || t.attempts[p.ID] == nil && p.State != ledger.PaymentPaid)
		} else {
			p, err = t.payment(ctx, c.Payment)
		}
		said.Payment = p
		if err != nil || said.Nobody || said.Heard || !begins && !t.asking(p) {
			return *said, "", err
		}
		if begins {
			t.askers[p.ID] = append(t.askers[p.ID], said)
		}
		return *said, p.ID, nil
	})
}

// asking reports whether an answer about a payment is still to come.
func (t *Till) asking(p ledger.Payment) bool {
	if a := t.attempts[p.ID]; a != nil {
		return a.machine.Flight != ""
	}
	return p.State == ledger.PaymentPaid && len(t.askers[p.ID]) > 0 // see confirmPaid
}

// hear tells those who asked what the acquirer says. A reversal or close that
// is refused says nothing of the money, and whether a terminal is ready neither.
func (t *Till) hear(id string, op payment.Op, answer payment.Answer) {
	undoing := op == payment.OpReverse || op == payment.OpClose
	if op == payment.OpReady || undoing && answer.Outcome != payment.Reversed {
		return
	}
	for _, said := range t.askers[id] {
		said.Heard, said.Outcome, said.Reason, said.Detail = true, answer.Outcome, answer.Reason, answer.Detail
	}
	delete(t.askers, id) // also of those who have given up waiting
}

// decidedHere reports whether a payment was certain when it was written: cash,
// or a prepaid card of this book.
func decidedHere(p ledger.Payment) bool {
	return p.Channel == string(payment.Cash) || p.Prepaid != ""
}

// longestCall is how long somebody who asked is kept waiting.
const longestCall = 15 * time.Second

// queryPayment starts the asking. A payment that has ended is asked about
// all the same, and what contradicts the book is dealt with, not shown away.
func (t *Till) queryPayment(ctx context.Context, c PaymentQuery) (ledger.Payment, error) {
	p, err := t.payment(ctx, c.Payment)
	if err != nil {
		return p, err
	}
	provider := t.madeAt(p)
	a := t.attempts[p.ID]
	switch {
	case decidedHere(p):
		return p, nil // nobody to ask
	case provider == nil && p.State.Final():
		return p, fault(FaultMethodOff, p.Channel)
	case a == nil && p.State == ledger.PaymentPaid:
		t.confirmPaid(p, provider)
		return p, nil
	case a == nil && !p.State.Final():
		a = t.resume(p, t.providerOf(p.Channel)) // of an earlier run, and not its turn yet
	case a == nil:
		a = t.takeOver(p, provider)
	}
	t.step(a, payment.AskNow{At: t.now()}, payment.Answer{})
	t.hasten(a)
	return t.payment(ctx, c.Payment)
}

// confirmPaid asks about a payment the book has as paid. The book stands; an
// acquirer that says otherwise is a contradiction for a person.
func (t *Till) confirmPaid(p ledger.Payment, provider payment.Provider) {
	order := payment.Order{Number: p.Order, Amount: p.Amount, Present: p.Present, Mark: markOf(p.Attempt), Hold: t.holdOf(p)}
	t.calls.Add(1)
	go func() {
		defer t.calls.Done()
		ctx, cancel := context.WithTimeout(t.ctx, provider.Timing().CallTimeout)
		defer cancel()
		answer := call(ctx, provider, payment.OpQuery, payment.Charge{}, order)
		t.post(t.ctx, func() {
			t.linkSeen(payment.Channel(p.Channel), answer)
			if answer.Outcome != payment.Paid && answer.Outcome != payment.Unknown && !p.Refunded.Positive() {
				t.contradiction(p, answer)
			}
			t.hear(p.ID, payment.OpQuery, answer)
			t.tell(p.ID)
			t.publish()
		})
	}()
}

func (t *Till) contradiction(p ledger.Payment, answer payment.Answer) {
	note := ledger.Note{About: p.ID, Text: "the acquirer says " + answer.Outcome.String() + ": " + clip(answer.Detail)}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{t.draft(ledger.KindNote, p.Sale, note)}}); err != nil {
		return
	}
	t.notice(Notice{Code: NoticeContradiction, Args: []any{p.ID, answer.Outcome.String()}, Payment: p.ID})
}

// forcePayment is a manager's word that the sale of exactly this payment may
// be charged again. The payment stays in the list of doubts and is chased.
func (t *Till) forcePayment(ctx context.Context, c PaymentForce, st stamp) (ledger.Payment, error) {
	a, p, err := t.open(ctx, c.Payment)
	switch {
	case err != nil:
		return p, err
	case p.Forced:
		return p, nil
	case !reasoned(c.Reason):
		return p, fault(FaultReasonNeeded)
	}
	approval := ledger.Approval{What: "charge again", Object: p.ID, Amount: p.Amount, Reason: c.Reason}
	moved := ledger.PaymentMoved{Payment: p.ID, State: p.State, Forced: true, Attempt: encode(a.machine)}
	drafts := []ledger.Draft{t.draft(ledger.KindApproval, p.Sale, approval), t.draft(ledger.KindPaymentMoved, p.Sale, moved)}
	for i := range drafts {
		drafts[i].Approver = t.operator.ID
	}
	if _, err := t.write(st.batch(p.ID, drafts...)); err != nil {
		return p, err
	}
	return t.payment(ctx, p.ID)
}
