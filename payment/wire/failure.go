package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"

	"abacus/payment"
)

// Failure tells what a call that brought no answer means, and the error
// without the request it was about. Whatever it was, the money is in doubt:
// NotSent is given only when no connection could be opened, and even that is
// the word of one side.
func Failure(err error) (payment.Reason, error) {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var (
		dial  *net.OpError
		name  *net.DNSError
		cert  *tls.CertificateVerificationError
		roots x509.UnknownAuthorityError
	)
	switch {
	case errors.Is(err, ErrTooLarge):
		return payment.BadAnswer, err
	case errors.As(err, &dial) && dial.Op == "dial", errors.As(err, &name),
		errors.As(err, &cert), errors.As(err, &roots):
		return payment.NotSent, err
	case errors.Is(err, context.DeadlineExceeded):
		return payment.NoAnswer, context.DeadlineExceeded
	}
	return payment.NoAnswer, err
}
