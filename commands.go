package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"abacus/internal/config"
	"abacus/internal/headless"
	"abacus/internal/lang"
	"abacus/internal/report"
	"abacus/ledger"
	"abacus/payment/sandbox"
)

// program is what all commands share.
type program struct {
	texts  *lang.Texts
	file   string // --config
	data   string // --data
	asJSON bool
}

func (p *program) commands() *cobra.Command {
	t := p.texts.Command
	root := &cobra.Command{Use: "abacus", Short: t.About, Args: cobra.NoArgs, SilenceErrors: true, SilenceUsage: true,
		RunE: func(c *cobra.Command, _ []string) error { return p.screen(c.Context()) }}
	root.CompletionOptions.HiddenDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVar(&p.file, "config", "", t.FlagConfig)
	flags.StringVar(&p.data, "data", "", t.FlagData)
	flags.BoolVar(&p.asJSON, "json", false, t.FlagJSON)
	root.AddCommand(p.headlessCommand(), p.sandboxCommand(), p.reportCommand(), p.journalCommand(), p.syncCommand(), p.doctorCommand(), p.numbersCommand(), p.versionCommand())
	return root
}

func (p *program) headlessCommand() *cobra.Command {
	var listen string
	c := &cobra.Command{Use: "headless", Short: p.texts.Command.AboutHeadless, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.headless(c.Context(), listen) }}
	c.Flags().StringVar(&listen, "listen", "", p.texts.Command.FlagListen)
	return c
}

func (p *program) sandboxCommand() *cobra.Command {
	var dir, listen string
	c := &cobra.Command{Use: "sandbox", Short: p.texts.Command.AboutSandbox, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := sandbox.Run(c.Context(), dir, listen, os.Stdout); err != nil {
				return p.failed(err)
			}
			return nil
		}}
	c.Flags().StringVar(&dir, "dir", "", p.texts.Command.FlagDir)
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", p.texts.Command.FlagListen)
	_ = c.MarkFlagRequired("dir")
	return c
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: p.texts.Command.AboutVersion, Args: cobra.NoArgs,
		Run: func(c *cobra.Command, _ []string) {
			if p.asJSON {
				_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"version": version})
				return
			}
			fmt.Println("abacus", version)
		}}
}

func (p *program) reportCommand() *cobra.Command {
	t := p.texts.Command
	var format string
	var number int64
	c := &cobra.Command{Use: "report", Short: t.AboutReport, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.PersistentFlags().StringVar(&format, "format", "text", t.FlagFormat)
	x := &cobra.Command{Use: "x", Short: t.AboutReportX, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return p.reading(c, func(books *ledger.Ledger) error {
			r, err := books.Report(c.Context())
			if err != nil {
				return p.failed(err)
			}
			return p.writeReport(r, format)
		})
	}}
	z := &cobra.Command{Use: "z", Short: t.AboutReportZ, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return p.reading(c, func(books *ledger.Ledger) error {
			r, err := books.Z(c.Context(), number)
			switch {
			case errors.Is(err, ledger.ErrNotFound):
				return &exit{exitFailed, p.texts.Command.NoReport}
			case err != nil:
				return p.failed(err)
			}
			return p.writeReport(r, format)
		})
	}}
	z.Flags().Int64Var(&number, "number", 0, t.FlagNumber)
	c.AddCommand(x, z)
	return c
}

func (p *program) writeReport(r ledger.Report, format string) error {
	var err error
	switch {
	case p.asJSON || format == "json":
		err = headless.WriteReport(os.Stdout, r)
	case format == "text":
		err = report.Text(os.Stdout, r, &p.texts.Paper, 48)
	case format == "csv":
		err = report.CSV(os.Stdout, r)
	default:
		return fmt.Errorf("--format %q: text, json, csv", format)
	}
	if err != nil {
		return p.failed(err)
	}
	return p.needed(count{r.Doubtful, p.texts.Command.Open}, count{r.Holds.Doubtful, p.texts.Command.Holds})
}

func (p *program) journalCommand() *cobra.Command {
	t := p.texts.Command
	c := &cobra.Command{Use: "journal", Short: t.AboutJournal, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(p.verifyCommand(), p.exportCommand(), p.rebuildCommand(), p.listCommand())
	return c
}

// verifyCommand checks the database of the data folder, or an export alone.
func (p *program) verifyCommand() *cobra.Command {
	t := p.texts.Command
	return &cobra.Command{Use: "verify [FILE]", Short: t.AboutVerify, Args: cobra.MaximumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		var v ledger.Verdict
		var err error
		if len(args) == 1 {
			_, _ = p.load() // for its language: an export needs nothing else
			f, openErr := os.Open(args[0])
			if openErr != nil {
				return p.failed(openErr)
			}
			defer func() { _ = f.Close() }()
			v, err = ledger.VerifyExport(c.Context(), f)
		} else {
			cfg, cfgErr := p.load()
			if cfgErr != nil {
				return cfgErr
			}
			if none := p.noBook(cfg); none != nil {
				return none
			}
			v, err = ledger.Verify(c.Context(), bookOptions(cfg))
		}
		if err != nil {
			return p.failed(err)
		}
		if p.asJSON {
			if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
				return p.failed(err)
			}
		}
		if !v.OK {
			if len(args) == 1 { // an export: what to do with a book does not fit it
				if v.Bad == 0 {
					return &exit{exitFailed, fmt.Sprintf(p.texts.Command.NotExport, args[0])}
				}
				say, _ := p.texts.Broken(v.Why, v.Bad)
				return &exit{exitFailed, fmt.Sprintf(p.texts.Command.JournalBroken, say)}
			}
			return p.unsound(v.Why, v.Bad)
		}
		if !p.asJSON {
			fmt.Printf(p.texts.Command.JournalSound+"\n", v.Entries, v.Head.Hash)
		}
		if v.HeadMissing {
			say, hint := p.texts.Finding("head-missing", nil)
			return &exit{exitPerson, say + "\n" + hint}
		}
		return nil
	}}
}

func (p *program) exportCommand() *cobra.Command {
	t := p.texts.Command
	var output string
	c := &cobra.Command{Use: "export", Short: t.AboutExport, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return p.reading(c, func(books *ledger.Ledger) error {
			if output == "" {
				return p.ifFailed(books.Export(c.Context(), os.Stdout))
			}
			f, err := os.OpenFile(filepath.Clean(output), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if err != nil {
				return p.failed(err)
			}
			err = books.Export(c.Context(), f)
			if closing := f.Close(); err == nil {
				err = closing
			}
			if err != nil {
				return p.failed(err)
			}
			fmt.Printf(p.texts.Command.Exported+"\n", books.Head().Number, output)
			return nil
		})
	}}
	c.Flags().StringVar(&output, "output", "", t.FlagOutput)
	return c
}

func (p *program) rebuildCommand() *cobra.Command {
	t := p.texts.Command
	return &cobra.Command{Use: "rebuild", Short: t.AboutRebuild, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		cfg, err := p.load()
		if err != nil {
			return err
		}
		if none := p.noBook(cfg); none != nil {
			return none
		}
		release, err := p.hold(cfg)
		if err != nil {
			return err
		}
		defer release()
		books, err := ledger.Open(c.Context(), bookOptions(cfg))
		// Totals that not even a start can read are what rebuilding is for. A book
		// that is refused is left open until the process ends: closing it would move
		// its log, which may be another's, into the file for good.
		if broken := (*ledger.Broken)(nil); err != nil && (!errors.As(err, &broken) || broken.Why != ledger.WhyProjection) {
			return p.failed(err)
		}
		differences, err := books.Rebuild(c.Context())
		if isBroken(err) {
			return p.failed(err)
		}
		defer func() { _ = books.Close() }()
		if err != nil {
			return p.failed(err)
		}
		for _, d := range differences {
			fmt.Println(d)
		}
		fmt.Printf(p.texts.Command.Rebuilt+"\n", books.Head().Number)
		if len(differences) > 0 {
			return &exit{code: exitPerson}
		}
		return nil
	}}
}

func (p *program) listCommand() *cobra.Command {
	t := p.texts.Command
	var after int64
	var limit int
	c := &cobra.Command{Use: "list", Short: t.AboutList, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return p.reading(c, func(books *ledger.Ledger) error {
			entries, err := books.Entries(c.Context(), after, limit)
			if err != nil {
				return p.failed(err)
			}
			return p.writeEntries(os.Stdout, entries)
		})
	}}
	c.Flags().Int64Var(&after, "after", 0, t.FlagAfter)
	c.Flags().IntVar(&limit, "limit", 100, t.FlagLimit)
	return c
}

func (p *program) writeEntries(w io.Writer, entries []ledger.Entry) error {
	for _, e := range entries {
		if p.asJSON {
			if err := json.NewEncoder(w).Encode(e); err != nil {
				return p.failed(err)
			}
			continue
		}
		if _, err := fmt.Fprintf(w, "%7d  %s  %-17s %-14s %s\n", e.Number, e.Time.Local().Format("2006-01-02 15:04:05"), e.Kind, e.Sale, e.Payload); err != nil {
			return p.failed(err)
		}
	}
	return nil
}

// load reads the configuration the flags name.
func (p *program) load() (*config.Config, error) {
	cfg, err := config.Load(config.Sources{File: p.file, Data: p.data, Env: os.Environ()})
	if err != nil {
		return nil, err
	}
	p.texts = lang.Must(cfg.Language)
	return cfg, nil
}
