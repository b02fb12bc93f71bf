package till

import (
	"context"
	"time"

	"abacus/ledger"
)

// After this many wrong PINs in a row the till takes no sign-in for a while.
const (
	triesAllowed = 5
	lockedFor    = 5 * time.Minute
)

type lockout struct {
	wrong int
	until time.Time
}

// permit is the one place where it is decided who may do what.
func (t *Till) permit(c Command) error {
	if _, ok := c.(Hello); ok {
		return nil
	}
	if t.trouble != nil && changes(c) {
		return t.trouble
	}
	if t.parts == nil {
		if t.trouble != nil {
			return t.trouble
		}
		return fault(FaultNotReady)
	}
	if t.operator == nil {
		return fault(FaultNotSignedIn)
	}
	if needsManager(c) && t.operator.Role != Manager {
		return fault(FaultNotPermitted, string(Manager))
	}
	return nil
}

// needsManager lists what takes money out of the drawer or back from a sale.
func needsManager(c Command) bool {
	switch c := c.(type) {
	case RefundCreate, DrawerOpen, PaymentForce, CardSettle, PrepaidThaw, PrepaidExtend, PrepaidExpire, PrepaidPIN,
		CardReopen, CardRelease, PaymentDecide, RefundDecide, CardDecide, RefundRetry, RefundGiven:
		return true
	case ShiftCash:
		return c.Amount.Negative()
	}
	return false
}

// changes reports whether a command writes to the book; the others still work
// when the book takes no entries.
func changes(c Command) bool {
	switch c.(type) {
	case Hello, SaleGet, PaymentGet, PaymentWait, PaymentList, PaymentFind, PrepaidGet, PrepaidList, Doubles, RefundGet, RefundList, ReceiptText, CardBalance, CardTest, CardWait, CardHolds, ReportX, ReportZ, JournalList, JournalSync, GoodsSearch, SalesList:
		return false
	}
	return true
}

// login checks the PIN in the caller's goroutine, because the check is slow on
// purpose, and signs in on the core's.
func (t *Till) login(ctx context.Context, c Login) (Result, error) {
	known, right, id := false, false, c.Operator
	for _, a := range t.set.Operators {
		if a.ID == c.Operator || a.Badge != "" && a.Badge == c.Operator {
			known, right, id = true, a.Check(c.PIN), a.ID
		}
	}
	return t.inside(ctx, func(ctx context.Context) (Result, error) {
		if t.parts == nil || t.trouble != nil {
			if t.trouble != nil {
				return nil, t.trouble
			}
			return nil, fault(FaultNotReady)
		}
		now := t.now()
		if now.Before(t.lock.until) {
			return nil, fault(FaultLockedOut, t.lock.until)
		}
		if !known || !right {
			return nil, t.refuseLogin(id, known, now)
		}
		t.lock = lockout{}
		return t.signIn(id)
	})
}

func (t *Till) refuseLogin(id string, known bool, now time.Time) error {
	seen := ledger.OperatorSeen{Operator: id, Cause: "wrong pin"}
	if !known {
		seen = ledger.OperatorSeen{Operator: "?", Cause: "unknown operator"}
	}
	t.lock.wrong++
	left := triesAllowed - t.lock.wrong
	if left <= 0 {
		t.lock = lockout{until: now.Add(lockedFor)}
	}
	if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{t.draft(ledger.KindLoginRefused, "", seen)}}); err != nil {
		return err
	}
	if left <= 0 {
		return fault(FaultLockedOut, t.lock.until)
	}
	return fault(FaultWrongPIN, left)
}

func (t *Till) signIn(id string) (Result, error) {
	for _, a := range t.set.Operators {
		if a.ID != id {
			continue
		}
		op := a.Operator
		d := t.draft(ledger.KindLogin, "", ledger.OperatorSeen{Operator: op.ID, Role: string(op.Role)})
		d.Operator = op.ID
		if _, err := t.write(ledger.Batch{Drafts: []ledger.Draft{d}}); err != nil {
			return nil, err
		}
		t.operator = &op
		return op, nil
	}
	return nil, fault(FaultInternal, "operator")
}

func (t *Till) logout(s stamp) error {
	seen := ledger.OperatorSeen{Operator: t.operator.ID, Role: string(t.operator.Role)}
	if _, err := t.write(s.batch("", t.draft(ledger.KindLogout, "", seen))); err != nil {
		return err
	}
	t.operator = nil
	return nil
}

// draft is an entry by the operator signed in, on the sale named.
func (t *Till) draft(kind ledger.Kind, sale string, payload any) ledger.Draft {
	d := ledger.Draft{Kind: kind, Sale: sale, Payload: payload}
	if t.operator != nil {
		d.Operator = t.operator.ID
	}
	if t.parts != nil {
		d.Shift = t.parts.shift
	}
	return d
}
