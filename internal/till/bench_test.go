package till_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
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

// BenchmarkFirstSaleAfterCrash measures from opening the book to the first sale
// paid after a crash, whose log is taken in first, with a thousand attempts open
// from before it; the limit, taken in turn in the same run, is the same with none
// open. What the log costs shows beside a book that was closed in order.
func BenchmarkFirstSaleAfterCrash(b *testing.B) {
	const sales = 1000
	ended := b.TempDir()
	none, open := fill(b, ended, 0, sales), fill(b, b.TempDir(), sales, sales)
	for _, dir := range []string{none, open} {
		if log, err := os.Stat(filepath.Join(dir, "journal.db-wal")); err != nil || log.Size() == 0 {
			b.Fatalf("no log is left of the crash: %v, %v", log, err)
		}
	}
	var after, limit, orderly []time.Duration
	for b.Loop() {
		orderly = append(orderly, firstSale(b, copied(b, ended)))
		limit = append(limit, firstSale(b, copied(b, none)))
		after = append(after, firstSale(b, copied(b, open)))
	}
	slices.Sort(after)
	slices.Sort(limit)
	slices.Sort(orderly)
	mid := len(after) / 2
	ratio := float64(after[mid]) / float64(limit[mid])
	b.ReportMetric(float64(after[mid].Microseconds()), "p50-µs")
	b.ReportMetric(float64(limit[mid].Microseconds()), "limit-p50-µs")
	b.ReportMetric(float64(orderly[mid].Microseconds()), "orderly-p50-µs")
	b.ReportMetric(ratio, "ratio")
	if ratio > 1.2 {
		b.Errorf("%.2f times as long as with none open, more than 1.2", ratio)
	}
}

// copied is a copy of a till's folder.
func copied(b *testing.B, dir string) string {
	b.Helper()
	to := b.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		b.Fatal(err)
	}
	return to
}

func openBooks(b *testing.B, dir string) *ledger.Ledger {
	b.Helper()
	books, err := ledger.Open(b.Context(), ledger.Options{
		Path: filepath.Join(dir, "journal.db"), HeadPath: filepath.Join(dir, "journal.head"), Till: "01", Currency: money.CNY, Day: settings().Day,
	})
	if err != nil {
		b.Fatal(err)
	}
	return books
}

// fill writes a book with so many sales, of which some have an attempt in the
// air, and closes it; what it gives is the folder as it was before that.
func fill(b *testing.B, dir string, open, all int) (cut string) {
	b.Helper()
	books := openBooks(b, dir)
	attempt, err := json.Marshal(payment.NewAttempt(false, schemes))
	if err != nil {
		b.Fatal(err)
	}
	for n := range all {
		sale := fmt.Sprintf("20251121-%04d", n+1)
		started := ledger.PaymentStarted{Payment: sale + "-1", Order: "o_" + sale, Channel: "cash", Amount: money.Fen(100), State: ledger.PaymentPaid}
		end := []ledger.Draft{{Kind: ledger.KindSaleDone, Sale: sale, Payload: ledger.SaleMoved{}}}
		if n < open {
			started.Channel, started.State, started.Attempt, end = "wechat", ledger.PaymentChecking, attempt, nil
		}
		drafts := append([]ledger.Draft{
			{Kind: ledger.KindSaleOpened, Sale: sale, Payload: ledger.SaleOpened{Currency: money.CNY}},
			{Kind: ledger.KindLineAdded, Sale: sale, Payload: ledger.LineAdded{Line: ledger.Line{No: 1, Quantity: ledger.One, Price: money.Fen(100), Amount: money.Fen(100)}}},
			{Kind: ledger.KindPaymentStarted, Sale: sale, Payload: started},
		}, end...)
		if _, err := books.Append(b.Context(), ledger.Batch{Drafts: drafts}); err != nil {
			b.Fatal(err)
		}
	}
	cut = copied(b, dir)
	if err := books.Close(); err != nil {
		b.Fatal(err)
	}
	return cut
}

func firstSale(b *testing.B, dir string) time.Duration {
	b.Helper()
	began := time.Now()
	books := openBooks(b, dir)
	defer func() { _ = books.Close() }()
	core := till.New(settings(), time.Now, nil)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = core.Run(ctx) }()
	defer func() { stop(); <-ended }()
	silent := newAcquirer(payment.WeChat)
	silent.mood = func(payment.Op, int) mood { return lostBefore }
	err := core.Start(ctx, till.Parts{
		Books: books, Goods: goods.Sample(), Providers: map[payment.Channel]payment.Provider{payment.WeChat: silent},
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []till.Command{till.Login{Operator: "1001", PIN: "246810"}, till.SaleOpen{}, till.SaleAdd{Amount: money.Fen(1136)}, till.SalePay{Method: "cash"}} {
		if _, err := core.Do(ctx, c); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}
