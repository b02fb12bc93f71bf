package ledger

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// paidUnder sells so many times under a clock that shows a day.
func (s *shop) paidUnder(day string, many int) (payments []string) {
	s.t.Helper()
	at, err := time.ParseInLocation(time.DateOnly+" 15", day+" 09", beijing)
	if err != nil {
		s.t.Fatal(err)
	}
	s.now = at
	var drafts []Draft
	for range many {
		s.sale++
		id := fmt.Sprintf("%s-%06d", at.Format("20060102"), s.sale)
		drafts = append(drafts, opened(id), line(id, 1, 5), cash(id, id+"-1", 5), saleMoved(id, KindSaleDone))
		payments = append(payments, id+"-1")
	}
	s.must(drafts...)
	return payments
}

func (s *shop) since(entry int64, days Days) (payments []string) {
	s.t.Helper()
	paid, err := s.l.PaidSince(s.t.Context(), entry, days)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range paid {
		payments = append(payments, p.ID)
	}
	return payments
}

// TestPaidSinceUnderWrongClocks: what was paid since some days is found by where
// the book came to them, whatever the clock said in between, and is no more than
// that when the clock is wrong now.
func TestPaidSinceUnderWrongClocks(t *testing.T) {
	s := newShop(t)
	s.careless()
	before := s.paidUnder("2026-11-20", 600)
	all := s.paidUnder("2026-11-21", 300)
	opened := s.l.Head().Number
	s.must(shiftOpened(1, 0))
	since := len(all)
	all = append(all, s.paidUnder("1970-01-01", 700)...)
	early := all[since:]
	all = append(all, s.paidUnder("2026-11-21", 1)...)
	all = append(all, s.paidUnder("2099-01-01", 700)...)
	late := all[len(all)-700:]
	all = append(all, s.paidUnder("2026-11-21", 1)...)
	today := Days{"2026-11-21", "2026-11-21"}
	for _, c := range []struct {
		name  string
		entry int64
		days  Days
		want  []string
	}{
		{"today", 0, today, all},
		{"two days", 0, Days{"2026-11-20", "2026-11-21"}, append(slices.Clone(before), all...)},
		{"the clock is at 1970 now", 0, Days{"1969-12-26", "1970-01-01"}, all[slices.Index(all, early[0]):]},
		{"the clock is at 2099 now", 0, Days{"2098-12-26", "2099-01-01"}, all[slices.Index(all, late[0]):]},
		{"a shift opened under another clock", opened, Days{"1960-01-01", "1960-01-01"}, all[since:]},
		{"an entry alone", opened, Days{}, all[since:]},
		{"a day without sales", 0, Days{"2026-11-22", "2026-11-22"}, nil},
	} {
		if got := s.since(c.entry, c.days); !slices.Equal(got, c.want) {
			t.Errorf("%s: %d payments, want %d", c.name, len(got), len(c.want))
		}
	}
}

// The first attempt of a day begins before the day has any figures.
func TestPaidSinceHasTheFirstOfADay(t *testing.T) {
	s := newShop(t)
	s.sold(100)
	s.now = s.now.AddDate(0, 0, 1)
	sale, payment := "20261122-0001", "20261122-0001-1"
	s.must(opened(sale), line(sale, 1, 500))
	s.must(started(sale, payment, 500, PaymentChecking))
	s.must(moved(payment, PaymentPaid))
	if got := s.since(0, Days{"2026-11-22", "2026-11-22"}); !slices.Equal(got, []string{payment}) {
		t.Errorf("%v", got)
	}
	entry, err := s.l.PaymentEntry(t.Context(), payment)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.since(entry, Days{}); !slices.Equal(got, []string{payment}) {
		t.Errorf("from its entry: %v", got)
	}
}

// However much the days hold, the newest are looked through and no more: the
// till waits for it.
func TestPaidSinceIsBounded(t *testing.T) {
	s := newShop(t)
	s.careless()
	var all []string
	for range mostPaid/1000 + 1 {
		all = append(all, s.paidUnder("2026-11-21", 1000)...)
	}
	if got := s.since(1, Days{"0001-01-01", "9999-12-31"}); !slices.Equal(got, all[len(all)-mostPaid:]) {
		t.Errorf("%d payments, want the newest %d", len(got), mostPaid)
	}
}

// A refund's number at the acquirer leads to the payment it gave back, also when
// what the acquirer said holds the same digits.
func TestPaymentByRefund(t *testing.T) {
	s := newShop(t)
	first, second := s.sold(900)+"-1", s.sold(900)+"-1"
	s.must(refund(first, "R1", 100, RefundChecking), refund(second, "R2", 100, RefundChecking))
	said := func(id, reference, detail string) Draft {
		return Draft{Kind: KindRefundMoved, Payload: RefundMoved{Refund: id, State: RefundDone, AcquirerReference: reference, Detail: detail}}
	}
	s.must(said("R1", "5030001", ""), said("R2", `50"30002`, `"acquirer_reference":"5030001"`))
	for reference, want := range map[string]string{"5030001": first, `50"30002`: second} {
		if p, err := s.l.PaymentByRefund(t.Context(), reference); err != nil || p.ID != want {
			t.Errorf("%s: %s, %v; want %s", reference, p.ID, err, want)
		}
	}
	for _, reference := range []string{"", "503000", "5030002", "%"} {
		if p, err := s.l.PaymentByRefund(t.Context(), reference); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %s, %v", reference, p.ID, err)
		}
	}
}
