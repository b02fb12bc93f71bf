// Package report writes X and Z reports for paper, screen and spreadsheets.
package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/ledger"
	"abacus/printer"
)

// Paper is a report as it is printed.
func Paper(r ledger.Report, h printer.Heading) printer.Report {
	c := r.Cash
	return printer.Report{
		Heading: h, Z: r.Number, Shift: r.Shift.ID, OpenedBy: r.Shift.Operator, OpenedAt: r.Shift.OpenedAt, ClosedAt: r.Shift.ClosedAt,
		At: r.At, From: r.From, To: r.To, Sales: r.Sales, Voided: r.Voided, Removed: r.Removed, Openings: r.Drawer, Reprints: r.Copies,
		Gross: r.Gross, Refunds: r.Refunds, Net: r.Net, Discounts: r.Discounts, Channels: rows(r.Channels), Operators: rows(r.Operators),
		Cash:     &printer.CashCount{Float: c.Float, Sales: c.Sales, In: c.In, Out: c.Out, Refunds: c.Refunds, Expected: c.Expected, Counted: c.Counted, Variance: c.Variance},
		Doubtful: r.Doubtful, DoubtSum: r.DoubtSum, Doubles: r.Doubles, Head: printer.Journal{Number: r.Head.Number, Hash: r.Head.Hash.String()},
		Between: r.Between, BetweenBack: r.BetweenBack, GrandTotal: r.GrandTotal, GrandBack: r.GrandBack, Prepaid: prepaid(r), Holds: r.Holds.Open, HoldSum: r.Holds.Amount,
	}
}

func prepaid(r ledger.Report) *printer.PrepaidTotals {
	p := r.Prepaid
	if p.IsZero() && r.Liability.IsZero() {
		return nil
	}
	return &printer.PrepaidTotals{
		Issued: p.Issued, ToppedUp: p.ToppedUp, TakenBack: p.TakenBack, Redeemed: p.Redeemed, Returned: p.Returned, Expired: p.Expired,
		Liability: r.Liability, Turnover: r.Turnover,
	}
}

func rows(in []ledger.Total) []printer.Total {
	out := make([]printer.Total, 0, len(in))
	for _, r := range in {
		out = append(out, printer.Total{Name: r.Name, Count: r.Count, Amount: r.Amount, RefundCount: r.RefundCount, Refunds: r.Refunds})
	}
	return out
}

// Text writes a report as on paper, columns wide.
func Text(w io.Writer, r ledger.Report, texts *lang.Paper, columns int) error {
	_, err := io.WriteString(w, printer.Text(Paper(r, printer.Heading{Store: []string{r.Store}, Till: r.Till}).Document(texts), columns))
	return err
}

// CSV writes a report as rows of section, name, count, amount, refund count
// and refunds. Amounts are in major units with a point, so that any spreadsheet
// reads them; the first line names the columns.
func CSV(w io.Writer, r ledger.Report) error {
	out := csv.NewWriter(w)
	write := func(section, name string, count int, amount money.Amount, refundCount int, refunds money.Amount) {
		_ = out.Write([]string{section, name, strconv.Itoa(count), amount.Decimal(), strconv.Itoa(refundCount), refunds.Decimal()})
	}
	var none money.Amount
	_ = out.Write([]string{"section", "name", "count", "amount", "refund_count", "refunds"})
	write("total", fmt.Sprintf("%s%d", r.Kind, r.Number), r.Sales, r.Gross, 0, r.Refunds)
	write("total", "net", 0, r.Net, 0, none)
	write("total", "discounts", 0, r.Discounts, 0, none)
	write("total", "voided", r.Voided, none, 0, none)
	write("total", "doubtful", r.Doubtful, r.DoubtSum, 0, none)
	if !r.Between.IsZero() || !r.BetweenBack.IsZero() {
		write("total", "between shifts", 0, r.Between, 0, r.BetweenBack)
	}
	if r.Doubles > 0 {
		write("total", "doubles", r.Doubles, none, 0, none)
	}
	if r.Holds.Open > 0 {
		write("total", "holds open", r.Holds.Open, r.Holds.Amount, 0, none)
	}
	for _, c := range r.Channels {
		write("channel", c.Name, c.Count, c.Amount, c.RefundCount, c.Refunds)
	}
	for _, o := range r.Operators {
		write("operator", o.Name, o.Count, o.Amount, o.RefundCount, o.Refunds)
	}
	if p := prepaid(r); p != nil {
		write("prepaid", "issued", p.Issued, none, 0, none)
		write("prepaid", "topped up", 0, p.ToppedUp, 0, p.TakenBack)
		write("prepaid", "redeemed", 0, p.Redeemed, 0, p.Returned)
		write("prepaid", "expired", 0, p.Expired, 0, none)
		write("prepaid", "liability", 0, p.Liability, 0, none)
		write("prepaid", "turnover", 0, p.Turnover, 0, none)
	}
	cash := r.Cash
	for _, row := range []struct {
		name   string
		amount money.Amount
	}{{"float", cash.Float}, {"sales", cash.Sales}, {"in", cash.In}, {"out", cash.Out}, {"refunds", cash.Refunds}, {"expected", cash.Expected}, {"counted", cash.Counted}, {"variance", cash.Variance}} {
		write("cash", row.name, 0, row.amount, 0, none)
	}
	write("ever", "grand total", 0, r.GrandTotal, 0, r.GrandBack)
	_ = out.Write([]string{"journal", r.Head.Hash.String(), strconv.FormatInt(r.Head.Number, 10), "", "", ""})
	out.Flush()
	return out.Error()
}
