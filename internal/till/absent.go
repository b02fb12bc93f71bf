package till

import (
	"context"
	"encoding/json"
	"time"

	"abacus/ledger"
	"abacus/payment"
)

// absent stands for a channel that has left the configuration while payments of
// it were in doubt. Nobody can be asked, so they stay in doubt, listed as all
// others are: a manager may let the sale be charged again, and with the channel
// back in the configuration the till finds out by itself.
type absent struct{ channel payment.Channel }

func (a absent) answer() payment.Answer { return payment.Answer{Reason: payment.ChannelOff} }

// Channel implements payment.Provider.
func (a absent) Channel() payment.Channel { return a.channel }

// Timing implements payment.Provider, for attempts that have none of their own.
func (a absent) Timing() payment.Timing {
	return payment.Timing{
		CallTimeout: time.Second, FirstQuery: time.Minute, QueryInterval: time.Minute, Deadline: time.Minute, OrderCodeLife: time.Minute,
		CodePoll: time.Minute, Watch: time.Hour,
	}
}

// Charge implements payment.Provider.
func (a absent) Charge(context.Context, payment.Charge) payment.Answer { return a.answer() }

// Query implements payment.Provider.
func (a absent) Query(context.Context, payment.Order) payment.Answer { return a.answer() }

// Reverse implements payment.Provider.
func (a absent) Reverse(context.Context, payment.Order) payment.Answer { return a.answer() }

// knows reports whether a provider is of the kind that an attempt was made at: a
// channel may have gone from the bank terminal to an acquirer of its own, or the
// other way round. The new one would say of it that nothing has ever left.
func knows(p payment.Provider, a payment.Attempt) bool {
	_, desk := p.(payment.Preparer)
	return desk == a.Prepare
}

// madeAt is the provider at which a payment of the book was made; nil: it has gone.
func (t *Till) madeAt(p ledger.Payment) payment.Provider {
	provider := t.parts.Providers[payment.Channel(p.Channel)]
	var made payment.Attempt
	if json.Unmarshal(p.Attempt, &made) == nil && !knows(provider, made) {
		return nil
	}
	return provider
}

// providerOf is who is asked about a payment of an earlier run.
func (t *Till) providerOf(channel string) payment.Provider {
	if p := t.parts.Providers[payment.Channel(channel)]; p != nil {
		return p
	}
	return absent{payment.Channel(channel)}
}
