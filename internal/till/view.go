package till

import (
	"slices"
	"time"

	"abacus/ledger"
	"abacus/payment"
)

// publish sends a new snapshot to whoever watches. Runs on the core's
// goroutine.
func (t *Till) publish() { t.hub.send(t.view()) }

// view draws the till's state as the faces get it.
func (t *Till) view() *Snapshot {
	v := &Snapshot{Identity: t.identity(), Ready: t.parts != nil && t.trouble == nil, Trouble: t.trouble}
	if t.hub.latest != nil {
		v.Version = t.hub.latest.Version + 1
	}
	if t.operator != nil {
		op := *t.operator
		v.Operator = &op
	}
	for _, a := range t.set.Operators {
		s := SignIn{Operator: a.Operator}
		if t.set.ShowPINs && t.set.Sandbox {
			s.PIN = a.PIN
		}
		v.SignIn = append(v.SignIn, s)
	}
	v.Notices = slices.Clone(t.notices)
	v.Links = t.lamps()
	v.Devices, v.LoneScan, v.Space = slices.Clone(t.devices), t.loneScan, t.space
	if t.parts == nil {
		return v
	}
	v.Methods = t.methods()
	if t.parts.Upload != nil {
		v.Unsent = int(t.parts.Upload.Status().Left)
	}
	t.viewBooks(v)
	return v
}

// viewBooks fills in what the book holds; what cannot be read stays out.
func (t *Till) viewBooks(v *Snapshot) {
	ctx, books := t.ctx, t.parts.Books
	v.Shift, _ = books.OpenShift(ctx)
	v.Today = t.today()
	live := t.liveSales()
	for i := range live {
		if s := &live[i]; s.ID != t.front && (s.State == ledger.SaleHeld || hasGoods(s)) {
			v.Held = append(v.Held, *s)
		}
	}
	if t.front != "" {
		if s, ok, err := found(books.Sale(ctx, t.front)); err == nil && ok {
			v.Sale = &s
			v.Attempt = t.frontAttempt(s)
			v.Printing = t.printing[s.ID]
		}
	}
	t.viewDoubt(v)
	t.viewRefunds(v)
	t.viewHolds(v)
}

// mostDoubt and mostHeld bound what a snapshot carries; after a bad day there
// may be a thousand, and every change sends a snapshot.
const (
	mostDoubt = 100
	mostHeld  = 20
)

// liveSales are the newest open and held sales, read again after an entry that
// can change which they are.
func (t *Till) liveSales() []ledger.Sale {
	if t.live == nil {
		live, err := t.parts.Books.NewestLive(t.ctx, mostHeld+1)
		if err != nil {
			return nil
		}
		t.live = append([]ledger.Sale{}, live...) // none is known, too
	}
	return t.live
}

// viewDoubt lists the payments in doubt: of the sale in front first, since only
// what is listed can be acted on and its customer is waiting, then the newest.
func (t *Till) viewDoubt(v *Snapshot) {
	var front, others []string
	for id, a := range t.attempts {
		switch {
		case a.hold != "" || ledger.PaymentState(a.machine.State()).Final():
		case a.sale == t.front:
			front = append(front, id)
		default:
			others = append(others, id)
		}
	}
	slices.Sort(front)
	slices.Sort(others)
	v.DoubtCount = len(front) + len(others) + max(t.unread, 0)
	room := max(mostDoubt-len(front), 0)
	for _, id := range append(front, others[max(len(others)-room, 0):]...) {
		if p, ok, err := found(t.parts.Books.Payment(t.ctx, id)); err == nil && ok {
			v.Doubt = append(v.Doubt, t.shown(t.attempts[id], p))
		}
	}
}

func (t *Till) shown(a *attempt, p ledger.Payment) Attempt {
	m := a.machine
	s := Attempt{Payment: p, Phase: m.Phase, Asked: m.Asked, AskedAt: m.AskedAt, Resumed: a.resumed, Decide: m.OnlyASlipTells()}
	if s.Turn = a.unmade || t.inLane(a) >= 0; !s.Turn {
		s.NextAsk, s.ReverseAt = t.ahead(m.NextAsk), t.ahead(m.ReverseAt())
	}
	if m.Phase == payment.Sending && p.CodeMask == "" && t.takesCards(a.channel) && !t.atDesk(a.channel) {
		s.Payment.Reason = string(payment.InsertCard) // nothing was swiped: the chip reader waits
	}
	if m.Reason == payment.PresentCard && p.CodeMask != "" {
		s.Payment.Reason = "" // a pay code at the terminal: the phone is what it waits for
	}
	if m.Phase == payment.Shown && m.Present {
		s.OrderCode, s.ShownUntil = a.code, m.Deadline
	}
	return s
}

// ahead is a time that is still to come; one that is over tells nobody when.
func (t *Till) ahead(when time.Time) time.Time {
	if !when.After(t.now()) {
		return time.Time{}
	}
	return when
}

// frontAttempt is the attempt of the sale in front that the cashier is to see.
func (t *Till) frontAttempt(s ledger.Sale) *Attempt {
	p, err := t.frontPayment(s)
	if err != nil || p.ID == "" {
		return nil
	}
	if a := t.attempts[p.ID]; a != nil && !p.State.Final() {
		shown := t.shown(a, p)
		return &shown
	}
	m := t.lastSeen[p.ID]
	return &Attempt{Payment: p, Phase: payment.Ended, Asked: m.Asked, AskedAt: m.AskedAt}
}

// frontPayment is what a sale was done with; else the payment in the air, which
// after a late success need not be the last; else the one that ended last, or
// one that a manager has let the sale go past and nothing came of it since.
func (t *Till) frontPayment(s ledger.Sale) (front ledger.Payment, err error) {
	if s.State == ledger.SaleDone {
		return t.lastPaid(t.ctx, s)
	}
	for _, id := range s.Payments {
		p, err := t.payment(t.ctx, id)
		switch {
		case err != nil:
			return p, err
		case id == s.Open && !p.Forced:
			return p, nil
		case p.EndedAt.IsZero() || id == t.lastEnd:
			front = p
		case front.ID != "" && front.ID == t.lastEnd: // none ended later, whatever the clock said
		case !p.EndedAt.Before(front.EndedAt):
			front = p
		}
	}
	return front, nil
}

// changesHeld reports whether an entry can change which sales are held, or what
// is on one.
func (t *Till) changesHeld(d ledger.Draft) bool {
	switch d.Kind {
	case ledger.KindSaleOpened, ledger.KindSaleHeld, ledger.KindSaleRecalled, ledger.KindSaleVoided, ledger.KindSaleDone:
		return true
	case ledger.KindLineAdded, ledger.KindLineChanged, ledger.KindLineRemoved, ledger.KindDiscounted, ledger.KindPaymentStarted:
		return d.Sale != t.front
	}
	return false
}

// today are the day's figures, read again after an entry: most snapshots are
// sent because an acquirer was asked and knew nothing new.
func (t *Till) today() Day {
	day, head := t.set.Day(t.now()), t.parts.Books.Head().Number
	if t.figures.Date == day && t.figuresAt == head {
		return t.figures
	}
	d, err := t.parts.Books.Today(t.ctx, day)
	if err != nil {
		return Day{Date: day}
	}
	t.figures, t.figuresAt = Day{Date: day, Sales: d.Sales, Gross: d.Gross, Refunds: d.Refunds, ByChannel: d.Channels}, head
	return t.figures
}

func (t *Till) methods() []Method {
	out := []Method{{Channel: payment.Cash}}
	if t.set.Prepaid != nil {
		out = append(out, Method{Channel: payment.Prepaid, Charge: true})
	}
	for _, c := range []payment.Channel{payment.WeChat, payment.Alipay, payment.UnionPay, payment.Card} {
		p := t.parts.Providers[c]
		if p == nil {
			continue
		}
		_, presents := p.(payment.Presenter)
		m := Method{Channel: c, Charge: true, Present: presents, Desk: t.atDesk(c), Hold: holder(p) != nil}
		if c == payment.Alipay && !t.set.HuabeiForbid {
			m.Plans = slices.Clone(t.set.Instalments)
		}
		out = append(out, m)
	}
	return out
}

// lamps are the links in the order of the status bar; what is not configured
// is off.
func (t *Till) lamps() []Link {
	names := []string{"network", string(payment.WeChat), string(payment.Alipay), string(payment.Card), "printer", "scanner"}
	out := make([]Link, 0, len(names))
	for _, name := range names {
		l, seen := t.links[name]
		if !seen {
			l = Link{Name: name, State: t.startState(name), Since: time.Time{}}
		}
		out = append(out, l)
	}
	// The customer display has a lamp only while it is out: the cashier does not
	// see its rows, and the bar is full.
	if l := t.links[DeviceDisplay]; l.State == LinkDown {
		out = append(out, l)
	}
	return out
}

// startState is a lamp before anything was heard of its link.
func (t *Till) startState(name string) LinkState {
	switch {
	case t.parts == nil:
		return LinkOff
	case name == "network", name == "scanner":
		return LinkUp
	case name == "printer":
		if t.parts.Paper == nil {
			return LinkOff
		}
		return LinkUp
	case t.parts.Providers[payment.Channel(name)] == nil:
		return LinkOff
	}
	return LinkUp
}
