package till

import (
	"context"
	"strings"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// What only a bank terminal's slip can tell is told by a manager, of exactly one
// payment, refund or hold, with the reason and the slip's numbers in the book.
// Nobody is asked where the terminal itself can still tell.

// onlyASlipTells reports whether the terminal has said that it cannot tell.
func (r *refunding) onlyASlipTells() bool {
	return r.desk != nil && r.call.Since != "" &&
		(r.refund.State == ledger.RefundAbnormal || r.refund.Reason == string(payment.Ambiguous) || r.refund.Reason == string(payment.TerminalUnsure))
}

// approval is a manager's word, with what he has read.
func (t *Till) approval(object string, amount money.Amount, done bool, slip payment.Slip, reason string) ledger.Draft {
	said := "no slip"
	if done {
		said = strings.Join(strings.Fields("slip "+slip.Trace+" "+slip.Reference+" "+slip.Auth+" "+slip.Date), " ")
	}
	d := t.draft(ledger.KindApproval, "", ledger.Approval{What: "terminal's slip", Object: object, Amount: amount, Reason: reason + " (" + said + ")"})
	d.Approver = t.operator.ID
	return d
}

// legible refuses what cannot stand on a slip.
func legible(slip payment.Slip, reason string) error {
	if !reasoned(reason) {
		return fault(FaultReasonNeeded)
	}
	for _, f := range []struct {
		text string
		most int
	}{{slip.Trace, 6}, {slip.Reference, 12}, {slip.Auth, 6}, {slip.Date, 4}} {
		plain := strings.Trim(f.text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
		if len(f.text) > f.most || !plain {
			return fault(FaultSlipNumbers)
		}
	}
	return nil
}

// decideAttempt ends an attempt by what a manager has read.
func (t *Till) decideAttempt(a *attempt, done bool, slip payment.Slip, reason string, st stamp) error {
	reader, ok := a.provider.(payment.SlipReader)
	if !ok || !a.machine.OnlyASlipTells() {
		return fault(FaultTellsItself, a.id)
	}
	told := payment.Told{At: t.now(), Outcome: payment.Declined}
	answer := payment.Answer{}
	if done {
		if slip.Date == "" {
			slip.Date = t.now().Format("0102")
		}
		mark, right := reader.SlipMark(a.machine.Mark, slip)
		if !right || slip.Auth == "" && a.hold != "" {
			return fault(FaultSlipNumbers)
		}
		if err := t.slipUnused(a, slip); err != nil {
			return err
		}
		told.Outcome, told.Mark = payment.Paid, mark
		answer = payment.Answer{Reference: slip.Reference, Trace: slip.Trace, Auth: slip.Auth}
	}
	t.stepWith(a, told, answer, st.batch(a.id, t.approval(a.id, a.charge.Amount, done, slip, reason)))
	if a.stuck {
		return t.unwritten()
	}
	return nil
}

// slipUnused refuses the slip of another payment or hold: of two of the same
// amount the bank would have taken one, and the book both.
func (t *Till) slipUnused(a *attempt, slip payment.Slip) error {
	p, known, err := found(t.parts.Books.PaymentByReference(t.ctx, slip.Reference))
	if err != nil {
		return t.bookFault(err)
	}
	if known && p.ID != a.id && p.Channel == string(a.channel) {
		return fault(FaultSlipUsed, p.ID)
	}
	holds, err := t.parts.Books.OpenHolds(t.ctx)
	if err != nil {
		return t.bookFault(err)
	}
	for _, h := range holds {
		if h.ID != a.id && h.AcquirerReference == slip.Reference {
			return fault(FaultSlipUsed, h.ID)
		}
	}
	return nil
}

// unwritten is why the book did not take something.
func (t *Till) unwritten() error {
	if t.trouble != nil {
		return t.trouble
	}
	return fault(FaultInternal, "journal")
}

func (t *Till) decidePayment(ctx context.Context, c PaymentDecide, st stamp) (ledger.Payment, error) {
	a, p, err := t.open(ctx, c.Payment)
	if err == nil {
		err = legible(c.Slip, c.Reason)
	}
	if err == nil {
		err = t.decideAttempt(a, c.Done, c.Slip, c.Reason, st)
	}
	if err != nil {
		return p, err
	}
	return t.payment(ctx, p.ID)
}

func (t *Till) decideHold(ctx context.Context, c CardDecide, st stamp) (ledger.Hold, error) {
	h, err := t.hold(ctx, c.Hold)
	if err == nil {
		err = legible(c.Slip, c.Reason)
	}
	if err != nil {
		return h, err
	}
	a, r := t.attempts[h.ID], t.refunds[h.ID]
	switch {
	case a != nil:
		err = t.decideAttempt(a, c.Done, c.Slip, c.Reason, st)
	case r != nil && r.onlyASlipTells():
		err = t.endRefund(r, c.Done, c.Slip, c.Reason, st)
	default:
		err = fault(FaultTellsItself, h.ID)
	}
	if err != nil {
		return h, err
	}
	return t.hold(ctx, h.ID)
}

func (t *Till) decideRefund(ctx context.Context, c RefundDecide, st stamp) (ledger.Refund, error) {
	r, err := t.refund(ctx, c.Refund)
	if err == nil {
		err = legible(c.Slip, c.Reason)
	}
	if err != nil {
		return r, err
	}
	task := t.refunds[r.ID]
	switch {
	case task == nil || task.hold != "" || !task.onlyASlipTells():
		return r, fault(FaultTellsItself, r.ID)
	case c.Done && c.Slip.Trace == "" && c.Slip.Reference == "":
		return r, fault(FaultSlipNumbers)
	}
	if err := t.endRefund(task, c.Done, c.Slip, c.Reason, st); err != nil {
		return r, err
	}
	return t.refund(ctx, r.ID)
}

// endRefund ends a refund, or the giving up of a hold, by what a manager has
// read. An answer that is still on its way finds nobody.
func (t *Till) endRefund(r *refunding, done bool, slip payment.Slip, reason string, st stamp) error {
	state := ledger.RefundRefused
	if done {
		state = ledger.RefundDone
	}
	answer := payment.RefundAnswer{Reason: payment.SlipSays, Reference: slip.Reference}
	if !t.refundMoved(r, state, answer, st.batch(r.refund.ID, t.approval(r.refund.ID, r.refund.Amount, done, slip, reason))) {
		return t.unwritten()
	}
	t.dropRefund(r)
	t.tell(r.refund.ID)
	return nil
}
