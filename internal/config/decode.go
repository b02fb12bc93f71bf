package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// fault is a problem and the setting it is about.
type fault struct {
	key string
	say problem
}

// find gives the field that a key of the file leads to, with its default. It
// ends at the first field that is no section, whatever the key says below it.
func find(key string) (reflect.Value, *fault) {
	field, path := reflect.ValueOf(defaults()).Elem(), ""
	for name := range strings.SplitSeq(key, ".") {
		below, known := fieldOf(field, name)
		if !known {
			return field, &fault{path + name, unknown(field.Type(), name)}
		}
		path += name + "."
		if field = below; !isSection(field.Type()) {
			break
		}
	}
	return field, nil
}

// lay puts settings over a section, leaving alone what they do not name. It is
// strict where a general decoder would be kind: a number is not text, 2.5 is
// not 2 and an unknown key is an error. prefix is "" or ends in ".".
func lay(settings map[string]any, section reflect.Value, prefix string) *fault {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		field, known := fieldOf(section, name)
		if !known {
			return &fault{prefix + name, unknown(section.Type(), name)}
		}
		if f := set(field, settings[name], prefix+name); f != nil {
			return f
		}
	}
	return nil
}

func unknown(section reflect.Type, name string) problem {
	var siblings []string
	for i := range section.NumField() {
		if sibling := section.Field(i).Tag.Get("key"); sibling != "-" {
			siblings = append(siblings, sibling)
		}
	}
	near := nearest(name, siblings)
	return func(t *lang.Config) string {
		if near == "" {
			return t.UnknownKey
		}
		return fmt.Sprintf(t.UnknownKeyNear, near)
	}
}

// set gives a field its value. A setting written without a value (nil) keeps
// its default.
func set(field reflect.Value, value any, key string) *fault {
	if value == nil {
		return nil
	}
	switch {
	case isSection(field.Type()):
		settings, ok := section(value)
		if !ok {
			return &fault{key, func(t *lang.Config) string { return t.WantSection }}
		}
		return lay(settings, field, key+".")
	case field.Kind() == reflect.Slice:
		return setList(field, value, key)
	}
	if say := setSingle(field, value); say != nil {
		return &fault{key, say}
	}
	return nil
}

func section(value any) (map[string]any, bool) {
	switch m := value.(type) {
	case map[string]any:
		return m, true
	case map[any]any: // a key that is no text, such as 1 or true
		named := make(map[string]any, len(m))
		for k, v := range m {
			named[fmt.Sprint(k)] = v
		}
		return named, true
	}
	return nil, false
}

func setList(field reflect.Value, value any, key string) *fault {
	items, ok := value.([]any)
	if !ok {
		return &fault{key, func(t *lang.Config) string { return t.WantList }}
	}
	list := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, item := range items {
		if f := set(list.Index(i), item, fmt.Sprintf("%s[%d]", key, i+1)); f != nil {
			return f
		}
	}
	field.Set(list)
	return nil
}

func setSingle(field reflect.Value, value any) problem {
	text, isText := value.(string)
	switch field.Interface().(type) {
	case money.Amount:
		amount, err := money.Parse(text, money.CNY)
		if err != nil {
			return func(t *lang.Config) string { return t.WantMoney }
		}
		field.Set(reflect.ValueOf(amount))
		return nil
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return func(t *lang.Config) string { return t.WantDuration }
		}
		field.SetInt(int64(d))
		return nil
	case Size:
		size, ok := sizeOf(text)
		if !ok {
			return func(t *lang.Config) string { return t.WantSize }
		}
		field.SetInt(int64(size))
		return nil
	case ClockTime:
		at, err := time.Parse("15:04", text)
		if err != nil {
			return func(t *lang.Config) string { return t.WantClock }
		}
		field.SetInt(int64(at.Hour())*int64(time.Hour) + int64(at.Minute())*int64(time.Minute))
		return nil
	}
	switch field.Kind() {
	case reflect.Int:
		n, ok := value.(int)
		if !ok {
			return func(t *lang.Config) string { return t.WantNumber }
		}
		field.SetInt(int64(n))
	case reflect.Bool:
		b, ok := value.(bool)
		if !ok {
			return func(t *lang.Config) string { return t.WantBool }
		}
		field.SetBool(b)
	default:
		if !isText {
			return func(t *lang.Config) string { return t.WantText }
		}
		field.SetString(text)
	}
	return nil
}

// sizeOf reads a size: a whole number and its unit. Those who write MB or M may
// mean either of two things.
func sizeOf(text string) (Size, bool) {
	const mostDigits = 7 // of GiB: still far from the end of an int64
	for suffix, unit := range map[string]Size{"MiB": mebi, "GiB": gibi} {
		number, ok := strings.CutSuffix(text, suffix)
		number = strings.TrimSuffix(number, " ")
		if !ok || len(number) > mostDigits || !onlyDigits(number) {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		return Size(n) * unit, err == nil
	}
	return 0, false
}
