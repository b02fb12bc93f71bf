package iso8583

import (
	"context"
	"errors"
	"fmt"

	"abacus/payment"
)

// Codes of field 60.3 in management messages.
const (
	signInDouble = "003" // working keys of double length
	signInSingle = "001"
	signOffCode  = "002"
	echoCode     = "301"
)

// signIn fetches working keys and the batch's number, if that is to be done.
// Keys live in memory only: a restart signs in anew.
func (c *Client) signIn(ctx context.Context) *failure {
	if c.signedIn {
		return nil
	}
	trace, err := c.cfg.Record.nextTrace()
	if err != nil {
		return &failure{payment.Configuration, true, err}
	}
	code := signInDouble
	if len(c.cfg.MasterKey) == 8 {
		code = signInSingle
	}
	m := NewMessage("0800").Set(fieldTrace, sixDigits(trace)).Set(fieldReserved, managing(c.cfg.Record.Batch(), code)).
		Set(fieldKeys, "Sequence No"+fmt.Sprintf("%02d", len(c.cfg.Terminal))+c.cfg.Terminal).Set(fieldText, c.operator(""))
	a, f := c.exchange(ctx, m, false)
	if f != nil {
		f.unsent = true // a sign-in moves no money
		return f
	}
	if err := c.takeKeys(a); err != nil {
		return &failure{payment.Configuration, true, err}
	}
	return nil
}

// takeKeys uses what a sign-in brought.
func (c *Client) takeKeys(a *Message) error {
	if code := a.Text(fieldResponse); code != "00" {
		return fmt.Errorf("iso8583: the host refuses the sign-in with code %s", code)
	}
	keys, err := OpenKeys(c.cfg.MAC, c.cfg.MasterKey, a.Bytes(fieldKeys))
	if err != nil {
		return err
	}
	mac, err := NewMAC(c.cfg.MAC, keys.MAC)
	if err != nil {
		return err
	}
	reserved := a.Text(fieldReserved)
	if len(reserved) < 8 || number(reserved[2:8]) == 0 {
		return errors.New("iso8583: the host's sign-in names no batch")
	}
	if err := c.cfg.Record.setBatch(number(reserved[2:8])); err != nil {
		return err
	}
	c.mac, c.pik, c.signedIn = mac, keys.PIN, true
	return nil
}

// Test implements payment.Tester: an echo, and a sign-in with the host's keys.
func (c *Client) Test(ctx context.Context) error {
	release, err := c.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	echo := NewMessage("0820").Set(fieldReserved, managing(c.cfg.Record.Batch(), echoCode))
	a, f := c.exchange(ctx, echo, false)
	if f != nil {
		return f
	}
	if code := a.Text(fieldResponse); code != "00" {
		return fmt.Errorf("iso8583: the host answers the echo with code %s", code)
	}
	c.signedIn = false
	if f := c.signIn(ctx); f != nil {
		return f
	}
	return nil
}

// signOff ends a batch; the next sign-in begins another. The host need not
// answer.
func (c *Client) signOff(ctx context.Context) {
	c.signedIn = false
	if trace, err := c.cfg.Record.nextTrace(); err == nil {
		_, _ = c.exchange(ctx, NewMessage("0820").Set(fieldTrace, sixDigits(trace)).Set(fieldReserved, managing(c.cfg.Record.Batch(), signOffCode)), false)
	}
}

// managing is field 60 of a management message.
func managing(batch int, code string) string { return "00" + sixDigits(batch) + code }

// operator is field 63 of a request: the operator, then our own number, which
// makes support easier on both sides.
func (c *Client) operator(ours string) string { return fmt.Sprintf("%-3s", c.cfg.Operator) + ours }
