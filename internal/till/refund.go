package till

import (
	"context"
	"fmt"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// refunding is a refund on its way. The same number is sent on every repeat.
type refunding struct {
	refund   ledger.Refund
	hold     string // not empty: it is a hold that is given up, refund only stands for it
	call     payment.Refund
	provider payment.Refunder
	tries    int
	asked    time.Time        // when it was last asked, or sent
	ask      bool             // query before repeating
	desk     payment.Preparer // not nil: asked first where it stands
	arrives  time.Time        // at a desk: until then what has left may still arrive, and "not done" is not believed
	astray   time.Time        // until then a sending of which nothing was heard may still arrive, or one that was taken not be found: no refusal is believed
	flying   bool
	next     time.Time
}

// refundAstray is how long a request of which nothing was heard may still reach
// its acquirer. Lines and gateways give up within two minutes.
const refundAstray = 3 * time.Minute

// lateCause is the reason of a refund that the till begins by itself, as the book
// and programs have it.
const lateCause = "late"

// causeText is a refund's reason for people: the customer reads it on the slip
// and in the acquirer's app.
func (t *Till) causeText(cause string) string {
	if cause == lateCause {
		return t.paperTexts().CameLate
	}
	return cause
}

func (t *Till) refund(ctx context.Context, id string) (ledger.Refund, error) {
	r, ok, err := found(t.parts.Books.Refund(ctx, id))
	if err != nil {
		return r, t.bookFault(err)
	}
	if !ok {
		return r, fault(FaultNoRefund, clip(id))
	}
	return r, nil
}

// createRefund gives back a payment, whole or in part. Of a sale, the payment
// with the most left to give back is taken.
func (t *Till) createRefund(ctx context.Context, c RefundCreate, st stamp) (ledger.Refund, error) {
	p, err := t.refundable(ctx, c)
	if err != nil {
		return ledger.Refund{}, err
	}
	if !reasoned(c.Reason) {
		return ledger.Refund{}, fault(FaultReasonNeeded)
	}
	s, err := t.sale(ctx, p.Sale)
	if err != nil {
		return ledger.Refund{}, err
	}
	left := money.Min(p.Amount.Sub(p.Refunded), s.Paid.Sub(s.Refunded).Sub(s.Elsewhere))
	amount := c.Amount
	switch {
	case amount.IsZero():
		amount = left
	case !amount.Positive() || amount.Currency() != p.Amount.Currency():
		return ledger.Refund{}, fault(FaultBadAmount, amount.String())
	}
	if left.Less(amount) || !left.Positive() {
		return ledger.Refund{}, fault(FaultRefundTooMuch, left)
	}
	if err := t.unspent(ctx, s, amount); err != nil {
		return ledger.Refund{}, err
	}
	return t.startRefund(ctx, p, refundOf(p, amount, c.Reason), st)
}

func (t *Till) refundable(ctx context.Context, c RefundCreate) (ledger.Payment, error) {
	if c.Payment != "" {
		p, err := t.payment(ctx, c.Payment)
		if err == nil && p.State != ledger.PaymentPaid {
			err = fault(FaultNotRefundable, p.ID, string(p.State))
		}
		return p, err
	}
	s, err := t.sale(ctx, c.Sale)
	if err != nil {
		return ledger.Payment{}, err
	}
	var best ledger.Payment
	for _, id := range s.Payments {
		p, err := t.payment(ctx, id)
		if err != nil {
			return p, err
		}
		if p.State == ledger.PaymentPaid && (best.ID == "" || best.Amount.Sub(best.Refunded).Less(p.Amount.Sub(p.Refunded))) {
			best = p
		}
	}
	if best.ID == "" {
		return best, fault(FaultNotRefundable, s.ID, string(s.State))
	}
	return best, nil
}

func (t *Till) startRefund(ctx context.Context, p ledger.Payment, started ledger.RefundStarted, st stamp) (ledger.Refund, error) {
	if err := t.onShift(); err != nil {
		return ledger.Refund{}, err
	}
	cash := p.Channel == string(payment.Cash)
	atOnce := cash || p.Prepaid != ""
	provider, _ := t.madeAt(p).(payment.Refunder)
	if atOnce {
		started.State = ledger.RefundDone
	} else if provider == nil {
		return ledger.Refund{}, fault(FaultMethodOff, p.Channel)
	}
	drafts := []ledger.Draft{t.draft(ledger.KindRefundStarted, p.Sale, started)}
	if cash {
		drafts = append(drafts, t.draft(ledger.KindDrawerOpened, p.Sale, ledger.DrawerOpened{Cause: "refund " + started.Refund}))
	}
	if atOnce {
		drafts = append(drafts, t.queued(p.Sale, original(ofRefund, started.Refund))...)
	}
	if _, err := t.write(st.batch(started.Refund, drafts...)); err != nil {
		return ledger.Refund{}, err
	}
	r, err := t.refund(ctx, started.Refund)
	if err != nil {
		return r, err
	}
	if cash {
		t.kick("refund-" + r.ID)
	}
	if atOnce {
		t.print(ctx, original(ofRefund, r.ID))
		return r, nil
	}
	task := t.track(r, p, provider)
	t.refundStep(task)
	return t.refund(ctx, r.ID)
}

// refundOf is the intent of a payment's next refund, under a number of its own.
func refundOf(p ledger.Payment, amount money.Amount, reason string) ledger.RefundStarted {
	n := len(p.Refunds) + 1
	return ledger.RefundStarted{
		Refund: fmt.Sprintf("%s-R%d", p.ID, n), Payment: p.ID, Number: fmt.Sprintf("%s_r%d", p.Order, n),
		Channel: p.Channel, Amount: amount, Reason: reason, State: ledger.RefundChecking,
	}
}

func (t *Till) track(r ledger.Refund, p ledger.Payment, provider payment.Refunder) *refunding {
	task := &refunding{refund: r, provider: provider, call: payment.Refund{
		Number: r.Number, Order: p.Order, Reference: p.AcquirerReference, Amount: r.Amount, Total: p.Amount, Reason: t.causeText(r.Cause), Cashier: r.Operator,
	}}
	task.call.Mark, task.call.Hold = markOf(p.Attempt), t.holdOf(p)
	if r.Reopens != "" {
		task.call.Hold.Op = payment.HoldReopen
	}
	task.desk, _ = provider.(payment.Preparer)
	task.call.Since = r.Mark
	t.refunds[r.ID] = task
	return task
}

// resumeRefund asks what became of a refund that only the book knows of; only if
// the acquirer does not know it is its number sent.
func (t *Till) resumeRefund(r ledger.Refund) {
	p, err := t.payment(t.ctx, r.Payment)
	provider, ok := t.madeAt(p).(payment.Refunder)
	if err != nil || !ok {
		t.notice(Notice{Code: NoticeChannelGone, Args: []any{r.Channel}, Payment: r.Payment})
		return
	}
	task := t.track(r, p, provider)
	task.ask = task.desk == nil || r.Mark != "" // else nothing has been sent
	task.left(t.now())
	task.astray = t.now().Add(refundAstray)
	t.refundStep(task)
}

// surplus is the refund of what a payment brings above what its sale wants: the
// sale was given up, or has been paid by other means. It is booked with the
// payment, so that no crash parts the two; nil: there is none.
func (t *Till) surplus(a *attempt, before, after payment.Attempt) *ledger.RefundStarted {
	if before.Outcome != payment.Unknown || after.Outcome != payment.Paid || a.hold != "" {
		return nil
	}
	s, err := t.sale(t.ctx, a.sale)
	if err != nil {
		return nil
	}
	p, err := t.payment(t.ctx, a.id)
	if _, can := a.provider.(payment.Refunder); err != nil || !can || p.State == ledger.PaymentPaid { // booked before
		return nil
	}
	wanted := s.Total
	if s.State == ledger.SaleVoid {
		wanted = t.zero()
	}
	over := money.Min(s.Paid.Sub(s.Refunded).Add(p.Amount).Sub(wanted), p.Amount)
	if !over.Positive() {
		return nil
	}
	back := refundOf(p, over, lateCause)
	back.Owed = true
	return &back
}

// leftEmpty reports whether late money came to a sale from which all goods had
// been taken. Left open it would take the next customer's goods, and this
// one's money for theirs if its refund is refused.
func (t *Till) leftEmpty(a *attempt) bool { return t.emptied(a.sale, a.id) }

// leavesEmpty reports the same of a sale whose tender was on its way back, and
// is refused: nothing but that tender is left on it.
func (t *Till) leavesEmpty(r ledger.Refund) bool { return t.emptied(r.Sale, "") }

// emptied reports whether a sale that can still be rung up has no goods, keeps no
// money, and awaits none but of one payment.
func (t *Till) emptied(sale, but string) bool {
	s, err := t.sale(t.ctx, sale)
	if err != nil || s.State != ledger.SaleOpen && s.State != ledger.SaleHeld || hasGoods(&s) || s.Refunded.Less(s.Paid) {
		return false
	}
	for _, id := range s.Payments {
		if p, err := t.payment(t.ctx, id); err != nil || id != but && !p.State.Final() {
			return false
		}
	}
	return true
}

// giveBack sends the refund of a surplus; the book has it.
func (t *Till) giveBack(a *attempt, refund string) {
	t.notice(Notice{Code: NoticeLatePaid, Args: []any{a.id}, Payment: a.id})
	r, err := t.refund(t.ctx, refund)
	if err != nil {
		return // the next start takes it up
	}
	t.resumeRefund(r)
	if task := t.refunds[refund]; task != nil {
		task.astray = time.Time{} // nothing has been sent
	}
}
