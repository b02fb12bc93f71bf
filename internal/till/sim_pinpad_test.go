package till_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"abacus/payment"
	"abacus/payment/pinpad"
	"abacus/payment/sandbox"
)

// simDesk is the bank's terminal on the counter. It goes on when the till's
// machine has no power, and knows nothing of our order numbers: which of its
// transactions belongs to which order is noted here, from what truly went over
// its end of the line.
type simDesk struct {
	s *sim

	mu        sync.Mutex
	on        context.Context // the terminal's own power
	off       context.CancelFunc
	out       time.Time // until then nobody reaches it
	cables    []*simCable
	charging  string            // the order whose charge is out
	readying  int               // calls that ask where it stands
	asking    map[string]int    // calls that ask about an order, or undo it
	refunding map[string]string // order → number of the refund that is out
	voided    map[string]bool   // orders whose refund was made as a void
	orders    map[int]string    // trace → order
	refs      map[string]string // reference → order
	count     map[string]int    // requests
	names     int               // it has had, by a bug
	heard     []byte            // the last whole answer, for another's
}

func newDesk(s *sim) *simDesk {
	d := &simDesk{s: s, refunding: map[string]string{}, asking: map[string]int{}, voided: map[string]bool{}, orders: map[int]string{}, refs: map[string]string{}, count: map[string]int{}}
	d.on, d.off = context.WithCancel(context.Background())
	return d
}

// plugIn makes this run's client of the terminal.
func (d *simDesk) plugIn(providers map[payment.Channel]payment.Provider) error {
	r := dice(d.s.plan.seed, "terminal")
	terminal, err := pinpad.New(pinpad.Config{
		Dial: d.dial, Name: "line", Till: "01", Now: d.s.wallClock, Random: randomBytes{dice(d.s.plan.seed, "check digits", d.s.boot)},
		Customer: 90 * time.Second, ListsAll: true, CanAbort: r.IntN(2) == 0,
	})
	if err != nil {
		return err
	}
	providers[payment.Card] = &simPinpad{terminal.Cards(), d}
	stop := d.s.run.stop
	d.s.run.stop = func() { stop(); terminal.Close() }
	return nil
}

// name gives the terminal's sales their order numbers.
func (d *simDesk) name(books []sandbox.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, e := range books {
		number, ours := strings.CutPrefix(e.Order, "trace ")
		if trace, err := strconv.Atoi(number); ours && err == nil && d.orders[trace] != "" {
			books[i].Order = d.orders[trace]
			if d.voided[d.orders[trace]] {
				books[i].Refunded, books[i].Reversed = e.Reversed, 0
			}
		}
	}
}

// pullCable is somebody's foot, and how long it takes to see why.
func (s *sim) pullCable(r *rand.Rand) {
	if s.desk != nil {
		s.desk.hangUp(time.Duration(r.Int64N(int64(pick(r, time.Second, 20*time.Second, 3*time.Minute)))))
		s.tell("counter: the terminal's cable is out until %v", s.desk.out.Sub(s.began))
	}
}

// switchTerminal is the terminal being switched off and on: what it was about
// to do it does not.
func (s *sim) switchTerminal(r *rand.Rand) {
	d := s.desk
	if d == nil {
		return
	}
	d.mu.Lock()
	d.off()
	d.on, d.off = context.WithCancel(context.Background())
	d.mu.Unlock()
	d.hangUp(time.Duration(1+r.Int64N(40)) * time.Second)
	s.tell("counter: the terminal is off until %v", d.out.Sub(s.began))
}

// settleByHand is somebody at the terminal's own keys, whatever it owes the till.
func (s *sim) settleByHand(*rand.Rand) {
	if s.desk == nil {
		return
	}
	hand, err := pinpad.New(pinpad.Config{
		Name: "hand", Till: "99", Now: time.Now, Random: randomBytes{dice(s.plan.seed, "hand")},
		Dial: func(context.Context) (io.ReadWriteCloser, error) {
			near, far := net.Pipe()
			s.wires.Go(func() { s.box.ServeTerminal(context.Background(), far) })
			return near, nil
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	defer hand.Close()
	settled := hand.Cards().Settle(context.Background())
	s.tell("counter: settles at the terminal itself: %v, %v %s", settled.Done, settled.Sales, settled.Detail)
}

func (d *simDesk) hangUp(length time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.out = time.Now().Add(length + 7)
	for _, c := range d.cables {
		_ = c.near.Close()
	}
	d.cables = nil
}

func (d *simDesk) away() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Before(d.out)
}

// dial opens the line.
func (d *simDesk) dial(context.Context) (io.ReadWriteCloser, error) {
	run := d.s.run
	if d.s.off() || d.away() {
		return nil, errors.New("no such device")
	}
	c := &simCable{d: d, run: run, far: nil}
	c.near, c.far = net.Pipe()
	context.AfterFunc(run.power, func() { _ = c.near.Close() })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cables = append(d.cables, c)
	on := d.on
	d.s.wires.Go(func() { d.s.box.ServeTerminal(on, newCableEnd(c.far, c)) })
	return c, nil
}

// simPinpad is the terminal's client; it notes for whom a request leaves.
type simPinpad struct {
	*pinpad.Provider
	d *simDesk
}

func (p *simPinpad) Ready(ctx context.Context) payment.Answer {
	p.d.apart("ready", "")
	p.d.note(func() { p.d.readying++ })
	defer p.d.note(func() { p.d.readying-- })
	return p.Provider.Ready(ctx)
}

func (p *simPinpad) Charge(ctx context.Context, c payment.Charge) payment.Answer {
	p.d.apart("charge", c.Order)
	p.d.owesNothing(c.Order)
	p.d.note(func() {
		if p.d.charging != "" {
			p.d.s.fail("desk", "%s leaves for the terminal while %s is there", c.Order, p.d.charging)
		}
		p.d.charging = c.Order
	})
	defer p.d.note(func() { p.d.charging = "" })
	return p.bend(ctx, payment.OpCharge, payment.Order{Number: c.Order, Amount: c.Amount, Mark: c.Mark}, p.Provider.Charge(ctx, c))
}

func (p *simPinpad) Query(ctx context.Context, o payment.Order) payment.Answer {
	p.d.apart("query", o.Number)
	p.d.note(func() { p.d.asking[o.Number]++ })
	defer p.d.note(func() { p.d.asking[o.Number]-- })
	return p.bend(ctx, payment.OpQuery, o, p.Provider.Query(ctx, o))
}

func (p *simPinpad) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	p.d.apart("reverse", o.Number)
	p.d.note(func() { p.d.asking[o.Number]++ })
	defer p.d.note(func() { p.d.asking[o.Number]-- })
	return p.bend(ctx, payment.OpReverse, o, p.Provider.Reverse(ctx, o))
}

func (p *simPinpad) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	p.d.apart("refund", r.Number)
	p.d.note(func() { p.d.refunding[r.Order] = r.Number })
	defer p.d.note(func() { delete(p.d.refunding, r.Order) })
	a := p.Provider.Refund(ctx, r)
	if p.d.s.bug.deskRefund != nil {
		a = p.d.s.bug.deskRefund(p, ctx, r, a)
	}
	return a
}

func (p *simPinpad) QueryRefund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	p.d.apart("find", r.Number)
	return p.Provider.QueryRefund(ctx, r)
}

func (d *simDesk) note(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// owesNothing: while the terminal owes an answer nothing else is charged there.
func (d *simDesk) owesNothing(order string) {
	open, err := d.s.run.books.OpenPayments(context.Background())
	if err != nil {
		return
	}
	for _, p := range open {
		passed := p.Forced && p.Reason != string(payment.TerminalUnsure) // of that the terminal may still find out
		if p.Channel == string(payment.Card) && p.Order != order && !p.State.Final() && !passed {
			d.s.fail("desk", "%s leaves for the terminal while the book has %s as %s", order, p.Order, p.State)
		}
	}
}

// learn takes in what the terminal has done, whoever hears of it.
func (d *simDesk) learn(a *simAsk, r simReply) {
	d.s.tell("terminal: %s: %s, trace %06d", a.q, r.code, r.trace)
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.Contains([]string{"00", "21", "23"}, a.kind) && (r.code == "00" || r.code == "98" && r.trace > 0) {
		d.orders[r.trace], d.refs[r.reference] = a.q.order, a.q.order
	}
	if a.q.op == "query" && r.code == "98" {
		d.s.mu.Lock()
		d.s.reach["terminal × not sure"]++
		d.s.mu.Unlock()
	}
	if (a.kind == "01" || a.kind == "24") && a.q.op == "refund" && r.code == "00" {
		d.voided[a.q.order] = true
	}
}

// spoil is what of an answer comes in; nil: nothing.
func (d *simDesk) spoil(a *simAsk, p []byte) (out []byte, again bool) {
	if a.f.strike == lostAnswer || a.f.strike == lostACK || a.f.strike == resetAnswer {
		return nil, false
	}
	d.mu.Lock()
	other := d.heard
	d.heard = p
	d.mu.Unlock()
	if a.spent {
		d.told(a, p)
		return p, false
	}
	a.spent = true
	data := append([]byte(nil), p[3:len(p)-2]...)
	switch a.f.strike {
	case "garbage":
		return []byte("\x00\x01\x7f\xff{}[]\"<>\\x\x00\x01\x7f\xff{}[]\"<>\\x"), false
	case "bad-signature":
		data = append([]byte(nil), p...)
		data[len(data)-1] ^= 0x55
		return data, false
	case cutAnswer:
		return p[:len(p)/2], false
	case "wrong-amount":
		data[43] = '0' + (data[43]-'0'+1)%10
		return simFrame(data), false
	case crossed:
		if other != nil {
			return other, false
		}
	case bankSilent:
		copy(data, "98")
		copy(data[26:32], "      ")
		return simFrame(data), false
	}
	d.told(a, p)
	return p, a.f.strike == sentTwice
}

// told is a genuine answer on its way to the till.
func (d *simDesk) told(a *simAsk, p []byte) {
	r := readReply(p)
	d.mu.Lock()
	order := d.orders[r.trace]
	about := []string{a.q.order, order}
	for order, n := range d.asking {
		if n > 0 {
			about = append(about, order)
		}
	}
	d.mu.Unlock()
	l := d.s.line
	if order != "" && d.s.captured(order) {
		l.mu.Lock()
		l.sure[order] = true
		l.mu.Unlock()
	}
	for _, order := range about {
		if order != "" && !isHold(order) && !d.s.captured(order) {
			l.mu.Lock()
			l.gone[order] = true
			l.mu.Unlock()
		}
	}
}

// What only the terminal suffers.
const (
	lostACK    = "lost ACK"
	bankSilent = "the bank's answer is lost" // done
	bankDown   = "the bank does not answer"  // not done
)

var simDeskStrikes = []string{
	lostRequest, lostRequest, lostRequest, lostAnswer, lostAnswer, lostAnswer, resetAnswer, resetAnswer, noConnection, lateRequest, lateRequest,
	slowAnswer, "nak", lostACK, "garbage", "bad-signature", cutAnswer, "wrong-amount", crossed, crossed, bankSilent, bankSilent, bankDown, sentTwice,
}

// understand reads a request of the till's.
func (d *simDesk) understand(p []byte) *simAsk {
	text := string(p[3 : 3+askWidth])
	a := &simAsk{kind: text[16:18], check: text[56:59]}
	trace, _ := strconv.Atoi(text[50:56])
	reference := strings.TrimSpace(text[38:50])
	d.mu.Lock()
	q := simRequest{channel: payment.Card, op: "query", order: d.orders[trace]}
	switch a.kind {
	case "00", "21", "23":
		q.op, q.order = "charge", d.charging
	case "01", "22", "24":
		q.op = "reverse"
		if number := d.refunding[q.order]; number != "" {
			q.op, q.refund = "refund", number
		}
	case "02":
		q.op, q.order = "refund", d.refs[reference]
		q.refund = d.refunding[q.order]
	case "04":
		if d.readying > 0 && trace == 0 {
			q.op = "ready"
		}
	default:
		q.op = "desk " + a.kind
	}
	d.count[q.String()]++
	q.n = d.count[q.String()]
	d.mu.Unlock()
	a.q, a.f = q, d.fate(q)
	return a
}

// fate decides what a request at the terminal suffers.
func (d *simDesk) fate(q simRequest) fate {
	plan := d.s.plan
	r := dice(plan.seed, "request", q.String())
	f := fate{up: time.Millisecond + time.Duration(r.Int64N(int64(20*time.Millisecond))), down: time.Millisecond + time.Duration(r.Int64N(int64(20*time.Millisecond)))}
	luck, odds, strike := r.Float64(), plan.odds, pick(r, simDeskStrikes...)
	f.again = time.Duration(r.Int64N(int64(10 * time.Second)))
	slow := time.Duration(r.Int64N(int64(20 * time.Second)))
	silent := pick(r, bankSilent, bankDown)
	if d.s.calm.Load() || plan.only != nil && !plan.only[q.String()] {
		return f
	}
	if d.s.under(spellBadLuck) {
		odds = 0.5
	}
	switch {
	case d.s.under(spellBank) && q.movesMoney():
		f.strike = silent
	case luck < odds:
		f.strike = strike
	}
	switch f.strike {
	case bankSilent, bankDown, "wrong-amount":
		if !q.movesMoney() {
			f.strike = lostAnswer // it asks nobody
		}
	case slowAnswer:
		f.down = slow
	}
	return f
}

// pause is the moment that a byte takes; no two things happen at once.
func (d *simDesk) pause(what string) time.Duration {
	d.mu.Lock()
	d.count[what]++
	n := d.count[what]
	d.mu.Unlock()
	return time.Duration(dice(d.s.plan.seed, what, n).Int64N(int64(time.Millisecond))) + 1
}

// apart keeps calls that begin at one moment apart: they would be given up at
// one moment, too, and the same seed would give two days.
func (d *simDesk) apart(op, number string) {
	about := op + " " + number
	d.mu.Lock()
	d.count[about]++
	n := d.count[about]
	d.mu.Unlock()
	time.Sleep(time.Duration(dice(d.s.plan.seed, about, n).Int64N(990)) + 5)
}

// checkAtDesk: what moves money is on disk before it leaves, and with it where
// the terminal stood.
func (s *sim) checkAtDesk(q simRequest) {
	s.checkIntent(q)
	if q.op != "charge" || isHold(q.order) {
		return
	}
	p, err := s.run.books.PaymentByOrder(context.Background(), q.order)
	if err == nil && !strings.Contains(string(p.Attempt), `"mark":"open:`) {
		s.fail("intent", "%s is sent, and the book does not know where the terminal stood", q)
	}
}

// struck notes what a request suffers, and in which state its attempt was. One
// that names no transaction is of who is asked about, or made ready.
func (d *simDesk) struck(q simRequest, strike string) {
	s := d.s
	if q.order != "" {
		s.struck(q, strike)
		return
	}
	s.tell("line: %s: %s", q, strike)
	s.mu.Lock()
	s.strikes = append(s.strikes, q.String())
	s.mu.Unlock()
	open, err := s.run.books.OpenPayments(context.Background())
	if err != nil {
		return
	}
	for _, p := range open {
		d.mu.Lock()
		asked := d.asking[p.Order] > 0
		d.mu.Unlock()
		if p.Channel == string(payment.Card) && (asked || q.op == "ready" && phaseOf(p) == payment.Preparing) {
			s.reachedAttempt(p, strike)
		}
	}
}
