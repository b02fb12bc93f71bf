package till

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

// attempt is a running attempt: the machine, and what its calls need.
type attempt struct {
	id        string
	sale      string // empty: its hold is being taken
	hold      string // what it takes, if that is a hold
	channel   payment.Channel
	provider  payment.Provider
	machine   payment.Attempt
	charge    payment.Charge  // its Code is in memory only, as long as the charge is out
	code      string          // the order code being shown
	then      payment.Channel // present on this channel once this one is closed
	resumed   bool
	stuck     bool     // the book would not take the last step; it is taken again
	overtaken bool     // the book has more of it than this knows
	unmade    bool     // its first step after a restart is not made: whatever comes next makes it too
	noticed   []string // codes of the notices that its answers have brought
}

func encode(a payment.Attempt) json.RawMessage {
	data, err := json.Marshal(a)
	if err != nil {
		return nil // an Attempt is plain data: this cannot be
	}
	return data
}

// resumeSome takes over some of what the last run left, or makes the first
// step of some that are taken over.
func (t *Till) resumeSome() {
	if len(t.toResume) == 0 && t.more {
		t.takeOverPage()
	}
	n := min(resumeBite, len(t.toResume))
	for _, a := range t.toResume[:n] {
		if t.attempts[a.id] != a || !a.unmade { // somebody who asked was faster
			continue
		}
		a.unmade = false
		t.step(a, payment.Resumed{At: t.now()}, payment.Answer{})
	}
	t.toResume = t.toResume[n:]
	if t.more || len(t.toResume) > 0 {
		t.at(resumeTimer, t.now().Add(resumePause))
	}
}

func (t *Till) takeOverPage() {
	page, next, err := t.parts.Books.OpenPaymentsAfter(t.ctx, t.cursor, resumePage)
	if err != nil {
		t.log.Error("take over open payments", "error", err) // the next tick tries again
		return
	}
	t.cursor, t.more = next, next != 0
	for _, p := range page {
		if t.attempts[p.ID] != nil {
			continue // begun by this run, or taken up out of turn
		}
		if !p.State.Final() {
			t.unread--
		}
		a := t.takeOver(p, t.providerOf(p.Channel))
		a.resumed, a.unmade = !p.State.Final(), true
		t.toResume = append(t.toResume, a)
	}
}

// resume takes up one attempt of an earlier run out of turn.
func (t *Till) resume(p ledger.Payment, provider payment.Provider) *attempt {
	a := t.takeOver(p, provider)
	a.resumed = true
	t.unread--
	t.step(a, payment.Resumed{At: t.now()}, payment.Answer{})
	return a
}

// takeOver makes a payment of the book a running attempt again.
func (t *Till) takeOver(p ledger.Payment, provider payment.Provider) *attempt {
	a := &attempt{
		id: p.ID, sale: p.Sale, channel: payment.Channel(p.Channel), provider: provider,
		charge: payment.Charge{Order: p.Order, Amount: p.Amount, Hold: t.holdOf(p)},
	}
	if json.Unmarshal(p.Attempt, &a.machine) == nil && a.machine.Phase != "" {
		if !knows(provider, a.machine) {
			a.provider = absent{a.channel}
		}
	} else {
		a.machine, _ = payment.Step(payment.NewAttempt(p.Present, provider.Timing()), payment.Begin{At: p.StartedAt})
	}
	t.attempts[p.ID] = a
	return a
}

// step moves an attempt on: the machine decides, the book is told, and only
// then the effect happens. What the book does not take has not happened.
func (t *Till) step(a *attempt, e payment.Event, answer payment.Answer) {
	t.stepWith(a, e, answer, ledger.Batch{})
}

// stepWith is a step somebody has asked for: with the command's key, and the
// entries that go first.
func (t *Till) stepWith(a *attempt, e payment.Event, answer payment.Answer, asked ledger.Batch) {
	before := a.machine
	from := before
	if a.unmade { // or a clock set back before the restart would put it off
		from, _ = payment.Step(before, payment.Resumed{At: t.now()})
		from.Flight = ""
	}
	after, effect := payment.Step(from, e)
	var paper *ledger.ReceiptQueued
	back, empty := (*ledger.RefundStarted)(nil), false
	if t.worthWriting(before, after, effect, answer) {
		asked.Drafts = append(asked.Drafts, t.moved(a, after, effect, e, answer)...)
		switch {
		case t.completes(a, before, after):
			receipt := original(ofSale, a.sale)
			paper = &receipt
			asked.Drafts = append(asked.Drafts, t.finishing(a.sale)...)
		case a.hold != "" && before.Outcome == payment.Unknown && after.Outcome == payment.Paid:
			slip := t.holdPaper(a.hold, ledger.HoldHeld)
			paper = &slip
			asked.Drafts = append(asked.Drafts, t.queued("", slip)...)
		}
		if back = t.surplus(a, before, after); back != nil {
			asked.Drafts = append(asked.Drafts, t.draft(ledger.KindRefundStarted, a.sale, *back))
			empty = t.leftEmpty(a)
		}
		if empty {
			asked.Drafts = append(asked.Drafts, t.draft(ledger.KindSaleVoided, a.sale, ledger.SaleMoved{Reason: back.Reason}))
		}
		if _, err := t.write(asked); err != nil {
			_, resumes := e.(payment.Resumed)
			a.unmade = a.unmade || resumes
			t.notWritten(a, before)
			return
		}
	}
	a.machine, a.stuck, a.unmade = after, false, false
	t.learnt(a, before, answer)
	if paper != nil {
		t.print(t.ctx, *paper)
	}
	if empty && t.front == a.sale {
		t.putInFront("")
	}
	switch {
	case back != nil:
		t.giveBack(a, back.Refund)
	case before.Outcome != payment.Paid && after.Outcome == payment.Paid && a.hold == "":
		t.tellKept(a)
	}
	t.act(a, effect)
	t.tell(a.id)
}

// tellKept tells of money that came late and is not given back by itself.
func (t *Till) tellKept(a *attempt) {
	p, err := t.payment(t.ctx, a.id)
	if err != nil {
		return // the radar lists it
	}
	kept, err := t.lateKept(t.ctx, p)
	if err != nil {
		return
	}
	if kept.Positive() {
		t.notice(Notice{Code: NoticeLateKept, Args: []any{a.id}, Payment: a.id})
		return
	}
	// Its sale was still owed it. What that holds too much, where the channel
	// refunds nothing, the radar lists.
	if s, err := t.sale(t.ctx, a.sale); err == nil && a.machine.Reason == payment.LateSuccess && s.State != ledger.SaleVoid && !s.Surplus().Positive() {
		t.notice(Notice{Code: NoticeLateCounts, Args: []any{a.id}, Payment: a.id})
	}
}

// worthWriting: an intent that can move money, or news. That a query brought
// nothing new is not news.
func (t *Till) worthWriting(before, after payment.Attempt, effect payment.Effect, answer payment.Answer) bool {
	return effect.Call.MovesMoney() ||
		before.Phase != after.Phase || before.Outcome != after.Outcome || before.Reason != after.Reason ||
		before.Undo.Wanted != after.Undo.Wanted || before.Undo.Refused != after.Undo.Refused ||
		before.Watched() != after.Watched() || answer.OrderCode != ""
}

// notWritten keeps an attempt where it was and asks again later: the acquirer
// still knows what the book could not be told.
func (t *Till) notWritten(a *attempt, before payment.Attempt) {
	before.Flight = ""
	a.machine, a.stuck = before, true
	if t.trouble == nil {
		t.at(a.id, t.now().Add(reopenPause))
	}
}

// moved is what the book is told of a step, with everything that follows from
// it in the same commit.
func (t *Till) moved(a *attempt, after payment.Attempt, effect payment.Effect, e payment.Event, answer payment.Answer) []ledger.Draft {
	m := ledger.PaymentMoved{
		Payment: a.id, State: ledger.PaymentState(after.State()), Reason: string(after.Reason), Detail: answer.Detail,
		AcquirerReference: answer.Reference, Payer: answer.Payer, Funding: answer.Funding, Instalments: answer.Instalments,
		Watch: after.Watched(), Attempt: encode(after),
	}
	if effect.Call.MovesMoney() {
		m.Sent = string(effect.Call)
	}
	if answered, ok := e.(payment.Answered); ok {
		m.Answered, m.Outcome = string(answered.Op), answered.Outcome.String()
	}
	if a.hold != "" {
		return []ledger.Draft{t.draft(ledger.KindHoldMoved, "", holdMoved(m, answer))}
	}
	drafts := []ledger.Draft{{Kind: ledger.KindPaymentMoved, Shift: t.parts.shift, Sale: a.sale, Payload: m}}
	if t.operator != nil {
		drafts[0].Operator = t.operator.ID
	}
	return drafts
}

// completes reports whether this step ends the sale: nothing is due once it is
// written, and no other attempt of the sale is in the air. With forced attempts
// that may be the end of one that brought no money.
func (t *Till) completes(a *attempt, before, after payment.Attempt) bool {
	if before.Outcome != payment.Unknown || after.Outcome == payment.Unknown || a.hold != "" {
		return false
	}
	s, err := t.sale(t.ctx, a.sale)
	if err != nil || s.State != ledger.SaleOpen && s.State != ledger.SaleHeld {
		return false
	}
	paid := s.Paid.Sub(s.Refunded)
	if after.Outcome == payment.Paid {
		paid = paid.Add(a.charge.Amount)
	}
	if !paid.Positive() || paid.Less(s.Total) || !hasGoods(&s) {
		return false
	}
	for _, id := range s.Payments {
		if p, err := t.payment(t.ctx, id); err != nil || id != a.id && !p.State.Final() && !p.Forced {
			return false
		}
	}
	return true
}

// learnt is what follows in memory once the book has a step.
func (t *Till) learnt(a *attempt, before payment.Attempt, answer payment.Answer) {
	after := a.machine
	if answer.OrderCode != "" && after.Phase == payment.Shown {
		a.code = answer.OrderCode
	}
	if after.Phase != payment.Sending && after.Phase != payment.Preparing && after.Flight != payment.OpCharge {
		a.charge.Code, a.charge.Swipe, a.charge.PIN = "", nil, nil // its provider wipes card and PIN
	}
	a.charge.Mark = after.Mark
	if answer.Reason != before.Reason {
		t.noticeAnswer(a, answer.Reason)
	}
	if before.Outcome != payment.Unknown && after.Outcome == payment.Unknown && a.hold == "" {
		code := NoticeStillPayable
		if after.Undo.Cause == payment.LateSuccess {
			code = NoticeLatePaid
		}
		t.notice(Notice{Code: code, Args: []any{a.id}, Payment: a.id})
	}
	if before.Outcome == payment.Unknown && after.Outcome != payment.Unknown {
		t.ended(a)
	}
	if after.Phase == payment.Ended {
		delete(t.attempts, a.id)
		t.at(a.id, time.Time{})
	}
}

// answerNotices are the notices of what is wrong with an answer itself.
var answerNotices = map[payment.Reason]string{
	payment.WrongOrder:    NoticeStranger,
	payment.WrongAmount:   NoticeStranger,
	payment.Configuration: NoticeChannelStopped,
	payment.ChannelOff:    NoticeChannelGone,
}

// noticeAnswer tells once of each: an attempt that is undone or watched keeps the
// reason for that, so every further answer would look like news.
func (t *Till) noticeAnswer(a *attempt, why payment.Reason) {
	code := answerNotices[why]
	if code == "" || slices.Contains(a.noticed, code) {
		return
	}
	a.noticed = append(a.noticed, code)
	t.notice(Notice{Code: code, Args: []any{string(a.channel)}, Payment: a.id})
}

// ended is an attempt having become certain.
func (t *Till) ended(a *attempt) {
	m := a.machine
	if a.hold != "" {
		t.holdEnded(a)
		return
	}
	if a.sale == t.front {
		t.lastSeen[a.id], t.lastEnd = m, a.id
	}
	switch {
	case a.resumed:
		t.notice(Notice{Code: NoticeSettled, Args: []any{a.id, m.State()}, Payment: a.id})
	case !t.showsInFront(a):
		t.notice(Notice{Code: NoticeAsideEnded, Args: []any{a.id, m.State()}, Payment: a.id})
	}
	if m.Reason == payment.GivenBack {
		t.notice(Notice{Code: NoticeGivenBack, Args: []any{a.id}, Payment: a.id})
	}
	if m.Reason == payment.PaidThenBack {
		t.notice(Notice{Code: NoticePaidBack, Args: []any{a.id}, Payment: a.id})
	}
	if m.Outcome == payment.Reversed && a.then != "" {
		next := a.then
		a.then = ""
		if s, err := t.payable(t.ctx, a.sale); err == nil && t.operator != nil {
			if _, err := t.charge(t.ctx, s, money.Min(s.Due(), a.charge.Amount), next, SalePay{Present: true}, stamp{}); err != nil {
				t.log.Error("present on the other channel", "error", err)
			}
		}
	}
}

// showsInFront reports whether a payment is the one that the sale in front shows:
// not one that it was forced past, or was done without.
func (t *Till) showsInFront(a *attempt) bool {
	if a.sale != t.front {
		return false
	}
	s, err := t.sale(t.ctx, a.sale)
	if err != nil {
		return true
	}
	p, err := t.frontPayment(s)
	return err != nil || p.ID == a.id
}

// act makes the effect of a step happen.
func (t *Till) act(a *attempt, e payment.Effect) {
	wake := e.Wake
	if a.machine.Undo.Tries > 0 {
		wake = t.spread(wake)
	}
	t.at(a.id, wake)
	if e.Call == "" {
		return
	}
	op, charge := e.Call, a.charge
	order := payment.Order{Number: charge.Order, Amount: charge.Amount, Present: a.machine.Present, Mark: a.machine.Mark, Hold: charge.Hold}
	provider, timeout := a.provider, a.machine.Timing.CallTimeout
	fresh := op == payment.OpReady || op == payment.OpCharge || op == payment.OpPresent || a.machine.Phase == payment.Shown || a.sale == t.front
	t.send(a.channel, a.id, !fresh, op.MovesMoney(), func() {
		ctx, cancel := context.WithTimeout(t.ctx, timeout)
		defer cancel()
		answer := call(ctx, provider, op, charge, order)
		t.post(t.ctx, func() { t.arrived(a, op, answer) })
	})
}

// spread puts off what cleans up by up to a tenth of its pause, so that tills
// that lost the line together do not come back together.
func (t *Till) spread(wake time.Time) time.Time {
	most := wake.Sub(t.now()) / 10
	if wake.IsZero() || t.set.Jitter == nil || most <= 0 {
		return wake
	}
	return wake.Add(t.set.Jitter(most))
}

// call makes one call; a provider that panics has told us nothing.
func call(ctx context.Context, p payment.Provider, op payment.Op, c payment.Charge, o payment.Order) (answer payment.Answer) {
	defer func() {
		if r := recover(); r != nil {
			answer = payment.Answer{Reason: payment.BadAnswer, Detail: "the channel's client failed"}
		}
	}()
	presenter, _ := p.(payment.Presenter)
	preparer, _ := p.(payment.Preparer)
	switch {
	case op == payment.OpReady && preparer != nil:
		return preparer.Ready(ctx)
	case op == payment.OpCharge:
		return p.Charge(ctx, c)
	case op == payment.OpReverse:
		return p.Reverse(ctx, o)
	case op == payment.OpPresent && presenter != nil:
		return presenter.Present(ctx, c)
	case op == payment.OpClose && presenter != nil:
		return presenter.Close(ctx, o)
	}
	return p.Query(ctx, o)
}

// arrived takes in what a call brought.
func (t *Till) arrived(a *attempt, op payment.Op, answer payment.Answer) {
	if t.ctx.Err() != nil || a.overtaken {
		return // shutting down, or taken up anew from the book: who comes next asks
	}
	t.linkSeen(a.channel, answer)
	t.log.Info("answer", "payment", a.id, "op", op, "outcome", answer.Outcome, "reason", answer.Reason, "detail", answer.Detail, "error", answer.Err)
	t.hear(a.id, op, answer)
	t.settledItself(a.channel)
	t.step(a, payment.Answered{At: t.now(), Op: op, Outcome: answer.Outcome, Reason: answer.Reason, Lives: answer.Lives, Mark: answer.Mark}, answer)
	t.publish()
}

// linkSeen keeps the lamp of a channel.
func (t *Till) linkSeen(c payment.Channel, a payment.Answer) {
	state := LinkUp
	switch a.Reason {
	case payment.NoAnswer, payment.NotSent, payment.BadAnswer, payment.BadSignature, payment.Configuration, payment.SystemBusy, payment.ClockSkew, payment.TerminalAway, payment.TerminalSilent:
		state = LinkDown
	}
	t.setLink(string(c), state)
	if t.atDesk(c) {
		return // says nothing about the network
	}
	if a.Reason == payment.NotSent || a.Outcome != payment.Unknown {
		t.setLink("network", map[bool]LinkState{true: LinkDown, false: LinkUp}[a.Reason == payment.NotSent])
	}
}

func (t *Till) setLink(name string, state LinkState) {
	if l := t.links[name]; l.State != state {
		t.links[name] = Link{Name: name, State: state, Since: t.now()}
	}
}
