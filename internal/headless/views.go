package headless

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// minor is an amount as a bare integer of minor units; the object it stands in
// names the currency. An invalid amount does not encode.
type minor struct{ money.Amount }

func (m minor) MarshalJSON() ([]byte, error) {
	if !m.Valid() {
		return nil, money.ErrRange
	}
	return strconv.AppendInt(nil, m.Minor(), 10), nil
}

// quantity is thousandths as a decimal number: 1, 0.512.
type quantity ledger.Quantity

func (q quantity) MarshalJSON() ([]byte, error) {
	text := fmt.Sprintf("%d.%03d", q/1000, max(q, -q)%1000)
	if q < 0 && q > -1000 {
		text = "-" + text
	}
	return []byte(strings.TrimSuffix(strings.TrimRight(text, "0"), ".")), nil
}

// view is a command's result as JSON has it.
func (s *session) view(ctx context.Context, name string, result any) (any, error) {
	switch r := result.(type) {
	case nil:
		return struct{}{}, nil
	case till.Identity:
		return identityView(r), nil
	case till.Synced:
		return syncedView(r, s.texts), nil
	case doctor.Report:
		return examinationView(r, s.texts), nil
	case till.Operator:
		return operatorOf{Operator: r.ID, Name: r.Name, Role: r.Role}, nil
	case ledger.Shift:
		return shiftView(r), nil
	case ledger.Report:
		if name == "shift.close" {
			closed := shiftView(r.Shift)
			closed.Report = reportView(r)
			return closed, nil
		}
		return reportView(r), nil
	case ledger.Sale:
		return saleView(r), nil
	case []ledger.Sale:
		return each(r, saleView), nil
	case till.Scanned:
		return s.scannedView(ctx, name, r)
	case ledger.Payment:
		return s.payment(ctx, name, r)
	case till.Asked:
		return s.asked(ctx, name, r)
	case []till.Double:
		return s.doubles(ctx, r)
	case []ledger.Payment:
		return s.payments(ctx, r)
	case ledger.Refund:
		return s.refund(ctx, r)
	case []ledger.Refund:
		return s.refunds(ctx, r)
	case till.Hold:
		return s.heldView(r), nil
	case []till.Hold:
		return each(r, s.heldView), nil
	case till.CardMoney:
		return cardMoneyOf{r.Card, minor{r.Amount}, r.Amount.Currency()}, nil
	case ledger.CardsSettled:
		return settledView(r), nil
	case till.Printed:
		return printedOf{r.Job, r.Copy}, nil
	case till.PrepaidCard:
		return prepaidView(r), nil
	case []till.PrepaidCard:
		return each(r, prepaidView), nil
	case string:
		return textOf{r}, nil
	case []ledger.Entry:
		return each(r, func(e ledger.Entry) ledger.Entry { return e }), nil
	case []goods.Item:
		return each(r, goodsView), nil
	}
	return nil, fmt.Errorf("%s: no JSON for a %T", name, result)
}

// each views a list; none is an empty list, never null.
func each[T, V any](list []T, view func(T) V) []V {
	out := make([]V, 0, len(list))
	for _, item := range list {
		out = append(out, view(item))
	}
	return out
}

type identityOf struct {
	Version  string         `json:"version"`
	Protocol int            `json:"protocol"`
	Store    string         `json:"store"`
	Till     string         `json:"till"`
	Currency money.Currency `json:"currency"`
	Sandbox  bool           `json:"sandbox"`
	Training bool           `json:"training"`
	Journal  ledger.Head    `json:"journal"`
}

// protocol is the version of the methods and fields; it rises when one that
// exists changes its name or meaning.
const protocol = 1

func identityView(i till.Identity) identityOf {
	return identityOf{i.Version, protocol, i.Store, i.Till, i.Currency, i.Sandbox, i.Training, i.Head}
}

type operatorOf struct {
	Operator string    `json:"operator"`
	Name     string    `json:"name,omitempty"`
	Role     till.Role `json:"role"`
	PIN      string    `json:"pin,omitempty"` // in the sandbox only
}

type printedOf struct {
	Job  string `json:"job"`
	Copy int    `json:"copy"`
}

type cardMoneyOf struct {
	Card     string         `json:"card"` // masked
	Balance  minor          `json:"balance"`
	Currency money.Currency `json:"currency"`
}

type settledOf struct {
	Batch       string         `json:"batch"`
	Agrees      bool           `json:"agrees"`
	Sales       minor          `json:"sales"`
	SaleCount   int            `json:"sale_count"`
	Returns     minor          `json:"returns"`
	ReturnCount int            `json:"return_count"`
	Uploaded    int            `json:"uploaded,omitempty"`
	Currency    money.Currency `json:"currency"`
	Journal     *bookedOf      `json:"journal,omitempty"`
}

// bookedOf is what the journal has of a batch of cards.
type bookedOf struct {
	Agrees      bool     `json:"agrees"`
	Sales       minor    `json:"sales"`
	SaleCount   int      `json:"sale_count"`
	Returns     minor    `json:"returns"`
	ReturnCount int      `json:"return_count"`
	Unmatched   []string `json:"unmatched,omitempty"`
}

func settledView(r ledger.CardsSettled) settledOf {
	out := settledOf{r.Batch, r.Agrees, minor{r.Sales}, r.SaleCount, minor{r.Returns}, r.ReturnCount, r.Uploaded, r.Sales.Currency(), nil}
	if r.Compared {
		out.Journal = &bookedOf{len(r.Unmatched) == 0, minor{r.BookSales}, r.BookSaleCount, minor{r.BookReturns}, r.BookReturnCount, r.Unmatched}
	}
	return out
}

type textOf struct {
	Text string `json:"text"`
}

type goodsOf struct {
	Code     string         `json:"code"`
	Name     string         `json:"name"`
	NameEn   string         `json:"name_en,omitempty"`
	Initials string         `json:"initials,omitempty"`
	Unit     string         `json:"unit,omitempty"`
	Price    minor          `json:"price"`
	Currency money.Currency `json:"currency"`
	Weighed  bool           `json:"weighed,omitempty"`
}

func goodsView(g goods.Item) goodsOf {
	return goodsOf{g.Code, g.Name, g.NameEn, g.Initials, g.Unit, minor{g.Price}, g.Price.Currency(), g.Weighed}
}

type saleOf struct {
	Sale      string           `json:"sale"`
	Reference string           `json:"reference,omitempty"`
	State     ledger.SaleState `json:"state"`
	Day       string           `json:"day,omitempty"`
	Shift     string           `json:"shift,omitempty"`
	Operator  string           `json:"operator,omitempty"`
	OpenedAt  time.Time        `json:"opened_at,omitzero"`
	ClosedAt  time.Time        `json:"closed_at,omitzero"`
	Lines     []lineOf         `json:"lines"`             // what is sold
	Removed   []lineOf         `json:"removed,omitempty"` // what was taken off again
	Discount  minor            `json:"discount,omitzero"` // of the whole sale, positive
	Cause     string           `json:"discount_reason,omitempty"`
	Total     minor            `json:"total"`
	Paid      minor            `json:"paid"`
	Due       minor            `json:"due"`
	Refunded  minor            `json:"refunded,omitzero"`
	Currency  money.Currency   `json:"currency"`
	Payments  []string         `json:"payments,omitempty"`
	Open      string           `json:"open_payment,omitempty"`
	Copies    int              `json:"copies,omitempty"`
}

type lineOf struct {
	Line     int      `json:"line"`
	Code     string   `json:"code,omitempty"`
	Name     string   `json:"name"`
	NameEn   string   `json:"name_en,omitempty"`
	Unit     string   `json:"unit,omitempty"`
	Quantity quantity `json:"quantity"`
	Price    minor    `json:"price"`
	Amount   minor    `json:"amount"` // before the discount
	Discount minor    `json:"discount,omitzero"`
	Reason   string   `json:"reason,omitempty"`
	Weighed  bool     `json:"weighed,omitempty"`
	Prepaid  string   `json:"prepaid,omitempty"` // the card that the line tops up
}

func saleView(s ledger.Sale) saleOf {
	v := saleOf{
		Sale: s.ID, Reference: s.Reference, State: s.State, Day: s.Day, Shift: s.Shift, Operator: s.Operator,
		OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt, Lines: []lineOf{},
		Discount: minor{s.Discount}, Cause: s.DiscountOf, Total: minor{s.Total}, Paid: minor{s.Paid}, Due: minor{s.Due()},
		Refunded: minor{s.Refunded}, Currency: s.Currency, Payments: s.Payments, Open: s.Open, Copies: s.Copies,
	}
	for _, l := range s.Lines {
		line := lineOf{
			l.No, l.Code, l.Name, l.NameEn, l.Unit, quantity(l.Quantity),
			minor{l.Price}, minor{l.Amount}, minor{l.Discount}, l.Reason, l.Weighed, l.Prepaid,
		}
		if l.Removed {
			v.Removed = append(v.Removed, line)
		} else {
			v.Lines = append(v.Lines, line)
		}
	}
	return v
}

type scannedOf struct {
	Kind     till.ScanKind   `json:"kind"`
	Problem  string          `json:"problem,omitempty"` // of an unreadable code
	Say      string          `json:"say"`
	Hint     string          `json:"hint"`
	Channel  string          `json:"channel,omitempty"`
	Mask     string          `json:"mask,omitempty"`
	Line     int             `json:"line,omitempty"`
	Sale     *saleOf         `json:"sale,omitempty"`
	Payment  json.RawMessage `json:"payment,omitempty"`
	Prepaid  *prepaidOf      `json:"prepaid,omitempty"` // sale.pay with the number must follow, to pay with it
	Confirm  minor           `json:"confirm,omitzero"`  // sale.pay with the code must follow, if this amount is meant
	Currency money.Currency  `json:"currency,omitempty"`
}

// scanned is what a scan was, without sale and payment.
func (s *session) scanned(r till.Scanned) scannedOf {
	why := r.Problem
	if r.Confirm.Positive() {
		why = "confirm"
	}
	say, hint := s.texts.Scan(string(r.Kind), why, r.Mask)
	return scannedOf{
		Kind: r.Kind, Problem: r.Problem, Say: say, Hint: hint, Channel: string(r.Channel), Mask: r.Mask, Line: r.Line,
		Confirm: minor{r.Confirm}, Currency: r.Confirm.Currency(),
	}
}

func (s *session) scannedView(ctx context.Context, name string, r till.Scanned) (any, error) {
	v := s.scanned(r)
	if r.Prepaid != nil {
		card := prepaidView(*r.Prepaid)
		v.Prepaid, v.Currency = &card, card.Currency
	}
	if r.Sale != nil {
		sale := saleView(*r.Sale)
		v.Sale, v.Currency = &sale, r.Sale.Currency
	}
	if r.Payment == nil {
		return v, nil
	}
	payment, err := s.payment(ctx, name, *r.Payment)
	if err != nil {
		return nil, err
	}
	v.Payment, err = json.Marshal(payment)
	return v, err
}
