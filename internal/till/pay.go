package till

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
)

// pay starts an attempt on a sale, or takes cash.
func (t *Till) pay(ctx context.Context, c SalePay, st stamp) (ledger.Payment, error) {
	none := ledger.Payment{}
	if scanner.IsStripe(c.Code) {
		swipe, err := t.swiped(c.Code)
		if err != nil {
			return none, err
		}
		c.Code, c.swipe = "", swipe
		if c.Method == "auto" || c.Method == "" {
			c.Method = string(payment.Card)
		}
	} else if bare := scanner.Parse(c.Code, t.parts.Formats).Text; bare != "" {
		c.Code = bare // without what the scanner puts around it
	}
	s, err := t.payable(ctx, c.Sale)
	if err != nil {
		return none, err
	}
	amount := c.Amount
	switch {
	case amount.IsZero():
		amount = s.Due()
	case !amount.Positive() || amount.Currency() != s.Currency:
		return none, fault(FaultBadAmount, amount.String())
	case s.Due().Less(amount):
		return none, fault(FaultTooMuch, s.Due())
	}
	if t.paysPrepaid(c) {
		return t.payPrepaid(ctx, s, amount, c, st)
	}
	channel, err := t.channelFor(c)
	if err != nil {
		return none, err
	}
	if channel == payment.Cash && paidUp(s) {
		return t.finishPaid(ctx, s, c, st)
	}
	if channel == payment.Cash {
		return t.payCash(ctx, s, amount, c, st)
	}
	if !amount.Positive() {
		c.swipe.Wipe()
		return none, fault(FaultNothingDue)
	}
	if err := t.roomToCharge(s); err != nil {
		c.swipe.Wipe()
		return none, err
	}
	if err := t.pinFor(ctx, s, amount, channel, c); err != nil {
		c.swipe.Wipe()
		return none, err
	}
	return t.charge(ctx, s, amount, channel, c, st)
}

// payable is a sale that can take a payment now.
func (t *Till) payable(ctx context.Context, id string) (ledger.Sale, error) {
	s, err := t.changeable(ctx, id)
	if err == nil {
		err = t.onShift() // it may have been left open when its shift was closed
	}
	switch {
	case err != nil:
		return s, err
	case !hasGoods(&s):
		return s, fault(FaultSaleEmpty)
	case !s.Due().Positive() && !(s.Due().IsZero() && s.Total.IsZero()) && !paidUp(s): // what is given away is settled in cash, with nothing
		return s, fault(FaultNothingDue)
	}
	return s, t.stillFits(ctx, s)
}

// channelFor decides the channel by the method named and the code shown.
func (t *Till) channelFor(c SalePay) (payment.Channel, error) {
	if c.Method == string(payment.Cash) {
		if c.Code != "" || c.Present {
			return "", fault(FaultBadInput, "code")
		}
		return payment.Cash, nil
	}
	channel := payment.Channel(c.Method)
	if c.swipe != nil && (channel != payment.Card || c.Present) {
		return "", fault(FaultWrongChannel, string(payment.Card))
	}
	if c.Code != "" {
		if c.Present {
			return "", fault(FaultBadInput, "present")
		}
		recognised, ok := payment.Recognise(c.Code)
		switch {
		case !ok:
			return "", fault(FaultNotPayCode, payment.Mask(c.Code))
		case c.Method != "auto" && c.Method != "" && channel != recognised:
			return "", fault(FaultWrongChannel, string(recognised))
		}
		channel = recognised
	} else if !c.Present && !t.takesCards(channel) {
		if t.parts.Providers[channel] == nil {
			return "", fault(FaultMethodOff, clip(c.Method))
		}
		return "", fault(FaultBadInput, "code or present")
	}
	provider := t.parts.Providers[channel]
	if provider == nil {
		return "", fault(FaultMethodOff, clip(string(channel)))
	}
	if _, can := provider.(payment.Presenter); c.Present && !can {
		return "", fault(FaultCannotPresent, string(channel))
	}
	if c.Huabei != 0 && (channel != payment.Alipay || t.set.HuabeiForbid || !slices.Contains(t.set.Instalments, c.Huabei)) {
		return "", fault(FaultHuabei)
	}
	return channel, nil
}

// mint makes the numbers of the next attempt on a sale. The order number
// carries the day, the till, the series of this run and the sale, so that no two
// tills, no two books and no book put back ever clash at one acquirer: letters,
// digits and underscores, which every acquirer takes, at most 32. The ledger
// finds a payment by this form without an index.
func (t *Till) mint(s ledger.Sale) (id, order string) {
	n := len(s.Payments) + 1
	id = fmt.Sprintf("%s-%d", s.ID, n)
	series := cmp.Or(t.parts.Series, t.parts.Books.Mark())
	return id, fmt.Sprintf("%s_%s_%s_%d", strings.ReplaceAll(s.ID, "-", "_"), strings.ToLower(t.set.Till), series, n)
}

// charge writes the intent of an attempt and, once that is on disk, begins it.
func (t *Till) charge(ctx context.Context, s ledger.Sale, amount money.Amount, channel payment.Channel, c SalePay, st stamp) (ledger.Payment, error) {
	return t.chargeHeld(ctx, s, amount, channel, c, completing{}, st)
}

// completing is what a charge that takes of a hold needs besides.
type completing struct {
	hold  ledger.Hold
	first []ledger.Draft // entries that go before the payment's
}

func (t *Till) chargeHeld(ctx context.Context, s ledger.Sale, amount money.Amount, channel payment.Channel, c SalePay, of completing, st stamp) (ledger.Payment, error) {
	hash := ""
	if c.Code != "" {
		hash = payment.HashCode(t.parts.Books.Mark(), c.Code)
		if err := t.codeUnused(ctx, hash); err != nil {
			return ledger.Payment{}, err
		}
	}
	provider := t.parts.Providers[channel]
	if owing := t.owes(ctx, provider); owing != "" {
		return ledger.Payment{}, fault(FaultTerminalOwes, owing)
	}
	id, order := t.mint(s)
	begun, effect := payment.Step(newAttempt(provider, c.Present), payment.Begin{At: t.now()})
	started := ledger.PaymentStarted{
		Payment: id, Order: order, Channel: string(channel), Amount: amount, Present: c.Present,
		CodeHash: hash, Hold: of.hold.ID, State: ledger.PaymentState(begun.State()), Attempt: encode(begun),
	}
	switch {
	case c.Code != "":
		started.CodeMask = payment.Mask(c.Code)
	case c.swipe != nil: // and no hash of it: of a card number too little is unknown
		started.CodeMask = c.swipe.Mask()
	}
	if _, err := t.write(st.batch(id, append(of.first, t.draft(ledger.KindPaymentStarted, s.ID, started))...)); err != nil {
		return ledger.Payment{}, err
	}
	expires := begun.Deadline.Add(begun.Timing.Deadline)
	a := &attempt{
		id: id, sale: s.ID, channel: channel, provider: provider, machine: begun,
		charge: payment.Charge{
			Order: order, Amount: amount, Code: c.Code, Swipe: c.swipe, PIN: payment.PIN(c.PIN), Subject: t.set.Store, Expires: expires, Life: expires.Sub(begun.SentAt),
			Store: t.set.StoreID, Till: t.set.Till, Cashier: t.operator.ID,
			Hold:   completion(of.hold),
			Huabei: payment.Huabei{Forbid: t.set.HuabeiForbid, Instalments: c.Huabei, SellerPays: t.set.SellerPays},
		},
	}
	t.attempts[id] = a
	t.act(a, effect)
	return t.payment(ctx, id)
}

// codeUnused refuses a pay code whose attempt is open or has paid: a scanner
// that bounces must not charge twice.
func (t *Till) codeUnused(ctx context.Context, hash string) error {
	p, ok, err := found(t.parts.Books.PaymentByCodeHash(ctx, hash))
	switch {
	case err != nil:
		return t.bookFault(err)
	case ok && (p.State == ledger.PaymentPaid || !p.State.Final()):
		return fault(FaultCodeUsed, p.ID)
	}
	return nil
}

func (t *Till) payment(ctx context.Context, id string) (ledger.Payment, error) {
	p, ok, err := found(t.parts.Books.Payment(ctx, id))
	if err != nil {
		return p, t.bookFault(err)
	}
	if !ok {
		return p, fault(FaultNoPayment, clip(id))
	}
	return p, nil
}

// open finds the running attempt of a payment that is not final.
func (t *Till) open(ctx context.Context, id string) (*attempt, ledger.Payment, error) {
	p, err := t.payment(ctx, id)
	if err != nil {
		return nil, p, err
	}
	if p.State.Final() {
		return nil, p, fault(FaultPaymentFinal, id, string(p.State))
	}
	if a := t.attempts[id]; a != nil {
		return a, p, nil
	}
	// Of an earlier run, and not its turn yet.
	return t.resume(p, t.providerOf(p.Channel)), p, nil
}

func (t *Till) cancelPayment(ctx context.Context, c PaymentCancel, st stamp) (ledger.Payment, error) {
	a, p, err := t.open(ctx, c.Payment)
	if err != nil {
		return p, err
	}
	if preparer, ok := a.provider.(payment.Preparer); ok && a.machine.Flight == payment.OpCharge {
		preparer.Abort() // the customer may hold the card: the charge's answer decides
	}
	t.stepWith(a, payment.GiveUp{At: t.now()}, payment.Answer{}, st.batch(a.id))
	return t.payment(ctx, c.Payment)
}

// switchPayment closes an order code and, once that is certain, presents the
// rest on another channel.
func (t *Till) switchPayment(ctx context.Context, c PaymentSwitch, st stamp) (ledger.Payment, error) {
	a, p, err := t.open(ctx, c.Payment)
	if err != nil {
		return p, err
	}
	if _, err := t.channelFor(SalePay{Method: string(c.Channel), Present: true}); err != nil {
		return p, err
	}
	s, err := t.sale(ctx, p.Sale)
	if err == nil {
		err = t.roomToCharge(s)
	}
	if err != nil {
		return p, err
	}
	a.then = c.Channel
	return t.cancelPayment(ctx, PaymentCancel{c.Payment}, st)
}
