package iso8583

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"abacus/payment"
)

// failure is a call that brought no answer to be believed.
type failure struct {
	reason payment.Reason
	unsent bool // for certain nothing left
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fails(reason payment.Reason, err error) *failure { return &failure{reason: reason, err: err} }

// exchange sends one message on a connection of its own and gives back the
// answer, checked: an answer to this message, of this terminal, sealed if the
// question was. Late answers die with their connection.
func (c *Client) exchange(ctx context.Context, m *Message, seal bool) (*Message, *failure) {
	m.Set(fieldTerminal, c.cfg.Terminal).Set(fieldMerchant, c.cfg.Merchant)
	raw, err := c.pack(m, seal)
	defer wipe(raw)
	if err != nil {
		return nil, &failure{payment.Configuration, true, err}
	}
	out := frame(c.cfg.TPDU, c.cfg.Header, raw)
	defer wipe(out)
	ctx, cancel := context.WithTimeout(ctx, c.cfg.HostTimeout)
	defer cancel()
	conn, err := c.cfg.Dial(ctx)
	if err != nil {
		return nil, &failure{payment.NotSent, true, fmt.Errorf("iso8583: %w", err)}
	}
	defer func() { _ = conn.Close() }()
	body, f := talk(ctx, conn, out)
	if f != nil {
		return nil, f
	}
	return c.receive(m, body, seal)
}

func (c *Client) pack(m *Message, seal bool) ([]byte, error) {
	if !seal {
		return m.Pack()
	}
	return m.Seal(c.mac)
}

// talk writes a frame and reads one; when ctx ends, so does the wait.
func talk(ctx context.Context, conn net.Conn, out []byte) ([]byte, *failure) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(out); err != nil {
		return nil, fails(payment.NoAnswer, fmt.Errorf("iso8583: sending: %w", err))
	}
	body, err := readFrame(conn)
	var network net.Error
	switch {
	case err == nil:
		return body, nil
	case errors.As(err, &network) || errors.Is(err, os.ErrDeadlineExceeded) || cutOff(err):
		return nil, fails(payment.NoAnswer, fmt.Errorf("iso8583: no answer: %w", err))
	}
	return nil, fails(payment.BadAnswer, err)
}

// receive takes an answer apart and holds it against its question.
func (c *Client) receive(asked *Message, body []byte, seal bool) (*Message, *failure) {
	h, raw, err := openFrame(body, c.cfg.TPDU)
	if err != nil {
		return nil, fails(payment.WrongOrder, err)
	}
	if seal && !Sealed(raw, c.mac) {
		c.signedIn = false // the keys may have changed at the host
		return nil, fails(payment.BadSignature, errors.New("iso8583: the answer's MAC does not fit"))
	}
	m, err := Unpack(raw)
	if err != nil {
		return nil, fails(payment.BadAnswer, err)
	}
	if m.MTI() != answerTo(asked.MTI()) {
		return nil, fails(payment.BadAnswer, fmt.Errorf("iso8583: %s answered by %s", asked.MTI(), m.MTI()))
	}
	for _, id := range []int{fieldTrace, fieldTerminal, fieldMerchant} {
		if m.Text(id) != asked.Text(id) {
			return nil, fails(payment.WrongOrder, fmt.Errorf("iso8583: the answer's field %d is not ours", id))
		}
	}
	if h.needs() == needsSignIn {
		c.signedIn = false
	}
	return m, nil
}

// needsSignIn is the header's digit for "sign in again after this one".
// Source: UnionPay POS interface, 报文头处理要求.
const needsSignIn = 3

// answerTo is the type of an answer: 0200 is answered by 0210.
func answerTo(mti string) string { return mti[:2] + string(mti[2]+1) + mti[3:] }
