package till_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"abacus/internal/faultdisk"
	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/prepaid"
	"abacus/printer"
	"abacus/scanner"
)

const (
	giftCard  = "9800123412341235"
	otherCard = "9800671535311832"
)

// cardShop is a till that issues prepaid cards; days lets time pass.
type cardShop struct {
	*world
	days atomic.Int64
	gate atomic.Pointer[chan struct{}] // set: the second till waits for it once, where it has looked at a card
}

func newCardShop(t *testing.T) *cardShop {
	t.Helper()
	s := &cardShop{}
	set := settings()
	set.Day = func(at time.Time) string { return at.UTC().AddDate(0, 0, int(s.days.Load())).Format(time.DateOnly) }
	format := prepaid.Format{Prefix: "9800", Length: 16}
	set.Prepaid = &till.Prepaid{
		Valid: format.Valid, Mask: prepaid.Mask, PINForm: prepaid.PINForm, Most: money.Fen(100000),
		HashPIN: func(pin string) (string, error) { return "hash of " + pin, nil },
		PINFits: func(hash, pin string) bool { return hash == "hash of "+pin },
		Expires: func(time.Time) string { return set.Day(time.Now().AddDate(0, 0, 30)) },
	}
	s.world = &world{t: t, dir: t.TempDir(), wechat: newAcquirer(payment.WeChat), alipay: newAcquirer(payment.Alipay), set: set, disk: faultdisk.New(faultdisk.Options{}),
		formats: scanner.Formats{Currency: money.CNY, Cards: []scanner.CardFormat{{Kind: scanner.Prepaid, Prefix: "9800", MinLength: 16, MaxLength: 16, Keep: true}}}}
	s.start()
	s.do(till.Login{Operator: "1001", PIN: "246810"})
	return s
}

// topUp puts money on a card and pays for it in cash.
func (s *cardShop) topUp(number string, fen int64) ledger.Payment {
	s.t.Helper()
	sale := s.do(till.PrepaidTopUp{Number: number, Amount: money.Fen(fen)}).(ledger.Sale)
	return s.do(till.SalePay{Sale: sale.ID, Method: "cash"}).(ledger.Payment)
}

func (s *cardShop) card(number string) till.PrepaidCard {
	s.t.Helper()
	return s.do(till.PrepaidGet{Number: number}).(till.PrepaidCard)
}

func (s *cardShop) holds(fen int64) {
	s.t.Helper()
	if c := s.card(giftCard); !c.Balance.Equal(money.Fen(fen)) {
		s.t.Errorf("the card holds %s, want %d fen", c.Balance, fen)
	}
}

// What a top-up is refused for when it is entered it is also refused for when it
// is paid, later: money on a card that is over could only be booked off.
func TestATopUpPutAside(t *testing.T) {
	s := newCardShop(t)
	s.do(till.PrepaidIssue{Number: giftCard})
	first := s.do(till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(60000)}).(ledger.Sale)
	s.do(till.SaleHold{Sale: first.ID})
	s.topUp(giftCard, 60000)
	s.do(till.SaleRecall{Sale: first.ID})
	s.refuses(till.FaultPrepaidFull, till.SalePay{Sale: first.ID, Method: "cash"})
	s.do(till.SaleVoid{Sale: first.ID})

	second := s.do(till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(100)}).(ledger.Sale)
	s.do(till.PrepaidFreeze{Number: giftCard, Reason: "挂失"})
	s.refuses(till.FaultPrepaidFrozen, till.SalePay{Sale: second.ID, Method: "cash"})
	s.do(till.PrepaidThaw{Number: giftCard, Reason: "找到了"})
	s.days.Add(31)
	s.refuses(till.FaultPrepaidOver, till.SalePay{Sale: second.ID, Method: "cash"})
	s.refuses(till.FaultPrepaidOver, till.SalePay{Sale: second.ID, Method: "auto", Code: code(payment.WeChat)})
	s.holds(60000)
	s.do(till.PrepaidExtend{Number: giftCard, Expires: "2999-12-31", Reason: "延期"})
	s.do(till.SalePay{Sale: second.ID, Method: "cash"})
	s.holds(60100)
	s.balanced()
}

// A card's life: nothing on it before the top-up is paid for, then it pays, in
// part too, and a refund comes back to it.
func TestAPrepaidCardPays(t *testing.T) {
	s := newCardShop(t)
	s.refuses(till.FaultPrepaidNumber, till.PrepaidIssue{Number: "9800123412341236"})
	s.refuses(till.FaultNoPrepaid, till.PrepaidGet{Number: giftCard})
	s.refuses(till.FaultNoPrepaid, till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(1)})
	issued := s.do(till.PrepaidIssue{Number: giftCard}).(till.PrepaidCard)
	if issued.Mask != "9800********1235" || issued.Balance.Positive() || issued.Expires == "" {
		t.Errorf("issued %+v", issued)
	}
	s.refuses(till.FaultPrepaidExists, till.PrepaidIssue{Number: giftCard})
	s.refuses(till.FaultPrepaidFull, till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(100001)})
	s.refuses(till.FaultBadAmount, till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(0)})
	up := s.do(till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(10000)}).(ledger.Sale)
	s.holds(0)
	s.refuses(till.FaultPrepaidForPrepaid, till.SalePay{Sale: up.ID, Method: "prepaid", Code: giftCard})
	s.refuses(till.FaultTopUpAlone, till.SaleAdd{Sale: up.ID, Amount: money.Fen(1)})
	paid := s.do(till.SalePay{Sale: up.ID, Method: "cash"}).(ledger.Payment)
	s.holds(10000)

	sale := s.sale(12500)
	s.refuses(till.FaultPrepaidShort, till.SalePay{Sale: sale.ID, Method: "prepaid", Code: giftCard, Amount: money.Fen(10001)})
	s.refuses(till.FaultBadInput, till.SalePay{Sale: sale.ID, Method: "prepaid", Code: giftCard, Present: true})
	p := s.do(till.SalePay{Sale: sale.ID, Method: "auto", Code: giftCard}).(ledger.Payment)
	if p.State != ledger.PaymentPaid || !p.Amount.Equal(money.Fen(10000)) || p.CodeMask != "9800********1235" {
		t.Errorf("paid %+v", p)
	}
	s.refuses(till.FaultPrepaidShort, till.SalePay{Sale: sale.ID, Method: "prepaid", Code: giftCard})
	s.do(till.SalePay{Sale: sale.ID, Method: "cash"})
	s.refuses(till.FaultTopUpSpent, till.RefundCreate{Payment: paid.ID, Amount: money.Fen(1), Reason: "x"})
	s.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(4000), Reason: "坏了"})
	s.holds(4000)
	s.do(till.RefundCreate{Payment: paid.ID, Amount: money.Fen(1500), Reason: "不要了"})
	s.holds(2500)
	if moves := s.card(issued.ID).Moves; len(moves) != 4 || moves[0].What != ledger.MoveTakenBack || moves[3].What != ledger.MoveTopUp {
		t.Errorf("moves %+v", moves)
	}
	s.balanced()
}

// What a manager may do and a cashier may not, and what it takes.
func TestAPrepaidCardIsChanged(t *testing.T) {
	s := newCardShop(t)
	s.do(till.PrepaidIssue{Number: giftCard})
	s.topUp(giftCard, 5000)
	last := s.card(giftCard).Expires
	s.do(till.Login{Operator: "1002", PIN: "246810"})
	s.do(till.PrepaidFreeze{Number: giftCard, Reason: "lost"}) // anybody may stop a lost card
	for _, c := range []till.Command{
		till.PrepaidThaw{Number: giftCard, Reason: "x"}, till.PrepaidExtend{Number: giftCard, Expires: "2099-01-01", Reason: "x"},
		till.PrepaidPIN{Number: giftCard, PIN: "1234", Reason: "x"}, till.PrepaidExpire{Number: giftCard, Reason: "x"},
	} {
		s.refuses(till.FaultNotPermitted, c)
	}
	s.do(till.Login{Operator: "1001", PIN: "246810"})
	sale := s.sale(100)
	s.refuses(till.FaultPrepaidFrozen, till.SalePay{Sale: sale.ID, Method: "prepaid", Code: giftCard})
	s.refuses(till.FaultPrepaidFrozen, till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(1)})
	s.refuses(till.FaultReasonNeeded, till.PrepaidThaw{Number: giftCard})
	s.refuses(till.FaultReasonNeeded, till.PrepaidThaw{Number: giftCard, Reason: " \u3000"})
	if c := s.do(till.PrepaidThaw{Number: giftCard, Reason: "found"}).(till.PrepaidCard); c.Frozen {
		t.Error("still frozen")
	}
	for _, day := range []string{"", "soon", "2027-02-30", last, "2000-01-01"} {
		s.refuses(till.FaultBadInput, till.PrepaidExtend{Number: giftCard, Expires: day, Reason: "x"})
	}
	s.refuses(till.FaultPrepaidNotOver, till.PrepaidExpire{Number: giftCard, Reason: "x"})

	s.days.Store(31) // its last day has passed
	s.refuses(till.FaultPrepaidOver, till.SalePay{Sale: sale.ID, Method: "prepaid", Code: giftCard})
	s.refuses(till.FaultPrepaidOver, till.PrepaidTopUp{Number: giftCard, Amount: money.Fen(1)})
	if c := s.card(giftCard); !c.Over || !c.Balance.Equal(money.Fen(5000)) {
		t.Errorf("past its day: %+v", c)
	}
	if c := s.do(till.PrepaidExtend{Number: giftCard, Expires: s.set.Day(time.Now().AddDate(0, 0, 1)), Reason: "kindness"}).(till.PrepaidCard); c.Over {
		t.Error("extended, and still past its day")
	}
	s.do(till.SalePay{Sale: sale.ID, Method: "prepaid", Code: giftCard})
	s.days.Store(33)
	off := s.do(till.PrepaidExpire{Number: giftCard, Reason: "over"}).(till.PrepaidCard)
	if off.Balance.Positive() || off.Moves[0].What != ledger.MoveExpired || !off.Moves[0].Amount.Equal(money.Fen(-4900)) {
		t.Errorf("booked off: %+v", off)
	}
	s.refuses(till.FaultPrepaidNotOver, till.PrepaidExpire{Number: giftCard, Reason: "again"})
	s.balanced()
}

// A PIN is asked for where there is one; five wrong ones in a row freeze the
// card, and the right one in between forgives them.
func TestAPrepaidCardsPIN(t *testing.T) {
	s := newCardShop(t)
	s.refuses(till.FaultPINForm, till.PrepaidIssue{Number: giftCard, PIN: "12"})
	s.do(till.PrepaidIssue{Number: giftCard, PIN: "4711"})
	s.topUp(giftCard, 5000)
	sale := s.sale(1000)
	pay := func(pin till.PIN) till.SalePay {
		return till.SalePay{Sale: sale.ID, Method: "prepaid", Code: giftCard, Amount: money.Fen(100), PIN: pin}
	}
	s.refuses(till.FaultPINNeeded, pay(""))
	for range 4 {
		s.refuses(till.FaultPrepaidPIN, pay("0000"))
	}
	s.do(pay("4711"))
	for range 4 {
		s.refuses(till.FaultPrepaidPIN, pay("0000"))
	}
	s.refuses(till.FaultPrepaidFrozen, pay("0000"))
	s.refuses(till.FaultPrepaidFrozen, pay("4711"))
	s.do(till.PrepaidThaw{Number: giftCard, Reason: "it was he"})
	s.do(till.PrepaidPIN{Number: giftCard, PIN: "2580", Reason: "forgotten"})
	s.refuses(till.FaultPrepaidPIN, pay("4711"))
	s.do(pay("2580"))
	s.do(till.PrepaidPIN{Number: giftCard, Reason: "none wanted"}) // takes it off
	s.do(pay(""))
	s.holds(4700)
	s.balanced()
}

// second is another till on the same book. It asks what day it is between its
// look at a card and its entry, and there it can be held.
func (s *cardShop) second(r *rapid.T) (*till.Till, func()) {
	set := s.set
	set.Day = func(at time.Time) string {
		if gate := s.gate.Swap(nil); gate != nil {
			<-*gate
		}
		return s.set.Day(at)
	}
	core := till.New(set, time.Now, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = core.Run(ctx) })
	end := func() { cancel(); running.Wait() }
	width, _ := printer.PaperOf(80)
	err := core.Start(ctx, till.Parts{Books: s.books, Goods: goods.Sample(), Formats: s.formats,
		Paper: &till.Paper{Spooler: &paper{core: core}, Width: width, Texts: &lang.Must(lang.Chinese).Paper, Copies: 1}})
	if err == nil {
		_, err = core.Do(ctx, till.Login{Operator: "1001", PIN: "246810"})
	}
	if err != nil {
		end()
		r.Fatal(err)
	}
	return core, end
}

// wish is one thing that somebody wants of a card.
type wish struct {
	what   int
	card   string
	amount int64
}

// wishes are what is wished for, mostly to pay by card.
var wishes = []int{0, 2, 2, 2, 2, 2, 5, 6, 7, 8}

// hand is somebody at one of the tills. It counts what each card should have
// by what it was answered.
type hand struct {
	core    *till.Till
	counted map[string]int64
	pays    []ledger.Payment
	ups     []ledger.Payment
	of      map[string]string
}

// open is a sale with one line. Sales of two cores on one book take each
// other's numbers; the book refuses the later, and the next number is free.
func (h *hand) open(ctx context.Context, line func(sale string) till.Command) (ledger.Sale, error) {
	for {
		r, err := h.core.Do(ctx, till.SaleOpen{})
		var refusal *ledger.Refusal
		if errors.As(err, &refusal) && refusal.Code == ledger.RefuseExists {
			continue
		}
		if err == nil {
			r, err = h.core.Do(ctx, line(r.(ledger.Sale).ID))
		}
		sale, _ := r.(ledger.Sale)
		return sale, err
	}
}

// ready prepares a wish up to what moves money, which is what it returns; nil:
// there is nothing to be done.
func (h *hand) ready(ctx context.Context, w wish) (act func()) {
	amount := money.Fen(w.amount)
	pays := func(c till.SalePay, take func(ledger.Payment)) func() {
		return func() {
			if r, err := h.core.Do(ctx, c); err == nil {
				p := r.(ledger.Payment)
				h.of[p.ID] = w.card
				take(p)
			}
		}
	}
	back := func(list []ledger.Payment, sign int64) func() {
		if len(list) == 0 {
			return nil
		}
		id := list[len(list)-1].ID
		return func() {
			if r, err := h.core.Do(ctx, till.RefundCreate{Payment: id, Amount: amount, Reason: "back"}); err == nil {
				h.counted[h.of[id]] += sign * r.(ledger.Refund).Amount.Minor()
			}
		}
	}
	switch w.what {
	case 0:
		sale, err := h.open(ctx, func(id string) till.Command { return till.PrepaidTopUp{Sale: id, Number: w.card, Amount: amount} })
		if err != nil {
			return nil // frozen or full
		}
		return pays(till.SalePay{Sale: sale.ID, Method: "cash"}, func(p ledger.Payment) {
			h.counted[w.card] += w.amount
			h.ups = append(h.ups, p)
		})
	case 5:
		return back(h.pays, +1)
	case 6:
		return back(h.ups, -1)
	case 7:
		return func() { _, _ = h.core.Do(ctx, till.PrepaidFreeze{Number: w.card, Reason: "lost"}) }
	case 8:
		return func() { _, _ = h.core.Do(ctx, till.PrepaidThaw{Number: w.card, Reason: "found"}) }
	}
	sale, err := h.open(ctx, func(id string) till.Command { return till.SaleAdd{Sale: id, Amount: amount} })
	if err != nil {
		return nil
	}
	return pays(till.SalePay{Sale: sale.ID, Method: "prepaid", Code: w.card}, func(p ledger.Payment) {
		h.counted[w.card] -= p.Amount.Minor()
		h.pays = append(h.pays, p)
	})
}

// TestTwoTillsNeverOverspend lets two tills, with up to two people at each,
// work on one book. In every round the second till looks at a card and writes
// only when the first has done all it wanted, with the same card or another. No
// balance goes below nothing, none is lost or made, and the sum of the moves is
// what everybody was told.
func TestTwoTillsNeverOverspend(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newCardShop(t)
		defer s.stop()
		other, end := s.second(r)
		defer end()
		cards := []string{giftCard, otherCard}
		for _, c := range cards {
			s.do(till.PrepaidIssue{Number: c})
		}
		hands := make([]*hand, rapid.IntRange(2, 4).Draw(r, "hands"))
		for i := range hands {
			hands[i] = &hand{core: []*till.Till{s.core, other}[i%2], counted: map[string]int64{}, of: map[string]string{}}
		}
		for range rapid.IntRange(2, 6).Draw(r, "rounds") {
			hands[0].ready(t.Context(), wish{what: 8, card: giftCard})()
			if up := hands[0].ready(t.Context(), wish{0, giftCard, 2000}); up != nil {
				up()
			}
			begin, firstDone := make(chan struct{}), make(chan struct{})
			var first, all sync.WaitGroup
			for i, h := range hands {
				w := wish{rapid.SampledFrom(wishes).Draw(r, "what"), rapid.SampledFrom([]string{giftCard, giftCard, giftCard, otherCard}).Draw(r, "card"), int64(rapid.IntRange(1, 30).Draw(r, "amount")) * 100}
				switch act := h.ready(t.Context(), w); {
				case act == nil:
				case i%2 == 0:
					first.Go(func() { <-begin; act() })
				default:
					all.Go(func() { <-begin; act() })
				}
			}
			s.gate.Store(&firstDone)
			close(begin)
			first.Wait()
			close(firstDone)
			all.Wait()
			s.gate.Store(nil)
		}
		s.sound(r, cards, hands)
	})
}

// sound holds every card against what was answered and what the book says.
func (s *cardShop) sound(r *rapid.T, cards []string, hands []*hand) {
	ctx := s.t.Context()
	for _, number := range cards {
		var counted, moved int64
		for _, h := range hands {
			counted += h.counted[number]
		}
		card := s.card(number)
		moves, err := s.books.PrepaidMoves(ctx, card.ID, ledger.MaxList)
		if err != nil {
			r.Fatal(err)
		}
		for _, m := range moves {
			moved += m.Amount.Minor()
			if m.Left.Negative() {
				r.Fatalf("overspent: %+v", m)
			}
		}
		if got := card.Balance.Minor(); got != counted || got != moved {
			r.Fatalf("%s holds %d; what was answered makes %d, its moves %d", card.Mask, got, counted, moved)
		}
	}
	if differences, err := s.books.Rebuild(ctx); err != nil || len(differences) > 0 {
		r.Fatal(differences, err)
	}
}
