package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// counter is a till whose process comes and goes under those who sell at it.
type counter struct {
	s      *street
	number int
	data   string
	env    []string
	clock  string // the file that says how wrong its clock is
	disk   disk   // what can be done to the data folder

	mu   sync.Mutex
	c    *client
	up   chan struct{}   // closed while there is a process
	said map[string]bool // payments it has called paid
}

// start brings the till up and signs in.
func (k *counter) start() error {
	c, err := startTill(k.s.acquirer().config(), k.data, k.env, k.hear)
	if err != nil {
		return err
	}
	if _, err := c.call("operator.login", map[string]string{"operator": "1001", "pin": "246810"}); err != nil {
		c.kill()
		return fmt.Errorf("till %d started and did not sign in: %w", k.number, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.c = c
	close(k.up)
	go k.watch(c)
	return nil
}

// watch notices a till that ended without having been killed.
func (k *counter) watch(c *client) {
	<-c.gone
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.c == c {
		_ = c.cmd.Process.Kill() // in case only its output ended
		_ = c.cmd.Wait()
		log, _ := os.ReadFile(filepath.Join(k.data, "abacus.log"))
		k.s.Errorf("till %d ended by itself: %v, reading it: %v; its log:\n%s", k.number, c.cmd.ProcessState, c.unread, log[max(0, len(log)-4000):])
	}
}

// hear keeps what the till has said to somebody's face.
func (k *counter) hear(result json.RawMessage) {
	if dig(result, "state") == "paid" && dig(result, "payment") != "" {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.said[dig(result, "payment")] = true
	}
}

// take takes the process off the lanes' hands; nil if there is none.
func (k *counter) take() *client {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := k.c
	if c != nil {
		k.c, k.up = nil, make(chan struct{})
	}
	return c
}

func (k *counter) kill() {
	if c := k.take(); c != nil {
		c.kill()
	}
}

// client waits until there is a till to sell at; nil when ctx has ended.
func (k *counter) client(ctx context.Context) *client {
	for ctx.Err() == nil {
		k.mu.Lock()
		c, up := k.c, k.up
		k.mu.Unlock()
		if c != nil {
			return c
		}
		select {
		case <-up:
		case <-ctx.Done():
		}
	}
	return nil
}

// lane sells until ctx ends. A till may be cut off at any moment and may
// refuse while its disk is full, but "internal" is never an answer.
func (k *counter) lane(ctx context.Context, dice *rand.Rand) {
	for {
		c := k.client(ctx)
		if c == nil {
			return
		}
		err := sellOnce(k.s.acquirer(), c, dice)
		var refused *rpcError
		switch {
		case err == nil:
			k.s.count("sales")
			continue
		case errors.As(err, &refused) && refused.Data.Code == "internal":
			k.s.Errorf("till %d: %v", k.number, err)
			return
		case errors.As(err, &refused):
			k.s.count("refused: " + refused.Data.Code)
		default:
			k.s.count("sales cut off")
		}
		wait(ctx, 50*time.Millisecond)
	}
}

// audit is the till's journal as a stranger reads it.
func (k *counter) audit() (*auditor, error) {
	cmd, err := programCommand(k.env, "journal", "export", "--config", k.s.acquirer().config(), "--data", k.data)
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	return audit(bytes.NewReader(out))
}

func (k *counter) verify() {
	cmd, err := programCommand(k.env, "journal", "verify", "--config", k.s.acquirer().config(), "--data", k.data)
	if err != nil {
		k.s.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		k.s.Errorf("till %d: journal verify: %v: %s", k.number, err, out)
	}
}
