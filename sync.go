package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"abacus/internal/config"
	"abacus/internal/doctor"
	"abacus/internal/headless"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/payment/wire"
)

func sentIn(cfg *config.Config) string { return filepath.Join(cfg.Data, "journal.sent") }

// newSender is a sender to the keeper in accounts, of the book in cfg's data
// folder. head is how far may be sent.
func newSender(cfg, accounts *config.Config, head func() ledger.Head, report func(upload.Status)) *upload.Sender {
	return upload.New(upload.Options{
		Keeper: &upload.Client{
			Address: accounts.Journal.Address, Store: cfg.Store.ID, Till: cfg.Till, Key: accounts.Journal.Key, Public: accounts.Journal.PublicKey,
			HTTP: wire.Guard(wire.NewClient(accounts.TLS.Roots)), Now: time.Now, Random: rand.Reader,
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
	sender := newSender(s.cfg, accounts, books.Head, func(st upload.Status) {
		if st.Err != nil {
			s.log.Warn("journal copy", "held", st.Held.Number, "left", st.Left, "error", st.Err)
		}
		s.core.Uploaded(sending, st)
	})
	_, _ = sender.Recall(ctx) // a copy that cannot be kept is no reason not to sell; Run tries again and tells
	ended := make(chan struct{})
	go func() { defer close(ended); sender.Run(sending) }()
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
	head := func() ledger.Head {
		h, err := tail.Head()
		if err != nil {
			return ledger.Head{} // then nothing is sent, and reading it says why
		}
		return h
	}
	sender := newSender(cfg, accounts, head, nil)
	return sender, func() { _, _ = sender.Close(), tail.Close() }, nil
}

// triesWithout is how often sync tries without getting any further.
const triesWithout = 5

// syncCommand sends what is pending, beside a running till or without one.
func (p *program) syncCommand() *cobra.Command {
	var once bool
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
		if !accounts.Journal.On() {
			return &exit{exitUsage, p.texts.Command.NoKeeper}
		}
		if _, err := os.Stat(databaseIn(cfg)); err != nil {
			return p.failed(err)
		}
		sender, closed, err := aside(cfg, accounts)
		if err != nil {
			return p.failed(err)
		}
		defer closed()
		tries := triesWithout
		if once {
			tries = 1
		}
		return p.synced(persist(c.Context(), sender, tries))
	}}
	c.Flags().BoolVar(&once, "once", false, p.texts.Command.FlagOnce)
	return c
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

// synced prints how far the copy goes, and what is in the way.
func (p *program) synced(st upload.Status) error {
	var err error
	say, hint := p.texts.Finding(st.Code())
	if p.asJSON {
		err = headless.WriteUpload(os.Stdout, st, p.texts)
	} else if st.Cause == upload.None {
		_, err = fmt.Println(say)
	}
	code := exitFailed
	switch {
	case err != nil:
		return p.failed(err)
	case st.Cause == upload.Differs, st.Cause == upload.Refused:
		code = exitPerson
	case st.Cause == upload.None:
		return nil
	}
	return &exit{code, say + " " + hint}
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
