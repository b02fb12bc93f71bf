package ledger

import (
	"context"
	"errors"
	"fmt"
)

// ErrReadOnly refuses writes to a book opened with OpenView.
var ErrReadOnly = errors.New("this view of the ledger is for reading only")

// OpenView opens one instant of a book for reading: reports, lists and exports
// beside a running till. It writes nothing, neither book nor head file; every
// Append fails with ErrReadOnly.
func OpenView(ctx context.Context, o Options) (*Ledger, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := openReader(o)
	if err != nil {
		return nil, err
	}
	l := &Ledger{opt: o, c: c, days: map[string]int{}, stopped: ErrReadOnly}
	if _, err := c.one("SELECT mark FROM installation", nil, &l.mark); err != nil {
		return nil, errors.Join(fmt.Errorf("read the ledger %s: %w", o.Path, err), c.close())
	}
	if err := l.load(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return l, nil
}
