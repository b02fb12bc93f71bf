package sandbox

import (
	"cmp"
	"fmt"
	"time"

	"abacus/internal/money"
)

// How long a late success keeps an acquirer in the dark: at the latest after
// lateUnasked, but a moment after the first time it has denied the order.
const (
	lateUnasked = 30 * time.Second
	lateAsked   = 2 * time.Second
)

// lives of order codes and orders without a time of their own. Source:
// acquirers' documents on native pay and precreate. An order code is never good
// for longer.
const (
	qrLife    = 2 * time.Hour
	orderLife = 7 * 24 * time.Hour
)

// ask is a request for money, by pay code or, with none, by order code.
type ask struct {
	channel, number string
	amount          money.Amount
	code            string
	terms           string // everything else a repeat must agree in, hashed
	subject, attach string
	expires         time.Time     // zero: orderLife from now
	life            time.Duration // not zero: of a trade that only the scan makes, from then on
	shown           time.Duration // how long its order code is good; zero: qrLife
	noCredit        bool
	plan            int // Huabei instalments offered
}

// charge takes money with a pay code. The order returned is nil only when
// nothing is known of it. A repeat of the same request answers what became of
// the first; the same number with anything else is refused and changes
// nothing.
//
// With late, the charge is answered as the acquirer's own fault, or as its
// customer declines, and the order denied until its money moves all the same:
// lateAsked after the first time it was asked for, at most lateUnasked after the
// charge.
func (a *acquirer) charge(c ask, late bool) (*order, refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o, refused := a.find(c.channel, c.number); refused.why != notFound {
		return a.repeat(o, refused, c)
	}
	o := a.newOrder(c)
	o.CodeMark = mark(c.number, c.code)
	w, refused := a.walletOf(c.channel, c.code)
	if refused.why == accepted {
		refused = w.customer.ask(o, a.now())
	}
	switch {
	case late && refused.why == byCustomer:
		o.Funding = w.customer.funding
		a.deny(o)
	case refused.why != accepted:
		o.refuse(a.now(), refused)
	case late:
		a.deny(o)
		refused.why = systemFault
	}
	if failed := a.save(o); failed.why != accepted {
		return nil, failed
	}
	if w != nil {
		w.used = true
	}
	return o, refused
}

// deny makes an order one whose money moves later, whatever is answered now.
func (a *acquirer) deny(o *order) {
	o.State, o.Hidden, o.LateAt = waiting, true, a.now().Add(lateUnasked)
	o.PayAt, o.PaidAt, o.Captured = time.Time{}, time.Time{}, fen(0)
	o.History = o.History[:1]
	o.note(a.now(), "denied", money.Amount{}, "late success")
}

// asked is called for a denied order that was asked for: the money now moves
// soon.
func (a *acquirer) asked(o *order) refusal {
	c := o.clone()
	c.hasten(a.now())
	if failed := a.save(c); failed.why != accepted {
		return failed
	}
	return refusal{why: notFound}
}

func (o *order) hasten(now time.Time) {
	if soon := now.Add(lateAsked); o.LateAt.IsZero() || soon.Before(o.LateAt) {
		o.LateAt = soon
	}
}

func (a *acquirer) newOrder(c ask) *order {
	now := a.now()
	o := &order{
		Sequence: len(a.orders) + 1, Channel: c.channel, Number: c.number, Amount: c.amount,
		Present: c.code == "", Terms: c.terms, Subject: c.subject, Attach: c.attach,
		State: waiting, Created: now, Expires: c.expires, Attempts: 1,
		NoCredit: c.noCredit, Plan: c.plan, Captured: fen(0), Reversed: fen(0),
		Payer: digits(a.options.Random, decimal, 16),
	}
	prefix := "42000"
	if c.channel == alipay {
		prefix = ""
	}
	if c.channel != card {
		o.Reference = a.reference(prefix)
	}
	if c.expires.IsZero() {
		o.Expires = now.Add(orderLife)
	}
	o.note(now, "ordered", c.amount, "")
	return o
}

// repeat answers a charge or order code whose number is known.
func (a *acquirer) repeat(o *order, refused refusal, c ask) (*order, refusal) {
	if refused.why != accepted {
		return nil, refused
	}
	o = o.clone()
	o.Attempts++
	why := o.repeated(c)
	o.note(a.now(), "asked again", c.amount, why.text())
	if failed := a.save(o); failed.why != accepted {
		return nil, failed
	}
	return o, why
}

func (o *order) repeated(c ask) refusal {
	sameTerms := o.Terms == c.terms && o.Present == (c.code == "") && o.Amount.Equal(c.amount)
	sameCode := c.code == "" || o.CodeMark == mark(c.number, c.code)
	switch {
	case o.State == closed:
		return refusal{why: orderClosed}
	case o.State == reversed:
		return refusal{why: orderReversed}
	case !sameTerms:
		return refusal{why: otherTerms}
	case o.Hidden:
		return refusal{why: systemFault}
	case o.State == refunded, o.State == paid && (!sameCode || o.Present):
		return refusal{why: orderPaid}
	case !sameCode:
		return refusal{why: otherCode}
	case o.State == declined:
		return o.Decline
	}
	return refusal{}
}

// present registers an order for a customer to scan. The same request again
// makes a new order code and kills the old one.
func (a *acquirer) present(c ask) (*order, refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o, refused := a.find(c.channel, c.number)
	if refused.why == notFound {
		o, refused = a.newOrder(c), refusal{}
	} else if o, refused = a.repeat(o, refused, c); refused.why != accepted {
		return o, refused
	}
	o = o.clone()
	o.QR, o.QRDies = a.orderCode(c.channel), a.now().Add(min(cmp.Or(c.shown, qrLife), qrLife))
	if c.life > 0 && !o.Scanned {
		o.Life, o.Expires = c.life, o.QRDies
	}
	return o, a.save(o)
}

func (a *acquirer) orderCode(channel string) string {
	if channel == weChat {
		return "weixin://wxpay/bizpayurl?pr=" + digits(a.options.Random, letters, 9)
	}
	return "https://qr.alipay.com/bax" + digits(a.options.Random, "0123456789abcdefghijklmnopqrstuvwxyz", 21)
}

// Scanned is what a customer's scan of an order code led to.
type Scanned struct {
	Channel string `json:"channel"`
	Order   string `json:"order"`
	State   string `json:"state"`
	Refused string `json:"refused,omitempty"` // what the customer's phone said
}

// Scan is a customer scanning the till's order code. The target is the code's
// text or the order's number. A customer who cannot pay leaves the order
// waiting for the next one.
func (a *acquirer) Scan(target string, c Customer) (Scanned, error) {
	b, err := c.parse()
	if err != nil {
		return Scanned{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	o, err := a.scannable(target)
	if err != nil {
		return Scanned{}, err
	}
	o = o.clone()
	if o.Life > 0 && !o.Scanned {
		o.Expires = a.now().Add(o.Life)
	}
	o.Scanned = o.Channel == alipay // the trade is made by the scan, whatever the customer then does
	refused := b.ask(o, a.now())
	if refused.why != accepted {
		o.note(a.now(), "customer refused", money.Amount{}, refused.text())
	}
	if failed := a.save(o); failed.why != accepted {
		return Scanned{}, fmt.Errorf("sandbox: scan: %s", failed.text())
	}
	return Scanned{o.Channel, o.Number, string(o.State), refused.text()}, nil
}

// scannable is the order behind a code or a number, if a customer can pay it.
// A number used at both acquirers means the one that waits.
func (a *acquirer) scannable(target string) (*order, error) {
	keys := []string{a.byQR[target], orderKey(weChat, target), orderKey(alipay, target)}
	err := fmt.Errorf("no order code %q is known", clip(target))
	for _, key := range keys {
		o, refused := a.current(key)
		if refused.why != accepted || !o.Present {
			continue
		}
		switch {
		case o.State != waiting:
			err = fmt.Errorf("order %s is %s, no longer waiting", o.Number, o.State)
		case reached(o.QRDies, a.now()):
			err = fmt.Errorf("the code of order %s has expired", o.Number)
		case !o.PayAt.IsZero():
			err = fmt.Errorf("order %s is being paid by another customer", o.Number)
		default:
			return o, nil
		}
	}
	return nil, err
}
