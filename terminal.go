package main

import (
	"context"
	"net"
	"time"

	"abacus/internal/config"
	"abacus/payment"
	"abacus/payment/pinpad"
)

// counterTerminal puts the bank terminal beside the acquirers, if there is one,
// and keeps its lamp.
func (s *shop) counterTerminal(cfg *config.Config, providers map[payment.Channel]payment.Provider) error {
	c := cfg.Pinpad
	if !c.On() {
		return nil
	}
	dial, name := pinpad.Serial(c.Path, c.Baud), c.Path
	if c.Kind == "tcp" {
		dial, name = pinpad.TCP(c.Address, (&net.Dialer{Timeout: 3 * time.Second}).DialContext), c.Address
	}
	terminal, err := pinpad.New(pinpad.Config{
		Dial: dial, Name: name, Till: cfg.Till, Operator: "0000", Now: clock,
		Customer: time.Duration(c.CustomerSeconds) * time.Second, ListsAll: c.ListsAll, CanAbort: c.CanAbort,
	})
	if err != nil {
		return err
	}
	s.onClose(terminal.Close)
	if !cfg.Card.ViaHost() {
		providers[payment.Card] = terminal.Cards()
	}
	for _, channel := range c.Codes {
		providers[payment.Channel(channel)] = terminal.Codes(payment.Channel(channel))
	}
	s.watchTerminal(terminal)
	return nil
}

// lampEvery is how often an idle terminal's line is looked at.
const lampEvery = 10 * time.Second

// watchTerminal shows a terminal that is unplugged before a customer meets it.
func (s *shop) watchTerminal(terminal *pinpad.Terminal) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.guarded(func() { s.keepLamp(ctx, terminal) })
	}()
	s.atEnd(func(context.Context) { stop(); <-ended })
}

func (s *shop) keepLamp(ctx context.Context, terminal *pinpad.Terminal) {
	for {
		err := terminal.Reachable(ctx)
		if ctx.Err() == nil {
			s.core.Link(ctx, string(payment.Card), err == nil)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lampEvery):
		}
	}
}
