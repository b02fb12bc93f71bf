package till

import (
	"context"
	"fmt"

	"abacus/ledger"
)

func (t *Till) identity() Identity {
	id := Identity{
		Version: t.set.Version, Store: t.set.Store, Till: t.set.Till, Currency: t.set.Currency,
		Sandbox: t.set.Sandbox, Training: t.set.Training,
	}
	if t.parts != nil {
		id.Head = t.parts.Books.Head()
	}
	return id
}

// onShift refuses to begin what moves money while no shift is open, where the
// shop wants one: no Z would have it, and no count of the drawer.
func (t *Till) onShift() error {
	if t.set.ShiftRequired && t.parts.shift == "" {
		return fault(FaultNoShift)
	}
	return nil
}

func (t *Till) openShift(ctx context.Context, c ShiftOpen, st stamp) (ledger.Shift, error) {
	if t.parts.shift != "" {
		return ledger.Shift{}, fault(FaultShiftOpen, t.parts.shift)
	}
	float := c.Float
	if float.IsZero() {
		float = t.zero()
	}
	if !float.Valid() || float.Negative() || float.Currency() != t.set.Currency {
		return ledger.Shift{}, fault(FaultBadAmount, float.String())
	}
	if err := t.countable(float); err != nil {
		return ledger.Shift{}, err
	}
	number := t.parts.Books.NextShiftNumber()
	id := fmt.Sprintf("S%06d", number)
	d := t.draft(ledger.KindShiftOpened, "", ledger.ShiftOpened{Shift: id, Number: number, Float: float})
	d.Shift = id
	if _, err := t.write(st.batch(id, d)); err != nil {
		return ledger.Shift{}, err
	}
	t.parts.shift = id
	return t.currentShift(ctx)
}

func (t *Till) currentShift(ctx context.Context) (ledger.Shift, error) {
	s, err := t.parts.Books.OpenShift(ctx)
	switch {
	case err != nil:
		return ledger.Shift{}, t.bookFault(err)
	case s == nil:
		return ledger.Shift{}, fault(FaultNoShift)
	}
	return *s, nil
}

func (t *Till) shiftCash(ctx context.Context, c ShiftCash, st stamp) (ledger.Shift, error) {
	switch {
	case t.parts.shift == "":
		return ledger.Shift{}, fault(FaultNoShift)
	case c.Amount.IsZero() || !c.Amount.Valid() || c.Amount.Currency() != t.set.Currency:
		return ledger.Shift{}, fault(FaultBadAmount, c.Amount.String())
	case !reasoned(c.Reason):
		return ledger.Shift{}, fault(FaultReasonNeeded)
	}
	if err := t.countable(c.Amount); err != nil {
		return ledger.Shift{}, err
	}
	drafts := []ledger.Draft{
		t.draft(ledger.KindShiftCash, "", ledger.ShiftCash{Amount: c.Amount, Reason: c.Reason}),
		t.draft(ledger.KindDrawerOpened, "", ledger.DrawerOpened{Cause: "shift cash"}),
	}
	entries, err := t.write(st.batch(t.parts.shift, drafts...))
	if err != nil {
		return ledger.Shift{}, err
	}
	t.kick(fmt.Sprintf("cash-%d", entries[0].Number))
	return t.currentShift(ctx)
}

// closeShift can always finish: attempts still open are counted as doubtful
// and go on in the next shift.
func (t *Till) closeShift(ctx context.Context, c ShiftClose, st stamp) (ledger.Report, error) {
	counted := c.Counted
	if counted.IsZero() {
		counted = t.zero()
	}
	switch {
	case t.parts.shift == "":
		return ledger.Report{}, fault(FaultNoShift)
	case !counted.Valid() || counted.Negative() || counted.Currency() != t.set.Currency:
		return ledger.Report{}, fault(FaultBadAmount, counted.String())
	}
	if err := t.countable(counted); err != nil {
		return ledger.Report{}, err
	}
	doubles := t.shiftDoubles(ctx)
	number := t.parts.Books.NextZNumber()
	paper := original(ofReport, fmt.Sprint(number))
	z, err := t.parts.Books.CloseShift(ctx, t.operator.ID, counted, len(doubles), st.batch(fmt.Sprintf("Z%d", number), t.queued("", paper)...))
	if err != nil {
		return ledger.Report{}, t.bookFault(err)
	}
	t.parts.shift = ""
	if len(doubles) > 0 {
		t.notice(Notice{Code: NoticeDoubles, Args: []any{len(doubles)}})
	}
	t.print(ctx, paper)
	t.settleAtClose()
	return z, nil
}

func (t *Till) reportX(ctx context.Context) (ledger.Report, error) {
	x, err := t.parts.Books.Report(ctx)
	if err != nil {
		return x, t.bookFault(err)
	}
	x.Doubles = len(t.shiftDoubles(ctx))
	return x, nil
}

// shiftDoubles is the radar over the whole shift. No report waits for it.
func (t *Till) shiftDoubles(ctx context.Context) []Double {
	doubles, err := t.sinceShift(ctx)
	if err != nil {
		t.log.Error("double-charge radar", "error", err)
	}
	return doubles
}

func (t *Till) reportZ(ctx context.Context, number int64) (ledger.Report, error) {
	z, ok, err := found(t.parts.Books.Z(ctx, number))
	if err != nil {
		return z, t.bookFault(err)
	}
	if !ok {
		return z, fault(FaultNoReport, number)
	}
	return z, nil
}

func (t *Till) listJournal(ctx context.Context, c JournalList) ([]ledger.Entry, error) {
	entries, err := t.parts.Books.Entries(ctx, c.After, limitOf(c.Limit, 100, 1000))
	return entries, t.bookFault(err)
}

func (t *Till) openDrawer(c DrawerOpen, st stamp) error {
	if !reasoned(c.Reason) {
		return fault(FaultReasonNeeded)
	}
	entries, err := t.write(st.batch("", t.draft(ledger.KindDrawerOpened, "", ledger.DrawerOpened{Cause: c.Reason})))
	if err != nil {
		return err
	}
	t.kick(fmt.Sprintf("drawer-%d", entries[0].Number))
	return nil
}
