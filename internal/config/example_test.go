package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"abacus/internal/config"
)

const exampleFile = "../../config.example.yaml"

// The example shows every setting and nothing else, and what it shows are the
// defaults: loading it is loading nothing.
func TestExampleLoadsToTheDefaults(t *testing.T) {
	home := t.TempDir()
	env := []string{"HOME=" + home}
	without, err := config.Load(config.Sources{Dir: home, Env: env, OS: "linux"})
	if err != nil {
		t.Fatal(err)
	}
	example, err := filepath.Abs(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	with, err := config.Load(config.Sources{File: example, Dir: home, Env: env, OS: "linux"})
	if err != nil {
		t.Fatal(err)
	}
	if with.File != example || without.File != "" {
		t.Errorf("read %q and %q", with.File, without.File)
	}
	with.File = ""
	// Empty lists stand in the example as what they are.
	if len(with.Scanner.Cards)+len(with.Scanner.Devices) == 0 {
		with.Scanner.Cards, with.Scanner.Devices = nil, nil
	}
	if len(with.Store.Lines) == 0 {
		with.Store.Lines = nil
	}
	if !reflect.DeepEqual(with, without) {
		t.Errorf("example differs from the defaults:\n%#v\n%#v", *with, *without)
	}
}

func TestExampleListsExactlyTheSettings(t *testing.T) {
	data, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	shown := keysOf(string(data))
	want := config.Keys()
	for _, key := range want {
		if !slices.Contains(shown, key) {
			t.Errorf("config.example.yaml lacks %s", key)
		}
	}
	for _, key := range shown {
		if !slices.Contains(want, key) {
			t.Errorf("config.example.yaml has %s, which is no setting", key)
		}
	}
}

// keysOf reads the keys off the text itself rather than with the loader, which
// would be asked to agree with itself.
func keysOf(text string) []string {
	// A list that is empty by default shows its settings behind "#  ".
	line := regexp.MustCompile(`^( *(?:#  )? *)(- )?([a-z0-9_]+):([^#]*)`)
	var all, path []string
	var indents []int // of path
	for row := range strings.SplitSeq(text, "\n") {
		m := line.FindStringSubmatch(row)
		if m == nil {
			continue
		}
		indent := len(m[1] + m[2])
		for len(path) > 0 && indents[len(path)-1] >= indent {
			path, indents = path[:len(path)-1], indents[:len(path)-1]
		}
		if last := len(path) - 1; m[2] != "" && !strings.HasSuffix(path[last], "[]") {
			path[last] += "[]"
		}
		path, indents = append(path, m[3]), append(indents, indent)
		if strings.TrimSpace(m[4]) != "" { // a section has nothing behind its key
			all = append(all, strings.Join(path, "."))
		}
	}
	slices.Sort(all)
	all = slices.DeleteFunc(all, func(key string) bool { // an empty list whose items are shown
		return slices.ContainsFunc(all, func(other string) bool { return strings.HasPrefix(other, key+"[].") })
	})
	return slices.Compact(all)
}
