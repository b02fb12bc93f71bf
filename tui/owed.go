package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// attemptNext says what happens by itself about a payment, where a screen says
// it nowhere else: an undoing goes on until it is acknowledged.
func (s doubtScreen) attemptNext(w int, a till.Attempt) []string {
	return s.told(w, s.undoingNext(a))
}

// undoingNext is that sentence, or that it waits for its turn; empty: nothing is
// being undone, or what is cannot be without its record.
func (d *desk) undoingNext(a till.Attempt) string {
	switch {
	case a.Payment.State.Final():
		return ""
	case a.Turn:
		return d.words.Next("queued", "")
	case a.Phase != payment.Undoing || a.Payment.Reason == string(payment.RecordLost):
		return ""
	}
	word := "undo"
	if !a.NextAsk.After(d.now()) {
		word = "undoing"
	}
	return d.words.Next(word, d.clock(a.NextAsk))
}

// refundNext says how often and when a refund was asked about, what happens
// next, and by which numbers the customer is found.
func (s doubtScreen) refundNext(w int, r till.Refund) []string {
	next := s.words.Next(string(r.Next), s.clock(r.NextAsk))
	if r.Owing() {
		next = "" // the hint has said it
	}
	if r.Asked > 0 && !r.AskedAt.IsZero() {
		next = fmt.Sprintf(s.words.Screen.AskedLast, r.Asked, s.clock(r.AskedAt)) + " " + next
	}
	return append(s.told(w, next), s.told(w, s.customerOf(r.Paid))...)
}

// customerOf is what leads to whoever paid, where it is known.
func (d *desk) customerOf(p ledger.Payment) string {
	var known []string
	for _, fact := range [][2]string{{d.words.Screen.Payer, p.Payer}, {d.words.Screen.AcquirerNumber, p.AcquirerReference}} {
		if fact[1] != "" {
			known = append(known, fact[0]+" "+fact[1])
		}
	}
	return strings.Join(known, "   ")
}

// told is a text below a list, whole.
func (d *desk) told(w int, text string) []string {
	var lines []string
	if text == "" {
		return nil
	}
	for _, line := range wrap(text, w-4) {
		lines = append(lines, newRow(w).add("  ").put(d.look.Text, line).end())
	}
	return lines
}

// endOwed lets a manager end a refused refund of money that came late: by a
// refund under a new number, or by telling how the money went back otherwise.
func (d *desk) endOwed(r ledger.Refund) tea.Cmd {
	if !d.manager() {
		return d.fault(&till.Fault{Code: till.FaultNotPermitted, Args: []any{string(till.Manager)}})
	}
	return d.open(newMenu(d, func(*lang.Screen) string { return r.ID + "  " + cash(r.Amount.Neg()) },
		item{label: func(t *lang.Screen) string { return t.OwedRetry }, run: func() tea.Cmd { return d.retryOwed(r) }},
		item{label: func(t *lang.Screen) string { return t.OwedGiven }, run: func() tea.Cmd { return d.owedGiven(r) }},
	))
}

func (d *desk) retryOwed(r ledger.Refund) tea.Cmd {
	key := d.mint()
	return d.open(newConfirm(d, func(t *lang.Screen) string { return t.OwedRetry },
		func(t *lang.Screen) []string { return []string{fmt.Sprintf(t.OwedRetryText, r.ID, cash(r.Amount))} },
		func() tea.Cmd {
			return d.ask(till.Keyed{Key: key, Command: till.RefundRetry{Refund: r.ID}}, d.tookRefund)
		}))
}

func (d *desk) owedGiven(r ledger.Refund) tea.Cmd {
	key := d.mint()
	return d.chooseReason(func(t *lang.Screen) []string { return []string{t.ReasonDrawer, t.ReasonTransfer, t.ReasonOther} }, func(reason string) tea.Cmd {
		return d.open(newConfirm(d, func(t *lang.Screen) string { return t.OwedGiven },
			func(t *lang.Screen) []string {
				return []string{fmt.Sprintf(t.OwedGivenText, r.ID, cash(r.Amount)), reason}
			},
			func() tea.Cmd {
				return d.ask(till.Keyed{Key: key, Command: till.RefundGiven{Refund: r.ID, Reason: reason}},
					d.done(func(t *lang.Screen) string { return t.OwedGivenDone }))
			}))
	})
}

// openRefunds lists the refunds, newest first.
func (d *desk) openRefunds() tea.Cmd {
	return d.ask(till.RefundList{Limit: 200}, func(r till.Result) tea.Cmd {
		refunds, _ := r.([]ledger.Refund)
		l := newList(d, func(t *lang.Screen) string { return t.RefundsTitle })
		l.heading = d.paymentHeading
		l.rows = func(w int) []string {
			rows := make([]string, 0, len(refunds))
			for _, r := range refunds {
				rows = append(rows, d.refundRow(w, r))
			}
			return rows
		}
		l.foot = func(w, at int) []string {
			say, hint := d.words.Refund(till.RefundStanding(refunds[at]), refunds[at].Reason)
			return d.sentences(w, say, hint)
		}
		return d.open(l)
	})
}

func (d *desk) refundRow(w int, r ledger.Refund) string {
	return d.paymentRow(w, ledger.Payment{ID: r.ID, StartedAt: r.StartedAt, Channel: r.Channel, Amount: r.Amount.Neg()}, d.channel(till.RefundStanding(r)))
}

// ago is how long something has been going on.
func (d *desk) ago(since time.Time) string {
	took := max(d.now().Sub(since), 0)
	if took < time.Hour {
		return fmt.Sprintf("%d:%02d", int(took.Minutes()), int(took.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(took.Hours()), int(took.Minutes())%60)
}
