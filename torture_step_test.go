package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/ledger"
)

// stories are what the till is killed in. They end at the first error, which
// is the kill.
var stories = map[string]func(b *box, c *client) error{
	"paid and given back": func(b *box, c *client) error {
		sale, err := ring(c)
		if err != nil {
			return err
		}
		code, err := b.code("wechat", "pay")
		if err != nil {
			return err
		}
		pay, err := c.call("sale.pay", map[string]any{"sale": sale, "method": "auto", "code": code})
		if err != nil {
			return err
		}
		if _, err := c.call("payment.wait", map[string]any{"payment": dig(pay, "payment"), "timeout_ms": 20000}); err != nil {
			return err
		}
		refund, err := c.call("refund.create", map[string]any{"payment": dig(pay, "payment"), "amount": 300, "reason": "坏了"})
		if err != nil {
			return err
		}
		return waitRefund(c, dig(refund, "refund"))
	},
	"shown and scanned": func(b *box, c *client) error {
		sale, err := ring(c)
		if err != nil {
			return err
		}
		pay, err := c.call("sale.pay", map[string]any{"sale": sale, "method": "alipay", "present": true})
		if err != nil {
			return err
		}
		id := dig(pay, "payment")
		qr := showsCode(c, id, dig(pay, "phase"))
		// If the till is dead by now, its code can still be scanned.
		_ = b.request(http.MethodPost, "/scan", map[string]string{"code": qr}, nil)
		_, err = c.call("payment.wait", map[string]any{"payment": id, "timeout_ms": 20000})
		return err
	},
	"given up, then cash": func(b *box, c *client) error {
		sale, err := ring(c)
		if err != nil {
			return err
		}
		code, err := b.code("alipay", "never")
		if err != nil {
			return err
		}
		pay, err := c.call("sale.pay", map[string]any{"sale": sale, "method": "auto", "code": code})
		if err != nil {
			return err
		}
		if _, err := c.call("payment.cancel", map[string]string{"payment": dig(pay, "payment")}); err != nil {
			return err
		}
		if _, err := c.call("payment.wait", map[string]any{"payment": dig(pay, "payment"), "timeout_ms": 20000}); err != nil {
			return err
		}
		_, err = c.call("sale.pay", map[string]any{"sale": sale, "method": "cash"})
		return err
	},
}

// ring signs in and rings up a sale.
func ring(c *client) (sale string, err error) {
	if _, err := c.call("operator.login", map[string]string{"operator": "1001", "pin": "246810"}); err != nil {
		return "", err
	}
	raw, err := c.call("sale.open", map[string]any{})
	if err != nil {
		return "", err
	}
	sale = dig(raw, "sale")
	_, err = c.call("sale.add", map[string]any{"sale": sale, "amount": 1100})
	return sale, err
}

func waitRefund(c *client, id string) error {
	return eventually(20*time.Second, func() (bool, error) {
		raw, err := c.call("refund.get", map[string]string{"refund": id})
		return err != nil || dig(raw, "state") == "done", err
	})
}

// TestKilledAtEveryCommit kills the till as soon as the frame that commits its
// first, second, … last transaction stands in the write-ahead log, from the
// making of the book to the end of a story: between what was written and what
// was answered. Each time the next start settles everything by itself, sells,
// and in the end the acquirers' books agree with all journals.
func TestKilledAtEveryCommit(t *testing.T) {
	t.Parallel()
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	k := &killer{T: t, box: b, commits: map[string]int{}, exact: map[string]int{}}
	var whole []kill
	for name := range stories {
		whole = append(whole, kill{name, 1 << 20}) // to its end: how many there are
	}
	k.each(whole)
	var steps []kill
	for name, commits := range k.commits {
		for at := 1; at <= commits; at++ {
			steps = append(steps, kill{name, at})
		}
	}
	k.each(steps)
	for name, commits := range k.commits {
		t.Logf("%s: killed at each of %d commits, %d times before the next was on its way", name, commits, k.exact[name])
	}
	theirs, err := b.books()
	if err != nil {
		t.Fatal(err)
	}
	if err := agreeOn(theirs, k.journals...); err != nil {
		t.Error(err)
	}
}

// kill is a story and the commit at which it is cut off.
type kill struct {
	story string
	at    int
}

// killer plays stories, a few at a time.
type killer struct {
	*testing.T
	box *box

	mu       sync.Mutex
	journals []*auditor
	commits  map[string]int // of a story
	exact    map[string]int // kills before the next commit was there
}

func (k *killer) each(kills []kill) {
	next := make(chan kill)
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			for cut := range next {
				k.play(cut)
			}
		})
	}
	for _, cut := range kills {
		next <- cut
	}
	close(next)
	workers.Wait()
}

func (k *killer) play(cut kill) {
	a, seen, err := killedAt(k.T, k.box, stories[cut.story], cut.at)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.Errorf("%s, killed at commit %d: %v", cut.story, cut.at, err)
		return
	}
	k.journals = append(k.journals, a)
	k.commits[cut.story] = max(k.commits[cut.story], seen)
	if seen == cut.at {
		k.exact[cut.story]++
	}
}

// killedAt plays a story on a new book, kills the till at a commit, and gives
// the journal after the next start has come to rest.
func killedAt(t *testing.T, b *box, story func(*box, *client) error, kill int) (a *auditor, commits int, err error) {
	data := filepath.Join(t.TempDir(), "till")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, 0, err
	}
	env := append(quick(), fmt.Sprintf("ABACUS_TILL=%02d", kill%100), "ABACUS_WECHAT_TIMING_WATCH=20ms", "ABACUS_ALIPAY_TIMING_WATCH=20ms")
	var mu sync.Mutex
	var told []string
	hear := func(result json.RawMessage) {
		mu.Lock()
		defer mu.Unlock()
		if dig(result, "state") == "paid" && dig(result, "payment") != "" {
			told = append(told, dig(result, "payment"))
		}
	}
	commits, err = untilCommit(data, kill, func() (*client, error) { return startTill(b.config(), data, env, hear) },
		func(c *client) { _ = story(b, c) })
	if err != nil {
		return nil, commits, err
	}
	c, err := startTill(b.config(), data, env)
	if err != nil {
		return nil, commits, err
	}
	defer c.kill()
	if err := eventually(30*time.Second, func() (bool, error) { a, err = auditBook(t, data); return err == nil && a.open() == nil, err }); err != nil {
		return nil, commits, fmt.Errorf("not at rest: %w", errorOr(err, a.open()))
	}
	for _, id := range told {
		if a.payments[id] == nil || a.payments[id].State != "paid" {
			return nil, commits, fmt.Errorf("%s was said to be paid, the journal has %+v", id, a.payments[id])
		}
	}
	if _, err := ring(c); err != nil {
		return nil, commits, fmt.Errorf("does not sell: %w", err)
	}
	if code := c.stop(); code != 0 {
		return nil, commits, fmt.Errorf("ended with %d", code)
	}
	v, err := ledger.Verify(t.Context(), bookIn(data))
	if err == nil && !v.OK {
		err = fmt.Errorf("verify: %+v", v)
	}
	return a, commits, err
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func bookIn(data string) ledger.Options {
	return ledger.Options{Path: filepath.Join(data, "journal.db"), HeadPath: filepath.Join(data, "journal.head"), Currency: money.CNY}
}

func auditBook(t *testing.T, data string) (*auditor, error) {
	var export bytes.Buffer
	if err := ledger.Export(t.Context(), bookIn(data), &export); err != nil {
		return nil, err
	}
	return audit(&export)
}
