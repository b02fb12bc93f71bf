package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"abacus/internal/config"
	"abacus/internal/till"
	"abacus/payment/prepaid"
)

func prepaidFormat(c config.Prepaid) prepaid.Format {
	return prepaid.Format{Prefix: c.Prefix, Length: c.Length}
}

// prepaidCards is what the core has to know of the shop's prepaid cards; nil
// where it has none.
func prepaidCards(cfg *config.Config) *till.Prepaid {
	c := cfg.Prepaid
	if !c.Offered {
		return nil
	}
	format := prepaidFormat(c)
	return &till.Prepaid{
		Valid: format.Valid, Mask: prepaid.Mask, PINForm: prepaid.PINForm, PINFits: prepaid.PINFits,
		HashPIN: func(pin string) (string, error) { return prepaid.HashPIN(pin, rand.Reader) },
		Most:    c.Most,
		Expires: func(issued time.Time) string {
			if c.Months == 0 {
				return ""
			}
			return cfg.Day(issued.AddDate(0, c.Months, 0))
		},
	}
}

// mostNumbers is what one call makes: a printer's box of cards.
const mostNumbers = 10_000

// numbersCommand makes numbers for cards that are to be printed.
func (p *program) numbersCommand() *cobra.Command {
	t := p.texts.Command
	count := 0
	numbers := &cobra.Command{Use: "numbers", Short: t.AboutNumbers, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		cfg, err := p.load()
		if err != nil {
			return err
		}
		if count < 1 || count > mostNumbers {
			return fmt.Errorf("--count %d: 1 - %d", count, mostNumbers)
		}
		return p.makeNumbers(prepaidFormat(cfg.Prepaid), count)
	}}
	numbers.Flags().IntVar(&count, "count", 1, t.FlagCount)
	c := &cobra.Command{Use: "prepaid", Short: t.AboutPrepaid, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(numbers)
	return c
}

func (p *program) makeNumbers(format prepaid.Format, count int) error {
	out := json.NewEncoder(os.Stdout)
	for range count {
		number, err := format.Make(rand.Reader)
		if err == nil && p.asJSON {
			err = out.Encode(map[string]string{"number": number})
		} else if err == nil {
			_, err = fmt.Println(number)
		}
		if err != nil {
			return p.failed(err)
		}
	}
	return nil
}
