package scanner

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type tlvCase struct {
	Name, Hex, Error string
	TLV              [][3]any
}

func tlvVectors(t testing.TB) []tlvCase {
	t.Helper()
	var file struct{ Cases []tlvCase }
	data, err := os.ReadFile("testdata/tlv.json")
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil || len(file.Cases) != 5 {
		t.Fatal(err, len(file.Cases))
	}
	return file.Cases
}

func TestTLVVectors(t *testing.T) {
	for _, c := range tlvVectors(t) {
		got, err := ParseTLV(unhex(t, c.Hex))
		if c.Error != "" {
			if err == nil {
				t.Errorf("%s: read, though %s", c.Name, c.Error)
			}
			continue
		}
		if err != nil || len(got) != len(c.TLV) {
			t.Fatalf("%s: %d objects, %v; want %d", c.Name, len(got), err, len(c.TLV))
		}
		var again []byte
		for i, o := range got {
			if want := c.TLV[i]; fmt.Sprintf("%X", o.Tag) != want[0] || float64(len(o.Value)) != want[1] || fmt.Sprintf("%X", o.Value) != want[2] {
				t.Errorf("%s: object %d is %X %X, want %v", c.Name, i, o.Tag, o.Value, want)
			}
			again = appendTLV(again, o.Tag, o.Value)
		}
		if !strings.HasPrefix(c.Name, "long_form") && !bytes.Equal(again, unhex(t, c.Hex)) {
			t.Errorf("%s: written again it is %X", c.Name, again)
		}
	}
}

// plastic is a made-up card. It answers like a T=0 card, in two steps, if so told.
type plastic struct {
	t           testing.TB
	twoSteps    bool
	contactless bool
	answers     map[string]string // command in hexadecimal, or its beginning → data
	waiting     []byte
	asked       []string
}

func (p *plastic) Contactless() bool { return p.contactless }

func (p *plastic) Transmit(_ context.Context, command []byte) ([]byte, error) {
	text := strings.ToUpper(hex.EncodeToString(command))
	p.asked = append(p.asked, text)
	if command[1] == 0xC0 {
		return append(p.waiting, 0x90, 0), nil
	}
	for begin, data := range p.answers {
		if !strings.HasPrefix(text, begin) {
			continue
		}
		out := unhex(p.t, data)
		switch {
		case p.twoSteps && command[1] != 0xB2:
			p.waiting = out
			return []byte{0x61, byte(len(out))}, nil
		case p.twoSteps && int(command[len(command)-1]) != len(out):
			return []byte{0x6C, byte(len(out))}, nil
		}
		return append(out, 0x90, 0), nil
	}
	return []byte{0x6A, 0x82}, nil
}

func object(tag string, value string) string {
	return tag + fmt.Sprintf("%02X", len(value)/2) + value
}

// unionPay is a made-up card of two applications, the second of the better rank.
func unionPay(t testing.TB, twoSteps bool) *plastic {
	entry := func(aid, rank string) string { return object("61", object("4F", aid)+object("87", rank)) }
	pse := strings.ToUpper(hex.EncodeToString([]byte(contactDirectory)))
	return &plastic{t: t, twoSteps: twoSteps, answers: map[string]string{
		"00A404000E" + pse: object("6F", object("84", pse)+object("A5", object("88", "01"))),
		"00B2010C":         object("70", entry("A000000333010101", "02")+entry("A000000333010102", "01")),
		"00A4040008A000000333010102": object("6F", object("84", "A000000333010102")+
			object("A5", object("50", "556E696F6E506179")+object("9F38", "9F66049F02069F37045F2A02"))),
		"80A80000128310" + "26000080" + "000000001136" + "01020304" + "0156": object("77", object("82", "7C00")+object("94", "1001020018010100")),
		"00B20114": object("70", object("57", "6222020000000007D30122200000012300000F")),
		"00B20214": object("70", object("5A", "6222020000000007")+object("5F24", "301231")+object("5F34", "01")),
		"00B2011C": object("70", object("8C", "9F02069F03069F1A0295055F2A029A039C019F3704")),
		"80AE80001D" + "000000001136" + "000000000000" + "0156" + "0000000000" + "0156" + "261122" + "00" + "01020304": object("80", "80"+"0042"+"1122334455667788"+"0701010300"),
	}}
}

func ask() ChipAsk {
	return ChipAsk{Amount: money.Fen(1136), At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Nonce: [4]byte{1, 2, 3, 4}, Serial: "10000001"}
}

func TestReadChip(t *testing.T) {
	for _, twoSteps := range []bool{false, true} {
		p := unionPay(t, twoSteps)
		c, err := ReadChip(t.Context(), p, ask())
		if err != nil {
			t.Fatalf("two steps %v: %v\n%s", twoSteps, err, strings.Join(p.asked, "\n"))
		}
		if string(c.Number) != "6222020000000007" || string(c.Expiry) != "3012" || c.Sequence != "001" || c.Label != "UnionPay" || c.Phone || c.Contactless {
			t.Errorf("card: %s %s %s %q", c.Number, c.Expiry, c.Sequence, c.Label)
		}
		want := "9F26081122334455667788" + "9F270180" + "9F10050701010300" + "9F370401020304" + "9F36020042" + "95050000000000" + "9A03261122" + "9C0100" +
			"9F0206000000001136" + "5F2A020156" + "82027C00" + "9F1A020156" + "9F0306000000000000" + "9F3303602800" + "9F34033F0000" + "9F350122" +
			"9F1E083130303030303031" + "8408A000000333010102"
		if got := strings.ToUpper(hex.EncodeToString(c.Data)); got != want {
			t.Errorf("field 55:\n%s, want\n%s", got, want)
		}
		if text := fmt.Sprintf("%v %+v %#v %s", c, c, c, c); strings.Contains(text, "62220200") {
			t.Errorf("printed: %s", text)
		}
		c.Wipe()
		if strings.Trim(string(c.Number)+string(c.Expiry)+string(c.Data), "\x00") != "" {
			t.Error("not wiped")
		}
	}
}

// A phone in the field: the directory of contactless cards, a cryptogram with
// the first answer, and a lent number.
func TestPhone(t *testing.T) {
	ppse := strings.ToUpper(hex.EncodeToString([]byte(contactlessDirectory)))
	p := &plastic{t: t, contactless: true, answers: map[string]string{
		"00A404000E" + ppse:          object("6F", object("A5", object("BF0C", object("61", object("4F", "A000000333010101"))))),
		"00A4040008A000000333010101": object("6F", object("A5", object("9F38", "9F6604"))),
		"80A80000068304": object("77", object("82", "0040")+object("57", "6222020000000007D3012220")+object("9F26", "0102030405060708")+
			object("9F36", "0001")+object("9F10", "07")+object("9F27", "80")+object("9F19", "400100302730")+object("5F34", "01")),
	}}
	c, err := ReadChip(t.Context(), p, ask())
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(p.asked, "\n"))
	}
	if !c.Phone || !c.Contactless || string(c.Number) != "6222020000000007" || string(c.Expiry) != "3012" {
		t.Errorf("phone %v, contactless %v, %s %s", c.Phone, c.Contactless, c.Number, c.Expiry)
	}
}

func TestChipsThatAreNone(t *testing.T) {
	if _, err := ReadChip(t.Context(), &plastic{t: t}, ask()); !errors.Is(err, ErrNoChipCard) {
		t.Errorf("a card without applications: %v", err)
	}
	for command, answer := range map[string]string{
		"80A80000":   "778200",                                                   // cut off
		"00B20214":   object("70", object("5A", "62FFFF")),                       // number too short
		"00B2011C":   object("70", object("8C", "9F")),                           // list cut off
		"00A4040008": object("6F", object("A5", object("9F38", "9F66FF9F66FF"))), // wants too much
	} {
		p := unionPay(t, false)
		for known := range p.answers {
			if strings.HasPrefix(known, command) {
				delete(p.answers, known)
			}
		}
		p.answers[command] = answer
		if c, err := ReadChip(t.Context(), p, ask()); err == nil {
			t.Errorf("%s answered %s: %s", command, answer, c)
		}
	}
}

// oneAnswer is a card that says the same to everything.
type oneAnswer struct {
	data  []byte
	asked int
}

func (o *oneAnswer) Contactless() bool { return len(o.data)%2 == 1 }
func (o *oneAnswer) Transmit(context.Context, []byte) ([]byte, error) {
	if o.asked++; o.asked > 2000 {
		return nil, errors.New("asked for ever")
	}
	return bytes.Clone(o.data), nil
}

func FuzzTLV(f *testing.F) {
	for _, c := range tlvVectors(f) {
		f.Add(unhex(f, c.Hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		objects, err := ParseTLV(data)
		if err != nil {
			return
		}
		total := 0
		for _, o := range objects {
			total += len(o.Value) + 2
		}
		if total > len(data) {
			t.Errorf("%d bytes read as %d", len(data), total)
		}
		_ = gather(map[uint32][]byte{}, data, 0)
		_ = templates(data, 0)
	})
}

func FuzzChip(f *testing.F) {
	for _, data := range unionPay(f, false).answers {
		f.Add(append(unhex(f, data), 0x90, 0))
	}
	f.Add([]byte{0x61, 0x10})
	f.Add([]byte{0x6C, 0x10})
	f.Fuzz(func(t *testing.T, data []byte) {
		o := &oneAnswer{data: data}
		if c, err := ReadChip(t.Context(), o, ask()); err == nil && (len(c.Number) < 12 || !isDigits(string(c.Number))) {
			t.Errorf("number %q", c.Number)
		}
		if o.asked > 2000 {
			t.Error("asked for ever")
		}
	})
}
