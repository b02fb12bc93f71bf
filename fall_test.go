package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abacus/internal/config"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
)

// A part beside the core that falls ends the till in order: the face first, so
// that the terminal is as it was, then what was opened. Nobody is shown the
// panic's value.
func TestAPartThatFallsEndsTheTillInOrder(t *testing.T) {
	for _, falls := range []string{"a part", "the face"} {
		dir := t.TempDir()
		cfg, err := config.Load(config.Sources{Data: dir})
		if err != nil {
			t.Fatal(err)
		}
		p := &program{texts: lang.Must(lang.Chinese)}
		s, err := p.open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		closed := false
		s.onClose(func() { closed = true })
		err = s.run(t.Context(), func(ctx context.Context) error {
			if falls == "the face" {
				panic("246810")
			}
			s.guarded(func() { panic("246810") })
			<-ctx.Done()
			return nil
		})
		var e *exit
		if !errors.As(err, &e) || e.code != exitFailed || e.text != p.texts.Command.CoreFell || !closed {
			t.Errorf("%s: ended with %v, closed %v", falls, err, closed)
		}
		log, err := os.ReadFile(filepath.Join(dir, "abacus.log"))
		if err != nil || !strings.Contains(string(log), "a part of the till fell") || strings.Contains(string(log), "246810") {
			t.Errorf("%s: the log says %s (%v)", falls, log, err)
		}
	}
}

// A till that is asked to stop while it still opens its books has done what it
// was asked to.
func TestStoppedBeforeItBegan(t *testing.T) {
	p := &program{texts: lang.Must(lang.Chinese), data: t.TempDir()}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := p.headless(ctx, ""); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// A book of a newer program is no book that takes no entries: it has a way out.
func TestANewerBookIsToldAsOne(t *testing.T) {
	err := fmt.Errorf("open the ledger: %w", ledger.ErrNewer)
	if f := faultFrom(err); f.Code != till.FaultNewerBook {
		t.Errorf("told as %s", f.Code)
	}
	p := &program{texts: lang.Must(lang.Chinese)}
	if e := (*exit)(nil); !errors.As(p.failed(err), &e) || e.code != exitFailed || !strings.Contains(e.text, "更新版本的程序") {
		t.Errorf("a command says %v", e)
	}
}
