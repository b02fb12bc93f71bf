package tui

import (
	"fmt"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// aRefund is a refund in doubt.
func aRefund(n int, state ledger.RefundState, reason payment.Reason, next till.RefundNext) till.Refund {
	id := fmt.Sprintf("20261121-00%d-1", n)
	r := till.Refund{Next: next, Refund: ledger.Refund{ID: id + "-R1", Payment: id, Sale: id[:13], Channel: "wechat", Amount: money.Fen(1136),
		Cause: "late", State: state, Reason: string(reason), StartedAt: morning().Add(-50 * time.Second)},
		Paid: ledger.Payment{ID: id, Payer: "oUpF8…3wd4", AcquirerReference: "4200002026112100000042"}}
	if next == till.RefundAskedAt || next == till.RefundSentAt {
		r.Asked, r.AskedAt, r.NextAsk = 5, morning().Add(-12*time.Second), morning().Add(20*time.Second)
	}
	return r
}

// refunding is a list of doubt with every kind of refund, this one first.
func refunding(first int) func() *till.Snapshot {
	return func() *till.Snapshot {
		s := selling()
		owed := aRefund(34, ledger.RefundRefused, payment.MerchantFunds, till.RefundPerson)
		owed.Owed, owed.AskedAt = true, morning().Add(-49*time.Second)
		all := []till.Refund{
			aRefund(31, ledger.RefundChecking, payment.NoAnswer, till.RefundAskedAt), aRefund(32, ledger.RefundPending, payment.RefundWorking, till.RefundAskedAt),
			aRefund(33, ledger.RefundAbnormal, payment.RefundAbnormal, till.RefundAskedAt), owed,
		}
		s.Refunds, s.RefundCount = append(all[first:len(all):len(all)], all[:first]...), len(all)
		return s
	}
}

// undoing is a payment whose first reversal was not acknowledged.
func undoing() *till.Snapshot {
	s := checking()
	s.Attempt.Phase, s.Attempt.ReverseAt = payment.Undoing, time.Time{}
	s.Doubt = []till.Attempt{*s.Attempt}
	return s
}

// crowded is a till after a bad day: more in doubt than a snapshot carries.
func crowded() *till.Snapshot {
	s := undoing()
	s.DoubtCount, s.RefundCount = 1042, 3
	s.Refunds = refunding(0)().Refunds[:3]
	return s
}
