package ledger

import (
	"encoding/json"
	"strconv"

	"abacus/internal/money"
)

func (b *books) shiftOpened(e *Entry, p ShiftOpened) error {
	if b.desk.shift != "" {
		return refuse(RefuseShiftOpen, b.desk.shift, "a shift is open")
	}
	if p.Shift == "" || len(p.Shift) > maxText {
		return refuse(RefuseEntry, p.Shift, "a shift needs an identity")
	}
	if p.Number != b.desk.shiftNumber+1 {
		return refuse(RefuseNumber, p.Shift, "shift number %d, the next is %d", p.Number, b.desk.shiftNumber+1)
	}
	if err := b.accepts(p.Shift, p.Float); err != nil {
		return err
	}
	if p.Float.Negative() {
		return refuse(RefuseAmount, p.Shift, "a float of %s", p.Float)
	}
	if b.shifts.taken(p.Shift) {
		return refuse(RefuseExists, p.Shift, "this shift exists")
	}
	b.shifts.add(p.Shift, e.Number, Shift{ID: p.Shift, Number: p.Number, Operator: e.Operator, Day: e.Day, OpenedAt: e.Time,
		Float: b.zero().Add(p.Float), From: e.Number})
	b.desk.shift, b.desk.shiftNumber, b.desk.days = p.Shift, p.Number, nil
	return nil
}

func (b *books) shiftCash(_ *Entry, p ShiftCash) error {
	shift, err := b.shifts.edit(b.desk.shift)
	if shift == nil {
		return orRefuse(err, RefuseNoShift, "", "no shift is open")
	}
	if err := b.accepts(shift.ID, p.Amount); err != nil {
		return err
	}
	switch {
	case p.Amount.Positive():
		shift.CashIn = shift.CashIn.Add(p.Amount)
	case p.Amount.Negative():
		shift.CashOut = shift.CashOut.Sub(p.Amount)
	default:
		return refuse(RefuseAmount, shift.ID, "no cash was moved")
	}
	return nil
}

func (b *books) shiftClosed(e *Entry, p ShiftClosed) error {
	if b.desk.shift == "" || p.Shift != b.desk.shift {
		return refuse(RefuseNoShift, p.Shift, "open is %q", b.desk.shift)
	}
	shift, err := b.shifts.edit(p.Shift)
	if shift == nil {
		return orRefuse(err, RefuseNoShift, p.Shift, "no such shift")
	}
	if err := b.accepts(p.Shift, p.Counted); err != nil {
		return err
	}
	if p.Counted.Negative() {
		return refuse(RefuseAmount, p.Shift, "counted %s", p.Counted)
	}
	shift.ClosedAt, shift.To, shift.Counted, shift.Z = e.Time, e.Number, p.Counted, b.desk.z+1
	b.desk.shift, b.desk.closing = "", p.Shift
	return nil
}

// zMade stores a Z. When a journal is replayed the report is computed again and
// must be the one that was stored.
func (b *books) zMade(e *Entry, p ZMade) error {
	if b.desk.closing == "" || e.Shift != b.desk.closing {
		return refuse(RefuseReport, e.Shift, "a Z without the closing of its shift before it")
	}
	if p.Number != b.desk.z+1 || p.Report.Number != p.Number {
		return refuse(RefuseNumber, e.Shift, "Z number %d, the next is %d", p.Number, b.desk.z+1)
	}
	if b.all != nil {
		again, err := b.report("Z", e.Day, Head{e.Number - 1, e.Previous}, *b.all)
		if err != nil {
			return err
		}
		again.Number, again.Store, again.Till, again.At = p.Number, p.Report.Store, e.Till, e.Time
		again.Doubles = p.Report.Doubles                                // what was suspicious is no law of the books
		if p.Report.Between.IsZero() && p.Report.BetweenBack.IsZero() { // of an earlier book, which did not tell it
			again.Between, again.BetweenBack = p.Report.Between, p.Report.BetweenBack
		}
		if !sameReport(&again, &p.Report) {
			return refuse(RefuseReport, e.Shift, "the entries give another Z %d than the one stored", p.Number)
		}
	}
	b.reports.add(strconv.FormatInt(p.Number, 10), e.Number, p.Report)
	b.desk.z, b.desk.closing = p.Number, ""
	return nil
}

// sameReport compares as written: a zero without a currency is the zero with
// one.
func sameReport(a, b *Report) bool {
	first, err := json.Marshal(a)
	if err != nil {
		return false
	}
	second, err := json.Marshal(b)
	return err == nil && string(first) == string(second)
}

// report is the one function both X and Z come from: the open shift, the one
// being closed, or, when none is open, what the day did without a shift.
func (b *books) report(kind, day string, head Head, all grandTotal) (Report, error) {
	r := Report{Kind: kind, Currency: b.currency, To: head.Number, Head: head,
		Gross: b.zero(), Refunds: b.zero(), Net: b.zero(), Discounts: b.zero(), DoubtSum: b.zero(),
		Channels: []Total{}, Operators: []Total{}, GrandTotal: b.zero().Add(all.gross), GrandBack: b.zero().Add(all.refunds)}
	id, days := b.desk.shift, b.desk.days
	switch {
	case kind == "Z":
		id = b.desk.closing
	case id == "":
		days = []string{day}
	}
	shift, err := b.shifts.see(id)
	if err != nil {
		return r, err
	}
	if shift != nil {
		r.Shift, r.From = *shift, shift.From
	}
	for _, day := range days {
		t, err := b.tallies.see(tallyID(day, id))
		if err != nil {
			return r, err
		}
		if t != nil {
			r.add(t, b.zero())
		}
	}
	r.Net = r.Gross.Sub(r.Refunds)
	if shift != nil {
		if err := b.between(&r); err != nil {
			return Report{}, err
		}
	}
	r.countPrepaid(all.prepaid)
	if err := b.doubts(&r); err != nil {
		return Report{}, err
	}
	if r.Holds, err = b.openHolds(); err != nil {
		return Report{}, err
	}
	r.countCash(b.zero(), kind == "Z")
	return r, nil
}

// between is what the grand total rose by since the last Z, less what the shift
// itself has of it. Money that comes while no shift is open belongs to no shift;
// a Z that did not tell it would leave a hole in the row of Zs.
func (b *books) between(r *Report) error {
	r.Between, r.BetweenBack = r.GrandTotal.Sub(r.Gross), r.GrandBack.Sub(r.Refunds)
	last, err := b.reports.see(strconv.FormatInt(b.desk.z, 10))
	if last != nil {
		r.Between, r.BetweenBack = r.Between.Sub(last.GrandTotal), r.BetweenBack.Sub(last.GrandBack)
	}
	return err
}

// add takes one tally into the report.
func (r *Report) add(t *tally, zero money.Amount) {
	r.Sales += t.Sales
	r.Voided += t.Voided
	r.Removed += t.Removed
	r.Drawer += t.Drawer
	r.Copies += t.Copies
	r.Gross, r.Refunds = r.Gross.Add(t.Gross), r.Refunds.Add(t.Refunds)
	r.Discounts = r.Discounts.Add(t.Discounts)
	r.Prepaid.add(t.Prepaid)
	addTotals(&r.Channels, t.Channels, zero)
	addTotals(&r.Operators, t.Operators, zero)
}

func addTotals(into *[]Total, from []Total, zero money.Amount) {
	for _, t := range from {
		row := totalOf(into, t.Name, zero)
		row.Count += t.Count
		row.RefundCount += t.RefundCount
		row.Amount, row.Refunds = row.Amount.Add(t.Amount), row.Refunds.Add(t.Refunds)
	}
}

// doubts counts what is not certain now, whichever shift it began in. Closing
// never waits for it: its end falls to the shift that is open then.
func (b *books) doubts(r *Report) error {
	payments, err := b.payments.lives()
	if err != nil {
		return err
	}
	for _, c := range payments {
		if !c.doc.State.Final() {
			r.Doubtful++
			r.DoubtSum = r.DoubtSum.Add(c.doc.Amount)
		}
	}
	refunds, err := b.refunds.lives()
	for _, c := range refunds {
		r.Doubtful++
		r.DoubtSum = r.DoubtSum.Add(c.doc.Amount)
	}
	return err
}

func (r *Report) countCash(zero money.Amount, counted bool) {
	cash := CashCount{Float: zero.Add(r.Shift.Float), Sales: zero, In: zero.Add(r.Shift.CashIn), Out: zero.Add(r.Shift.CashOut), Refunds: zero}
	for _, t := range r.Channels {
		if t.Name == cashChannel {
			cash.Sales, cash.Refunds = t.Amount, t.Refunds
		}
	}
	cash.Expected = cash.Float.Add(cash.Sales).Add(cash.In).Sub(cash.Out).Sub(cash.Refunds)
	if counted {
		cash.Counted, cash.Variance = r.Shift.Counted, r.Shift.Counted.Sub(cash.Expected)
	}
	r.Cash = cash
}

// cashChannel is the name of the channel whose money lies in the drawer.
const cashChannel = "cash"
