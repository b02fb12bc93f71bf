package till

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
	"abacus/scanner"
)

// Parts is what the till works with. They are opened outside, beside the
// screen, and given to Start.
type Parts struct {
	Books     *ledger.Ledger
	Providers map[payment.Channel]payment.Provider
	Goods     *goods.Catalogue
	Formats   scanner.Formats
	Paper     *Paper   // nil: no printer
	Customer  Customer // nil: no sandbox
	Upload    Uploader // nil: nobody keeps a copy of the journal
	Clean     bool     // the last run ended in order
	// Series stands in the order numbers of this run. A book put back from a backup
	// counts its sales from there again, and the acquirers know the numbers that it
	// has forgotten. Empty: the book's mark.
	Series string

	shift string // the open one
}

// Paper is the receipt printer: how papers are laid out and who prints them.
// What becomes of a job comes back through Till.PrintResult.
type Paper struct {
	Spooler interface{ Submit(printer.Job) error }
	Width   printer.Paper
	Texts   *lang.Paper
	Copies  int  // papers for each sale
	Drawer  bool // the cash drawer hangs on this printer
}

// Uploader keeps a copy of the journal elsewhere up to date. It tells of changes
// by Till.Uploaded.
type Uploader interface {
	Sync(ctx context.Context) (upload.Status, error)
	Status() upload.Status
}

// Customer is the sandbox's customer with a phone.
type Customer interface {
	// Wallet opens a wallet and gives the pay code it shows.
	Wallet(ctx context.Context, channel payment.Channel, behaviour string) (code string, err error)
	// Scan lets the customer scan the till's order code.
	Scan(ctx context.Context, orderCode, behaviour string) error
}

// Start gives the till its parts and takes up what the last run left: open
// attempts are asked about at once, an unfinished sale comes back to the
// front. It returns when the till can sell.
func (t *Till) Start(ctx context.Context, parts Parts) error {
	_, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
		if t.parts != nil {
			return nil, fault(FaultInternal, "started twice")
		}
		t.parts = &parts
		if t.enter == nil {
			t.enter = parts.Books.Append
		}
		return nil, t.begin(ctx)
	})
	return err
}

// begin takes the book up and sells. A book that cannot be read or written yet is
// tried again by itself, as one that stops later is.
func (t *Till) begin(ctx context.Context) error {
	before := t.trouble
	if err := t.takeUp(ctx); err != nil {
		if !t.broken() {
			t.trouble = asFault(err)
			t.at(reopenTimer, t.now().Add(reopenPause))
		}
		return err
	}
	if !t.broken() && t.trouble == before { // not what was found while it started, nor a book that has stopped meanwhile
		t.trouble = nil
	}
	t.noteSpace()
	return nil
}

// Fail says why the till cannot start, or that its book was found broken. Only a
// new start clears the latter: nothing said later takes its place.
func (t *Till) Fail(ctx context.Context, f *Fault) {
	t.post(ctx, func() {
		if !t.broken() {
			t.trouble = f
		}
		t.publish()
	})
}

// Unchecked tells that the whole book could not be checked beside selling.
// Nothing says that it is broken, so the till sells on.
func (t *Till) Unchecked(ctx context.Context) {
	t.post(ctx, func() { t.notice(Notice{Code: NoticeUnchecked}); t.publish() })
}

// takeUp reads what is open from the book and goes on with it.
func (t *Till) takeUp(ctx context.Context) error {
	books := t.parts.Books
	shift, err := books.OpenShift(ctx)
	if err != nil {
		return t.bookFault(err)
	}
	if shift != nil {
		t.parts.shift = shift.ID
	}
	open, err := books.CountOpen(ctx)
	if err != nil {
		return t.bookFault(err)
	}
	holds, err := books.OpenHolds(ctx)
	if err != nil {
		return t.bookFault(err)
	}
	last, unheard := t.lastDone(ctx)
	started := ledger.TillStarted{Version: t.set.Version, Clean: t.parts.Clean, Open: open.Payments + open.Refunds + inDoubt(holds), Training: t.set.Training}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{{Kind: ledger.KindTillStarted, Shift: t.parts.shift, Payload: started}}}); err != nil {
		return err
	}
	t.begun, t.unread = true, open.Payments
	// What cannot be read now is read as after a stop (lookAgain).
	unread := errors.Join(unheard, t.frontAfterStart(ctx))
	if last != nil && unheard == nil {
		t.notice(Notice{Code: NoticeLastDone, Args: []any{last.ID, last.Total}})
	}
	if books.HeadMissing() {
		t.unguarded(NoticeHeadMissing, "gone or unreadable at this start: a loss at the journal's end before it would not be seen")
	}
	if started.Open > 0 {
		t.notice(Notice{Code: NoticeResumed, Args: []any{started.Open}})
	}
	if open.Payments+open.Watched > 0 {
		t.more = true
		t.at(resumeTimer, t.now().Add(resumePause))
	}
	if open.Refunds > 0 {
		refunds, err := books.OpenRefunds(ctx)
		unread = errors.Join(unread, err)
		for _, r := range refunds {
			if !r.Owing() { // that is for a person
				t.resumeRefund(r)
			}
		}
	}
	t.resumeHolds(holds)
	if host := t.keeper(); host != nil && host.Owes() {
		t.at(settleTimer, t.now().Add(settleSoon))
	}
	if err := errors.Join(unread, t.resumePrinting(ctx)); err != nil {
		t.log.Error("take up what was open", "error", err)
		t.at(reopenTimer, t.now().Add(reopenPause))
	}
	return nil
}

// lastDone is the sale that was done when the last run was cut off: its end is
// the last thing in the book, so that perhaps nobody was told of it.
func (t *Till) lastDone(ctx context.Context) (*ledger.Sale, error) {
	const saleAndPaper = 3 // done, its receipt queued, and begun
	entries, err := t.parts.Books.Entries(ctx, t.parts.Books.Head().Number-saleAndPaper, saleAndPaper)
	if err != nil {
		return nil, t.bookFault(err)
	}
	for _, e := range slices.Backward(entries) {
		switch e.Kind {
		case ledger.KindReceiptQueued, ledger.KindReceiptBegun:
		case ledger.KindSaleDone:
			s, err := t.parts.Books.Sale(ctx, e.Sale)
			return &s, t.bookFault(err)
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// frontAfterStart puts the sale last worked on back in front.
func (t *Till) frontAfterStart(ctx context.Context) error {
	live, err := t.parts.Books.NewestLive(ctx, mostHeld)
	if err != nil {
		return t.bookFault(err)
	}
	for _, s := range live {
		if s.State == ledger.SaleOpen {
			t.front = s.ID
			if s.Open != "" {
				_, _, _ = t.open(ctx, s.Open) // the customer of this one may still be here
			}
			break
		}
	}
	if t.front != "" {
		t.notice(Notice{Code: NoticeRecovered, Args: []any{t.front}})
	}
	return nil
}

const (
	reopenTimer = "reopen"
	resumeTimer = "resume"
	printTimer  = "print"

	// What an earlier run left is taken up in small bites with pauses: the next
	// customer does not wait for it.
	resumePause = 20 * time.Millisecond
	resumeBite  = 4
	resumePage  = 40
	reopenPause = 2 * time.Second
)

// write puts entries into the book. After an error nothing of them is there,
// or the book has stopped and the till with it.
func (t *Till) write(b ledger.Batch) ([]ledger.Entry, error) {
	for _, d := range b.Drafts {
		if t.changesHeld(d) {
			t.live = nil
		}
		if changesHolds(d) {
			t.holds = nil
		}
		t.reread = t.reread || d.Kind == ledger.KindRefundStarted || d.Kind == ledger.KindRefundMoved ||
			d.Kind == ledger.KindSaleDone && len(t.ongoing) > 0 // it may want what a refund owed
	}
	entries, err := t.enter(context.WithoutCancel(t.ctx), b)
	if err != nil {
		return nil, t.bookFault(err)
	}
	if !t.headTold && t.parts.Books.HeadError() != nil {
		t.headTold = true
		t.unguarded(NoticeHeadUnwritten, "cannot be written: a loss at the journal's end would not be seen")
	}
	return entries, nil
}

// unguarded tells and notes that the file outside does not guard the book's
// end. Nothing proves a loss, so the till sells on.
func (t *Till) unguarded(code, what string) {
	t.notice(Notice{Code: code})
	_, _ = t.write(ledger.Batch{Drafts: []ledger.Draft{t.draft(ledger.KindNote, "", ledger.Note{About: "journal.head", Text: what})}})
}

// bookFault translates the ledger's errors; nil stays nil. A book that has
// stopped is tried again by itself.
func (t *Till) bookFault(err error) error {
	var f *Fault
	var refusal *ledger.Refusal
	var broken *ledger.Broken
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case errors.As(err, &refusal):
		return faultOf(err, FaultInternal, refusal.Error())
	case errors.As(err, &broken):
		t.trouble = faultOf(err, FaultJournalBroken, broken.Number, broken.Detail, broken.Why)
		return t.trouble
	case errors.Is(err, ledger.ErrStopped) && t.broken():
		return t.trouble
	case errors.Is(err, ledger.ErrStopped):
		t.lookAtDisk()
		t.trouble = faultOf(err, FaultJournalStopped, err.Error())
		if t.timers[reopenTimer].IsZero() { // who tries to write meanwhile does not put it off
			t.at(reopenTimer, t.now().Add(reopenPause))
		}
		return t.trouble
	case errors.Is(err, ledger.ErrDiskFull):
		t.lookAtDisk()
		return faultOf(err, FaultDiskFull)
	}
	t.log.Error("journal", "error", err)
	return faultOf(err, FaultInternal, "journal")
}

func asFault(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return faultOf(err, FaultInternal, "error")
}

// broken says that the book was found not to be sold on: that ends with the
// program only.
func (t *Till) broken() bool { return t.trouble != nil && t.trouble.Code == FaultJournalBroken }

// reopen tries to bring a stopped book back, and on success goes on.
func (t *Till) reopen() {
	if t.broken() {
		return // found beside selling: opening it again does not mend it
	}
	if err := t.parts.Books.Reopen(t.ctx); err != nil {
		t.at(reopenTimer, t.now().Add(reopenPause))
		return
	}
	if !t.begun {
		_ = t.begin(t.ctx) // which plans the next try
		t.publish()
		return
	}
	t.trouble = nil
	if t.lookAgain() != nil {
		t.at(reopenTimer, t.now().Add(reopenPause)) // what was not read is read then
	}
	for _, id := range slices.Sorted(maps.Keys(t.attempts)) {
		if a := t.attempts[id]; a != nil && a.stuck {
			a.stuck = false
			t.step(a, payment.AskNow{At: t.now()}, payment.Answer{})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.refunds)) {
		if r := t.refunds[id]; r != nil && r.next.IsZero() && !r.flying {
			t.refundStep(r)
		}
	}
	t.tellPrinted()
}

// lookAgain reads what the till keeps in memory of the book. The batch whose
// commit failed may be there after all: then what it began is taken up, as after
// a restart.
func (t *Till) lookAgain() error {
	books := t.parts.Books
	shift, err := books.OpenShift(t.ctx)
	open, err2 := books.CountOpen(t.ctx)
	refunds, err3 := books.OpenRefunds(t.ctx)
	holds, err4 := books.OpenHolds(t.ctx)
	jobs, err5 := books.Unprinted(t.ctx)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		return err
	}
	if err := t.dropOvertaken(); err != nil {
		return err
	}
	t.live, t.holds, t.saleSeq, t.reread = nil, nil, sequence{}, true
	was := t.parts.shift
	t.parts.shift = ""
	if shift != nil {
		t.parts.shift = shift.ID
	} else if was != "" {
		t.settleAtClose() // the close whose commit failed was done
	}
	t.unread = open.Payments
	for _, a := range t.attempts {
		if a.hold == "" && !ledger.PaymentState(a.machine.State()).Final() {
			t.unread--
		}
	}
	t.cursor, t.more = 0, true
	t.at(resumeTimer, t.now().Add(resumePause))
	if t.front == "" {
		err = t.frontAfterStart(t.ctx)
	}
	for _, r := range refunds {
		if t.refunds[r.ID] == nil && !r.Owing() {
			t.resumeRefund(r)
		}
	}
	t.resumeHolds(slices.DeleteFunc(slices.Clone(holds), func(h ledger.Hold) bool {
		return t.attempts[h.ID] != nil || t.refunds[h.ID] != nil
	}))
	for _, job := range jobs {
		if !job.Begun {
			t.print(t.ctx, job.ReceiptQueued) // once: the spooler knows the others
		}
	}
	return err
}

// dropOvertaken forgets what memory knows less of than the book: the end, or the
// mark, of an attempt, a refund or a hold that was in the commit which failed and
// was done. Taken for open it would be asked about, and money that the sale has
// booked already would be given back.
func (t *Till) dropOvertaken() error {
	books := t.parts.Books
	for _, id := range slices.Sorted(maps.Keys(t.attempts)) {
		a := t.attempts[id]
		state := ledger.PaymentState(a.machine.State())
		if a.hold == "" {
			p, err := books.Payment(t.ctx, id)
			if err != nil {
				return err
			}
			a.overtaken = p.State != state
		} else {
			h, err := books.Hold(t.ctx, id)
			if err != nil {
				return err
			}
			a.overtaken = h.State.InDoubt() == state.Final()
		}
		if a.overtaken {
			delete(t.attempts, id)
			t.at(id, time.Time{})
			t.tell(id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.refunds)) {
		task := t.refunds[id]
		overtaken := false
		if task.hold == "" {
			r, err := books.Refund(t.ctx, id)
			if err != nil {
				return err
			}
			overtaken = r.State != task.refund.State || r.Mark != task.refund.Mark
		} else {
			h, err := books.Hold(t.ctx, id)
			if err != nil {
				return err
			}
			overtaken = h.State != holdReleaseState(task.refund.State) || h.Since != task.call.Since
		}
		if overtaken {
			t.dropRefund(task)
			t.tell(id)
		}
	}
	return nil
}

// notice tells the cashier something that happened by itself. The oldest of its
// sort goes when there are too many: neither how a hundred payments ended nor a
// loose plug pushes out what a person must do about money.
func (t *Till) notice(n Notice) {
	n.At = t.now()
	t.notices = append(t.notices, n)
	sort, most := n.sort()
	count, oldest := 0, 0
	for i, o := range slices.Backward(t.notices) {
		if of, _ := o.sort(); of == sort {
			count, oldest = count+1, i
		}
	}
	if count > most {
		t.notices = slices.Delete(t.notices, oldest, oldest+1)
	}
}

// sort is what a notice is about, and how many of those are kept.
func (n Notice) sort() (of string, most int) {
	switch n.Code {
	case NoticeSettled, NoticeAsideEnded, NoticeHoldSettled:
		return "ended", 100
	case NoticeHoldFailed:
		return "money", 100
	}
	if n.Payment != "" {
		return "money", 100
	}
	return "till", 8
}

// zero is nothing of the till's currency.
func (t *Till) zero() money.Amount { return money.New(0, t.set.Currency) }
