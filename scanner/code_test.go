package scanner

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"abacus/internal/money"
	"pgregory.net/rapid"
)

var shop = Formats{
	Currency: money.CNY,
	Weighed: append(DefaultLabels(),
		LabelFormat{Prefix: "22", Length: 13, Item: Field{3, 5}, Weight: Field{8, 5}, WeightDecimals: 3, ByWeight: true},
		LabelFormat{Prefix: "26", Length: 18, Item: Field{3, 5}, Amount: Field{8, 5}, Weight: Field{13, 5}, AmountDecimals: 2, WeightDecimals: 3},
		LabelFormat{Prefix: "23", Length: 13, Item: Field{3, 4}, PriceCheck: 7, Amount: Field{8, 5}, AmountDecimals: 2},
		LabelFormat{Prefix: "24", Length: 13, Item: Field{3, 5}, Amount: Field{8, 4}, PriceCheck: 12, AmountDecimals: 1},
	),
	Cards: []CardFormat{
		{Kind: Member, Prefix: "HY", MinLength: 6, MaxLength: 12}, {Kind: Member, Prefix: "88", MinLength: 10, MaxLength: 10, Keep: true},
		{Kind: Coupon, Prefix: "CP", MinLength: 8, MaxLength: 16}, {Kind: Prepaid, Prefix: "9800", MinLength: 16, MaxLength: 16, Keep: true},
		{Kind: Badge, Prefix: "YG-", MinLength: 7, MaxLength: 9},
	},
}

func TestParse(t *testing.T) {
	if err := shop.Validate(); err != nil {
		t.Fatal(err)
	}
	full := func(body string) string { return body + string(checkDigit(body)) }
	for _, tc := range []struct {
		name, text string
		want       Code
	}{
		{"EAN-13", "6901234567892", Code{Kind: GTIN, GTIN: "6901234567892"}},
		{"with its line end", "6901234567892\r\n", Code{Kind: GTIN, Text: "6901234567892", GTIN: "6901234567892"}},
		{"with STX, AIM identifier, ETX", "\x02]E06901234567892\x03\r", Code{Kind: GTIN, Text: "6901234567892", GTIN: "6901234567892"}},
		{"EAN-13, one digit misread", "6901234567893", Code{Kind: Unreadable, Problem: BadCheck}},
		{"EAN-8", "96385074", Code{Kind: GTIN, GTIN: "96385074"}},
		{"UPC-A", "036000291452", Code{Kind: GTIN, GTIN: "0036000291452"}},
		{"UPC-A as 13 digits", "0036000291452", Code{Kind: GTIN, GTIN: "0036000291452"}},
		{"UPC-E, eight digits", "04252614", Code{Kind: GTIN, GTIN: "0042100005264"}},
		{"UPC-E, no check digit", "0654321", Code{Kind: Digits, GTIN: "0065100004327"}},
		{"UPC-E, no number system", "4252614", Code{Kind: Digits, GTIN: "0042100005264"}},
		{"UPC-E, six digits", "425261", Code{Kind: Digits, GTIN: "0042100005264"}},
		{"GTIN-14 of a piece", "06901234567892", Code{Kind: GTIN, GTIN: "6901234567892"}},
		{"GTIN-14 of a case", "16901234567899", Code{Kind: GTIN, GTIN: "16901234567899"}},
		{"GS1-128 with batch", "]C1010690123456789210A1\x1d17261130", Code{Kind: GTIN, Text: "010690123456789210A1\x1d17261130", GTIN: "6901234567892"}},
		{"GS1 by its separator", "010690123456789210A1\x1d17261130", Code{Kind: GTIN, GTIN: "6901234567892"}},
		{"GS1, no article", "]C100106141411234567890", Code{Kind: Text, Text: "00106141411234567890"}},
		{"GS1, wrong check digit", "]C10106901234567891", Code{Kind: Unreadable, Problem: BadCheck, Text: "0106901234567891"}},

		{"label, amount binds", full("210601304008"), Code{Kind: Weighed, GTIN: full("210601304008"),
			Label: Label{Item: "06013", Amount: money.Fen(4008)}}},
		{"label misread", "2106013040087", Code{Kind: Unreadable, Problem: BadCheck}},
		{"label, weight binds", full("220601300512"), Code{Kind: Weighed, GTIN: full("220601300512"),
			Label: Label{Item: "06013", Grams: 512, ByWeight: true}}},
		{"label of 18 digits", full("26060130100000512"), Code{Kind: Weighed,
			Label: Label{Item: "06013", Amount: money.Fen(1000), Grams: 512}}},
		{"label with price check", full("236013614685"), Code{Kind: Weighed, GTIN: full("236013614685"),
			Label: Label{Item: "6013", Amount: money.Fen(14685)}}},
		{"label with wrong price check", full("236013514685"), Code{Kind: Unreadable, Problem: BadCheck}},
		{"label with price check of four", full("240601328759"), Code{Kind: Weighed, GTIN: full("240601328759"),
			Label: Label{Item: "06013", Amount: money.Fen(28750)}}},

		{"member", "HY000123", Code{Kind: Member, Number: "000123"}},
		{"member by digits", "8800001234", Code{Kind: Member, Number: "8800001234"}},
		{"coupon", "CP20261122", Code{Kind: Coupon, Number: "20261122"}},
		{"prepaid card", "9800123412341234", Code{Kind: Prepaid, Number: "9800123412341234"}},
		{"badge", "YG-1001", Code{Kind: Badge, Number: "1001"}},
		{"too short for a badge", "YG-100", Code{Kind: Text}},
		{"too short for a member", "HY1", Code{Kind: Text}},

		{"WeChat pay code", "130061098828009406", Code{Kind: Digits}},
		{"Alipay pay code", "28763443825664394", Code{Kind: Digits}},
		{"UnionPay pay code", "6212345678901234567", Code{Kind: Digits}},
		{"e-CNY pay code", "0112345678901234567", Code{Kind: Digits}},
		{"short code", "10023", Code{Kind: Digits}},
		{"Alipay's receive page", "https://qr.alipay.com/fkx00000000000000000000", Code{Kind: MerchantURL}},
		{"WeChat's receive page", "wxp://f2f0AAAA", Code{Kind: MerchantURL}},
		{"WeChat's merchant code", "weixin://wxpay/bizpayurl?pr=AAAA", Code{Kind: MerchantURL}},
		{"UnionPay's, in capitals", "HTTPS://QR.95516.COM/00010000/1", Code{Kind: MerchantURL}},
		{"another page", "https://example.com/qr.alipay.com/", Code{Kind: Text}},
		{"citizen's number", "11010519491231002X", Code{Kind: Text}},
		{"words", "农夫山泉 550ml", Code{Kind: Text}},

		{"nothing", "", Code{Kind: Unreadable, Problem: Empty}},
		{"only a line end", "\r\n", Code{Kind: Unreadable, Problem: Empty, Text: ""}},
		{"full-width digits", "６９０１２３４５６７８９２", Code{Kind: Unreadable, Problem: NotASCII}},
		{"control character", "69012\x0034567", Code{Kind: Unreadable, Problem: Control}},
		{"not UTF-8", "69\xff01", Code{Kind: Unreadable, Problem: BadUnicode}},
		{"a replaced character", "69\uFFFD01", Code{Kind: Unreadable, Problem: BadUnicode}},
		{"long", strings.Repeat("7", maxText+1), Code{Kind: Unreadable, Problem: TooLong}},
		{"very long", strings.Repeat("7", 10*maxText), Code{Kind: Unreadable, Problem: TooLong, Text: ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Parse(tc.text, shop)
			if tc.want.Text == "" && got.Text != "" {
				tc.want.Text = tc.text
			}
			if got != tc.want {
				t.Errorf("got %s %q, GTIN %s, label %+v, member %q; want %s %q, GTIN %s, label %+v, member %q",
					got, got.Text, got.GTIN, got.Label, got.Number, tc.want, tc.want.Text, tc.want.GTIN, tc.want.Label, tc.want.Number)
			}
		})
	}
}

func TestParseScannersOwnPrefix(t *testing.T) {
	formats := Formats{Prefix: "~", Suffix: "#\r"}
	if got := Parse("~6901234567892#\r", formats); got.Kind != GTIN || got.Text != "6901234567892" {
		t.Errorf("got %s", got)
	}
}

func TestFormatsValidate(t *testing.T) {
	good := DefaultLabels()[0]
	change := func(f func(l *LabelFormat)) Formats {
		l := good
		f(&l)
		return Formats{Weighed: []LabelFormat{l}}
	}
	member := func(c CardFormat) Formats { c.Kind = Member; return Formats{Cards: []CardFormat{c}} }
	for name, f := range map[string]Formats{
		"letters in prefix":     change(func(l *LabelFormat) { l.Prefix = "2x" }),
		"too short":             change(func(l *LabelFormat) { l.Length = 7 }),
		"item outside":          change(func(l *LabelFormat) { l.Item = Field{12, 5} }),
		"no item":               change(func(l *LabelFormat) { l.Item = Field{} }),
		"amount at zero":        change(func(l *LabelFormat) { l.Amount = Field{0, 5} }),
		"negative digits":       change(func(l *LabelFormat) { l.Weight = Field{3, -1} }),
		"nothing binds":         change(func(l *LabelFormat) { l.ByWeight = true }),
		"decimals":              change(func(l *LabelFormat) { l.AmountDecimals = 9 }),
		"price check outside":   change(func(l *LabelFormat) { l.PriceCheck = 14 }),
		"price check of three":  change(func(l *LabelFormat) { l.PriceCheck, l.Amount.Digits = 3, 3 }),
		"member without prefix": member(CardFormat{MinLength: 4, MaxLength: 8}),
		"member of no length":   member(CardFormat{Prefix: "HY", MinLength: 2, MaxLength: 8}),
		"card of no kind":       {Cards: []CardFormat{{Kind: GTIN, Prefix: "X", MinLength: 4, MaxLength: 8}}},
		"member like Alipay":    member(CardFormat{Prefix: "28", MinLength: 8, MaxLength: 16}),
		"member like WeChat":    member(CardFormat{Prefix: "1", MinLength: 18, MaxLength: 18}),
		"member like UnionPay":  member(CardFormat{Prefix: "620", MinLength: 19, MaxLength: 19}),
	} {
		if err := f.Validate(); err == nil {
			t.Errorf("%s: passes", name)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one sentence: %v", name, err)
		}
		Parse("2106013040087", f) // whatever it says, it must not panic
	}
}

func TestCodeTellsNothing(t *testing.T) {
	code := Parse("130061098828009406", shop)
	for _, format := range []string{"%v", "%+v", "%s", "%#v"} {
		if text := fmt.Sprintf(format, code); strings.Contains(text, "1300") {
			t.Errorf("%s shows the code: %s", format, text)
		}
	}
}

// A single misread digit, or two neighbours exchanged (unless they differ by
// five, which the EAN rule cannot see), never yields goods.
func TestMisreadsAreSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9]{12}`).Draw(t, "body")
		code := []byte(body + string(checkDigit(body)))
		if got := Parse(string(code), Formats{}); got.Kind != GTIN || got.GTIN != string(code) {
			t.Fatalf("%s is %s", code, got)
		}
		at := rapid.IntRange(0, 12).Draw(t, "at")
		by := rapid.IntRange(1, 9).Draw(t, "by")
		code[at] = '0' + (code[at]-'0'+byte(by))%10
		if got := Parse(string(code), Formats{}); got.Kind != Unreadable {
			t.Fatalf("misread %s is %s", code, got)
		}
	})
}

// What a scale prints comes back.
func TestLabelRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		item := fmt.Sprintf("%05d", rapid.IntRange(0, 99999).Draw(t, "item"))
		fen := rapid.Int64Range(0, 99999).Draw(t, "fen")
		body := fmt.Sprintf("21%s%05d", item, fen)
		got := Parse(body+string(checkDigit(body)), shop)
		if got.Kind != Weighed || got.Label.Item != item || !got.Label.Amount.Equal(money.Fen(fen)) {
			t.Fatalf("%s: %s %+v", body, got, got.Label)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"6901234567892\r\n", "]E06901234567892", "2106013040087", "04252614", "HY000123", "]C1010690123456789210A1\x1d17",
		"wxp://f2f0", "６９０１", "\x02130061098828009406\x03", "\xff\xfe", "]C", strings.Repeat("1", 600),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := Parse(text, shop)
		switch {
		case c.Kind == "":
			t.Fatal("no kind")
		case c.Kind == Unreadable != (c.Problem != ""):
			t.Fatalf("%s with problem %q", c.Kind, c.Problem)
		case !strings.Contains(text, c.Text):
			t.Fatalf("%q is not part of %q", c.Text, text)
		case c.Kind != Unreadable && !utf8.ValidString(c.Text):
			t.Fatalf("%s text is not UTF-8", c.Kind)
		case c.Kind == GTIN && !hasCheckDigit(c.GTIN):
			t.Fatalf("GTIN %s from %q", c.GTIN, text)
		case c.Kind == Weighed && !c.Label.Amount.Valid():
			t.Fatalf("label without an amount from %q", text)
		}
	})
}
