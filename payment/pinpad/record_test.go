package pinpad

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"abacus/internal/money"
)

// answerRecord is a record as a terminal writes it, from fields in order.
func answerRecord(fields ...string) []byte {
	widths := []int{2, 4, 20, 6, 12, 40, 15, 8, 6, 4, 6, 12, 6, 4, 3}
	var out []byte
	for i, width := range widths {
		text, _ := simplifiedchinese.GBK.NewEncoder().String(fields[i])
		out = append(out, fmt.Sprintf("%-*s", width, text)[:width]...)
	}
	return out
}

func sample() []string {
	return []string{"00", "0308", "622202******0007", "000101", "000000001234", "交易成功", "898310148160001", "00000001", "000001", "1122", "024223", "900000000101", "000707", "1122", "123"}
}

func TestRequestRecord(t *testing.T) {
	data, err := request{kind: kindVoid, amount: money.Fen(1234), trace: 101, date: "20261122", reference: "900000000101"}.encode("01", "1001", "123")
	want := "01      1001    0100000000123420261122900000000101000101123"
	if err != nil || string(data) != want || len(data) != requestWidth {
		t.Errorf("%q, %v", data, err)
	}
	data, err = request{kind: kindCode, amount: money.Fen(1), code: "134512345678901234"}.encode("01", "王", "123")
	if err != nil || len(data) != requestWidth+extraWidth || !strings.HasSuffix(strings.TrimSpace(string(data)), "134512345678901234") || data[8] != '?' {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := (request{kind: kindSale, amount: money.Fen(-1)}).encode("01", "", "123"); err == nil {
		t.Error("a negative amount fits")
	}
}

func TestResponseRecord(t *testing.T) {
	r, err := parse(answerRecord(sample()...))
	want := Record{
		Code: "00", Issuer: "0308", Card: "622202******0007", Trace: 101, Amount: money.Fen(1234), Text: "交易成功", Merchant: "898310148160001",
		Terminal: "00000001", Batch: "000001", Date: "1122", Time: "024223", Reference: "900000000101", Auth: "000707", check: "123",
	}
	if err != nil || r != want {
		t.Errorf("%+v, %v", r, err)
	}
	for name, change := range map[string]func([]string){
		"letters in the amount":  func(f []string) { f[4] = "00000000123x" },
		"letters in the trace":   func(f []string) { f[3] = "0001O1" },
		"no code":                func(f []string) { f[0] = "0" },
		"no check digits":        func(f []string) { f[14] = "12" },
		"no date":                func(f []string) { f[9] = "11-2" },
		"bytes in the reference": func(f []string) { f[11] = "王" },
	} {
		fields := sample()
		change(fields)
		if r, err := parse(answerRecord(fields...)); err == nil {
			t.Errorf("%s: taken as %+v", name, r)
		}
	}
	if _, err := parse(answerRecord(sample()...)[:responseWidth-1]); err == nil {
		t.Error("a short record is taken")
	}
}

// Whatever a terminal sends, no more than six and four digits of a card stay.
func TestCardNumbersAreMasked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9]{13,19}`).Draw(t, "number")
		fields := sample()
		fields[2] = number
		fields[5] = rapid.SampledFrom([]string{number, "卡号" + number, number[:4] + " " + number[4:8] + " " + number[8:]}).Draw(t, "text")
		r, err := parse(answerRecord(fields...))
		if err != nil {
			t.Fatal(err)
		}
		middle := number[6 : len(number)-4]
		if shown := r.Card + r.Text; len(middle) > 2 && strings.Contains(strings.ReplaceAll(shown, " ", ""), number) || strings.Trim(r.Card[6:len(r.Card)-4], "*") != "" {
			t.Fatalf("%s is shown as %q, %q", number, r.Card, r.Text)
		}
	})
	for in, want := range map[string]string{"": "", "0007": "****", "6222": "****", "622202******0007": "622202******0007", "6222021234567890007": "622202*********0007"} {
		if got := maskCard(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(answerRecord(sample()...))
	f.Add([]byte(strings.Repeat(" ", responseWidth)))
	f.Add([]byte(strings.Repeat("9", responseWidth)))
	f.Add([]byte(strings.Repeat("\xff", responseWidth)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parse(data)
		if err != nil {
			return
		}
		if r.Amount.Negative() || !r.Amount.Valid() || !isTrace(r.Trace) || len(r.Code) != 2 {
			t.Errorf("%+v", r)
		}
		for _, c := range r.Text + r.Card + r.Reference + r.Merchant + r.Terminal {
			if c < ' ' {
				t.Errorf("a control character: %+v", r)
			}
		}
		if digits := strings.Count(r.Card, "") - 1 - strings.Count(r.Card, "*"); digits > 10 {
			t.Errorf("%d characters of a card are shown", digits)
		}
	})
}

func TestMarks(t *testing.T) {
	for _, m := range []mark{
		{state: open}, {state: open, since: 999999}, {state: none, since: 5}, {state: open, since: 7, batch: "000012"},
		{state: done, batch: "1", trace: 6, reference: "900000000101", date: "1122", auth: "000707"},
		{state: done, since: 5, trace: 6, reference: "900000000101", date: "1122"}, {state: undone, trace: 1, reference: "", date: ""},
	} {
		if got, ok := readMark(m.String()); !ok || got != m {
			t.Errorf("%s reads as %+v, %v", m, got, ok)
		}
	}
	for _, text := range []string{"", "open", "open:x", "open:1000000", "paid:1", "done:1", "open:1:2:3:4", "done:1:0:3:4", "open:-1", "void:1:2", "open:1@", "open:1@000000", "open:@1", "open:1@2@3"} {
		if m, ok := readMark(text); ok {
			t.Errorf("%q reads as %+v", text, m)
		}
	}
}

func FuzzMark(f *testing.F) {
	f.Add("open:000100")
	f.Add("done:000100:000101:900000000101:1122")
	f.Add("open:000100@000012")
	f.Add("done:000100:000101:900000000101:1122:000707")
	f.Fuzz(func(t *testing.T, text string) {
		if m, ok := readMark(text); ok {
			if again, ok := readMark(m.String()); !ok || again != m {
				t.Errorf("%q: %+v becomes %+v", text, m, again)
			}
		}
	})
}

func TestTraces(t *testing.T) {
	for _, c := range []struct {
		from, to, n int
		ok          bool
	}{{100, 101, 1, true}, {100, 100, 0, true}, {999999, 1, 1, true}, {999998, 2, 3, true}, {101, 100, 999998, false}, {0, 101, 101, true}} {
		if n, ok := ahead(c.from, c.to); n != c.n || ok != c.ok {
			t.Errorf("from %d to %d: %d, %v", c.from, c.to, n, ok)
		}
		if c.ok && c.n > 0 && after(c.from, c.n) != c.to {
			t.Errorf("%d after %d is %d", c.n, c.from, after(c.from, c.n))
		}
	}
}

// An answer that is late by some requests has other check digits than the one
// that is waited for.
func TestCheckDigitsComeAgainLast(t *testing.T) {
	for _, start := range []string{"\x00\x00", "\x03\xe7", "\xff\xff"} {
		terminal := &Terminal{set: Config{Random: strings.NewReader(start)}}
		last := map[string]int{}
		for i := range 3000 {
			check, err := terminal.nextCheck()
			if before, known := last[check]; err != nil || len(check) != 3 || known && i-before < 1000 {
				t.Fatalf("request %d has %q, which request %d had: %v", i, check, before, err)
			}
			last[check] = i
		}
	}
	if _, err := (&Terminal{set: Config{Random: strings.NewReader("")}}).nextCheck(); err == nil {
		t.Error("check digits without a source")
	}
}
