package tui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/tui/theme"
)

// A hold is money of a customer's that the bank keeps aside (预授权): a list of
// those that stand, with their age, and a panel for each.

// holdsScreen lists the holds that are not over.
type holdsScreen struct{ *listScreen }

// timed keeps the ages running.
func (holdsScreen) timed() {}

// holds reports whether money can be held on cards here.
func (d *desk) holds() bool {
	return slices.ContainsFunc(d.snap.Methods, func(m till.Method) bool { return m.Channel == payment.Card && m.Hold })
}

func (d *desk) openHolds() tea.Cmd {
	s := holdsScreen{}
	s.listScreen = newList(d, func(t *lang.Screen) string { return t.HoldsTitle },
		binding{keys: []string{"+"}, label: func(t *lang.Screen) string { return t.HoldTake }, run: d.takeHold, bar: true, live: d.holds},
		binding{keys: []string{"*"}, label: func(t *lang.Screen) string { return t.HoldAll }, run: d.allHolds, bar: true},
	)
	s.heading = d.holdHeading
	s.rows = func(w int) []string { return d.holdRows(w, d.snap.Holds) }
	s.ids = func() []string { return numbers(d.snap.Holds, func(h *till.Hold) string { return h.ID }) }
	s.enter = func(at int) tea.Cmd { return d.openHold(d.snap.Holds[at]) }
	s.foot = func(w, at int) []string { return d.aboutHold(w, d.snap.Holds[at]) }
	return d.open(s)
}

// allHolds lists the last ones of any state.
func (d *desk) allHolds() tea.Cmd {
	return d.ask(till.CardHolds{All: true, Limit: 200}, func(r till.Result) tea.Cmd {
		all, _ := r.([]till.Hold)
		l := newList(d, func(t *lang.Screen) string { return t.HoldAll })
		l.heading = d.holdHeading
		l.rows = func(w int) []string { return d.holdRows(w, all) }
		l.enter = func(at int) tea.Cmd { return d.openHold(all[at]) }
		l.foot = func(w, at int) []string { return d.aboutHold(w, all[at]) }
		return d.open(l)
	})
}

func (d *desk) holdHeading(w int) string {
	t := &d.words.Screen
	return "  " + left(t.HoldNumber, 18) + left(t.HoldReference, 16) + right(t.ColumnAmount, 12) + right(t.HoldAge, 8) + left("  "+t.ColumnState, w-56)
}

func (d *desk) holdRows(w int, holds []till.Hold) []string {
	rows := make([]string, 0, len(holds))
	for _, h := range holds {
		rows = append(rows, "  "+left(h.ID, 18)+left(orNone(h.Reference), 16)+right(cash(h.Amount), 12)+right(d.age(h), 8)+left("  "+d.holdState(h), w-56))
	}
	return rows
}

// age is how long a hold has stood: by the day, and its first day by the clock.
func (d *desk) age(h till.Hold) string {
	if h.Days > 0 {
		return fmt.Sprintf(d.words.Screen.HoldDays, h.Days)
	}
	return d.ago(h.StartedAt)
}

func (d *desk) holdState(h till.Hold) string {
	if word, ok := d.words.Say.Words["hold-"+string(h.State)]; ok {
		return word
	}
	return string(h.State)
}

// longHold is after how many days issuers let a hold lapse. Source: UnionPay's
// operating rules, 预授权有效期.
const longHold = 30

// aboutHold says in sentences where a hold stands.
func (d *desk) aboutHold(w int, h till.Hold) []string {
	say, hint := d.words.Hold(string(h.State), h.Reason)
	if h.State == ledger.HoldHeld && h.Days >= longHold {
		hint = d.words.Screen.HoldOld
	}
	return d.sentences(w, say, hint)
}

// takeHold asks how much is held, and what for.
func (d *desk) takeHold() tea.Cmd {
	key := d.mint()
	return d.open(newNumber(d, amount, func(t *lang.Screen) string { return t.HoldTake },
		func(t *lang.Screen) string { return t.HoldTakeHint }, func(f *field) tea.Cmd {
			a, cmd, ok := d.wanted(f)
			if !ok || !a.Positive() {
				return cmd
			}
			return d.open(newNumber(d, free, func(t *lang.Screen) string { return t.HoldReference },
				func(t *lang.Screen) string { return t.HoldReferenceHint }, func(f *field) tea.Cmd {
					return d.ask(till.Keyed{Key: key, Command: till.CardHold{Amount: a, Reference: f.text}}, d.tookHold)
				}))
		}))
}

// tookHold shows a hold as a command has left it.
func (d *desk) tookHold(r till.Result) tea.Cmd {
	h, _ := r.(till.Hold)
	d.home()
	return d.openHold(h)
}

// holdPanel is one hold and what can be done with it. It follows the snapshot.
type holdPanel struct {
	*menuScreen
	held till.Hold // as last known
	key  string
}

func (holdPanel) timed() {}

func (d *desk) openHold(h till.Hold) tea.Cmd {
	p := &holdPanel{held: h, key: d.mint()}
	is := func(states ...ledger.HoldState) func() bool {
		return func() bool { return slices.Contains(states, p.now().State) }
	}
	and := func(a, b func() bool) func() bool { return func() bool { return a() && b() } }
	standing := is(ledger.HoldHeld)
	p.menuScreen = newMenu(d, func(t *lang.Screen) string { return t.HoldsTitle + " " + h.ID },
		item{label: func(t *lang.Screen) string { return t.HoldForSale }, run: p.completeSale, live: and(standing, d.payable), stays: true},
		item{label: func(t *lang.Screen) string { return t.HoldForAmount }, run: p.completeAmount, live: standing, stays: true},
		item{label: func(t *lang.Screen) string { return t.HoldRelease }, run: p.release, live: and(standing, d.manager), stays: true},
		item{label: func(t *lang.Screen) string { return t.HoldReopen }, run: p.reopen, live: and(is(ledger.HoldCompleted), d.manager), stays: true},
		item{label: func(t *lang.Screen) string { return t.KeyQuery }, run: p.query, stays: true,
			live: is(ledger.HoldWaiting, ledger.HoldChecking, ledger.HoldReleasing, ledger.HoldAbnormal, ledger.HoldCompleting)},
		item{label: func(t *lang.Screen) string { return t.KeyGiveUp }, run: p.cancel, live: is(ledger.HoldWaiting, ledger.HoldChecking), stays: true},
		item{label: func(t *lang.Screen) string { return t.DecideTitle }, run: p.decide, live: and(func() bool { return p.now().Decide }, d.manager), stays: true},
		item{label: func(t *lang.Screen) string { return t.KeyReprint }, run: p.print, stays: true},
	)
	p.head, p.self = p.about, p
	return d.open(p)
}

// now is the hold as the snapshot has it, or as it was when it was over.
func (p *holdPanel) now() till.Hold {
	for _, h := range p.snap.Holds {
		if h.ID == p.held.ID {
			p.held = h
		}
	}
	return p.held
}

// followHold asks how a hold has ended that the snapshot no longer has.
func (d *desk) followHold() tea.Cmd {
	p, shown := d.top().(*holdPanel)
	if !shown || !p.held.State.Open() || slices.ContainsFunc(d.snap.Holds, func(h till.Hold) bool { return h.ID == p.held.ID }) {
		return nil
	}
	return d.lookUp(till.CardWait{Hold: p.held.ID}, func(r till.Result) tea.Cmd {
		if h, ok := r.(till.Hold); ok {
			p.held = h
		}
		return nil
	})
}

func (p *holdPanel) about(w int) []string {
	h, t := p.now(), &p.words.Screen
	style := p.look.Text
	switch {
	case h.State.InDoubt() || h.State == ledger.HoldCompleting:
		style = p.look.Wait
	case h.State == ledger.HoldHeld:
		style = p.look.Good
	}
	in := func(style theme.Style, text string) string { return newRow(w).to(6).put(style, text).end() }
	facts := cash(h.Amount) + "  " + p.holdState(h) + "  " + h.StartedAt.In(p.desk.now().Location()).Format("2006-01-02 15:04") + "  " + p.age(h)
	if h.Reference != "" {
		facts += "  " + h.Reference
	}
	if !h.Taken.IsZero() {
		facts += "  " + t.HoldTaken + " " + cash(h.Taken)
	}
	lines := []string{in(style, facts)}
	if h.Payer != "" {
		lines = append(lines, in(p.look.Dim, fmt.Sprintf(t.HoldFacts, h.Payer, orNone(h.Trace), orNone(h.Auth))))
	}
	say, hint := p.words.Hold(string(h.State), h.Reason)
	if h.State == ledger.HoldHeld && h.Days >= longHold {
		hint = t.HoldOld
	}
	for _, line := range wrap(say+" "+hint, w-12) {
		lines = append(lines, in(p.look.Strong, line))
	}
	return append(lines, spaces(w))
}

// completeSale takes what the sale in front owes.
func (p *holdPanel) completeSale() tea.Cmd {
	return p.complete(till.CardComplete{Hold: p.held.ID, Sale: front(p.snap).ID})
}

// completeAmount takes an amount by a sale of its own. Nothing typed means all.
func (p *holdPanel) completeAmount() tea.Cmd {
	return p.open(newNumber(p.desk, amount, func(t *lang.Screen) string { return t.HoldForAmount },
		func(t *lang.Screen) string { return fmt.Sprintf(t.HoldForAmountHint, cash(p.held.Amount)) }, func(f *field) tea.Cmd {
			if f.text == "" {
				return p.complete(till.CardComplete{Hold: p.held.ID})
			}
			a, cmd, ok := p.wanted(f)
			switch {
			case !ok:
				return cmd
			case !a.Positive() || p.held.Amount.Less(a):
				f.clear()
				return p.fault(&till.Fault{Code: till.FaultHoldTooMuch, Args: []any{p.held.Amount}})
			}
			return p.complete(till.CardComplete{Hold: p.held.ID, Amount: a})
		}))
}

func (p *holdPanel) complete(c till.CardComplete) tea.Cmd {
	d := p.desk
	return d.ask(till.Keyed{Key: p.key, Command: c}, func(r till.Result) tea.Cmd {
		d.home()
		if paid, ok := r.(ledger.Payment); ok {
			d.awaitPayment(paid)
		}
		return nil
	})
}

func (p *holdPanel) release() tea.Cmd {
	return p.sure(func(t *lang.Screen) string { return t.HoldRelease }, func(t *lang.Screen) string { return t.HoldReleaseText },
		func(t *lang.Screen) []string { return []string{t.ReasonLeaves, t.ReasonMistake, t.ReasonOther} },
		func(reason string) till.Command { return till.CardRelease{Hold: p.held.ID, Reason: reason} })
}

func (p *holdPanel) reopen() tea.Cmd {
	return p.sure(func(t *lang.Screen) string { return t.HoldReopen }, func(t *lang.Screen) string { return t.HoldReopenText },
		func(t *lang.Screen) []string { return []string{t.ReasonWrongAmount, t.ReasonMistake, t.ReasonOther} },
		func(reason string) till.Command { return till.CardReopen{Hold: p.held.ID, Reason: reason} })
}

// sure asks why, and once more, before something that cannot be taken back.
func (p *holdPanel) sure(title, text words, reasons func(*lang.Screen) []string, command func(reason string) till.Command) tea.Cmd {
	d, key := p.desk, p.mint()
	return d.chooseReason(reasons, func(reason string) tea.Cmd {
		return d.open(newConfirm(d, title,
			func(t *lang.Screen) []string {
				return []string{fmt.Sprintf(text(t), p.held.ID, cash(p.held.Amount)), reason}
			},
			func() tea.Cmd {
				return d.ask(till.Keyed{Key: key, Command: command(reason)}, func(r till.Result) tea.Cmd {
					if back, ok := r.(ledger.Refund); ok {
						return d.tookRefund(back)
					}
					return d.tookHold(r)
				})
			}))
	})
}

func (p *holdPanel) query() tea.Cmd { return p.ask(till.CardQuery{Hold: p.held.ID}, nil) }

func (p *holdPanel) cancel() tea.Cmd { return p.ask(till.CardCancel{Hold: p.held.ID}, nil) }

func (p *holdPanel) print() tea.Cmd {
	return p.ask(till.ReceiptPrint{Hold: p.held.ID, Reason: p.words.Screen.ReasonCopy}, p.done(func(t *lang.Screen) string { return t.CopyQueued }))
}

// holdLine is what a report says of holds.
func holdLine(t *lang.Screen, r ledger.Report, pair func(label, value string)) {
	if !r.Holds.IsZero() {
		pair(t.HoldsOpen+" x"+fmt.Sprint(r.Holds.Open), cash(r.Holds.Amount))
	}
}
