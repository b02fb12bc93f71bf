package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"path/filepath"
	"time"

	"abacus/internal/config"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/iso8583"
	"abacus/scanner"
)

// cardHost puts the card host beside the acquirers, where cards go there. What
// is wrong with it stops cards, not the till.
func (s *shop) cardHost(cfg *config.Config, providers map[payment.Channel]payment.Provider) {
	if !cfg.Card.ViaHost() {
		return
	}
	host, err := s.openCardHost(context.Background(), cfg, s.books.Load())
	if err != nil {
		s.log.Error("cards are not taken", "error", err)
		s.core.Link(context.Background(), string(payment.Card), false)
		return
	}
	providers[payment.Card] = host
}

func (s *shop) openCardHost(ctx context.Context, cfg *config.Config, books *ledger.Ledger) (*iso8583.Client, error) {
	c := cfg.Card
	tpdu, err := iso8583.ParseTPDU(c.TPDU)
	if err != nil {
		return nil, err
	}
	header, err := iso8583.ParseHeader(c.Header)
	if err != nil {
		return nil, err
	}
	key, err := iso8583.ParseKey(c.MasterKey.Reveal())
	if err != nil {
		return nil, err
	}
	file, err := iso8583.OpenFile(filepath.Join(s.cfg.Data, "card.jsonl"))
	if err != nil {
		return nil, err
	}
	s.onClose(func() { _ = file.Close() })
	record, err := iso8583.OpenRecord(file)
	if err != nil {
		return nil, err
	}
	if err := s.remind(ctx, record, books); err != nil {
		return nil, err
	}
	if err := record.Compact(clock()); err != nil {
		s.log.Warn("card record", "error", err)
	}
	settings := iso8583.Config{
		Merchant: c.Merchant, Terminal: c.Terminal, TPDU: tpdu, Header: header, MasterKey: key, MAC: iso8583.Algorithm(c.MAC),
		Dial: cardDial(cfg), Record: record, Now: clock, HostTimeout: time.Duration(c.HostSeconds) * time.Second,
	}
	if c.ChipService != "" {
		settings.Chip = &chipReader{serial: c.Terminal, reader: chipService(c)}
	}
	return iso8583.New(settings)
}

// remind tells a record that is new, or an old copy, what it cannot know.
func (s *shop) remind(ctx context.Context, record *iso8583.Record, books *ledger.Ledger) error {
	forgot, again, err := till.Forgot(ctx, books, record)
	if err != nil || !again {
		return err
	}
	if len(forgot.Doubted)+len(forgot.Missing) > 0 {
		s.log.Error("the card terminal's record was lost, or is an old copy", "in doubt", forgot.Doubted, "paid", len(forgot.Missing))
	}
	return record.Born(iso8583.Birth{At: clock(), Doubted: forgot.Doubted, Missing: forgot.Missing})
}

func cardDial(cfg *config.Config) func(context.Context) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if !cfg.Card.TLS {
		return func(ctx context.Context) (net.Conn, error) { return dialer.DialContext(ctx, "tcp", cfg.Card.Address) }
	}
	secure := &tls.Dialer{NetDialer: dialer, Config: &tls.Config{RootCAs: cfg.TLS.Roots, MinVersion: tls.VersionTLS12}}
	return func(ctx context.Context) (net.Conn, error) { return secure.DialContext(ctx, "tcp", cfg.Card.Address) }
}

// chipReader gives the card host what the scanner's reader reads.
type chipReader struct {
	reader *scanner.Reader
	serial string
}

// Read implements iso8583.ChipReader.
func (r *chipReader) Read(ctx context.Context, p iso8583.ChipPayment) (*iso8583.ChipCard, error) {
	ask := scanner.ChipAsk{Amount: p.Amount, At: p.At, Balance: p.Asking, PIN: p.PIN, Serial: r.serial}
	if _, err := rand.Read(ask.Nonce[:]); err != nil {
		return nil, err
	}
	c, err := r.reader.Read(ctx, ask)
	if err != nil {
		return nil, err
	}
	return &iso8583.ChipCard{Number: c.Number, Expiry: c.Expiry, Sequence: c.Sequence, Contactless: c.Contactless, Phone: c.Phone, Data: c.Data}, nil
}
