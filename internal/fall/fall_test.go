package fall_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"abacus/internal/fall"
)

// Of a panic nothing is told that could be a secret, but where it was is.
func TestWhatIsToldOfAFall(t *testing.T) {
	var log bytes.Buffer
	fallen := func(panics func()) (f *fall.Fall) {
		defer func() { f = fall.Of(recover()) }()
		panics()
		return f
	}
	var none []int
	at := 3
	for _, c := range []struct {
		panics func()
		what   string
	}{
		{func() { panic("246810") }, "string"},
		{func() { panic(errors.New("246810")) }, "*errors.errorString"},
		{func() { none[at] = 1 }, "index out of range [3] with length 0"},
	} {
		f := fallen(c.panics)
		slog.New(slog.NewTextHandler(&log, nil)).Error("fell", "what", f.What, "where", f.Where, "error", f)
		if !strings.HasSuffix(f.What, c.what) || !strings.Contains(f.Where, "internal/fall_test.TestWhatIsToldOfAFall") {
			t.Errorf("%+v, want %q", f, c.what)
		}
	}
	if strings.Contains(log.String(), "246810") {
		t.Errorf("the log holds a secret: %s", &log)
	}
}
