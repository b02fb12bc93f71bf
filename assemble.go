package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"abacus/internal/config"
	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/alipay"
	"abacus/payment/sandbox"
	"abacus/payment/wechat"
	"abacus/payment/wire"
	"abacus/printer"
	"abacus/scanner"
)

// assemble opens the books and the acquirers beside the face and hands them to
// the core.
func (s *shop) assemble(ctx context.Context) error {
	books, err := s.openBooks(ctx)
	if err != nil {
		return err
	}
	s.onClose(func() { _ = books.Close() })
	s.books.Store(books)
	if err := s.checkBooks(ctx, books.Head().Number); err != nil {
		return err
	}
	parts := till.Parts{Books: books, Formats: formats(s.cfg), Clean: endedInOrder(ctx, books), Series: strings.ToLower(rand.Text()[:4])}
	accounts := s.cfg
	if err := notBooks(s.furnish(ctx, &parts, &accounts)); err != nil {
		return err
	}
	s.cardHost(accounts, parts.Providers)
	if accounts.Sandbox.Control != "" {
		parts.Customer = &phone{control: accounts.Sandbox.Control, http: &http.Client{Timeout: 10 * time.Second}}
	}
	if parts.Paper, err = s.paper(ctx); err != nil {
		return notBooks(err)
	}
	s.customerDisplay()
	parts.Upload = s.keepCopy(ctx, accounts, books)
	return s.core.Start(ctx, parts)
}

// furnish opens what a till needs besides its books: goods and acquirers.
func (s *shop) furnish(ctx context.Context, parts *till.Parts, accounts **config.Config) (err error) {
	if parts.Goods, err = catalogue(s.cfg); err != nil {
		return err
	}
	if s.cfg.Sandbox.Embedded {
		if *accounts, err = s.startSandbox(ctx); err != nil {
			return err
		}
	}
	if parts.Providers, err = providers(*accounts); err != nil {
		return err
	}
	return s.counterTerminal(*accounts, parts.Providers)
}

// notBooks is an error of a start that is none of the book's.
func notBooks(err error) error {
	if err == nil {
		return nil
	}
	return &till.Fault{Code: till.FaultNotStarted, Args: []any{err.Error()}, Err: err}
}

// openEvery is how often the book is tried while the disk has no room for it.
const openEvery = 5 * time.Second

// openBooks opens the book. On a full disk it says so and waits for room.
func (s *shop) openBooks(ctx context.Context) (*ledger.Ledger, error) {
	for {
		books, err := ledger.Open(ctx, bookOptions(s.cfg))
		if !errors.Is(err, ledger.ErrDiskFull) {
			return books, err
		}
		s.log.Error("open the book", "error", err)
		s.core.Fail(ctx, faultFrom(err))
		select {
		case <-time.After(openEvery):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// atOnce is how many entries are checked whole before the first sale. Checking
// takes some 20 µs an entry; of a longer book the end is checked before, the
// whole while the till already sells, which stops if it does not verify.
const atOnce = 10_000

// checkBooks verifies the whole book at every start. Where that cannot be done
// before the first sale, its end is checked then and the whole beside selling.
func (s *shop) checkBooks(ctx context.Context, entries int64) error {
	if entries <= atOnce {
		err := s.verify(ctx, ledger.Verify)
		if err == nil || isBroken(err) || ctx.Err() != nil {
			return err
		}
		s.log.Error("the book could not be checked", "error", err)
	}
	if err := s.verify(ctx, ledger.VerifyEnd); err != nil {
		return err
	}
	checking, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.guarded(func() { s.checkBeside(checking, func() error { return s.verify(checking, ledger.Verify) }) })
	}()
	s.atEnd(func(context.Context) { stop(); <-ended })
	return nil
}

// Pauses after a check beside selling that could not run, doubled each time.
const (
	checkAgain     = 10 * time.Second
	checkAgainMost = 10 * time.Minute
)

// checkBeside checks the book until there is a verdict. Only that stops the
// till: a full temporary folder or a reading that failed says nothing about the
// book, and what stopped for it would stand until somebody starts it again.
func (s *shop) checkBeside(ctx context.Context, check func() error) {
	for pause := checkAgain; ; pause = min(2*pause, checkAgainMost) {
		err := check()
		switch {
		case err == nil || ctx.Err() != nil:
			return
		case isBroken(err):
			s.log.Error("the book does not verify", "error", err)
			s.core.Fail(ctx, faultFrom(err))
			return
		}
		s.log.Error("the book could not be checked", "error", err)
		if pause == checkAgain { // said once, tried for ever
			s.core.Unchecked(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func isBroken(err error) bool {
	var broken *ledger.Broken
	return errors.As(err, &broken)
}

func (s *shop) verify(ctx context.Context, how func(context.Context, ledger.Options) (ledger.Verdict, error)) error {
	v, err := how(ctx, bookOptions(s.cfg))
	switch {
	case err != nil:
		return err
	case v.OK:
		return nil
	case len(v.Differences) > 0:
		return &ledger.Broken{Number: v.Head.Number, Why: v.Why, Detail: strings.Join(v.Differences, "; ")}
	case v.Bad == 0: // the chain is whole, what lies beside it is not
		return &ledger.Broken{Number: v.Head.Number, Why: v.Why, Detail: v.Detail}
	}
	return &ledger.Broken{Number: v.Bad, Why: v.Why, Detail: v.Detail}
}

func bookOptions(cfg *config.Config) ledger.Options {
	start := time.Now()
	return ledger.Options{
		Path: databaseIn(cfg), HeadPath: headIn(cfg), Store: cfg.Store.Name, Till: cfg.Till, Currency: cfg.Currency,
		Now: clock, Monotonic: func() time.Duration { return time.Since(start) }, Day: cfg.Day, Random: rand.Reader,
		Witness: upload.File(sentIn(cfg)).Kept,
	}
}

// endedInOrder reports whether the last run of the program closed the book.
func endedInOrder(ctx context.Context, books *ledger.Ledger) bool {
	head := books.Head()
	if head.Number == 0 {
		return true
	}
	last, err := books.Entries(ctx, head.Number-1, 1)
	return err == nil && len(last) == 1 && last[0].Kind == ledger.KindTillStopped
}

// startSandbox runs the acquirers' sandbox in this process, over real sockets,
// and reads the configuration it wrote, as an integrator's till would.
func (s *shop) startSandbox(ctx context.Context) (*config.Config, error) {
	dir := filepath.Join(s.cfg.Data, "sandbox")
	box, err := sandbox.Start(ctx, dir, sandbox.Options{StoreID: s.cfg.Store.ID, StoreName: s.cfg.Store.Name, Till: s.cfg.Till, CardMAC: s.cfg.Card.MAC, Control: true})
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s.onClose(func() { _ = box.Close() })
	accounts, err := config.Load(config.Sources{File: filepath.Join(dir, "config.yaml"), Data: s.cfg.Data})
	if err == nil {
		own := s.cfg.Card
		accounts.Card.Via, accounts.Card.ChipService, accounts.Card.ChipReader = own.Via, own.ChipService, own.ChipReader
	}
	return accounts, err
}

func providers(cfg *config.Config) (map[payment.Channel]payment.Provider, error) {
	out := map[payment.Channel]payment.Provider{}
	client := wire.NewClient(cfg.TLS.Roots)
	life := time.Duration(cfg.OrderCodeSeconds) * time.Second
	if w := cfg.WeChat; w.On() {
		p, err := wechat.New(wechat.Config{
			Base: w.Base, AppID: w.AppID, MchID: w.MchID, MerchantSerial: w.MerchantSerial, MerchantKey: w.MerchantKey, APIv3Key: w.APIv3Key.Reveal(),
			PlatformSerial: w.PlatformSerial, PlatformCert: w.PlatformCert, PublicKeyID: w.PublicKeyID, PublicKey: w.PublicKey,
			HTTP: client, Now: clock, StoreID: cfg.Store.ID, Timing: w.Timing.Over(payment.Timing{OrderCodeLife: life}),
		})
		if err != nil {
			return nil, err
		}
		out[payment.WeChat] = p
	}
	if a := cfg.Alipay; a.On() {
		p, err := alipay.New(alipay.Config{
			Gateway: a.Gateway, AppID: a.AppID, AppKey: a.AppKey, PublicKey: a.AlipayPublicKey,
			HTTP: client, StoreID: cfg.Store.ID, Timing: a.Timing.Over(payment.Timing{OrderCodeLife: life}),
		})
		if err != nil {
			return nil, err
		}
		out[payment.Alipay] = p
	}
	return out, nil
}

func catalogue(cfg *config.Config) (*goods.Catalogue, error) {
	if cfg.GoodsFile == "" && cfg.MembersFile == "" && cfg.Sandbox.On() {
		return goods.Sample(), nil
	}
	items, err := loadCSV(cfg.GoodsFile, func(f *os.File) ([]goods.Item, error) { return goods.LoadCSV(f, cfg.Currency) })
	if err != nil {
		return nil, err
	}
	members, err := loadCSV(cfg.MembersFile, func(f *os.File) ([]goods.Member, error) { return goods.LoadMembersCSV(f) })
	if err != nil {
		return nil, err
	}
	return goods.New(items, members)
}

func loadCSV[T any](path string, read func(*os.File) ([]T, error)) ([]T, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	rows, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err) // the folder would leave no room for the line
	}
	return rows, nil
}

// paper opens the receipt printer; nil when there is none.
func (s *shop) paper(ctx context.Context) (*till.Paper, error) {
	c := s.cfg.Printer
	sink := sinkOf(c)
	if sink == nil {
		return nil, nil
	}
	width, err := printer.PaperOf(c.Width)
	if err != nil {
		return nil, err
	}
	if c.Text == "bitmap" {
		if width.Font, err = printer.LoadFont(); err != nil {
			return nil, err
		}
	}
	spooler := printer.NewSpooler(context.WithoutCancel(ctx), printer.Options{
		Sink: sink, Begin: s.core.PrintBegins, Report: s.core.PrintResult, Status: s.core.PrinterStatus,
	})
	s.atEnd(func(ctx context.Context) { spooler.Close(ctx) })
	return &till.Paper{Spooler: spooler, Width: width, Texts: &lang.Must(lang.Tag(c.Language)).Paper, Copies: c.Copies, Drawer: c.Drawer}, nil
}

// sinkOf is the way to the printer; nil when there is none.
func sinkOf(c config.Printer) printer.Sink {
	manner := printer.Manner{Silent: !c.Status}
	switch c.Kind {
	case "file":
		return printer.File{Path: c.Path}
	case "tcp":
		return printer.TCP{Address: c.Address, Dial: (&net.Dialer{}).DialContext, Manner: manner}
	case "device":
		return printer.Device{Path: c.Path, Manner: manner}
	case "serial":
		return printer.Serial{Path: c.Path, Baud: c.Baud, Flow: printer.Flow(c.Flow), Manner: manner}
	case "cups":
		return printer.CUPS{Queue: c.Queue}
	}
	return nil
}

func formats(cfg *config.Config) scanner.Formats {
	out := scanner.Formats{Currency: cfg.Currency}
	if p := cfg.Prepaid; p.Offered {
		out.Cards = append(out.Cards, scanner.CardFormat{Kind: scanner.Prepaid, Prefix: p.Prefix, MinLength: p.Length, MaxLength: p.Length, Keep: true})
	}
	for _, c := range cfg.Scanner.Cards {
		out.Cards = append(out.Cards, scanner.CardFormat{
			Kind: scanner.Kind(c.Kind), Prefix: c.Prefix, MinLength: c.MinLength, MaxLength: c.MaxLength, Keep: c.Keep,
		})
	}
	for _, w := range cfg.Scanner.Weighed {
		l := scanner.LabelFormat{Prefix: w.Prefix, Length: w.Length, Item: between(w.Item), NoCheck: !w.Check}
		if w.Kind == "weight" {
			l.Weight, l.WeightDecimals, l.ByWeight = between(w.Value), w.Decimals, true
		} else {
			l.Amount, l.AmountDecimals = between(w.Value), w.Decimals
		}
		out.Weighed = append(out.Weighed, l)
	}
	return out
}

// between is a field given by its first and last place.
func between(places []int) scanner.Field {
	return scanner.Field{From: places[0], Digits: places[1] - places[0] + 1}
}

func wedgeRules(cfg *config.Config) scanner.Rules {
	return scanner.Rules{InterKey: cfg.Scanner.InterKey(), Prefix: cfg.Scanner.Prefix, Suffix: cfg.Scanner.Suffix}
}
