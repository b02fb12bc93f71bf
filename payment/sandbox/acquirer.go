package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"abacus/internal/money"
)

// Names of the channels on the control API and in the books.
const (
	weChat = "wechat"
	alipay = "alipay"
	// unionPay has codes on customers' phones, and only the bank terminal to take
	// them.
	unionPay = "unionpay"
)

// beijing is the acquirers' own time zone; China has no summer time.
var beijing = time.FixedZone("CST", 8*60*60)

// acquirer is the books of both acquirers and the customers' wallets. What the
// servers have in common is here; what they say about it is theirs.
type acquirer struct {
	options Options
	log     journal

	mu          sync.Mutex
	offset      time.Duration // of the sandbox's clock
	orders      map[string]*order
	byReference map[string]string // acquirer's number → key
	byQR        map[string]string // order code → key
	byRefund    map[string]string // channel and refund number → key, of the last order that used it
	wallets     map[string]*wallet

	// The card host's own state, kept in the same books.
	kept            func() *terminal
	restoreTerminal func(terminal)
}

func newAcquirer(options Options, log journal) *acquirer {
	return &acquirer{
		options: options, log: log,
		orders: map[string]*order{}, byReference: map[string]string{}, byQR: map[string]string{},
		byRefund: map[string]string{}, wallets: map[string]*wallet{},
	}
}

// now is the sandbox's clock; the caller holds the lock.
func (a *acquirer) now() time.Time { return a.options.Now().Add(a.offset) }

// Clock is what the sandbox's clock shows.
func (a *acquirer) Clock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now()
}

// Advance moves the sandbox's clock forward. The clock by which signatures and
// request times are judged stays: that one is the till's too.
func (a *acquirer) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("the sandbox's clock only moves forward: advance is %s", d)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.log.append(record{Clock: a.offset + d}); err != nil {
		return fmt.Errorf("sandbox: moving the clock: %w", err)
	}
	a.offset += d
	return nil
}

// Books is what both acquirers believe, in the order the orders were made.
func (a *acquirer) Books() ([]Entry, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	entries := make([]Entry, 0, len(a.orders))
	all := make([]*order, 0, len(a.orders))
	for _, o := range a.orders {
		all = append(all, o)
	}
	slices.SortFunc(all, func(x, y *order) int { return cmp.Compare(x.Sequence, y.Sequence) })
	for _, o := range all {
		current, refused := a.refresh(o)
		if refused.why != accepted {
			return nil, fmt.Errorf("sandbox: books: %s", refused.text())
		}
		entries = append(entries, current.entry())
	}
	return entries, nil
}

// find is an order as it stands now, nil when there is none. Orders the
// acquirer denies are found too.
func (a *acquirer) find(channel, number string) (*order, refusal) {
	return a.current(orderKey(channel, number))
}

func (a *acquirer) current(key string) (*order, refusal) {
	o := a.orders[key]
	if o == nil {
		return nil, refusal{why: notFound}
	}
	return a.refresh(o)
}

func (a *acquirer) refresh(o *order) (*order, refusal) {
	c := o.clone()
	if !c.settle(a.now()) {
		return o, refusal{}
	}
	return c, a.save(c)
}

// save makes the order durable and then the current one. When the disk refuses,
// nothing has happened: the acquirer answers that its system is at fault.
func (a *acquirer) save(o *order) refusal {
	if err := a.log.append(record{Order: o}); err != nil {
		a.options.Log.Error("sandbox: order not kept", "order", o.Number, "err", err)
		return refusal{why: systemFault}
	}
	a.put(o)
	return refusal{}
}

func (a *acquirer) put(o *order) {
	if old := a.orders[o.key()]; old != nil && old.QR != o.QR {
		delete(a.byQR, old.QR)
	}
	a.orders[o.key()] = o
	a.byReference[o.Channel+"/"+o.Reference] = o.key()
	if o.QR != "" {
		a.byQR[o.QR] = o.key()
	}
	for _, r := range o.Refunds {
		a.byRefund[o.Channel+"/"+r.Number] = o.key()
	}
}

// shut closes the books. A request that comes later finds an acquirer with a
// fault.
func (a *acquirer) shut() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.log.close(); err != nil {
		a.options.Log.Error("sandbox: closing the books", "err", err)
	}
	a.log = shutJournal{}
}

// restore takes what the journal kept.
func (a *acquirer) restore(records []record) {
	for _, r := range records {
		if r.Order != nil {
			a.put(r.Order)
		}
		if r.Terminal != nil && a.restoreTerminal != nil {
			a.restoreTerminal(*r.Terminal)
		}
		a.offset = max(a.offset, r.Clock)
	}
}

// records is everything there is, for a journal without history.
func (a *acquirer) records() []record {
	all := []record{{Clock: a.offset}}
	if a.kept != nil {
		all = append(all, record{Terminal: a.kept()})
	}
	heads := len(all)
	for _, o := range a.orders {
		all = append(all, record{Order: o})
	}
	slices.SortFunc(all[heads:], func(x, y record) int { return cmp.Compare(x.Order.Sequence, y.Order.Sequence) })
	return all
}

// reference is a new number of the acquirer's own, 28 digits as both have.
func (a *acquirer) reference(prefix string) string {
	head := prefix + a.now().In(beijing).Format("20060102")
	return head + digits(a.options.Random, decimal, 28-len(head))
}

func mark(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

func fen(n int64) money.Amount { return money.Fen(n) }
