package till_test

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/pinpad"
	"abacus/payment/sandbox"
)

// waitHold waits until it is known what became of a hold.
func (w *world) waitHold(id string, want ledger.HoldState) ledger.Hold {
	w.t.Helper()
	h := w.do(till.CardWait{Hold: id, Timeout: time.Hour}).(till.Hold).Hold
	if h.State != want {
		w.t.Fatalf("hold %s is %s (%s), not %s", id, h.State, h.Reason, want)
	}
	return h
}

// held is money kept aside on a card.
func (w *world) held(fen int64) ledger.Hold {
	w.t.Helper()
	h := w.do(till.CardHold{Amount: money.Fen(fen), Reference: "302"}).(till.Hold).Hold
	return w.waitHold(h.ID, ledger.HoldHeld)
}

func TestHoldOfARoom(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.customer("password:10")
		h := c.do(till.CardHold{Amount: money.Fen(100000), Reference: "302"}).(till.Hold).Hold
		time.Sleep(time.Second)
		if s := c.snapshot(); len(s.Holds) != 1 || s.Holds[0].State != ledger.HoldWaiting || s.HoldCount != 1 || len(s.Doubt) != 0 {
			t.Errorf("the customer at the terminal: %+v", s.Holds)
		}
		c.refuses(till.FaultTerminalOwes, till.CardHold{Amount: money.Fen(100)})
		h = c.waitHold(h.ID, ledger.HoldHeld)
		if h.Auth == "" || h.Trace == "" || !strings.HasPrefix(h.Payer, "622202******") || h.Reference != "302" {
			t.Errorf("%+v", h)
		}
		c.agree() // nothing has been paid
		if x := c.do(till.ReportX{}).(ledger.Report); x.Holds.Open != 1 || !x.Holds.Amount.Equal(money.Fen(100000)) || !x.Gross.IsZero() {
			t.Errorf("%+v", x.Holds)
		}
		c.refuses(till.FaultHoldTooMuch, till.CardComplete{Hold: h.ID, Amount: money.Fen(100001)})
		p := c.do(till.CardComplete{Hold: h.ID, Amount: money.Fen(64000)}).(ledger.Payment)
		c.waitHold(h.ID, ledger.HoldCompleted)
		if p = c.payment(p.ID); p.State != ledger.PaymentPaid || p.Hold != h.ID {
			t.Errorf("%+v", p)
		}
		s := c.do(till.SaleGet{Sale: p.Sale}).(ledger.Sale)
		paper := c.do(till.ReceiptText{Sale: s.ID, Width: 48}).(string)
		if s.State != ledger.SaleDone || s.Reference != "302" || !strings.Contains(paper, h.ID) || !strings.Contains(paper, "预授权完成") {
			t.Errorf("%+v\n%s", s, paper)
		}
		c.agree()
		c.refuses(till.FaultHoldState, till.CardComplete{Hold: h.ID, Amount: money.Fen(1)})
		c.refuses(till.FaultHoldState, till.CardRelease{Hold: h.ID, Reason: "退房"})

		back := c.do(till.CardReopen{Hold: h.ID, Reason: "金额错"}).(ledger.Refund)
		time.Sleep(time.Minute)
		if back = c.do(till.RefundGet{Refund: back.ID}).(ledger.Refund); back.State != ledger.RefundDone || back.Reopens != h.ID {
			t.Errorf("%+v", back)
		}
		c.waitHold(h.ID, ledger.HoldHeld)
		c.agree()

		c.sale(90000)
		p = c.do(till.CardComplete{Hold: h.ID, Sale: c.snapshot().Sale.ID}).(ledger.Payment)
		if p = c.wait(p.ID); p.State != ledger.PaymentPaid || !p.Amount.Equal(money.Fen(90000)) {
			t.Errorf("a sale's due: %+v", p)
		}
		c.agree()
		if all := c.do(till.CardHolds{All: true}).([]till.Hold); len(all) != 1 || len(c.do(till.CardHolds{}).([]till.Hold)) != 0 {
			t.Errorf("%+v", all)
		}
		for _, want := range []string{"hold-" + h.ID + "-held"} {
			if !slices.ContainsFunc(c.paper.jobs, func(job string) bool { return strings.HasPrefix(job, want) }) {
				t.Errorf("no paper %s in %v", want, c.paper.jobs)
			}
		}
		if copy := c.do(till.ReceiptPrint{Hold: h.ID}).(till.Printed); copy.Copy != 1 {
			t.Errorf("%+v", copy)
		}
	})
}

// A hold and its slip come in one commit: no crash can leave the customer
// without the paper.
func TestTheSlipOfAHoldIsQueuedWithIt(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		papers := map[ledger.HoldState]int{}
		c.written = func(b ledger.Batch) {
			for _, d := range b.Drafts {
				if queued, ok := d.Payload.(ledger.ReceiptQueued); ok {
					moved, with := b.Drafts[0].Payload.(ledger.HoldMoved)
					if !with || moved.Hold != queued.Object {
						t.Errorf("%s comes with %+v", queued.Job, b.Drafts[0])
					}
					papers[moved.State]++
				}
			}
		}
		c.restart()
		h := c.held(50000)
		c.do(till.CardRelease{Hold: h.ID, Reason: "退房"})
		c.waitHold(h.ID, ledger.HoldReleased)
		if papers[ledger.HoldHeld] != 1 || papers[ledger.HoldReleased] != 1 || len(c.paper.jobs) != 2 {
			t.Errorf("queued %v, printed %v", papers, c.paper.jobs)
		}
	})
}

func TestHoldIsReleased(t *testing.T) {
	for _, listsAll := range []bool{true, false} {
		for _, fault := range []string{"", "drop-request", "drop-answer", "cut:5000", "late-success"} {
			deskWith(t, func(set *pinpad.Config) { set.ListsAll = listsAll }, func(c *bankDesk) {
				h := c.held(50000)
				if fault != "" {
					c.fault("reverse", fault)
				}
				c.refuses(till.FaultReasonNeeded, till.CardRelease{Hold: h.ID})
				c.refuses(till.FaultReasonNeeded, till.CardRelease{Hold: h.ID, Reason: " \u3000"})
				h = c.do(till.CardRelease{Hold: h.ID, Reason: "退房"}).(till.Hold).Hold
				if h.State != ledger.HoldReleasing {
					t.Errorf("%+v", h)
				}
				c.refuses(till.FaultHoldState, till.CardComplete{Hold: h.ID, Amount: money.Fen(1)})
				if h = c.waitHold(h.ID, ledger.HoldReleased); h.Cause != "退房" {
					t.Errorf("%+v", h)
				}
				c.agree()
			})
		}
	}
}

// Whatever becomes of the answer, and over a restart: nothing is held, taken or
// released twice, and what it was is found out.
func TestHoldsInDoubtOverARestart(t *testing.T) {
	for _, fault := range []string{"drop-request", "drop-answer", "cut:5000", "late-success", "garbage"} {
		atBankDesk(t, func(c *bankDesk) {
			c.fault("charge", fault)
			h := c.do(till.CardHold{Amount: money.Fen(50000)}).(till.Hold).Hold
			time.Sleep(500 * time.Millisecond)
			c.restart()
			h = c.do(till.CardWait{Hold: h.ID, Timeout: time.Hour}).(till.Hold).Hold
			if want := map[bool]ledger.HoldState{true: ledger.HoldDeclined, false: ledger.HoldHeld}[fault == "drop-request"]; h.State != want {
				t.Fatalf("%s: held: %+v", fault, h)
			} else if want == ledger.HoldDeclined {
				h = c.held(50000)
			}
			c.fault("charge", fault)
			p := c.do(till.CardComplete{Hold: h.ID, Amount: money.Fen(30000)}).(ledger.Payment)
			time.Sleep(500 * time.Millisecond)
			c.restart()
			if p = c.wait(p.ID); p.State == ledger.PaymentDeclined {
				c.waitHold(h.ID, ledger.HoldHeld)
				p = c.wait(c.do(till.CardComplete{Hold: h.ID, Amount: money.Fen(30000)}).(ledger.Payment).ID)
			}
			if p.State != ledger.PaymentPaid {
				t.Errorf("%s: taken: %+v", fault, p)
			}
			c.waitHold(h.ID, ledger.HoldCompleted)
			c.agree()
			c.fault("reverse", fault)
			back := c.do(till.CardReopen{Hold: h.ID, Reason: "错"}).(ledger.Refund)
			time.Sleep(500 * time.Millisecond)
			c.restart()
			time.Sleep(5 * time.Minute)
			if back = c.do(till.RefundGet{Refund: back.ID}).(ledger.Refund); back.State != ledger.RefundDone {
				t.Errorf("%s: undone: %+v", fault, back)
			}
			c.waitHold(h.ID, ledger.HoldHeld)
			c.fault("reverse", fault)
			c.do(till.CardRelease{Hold: h.ID, Reason: "退房"})
			time.Sleep(500 * time.Millisecond)
			c.restart()
			c.waitHold(h.ID, ledger.HoldReleased)
			c.agree()
		})
	}
}

// The cashier gives the hold up while the customer holds the card.
func TestHoldGivenUp(t *testing.T) {
	for _, stops := range []bool{true, false} {
		atDesk(t, stops, func(c *bankDesk) {
			c.customer("password:90")
			h := c.do(till.CardHold{Amount: money.Fen(50000)}).(till.Hold).Hold
			time.Sleep(5 * time.Second)
			c.do(till.CardCancel{Hold: h.ID})
			h = c.do(till.CardWait{Hold: h.ID, Timeout: time.Hour}).(till.Hold).Hold
			if h.State.Open() {
				t.Errorf("stops %v: %+v", stops, h)
			}
			c.refuses(till.FaultHoldState, till.CardCancel{Hold: h.ID})
			c.agree()
		})
	}
}

func TestHoldsAreAManagersToGiveUp(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		h := c.held(50000)
		c.do(till.Login{Operator: "1002", PIN: "246810"})
		c.refuses(till.FaultNotPermitted, till.CardRelease{Hold: h.ID, Reason: "退房"})
		c.refuses(till.FaultNotPermitted, till.CardReopen{Hold: h.ID, Reason: "错"})
		c.refuses(till.FaultNotPermitted, till.CardDecide{Hold: h.ID, Reason: "核对"})
		c.do(till.CardComplete{Hold: h.ID})
		c.waitHold(h.ID, ledger.HoldCompleted)
	})
}

func TestHoldsNeedATerminal(t *testing.T) {
	w := newWorld(t)
	w.refuses(till.FaultNoHolds, till.CardHold{Amount: money.Fen(100)})
	w.refuses(till.FaultNoHold, till.CardComplete{Hold: "H20261121-1"})
	w.refuses(till.FaultNoHold, till.CardWait{Hold: "H20261121-1"})
	w.refuses(till.FaultBadAmount, till.CardHold{Amount: money.Fen(-1)})
}

// A completion of another day is refunded, not undone.
func TestCompletionOfAnotherDay(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		h := c.held(50000)
		time.Sleep(20 * 24 * time.Hour)
		c.do(till.CardSettle{})
		p := c.wait(c.do(till.CardComplete{Hold: h.ID, Amount: money.Fen(20000)}).(ledger.Payment).ID)
		time.Sleep(24 * time.Hour)
		c.refuses(till.FaultHoldNotToday, till.CardReopen{Hold: h.ID, Reason: "错"})
		back := c.do(till.RefundCreate{Payment: p.ID, Reason: "退货"}).(ledger.Refund)
		time.Sleep(time.Minute)
		if back = c.do(till.RefundGet{Refund: back.ID}).(ledger.Refund); back.State != ledger.RefundDone {
			t.Errorf("%+v", back)
		}
		c.waitHold(h.ID, ledger.HoldCompleted)
		c.agree()
	})
}

// A part refund in doubt at a terminal that lists no refunds: the till says that
// a person must tell, takes it from a manager for that refund only, and goes on.
func TestRefundThatOnlyASlipTells(t *testing.T) {
	for _, done := range []bool{true, false} {
		deskWith(t, func(set *pinpad.Config) { set.ListsAll = false }, func(c *bankDesk) {
			c.sale(1000)
			p := c.wait(c.byCard().ID)
			c.fault("refund", map[bool]string{true: "drop-answer", false: "drop-request"}[done])
			r := c.do(till.RefundCreate{Payment: p.ID, Amount: money.Fen(300), Reason: "坏了"}).(ledger.Refund)
			c.refuses(till.FaultTellsItself, till.RefundDecide{Refund: r.ID, Reason: "核对签购单"})
			time.Sleep(10 * time.Minute)
			r = c.do(till.RefundGet{Refund: r.ID}).(ledger.Refund)
			if r.State != ledger.RefundAbnormal || r.Reason != string(payment.RefundUntold) || !slices.Contains(c.snapshot().Decide, r.ID) {
				t.Fatalf("%+v", r)
			}
			c.refuses(till.FaultReasonNeeded, till.RefundDecide{Refund: r.ID, Done: done})
			c.refuses(till.FaultReasonNeeded, till.RefundDecide{Refund: r.ID, Done: done, Reason: " \u3000"})
			c.refuses(till.FaultSlipNumbers, till.RefundDecide{Refund: r.ID, Done: true, Reason: "核对签购单"})
			c.refuses(till.FaultSlipNumbers, till.RefundDecide{Refund: r.ID, Done: true, Slip: payment.Slip{Trace: "12\x1b3"}, Reason: "核对签购单"})
			decide := till.RefundDecide{Refund: r.ID, Done: done, Reason: "核对签购单"}
			want := ledger.RefundRefused
			if done {
				decide.Slip, want = payment.Slip{Trace: "000103", Reference: "900000000103"}, ledger.RefundDone
			}
			r = c.do(till.Keyed{Key: "k1", Command: decide}).(ledger.Refund)
			if r.State != want || r.Reason != string(payment.SlipSays) {
				t.Errorf("done %v: %+v", done, r)
			}
			c.refuses(till.FaultTellsItself, till.RefundDecide{Refund: r.ID, Reason: "又一次"})
			entries := c.do(till.JournalList{Limit: 1000}).([]ledger.Entry)
			if !slices.ContainsFunc(entries, func(e ledger.Entry) bool {
				return e.Kind == ledger.KindApproval && e.Approver == "1001" && strings.Contains(string(e.Payload), r.ID) && strings.Contains(string(e.Payload), "核对签购单")
			}) {
				t.Error("the book does not say who decided, and why")
			}
			c.agree()
			c.restart()
			c.agree()
		})
	}
}

// byHand is somebody taking an amount on the terminal itself.
func (c *bankDesk) byHand(fen int64) {
	c.t.Helper()
	hand, err := pinpad.New(pinpad.Config{Dial: c.keys, Name: "hand", Till: "99", Now: time.Now, Random: checksFrom(2)})
	if err != nil {
		c.t.Fatal(err)
	}
	defer hand.Close()
	charge := payment.Charge{Amount: money.Fen(fen), Mark: hand.Cards().Ready(c.ctx).Mark}
	if a := hand.Cards().Charge(c.ctx, charge); a.Outcome != payment.Paid {
		c.t.Fatalf("by hand: %+v", a)
	}
}

// keys is the terminal's own keys.
func (c *bankDesk) keys(context.Context) (io.ReadWriteCloser, error) { return c.press(), nil }

// untold is a payment of 11.36 that the terminal never made, and cannot tell from
// two that somebody made by hand.
func (c *bankDesk) untold() ledger.Payment {
	c.t.Helper()
	c.sale(1136)
	c.fault("charge", "drop-request")
	p := c.byCard()
	time.Sleep(time.Second)
	c.pull(true) // or it may ask between the two, and take the first for its own
	c.byHand(1136)
	c.byHand(1136)
	c.pull(false)
	time.Sleep(5 * time.Minute)
	return p
}

// Another transaction of the same amount was made by hand: the terminal cannot
// tell which is the till's, and its slip does.
func TestPaymentAndHoldThatOnlyASlipTells(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(1136)
		c.fault("charge", "drop-answer")
		p := c.byCard()
		time.Sleep(time.Second)
		c.byHand(1136)
		time.Sleep(5 * time.Minute)
		s := c.snapshot()
		if s.Attempt == nil || !s.Attempt.Decide || s.Attempt.Payment.Reason != string(payment.Ambiguous) {
			t.Fatalf("%+v", s.Attempt)
		}
		slip := payment.Slip{Trace: "000101", Reference: "900000000101"}
		if p = c.do(till.PaymentDecide{Payment: p.ID, Done: true, Slip: slip, Reason: "核对签购单"}).(ledger.Payment); p.State != ledger.PaymentPaid || p.AcquirerReference != slip.Reference {
			t.Errorf("%+v", p)
		}
		c.balanced()

		c.fault("charge", "drop-answer")
		h := c.do(till.CardHold{Amount: money.Fen(500)}).(till.Hold).Hold
		time.Sleep(time.Second)
		c.byHand(500)
		time.Sleep(5 * time.Minute)
		if s := c.snapshot(); len(s.Holds) != 1 || !s.Holds[0].Decide {
			t.Fatalf("%+v", s.Holds)
		}
		c.refuses(till.FaultSlipNumbers, till.CardDecide{Hold: h.ID, Done: true, Slip: slip, Reason: "核对"}) // without authorisation
		if h = c.do(till.CardDecide{Hold: h.ID, Reason: "核对"}).(till.Hold).Hold; h.State != ledger.HoldDeclined {
			t.Errorf("%+v", h)
		}
		c.held(700)
	})
}

// atBank is what the bank has of a transaction.
func (c *bankDesk) atBank(trace string) sandbox.Entry {
	c.t.Helper()
	entries, err := c.box.Books()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Order == "trace "+trace {
			return e
		}
	}
	return sandbox.Entry{}
}

// A completion whose end a manager has read from its slip is undone at the bank,
// too: its slip names no authorisation, and without it the terminal says that
// there is no such transaction, as it does of one undone before.
func TestCompletionThatASlipToldIsUndone(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		h := c.held(1136)
		c.fault("charge", "drop-answer")
		p := c.do(till.CardComplete{Hold: h.ID}).(ledger.Payment)
		time.Sleep(time.Second)
		c.byHand(1136)
		time.Sleep(5 * time.Minute)
		p = c.do(till.PaymentDecide{Payment: p.ID, Done: true, Slip: payment.Slip{Trace: "000102", Reference: c.atBank("000102").Reference}, Reason: "核对签购单"}).(ledger.Payment)
		if p.State != ledger.PaymentPaid {
			t.Fatalf("%+v", p)
		}
		c.do(till.CardReopen{Hold: h.ID, Reason: "多收了"})
		time.Sleep(time.Minute)
		c.waitHold(h.ID, ledger.HoldHeld)
		if state := c.atBank("000101").State; state != "held" {
			t.Errorf("the book says held, the bank %s", state)
		}
	})
}

// Numbers that are not the terminal's undo nothing: that it finds no such hold is
// not that it has been released.
func TestHoldWhoseSlipWasMisread(t *testing.T) {
	deskWith(t, func(set *pinpad.Config) { set.ListsAll = false }, func(c *bankDesk) {
		c.fault("charge", "drop-answer")
		h := c.do(till.CardHold{Amount: money.Fen(500)}).(till.Hold).Hold
		time.Sleep(time.Second)
		c.byHand(500)
		time.Sleep(5 * time.Minute)
		slip := payment.Slip{Trace: "000101", Reference: c.atBank("000101").Reference, Auth: "999999"}
		c.do(till.CardDecide{Hold: h.ID, Done: true, Slip: slip, Reason: "核对签购单"})
		c.do(till.CardRelease{Hold: h.ID, Reason: "退房"})
		c.waitHold(h.ID, ledger.HoldAbnormal)
		if state := c.atBank("000101").State; state != "held" {
			t.Errorf("at the bank: %s", state)
		}
	})
}

// The slip of another payment of the same amount decides nothing: the book would
// have two where the bank has taken one.
func TestSlipOfAnotherPayment(t *testing.T) {
	atBankDesk(t, func(c *bankDesk) {
		c.sale(1136)
		other := c.wait(c.byCard().ID)
		p := c.untold()
		slip := payment.Slip{Trace: "000001", Reference: other.AcquirerReference}
		c.refuses(till.FaultSlipUsed, till.PaymentDecide{Payment: p.ID, Done: true, Slip: slip, Reason: "核对签购单"})
		if p = c.payment(p.ID); p.State.Final() {
			t.Errorf("%+v", p)
		}
		p = c.do(till.PaymentDecide{Payment: p.ID, Reason: "没有单据"}).(ledger.Payment)
		if p.State != ledger.PaymentDeclined {
			t.Errorf("%+v", p)
		}
	})
}

// Somebody has released the hold on the terminal itself, which lists no releases:
// once it has said that it cannot tell, a person is asked, and it is not asked to
// release it again every minute, with two entries and a notice each time.
func TestReleaseThatOnlyASlipTells(t *testing.T) {
	deskWith(t, func(set *pinpad.Config) { set.ListsAll = false }, func(c *bankDesk) {
		h := c.held(500)
		c.do(till.CardSettle{}) // a hold outlives its batch, and is not listed any more
		hand, err := pinpad.New(pinpad.Config{Dial: c.dial, Name: "hand", Till: "99", Now: time.Now, Random: checksFrom(2)})
		if err != nil {
			t.Fatal(err)
		}
		var kept payment.Attempt
		if err := json.Unmarshal(h.Attempt, &kept); err != nil {
			t.Fatal(err)
		}
		give := payment.Refund{Amount: h.Amount, Total: h.Amount, Mark: kept.Mark, Since: hand.Cards().Ready(c.ctx).Mark, Hold: payment.Hold{Op: payment.HoldRelease}}
		if a := hand.Cards().Refund(c.ctx, give); a.Outcome != payment.RefundPaid {
			t.Fatalf("by hand: %+v", a)
		}
		hand.Close()
		c.do(till.CardRelease{Hold: h.ID, Reason: "退房"})
		c.waitHold(h.ID, ledger.HoldAbnormal)
		for range 2 {
			time.Sleep(5 * time.Minute)
			before := c.books.Head().Number
			time.Sleep(time.Hour)
			if n := c.books.Head().Number - before; n > 0 {
				t.Errorf("%d entries in an hour, of what the terminal cannot tell", n)
			}
			if s := c.snapshot(); len(s.Holds) != 1 || !s.Holds[0].Decide || s.Holds[0].Reason != string(payment.RefundUntold) {
				t.Errorf("%+v", s.Holds)
			}
			c.restart()
		}
		c.do(till.CardDecide{Hold: h.ID, Done: true, Slip: payment.Slip{Trace: "000102", Reference: "900000000101", Auth: "000707"}, Reason: "核对签购单"})
		c.waitHold(h.ID, ledger.HoldReleased)
	})
}
