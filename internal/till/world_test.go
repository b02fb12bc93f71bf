package till_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
	"abacus/scanner"
)

// order is what the acquirer knows of one order.
type order struct {
	amount, refunded money.Amount
	paid, gone       bool
	returned         bool // some of it, by others
	present          bool
	asks             bool // its customer is entering a password
	charges          int
	refunds          map[string]money.Amount
}

// acquirer is an acquirer with a mind of its own: its truth is orders, and mood
// decides call by call what becomes of a request and of its answer.
type acquirer struct {
	channel payment.Channel
	mu      sync.Mutex
	orders  map[string]*order
	calls   []string
	mood    func(op payment.Op, n int) mood // n counts calls of this op
	counts  map[payment.Op]int
	pays    bool // customers pay when charged or shown a code

	stubborn bool              // reversals are refused: only a refund returns money
	poor     int               // so many refunds are refused for want of funds; negative: all
	why      string            // of the last refund
	working  bool              // refunds are accepted, and not yet done
	bills    map[string]string // its own numbers, as on the customer's phone, to ours
}

// opFind is a look-up by the acquirer's own number, for moods.
const opFind payment.Op = "find"

func (a *acquirer) Find(_ context.Context, reference string) (string, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mood(opFind, 0) != fair {
		return "", false, errors.New("no answer")
	}
	order, ok := a.bills[reference]
	return order, ok, nil
}

type mood uint8

const (
	fair       mood = iota
	lostBefore      // the request never arrives
	lostAfter       // the answer never arrives
	declines
	waits // the customer has to act
)

func newAcquirer(c payment.Channel) *acquirer {
	return &acquirer{channel: c, orders: map[string]*order{}, counts: map[payment.Op]int{}, pays: true, mood: func(payment.Op, int) mood { return fair }}
}

var schemes = payment.Timing{
	CallTimeout: 8 * time.Second, FirstQuery: 5 * time.Second, QueryInterval: 5 * time.Second, Deadline: 30 * time.Second,
	NoReverseUntil: 15 * time.Second, OrderCodeLife: 2 * time.Minute, CodePoll: 3 * time.Second,
}

// asked is how often it was called.
func (a *acquirer) asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.calls)
}

func (a *acquirer) Channel() payment.Channel { return a.channel }
func (a *acquirer) Timing() payment.Timing   { return schemes }

// meet runs what the acquirer does with a request, if it arrives, and gives
// the answer, if that does.
func (a *acquirer) meet(ctx context.Context, op payment.Op, number string, do func(m mood) payment.Answer) payment.Answer {
	a.mu.Lock()
	a.counts[op]++
	m := a.mood(op, a.counts[op])
	a.calls = append(a.calls, string(op)+" "+number)
	var answer payment.Answer
	if m != lostBefore {
		answer = do(m)
	}
	a.mu.Unlock()
	if m == lostBefore || m == lostAfter {
		<-ctx.Done()
		return payment.Answer{Reason: payment.NoAnswer}
	}
	time.Sleep(120 * time.Millisecond) // the line; fake time in a bubble
	return answer
}

func (a *acquirer) Charge(ctx context.Context, c payment.Charge) payment.Answer {
	return a.meet(ctx, payment.OpCharge, c.Order, func(m mood) payment.Answer {
		if m == declines {
			return payment.Answer{Outcome: payment.Declined, Reason: payment.NoFunds}
		}
		o := &order{amount: c.Amount, charges: 1, refunds: map[string]money.Amount{}}
		if old := a.orders[c.Order]; old != nil {
			old.charges++
			return payment.Answer{Reason: payment.NumberUsed}
		}
		a.orders[c.Order] = o
		if m == waits {
			return payment.Answer{Outcome: payment.Waiting, Reason: payment.Password}
		}
		o.paid = true
		return a.state(c.Order)
	})
}

func (a *acquirer) Present(ctx context.Context, c payment.Charge) payment.Answer {
	return a.meet(ctx, payment.OpPresent, c.Order, func(mood) payment.Answer {
		a.orders[c.Order] = &order{amount: c.Amount, present: true, refunds: map[string]money.Amount{}}
		return payment.Answer{Outcome: payment.Waiting, OrderCode: "weixin://wxpay/bizpayurl?pr=" + c.Order}
	})
}

func (a *acquirer) Query(ctx context.Context, o payment.Order) payment.Answer {
	return a.meet(ctx, payment.OpQuery, o.Number, func(mood) payment.Answer { return a.state(o.Number) })
}

func (a *acquirer) state(number string) payment.Answer {
	o := a.orders[number]
	switch {
	case o == nil:
		return payment.Answer{Reason: payment.NotFound}
	case o.gone:
		return payment.Answer{Outcome: payment.Reversed}
	case o.paid && o.returned:
		return payment.Answer{Outcome: payment.Paid, Reason: payment.GivenBack}
	case o.paid:
		return payment.Answer{Outcome: payment.Paid, Reference: "42" + number, Payer: "138****5678"}
	}
	return payment.Answer{Outcome: payment.Waiting, Reason: map[bool]payment.Reason{true: payment.Password}[o.asks]}
}

func (a *acquirer) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	return a.meet(ctx, payment.OpReverse, o.Number, func(mood) payment.Answer {
		known := a.orders[o.Number]
		if known == nil {
			return payment.Answer{Outcome: payment.Reversed, Reason: payment.NotFound}
		}
		if a.stubborn && known.paid {
			return payment.Answer{Outcome: payment.Declined, Reason: payment.AlreadyPaid}
		}
		reason := payment.NoReason
		if known.paid {
			reason = payment.PaidThenBack
		}
		known.paid, known.gone = false, true
		return payment.Answer{Outcome: payment.Reversed, Reason: reason}
	})
}

func (a *acquirer) Close(ctx context.Context, o payment.Order) payment.Answer {
	return a.meet(ctx, payment.OpClose, o.Number, func(mood) payment.Answer {
		known := a.orders[o.Number]
		if known == nil {
			return payment.Answer{Outcome: payment.Reversed, Reason: payment.NotFound}
		}
		if !known.paid {
			known.gone = true
		}
		return a.state(o.Number)
	})
}

func (a *acquirer) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	answer := a.meet(ctx, "refund", r.Order, func(m mood) payment.Answer {
		o := a.orders[r.Order]
		a.why = r.Reason
		if a.poor != 0 {
			a.poor--
			return payment.Answer{Outcome: payment.Declined}
		}
		if _, again := o.refunds[r.Number]; !again {
			o.refunds[r.Number], o.refunded = r.Amount, o.refunded.Add(r.Amount)
		}
		return payment.Answer{Outcome: payment.Paid}
	})
	switch {
	case answer.Outcome == payment.Declined:
		return payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: payment.MerchantFunds}
	case answer.Outcome == payment.Paid && a.working:
		return payment.RefundAnswer{Outcome: payment.RefundAccepted, Reason: payment.RefundWorking}
	case answer.Outcome == payment.Paid:
		return payment.RefundAnswer{Outcome: payment.RefundPaid, Reason: payment.RefundDone, Reference: refundReference(r)}
	}
	return payment.RefundAnswer{Reason: answer.Reason}
}

// refundReference is the acquirer's own number of a refund.
func refundReference(r payment.Refund) string {
	return "50300" + strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, r.Number)
}

func (a *acquirer) QueryRefund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	found := false
	answer := a.meet(ctx, "refundquery", r.Order, func(mood) payment.Answer {
		_, found = a.orders[r.Order].refunds[r.Number]
		return payment.Answer{Outcome: payment.Paid}
	})
	switch {
	case answer.Outcome != payment.Paid:
		return payment.RefundAnswer{Reason: answer.Reason}
	case !found:
		return payment.RefundAnswer{Reason: payment.NotFound}
	case a.working:
		return payment.RefundAnswer{Outcome: payment.RefundAccepted, Reason: payment.RefundWorking}
	}
	return payment.RefundAnswer{Outcome: payment.RefundPaid, Reason: payment.RefundDone, Reference: refundReference(r)}
}

// turnsUp is a charge that was lost or refused and that the acquirer has after all:
// paid, or with the customer at the password.
func (a *acquirer) turnsUp(p ledger.Payment, paid bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.orders[p.Order] = &order{amount: p.Amount, paid: paid, asks: !paid, refunds: map[string]money.Amount{}}
}

func (a *acquirer) customerPays(number string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o := a.orders[number]; o != nil && !o.gone {
		o.paid = true
	}
}

// kept is what the acquirer holds for the shop.
func (a *acquirer) kept() money.Amount {
	a.mu.Lock()
	defer a.mu.Unlock()
	total := money.Fen(0)
	for _, o := range a.orders {
		if o.paid {
			total = total.Add(o.amount).Sub(o.refunded)
		}
	}
	return total
}

// paper takes print jobs and says they are printed.
type paper struct {
	mu   sync.Mutex
	jobs []string
	core *till.Till
	then func()           // when a job has come; nil: nothing
	mute bool             // says nothing of them
	to   *printer.Spooler // nil, or who really prints
}

func (p *paper) Submit(job printer.Job) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.jobs, job.ID) {
		return printer.ErrRepeated
	}
	p.jobs = append(p.jobs, job.ID)
	if p.then != nil {
		p.then()
	}
	if p.to != nil {
		return p.to.Submit(job)
	}
	if p.mute {
		return nil
	}
	go p.core.PrintResult(printer.Done{Job: job.ID, Outcome: printer.Printed})
	return nil
}

// world is a till with its surroundings; restart makes another run of it on
// the same book.
type world struct {
	t       *testing.T
	dir     string
	wechat  *acquirer
	alipay  *acquirer
	paper   *paper
	formats scanner.Formats
	core    *till.Till
	books   *ledger.Ledger
	stop    func()
	set     till.Settings

	more      map[payment.Channel]payment.Provider // besides WeChat and Alipay
	customer  till.Customer                        // nil: no sandbox
	disk      *faultdisk.Disk                      // nil: the machine's
	full      *atomic.Bool                         // nothing can be written; a start may fail
	falls     bool                                 // its core may panic
	mutePaper bool                                 // the printer takes jobs and says nothing
	written   func(ledger.Batch)                   // sees every batch on its way into the book; nil: nobody looks
	clock     func() time.Time                     // nil: the bubble's
	untold    func(ledger.Batch) bool              // of these the till hears only that the book has stopped; nil: of none
}

func settings() till.Settings {
	check := func(pin string) bool { return pin == "246810" }
	return till.Settings{
		Version: "test", Store: "鼓楼店", StoreID: "0001", Till: "01", Currency: money.CNY, Sandbox: true,
		Day: func(t time.Time) string { return t.UTC().Format("2006-01-02") },
		Operators: []till.Account{
			{Operator: till.Operator{ID: "1001", Name: "王芳", Role: till.Manager}, Check: check},
			{Operator: till.Operator{ID: "1002", Name: "李雷", Role: till.Cashier}, Check: check},
		},
		ConfirmAbove: money.Fen(100000), Instalments: []int{3, 6, 12},
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), wechat: newAcquirer(payment.WeChat), alipay: newAcquirer(payment.Alipay), set: settings(),
		formats: scanner.Formats{Currency: money.CNY, Weighed: scanner.DefaultLabels()}}
	w.start()
	w.do(till.Login{Operator: "1001", PIN: "246810"})
	return w
}

func (w *world) start() {
	w.t.Helper()
	began, now := time.Now(), w.clock
	if now == nil {
		now = time.Now
	}
	opt := ledger.Options{
		Path: filepath.Join(w.dir, "journal.db"), HeadPath: filepath.Join(w.dir, "journal.head"), Store: w.set.Store, Till: w.set.Till,
		Currency: money.CNY, Now: now, Monotonic: func() time.Duration { return time.Since(began) }, Day: w.set.Day, Random: rand.Reader,
	}
	if w.disk != nil {
		opt.VFS, opt.Files = w.disk.VFS(), w.disk
	}
	books, err := ledger.Open(w.t.Context(), opt)
	if err != nil {
		w.t.Fatal(err)
	}
	core := till.New(w.set, now, nil)
	core.Between(func(ctx context.Context, b ledger.Batch) ([]ledger.Entry, error) {
		if w.written != nil {
			w.written(b)
		}
		if w.full != nil && w.full.Load() {
			return nil, ledger.ErrDiskFull
		}
		entries, err := books.Append(ctx, b)
		if err == nil && w.untold != nil && w.untold(b) {
			return nil, fmt.Errorf("%w: a commit that failed, and was done", ledger.ErrStopped)
		}
		return entries, err
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := core.Run(ctx); err != nil && !w.falls {
			w.t.Error(err)
		}
	}()
	w.core, w.books, w.paper = core, books, &paper{core: core, mute: w.mutePaper}
	w.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		if err := books.Close(); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(w.stop)
	providers := map[payment.Channel]payment.Provider{payment.WeChat: w.wechat, payment.Alipay: w.alipay}
	maps.Copy(providers, w.more)
	width, _ := printer.PaperOf(80)
	err = core.Start(w.t.Context(), till.Parts{
		Books: books, Goods: goods.Sample(), Formats: w.formats,
		Providers: providers,
		Paper:     &till.Paper{Spooler: w.paper, Width: width, Texts: &lang.Must(lang.Chinese).Paper, Copies: 1, Drawer: true},
		Customer:  w.customer,
	})
	if err != nil && w.full == nil {
		w.t.Fatal(err)
	}
}

// restart ends this run and starts another, signed in again.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start()
	w.do(till.Login{Operator: "1001", PIN: "246810"})
}

func (w *world) do(c till.Command) till.Result {
	w.t.Helper()
	r, err := w.core.Do(w.t.Context(), c)
	if err != nil {
		w.t.Fatalf("%T%+v: %v", c, c, err)
	}
	return r
}

// refuses does a command that must be refused with a fault of this code.
func (w *world) refuses(code string, c till.Command) {
	w.t.Helper()
	r, err := w.core.Do(w.t.Context(), c)
	var f *till.Fault
	if !errors.As(err, &f) || f.Code != code {
		w.t.Fatalf("%T%+v: %+v, %v; want the fault %s", c, c, r, err, code)
	}
}

// sale is a sale of one line of this many fen, in front.
func (w *world) sale(fen int64) ledger.Sale {
	w.t.Helper()
	w.do(till.SaleOpen{})
	return w.do(till.SaleAdd{Amount: money.Fen(fen)}).(ledger.Sale)
}

var codes = 0

// code is a fresh pay code of a channel.
func code(c payment.Channel) string {
	codes++
	if c == payment.Alipay {
		return fmt.Sprintf("28%016d", codes)
	}
	return fmt.Sprintf("13%016d", codes)
}

func (w *world) payment(id string) ledger.Payment {
	w.t.Helper()
	return w.do(till.PaymentGet{Payment: id}).(ledger.Payment)
}

func (w *world) wait(id string) ledger.Payment {
	w.t.Helper()
	return w.do(till.PaymentWait{Payment: id, Timeout: time.Hour}).(ledger.Payment)
}

func (w *world) snapshot() *till.Snapshot {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	return <-w.core.Watch(ctx)
}

// untoldOnce has the till hear of the first batch with such an entry only that
// the book has stopped. What it gives tells whether there has been one.
func (w *world) untoldOnce(such func(ledger.Draft) bool) *atomic.Bool {
	synctest.Wait() // nothing is being written
	hit := new(atomic.Bool)
	w.untold = func(b ledger.Batch) bool {
		return slices.ContainsFunc(b.Drafts, such) && hit.CompareAndSwap(false, true)
	}
	return hit
}

// balanced checks the books against the acquirers' and against themselves.
func (w *world) balanced() {
	w.t.Helper()
	for _, a := range []*acquirer{w.wechat, w.alipay} {
		ours := money.Fen(0)
		for _, p := range w.do(till.PaymentList{Limit: 1000}).([]ledger.Payment) {
			if p.Channel == string(a.channel) && p.State == ledger.PaymentPaid {
				ours = ours.Add(p.Amount).Sub(p.Refunded)
			}
		}
		if kept := a.kept(); !kept.Equal(ours) {
			w.t.Errorf("%s: the acquirer keeps %v, the journal says %v", a.channel, kept, ours)
		}
	}
	differences, err := w.books.Rebuild(w.t.Context())
	if err != nil || len(differences) > 0 {
		w.t.Errorf("rebuild: %v, %v", differences, err)
	}
}
