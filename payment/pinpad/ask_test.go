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

// A transaction of which the terminal itself does not know the end, whatever its
// amount, is a person's, who reads its slip: of a part that was approved it tells
// the part. It does not keep the next charge from being prepared. So is a refund
// that may be one.
func TestTransactionTheTerminalIsNotSureOf(t *testing.T) {
	for _, amount := range []int64{1234, 1235} {
		for _, code := range []string{"98", "10", "A0"} {
			synctest.Test(t, func(t *testing.T) {
				cards := telling(t, func(asked string) []string {
					f := sample()
					if f[0], f[3] = code, "000101"; asked == "000100" {
						f[0], f[3] = "00", asked // the mark's own
					}
					return f
				})
				o := payment.Order{Amount: money.Fen(amount), Mark: mark{state: open, since: 100, batch: "000001"}.String()}
				for _, a := range []payment.Answer{cards.Query(t.Context(), o), cards.Reverse(t.Context(), o)} {
					if a.Outcome != payment.Unknown || a.Reason != payment.TerminalUnsure {
						t.Errorf("%s of %d: %+v", code, amount, a)
					}
				}
				if a := cards.Ready(t.Context()); a.Outcome != payment.Waiting {
					t.Errorf("the next charge: %+v", a)
				}
				paid := mark{state: done, trace: 99, reference: "000000000099", date: "1121", since: 98, batch: "000001"}
				r := payment.Refund{Order: "o", Number: "r", Amount: money.Fen(amount), Total: money.Fen(5000), Mark: paid.String(), Since: o.Mark}
				cards.set.ListsAll = true
				if got := cards.QueryRefund(t.Context(), r); got.Outcome != payment.RefundUnknown || got.Reason != payment.TerminalUnsure {
					t.Errorf("a refund: %+v", got)
				}
			})
		}
	}
}

// Approved with another amount is never "not done", whatever the list says: the
// customer may hold its slip.
func TestApprovedWithAnotherAmount(t *testing.T) {
	for listed, want := range map[string]payment.Outcome{"000000000900": payment.Unknown, "000000001234": payment.Paid} {
		synctest.Test(t, func(t *testing.T) {
			amount := "000000000900"
			cards := telling(t, func(asked string) []string {
				f := sample()
				f[3], f[4] = "000101", amount
				if asked == "000100" {
					f[3], f[4] = asked, "000000000001"
				}
				return f
			})
			c := payment.Charge{Order: "o", Amount: money.Fen(1234), Mark: mark{state: open, since: 100, batch: "000001"}.String()}
			a := cards.Charge(t.Context(), c)
			if a.Outcome != payment.Unknown || a.Reason != payment.WrongAmount || a.Mark == "" {
				t.Fatalf("%+v", a)
			}
			amount = listed
			o := payment.Order{Amount: c.Amount, Mark: a.Mark}
			if got := cards.Query(t.Context(), o); got.Outcome != want || want == payment.Unknown && got.Reason != payment.TerminalUnsure {
				t.Errorf("%s: %+v", listed, got)
			}
			if got := cards.Reverse(t.Context(), o); want == payment.Unknown && got.Outcome != payment.Unknown {
				t.Errorf("undone: %+v", got)
			}
		})
	}
}

// A question that itself failed tells of no transaction, whatever trace stands
// in its answer: nothing is concluded from it.
func TestQuestionThatFailed(t *testing.T) {
	for _, code := range []string{"96", "77", "30"} {
		synctest.Test(t, func(t *testing.T) { failedQuestion(t, code) })
	}
}

func failedQuestion(t *testing.T, code string) {
	for _, trace := range []string{"000100", "000101"} {
		cards := telling(t, func(string) []string {
			f := sample()
			f[0], f[3], f[4] = code, trace, "000000000000"
			return f
		})
		o := payment.Order{Amount: money.Fen(1234), Mark: mark{state: open, since: 100, batch: "000001"}.String()}
		if a := cards.Query(t.Context(), o); a.Outcome != payment.Unknown || a.Reason != payment.BadAnswer {
			t.Errorf("%+v", a)
		}
		if a := cards.Ready(t.Context()); a.Outcome != payment.Unknown || a.Reason != payment.TerminalAway {
			t.Errorf("the next charge: %+v", a)
		}
	}
}

// Twenty transactions by hand while the cable was out, at a slow terminal: what
// became of ours is still found out, and nobody is asked.
func TestLongListAtASlowTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cards := telling(t, func(asked string) []string {
			time.Sleep(time.Second)
			f := sample()
			if f[3], f[4], f[11] = asked, "000000000100", "900000"+asked; asked == "000000" {
				f[3] = "000121"
			}
			if asked == "000101" {
				f[4] = "000000001234"
			}
			return f
		})
		o := payment.Order{Amount: money.Fen(1234), Mark: mark{state: open, since: 100, batch: "000001"}.String()}
		if a := cards.Query(t.Context(), o); a.Outcome != payment.Paid {
			t.Errorf("%+v", a)
		}
	})
}
