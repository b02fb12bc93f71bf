package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"abacus/internal/config"
	"abacus/internal/fall"
	"abacus/internal/headless"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/tui"
)

func databaseIn(cfg *config.Config) string { return filepath.Join(cfg.Data, "journal.db") }
func headIn(cfg *config.Config) string     { return filepath.Join(cfg.Data, "journal.head") }

// shop is a running till: the core and everything it was given.
type shop struct {
	p       *program
	cfg     *config.Config
	core    *till.Till
	sender  atomic.Pointer[upload.Sender] // nil: nobody keeps a copy of the journal
	books   atomic.Pointer[ledger.Ledger] // nil: not open yet
	log     *slog.Logger
	whole   context.Context    // ends when a part falls,
	fell    context.CancelFunc // which is told with this
	mu      sync.Mutex
	closers []func()                // last opened, first closed, when the core has stopped
	endings []func(context.Context) // while the core still runs and can write down what they bring
}

// endGrace is how long what is under way at the end may take.
const endGrace = 2 * time.Second

// open takes the data folder for this process and makes the core, which shows
// itself at once; the books and the acquirers follow beside it.
func (p *program) open(cfg *config.Config) (*shop, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, p.failed(err)
	}
	release, err := p.hold(cfg)
	if err != nil {
		return nil, err
	}
	s := &shop{p: p, cfg: cfg, closers: []func(){release}}
	s.whole, s.fell = context.WithCancel(context.Background())
	s.log = s.logger()
	set := settings(cfg)
	set.Disk = dataDisk(cfg)
	set.Examine = s.examination().Examine
	s.core = till.New(set, clock, s.log)
	return s, nil
}

// hold makes this process the only one on the data folder.
func (p *program) hold(cfg *config.Config) (func(), error) {
	release, err := ledger.LockDir(cfg.Data)
	var held *ledger.Held
	switch {
	case errors.As(err, &held):
		return nil, &exit{exitUsage, fmt.Sprintf(p.texts.Command.Held, cfg.Data, fmt.Sprintf("pid %d", held.PID))}
	case err != nil:
		return nil, p.failed(err)
	}
	return release, nil
}

func (s *shop) onClose(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closers = append(s.closers, f)
}

func (s *shop) atEnd(f func(context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endings = append(s.endings, f)
}

// run works the till until face returns, then closes everything in order. What
// falls takes the face with it: its memory cannot be trusted, its book can.
func (s *shop) run(ctx context.Context, face func(ctx context.Context) error) error {
	facing, leave := context.WithCancel(ctx)
	defer leave()
	stopWatching := context.AfterFunc(s.whole, leave)
	defer stopWatching()
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	starting, giveUp := context.WithCancel(ctx)
	var core, start sync.WaitGroup
	core.Go(func() {
		if err := s.core.Run(working); err != nil {
			s.fell()
		}
	})
	start.Go(func() {
		s.guarded(func() {
			if err := s.assemble(starting); err != nil && starting.Err() == nil {
				s.log.Error("start", "error", err)
				s.core.Fail(starting, faultFrom(err))
			}
		})
	})
	var err error
	s.guarded(func() { err = face(facing) })
	giveUp()
	start.Wait()
	s.end()
	stop()
	core.Wait()
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	if s.whole.Err() != nil {
		return &exit{exitFailed, s.p.texts.Command.CoreFell}
	}
	return err
}

// guarded does a part of the till's work on a goroutine of this package. If it
// falls the till ends in order, as it does when the core falls.
func (s *shop) guarded(part func()) {
	if err := fall.Caught(func() error { part(); return nil }); err != nil {
		s.log.Error("a part of the till fell", "error", err)
		s.fell()
	}
}

// end lets the printer finish while the core can still note what it printed.
func (s *shop) end() {
	ctx, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	for _, f := range s.endings {
		f(ctx)
	}
}

// logger writes to the data folder: what happened, never a secret.
func (s *shop) logger() *slog.Logger {
	path := filepath.Join(s.cfg.Data, "abacus.log")
	if info, err := os.Stat(path); err == nil && info.Size() > 8<<20 {
		_ = os.Rename(path, path+".1")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return slog.New(slog.DiscardHandler) // a till without a log still sells
	}
	s.closers = append(s.closers, func() { _ = f.Close() })
	return slog.New(slog.NewTextHandler(f, nil))
}

// screen is the till with its screen.
func (p *program) screen(ctx context.Context) error {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return &exit{exitUsage, p.texts.Command.NotATerminal}
	}
	s, err := p.open(cfg)
	if err != nil {
		return err
	}
	scans := s.toScreen()
	return s.run(ctx, func(ctx context.Context) error {
		err := tui.Run(ctx, tui.Options{
			Core: s.core, In: os.Stdin, Out: os.Stdout, Now: clock, Language: cfg.Language,
			Theme: cfg.Theme, Borders: borders(cfg), Silent: !cfg.Sound, Scanner: wedgeRules(cfg), Scans: scans, Log: s.log,
		})
		if errors.Is(err, tui.ErrFell) {
			return &exit{exitFailed, p.texts.Command.ScreenFell}
		}
		if err != nil && ctx.Err() == nil {
			return p.failed(err)
		}
		return nil
	})
}

// borders is the screen's word for what the configuration calls unicode.
func borders(cfg *config.Config) string {
	if cfg.Borders == "ascii" {
		return "ascii"
	}
	return "lines"
}

// headless is the same till by JSON-RPC.
func (p *program) headless(ctx context.Context, listen string) error {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	s, err := p.open(cfg)
	if err != nil {
		return err
	}
	s.toCore()
	return s.run(ctx, func(ctx context.Context) error {
		s.whenReady(ctx)
		if ctx.Err() != nil {
			return nil // asked to stop before it began
		}
		o := headless.Options{Core: s.core, Language: cfg.Language, In: os.Stdin, Out: os.Stdout}
		if listen == "" {
			err = headless.Serve(ctx, o)
		} else {
			o.Ready = func(address string) { fmt.Printf("{\"ready\":true,\"listen\":%q}\n", address) }
			err = headless.Listen(ctx, listen, o)
		}
		switch {
		case errors.Is(err, headless.ErrAddress):
			return &exit{exitUsage, fmt.Sprintf(p.texts.Command.BadListen, listen)}
		case err != nil && ctx.Err() == nil:
			return p.failed(err)
		}
		return s.doubtful()
	})
}

// doubtful tells a script by the exit code that something needs a person.
func (s *shop) doubtful() error {
	watching, done := context.WithCancel(context.Background())
	defer done()
	v := <-s.core.Watch(watching)
	if v == nil {
		return nil
	}
	if v.Trouble != nil {
		say, hint := s.p.texts.Fault(v.Trouble.Code, v.Trouble.Args)
		return &exit{exitPerson, say + "\n" + hint}
	}
	holds := 0
	for _, h := range v.Holds {
		if h.State.InDoubt() {
			holds++
		}
	}
	t := &s.p.texts.Command
	return s.p.needed(count{v.DoubtCount, t.Payments}, count{v.RefundCount, t.Refunds}, count{holds, t.Holds})
}

// whenReady waits until the till sells or says why it does not: a script's
// first request is not to meet a till that is still opening its books.
func (s *shop) whenReady(ctx context.Context) {
	watching, done := context.WithCancel(ctx)
	defer done()
	for v := range s.core.Watch(watching) {
		if v.Ready || v.Trouble != nil {
			return
		}
	}
}

func settings(cfg *config.Config) till.Settings {
	set := till.Settings{
		Version: version, Store: cfg.Store.Name, StoreID: cfg.Store.ID, Header: cfg.Store.Lines, Till: cfg.Till, Currency: cfg.Currency, Day: cfg.Day,
		Sandbox: cfg.Sandbox.On(), ShiftRequired: cfg.Shift.Required, ConfirmAbove: cfg.ConfirmAbove,
		Instalments: cfg.Huabei.Instalments, HuabeiForbid: !cfg.Huabei.Allow, SellerPays: cfg.Huabei.SellerPays, ShowPINs: cfg.Sandbox.Embedded,
		Jitter: spread,
	}
	if cfg.Card.ViaHost() {
		set.SignAbove, set.CardPIN, set.SettleAtClose = cfg.Card.SmallAmount, cfg.Card.PIN, cfg.Card.SettleAtClose
	}
	set.Prepaid = prepaidCards(cfg)
	for _, o := range cfg.Operators {
		set.Operators = append(set.Operators, till.Account{
			Operator: till.Operator{ID: o.ID, Name: o.Name, Role: till.Role(o.Role)}, Check: o.PINFits, PIN: o.PIN.Reveal(), Badge: o.Badge,
		})
	}
	return set
}

// faultFrom says why the till cannot start, in the words faces translate.
func faultFrom(err error) *till.Fault {
	var f *till.Fault
	var broken *ledger.Broken
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &broken):
		return &till.Fault{Code: till.FaultJournalBroken, Args: []any{broken.Number, broken.Detail, broken.Why}, Err: err}
	case errors.Is(err, ledger.ErrDiskFull):
		return &till.Fault{Code: till.FaultDiskFull, Err: err}
	case errors.Is(err, ledger.ErrNewer):
		return &till.Fault{Code: till.FaultNewerBook, Err: err}
	}
	return &till.Fault{Code: till.FaultJournalStopped, Args: []any{err.Error()}, Err: err}
}

// spread is a random time below most, which is positive.
func spread(most time.Duration) time.Duration { return rand.N(most) }
