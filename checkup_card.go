package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"

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

// cardRecord says only when the terminal's record cannot be used: none is what
// a till has that has not taken a card yet.
func cardRecord(path string) []doctor.Finding {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = iso8583.OpenRecord(written(data))
	}
	if err == nil {
		return nil
	}
	return []doctor.Finding{{State: doctor.Fault, Code: "host-record", Args: []any{filepath.Base(path)}}}
}

// written is a record to be read only.
type written []byte

// Load gives the whole lines.
func (w written) Load() ([][]byte, error) {
	whole := bytes.LastIndexByte(w, '\n')
	if whole < 0 {
		return nil, nil
	}
	return bytes.Split(w[:whole], []byte("\n")), nil
}

// Append refuses.
func (written) Append([]byte) error { return errors.ErrUnsupported }
