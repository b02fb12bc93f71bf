package printer

import (
	"bytes"
	"testing"
)

func TestStatusBytes(t *testing.T) {
	tests := []struct {
		name    string
		answers [4]byte // to DLE EOT 1 to 4
		own     [4]byte // the same as an automatic status
		want    Condition
	}{
		{"ready", [4]byte{0x12, 0x12, 0x12, 0x12}, [4]byte{0x10, 0, 0, 0}, ConditionReady},
		{"paper low", [4]byte{0x12, 0x12, 0x12, 0x1e}, [4]byte{0x10, 0, 3, 0}, ConditionPaperLow},
		{"paper out", [4]byte{0x1a, 0x32, 0x12, 0x7e}, [4]byte{0x18, 0, 0x0f, 0}, ConditionPaperOut},
		{"cover open", [4]byte{0x1a, 0x16, 0x12, 0x12}, [4]byte{0x38, 0, 0, 0}, ConditionCoverOpen},
		{"cover open, no paper", [4]byte{0x1a, 0x36, 0x12, 0x7e}, [4]byte{0x38, 0, 0x0f, 0}, ConditionCoverOpen},
		{"knife", [4]byte{0x1a, 0x52, 0x1a, 0x12}, [4]byte{0x18, 8, 0, 0}, ConditionFault},
		{"off line", [4]byte{0x1a, 0x12, 0x12, 0x12}, [4]byte{0x18, 0, 0, 0}, ConditionOffline},
		{"drawer open", [4]byte{0x16, 0x12, 0x12, 0x12}, [4]byte{0x14, 0, 0, 0}, ConditionReady},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status := Status{CoverOpen: true, PaperOut: true, Fault: true, Offline: true} // what was before goes
			for i, b := range test.answers {
				status = status.answered(i+1, b)
			}
			if got := status.Condition(); got != test.want {
				t.Errorf("asked: %q, want %q", got, test.want)
			}
			if got := automaticStatus(test.own).Condition(); got != test.want {
				t.Errorf("by itself: %q, want %q", got, test.want)
			}
		})
	}
}

// Answers of all three kinds are told from each other however they are cut.
func TestRepliesAreToldApart(t *testing.T) {
	stream := []byte{0x11, 0x12, 0x18, 0, 0x16, 0x0f, 0, 0x13, 0x0c, 0x32, 0x10, 1, 2, 3, 0x00}
	for cut := range stream {
		var kinds []replyKind
		var r replies
		for _, part := range [][]byte{stream[:cut], stream[cut:]} {
			r.read(part, func(x reply) { kinds = append(kinds, x.kind) })
		}
		want := []replyKind{realTime, realTime, automatic, inOrder, realTime, automatic, inOrder}
		if len(kinds) != len(want) {
			t.Fatalf("cut at %d: %v, want %v", cut, kinds, want)
		}
		for i := range want {
			if kinds[i] != want[i] {
				t.Errorf("cut at %d: %v, want %v", cut, kinds, want)
			}
		}
	}
}

// Whatever a printer sends: each answer is made of the bytes that came, none
// counts twice, and the pieces the bytes came in make no difference.
func FuzzPrinterStatus(f *testing.F) {
	f.Add([]byte{0x12, 0x12, 0x12, 0x12, 0x00}, 2)
	f.Add([]byte{0x10, 0, 0, 0, 0x18, 0, 0x0f, 0x0c}, 5)
	f.Add([]byte{0x1a, 0x32, 0x12, 0x7e, 0x13, 0x11, 0xff}, 0)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		collect := func(parts ...[]byte) (all []reply) {
			var r replies
			for _, p := range parts {
				r.read(p, func(x reply) { all = append(all, x) })
			}
			return all
		}
		whole := collect(data)
		cut = max(0, min(cut, len(data)))
		parts := collect(data[:cut], data[cut:])
		if len(whole) != len(parts) {
			t.Fatalf("%d answers in one piece, %d in two", len(whole), len(parts))
		}
		used, status := 0, Status{}
		for i, r := range whole {
			if r != parts[i] {
				t.Fatalf("answer %d: %v in one piece, %v in two", i, r, parts[i])
			}
			n := 1
			if r.kind == automatic {
				n = 4
				status = automaticStatus(r.data)
			}
			used += n
			if !bytes.Contains(data, r.data[:1]) {
				t.Fatalf("answer % x out of nowhere", r.data)
			}
			for question := range 6 {
				status = status.answered(question, r.data[0])
			}
			_ = status.Condition()
		}
		if used > len(data) {
			t.Fatalf("%d bytes made answers of %d", len(data), used)
		}
	})
}
