package till_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"abacus/payment"
	"abacus/payment/sandbox"
)

// simLine is the line between till and acquirers. Every request has its own
// dice, so that what it suffers depends on nothing that happens beside it.
type simLine struct {
	s    *sim
	base http.RoundTripper

	mu    sync.Mutex
	count map[string]int                // requests of a kind about a number
	heard map[payment.Channel]simAnswer // the last whole answer, for crossed lines
	sure  map[string]bool               // orders of which a genuine answer said that they were paid
	gone  map[string]bool               // orders of which an answer came that they are no more, or are refused
	late  map[string]int                // orders once denied
}

func newSimLine(s *sim) *simLine {
	return &simLine{
		s: s, base: s.box.Transport(), count: map[string]int{}, sure: map[string]bool{}, gone: map[string]bool{}, late: map[string]int{},
		heard: map[payment.Channel]simAnswer{},
	}
}

// simRequest is what the line understands of a request.
type simRequest struct {
	channel payment.Channel
	op      string // in the words of the sandbox's faults, and "refundquery", "find"
	order   string
	refund  string
	n       int // of this kind about this number, from 1
}

func (q simRequest) String() string {
	number := q.order
	if q.refund != "" {
		number = q.refund
	}
	return fmt.Sprintf("%s %s %s #%d", q.channel, q.op, number, q.n)
}

func (q simRequest) movesMoney() bool {
	switch q.op {
	case "charge", "present", "reverse", "close", "refund":
		return true
	}
	return false
}

// What a request or its answer can suffer. Those not listed here are faults of
// the sandbox, under its names.
const (
	lostRequest  = "lost request"
	lostAnswer   = "lost answer"
	resetAnswer  = "reset before the answer"
	lateRequest  = "late request"
	slowAnswer   = "slow answer"
	sentTwice    = "sent twice"
	cutAnswer    = "answer cut short"
	crossed      = "crossed answers"
	noConnection = "no connection"
)

var simStrikes = []string{
	lostRequest, lostRequest, lostAnswer, lostAnswer, lostAnswer, resetAnswer, lateRequest, lateRequest, slowAnswer, sentTwice, cutAnswer, crossed,
	noConnection, "http:502", "http:200", "http:403", "http:404", "http-after:400", "http-after:504", "garbage", "bad-signature", "wrong-amount", "wrong-order", "duplicate",
	"late-success", "late-success",
}

// fate is what becomes of one request.
type fate struct {
	strike   string
	up, down time.Duration // on the way
	again    time.Duration // a second time
	cut      float64
}

// RoundTrip implements http.RoundTripper.
func (l *simLine) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body) // from memory
		_ = r.Body.Close()
	}
	q := understand(r, body)
	l.mu.Lock()
	l.count[q.String()]++
	q.n = l.count[q.String()]
	l.mu.Unlock()
	f := l.fate(q)
	// The smallest pause lets everything else that happens now come to rest.
	if err := sleep(r.Context(), f.up%time.Microsecond+1); err != nil {
		return nil, err
	}
	if l.s.off() {
		return nil, errors.New("the machine is off")
	}
	l.s.checkIntent(q)
	if f.strike != "" {
		l.s.struck(q, f.strike)
	}
	switch f.strike {
	case noConnection:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route to host")}
	case lostRequest:
		return nil, giveUp(r, f)
	}
	answer := make(chan *http.Response, 1)
	l.s.wires.Go(func() { l.carry(r, body, q, f, answer) })
	select {
	case resp := <-answer:
		if resp == nil {
			return nil, fmt.Errorf("read tcp: connection reset by peer (%s)", f.strike)
		}
		return resp, nil
	case <-r.Context().Done():
		return nil, giveUp(r, f)
	}
}

// giveUp waits until nobody waits for the answer any more. Requests that left
// at the same moment are given up at the same moment; what they tell the till
// must come one after the other, or the same seed would give two days.
func giveUp(r *http.Request, f fate) error {
	<-r.Context().Done()
	time.Sleep(f.up%time.Microsecond + 1)
	return r.Context().Err()
}

// carry takes a request to the acquirer and brings the answer, whether or not
// anybody still waits for it.
func (l *simLine) carry(r *http.Request, body []byte, q simRequest, f fate, answer chan<- *http.Response) {
	time.Sleep(f.up)
	a := l.deliver(r, body, q, f.strike)
	if f.strike == sentTwice {
		l.s.wires.Go(func() {
			time.Sleep(f.again)
			l.deliver(r, body, q, "")
		})
	}
	time.Sleep(f.down)
	switch {
	case f.strike == lostAnswer || r.Context().Err() != nil:
	case f.strike == resetAnswer || a.status == 0:
		answer <- nil
	case f.strike == cutAnswer:
		answer <- cutShort(a.to(r), f.cut)
	default:
		l.arrives(q, a.truth)
		answer <- a.to(r)
	}
}

// truth is what an answer says of an order in the acquirer's own words: that it
// was paid, that it is no more.
type truth struct {
	order      string
	paid, gone bool
}

// arrives takes in what the till now has been told. Another order's answer
// tells nothing.
func (l *simLine) arrives(q simRequest, said truth) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.order == "" || q.order == said.order {
		l.sure[said.order] = l.sure[said.order] || said.paid
		l.gone[said.order] = l.gone[said.order] || said.gone
	}
}

// deliver hands a request over and tells what the till is answered, without a
// status: nothing.
func (l *simLine) deliver(r *http.Request, body []byte, q simRequest, strike string) simAnswer {
	l.mu.Lock()
	defer l.mu.Unlock()
	poor := strike == "merchant-funds" && l.s.captured(q.order) // the answer says that it is not undone
	there := r.WithContext(context.Background())
	there.Body = io.NopCloser(bytes.NewReader(body))
	if wrong := l.s.clockError(); q.channel == payment.WeChat && wrong.Abs() > 5*time.Minute {
		misdate(there, wrong)
	}
	fault := sandboxFault(strike)
	if fault != "" {
		f := sandbox.Fault{Fault: fault} // the names are the sandbox's own
		if q.op == "refund" || q.op == "reverse" {
			f.Channel, f.Operation = string(q.channel), q.op
		}
		if err := l.s.box.AddFault(f); err != nil {
			l.s.fail("line", "%s: %v", fault, err)
		}
	}
	resp, err := l.base.RoundTrip(there)
	l.s.box.ClearFaults()
	if err != nil {
		return simAnswer{}
	}
	whole, _ := io.ReadAll(resp.Body)
	a := simAnswer{status: resp.StatusCode, header: resp.Header, body: whole}
	l.s.tell("acquirer: %s: %d %.300s", q, a.status, a.body)
	if names := bytes.Contains(whole, []byte(`"out_trade_no"`)); genuine(strike) || strike == "wrong-order" && !names {
		// One found by the acquirer's number is named by the answer alone.
		a.order = cmp.Or(q.order, part(tradeNumber, string(whole)))
		a.paid = (fault == "" || fault == "duplicate") && l.s.captured(a.order)
		a.gone = q.op == "reverse" && !poor || q.op == "close" || l.refused(q, fault, whole) || l.s.ended(a.order)
	}
	if other := l.heard[q.channel]; strike == crossed && other.status != 0 {
		return other
	}
	// Where an answer names no order, only the connection ties it to its
	// question: no till could tell.
	if (fault == "" || fault == "duplicate") && bytes.Contains(whole, []byte(`"out_trade_no"`)) {
		l.heard[q.channel] = a
	}
	return a
}

// refused reports whether the acquirer does not take what was to bring money: it
// has made no order of it, or says no and takes the money all the same.
func (l *simLine) refused(q simRequest, fault string, answer []byte) bool {
	_, known := l.s.order(q.order)
	lies := q.op == "charge" && fault == "late-success" && !bytes.Contains(answer, []byte("SYSTEM_ERROR"))
	return lies || (q.op == "charge" || q.op == "present") && !known
}

// genuine reports whether an answer is the acquirer's own: signed, whole and
// about what was asked.
func genuine(strike string) bool {
	return !strings.HasPrefix(strike, "http") && strike != "garbage" && strike != "bad-signature" && strike != "wrong-order"
}

// simAnswer is an answer as it left the acquirer.
type simAnswer struct {
	status int
	header http.Header
	body   []byte
	truth
}

func (a simAnswer) to(r *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}
}

// fate decides what a request suffers: its own bad luck, or the weather's.
func (l *simLine) fate(q simRequest) fate {
	name := cmp.Or(l.s.plan.moved[kindOf(q.String())], q.String())
	r := dice(l.s.plan.seed, "request", name)
	f := fate{up: 10*time.Millisecond + time.Duration(r.Int64N(int64(250*time.Millisecond))), down: 10*time.Millisecond + time.Duration(r.Int64N(int64(250*time.Millisecond)))}
	luck, odds, strike := r.Float64(), l.s.plan.odds, pick(r, simStrikes...)
	if (q.op == "reverse" || q.op == "close") && r.IntN(2) == 0 {
		strike = lateRequest // what undoes, long after it was sent
	}
	if q.op == "refund" && r.IntN(2) == 0 {
		odds, strike = max(odds, 0.4), refusedRefund(r, q.channel)
	}
	if q.op == "reverse" && dice(l.s.plan.seed, "funds", name).IntN(6) == 0 {
		odds, strike = max(odds, 0.5), "merchant-funds"
	}
	away, again, cut := time.Duration(r.Int64N(int64(90*time.Second))), time.Duration(r.Int64N(int64(40*time.Second))), r.Float64()
	if l.s.calm.Load() || l.s.plan.only != nil && !l.s.plan.only[name] {
		return f
	}
	if l.s.under(spellBadLuck) {
		odds = 0.5
	}
	switch {
	case l.s.under(spellRefused):
		f.strike = noConnection
	case l.s.under(spellSilent), l.s.under(spellWeChat) && q.channel == payment.WeChat, l.s.under(spellAlipay) && q.channel == payment.Alipay:
		f.strike = pick(r, lostRequest, lostRequest, lostAnswer, "http:502")
	case l.s.under(spellSlow):
		f.down = time.Duration(r.Int64N(int64(12 * time.Second)))
	case luck < odds:
		f.strike = strike
	}
	switch f.strike {
	case lateRequest:
		f.up = away
	case slowAnswer:
		f.down = away / 4
	case sentTwice:
		f.again = again
	case cutAnswer:
		f.cut = cut
	case "late-success":
		f.strike = l.mayDeny(q)
	}
	return f
}

// refusedRefund is an acquirer that does not give back: the merchant has too
// little with it, or, at WeChat, the customer cannot be reached for a while.
func refusedRefund(r *rand.Rand, channel payment.Channel) string {
	if channel == payment.WeChat && r.IntN(2) == 0 {
		return fmt.Sprintf("abnormal:%d", 30+r.IntN(150))
	}
	return "merchant-funds"
}

// mayDeny keeps an acquirer's lies within what a till can find out: it denies
// an order once, and not before its customer was asked.
func (l *simLine) mayDeny(q simRequest) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.op == "present" || q.op == "query" && l.late[q.order] > 0 {
		return ""
	}
	if q.op == "query" {
		l.late[q.order]++
	}
	return "late-success"
}

func (l *simLine) has(set map[string]bool, order string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return set[order]
}

// sandboxFault is the sandbox's part in a strike.
func sandboxFault(strike string) string {
	switch strike {
	case lostRequest, lostAnswer, resetAnswer, lateRequest, slowAnswer, sentTwice, cutAnswer, crossed, noConnection:
		return ""
	}
	return strike
}

// cutShort ends an answer in its middle, as a broken connection does.
func cutShort(resp *http.Response, part float64) *http.Response {
	if resp == nil {
		return nil
	}
	whole, _ := io.ReadAll(resp.Body)
	left := whole[:int(part*float64(len(whole)))]
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(left), brokenReader{}))
	return resp
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

var stampPart = regexp.MustCompile(`timestamp="([0-9]+)"`)

// misdate gives a request the time of a clock that is wrong: the client's
// library asks the machine's, which cannot be set in here.
func misdate(r *http.Request, wrong time.Duration) {
	header := r.Header.Get("Authorization")
	r.Header = r.Header.Clone()
	r.Header.Set("Authorization", stampPart.ReplaceAllStringFunc(header, func(part string) string {
		seconds, _ := strconv.ParseInt(stampPart.FindStringSubmatch(part)[1], 10, 64)
		return fmt.Sprintf(`timestamp="%d"`, seconds+int64(wrong/time.Second))
	}))
}

var (
	tradeNumber  = regexp.MustCompile(`"out_trade_no":"([^"]+)"`)
	refundNumber = regexp.MustCompile(`"(?:out_refund_no|out_request_no)":"([^"]+)"`)
	wechatOrder  = regexp.MustCompile(`/out-trade-no/([^/?]+)(?:/(reverse|close))?`)
)

var alipayOps = map[string]string{
	"alipay.trade.pay": "charge", "alipay.trade.precreate": "present", "alipay.trade.query": "query", "alipay.trade.cancel": "reverse",
	"alipay.trade.close": "close", "alipay.trade.refund": "refund", "alipay.trade.fastpay.refund.query": "refundquery",
}

func understand(r *http.Request, body []byte) simRequest {
	if !strings.HasPrefix(r.URL.Path, "/v3/") {
		fields, _ := url.ParseQuery(string(body))
		for name, values := range r.URL.Query() {
			fields[name] = values
		}
		content := fields.Get("biz_content")
		return simRequest{payment.Alipay, alipayOps[fields.Get("method")], part(tradeNumber, content), part(refundNumber, content), 0}
	}
	q := simRequest{channel: payment.WeChat, order: part(tradeNumber, string(body)), refund: part(refundNumber, string(body))}
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/codepay"):
		q.op = "charge"
	case strings.HasSuffix(path, "/native"):
		q.op = "present"
	case strings.HasSuffix(path, "/refunds"):
		q.op = "refund"
	case strings.Contains(path, "/refunds/"):
		q.op, q.refund = "refundquery", path[strings.LastIndexByte(path, '/')+1:]
		q.order = q.refund[:strings.LastIndex(q.refund, "_")]
	case strings.Contains(path, "/transactions/id/"):
		q.op = "find"
	default:
		q.op, q.order = "query", part(wechatOrder, path)
		if verb := wechatOrder.FindStringSubmatch(path)[2]; verb != "" {
			q.op = verb
		}
	}
	return q
}

func part(shape *regexp.Regexp, text string) string {
	if m := shape.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
