package upload

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"abacus/ledger"
)

// BenchmarkSync sends 10,000 entries of a till that was offline to a keeper in
// the same process. The limit is the same journal exported once and the export
// verified: what reading it and checking it must cost.
func BenchmarkSync(b *testing.B) {
	const entries = 10_000
	dir := b.TempDir()
	d := newDesk(b, dir)
	defer d.close()
	d.write(entries)
	var sync, limit []time.Duration
	for b.Loop() {
		begin := time.Now()
		var export bytes.Buffer
		if err := d.books.Export(b.Context(), &export); err != nil {
			b.Fatal(err)
		}
		if v, err := ledger.VerifyExport(b.Context(), &export); err != nil || !v.OK {
			b.Fatal(v, err)
		}
		limit = append(limit, time.Since(begin))

		fresh := newDesk(b, b.TempDir()) // an empty keeper
		d.box = fresh.box
		fresh.close()
		begin = time.Now()
		if _, err := d.sender.Sync(b.Context()); err != nil {
			b.Fatal(err)
		}
		sync = append(sync, time.Since(begin))
		d.held()
	}
	b.ReportMetric(median(sync)/median(limit), "of-export+verify")
	b.ReportMetric(median(sync)*1e3, "ms-sync")
	b.ReportMetric(median(limit)*1e3, "ms-limit")
}

// BenchmarkSaleBeside is what sending costs the sale in front: commits while a
// backlog is being sent, to commits with nothing under way, in turn.
func BenchmarkSaleBeside(b *testing.B) {
	const entries, sales = 20_000, 2_000
	d := newDesk(b, b.TempDir())
	defer d.close()
	d.write(entries)
	var alone, beside []time.Duration
	for b.Loop() {
		alone = append(alone, d.commits(sales)...)
		fresh := newDesk(b, b.TempDir())
		d.box = fresh.box
		fresh.close()
		done := make(chan error)
		go func() { // as Run does
			_, err := d.sender.turned(b.Context(), func() error { return d.sender.sync(b.Context(), true, breath) })
			done <- err
		}()
		beside = append(beside, d.commits(sales)...)
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(median(beside)/median(alone), "of-alone")
	b.ReportMetric(median(alone)*1e6, "µs-alone")
}

// commits writes single entries as far apart as scans are, and times each.
func (d *desk) commits(n int) []time.Duration {
	var times []time.Duration
	pause := time.NewTicker(2 * time.Millisecond)
	defer pause.Stop()
	for range n {
		<-pause.C
		begin := time.Now()
		d.write(1)
		times = append(times, time.Since(begin))
	}
	return times
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return times[len(times)/2].Seconds()
}
