package pinpad

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// telling is a terminal that answers every question with tell, its check digits
// set right.
func telling(t *testing.T, tell func(trace string) []string) *Provider {
	t.Helper()
	terminal, err := New(Config{Name: "line", Till: "01", Now: time.Now, Dial: func(context.Context) (io.ReadWriteCloser, error) {
		ours, theirs := net.Pipe()
		go func() {
			var in deframer
			one := make([]byte, 1)
			for {
				if _, err := theirs.Read(one); err != nil {
					return
				}
				e, asked := in.push(one[0])
				if e != gotFrame {
					continue
				}
				fields := tell(string(asked[50:56]))
				fields[14] = string(asked[56:59])
				if _, err := theirs.Write(append([]byte{ack}, encode(answerRecord(fields...))...)); err != nil {
					return
				}
			}
		}()
		return ours, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(terminal.Close)
	return terminal.Cards()
}

// A terminal that cannot be asked for one transaction tells its last instead. If
// that one was refused, nothing is said by it of the one that was asked for.
func TestRefusalOfAnotherTransaction(t *testing.T) {
	for trace, want := range map[string]payment.Outcome{"000102": payment.Unknown, "000101": payment.Declined} {
		synctest.Test(t, func(t *testing.T) {
			refused := func(trace string) []string {
				f := sample()
				f[0], f[3] = "55", trace
				return f
			}
			cards := telling(t, func(asked string) []string {
				if trace == "000101" && asked != "000000" { // one that can
					return refused(asked)
				}
				return refused("000102")
			})
			o := payment.Order{Amount: money.Fen(1234), Mark: mark{state: open, since: 100, batch: "000001"}.String()}
			if a := cards.Query(t.Context(), o); a.Outcome != want {
				t.Errorf("%s: %+v", trace, a)
			}
		})
	}
}

// A transaction of which the terminal itself does not know the end is a
// person's, who reads its slip; one of another amount is nobody's doubt, and
// neither keeps the next charge from leaving.
func TestTransactionTheTerminalIsNotSureOf(t *testing.T) {
	for amount, want := range map[int64]payment.Reason{1234: payment.Ambiguous, 1235: payment.TerminalSilent} {
		synctest.Test(t, func(t *testing.T) {
			cards := telling(t, func(string) []string {
				f := sample()
				f[0], f[3] = "98", "000101"
				return f
			})
			o := payment.Order{Amount: money.Fen(amount), Mark: mark{state: open, since: 100, batch: "000001"}.String()}
			a := cards.Query(t.Context(), o)
			if certain := a.Outcome == payment.Declined; a.Reason != want || certain != (want == payment.TerminalSilent) {
				t.Errorf("%d: %+v", amount, a)
			}
			if a := cards.Ready(t.Context()); a.Outcome != payment.Waiting {
				t.Errorf("the next charge: %+v", a)
			}
			paid := mark{state: done, trace: 99, reference: "000000000099", date: "1121", since: 98, batch: "000001"}
			r := payment.Refund{Order: "o", Number: "r", Amount: money.Fen(amount), Total: money.Fen(5000), Mark: paid.String(), Since: o.Mark}
			cards.set.ListsAll = true
			if got, stuck := cards.QueryRefund(t.Context(), r), want == payment.Ambiguous; (got.Outcome == payment.RefundStuck) != stuck {
				t.Errorf("a refund of %d: %+v", amount, got)
			}
		})
	}
}

// A question that itself failed tells of no transaction, whatever trace stands
// in its answer: nothing is concluded from it.
func TestQuestionThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := telling(t, func(string) []string {
			f := sample()
			f[0], f[3], f[4] = "96", "000100", "000000000000"
			return f
		})
		o := payment.Order{Amount: money.Fen(1234), Mark: mark{state: open, since: 100, batch: "000001"}.String()}
		if a := cards.Query(t.Context(), o); a.Outcome != payment.Unknown || a.Reason != payment.BadAnswer {
			t.Errorf("%+v", a)
		}
		if a := cards.Ready(t.Context()); a.Outcome != payment.Unknown || a.Reason != payment.TerminalAway {
			t.Errorf("the next charge: %+v", a)
		}
	})
}
