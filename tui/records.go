package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
)

// openSales lists the sales, newest first; Enter shows the receipt.
func (d *desk) openSales() tea.Cmd {
	return d.ask(till.SalesList{Limit: 200}, func(r till.Result) tea.Cmd {
		sales, _ := r.([]ledger.Sale)
		l := newList(d, func(t *lang.Screen) string { return t.SalesTitle })
		l.heading = d.saleHeading
		l.rows = func(w int) []string { return d.saleRows(w, sales) }
		l.enter = func(at int) tea.Cmd { return d.openReceipt(sales[at].ID) }
		return d.open(l)
	})
}

func (d *desk) saleHeading(w int) string {
	t := &d.words.Screen
	return "  " + left(t.ColumnSale, 16) + left(t.ColumnTime, 8) + right(t.ColumnLines, 7) + right(t.ColumnAmount, 13) +
		right(t.ColumnRefunded, 13) + left("  "+t.ColumnState, w-59)
}

func (d *desk) saleRows(w int, sales []ledger.Sale) []string {
	rows := make([]string, 0, len(sales))
	for _, s := range sales {
		state := string(s.State)
		if s.Open != "" {
			state = string(ledger.PaymentChecking)
		}
		back := ""
		if !s.Refunded.IsZero() {
			back = cash(s.Refunded.Neg())
		}
		rows = append(rows, "  "+left(s.ID, 16)+left(s.OpenedAt.In(d.now().Location()).Format("15:04"), 8)+
			right(quantity(ledger.Quantity(len(standing(&s)))*ledger.One), 7)+right(cash(s.Total), 13)+right(back, 13)+
			left("  "+d.channel(state), w-59))
	}
	return rows
}

// openPayments lists the payments, newest first; Enter shows all about one.
func (d *desk) openPayments() tea.Cmd {
	return d.ask(till.PaymentList{Limit: 200}, d.showPayments)
}

func (d *desk) showPayments(r till.Result) tea.Cmd {
	payments, _ := r.([]ledger.Payment)
	l := newList(d, func(t *lang.Screen) string { return t.PaymentsTitle },
		binding{keys: []string{"/"}, label: func(t *lang.Screen) string { return t.FindPayment }, run: d.openFind, bar: true})
	l.heading = d.paymentHeading
	l.rows = func(w int) []string {
		rows := make([]string, 0, len(payments))
		for _, p := range payments {
			rows = append(rows, d.paymentRow(w, p, d.channel(string(p.State))))
		}
		return rows
	}
	l.enter = func(at int) tea.Cmd { return d.openPayment(&payments[at]) }
	return d.open(l)
}

func (d *desk) paymentHeading(w int) string {
	t := &d.words.Screen
	return "  " + left(t.ColumnPayment, 20) + left(t.ColumnTime, 8) + left(t.ColumnMethod, 14) +
		right(t.ColumnAmount, 13) + left("  "+t.ColumnState, w-57)
}

func (d *desk) paymentRow(w int, p ledger.Payment, last string) string {
	return "  " + left(p.ID, 20) + left(p.StartedAt.In(d.now().Location()).Format("15:04"), 8) +
		left(d.channel(p.Channel), 14) + right(cash(p.Amount), 13) + left("  "+last, w-57)
}

// findScreen looks a payment up by a number, typed or scanned from the
// customer's bill.
type findScreen struct{ *numberScreen }

func (f findScreen) update(m tea.Msg, s *till.Snapshot) tea.Cmd {
	if scan, ok := m.(scanMsg); ok && !scan.payCode() {
		return f.find(scan.bare())
	}
	return f.numberScreen.update(m, s)
}

func (d *desk) openFind() tea.Cmd {
	return d.open(findScreen{newNumber(d, free, func(t *lang.Screen) string { return t.FindPayment },
		func(t *lang.Screen) string { return t.FindHint }, func(f *field) tea.Cmd { return d.find(f.text) })})
}

func (d *desk) find(number string) tea.Cmd {
	if number == "" {
		return nil
	}
	return d.ask(till.PaymentFind{Number: number}, func(r till.Result) tea.Cmd {
		if payments, _ := r.([]ledger.Payment); len(payments) == 0 {
			return d.refuse(d.words.Screen.PaymentUnknown)
		}
		return d.showPayments(r)
	})
}

// openDoubles lists charges that may have been taken twice, ready to be given
// back.
func (d *desk) openDoubles() tea.Cmd {
	const days = 7
	return d.ask(till.Doubles{Days: days}, func(r till.Result) tea.Cmd {
		doubles, _ := r.([]till.Double)
		l := newList(d, func(t *lang.Screen) string { return t.DoublesTitle })
		l.heading = d.paymentHeading
		l.rows = func(w int) []string {
			rows := make([]string, 0, len(doubles))
			for _, two := range doubles {
				rows = append(rows, d.paymentRow(w, two.Payment, d.why(two.Why)))
			}
			return rows
		}
		l.foot = func(w, at int) []string {
			say := fmt.Sprintf(d.words.Screen.DoubleOf, doubles[at].Earlier.ID)
			switch doubles[at].Why {
			case till.DoubleSale:
				say = fmt.Sprintf(d.words.Screen.DoubleHolds, doubles[at].Payment.Sale, cash(doubles[at].Amount))
			case till.DoubleLate:
				say = fmt.Sprintf(d.words.Screen.DoubleKept, doubles[at].Payment.Sale, cash(doubles[at].Amount))
			}
			return d.sentences(w, say, "")
		}
		l.enter = func(at int) tea.Cmd { return d.openRefundUpTo(doubles[at].Payment, doubles[at].Amount) }
		return d.open(l)
	})
}

// why says why two payments look like one.
func (d *desk) why(word string) string {
	t := &d.words.Screen
	switch word {
	case till.DoublePayer:
		return t.DoublePayer
	case till.DoubleCode:
		return t.DoubleCode
	case till.DoubleLate:
		return t.DoubleLate
	}
	return t.DoubleSale
}

// openReceipt shows a sale's receipt as it was printed, and reprints it.
func (d *desk) openReceipt(sale string) tea.Cmd {
	return d.ask(till.ReceiptText{Sale: sale, Width: 42}, func(r till.Result) tea.Cmd {
		text, _ := r.(string)
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		copies := binding{keys: []string{"f7", "/"}, label: func(t *lang.Screen) string { return t.KeyReprint },
			run: func() tea.Cmd { return d.printCopy(sale) }, bar: true}
		refund := binding{keys: []string{"f8", "*"}, label: func(t *lang.Screen) string { return t.KeyRefund },
			run: func() tea.Cmd { return d.openRefundSale(sale) }, bar: true}
		return d.open(newText(d, func(t *lang.Screen) string { return t.ReceiptTitle + " " + sale },
			func(*lang.Screen, int) []string { return lines }, copies, refund))
	})
}

// printCopy prints a numbered copy.
func (d *desk) printCopy(sale string) tea.Cmd {
	t := &d.words.Screen
	return d.ask(till.ReceiptPrint{Sale: sale, Reason: t.ReasonCopy}, func(till.Result) tea.Cmd {
		d.tell(good, t.CopyQueued)
		return nil
	})
}

// reprintLast prints a copy of the sale before this one.
// probePrinter prints the printer's test page.
func (d *desk) probePrinter() tea.Cmd {
	return d.ask(till.PrinterProbe{}, d.done(func(t *lang.Screen) string { return t.ProbeQueued }))
}

// reprintZ prints a copy of the last Z.
func (d *desk) reprintZ() tea.Cmd {
	return d.ask(till.ReceiptPrint{Z: -1}, d.done(func(t *lang.Screen) string { return t.CopyQueued }))
}

func (d *desk) reprintLast() tea.Cmd {
	return d.ask(till.SalesList{Limit: 20}, func(r till.Result) tea.Cmd {
		sales, _ := r.([]ledger.Sale)
		for _, s := range sales {
			if s.State == ledger.SaleDone {
				return d.printCopy(s.ID)
			}
		}
		return d.refuse(d.words.Screen.NothingHere)
	})
}
