package sandbox

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// cardLine is the host's end of the terminals' lines.
type cardLine struct {
	host *cardHost
	plan *plan

	mu    sync.Mutex
	conns map[net.Conn]bool
	shut  bool
}

func newCardLine(h *cardHost, p *plan) *cardLine {
	return &cardLine{host: h, plan: p, conns: map[net.Conn]bool{}}
}

// serve takes calls until the listener is closed.
func (l *cardLine) serve(listener net.Listener, run func(func())) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		run(func() { l.talk(conn) })
	}
}

// close hangs up on everybody.
func (l *cardLine) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
	for conn := range l.conns {
		_ = conn.Close()
	}
}

func (l *cardLine) note(conn net.Conn, on bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !on {
		delete(l.conns, conn)
		return true
	}
	if !l.shut {
		l.conns[conn] = true
	}
	return !l.shut
}

// lineIdle is how long a terminal may keep a line open without a word.
const lineIdle = 2 * time.Minute

// talk answers a terminal until it hangs up, or until a fault does.
func (l *cardLine) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if !l.note(conn, true) {
		return
	}
	defer l.note(conn, false)
	for {
		_ = conn.SetDeadline(time.Now().Add(lineIdle))
		frame, err := readCardFrame(conn)
		if err != nil || !l.reply(conn, frame) {
			return
		}
	}
}

func readCardFrame(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, binary.BigEndian.Uint16(length[:]))
	if len(frame) < 21 || len(frame) > 4096 {
		return nil, errors.New("a frame of this length is not the terminal's")
	}
	_, err := io.ReadFull(r, frame)
	return frame, err
}

// reply does what a frame asks, the way the plan of faults has it; false hangs
// up. What is addressed to another host, or unreadable, gets no answer.
func (l *cardLine) reply(conn net.Conn, frame []byte) bool {
	if tpdu, err := hex.DecodeString(l.host.setup.Card.TPDU); err != nil || string(frame[:5]) != string(tpdu) {
		return false
	}
	m, err := readCard(frame[11:], l.host.pinSize())
	if err != nil {
		return false
	}
	f := l.plan.take(card, m.operation())
	switch f.kind {
	case dropRequest:
		return false
	case reset:
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		return false
	case httpBefore:
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d proxy\r\n\r\n", f.status)
		return false
	}
	sealed := l.host.sealed(m, frame[11:])
	a := l.host.answer(m, sealed, f.kind == lateSuccess)
	if f.kind == duplicate {
		a = l.host.answer(m, sealed, false)
	}
	return l.send(conn, frame[:11], m, a, f)
}

// send writes an answer, spoilt as the fault wants.
func (l *cardLine) send(conn net.Conn, head []byte, m, a cardMessage, f strike) bool {
	switch f.kind {
	case dropAnswer:
		return false
	case httpAfter:
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d proxy\r\n\r\n", f.status)
		return false
	case garbage:
		_, _ = io.WriteString(conn, "\x00\x40"+digits(l.host.options.Random, "\x00\x01\x7f\xff`{}\x02", 64))
		return false
	case wrongAmount:
		if m.mti != "0400" && a.get(4) != "" {
			a.fields[4] = fmt.Sprintf("%012d", m.amount().Minor()+1)
		}
	case wrongOrder:
		a.fields[11] = fmt.Sprintf("%06d", (number(a.get(11))+1)%1_000_000)
	case delayed:
		if !hold(conn, f.delay) {
			return false
		}
	}
	raw, err := l.host.seal(a, m.get(64) != "", f.kind == badSignature)
	if err != nil {
		return false
	}
	out := binary.BigEndian.AppendUint16(nil, uint16(11+len(raw)))
	out = append(out, head[0], head[3], head[4], head[1], head[2])
	out = append(append(out, head[5:11]...), raw...)
	_, err = conn.Write(out)
	return err == nil
}

// hold waits before an answer, but not for a terminal that has hung up.
func hold(conn net.Conn, d time.Duration) bool {
	_ = conn.SetReadDeadline(time.Now().Add(d))
	_, err := conn.Read(make([]byte, 1))
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// sealed reports whether a message's MAC is right.
func (h *cardHost) sealed(m cardMessage, raw []byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.state.MAC) == 16 && m.get(64) != "" && cardMAC(h.cipher(h.state.MAC), raw[:len(raw)-8]) == m.get(64)
}

// seal writes an answer, with a MAC if the question had one.
func (h *cardHost) seal(a cardMessage, wanted, forge bool) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !wanted || len(h.state.MAC) != 16 {
		return a.write()
	}
	a.fields[64] = "00000000"
	raw, err := a.write()
	if err != nil {
		return nil, err
	}
	mac := cardMAC(h.cipher(h.state.MAC), raw[:len(raw)-8])
	if forge {
		mac = cardMAC(h.cipher(h.state.MAC), raw)
	}
	copy(raw[len(raw)-8:], mac)
	return raw, nil
}

// CardAddress is where the card host listens; empty without sockets.
func (s *Sandbox) CardAddress() string { return s.cardAddress }

// DialCard is a line to the card host without a socket; it works inside
// testing/synctest.
func (s *Sandbox) DialCard(context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	s.stopped.Go(func() { s.cards.talk(far) })
	return near, nil
}

func number(digits string) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}
