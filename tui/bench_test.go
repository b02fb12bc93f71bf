package tui

import (
	"fmt"
	"testing"

	"abacus/ledger"
)

// BenchmarkView draws the fullest screen, a long sale beside the day's figures
// at 132×43, anew every time. The limit is 2 ms.
func BenchmarkView(b *testing.B) {
	s := selling()
	for i := range 60 {
		s.Sale.Lines = append(s.Sale.Lines, line(i+4, fmt.Sprintf("康师傅红烧牛肉面 %d", i), "", ledger.One, 450, 450))
	}
	for _, size := range []area{{80, 24}, {132, 43}} {
		b.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(b *testing.B) {
			r := still(b, Options{}, s, size)
			b.ReportAllocs()
			for b.Loop() {
				r.stale = true
				r.View()
			}
		})
	}
	b.Run("unchanged", func(b *testing.B) {
		r := still(b, Options{}, s, area{132, 43})
		b.ReportAllocs()
		for b.Loop() {
			r.View()
		}
	})
	b.Run("order-code-132x43", func(b *testing.B) {
		r := still(b, Options{}, presenting(), area{132, 43})
		b.ReportAllocs()
		for b.Loop() {
			r.stale = true
			r.View()
		}
	})
}
