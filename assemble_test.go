package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/config"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// TestACheckThatCannotRunStopsNothing: a check beside selling that fails on its
// own account is told once and tried again, less and less often; only what it
// finds stops the till.
func TestACheckThatCannotRunStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &shop{core: till.New(till.Settings{}, nil, nil), log: slog.New(slog.DiscardHandler)}
		var mu sync.Mutex
		var runs []time.Time
		answer := errors.New("database or disk is full (13)")
		ended := make(chan struct{})
		go func() { _ = s.core.Run(ctx) }()
		go func() {
			defer close(ended)
			s.checkBeside(ctx, func() error {
				mu.Lock()
				defer mu.Unlock()
				runs = append(runs, time.Now())
				return answer
			})
		}()
		now := func() *till.Snapshot {
			synctest.Wait()
			watching, leave := context.WithCancel(ctx)
			defer leave()
			return <-s.core.Watch(watching)
		}
		time.Sleep(24 * time.Hour)
		v := now()
		if v.Trouble != nil {
			t.Errorf("a day later: %v", v.Trouble)
		}
		if len(v.Notices) != 1 || v.Notices[0].Code != till.NoticeUnchecked {
			t.Errorf("told: %+v", v.Notices)
		}
		mu.Lock()
		var pauses []time.Duration
		for i := 1; i < len(runs); i++ {
			pauses = append(pauses, runs[i].Sub(runs[i-1]))
		}
		if len(pauses) < 100 || !slices.IsSorted(pauses) || pauses[0] != checkAgain || pauses[len(pauses)-1] != checkAgainMost {
			t.Errorf("tried again after %v", pauses)
		}
		answer = &ledger.Broken{Number: 7, Why: ledger.WhyHash}
		mu.Unlock()
		time.Sleep(checkAgainMost)
		if v := now(); v.Trouble == nil || v.Trouble.Code != till.FaultJournalBroken {
			t.Errorf("found broken: %v", v.Trouble)
		}
		<-ended
		stop()
	})
}

// TestAShortBookThatCannotBeCheckedWhole is sold upon by its end, as a long one
// is. The check reads the head file, here a folder; the end does without.
func TestAShortBookThatCannotBeCheckedWhole(t *testing.T) {
	cfg := &config.Config{Data: t.TempDir(), Currency: money.CNY, Till: "01"}
	books, err := ledger.Open(t.Context(), bookOptions(cfg))
	if err == nil {
		err = errors.Join(books.Close(), os.Remove(headIn(cfg)), os.Mkdir(headIn(cfg), 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s := &shop{cfg: cfg, core: till.New(till.Settings{}, nil, nil), log: slog.New(slog.DiscardHandler)}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.core.Run(ctx) }()
	if err := s.checkBooks(ctx, books.Head().Number); err != nil {
		t.Errorf("the till does not start: %v", err)
	}
	for v := range s.core.Watch(ctx) {
		if v.Trouble != nil {
			t.Errorf("the till does not sell: %v", v.Trouble)
		}
		if len(v.Notices) > 0 || t.Failed() {
			break
		}
	}
	for _, end := range s.endings {
		end(ctx)
	}
	stop()
	<-ended
}
