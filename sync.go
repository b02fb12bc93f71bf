package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abacus/internal/config"
	"abacus/internal/doctor"
	"abacus/internal/headless"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/payment/wire"
	"abacus/tui"
)

func sentIn(cfg *config.Config) string { return filepath.Join(cfg.Data, "journal.sent") }

// newSender is a sender to the keeper in accounts, of the book in cfg's data
// folder. head is how far may be sent.
func newSender(cfg, accounts *config.Config, head func() (ledger.Head, error), report func(upload.Status)) *upload.Sender {
	return upload.New(upload.Options{
		Keeper: &upload.Client{
			Address: accounts.Journal.Address, Store: cfg.Store.ID, Till: cfg.Till, Key: accounts.Journal.Key, Public: accounts.Journal.PublicKey,
			HTTP: wire.Guard(wire.NewClient(accounts.TLS.Roots)), Now: clock, Random: rand.Reader,
		},
		Open: func() (*ledger.Tail, error) { return ledger.OpenTail(bookOptions(cfg)) },
		Head: head, Seen: upload.File(sentIn(cfg)), Report: report, Jitter: spread,
	})
}

// keepCopy keeps the keeper's copy of the journal up to date until the till
// ends. What is under way then is sent again at the next start, which the
// keeper knows by its number.
func (s *shop) keepCopy(ctx context.Context, accounts *config.Config, books *ledger.Ledger) till.Uploader {
	if !accounts.Journal.On() {
		return nil
	}
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	sender := newSender(s.cfg, accounts, func() (ledger.Head, error) { return books.Head(), nil }, func(st upload.Status) {
		if st.Err != nil {
			s.log.Warn("journal copy", "held", st.Held.Number, "left", st.Left, "error", st.Err)
		}
		s.core.Uploaded(sending, st)
	})
	_, _ = sender.Recall(ctx) // a copy that cannot be kept is no reason not to sell; Run tries again and tells
	ended := make(chan struct{})
	go func() { defer close(ended); s.guarded(func() { sender.Run(sending) }) }()
	s.atEnd(func(context.Context) { stop(); <-ended })
	s.onClose(func() { _ = sender.Close() })
	s.sender.Store(sender)
	return sender
}

// copyProbe asks the keeper how far its copy goes.
func (s *shop) copyProbe() doctor.Probe {
	return doctor.Func{Of: "journal", Run: func(ctx context.Context) []doctor.Finding {
		sender := s.sender.Load()
		if sender == nil {
			return doctor.Journal{}.Check(ctx)
		}
		return doctor.Journal{Ask: func(ctx context.Context) upload.Status { st, _ := sender.Ask(ctx); return st }}.Check(ctx)
	}}
}

// copyProbe is the same outside the running till.
func copyProbe(cfg *config.Config) doctor.Probe {
	if _, err := os.Stat(databaseIn(cfg)); err != nil || !cfg.Journal.On() {
		return doctor.Journal{}
	}
	return doctor.Journal{Ask: func(ctx context.Context) upload.Status {
		sender, done, err := aside(cfg, cfg)
		if err != nil {
			return upload.Status{Cause: upload.Unreadable}
		}
		defer done()
		st, _ := sender.Ask(ctx)
		return st
	}}
}

// aside is a sender of a book that another process may be writing. It sends
// what lies in the database for all to see.
func aside(cfg, accounts *config.Config) (*upload.Sender, func(), error) {
	tail, err := ledger.OpenTail(bookOptions(cfg))
	if err != nil {
		return nil, nil, err
	}
	sender := newSender(cfg, accounts, tail.Head, nil)
	return sender, func() { _, _ = sender.Close(), tail.Close() }, nil
}

// triesWithout is how often sync tries without getting any further.
const triesWithout = 5

// syncCommand sends what is pending, beside a running till or without one.
// Cards are settled without one only: a running till does it by itself, and
// the terminal's record has one writer.
func (p *program) syncCommand() *cobra.Command {
	var once, settle bool
	c := &cobra.Command{Use: "sync", Short: p.texts.Command.AboutSync, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		cfg, err := p.load()
		if err != nil {
			return err
		}
		accounts, done, err := p.keeperOf(c.Context(), cfg)
		if err != nil {
			return err
		}
		defer done()
		switch {
		case settle && !cfg.Card.ViaHost():
			return &exit{exitUsage, p.texts.Command.NoCardHost}
		case !accounts.Journal.On() && !cfg.Card.ViaHost():
			return &exit{exitUsage, p.texts.Command.NoKeeper}
		}
		if none := p.noBook(cfg); none != nil {
			return none
		}
		var out till.Synced
		var inTheWay error
		if cfg.Card.ViaHost() {
			if out, inTheWay = p.settleAside(c.Context(), cfg, accounts, settle); out.Cards == nil && inTheWay != nil && !out.CardsOwed {
				return inTheWay
			}
		}
		if accounts.Journal.On() {
			tries := triesWithout
			if once {
				tries = 1
			}
			st, err := p.sendAside(c.Context(), cfg, accounts, tries)
			if err != nil {
				return err
			}
			out.Journal = &st
		}
		return p.synced(out)
	}}
	c.Flags().BoolVar(&once, "once", false, p.texts.Command.FlagOnce)
	c.Flags().BoolVar(&settle, "settle", false, p.texts.Command.FlagSettle)
	return c
}

func (p *program) sendAside(ctx context.Context, cfg, accounts *config.Config, tries int) (upload.Status, error) {
	if err := firm(cfg); err != nil {
		return upload.Status{}, p.failed(err)
	}
	sender, closed, err := aside(cfg, accounts)
	if err != nil {
		return upload.Status{}, p.failed(err)
	}
	defer closed()
	return persist(ctx, sender, tries), nil
}

// firm puts on the disk what a killed till may have left in memory only: a keeper
// that has it knows of entries which a power cut would take from the book, and the
// till would not sell on it. A running till has seen to it.
func firm(cfg *config.Config) error {
	release, err := ledger.LockDir(cfg.Data)
	var held *ledger.Held
	if errors.As(err, &held) {
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	return ledger.Firm(bookOptions(cfg))
}

// settleAside brings a settlement of cards that is owed to its end, or, if that
// is wanted, settles what is open. Beside a running till it does nothing.
func (p *program) settleAside(ctx context.Context, cfg, accounts *config.Config, wanted bool) (out till.Synced, err error) {
	release, err := p.hold(cfg)
	if err != nil {
		if _, held, _ := holder(cfg); held && !wanted {
			return out, nil
		}
		return out, err
	}
	defer release()
	s := &shop{p: p, cfg: cfg, log: slog.New(slog.DiscardHandler)}
	defer func() {
		for _, f := range s.closers {
			f()
		}
	}()
	books, err := ledger.Open(ctx, bookOptions(cfg))
	if err != nil {
		return out, p.failed(err)
	}
	s.onClose(func() { _ = books.Close() })
	host, err := s.openCardHost(ctx, accounts, books)
	if err != nil {
		return out, p.failed(err)
	}
	if wanted {
		if _, err := host.Want(); err != nil {
			return out, p.failed(err)
		}
	}
	if !host.Owes() {
		return out, nil
	}
	calling, cancel := context.WithTimeout(ctx, host.Timing().CallTimeout)
	defer cancel()
	settled, _, err := till.SettleBatch(calling, books, host, cfg.Day, func(key string, settled ledger.CardsSettled) error {
		_, err := books.Append(ctx, ledger.Batch{
			Key: key, KeyObject: settled.Batch, Drafts: []ledger.Draft{{Kind: ledger.KindCardsSettled, Payload: settled}},
		})
		return err
	})
	if out.CardsOwed = host.Owes(); err == nil && !out.CardsOwed {
		out.Cards = &settled
	}
	return out, err
}

// persist tries until everything is sent or it has come no further for so many
// tries.
func persist(ctx context.Context, sender *upload.Sender, tries int) upload.Status {
	pause := time.Second
	for left := tries; ; {
		before := sender.Status().Held.Number
		st, err := sender.Sync(ctx)
		if st.Held.Number > before {
			left, pause = tries, time.Second
		}
		left--
		if err == nil || st.Cause == upload.Differs || st.Cause == upload.Refused || left <= 0 {
			return st
		}
		select {
		case <-ctx.Done():
			return st
		case <-time.After(pause + spread(pause/4)):
			pause *= 2
		}
	}
}

// synced prints what came of it, and what is in the way.
func (p *program) synced(r till.Synced) error {
	var lines []string
	var inTheWay *exit
	if r.Cards != nil {
		if lines = tui.SettlementLines(&p.texts.Screen, *r.Cards, false); r.Cards.Differs() {
			inTheWay = &exit{exitPerson, lines[len(lines)-1]}
		}
	}
	if r.CardsOwed {
		inTheWay = &exit{exitFailed, p.texts.Screen.CardsOwed}
	}
	if r.Journal != nil {
		say, hint := p.texts.Finding(r.Journal.Code())
		switch r.Journal.Cause {
		case upload.None:
			lines = append(lines, say)
		case upload.Differs, upload.Refused:
			inTheWay = &exit{exitPerson, say + " " + hint}
		default:
			inTheWay = &exit{exitFailed, say + " " + hint}
		}
	} else if r.Cards == nil && !r.CardsOwed {
		lines = append(lines, p.texts.Screen.CardsNotOwed)
	}
	var err error
	if p.asJSON {
		err = headless.WriteSynced(os.Stdout, r, p.texts)
	} else if len(lines) > 0 {
		_, err = fmt.Println(strings.Join(lines, "\n"))
	}
	switch {
	case err != nil:
		return p.failed(err)
	case inTheWay != nil:
		return inTheWay
	}
	return nil
}

// keeperOf is the configuration with the keeper's address: of a till on the
// embedded sandbox, the one that the sandbox wrote. Where no till runs the
// sandbox is started for as long as done is not called.
func (p *program) keeperOf(ctx context.Context, cfg *config.Config) (accounts *config.Config, done func(), err error) {
	if !cfg.Sandbox.Embedded {
		return cfg, func() {}, nil
	}
	s := &shop{p: p, cfg: cfg}
	if _, held, _ := holder(cfg); held {
		accounts, err = config.Load(config.Sources{File: filepath.Join(cfg.Data, "sandbox", "config.yaml"), Data: cfg.Data})
	} else {
		accounts, err = s.startSandbox(ctx)
	}
	if err != nil {
		return nil, nil, p.failed(err)
	}
	return accounts, func() {
		for _, f := range s.closers {
			f()
		}
	}, nil
}
