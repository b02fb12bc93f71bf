package tui

import (
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
)

// doubtScreen lists every payment and refund whose end is not certain, with a
// clock: since when, asked how often, asked again when. From anywhere by one
// key.
type doubtScreen struct{ *listScreen }

// timed keeps the clocks running.
func (doubtScreen) timed() {}

func (d *desk) openDoubt() tea.Cmd {
	if _, open := d.top().(doubtScreen); open {
		return d.back()
	}
	s := doubtScreen{}
	s.listScreen = newList(d, func(t *lang.Screen) string { return t.DoubtTitle },
		binding{keys: []string{"enter"}, label: func(t *lang.Screen) string { return s.enterLabel(t) }, run: func() tea.Cmd { return s.query() }, bar: true,
			live: func() bool { return s.chosenAny() }},
		binding{keys: []string{"-"}, label: func(t *lang.Screen) string { return t.KeyGiveUp }, run: func() tea.Cmd { return s.cancel() }, bar: true,
			live: func() bool { a, ok := s.chosen(); return ok && givable(&a) }},
		binding{keys: []string{"+"}, label: func(t *lang.Screen) string { return t.KeyToFront }, run: func() tea.Cmd { return s.recall() }, bar: true,
			live: func() bool { return s.behind() }},
		binding{keys: []string{"*"}, label: func(t *lang.Screen) string { return s.forceLabel(t) }, run: func() tea.Cmd { return s.decideOrForce() }, bar: true,
			live: func() bool { return s.manager() && s.forceLabel(&s.words.Screen) != "" }},
		binding{keys: []string{"/"}, label: func(t *lang.Screen) string { return t.FindPayment }, run: d.openFind},
	)
	s.heading, s.rows, s.foot, s.ids = s.head, s.table, s.about, s.numbers
	return d.open(s)
}

// chosen is the payment under the bar; ok is false on a refund.
func (s doubtScreen) chosen() (till.Attempt, bool) {
	if at := s.at(); at < len(s.snap.Doubt) {
		return s.snap.Doubt[at], true
	}
	return till.Attempt{}, false
}

func (s doubtScreen) query() tea.Cmd {
	a, ok := s.chosen()
	if !ok {
		return s.queryRefund()
	}
	return s.ask(till.PaymentQuery{Payment: a.Payment.ID}, s.saidOf)
}

func (s doubtScreen) queryRefund() tea.Cmd {
	if h, ok := s.chosenHold(); ok {
		return s.openHold(h)
	}
	r, ok := s.chosenRefund()
	if !ok {
		return nil
	}
	if r.Owing() {
		owed := r.Refund
		if r.Left.Positive() {
			owed.Amount = r.Left // a part has gone back since
		}
		return s.endOwed(owed)
	}
	return s.ask(till.RefundQuery{Refund: r.ID}, s.refundNow)
}

// chosenRefund is the refund under the bar.
func (s doubtScreen) chosenRefund() (till.Refund, bool) {
	i := s.at() - len(s.snap.Doubt)
	if i < 0 || i >= len(s.snap.Refunds) {
		return till.Refund{}, false
	}
	return s.snap.Refunds[i], true
}

// chosenHold is the hold under the bar.
func (s doubtScreen) chosenHold() (till.Hold, bool) {
	holds := s.holdsInDoubt()
	i := s.at() - len(s.snap.Doubt) - len(s.snap.Refunds)
	if i < 0 || i >= len(holds) {
		return till.Hold{}, false
	}
	return holds[i], true
}

// chosenAny reports whether there is anything under the bar: the row of the rest
// is nothing.
func (s doubtScreen) chosenAny() bool {
	_, pays := s.chosen()
	_, gives := s.chosenRefund()
	_, holds := s.chosenHold()
	return pays || gives || holds
}

// holdsInDoubt are the holds of which the terminal has not told.
func (d *desk) holdsInDoubt() []till.Hold {
	var open []till.Hold
	for _, h := range d.snap.Holds {
		if h.State.InDoubt() {
			open = append(open, h)
		}
	}
	return open
}

// enterLabel is what Enter does about the chosen row.
func (s doubtScreen) enterLabel(t *lang.Screen) string {
	if r, ok := s.chosenRefund(); ok && r.Owing() {
		return t.KeyOwed
	}
	if _, ok := s.chosenHold(); ok {
		return t.KeyTake // opens it
	}
	return t.KeyQuery
}

// forceLabel is what a manager may do about the chosen row; empty: nothing.
func (s doubtScreen) forceLabel(t *lang.Screen) string {
	if a, ok := s.chosen(); ok {
		switch {
		case !a.Payment.Forced:
			return t.KeyForce
		case a.Decide:
			return t.DecideTitle
		}
		return ""
	}
	if r, ok := s.chosenRefund(); ok && slices.Contains(s.snap.Decide, r.ID) {
		return t.DecideTitle
	}
	return ""
}

// decideOrForce lets a manager end what only a slip can tell, or charge the sale
// again past a payment in doubt.
func (s doubtScreen) decideOrForce() tea.Cmd {
	if r, ok := s.chosenRefund(); ok {
		return s.decideRefund(r.Refund)
	}
	a, ok := s.chosen()
	switch {
	case !ok:
		return nil
	case !a.Decide:
		return s.force(a.Payment)
	case a.Payment.Forced:
		return s.decidePayment(a.Payment)
	}
	return s.open(newMenu(s.desk, func(t *lang.Screen) string { return a.Payment.ID },
		item{label: func(t *lang.Screen) string { return t.DecideTitle }, run: func() tea.Cmd { return s.decidePayment(a.Payment) }},
		item{label: func(t *lang.Screen) string { return t.KeyForce }, run: func() tea.Cmd { return s.force(a.Payment) }},
	))
}

func (s doubtScreen) cancel() tea.Cmd {
	a, ok := s.chosen()
	if !ok {
		return s.refuse(s.words.Screen.NotNow)
	}
	return s.ask(till.PaymentCancel{Payment: a.Payment.ID}, nil)
}

// behind reports whether the chosen payment's sale is not the one in front.
func (s doubtScreen) behind() bool {
	a, ok := s.chosen()
	return ok && (s.snap.Sale == nil || s.snap.Sale.ID != a.Payment.Sale)
}

// manager reports whether the one signed in may do what cashiers may not; the
// core decides, this only keeps useless keys off the screen.
func (d *desk) manager() bool { return d.snap.Operator != nil && d.snap.Operator.Role == till.Manager }

// force lets the sale be charged again although the payment's end is not
// known. The payment goes on being chased.
func (d *desk) force(p ledger.Payment) tea.Cmd {
	return d.chooseReason(func(t *lang.Screen) []string {
		return []string{t.ReasonCustomerWaits, t.ReasonPaysOtherwise, t.ReasonOther}
	},
		func(reason string) tea.Cmd {
			return d.open(newConfirm(d, func(t *lang.Screen) string { return t.KeyForce },
				func(t *lang.Screen) []string { return []string{fmt.Sprintf(t.ForceText, p.ID, cash(p.Amount)), reason} },
				func() tea.Cmd {
					return d.ask(till.PaymentForce{Payment: p.ID, Reason: reason}, d.done(func(t *lang.Screen) string { return t.Forced }))
				}))
		})
}

func (s doubtScreen) recall() tea.Cmd {
	a, _ := s.chosen()
	return s.desk.recall(a.Payment.Sale, s.home)
}

func (s doubtScreen) head(w int) string {
	t := &s.words.Screen
	return "  " + left(t.ColumnPayment, 19) + left(t.ColumnMethod, 10) + right(t.ColumnAmount, 12) +
		right(t.ColumnSince, 7) + right(t.ColumnAsked, 13) + left("  "+t.ColumnNextAsk, w-63)
}

// numbers are what the rows of the table are.
func (s doubtScreen) numbers() []string {
	all := numbers(s.snap.Doubt, func(a *till.Attempt) string { return a.Payment.ID })
	all = append(all, numbers(s.snap.Refunds, func(r *till.Refund) string { return r.ID })...)
	all = append(all, numbers(s.holdsInDoubt(), func(h *till.Hold) string { return h.ID })...)
	if s.doubts() > len(all) {
		all = append(all, "more")
	}
	return all
}

func (s doubtScreen) table(w int) []string {
	var rows []string
	for i := range s.snap.Doubt {
		a := &s.snap.Doubt[i]
		rows = append(rows, s.line(w, a.Payment.ID, a.Payment.Channel, cash(a.Payment.Amount), a.Payment.StartedAt, s.asked(a.Asked, a.AskedAt), s.nextAsk(a)))
	}
	for _, r := range s.snap.Refunds {
		next := s.channel(till.RefundStanding(r.Refund))
		if !r.NextAsk.IsZero() {
			if next = s.clock(r.NextAsk) + " " + next; width(next) > w-65 {
				next = s.clock(r.NextAsk) // what is below the list says the rest
			}
		}
		rows = append(rows, s.line(w, r.ID, r.Channel, cash(r.Amount.Neg()), r.StartedAt, s.asked(r.Asked, r.AskedAt), next))
	}
	for _, h := range s.holdsInDoubt() {
		rows = append(rows, s.line(w, h.ID, h.Channel, cash(h.Amount), h.StartedAt, s.asked(h.Asked, h.AskedAt), s.holdState(h)))
	}
	if more := s.doubts() - len(rows); more > 0 {
		rows = append(rows, left("  "+fmt.Sprintf(s.words.Screen.DoubtMore, more), w))
	}
	return rows
}

// asked is how often, and when last.
func (s doubtScreen) asked(times int, last time.Time) string {
	switch {
	case last.IsZero():
		return fmt.Sprint(times)
	case times == 0: // a refusal ended the asking
		return s.clock(last)
	}
	return fmt.Sprintf("%dx %s", times, s.clock(last))
}

func (s doubtScreen) nextAsk(a *till.Attempt) string {
	switch {
	case a.Turn:
		return s.words.Screen.Queued
	case a.NextAsk.After(s.now()):
		return s.clock(a.NextAsk)
	}
	return "-"
}

func (s doubtScreen) line(w int, id, channel, amount string, since time.Time, asked, next string) string {
	return "  " + left(id, 19) + left(s.channel(channel), 10) + right(amount, 12) +
		right(s.ago(since), 7) + right(asked, 13) + left("  "+next, w-63)
}

// about says in sentences what is known of the chosen row.
func (s doubtScreen) about(w, at int) []string {
	var say, hint string
	if at < len(s.snap.Doubt) {
		a := s.snap.Doubt[at]
		say, hint = s.saysOf(a.Payment, a.Phase)
		if a.Payment.State == ledger.PaymentChecking && a.ReverseAt.After(s.now()) {
			until := s.words.Screen.ReverseAt
			if a.Payment.Forced { // its sale has gone on: that is not to wait for
				until = s.words.Screen.ForcedReverseAt
			}
			hint += " " + fmt.Sprintf(until, s.clock(a.ReverseAt))
		}
		lines := append(s.sentences(w, say, hint), s.told(w, s.words.Customer(s.of(a.Payment, a.Phase)))...)
		return append(lines, s.attemptNext(w, a)...)
	} else if i := at - len(s.snap.Doubt); i < len(s.snap.Refunds) {
		r := s.snap.Refunds[i]
		say, hint = s.words.Refund(till.RefundStanding(r.Refund), r.Reason)
		return append(s.sentences(w, say, hint), s.refundNext(w, r)...)
	} else if h, ok := s.chosenHold(); ok {
		say, hint = s.words.Hold(string(h.State), h.Reason)
	}
	return s.sentences(w, say, hint)
}

// sentences are what is so, and what to do, below a list.
func (d *desk) sentences(w int, say, hint string) []string {
	var lines []string
	for _, line := range wrap(say, w-4) {
		lines = append(lines, newRow(w).add("  ").put(d.look.Wait, line).end())
	}
	todo := wrap(hint, w-4)
	if len(todo) == 0 {
		todo = []string{""}
	}
	for _, line := range todo {
		lines = append(lines, newRow(w).add("  ").put(d.look.Text, line).end())
	}
	return lines
}
