package iso8583_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/iso8583"
	"abacus/payment/sandbox"
)

// Keys and MAC by SM4, with a host that speaks it; one that does not gives keys
// that do not open.
func TestSM4(t *testing.T) {
	c := newCounterOf(t, sandbox.Options{CardMAC: "sm4"})
	c.want("the wrong cipher", c.charge("S0", 100), payment.Declined, payment.Configuration)
	c.cfg.MAC = iso8583.SM4
	c.restart()
	c.want("sale", c.charge("S1", 100), payment.Paid, "")
	c.fault("charge", "bad-signature")
	c.want("forged answer", c.charge("S2", 200), payment.Unknown, payment.BadSignature)
	c.want("next sale, behind the reversal", c.charge("S3", 300), payment.Paid, "")
	if s := c.Settle(t.Context()); !s.Done || !s.Agrees || s.SaleCount != 2 {
		t.Errorf("settlement: %+v", s)
	}
}

// A PIN is sent when it was keyed, is told from one that is missing, and is gone
// from memory afterwards, whichever cipher seals it.
func TestPIN(t *testing.T) {
	for _, algorithm := range []iso8583.Algorithm{iso8583.ECB, iso8583.SM4} {
		t.Run(string(algorithm), func(t *testing.T) {
			c := newCounterOf(t, sandbox.Options{CardMAC: string(algorithm)})
			c.cfg.MAC = algorithm
			c.restart()
			card := c.swipe("pin:123456")
			charge := func(order, pin string) payment.Answer {
				keyed := payment.PIN(pin)
				a := c.Charge(t.Context(), payment.Charge{
					Order: order, Amount: money.Fen(100), Swipe: &payment.Swipe{Track2: bytes.Clone(card.Track2)}, PIN: keyed,
				})
				if strings.Trim(string(keyed), "\x00") != "" {
					t.Error("the PIN is still in memory")
				}
				if text := fmt.Sprintf("%v %+v %v", keyed, a, a.Err); strings.Contains(text, pin) && pin != "" {
					t.Errorf("the PIN is in the answer: %s", text)
				}
				return a
			}
			c.want("none", charge("P1", ""), payment.Declined, payment.PINNeeded)
			c.want("wrong", charge("P2", "654321"), payment.Declined, payment.PINWrong)
			c.want("right", charge("P3", "123456"), payment.Paid, "")
			c.want("too short", charge("P4", "12x"), payment.Declined, payment.Configuration)
			for _, order := range []string{"P5", "P6", "P7"} {
				c.want("wrong", charge(order, "000000"), payment.Declined, payment.PINWrong)
			}
			c.want("too often", charge("P8", "123456"), payment.Declined, payment.Risk)
			if data, err := os.ReadFile(c.path); err != nil || bytes.Contains(data, []byte("123456")) || bytes.Contains(data, []byte("654321")) {
				t.Errorf("the PIN is in the record, or it cannot be read: %v", err)
			}
			if c.kept() != 100 {
				t.Errorf("the host holds %d fen", c.kept())
			}
		})
	}
}
