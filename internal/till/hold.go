package till

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// A pre-authorisation (预授权) is money of a customer's that the bank keeps aside.
// Taking one runs as an attempt does, with the book's entries its own; what is
// taken of it is a payment; giving it up runs as a refund does.

// runHold is every command about pre-authorisations.
func (t *Till) runHold(ctx context.Context, c Command, st stamp) (Result, error, bool) {
	var r Result
	var err error
	switch c := c.(type) {
	case CardHold:
		r, err = t.takeHold(ctx, c, st)
	case CardComplete:
		r, err = t.completeHold(ctx, c, st)
	case CardReopen:
		r, err = t.reopenHold(ctx, c, st)
	case CardRelease:
		r, err = t.releaseHold(ctx, c, st)
	case CardCancel:
		r, err = t.cancelHold(ctx, c, st)
	case CardQuery:
		r, err = t.queryHold(ctx, c)
	case CardHolds:
		r, err = t.listHolds(ctx, c)
	case CardDecide:
		r, err = t.decideHold(ctx, c, st)
	default:
		return nil, nil, false
	}
	if h, ok := r.(ledger.Hold); ok && err == nil {
		r = t.shownHold(h)
	}
	return r, err, true
}

func (t *Till) hold(ctx context.Context, id string) (ledger.Hold, error) {
	h, ok, err := found(t.parts.Books.Hold(ctx, id))
	switch {
	case err != nil:
		return h, t.bookFault(err)
	case !ok:
		return h, fault(FaultNoHold, clip(id))
	}
	return h, nil
}

// holder is a provider that keeps money aside; nil: this one does not.
func holder(p payment.Provider) payment.Holder {
	if h, ok := p.(payment.Holder); ok && h.Holds() {
		return h
	}
	return nil
}

// holdDesk is the terminal that keeps money aside.
func (t *Till) holdDesk() (payment.Holder, error) {
	if h := holder(t.parts.Providers[payment.Card]); h != nil {
		return h, nil
	}
	return nil, fault(FaultNoHolds)
}

// freeDesk is that terminal, once it owes no answer.
func (t *Till) freeDesk(ctx context.Context) (payment.Holder, error) {
	desk, err := t.holdDesk()
	if err != nil {
		return nil, err
	}
	if owing := t.owes(ctx, desk); owing != "" {
		return nil, fault(FaultTerminalOwes, owing)
	}
	return desk, nil
}

// takeHold writes the intent of a hold and, once that is on disk, begins it.
func (t *Till) takeHold(ctx context.Context, c CardHold, st stamp) (ledger.Hold, error) {
	none := ledger.Hold{}
	if err := t.onShift(); err != nil {
		return none, err
	}
	switch {
	case !c.Amount.Positive() || !c.Amount.Valid() || c.Amount.Currency() != t.set.Currency:
		return none, fault(FaultBadAmount, c.Amount.String())
	case len([]rune(c.Reference)) > longestText:
		return none, fault(FaultBadInput, "reference")
	}
	if err := t.countable(c.Amount); err != nil {
		return none, err
	}
	desk, err := t.freeDesk(ctx)
	if err == nil {
		err = t.room()
	}
	if err != nil {
		return none, err
	}
	// The number of its own entry: no other hold of this book can have it.
	id := fmt.Sprintf("H%s-%d", compact(t.set.Day(t.now())), t.parts.Books.Head().Number+1)
	begun, effect := payment.Step(newAttempt(desk, false), payment.Begin{At: t.now()})
	started := ledger.HoldStarted{
		Hold: id, Channel: string(payment.Card), Amount: c.Amount, Reference: c.Reference, State: holdStateOf(begun), Attempt: encode(begun),
	}
	if _, err := t.write(st.batch(id, t.draft(ledger.KindHoldStarted, "", started))); err != nil {
		return none, err
	}
	a := &attempt{
		id: id, hold: id, channel: payment.Card, provider: desk, machine: begun,
		charge: payment.Charge{
			Order: id, Amount: c.Amount, Subject: t.set.Store, Store: t.set.StoreID, Till: t.set.Till, Cashier: t.operator.ID,
			Hold: payment.Hold{Op: payment.HoldTake},
		},
	}
	t.attempts[id] = a
	t.act(a, effect)
	return t.hold(ctx, id)
}

// holdStateOf is an attempt's standing as that of the hold it takes.
func holdStateOf(a payment.Attempt) ledger.HoldState {
	if s := ledger.PaymentState(a.State()); s != ledger.PaymentPaid {
		return ledger.HoldState(s)
	}
	return ledger.HoldHeld
}

// holdMoved is what the book is told of a step of a hold's attempt.
func holdMoved(m ledger.PaymentMoved, answer payment.Answer) ledger.HoldMoved {
	state := ledger.HoldState(m.State)
	if m.State == ledger.PaymentPaid {
		state = ledger.HoldHeld
	}
	return ledger.HoldMoved{
		Hold: m.Payment, State: state, Sent: m.Sent, Answered: m.Answered, Outcome: m.Outcome, Reason: m.Reason, Detail: m.Detail,
		AcquirerReference: m.AcquirerReference, Trace: answer.Trace, Auth: answer.Auth, Payer: m.Payer, Funding: m.Funding,
		Watch: m.Watch, Attempt: m.Attempt,
	}
}

// holdEnded is a hold having become certain.
func (t *Till) holdEnded(a *attempt) {
	h, err := t.hold(t.ctx, a.hold)
	if err != nil {
		return
	}
	if a.resumed || a.machine.Reason == payment.LateSuccess {
		t.notice(Notice{Code: NoticeHoldSettled, Args: []any{h.ID, string(h.State)}})
	}
}

// markOf is the mark that an attempt ended with.
func markOf(attempt json.RawMessage) string {
	var done payment.Attempt
	if json.Unmarshal(attempt, &done) != nil {
		return ""
	}
	return done.Mark
}

// holdOf is what a payment of the book has to do with a hold.
func (t *Till) holdOf(p ledger.Payment) payment.Hold {
	if p.Hold == "" {
		return payment.Hold{}
	}
	h, err := t.hold(t.ctx, p.Hold)
	if err != nil {
		return payment.Hold{Op: payment.HoldComplete}
	}
	return completion(h)
}

func completion(h ledger.Hold) payment.Hold {
	if h.ID == "" {
		return payment.Hold{}
	}
	return payment.Hold{Op: payment.HoldComplete, Mark: markOf(h.Attempt)}
}

// completeHold takes of a hold what is due.
func (t *Till) completeHold(ctx context.Context, c CardComplete, st stamp) (ledger.Payment, error) {
	none := ledger.Payment{}
	h, err := t.stands(ctx, c.Hold)
	if err != nil {
		return none, err
	}
	if _, err := t.freeDesk(ctx); err != nil {
		return none, err
	}
	if !c.Amount.IsZero() && (!c.Amount.Positive() || c.Amount.Currency() != h.Amount.Currency()) {
		return none, fault(FaultBadAmount, c.Amount.String())
	}
	amount := c.Amount
	if c.Sale == "" {
		if amount.IsZero() {
			amount = h.Amount
		}
		if h.Amount.Less(amount) {
			return none, fault(FaultHoldTooMuch, h.Amount)
		}
		return t.completeAlone(ctx, h, amount, st)
	}
	s, err := t.payable(ctx, c.Sale)
	switch {
	case err != nil:
		return none, err
	case amount.IsZero():
		amount = money.Min(s.Due(), h.Amount)
	case s.Due().Less(amount):
		return none, fault(FaultTooMuch, s.Due())
	case h.Amount.Less(amount):
		return none, fault(FaultHoldTooMuch, h.Amount)
	}
	if !amount.Positive() {
		return none, fault(FaultNothingDue)
	}
	return t.chargeHeld(ctx, s, amount, payment.Card, SalePay{}, completing{hold: h}, st)
}

// completeAlone takes of a hold by a sale of one line, so that the money is
// counted, printed and refunded like any other.
func (t *Till) completeAlone(ctx context.Context, h ledger.Hold, amount money.Amount, st stamp) (ledger.Payment, error) {
	front := t.front
	opening, err := t.openingDrafts(ctx, h.Reference)
	if err != nil {
		return ledger.Payment{}, err
	}
	line := ledger.Line{
		No: 1, Name: lang.Must(lang.Chinese).Paper.HoldCompleted + " " + h.ID, NameEn: lang.Must(lang.English).Paper.HoldCompleted + " " + h.ID,
		Quantity: ledger.One, Price: amount, Amount: amount,
	}
	s := ledger.Sale{ID: t.front, State: ledger.SaleOpen, Currency: t.set.Currency, Total: amount}
	first := append(opening, t.draft(ledger.KindLineAdded, s.ID, ledger.LineAdded{Line: line}))
	p, err := t.chargeHeld(ctx, s, amount, payment.Card, SalePay{}, completing{h, first}, st)
	if err != nil && t.front == s.ID {
		t.saleSeq = sequence{} // counted anew from the book
		t.putInFront(front)
	}
	return p, err
}

// stands is a hold that stands.
func (t *Till) stands(ctx context.Context, id string) (ledger.Hold, error) {
	h, err := t.hold(ctx, id)
	if err == nil && h.State != ledger.HoldHeld {
		err = fault(FaultHoldState, h.ID, string(h.State))
	}
	return h, err
}

// reopenHold undoes a completion, which terminals do on its own day only.
func (t *Till) reopenHold(ctx context.Context, c CardReopen, st stamp) (ledger.Refund, error) {
	none := ledger.Refund{}
	h, err := t.hold(ctx, c.Hold)
	switch {
	case err != nil:
		return none, err
	case h.State != ledger.HoldCompleted:
		return none, fault(FaultHoldState, h.ID, string(h.State))
	case !reasoned(c.Reason):
		return none, fault(FaultReasonNeeded)
	}
	if _, err := t.holdDesk(); err != nil {
		return none, err
	}
	p, err := t.payment(ctx, h.Payment)
	switch {
	case err != nil:
		return none, err
	case p.Refunded.Positive():
		return none, fault(FaultRefundTooMuch, p.Amount.Sub(p.Refunded))
	case p.EndedAt.In(t.now().Location()).Format(time.DateOnly) != t.now().Format(time.DateOnly):
		return none, fault(FaultHoldNotToday, p.ID)
	}
	started := refundOf(p, p.Amount, c.Reason)
	started.Reopens = h.ID
	return t.startRefund(ctx, p, started, st)
}

func (t *Till) listHolds(ctx context.Context, c CardHolds) ([]Hold, error) {
	limit := limitOf(c.Limit, 100, 1000)
	list, err := t.openHolds()
	if c.All {
		list, err = t.parts.Books.Holds(ctx, limit)
		err = t.bookFault(err)
	}
	out := make([]Hold, 0, len(list))
	for _, h := range list[:min(limit, len(list))] {
		out = append(out, t.shownHold(h))
	}
	return out, err
}

// shownHold is a hold with what the till is doing about it.
func (t *Till) shownHold(h ledger.Hold) Hold {
	shown := Hold{Hold: h, Days: int(max(t.now().Sub(h.StartedAt), 0) / (24 * time.Hour))}
	if a := t.attempts[h.ID]; a != nil && h.State.Open() {
		m := a.machine
		shown.Asked, shown.AskedAt, shown.NextAsk, shown.Resumed, shown.Decide = m.Asked, m.AskedAt, m.NextAsk, a.resumed, m.OnlyASlipTells()
	}
	if r := t.refunds[h.ID]; r != nil {
		shown.Asked, shown.NextAsk, shown.Decide = r.tries, r.next, r.onlyASlipTells()
	}
	return shown
}

// openHolds are the holds not over, oldest first, read again after an entry
// that can change which they are.
func (t *Till) openHolds() ([]ledger.Hold, error) {
	if t.holds == nil {
		all, err := t.parts.Books.OpenHolds(t.ctx)
		if err != nil {
			return nil, t.bookFault(err)
		}
		t.holds = slices.DeleteFunc(append([]ledger.Hold{}, all...), func(h ledger.Hold) bool { return !h.State.Open() })
	}
	return t.holds, nil
}

// changesHolds reports whether an entry can change which holds are open.
func changesHolds(d ledger.Draft) bool {
	switch d.Kind {
	case ledger.KindHoldStarted, ledger.KindHoldMoved, ledger.KindPaymentStarted, ledger.KindPaymentMoved, ledger.KindRefundMoved:
		return true
	}
	return false
}

// mostHolds bounds what a snapshot carries.
const mostHolds = 100

func (t *Till) viewHolds(v *Snapshot) {
	open, err := t.openHolds()
	if err != nil {
		return
	}
	v.HoldCount = len(open)
	for _, h := range open[:min(len(open), mostHolds)] {
		v.Holds = append(v.Holds, t.shownHold(h))
	}
}
