package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/payment"
)

// openMenu is the way to everything without a function key: terminals keep F1,
// F10 and F11 for themselves.
func (d *desk) openMenu() tea.Cmd {
	t := func(pick func(*lang.Screen) string) words { return pick }
	return d.open(newMenu(d, t(func(t *lang.Screen) string { return t.MenuTitle }),
		item{label: func(t *lang.Screen) string { return t.KeyPay }, run: d.openPay, live: d.payable},
		item{label: func(t *lang.Screen) string { return t.KeyDoubt }, run: d.openDoubt},
		item{label: func(t *lang.Screen) string { return t.KeyDiscount }, run: d.openDiscount},
		item{label: func(t *lang.Screen) string { return t.KeyMember }, run: d.openMember},
		item{label: func(t *lang.Screen) string { return t.MenuSale }, run: d.openSaleMenu},
		item{label: func(t *lang.Screen) string { return t.KeyRefund }, run: d.openRefund},
		item{label: func(t *lang.Screen) string { return t.MenuRecords }, run: d.openRecords},
		item{label: func(t *lang.Screen) string { return t.MenuShift }, run: d.openShiftMenu},
		item{label: func(t *lang.Screen) string { return t.MenuTill }, run: d.openTillMenu},
	))
}

func (d *desk) openSaleMenu() tea.Cmd {
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.MenuSale },
		item{label: func(t *lang.Screen) string { return t.Hold }, run: d.hold, live: func() bool { return front(d.snap) != nil }},
		item{label: func(t *lang.Screen) string { return t.Recall }, run: d.openHeld, live: func() bool { return len(d.snap.Held) > 0 }},
		item{label: func(t *lang.Screen) string { return t.NewReference }, run: d.openReference, live: func() bool { return front(d.snap) == nil }},
		item{label: func(t *lang.Screen) string { return t.VoidSale }, run: d.voidSale, live: func() bool { return front(d.snap) != nil }},
		item{label: func(t *lang.Screen) string { return t.PrepaidTitle }, run: d.openPrepaid, live: func() bool { return d.charges(payment.Prepaid) }},
		item{label: func(t *lang.Screen) string { return t.HoldsTitle }, run: d.openHolds, live: func() bool { return d.holds() || d.snap.HoldCount > 0 }},
	))
}

func (d *desk) openRecords() tea.Cmd {
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.MenuRecords },
		item{label: func(t *lang.Screen) string { return t.SalesTitle }, run: d.openSales},
		item{label: func(t *lang.Screen) string { return t.PaymentsTitle }, run: d.openPayments},
		item{label: func(t *lang.Screen) string { return t.ReprintLast }, run: d.reprintLast},
		item{label: func(t *lang.Screen) string { return t.JournalTitle }, run: d.openJournal},
		item{label: func(t *lang.Screen) string { return t.FindPayment }, run: d.openFind},
		item{label: func(t *lang.Screen) string { return t.DoublesTitle }, run: d.openDoubles},
		item{label: func(t *lang.Screen) string { return t.ProbePrinter }, run: d.probePrinter},
		item{label: func(t *lang.Screen) string { return t.SyncJournal }, run: d.syncJournal},
		item{label: func(t *lang.Screen) string { return t.RefundsTitle }, run: d.openRefunds},
	))
}

func (d *desk) openShiftMenu() tea.Cmd {
	none := func() bool { return d.snap.Shift == nil }
	open := func() bool { return d.snap.Shift != nil }
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.MenuShift },
		item{label: func(t *lang.Screen) string { return t.ShiftOpenTitle }, run: d.openShift, live: none},
		item{label: func(t *lang.Screen) string { return t.ShiftCloseTitle }, run: d.closeShift, live: open},
		item{label: func(t *lang.Screen) string { return t.CashIn }, run: d.moveCash(+1, func(t *lang.Screen) string { return t.CashIn }), live: open},
		item{label: func(t *lang.Screen) string { return t.CashOut }, run: d.moveCash(-1, func(t *lang.Screen) string { return t.CashOut }), live: open},
		item{label: func(t *lang.Screen) string { return t.ReportXTitle }, run: d.reportX, live: open},
		item{label: func(t *lang.Screen) string { return t.LastZ }, run: d.reportZ},
		item{label: func(t *lang.Screen) string { return t.OpenDrawer }, run: d.openDrawer},
		item{label: func(t *lang.Screen) string { return t.ReprintZ }, run: d.reprintZ},
		item{label: func(t *lang.Screen) string { return t.MenuCards }, run: d.openCards, live: func() bool { return d.charges(payment.Card) }},
	))
}

func (d *desk) openTillMenu() tea.Cmd {
	return d.open(newMenu(d, func(t *lang.Screen) string { return t.MenuTill },
		item{label: func(t *lang.Screen) string { return t.KeyLanguage }, run: d.switchLanguage, stays: true},
		item{label: func(t *lang.Screen) string { return t.KeyTheme + " (" + d.look.Name + ")" }, run: d.switchTheme, stays: true},
		item{label: d.bellLabel, run: d.switchBell, stays: true},
		item{label: func(t *lang.Screen) string { return t.CheckTitle }, run: d.openCheck},
		item{label: func(t *lang.Screen) string { return t.KeyCustomer }, run: d.openCustomer, live: func() bool { return d.snap.Identity.Sandbox }},
		item{label: func(t *lang.Screen) string { return t.About }, run: d.openAbout},
		item{label: func(t *lang.Screen) string { return t.SignOut }, run: d.signOut},
		item{label: func(t *lang.Screen) string { return t.KeyQuit }, run: d.openQuit},
		item{label: func(*lang.Screen) string { return d.words.Doctor.Title }, run: d.openDoctor},
		item{label: func(t *lang.Screen) string { return t.KeyHelp }, run: d.openHelp},
	))
}

func (d *desk) bellLabel(t *lang.Screen) string {
	if d.silent {
		return t.BellOff
	}
	return t.BellOn
}

func (d *desk) switchBell() tea.Cmd {
	d.silent = !d.silent
	return d.ring(soundScanned)
}
