package pinpad

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"abacus/payment"
)

// Config is how the terminal is reached and what it can do.
type Config struct {
	Dial     Dial
	Name     string // of the line, for people: "/dev/ttyUSB0", "192.168.1.50:6000"
	Till     string // at most 8 characters
	Operator string // at most 8 characters; who asks where no cashier does
	Now      func() time.Time
	Random   io.Reader     // of the first check digits; default crypto/rand
	Customer time.Duration // how long a customer may take; default Patience
	ListsAll bool          // asked for its last transaction, it also tells voids and refunds
	CanAbort bool          // an EOT makes it stop waiting for the customer
}

// Patience is how long a terminal lets the customer look for the card, enter
// the PIN and the host think, with room to spare.
const Patience = 210 * time.Second

// quick is how long an answer may take that needs no customer: the turn on the
// line included.
const quick = 15 * time.Second

// Terminal is one bank terminal. Its methods may be called concurrently; the
// terminal does one thing at a time.
type Terminal struct {
	set    Config
	line   *line
	checks int // the last request's, counted; 0: none yet. Belongs to whoever has the turn
}

// New is a terminal on a line that is opened when it is first needed.
func New(c Config) (*Terminal, error) {
	switch {
	case c.Dial == nil || c.Now == nil:
		return nil, errors.New("pinpad: dial and now are needed")
	case len(c.Till) > 8 || len(c.Operator) > 8:
		return nil, fmt.Errorf("pinpad: till %q and operator %q have at most 8 characters each", c.Till, c.Operator)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Customer <= 0 {
		c.Customer = Patience
	}
	return &Terminal{set: c, line: newLine(c.Dial, c.CanAbort)}, nil
}

// Close hangs up.
func (t *Terminal) Close() { t.line.close() }

// Reachable opens the line, if it is not in use, and says what keeps it shut.
func (t *Terminal) Reachable(ctx context.Context) error {
	select {
	case <-t.line.turn:
	default:
		return nil // somebody is talking to it
	}
	defer t.line.give()
	return t.line.open(ctx)
}

// Provider is the terminal as one channel.
type Provider struct {
	*Terminal
	channel payment.Channel
}

// Cards takes cards.
func (t *Terminal) Cards() *Provider { return &Provider{t, payment.Card} }

// Codes takes the pay codes of a channel by way of the terminal's acquirer.
func (t *Terminal) Codes(channel payment.Channel) *Provider { return &Provider{t, channel} }

// Channel implements payment.Provider.
func (p *Provider) Channel() payment.Channel { return p.channel }

// Desk implements payment.Preparer.
func (p *Provider) Desk() string { return p.set.Name }

// TakesCards implements payment.CardTaker.
func (p *Provider) TakesCards() bool { return p.channel == payment.Card }

// settleWait is how long after a charge or a refund has left "not done" is not
// yet believed: it may still be under way, or lie in the terminal unread.
const settleWait = 15 * time.Second

// Timing implements payment.Provider. A terminal is asked every few seconds
// until it tells; only the cashier gives a charge up.
func (p *Provider) Timing() payment.Timing {
	return payment.Timing{
		CallTimeout: p.set.Customer, FirstQuery: time.Second, QueryInterval: 4 * time.Second,
		Deadline: p.set.Customer, NoReverseUntil: settleWait,
		OrderCodeLife: p.set.Customer, CodePoll: 4 * time.Second, Watch: payment.DefaultWatch,
	}
}

// Abort implements payment.Preparer. A terminal that cannot be stopped is no
// longer waited for.
func (p *Provider) Abort() {
	select {
	case p.line.abort <- struct{}{}:
	default:
	}
}
