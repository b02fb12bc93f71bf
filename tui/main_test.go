//go:build linux

package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"abacus/internal/lang"
	"abacus/internal/till"
)

// TestMain is also the program that the terminal tests start: a till with a
// made-up core that tells, in the header, what it was asked.
func TestMain(m *testing.M) {
	if os.Getenv("ABACUS_TUI_CHILD") == "" {
		goleak.VerifyTestMain(m)
		return
	}
	signal.Ignore(syscall.SIGHUP) // the closed terminal itself is to be noticed
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	scans := 0
	core := &fakeCore{latest: selling()}
	core.answer = func(c till.Command) (till.Result, error) {
		scan, ok := c.(till.SaleScan)
		if !ok {
			return nil, nil
		}
		scans++
		s := selling()
		s.Version, s.Identity.Store = uint64(scans+10), fmt.Sprintf("scan%d:%d", scans, len(scan.Text))
		core.show(s)
		return till.Scanned{Kind: till.ScanGoods}, nil
	}
	switch err := Run(ctx, Options{Core: core, Language: lang.English, Now: trap(os.Getenv("ABACUS_TUI_FALL"), core)}); {
	case errors.Is(err, ErrTerminalGone):
		os.Exit(5)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
