package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// openPrepaid is the way to prepaid cards that are not in anybody's hand yet:
// one that is, is scanned.
func (d *desk) openPrepaid() tea.Cmd {
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.PrepaidTitle },
		item{label: func(t *lang.Screen) string { return t.PrepaidCard }, run: func() tea.Cmd { return d.askCard(d.showCard) }},
		item{label: func(t *lang.Screen) string { return t.PrepaidIssue }, run: func() tea.Cmd { return d.askCard(d.issueCard) }},
		item{label: func(t *lang.Screen) string { return t.PrepaidList }, run: func() tea.Cmd { return d.listCards("") }},
		item{label: func(t *lang.Screen) string { return t.PrepaidEnding }, run: d.askEnding},
	))
}

// cardScreen waits for a card's number, scanned or typed. The number stays in
// memory and is masked as it is typed.
type cardScreen struct {
	*numberScreen
	then func(number string) tea.Cmd
}

func (c *cardScreen) update(m tea.Msg, s *till.Snapshot) tea.Cmd {
	if scan, ok := m.(scanMsg); ok && !scan.torn {
		return c.take(scan.text)
	}
	return c.numberScreen.update(m, s)
}

func (c *cardScreen) take(number string) tea.Cmd {
	c.entry.clear()
	c.close(c)
	return c.then(strings.TrimSpace(number))
}

func (d *desk) askCard(then func(number string) tea.Cmd) tea.Cmd {
	c := &cardScreen{then: then}
	c.numberScreen = newNumber(d, card, func(t *lang.Screen) string { return t.PrepaidNumber },
		func(t *lang.Screen) string { return t.PrepaidNumberHint }, func(f *field) tea.Cmd {
			if f.text == "" {
				return nil
			}
			return c.take(f.text)
		})
	return d.open(c)
}

func (d *desk) showCard(number string) tea.Cmd {
	return d.ask(till.PrepaidGet{Number: number}, func(r till.Result) tea.Cmd {
		got, _ := r.(till.PrepaidCard)
		return d.open(newPanel(d, number, got, money.Amount{}))
	})
}

// newPanel shows a card and what can be done with it. number is what was
// scanned, or the card's identity; part is what it shall pay, zero for all that
// is due.
func newPanel(d *desk, number string, c till.PrepaidCard, part money.Amount) *menuScreen {
	key := d.mint()
	manager := d.manager
	frozen := func() bool { return c.Frozen }
	m := newMenu(d, func(t *lang.Screen) string { return t.PrepaidCard + " " + c.Mask },
		item{label: func(t *lang.Screen) string { return t.PrepaidPay }, run: func() tea.Cmd { return d.payByPrepaid(key, number, c, part) },
			live: func() bool { return d.payable() && number != c.ID && !c.Frozen && !c.Over && c.Balance.Positive() }},
		item{label: func(t *lang.Screen) string { return t.PrepaidTopUp }, run: func() tea.Cmd { return d.topUp(number) },
			live: func() bool { return !c.Frozen && !c.Over }},
		item{label: func(t *lang.Screen) string { return t.PrepaidMoves }, run: func() tea.Cmd { return d.showMoves(c) }},
		item{label: func(t *lang.Screen) string { return t.PrepaidFreeze }, live: func() bool { return !c.Frozen }, run: func() tea.Cmd {
			return d.changeCard(number, lostReasons, func(reason string) till.Command { return till.PrepaidFreeze{Number: number, Reason: reason} })
		}},
		item{label: func(t *lang.Screen) string { return t.PrepaidThaw }, live: func() bool { return frozen() && manager() }, run: func() tea.Cmd {
			return d.changeCard(number, foundReasons, func(reason string) till.Command { return till.PrepaidThaw{Number: number, Reason: reason} })
		}},
		item{label: func(t *lang.Screen) string { return t.PrepaidExtend }, live: func() bool { return c.Expires != "" && manager() }, run: func() tea.Cmd { return d.extendCard(number, c) }},
		item{label: func(t *lang.Screen) string { return t.PrepaidNewPIN }, live: manager, run: func() tea.Cmd { return d.newPIN(number) }},
		item{label: func(t *lang.Screen) string { return t.PrepaidExpire }, live: func() bool { return c.Over && c.Balance.Positive() && manager() },
			run: func() tea.Cmd { return d.bookOff(number, c) }},
	)
	m.head = func(w int) []string { return d.cardHead(w, c) }
	m.pick = max(0, slices.IndexFunc(m.items, func(i item) bool { return i.live == nil || i.live() }))
	return m
}

// cardHead is what is on the card, and whether it is good.
func (d *desk) cardHead(w int, c till.PrepaidCard) []string {
	t := &d.words.Screen
	state, style := "active", d.look.Good
	switch {
	case c.Frozen:
		state, style = "frozen", d.look.Bad
	case c.Over:
		state, style = "over", d.look.Bad
	}
	lines := d.bigAmount(w, 6, c.Balance.Decimal(), d.look.Strong)
	until := c.Expires
	if until == "" {
		until = t.PrepaidAlways
	}
	facts := newRow(w).to(6).put(style, d.channel(state)).add("  ").put(d.look.Dim, t.PrepaidUntil+" ").add(until)
	if c.PINSeal != "" {
		facts.add("  ").put(d.look.Dim, t.PrepaidHasPIN)
	}
	if c.Frozen && c.Reason != "" {
		facts.add("  ").put(d.look.Dim, d.channel(c.Reason))
	}
	return append(lines, facts.end(), spaces(w))
}

// payByPrepaid takes what the card has, up to what is due; the rest is then due
// by another method.
func (d *desk) payByPrepaid(key, number string, c till.PrepaidCard, part money.Amount) tea.Cmd {
	pay := till.SalePay{Method: string(payment.Prepaid), Code: number, Amount: part}
	if c.PINSeal == "" {
		return d.pay(key, pay)
	}
	return d.askPIN(func(t *lang.Screen) string { return t.PrepaidPIN }, func(t *lang.Screen) string { return t.PrepaidPINHint }, func(pin till.PIN) tea.Cmd {
		pay.PIN = pin
		return d.pay(key, pay)
	})
}

// payWithCard asks for a card and pays with it at once.
func (d *desk) payWithCard(key string, part money.Amount) tea.Cmd {
	return d.askCard(func(number string) tea.Cmd {
		return d.ask(till.PrepaidGet{Number: number}, func(r till.Result) tea.Cmd {
			got, _ := r.(till.PrepaidCard)
			if !part.IsZero() && got.Balance.Less(part) {
				part = money.Amount{} // what there is
			}
			return d.payByPrepaid(key, number, got, part)
		})
	})
}

func (d *desk) topUp(number string) tea.Cmd {
	var n *numberScreen
	key := d.mint()
	n = newNumber(d, amount, func(t *lang.Screen) string { return t.PrepaidTopUp },
		func(t *lang.Screen) string { return t.PrepaidTopUpHint }, func(f *field) tea.Cmd {
			a, cmd, ok := d.wanted(f)
			if !ok || !a.Positive() {
				return cmd
			}
			return d.ask(till.Keyed{Key: key, Command: till.PrepaidTopUp{Number: number, Amount: a}}, func(till.Result) tea.Cmd {
				d.home()
				return d.ring(soundScanned)
			})
		})
	return d.open(n)
}

func (d *desk) askEnding() tea.Cmd {
	var n *numberScreen
	n = newNumber(d, count, func(t *lang.Screen) string { return t.PrepaidEnding },
		func(t *lang.Screen) string { return t.PrepaidEndingHint }, func(f *field) tea.Cmd {
			ending := f.text
			d.close(n)
			return d.listCards(ending)
		})
	n.small = true
	return d.open(n)
}

// listCards lists cards, newest first: for whoever has lost his.
func (d *desk) listCards(ending string) tea.Cmd {
	return d.ask(till.PrepaidList{Ending: ending, Limit: 200}, func(r till.Result) tea.Cmd {
		cards, _ := r.([]till.PrepaidCard)
		l := newList(d, func(t *lang.Screen) string { return t.PrepaidList })
		l.heading = func(w int) string {
			t := &d.words.Screen
			return "  " + left(t.PrepaidCard, 24) + right(t.PrepaidLeft, 14) + "  " + left(t.PrepaidUntil, 14) + left(t.ColumnState, w-56)
		}
		l.rows = func(w int) []string {
			rows := make([]string, 0, len(cards))
			for _, c := range cards {
				state := "active"
				switch {
				case c.Frozen:
					state = "frozen"
				case c.Over:
					state = "over"
				}
				rows = append(rows, "  "+left(c.Mask, 24)+right(cash(c.Balance), 14)+"  "+left(orNone(c.Expires), 14)+left(d.channel(state), w-56))
			}
			return rows
		}
		l.enter = func(at int) tea.Cmd { return d.showCard(cards[at].ID) }
		return d.open(l)
	})
}

// showMoves are the last changes of a card's balance.
func (d *desk) showMoves(c till.PrepaidCard) tea.Cmd {
	l := newList(d, func(t *lang.Screen) string { return t.PrepaidMoves + " " + c.Mask })
	l.heading = func(w int) string {
		t := &d.words.Screen
		return "  " + left(t.ColumnTime, 17) + left(t.ColumnWhat, 22) + right(t.ColumnAmount, 11) + right(t.PrepaidLeft, 12) + left("  "+t.ColumnSale, w-64)
	}
	l.rows = func(w int) []string {
		rows := make([]string, 0, len(c.Moves))
		for _, m := range c.Moves {
			rows = append(rows, "  "+left(m.At.In(d.now().Location()).Format("2006-01-02 15:04"), 17)+left(d.channel(m.What), 22)+
				right(cash(m.Amount), 11)+right(cash(m.Left), 12)+left("  "+orNone(m.Sale), w-64))
		}
		return rows
	}
	return d.open(l)
}

// tookPrepaid shows a card that was scanned: paying with it takes one key. One
// that nobody has yet can be issued.
func (d *desk) tookPrepaid(number string, what till.Scanned) tea.Cmd {
	switch {
	case what.Prepaid != nil:
		d.popUp(newPanel(d, number, *what.Prepaid, money.Amount{}))
		return d.ring(soundScanned)
	case !d.charges(payment.Prepaid):
		d.say = d.scanned(what)
		return d.ring(soundRefused)
	}
	d.say = d.scanned(what)
	d.popUp(newMenu(d, func(t *lang.Screen) string { return t.PrepaidCard + " " + what.Mask },
		item{label: func(t *lang.Screen) string { return t.PrepaidIssue }, run: func() tea.Cmd { return d.issueCard(number) }}))
	return d.ring(soundScanned)
}

// lineName is a line's name; a top-up's ends with the card's last digits.
func (d *desk) lineName(l ledger.Line) string {
	if l.Prepaid != "" {
		return d.words.Screen.PrepaidTopUp + " *" + l.Name[max(0, len(l.Name)-4):]
	}
	return d.itemName(l.Name, l.NameEn)
}

// prepaidLines are what a report says of prepaid cards.
func prepaidLines(t *lang.Screen, r ledger.Report, pair func(label, value string)) {
	p := r.Prepaid
	if p.IsZero() && r.Liability.IsZero() {
		return
	}
	pair(t.PrepaidIssued+" x"+fmt.Sprint(p.Issued), "")
	pair(t.PrepaidToppedUp, cash(p.ToppedUp))
	pair(t.PrepaidTakenBack, cash(p.TakenBack.Neg()))
	pair(t.PrepaidRedeemed, cash(p.Redeemed.Neg()))
	pair(t.PrepaidReturned, cash(p.Returned))
	pair(t.PrepaidExpired, cash(p.Expired.Neg()))
	pair(t.PrepaidLiability, cash(r.Liability))
	pair(t.PrepaidTurnover, cash(r.Turnover))
}
