package till_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// simCable is a line between till and terminal: the till's end.
type simCable struct {
	d         *simDesk
	run       *simRun
	near, far net.Conn

	mu    sync.Mutex
	asked []*simAsk // what the terminal has not answered yet
}

// simAsk is a request on its way.
type simAsk struct {
	q           simRequest
	kind, check string
	f           fate
	spent       bool // what its answer had to suffer it has
}

// The terminal's bytes.
const (
	frameBegins = 0x02
	askWidth    = 59
	replyWidth  = 148
)

func (c *simCable) Read(p []byte) (int, error) { return c.near.Read(p) }
func (c *simCable) Close() error               { return c.near.Close() }

// Write carries what the till says.
func (c *simCable) Write(p []byte) (int, error) {
	if c.run.power.Err() != nil {
		return 0, errors.New("the machine is off")
	}
	if len(p) < askWidth || p[0] != frameBegins {
		time.Sleep(c.d.pause("byte"))
		return c.near.Write(p)
	}
	a := c.d.understand(p)
	time.Sleep(a.f.up)
	if c.run.power.Err() != nil {
		return 0, errors.New("the machine is off")
	}
	c.d.s.checkAtDesk(a.q)
	if a.f.strike != "" {
		c.d.struck(a.q, a.f.strike)
	}
	switch a.f.strike {
	case lostRequest:
		return len(p), nil
	case noConnection:
		_ = c.near.Close()
		return 0, errors.New("broken pipe")
	case "nak":
		c.d.s.wires.Go(func() { time.Sleep(a.f.down); _, _ = c.far.Write([]byte{0x15}) })
		return len(p), nil
	case bankDown:
		c.d.s.wires.Go(func() { c.refuse(a) })
		return len(p), nil
	case lateRequest:
		c.d.s.wires.Go(func() { c.d.late(p, a) })
		return len(p), nil
	}
	c.mu.Lock()
	c.asked = append(c.asked, a)
	c.mu.Unlock()
	return c.near.Write(p)
}

// refuse is a bank that does not answer the terminal: it says so, and nothing
// was done.
func (c *simCable) refuse(a *simAsk) {
	time.Sleep(a.f.down)
	_, _ = c.far.Write([]byte{0x06})
	time.Sleep(a.f.down + 20*time.Second)
	text := fmt.Sprintf("%-148s", "98") // blanks, but for the check digits
	_, _ = c.far.Write(simFrame([]byte(text[:replyWidth-3] + a.check)))
}

// late is a request that comes when the till no longer waits.
func (d *simDesk) late(p []byte, a *simAsk) {
	time.Sleep(a.f.again)
	ours, theirs := net.Pipe()
	c := &simCable{d: d, run: d.s.run, near: ours, far: theirs, asked: []*simAsk{a}}
	d.mu.Lock()
	on := d.on
	d.mu.Unlock()
	d.s.wires.Go(func() { d.s.box.ServeTerminal(on, newCableEnd(theirs, c)) })
	d.s.tell("line: %s arrives", a.q)
	_, _ = ours.Write(p)
	over := time.AfterFunc(3*time.Minute, func() { _ = ours.Close() })
	defer over.Stop()
	_, _ = io.Copy(io.Discard, ours)
}

// simFrame is the terminal's framing.
func simFrame(data []byte) []byte {
	digits := fmt.Sprintf("%04d", len(data))
	out := append([]byte{frameBegins, (digits[0]-'0')<<4 | digits[1] - '0', (digits[2]-'0')<<4 | digits[3] - '0'}, data...)
	out = append(out, 0x03)
	var sum byte
	for _, b := range out[1:] {
		sum ^= b
	}
	return append(out, sum)
}

// simCableEnd is the terminal's end.
type simCableEnd struct {
	net.Conn
	c    *simCable
	turn chan struct{} // who writes; a pipe's own lock would hold up fake time
}

func newCableEnd(far net.Conn, c *simCable) *simCableEnd {
	return &simCableEnd{far, c, make(chan struct{}, 1)}
}

func (e *simCableEnd) put(p []byte) (int, error) {
	e.turn <- struct{}{}
	defer func() { <-e.turn }()
	return e.Conn.Write(p)
}

// Write carries what the terminal says, and notes what is true.
func (e *simCableEnd) Write(p []byte) (int, error) {
	c := e.c
	if len(p) < replyWidth || p[0] != frameBegins {
		time.Sleep(c.d.pause("byte"))
		if a := c.latest(); a != nil && a.f.strike == lostACK {
			return len(p), nil
		}
		return e.put(p)
	}
	r := readReply(p)
	a := c.answered(r.check)
	if a == nil {
		return e.put(p)
	}
	c.d.learn(a, r)
	time.Sleep(a.f.down)
	spoilt, again := c.d.spoil(a, p)
	if spoilt == nil {
		if a.f.strike == resetAnswer {
			_ = e.Conn.Close()
		}
		return len(p), nil
	}
	n, err := e.put(spoilt)
	if err != nil || n != len(spoilt) {
		return n, err
	}
	if again {
		c.d.s.wires.Go(func() { time.Sleep(a.f.again); _, _ = e.put(p) })
	}
	return len(p), nil
}

func (c *simCable) latest() *simAsk {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.asked) == 0 {
		return nil
	}
	return c.asked[len(c.asked)-1]
}

// answered is the request of these check digits: one is out at a time.
func (c *simCable) answered(check string) *simAsk {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range slices.Backward(c.asked) {
		if a.check == check {
			return a
		}
	}
	return nil
}

// simReply is what the simulation reads of the terminal's answer.
type simReply struct {
	code, reference, check string
	trace                  int
}

func readReply(p []byte) simReply {
	text := string(p[3 : 3+replyWidth])
	trace, _ := strconv.Atoi(strings.TrimSpace(text[26:32]))
	return simReply{code: text[:2], trace: trace, reference: strings.TrimSpace(text[123:135]), check: text[145:148]}
}
