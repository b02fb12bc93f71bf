package till

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"abacus/internal/lang"
	"abacus/internal/report"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
)

// The states of a print job as the book and the screen have them.
const (
	printQueued  = "queued"
	printPrinted = "printed"
	printFailed  = "failed"
	printUnknown = "unknown"
)

// What a print job is of.
const (
	ofSale   = "sale"
	ofRefund = "refund"

	drawerJob = "drawer-"
)

// finishing are the entries that end a sale: done, and its receipt queued.
func (t *Till) finishing(sale string) []ledger.Draft {
	drafts := []ledger.Draft{t.draft(ledger.KindSaleDone, sale, ledger.SaleMoved{})}
	if t.parts.Paper != nil {
		drafts = append(drafts, t.draft(ledger.KindReceiptQueued, sale, ledger.ReceiptQueued{Job: "sale-" + sale, What: ofSale, Object: sale}))
	}
	return drafts
}

// finished prints the receipt of a sale that the book has as done.
func (t *Till) finished(ctx context.Context, sale string) {
	if t.parts.Paper == nil {
		return
	}
	r, err := t.receipt(ctx, sale, 0)
	if err != nil {
		return
	}
	t.printing[sale] = printQueued
	t.submit("sale-"+sale, r.Document(t.parts.Paper.Texts), t.parts.Paper.Copies)
}

// slip is the entry that queues a refund's paper.
func (t *Till) slip(sale, refund string) []ledger.Draft {
	if t.parts.Paper == nil {
		return nil
	}
	return []ledger.Draft{t.draft(ledger.KindReceiptQueued, sale, ledger.ReceiptQueued{Job: "refund-" + refund, What: ofRefund, Object: refund})}
}

func (t *Till) printSlip(ctx context.Context, r ledger.Refund) {
	if t.parts.Paper == nil {
		return
	}
	p, err := t.payment(ctx, r.Payment)
	if err != nil {
		return
	}
	slip := printer.RefundSlip{
		Heading: t.heading(0), Number: r.ID, Sale: r.Sale, Order: p.Order, Channel: r.Channel, Amount: r.Amount,
		Reason: r.Cause, State: string(r.State), AcquirerRef: r.AcquirerReference, Operator: r.Operator, At: r.StartedAt, Journal: t.place(),
	}
	t.submit("refund-"+r.ID, slip.Document(t.parts.Paper.Texts), 1)
}

func (t *Till) printReport(z ledger.Report) {
	if t.parts.Paper == nil {
		return
	}
	t.submit(fmt.Sprintf("z-%d", z.Number), report.Paper(z, t.heading(0)).Document(t.parts.Paper.Texts), 1)
}

// printCopy prints a finished sale again, numbered and in the book.
func (t *Till) printCopy(ctx context.Context, c ReceiptPrint, st stamp) (Printed, error) {
	s, err := t.sale(ctx, c.Sale)
	switch {
	case err != nil:
		return Printed{}, err
	case s.State != ledger.SaleDone:
		return Printed{}, fault(FaultSaleClosed, s.ID, string(s.State))
	case t.parts.Paper == nil:
		return Printed{}, fault(FaultMethodOff, "printer")
	case len([]rune(c.Reason)) > longestText:
		return Printed{}, fault(FaultBadInput, "reason")
	}
	n := s.Copies + 1
	job := fmt.Sprintf("sale-%s-copy-%d", s.ID, n)
	queued := ledger.ReceiptQueued{Job: job, What: ofSale, Object: s.ID, Copy: n, Reason: c.Reason}
	if _, err := t.write(st.batch(s.ID, t.draft(ledger.KindReceiptQueued, s.ID, queued))); err != nil {
		return Printed{}, err
	}
	r, err := t.receipt(ctx, s.ID, n)
	if err != nil {
		return Printed{}, err
	}
	t.printing[s.ID] = printQueued
	t.submit(job, r.Document(t.parts.Paper.Texts), 1)
	return Printed{Job: job, Copy: n}, nil
}

// receiptText is a sale's receipt for the screen.
func (t *Till) receiptText(ctx context.Context, c ReceiptText) (string, error) {
	r, err := t.receipt(ctx, c.Sale, 0)
	if err != nil {
		return "", err
	}
	texts := &lang.Must(lang.Chinese).Paper
	if t.parts.Paper != nil {
		texts = t.parts.Paper.Texts
	}
	return printer.Text(r.Document(texts), min(max(c.Width, 32), 64)), nil
}

func (t *Till) submit(job string, doc printer.Document, copies int) {
	data := printer.ESCPOS(doc, t.parts.Paper.Width)
	for n := range max(copies, 1) {
		id := job
		if n > 0 {
			id = fmt.Sprintf("%s-%d", job, n+1)
		}
		t.spool(printer.Job{ID: id, Data: data})
	}
}

func (t *Till) spool(job printer.Job) {
	if err := t.parts.Paper.Spooler.Submit(job); err != nil {
		t.log.Error("print", "job", job.ID, "error", err)
	}
}

// kick opens the drawer: a job of its own, never repeated.
func (t *Till) kick(cause string) {
	if t.parts.Paper == nil || !t.parts.Paper.Drawer {
		return
	}
	if command, err := (printer.Pulse{}).Command(); err == nil {
		t.spool(printer.Job{ID: drawerJob + cause, Data: command, Urgent: true})
	}
}

// PrintResult takes in what became of a print job; the spooler calls it.
func (t *Till) PrintResult(r printer.Done) {
	t.post(context.Background(), func() {
		t.printed(r)
		t.publish()
	})
}

func (t *Till) printed(r printer.Done) {
	if t.parts == nil {
		return
	}
	state := printPrinted
	switch r.Outcome {
	case printer.Unknown:
		state = printUnknown
	case printer.Failed:
		state = printFailed
	}
	t.setLink("printer", map[bool]LinkState{true: LinkUp, false: LinkDown}[state == printPrinted])
	if strings.HasPrefix(r.Job, drawerJob) {
		return
	}
	detail := ""
	if r.Err != nil {
		detail = r.Err.Error()
	}
	sale := saleOf(r.Job)
	result := ledger.ReceiptPrinted{Job: r.Job, Result: state, Detail: clip(detail)}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{{Kind: ledger.KindReceiptPrinted, Shift: t.parts.shift, Sale: sale, Payload: result}}}); err != nil {
		return
	}
	if sale == "" {
		return
	}
	t.printing[sale] = state
	switch state {
	case printUnknown:
		t.notice(Notice{Code: NoticePrintUnknown, Args: []any{sale}})
	case printFailed:
		t.notice(Notice{Code: NoticePrintFailed, Args: []any{sale}})
	}
}

// saleOf reads the sale out of a job's name: "sale-20261121-0042-copy-1",
// "refund-20261121-0042-1-R1".
func saleOf(job string) string {
	parts := strings.Split(job, "-")
	if len(parts) < 3 || parts[0] != ofSale && parts[0] != ofRefund {
		return ""
	}
	return parts[1] + "-" + parts[2]
}

// resumePrinting: a job the last run left may or may not be on paper. It is
// never printed again by itself; the cashier looks and asks for a copy.
func (t *Till) resumePrinting(ctx context.Context) error {
	jobs, err := t.parts.Books.Unprinted(ctx)
	if err != nil {
		return t.bookFault(err)
	}
	for _, job := range jobs {
		t.printed(printer.Done{Job: job.Job})
	}
	return nil
}

func (t *Till) heading(copy int) printer.Heading {
	return printer.Heading{Store: append([]string{t.set.Store}, t.set.Header...), Till: t.set.Till, Copy: copy, Sandbox: t.set.Sandbox, Training: t.set.Training}
}

func (t *Till) place() printer.Journal {
	h := t.parts.Books.Head()
	return printer.Journal{Number: h.Number, Hash: h.Hash.String()}
}

func (t *Till) receipt(ctx context.Context, sale string, copy int) (printer.Receipt, error) {
	s, err := t.sale(ctx, sale)
	if err != nil {
		return printer.Receipt{}, err
	}
	at := s.ClosedAt
	if at.IsZero() {
		at = s.OpenedAt
	}
	r := printer.Receipt{
		Heading: t.heading(copy), Number: s.ID, Reference: s.Reference, Operator: s.Operator, At: at,
		Total: s.Total, Due: s.Due(), Journal: t.place(), Code: s.ID,
	}
	english := t.parts.Paper != nil && t.parts.Paper.Texts == &lang.Must(lang.English).Paper
	for _, l := range standing(s) {
		r.Lines = append(r.Lines, paperLine(l, english, t.unnamed()))
	}
	if s.Discount.Positive() {
		r.Discounts = append(r.Discounts, printer.Discount{Reason: s.DiscountOf, Amount: s.Discount})
	}
	for _, id := range s.Payments {
		p, err := t.payment(ctx, id)
		if err != nil {
			return r, err
		}
		if p.State != ledger.PaymentPaid {
			continue
		}
		r.Payments = append(r.Payments, paperPayment(p))
		if err := t.addRefunds(ctx, &r, p); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (t *Till) addRefunds(ctx context.Context, r *printer.Receipt, p ledger.Payment) error {
	for _, id := range p.Refunds {
		back, err := t.refund(ctx, id)
		if err != nil {
			return err
		}
		r.Refunds = append(r.Refunds, printer.Refund{At: back.StartedAt, Channel: back.Channel, Amount: back.Amount, State: string(back.State)})
	}
	return nil
}

// unnamed is what a line of a bare amount is called.
func (t *Till) unnamed() string {
	if t.parts.Paper != nil {
		return t.parts.Paper.Texts.Unnamed
	}
	return lang.Must(lang.Chinese).Paper.Unnamed
}

func paperLine(l ledger.Line, english bool, unnamed string) printer.Line {
	name := l.Name
	if english && l.NameEn != "" {
		name = l.NameEn
	}
	if name == "" {
		name = unnamed
	}
	quantity := QuantityText(l.Quantity)
	if l.Weighed {
		quantity += " " + l.Unit
	}
	return printer.Line{Name: name, Quantity: quantity, Price: l.Price, Amount: l.Amount, Discount: l.Discount, Reason: l.Reason}
}

func paperPayment(p ledger.Payment) printer.Payment {
	out := printer.Payment{
		Channel: p.Channel, Amount: p.Amount, AcquirerRef: p.AcquirerReference, Payer: p.Payer,
		Funding: p.Funding, Instalments: p.Instalments, Tendered: p.Tendered, Change: p.Change,
	}
	if p.Channel != string(payment.Cash) {
		out.Order = p.Order
	}
	return out
}

// QuantityText is a quantity for people: "2", "0.512".
func QuantityText(q ledger.Quantity) string {
	whole, rest := q/ledger.One, q%ledger.One
	if rest == 0 {
		return strconv.FormatInt(int64(whole), 10)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%03d", whole, rest), "0")
}
