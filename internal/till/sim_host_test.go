package till_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/till"
	"abacus/payment"
	"abacus/payment/iso8583"
	"abacus/payment/sandbox"
)

const simRecord = "/till/card.jsonl"

// simHost is the way to the card host. Its strikes are those of the line to the
// acquirers.
type simHost struct {
	s      *sim
	record *iso8583.Record // this run's
	client *iso8583.Client // this run's; nil: the disk failed, and it takes no cards

	mu     sync.Mutex
	count  map[string]int
	left   map[string]bool // orders whose charge has left the till
	heard  hostAnswer      // the last whole one
	firm   []byte          // the record as it was synced last
	tracks []string        // cards that were swiped
}

// openHost makes this run's client of the host.
func (h *simHost) openHost(providers map[payment.Channel]payment.Provider) error {
	h.client = nil
	medium, err := openMedium(h.s)
	if err != nil {
		return nil // the disk fails: cards are not taken in this run
	}
	if h.record, err = iso8583.OpenRecord(iso8583.NewFile(medium)); err != nil {
		if !h.s.off() && strings.Contains(err.Error(), "damaged") {
			h.s.fail("broken", "the card terminal's record: %v", err)
		}
		return nil
	}
	if err := h.remind(); err != nil {
		return nil
	}
	setup := h.s.box.Setup().Card
	tpdu, err := iso8583.ParseTPDU(setup.TPDU)
	header, bad := iso8583.ParseHeader(setup.Header)
	key, worse := iso8583.ParseKey(setup.MasterKey)
	if err = errors.Join(err, bad, worse); err != nil {
		return err
	}
	h.client, err = iso8583.New(iso8583.Config{
		Merchant: setup.Merchant, Terminal: setup.Terminal, TPDU: tpdu, Header: header, MasterKey: key,
		Dial: h.dial, Record: h.record, Now: h.s.wallClock, Random: randomBytes{dice(h.s.plan.seed, "PIN blocks", h.s.boot)}, HostTimeout: 10 * time.Second,
	})
	providers[payment.Card] = &simHostClient{h.client, h}
	return err
}

// remind holds the record against the book, as the program does. Nobody takes
// this shop's record away, so that it never lacks anything.
func (h *simHost) remind() error {
	forgot, again, err := till.Forgot(h.s.run.power, h.s.run.books, h.record)
	if err != nil || !again {
		return err
	}
	if n := len(forgot.Doubted) + len(forgot.Missing); n > 0 {
		h.s.fail("forgot", "the card terminal's record lacks %+v", forgot)
	}
	return h.record.Born(iso8583.Birth{At: h.s.wallClock(), Doubted: forgot.Doubted, Missing: forgot.Missing})
}

// simMedium is the card terminal's record on the disk that forgets.
type simMedium struct {
	s    *sim
	file interface {
		io.WriterAt
		Truncate(size int64) error
		Sync() error
	}
	bytes.Reader
}

func openMedium(s *sim) (*simMedium, error) {
	file, err := s.disk.Create(simRecord)
	if err != nil {
		return nil, err
	}
	text, err := s.disk.ReadFile(simRecord)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	m := &simMedium{s: s}
	m.file, _ = file.(interface {
		io.WriterAt
		Truncate(size int64) error
		Sync() error
	})
	m.Reset(text)
	return m, nil
}

func (m *simMedium) WriteAt(p []byte, at int64) (int, error) { return m.file.WriteAt(p, at) }
func (m *simMedium) Truncate(size int64) error               { return m.file.Truncate(size) }
func (m *simMedium) Close() error                            { return nil }

func (m *simMedium) Sync() error {
	if m.s.bug.unsyncedRecord {
		return nil
	}
	err := m.file.Sync()
	if err == nil {
		m.s.host.synced(m.s.disk)
	}
	return err
}

// synced takes in that the record is on the disk as it stands.
func (h *simHost) synced(disk *faultdisk.Disk) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.firm = disk.Peek(simRecord)
}

// swipe is a customer's card drawn through the reader.
func (s *sim) swipe(r *rand.Rand, c till.SalePay) {
	how := behaviour(r)
	if !strings.HasPrefix(how.Behaviour, "decline") {
		how.Behaviour = "pay"
	}
	track, err := s.box.NewCode("card", how)
	if err != nil {
		s.t.Fatal(err)
	}
	s.tell("customer: draws a card, will %s", how.Behaviour)
	s.host.mu.Lock()
	s.host.tracks = append(s.host.tracks, strings.Trim(track, ";?"))
	s.host.mu.Unlock()
	if c.Amount.IsZero() && r.IntN(2) == 0 {
		s.do(till.SaleScan{Sale: c.Sale, Text: track, Pay: true})
		return
	}
	c.Code = track
	s.do(c)
}

// simHostClient is the host's client, with a bug in it if one is planted.
type simHostClient struct {
	*iso8583.Client
	h *simHost
}

func (p *simHostClient) Charge(ctx context.Context, c payment.Charge) payment.Answer {
	p.h.apart("charge", c.Order)
	return p.bend(payment.OpCharge, p.Client.Charge(ctx, c))
}

func (p *simHostClient) Query(ctx context.Context, o payment.Order) payment.Answer {
	p.h.apart("query", o.Number)
	return p.Client.Query(ctx, o)
}

func (p *simHostClient) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	p.h.apart("reverse", o.Number)
	return p.bend(payment.OpReverse, p.Client.Reverse(ctx, o))
}

func (p *simHostClient) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	p.h.apart("refund", r.Number)
	return p.Client.Refund(ctx, r)
}

func (p *simHostClient) QueryRefund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	p.h.apart("find", r.Number)
	return p.Client.QueryRefund(ctx, r)
}

// apart keeps calls that begin at one moment apart: else the same seed would
// give two days.
func (h *simHost) apart(op, number string) {
	about := op + " " + number
	h.mu.Lock()
	h.count[about]++
	n := h.count[about]
	h.mu.Unlock()
	time.Sleep(time.Duration(dice(h.s.plan.seed, about, n).Int64N(990)) + 5)
}

func (p *simHostClient) bend(op payment.Op, a payment.Answer) payment.Answer {
	if p.h.s.bug.host != nil {
		return p.h.s.bug.host(op, a)
	}
	return a
}

// dial opens a connection to the host, or to what is between.
func (h *simHost) dial(context.Context) (net.Conn, error) {
	if h.s.off() || h.s.under(spellRefused) {
		return nil, errors.New("no route to host")
	}
	near, far := net.Pipe()
	run := h.s.run
	stop := context.AfterFunc(run.power, func() { _ = near.Close() })
	h.s.wires.Go(func() {
		defer stop()
		defer func() { _ = far.Close() }()
		h.carry(run, far)
	})
	return near, nil
}

// carry takes the one request of a connection to the host, and brings the
// answer if that is its fate.
func (h *simHost) carry(run *simRun, far net.Conn) {
	frame, err := readHostFrame(far)
	if err != nil || run.power.Err() != nil {
		return
	}
	q := h.understand(frame)
	f := h.fate(q)
	time.Sleep(f.up % (20 * time.Millisecond))
	if run.power.Err() != nil {
		return
	}
	h.checkAtHost(q)
	if f.strike != "" {
		h.s.struck(q, f.strike)
	}
	switch f.strike {
	case noConnection:
		return
	case lostRequest:
		_, _ = io.Copy(io.Discard, far) // until the till gives up
		return
	case lateRequest, sentTwice:
		h.s.wires.Go(func() {
			time.Sleep(f.again)
			h.deliver(q, frame, "")
		})
		if f.strike == lateRequest {
			_, _ = io.Copy(io.Discard, far)
			return
		}
	}
	answer := h.deliver(q, frame, f.strike)
	time.Sleep(f.down)
	h.bring(q, far, answer, f)
}

// hostAnswer is an answer as it left the host; without a frame it hung up.
type hostAnswer struct {
	frame []byte
	truth
}

func (h *simHost) bring(q simRequest, far net.Conn, answer hostAnswer, f fate) {
	frame := answer.frame
	switch {
	case f.strike == lostAnswer:
		_, _ = io.Copy(io.Discard, far)
	case f.strike == resetAnswer || frame == nil:
	case f.strike == cutAnswer:
		_, _ = far.Write(frame[:int(f.cut*float64(len(frame)))])
	default:
		last := len(frame) - 1
		if _, err := far.Write(frame[:last]); err == nil { // the till still listens
			h.s.line.arrives(q, answer.truth)
			_, _ = far.Write(frame[last:])
		}
	}
}

// deliver hands a request over and tells what the till is answered.
func (h *simHost) deliver(q simRequest, frame []byte, strike string) hostAnswer {
	l := h.s.line
	l.mu.Lock()
	defer l.mu.Unlock()
	fault := sandboxFault(strike)
	if fault != "" {
		operation := "any"
		if fault == "late-success" {
			operation = q.op
		}
		if err := h.s.box.AddFault(sandbox.Fault{Channel: "card", Operation: operation, Fault: fault}); err != nil {
			h.s.t.Fatal(err)
		}
	}
	defer h.s.box.ClearFaults()
	conn, err := h.s.box.DialCard(context.Background())
	if err != nil {
		return hostAnswer{}
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(frame); err != nil {
		return hostAnswer{}
	}
	a := hostAnswer{}
	if a.frame, err = readHostFrame(conn); err != nil {
		return hostAnswer{}
	}
	h.s.tell("host: %s: answers", q)
	if genuine(strike) {
		taken := h.s.captured(q.order)
		// A charge that it answers without taking anything it has refused, also where
		// it has no order to show for it.
		gone := q.op == "reverse" || h.s.ended(q.order) || q.op == "charge" && !taken
		a.truth = truth{q.order, taken && (fault == "" || fault == "duplicate"), gone}
	}
	other := h.heard
	h.heard = a
	if strike == crossed && other.frame != nil {
		return other
	}
	return a
}

func readHostFrame(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, 2+binary.BigEndian.Uint16(length[:]))
	copy(frame, length[:])
	_, err := io.ReadFull(r, frame[2:])
	return frame, err
}

// hostHead is what stands before a message: length, TPDU and header.
const hostHead = 2 + 5 + 6

// understand reads a request.
func (h *simHost) understand(frame []byte) simRequest {
	q := simRequest{channel: payment.Card, op: "desk"}
	m, err := iso8583.Unpack(frame[hostHead:])
	if err != nil {
		h.s.fail("error", "the host is sent what cannot be read: %v", err)
		return q
	}
	if text := string(m.Bytes(63)); len(text) > 3 {
		q.order = strings.TrimSpace(text[3:])
	}
	switch {
	case m.MTI() == "0200" && m.Text(3) == "000000":
		q.op = "charge"
	case m.MTI() == "0400":
		q.op = "reverse"
	case m.MTI() == "0200", m.MTI() == "0220":
		q.op, q.refund = "refund", q.order
	default:
		q.op = "desk " + m.MTI()
	}
	if at := strings.LastIndex(q.order, "_r"); at > 0 && strings.Trim(q.order[at+2:], "0123456789") == "" { // a book's mark may begin with an r
		q.order, q.refund = q.order[:at], q.order
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left[q.order] = h.left[q.order] || q.op == "charge"
	h.count[q.String()]++
	q.n = h.count[q.String()]
	return q
}

// never reports that a charge has not left the till.
func (h *simHost) never(order string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.left[order]
}

// checkAtHost: what moves money is on disk before it leaves, in the book and in
// the terminal's record. A reversal may be older than this run's knowledge of
// it: there the record alone holds the intent.
func (h *simHost) checkAtHost(q simRequest) {
	if q.op != "reverse" {
		h.s.checkIntent(q)
	}
	if !q.movesMoney() {
		return
	}
	number := q.order
	if q.refund != "" {
		number = q.refund
	}
	slip, known := h.record.Slip(number)
	if !known || slip.State != iso8583.Pending && slip.State != iso8583.Undoing {
		h.s.fail("intent", "%s is sent, and the terminal's record has it as %q", q, slip.State)
	}
	line := fmt.Sprintf(`{"number":%q,"kind":%q,"state":%q,"batch":%d,"trace":%d,`, number, slip.Kind, slip.State, slip.Batch, slip.Trace)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !bytes.Contains(h.firm, []byte(line)) {
		h.s.fail("intent", "%s is sent, and the disk has no %s in the terminal's record", q, line)
	}
}

var simHostStrikes = []string{
	lostRequest, lostRequest, lostRequest, lostAnswer, lostAnswer, lostAnswer, resetAnswer, noConnection, lateRequest, lateRequest, slowAnswer, sentTwice,
	cutAnswer, crossed, "garbage", "bad-signature", "wrong-amount", "wrong-order", "duplicate", "late-success",
}

// fate decides what a request to the host suffers.
func (h *simHost) fate(q simRequest) fate {
	s := h.s
	r := dice(s.plan.seed, "request", q.String())
	f := fate{up: time.Millisecond + time.Duration(r.Int64N(int64(15*time.Millisecond))), down: time.Millisecond + time.Duration(r.Int64N(int64(100*time.Millisecond)))}
	luck, odds, strike := r.Float64(), s.plan.odds, pick(r, simHostStrikes...)
	f.again, f.cut = time.Duration(r.Int64N(int64(40*time.Second))), r.Float64()
	slow, silent := time.Duration(r.Int64N(int64(15*time.Second))), pick(r, lostRequest, lostAnswer)
	if s.calm.Load() || s.plan.only != nil && !s.plan.only[q.String()] {
		return f
	}
	switch { // few shops have a host, and most of what matters there begins with a loss
	case s.under(spellBadLuck), q.op == "reverse":
		odds = 0.5
	case q.op == "charge":
		odds = max(odds, 0.2)
	}
	switch {
	case s.under(spellBank), s.under(spellSilent):
		f.strike = silent
	case luck < odds:
		f.strike = strike
	}
	switch f.strike {
	case "late-success":
		if q.op != "charge" && q.op != "refund" {
			f.strike = lostAnswer // it cannot be asked what became of the others
		}
	case slowAnswer:
		f.down = slow
	}
	return f
}
