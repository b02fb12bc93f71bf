package sandbox_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
	"time"

	"abacus/payment/sandbox"
)

// BenchmarkCharge is one pay code charged and answered in process, as a ratio
// to the signatures it cannot do without: the till's and the acquirer's.
func BenchmarkCharge(b *testing.B) {
	setup, err := sharedSetup()
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("x"))
	start := time.Now()
	const signatures = 50
	for range signatures {
		if _, err := rsa.SignPKCS1v15(rand.Reader, setup.Alipay.AppKey, crypto.SHA256, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
	limit := 2 * time.Since(start) / signatures
	k := &till{T: &testing.T{}, setup: setup, base: "https://acquirer.invalid", now: noon}
	k.box = sandbox.New(setup, sandbox.Options{Now: func() time.Time { return k.now }})
	k.http = clientOf(k.box)
	charge := k.channels()[0].charge
	for b.Loop() {
		if _, err := charge(k.number(), k.code("wechat", "pay")); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(limit), "x-two-signatures")
}
