package config_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"abacus/internal/config"
	"abacus/internal/lang"
)

// Whatever a file holds, it is a configuration that can be used or one
// sentence about the file.
func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add(real)
	for _, c := range wrong {
		if len(c.yaml) < 1000 {
			f.Add(c.yaml)
		}
	}
	f.Add("a: &a [*a]")
	f.Add("? [1, 2]\n: x")
	f.Add("store.name: x\nstore: {name: y}")
	f.Add("0%!")
	f.Fuzz(func(t *testing.T, yaml string) {
		s := sources("", map[string]string{"/shop/config.yaml": yaml, "/shop/other.txt": yaml})
		c, err := config.Load(s)
		if err == nil {
			usable(t, c)
			return
		}
		var e *config.Error
		if !errors.As(err, &e) {
			t.Fatalf("not a sentence: %v", err)
		}
		sentence := e.Sentence(lang.Must(lang.English))
		badVerb := strings.Contains(sentence, "%!") && !strings.Contains(yaml, "%!")
		if strings.ContainsAny(sentence, "\n\r") || badVerb || !strings.HasPrefix(sentence, file) {
			t.Errorf("not one sentence about the file: %q", sentence)
		}
	})
}

func usable(t *testing.T, c *config.Config) {
	t.Helper()
	switch {
	case len(c.Till) < 1 || len(c.Till) > 4, c.Data == "", !c.ConfirmAbove.Valid(), len(c.Operators) == 0:
		t.Errorf("unusable: %#v", *c)
	case c.Sandbox.Embedded && (c.WeChat.On() || c.Alipay.On()):
		t.Error("embedded sandbox beside an acquirer")
	}
	for _, w := range c.Scanner.Weighed {
		digits := strings.Repeat("0", w.Length)
		_ = digits[w.Item[0]-1:w.Item[1]] + digits[w.Value[0]-1:w.Value[1]]
	}
}
