package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"abacus/internal/config"
	"abacus/ledger"
)

// reading runs f on the books without taking the data folder: it works beside
// a running till.
func (p *program) reading(c *cobra.Command, f func(*ledger.Ledger) error) error {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	if none := p.noBook(cfg); none != nil {
		return none
	}
	books, err := ledger.OpenView(c.Context(), bookOptions(cfg))
	if err != nil && missing(databaseIn(cfg)) {
		return p.unsound(ledger.WhyGone, 1)
	} else if err != nil {
		return p.failed(err)
	}
	defer func() { _ = books.Close() }()
	return f(books)
}

// noBook refuses a data folder without a book and without anything that tells
// of one: nothing shall be read from it, or made in it, by a slip of the path.
func (p *program) noBook(cfg *config.Config) error {
	if untouched(cfg) {
		return &exit{exitFailed, fmt.Sprintf(p.texts.Command.NoBook, cfg.Data)}
	}
	return nil
}

// untouched reports that a data folder tells of no book: a log with something in
// it is a part of one.
func untouched(cfg *config.Config) bool {
	log, err := os.Stat(databaseIn(cfg) + "-wal")
	return missing(databaseIn(cfg)) && missing(headIn(cfg)) && missing(sentIn(cfg)) && (err != nil || log.Size() == 0)
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
