package tui

import (
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// holdOrRecall is one key for both: a sale in front is held, an empty front
// recalls.
func (d *desk) holdOrRecall() tea.Cmd {
	switch {
	case front(d.snap) != nil && len(standing(front(d.snap))) > 0:
		return d.hold()
	case len(d.snap.Held) > 0:
		return d.openHeld()
	}
	return d.refuse(d.words.Screen.NothingHeld)
}

func (d *desk) hold() tea.Cmd {
	d.sell.reset()
	return d.ask(till.SaleHold{}, d.done(func(t *lang.Screen) string { return t.SaleHeld }))
}

// openHeld lists the held sales.
func (d *desk) openHeld() tea.Cmd {
	l := newList(d, func(t *lang.Screen) string { return t.HeldSales })
	l.heading = d.saleHeading
	l.rows = func(w int) []string { return d.saleRows(w, d.snap.Held) }
	l.ids = func() []string { return numbers(d.snap.Held, func(s *ledger.Sale) string { return s.ID }) }
	l.enter = func(at int) tea.Cmd {
		return d.recall(d.snap.Held[at].ID, func() tea.Cmd {
			d.close(l)
			return nil
		})
	}
	return d.open(l)
}

// recall brings a sale back to the front. What was being typed was for no sale
// or another: a quantity must not fall on this one's goods.
func (d *desk) recall(sale string, then func() tea.Cmd) tea.Cmd {
	return d.ask(till.SaleRecall{Sale: sale}, func(till.Result) tea.Cmd {
		d.sell.reset()
		return then()
	})
}

// openReference starts a sale that carries the shop's own order number.
func (d *desk) openReference() tea.Cmd {
	var n *numberScreen
	n = newNumber(d, free, func(t *lang.Screen) string { return t.NewReference },
		func(t *lang.Screen) string { return t.ReferenceHint }, func(f *field) tea.Cmd {
			return d.ask(till.SaleOpen{Reference: f.text}, func(till.Result) tea.Cmd {
				d.close(n)
				return nil
			})
		})
	return d.open(n)
}

func (d *desk) voidSale() tea.Cmd {
	return d.chooseReason(func(t *lang.Screen) []string { return []string{t.ReasonLeft, t.ReasonMistake, t.ReasonOther} },
		func(reason string) tea.Cmd {
			return d.open(newConfirm(d, func(t *lang.Screen) string { return t.VoidSale },
				func(t *lang.Screen) []string {
					sale := front(d.snap)
					if sale == nil {
						return []string{t.NothingHere}
					}
					return []string{fmt.Sprintf(t.VoidText, sale.ID, cash(sale.Total))}
				}, func() tea.Cmd {
					return d.ask(till.SaleVoid{Reason: reason}, d.done(func(t *lang.Screen) string { return t.SaleVoided }))
				}))
		})
}

// openDiscount asks off what, how much and why.
func (d *desk) openDiscount() tea.Cmd {
	sale := front(d.snap)
	if sale == nil || len(standing(sale)) == 0 {
		return d.fault(&till.Fault{Code: till.FaultSaleEmpty})
	}
	lines := standing(sale)
	line := lines[len(lines)-1].No
	if d.sell.selected != 0 {
		line = d.sell.selected
	}
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.KeyDiscount },
		item{label: func(t *lang.Screen) string { return t.DiscountSalePercent }, run: d.askPercent(0)},
		item{label: func(t *lang.Screen) string { return t.DiscountSaleAmount }, run: d.askLess(0)},
		item{label: func(t *lang.Screen) string { return t.DiscountLinePercent }, run: d.askPercent(line)},
		item{label: func(t *lang.Screen) string { return t.DiscountLineAmount }, run: d.askLess(line)},
	))
}

func (d *desk) askPercent(line int) func() tea.Cmd {
	return func() tea.Cmd {
		var n *numberScreen
		n = newNumber(d, count, func(t *lang.Screen) string { return t.DiscountPercent },
			func(t *lang.Screen) string { return t.DiscountPercentHint }, func(f *field) tea.Cmd {
				percent, err := strconv.Atoi(f.text)
				if err != nil || percent < 1 || percent > 100 {
					f.clear()
					return d.fault(&till.Fault{Code: till.FaultBadDiscount})
				}
				d.close(n)
				return d.discountReason(till.SaleDiscount{Line: line, Percent: percent})
			})
		return d.open(n)
	}
}

func (d *desk) askLess(line int) func() tea.Cmd {
	return func() tea.Cmd {
		var n *numberScreen
		n = newNumber(d, amount, func(t *lang.Screen) string { return t.DiscountAmount },
			func(t *lang.Screen) string { return t.DiscountAmountHint }, func(f *field) tea.Cmd {
				less, cmd, ok := d.wanted(f)
				if !ok {
					return cmd
				}
				d.close(n)
				return d.discountReason(till.SaleDiscount{Line: line, Amount: less})
			})
		return d.open(n)
	}
}

func (d *desk) discountReason(c till.SaleDiscount) tea.Cmd {
	return d.chooseReason(func(t *lang.Screen) []string {
		return []string{t.ReasonPromotion, t.ReasonMember, t.ReasonDamaged, t.ReasonOther}
	}, func(reason string) tea.Cmd {
		c.Reason = reason
		return d.ask(c, nil)
	})
}

// openMember asks for a member's number; the member's code can be scanned at
// any time without it.
func (d *desk) openMember() tea.Cmd {
	m := &memberScreen{}
	m.numberScreen = newNumber(d, count, func(t *lang.Screen) string { return t.KeyMember },
		func(t *lang.Screen) string { return t.MemberHint }, func(f *field) tea.Cmd {
			text := f.text
			if text == "" {
				return nil
			}
			d.close(m)
			return d.ask(till.SaleScan{Text: text}, func(r till.Result) tea.Cmd {
				what, _ := r.(till.Scanned)
				if what.Kind == till.ScanPayCode { // recognised, and nothing charged
					return d.refuseScan()
				}
				return d.tookScan(text, what)
			})
		})
	return d.open(m)
}

// memberScreen is a number field that a scan goes past, to the sale.
type memberScreen struct{ *numberScreen }

func (m *memberScreen) update(msg tea.Msg, s *till.Snapshot) tea.Cmd {
	if scan, ok := msg.(scanMsg); ok {
		return m.leaveFor(scan)
	}
	return m.numberScreen.update(msg, s)
}

// openCustomer lets the sandbox's customer act: on an order code by scanning
// it, else by showing a wallet's pay code to the scanner.
func (d *desk) openCustomer() tea.Cmd {
	if !d.snap.Identity.Sandbox {
		return d.fault(&till.Fault{Code: till.FaultSandboxOnly})
	}
	plays := func(c payment.Channel, behaviour string) func() tea.Cmd {
		return func() tea.Cmd {
			play := till.CustomerPlays{Channel: c, Behaviour: behaviour}
			if a := d.attempt(); a != nil && a.Payment.Present {
				play.Order, play.Channel = a.Payment.Order, payment.Channel(a.Payment.Channel)
			}
			return d.ask(play, d.customerPlayed)
		}
	}
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.CustomerTitle },
		item{label: func(t *lang.Screen) string { return t.CustomerWeChat }, run: plays(payment.WeChat, "pay")},
		item{label: func(t *lang.Screen) string { return t.CustomerAlipay }, run: plays(payment.Alipay, "pay")},
		item{label: func(t *lang.Screen) string { return t.CustomerPassword }, run: plays(payment.WeChat, "password:8")},
		item{label: func(t *lang.Screen) string { return t.CustomerPoor }, run: plays(payment.WeChat, "decline:NOTENOUGH")},
		item{label: func(t *lang.Screen) string { return t.CustomerPoorAlipay }, run: plays(payment.Alipay, "decline:ACQ.BUYER_BALANCE_NOT_ENOUGH")},
		item{label: func(t *lang.Screen) string { return t.CustomerNever }, run: plays(payment.Alipay, "never")},
	))
}

// customerPlayed takes what the core answers: a scan or a payment begun.
func (d *desk) customerPlayed(r till.Result) tea.Cmd {
	d.home()
	switch r := r.(type) {
	case till.Scanned:
		if r.Payment != nil {
			d.awaitPayment(*r.Payment)
		}
	case ledger.Payment:
		d.awaitPayment(r)
	}
	return nil
}

func (d *desk) signOut() tea.Cmd { return d.ask(till.Logout{}, nil) }
