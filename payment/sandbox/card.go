package sandbox

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/emmansun/gmsm/sm4"
)

const card = "card"

// macSM4 is the one algorithm of the card host besides triple DES.
const macSM4 = "sm4"

// keyLife is how long working keys hold, by the sandbox's clock.
const keyLife = 24 * time.Hour

// CardSetup is the merchant's terminal at the card host.
type CardSetup struct {
	TPDU, Header       string // hexadecimal
	Merchant, Terminal string
	MasterKey          string // 32 hexadecimal characters
}

// terminal is what the host keeps of the one terminal there is. It is kept as
// JSON beside the orders.
type terminal struct {
	Batch    int               `json:"batch"`
	Settled  bool              `json:"settled,omitempty"` // the next sign-in begins the next batch
	Totals   map[string]string `json:"totals,omitempty"`  // batch → field 48 it was settled with
	Dead     []string          `json:"dead,omitempty"`    // traces reversed before they came
	PIN, MAC []byte            `json:",omitempty"`
	SignedIn time.Time         `json:"signed_in,omitzero"`
}

// cardTrace is a transaction's place at the host; on orders and refunds.
type cardTrace struct {
	Batch string `json:"batch"`
	Trace string `json:"trace"`
	Auth  string `json:"auth,omitempty"`
	Payer string `json:"payer,omitempty"` // masked
	Void  bool   `json:"void,omitempty"`
}

func (c *cardTrace) is(batch, trace string) bool {
	return c != nil && c.Batch == batch && c.Trace == trace
}

// cardHost is the host's server. Everything it keeps is the acquirer's, under
// the acquirer's lock.
type cardHost struct {
	*acquirer
	setup *Setup
	state terminal
}

func (h *cardHost) cipher(key []byte) cipher.Block { return cardCipher(h.options.CardMAC, key) }

// pinSize is how long field 52 is.
func (h *cardHost) pinSize() int {
	if h.options.CardMAC == macSM4 {
		return sm4.BlockSize
	}
	return des.BlockSize
}

func (h *cardHost) keep(t terminal) bool {
	if err := h.log.append(record{Terminal: &t}); err != nil {
		h.options.Log.Error("sandbox: terminal not kept", "err", err)
		return false
	}
	h.state = t
	return true
}

func (h *cardHost) batch() string { return fmt.Sprintf("%06d", max(h.state.Batch, 1)) }

// operation is what a fault calls a message; "" for those that are spared.
func (m cardMessage) operation() string {
	switch m.mti + m.get(3) {
	case "0200000000":
		return opCharge
	case "0200310000":
		return opQuery
	case "0200200000", "0220200000":
		return opRefund
	}
	switch m.mti {
	case "0400":
		return opReverse
	case "0500", "0320":
		return opSettle
	}
	return ""
}

// answer does what a message asks and gives the fields of its answer; the
// caller has checked TPDU and form.
func (h *cardHost) answer(m cardMessage, sealed bool, late bool) cardMessage {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := cardMessage{mti: m.mti[:2] + string(m.mti[2]+1) + m.mti[3:], fields: map[int]string{}}
	for _, id := range []int{3, 4, 11, 25, 41, 42, 49, 60} {
		if v := m.get(id); v != "" {
			a.fields[id] = v
		}
	}
	now := h.now().In(beijing)
	a.fields[12], a.fields[13], a.fields[37] = now.Format("150405"), now.Format("0102"), digits(h.options.Random, decimal, 12)
	code := h.refuse(m, sealed)
	if code == "" {
		code = h.do(m, a, late)
	}
	a.fields[39] = code
	return a
}

// refuse is why a message is not even looked at.
func (h *cardHost) refuse(m cardMessage, sealed bool) string {
	moves := m.mti == "0200" || m.mti == "0220" || m.mti == "0400"
	reserved := m.get(60)
	switch {
	case m.get(42) != h.setup.Card.Merchant:
		return "03"
	case m.get(41) != h.setup.Card.Terminal:
		return "97"
	case len(reserved) < 11:
		return "30"
	case moves && (!sealed || h.state.SignedIn.IsZero() || reached(h.state.SignedIn.Add(keyLife), h.now())):
		return "A0"
	case (m.mti == "0200" || m.mti == "0220") && (reserved[2:8] != h.batch() || h.state.Settled) && !h.done(m):
		return "77" // a settled batch takes nothing more: the next sign-in opens another
	}
	return ""
}

// done reports that a message of a settled batch is the repeat of one that the
// host has done.
func (h *cardHost) done(m cardMessage) bool {
	o, _ := h.byTrace(m.get(60)[2:8], m.get(11))
	return o != nil
}

func (h *cardHost) do(m, a cardMessage, late bool) string {
	switch m.mti {
	case "0800":
		return h.signIn(a)
	case "0820":
		return "00"
	case "0500":
		return h.settleBatch(m, a)
	case "0320":
		return h.upload(m)
	case "0400":
		return h.undo(m)
	}
	switch m.operation() {
	case opCharge:
		return h.sell(m, a, late)
	case opQuery:
		return h.balance(m, a)
	case opRefund:
		return h.takeBack(m, a, late)
	}
	return "12"
}

// signIn hands out fresh working keys and, after a settlement, the next batch.
func (h *cardHost) signIn(a cardMessage) string {
	t := h.state
	t.PIN, t.MAC, t.SignedIn = make([]byte, 16), make([]byte, 16), h.now()
	for _, key := range [][]byte{t.PIN, t.MAC} {
		if _, err := io.ReadFull(rand.Reader, key); err != nil {
			return "96"
		}
	}
	if t.Batch == 0 || t.Settled {
		t.Batch, t.Settled, t.Dead = t.Batch%999_999+1, false, nil
	}
	if !h.keep(t) {
		return "96"
	}
	master, err := hex.DecodeString(h.setup.Card.MasterKey)
	if err != nil {
		return "96"
	}
	a.fields[60] = "00" + h.batch() + a.fields[60][8:]
	a.fields[62] = sealKey(h.options.CardMAC, master, t.PIN) + sealKey(h.options.CardMAC, master, t.MAC)
	return "00"
}

// byTrace is the order, or the order with the refund, of a terminal's message.
func (h *cardHost) byTrace(batch, trace string) (*order, *refund) {
	for _, o := range h.orders {
		if o.Card.is(batch, trace) {
			return o, nil
		}
		for i := range o.Refunds {
			if o.Refunds[i].Card.is(batch, trace) {
				return o, &o.Refunds[i]
			}
		}
	}
	return nil, nil
}
