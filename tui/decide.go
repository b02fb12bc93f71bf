package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// What only a bank terminal's slip can tell, a manager enters: whether there is
// one, its numbers, why, and once more before it stands in the book.

// decision is what is being decided.
type decision struct {
	what    string // the number of the payment, refund or hold
	amount  string
	auth    bool // the slip has an authorisation that is needed
	command func(done bool, slip payment.Slip, reason string) till.Command
	then    func(till.Result) tea.Cmd
}

func (d *desk) decide(c decision) tea.Cmd {
	m := newMenu(d, func(t *lang.Screen) string { return t.DecideTitle },
		item{label: func(t *lang.Screen) string { return t.DecideSlip }, run: func() tea.Cmd { return d.slipTrace(c) }},
		item{label: func(t *lang.Screen) string { return t.DecideNone }, run: func() tea.Cmd { return d.decideReason(c, false, payment.Slip{}) }},
	)
	m.head = func(w int) []string {
		lines := []string{newRow(w).to(6).put(d.look.Strong, c.what+"  "+c.amount).end()}
		for _, line := range wrap(d.words.Screen.DecideText, w-12) {
			lines = append(lines, newRow(w).to(6).put(d.look.Text, line).end())
		}
		return append(lines, spaces(w))
	}
	return d.open(m)
}

func (d *desk) slipTrace(c decision) tea.Cmd {
	return d.slipNumber(count, func(t *lang.Screen) string { return t.DecideTrace }, func(trace string) tea.Cmd {
		return d.slipNumber(free, func(t *lang.Screen) string { return t.DecideReference }, func(reference string) tea.Cmd {
			slip := payment.Slip{Trace: trace, Reference: reference}
			if !c.auth {
				return d.decideReason(c, true, slip)
			}
			return d.slipNumber(free, func(t *lang.Screen) string { return t.DecideAuth }, func(auth string) tea.Cmd {
				slip.Auth = auth
				return d.decideReason(c, true, slip)
			})
		})
	})
}

func (d *desk) slipNumber(k kind, title words, then func(string) tea.Cmd) tea.Cmd {
	return d.open(newNumber(d, k, title, func(t *lang.Screen) string { return t.DecideHint }, func(f *field) tea.Cmd {
		if f.text == "" {
			return nil
		}
		return then(f.text)
	}))
}

func (d *desk) decideReason(c decision, done bool, slip payment.Slip) tea.Cmd {
	key := d.mint()
	said := func(t *lang.Screen) string {
		if !done {
			return t.DecideNone
		}
		return fmt.Sprintf(t.DecideSaid, slip.Trace, slip.Reference)
	}
	return d.chooseReason(func(t *lang.Screen) []string { return []string{t.ReasonSlip, t.ReasonList, t.ReasonBankSays} }, func(reason string) tea.Cmd {
		return d.open(newConfirm(d, func(t *lang.Screen) string { return t.DecideTitle },
			func(t *lang.Screen) []string { return []string{c.what + "  " + c.amount, said(t), reason} },
			func() tea.Cmd {
				return d.ask(till.Keyed{Key: key, Command: c.command(done, slip, reason)}, func(r till.Result) tea.Cmd {
					d.home()
					return c.then(r)
				})
			}))
	})
}

func (d *desk) decideRefund(r ledger.Refund) tea.Cmd {
	return d.decide(decision{
		what: r.ID, amount: cash(r.Amount.Neg()), then: d.tookRefund,
		command: func(done bool, slip payment.Slip, reason string) till.Command {
			return till.RefundDecide{Refund: r.ID, Done: done, Slip: slip, Reason: reason}
		},
	})
}

func (d *desk) decidePayment(p ledger.Payment) tea.Cmd {
	return d.decide(decision{
		what: p.ID, amount: cash(p.Amount),
		command: func(done bool, slip payment.Slip, reason string) till.Command {
			return till.PaymentDecide{Payment: p.ID, Done: done, Slip: slip, Reason: reason}
		},
		then: func(r till.Result) tea.Cmd {
			paid, _ := r.(ledger.Payment)
			say, hint := d.saysOf(paid, "")
			d.say = message{info, say, hint}
			return nil
		},
	})
}

func (p *holdPanel) decide() tea.Cmd {
	h, d := p.now(), p.desk
	taking := h.State == ledger.HoldChecking || h.State == ledger.HoldWaiting
	return d.decide(decision{
		what: h.ID, amount: cash(h.Amount), auth: taking, then: d.tookHold,
		command: func(done bool, slip payment.Slip, reason string) till.Command {
			return till.CardDecide{Hold: h.ID, Done: done, Slip: slip, Reason: reason}
		},
	})
}
