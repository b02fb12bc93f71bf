package wire

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"

	"abacus/internal/money"
	"abacus/payment"
)

var (
	orderShape  = regexp.MustCompile(`^[0-9A-Za-z_]{6,32}$`)
	refundShape = regexp.MustCompile(`^[0-9A-Za-z_]{1,64}$`)
	codeShape   = regexp.MustCompile(`^[0-9]{16,24}$`)
)

// CheckOrder refuses an order number that an acquirer would: letters, digits
// and underscores, 6 to 32.
func CheckOrder(number string) error {
	if !orderShape.MatchString(number) {
		return fmt.Errorf("order number %q: use 6 to 32 letters, digits or underscores", Clean(number, ""))
	}
	return nil
}

// CheckCharge refuses a charge that must not be sent at all; nothing has
// happened then. The customer's code is looked at only when it is needed.
func CheckCharge(c payment.Charge, presenting bool) error {
	switch {
	case CheckOrder(c.Order) != nil:
		return CheckOrder(c.Order)
	case !c.Amount.Positive():
		return fmt.Errorf("amount %s: must be more than nothing", c.Amount.Decimal())
	case c.Amount.Currency() != money.CNY:
		return fmt.Errorf("currency %q: this acquirer takes CNY only", c.Amount.Currency())
	case !presenting && !codeShape.MatchString(c.Code):
		return ErrCode
	}
	return nil
}

// ErrCode is a pay code that is none: the answer to it names CodeInvalid.
var ErrCode = errors.New("pay code: want 16 to 24 digits")

// CheckRefund refuses a refund that must not be sent at all.
func CheckRefund(r payment.Refund) error {
	switch {
	case !refundShape.MatchString(r.Number):
		return fmt.Errorf("refund number %q: use 1 to 64 letters, digits or underscores", Clean(r.Number, ""))
	case CheckOrder(r.Order) != nil:
		return CheckOrder(r.Order)
	case !r.Amount.Positive() || r.Amount.Currency() != money.CNY || r.Total.Currency() != money.CNY:
		return errors.New("refund: the amount must be more than nothing, in CNY")
	case !r.Total.Valid() || r.Total.Less(r.Amount):
		return fmt.Errorf("refund of %s: more than the %s the order took", r.Amount.Decimal(), r.Total.Decimal())
	}
	return nil
}

// Unsent is the answer to a charge that was refused before it left.
func Unsent(err error) payment.Answer {
	reason := payment.Configuration
	if errors.Is(err, ErrCode) {
		reason = payment.CodeInvalid
	}
	return payment.Answer{Outcome: payment.Declined, Reason: reason, Err: err}
}

// Truncate cuts a text to n characters, as acquirers count them.
func Truncate(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}

// FillTiming is t with every zero field taken from defaults.
func FillTiming(t, defaults payment.Timing) payment.Timing {
	t.CallTimeout = cmp.Or(t.CallTimeout, defaults.CallTimeout)
	t.FirstQuery = cmp.Or(t.FirstQuery, defaults.FirstQuery)
	t.QueryInterval = cmp.Or(t.QueryInterval, defaults.QueryInterval)
	t.Deadline = cmp.Or(t.Deadline, defaults.Deadline)
	t.NoReverseUntil = cmp.Or(t.NoReverseUntil, defaults.NoReverseUntil)
	t.OrderCodeLife = cmp.Or(t.OrderCodeLife, defaults.OrderCodeLife)
	t.CodePoll = cmp.Or(t.CodePoll, defaults.CodePoll)
	t.Watch = cmp.Or(t.Watch, defaults.Watch)
	return t
}
