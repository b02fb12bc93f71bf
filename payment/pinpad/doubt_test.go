package pinpad_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"abacus/payment"
	"abacus/payment/pinpad"
	"abacus/payment/sandbox"
)

// A settlement, by whomever, empties the terminal's list: that a charge is not
// on it any more says nothing, and what is on it may be another's.
func TestSettledBeforeItWasKnown(t *testing.T) {
	for name, with := range map[string]struct {
		before bool // another charge stands on the list
		lost   string
		after  bool            // another of the same amount follows the settlement
		want   payment.Outcome // of a terminal that tells its batch: one that does not proves no "not done"
	}{
		"done, the first of its batch":         {false, "drop-answer", false, payment.Unknown},
		"done, not the first":                  {true, "drop-answer", false, payment.Unknown},
		"done, and another follows":            {true, "drop-answer", true, payment.Unknown},
		"done, the first, and another follows": {false, "drop-answer", true, payment.Unknown},
		"not done, not the first":              {true, "drop-request", false, payment.Unknown},
		"not done, and another follows":        {true, "drop-request", true, payment.Unknown},
		"not done, and nothing was settled":    {false, "drop-request", false, payment.Declined},
	} {
		for _, is := range []sandbox.Options{{}, {NoBatch: true}} {
			atTerminal(t, is, nil, func(c *counter) {
				name := fmt.Sprintf("%s, no batch %v", name, is.NoBatch)
				want := with.want
				if is.NoBatch {
					want = payment.Unknown
				}
				var taken int64
				if with.before {
					_, taken = c.charge(c.ready(300)), 300
				}
				q := c.ready(500)
				c.fault("charge", with.lost)
				if a := c.charge(q); a.Outcome != payment.Unknown {
					c.Fatalf("%s: %+v", name, a)
				}
				if s := c.cards.Settle(c.Context()); !s.Done {
					c.Fatalf("%s: %+v", name, s)
				}
				if with.lost == "drop-answer" {
					taken += 500
				}
				if with.after {
					_ = c.charge(c.ready(500))
					taken += 500
				}
				o := payment.Order{Amount: q.Amount, Mark: q.Mark}
				a, back := c.cards.Query(c.Context(), o), c.cards.Reverse(c.Context(), o)
				if a.Outcome != want || a.Outcome == payment.Unknown && a.Reason != payment.Ambiguous {
					c.Errorf("%s: %+v", name, a)
				}
				if certain := back.Outcome != payment.Unknown; certain != (want != payment.Unknown) {
					c.Errorf("%s: undone: %+v", name, back)
				}
				c.keeps(taken) // nobody's payment was voided
			})
		}
	}
}

// Where no batch is told, the first charge of a batch has nothing by which a
// settlement would be seen. It is taken like any other; in doubt, it is a
// person's, whatever the terminal lists.
func TestFirstOfABatchThatIsNotTold(t *testing.T) {
	for fault, with := range map[string]struct {
		taken int64
		want  payment.Outcome
	}{
		"": {500, payment.Paid}, "nak": {500, payment.Paid}, "half": {500, payment.Paid}, "duplicate": {500, payment.Paid},
		"drop-request": {}, "reset": {}, "drop-answer": {taken: 500}, "garbage": {taken: 500}, "bad-signature": {taken: 500}, "wrong-amount": {taken: 500},
		"wrong-order": {taken: 500}, "late-success": {taken: 500}, "ack-lost": {taken: 500}, "cut:3000": {taken: 500},
	} {
		atTerminal(t, sandbox.Options{NoBatch: true}, nil, func(c *counter) {
			q := c.ready(500)
			if fault != "" {
				c.fault("charge", fault)
			}
			if a := c.charge(q); a.Outcome != with.want {
				c.Errorf("%q: %+v", fault, a)
			}
			o := payment.Order{Amount: q.Amount, Mark: q.Mark}
			for i := 0; i < 5 && with.want == payment.Unknown; i++ {
				time.Sleep(20 * time.Second)
				for _, a := range []payment.Answer{c.cards.Query(c.Context(), o), c.cards.Reverse(c.Context(), o)} {
					if a.Outcome != payment.Unknown || a.Reason != payment.Ambiguous {
						c.Errorf("%q: %+v", fault, a)
					}
				}
			}
			c.keeps(with.taken)
			if a := c.charge(c.ready(700)); a.Outcome != payment.Paid {
				c.Errorf("%q: the next: %+v", fault, a)
			}
		})
	}
}

// What was never sent leaves, though the terminal shows nothing to look behind:
// a refund and a release may be the first of a batch too. In doubt both are a
// person's, and nothing is sent again.
func TestFirstOfABatchGivesBack(t *testing.T) {
	for _, listsAll := range []bool{true, false} {
		for lost, left := range map[string]int64{"": 300, "drop-request": 500, "drop-answer": 300} {
			atTerminal(t, sandbox.Options{NoBatch: true}, func(set *pinpad.Config) { set.ListsAll = listsAll }, func(c *counter) {
				q := c.ready(500)
				paid := c.charge(q)
				_ = c.cards.Settle(c.Context())
				if lost != "" {
					c.fault("refund", lost)
				}
				r, a := c.refund(q, paid, 200)
				if certain := a.Outcome == payment.RefundPaid; certain != (lost == "") {
					c.Errorf("lists all %v, %q: %+v", listsAll, lost, a)
				}
				if lost == "" {
					c.keeps(left)
					return
				}
				time.Sleep(time.Minute)
				if a = c.cards.QueryRefund(c.Context(), r); a.Outcome != payment.RefundUnknown || a.Reason != payment.Ambiguous {
					c.Errorf("lists all %v, %q: asked: %+v", listsAll, lost, a)
				}
				c.keeps(left)
			})
		}
	}
}

// A settlement between two of our questions: what was listed a moment ago is
// gone, and is not taken for never done.
func TestSettledWhileTheListIsRead(t *testing.T) {
	for _, is := range []sandbox.Options{{}, {NoBatch: true}} {
		for _, before := range []bool{true, false} {
			for asked := 1; asked <= 4; asked++ { // the question after which it is settled
				atTerminal(t, is, nil, func(c *counter) {
					name := fmt.Sprintf("no batch %v, before %v, after question %d", is.NoBatch, before, asked)
					if before {
						_ = c.charge(c.ready(300))
					}
					q := c.ready(500)
					c.fault("charge", "drop-answer")
					_ = c.charge(q)
					_ = c.charge(c.ready(700))
					c.cards = c.settling(asked)
					a := c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: q.Mark})
					if a.Outcome != payment.Paid && (a.Outcome != payment.Unknown || a.Reason != payment.Ambiguous) {
						c.Errorf("%s: %+v", name, a)
					}
				})
			}
		}
	}
}

// settling is the terminal on a line of its own, where somebody settles by hand
// after so many requests.
func (c *counter) settling(after int) *pinpad.Provider {
	c.Helper()
	hand := c.term
	dial := func(ctx context.Context) (io.ReadWriteCloser, error) {
		line, err := c.dial(ctx)
		return &settledLine{line, after, func() {
			if s := hand.Cards().Settle(c.ctx); !s.Done {
				c.Errorf("%+v", s)
			}
		}}, err
	}
	term, err := pinpad.New(pinpad.Config{Dial: dial, Name: "line", Till: "01", Now: time.Now, ListsAll: true})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(term.Close)
	return term.Cards()
}

type settledLine struct {
	io.ReadWriteCloser
	left   int
	settle func()
}

func (l *settledLine) Write(p []byte) (int, error) {
	if len(p) > 1 { // a request, not an acknowledgement
		if l.left == 0 {
			synctest.Wait() // until the terminal has seen the last acknowledgement, it is busy
			l.settle()
		}
		l.left--
	}
	return l.ReadWriteCloser.Write(p)
}

// The first of a batch may have any trace, one far up too.
func TestFirstOfABatchFarUp(t *testing.T) {
	for _, is := range []sandbox.Options{{LastTrace: 700000}, {LastTrace: 700000, NoBatch: true}} {
		atTerminal(t, is, nil, func(c *counter) {
			q := c.ready(500)
			a := c.charge(q)
			if a.Outcome != payment.Paid {
				c.Errorf("no batch %v: %+v", is.NoBatch, a)
			}
			if a = c.cards.Query(c.Context(), payment.Order{Amount: q.Amount, Mark: a.Mark}); a.Outcome != payment.Paid {
				c.Errorf("no batch %v, asked again: %+v", is.NoBatch, a)
			}
		})
	}
}

// Traces begin again after 999999, also between a charge in doubt and what
// another did at the terminal, and within the first transactions of a batch.
func TestTracesBeginAgain(t *testing.T) {
	for last := 999_995; last <= 999_999; last++ {
		for _, lost := range []string{"drop-request", "drop-answer"} {
			for _, earlier := range []bool{true, false} {
				atTerminal(t, sandbox.Options{LastTrace: last}, nil, func(c *counter) {
					if earlier {
						c.charge(c.ready(100))
					}
					q := c.ready(500)
					c.fault("charge", lost)
					if a := c.charge(q); a.Outcome != payment.Unknown {
						c.Fatalf("%s: %+v", lost, a)
					}
					m := c.ready(70) // somebody else, at the terminal's own keys
					if a := c.charge(m); a.Outcome != payment.Paid {
						c.Fatalf("after %d: %+v", last, a)
					}
					want := map[string]payment.Outcome{"drop-request": payment.Declined, "drop-answer": payment.Paid}[lost]
					o := payment.Order{Amount: q.Amount, Mark: q.Mark}
					a := c.cards.Query(c.Context(), o)
					if a.Outcome != want {
						c.Errorf("%s, after %d, earlier %v: %+v", lost, last, earlier, a)
					}
					if o.Mark = a.Mark; a.Outcome == payment.Paid && c.cards.Reverse(c.Context(), o).Outcome != payment.Reversed {
						c.Errorf("after %d: not voided", last)
					}
				})
			}
		}
	}
}

// A void whose answer was lost, and a settlement before the terminal was asked
// again: it has neither, and a person must read the slips.
func TestVoidedAndSettledBeforeItWasKnown(t *testing.T) {
	for _, lost := range []string{"drop-request", "drop-answer"} {
		atEither(t, nil, func(c *counter) {
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
