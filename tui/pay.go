package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/payment"
)

// payScreen is the choice of a method, for all that is due or a part of it.
type payScreen struct {
	*menuScreen
	part money.Amount // zero: all that is due
	plan int          // Huabei instalments; 0: none
	key  string
}

// openPay offers the methods, if there is something to pay.
func (d *desk) openPay() tea.Cmd {
	if d.givenAway() {
		return d.giveAway()
	}
	if !d.payable() {
		return d.refuse(d.words.Screen.NothingToPay)
	}
	return d.open(newPay(d, money.Amount{}))
}

// payable reports whether the sale in front has something due.
func (d *desk) payable() bool {
	sale := front(d.snap)
	return sale != nil && sale.Due().Positive()
}

// givenAway reports whether the sale in front has goods and nothing is due: it
// costs nothing, or no more than the part of it that was paid.
func (d *desk) givenAway() bool {
	sale := front(d.snap)
	return sale != nil && len(standing(sale)) > 0 && !sale.Due().Positive()
}

// giveAway finishes such a sale: there is nothing to ask.
func (d *desk) giveAway() tea.Cmd {
	return d.pay(d.mint(), till.SalePay{Method: string(payment.Cash)})
}

func newPay(d *desk, part money.Amount) *payScreen {
	p := &payScreen{part: part, key: d.mint()}
	items := []item{{label: func(t *lang.Screen) string { return t.KeyCash }, run: func() tea.Cmd { return d.open(newCash(d, part)) }}}
	for _, m := range d.snap.Methods {
		if m.Present {
			channel := m.Channel
			items = append(items, item{
				label: func(t *lang.Screen) string { return t.PresentBy + " " + d.channel(string(channel)) },
				run:   func() tea.Cmd { return d.present(p.key, channel, part) },
			})
		}
	}
	items = append(items,
		item{label: func(t *lang.Screen) string { return t.KeyCard }, run: func() tea.Cmd { return d.payByCard(p.key, part) }, live: func() bool { return d.charges(payment.Card) }},
		item{label: func(t *lang.Screen) string { return t.PayPart }, run: d.askPart},
	)
	if d.charges(payment.Prepaid) {
		items = append(items, item{label: func(t *lang.Screen) string { return t.PrepaidCard }, run: func() tea.Cmd { return d.payWithCard(p.key, part) }})
	}
	if d.snap.Identity.Sandbox {
		items = append(items, item{label: func(t *lang.Screen) string { return t.KeyCustomer }, run: d.openCustomer})
	}
	items = append(items, item{
		label: func(t *lang.Screen) string { return t.KeyHuabei }, run: func() tea.Cmd { return d.openHuabei(part) },
		live: func() bool { return len(d.plans()) > 0 },
	})
	p.menuScreen = newMenu(d, func(t *lang.Screen) string { return t.PayTitle }, items...)
	p.head, p.self = p.due, p
	return p
}

// openHuabei lets the customer pay Alipay by instalments: the plan first, then
// the customer's code, or the till's.
func (d *desk) openHuabei(part money.Amount) tea.Cmd {
	var items []item
	for _, plan := range d.plans() {
		items = append(items, item{
			label: func(t *lang.Screen) string { return fmt.Sprintf(t.Instalments, plan) },
			run:   func() tea.Cmd { return d.open(newHuabei(d, part, plan)) },
		})
	}
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.KeyHuabei }, items...))
}

// newHuabei waits for the customer's Alipay code, to charge it by a plan.
func newHuabei(d *desk, part money.Amount, plan int) *payScreen {
	p := &payScreen{part: part, key: d.mint(), plan: plan}
	p.menuScreen = newMenu(d, func(t *lang.Screen) string { return t.KeyHuabei + " · " + fmt.Sprintf(t.Instalments, plan) }, item{
		label: func(t *lang.Screen) string { return t.PresentBy + " " + d.channel(string(payment.Alipay)) },
		run: func() tea.Cmd {
			return d.pay(p.key, till.SalePay{Method: string(payment.Alipay), Amount: part, Present: true, Huabei: plan})
		},
	})
	p.head, p.self = p.due, p
	return p
}

// plans are the instalments on offer, in months.
func (d *desk) plans() []int {
	for _, m := range d.snap.Methods {
		if m.Channel == payment.Alipay {
			return m.Plans
		}
	}
	return nil
}

// charges reports whether a channel takes money now.
func (d *desk) charges(c payment.Channel) bool {
	for _, m := range d.snap.Methods {
		if m.Channel == c && m.Charge {
			return true
		}
	}
	return false
}

func (d *desk) toPay(part money.Amount) money.Amount {
	if sale := front(d.snap); sale != nil && part.IsZero() {
		return sale.Due()
	}
	return part
}

func (p *payScreen) due(w int) []string {
	t := &p.words.Screen
	label := t.Due
	if !p.part.IsZero() {
		label = t.PartDue
	}
	lines := []string{newRow(w).to(6).put(p.look.Dim, label).end()}
	lines = append(lines, p.bigAmount(w, 6, p.toPay(p.part).Decimal(), p.look.Strong)...)
	return append(lines, spaces(w), newRow(w).to(6).put(p.look.Strong, t.AdviceScanPhone).end(), spaces(w))
}

// update lets a pay code take just the part, or pay by the plan, when one is
// asked for.
func (p *payScreen) update(m tea.Msg, s *till.Snapshot) tea.Cmd {
	if scan, ok := m.(scanMsg); ok && (!p.part.IsZero() || p.plan != 0) && scan.payCode() {
		return p.pay(p.key, till.SalePay{Method: "auto", Amount: p.part, Code: scan.text, Huabei: p.plan})
	}
	return p.menuScreen.update(m, s)
}

func (d *desk) askPart() tea.Cmd {
	var n *numberScreen
	n = newNumber(d, amount, func(t *lang.Screen) string { return t.PayPart },
		func(t *lang.Screen) string { return t.PayPartHint }, func(f *field) tea.Cmd {
			part, cmd, ok := d.wanted(f)
			if !ok {
				return cmd
			}
			if !part.Positive() || d.toPay(money.Amount{}).Less(part) {
				f.clear()
				return d.refuse(d.words.Screen.PartTooMuch)
			}
			d.close(n)
			return d.open(newPay(d, part))
		})
	return d.open(n)
}

// payByCard starts the bank terminal, where there is one, with all that is due
// or a part of it.
func (d *desk) payByCard(key string, part money.Amount) tea.Cmd {
	if !d.charges(payment.Card) {
		return d.fault(&till.Fault{Code: till.FaultMethodOff, Args: []any{string(payment.Card)}})
	}
	return d.pay(key, till.SalePay{Method: string(payment.Card), Amount: part})
}

// openPresent lets the cashier choose whose order code to show; where there is
// one channel only there is nothing to choose.
func (d *desk) openPresent() tea.Cmd {
	if !d.payable() {
		return d.refuse(d.words.Screen.NothingToPay)
	}
	channels, key := d.presenters(), d.mint()
	switch len(channels) {
	case 0:
		return d.refuse(d.words.Screen.NoPresenter)
	case 1:
		return d.present(key, channels[0], money.Amount{})
	}
	var items []item
	for _, c := range channels {
		items = append(items, item{
			label: func(*lang.Screen) string { return d.channel(string(c)) },
			run:   func() tea.Cmd { return d.present(key, c, money.Amount{}) },
		})
	}
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.KeyPresent }, items...))
}

// presenters are the channels that can show an order code.
func (d *desk) presenters() []payment.Channel {
	var all []payment.Channel
	for _, m := range d.snap.Methods {
		if m.Present {
			all = append(all, m.Channel)
		}
	}
	return all
}

func (d *desk) present(key string, c payment.Channel, part money.Amount) tea.Cmd {
	return d.pay(key, till.SalePay{Method: string(c), Amount: part, Present: true})
}
