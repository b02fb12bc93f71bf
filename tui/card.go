package tui

import (
	"errors"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// stripeTaker is a screen that has a use of its own for a card swiped; on all
// others the card pays the sale in front.
type stripeTaker interface{ stripe(text string) tea.Cmd }

// swiped gives a card's stripe to whoever has a use for it. It never reaches a
// field, and no screen ever shows it.
func (r *Root) swiped(text string) tea.Cmd {
	if taker, ok := r.top().(stripeTaker); ok {
		return taker.stripe(text)
	}
	cmd := r.ask(till.SaleScan{Text: text, Pay: true}, func(result till.Result) tea.Cmd {
		what, _ := result.(till.Scanned)
		return r.tookScan("", what)
	})
	r.provable(r.mint(), till.SalePay{Method: string(payment.Card), Code: text})
	return cmd
}

// provable lets the command just sent be made anew as c with the cardholder's
// PIN, if the core wants one.
func (d *desk) provable(key string, c till.SalePay) {
	d.busy.prove = func(pin till.PIN) tea.Cmd {
		c.PIN = pin
		return d.pay(key, c)
	}
}

// wantsPIN reports a card payment that lacks its PIN, or has one that is none.
func wantsPIN(err error) (wants, again bool) {
	var f *till.Fault
	if !errors.As(err, &f) {
		return false, false
	}
	return f.Code == till.FaultCardPIN || f.Code == till.FaultCardPINForm, f.Code == till.FaultCardPINForm
}

// askCardPIN lets the customer enter the PIN; the card is in memory meanwhile
// and nowhere else. Esc gives the payment up before anything was sent.
func (d *desk) askCardPIN(prove func(till.PIN) tea.Cmd) tea.Cmd {
	var n *numberScreen
	n = newNumber(d, secret, func(t *lang.Screen) string { return t.CardPIN }, func(t *lang.Screen) string { return t.CardPINHint },
		func(f *field) tea.Cmd {
			pin := till.PIN(f.text)
			f.clear()
			if pin == "" {
				return nil
			}
			d.close(n)
			return prove(pin)
		})
	return d.open(n)
}

// tookCard waits for a card's payment to appear. A track of no use is swallowed.
func (d *desk) tookCard(what till.Scanned) tea.Cmd {
	if what.Payment == nil {
		return nil
	}
	d.home()
	d.awaitPayment(*what.Payment)
	return d.ring(soundScanned)
}

// stripe lets a card swiped pay just the part that is asked for.
func (p *payScreen) stripe(text string) tea.Cmd {
	return p.pay(p.key, till.SalePay{Method: string(payment.Card), Amount: p.part, Code: text, Huabei: p.plan})
}

// openCards is what can be done with the card host besides paying.
func (d *desk) openCards() tea.Cmd {
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.MenuCards },
		item{label: func(t *lang.Screen) string { return t.CardBalance }, run: d.openBalance},
		item{label: func(t *lang.Screen) string { return t.CardSettle }, run: d.settleCards, live: d.manager},
		item{label: d.whoTakes(func(t *lang.Screen) (host, desk string) { return t.CardTest, t.DeskTest }), run: func() tea.Cmd {
			return d.ask(till.CardTest{}, d.done(d.whoTakes(func(t *lang.Screen) (host, desk string) { return t.CardTested, t.DeskTested })))
		}},
		item{label: func(t *lang.Screen) string { return t.HoldsTitle }, run: d.openHolds, live: d.holds},
	))
}

// byTerminal reports whether a bank terminal beside the till takes the cards.
func (d *desk) byTerminal() bool {
	return slices.ContainsFunc(d.snap.Methods, func(m till.Method) bool { return m.Channel == payment.Card && m.Desk })
}

// whoTakes picks the text that fits who takes cards here: the card host, or a bank
// terminal.
func (d *desk) whoTakes(texts func(*lang.Screen) (host, desk string)) words {
	return func(t *lang.Screen) string {
		host, desk := texts(t)
		if d.byTerminal() {
			return desk
		}
		return host
	}
}

func (d *desk) settleCards() tea.Cmd {
	return d.open(newConfirm(d, func(t *lang.Screen) string { return t.CardSettle },
		func(t *lang.Screen) []string {
			return []string{d.whoTakes(func(t *lang.Screen) (host, desk string) { return t.CardSettleText, t.DeskSettleText })(t)}
		},
		func() tea.Cmd {
			return d.ask(till.CardSettle{}, func(r till.Result) tea.Cmd {
				s, ok := r.(ledger.CardsSettled)
				if !ok {
					return nil
				}
				return d.open(newText(d, func(t *lang.Screen) string { return t.CardSettle }, func(t *lang.Screen, _ int) []string {
					return SettlementLines(t, s, d.byTerminal())
				}))
			})
		}))
}

// SettlementLines is a settlement as text, for the command line too; desk says
// that the bank terminal has settled.
func SettlementLines(t *lang.Screen, s ledger.CardsSettled, desk bool) []string {
	lines := []string{
		fmt.Sprintf(t.CardBatch, s.Batch),
		fmt.Sprintf(t.CardSales, s.SaleCount, cash(s.Sales)), fmt.Sprintf(t.CardReturns, s.ReturnCount, cash(s.Returns)), "", settledVerdict(t, s, desk),
	}
	switch {
	case !s.Compared:
		return lines
	case len(s.Unmatched) == 0:
		return append(lines, t.CardJournalAgrees)
	}
	return append(append(lines, t.CardJournalDiffers), s.Unmatched...)
}

// settledVerdict is what host or terminal makes of a batch.
func settledVerdict(t *lang.Screen, s ledger.CardsSettled, desk bool) string {
	switch {
	case s.Agrees && desk:
		return t.DeskAgrees
	case s.Agrees:
		return t.CardAgrees
	}
	return fmt.Sprintf(t.CardDiffers, s.Uploaded)
}

// balanceScreen waits for the card whose balance is wanted.
type balanceScreen struct{ *menuScreen }

func (d *desk) openBalance() tea.Cmd {
	b := &balanceScreen{}
	b.menuScreen = newMenu(d, func(t *lang.Screen) string { return t.CardBalance },
		item{label: d.whoTakes(func(t *lang.Screen) (host, desk string) { return t.CardReadChip, t.DeskReadCard }), run: func() tea.Cmd { return b.stripe("") }})
	b.head, b.self = b.advice, b
	return d.open(b)
}

func (b *balanceScreen) advice(w int) []string {
	say := b.whoTakes(func(t *lang.Screen) (host, desk string) { return t.CardSwipeNow, t.DeskCardNow })(&b.words.Screen)
	return []string{newRow(w).to(6).put(b.look.Strong, say).end(), spaces(w)}
}

func (b *balanceScreen) stripe(text string) tea.Cmd {
	return b.ask(till.CardBalance{Text: text}, func(r till.Result) tea.Cmd {
		if m, ok := r.(till.CardMoney); ok {
			b.close(b)
			b.tell(good, fmt.Sprintf(b.words.Screen.CardHas, m.Card, cash(m.Amount)))
		}
		return nil
	})
}
