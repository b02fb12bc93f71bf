package ledger

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"abacus/internal/money"
)

// The documents that every sale writes are put into JSON by hand: reflection
// would take a tenth of the whole commit. They are read back by encoding/json,
// and a test holds both to the same bytes for every field.

// writer is a JSON object being written.
type writer struct {
	b   []byte
	err error
}

// key begins a member; the names here need no escaping.
func (w *writer) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *writer) text(name, value string) {
	w.key(name)
	w.b = appendText(w.b, value)
}

func (w *writer) textIf(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

// appendText quotes as encoding/json does. Common text needs no escaping.
func appendText(b []byte, value string) []byte {
	ascii := true
	for i := range len(value) {
		c := value[i]
		if c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f {
			return appendEscaped(b, value)
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if !ascii && (!utf8.ValidString(value) || strings.ContainsAny(value, "\u2028\u2029")) {
		return appendEscaped(b, value)
	}
	return append(append(append(b, '"'), value...), '"')
}

func appendEscaped(b []byte, value string) []byte {
	escaped, _ := json.Marshal(value) // a string can always be written
	return append(b, escaped...)
}

func (w *writer) int(name string, value int64) {
	w.key(name)
	w.b = strconv.AppendInt(w.b, value, 10)
}

func (w *writer) intIf(name string, value int) {
	if value != 0 {
		w.int(name, int64(value))
	}
}

func (w *writer) boolIf(name string, value bool) {
	if value {
		w.key(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *writer) amount(name string, a money.Amount) {
	w.key(name)
	w.b = strconv.AppendInt(append(w.b, `{"minor":`...), a.Minor(), 10)
	if a.Currency() != "" {
		w.b = appendText(append(w.b, `,"currency":`...), string(a.Currency()))
	}
	w.b = append(w.b, '}')
}

func (w *writer) amountIf(name string, a money.Amount) {
	if !a.IsZero() {
		w.amount(name, a)
	}
}

func (w *writer) time(name string, t time.Time) {
	w.key(name)
	w.b = append(t.AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
}

func (w *writer) timeIf(name string, t time.Time) {
	if !t.IsZero() {
		w.time(name, t)
	}
}

func (w *writer) texts(name string, list []string) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	for i, text := range list {
		w.b = appendText(append(w.b, "[,"[min(i, 1)]), text)
	}
	w.b = append(w.b, ']')
}

// objects writes a list, each item by each.
func objects[T any](w *writer, name string, list []T, each func(*writer, *T)) {
	w.key(name)
	if list == nil {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = append(w.b, '[')
	for i := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, '{')
		each(w, &list[i])
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
}

func (w *writer) rawIf(name string, value json.RawMessage) {
	if len(value) == 0 {
		return
	}
	w.key(name)
	text, err := json.Marshal(value)
	w.b, w.err = append(w.b, text...), errors.Join(w.err, err)
}

func (w *writer) line(l *Line) {
	w.int("line", int64(l.No))
	w.textIf("code", l.Code)
	w.text("name", l.Name)
	w.textIf("name_en", l.NameEn)
	w.textIf("unit", l.Unit)
	w.int("quantity", int64(l.Quantity))
	w.amount("price", l.Price)
	w.amount("amount", l.Amount)
	w.amountIf("discount", l.Discount)
	w.textIf("reason", l.Reason)
	w.boolIf("weighed", l.Weighed)
	w.boolIf("removed", l.Removed)
	w.textIf("prepaid", l.Prepaid)
}

func (w *writer) sale(s *Sale) {
	w.text("sale", s.ID)
	w.textIf("reference", s.Reference)
	w.text("state", string(s.State))
	w.text("day", s.Day)
	w.textIf("shift", s.Shift)
	w.textIf("operator", s.Operator)
	w.text("currency", string(s.Currency))
	w.time("opened_at", s.OpenedAt)
	w.timeIf("closed_at", s.ClosedAt)
	objects(w, "lines", s.Lines, (*writer).line)
	w.amountIf("discount", s.Discount)
	w.textIf("discount_reason", s.DiscountOf)
	w.amount("total", s.Total)
	w.amount("paid", s.Paid)
	w.amount("refunded", s.Refunded)
	w.texts("payments", s.Payments)
	w.textIf("open_payment", s.Open)
	w.intIf("copies", s.Copies)
	w.amountIf("taken_back", s.TakenBack)
	w.amountIf("elsewhere", s.Elsewhere)
}

func (w *writer) payment(p *Payment) {
	w.text("payment", p.ID)
	w.text("sale", p.Sale)
	w.text("order", p.Order)
	w.text("day", p.Day)
	w.textIf("shift", p.Shift)
	w.textIf("operator", p.Operator)
	w.text("channel", p.Channel)
	w.amount("amount", p.Amount)
	w.boolIf("present", p.Present)
	w.textIf("code_mask", p.CodeMask)
	w.textIf("code_hash", p.CodeHash)
	w.amountIf("tendered", p.Tendered)
	w.amountIf("change", p.Change)
	w.text("state", string(p.State))
	w.textIf("reason", p.Reason)
	w.textIf("detail", p.Detail)
	w.textIf("acquirer_reference", p.AcquirerReference)
	w.textIf("payer", p.Payer)
	w.textIf("funding", p.Funding)
	w.intIf("instalments", p.Instalments)
	w.boolIf("forced", p.Forced)
	w.boolIf("watch", p.Watch)
	w.time("started_at", p.StartedAt)
	w.timeIf("ended_at", p.EndedAt)
	w.rawIf("attempt", p.Attempt)
	w.amountIf("refunded", p.Refunded)
	w.texts("refunds", p.Refunds)
	w.textIf("prepaid", p.Prepaid)
	w.amountIf("prepaid_left", p.PrepaidLeft)
	w.textIf("hold", p.Hold)
}

func (w *writer) paymentStarted(p *PaymentStarted) {
	w.text("payment", p.Payment)
	w.text("order", p.Order)
	w.text("channel", p.Channel)
	w.amount("amount", p.Amount)
	w.boolIf("present", p.Present)
	w.textIf("code_mask", p.CodeMask)
	w.textIf("code_hash", p.CodeHash)
	w.amountIf("tendered", p.Tendered)
	w.amountIf("change", p.Change)
	w.textIf("prepaid", p.Prepaid)
	w.textIf("hold", p.Hold)
	w.text("state", string(p.State))
	w.rawIf("attempt", p.Attempt)
}

func (w *writer) total(t *Total) {
	w.text("name", t.Name)
	w.int("count", int64(t.Count))
	w.amount("amount", t.Amount)
	w.int("refund_count", int64(t.RefundCount))
	w.amount("refunds", t.Refunds)
}

func (w *writer) tally(t *tally) {
	w.text("day", t.Day)
	w.textIf("shift", t.Shift)
	w.int("sales", int64(t.Sales))
	w.int("voided", int64(t.Voided))
	w.int("removed", int64(t.Removed))
	w.amount("gross", t.Gross)
	w.amount("refunds", t.Refunds)
	w.amount("discounts", t.Discounts)
	objects(w, "channels", t.Channels, (*writer).total)
	objects(w, "operators", t.Operators, (*writer).total)
	w.int("drawer", int64(t.Drawer))
	w.int("copies", int64(t.Copies))
	if !t.Prepaid.IsZero() {
		w.key("prepaid")
		w.b = append(w.b, '{')
		w.prepaidTotals(&t.Prepaid)
		w.b = append(w.b, '}')
	}
}

func (w *writer) prepaidTotals(p *PrepaidTotals) {
	w.intIf("issued", p.Issued)
	w.amountIf("topped_up", p.ToppedUp)
	w.amountIf("taken_back", p.TakenBack)
	w.amountIf("redeemed", p.Redeemed)
	w.amountIf("returned", p.Returned)
	w.amountIf("expired", p.Expired)
}

// appendDoc appends the document of a projection's object, or of an entry's
// payload, to b.
func appendDoc(b []byte, object any) ([]byte, error) {
	w := writer{b: append(b, '{')}
	switch x := object.(type) {
	case *Sale:
		w.sale(x)
	case *Payment:
		w.payment(x)
	case *tally:
		w.tally(x)
	case LineAdded:
		w.b = append(w.b, `"line":{`...)
		w.line(&x.Line)
		w.b = append(w.b, '}')
	case SaleMoved:
		w.textIf("reason", x.Reason)
		w.boolIf("by_sale", x.BySale)
	case PaymentStarted:
		w.paymentStarted(&x)
	default:
		doc, err := json.Marshal(object)
		return append(b, doc...), err
	}
	return append(w.b, '}'), w.err
}
