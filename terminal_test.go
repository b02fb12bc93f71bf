package main

import (
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"abacus/internal/config"
	"abacus/internal/till"
	"abacus/payment"
)

// The terminal's line is told by the lamps of what goes through it. Where cards go
// to a host, a terminal that is unplugged says nothing about them.
func TestLampsOfTheTerminal(t *testing.T) {
	for via, want := range map[string][]string{"terminal": {"wechat", "card"}, "host": {"wechat"}} {
		synctest.Test(t, func(t *testing.T) {
			cfg := &config.Config{Till: "01", Card: config.CardChannel{Via: via}}
			cfg.Pinpad = config.Pinpad{Kind: "serial", Path: filepath.Join(t.TempDir(), "none"), Baud: 9600, CustomerSeconds: 210, Codes: []string{"wechat"}}
			s := &shop{cfg: cfg, core: till.New(till.Settings{}, nil, nil), log: slog.New(slog.DiscardHandler)}
			go func() { _ = s.core.Run(t.Context()) }()
			if err := s.counterTerminal(cfg, map[payment.Channel]payment.Provider{}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			var down []string
			for _, l := range (<-s.core.Watch(t.Context())).Links {
				if l.State == till.LinkDown {
					down = append(down, l.Name)
				}
			}
			if !slices.Equal(down, want) {
				t.Errorf("via %s: down are %v, want %v", via, down, want)
			}
			s.end()
			for _, f := range s.closers {
				f()
			}
		})
	}
}
