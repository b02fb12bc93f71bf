package money_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"abacus/internal/money"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
		want     int64
		err      error
	}{
		{"11.36", money.CNY, 1136, nil}, {"1,286.5", money.CNY, 128650, nil}, {"-3", money.CNY, -300, nil}, {".5", money.CNY, 50, nil},
		{"5.", money.CNY, 500, nil}, {" 7 ", money.CNY, 700, nil}, {"500", "JPY", 500, nil}, {"1.234", "KWD", 1234, nil},
		{"", money.CNY, 0, money.ErrSyntax}, {".", money.CNY, 0, money.ErrSyntax}, {"1.234", money.CNY, 0, money.ErrSyntax},
		{"1e3", money.CNY, 0, money.ErrSyntax}, {"１２", money.CNY, 0, money.ErrSyntax}, {"--1", money.CNY, 0, money.ErrSyntax},
		{"12,50", money.CNY, 0, money.ErrSyntax}, {"1,2,3", money.CNY, 0, money.ErrSyntax}, {",500", money.CNY, 0, money.ErrSyntax},
		{"1234,567", money.CNY, 0, money.ErrSyntax}, {"1.2,3", money.CNY, 0, money.ErrSyntax}, {"-12,345,678.90", money.CNY, -1234567890, nil},
		{"5.0", "JPY", 0, money.ErrSyntax}, {"+1", money.CNY, 0, money.ErrSyntax}, {"1.2.3", money.CNY, 0, money.ErrSyntax},
		{"100000000000.01", money.CNY, 0, money.ErrRange}, {"99999999999999999999", money.CNY, 0, money.ErrRange},
		{"1", "XXZ", 0, money.ErrCurrency},
	} {
		got, err := money.Parse(c.text, c.currency)
		if !errors.Is(err, c.err) || got.Minor() != c.want {
			t.Errorf("Parse(%q, %s) = %v, %v; want %d, %v", c.text, c.currency, got, err, c.want, c.err)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		amount          money.Amount
		decimal, people string
	}{
		{money.Fen(0), "0.00", "0.00"}, {money.Fen(5), "0.05", "0.05"}, {money.Fen(-225), "-2.25", "−2.25"},
		{money.Fen(4128650), "41286.50", "41,286.50"}, {money.Fen(100), "1.00", "1.00"}, {money.Fen(12345678), "123456.78", "123,456.78"},
		{money.New(1234, "JPY"), "1234", "1,234"}, {money.New(5, "KWD"), "0.005", "0.005"}, {money.Amount{}, "0.00", "0.00"},
		{money.Fen(money.Limit + 1), "—", "—"},
	} {
		if c.amount.Decimal() != c.decimal || c.amount.String() != c.people {
			t.Errorf("%q, %q; want %q, %q", c.amount.Decimal(), c.amount.String(), c.decimal, c.people)
		}
	}
}

func TestInvalidSpreads(t *testing.T) {
	mixed := money.Fen(1).Add(money.New(1, "JPY"))
	for name, a := range map[string]money.Amount{
		"mixed": mixed, "too large": money.Fen(money.Limit).Add(money.Fen(1)), "plus": mixed.Add(money.Fen(1)), "minus": money.Fen(1).Sub(mixed),
		"negated": mixed.Neg(), "times": mixed.MulDiv(1, 1), "by nothing": money.Fen(1).MulDiv(1, 0), "sum": money.Sum(money.Fen(1), mixed),
		"smaller": money.Min(mixed, money.Fen(1)), "overflow": money.Fen(money.Limit).MulDiv(money.Limit, 1),
	} {
		if a.Valid() || a.Positive() || a.Negative() || a.Equal(a) || a.Minor() != 0 {
			t.Errorf("%s: %v passes for money", name, a)
		}
		if _, err := json.Marshal(a); err == nil {
			t.Errorf("%s: an invalid amount was written", name)
		}
	}
	if mixed.Split(1) != nil {
		t.Error("an invalid amount was split")
	}
}

var amounts = rapid.Custom(func(t *rapid.T) money.Amount {
	return money.Fen(rapid.Int64Range(-money.Limit, money.Limit).Draw(t, "fen"))
})

func TestArithmeticIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts.Draw(t, "a"), amounts.Draw(t, "b")
		if sum := a.Add(b); sum.Valid() && (sum.Minor() != a.Minor()+b.Minor() || !sum.Sub(b).Equal(a)) {
			t.Fatalf("%v + %v = %v", a, b, sum)
		}
		num, den := rapid.Int64Range(-1e12, 1e12).Draw(t, "num"), rapid.Int64Range(1, 1e12).Draw(t, "den")
		got := a.MulDiv(num, den)
		twice := new(big.Int).Mul(big.NewInt(2*a.Minor()), big.NewInt(num)) // 2·a·num
		floor := new(big.Int).Div(new(big.Int).Add(new(big.Int).Abs(twice), big.NewInt(den)), big.NewInt(2*den))
		if twice.Sign() < 0 {
			floor.Neg(floor)
		}
		want, fits := floor.Int64(), floor.IsInt64() && floor.CmpAbs(big.NewInt(money.Limit)) <= 0
		if got.Valid() != fits || fits && got.Minor() != want {
			t.Fatalf("%v × %d ÷ %d = %v, want %v", a, num, den, got, floor)
		}
	})
}

func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amounts.Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e6), 1, 20).Draw(t, "weights")
		parts := a.Split(weights...)
		var total int64
		for _, w := range weights {
			total += w
		}
		if total == 0 {
			if parts != nil {
				t.Fatal("split by nothing")
			}
			return
		}
		if !money.Sum(parts...).Equal(a) {
			t.Fatalf("%v split by %v is %v", a, weights, parts)
		}
		for i, p := range parts {
			share := new(big.Int).Div(new(big.Int).Mul(big.NewInt(abs(a.Minor())), big.NewInt(weights[i])), big.NewInt(total)).Int64()
			if d := abs(p.Minor()) - share; d < 0 || d > 1 {
				t.Fatalf("part %d of %v by %v is %v", i, a, weights, p)
			}
		}
	})
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amounts.Draw(t, "amount")
		for _, text := range []string{a.Decimal(), strings.ReplaceAll(a.String(), "−", "-")} {
			if got, err := money.Parse(text, money.CNY); err != nil || !got.Equal(a) {
				t.Fatalf("%q reads as %v, %v", text, got, err)
			}
		}
		data, err := json.Marshal(a)
		var back money.Amount
		if err != nil || json.Unmarshal(data, &back) != nil || back != a {
			t.Fatalf("%s reads as %v", data, back)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"11.36", "-", "1,,2", "9223372036854775808", "0x10", "½", "1\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := money.Parse(s, money.CNY); err == nil && !a.Valid() {
			t.Errorf("%q is neither money nor an error", s)
		}
	})
}
