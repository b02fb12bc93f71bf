package till

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	if slip, err := t.refundSlip(ctx, r); err == nil {
		t.submit("refund-"+r.ID, slip.Document(t.parts.Paper.Texts), 1)
	}
}

func (t *Till) refundSlip(ctx context.Context, r ledger.Refund) (printer.RefundSlip, error) {
	p, err := t.payment(ctx, r.Payment)
	return printer.RefundSlip{
		Heading: t.heading(0), Number: r.ID, Sale: r.Sale, Order: p.Order, Channel: r.Channel, Amount: r.Amount,
		Reason: r.Cause, State: string(r.State), AcquirerRef: r.AcquirerReference, Operator: r.Operator, At: r.StartedAt, Journal: t.place(),
	}, err
}

// printReport prints a Z that the book has. A program cut off between the two
// leaves a Z without paper; a copy of it can be printed for ever.
func (t *Till) printReport(z ledger.Report) {
	if t.parts.Paper == nil {
		return
	}
	job := ledger.ReceiptQueued{Job: fmt.Sprintf("z-%d", z.Number), What: ofReport, Object: fmt.Sprint(z.Number)}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{t.draft(ledger.KindReceiptQueued, "", job)}}); err == nil {
		t.submit(job.Job, report.Paper(z, t.heading(0)).Document(t.parts.Paper.Texts), 1)
	}
}

// printCopy prints a finished sale or a Z again, numbered and in the book.
func (t *Till) printCopy(ctx context.Context, c ReceiptPrint, st stamp) (Printed, error) {
	switch {
	case t.parts.Paper == nil:
		return Printed{}, fault(FaultMethodOff, "printer")
	case len([]rune(c.Reason)) > longestText:
		return Printed{}, fault(FaultBadInput, "reason")
	case c.Z != 0:
		return t.copyReport(ctx, c, st)
	case c.Hold != "":
		return t.copyHold(ctx, c, st)
	}
	s, err := t.sale(ctx, c.Sale)
	switch {
	case err != nil:
		return Printed{}, err
	case s.State != ledger.SaleDone:
		return Printed{}, fault(FaultSaleClosed, s.ID, string(s.State))
	}
	n := s.Copies + 1
	job := ledger.ReceiptQueued{Job: fmt.Sprintf("sale-%s-copy-%d", s.ID, n), What: ofSale, Object: s.ID, Copy: n, Reason: c.Reason}
	if _, err := t.write(st.batch(s.ID, t.draft(ledger.KindReceiptQueued, s.ID, job))); err != nil {
		return Printed{}, err
	}
	r, err := t.receipt(ctx, s.ID, n)
	if err != nil {
		return Printed{}, err
	}
	t.printing[s.ID] = printQueued
	t.submit(job.Job, r.Document(t.parts.Paper.Texts), 1)
	return Printed{Job: job.Job, Copy: n}, nil
}

// copyReport prints a Z again. Its copies are counted by their jobs.
func (t *Till) copyReport(ctx context.Context, c ReceiptPrint, st stamp) (Printed, error) {
	z, err := t.reportZ(ctx, max(c.Z, 0))
	if err != nil {
		return Printed{}, err
	}
	job := ledger.ReceiptQueued{What: ofReport, Object: fmt.Sprint(z.Number), Reason: c.Reason}
	if err := t.nextCopy(ctx, &job); err != nil {
		return Printed{}, err
	}
	if _, err := t.write(st.batch(fmt.Sprintf("Z%d", z.Number), t.draft(ledger.KindReceiptQueued, "", job))); err != nil {
		return Printed{}, err
	}
	t.submit(job.Job, report.Paper(z, t.heading(job.Copy)).Document(t.parts.Paper.Texts), 1)
	return Printed{Job: job.Job, Copy: job.Copy}, nil
}

// nextCopy names a copy: copies of what has no place to count them are counted
// by their jobs.
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

// printHold prints the slip of a hold that is held, or has been given up.
func (t *Till) printHold(h ledger.Hold) {
	if t.parts.Paper == nil {
		return
	}
	job := ledger.ReceiptQueued{What: ofHold, Object: h.ID, Job: fmt.Sprintf("%s-%s-%s-%d", ofHold, h.ID, h.State, t.parts.Books.Head().Number)}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{t.draft(ledger.KindReceiptQueued, "", job)}}); err == nil {
		t.submit(job.Job, t.holdSlip(h, 0).Document(t.parts.Paper.Texts), 1)
	}
}

// copyHold prints the slip of a hold again, as it stands now.
func (t *Till) copyHold(ctx context.Context, c ReceiptPrint, st stamp) (Printed, error) {
	h, err := t.hold(ctx, c.Hold)
	if err != nil {
		return Printed{}, err
	}
	job := ledger.ReceiptQueued{What: ofHold, Object: h.ID, Reason: c.Reason}
	if err := t.nextCopy(ctx, &job); err != nil {
		return Printed{}, err
	}
	if _, err := t.write(st.batch(h.ID, t.draft(ledger.KindReceiptQueued, "", job))); err != nil {
		return Printed{}, err
	}
	t.submit(job.Job, t.holdSlip(h, job.Copy).Document(t.parts.Paper.Texts), 1)
	return Printed{Job: job.Job, Copy: job.Copy}, nil
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
	if err := t.parts.Paper.Spooler.Submit(job); err != nil {
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
	_, err := t.inside(ctx, func() (Result, error) {
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
	if sale != "" {
		t.printing[sale] = state
	}
	switch {
	case state == printPrinted:
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
		} else if err := t.printLate(ctx, job); err != nil {
			t.receiptEnded(printer.Done{Job: job.Job, Err: err}, printFailed)
		}
	}
	return nil
}

// printLate prints a job that the last run queued and did not begin.
func (t *Till) printLate(ctx context.Context, job ledger.ReceiptJob) error {
	paper := t.parts.Paper
	if paper == nil {
		return fault(FaultMethodOff, "printer")
	}
	papers := 1
	var doc printer.Document
	switch job.What {
	case ofSale:
		r, err := t.receipt(ctx, job.Object, job.Copy)
		if err != nil {
			return err
		}
		if doc = r.Document(paper.Texts); job.Copy == 0 {
			papers = paper.Copies
		}
		t.printing[job.Object] = printQueued
	case ofRefund:
		r, err := t.refund(ctx, job.Object)
		if err != nil {
			return err
		}
		slip, err := t.refundSlip(ctx, r)
		if err != nil {
			return err
		}
		doc = slip.Document(paper.Texts)
	case ofHold:
		h, err := t.hold(ctx, job.Object)
		if err != nil {
			return err
		}
		doc = t.holdSlip(h, job.Copy).Document(paper.Texts)
	case ofReport:
		number, err := strconv.ParseInt(job.Object, 10, 64)
		if err != nil {
			return err
		}
		z, err := t.reportZ(ctx, number)
		if err != nil {
			return err
		}
		doc = report.Paper(z, t.heading(job.Copy)).Document(paper.Texts)
	}
	t.submit(job.Job, doc, papers)
	return nil
}
