package config

import (
	"fmt"
	"strings"

	"abacus/internal/lang"
)

// checkCard: an account at a card host is wanted only where cards go there, and
// not where the embedded sandbox brings its own.
func (l *loader) checkCard() *fault {
	c := &l.config.Card
	if f := first(
		oneOf("card.via", c.Via, "terminal", "host"),
		oneOf("card.mac", c.MAC, l.cardMACs()...),
		within("card.host_seconds", c.HostSeconds, 5, 120),
		form("card.tpdu", c.TPDU, 10, hexadecimal), form("card.header", c.Header, 12, decimal),
	); f != nil {
		return f
	}
	if c.SmallAmount.Negative() {
		return &fault{"card.small_amount", func(t *lang.Config) string { return t.MoneyNegative }}
	}
	if c.MasterKeyFile != "" {
		data, f := l.fileText("card.master_key_file", c.MasterKeyFile)
		if f != nil {
			return f
		}
		c.MasterKey = Secret(strings.TrimSpace(string(data)))
		if n := len(c.MasterKey); n != 16 && n != 32 || strings.Trim(string(c.MasterKey), hexadecimal) != "" {
			return &fault{"card.master_key_file", func(t *lang.Config) string { return t.NoCardKey }}
		}
	}
	if !c.ViaHost() || l.config.Sandbox.Embedded {
		return nil
	}
	return first(
		needed("card.address", c.Address, "card.via: host"), hostPort("card.address", c.Address),
		needed("card.merchant", c.Merchant, "card.via: host"), form("card.merchant", c.Merchant, 15, letters),
		needed("card.terminal", c.Terminal, "card.via: host"), form("card.terminal", c.Terminal, 8, letters),
		needed("card.master_key_file", c.MasterKeyFile, "card.via: host"),
	)
}

// cardMACs are the algorithms there are; the embedded sandbox's host has two.
func (l *loader) cardMACs() []string {
	if l.config.Card.ViaHost() && l.config.Sandbox.Embedded {
		return []string{"ecb", "sm4"}
	}
	return []string{"ecb", "sm4", "x9.19", "x9.19-binary", "x9.19-80", "x9.19-80-binary", "cbc"}
}

const (
	decimal     = "0123456789"
	hexadecimal = decimal + "ABCDEFabcdef"
	letters     = decimal + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// form wants exactly so many of these characters.
func form(key, value string, n int, of string) *fault {
	if len(value) == n && strings.Trim(value, of) == "" {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.ExactForm, n) }}
}
