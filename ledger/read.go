package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abacus/internal/money"
)

// MaxList is the most a listing gives at once.
const MaxList = 1000

// lock begins a read. What is read is what is on disk: changes count from the
// commit on. A ledger that is broken or stopped can still be read as long as
// its database opens.
func (l *Ledger) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	if l.c == nil {
		defer l.mu.Unlock()
		return l.stopped
	}
	if l.books == nil {
		l.shelf = newShelf(l.c, "")
		l.books = newBooks(l.opt.Currency, l.shelf)
	}
	return nil
}

func get[T any](ctx context.Context, l *Ledger, from func(*books) *drawer[T], id string) (T, error) {
	var none T
	if err := l.lock(ctx); err != nil {
		return none, err
	}
	defer l.mu.Unlock()
	x, err := from(l.books).see(id)
	switch {
	case err != nil:
		return none, err
	case x == nil:
		return none, fmt.Errorf("%q: %w", id, ErrNotFound)
	}
	return *x, nil
}

func salesOf(b *books) *drawer[Sale]       { return b.sales }
func paymentsOf(b *books) *drawer[Payment] { return b.payments }
func refundsOf(b *books) *drawer[Refund]   { return b.refunds }
func receiptsOf(b *books) *drawer[receipt] { return b.receipts }
func shiftsOf(b *books) *drawer[Shift]     { return b.shifts }

// Sale is one sale; ErrNotFound if there is none. What a read returns is
// shared: it must not be changed.
func (l *Ledger) Sale(ctx context.Context, id string) (Sale, error) { return get(ctx, l, salesOf, id) }

// Payment is one attempt; ErrNotFound if there is none.
func (l *Ledger) Payment(ctx context.Context, id string) (Payment, error) {
	return get(ctx, l, paymentsOf, id)
}

// Refund is one refund; ErrNotFound if there is none.
func (l *Ledger) Refund(ctx context.Context, id string) (Refund, error) {
	return get(ctx, l, refundsOf, id)
}

// PaymentByOrder is the attempt with an order number; ErrNotFound if there is
// none.
func (l *Ledger) PaymentByOrder(ctx context.Context, order string) (Payment, error) {
	if id := paymentOf(order); id != "" {
		p, err := l.Payment(ctx, id)
		if err == nil && p.Order == order || err != nil && !errors.Is(err, ErrNotFound) {
			return p, err
		}
	}
	return l.paymentBy(ctx, "SELECT id FROM payments WHERE odd_order = 1 AND order_number = ?", order)
}

// PaymentByCodeHash is the latest attempt with a pay code, among the last
// hundred: a code lives for a minute. ErrNotFound if there is none.
func (l *Ledger) PaymentByCodeHash(ctx context.Context, hash string) (Payment, error) {
	return l.paymentBy(ctx, "SELECT id FROM (SELECT id, code_hash FROM payments ORDER BY entry DESC LIMIT 100) WHERE code_hash = ? LIMIT 1", hash)
}

func (l *Ledger) paymentBy(ctx context.Context, query, value string) (Payment, error) {
	if err := l.lock(ctx); err != nil {
		return Payment{}, err
	}
	var id string
	found, err := l.c.one(query, []any{value}, &id)
	l.mu.Unlock()
	if err == nil && (!found || value == "") {
		err = fmt.Errorf("payment of %q: %w", value, ErrNotFound)
	}
	if err != nil {
		return Payment{}, err
	}
	return l.Payment(ctx, id)
}

func lives[T any](ctx context.Context, l *Ledger, from func(*books) *drawer[T]) ([]T, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	cards, err := from(l.books).lives()
	return docs(cards), err
}

func docs[T any](cards []*card[T]) []T {
	list := make([]T, len(cards))
	for i, c := range cards {
		list[i] = c.doc
	}
	return list
}

// LiveSales are the open and held sales, oldest first.
func (l *Ledger) LiveSales(ctx context.Context) ([]Sale, error) { return lives(ctx, l, salesOf) }

// OpenPayments are the attempts not final and those that must be watched,
// oldest first.
func (l *Ledger) OpenPayments(ctx context.Context) ([]Payment, error) {
	return lives(ctx, l, paymentsOf)
}

// OpenRefunds are the refunds that have not ended, oldest first.
func (l *Ledger) OpenRefunds(ctx context.Context) ([]Refund, error) { return lives(ctx, l, refundsOf) }

// ReceiptJob is a receipt given to the spooler.
type ReceiptJob struct {
	ReceiptQueued
	Sale   string
	Begun  bool   // it may be on paper
	Result string // "" while that is not known
}

func jobOf(r receipt) ReceiptJob { return ReceiptJob{r.Queued, r.Sale, r.Begun, r.Result} }

// Unprinted are the receipt jobs of which it is not known what became, oldest
// first.
func (l *Ledger) Unprinted(ctx context.Context) ([]ReceiptJob, error) {
	jobs, err := lives(ctx, l, receiptsOf)
	list := make([]ReceiptJob, len(jobs))
	for i, job := range jobs {
		list[i] = jobOf(job)
	}
	return list, err
}

// ReceiptJob is one of them by its name, or ErrNotFound.
func (l *Ledger) ReceiptJob(ctx context.Context, job string) (ReceiptJob, error) {
	r, err := get(ctx, l, receiptsOf, job)
	return jobOf(r), err
}

// Payments are the newest attempts of a state, or of all when it is empty.
func (l *Ledger) Payments(ctx context.Context, state PaymentState, limit int) ([]Payment, error) {
	query, args := "SELECT entry, id, doc FROM payments", []any{}
	if state != "" {
		query, args = query+" WHERE state = ?", append(args, string(state))
		if state != PaymentPaid {
			query += " AND state <> 'paid'" // lets SQLite use the small index
		}
	}
	return newest[Payment](ctx, l, query, limit, args...)
}

// Refunds are the newest refunds of a state, or of all when it is empty; with
// open those only that are not over.
func (l *Ledger) Refunds(ctx context.Context, state RefundState, open bool, limit int) ([]Refund, error) {
	query, args := "SELECT entry, id, doc FROM refunds WHERE (?1 = '' OR state = ?1)", []any{string(state)}
	if open {
		query += " AND open = 1"
	}
	return newest[Refund](ctx, l, query, limit, args...)
}

// Sales are the newest sales of any state.
func (l *Ledger) Sales(ctx context.Context, limit int) ([]Sale, error) {
	return newest[Sale](ctx, l, "SELECT entry, id, doc FROM sales", limit)
}

func newest[T any](ctx context.Context, l *Ledger, query string, limit int, args ...any) ([]T, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	cards, err := list[T](l.shelf, query+" ORDER BY entry DESC LIMIT ?", append(args, clampList(limit))...)
	return docs(cards), err
}

func clampList(limit int) int64 {
	if limit <= 0 {
		return 100
	}
	return int64(min(limit, MaxList))
}

// Entries are journal entries in order, those after a number. A limit of 0
// means 100; the most is MaxList.
func (l *Ledger) Entries(ctx context.Context, after int64, limit int) ([]Entry, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	return readEntries(l.c, "SELECT "+entryColumns+" FROM journal WHERE number > ? ORDER BY number LIMIT ?", after, clampList(limit))
}

// Key is what became of an idempotency key. It is a *Broken when that cannot be
// what was kept.
func (l *Ledger) Key(ctx context.Context, key string) (hash, object string, found bool, err error) {
	if err := l.lock(ctx); err != nil {
		return "", "", false, err
	}
	defer l.mu.Unlock()
	var sealed string
	var entry int64
	found, err = l.c.one("SELECT hash, object, entry FROM request_keys WHERE key = ?", []any{key}, &sealed, &object, &entry)
	if err != nil || !found {
		return "", "", false, err
	}
	hash, whole := openKey(key, sealed, object, entry)
	if !whole {
		return "", "", true, &Broken{Number: entry, Why: WhySeal, Detail: "its request's key was changed"}
	}
	return hash, object, true, nil
}

// OpenShift is the open shift, nil when there is none.
func (l *Ledger) OpenShift(ctx context.Context) (*Shift, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	if l.books.desk.shift == "" {
		return nil, nil // asked with every snapshot: the database need not be
	}
	shift, err := l.books.shifts.see(l.books.desk.shift)
	if shift == nil {
		return nil, err
	}
	open := *shift
	return &open, nil
}

// Shift is any shift, open or closed; ErrNotFound if there is none.
func (l *Ledger) Shift(ctx context.Context, id string) (Shift, error) {
	return get(ctx, l, shiftsOf, id)
}

// NextZNumber is the number the next Z must have.
func (l *Ledger) NextZNumber() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.books == nil {
		return 1
	}
	return l.books.desk.z + 1
}

// NextShiftNumber is the number the next shift must have.
func (l *Ledger) NextShiftNumber() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.books == nil {
		return 1
	}
	return l.books.desk.shiftNumber + 1
}

// DayFigures are a business day's figures so far, over all its shifts.
type DayFigures struct {
	Day      string
	Sales    int
	Gross    money.Amount
	Refunds  money.Amount
	Channels []Total // by name
}

// tallied are the identities of one day's tallies: the day is asked for after
// every entry, and has a new one once a shift.
type tallied struct {
	day string
	ids []string
}

// Today are the figures of a business day (yyyy-mm-dd).
func (l *Ledger) Today(ctx context.Context, day string) (DayFigures, error) {
	if err := l.lock(ctx); err != nil {
		return DayFigures{}, err
	}
	defer l.mu.Unlock()
	zero := l.books.zero()
	f := DayFigures{Day: day, Gross: zero, Refunds: zero, Channels: []Total{}}
	if l.tallied.day != day {
		ids, err := identities(l.c, "SELECT id FROM tallies WHERE day = ? ORDER BY entry", day)
		if err != nil {
			return f, err
		}
		l.tallied = tallied{day, ids}
	}
	cards, err := cardsOf(l.books.tallies, l.tallied.ids)
	for _, c := range cards {
		f.Sales += c.doc.Sales
		f.Gross, f.Refunds = f.Gross.Add(c.doc.Gross), f.Refunds.Add(c.doc.Refunds)
		addTotals(&f.Channels, c.doc.Channels, zero)
	}
	return f, err
}

// LastSaleNumber is the highest running number of a day's sales, 0 if there is
// none: of day 2026-11-21 those with an identity like 20261121-0042.
func (l *Ledger) LastSaleNumber(ctx context.Context, day string) (int, error) {
	if err := l.lock(ctx); err != nil {
		return 0, err
	}
	defer l.mu.Unlock()
	prefix := strings.ReplaceAll(day, "-", "") + "-"
	if last, known := l.days[prefix]; known {
		return last, nil
	}
	var id string
	_, err := l.c.one("SELECT id FROM sales WHERE id > ? AND id < ? ORDER BY length(id) DESC, id DESC LIMIT 1",
		[]any{prefix, strings.TrimSuffix(prefix, "-") + "."}, &id)
	if err != nil {
		return 0, err
	}
	last := runningNumber(id)
	clear(l.days) // one day is asked for again and again
	l.days[prefix] = last
	return last, nil
}

func runningNumber(id string) int {
	n, err := strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
	if err != nil {
		return 0
	}
	return n
}

// noteSales keeps LastSaleNumber right without asking the database again.
func (l *Ledger) noteSales(entries []Entry) {
	for _, e := range entries {
		if e.Kind != KindSaleOpened {
			continue
		}
		prefix := e.Sale[:strings.LastIndexByte(e.Sale, '-')+1]
		if last, known := l.days[prefix]; known {
			l.days[prefix] = max(last, runningNumber(e.Sale))
		}
	}
}

// inOrder lists cards by the entry they began with.
func inOrder[T any](cards map[string]*card[T]) []*card[T] {
	list := make([]*card[T], 0, len(cards))
	for _, c := range cards {
		list = append(list, c)
	}
	slices.SortFunc(list, byEntry[T])
	return list
}
