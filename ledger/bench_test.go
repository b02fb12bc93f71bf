package ledger

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// rawLoop is the limit a durable sale is measured against: overwriting one
// sector of a preallocated file and waiting for the disk.
type rawLoop struct {
	file *os.File
	n    int64
}

const rawSlots = 8192

func newRawLoop(b testing.TB) *rawLoop {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { file.Close() })
	if _, err := file.Write(make([]byte, rawSlots*512)); err != nil {
		b.Fatal(err)
	}
	if err := file.Sync(); err != nil {
		b.Fatal(err)
	}
	return &rawLoop{file: file}
}

func (r *rawLoop) once(b testing.TB) time.Duration {
	start := time.Now()
	if _, err := r.file.WriteAt(make([]byte, 512), r.n%rawSlots*512); err != nil {
		b.Fatal(err)
	}
	if err := syncData(r.file); err != nil {
		b.Fatal(err)
	}
	r.n++
	return time.Since(start)
}

// ring rings up sales outside the timed section and gives what it took to make
// the last step durable: cash taken, sale done, totals, all in one Append.
func (s *shop) ring(b *testing.B, lines int) time.Duration {
	s.sale++
	id := fmt.Sprintf("20261121-%06d", s.sale)
	drafts := []Draft{opened(id)}
	for no := range lines {
		drafts = append(drafts, line(id, no+1, 1136))
	}
	s.must(drafts...)
	batch := Batch{Drafts: []Draft{cash(id, id+"-1", int64(lines)*1136), saleMoved(id, KindSaleDone)}}
	start := time.Now()
	if _, err := s.l.Append(context.Background(), batch); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func percentile(d []time.Duration, p int) float64 {
	slices.Sort(d)
	return float64(d[len(d)*p/100].Nanoseconds())
}

const roundSize = 200

func reportSale(b *testing.B, s *shop, raw *rawLoop) {
	var sales, limits []time.Duration
	for b.Loop() {
		for range roundSize {
			limits = append(limits, raw.once(b))
		}
		for range roundSize {
			sales = append(sales, s.ring(b, 3))
		}
	}
	limit, sale := percentile(limits, 50), percentile(sales, 50)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(sale/1e3, "p50-µs")
	b.ReportMetric(limit/1e3, "raw-p50-µs")
	b.ReportMetric(sale/limit, "p50/raw")
	b.ReportMetric(percentile(sales, 99)/percentile(limits, 99), "p99/raw")
}

// BenchmarkSale is a sale made durable on an empty journal.
func BenchmarkSale(b *testing.B) {
	s := newShop(b)
	s.must(shiftOpened(1, 10000))
	reportSale(b, s, newRawLoop(b))
}

// fill puts sales of five entries each into the journal, many to a
// transaction.
func (s *shop) fill(b *testing.B, entries int) {
	b.Helper()
	for left := entries; left > 0; left -= 10_000 {
		var drafts []Draft
		for range min(left, 10_000) / 5 {
			s.sale++
			id := fmt.Sprintf("20261121-%06d", s.sale)
			drafts = append(drafts, opened(id), line(id, 1, 1136), line(id, 2, 864), cash(id, id+"-1", 2000), saleMoved(id, KindSaleDone))
		}
		s.must(drafts...)
	}
}

const million = 1_000_000

// BenchmarkSaleAfterMillion compares a sale made durable with a million entries
// before it to one on an empty journal, round by round, and reports what else
// must not grow with the journal.
func BenchmarkSaleAfterMillion(b *testing.B) {
	full, empty := newShop(b), newShop(b)
	full.must(shiftOpened(1, 10000))
	empty.must(shiftOpened(1, 10000))
	start := time.Now()
	full.fill(b, million)
	b.Logf("filled in %v", time.Since(start))
	var large, small []time.Duration
	for b.Loop() {
		for range roundSize {
			large = append(large, full.ring(b, 3))
		}
		for range roundSize {
			small = append(small, empty.ring(b, 3))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(percentile(large, 50)/1e3, "p50-µs")
	b.ReportMetric(percentile(large, 50)/percentile(small, 50), "p50/empty")
	var opens []time.Duration
	for range 21 {
		if err := full.l.Close(); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		full.open()
		opens = append(opens, time.Since(start))
	}
	b.ReportMetric(percentile(opens, 50)/1e3, "open-µs")
	start = time.Now()
	v, err := Verify(b.Context(), full.opt)
	if err != nil || !v.OK {
		b.Fatal(v, err)
	}
	b.ReportMetric(time.Since(start).Seconds(), "verify-s")
}
