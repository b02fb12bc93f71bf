package till_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/sandbox"
)

// counter is what the people at the counter have in mind.
type counter struct {
	sales    []string
	payments []string
	holds    []string
	lastCode string
	lessened map[string]bool      // sales whose total somebody has changed: a part may have turned out to be all
	texts    []string             // order codes that were on the screen
	leave    bool                 // the program is to be started again
	sent     int                  // requests that had a key
	unheard  *till.Keyed          // the last of them, if the power took its answer
	asked    map[string]time.Time // since when the till wants to be told what a slip says
}

// do gives the till a command. What a disk that fails has kept from being done
// is tried once more.
func (s *sim) do(c till.Command) (till.Result, string) {
	c = s.withKey(c)
	r, code := s.try(c)
	if code == till.FaultInternal || code == till.FaultDiskFull {
		r, code = s.try(c)
	}
	if keyed, ok := c.(till.Keyed); ok && s.plan.keyed {
		s.repeat(keyed, r, code)
	}
	return r, code
}

// withKey makes a request one with a key, in shops whose till is driven by a
// program.
func (s *sim) withKey(c till.Command) till.Command {
	name := reflect.TypeOf(c).Name()
	if !s.plan.keyed || slices.Contains(keyless, name) {
		return c
	}
	s.sent++
	return till.Keyed{Key: fmt.Sprintf("request-%d", s.sent), Command: c}
}

// repeat is that program sending a request again: now and then because of a
// slip of its own, and after a power cut, when it has heard nothing.
func (s *sim) repeat(c till.Keyed, first till.Result, code string) {
	switch {
	case code == "off":
		s.unheard = &c
		return
	case code != "" || dice(s.plan.seed, "repeat", s.sent).IntN(6) != 0 || s.didNothing(c):
		return
	}
	switch again, code := s.try(c); {
	case code == "off":
		s.unheard = &c
	case slices.Contains(untold, code):
	case code != "":
		s.fail("key", "%s was done, and the second time refused: %s", commandText(c), code)
	case named(again) != named(first):
		s.fail("key", "%s answers with %s, and the second time with %s", commandText(c), named(first), named(again))
	}
}

// sendAgain is that program after a power cut. What the book has with the
// request's key is not done again, and the answer names it.
func (s *sim) sendAgain(c till.Keyed) {
	_, object, kept, err := s.run.books.Key(context.Background(), c.Key)
	last := s.run.books.Head().Number
	r, code := s.do(c)
	if err != nil || !kept || s.off() || code == till.FaultNotSignedIn {
		return
	}
	s.been("sent again × done before")
	if code == "" && !isNamed(r, object) || code != "" && !slices.Contains(untold, code) {
		s.fail("key", "%s made %s before the power went; sent again it answers %s %s", commandText(c), object, named(r), code)
	}
	entries, err := s.run.books.Entries(context.Background(), last, ledger.MaxList)
	for _, e := range entries {
		if err == nil && slices.Contains(begun, e.Kind) {
			s.fail("key", "%s made %s before the power went; sent again it has made entry %d, %s", commandText(c), object, e.Number, e.Kind)
		}
	}
}

// untold are the refusals that tell nothing of a request: the disk fails.
var untold = []string{till.FaultInternal, till.FaultDiskFull, till.FaultJournalStopped, till.FaultJournalBroken}

// begun is what only a request begins.
var begun = []ledger.Kind{
	ledger.KindSaleOpened, ledger.KindLineAdded, ledger.KindLineChanged, ledger.KindDiscounted, ledger.KindPaymentStarted, ledger.KindRefundStarted,
	ledger.KindHoldStarted, ledger.KindShiftOpened, ledger.KindShiftCash, ledger.KindShiftClosed, ledger.KindPrepaidIssued,
}

// isNamed reports whether an answer is of the object that a key has in the book.
func isNamed(r till.Result, object string) bool {
	if _, of, scan := strings.Cut(object, `"of":"`); scan {
		object = strings.TrimSuffix(of, `"}`)
	}
	return strings.HasSuffix(named(r), " "+strings.TrimPrefix(object, "Z"))
}

// didNothing: what was asked was so already. A key goes with entries, and there
// are none.
func (s *sim) didNothing(c till.Keyed) bool {
	switch c.Command.(type) {
	case till.SaleRecall, till.SaleHold, till.PaymentForce, till.PaymentCancel, till.PaymentSwitch, till.PrepaidFreeze, till.PrepaidThaw:
		_, _, kept, err := s.run.books.Key(context.Background(), c.Key)
		return err == nil && !kept
	}
	return false
}

// try gives the till a command and tells of it; the fault's code is "" when it
// was done.
func (s *sim) try(c till.Command) (till.Result, string) {
	if s.off() {
		return nil, "off"
	}
	closes, was := isClose(c), s.closing
	s.closing = was || closes
	r, err := s.run.core.Do(s.run.power, c)
	var f *till.Fault
	if closes && !s.off() { // unless it is not known, and who asks again may be refused for another reason
		s.closing = err != nil && (was || errors.As(err, &f) && f.Code == till.FaultJournalStopped)
	}
	var refusal *ledger.Refusal
	switch {
	case s.off():
		s.reachedPrepaid(c)
		return nil, "off"
	case err == nil:
		s.tell("counter: %s: %s", commandText(c), resultText(r))
		s.acknowledged(r)
		return r, ""
	case errors.As(err, &f):
		s.tell("counter: %s: refused, %s", commandText(c), f.Code)
		if errors.As(err, &refusal) && !s.jumped(refusal) {
			s.fail("law", "%s was left to the books to refuse: %v", commandText(c), refusal)
		}
		return nil, f.Code
	}
	s.fail("error", "%s: %v is no fault", commandText(c), err)
	return nil, err.Error()
}

// jumped reports whether a refusal goes by the day, and the book's clock has
// jumped since this run of the program began: by the core's, which does not, it
// may be another day.
func (s *sim) jumped(r *ledger.Refusal) bool {
	return r.Code == ledger.RefusePrepaid && s.run.wrong != s.clockError()
}

func isClose(c till.Command) bool {
	if keyed, ok := c.(till.Keyed); ok {
		c = keyed.Command
	}
	_, closes := c.(till.ShiftClose)
	return closes
}

func commandText(c till.Command) string {
	switch c := c.(type) {
	case till.SaleScan: // codes are secret here too
		return "scan"
	case till.SalePay:
		return fmt.Sprintf("pay %v of %s by %s present=%v", c.Amount, c.Sale, c.Method, c.Present)
	case till.Login:
		return "sign in"
	case till.Keyed:
		return "with a key: " + commandText(c.Command)
	}
	if text := prepaidText(c); text != "" {
		return text
	}
	return fmt.Sprintf("%T%+v", c, c)[len("till."):]
}

func resultText(r till.Result) string {
	switch r := r.(type) {
	case ledger.Sale:
		return fmt.Sprintf("sale %s %s, %v of %v paid", r.ID, r.State, r.Paid, r.Total)
	case ledger.Payment:
		return fmt.Sprintf("payment %s of %v by %s is %s %s", r.ID, r.Amount, r.Channel, r.State, r.Reason)
	case till.Hold:
		return fmt.Sprintf("hold %s of %v is %s %s", r.ID, r.Amount, r.State, r.Reason)
	case ledger.Refund:
		return fmt.Sprintf("refund %s of %v is %s", r.ID, r.Amount, r.State)
	case till.Scanned:
		if r.Payment != nil {
			return string(r.Kind) + " " + resultText(*r.Payment)
		}
		return string(r.Kind)
	}
	return "done"
}

// acknowledged takes in what the till has said it did.
func (s *sim) acknowledged(r till.Result) {
	switch r := r.(type) {
	case ledger.Payment:
		s.noticePayment(r)
	case []ledger.Payment:
		for _, p := range r {
			s.paidSeen(anAnswer, p)
		}
	case ledger.Sale:
		s.saleSeen(anAnswer, r)
	case ledger.Refund:
		s.refundSeen(anAnswer, r)
	case till.Hold:
		s.holdSeen(anAnswer, r.Hold)
	case till.Scanned:
		if r.Payment != nil {
			s.noticePayment(*r.Payment)
		}
		if r.Sale != nil {
			s.saleSeen(anAnswer, *r.Sale)
		}
	}
}

const anAnswer = "the answer to a command"

func (s *sim) noticePayment(p ledger.Payment) {
	s.paidSeen(anAnswer, p)
	if !own(p) {
		s.payments = append(s.payments, p.ID)
	}
}

// simVerbs are the acts of a step.
var simVerbs = map[string]func(s *sim, r *rand.Rand){
	"ring up":                    (*sim).ringUp,
	"scan the code":              func(s *sim, r *rand.Rand) { s.scanCode(r, money.Amount{}) },
	"scan a part":                func(s *sim, r *rand.Rand) { s.scanCode(r, s.somePart(r)) },
	"scan the code again":        func(s *sim, _ *rand.Rand) { s.do(till.SaleScan{Text: s.lastCode, Pay: true}) },
	"show a code":                func(s *sim, r *rand.Rand) { s.do(till.SalePay{Sale: s.sale(), Method: anyChannel(r), Present: true}) },
	"customer scans":             (*sim).customerScans,
	"customer scans an old code": (*sim).customerScansOld,
	"take cash":                  (*sim).takeCash,
	"take some cash":             func(s *sim, r *rand.Rand) { s.do(till.SalePay{Sale: s.sale(), Method: "cash", Amount: s.somePart(r)}) },
	"wait": func(s *sim, r *rand.Rand) {
		s.do(till.PaymentWait{Payment: s.payment(), Timeout: time.Duration(r.IntN(60)) * time.Second})
	},
	"cancel": func(s *sim, _ *rand.Rand) { s.do(till.PaymentCancel{Payment: s.payment()}) },
	"switch": func(s *sim, r *rand.Rand) {
		s.do(till.PaymentSwitch{Payment: s.payment(), Channel: payment.Channel(anyChannel(r))})
	},
	"void":           func(s *sim, _ *rand.Rand) { s.do(till.SaleVoid{Sale: s.sale()}) },
	"hold":           func(s *sim, _ *rand.Rand) { s.do(till.SaleHold{}) },
	"recall":         func(s *sim, _ *rand.Rand) { s.do(till.SaleRecall{}) },
	"add goods":      (*sim).addGoods,
	"take goods off": func(s *sim, _ *rand.Rand) { s.lessen(till.SaleRemove{Sale: s.sale()}) },
	"discount": func(s *sim, r *rand.Rand) {
		s.lessen(till.SaleDiscount{Sale: s.sale(), Percent: 1 + r.IntN(30), Line: pick(r, 0, 0, 1), Reason: "老顾客"})
	},
	"ask now":              (*sim).askNow,
	"force":                func(s *sim, _ *rand.Rand) { s.do(till.PaymentForce{Payment: s.payment(), Reason: "顾客急"}) },
	"look up":              (*sim).lookUp,
	"refund":               (*sim).refund,
	"refund a part":        (*sim).refundPart,
	"refund twice":         (*sim).refundTwice,
	"finish the sale":      (*sim).finishSale,
	"same key again":       (*sim).keyTwice,
	"open the shift":       func(s *sim, _ *rand.Rand) { s.do(till.ShiftOpen{Float: money.Fen(20000)}) },
	"close the shift":      func(s *sim, r *rand.Rand) { s.do(till.ShiftClose{Counted: money.Fen(r.Int64N(100000))}) },
	"cash in or out":       (*sim).cashInOrOut,
	"X report":             func(s *sim, _ *rand.Rand) { s.do(till.ReportX{}) },
	"print a copy":         func(s *sim, _ *rand.Rand) { s.do(till.ReceiptPrint{Sale: s.sale(), Reason: "顾客要"}) },
	"sign out":             func(s *sim, _ *rand.Rand) { s.do(till.Logout{}) },
	"put an old book back": func(s *sim, _ *rand.Rand) { s.leave, s.rotten = true, true },
	"restart":              func(s *sim, _ *rand.Rand) { s.leave = true },
}

func (s *sim) sale() string    { return lastOf(s.sales) }
func (s *sim) payment() string { return lastOf(s.payments) }

func lastOf(list []string) string {
	if len(list) == 0 {
		return "none yet"
	}
	return list[len(list)-1]
}

// somePayment is one of the last payments.
func (s *sim) somePayment(r *rand.Rand) string {
	back := r.IntN(8)
	if len(s.payments) <= back {
		return s.payment()
	}
	return s.payments[len(s.payments)-1-back]
}

func anyChannel(r *rand.Rand) string { return pick(r, "wechat", "alipay") }

func price(r *rand.Rand) money.Amount {
	return money.Fen(1 + r.Int64N(pick(r, int64(10), 2000, 20000)))
}

func (s *sim) somePart(r *rand.Rand) money.Amount {
	return money.Fen(1 + r.Int64N(pick(r, int64(5), 200, 1000)))
}

// ringUp is the next customer's goods.
func (s *sim) ringUp(r *rand.Rand) {
	opened, fault := s.do(till.SaleOpen{})
	if fault != "" {
		return
	}
	s.sales = append(s.sales, opened.(ledger.Sale).ID)
	for range 1 + r.IntN(2) {
		if r.IntN(2) == 0 {
			s.do(till.SaleScan{Text: simGoods().Search("nfsq", 1)[0].Code})
		} else {
			s.do(till.SaleAdd{Amount: price(r)})
		}
	}
}

// scanCode is a customer showing a pay code, of all or of a part.
func (s *sim) scanCode(r *rand.Rand, amount money.Amount) {
	how := behaviour(r)
	code, err := s.box.NewCode(anyChannel(r), how)
	if err != nil {
		s.t.Fatal(err)
	}
	s.codes = append(s.codes, code)
	s.lastCode = code
	s.tell("customer: shows a code, will %s", how.Behaviour)
	if r.IntN(10) == 0 {
		time.Sleep(time.Duration(r.Int64N(int64(90 * time.Second)))) // looks for the telephone
	}
	if r.IntN(2) == 0 && amount.IsZero() {
		s.do(till.SaleScan{Sale: s.sale(), Text: code, Pay: true})
		return
	}
	s.do(till.SalePay{Sale: s.sale(), Method: "auto", Amount: amount, Code: code})
}

// behaviour is how a customer pays, or does not.
func behaviour(r *rand.Rand) sandbox.Customer {
	switch n := r.IntN(20); {
	case n < 11:
		return sandbox.Customer{Behaviour: "pay"}
	case n < 15:
		return sandbox.Customer{Behaviour: fmt.Sprintf("password:%d", r.IntN(pick(r, 20, 100)))}
	case n < 17:
		return sandbox.Customer{Behaviour: "never"}
	}
	return sandbox.Customer{Behaviour: "decline:" + pick(r, "balance", "limit", "risk", "card", "code", "expired", "payer", "bank", "system")}
}

func (s *sim) customerScans(r *rand.Rand) {
	if codes := s.shownCodes(); len(codes) > 0 {
		s.scanAtBox(r, lastOf(codes))
	}
}

// customerScansOld is somebody paying what was photographed long ago.
func (s *sim) customerScansOld(r *rand.Rand) {
	codes := s.shownCodes()
	if n := len(codes); n > 0 {
		s.scanAtBox(r, codes[max(0, n-1-r.IntN(6))])
	}
}

func (s *sim) scanAtBox(r *rand.Rand, text string) {
	how := behaviour(r)
	seen, err := s.box.Scan(text, how)
	if err != nil {
		s.tell("customer: scans an order code in vain: %v", err)
		return
	}
	s.tell("customer: scans the code of %s, will %s: %s", seen.Order, how.Behaviour, seen.State)
}

func (s *sim) refundPart(r *rand.Rand) {
	s.do(till.RefundCreate{Payment: s.somePayment(r), Amount: money.Fen(1 + r.Int64N(300)), Reason: "坏了"})
}

func (s *sim) refundTwice(r *rand.Rand) {
	c := till.RefundCreate{Payment: s.somePayment(r), Reason: "不要了"}
	s.do(c)
	s.do(c)
}

// finishSale settles with a customer whose payment has come to nothing.
func (s *sim) finishSale(r *rand.Rand) {
	got, fault := s.do(till.SaleGet{Sale: s.sale()})
	if fault != "" {
		return
	}
	switch sale := got.(ledger.Sale); {
	case sale.State != ledger.SaleOpen || sale.Open != "":
	case r.IntN(3) == 0:
		s.do(till.SaleVoid{Sale: sale.ID})
	default:
		s.do(till.SalePay{Sale: sale.ID, Method: "cash"})
	}
}

// keyTwice is a program that sends its request again because it heard nothing.
func (s *sim) keyTwice(r *rand.Rand) {
	c := till.Keyed{Key: fmt.Sprintf("k%x", r.Uint64()), Command: till.SalePay{Sale: s.sale(), Method: "cash"}}
	first, fault := s.do(c)
	again, faultAgain := s.do(c)
	if fault == "" && faultAgain == "" && first.(ledger.Payment).ID != again.(ledger.Payment).ID {
		s.fail("key", "the key of payment %s made another, %s", first.(ledger.Payment).ID, again.(ledger.Payment).ID)
	}
}

// play goes on with the day's steps until it is over, the program is to be
// started again, or the power goes; it gives the steps left.
func (s *sim) play(steps []simStep) []simStep {
	for len(steps) > 0 {
		step := steps[0]
		if sleep(s.run.power, step.after+1) != nil {
			return steps
		}
		steps = steps[1:]
		s.signIn(step.dice)
		s.readSlips()
		if s.off() {
			return steps
		}
		if step.dice%4 == 0 {
			s.doubtShown()
		}
		verb(step.verb)(s, dice(s.plan.seed, step.dice))
		if s.leave {
			s.leave = false
			return steps
		}
	}
	return nil
}

// signIn sees to it that somebody is signed in.
func (s *sim) signIn(luck uint64) {
	if v := s.latest(); v == nil || v.Operator == nil {
		s.do(till.Login{Operator: map[bool]string{true: "1002", false: "1001"}[luck%8 == 0 && s.unheard == nil], PIN: simPIN})
	}
	if c := s.unheard; c != nil {
		s.unheard = nil
		s.sendAgain(*c)
	}
}

// live is the whole day, with every end of a run and every start.
func (s *sim) live() {
	steps, boots := s.plan.steps, s.plan.boots
	for {
		b := s.plan.last
		if len(boots) > 0 {
			b = boots[0]
		}
		s.startSomehow(b)
		if !s.off() {
			steps = s.play(steps)
		}
		if len(steps) == 0 && !s.off() {
			_ = sleep(s.run.power, time.Second+7) // what was begun at the last step's moment suffers what it must
		}
		switch {
		case s.off():
			boots = boots[1:]
			s.crash(b)
			time.Sleep(b.pause)
		case len(steps) > 0:
			s.end()
			s.rot()
		default:
			return
		}
	}
}

// startSomehow starts the program as often as it takes a disk that fails. No
// fault lasts for a day.
func (s *sim) startSomehow(b simBoot) {
	for began := time.Now(); s.start(b) != nil && !s.off(); {
		if time.Since(began) > 24*time.Hour {
			s.t.Fatalf("seed %d: the till does not start any more: %v", s.plan.seed, s.failures[:min(1, len(s.failures))])
		}
		s.end()
		b.slip = 0 // once was once
		if s.refused {
			s.refused = false
			s.putBack(s.newer)
		}
		_ = sleep(context.Background(), 20*time.Second)
	}
}
