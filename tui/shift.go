package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// newShiftOpen asks for the float.
func newShiftOpen(d *desk) *numberScreen {
	var n *numberScreen
	n = newNumber(d, amount, func(t *lang.Screen) string { return t.ShiftOpenTitle },
		func(t *lang.Screen) string { return t.ShiftOpenHint }, func(f *field) tea.Cmd {
			float, cmd, ok := d.amountOrNone(f)
			if !ok {
				return cmd
			}
			return d.ask(till.ShiftOpen{Float: float}, func(till.Result) tea.Cmd {
				d.close(n)
				d.tell(good, d.words.Screen.ShiftOpened)
				return nil
			})
		})
	return n
}

func (d *desk) openShift() tea.Cmd { return d.open(newShiftOpen(d)) }

// amountOrNone reads an amount; nothing typed is nothing.
func (d *desk) amountOrNone(f *field) (money.Amount, tea.Cmd, bool) {
	if f.text == "" {
		return money.New(0, d.currency()), nil, true
	}
	return d.wanted(f)
}

// closeShift counts blind: what is expected is not shown before the count is
// in the book, so that the count is a count.
func (d *desk) closeShift() tea.Cmd {
	var n *numberScreen
	n = newNumber(d, amount, func(t *lang.Screen) string { return t.ShiftCloseTitle },
		func(t *lang.Screen) string { return t.ShiftCloseHint }, func(f *field) tea.Cmd {
			counted, cmd, ok := d.amountOrNone(f)
			if !ok {
				return cmd
			}
			return d.open(newConfirm(d, func(t *lang.Screen) string { return t.ShiftCloseTitle },
				func(t *lang.Screen) []string { return []string{fmt.Sprintf(t.ShiftCloseText, cash(counted))} },
				func() tea.Cmd {
					return d.ask(till.ShiftClose{Counted: counted}, func(r till.Result) tea.Cmd {
						d.close(n)
						return d.showReport(r)
					})
				}))
		})
	return d.open(n)
}

// moveCash puts cash into the drawer (sign 1) or takes it out (sign -1).
func (d *desk) moveCash(sign int64, title words) func() tea.Cmd {
	return func() tea.Cmd {
		var n *numberScreen
		n = newNumber(d, amount, title, func(t *lang.Screen) string { return t.CashMoveHint }, func(f *field) tea.Cmd {
			a, cmd, ok := d.wanted(f)
			if !ok {
				return cmd
			}
			if !a.Positive() {
				return d.refuse(d.words.Screen.InputUnclear)
			}
			d.close(n)
			if sign < 0 {
				a = a.Neg()
			}
			return d.chooseReason(func(t *lang.Screen) []string {
				return []string{t.ReasonChange, t.ReasonBank, t.ReasonExpense, t.ReasonOther}
			}, func(reason string) tea.Cmd {
				return d.ask(till.ShiftCash{Amount: a, Reason: reason}, d.done(func(t *lang.Screen) string { return t.CashMoved }))
			})
		})
		return d.open(n)
	}
}

// done tells that something has been done.
func (d *desk) done(text words) func(till.Result) tea.Cmd {
	return func(till.Result) tea.Cmd {
		d.tell(good, text(&d.words.Screen))
		return nil
	}
}

func (d *desk) openDrawer() tea.Cmd {
	return d.chooseReason(func(t *lang.Screen) []string { return []string{t.ReasonChange, t.ReasonCheck, t.ReasonOther} },
		func(reason string) tea.Cmd {
			return d.ask(till.DrawerOpen{Reason: reason}, d.done(func(t *lang.Screen) string { return t.DrawerOpened }))
		})
}

func (d *desk) reportX() tea.Cmd { return d.ask(till.ReportX{}, d.showReport) }
func (d *desk) reportZ() tea.Cmd { return d.ask(till.ReportZ{}, d.showReport) }

func (d *desk) showReport(r till.Result) tea.Cmd {
	report, ok := r.(ledger.Report)
	if !ok {
		return nil
	}
	title := func(t *lang.Screen) string {
		if report.Kind == "Z" {
			return fmt.Sprintf(t.ReportZTitle, report.Number)
		}
		return t.ReportXTitle
	}
	return d.open(newText(d, title, func(t *lang.Screen, w int) []string { return d.reportLines(t, report, min(w, 60)) }))
}

// reportLines is a report as text.
func (d *desk) reportLines(t *lang.Screen, r ledger.Report, w int) []string {
	var lines []string
	pair := func(label, value string) { lines = append(lines, left(label, w-16)+right(value, 16)) }
	lines = append(lines, t.Till+" "+r.Till+"  "+r.Store, t.Shift+" "+r.Shift.ID+"  "+d.channel(r.Shift.Operator),
		fmt.Sprintf(t.EntriesCovered, r.From, r.To), "")
	pair(t.Turnover, cash(r.Gross))
	pair(t.Refunds, cash(r.Refunds.Neg()))
	pair(t.Net, cash(r.Net))
	pair(t.SalesCount, fmt.Sprint(r.Sales))
	pair(t.Discount, cash(r.Discounts.Neg()))
	pair(t.VoidedSales, fmt.Sprint(r.Voided))
	pair(t.RemovedLines, fmt.Sprint(r.Removed))
	pair(t.DrawerCount, fmt.Sprint(r.Drawer))
	pair(t.CopyCount, fmt.Sprint(r.Copies))
	lines = append(lines, "", t.ByMethod)
	for _, c := range r.Channels {
		pair("  "+d.channel(c.Name)+" x"+fmt.Sprint(c.Count), cash(c.Amount))
		if c.RefundCount > 0 {
			pair("    "+t.Refunds+" x"+fmt.Sprint(c.RefundCount), cash(c.Refunds.Neg()))
		}
	}
	prepaidLines(t, r, pair)
	lines = append(lines, "", t.ByOperator)
	for _, o := range r.Operators {
		pair("  "+o.Name+" x"+fmt.Sprint(o.Count), cash(o.Amount))
	}
	lines = append(lines, "")
	d.cashLines(t, r, pair)
	pair(t.Doubtful+" x"+fmt.Sprint(r.Doubtful), cash(r.DoubtSum))
	if r.Doubles > 0 {
		pair(t.DoublesFound, fmt.Sprint(r.Doubles))
	}
	holdLine(t, r, pair)
	if !r.Between.IsZero() {
		pair(t.BetweenShifts, cash(r.Between))
	}
	if !r.BetweenBack.IsZero() {
		pair(t.BetweenBack, cash(r.BetweenBack.Neg()))
	}
	pair(t.GrandTotal, cash(r.GrandTotal))
	return append(lines, "", t.ChainHead+" "+fmt.Sprint(r.Head.Number), r.Head.Hash.String()[:32], r.Head.Hash.String()[32:])
}

// cashLines are the drawer's. Before the count only a manager sees what is
// expected: a cashier who knows the figure does not count.
func (d *desk) cashLines(t *lang.Screen, r ledger.Report, pair func(label, value string)) {
	if r.Kind != "Z" && !d.manager() {
		return
	}
	pair(t.Float, cash(r.Cash.Float))
	pair(t.CashSales, cash(r.Cash.Sales))
	pair(t.CashIn, cash(r.Cash.In))
	pair(t.CashOut, cash(r.Cash.Out.Neg()))
	pair(t.Refunds, cash(r.Cash.Refunds.Neg()))
	pair(t.Expected, cash(r.Cash.Expected))
	if r.Kind == "Z" {
		pair(t.Counted, cash(r.Cash.Counted))
		pair(t.Variance, cash(r.Cash.Variance))
	}
}
