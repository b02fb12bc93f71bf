package config

import (
	"fmt"
	"path"
	"path/filepath"

	"abacus/internal/lang"
	"abacus/scanner"
)

func (l *loader) checkScanner() *fault {
	s := &l.config.Scanner
	if s.Weighed == nil {
		s.Weighed = sampleLabels()
	}
	return first(
		within("scanner.inter_key_ms", s.InterKeyMS, 5, 150),
		tooLong("scanner.prefix", s.Prefix, 8),
		tooLong("scanner.suffix", s.Suffix, 8),
		tooMany("scanner.weighed", len(s.Weighed), 16),
		each(s.Weighed, func(i int, w Weighed) *fault { return checkLabel(item("scanner.weighed", i), w) }),
		each(s.Weighed, func(i int, w Weighed) *fault {
			for _, before := range s.Weighed[:i] {
				if before.Prefix == w.Prefix && before.Length == w.Length {
					return twice(item("scanner.weighed", i)+".prefix", w.Prefix, true)
				}
			}
			return nil
		}),
		tooMany("scanner.cards", len(s.Cards), 16),
		each(s.Cards, func(i int, c Card) *fault { return checkCard(item("scanner.cards", i), c) }),
		tooMany("scanner.devices", len(s.Devices), 8),
		checkDevices(s.Devices),
	)
}

// checkCard makes sure that a form of card can be told from goods and takes no
// customer's pay code for itself.
func checkCard(key string, c Card) *fault {
	if f := first(
		oneOf(key+".kind", c.Kind, "member", "coupon", "prepaid", "badge"),
		needed(key+".prefix", c.Prefix, "scanner.cards"),
		tooLong(key+".prefix", c.Prefix, 16),
		within(key+".min_length", c.MinLength, len(c.Prefix)+1, 64),
		within(key+".max_length", c.MaxLength, c.MinLength, 64),
	); f != nil {
		return f
	}
	if (scanner.CardFormat{Prefix: c.Prefix, MinLength: c.MinLength, MaxLength: c.MaxLength}).HidesPayCodes() {
		return &fault{key + ".prefix", func(t *lang.Config) string { return t.CardIsPayCode }}
	}
	return nil
}

// checkDevices also gives every device its name and speed.
func checkDevices(devices []Device) *fault {
	names, places := map[string]bool{}, map[string]bool{}
	for i := range devices {
		d, key := &devices[i], item("scanner.devices", i)
		if d.Name == "" {
			d.Name = shortName(d.Device)
		}
		if d.Baud == 0 {
			d.Baud = 9600
		}
		if f := first(
			oneOf(key+".kind", d.Kind, "serial", "evdev"),
			needed(key+".device", d.Device, "scanner.devices"),
			goodPattern(key+".device", d.Device),
			twice(key+".device", d.Device, places[d.Device]),
			text(key+".name", d.Name, nameLength),
			twice(key+".name", d.Name, names[d.Name]),
			within(key+".baud", d.Baud, 300, 921600),
			tooLong(key+".prefix", d.Prefix, 8),
			tooLong(key+".suffix", d.Suffix, 8),
		); f != nil {
			return f
		}
		names[d.Name], places[d.Device] = true, true
	}
	return nil
}

// nameLength keeps a device's name in one line with what is said about it.
const nameLength = 24

// shortName is the end of a path, where models and numbers stand.
func shortName(device string) string {
	name := []rune(filepath.Base(device))
	return string(name[max(0, len(name)-nameLength):])
}

func goodPattern(key, pattern string) *fault {
	if _, err := path.Match(pattern, ""); err == nil {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.BadPattern, pattern) }}
}

// checkLabel makes sure that reading a label of the right length never goes
// past its ends.
func checkLabel(key string, w Weighed) *fault {
	if !onlyDigits(w.Prefix) || len(w.Prefix) > 8 {
		return &fault{key + ".prefix", func(t *lang.Config) string { return fmt.Sprintf(t.LabelDigits, 8) }}
	}
	last := w.Length
	if w.Check {
		last--
	}
	if f := first(
		within(key+".length", w.Length, 8, 24),
		oneOf(key+".kind", w.Kind, "amount", "weight"),
		positions(key+".item", w.Item, len(w.Prefix)+1, last, 12),
		positions(key+".value", w.Value, len(w.Prefix)+1, last, 9),
	); f != nil {
		return f
	}
	if w.Value[0] <= w.Item[1] && w.Item[0] <= w.Value[1] {
		return &fault{key + ".value", func(t *lang.Config) string { return t.LabelOverlap }}
	}
	most := 3 // grams
	if w.Kind == "amount" {
		most = 2 // fen
	}
	return within(key+".decimals", w.Decimals, 0, most)
}

// positions wants first and last place of a number of at most digits digits.
func positions(key string, p []int, least, most, digits int) *fault {
	if len(p) == 2 && p[0] >= least && p[1] <= most && p[0] <= p[1] && p[1]-p[0] < digits {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.LabelPositions, least, most, digits) }}
}
