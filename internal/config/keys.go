package config

import (
	"reflect"
	"slices"
	"strings"
)

// keys are all settings, in the order of the struct: "store.name", and for
// items of lists "operators[].id". Sections and lists of structs are not in it
// by themselves.
func keys(t reflect.Type, prefix string) []string {
	var all []string
	for i := range t.NumField() {
		name, field := t.Field(i).Tag.Get("key"), t.Field(i).Type
		switch {
		case name == "-":
		case isSection(field):
			all = append(all, keys(field, prefix+name+".")...)
		case field.Kind() == reflect.Slice && isSection(field.Elem()):
			all = append(all, keys(field.Elem(), prefix+name+"[].")...)
		default:
			all = append(all, prefix+name)
		}
	}
	return all
}

// settable is keys with a list of structs as one setting, since the
// environment and flags give a list as a whole.
func settable() []string {
	var all []string
	for _, key := range keys(reflect.TypeFor[Config](), "") {
		if list, _, found := strings.Cut(key, "[]"); found {
			key = list
		}
		all = append(all, key)
	}
	return slices.Compact(all)
}

// variable is the environment variable of a setting.
func variable(key string) string {
	return "ABACUS_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// isSection reports whether a field is written as settings of its own below
// it: structs with keys, and not structs such as money.Amount.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Tag.Get("key") != ""
}

// fieldOf finds a section's field by its key.
func fieldOf(section reflect.Value, key string) (reflect.Value, bool) {
	for i := range section.NumField() {
		if section.Type().Field(i).Tag.Get("key") == key && key != "-" {
			return section.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// nearest is the candidate that wrong is most likely a slip of, or "".
func nearest(wrong string, candidates []string) string {
	best, fewest := "", 3 // a third slip of the finger is another word
	for _, c := range candidates {
		if d := distance(strings.ToLower(wrong), strings.ToLower(c)); d < fewest && d < len(c)/2+1 {
			best, fewest = c, d
		}
	}
	return best
}

// distance is Levenshtein's: the least number of characters to put in, take
// out or replace.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 { // no setting is as long; bounds the work
		return len(a) + len(b)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
