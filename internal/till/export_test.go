package till

import (
	"context"

	"abacus/ledger"
	"abacus/printer"
)

// Tap lets a test see every snapshot the moment it is sent; a watcher may miss
// some. It is set before Run and called on the core's goroutine.
func (t *Till) Tap(f func(*Snapshot)) { t.hub.tap = f }

// Between puts a test between the till and its book. It is set before Start.
func (t *Till) Between(enter func(context.Context, ledger.Batch) ([]ledger.Entry, error)) {
	t.enter = enter
}

// Waiting is how many wait for news of something.
func (t *Till) Waiting(ctx context.Context) int {
	r, _ := t.inside(ctx, func(ctx context.Context) (Result, error) {
		n := 0
		for _, list := range t.waiters {
			n += len(list)
		}
		return n, nil
	})
	n, _ := r.(int)
	return n
}

// LookAtDisk has the room measured now.
func (t *Till) LookAtDisk() { t.lookAtDisk() }

// Inside does something on the core's goroutine, as a command does.
func (t *Till) Inside(ctx context.Context, f func() error) error {
	_, err := t.inside(ctx, func(ctx context.Context) (Result, error) { return nil, f() })
	return err
}

// SlipOf is what stands on a refund's slip.
func (t *Till) SlipOf(ctx context.Context, refund string) (slip printer.RefundSlip, err error) {
	_, err = t.inside(ctx, func(ctx context.Context) (Result, error) {
		slip, err = t.refundSlip(ctx, refund)
		return nil, err
	})
	return slip, err
}
