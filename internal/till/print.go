package till

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abacus/internal/lang"
	"abacus/internal/report"
	"abacus/ledger"
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
	ofReport = "z"
	ofHold   = "hold"

	drawerJob = "drawer-"
	probeJob  = "probe-"
)

// original is the first paper of something; the ones after it are copies.
func original(what, object string) ledger.ReceiptQueued {
	return ledger.ReceiptQueued{Job: what + "-" + object, What: what, Object: object}
}

// queued is the entry that gives a paper to the spooler. It stands in one commit
// with what the paper tells, so that no crash parts the two; print follows it.
func (t *Till) queued(sale string, job ledger.ReceiptQueued) []ledger.Draft {
	if t.parts.Paper == nil {
		return nil
	}
	return []ledger.Draft{t.draft(ledger.KindReceiptQueued, sale, job)}
}

// finishing are the entries that end a sale: done, and its receipt queued.
func (t *Till) finishing(sale string) []ledger.Draft {
	return append([]ledger.Draft{t.draft(ledger.KindSaleDone, sale, ledger.SaleMoved{BySale: true})}, t.queued(sale, original(ofSale, sale))...)
}

func (t *Till) refundSlip(ctx context.Context, id string) (printer.RefundSlip, error) {
	r, err := t.refund(ctx, id)
	if err != nil {
		return printer.RefundSlip{}, err
	}
	p, err := t.payment(ctx, r.Payment)
	return printer.RefundSlip{
		Heading: t.heading(0), Number: r.ID, Sale: r.Sale, Order: p.Order, Channel: r.Channel, Amount: r.Amount,
		Reason: t.causeText(r.Cause), State: string(r.State), AcquirerRef: r.AcquirerReference, Operator: r.Operator, At: r.StartedAt, Journal: t.place(),
	}, err
}

// printCopy prints a finished sale, a Z or a hold as it stands now again,
// numbered and in the book.
func (t *Till) printCopy(ctx context.Context, c ReceiptPrint, st stamp) (Printed, error) {
	switch {
	case t.parts.Paper == nil:
		return Printed{}, fault(FaultMethodOff, "printer")
	case len([]rune(c.Reason)) > longestText:
		return Printed{}, fault(FaultBadInput, "reason")
	}
	job, err := t.printable(ctx, c)
	if err != nil {
		return Printed{}, err
	}
	if err := t.nextCopy(ctx, &job); err != nil {
		return Printed{}, err
	}
	sale := ""
	if job.What == ofSale {
		sale = job.Object
	}
	if _, err := t.write(st.batch(job.Job, t.queued(sale, job)...)); err != nil {
		return Printed{}, err
	}
	t.print(ctx, job)
	return Printed{Job: job.Job, Copy: job.Copy}, nil
}

// printable is what a copy is asked of.
func (t *Till) printable(ctx context.Context, c ReceiptPrint) (ledger.ReceiptQueued, error) {
	job := ledger.ReceiptQueued{Reason: c.Reason}
	switch {
	case c.Z != 0:
		z, err := t.reportZ(ctx, max(c.Z, 0))
		job.What, job.Object = ofReport, fmt.Sprint(z.Number)
		return job, err
	case c.Hold != "":
		h, err := t.hold(ctx, c.Hold)
		job.What, job.Object = ofHold, h.ID
		return job, err
	}
	s, err := t.sale(ctx, c.Sale)
	if err == nil && s.State != ledger.SaleDone {
		err = fault(FaultSaleClosed, s.ID, string(s.State))
	}
	job.What, job.Object = ofSale, s.ID
	return job, err
}

// nextCopy numbers and names a copy: copies are counted by their jobs.
func (t *Till) nextCopy(ctx context.Context, job *ledger.ReceiptQueued) error {
	for there := true; there; {
		job.Copy++
		job.Job = fmt.Sprintf("%s-%s-copy-%d", job.What, job.Object, job.Copy)
		var err error
		if _, there, err = found(t.parts.Books.ReceiptJob(ctx, job.Job)); err != nil {
			return t.bookFault(err)
		}
	}
	return nil
}

// holdPaper is the slip of a hold that is held now, or has been given up. It is
// made before its entry is written, whose number tells it from all others.
func (t *Till) holdPaper(id string, now ledger.HoldState) ledger.ReceiptQueued {
	return ledger.ReceiptQueued{Job: fmt.Sprintf("%s-%s-%s-%d", ofHold, id, now, t.parts.Books.Head().Number+1), What: ofHold, Object: id}
}

// probePrinter prints the test page. It is no receipt: the book has nothing of it.
func (t *Till) probePrinter() (Printed, error) {
	if t.parts.Paper == nil {
		return Printed{}, fault(FaultMethodOff, "printer")
	}
	data, err := printer.Probe(t.parts.Paper.Width, t.parts.Paper.Texts)
	if err != nil {
		return Printed{}, faultOf(err, FaultInternal, "font")
	}
	job := fmt.Sprintf("%s%d", probeJob, t.now().UnixNano())
	t.spool(printer.Job{ID: job, Data: data})
	return Printed{Job: job}, nil
}

// submit prints a document, as one job however many papers it is: they end
// together, known or not.
func (t *Till) submit(job string, doc printer.Document, papers int) {
	width := t.parts.Paper.Width
	t.spool(printer.Job{ID: job, Make: func() []byte { return slices.Repeat(printer.ESCPOS(doc, width), max(papers, 1)) }})
}

func (t *Till) spool(job printer.Job) {
	if err := t.parts.Paper.Spooler.Submit(job); err != nil && !errors.Is(err, printer.ErrRepeated) {
		t.log.Error("print", "job", job.ID, "error", err)
	}
}

// kick opens the drawer: a job of its own, never repeated.
func (t *Till) kick(cause string) {
	if t.parts.Paper == nil || !t.parts.Paper.Drawer {
		return
	}
	if job, err := (printer.Pulse{}).Job(drawerJob + cause); err == nil {
		t.spool(job)
	}
}

// PrintBegins writes down that a job's first byte is about to leave, so that
// after a crash it is known which receipts may be on paper. The spooler calls
// it, and sends nothing after an error.
func (t *Till) PrintBegins(ctx context.Context, job string) error {
	if strings.HasPrefix(job, probeJob) {
		return nil
	}
	_, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
		begun := ledger.Draft{Kind: ledger.KindReceiptBegun, Sale: saleOf(job), Payload: ledger.ReceiptBegun{Job: job}}
		_, err := t.write(ledger.Batch{Drafts: []ledger.Draft{begun}})
		return nil, err
	})
	return err
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
	state := r.Outcome.String()
	t.printerDid(state == printPrinted)
	switch {
	case strings.HasPrefix(r.Job, probeJob):
	case strings.HasPrefix(r.Job, drawerJob):
		if state != printPrinted {
			t.notice(Notice{Code: NoticeDrawerStuck})
		}
	default:
		t.receiptEnded(r, state)
	}
}

func (t *Till) receiptEnded(r printer.Done, state string) {
	detail := ""
	if r.Err != nil {
		detail = r.Err.Error()
	}
	sale := saleOf(r.Job)
	result := ledger.ReceiptPrinted{Job: r.Job, Result: state, Detail: clip(detail)}
	_, err := t.write(ledger.Batch{Drafts: []ledger.Draft{{Kind: ledger.KindReceiptPrinted, Shift: t.parts.shift, Sale: sale, Payload: result}}})
	if err != nil {
		var refusal *ledger.Refusal
		if !errors.As(err, &refusal) { // the disk: the book is told again
			t.untold = append(t.untold, printEnd{r, state})
			if t.trouble == nil { // else reopen tells it
				t.at(printTimer, t.now().Add(reopenPause))
			}
		}
		return
	}
	refund, ofARefund := strings.CutPrefix(r.Job, ofRefund+"-")
	if sale != "" && !ofARefund { // its slip is not the sale's receipt
		t.printing[sale] = state
	}
	switch {
	case state == printPrinted:
	case ofARefund:
		t.notice(Notice{Code: NoticeRefundUnprinted, Args: []any{refund}})
	case strings.HasPrefix(r.Job, ofHold+"-"):
		t.notice(Notice{Code: NoticeSlipUnprinted, Args: []any{strings.Join(strings.Split(r.Job, "-")[1:3], "-")}})
	case sale == "":
		t.notice(Notice{Code: NoticeReportUnprinted, Args: []any{strings.Split(r.Job, "-")[1]}})
	case state == printUnknown:
		t.notice(Notice{Code: NoticePrintUnknown, Args: []any{sale}})
	default:
		t.notice(Notice{Code: NoticePrintFailed, Args: []any{sale}})
	}
}

// printEnd is what became of a job.
type printEnd struct {
	done  printer.Done
	state string
}

// tellPrinted tells the book again what it could not take.
func (t *Till) tellPrinted() {
	untold := t.untold
	t.untold = nil
	for _, end := range untold {
		t.receiptEnded(end.done, end.state)
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

// resumePrinting takes up what the last run left. A job that had begun may be
// on paper: it is never printed again by itself, the cashier looks and asks for
// a copy. One that had not is printed now, as it would have been.
func (t *Till) resumePrinting(ctx context.Context) error {
	jobs, err := t.parts.Books.Unprinted(ctx)
	if err != nil {
		return t.bookFault(err)
	}
	for _, job := range jobs {
		if job.Begun {
			t.receiptEnded(printer.Done{Job: job.Job}, printUnknown)
		} else if t.parts.Paper == nil {
			t.receiptEnded(printer.Done{Job: job.Job, Err: fault(FaultMethodOff, "printer")}, printFailed)
		} else {
			t.print(ctx, job.ReceiptQueued)
		}
	}
	return nil
}

// print gives the spooler a paper that the book has as queued.
func (t *Till) print(ctx context.Context, job ledger.ReceiptQueued) {
	if t.parts.Paper == nil { // then the book has nothing queued
		return
	}
	paper, err := t.paper(ctx, job)
	if err != nil {
		t.receiptEnded(printer.Done{Job: job.Job, Err: err}, printFailed)
		return
	}
	papers := 1
	if job.What == ofSale {
		t.printing[job.Object] = printQueued
		if job.Copy == 0 {
			papers = t.parts.Paper.Copies
		}
	}
	t.submit(job.Job, paper.Document(t.parts.Paper.Texts), papers)
}

// paper is what stands on one.
func (t *Till) paper(ctx context.Context, job ledger.ReceiptQueued) (interface {
	Document(*lang.Paper) printer.Document
}, error) {
	switch job.What {
	case ofSale:
		return t.receipt(ctx, job.Object, job.Copy)
	case ofRefund:
		return t.refundSlip(ctx, job.Object)
	case ofHold:
		h, err := t.hold(ctx, job.Object)
		return t.holdSlip(h, job.Copy), err
	case ofReport:
		number, err := strconv.ParseInt(job.Object, 10, 64)
		if err != nil {
			return nil, err
		}
		z, err := t.reportZ(ctx, number)
		if err != nil {
			return nil, err
		}
		return report.Paper(z, t.heading(job.Copy)), nil
	}
	return nil, fault(FaultInternal, "paper of "+job.What)
}
