package paymenttest

import (
	"context"
	"net"
	"net/http"
	"testing"

	"abacus/payment"
)

// NoNames leaves a provider without DNS: the name is not found, its server does
// not answer, or says that it cannot. Nothing was sent, and still nothing of it
// is certain. client makes the provider, which presents order codes and finds
// payments, over that line.
func NoNames(t *testing.T, c payment.Charge, client func(http.RoundTripper) payment.Provider) {
	order := payment.Order{Number: c.Order, Amount: c.Amount}
	for name, failed := range map[string]*net.DNSError{
		"no such host":      {Err: "no such host", Name: "api.example", IsNotFound: true},
		"no answer":         {Err: "i/o timeout", Name: "api.example", Server: "192.0.2.53:53", IsTimeout: true},
		"server misbehaves": {Err: "server misbehaving", Name: "api.example", Server: "192.0.2.53:53", IsTemporary: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := client(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: failed}
			}}).(interface {
				payment.Presenter
				payment.Finder
			})
			for op, a := range map[string]payment.Answer{
				"charge": p.Charge(t.Context(), c), "present": p.Present(t.Context(), c),
				"query": p.Query(t.Context(), order), "reverse": p.Reverse(t.Context(), order), "close": p.Close(t.Context(), order),
			} {
				if a.Outcome != payment.Unknown || a.Reason != payment.NotSent {
					t.Errorf("%s: %v, %s", op, a.Outcome, a.Reason)
				}
			}
			if _, found, err := p.Find(t.Context(), "4200000000202601010000000001"); found || err == nil {
				t.Errorf("find: %v, %v", found, err)
			}
		})
	}
}
