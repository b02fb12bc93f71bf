package alipay

import (
	"context"
	"net"
	"net/http"
	"testing"

	"abacus/payment"
)

// No DNS: the name is not found, its server does not answer, or says that it
// cannot. Nothing was sent, and still nothing of it is certain.
func TestNoDNS(t *testing.T) {
	for name, failed := range map[string]*net.DNSError{
		"no such host":      {Err: "no such host", Name: "api.example", IsNotFound: true},
		"no answer":         {Err: "i/o timeout", Name: "api.example", Server: "192.0.2.53:53", IsTimeout: true},
		"server misbehaves": {Err: "server misbehaving", Name: "api.example", Server: "192.0.2.53:53", IsTemporary: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := mustNew(t, testConfig(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: failed}
			}}))
			for op, a := range map[string]payment.Answer{
				"charge": c.Charge(background(), testCharge()), "present": c.Present(background(), testCharge()),
				"query": c.Query(background(), theOrder()), "reverse": c.Reverse(background(), theOrder()), "close": c.Close(background(), theOrder()),
			} {
				if a.Outcome != payment.Unknown || a.Reason != payment.NotSent {
					t.Errorf("%s: %v, %s", op, a.Outcome, a.Reason)
				}
			}
			if _, found, err := c.Find(background(), "4200000000202601010000000001"); found || err == nil {
				t.Errorf("find: %v, %v", found, err)
			}
		})
	}
}
