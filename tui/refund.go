package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// A refund goes from the sale to the payment, to the amount, to the reason,
// and is asked once more before it leaves the shop.

// openRefund starts with the list of done sales; from the end of a sale it
// starts with that sale.
func (d *desk) openRefund() tea.Cmd {
	if s := d.snap.Sale; s != nil && s.State == ledger.SaleDone && d.top() == d.base {
		return d.openRefundSale(s.ID)
	}
	return d.ask(till.SalesList{Limit: 200}, func(r till.Result) tea.Cmd {
		all, _ := r.([]ledger.Sale)
		var sales []ledger.Sale
		for _, s := range all {
			if s.Paid.Positive() && s.Refunded.Less(s.Paid) {
				sales = append(sales, s)
			}
		}
		l := newList(d, func(t *lang.Screen) string { return t.RefundTitle })
		l.heading = d.saleHeading
		l.rows = func(w int) []string { return d.saleRows(w, sales) }
		l.enter = func(at int) tea.Cmd { return d.refundPayments(sales[at]) }
		return d.open(l)
	})
}

// openRefundSale starts with one sale.
func (d *desk) openRefundSale(id string) tea.Cmd {
	return d.ask(till.SaleGet{Sale: id}, func(r till.Result) tea.Cmd {
		sale, _ := r.(ledger.Sale)
		return d.refundPayments(sale)
	})
}

// refundPayments offers what was paid; with a single payment there is nothing
// to choose.
func (d *desk) refundPayments(sale ledger.Sale) tea.Cmd {
	return d.payments(sale.Payments, func(all []ledger.Payment) tea.Cmd {
		var paid []ledger.Payment
		for _, p := range all {
			if p.State == ledger.PaymentPaid && p.Refunded.Less(p.Amount) {
				paid = append(paid, p)
			}
		}
		switch len(paid) {
		case 0:
			return d.refuse(d.words.Screen.NothingToRefund)
		case 1:
			return d.openRefundOf(paid[0])
		}
		var items []item
		for _, p := range paid {
			items = append(items, item{
				label: func(*lang.Screen) string { return d.channel(p.Channel) + "  " + cash(p.Amount.Sub(p.Refunded)) },
				run:   func() tea.Cmd { return d.openRefundOf(p) },
			})
		}
		return d.open(newMenu(d, func(t *lang.Screen) string { return t.RefundWhich }, items...))
	})
}

// openRefundOf asks how much of a payment goes back. Nothing typed means all.
func (d *desk) openRefundOf(p ledger.Payment) tea.Cmd {
	return d.openRefundUpTo(p, p.Amount.Sub(p.Refunded))
}

func (d *desk) openRefundUpTo(p ledger.Payment, rest money.Amount) tea.Cmd {
	var n *numberScreen
	n = newNumber(d, amount, func(t *lang.Screen) string { return t.RefundAmount },
		func(t *lang.Screen) string { return fmt.Sprintf(t.RefundHint, d.channel(p.Channel), cash(rest)) },
		func(f *field) tea.Cmd {
			back := rest
			if f.text != "" {
				typed, cmd, ok := d.wanted(f)
				if !ok {
					return cmd
				}
				back = typed
			}
			if !back.Positive() || rest.Less(back) {
				f.clear()
				return d.fault(&till.Fault{Code: till.FaultRefundTooMuch, Args: []any{rest}})
			}
			d.close(n)
			return d.refundReason(p, back)
		})
	return d.open(n)
}

func (d *desk) refundReason(p ledger.Payment, back money.Amount) tea.Cmd {
	return d.chooseReason(func(t *lang.Screen) []string {
		return []string{t.ReasonReturned, t.ReasonWrongAmount, t.ReasonFaulty, t.ReasonOther}
	}, func(reason string) tea.Cmd {
		key := d.mint()
		return d.open(newConfirm(d, func(t *lang.Screen) string { return t.RefundConfirm },
			func(t *lang.Screen) []string {
				return []string{fmt.Sprintf(t.RefundText, cash(back), d.channel(p.Channel), p.ID), reason}
			},
			func() tea.Cmd {
				return d.ask(till.Keyed{Key: key, Command: till.RefundCreate{Payment: p.ID, Amount: back, Reason: reason}}, d.tookRefund)
			}))
	})
}

// tookRefund says how far the refund has got; an unknown end is in the list of
// doubt.
func (d *desk) tookRefund(r till.Result) tea.Cmd {
	d.home()
	return d.tellRefund(r)
}

func (d *desk) tellRefund(r till.Result) tea.Cmd {
	refund, _ := r.(ledger.Refund)
	d.follow = ""
	say, hint := d.words.Refund(till.RefundStanding(refund), refund.Reason)
	d.say = message{info, say, hint}
	switch refund.State {
	case ledger.RefundDone:
		d.say.tone = good
		return d.ring(soundPaid)
	case ledger.RefundRefused, ledger.RefundAbnormal:
		d.say.tone = bad
		return d.ring(soundRefused)
	}
	d.follow = refund.ID // "not known" must not stand there when it is
	return nil
}

// followUp tells the end of the refund last asked for, once the snapshot no
// longer counts it among the open ones.
func (d *desk) followUp() tea.Cmd {
	open := slices.ContainsFunc(d.snap.Refunds, func(r till.Refund) bool { return r.ID == d.follow && !r.Owing() })
	if d.follow == "" || open {
		return nil
	}
	return d.lookUp(till.RefundGet{Refund: d.follow}, d.tellRefund)
}

// chooseReason asks why, by a digit. Any other reason can be typed: nobody has
// to, for what a sale needs is on the number pad.
func (d *desk) chooseReason(reasons func(*lang.Screen) []string, then func(string) tea.Cmd) tea.Cmd {
	var items []item
	for i := range reasons(&d.words.Screen) {
		items = append(items, item{
			label: func(t *lang.Screen) string { return reasons(t)[i] },
			run: func() tea.Cmd {
				t := &d.words.Screen
				if reason := reasons(t)[i]; reason != t.ReasonOther {
					return then(reason)
				}
				return d.typeReason(then)
			},
		})
	}
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.ReasonTitle }, items...))
}

func (d *desk) typeReason(then func(string) tea.Cmd) tea.Cmd {
	var n *numberScreen
	n = newNumber(d, free, func(t *lang.Screen) string { return t.ReasonTitle }, func(t *lang.Screen) string { return t.ReasonHint },
		func(f *field) tea.Cmd {
			d.close(n)
			return then(cmp.Or(strings.TrimSpace(f.text), d.words.Screen.ReasonOther))
		})
	return d.open(n)
}
