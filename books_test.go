package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

var (
	manyPayments = flag.Int("payments", 60, "payments of TestBooksAgree, by two tills")
	bookSeed     = flag.Uint64("book-seed", 1, "what TestBooksAgree does")
)

// TestBooksAgree lets two tills take mixed payments of one merchant while the
// acquirers misbehave in every way they know; in the end the acquirers' books
// and the tills' journals agree to the fen, order by order.
func TestBooksAgree(t *testing.T) {
	t.Parallel()
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	if err := planFaults(b); err != nil {
		t.Fatal(err)
	}
	var tills []*client
	var work sync.WaitGroup
	for n := range 2 {
		data := filepath.Join(t.TempDir(), "till")
		c, err := startTill(b.config(), data, append(quick(), fmt.Sprintf("ABACUS_TILL=%02d", n+1)))
		if err != nil {
			t.Fatal(err)
		}
		defer c.kill()
		tills = append(tills, c)
		if _, err := c.call("operator.login", map[string]string{"operator": "1001", "pin": "246810"}); err != nil {
			t.Fatal(err)
		}
		for lane := range 5 {
			work.Go(func() {
				dice := rand.New(rand.NewPCG(*bookSeed, uint64(n*100+lane)))
				for range *manyPayments / 10 {
					if err := sellOnce(b, c, dice); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	work.Wait()
	if err := b.request(http.MethodDelete, "/faults", nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := eventually(2*time.Minute, func() (bool, error) { return agree(b, tills) }); err != nil {
		t.Fatal(err)
	}
}

// planFaults makes every fault of every operation likely on both channels.
func planFaults(b *box) error {
	for _, channel := range []string{"wechat", "alipay"} {
		for i, fault := range []string{"drop-request", "drop-answer", "delay:1500", "http:503", "http:400", "reset", "garbage", "bad-signature", "wrong-amount", "wrong-order", "duplicate", "late-success"} {
			plan := map[string]any{"channel": channel, "operation": "any", "fault": fault, "probability": 0.03, "times": 1000, "seed": i + 1}
			if err := b.request(http.MethodPost, "/faults", plan, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// sellOnce makes one sale and pays it somehow, or gives it up; some are
// refunded.
func sellOnce(b *box, c *client, dice *rand.Rand) error {
	raw, err := c.call("sale.open", map[string]any{})
	if err != nil {
		return err
	}
	sale := dig(raw, "sale")
	amount := 100 + dice.IntN(5000)
	if _, err := c.call("sale.add", map[string]any{"sale": sale, "amount": amount}); err != nil {
		return err
	}
	id := ""
	for range 4 {
		pay, err := c.call("sale.pay", chooseTender(b, sale, dice))
		if open := (*rpcError)(nil); errors.As(err, &open) && open.Data.Code == "payment-open" && id != "" {
			// The one before ended unpaid and was found paid late: it is being
			// returned, and until it is, the sale takes no other.
			if _, err = c.call("payment.wait", map[string]any{"payment": id, "timeout_ms": 60000}); err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		id = dig(pay, "payment")
		nobodyScans := false
		if qr := showsCode(c, id, dig(pay, "phase")); qr != "" && dice.IntN(3) > 0 {
			// Whether the acquirer knows the order is the fault plan's business.
			_ = b.request(http.MethodPost, "/scan", map[string]string{"code": qr, "behaviour": "pay"}, nil)
		} else if qr != "" {
			nobodyScans = dice.IntN(20) > 0 // else the code lives its time out
		}
		if nobodyScans || dice.IntN(6) == 0 {
			_, _ = c.call("payment.cancel", map[string]string{"payment": id})
		}
		pay, err = c.call("payment.wait", map[string]any{"payment": id, "timeout_ms": 60000})
		if err != nil {
			return err
		}
		if dig(pay, "state") == "paid" {
			if dice.IntN(3) == 0 {
				_, err = c.call("refund.create", map[string]any{"payment": id, "amount": 1 + dice.IntN(amount), "reason": "test"})
			}
			return err
		}
	}
	return nil
}

func chooseTender(b *box, sale string, dice *rand.Rand) map[string]any {
	channel := []string{"wechat", "alipay"}[dice.IntN(2)]
	switch dice.IntN(10) {
	case 0:
		return map[string]any{"sale": sale, "method": "cash"}
	case 1, 2, 3:
		return map[string]any{"sale": sale, "method": channel, "present": true}
	}
	behaviour := []string{"pay", "pay", "pay", "password:1", "never", "decline:balance"}[dice.IntN(6)]
	code, err := b.code(channel, behaviour)
	if err != nil {
		return map[string]any{"sale": sale, "method": "cash"}
	}
	return map[string]any{"sale": sale, "method": "auto", "code": code}
}

// showsCode waits for the order code of a presented payment.
func showsCode(c *client, id, phase string) string {
	for range 20 {
		raw, err := c.call("payment.wait", map[string]any{"payment": id, "timeout_ms": 100})
		if err != nil || dig(raw, "order_code") != "" {
			return dig(raw, "order_code")
		}
		if dig(raw, "phase") != "sending" {
			return ""
		}
	}
	return ""
}

// agree compares both sides; it is not an error to be asked too early.
func agree(b *box, tills []*client) (bool, error) {
	theirs, err := b.books()
	if err != nil {
		return false, err
	}
	seen := map[string]bool{}
	for _, c := range tills {
		ours, err := c.payments()
		if err != nil {
			return false, err
		}
		refunded, err := refundsOf(c)
		if err != nil {
			return false, err
		}
		for _, p := range ours {
			if p.Channel == "cash" {
				continue
			}
			seen[p.Order] = true
			o := theirs[p.Order]
			kept := o.Captured - o.Refunded - o.Reversed
			want := int64(0)
			if p.State == "paid" {
				want = p.Amount - refunded[p.Payment]
			}
			if kept != want || p.State == "waiting" || p.State == "checking" {
				return false, fmt.Errorf("%s: the acquirer keeps %d (%+v), the journal says %d (%+v)", p.Order, kept, o, want, p)
			}
		}
	}
	for number, o := range theirs {
		if !seen[number] {
			return false, fmt.Errorf("the acquirer has an order nobody made: %+v", o)
		}
	}
	return true, nil
}

// refundsOf sums up a till's certain refunds by payment; one in doubt is an
// error.
func refundsOf(c *client) (map[string]int64, error) {
	out := map[string]int64{}
	after := 0
	for {
		raw, err := c.call("journal.list", map[string]any{"after": after, "limit": 1000})
		if err != nil {
			return nil, err
		}
		var entries []struct {
			Number  int
			Kind    string
			Payload struct{ Refund string }
		}
		if err := json.Unmarshal(raw, &entries); err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			return out, nil
		}
		for _, e := range entries {
			after = e.Number
			if e.Kind != "refund.started" {
				continue
			}
			r, err := c.call("refund.get", map[string]string{"refund": e.Payload.Refund})
			if err != nil {
				return nil, err
			}
			var view struct {
				Payment, State string
				Amount         int64
			}
			if err := json.Unmarshal(r, &view); err != nil {
				return nil, err
			}
			if view.State == "checking" || view.State == "pending" {
				return nil, fmt.Errorf("refund in doubt: %+v", view)
			}
			if view.State == "done" {
				out[view.Payment] += view.Amount
			}
		}
	}
}
