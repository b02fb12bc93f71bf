package goods

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"abacus/internal/money"
)

func TestLoadCSV(t *testing.T) {
	for name, text := range map[string]string{
		"English":            "code,name,price,unit,weighed,name_en\n06001,散装苹果,9.98,,yes,Apples\n",
		"Chinese, mark":      "\xef\xbb\xbf条码,品名,价格,称重,英文名\r\n06001, 散装苹果 ,9.98,是,Apples\r\n",
		"free order, others": "price,stock,name,code,weighed,initials,NAME_EN\n9.98,12,散装苹果,06001,1,SZPG,Apples\n\n",
	} {
		items, err := LoadCSV(strings.NewReader(text), money.CNY)
		want := Item{Code: "06001", Name: "散装苹果", NameEn: "Apples", Initials: "szpg", Unit: "kg", Price: money.Fen(998), Weighed: true}
		if err != nil || len(items) != 1 || items[0] != want {
			t.Errorf("%s: got %+v, %v", name, items, err)
		}
	}
}

func TestLoadCSVRefuses(t *testing.T) {
	const head = "code,name,price,weighed\n"
	for _, tc := range []struct{ text, want string }{
		{"", "the file is empty: its first line must name the columns"},
		{"code,price\n", `line 1: there is no column "name" (品名)`},
		{"code,name,price,条码\n", `line 1: column "code" is there twice`},
		{"\xcc\xf5\xc2\xeb,name,price\n", "line 1: the text is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)"},
		{head + "1,\xd6\xd0\xb9\xfa,2.00,\n", "line 2: the text is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)"},
		{head + "1,水,2.00,\n2,水\n", "line 3: it has 2 columns, the first line has 4"},
		{head + "1,水,2.005,\n", `line 2: price: not an amount of money: "2.005"`},
		{head + "1,水,-2,\n", "line 2: its price must be zero or more"},
		{head + "1,,2,\n", "line 2: it has no name"},
		{head + "6901234567893,水,2,\n", "line 2: the check digit of its code is wrong: it should end in 2"},
		{head + "1,水,2,maybe\n", `line 2: weighed "maybe" must be yes or no`},
		{head + "1,\"水,2,\n", "line 2: a quotation mark is missing or out of place"},
		{head + "1,\"a\nb\",2,\n2,,2,\n", "line 2: name and unit must be at most 64 characters on one line\nline 4: it has no name"},
	} {
		items, err := LoadCSV(strings.NewReader(tc.text), money.CNY)
		if err == nil || err.Error() != tc.want || items != nil {
			t.Errorf("%q: got %d items, %v", tc.text, len(items), err)
		}
	}
	if _, err := LoadCSV(iotest.ErrReader(io.ErrUnexpectedEOF), money.CNY); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken disk: %v", err)
	}
}

func TestLoadMembersCSV(t *testing.T) {
	members, err := LoadMembersCSV(strings.NewReader("卡号,手机,姓名,积分\n88001,138****5678,王小明,851\n88002,,,\n"))
	want := Member{Number: "88001", Phone: "138****5678", Name: "王小明", Points: 851}
	if err != nil || len(members) != 2 || members[0] != want || members[1] != (Member{Number: "88002"}) {
		t.Errorf("got %+v, %v", members, err)
	}
	for text, want := range map[string]string{
		"number,points\n1,many\n": `line 2: points "many" must be a whole number, not negative`,
		"number,points\n1,-1\n":   `line 2: points "-1" must be a whole number, not negative`,
		"number,name\n,A\n":       "line 2: it has no number",
	} {
		if _, err := LoadMembersCSV(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzLoadCSV(f *testing.F) {
	f.Add(sampleItems)
	f.Add("code,name,price\n1,\"a\",2\n")
	f.Add("\xef\xbb\xbf条码,品名,价格\r\n1,水,2\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		items, err := LoadCSV(strings.NewReader(text), money.CNY)
		if err != nil {
			if items != nil || strings.Count(err.Error(), "\n") > maxFaults {
				t.Fatalf("items with an error, or an endless one: %v", err)
			}
			return
		}
		c, err := New(items, nil)
		if err != nil {
			return // a code twice
		}
		for _, item := range items {
			if found, ok := c.Find(item.Code); !ok || found.Code != item.Code {
				t.Fatalf("%q is not found", item.Code)
			}
			if len(c.Search(item.Name, len(items))) == 0 {
				t.Fatalf("%q is not found by name", item.Name)
			}
		}
	})
}

func FuzzLoadMembersCSV(f *testing.F) {
	f.Add(sampleMembers)
	f.Add("card,name\n1,\"a\"\n")
	f.Add("\xef\xbb\xbf卡号,姓名,手机\r\n1,张三,\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		members, err := LoadMembersCSV(strings.NewReader(text))
		if err != nil {
			if members != nil || strings.Count(err.Error(), "\n") > maxFaults {
				t.Fatalf("members with an error, or an endless one: %v", err)
			}
			return
		}
		if _, err := New(nil, members); err != nil && strings.Count(err.Error(), "\n") > maxFaults {
			t.Fatalf("an endless error: %v", err)
		}
	})
}
