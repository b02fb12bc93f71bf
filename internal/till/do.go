package till

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"abacus/ledger"
)

// Do implements Core.
func (t *Till) Do(ctx context.Context, c Command) (Result, error) {
	key := ""
	if k, ok := c.(Keyed); ok {
		if k.Key == "" || utf8.RuneCountInString(k.Key) > 64 {
			return nil, fault(FaultBadInput, "key")
		}
		key, c = k.Key, k.Command
	}
	switch c := c.(type) {
	case nil:
		return nil, fault(FaultBadInput, "command")
	case Keyed:
		return nil, fault(FaultBadInput, "key")
	case Login:
		return t.login(ctx, c)
	case JournalSync:
		return t.sync(ctx, c)
	case Examine:
		if t.set.Examine == nil {
			return nil, fault(FaultNotReady)
		}
		return t.set.Examine(ctx), nil
	case PaymentWait:
		return t.waitPayment(ctx, c)
	case CardWait:
		return t.waitHold(ctx, c)
	case PaymentFind:
		return t.findPayment(ctx, c)
	case PaymentQuery:
		return t.askNow(ctx, c)
	case RefundQuery:
		return t.askRefundNow(ctx, c)
	case CustomerPlays:
		return t.customerPlays(ctx, c)
	case CardSettle:
		return t.settleCards(ctx, c)
	case CardBalance:
		return t.cardBalance(ctx, c)
	case CardTest:
		return t.testCards(ctx, c)
	}
	proof, err := t.prove(ctx, c)
	if err != nil {
		return nil, err
	}
	return t.inside(ctx, func(ctx context.Context) (Result, error) {
		if err := t.permit(c); err != nil {
			return nil, err
		}
		if key == "" {
			return t.run(ctx, c, stamp{proof: proof})
		}
		return t.runKeyed(ctx, key, c, proof)
	})
}

// stamp is an idempotency key on its way into the book, and what was proved
// before.
type stamp struct {
	key, hash string
	proof     proof
	scan      *Scanned // what a scan is to answer, besides the object it made or changed
}

func (s stamp) batch(object string, drafts ...ledger.Draft) ledger.Batch {
	if s.key != "" && s.scan != nil {
		object = s.scan.pack(object)
	}
	return ledger.Batch{Key: s.key, KeyHash: s.hash, KeyObject: object, Drafts: drafts}
}

// runKeyed does a command once per key: the key lands in the book with the
// command's own entries, so no crash can separate the two.
func (t *Till) runKeyed(ctx context.Context, key string, c Command, p proof) (Result, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%T%+v", c, redacted(c)))
	hash := hex.EncodeToString(sum[:16])
	if t.parts == nil {
		return nil, fault(FaultNotReady)
	}
	known, object, ok, err := t.parts.Books.Key(ctx, key)
	if err != nil {
		return nil, t.bookFault(err)
	}
	if !ok {
		return t.run(ctx, c, stamp{key: key, hash: hash, proof: p})
	}
	if known != hash {
		return nil, fault(FaultKeyReused, key)
	}
	return t.recall(ctx, object)
}

// recall finds the object a keyed command made, as it stands now.
func (t *Till) recall(ctx context.Context, object string) (Result, error) {
	books := t.parts.Books
	if scan, of, ok := unpack(object); ok {
		return t.rescanned(ctx, scan, of)
	}
	if s, ok, err := found(books.Sale(ctx, object)); err != nil || ok {
		return s, t.bookFault(err)
	}
	if p, ok, err := found(books.Payment(ctx, object)); err != nil || ok {
		return p, t.bookFault(err)
	}
	if r, ok, err := found(books.Refund(ctx, object)); err != nil || ok {
		return r, t.bookFault(err)
	}
	if h, ok, err := found(books.Hold(ctx, object)); err != nil || ok {
		return t.shownHold(h), t.bookFault(err)
	}
	if s, ok, err := found(books.Shift(ctx, object)); err != nil || ok {
		return s, t.bookFault(err)
	}
	if job, ok, err := found(books.ReceiptJob(ctx, object)); err != nil || ok {
		return Printed{Job: job.Job, Copy: job.Copy}, t.bookFault(err)
	}
	if c, ok, err := found(books.PrepaidCard(ctx, object)); err != nil {
		return nil, t.bookFault(err)
	} else if ok {
		return t.shownPrepaid(ctx, c)
	}
	var number int64
	if _, err := fmt.Sscanf(object, "Z%d", &number); err == nil {
		return t.reportZ(ctx, number)
	}
	return nil, nil
}

// run is every command that works on the core's own goroutine.
func (t *Till) run(ctx context.Context, c Command, s stamp) (Result, error) {
	switch c := c.(type) {
	case Hello:
		return t.identity(), nil
	case Logout:
		return nil, t.logout(s)
	case ShiftOpen:
		return t.openShift(ctx, c, s)
	case ShiftCash:
		return t.shiftCash(ctx, c, s)
	case ShiftClose:
		return t.closeShift(ctx, c, s)
	case ReportX:
		return t.reportX(ctx)
	case ReportZ:
		return t.reportZ(ctx, c.Number)
	case JournalList:
		return t.listJournal(ctx, c)
	case DrawerOpen:
		return nil, t.openDrawer(c, s)
	case ScannerSheet:
		return t.printTestCodes()
	case ReceiptPrint:
		return t.printCopy(ctx, c, s)
	case PrinterProbe:
		return t.probePrinter()
	case ReceiptText:
		return t.receiptText(ctx, c)
	case GoodsSearch:
		return t.parts.Goods.Search(c.Text, limitOf(c.Limit, 20, 200)), nil
	}
	if r, err, ours := t.runSale(ctx, c, s); ours {
		return r, err
	}
	if r, err, ours := t.runPrepaid(ctx, c, s); ours {
		return r, err
	}
	if r, err, ours := t.runHold(ctx, c, s); ours {
		return r, err
	}
	return t.runMoney(ctx, c, s)
}

func (t *Till) runSale(ctx context.Context, c Command, s stamp) (Result, error, bool) {
	var r Result
	var err error
	switch c := c.(type) {
	case SaleOpen:
		r, err = t.openSale(ctx, c, s)
	case SaleGet:
		r, err = t.sale(ctx, c.Sale)
	case SaleHold:
		r, err = t.holdSale(ctx, c, s)
	case SaleRecall:
		r, err = t.recallSale(ctx, c, s)
	case SaleVoid:
		r, err = t.voidSale(ctx, c, s)
	case SaleDismiss:
		err = t.dismissSale(ctx)
	case SaleAdd:
		r, err = t.addLine(ctx, c, s)
	case SaleSetQuantity:
		r, err = t.setQuantity(ctx, c, s)
	case SaleRemove:
		r, err = t.removeLine(ctx, c, s)
	case SaleDiscount:
		r, err = t.discount(ctx, c, s)
	case SaleScan:
		r, err = t.scan(ctx, c, s)
	case SalesList:
		r, err = t.parts.Books.Sales(ctx, limitOf(c.Limit, 100, 1000))
		err = t.bookFault(err)
	default:
		return nil, nil, false
	}
	return r, err, true
}

func (t *Till) runMoney(ctx context.Context, c Command, s stamp) (Result, error) {
	switch c := c.(type) {
	case SalePay:
		return t.pay(ctx, c, s)
	case PaymentGet:
		return t.payment(ctx, c.Payment)
	case PaymentCancel:
		return t.cancelPayment(ctx, c, s)
	case PaymentSwitch:
		return t.switchPayment(ctx, c, s)
	case PaymentForce:
		return t.forcePayment(ctx, c, s)
	case Doubles:
		return t.doubles(ctx, 0, t.lastDays(c.Days))
	case PaymentList:
		list, err := t.parts.Books.Payments(ctx, c.State, limitOf(c.Limit, 100, 1000))
		return list, t.bookFault(err)
	case RefundCreate:
		return t.createRefund(ctx, c, s)
	case RefundGet:
		return t.refund(ctx, c.Refund)
	case PaymentDecide:
		return t.decidePayment(ctx, c, s)
	case RefundDecide:
		return t.decideRefund(ctx, c, s)
	case RefundList:
		list, err := t.parts.Books.Refunds(ctx, c.State, c.Open, limitOf(c.Limit, 100, 1000))
		return list, t.bookFault(err)
	case RefundRetry:
		return t.retryRefund(ctx, c, s)
	case RefundGiven:
		return t.refundGiven(ctx, c, s)
	}
	return nil, fault(FaultBadInput, fmt.Sprintf("%T", c))
}

// found tells "not there" from "cannot be read".
func found[T any](v T, err error) (T, bool, error) {
	if errors.Is(err, ledger.ErrNotFound) {
		return v, false, nil
	}
	return v, err == nil, err
}

func limitOf(asked, usual, most int) int {
	if asked <= 0 {
		return usual
	}
	return min(asked, most)
}

// waitPayment returns when the payment is certain, or at the time-out with
// what is known.
func (t *Till) waitPayment(ctx context.Context, c PaymentWait) (Result, error) {
	return t.await(ctx, c, c.Timeout, func() (Result, string, error) {
		p, err := t.payment(ctx, c.Payment)
		if err != nil || p.State.Final() {
			return p, "", err
		}
		return p, p.ID, nil
	})
}

// await looks at something until it has come to its end, or the time is out.
// look runs on the core's goroutine and gives what there is, and of what news
// is still awaited: nothing at the end.
func (t *Till) await(ctx context.Context, c Command, most time.Duration, look func() (r Result, of string, err error)) (Result, error) {
	timeout := time.NewTimer(max(most, 0))
	defer timeout.Stop()
	var about string
	var news chan struct{} // closed at the next news; nil: nothing more is awaited
	forget := func() { t.unwait(about, news) }
	for {
		r, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
			forget()
			news = nil
			if err := t.permit(c); err != nil {
				return nil, err
			}
			r, of, err := look()
			if err == nil && of != "" && most > 0 {
				about, news = of, make(chan struct{})
				t.waiters[of] = append(t.waiters[of], news)
			}
			return r, err
		})
		if err != nil {
			t.post(t.ctx, forget) // it may have been given up before its turn came
			return nil, err
		}
		if news == nil {
			return r, nil
		}
		select {
		case <-news:
		case <-timeout.C:
			most = 0
		case <-ctx.Done():
			t.post(t.ctx, forget)
			return nil, ctx.Err()
		case <-t.done:
			return nil, fault(FaultClosing)
		}
	}
}

// unwait forgets one who waits no more.
func (t *Till) unwait(of string, news chan struct{}) {
	left := slices.DeleteFunc(t.waiters[of], func(c chan struct{}) bool { return c == news })
	if t.waiters[of] = left; len(left) == 0 {
		delete(t.waiters, of)
	}
}

// tell wakes whoever waits for a payment or a hold.
func (t *Till) tell(payment string) {
	for _, c := range t.waiters[payment] {
		close(c)
	}
	delete(t.waiters, payment)
}
