package iso8583_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"abacus/internal/faultdisk"
	"abacus/internal/money"
	"abacus/payment/iso8583"
)

// The power goes while a line is written, at every line of a day and in many
// ways: the line lies across the end of a sector, and its tail may reach the
// disk without its head. The next start reads the record, with all that was
// acknowledged, and goes on writing to it.
func TestALineTornByAPowerCut(t *testing.T) {
	const cuts = 40
	disk := faultdisk.New(faultdisk.Options{Rand: rand.New(rand.NewPCG(5, 5))})
	r, err := openOn(disk)
	if err != nil {
		t.Fatal(err)
	}
	torn := 0
	for n := range 60 {
		var left []*faultdisk.Disk
		disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
			for seed := range uint64(cuts) {
				if op.Kind == faultdisk.Sync {
					left = append(left, disk.Cut(rand.New(rand.NewPCG(uint64(n), seed))))
				}
			}
			return faultdisk.None
		})
		sale := iso8583.Slip{Kind: iso8583.Sale, Amount: money.Fen(100), At: began, Entry: "022", Reserved: "22000001000500"}
		sale.Number = fmt.Sprintf("T01-20260301-%04d", n)
		if _, err := iso8583.Begin(r, sale); err != nil {
			t.Fatal(err)
		}
		for _, d := range left {
			text := d.Peek(recordPath)
			if len(text) > 0 && (text[len(text)-1] != '\n' || text[0] == 0) {
				torn++
			}
			again, err := openOn(d)
			if err != nil {
				t.Fatalf("sale %d: %v\n%q", n, err, text[max(0, len(text)-300):])
			}
			for before := range n {
				if number := fmt.Sprintf("T01-20260301-%04d", before); !known(again, number) {
					t.Fatalf("sale %d: %s is gone", n, number)
				}
			}
			sale.Number = "after"
			if _, err := iso8583.Begin(again, sale); err != nil {
				t.Fatal(err)
			}
			if third, err := openOn(d.Clone()); err != nil || !known(third, "after") {
				t.Fatalf("sale %d: what is written after the cut cannot be read: %v", n, err)
			}
		}
	}
	if torn == 0 {
		t.Error("no line was torn")
	}
}
