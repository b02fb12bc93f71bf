package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"abacus/internal/config"
	"abacus/internal/doctor"
	"abacus/payment/iso8583"
	"abacus/scanner"
)

// cards are the probes of cards taken at a host. None of them disturbs a till
// that runs; record says whether the terminal's record may be looked at, which
// only the till that writes it can do while it runs.
func cards(cfg *config.Config, record bool) []doctor.Probe {
	c := cfg.Card
	if !c.ViaHost() {
		return nil
	}
	var all []doctor.Probe
	if cfg.Sandbox.Embedded {
		all = append(all, doctor.Func{Of: "cardhost", Run: func(context.Context) []doctor.Finding {
			return []doctor.Finding{{State: doctor.Note, Code: "host-sandbox"}}
		}})
	} else {
		dial := cardDial(cfg)
		all = append(all, doctor.Host{Of: "cardhost", Who: "cardhost", Address: c.Address, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx)
		}})
	}
	if record {
		all = append(all, doctor.Func{Of: "cardhost", Run: func(context.Context) []doctor.Finding {
			return cardRecord(filepath.Join(cfg.Data, "card.jsonl"))
		}})
	}
	if c.ChipService != "" {
		reader := chipService(c)
		all = append(all, doctor.CardReader{Service: c.ChipService, Want: c.ChipReader, Readers: reader.Readers})
	}
	return all
}

func chipService(c config.CardChannel) *scanner.Reader {
	return &scanner.Reader{Name: c.ChipReader, Dial: func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", c.ChipService)
	}}
}

// cardRecord says only when the terminal's record cannot be used, or has lost
// what it should know: none is what a till has that has not taken a card yet.
func cardRecord(path string) []doctor.Finding {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var record *iso8583.Record
	if err == nil {
		record, err = iso8583.OpenRecord(written(data))
	}
	if err == nil {
		return lost(record, filepath.Base(path))
	}
	return []doctor.Finding{{State: doctor.Fault, Code: "host-record", Args: []any{filepath.Base(path)}}}
}

// lostFor is how long it is told that a record has lost something: by then a
// person has seen to it, or knows of it.
const lostFor = 30 * 24 * time.Hour

func lost(record *iso8583.Record, name string) []doctor.Finding {
	b, _ := record.Birth()
	if len(b.Doubted)+len(b.Missing) == 0 || clock().Sub(b.At) > lostFor {
		return nil
	}
	return []doctor.Finding{{State: doctor.Fault, Code: "host-record-lost", Args: []any{name, len(b.Doubted)}}}
}

// written is a record to be read only.
type written []byte

// Load gives the whole lines.
func (w written) Load() ([][]byte, error) {
	whole := iso8583.WholeLines(w)
	if whole == 0 {
		return nil, nil
	}
	return bytes.Split(w[:whole-1], []byte("\n")), nil
}

// Append refuses.
func (written) Append([]byte) error { return errors.ErrUnsupported }
