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
	var lamps []string
	if !cfg.Card.ViaHost() {
		providers[payment.Card] = terminal.Cards()
		lamps = append(lamps, string(payment.Card))
	}
	for _, channel := range c.Codes {
		providers[payment.Channel(channel)] = terminal.Codes(payment.Channel(channel))
		lamps = append(lamps, channel)
	}
	s.watchTerminal(terminal, lamps)
	return nil
}

// lampEvery is how often an idle terminal's line is looked at.
const lampEvery = 10 * time.Second

// watchTerminal shows a terminal that is unplugged before a customer meets it, by
// the lamps of what goes through it: cards may go to a host of their own.
func (s *shop) watchTerminal(terminal *pinpad.Terminal, lamps []string) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.guarded(func() { s.keepLamps(ctx, terminal, lamps) })
	}()
	s.atEnd(func(context.Context) { stop(); <-ended })
}

func (s *shop) keepLamps(ctx context.Context, terminal *pinpad.Terminal, lamps []string) {
	for {
		err := terminal.Reachable(ctx)
		for _, lamp := range lamps {
			s.core.Link(ctx, lamp, err == nil)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lampEvery):
		}
	}
}
