package till_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/wechat"
	"abacus/scanner"
)

// wireStamp is a line to the acquirer that notes when a request has got so far
// that its first byte would leave, and brings nothing back.
type wireStamp struct{ left chan time.Time }

func (w wireStamp) RoundTrip(r *http.Request) (*http.Response, error) {
	w.left <- time.Now()
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// BenchmarkScanToWire measures from a scanned pay code to its signed request
// at the wire, its intent being durable before; the limit, taken in turn in the
// same run, is one durable commit of the ledger and one RSA-2048 signature.
func BenchmarkScanToWire(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	line := wireStamp{make(chan time.Time, 1)}
	provider, err := wechat.New(wechat.Config{
		Base: "https://127.0.0.1:1", AppID: "wx0000000000000000", MchID: "1900000001", MerchantSerial: "5157F09EFDC096DE15EBE81A47057A72",
		MerchantKey: key, APIv3Key: "12345678901234567890123456789012", PublicKeyID: "PUB_KEY_ID_0", PublicKey: &key.PublicKey,
		HTTP: &http.Client{Transport: line}, Now: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	open := func(name string) *ledger.Ledger {
		books, err := ledger.Open(b.Context(), ledger.Options{Path: filepath.Join(b.TempDir(), name), Till: "01", Currency: money.CNY})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = books.Close() })
		return books
	}
	core := till.New(settings(), time.Now, nil)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = core.Run(ctx) }()
	defer func() { stop(); <-ended }()
	err = core.Start(ctx, till.Parts{
		Books: open("till.db"), Goods: goods.Sample(), Formats: scanner.Formats{Currency: money.CNY},
		Providers: map[payment.Channel]payment.Provider{payment.WeChat: provider},
	})
	if err != nil {
		b.Fatal(err)
	}
	do := func(c till.Command) {
		if _, err := core.Do(ctx, c); err != nil {
			b.Fatal(err)
		}
	}
	do(till.Login{Operator: "1001", PIN: "246810"})
	plain := open("plain.db")
	var took, limit []time.Duration
	for b.Loop() {
		do(till.SaleOpen{})
		do(till.SaleAdd{Amount: money.Fen(1136)})
		scanned := code(payment.WeChat)
		start := time.Now()
		go func() { _, _ = core.Do(ctx, till.SaleScan{Text: scanned, Pay: true}) }()
		took = append(took, (<-line.left).Sub(start))

		start = time.Now()
		if _, err := plain.Append(ctx, ledger.Batch{Drafts: []ledger.Draft{{Kind: ledger.KindNote, Payload: ledger.Note{About: "bench", Text: "limit"}}}}); err != nil {
			b.Fatal(err)
		}
		digest := sha256.Sum256(make([]byte, 437))
		if _, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
		limit = append(limit, time.Since(start))
	}
	slices.Sort(took)
	slices.Sort(limit)
	mid := len(took) / 2
	b.ReportMetric(float64(took[mid].Microseconds()), "p50-µs")
	b.ReportMetric(float64(limit[mid].Microseconds()), "limit-p50-µs")
	b.ReportMetric(float64(took[mid])/float64(limit[mid]), "ratio")
}
