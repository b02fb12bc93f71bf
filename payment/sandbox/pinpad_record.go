package sandbox

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// wish is one request as the bank terminal reads it. Source: the bankall record
// (till 8, operator 8, type 2, amount 12, original date 8, reference 12 and
// trace 6, check digits 3, and up to 100 of additional data).
type wish struct {
	till, operator, kind string
	amount               int64
	date                 string // of the original, yyyymmdd
	reference            string
	trace                int
	check                string
	extra                string
}

const wishWidth = 59

func readWish(data []byte) (wish, error) {
	if len(data) < wishWidth {
		return wish{}, errors.New("the record is too short")
	}
	at := 0
	take := func(n int) string {
		at += n
		return strings.TrimSpace(string(data[at-n : at]))
	}
	w := wish{till: take(8), operator: take(8), kind: take(2)}
	amount := take(12)
	w.date = take(8)
	w.reference = take(12)
	trace := take(6)
	w.check = take(3)
	w.extra = strings.TrimSpace(string(data[at:]))
	var err, bad error
	if amount != "" {
		w.amount, err = strconv.ParseInt(amount, 10, 64)
	}
	if trace != "" {
		w.trace, bad = strconv.Atoi(trace)
	}
	if err != nil || bad != nil || w.amount < 0 || w.trace < 0 {
		return wish{}, errors.New("a number is not one")
	}
	return w, nil
}

// reply is what the terminal says.
type reply struct {
	code, issuer, card     string
	trace                  int
	amount                 int64
	text, batch, reference string
	date, time, auth       string
	check                  string
}

// record writes a reply in the fixed widths, words in GBK.
func (r reply) record() []byte {
	trace := ""
	if r.trace > 0 {
		trace = fmt.Sprintf("%06d", r.trace)
	}
	var out []byte
	for _, f := range []struct {
		text  string
		width int
	}{
		{r.code, 2}, {r.issuer, 4}, {r.card, 20}, {trace, 6}, {fmt.Sprintf("%012d", r.amount), 12}, {r.text, 40},
		{"898310148160001", 15}, {"00000001", 8}, {r.batch, 6}, {r.date, 4}, {r.time, 6}, {r.reference, 12}, {r.auth, 6},
		{r.date, 4}, {r.check, 3},
	} {
		bytes, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(f.text))
		if err != nil {
			bytes = nil
		}
		bytes = bytes[:min(len(bytes), f.width)]
		out = append(append(out, bytes...), strings.Repeat(" ", f.width-len(bytes))...)
	}
	return out
}

// The terminal's own framing: 02, length in BCD, data, 03, XOR.
func framed(data []byte, spoil byte) []byte {
	digits := fmt.Sprintf("%04d", len(data))
	out := []byte{0x02, (digits[0]-'0')<<4 | (digits[1] - '0'), (digits[2]-'0')<<4 | (digits[3] - '0')}
	out = append(append(out, data...), 0x03)
	sum := spoil
	for _, b := range out[1:] {
		sum ^= b
	}
	return append(out, sum)
}

// unframed finds the first whole frame in what has come in: its data, nil when
// it is damaged, and what follows it. whole is false while it is not all there.
func unframed(in []byte) (data, rest []byte, whole bool) {
	for len(in) > 0 && in[0] != 0x02 {
		in = in[1:]
	}
	if len(in) < 3 {
		return nil, in, false
	}
	n, err := strconv.Atoi(fmt.Sprintf("%02x%02x", in[1], in[2]))
	if err != nil || n == 0 || n > 1024 {
		return nil, in[1:], true
	}
	end := 3 + n
	if len(in) < end+2 {
		return nil, in, false
	}
	var sum byte
	for _, b := range in[1 : end+1] {
		sum ^= b
	}
	if in[end] != 0x03 || in[end+1] != sum {
		return nil, in[end+2:], true
	}
	return in[3:end], in[end+2:], true
}
