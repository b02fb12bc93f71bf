package pinpad_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"abacus/payment"
	"abacus/payment/pinpad"
)

// A settlement, by whomever, empties the terminal's list: that a charge is not
// on it any more says nothing, and what is on it may be another's.
func TestSettledBeforeItWasKnown(t *testing.T) {
	for name, with := range map[string]struct {
		before bool // another charge stands on the list
		lost   string
		after  bool // another of the same amount follows the settlement
		want   payment.Outcome
	}{
		"done, the first of its batch":         {false, "drop-answer", false, payment.Unknown},
		"done, not the first":                  {true, "drop-answer", false, payment.Unknown},
		"done, and another follows":            {true, "drop-answer", true, payment.Unknown},
		"done, the first, and another follows": {false, "drop-answer", true, payment.Unknown},
		"not done, not the first":              {true, "drop-request", false, payment.Unknown},
		"not done, and another follows":        {true, "drop-request", true, payment.Unknown},
		"not done, and nothing was settled":    {false, "drop-request", false, payment.Declined},
	} {
		atCounter(t, nil, func(c *counter) {
			if with.before {
				_ = c.charge(c.ready(300))
			}
			q := c.ready(500)
			c.fault("charge", with.lost)
			if a := c.charge(q); a.Outcome != payment.Unknown {
				c.Fatalf("%s: %+v", name, a)
			}
			if s := c.cards.Settle(c.Context()); !s.Done {
				c.Fatalf("%s: %+v", name, s)
			}
			if with.after {
				_ = c.charge(c.ready(500))
			}
			o := payment.Order{Amount: q.Amount, Mark: q.Mark}
			a, back := c.cards.Query(c.Context(), o), c.cards.Reverse(c.Context(), o)
			if a.Outcome != with.want || a.Outcome == payment.Unknown && a.Reason != payment.Ambiguous {
				c.Errorf("%s: %+v", name, a)
			}
			if certain := back.Outcome != payment.Unknown; certain != (with.want != payment.Unknown) {
				c.Errorf("%s: undone: %+v", name, back)
			}
		})
	}
}

// A void whose answer was lost, and a settlement before the terminal was asked
// again: it has neither, and a person must read the slips.
func TestVoidedAndSettledBeforeItWasKnown(t *testing.T) {
	for _, lost := range []string{"drop-request", "drop-answer"} {
		atCounter(t, nil, func(c *counter) {
			q := c.ready(500)
			o := payment.Order{Amount: q.Amount, Mark: c.charge(q).Mark}
			c.fault("reverse", lost)
			if a := c.cards.Reverse(c.Context(), o); a.Outcome != payment.Unknown {
				c.Fatalf("%s: %+v", lost, a)
			}
			_ = c.cards.Settle(c.Context())
			if a := c.cards.Reverse(c.Context(), o); a.Outcome == payment.Reversed {
				c.Errorf("%s: %+v", lost, a)
			}
			if a := c.cards.Query(c.Context(), o); a.Outcome != payment.Unknown || a.Reason != payment.Ambiguous {
				c.Errorf("%s: %+v", lost, a)
			}
		})
	}
}

// staleLine loses the first request that leaves, and has a NAK for it that comes
// when the one sent again has long been answered.
type staleLine struct {
	c      *counter
	mu     sync.Mutex
	frames int
	far    net.Conn // the terminal's end of the line that is open
}

func (s *staleLine) dial(context.Context) (io.ReadWriteCloser, error) {
	ours, theirs := net.Pipe()
	s.mu.Lock()
	s.far = theirs
	s.mu.Unlock()
	s.c.ends.Go(func() { s.c.box.ServeTerminal(s.c.ctx, theirs) })
	return &staleEnd{ours, s}, nil
}

type staleEnd struct {
	net.Conn
	s *staleLine
}

func (e *staleEnd) Write(p []byte) (int, error) {
	if len(p) == 1 {
		return e.Conn.Write(p)
	}
	e.s.mu.Lock()
	e.s.frames++
	first := e.s.frames == 1
	e.s.mu.Unlock()
	if !first {
		time.Sleep(20 * time.Millisecond)
		return e.Conn.Write(p)
	}
	e.s.c.ends.Go(func() { // while the next request is on its way
		time.Sleep(2*time.Second + 30*time.Millisecond)
		e.s.mu.Lock()
		far := e.s.far
		e.s.mu.Unlock()
		_ = far.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = far.Write([]byte{0x15})
		_ = far.SetWriteDeadline(time.Time{})
	})
	return len(p), nil
}

func TestALateNAKSendsNothingTwice(t *testing.T) {
	s := &staleLine{}
	atCounter(t, func(set *pinpad.Config) { set.Dial = s.dial }, func(c *counter) {
		s.c = c
		if a := c.charge(c.ready(500)); a.Outcome != payment.Paid {
			c.Errorf("%+v", a)
		}
		time.Sleep(time.Minute)
		c.keeps(500)
		if s.frames != 3 {
			c.Errorf("%d requests have left", s.frames)
		}
	})
}

// babble is a device that never stops talking.
type babble struct{ end chan struct{} }

func (b babble) Read(p []byte) (int, error) {
	select {
	case <-b.end:
		return 0, io.EOF
	case <-time.After(10 * time.Millisecond):
		return copy(p, "\x15\x15"), nil
	}
}
func (b babble) Write(p []byte) (int, error) { return len(p), nil }
func (b babble) Close() error                { close(b.end); return nil }

// On a line that does not fall silent after trouble nothing is charged, and that
// is certain.
func TestNothingIsChargedOnALineThatBabbles(t *testing.T) {
	atCounter(t, nil, func(c *counter) {
		q := c.ready(500)
		c.cards = c.babbling()
		if a := c.cards.Ready(c.Context()); a.Outcome != payment.Unknown {
			c.Errorf("ready: %+v", a)
		}
		if a := c.charge(q); a.Outcome != payment.Declined || a.Reason != payment.TerminalAway {
			c.Errorf("%+v", a)
		}
	})
}

// babbling is a terminal whose line is such a device.
func (c *counter) babbling() *pinpad.Provider {
	c.Helper()
	dial := func(context.Context) (io.ReadWriteCloser, error) { return babble{make(chan struct{})}, nil }
	term, err := pinpad.New(pinpad.Config{Dial: dial, Name: "line", Till: "01", Now: time.Now})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(term.Close)
	return term.Cards()
}
