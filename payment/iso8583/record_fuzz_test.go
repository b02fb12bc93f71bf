package iso8583

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"
)

// jsonl is a store in memory.
type jsonl struct{ all [][]byte }

func (s *jsonl) Load() ([][]byte, error)  { return s.all, nil }
func (s *jsonl) Append(line []byte) error { s.all = append(s.all, line); return nil }

// FuzzOpenRecord: whatever stands in card.jsonl, it is refused or read, and what
// was read is the same once it has been written and read again.
func FuzzOpenRecord(f *testing.F) {
	for _, seed := range []string{
		"",
		`{"batch":1}`,
		`{"trace":41}` + "\n" + `{"batch":7}`,
		`{"slip":{"number":"A1","kind":"sale","state":"pending","batch":1,"trace":1,"amount":"11.36 CNY","at":"2026-11-21T14:32:00Z","entry":"021","reserved":"22000001"}}`,
		`{"slip":{"number":"A1","kind":"sale","state":"approved","batch":1,"trace":1,"amount":{"minor":1136,"currency":"CNY"},"at":"2026-11-21T14:32:00Z"}}`,
		`{"slip":{"number":"A1"}}` + "\n" + `{"slip":{"number":"A1","kind":"void","of":"A0"}}`,
		`{"closing":{"batch":7,"at":"2026-11-21T22:00:00Z","compared":true,"uploaded":3}}`,
		`{"closing":{"batch":7,"at":"2026-11-21T22:00:00Z","done":true,"told":true}}` + "\n" + `{"batch":8,"trace":0}`,
		`{"born":{"at":"2026-11-21T09:00:00Z","doubted":["A1","A1_r1"],"missing":["A0"]}}` + "\n" + `{"batch":1}`,
		`{"slip":{"number":"A1","amo`,
		`null`, `[]`, `{"trace":-1,"batch":99999999999999999999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := OpenRecord(&jsonl{bytes.Split(data, []byte("\n"))})
		if err != nil {
			return
		}
		again := &jsonl{}
		keep := func(e entry) {
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatalf("read, and cannot be written: %+v: %v", e, err)
			}
			_ = again.Append(line)
		}
		for _, number := range r.order {
			s := r.slips[number]
			keep(entry{Slip: &s})
		}
		keep(entry{Trace: r.trace, Batch: r.batch, Closing: r.closing, Born: r.birth})
		second, err := OpenRecord(again)
		if err != nil {
			t.Fatalf("written, and cannot be read: %v", err)
		}
		same := func(a, b Slip) bool { x, _ := json.Marshal(a); y, _ := json.Marshal(b); return bytes.Equal(x, y) }
		if !maps.EqualFunc(r.slips, second.slips, same) || r.trace != second.trace || r.batch != second.batch || (r.closing == nil) != (second.closing == nil) ||
			(r.birth == nil) != (second.birth == nil) {
			t.Fatalf("%+v is read again as %+v", r, second)
		}
	})
}
