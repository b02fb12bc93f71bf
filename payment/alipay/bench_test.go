package alipay

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"net/http"
	"testing"
	"time"
)

// onWire notes when a request reaches the connection.
type onWire struct{ at time.Time }

var errEnough = errors.New("far enough")

func (w *onWire) RoundTrip(*http.Request) (*http.Response, error) {
	w.at = time.Now()
	return nil, errEnough
}

// BenchmarkChargeToWire is the time from a charge to its request at the
// connection, as a ratio to one bare RSA-2048 signature in the same run.
func BenchmarkChargeToWire(b *testing.B) {
	wire := &onWire{}
	c := mustNew(b, testConfig(wire))
	key, sum := vectors().key, sha256.Sum256([]byte("limit"))
	var ours, limit time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		c.Charge(b.Context(), testCharge())
		ours += wire.at.Sub(start)
		start = time.Now()
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
		limit += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(limit), "x-signature")
}
