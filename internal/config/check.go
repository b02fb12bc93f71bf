package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// check validates the settings, works out what follows from them, and gives
// the first thing wrong.
func (l *loader) check() *fault {
	l.absolutePaths()
	for _, part := range []func() *fault{
		l.checkShop, l.checkSandbox, l.checkOperators, l.checkSelling, l.checkTLS, l.checkWeChat, l.checkAlipay, l.checkJournal, l.checkPinpad, l.checkCard, l.checkPrepaid,
		l.checkPrinter, l.checkDisplay, l.checkScanner, l.checkLook, l.checkData,
	} {
		if f := part(); f != nil {
			return f
		}
	}
	return nil
}

// absolutePaths: a path is relative to the file it stands in; one given by the
// environment or a flag, to the working directory.
func (l *loader) absolutePaths() {
	c := l.config
	paths := map[string]*string{
		"data": &c.Data, "goods_file": &c.GoodsFile, "members_file": &c.MembersFile,
		"wechat.merchant_key_file": &c.WeChat.MerchantKeyFile, "wechat.apiv3_key_file": &c.WeChat.APIv3KeyFile,
		"wechat.platform_cert_file": &c.WeChat.PlatformCertFile, "wechat.public_key_file": &c.WeChat.PublicKeyFile,
		"alipay.app_key_file": &c.Alipay.AppKeyFile, "alipay.alipay_public_key_file": &c.Alipay.AlipayPublicKeyFile,
		"journal.key_file": &c.Journal.KeyFile, "journal.public_key_file": &c.Journal.PublicKeyFile,
		"tls.ca_file": &c.TLS.CAFile, "printer.path": &c.Printer.Path, "pinpad.path": &c.Pinpad.Path, "display.path": &c.Display.Path,
		"card.master_key_file": &c.Card.MasterKeyFile, "card.chip_service": &c.Card.ChipService,
	}
	for key, path := range paths {
		dir := l.Dir
		if _, outside := l.origin[key]; !outside && c.File != "" {
			dir = filepath.Dir(c.File)
		}
		*path = absolute(*path, dir)
	}
}

func (l *loader) checkShop() *fault {
	c := l.config
	return first(
		identifier("store.id", c.Store.ID, 32, "_-"),
		text("store.name", c.Store.Name, 40),
		tooMany("store.lines", len(c.Store.Lines), 6),
		each(c.Store.Lines, func(i int, line string) *fault { return text(item("store.lines", i), line, 60) }),
		identifier("till", c.Till, 4, ""),
		oneOf("language", c.LanguageSetting, string(lang.Chinese), string(lang.English), auto),
		oneOf("currency", string(c.Currency), string(money.CNY)),
	)
}

func (l *loader) checkSelling() *fault {
	c := l.config
	if !c.ConfirmAbove.Valid() || c.ConfirmAbove.Negative() {
		return &fault{"confirm_above", func(t *lang.Config) string { return t.MoneyNegative }}
	}
	if c.Huabei.Instalments == nil {
		c.Huabei.Instalments = []int{3, 6, 12}
	}
	return first(
		within("order_code_seconds", c.OrderCodeSeconds, 30, 600),
		each(c.Huabei.Instalments, func(i, plan int) *fault {
			return oneOf(item("huabei.instalments", i), fmt.Sprint(plan), "3", "6", "12")
		}),
		each(c.Huabei.Instalments, func(i, plan int) *fault {
			return twice(item("huabei.instalments", i), fmt.Sprint(plan), slices.Index(c.Huabei.Instalments, plan) < i)
		}),
		l.fileThere("goods_file", c.GoodsFile),
		l.fileThere("members_file", c.MembersFile),
	)
}

func (l *loader) checkLook() *fault {
	c := l.config
	return first(
		oneOf("theme", c.Theme, "dark", "light", "contrast"),
		oneOf("borders", c.Borders, "unicode", "ascii"),
	)
}

func (l *loader) checkData() *fault {
	if l.config.Data == "" {
		l.config.Data = dataFolder(l.env, l.OS)
	}
	if l.config.Data == "" {
		return &fault{"data", func(t *lang.Config) string { return t.NoHome }}
	}
	return l.checkRoom()
}

// leastStop holds more than a day's end with everything in doubt: see
// the reserve of internal/till/space.go.
const leastStop, mostRoom = 16 * mebi, 1024 * gibi

func (l *loader) checkRoom() *fault {
	d := l.config.Disk
	for _, limit := range []struct {
		key         string
		size, least Size
	}{{"disk.stop", d.Stop, leastStop}, {"disk.warn", d.Warn, d.Stop}} {
		if limit.size < limit.least || limit.size > mostRoom {
			return &fault{limit.key, func(t *lang.Config) string {
				return fmt.Sprintf(t.SizeRange, limit.size, limit.least, mostRoom)
			}}
		}
	}
	return nil
}

// first is the first fault there is.
func first(faults ...*fault) *fault {
	for _, f := range faults {
		if f != nil {
			return f
		}
	}
	return nil
}

// each checks the items of a list.
func each[T any](list []T, check func(i int, value T) *fault) *fault {
	for i, value := range list {
		if f := check(i, value); f != nil {
			return f
		}
	}
	return nil
}

// item names one of a list, counted from 1 as people do.
func item(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i+1) }

// text is something to be printed: not empty, not long, nothing that would
// reach a printer or a terminal as a command.
func text(key, value string, most int) *fault {
	if strings.TrimSpace(value) == "" {
		return &fault{key, func(t *lang.Config) string { return t.Missing }}
	}
	for _, r := range value {
		if !unicode.IsGraphic(r) || r == utf8.RuneError {
			return &fault{key, func(t *lang.Config) string { return t.Unprintable }}
		}
	}
	return tooLong(key, value, most)
}

func tooLong(key, value string, most int) *fault {
	if utf8.RuneCountInString(value) <= most {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.TooLong, most) }}
}

// identifier is a name that goes into order numbers and file names: ASCII
// letters and digits, and what else besides allows.
func identifier(key, value string, most int, besides string) *fault {
	odd := strings.ContainsFunc(value, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(besides, r)
	})
	if value != "" && len(value) <= most && !odd {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.Identifier, most) }}
}

func oneOf(key, value string, possible ...string) *fault {
	if slices.Contains(possible, value) {
		return nil
	}
	if r := []rune(value); len(r) > 24 {
		value = string(r[:24]) + "…"
	}
	return &fault{key, func(t *lang.Config) string {
		return fmt.Sprintf(t.NotOneOf, value, strings.Join(possible, ", "))
	}}
}

func within(key string, n, least, most int) *fault {
	if n >= least && n <= most {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.OutOfRange, n, least, most) }}
}

func tooMany(key string, n, most int) *fault {
	if n <= most {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.TooMany, most) }}
}

func twice(key, value string, isTwice bool) *fault {
	if !isTwice {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.Twice, value) }}
}

func needed(key, value, by string) *fault {
	if value != "" {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.MissingFor, by) }}
}

// duration allows nothing, which leaves the scheme's figure, or what a
// sandbox may want and a customer may bear.
func duration(key string, d time.Duration) *fault {
	const least, most = 10 * time.Millisecond, 10 * time.Minute
	if d == 0 || d >= least && d <= most {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.DurationRange, d, least, most) }}
}
