package iso8583_test

import (
	"testing"
	"time"

	"abacus/payment"
)

// A refund whose answer was lost has perhaps been done. That a repeat of it did
// not leave, or was sent back for a sign-in, says nothing of the first: it goes
// on under its own trace, or the money would go back twice.
func TestRepeatOfARefundThatDoesNotArrive(t *testing.T) {
	for name, meets := range map[string]func(c *counter){
		"no line": func(c *counter) { c.cut = true },
		"the host wants a sign-in": func(c *counter) {
			if err := c.box.Advance(25 * time.Hour); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			c.want("sale", c.charge("R1", 100), payment.Paid, "")
			c.fault("refund", "drop-answer")
			c.wantRefund("its answer is lost", c.refund("R1_r1", "R1", 30, 100), payment.RefundUnknown)
			meets(c)
			c.wantRefund("the repeat", c.refund("R1_r1", "R1", 30, 100), payment.RefundUnknown)
			c.cut = false
			c.wantRefund("again", c.refund("R1_r1", "R1", 30, 100), payment.RefundPaid)
			if c.kept() != 70 {
				t.Errorf("the host holds %d fen, want 70", c.kept())
			}
		})
	}
}

// One that never arrived, and whose batch the host has closed meanwhile, is made
// anew in the next batch: in its own it would be asked for a sign-in for ever.
func TestRepeatOfARefundWhoseBatchIsOver(t *testing.T) {
	c := newCounter(t)
	c.want("sale", c.charge("R1", 100), payment.Paid, "")
	c.fault("settle", "drop-answer")
	if s := c.Settle(t.Context()); s.Done {
		t.Fatalf("settlement: %+v", s)
	}
	c.fault("refund", "drop-request")
	c.wantRefund("its request is lost", c.refund("R1_r1", "R1", 30, 100), payment.RefundUnknown)
	c.wantRefund("the batch is over", c.refund("R1_r1", "R1", 30, 100), payment.RefundUnknown)
	c.wantRefund("signed in", c.refund("R1_r1", "R1", 30, 100), payment.RefundUnknown)
	c.wantRefund("in the next batch", c.refund("R1_r1", "R1", 30, 100), payment.RefundPaid)
	if s := c.Settle(t.Context()); !s.Done || s.Batch != "000001" || c.kept() != 70 {
		t.Errorf("the host holds %d fen; settlement: %+v", c.kept(), s)
	}
}
