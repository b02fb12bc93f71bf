package iso8583_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"abacus/payment"
	"abacus/payment/iso8583"
)

func TestSettlement(t *testing.T) {
	c := newCounter(t)
	for i := range 20 {
		c.want("sale", c.charge(fmt.Sprintf("S%d", i), 100), payment.Paid, "")
	}
	c.wantRefund("void", c.refund("S0_r1", "S0", 100, 100), payment.RefundPaid)
	c.wantRefund("refund", c.refund("S1_r1", "S1", 40, 100), payment.RefundPaid)
	c.want("reversal", c.Reverse(t.Context(), order("S2", 100)), payment.Reversed, payment.PaidThenBack)
	s := c.Settle(t.Context())
	if !s.Done || !s.Agrees || s.SaleCount != 19 || s.Sales.Minor() != 1900 || s.ReturnCount != 2 || s.Returns.Minor() != 140 || s.Batch != "000001" {
		t.Errorf("settlement: %+v", s)
	}
	if again := c.Settle(t.Context()); again.Batch != s.Batch || len(again.Items) != 21 || !again.Began.Equal(s.Began) {
		t.Errorf("given again: %+v", again)
	}
	if err := c.Told(s.Batch); err != nil || c.Owes() {
		t.Error("still owed", err)
	}
	c.went()
	c.want("the next batch", c.charge("T1", 100), payment.Paid, "")
	c.want("a sale of the settled batch", c.Reverse(t.Context(), order("S3", 100)), payment.Declined, payment.NotRefundable)
	c.wantRefund("is refunded", c.refund("S3_r1", "S3", 100, 100), payment.RefundPaid)
	if got := c.went(); got != "0800 0200 0220" {
		t.Errorf("went out: %s", got)
	}
	if s := c.Settle(t.Context()); !s.Agrees || s.Batch != "000002" || s.SaleCount != 1 || s.ReturnCount != 1 {
		t.Errorf("second settlement: %+v", s)
	}
}

// The answer to a settlement is lost: what follows is not put into the batch
// that the host has closed, where nothing could be reversed any more.
func TestSettlementWhoseAnswerIsLost(t *testing.T) {
	c := newCounter(t)
	c.want("sale", c.charge("L0", 100), payment.Paid, "")
	c.deaf = true
	if s := c.Settle(t.Context()); s.Done {
		t.Errorf("settlement: %+v", s)
	}
	c.deaf = false
	c.want("into the closed batch", c.charge("L1", 100), payment.Declined, payment.SystemBusy)
	c.fault("charge", "drop-answer")
	c.want("the next batch", c.charge("L2", 100), payment.Unknown, payment.NoAnswer)
	c.want("and back", c.Reverse(t.Context(), order("L2", 100)), payment.Reversed, "")
	if c.kept() != 100 {
		t.Errorf("the host keeps %d fen", c.kept())
	}
}

// A settlement that was wanted goes on over lost answers and restarts until the
// host has closed the batch; its report stays until somebody has taken it, and
// no sale of the next batch gets into it.
func TestSettlementGoesOn(t *testing.T) {
	for name, faults := range map[string][]string{
		"request lost": {"drop-request"}, "answer lost": {"drop-answer"}, "both": {"drop-request", "drop-answer", "garbage"},
		"answer cut": {"http:502"}, "somebody else's": {"wrong-order"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			if wanted, err := c.Want(); wanted || err != nil {
				t.Fatal("an empty batch is to be settled", err)
			}
			c.want("sale", c.charge("A1", 100), payment.Paid, "")
			if wanted, err := c.Want(); !wanted || err != nil {
				t.Fatal("the batch is not to be settled", err)
			}
			c.restart()
			for _, f := range faults {
				c.fault("settle", f)
				if s := c.Settle(t.Context()); s.Done || s.Reason == "" || !c.Owes() {
					t.Fatalf("%s: %+v, owed %v", f, s, c.Owes())
				}
				c.restart()
			}
			c.want("a sale meanwhile", c.charge("A2", 30), payment.Paid, "")
			c.restart()
			s := c.Settle(t.Context())
			if !s.Done || !s.Agrees || s.Batch != "000001" || s.SaleCount != len(s.Items) {
				t.Fatalf("settlement: %+v", s)
			}
			c.restart()
			c.want("the next batch", c.charge("A3", 5), payment.Paid, "")
			c.restart()
			again := c.Settle(t.Context())
			if again.Batch != s.Batch || again.SaleCount != s.SaleCount || !again.Agrees {
				t.Errorf("its report after the restart: %+v, was %+v", again, s)
			}
			if err := c.Told(s.Batch); err != nil {
				t.Fatal(err)
			}
			c.restart()
			last := c.Settle(t.Context())
			if !last.Agrees || last.Batch != "000002" || s.SaleCount+last.SaleCount != 3 || s.Sales.Add(last.Sales).Minor() != 135 {
				t.Errorf("next settlement: %+v", last)
			}
		})
	}
}

// A host that wants a sign-in first gets one: it would say so of every settlement
// until the next sale is declined for it.
func TestSettlementThatWantsASignIn(t *testing.T) {
	c := newCounter(t)
	c.want("sale", c.charge("A1", 100), payment.Paid, "")
	c.says = "77"
	if s := c.Settle(t.Context()); s.Done || s.Reason != payment.SystemBusy || !c.Owes() {
		t.Fatalf("settlement: %+v", s)
	}
	c.went()
	if s := c.Settle(t.Context()); !s.Done || !s.Agrees {
		t.Errorf("settlement: %+v", s)
	}
	if got := c.went(); got != "0800 0500 0820" {
		t.Errorf("went out: %s", got)
	}
}

// loseOne leaves the host one sale more than the terminal's ten: its record was
// lost in between.
func (c *counter) loseOne(t *testing.T) {
	t.Helper()
	c.want("sale", c.charge("U1", 100), payment.Paid, "")
	if err := os.Remove(c.path); err != nil {
		t.Fatal(err)
	}
	c.restart()
	c.want("a trace given twice", c.charge("U2", 100), payment.Declined, payment.NumberUsed)
	for i := range 10 {
		c.want("sale", c.charge(fmt.Sprintf("V%d", i), 100), payment.Paid, "")
	}
}

// An upload that was cut off begins anew and closes the batch once.
func TestUploadGoesOn(t *testing.T) {
	c := newCounter(t)
	c.loseOne(t)
	c.cutAfter("0320")
	if s := c.Settle(t.Context()); s.Done || s.Agrees {
		t.Fatalf("settlement: %+v", s)
	}
	c.restart()
	c.went()
	s := c.Settle(t.Context())
	if !s.Done || s.Agrees || s.Uploaded != 10 {
		t.Errorf("settlement: %+v", s)
	}
	if got := c.went(); got != "0800 0320 0320 0320 0820" {
		t.Errorf("went out: %s; the figures are not sent again", got)
	}
}

// A terminal that has lost its record is found out by the totals; what it has
// is sent up one by one, and the batch ends.
func TestSettlementThatDiffers(t *testing.T) {
	c := newCounter(t)
	c.loseOne(t)
	s := c.Settle(t.Context())
	if !s.Done || s.Agrees || s.Uploaded != 10 || s.SaleCount != 10 {
		t.Errorf("settlement: %+v", s)
	}
	if got := c.went(); !strings.HasSuffix(got, "0500 0320 0320 0320 0820") {
		t.Errorf("went out: %s", got)
	}
	c.want("the next batch", c.charge("W1", 100), payment.Paid, "")
}

// A settlement counts sales in three digits, and what went back too. A batch that
// has no room left is settled before the next of either goes out, which then goes
// on by itself.
func TestFullBatchIsSettledByItself(t *testing.T) {
	for name, fill := range map[string]func(*counter){
		"sales": func(c *counter) {
			c.want("sale", c.charge("F3", 100), payment.Paid, "")
		},
		"returns": func(c *counter) {
			c.want("to be given back", c.Reverse(c.t.Context(), order("F2", 100)), payment.Reversed, payment.PaidThenBack)
			for _, number := range []string{"F1_r1", "F1_r2", "F1_r3"} {
				c.wantRefund("refund", c.refund(number, "F1", 10, 100), payment.RefundPaid)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			iso8583.Most(c.Client, 3)
			c.want("sale", c.charge("F1", 100), payment.Paid, "")
			c.want("sale", c.charge("F2", 100), payment.Paid, "")
			fill(c)
			if c.Owes() {
				t.Fatal("settled too early")
			}
			c.went()
			c.want("the sale behind it", c.charge("G1", 100), payment.Paid, "")
			if got := c.went(); got != "0500 0820 0800 0200" {
				t.Errorf("went out: %s", got)
			}
			s := c.Settle(t.Context())
			if !c.Owes() || !s.Done || !s.Agrees || s.Batch != "000001" {
				t.Errorf("its report: %+v, owed %v", s, c.Owes())
			}
			if err := c.Told(s.Batch); err != nil {
				t.Fatal(err)
			}
			if s := c.Settle(t.Context()); !s.Agrees || s.Batch != "000002" || s.SaleCount != 1 {
				t.Errorf("the next batch: %+v", s)
			}
		})
	}
}

// Where the full batch cannot be settled just now the sale goes on all the same,
// in the batch as it is, and the settlement stays wanted.
func TestFullBatchThatCannotBeSettled(t *testing.T) {
	c := newCounter(t)
	iso8583.Most(c.Client, 2)
	c.want("sale", c.charge("F1", 100), payment.Paid, "")
	c.want("sale", c.charge("F2", 100), payment.Paid, "")
	c.fault("settle", "drop-request")
	c.want("the sale behind it", c.charge("F3", 100), payment.Paid, "")
	c.went()
	c.want("another", c.charge("F4", 100), payment.Paid, "")
	if got := c.went(); got != "0200" {
		t.Errorf("went out: %s, and every sale would wait for it", got)
	}
	if s := c.Settle(t.Context()); !s.Done || !s.Agrees || s.SaleCount != 4 {
		t.Errorf("settlement: %+v", s)
	}
}

// A batch that is too long all the same is closed by sending every transaction.
func TestBatchTooLongIsSettled(t *testing.T) {
	c := newCounter(t)
	iso8583.Most(c.Client, 2000)
	for i := range 1001 {
		c.want("sale", c.charge(fmt.Sprintf("L%d", i), 100), payment.Paid, "")
	}
	s := c.Settle(t.Context())
	if !s.Done || s.Agrees || s.SaleCount != 1001 || s.Uploaded != 1001 {
		t.Errorf("settlement: done %v, agrees %v, %d sales, %d sent up: %v", s.Done, s.Agrees, s.SaleCount, s.Uploaded, s.Err)
	}
	c.want("the next batch", c.charge("M1", 100), payment.Paid, "")
}
