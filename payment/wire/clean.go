package wire

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode"

	"abacus/payment"
)

// detailLimit is the most characters of an acquirer's words that are kept.
const detailLimit = 200

var longDigits = regexp.MustCompile(`[0-9]{16,}`)

// Clean makes an acquirer's words fit to be shown and kept: pay codes masked
// (secret is the one in play, empty if none), control characters gone, which a
// terminal would obey, and cut at 200 characters.
func Clean(text, secret string) string {
	if secret != "" {
		text = strings.ReplaceAll(text, secret, payment.Mask(secret))
	}
	// An acquirer may quote the code of an earlier call, which is not at hand.
	text = longDigits.ReplaceAllStringFunc(text, func(digits string) string {
		if _, ok := payment.Recognise(digits); ok {
			return payment.Mask(digits)
		}
		return digits
	})
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > detailLimit {
		text = string(runes[:detailLimit]) + "…"
	}
	return text
}

// CleanError is an error with the same text as err, cleaned. Only the end of
// the context stays recognisable: an error that can be unwrapped can be
// printed whole, with the request in it.
func CleanError(err error, secret string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	}
	return errors.New(Clean(err.Error(), secret))
}

// CleanAnswer cleans every text of an answer except the order code, which the
// customer has to scan as it came.
func CleanAnswer(a payment.Answer, secret string) payment.Answer {
	for _, text := range []*string{&a.Detail, &a.Reference, &a.Payer, &a.Funding} {
		*text = Clean(*text, secret)
	}
	if secret != "" && strings.Contains(a.OrderCode, secret) {
		a = payment.Answer{Reason: payment.BadAnswer, Err: errors.New("the order code repeats a pay code")}
	}
	a.Err = CleanError(a.Err, secret)
	return a
}

// CleanRefund cleans every text of an answer to a refund.
func CleanRefund(a payment.RefundAnswer) payment.RefundAnswer {
	a.Detail, a.Reference = Clean(a.Detail, ""), Clean(a.Reference, "")
	a.Err = CleanError(a.Err, "")
	return a
}

// MaskID keeps the ends of a customer's identity: enough to tell two apart
// beside a complaint, not enough to use.
func MaskID(id string) string {
	r := []rune(id)
	if len(r) < 8 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + "…" + string(r[len(r)-3:])
}
