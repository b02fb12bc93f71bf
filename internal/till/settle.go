package till

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"abacus/internal/fall"
	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
)

const (
	settleTimer = "settle"
	settleSoon  = 2 * time.Second  // after a start: what is in doubt is asked about first
	settleFirst = 30 * time.Second // pause behind a settlement that did not come to its end, doubled each time
	settleMost  = 10 * time.Minute
)

// mostUnmatched is how many numbers a settlement's entry names.
const mostUnmatched = 20

// SettleBatch closes the open batch at the host, holds it against the book and
// hands what came of it to write, once, however often it is called for the same
// batch. day is the business day an instant belongs to.
func SettleBatch(ctx context.Context, books *ledger.Ledger, host payment.Settler, day func(time.Time) string,
	write func(key string, settled ledger.CardsSettled) error) (ledger.CardsSettled, payment.Settlement, error) {
	s := host.Settle(ctx)
	settled := ledger.CardsSettled{
		Batch: s.Batch, Agrees: s.Agrees, Sales: s.Sales, SaleCount: s.SaleCount, Returns: s.Returns, ReturnCount: s.ReturnCount, Uploaded: s.Uploaded,
	}
	if !s.Done {
		return settled, s, nil
	}
	keeper, keeps := host.(payment.BatchKeeper)
	if !keeps {
		return settled, s, write("", settled)
	}
	if err := matched(ctx, books, keeper, s, day, &settled); err != nil {
		return settled, s, err
	}
	key := fmt.Sprintf("cards.settled %s %d", s.Batch, s.Began.Unix())
	_, _, known, err := books.Key(ctx, key)
	if err == nil && !known {
		err = write(key, settled)
	}
	if err != nil {
		return settled, s, err
	}
	return settled, s, keeper.Told(s.Batch)
}

// matched counts what the book has of a batch, and names what the two do not
// both have: of the batch, and of the card payments made since it began. Where it
// began the book's entries say, for the clock may have been wrong since. Those
// that another batch counts are for its settlement: the host may have closed
// this one some time ago, and selling has gone on.
func matched(ctx context.Context, books *ledger.Ledger, keeper payment.BatchKeeper, s payment.Settlement, day func(time.Time) string, out *ledger.CardsSettled) error {
	out.Compared, out.BookSales, out.BookReturns = true, money.Fen(0), money.Fen(0)
	inBatch := map[string]bool{}
	var began int64
	for _, item := range s.Items {
		inBatch[item.Number] = true
		entry, same, err := booked(ctx, books, item)
		if entry > 0 && (began == 0 || entry < began) {
			began = entry
		}
		switch {
		case err != nil:
			return err
		case !same:
			out.Unmatched = append(out.Unmatched, item.Number)
		case item.Return:
			out.BookReturns, out.BookReturnCount = out.BookReturns.Add(item.Amount), out.BookReturnCount+1
		default:
			out.BookSales, out.BookSaleCount = out.BookSales.Add(item.Amount), out.BookSaleCount+1
		}
	}
	if len(s.Items) > 0 {
		paid, err := paidSince(ctx, books, began, s.Items, day)
		if err != nil {
			return err
		}
		for _, p := range paid {
			if p.Channel == string(payment.Card) && !inBatch[p.Order] {
				if other, counted := keeper.Counted(p.Order); counted && other != s.Batch {
					continue
				}
				out.BookSales, out.BookSaleCount = out.BookSales.Add(p.Amount), out.BookSaleCount+1
				out.Unmatched = append(out.Unmatched, p.Order)
			}
		}
	}
	out.Unmatched = out.Unmatched[:min(len(out.Unmatched), mostUnmatched)]
	return nil
}

// paidSince are the payments since the entry with which a batch began. Of a batch
// of which the book has nothing, its times have to do.
func paidSince(ctx context.Context, books *ledger.Ledger, began int64, items []payment.Settled, day func(time.Time) string) ([]ledger.Payment, error) {
	if began > 0 {
		return books.PaidSince(ctx, began, ledger.Days{})
	}
	earlier := func(a, b payment.Settled) int { return a.At.Compare(b.At) }
	first, last := slices.MinFunc(items, earlier).At, slices.MaxFunc(items, earlier).At
	paid, err := books.PaidSince(ctx, 0, ledger.Days{First: day(first), Last: day(last)})
	return slices.DeleteFunc(paid, func(p ledger.Payment) bool { return !p.StartedAt.After(first) }), err
}

// booked reports whether the book has a transaction of a batch as money that
// moved, with the same amount, and the entry it began with; 0 if it has not.
func booked(ctx context.Context, books *ledger.Ledger, item payment.Settled) (entry int64, same bool, err error) {
	number, refund := item.Number, ""
	if item.Return {
		at := strings.LastIndex(number, "_r") // as refundOf makes it
		if at < 0 {
			return 0, false, nil
		}
		number, refund = number[:at], "-R"+number[at+2:]
	}
	p, known, err := found(books.PaymentByOrder(ctx, number))
	switch {
	case err != nil || !known:
		return 0, false, err
	case !item.Return:
		entry, err = books.PaymentEntry(ctx, p.ID)
		return entry, p.State == ledger.PaymentPaid && p.Amount.Equal(item.Amount), err
	}
	r, known, err := found(books.Refund(ctx, p.ID+refund))
	if err != nil || !known {
		return 0, false, err
	}
	entry, err = books.RefundEntry(ctx, r.ID)
	return entry, r.State == ledger.RefundDone && r.Amount.Equal(item.Amount), err
}

// settle settles for the running till: the entry goes through its goroutine.
// One at a time, since one that follows another would close the batch behind it.
func (t *Till) settle(ctx context.Context, host payment.Settler) (ledger.CardsSettled, payment.Settlement, error) {
	select {
	case t.settles <- struct{}{}:
		defer func() { <-t.settles }()
		return t.settleHere(ctx, host)
	case <-ctx.Done():
		return ledger.CardsSettled{}, payment.Settlement{Err: ctx.Err()}, ctx.Err()
	}
}

// settleIfOwed settles what was wanted. Somebody else may have done it by now,
// and then the open batch is none of its business.
func (t *Till) settleIfOwed(ctx context.Context, host payment.BatchKeeper) (settled ledger.CardsSettled, s payment.Settlement, owed bool, err error) {
	select {
	case t.settles <- struct{}{}:
		defer func() { <-t.settles }()
	case <-ctx.Done():
		return settled, s, false, ctx.Err()
	}
	if !host.Owes() {
		return settled, s, false, nil
	}
	settled, s, err = t.settleHere(ctx, host)
	return settled, s, true, err
}

func (t *Till) settleHere(ctx context.Context, host payment.Settler) (ledger.CardsSettled, payment.Settlement, error) {
	calling, cancel := context.WithTimeout(ctx, host.Timing().CallTimeout)
	defer cancel()
	settled, s, err := SettleBatch(calling, t.parts.Books, host, t.set.Day, func(key string, settled ledger.CardsSettled) error {
		_, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
			d := t.draft(ledger.KindCardsSettled, "", settled)
			_, err := t.write(ledger.Batch{Key: key, KeyObject: settled.Batch, Drafts: []ledger.Draft{d}})
			return nil, err
		})
		return err
	})
	t.log.Info("settlement", "batch", s.Batch, "done", s.Done, "agrees", s.Agrees, "uploaded", s.Uploaded, "unmatched", len(settled.Unmatched),
		"reason", s.Reason, "error", s.Err, "kept", err)
	return settled, s, err
}

// keeper is the host of cards, if its batches are to be settled by the till.
func (t *Till) keeper() payment.BatchKeeper {
	host, _ := t.parts.Providers[payment.Card].(payment.BatchKeeper)
	return host
}

// settleAtClose wants the open batch settled, where the shop wishes so. The
// shift is closed whatever the host says: it goes on beside selling.
func (t *Till) settleAtClose() {
	host := t.keeper()
	if host == nil || !t.set.SettleAtClose {
		return
	}
	wanted, err := host.Want()
	if err != nil {
		t.log.Error("settlement not noted", "error", err)
	}
	if wanted {
		t.settlePause = 0
		t.at(settleTimer, t.now())
	}
}

// settledItself minds a settlement that nothing goes on with: one that the host's
// client began by itself, its batch being full, or that somebody asked for and
// that did not come to its end.
func (t *Till) settledItself(c payment.Channel) {
	host := t.keeper()
	if _, planned := t.timers[settleTimer]; c != payment.Card || planned || t.settling || host == nil || !host.Owes() {
		return
	}
	t.settlePause = 0
	t.at(settleTimer, t.now().Add(settleSoon))
}

// settleOwed brings a settlement that was wanted to its end, beside everything
// else; one that does not come to it is tried again by itself.
func (t *Till) settleOwed() {
	host := t.keeper()
	if host == nil || t.settling || t.trouble != nil {
		if t.trouble != nil {
			t.at(settleTimer, t.now().Add(settleFirst))
		}
		return
	}
	if !host.Owes() { // somebody has synchronised meanwhile
		t.settlePause = 0
		return
	}
	t.settling = true
	t.calls.Go(func() {
		var settled ledger.CardsSettled
		var s payment.Settlement
		owed := true
		err := fall.Caught(func() (err error) {
			settled, s, owed, err = t.settleIfOwed(t.ctx, host)
			return err
		})
		t.post(t.ctx, func() {
			t.settling = false
			if owed {
				t.settlementEnded(settled, s, err)
			}
			t.publish()
		})
	})
}

func (t *Till) settlementEnded(settled ledger.CardsSettled, s payment.Settlement, err error) {
	if err == nil && s.Done {
		t.settlePause = 0
		n := Notice{Code: NoticeCardsSettled, Args: []any{settled.Batch, settled.SaleCount + settled.ReturnCount}}
		if settled.Differs() {
			n = Notice{Code: NoticeCardsDiffer, Args: []any{settled.Batch}}
		}
		t.notice(n)
		return
	}
	if t.settlePause == 0 {
		t.notice(Notice{Code: NoticeCardsUnsettled})
	}
	t.settlePause = min(max(2*t.settlePause, settleFirst), settleMost)
	t.at(settleTimer, t.spread(t.now().Add(t.settlePause)))
}
