package till_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata" // zones wherever the test runs

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// Whatever the clock says, and however it jumps, sales keep their order and a
// number of their own, the shift holds all of them, and its end counts each
// once.
func TestClocks(t *testing.T) {
	utc := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for name, c := range map[string]struct {
		at   time.Time
		jump time.Duration // between sales, before and after a restart
		zone string
	}{
		"an empty clock":              {utc("1970-01-01T00:00:00Z"), 0, "UTC"},
		"an empty clock, then set":    {utc("1970-01-01T00:00:00Z"), 56 * 365 * 24 * time.Hour, "UTC"},
		"a clock whose battery dies":  {utc("2026-11-21T12:00:00Z"), -20000 * 24 * time.Hour, "UTC"},
		"the end of 32 bits":          {utc("2038-01-19T03:14:06Z"), 0, "UTC"},
		"the end of the century":      {utc("2099-12-31T23:59:59Z"), 0, "UTC"},
		"a leap second, set back":     {utc("2026-12-31T23:59:59Z"), -time.Second, "UTC"},
		"a leap second, stood still":  {utc("2016-12-31T23:59:59Z"), -time.Nanosecond, "UTC"},
		"the hour that is not":        {utc("2026-03-08T06:59:58Z"), 0, "America/New_York"},
		"the hour that comes twice":   {utc("2026-11-01T05:59:58Z"), 0, "America/New_York"},
		"the day that is not":         {utc("2011-12-30T09:59:58Z"), 0, "Pacific/Apia"},
		"midnight in Shanghai":        {utc("2026-11-21T15:59:59Z"), 0, "Asia/Shanghai"},
		"midnight, and back over it":  {utc("2026-11-21T15:59:59Z"), -time.Hour, "Asia/Shanghai"},
		"a day ahead, and back again": {utc("2026-11-21T12:00:00Z"), -24 * time.Hour, "Asia/Shanghai"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) { withClock(w, c.at, c.jump, c.zone) })
		})
	}
}

func withClock(w *world, at time.Time, jump time.Duration, zone string) {
	place, err := time.LoadLocation(zone)
	if err != nil {
		w.t.Fatal(err)
	}
	w.stop()
	w.dir = w.t.TempDir()
	began, off := time.Now(), atomic.Int64{}
	w.clock = func() time.Time { return at.Add(time.Since(began) + time.Duration(off.Load())).In(place) }
	w.set.Day = func(t time.Time) string { return t.In(place).Format("2006-01-02") }
	w.start()
	w.do(till.Login{Operator: "1001", PIN: "246810"})
	w.do(till.ShiftOpen{})
	var made []string
	sell := func() {
		s := w.sale(900)
		p := w.wait(w.do(till.SalePay{Method: "auto", Code: code(payment.WeChat)}).(ledger.Payment).ID)
		if p.State != ledger.PaymentPaid {
			w.t.Fatalf("%+v", p)
		}
		made = append(made, s.ID)
		time.Sleep(time.Second)
	}
	sell()
	off.Add(int64(jump))
	sell()
	w.stop()
	off.Add(int64(jump))
	w.start()
	w.do(till.Login{Operator: "1001", PIN: "246810"})
	sell()
	w.wholeShift(made)
	w.balanced()
}

// wholeShift closes the shift, which holds exactly these sales.
func (w *world) wholeShift(made []string) {
	w.t.Helper()
	var listed []string
	for _, s := range w.do(till.SalesList{Limit: 100}).([]ledger.Sale) {
		listed = append(listed, s.ID)
	}
	slices.Reverse(listed)
	if sorted := slices.Clone(made); !slices.Equal(listed, made) || len(slices.Compact(sorted)) != len(made) {
		w.t.Errorf("sold %q, listed %q", made, listed)
	}
	z := w.do(till.ShiftClose{}).(ledger.Report)
	if z.Number != 1 || z.Sales != len(made) || z.Gross.Minor() != int64(900*len(made)) {
		w.t.Errorf("Z %d: %d sales, %v", z.Number, z.Sales, z.Gross)
	}
	w.refuses(till.FaultNoShift, till.ShiftClose{})
	w.do(till.ShiftOpen{})
	if z = w.do(till.ShiftClose{}).(ledger.Report); z.Number != 2 || z.Sales != 0 || !z.Gross.IsZero() {
		w.t.Errorf("the next Z %d counts %d sales, %v again", z.Number, z.Sales, z.Gross)
	}
	entries := w.do(till.JournalList{Limit: 1000}).([]ledger.Entry)
	slices.SortFunc(entries, func(a, b ledger.Entry) int { return int(a.Number - b.Number) })
	for i, e := range entries {
		if e.Number != int64(i+1) {
			w.t.Fatalf("entry %d is the %dth", e.Number, i+1)
		}
	}
}
