package till_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/sandbox"
)

// What takes a shop's bank cards.
const (
	cardsNone     = ""
	cardsTerminal = "terminal" // the bank's, beside the till
	cardsHost     = "host"     // the till is the terminal
)

// The kinds of trouble that only cards have.
const spellBank = "the bank is silent"

// openCards brings what takes cards into the shop.
func (s *sim) openCards() {
	if s.plan.cards == cardsTerminal {
		s.desk = newDesk(s)
	}
	if s.plan.cards == cardsHost {
		s.host = &simHost{s: s, count: map[string]int{}, left: map[string]bool{}}
	}
	if s.plan.prepaid {
		s.prepaid = newPrepaid(s.plan.seed)
	}
}

// drawCards makes the shop one that takes cards, and some of its customers pay
// with them. It has dice of its own: shops without cards stay as they were.
func (p *simPlan) drawCards() {
	r := dice(p.seed, "cards 901") // the first days have one of each
	switch r.IntN(10) {
	case 0, 1, 2:
		p.cards = cardsTerminal
	case 3, 4:
		p.cards = cardsHost
	}
	p.prepaid = r.IntN(4) == 0
	var steps []simStep
	if p.prepaid {
		steps = prepaidSteps(r)
	}
	for _, step := range p.steps {
		for _, step := range p.withCards(r, step) {
			if !p.prepaid {
				steps = append(steps, step)
				continue
			}
			steps = append(steps, withPrepaid(r, step)...)
		}
	}
	if p.prepaid {
		steps = append(steps, p.prepaidEvening()...)
	}
	p.steps = steps
	if p.cards == cardsNone {
		return
	}
	p.withManager()
	if p.cards == cardsTerminal {
		p.withHolds()
	}
	longest, few := 5*time.Minute, r.IntN(2)
	if p.cards == cardsHost { // what it owes keeps all else from leaving, so it must be silent for longer
		longest, few = 25*time.Minute, 1+few
		p.boots = append(p.boots, newBoot(r, false), newBoot(r, false))
	}
	for range few {
		from := time.Duration(r.Int64N(int64(simDay)))
		p.spells = append(p.spells, simSpell{kind: spellBank, from: from, to: from + time.Duration(1+r.Int64N(int64(longest)))})
	}
}

// noBatch says that the bank's terminal of this shop tells no batch number, as
// some do not. It has dice of its own.
func (p *simPlan) noBatch() bool {
	return p.cards == cardsTerminal && dice(p.seed, "no batch").IntN(3) == 0
}

// withManager has a manager come now and then who lets a customer that waits
// pay once more.
func (p *simPlan) withManager() {
	r := dice(p.seed, "manager")
	var steps []simStep
	for _, step := range p.steps {
		if steps = append(steps, step); slices.Contains(simWaiting, step.verb) && r.IntN(10) == 0 {
			steps = append(steps, simStep{time.Duration(r.Int64N(int64(20 * time.Second))), "force and take cash", r.Uint64()})
		}
	}
	p.steps = steps
}

// simWaiting are the verbs after which somebody may have to wait.
var simWaiting = []string{"ask for a card", "scan the code", "show a code"}

// paying are the verbs of which some become a card's.
var paying = []string{"scan the code", "scan a part", "show a code", "take cash", "scan the code again"}

// withCards is a step of a shop that takes cards.
func (p *simPlan) withCards(r *rand.Rand, step simStep) []simStep {
	later := func(most time.Duration, verb string) simStep {
		return simStep{time.Duration(r.Int64N(int64(most))), verb, r.Uint64()}
	}
	switch {
	case p.cards == cardsNone:
		return []simStep{step}
	case !slices.Contains(paying, step.verb) || r.IntN(2) == 0:
		if r.IntN(80) == 0 {
			return []simStep{step, later(10*time.Second, pick(r, "settle the cards", "try the card line"))}
		}
		return []simStep{step}
	case r.IntN(6) == 0:
		return []simStep{{step.after, "ask for a card", step.dice}, later(2*time.Second, pick(r, simCardMeddling...)), later(20*time.Second, step.verb)}
	}
	step.verb = pick(r, "ask for a card", "ask for a card", "ask for a card", "ask for a part by card")
	if r.IntN(5) == 0 {
		return []simStep{step, later(pick(r, time.Second, 15*time.Second), pick(r, simCardMeddling...))}
	}
	return []simStep{step}
}

// simCardMeddling is what people do to a card payment.
var simCardMeddling = []string{
	"ask for a card", "cancel", "cancel", "ask now", "force", "pull the cable", "pull the cable", "switch the terminal off", "restart", "ring up", "refund", "settle the cards", "settle by hand", "settle by hand", "refund and settle by hand",
}

// cardVerbs are the acts of a step that have to do with cards.
var cardVerbs = map[string]func(s *sim, r *rand.Rand){
	"ask for a card": func(s *sim, r *rand.Rand) { s.askCard(r, till.SalePay{Sale: s.sale(), Method: "card"}) },
	"ask for a part by card": func(s *sim, r *rand.Rand) {
		s.askCard(r, till.SalePay{Sale: s.sale(), Method: "card", Amount: s.somePart(r)})
	},
	"settle the cards": func(s *sim, _ *rand.Rand) { s.do(till.CardSettle{}) },
	"settle by hand":   (*sim).settleByHand,
	"refund and settle by hand": func(s *sim, r *rand.Rand) {
		s.do(till.RefundCreate{Payment: s.somePayment(r), Reason: "不要了"})
		time.Sleep(time.Duration(r.Int64N(int64(time.Second))))
		s.pullCable(r)
		s.settleByHand(r)
	},
	"try the card line": func(s *sim, _ *rand.Rand) { s.do(till.CardTest{}) },
	"force and take cash": func(s *sim, _ *rand.Rand) {
		s.do(till.Logout{})
		s.do(till.Login{Operator: "1001", PIN: simPIN})
		s.do(till.PaymentForce{Payment: s.payment(), Reason: "顾客急"})
		s.do(till.SalePay{Sale: s.sale(), Method: "cash"})
	},
	"pull the cable":          (*sim).pullCable,
	"switch the terminal off": (*sim).switchTerminal,
}

// verb is what a step does.
func verb(name string) func(s *sim, r *rand.Rand) {
	if act := cardVerbs[name]; act != nil {
		return act
	}
	if act := holdVerbs[name]; act != nil {
		return act
	}
	if act := prepaidVerbs[name]; act != nil {
		return act
	}
	return simVerbs[name]
}

// cardNumbers are the digits of cards that must not be found anywhere.
func (s *sim) cardNumbers() map[string]bool {
	all := map[string]bool{}
	if s.prepaid != nil {
		for _, c := range s.prepaid.cards {
			all[c.number], all[string(c.pin)] = true, c.pin != ""
		}
	}
	if s.host != nil {
		for _, track := range s.host.tracks {
			number, _, _ := strings.Cut(track, "=")
			all[number] = true
		}
	}
	return all
}

// findNumber gives the place of the first of some numbers, of 14 or 16 digits,
// in a text; -1: none is there.
func findNumber(text []byte, numbers map[string]bool) int {
	if len(numbers) == 0 {
		return -1
	}
	for _, length := range []int{14, 16} {
		if at := findDigits(text, length, numbers); at >= 0 {
			return at
		}
	}
	return -1
}

// withCard is how a customer at the terminal pays, or does not; or how the bank
// is silent, for less time than somebody waits before reading the slips.
func withCard(r *rand.Rand) sandbox.Customer {
	if r.IntN(10) == 0 {
		return sandbox.Customer{Behaviour: fmt.Sprintf("unsure:%d%s", 1+r.IntN(int(simReading/time.Second)-10), pick(r, "", ":gone"))}
	}
	return behaviour(r)
}

// askCard takes a card of a customer who does as customers do.
func (s *sim) askCard(r *rand.Rand, c till.SalePay) {
	if s.host != nil {
		s.swipe(r, c)
		return
	}
	how := withCard(r)
	if s.desk != nil && s.box.CardsWaiting() == 0 {
		s.tell("customer: has a card, will %s", how.Behaviour)
		if err := s.box.AddCard(how); err != nil {
			s.t.Fatal(err)
		}
	}
	s.do(c)
}

// books is what the acquirers believe, the bank's terminal too, whose sales
// have our order numbers here.
func (s *sim) books() []sandbox.Entry {
	books, err := s.box.Books()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.desk != nil {
		s.desk.name(books)
	}
	return books
}

// own reports whether a payment is certain in this shop's own book: no acquirer
// has a part in it.
func own(p ledger.Payment) bool {
	return p.Channel == string(payment.Cash) || p.Channel == string(payment.Prepaid)
}

// addCards puts what takes cards beside the other channels.
func (s *sim) addCards(providers map[payment.Channel]payment.Provider) error {
	switch {
	case s.bug.forgetful: // it puts the others there later
	case s.desk != nil:
		return s.desk.plugIn(providers)
	case s.host != nil:
		return s.host.openHost(providers)
	}
	return nil
}

// neverLeft reports that a card payment came to nothing before anything had
// left for the host: its record knows, and nobody else has to say so.
func (s *sim) neverLeft(p ledger.Payment) bool {
	return s.host != nil && p.Channel == string(payment.Card) && s.host.never(p.Order)
}

// via is what a card payment's place in the machine is called; the others have
// theirs without a name.
func (s *sim) via(p ledger.Payment) string {
	if p.Channel == string(payment.Card) {
		return s.plan.cards + " "
	}
	return ""
}

// cardStates is where a card payment can be when trouble comes.
var cardStates = map[string][]payment.Phase{
	cardsTerminal: {payment.Preparing, payment.Shown, payment.Asking, payment.Undoing},
	cardsHost:     {payment.Sending, payment.Undoing},
}

// cardReach: every state of a card payment met every kind of trouble.
func cardReach() (all []string) {
	for _, kind := range []string{cardsTerminal, cardsHost} {
		for _, phase := range cardStates[kind] {
			for _, trouble := range []string{"cut", lostRequest, lostAnswer} {
				all = append(all, kind+" "+string(phase)+" × "+trouble)
			}
		}
	}
	for _, what := range []string{"paying", "topping up"} {
		all = append(all, "prepaid "+what+" × cut")
	}
	for _, state := range []ledger.HoldState{ledger.HoldHeld, ledger.HoldCompleted, ledger.HoldReleased, ledger.HoldReversed, ledger.HoldDeclined} {
		all = append(all, "hold × "+string(state))
	}
	return append(all, "terminal × not sure", "manager × payment", "manager × refund", "manager × tried again", "manager × given otherwise", "sent again × done before")
}
