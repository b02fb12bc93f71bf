package iso8583

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

type vectorMessage struct {
	Name, TPDU, Header, Hex, MTI, Bitmap string
	Fields                               map[string]string
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readVectors(t testing.TB, file string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func messageVectors(t testing.TB) []vectorMessage {
	var file struct{ Messages []vectorMessage }
	readVectors(t, "messages.json", &file)
	if len(file.Messages) != 24 {
		t.Fatalf("%d messages", len(file.Messages))
	}
	return file.Messages
}

// content is a field as the file writes it.
func content(t testing.TB, text string) []byte {
	if coded, ok := strings.CutPrefix(text, "hex:"); ok {
		return unhex(t, coded)
	}
	return []byte(text)
}

// Public messages of other implementations are read and written byte for byte.
func TestPublicMessages(t *testing.T) {
	for _, v := range messageVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			raw := unhex(t, v.Hex)
			tpdu, err := ParseTPDU(v.TPDU)
			if err != nil {
				t.Fatal(err)
			}
			header, err := ParseHeader(v.Header)
			if err != nil {
				t.Fatal(err)
			}
			h, body, err := openFrame(raw, tpdu)
			if err != nil || h != header {
				t.Fatalf("frame: %X, %v", h, err)
			}
			read, err := Unpack(body)
			if err != nil {
				t.Fatal(err)
			}
			built := NewMessage(v.MTI)
			for name, want := range v.Fields {
				id, err := strconv.Atoi(name)
				if err != nil {
					t.Fatal(err)
				}
				if got := read.Bytes(id); !bytes.Equal(got, content(t, want)) {
					t.Errorf("field %d is %q, want %q", id, got, want)
				}
				built.SetBytes(id, content(t, want))
			}
			packed, err := built.Pack()
			if err != nil {
				t.Fatal(err)
			}
			if whole := frame(tpdu, header, packed); !bytes.Equal(whole[2:], raw) || int(whole[0])<<8|int(whole[1]) != len(raw) {
				t.Errorf("packed\n %X, want\n %X", whole, raw)
			}
		})
	}
}

// The MACs of the messages made with the published test keys.
func TestMACsOfMessages(t *testing.T) {
	key, _ := ParseKey("A1B2C3D4E5F60718F1E2D3C4B5A69788")
	mac, err := NewMAC(ECB, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range messageVectors(t) {
		body := unhex(t, v.Hex)[frameHead:]
		m, err := Unpack(body)
		if err != nil {
			t.Fatal(err)
		}
		if ours := strings.HasPrefix(v.Name, "d_"); ours && m.Has(fieldMAC) && !Sealed(body, mac) {
			t.Errorf("%s: MAC %s does not fit", v.Name, m.Text(fieldMAC))
		}
		if Sealed(body[:len(body)-1], mac) {
			t.Errorf("%s: a message cut short has a MAC that fits", v.Name)
		}
	}
}

type keyVectors struct {
	CUP []struct {
		MAB, MAK string
		F64      string `json:"f64_ascii"`
	} `json:"cup_ecb"`
	DES3 []struct{ Key, Data, Out string } `json:"des3_ecb"`
	X919 []struct {
		Key, Data, MAC string
		DataASCII      string `json:"data_ascii"`
		F64            string `json:"f64_ascii"`
		Padding        string
	} `json:"x919"`
	CBC []struct {
		Key, MAC  string
		DataASCII string `json:"data_ascii"`
	} `json:"tdes_cbc_mac"`
	SM4 []struct {
		Key, Plain, Cipher string
		ProtectKey         string `json:"protect_key_ascii"`
		EncTMK             string `json:"enc_tmk"`
		TMK                string
		Check              string `json:"kcv_full"`
	}
	PIN []struct {
		PIN, PAN, Block, PIK string
		F52                  string `json:"f52_3des"`
	} `json:"pin_block"`
	Working []struct {
		TMK, PIK string
		MAK      string `json:"mak_double"`
		F62      string `json:"f62_40_bytes"`
	} `json:"working_keys"`
	Derived []struct {
		Alg, MAK, MAB string
		F64           string `json:"f64_ascii"`
	} `json:"derived_macs"`
}

func macOf(t *testing.T, algorithm Algorithm, key string) MAC {
	t.Helper()
	k, err := ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMAC(algorithm, k)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMACVectors(t *testing.T) {
	var v keyVectors
	readVectors(t, "keys.json", &v)
	for _, c := range v.CUP {
		if got := string(macOf(t, ECB, c.MAK).Sum(unhex(t, c.MAB))); got != c.F64 {
			t.Errorf("UnionPay ECB: %s, want %s", got, c.F64)
		}
	}
	for _, c := range v.X919 {
		data := append(unhex(t, c.Data), c.DataASCII...)
		if c.MAC != "" {
			algorithm := X919Binary
			if strings.HasPrefix(c.Padding, "80") {
				algorithm = X91980Binary
			}
			if got := hexOf(macOf(t, algorithm, c.Key).Sum(data)); string(got) != c.MAC {
				t.Errorf("X9.19: %s, want %s", got, c.MAC)
			}
			continue
		}
		if got := macOf(t, X919, c.Key).Sum(data); string(got) != c.F64 {
			t.Errorf("X9.19: %s, want %s", got, c.F64)
		}
	}
	for _, c := range v.CBC {
		if got := hexOf(macOf(t, CBC, c.Key).full([]byte(c.DataASCII))); string(got) != c.MAC {
			t.Errorf("CBC-MAC: %s, want %s", got, c.MAC)
		}
	}
	for _, c := range v.Derived {
		algorithm := ECB
		switch {
		case strings.HasPrefix(c.Alg, "X9.19"):
			algorithm = X919
		case strings.Contains(c.Alg, "SM4"):
			algorithm = SM4
		}
		if got := macOf(t, algorithm, c.MAK).Sum(unhex(t, c.MAB)); string(got) != c.F64 {
			t.Errorf("%s: %s, want %s", c.Alg, got, c.F64)
		}
	}
}

func TestKeyVectors(t *testing.T) {
	var v keyVectors
	readVectors(t, "keys.json", &v)
	for _, c := range v.DES3 {
		b, err := ECB.block(unhex(t, c.Key))
		if err != nil {
			t.Fatal(err)
		}
		out := unhex(t, c.Data)
		for i := 0; i < len(out); i += 8 {
			b.Encrypt(out[i:], out[i:])
		}
		if got := string(hexOf(out)); got != c.Out {
			t.Errorf("triple DES: %s, want %s", got, c.Out)
		}
	}
	for _, c := range v.Working {
		master, _ := ParseKey(c.TMK)
		keys, err := OpenKeys(ECB, master, unhex(t, c.F62))
		if err != nil || string(hexOf(keys.PIN)) != c.PIK || string(hexOf(keys.MAC)) != c.MAK {
			t.Errorf("working keys do not open: %v", err)
		}
		spoilt := unhex(t, c.F62)
		spoilt[20] ^= 1
		if _, err := OpenKeys(ECB, master, spoilt); err == nil {
			t.Error("a key that does not fit its check value is used")
		}
		if _, err := OpenKeys(ECB, master, spoilt[:39]); err == nil {
			t.Error("half a key is used")
		}
	}
}

// The cipher itself, and a master key that came under another.
func TestSM4Vectors(t *testing.T) {
	var v keyVectors
	readVectors(t, "keys.json", &v)
	if len(v.SM4) != 2 {
		t.Fatalf("%d vectors", len(v.SM4))
	}
	for _, c := range v.SM4 {
		if c.Cipher != "" {
			b, err := SM4.block(unhex(t, c.Key))
			if err != nil {
				t.Fatal(err)
			}
			out := unhex(t, c.Plain)
			b.Encrypt(out, out)
			if got := string(hexOf(out)); got != c.Cipher {
				t.Errorf("SM4: %s, want %s", got, c.Cipher)
			}
			continue
		}
		over, err := SM4.block(Key(c.ProtectKey))
		if err != nil {
			t.Fatal(err)
		}
		master := opened(over, unhex(t, c.EncTMK))
		b, err := SM4.block(master)
		if err != nil || string(hexOf(master)) != c.TMK || string(hexOf(checkValue(b))) != c.Check[:8] {
			t.Errorf("master key %s, check %X, %v", hexOf(master), checkValue(b), err)
		}
	}
	if _, err := NewMAC(SM4, make(Key, 8)); err == nil {
		t.Error("an SM4 key of eight bytes is used")
	}
}

// Field 52 with the keys and numbers of the published examples, and the one in
// the published sale.
func TestPINBlocks(t *testing.T) {
	var v keyVectors
	readVectors(t, "keys.json", &v)
	for _, c := range v.PIN {
		if got, err := clearPINBlock([]byte(c.PIN), []byte(c.PAN)); err != nil || string(hexOf(got)) != c.Block {
			t.Errorf("PIN block: %X, %v, want %s", got, err, c.Block)
		}
		if c.PIK == "" {
			continue
		}
		got, err := pinBlock(ECB, unhex(t, c.PIK), []byte(c.PIN), []byte(c.PAN), nil)
		if err != nil || string(hexOf(got)) != c.F52 {
			t.Errorf("field 52: %X, %v, want %s", got, err, c.F52)
		}
	}
	sale := messageNamed(t, "d_sale_mag_req")
	pan, _, _ := strings.Cut(sale.Fields["35"], "D")
	pik, _ := ParseKey("0123456789ABCDEFFEDCBA9876543210")
	got, err := pinBlock(ECB, pik, []byte("123456"), []byte(pan), nil)
	if err != nil || string(hexOf(got)) != strings.TrimPrefix(sale.Fields["52"], "hex:") {
		t.Errorf("field 52 of the sale: %X, %v, want %s", got, err, sale.Fields["52"])
	}
	for _, pin := range []string{"", "123", "1234567890123", "12a4"} {
		if _, err := pinBlock(ECB, pik, []byte(pin), []byte(pan), nil); err == nil {
			t.Errorf("%q is taken for a PIN", pin)
		}
	}
}

// Track 2 as it goes over the line: its length counts digits, D parts number
// and rest, an odd count is filled with a zero.
func TestTrack2OnTheLine(t *testing.T) {
	const digits, wire = "6224242300000069D30122010000000000000", "376224242300000069D301220100000000000000"
	m := NewMessage("0200").Set(fieldTrack2, digits)
	raw, err := m.Pack()
	if err != nil || string(hexOf(raw[10:])) != wire {
		t.Errorf("%X, %v", raw[10:], err)
	}
}

func TestRefusedMessages(t *testing.T) {
	sale := unhex(t, messageNamed(t, "d_sale_mag_resp").Hex)[frameHead:]
	bad := map[string][]byte{
		"nothing":        nil,
		"cut off":        sale[:len(sale)-1],
		"trailing bytes": append(bytes.Clone(sale), 0),
		"second bitmap":  with(sale, 2, sale[2]|0x80),
		"letter in BCD":  with(sale, 0, 0xA2),
	}
	odd := messageNamed(t, "d_sale_mag_req").Hex
	at := strings.Index(odd, "0210") // field 22, "021" padded with a zero
	bad["field 22 padded"] = unhex(t, odd[:at]+"0215"+odd[at+4:])[frameHead:]
	for name, raw := range bad {
		if m, err := Unpack(raw); err == nil {
			t.Errorf("%s: read as %s", name, m)
		}
	}
	if _, err := Unpack(sale); err != nil {
		t.Errorf("the message itself: %v", err)
	}
}

func with(raw []byte, at int, b byte) []byte {
	out := bytes.Clone(raw)
	out[at] = b
	return out
}

func messageNamed(t testing.TB, name string) vectorMessage {
	t.Helper()
	for _, v := range messageVectors(t) {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no message %s", name)
	return vectorMessage{}
}

// What is read is what would be written: a field half understood cannot hide.
func FuzzUnpack(f *testing.F) {
	for _, v := range messageVectors(f) {
		f.Add(unhex(f, v.Hex)[frameHead:])
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Unpack(raw)
		if err != nil {
			return
		}
		again, err := m.Pack()
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("read %X, written %X, %v", raw, again, err)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte{0, 1, 2})
	f.Add(unhex(f, "005B"+messageNamed(f, "signin_plain_0800").Hex))
	f.Fuzz(func(t *testing.T, line []byte) {
		body, err := readFrame(bytes.NewReader(line))
		if err != nil {
			return
		}
		_, message, err := openFrame(body, TPDU{0x60, 0, 3, 0, 0})
		if err == nil && len(message)+frameHead+2 > len(line) {
			t.Error("more was read than came")
		}
	})
}

// The scheme of a card stands in the journal, whatever bytes the host sends.
func TestBrand(t *testing.T) {
	for sent, want := range map[string]string{"VIS": "VIS", "JC approved": "JC", "\xd2\xf8\xc1\xaa": "?", "": "CUP"} {
		if got := brandOf(NewMessage("0210").SetBytes(fieldText, []byte(sent))); got != want {
			t.Errorf("%q is %q, want %q", sent, got, want)
		}
	}
}
