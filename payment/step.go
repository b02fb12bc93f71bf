package payment

import "time"

// Step is an attempt's whole life: pure, without clock and I/O.
func Step(a Attempt, e Event) (Attempt, Effect) {
	now := e.at()
	switch e := e.(type) {
	case Begin:
		return a.begin(now)
	case Answered:
		if e.Op == a.Flight && e.Op != "" { // else not ours, or from before a restart
			a.Flight = ""
			if e.Mark != "" {
				a.Mark = e.Mark
			}
			a = a.answered(e)
		}
	case AskNow:
		a = a.askNow(now)
	case GiveUp:
		switch {
		case a.Phase == Preparing:
			a.Flight = "" // whatever the terminal answers, nothing leaves
			a = a.end(Declined, Cancelled)
		case !a.over():
			a = a.giveUp(now, Cancelled, Reversed)
		}
	case Told:
		a = a.told(e)
	case Resumed:
		a = a.resumed(now)
	}
	return a.plan(now)
}

func (a Attempt) begin(now time.Time) (Attempt, Effect) {
	if a.Phase != Sending || !a.SentAt.IsZero() {
		return a.plan(now) // begun before: a number is never sent twice as new
	}
	return a.send(now)
}

// send lets the charge or the order code leave, once.
func (a Attempt) send(now time.Time) (Attempt, Effect) {
	op, life := OpCharge, a.Timing.Deadline
	if a.Present {
		op, life = OpPresent, a.Timing.OrderCodeLife
	}
	a.SentAt, a.Deadline, a.NextAsk = now, now.Add(life), now.Add(a.firstAsk())
	a.Flight = op
	return a, Effect{Call: op}
}

func (a Attempt) answered(e Answered) Attempt {
	switch e.Op {
	case OpReady:
		return a.prepared(e)
	case OpQuery:
		a.Asked++
		a.AskedAt = e.At
		if a.Phase == Watching {
			return a.watched(e) // asked again when planWatch said
		}
		a.NextAsk = e.At.Add(a.interval())
		if a.Undo.Wanted && !e.At.Before(a.Undo.After) {
			a.Undo.Asked = true
		}
		return a.learnt(e)
	case OpReverse, OpClose:
		return a.undone(e)
	}
	a.NextAsk = later(a.SentAt.Add(a.firstAsk()), e.At)
	if a.Prepare && e.Outcome == Unknown {
		a = a.leftAsLateAs(e.At)
	}
	if e.Op == OpPresent && e.Outcome == Unknown {
		// No code to show, yet the order may exist: it must not be paid later.
		return a.giveUp(e.At, e.Reason, Reversed)
	}
	if a.Prepare && e.Outcome == Unknown && a.Phase == Shown {
		a.Phase = Asking // the customer is no longer what it waits for
	}
	return a.learnt(e)
}

// leftAsLateAs counts what may still arrive from the moment that the call came
// back in doubt: it may have waited for its turn at the device, and left late.
func (a Attempt) leftAsLateAs(at time.Time) Attempt {
	a.SentAt = later(a.SentAt, at)
	if a.Undo.Wanted {
		a.Undo.After = later(a.Undo.After, a.SentAt.Add(a.Timing.NoReverseUntil))
	}
	return a
}

// prepared takes in whether the terminal is ready. If not, nothing has been
// sent, and that is certain.
func (a Attempt) prepared(e Answered) Attempt {
	if e.Outcome != Waiting || a.Mark == "" {
		return a.end(Declined, e.Reason)
	}
	a.Phase = Sending // plan lets the charge leave
	return a
}

// learnt takes in an answer to charge, present or query.
func (a Attempt) learnt(e Answered) Attempt {
	switch e.Outcome {
	case Paid:
		// After a reversal has left, "paid" may be undone a moment later: only
		// its acknowledgement, or its refusal, ends the attempt. A close never
		// takes money back, so there "paid" stands.
		if a.Undo.Tries == 0 || a.Present || a.Undo.Refused {
			reason := e.Reason
			if a.Undo.Cause == LateSuccess {
				reason = LateSuccess
			}
			return a.end(Paid, reason)
		}
	case Declined:
		if e.Op != OpQuery && !e.Lives {
			return a.refused(e)
		}
		// The order still exists and could be paid later: ask and reverse it anyway.
		if !a.Undo.Wanted {
			return a.giveUp(e.At, e.Reason, Declined)
		}
	case Reversed:
		if a.Undo.Wanted {
			return a.end(a.Undo.As, a.Undo.Cause)
		}
		return a.end(Reversed, e.Reason)
	case Waiting:
		if !a.Undo.Wanted {
			a.Phase, a.Reason = Shown, e.Reason
		}
	default:
		if a.Timing.NoQuery && !a.Undo.Wanted {
			return a.giveUp(e.At, e.Reason, Reversed)
		}
		a = a.puzzled(e.Reason)
		unscanned := a.Phase == Shown && e.Reason == NotFound // Alipay knows no order before the scan: no news
		if !a.Undo.Wanted && !unscanned {
			a.Reason = e.Reason
			if a.Phase != Shown {
				a.Phase = Asking
			}
		}
	}
	return a
}

// refused ends an attempt that the acquirer has refused. A charge it has looked at
// is asked about again, as a reversed one is: WeChat's own text has every answer
// but a success queried before it is believed.
func (a Attempt) refused(e Answered) Attempt {
	a = a.end(Declined, e.Reason)
	if e.Op == OpCharge && a.tells() && !unlooked(e.Reason) {
		a.Phase, a.Watches = Watching, 0
	}
	return a
}

// tells reports whether its acquirer can be asked about it at any time.
func (a Attempt) tells() bool { return !a.Prepare && !a.Timing.NoQuery }

// unlooked reports whether a refusal is of the request, not of the payment: no
// order comes of it.
func unlooked(why Reason) bool { return why == Configuration || why == ClockSkew || why == NotSent }

// undone takes in the answer to a reversal or close.
func (a Attempt) undone(e Answered) Attempt {
	a.Undo.Asked = false
	a.NextAsk = e.At.Add(a.interval())
	switch e.Outcome {
	case Reversed:
		reason := a.Undo.Cause
		if e.Reason == PaidThenBack {
			reason = PaidThenBack
		}
		return a.end(a.Undo.As, reason)
	case Paid:
		if e.Op == OpClose {
			return a.end(Paid, e.Reason)
		}
	case Declined:
		a.Undo.Refused = true // the next query tells what it is instead
	case Unknown:
		a = a.puzzled(e.Reason)
		if e.Op == OpClose && e.Reason == NotFound {
			a.Present, a.Undo.Asked = false, true // a code nobody has scanned: it is reversed instead
		}
	}
	return a
}

// puzzled keeps, while an attempt is being undone, what only a person can help
// with: that nothing here can tell of it, or that the merchant has too little to
// give the money back.
func (a Attempt) puzzled(why Reason) Attempt {
	switch {
	case !a.Undo.Wanted:
	case slipTells(why) || why == RecordLost || why == MerchantFunds:
		a.Reason = why
	case slipTells(a.Reason) || a.Reason == MerchantFunds:
		a.Reason = a.Undo.Cause
	}
	return a
}

// watched takes in a query made after the reversal, or the refusal.
func (a Attempt) watched(e Answered) Attempt {
	switch {
	case e.Outcome == Paid:
		return a.undoAgain(e.At, LateSuccess, Reversed, false) // only a reversal returns it
	case e.Outcome == Waiting && a.Outcome == Declined && a.Undo.Tries == 0 && e.Reason != Password:
		// A refused order that nobody is paying: acquirers keep it like this.
	case e.Outcome == Waiting:
		// The order came late, or its end was not: it lives and can be paid.
		return a.undoAgain(e.At, a.Reason, a.Outcome, a.Present)
	case e.Outcome == Unknown && e.Reason == WrongAmount && a.tells() && a.Undo.Cause != WrongAmount:
		// There is an order by this number, whatever its amount, and nothing of it may
		// be left. Once: an acquirer that tells so again would be asked for ever.
		return a.undoAgain(e.At, WrongAmount, Reversed, false)
	case e.Outcome == Unknown && e.Reason != NotFound && e.Reason != WrongAmount:
		return a // not told: the same question again
	}
	a.Watches++
	if a.Watches >= len(watchFactors) {
		a.Phase = Ended
	}
	return a
}

// undoAgain is in doubt again, and undone at once: this question was the last
// before it. A code that is only shown can be closed, what may be paid cannot.
func (a Attempt) undoAgain(now time.Time, cause Reason, as Outcome, shown bool) Attempt {
	a = a.giveUp(now, cause, as)
	a.Undo.After, a.Undo.Asked = now, true
	a.Outcome, a.Present = Unknown, shown
	return a
}

// askNow also asks about an attempt that ended without money: an acquirer that
// has changed its mind is a late success. A paid one has nothing to find out,
// and what a person has read on the slip the device cannot tell any better: it
// would be asked for ever, or find another's and give that back.
func (a Attempt) askNow(now time.Time) Attempt {
	if a.Phase == Ended && a.Outcome != Paid && a.Reason != SlipSays {
		a.Phase, a.Watches = Watching, len(watchFactors)-1
	}
	if a.Phase != Ended {
		a.NextAsk = now
	}
	return a
}

// told ends an attempt that only a person can. It takes no part in those that
// the device or an acquirer tells of.
func (a Attempt) told(e Told) Attempt {
	if !a.OnlyASlipTells() || e.Outcome != Paid && e.Outcome != Declined {
		return a
	}
	a.Flight = ""
	if e.Mark != "" {
		a.Mark = e.Mark
	}
	return a.end(e.Outcome, SlipSays)
}

func (a Attempt) giveUp(now time.Time, cause Reason, as Outcome) Attempt {
	if a.Undo.Wanted && a.Phase == Undoing {
		return a
	}
	a.Phase, a.Reason = Undoing, cause
	a.Undo = Undo{Wanted: true, Cause: cause, As: as, After: now}
	if !a.Present {
		a.Undo.After = later(now, a.SentAt.Add(a.Timing.NoReverseUntil))
	}
	a.NextAsk = now
	return a
}

func (a Attempt) end(o Outcome, r Reason) Attempt {
	a.Phase, a.Outcome, a.Reason = Ended, o, r
	if o == Reversed || o == Declined && a.Undo.Tries > 0 && a.tells() { // undone, whatever it is called
		a.Phase, a.Watches = Watching, 0
	}
	a.NextAsk = time.Time{}
	return a
}

func (a Attempt) resumed(now time.Time) Attempt {
	a.Flight = ""
	// A clock set back must not put anything off.
	if !a.SentAt.IsZero() {
		a.SentAt = earlier(a.SentAt, now)
	}
	switch {
	case a.Phase == Ended:
		return a
	case a.Phase == Preparing:
		return a.end(Declined, NotSent)
	case a.Phase == Watching && a.Reason == SlipSays:
		return a.end(a.Outcome, SlipSays) // from before askNow left it alone
	case a.Phase == Watching:
		if next := now.Add(a.watchPause(a.Watches)); a.NextAsk.After(next) {
			a.NextAsk = next
		}
		return a
	case a.Undo.Wanted:
		a.Undo.Asked = false
	case a.Present:
		return a.giveUp(now, Interrupted, Reversed) // its code is no longer on the screen
	case a.Phase == Sending, a.Prepare && a.Phase == Shown:
		a.Phase, a.Reason = Asking, NoAnswer
	}
	a.Deadline = earlier(a.Deadline, now.Add(a.Timing.Deadline))
	if a.Undo.Wanted {
		a.Undo.After = earlier(a.Undo.After, now.Add(a.Timing.NoReverseUntil))
	}
	a.NextAsk = now
	return a
}

// plan decides what is due now.
func (a Attempt) plan(now time.Time) (Attempt, Effect) {
	if a.Flight != "" || a.Phase == Ended {
		return a, Effect{}
	}
	switch {
	case a.Phase == Watching:
		return a.planWatch(now)
	case a.Phase == Preparing:
		a.Flight = OpReady
		return a, Effect{Call: OpReady}
	case a.Prepare && a.Phase == Sending && a.SentAt.IsZero():
		a, leaves := a.send(now)
		a.Phase, a.Reason = Shown, PresentCard
		return a, leaves
	}
	if !a.Undo.Wanted && !a.Prepare && !now.Before(a.Deadline) {
		cause := a.Reason
		if a.Phase == Shown {
			cause = TimedOut
		}
		a = a.giveUp(now, cause, Reversed)
	}
	if a.Undo.Wanted && a.Undo.Asked && !a.Undo.Refused && !now.Before(a.Undo.After) {
		op := OpReverse
		if a.Present {
			op = OpClose
		}
		a.Undo.Tries++
		a.Flight = op
		return a, Effect{Call: op}
	}
	if a.lastQueryDue(now) || !now.Before(a.NextAsk) {
		a.Flight = OpQuery
		return a, Effect{Call: OpQuery}
	}
	return a, Effect{Wake: a.nextWake()}
}

// lastQueryDue is the query that directly precedes the first undoing.
func (a Attempt) lastQueryDue(now time.Time) bool {
	return a.Undo.Wanted && !a.Undo.Asked && a.Undo.Tries == 0 && !now.Before(a.Undo.After)
}

func (a Attempt) nextWake() time.Time {
	switch {
	case a.Prepare && !a.Undo.Wanted:
		return a.NextAsk // its terminal tells in the end: the customer may hold its slip, so nothing is undone unasked
	case !a.Undo.Wanted:
		return earlier(a.NextAsk, a.Deadline)
	case a.Undo.Tries == 0:
		return earlier(a.NextAsk, a.Undo.After)
	}
	return a.NextAsk
}

func (a Attempt) planWatch(now time.Time) (Attempt, Effect) {
	if a.NextAsk.IsZero() {
		a.NextAsk = now.Add(a.watchPause(a.Watches))
	}
	if now.Before(a.NextAsk) {
		return a, Effect{Wake: a.NextAsk}
	}
	a.NextAsk = now.Add(a.watchPause(a.Watches + 1))
	a.Flight = OpQuery
	return a, Effect{Call: OpQuery}
}

func (a Attempt) watchPause(watches int) time.Duration {
	base := a.Timing.Watch
	if base <= 0 {
		base = DefaultWatch
	}
	return base * watchFactors[min(watches, len(watchFactors)-1)]
}

// interval is the pause before the next query. While an undoing is repeated it
// doubles from a second to a minute: the line may be down for days.
func (a Attempt) interval() time.Duration {
	switch {
	case a.Undo.Tries > 0:
		return min(time.Second<<min(a.Undo.Tries-1, 6), time.Minute)
	case a.Present:
		return a.Timing.CodePoll
	case a.OnlyASlipTells():
		return 5 * a.Timing.QueryInterval // the device may still find out
	}
	return a.Timing.QueryInterval
}

func (a Attempt) firstAsk() time.Duration {
	if a.Present {
		return a.Timing.CodePoll
	}
	return a.Timing.FirstQuery
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
