package till

import (
	"context"
	"time"

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

// providerOf is who is asked about a payment of an earlier run.
func (t *Till) providerOf(channel string) payment.Provider {
	if p := t.parts.Providers[payment.Channel(channel)]; p != nil {
		return p
	}
	return absent{payment.Channel(channel)}
}
