package scanner

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestTrackVectors(t *testing.T) {
	var file struct {
		Cases []struct {
			ASCII, BCD, PAN, Expiry, Service string
			Chip                             bool `json:"chip_card"`
		}
	}
	data, err := os.ReadFile("testdata/track2.json")
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil || len(file.Cases) != 3 {
		t.Fatal(err, len(file.Cases))
	}
	for _, c := range file.Cases {
		track := c.ASCII + strings.Replace(c.BCD, "D", "=", 1)
		text := ";" + track + "?"
		s := ReadStripe(text + "\r")
		if !IsStripe(text) || string(s.Track2) != track || s.Chip != c.Chip {
			t.Errorf("%s: %v, %s, chip %v", text, IsStripe(text), s.Track2, s.Chip)
		}
		if at := strings.IndexByte(track, '='); track[at+5:at+8] != c.Service || c.PAN != "" && track[:at] != c.PAN {
			t.Errorf("%s: service %s", text, track[at+5:at+8])
		}
	}
}

const (
	firstTrack  = "%B4000340000000506^SOMEBODY/A^2512111123400001230?"
	secondTrack = ";4000340000000506=2512111123400001230?"
	thirdTrack  = "+014000340000000506=1561560000000000003000000000?"
)

func TestStripesInEveryForm(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		whole bool
	}{
		"track 2 alone":          {secondTrack, true},
		"all in one burst":       {firstTrack + secondTrack + thirdTrack, true},
		"a line each":            {firstTrack + "\r" + secondTrack + "\r\n" + thirdTrack, true},
		"tabs between":           {firstTrack + "\t" + secondTrack, true},
		"with its check":         {secondTrack + "5", true},
		"track 1 alone":          {firstTrack, false},
		"track 3 alone":          {thirdTrack, false},
		"no end":                 {";4000340000000506=2512111123400001230", false},
		"no service code":        {";4000340000000506=2512?", false},
		"number too short":       {";40003400000=2512111?", false},
		"an input method":        {"；4000340000000506＝2512111123400001230？", false},
		"cut in the number":      {";40003400", false},
		"the beginning is lost":  {"4000340000000506=2512111123400001230?", false},
		"longer than any stripe": {";4000340000000506=" + strings.Repeat("2", 30) + "?", false},
	} {
		if !IsStripe(c.text) {
			t.Errorf("%s: not known for a card", name)
		}
		if s := ReadStripe(c.text); (s.Track2 != nil) != c.whole || c.whole && string(s.Track2) != "4000340000000506=2512111123400001230" {
			t.Errorf("%s: %q", name, s.Track2)
		}
	}
}

func TestOtherTextsAreNoStripes(t *testing.T) {
	for _, text := range []string{
		"", "6901234567892", "134567890123456789", "6224242300000069", "https://qr.alipay.com/bax0123456789012345", "weixin://wxpay/bizpayurl?pr=abcdefghi",
		"ABC-123", "nfsq", "12.5", "https://example.com/?a=123456789012345&b=2", "]C10106901234567892", "2112345005118",
	} {
		if IsStripe(text) {
			t.Errorf("%q is taken for a card", text)
		}
	}
}

func FuzzStripe(f *testing.F) {
	for _, text := range []string{firstTrack, secondTrack, thirdTrack, firstTrack + secondTrack, "；62＝", ";=?"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := ReadStripe(text)
		if s.Track2 == nil {
			return
		}
		if !IsStripe(text) {
			t.Errorf("%q has a track 2 and is not known for a card", text)
		}
		if len(s.Track2) > 37 || strings.Trim(string(s.Track2), "0123456789=") != "" {
			t.Errorf("track 2 is %q", s.Track2)
		}
		s.Wipe()
		if strings.Trim(string(s.Track2), "\x00") != "" {
			t.Error("not wiped")
		}
	})
}
