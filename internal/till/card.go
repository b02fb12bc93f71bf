package till

import (
	"context"
	"strings"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
)

// swiped is the card a stripe reader has typed, for a channel that takes it. A
// chip card is not swiped: its issuer would refuse it, and a copied stripe
// looks the same.
func (t *Till) swiped(text string) (*payment.Swipe, error) {
	stripe := scanner.ReadStripe(text)
	switch {
	case t.atDesk(payment.Card):
		stripe.Wipe()
		return nil, fault(FaultSwipeThere)
	case !t.takesCards(payment.Card):
		stripe.Wipe()
		return nil, fault(FaultMethodOff, string(payment.Card))
	case stripe.Track2 == nil:
		return nil, fault(FaultSwipeAgain)
	case stripe.Chip:
		stripe.Wipe()
		return nil, fault(FaultChipCard)
	}
	return &payment.Swipe{Track2: stripe.Track2}, nil
}

// scanStripe pays the sale in front with the card swiped. Tracks that are no
// use come in bursts of their own: they are swallowed.
func (t *Till) scanStripe(ctx context.Context, c SaleScan, st stamp) (Scanned, error) {
	r := Scanned{Kind: ScanCard, Channel: payment.Card}
	if scanner.OtherTrack(c.Text) && !t.atDesk(payment.Card) {
		return r, nil
	}
	swipe, err := t.swiped(c.Text)
	if err != nil {
		return r, err
	}
	r.Mask = swipe.Mask()
	swipe.Wipe()
	if !c.Pay {
		return r, nil
	}
	s, err := t.payable(ctx, c.Sale)
	if err != nil {
		return r, err
	}
	st.scan = &r
	paid, err := t.pay(ctx, SalePay{Sale: s.ID, Method: string(payment.Card), Code: c.Text}, st)
	if err != nil {
		return r, err
	}
	r.Sale, r.Payment = &s, &paid
	return r, nil
}

// pinFor refuses a charge that lacks the cardholder's PIN, or has one that is
// not to be keyed here. Above the small amount it is wanted at once; otherwise
// where the host has asked for it, or for another, on the attempt before.
func (t *Till) pinFor(ctx context.Context, s ledger.Sale, amount money.Amount, channel payment.Channel, c SalePay) error {
	here := channel == payment.Card && t.set.CardPIN && !t.atDesk(channel)
	switch {
	case c.PIN != "" && !here:
		return fault(FaultNoCardPIN)
	case c.PIN != "" && (len(c.PIN) < 4 || len(c.PIN) > 12 || strings.Trim(string(c.PIN), "0123456789") != ""):
		return fault(FaultCardPINForm)
	case c.PIN != "" || !here:
		return nil
	case t.set.SignAbove.Positive() && t.set.SignAbove.Less(amount):
		return fault(FaultCardPIN)
	case len(s.Payments) == 0:
		return nil
	}
	last, err := t.payment(ctx, s.Payments[len(s.Payments)-1])
	if err != nil {
		return err
	}
	if why := payment.Reason(last.Reason); why == payment.PINNeeded || why == payment.PINWrong {
		return fault(FaultCardPIN)
	}
	return nil
}

// redacted is a command as it may be hashed: of a card, not even that is kept.
func redacted(c Command) Command {
	switch c := c.(type) {
	case SaleScan:
		if scanner.IsStripe(c.Text) {
			c.Text = "card"
			return c
		}
	case SalePay:
		if scanner.IsStripe(c.Code) {
			c.Code = "card"
			return c
		}
	}
	return c
}

// cardHost is the provider of cards, if it can do what is asked.
func cardHost[T any](ctx context.Context, t *Till, c Command) (T, error) {
	var able T
	_, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
		if err := t.permit(c); err != nil {
			return nil, err
		}
		ok := false
		if able, ok = t.parts.Providers[payment.Card].(T); !ok {
			return nil, fault(FaultMethodOff, string(payment.Card))
		}
		return nil, nil
	})
	return able, err
}

// owesNothing refuses what is to leave for a terminal that still owes an end.
func (t *Till) owesNothing(ctx context.Context, host payment.Provider) error {
	_, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
		if owing := t.owes(ctx, host); owing != "" {
			return nil, fault(FaultTerminalOwes, owing)
		}
		return nil, nil
	})
	return err
}

// settleCards closes the batch; what came of it is in the book. A terminal
// forgets a batch it has settled, so one that still owes an end keeps it open.
func (t *Till) settleCards(ctx context.Context, c CardSettle) (Result, error) {
	host, err := cardHost[payment.Settler](ctx, t, c)
	if err == nil {
		err = t.owesNothing(ctx, host)
	}
	if err != nil {
		return nil, err
	}
	settled, s, err := t.settle(ctx, host)
	if err != nil || !s.Done {
		t.post(t.ctx, func() { t.settledItself(payment.Card) })
	}
	switch {
	case err != nil: // of the book, or of the host's own record: the next settlement tells it
		return nil, asFault(err)
	case !s.Done:
		return nil, t.cardFault(s.Err)
	}
	return settled, nil
}

// cardFault says of whoever takes cards here that it did not do it.
func (t *Till) cardFault(err error) error {
	if t.atDesk(payment.Card) { // parts are fixed once they are there
		return faultOf(err, FaultCardTerminal)
	}
	return faultOf(err, FaultCardHost)
}

func (t *Till) cardBalance(ctx context.Context, c CardBalance) (Result, error) {
	host, err := cardHost[payment.BalanceAsker](ctx, t, c)
	if err == nil {
		err = t.owesNothing(ctx, host)
	}
	if err != nil {
		return nil, err
	}
	var swipe *payment.Swipe
	if c.Text != "" {
		if _, err = t.inside(ctx, func(ctx context.Context) (Result, error) { swipe, err = t.swiped(c.Text); return nil, err }); err != nil {
			return nil, err
		}
	}
	calling, cancel := context.WithTimeout(ctx, host.Timing().CallTimeout)
	defer cancel()
	b := host.Balance(calling, swipe)
	t.log.Info("balance", "known", b.Known, "reason", b.Reason, "detail", b.Detail, "error", b.Err)
	switch {
	case b.Known:
		return CardMoney{Card: b.Payer, Amount: b.Amount}, nil
	case b.Reason == payment.NoCard:
		return nil, faultOf(b.Err, FaultNoCard)
	case b.Reason == payment.ChipCard:
		return nil, fault(FaultChipCard)
	}
	return nil, t.cardFault(b.Err)
}

func (t *Till) testCards(ctx context.Context, c CardTest) (Result, error) {
	host, err := cardHost[payment.Tester](ctx, t, c)
	if err != nil {
		return nil, err
	}
	calling, cancel := context.WithTimeout(ctx, host.Timing().CallTimeout)
	defer cancel()
	if err := host.Test(calling); err != nil {
		t.log.Warn("card host", "error", err)
		return nil, t.cardFault(err)
	}
	return nil, nil
}
