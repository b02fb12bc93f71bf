package iso8583

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// Config is a terminal at a host.
type Config struct {
	Merchant  string // 15 characters, given by the acquirer
	Terminal  string // 8 characters
	Operator  string // 2 characters; default "01"
	TPDU      TPDU
	Header    Header
	MasterKey Key
	MAC       Algorithm // default ECB

	// Dial opens a connection to the host.
	Dial func(ctx context.Context) (net.Conn, error)
	// Chip reads the card in the chip reader; nil without one.
	Chip   ChipReader
	Record *Record
	Now    func() time.Time
	Random io.Reader // of PIN blocks; default crypto/rand
	// HostTimeout is how long one answer is waited for; default 60 s, which is
	// the terminals' own.
	HostTimeout time.Duration
	Timing      payment.Timing // fields that are zero take the scheme's figures
}

// ChipReader reads a chip card, or a phone, for a payment.
type ChipReader interface {
	// Read waits for a card and asks it for a cryptogram of the payment.
	Read(ctx context.Context, p ChipPayment) (*ChipCard, error)
}

// ChipPayment is what a card signs.
type ChipPayment struct {
	Amount money.Amount
	At     time.Time
	Asking bool // a balance inquiry: nothing is to be paid
	PIN    bool // the cardholder's PIN goes along
}

// ChipCard is what a chip card said. It lives as long as the message it goes
// into; then it is wiped.
type ChipCard struct {
	Number      []byte // digits
	Expiry      []byte // YYMM
	Sequence    string // three digits
	Contactless bool
	Phone       bool   // a phone in a card's place
	Data        []byte // field 55, as the card gave it
}

// Wipe overwrites the card.
func (c *ChipCard) Wipe() { wipe(c.Number, c.Expiry, c.Data) }

// Format shows the mask only.
func (c *ChipCard) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(payment.MaskCard(string(c.Number))))
}

// cardWait is how long a customer has to put the card into the reader.
const cardWait = 30 * time.Second

// Client is the terminal. Its methods may be called concurrently; the line
// carries one transaction at a time.
type Client struct {
	cfg  Config
	line chan struct{} // holds one token: whoever has it may send
	most int           // sales or returns of a batch

	// Held with the line.
	signedIn bool
	mac      MAC
	pik      Key // seals PINs
}

// New is a terminal that signs in when it first needs to.
func New(cfg Config) (*Client, error) {
	if cfg.Operator == "" {
		cfg.Operator = "01"
	}
	if cfg.MAC == "" {
		cfg.MAC = ECB
	}
	if cfg.HostTimeout <= 0 {
		cfg.HostTimeout = 60 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	switch {
	case len(cfg.Merchant) != 15 || len(cfg.Terminal) != 8 || len(cfg.Operator) != 2:
		return nil, errors.New("iso8583: merchant has 15 characters, terminal 8, operator 2")
	case cfg.Dial == nil || cfg.Record == nil:
		return nil, errors.New("iso8583: no way to the host, or no record")
	}
	if _, err := NewMAC(cfg.MAC, cfg.MasterKey); err != nil {
		return nil, err
	}
	cfg.Timing = withDefaults(cfg.Timing, cfg.HostTimeout)
	return &Client{cfg: cfg, line: make(chan struct{}, 1), most: mostCounted}, nil
}

// withDefaults: one call may wait for the card, sign in, bring a reversal to
// its end and then wait for its own answer.
func withDefaults(t payment.Timing, host time.Duration) payment.Timing {
	call := cardWait + 3*host
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.CallTimeout, call}, {&t.FirstQuery, call}, {&t.QueryInterval, 5 * time.Second}, {&t.Deadline, call},
		{&t.OrderCodeLife, call}, {&t.CodePoll, 5 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	t.Deadline = max(t.Deadline, t.FirstQuery)
	t.NoQuery = true
	return t
}

// Channel implements payment.Provider.
func (c *Client) Channel() payment.Channel { return payment.Card }

// Timing implements payment.Provider.
func (c *Client) Timing() payment.Timing { return c.cfg.Timing }

// TakesCards implements payment.CardTaker.
func (c *Client) TakesCards() bool { return true }

// take waits for the line.
func (c *Client) take(ctx context.Context) (release func(), err error) {
	select {
	case c.line <- struct{}{}:
		if err := c.cfg.Record.firm(); err != nil {
			<-c.line
			return nil, err
		}
		return func() { <-c.line }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ready makes the terminal ready for an online transaction: signed in, and
// every reversal that waits brought to its end, but for the one excepted.
func (c *Client) ready(ctx context.Context, except string) *failure {
	if f := c.signIn(ctx); f != nil {
		return f
	}
	for _, s := range c.cfg.Record.open() {
		if s.Number == except {
			continue
		}
		if _, f := c.reverse(ctx, s); f != nil {
			return &failure{payment.ReversalFirst, true, fmt.Errorf("iso8583: the reversal of %s is not acknowledged: %w", s.Number, f)}
		}
	}
	return c.signIn(ctx) // a reversal's answer may have asked for it
}

// readyForMore is ready, with room in the batch for one transaction more.
func (c *Client) readyForMore(ctx context.Context) *failure {
	if f := c.ready(ctx, ""); f != nil {
		return f
	}
	if err := c.makeRoom(ctx); err != nil {
		return &failure{payment.Configuration, true, err}
	}
	return c.ready(ctx, "") // the next batch begins with a sign-in
}

func cutOff(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func sixDigits(n int) string { return fmt.Sprintf("%06d", n) }

func fen(a money.Amount) string { return fmt.Sprintf("%012d", a.Minor()) }

func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}
