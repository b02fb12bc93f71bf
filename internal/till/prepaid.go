package till

import (
	"context"
	"fmt"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
)

// Prepaid is how the shop's own prepaid cards look and what they may hold.
type Prepaid struct {
	Valid   func(number string) bool             // whether a text is the number of such a card
	Mask    func(number string) string           // what of the number may be shown and kept
	PINForm func(pin string) bool                //
	HashPIN func(pin string) (string, error)     // slow on purpose; called off the core's goroutine
	PINFits func(hash, pin string) bool          // likewise
	Most    money.Amount                         // on one card
	Expires func(issued time.Time) (last string) // the last business day, yyyy-mm-dd, of a card issued now; empty: always
}

// mostWrongPINs in a row freeze a card.
const mostWrongPINs = 5

// PIN is a card's. It prints as a dot, whatever the verb.
type PIN string

// Format keeps the PIN out of every log and every mark of a request.
func (PIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("•")) }

// MarshalText keeps it out of every file.
func (PIN) MarshalText() ([]byte, error) { return []byte("•"), nil }

// PrepaidCard is a prepaid card as people see it.
type PrepaidCard struct {
	ledger.Prepaid
	Over  bool                 // it pays no more: its last day has passed
	Moves []ledger.PrepaidMove // newest first, the last twenty
}

// proof is what was worked out about a PIN off the core's goroutine.
type proof struct {
	hash string // of a new PIN
	seal string // of the hash that a PIN shown was held against
	fits bool
}

// prove does the slow part of a command with a PIN in the caller's goroutine.
func (t *Till) prove(ctx context.Context, c Command) (p proof, err error) {
	var pin PIN
	var number string
	switch c := c.(type) {
	case PrepaidIssue:
		pin = c.PIN
	case PrepaidPIN:
		pin = c.PIN
	case SalePay:
		if c.Method == string(payment.Card) || scanner.IsStripe(c.Code) {
			return p, nil // a bank's card: its host knows the PIN
		}
		pin, number = c.PIN, c.Code
	}
	if pin == "" || t.set.Prepaid == nil {
		return p, nil
	}
	if !t.set.Prepaid.PINForm(string(pin)) {
		return p, fault(FaultPINForm)
	}
	if number == "" {
		if p.hash, err = t.set.Prepaid.HashPIN(string(pin)); err != nil {
			return p, faultOf(err, FaultInternal, "PIN")
		}
		return p, nil
	}
	var hash string
	_, err = t.inside(ctx, func(ctx context.Context) (Result, error) {
		if err := t.permit(c); err != nil {
			return nil, err
		}
		card, err := t.prepaidCard(ctx, number)
		if err == nil && card.PINSeal != "" {
			hash, err = t.parts.Books.PrepaidPIN(ctx, card.ID)
		}
		return nil, err
	})
	if err != nil || hash == "" {
		return p, err
	}
	return proof{seal: ledger.SealPIN(hash), fits: t.set.Prepaid.PINFits(hash, string(pin))}, nil
}

// prepaidCard is the card of a number, or of its identity.
func (t *Till) prepaidCard(ctx context.Context, number string) (ledger.Prepaid, error) {
	if t.set.Prepaid == nil {
		return ledger.Prepaid{}, fault(FaultMethodOff, string(payment.Prepaid))
	}
	number = scanner.Parse(number, t.parts.Formats).Text // it may come as the scanner sent it
	id, mask := number, number
	if len(number) != prepaidIDLength {
		if !t.set.Prepaid.Valid(number) {
			return ledger.Prepaid{}, fault(FaultPrepaidNumber, t.set.Prepaid.Mask(number))
		}
		id, mask = t.prepaidID(number), t.set.Prepaid.Mask(number)
	}
	card, ok, err := found(t.parts.Books.PrepaidCard(ctx, id))
	if err == nil && !ok {
		err = fault(FaultNoPrepaid, mask)
	}
	return card, t.bookFault(err)
}

// prepaidID is the one-way mark by which the book knows a number. It has
// another length than any number.
func (t *Till) prepaidID(number string) string {
	return "P" + payment.HashCode(t.parts.Books.Mark(), number) + payment.HashCode(number, t.parts.Books.Mark())[:8]
}

const prepaidIDLength = 1 + 16 + 8

// shown is a card with its last moves.
func (t *Till) shownPrepaid(ctx context.Context, card ledger.Prepaid) (PrepaidCard, error) {
	const most = 20
	moves, err := t.parts.Books.PrepaidMoves(ctx, card.ID, most)
	return PrepaidCard{Prepaid: card, Over: card.Over(t.set.Day(t.now())), Moves: moves}, t.bookFault(err)
}

func (t *Till) getPrepaid(ctx context.Context, number string) (PrepaidCard, error) {
	card, err := t.prepaidCard(ctx, number)
	if err != nil {
		return PrepaidCard{}, err
	}
	return t.shownPrepaid(ctx, card)
}

func (t *Till) listPrepaid(ctx context.Context, c PrepaidList) ([]PrepaidCard, error) {
	cards, err := t.parts.Books.PrepaidCards(ctx, c.Ending, limitOf(c.Limit, 100, 1000))
	if err != nil {
		return nil, t.bookFault(err)
	}
	out := make([]PrepaidCard, 0, len(cards))
	for _, card := range cards {
		out = append(out, PrepaidCard{Prepaid: card, Over: card.Over(t.set.Day(t.now()))})
	}
	return out, nil
}

// issuePrepaid makes a card of a number that nobody has used, with nothing on
// it.
func (t *Till) issuePrepaid(ctx context.Context, c PrepaidIssue, st stamp) (PrepaidCard, error) {
	if t.set.Prepaid == nil {
		return PrepaidCard{}, fault(FaultMethodOff, string(payment.Prepaid))
	}
	number := scanner.Parse(c.Number, t.parts.Formats).Text
	mask := t.set.Prepaid.Mask(number)
	if !t.set.Prepaid.Valid(number) {
		return PrepaidCard{}, fault(FaultPrepaidNumber, mask)
	}
	if err := t.room(); err != nil {
		return PrepaidCard{}, err
	}
	id := t.prepaidID(number)
	if _, ok, err := found(t.parts.Books.PrepaidCard(ctx, id)); err != nil || ok {
		return PrepaidCard{}, t.bookFault(orFault(err, FaultPrepaidExists, mask))
	}
	batch := st.batch(id, t.draft(ledger.KindPrepaidIssued, "", ledger.PrepaidIssued{
		Prepaid: id, Mask: mask, Expires: t.set.Prepaid.Expires(t.now()), PINSeal: sealOf(st.proof.hash),
	}))
	if st.proof.hash != "" {
		batch.PIN = &ledger.PrepaidPIN{Prepaid: id, Hash: st.proof.hash}
	}
	if _, err := t.write(batch); err != nil {
		return PrepaidCard{}, err
	}
	return t.getPrepaid(ctx, id)
}

func orFault(err error, code string, args ...any) error {
	if err != nil {
		return err
	}
	return fault(code, args...)
}

func sealOf(hash string) string {
	if hash == "" {
		return ""
	}
	return ledger.SealPIN(hash)
}

// topUp puts money for a card on a sale of its own; the card has it once that
// is paid.
func (t *Till) topUp(ctx context.Context, c PrepaidTopUp, st stamp) (ledger.Sale, error) {
	card, err := t.usable(ctx, c.Number)
	if err == nil {
		err = t.room()
	}
	if err != nil {
		return ledger.Sale{}, err
	}
	if !c.Amount.Positive() || c.Amount.Currency() != t.set.Currency {
		return ledger.Sale{}, fault(FaultBadAmount, c.Amount.String())
	}
	if err := t.fits(card, c.Amount); err != nil {
		return ledger.Sale{}, err
	}
	return t.putLine(ctx, c.Sale, ledger.Line{Name: card.Mask, Prepaid: card.ID, Quantity: ledger.One, Price: c.Amount, Amount: c.Amount}, st)
}

// fits refuses more than a card may hold.
func (t *Till) fits(card ledger.Prepaid, more money.Amount) error {
	if t.set.Prepaid.Most.Less(card.Balance.Add(more)) {
		return fault(FaultPrepaidFull, t.set.Prepaid.Most)
	}
	return nil
}

// stillFits asks again when a top-up is paid: its sale may have been put aside
// for days, and the card be frozen, over or full by now.
func (t *Till) stillFits(ctx context.Context, s ledger.Sale) error {
	if s.TopUp() == "" {
		return nil
	}
	card, err := t.usable(ctx, s.TopUp())
	if err == nil {
		err = t.fits(card, s.Total)
	}
	return err
}

// scanPrepaid says what is on a card; one that nobody has yet is none.
func (t *Till) scanPrepaid(ctx context.Context, code scanner.Code) (Scanned, error) {
	if t.set.Prepaid == nil {
		return Scanned{Kind: ScanPrepaid, Mask: ending(code.Number)}, nil
	}
	r := Scanned{Kind: ScanPrepaid, Mask: t.set.Prepaid.Mask(code.Text)}
	if !t.set.Prepaid.Valid(code.Text) {
		return r, fault(FaultPrepaidNumber, r.Mask)
	}
	card, ok, err := found(t.parts.Books.PrepaidCard(ctx, t.prepaidID(code.Text)))
	if err != nil || !ok {
		r.Problem = ProblemNoPrepaid
		return r, t.bookFault(err)
	}
	shown, err := t.shownPrepaid(ctx, card)
	r.Prepaid = &shown
	return r, err
}

// usable is a card that is neither frozen nor past its day.
func (t *Till) usable(ctx context.Context, number string) (ledger.Prepaid, error) {
	card, err := t.prepaidCard(ctx, number)
	switch {
	case err != nil:
		return card, err
	case card.Frozen:
		return card, fault(FaultPrepaidFrozen, card.Mask)
	case card.Over(t.set.Day(t.now())):
		return card, fault(FaultPrepaidOver, card.Mask, card.Expires)
	}
	return card, nil
}

// pays reports whether what is shown is a prepaid card.
func (t *Till) paysPrepaid(c SalePay) bool {
	return c.Method == string(payment.Prepaid) || c.Method == "auto" && t.isPrepaid(c.Code)
}

func (t *Till) isPrepaid(text string) bool { return t.set.Prepaid != nil && t.set.Prepaid.Valid(text) }

// payPrepaid takes what the card has, up to amount; whole says that less than
// that will not do. It is certain when it is on disk, like cash.
func (t *Till) payPrepaid(ctx context.Context, s ledger.Sale, amount money.Amount, c SalePay, st stamp) (ledger.Payment, error) {
	none := ledger.Payment{}
	switch {
	case c.Present || c.Huabei != 0 || !c.Tendered.IsZero():
		return none, fault(FaultBadInput, "method")
	case s.TopUp() != "":
		return none, fault(FaultPrepaidForPrepaid)
	case !amount.Positive():
		return none, fault(FaultNothingDue)
	}
	card, err := t.usable(ctx, c.Code)
	if err == nil {
		err = t.provedPIN(card, c, st.proof)
	}
	if err != nil {
		return none, err
	}
	taken := money.Min(amount, card.Balance)
	if !taken.Positive() || !c.Amount.IsZero() && taken.Less(amount) {
		return none, fault(FaultPrepaidShort, card.Balance)
	}
	id, order := t.mint(s)
	started := ledger.PaymentStarted{
		Payment: id, Order: order, Channel: string(payment.Prepaid), Amount: taken, CodeMask: card.Mask, Prepaid: card.ID, State: ledger.PaymentPaid,
	}
	drafts := []ledger.Draft{t.draft(ledger.KindPaymentStarted, s.ID, started)}
	if card.Wrong > 0 {
		drafts = append(drafts, t.draft(ledger.KindPrepaidProved, "", ledger.PrepaidChanged{Prepaid: card.ID}))
	}
	done := taken.Equal(s.Due())
	if done {
		drafts = append(drafts, t.finishing(s.ID)...)
	}
	if _, err := t.write(st.batch(id, drafts...)); err != nil {
		return none, err
	}
	if s.ID == t.front {
		t.lastEnd = id
	}
	if done {
		t.print(ctx, original(ofSale, s.ID))
	}
	return t.payment(ctx, id)
}

// provedPIN refuses a card whose PIN was not shown or is another, and freezes
// one that is being guessed at.
func (t *Till) provedPIN(card ledger.Prepaid, c SalePay, p proof) error {
	switch {
	case card.PINSeal == "":
		return nil
	case c.PIN == "" || p.seal != card.PINSeal: // also one that was changed meanwhile
		return fault(FaultPINNeeded, card.Mask)
	case p.fits:
		return nil
	}
	left := mostWrongPINs - card.Wrong - 1
	drafts := []ledger.Draft{t.draft(ledger.KindPrepaidTried, "", ledger.PrepaidChanged{Prepaid: card.ID})}
	if left <= 0 {
		drafts = append(drafts, t.draft(ledger.KindPrepaidFrozen, "", ledger.PrepaidChanged{Prepaid: card.ID, Reason: reasonGuessed}))
	}
	if _, err := t.write(ledger.Batch{Drafts: drafts}); err != nil {
		return err
	}
	if left <= 0 {
		return fault(FaultPrepaidFrozen, card.Mask)
	}
	return fault(FaultPrepaidPIN, left)
}

// reasonGuessed is why the till itself freezes a card.
const reasonGuessed = "wrong-pins"

// changePrepaid freezes, thaws, extends a card, sets its PIN anew, or books
// off what is left on one whose day has passed.
func (t *Till) changePrepaid(ctx context.Context, number string, kind ledger.Kind, change ledger.PrepaidChanged, st stamp) (PrepaidCard, error) {
	card, err := t.prepaidCard(ctx, number)
	if err != nil {
		return PrepaidCard{}, err
	}
	switch {
	case !reasoned(change.Reason):
		return PrepaidCard{}, fault(FaultReasonNeeded)
	case kind == ledger.KindPrepaidFrozen && card.Frozen, kind == ledger.KindPrepaidThawed && !card.Frozen:
		return t.shownPrepaid(ctx, card)
	case kind == ledger.KindPrepaidExtended:
		if day, err := time.Parse(time.DateOnly, change.Expires); err != nil || day.Format(time.DateOnly) <= max(card.Expires, t.set.Day(t.now())) {
			return PrepaidCard{}, fault(FaultBadInput, "expires")
		}
	case kind == ledger.KindPrepaidExpired:
		if !card.Over(t.set.Day(t.now())) || !card.Balance.Positive() {
			return PrepaidCard{}, fault(FaultPrepaidNotOver, card.Mask)
		}
		change.Amount = card.Balance
	}
	change.Prepaid = card.ID
	batch := st.batch(card.ID, t.draft(kind, "", change))
	if kind == ledger.KindPrepaidPIN {
		batch.PIN = &ledger.PrepaidPIN{Prepaid: card.ID, Hash: st.proof.hash}
	}
	if _, err := t.write(batch); err != nil {
		return PrepaidCard{}, err
	}
	return t.getPrepaid(ctx, card.ID)
}

// runPrepaid is every command about prepaid cards.
func (t *Till) runPrepaid(ctx context.Context, c Command, st stamp) (Result, error, bool) {
	var r Result
	var err error
	switch c := c.(type) {
	case PrepaidIssue:
		r, err = t.issuePrepaid(ctx, c, st)
	case PrepaidTopUp:
		r, err = t.topUp(ctx, c, st)
	case PrepaidGet:
		r, err = t.getPrepaid(ctx, c.Number)
	case PrepaidList:
		r, err = t.listPrepaid(ctx, c)
	case PrepaidFreeze:
		r, err = t.changePrepaid(ctx, c.Number, ledger.KindPrepaidFrozen, ledger.PrepaidChanged{Reason: c.Reason}, st)
	case PrepaidThaw:
		r, err = t.changePrepaid(ctx, c.Number, ledger.KindPrepaidThawed, ledger.PrepaidChanged{Reason: c.Reason}, st)
	case PrepaidExtend:
		r, err = t.changePrepaid(ctx, c.Number, ledger.KindPrepaidExtended, ledger.PrepaidChanged{Reason: c.Reason, Expires: c.Expires}, st)
	case PrepaidExpire:
		r, err = t.changePrepaid(ctx, c.Number, ledger.KindPrepaidExpired, ledger.PrepaidChanged{Reason: c.Reason}, st)
	case PrepaidPIN:
		r, err = t.changePrepaid(ctx, c.Number, ledger.KindPrepaidPIN, ledger.PrepaidChanged{Reason: c.Reason, PINSeal: sealOf(st.proof.hash)}, st)
	default:
		return nil, nil, false
	}
	return r, err, true
}

// unspent refuses to give back a top-up that is no longer on its card.
func (t *Till) unspent(ctx context.Context, s ledger.Sale, back money.Amount) error {
	id := s.TopUp()
	if id == "" || s.State != ledger.SaleDone {
		return nil
	}
	card, err := t.prepaidCard(ctx, id)
	if err != nil {
		return err
	}
	unpaid := s.Total.Sub(s.Paid).Add(s.Refunded).Add(s.Elsewhere).Add(back)
	if off := unpaid.Sub(s.TakenBack); card.Balance.Less(off) {
		return fault(FaultTopUpSpent, card.Balance)
	}
	return nil
}

// aloneOnSale keeps a top-up and goods on sales of their own.
func aloneOnSale(s ledger.Sale, line ledger.Line) error {
	if s.TopUp() != "" || line.Prepaid != "" && hasGoods(&s) {
		return fault(FaultTopUpAlone)
	}
	return nil
}
