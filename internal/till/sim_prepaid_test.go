package till_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/prepaid"
)

// simCard is one of the shop's prepaid cards, in a customer's hand.
type simCard struct {
	number string
	pin    till.PIN // it gets when it is issued; empty: none
	bought bool
	frozen bool // by the till's own word
}

// simPrepaid is what people know of prepaid cards.
type simPrepaid struct {
	cards  []*simCard
	topUps map[string]bool // sales that top a card up
	paid   []string        // payments by such cards
}

var simCardForm = prepaid.Format{Prefix: "9800", Length: 16}

func newPrepaid(seed uint64) *simPrepaid {
	r := dice(seed, "prepaid cards")
	p := &simPrepaid{topUps: map[string]bool{}}
	for range 5 {
		number, err := simCardForm.Make(randomBytes{r})
		if err != nil {
			panic(err) // dice do not fail
		}
		c := &simCard{number: number}
		if r.IntN(2) == 0 {
			c.pin = till.PIN(fmt.Sprintf("%014d", r.Int64N(1e14))) // long, to be told from all other digits
		}
		p.cards = append(p.cards, c)
	}
	return p
}

// prepaidSettings are the till's; a PIN is hashed quickly here.
func (s *sim) prepaidSettings(set *till.Settings) {
	if s.prepaid == nil {
		return
	}
	days := pick(dice(s.plan.seed, "prepaid"), 0, 1, 400)
	hash := func(pin string) string { sum := sha256.Sum256([]byte("sim" + pin)); return hex.EncodeToString(sum[:]) }
	set.Prepaid = &till.Prepaid{
		Valid: simCardForm.Valid, Mask: prepaid.Mask, Most: money.Fen(100_000),
		PINForm: func(pin string) bool { return len(pin) == 14 },
		HashPIN: func(pin string) (string, error) { return hash(pin), nil },
		PINFits: func(kept, pin string) bool { return kept == hash(pin) },
		Expires: func(issued time.Time) string {
			if days == 0 {
				return ""
			}
			return set.Day(issued.AddDate(0, 0, days))
		},
	}
}

// withPrepaid is a step of a shop with such cards.
func withPrepaid(r *rand.Rand, step simStep) []simStep {
	meddling := pick(r, simPrepaidMeddling...)
	switch {
	case slices.Contains(paying, step.verb) && r.IntN(3) == 0:
		return []simStep{{step.after, pick(r, simPrepaidPaying...), step.dice}, {time.Duration(r.Int64N(int64(5 * time.Second))), step.verb, r.Uint64()}}
	case r.IntN(10) > 0:
		return []simStep{step}
	case meddling == "top a card up":
		return []simStep{{step.after, meddling, r.Uint64()}, {time.Duration(r.Int64N(int64(5 * time.Second))), pick(r, paying...), r.Uint64()}}
	}
	return []simStep{step, {time.Duration(r.Int64N(int64(10 * time.Second))), meddling, r.Uint64()}}
}

// prepaidSteps are the first of a day: somebody has to buy cards.
func prepaidSteps(r *rand.Rand) (steps []simStep) {
	for range 3 {
		for _, verb := range []string{"issue a card", "top a card up", "take cash"} {
			steps = append(steps, simStep{time.Duration(r.Int64N(int64(5 * time.Second))), verb, r.Uint64()})
		}
	}
	return steps
}

// prepaidEvening is long after: what is left on cards that have run out is booked
// off. It does not come while an outage lasts for days, nor where a terminal is
// asked for ever what only its slips tell: every minute of one costs time.
func (p *simPlan) prepaidEvening() []simStep {
	if p.noBatch() || slices.ContainsFunc(p.spells, func(s simSpell) bool { return s.to > 2*simDay }) {
		return nil
	}
	r := dice(p.seed, "evening")
	return []simStep{{50 * time.Hour, "book a card off", r.Uint64()}, {time.Second, "book a card off", r.Uint64()}}
}

// simPrepaidPaying is how one pays with such a card, and simPrepaidMeddling
// what else happens to it.
var (
	simPrepaidPaying   = []string{"show a prepaid card", "show a prepaid card", "show a prepaid card", "pay a part by prepaid card", "send a prepaid payment twice"}
	simPrepaidMeddling = []string{
		"issue a card", "top a card up", "top a card up", "top a card up", "freeze a card", "thaw a card", "thaw a card", "give back to the card",
		"give back to the card", "book a card off", "extend a card", "look at a card",
	}
)

// prepaidVerbs are the acts of a step that have to do with prepaid cards.
var prepaidVerbs = map[string]func(s *sim, r *rand.Rand){
	"issue a card":               (*sim).issueCard,
	"top a card up":              (*sim).topUp,
	"show a prepaid card":        func(s *sim, r *rand.Rand) { s.payPrepaid(r, money.Amount{}, "") },
	"pay a part by prepaid card": func(s *sim, r *rand.Rand) { s.payPrepaid(r, s.somePart(r), "") },
	"send a prepaid payment twice": func(s *sim, r *rand.Rand) {
		s.payPrepaid(r, s.somePart(r), fmt.Sprintf("p%x", r.Uint64()))
	},
	"freeze a card": (*sim).freeze,
	"thaw a card":   (*sim).thaw,
	"give back to the card": func(s *sim, r *rand.Rand) {
		s.do(till.RefundCreate{Payment: lastOf(s.prepaid.paid), Amount: pick(r, money.Amount{}, money.Fen(1+r.Int64N(200))), Reason: "退回"})
	},
	"book a card off": func(s *sim, r *rand.Rand) { s.do(till.PrepaidExpire{Number: s.someCard(r).number, Reason: "过期"}) },
	"extend a card": func(s *sim, r *rand.Rand) {
		s.do(till.PrepaidExtend{Number: s.someCard(r).number, Expires: "2030-01-01", Reason: "顾客要"})
	},
	"look at a card": func(s *sim, r *rand.Rand) { s.do(till.PrepaidGet{Number: s.someCard(r).number}) },
}

// someCard is mostly one of those that were bought.
func (s *sim) someCard(r *rand.Rand) *simCard {
	bought := slices.IndexFunc(s.prepaid.cards, func(c *simCard) bool { return !c.bought })
	if bought <= 0 || r.IntN(15) == 0 {
		return s.prepaid.cards[r.IntN(len(s.prepaid.cards))]
	}
	return s.prepaid.cards[r.IntN(bought)]
}

// issueCard sells the next card, or one that was sold before.
func (s *sim) issueCard(r *rand.Rand) {
	card := s.prepaid.cards[0]
	for _, c := range s.prepaid.cards {
		if card = c; !c.bought {
			break
		}
	}
	if r.IntN(8) == 0 {
		card = s.someCard(r)
	}
	if _, code := s.do(till.PrepaidIssue{Number: card.number, PIN: card.pin}); code == "" || code == till.FaultPrepaidExists {
		card.bought = true
	}
}

// topUp puts money for a card on a sale of its own; the next steps pay it.
func (s *sim) topUp(r *rand.Rand) {
	opened, fault := s.do(till.SaleOpen{})
	if fault != "" {
		return
	}
	sale := opened.(ledger.Sale).ID
	s.sales = append(s.sales, sale)
	_, fault = s.do(till.PrepaidTopUp{Sale: sale, Number: s.someCard(r).number, Amount: money.Fen(1 + r.Int64N(pick(r, int64(500), 20000)))})
	s.prepaid.topUps[sale] = fault == ""
}

// payPrepaid is a customer paying with a card; with a key a program that sends
// its request again because it heard nothing.
func (s *sim) payPrepaid(r *rand.Rand, amount money.Amount, key string) {
	card := s.someCard(r)
	pin := card.pin
	if r.IntN(6) == 0 {
		pin = pick(r, "", till.PIN("00000000000000"))
	}
	c := till.SalePay{Sale: s.sale(), Method: pick(r, "prepaid", "auto"), Amount: amount, Code: card.number, PIN: pin}
	if key == "" {
		s.paidWith(card, c)
		return
	}
	first, fault := s.paidWith(card, till.Keyed{Key: key, Command: c})
	again, faultAgain := s.paidWith(card, till.Keyed{Key: key, Command: c})
	if fault == "" && faultAgain == "" && first.(ledger.Payment).ID != again.(ledger.Payment).ID {
		s.fail("key", "the key of payment %s made another, %s", first.(ledger.Payment).ID, again.(ledger.Payment).ID)
	}
}

func (s *sim) paidWith(card *simCard, c till.Command) (till.Result, string) {
	if keyed, ok := c.(till.Keyed); ok && s.bug.keyless {
		c = keyed.Command
	}
	frozen := card.frozen
	got, code := s.do(c)
	switch {
	case code == till.FaultPrepaidFrozen:
		card.frozen = card.frozen || !s.prepaid.topUps[s.sale()] // else it may be the one topped up
	case code == "":
		p := got.(ledger.Payment)
		s.prepaid.paid = append(s.prepaid.paid, p.ID)
		if _, again := c.(till.Keyed); frozen && !again {
			s.fail("frozen", "%s was paid with a card that was frozen", p.Sale)
		}
		s.balanceHolds(p)
	}
	return got, code
}

// balanceHolds: what a payment says is left on its card is there.
func (s *sim) balanceHolds(p ledger.Payment) {
	card, err := s.run.books.PrepaidCard(context.Background(), p.Prepaid)
	switch {
	case err != nil && !errors.Is(err, ledger.ErrNotFound):
		return // the disk fails
	case err != nil || p.State != ledger.PaymentPaid:
		s.fail("prepaid", "payment %s is %s with card %q (%v)", p.ID, p.State, p.Prepaid, err)
	case card.Balance.Negative():
		s.fail("prepaid", "%v is left on %s", card.Balance, card.Mask)
	}
}

func (s *sim) freeze(r *rand.Rand) {
	card := s.someCard(r)
	if _, code := s.do(till.PrepaidFreeze{Number: card.number, Reason: "丢了"}); code == "" {
		card.frozen = true
	}
}

func (s *sim) thaw(r *rand.Rand) {
	card := s.someCard(r)
	card.frozen = false // it may be, whatever comes back
	s.do(till.PrepaidThaw{Number: card.number, Reason: "找到了"})
}

// prepaidText is a command about such cards, in words without the number.
func prepaidText(c till.Command) string {
	switch c := c.(type) {
	case till.PrepaidTopUp:
		return fmt.Sprintf("top a card up by %v", c.Amount)
	case till.PrepaidIssue, till.PrepaidFreeze, till.PrepaidThaw, till.PrepaidExtend, till.PrepaidExpire, till.PrepaidGet:
		return fmt.Sprintf("%T", c)[len("till."):]
	}
	return ""
}

// reachedPrepaid notes what the power was cut in the middle of.
func (s *sim) reachedPrepaid(c till.Command) {
	if s.prepaid == nil {
		return
	}
	what := ""
	if keyed, ok := c.(till.Keyed); ok {
		c = keyed.Command
	}
	switch c := c.(type) {
	case till.SalePay:
		switch {
		case simCardForm.Valid(c.Code):
			what = "paying"
		case s.prepaid.topUps[c.Sale]:
			what = "topping up"
		}
	case till.RefundCreate:
		if slices.Contains(s.prepaid.paid, c.Payment) {
			what = "giving back"
		}
	case till.PrepaidFreeze:
		what = "freezing"
	}
	if what != "" {
		s.been("prepaid " + what + " × cut")
	}
}

// checkPrepaid: a card's balance is the sum of its moves, never below nothing
// on the way; the moves are the payments, the refunds and the top-ups of the
// book, to the fen. net is what every sale has kept, or given back by hand.
func (s *sim) checkPrepaid(net map[string]int64, payments []ledger.Payment) {
	if s.prepaid == nil {
		return
	}
	ctx := context.Background()
	cards, err := s.run.books.PrepaidCards(ctx, "", ledger.MaxList)
	sales, bad := s.run.books.Sales(ctx, ledger.MaxList)
	if err != nil || bad != nil {
		s.fail("error", "the book cannot be read: %v, %v", err, bad)
		return
	}
	want := map[string]int64{}
	for _, p := range payments {
		if p.Channel == string(payment.Prepaid) {
			want[p.Prepaid+ledger.MovePaid+p.Sale] -= p.Amount.Minor()
			want[p.Prepaid+ledger.MoveReturned+p.Sale] += p.Amount.Minor() - s.ours(p)
		}
	}
	for _, sale := range sales {
		if id := sale.TopUp(); id != "" && sale.State == ledger.SaleDone {
			want[id+ledger.MoveTopUp+sale.ID] = sale.Total.Minor()
			want[id+ledger.MoveTakenBack+sale.ID] = min(0, net[sale.ID]-sale.Elsewhere.Minor()-sale.Total.Minor())
		}
	}
	for _, card := range cards {
		s.checkMoves(card, want)
	}
	for what, fen := range want {
		if fen != 0 {
			s.fail("prepaid", "%d fen of %s are on no card", fen, what)
		}
	}
}

func (s *sim) checkMoves(card ledger.Prepaid, want map[string]int64) {
	moves, err := s.run.books.PrepaidMoves(context.Background(), card.ID, ledger.MaxList)
	if err != nil {
		s.fail("error", "the book cannot be read: %v", err)
	}
	sum := int64(0)
	for _, m := range slices.Backward(moves) {
		sum += m.Amount.Minor()
		if m.Left.Minor() != sum || sum < 0 {
			s.fail("prepaid", "after %v by %s %v is left on %s, by its moves %d fen", m.Amount, m.What, m.Left, card.Mask, sum)
		}
		if m.What != ledger.MoveExpired {
			want[card.ID+m.What+m.Sale] -= m.Amount.Minor()
		}
	}
	if card.Balance.Minor() != sum {
		s.fail("prepaid", "%v is on %s, by its moves %d fen", card.Balance, card.Mask, sum)
	}
}
