package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one way to misbehave. It strikes requests that passed their
// signature check.
//
//	drop-request       the connection is closed, nothing was done
//	drop-answer        done, then the connection is closed
//	reset              like drop-request, with a TCP reset
//	delay:MS           done at once, answered MS milliseconds of real time later
//	http:STATUS        answered with STATUS and a page of a proxy, nothing was done
//	http-after:STATUS  the same after it was done
//	garbage            done, answered 200 with random bytes
//	bad-signature      done, answered rightly with a signature that does not fit
//	wrong-amount       done, validly signed, with every amount one fen more
//	wrong-order        done, validly signed, with another order's number
//	duplicate          done twice, as by a proxy that repeats; answered once
//	late-success       the answer is not what happens: a charge is answered as the
//	                   acquirer's own fault, or as its customer declines, and denied
//	                   at first, a query denied, a reversal or close acknowledged, and
//	                   then the money moves all the same; a refund is made and answered
//	                   as a fault. Asking on finds out. Not for present.
//	merchant-funds     a refund is refused, or the reversal of what is paid: the
//	                   merchant's balance is too small. For these at WeChat and Alipay
//	not-allowed        a refund is refused for good, or the reversal of what is paid:
//	                   this trade takes none. For these at Alipay
//	abnormal:SECONDS   a refund is taken and cannot reach the customer; after so
//	                   long somebody has settled it at the merchant platform. For
//	                   refunds at WeChat
//
// The bank terminal (channel pinpad) has no HTTP; there bad-signature is a wrong
// check byte, reset closes the line, late-success is answered "no answer from the
// bank", and besides there are
//
//	nak                the request is called unreadable, once
//	ack-lost           done, and neither acknowledged nor answered
//	cut:MS             done, then the line is dead for MS milliseconds
//	half               done, answered with half a frame first
//
// Answers without an amount or a number (order codes, closing) stay as they
// are under wrong-amount and wrong-order.
type Fault struct {
	Channel     string // "wechat", "alipay", "card" (the card host), "pinpad", "journal"; empty: all but the journal
	Operation   string // "charge", "present", "query", "reverse", "close", "refund" or "any" (default)
	Fault       string
	Times       int     // how often; default 1, with a Probability without end
	Probability float64 // of striking, above 0 up to 1; default 1
	Seed        uint64  // of the dice; the same seed strikes the same requests
}

// Operations of the contract between till and acquirer, as faults name them.
const (
	opCharge  = "charge"
	opPresent = "present"
	opQuery   = "query"
	opReverse = "reverse"
	opClose   = "close"
	opRefund  = "refund"
	opUpload  = "upload" // of the journal
	opSettle  = "settle" // a batch of the card host, and its details; only when it is named
)

var operations = []string{opCharge, opPresent, opQuery, opReverse, opClose, opRefund, opUpload, opSettle}

type kind string

const (
	noFault      kind = ""
	dropRequest  kind = "drop-request"
	dropAnswer   kind = "drop-answer"
	reset        kind = "reset"
	delayed      kind = "delay"
	httpBefore   kind = "http"
	httpAfter    kind = "http-after"
	garbage      kind = "garbage"
	badSignature kind = "bad-signature"
	wrongAmount  kind = "wrong-amount"
	wrongOrder   kind = "wrong-order"
	duplicate    kind = "duplicate"
	lateSuccess  kind = "late-success"

	// Of refunds only, the first two of reversals too.
	merchantFunds kind = "merchant-funds"
	notAllowed    kind = "not-allowed"
	abnormal      kind = "abnormal"

	// Of the bank terminal only.
	nakOnce   kind = "nak"
	ackLost   kind = "ack-lost"
	cut       kind = "cut"
	halfFrame kind = "half"
)

// strike is what one request suffers.
type strike struct {
	kind   kind
	delay  time.Duration
	status int
}

const maxDelay = 10 * time.Minute

// late reports whether the answer is not what happens.
func (s strike) late() bool { return s.kind == lateSuccess }

// stuck is how long a refund cannot reach the customer.
func (s strike) stuck() time.Duration {
	if s.kind != abnormal {
		return 0
	}
	return s.delay
}

// refuses reports whether a strike keeps a refund from the customer.
func (s strike) refuses() bool {
	return s.kind == merchantFunds || s.kind == notAllowed || s.kind == abnormal
}

func parseStrike(text string) (strike, error) {
	word, detail, has := strings.Cut(text, ":")
	number, err := strconv.Atoi(detail)
	s := strike{kind: kind(word)}
	switch s.kind {
	case dropRequest, dropAnswer, reset, garbage, badSignature, wrongAmount, wrongOrder, duplicate, lateSuccess, merchantFunds, notAllowed, nakOnce, ackLost, halfFrame:
		if has {
			return s, fmt.Errorf("fault %s takes no value", word)
		}
	case delayed, cut:
		s.delay = time.Duration(number) * time.Millisecond
		if err != nil || number < 0 || number > int(maxDelay/time.Millisecond) {
			return s, fmt.Errorf("fault %s:MS wants 0 to 600000 milliseconds, not %q", word, clip(detail))
		}
	case abnormal:
		s.delay = time.Duration(number) * time.Second
		if err != nil || number < 0 || number > int(maxPassword/time.Second) {
			return s, fmt.Errorf("fault %s:SECONDS wants 0 to 86400 seconds, not %q", word, clip(detail))
		}
	case httpBefore, httpAfter:
		s.status = number
		if err != nil || number < 200 || number > 599 {
			return s, fmt.Errorf("fault %s:STATUS wants a status from 200 to 599, not %q", word, clip(detail))
		}
	default:
		return s, fmt.Errorf("fault %q is unknown", clip(text))
	}
	return s, nil
}

// pinpadChannel is the bank terminal's name in the plan of faults; in the books
// its money is that of the channel it came by.
const pinpadChannel = "pinpad"

// journalChannel is the upload of the journal, which moves no money.
const journalChannel = "journal"

// suits reports whether a strike means something to a channel.
func (s strike) suits(channel string) bool {
	switch s.kind {
	case nakOnce, ackLost, cut, halfFrame:
		return channel == pinpadChannel
	case httpBefore, httpAfter:
		return channel != pinpadChannel
	case merchantFunds:
		return channel == weChat || channel == alipay || channel == ""
	case notAllowed:
		return channel == alipay
	case abnormal:
		return channel == weChat
	}
	return true
}

// plan is the faults in force. The first that fits a request strikes it.
type plan struct {
	mu     sync.Mutex
	faults []*planned
}

type planned struct {
	channel, operation string
	strike             strike
	left               int // negative: without end
	probability        float64
	dice               *rand.Rand
}

func newPlan() *plan { return &plan{} }

func (p *plan) add(f Fault) error {
	s, err := parseStrike(f.Fault)
	operation := orElse(f.Operation, "any")
	switch {
	case err != nil:
		return err
	case f.Channel != "" && f.Channel != weChat && f.Channel != alipay && f.Channel != card && f.Channel != pinpadChannel && f.Channel != journalChannel:
		return fmt.Errorf("channel is wechat, alipay, card, pinpad, journal or left out for all that takes money, not %q", clip(f.Channel))
	case !s.suits(f.Channel):
		return fmt.Errorf("fault %s has no meaning for channel %q", s.kind, f.Channel)
	case operation != "any" && !slices.Contains(operations, operation):
		return fmt.Errorf("operation is one of %s or any, not %q", strings.Join(operations, ", "), clip(operation))
	case s.kind == lateSuccess && operation == opPresent:
		return fmt.Errorf("fault late-success has no meaning for present: no customer is there yet; use close")
	case s.refuses() && operation != opRefund && (operation != opReverse || s.kind == abnormal):
		return fmt.Errorf("fault %s strikes refunds: name the operation refund", s.kind)
	case s.kind == lateSuccess && f.Channel == card && operation != opCharge && operation != opRefund:
		return fmt.Errorf("fault late-success strikes charge or refund at the card host: it cannot be asked what became of the others")
	case f.Times < 0:
		return fmt.Errorf("times is how often the fault strikes, at least 1")
	case !(f.Probability >= 0 && f.Probability <= 1):
		return fmt.Errorf("probability is above 0 up to 1")
	}
	n := planned{channel: f.Channel, operation: operation, strike: s, left: f.Times, probability: f.Probability}
	switch {
	case n.left == 0 && n.probability > 0:
		n.left = -1
	case n.left == 0:
		n.left = 1
	}
	if n.probability == 0 {
		n.probability = 1
	}
	n.dice = rand.New(rand.NewPCG(f.Seed, f.Seed))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &n)
	return nil
}

func (p *plan) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// take is what strikes this request, if anything; it uses a fault up. Requests
// that belong to no operation, such as fetching certificates, are spared.
func (p *plan) take(channel, operation string) strike {
	p.mu.Lock()
	defer p.mu.Unlock()
	if operation == "" {
		return strike{}
	}
	for i, f := range p.faults {
		if !f.fits(channel, operation) || f.dice.Float64() >= f.probability {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		if f.left == 0 {
			p.faults = slices.Delete(p.faults, i, i+1)
		}
		return f.strike
	}
	return strike{}
}

func (f *planned) fits(channel, operation string) bool {
	switch {
	case f.channel != "" && f.channel != channel, channel == journalChannel && f.channel == "":
		return false
	case f.operation != operation && (f.operation != "any" || operation == opSettle):
		return false
	}
	if f.strike.kind == lateSuccess && channel == card {
		return operation == opCharge || operation == opRefund
	}
	return f.strike.suits(channel) && (f.strike.kind != lateSuccess || operation != opPresent)
}
