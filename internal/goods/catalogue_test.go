package goods

import (
	"fmt"
	"strings"
	"testing"

	"abacus/internal/money"
)

func names(items []Item) string {
	var list []string
	for _, i := range items {
		list = append(list, i.Name)
	}
	return strings.Join(list, "|")
}

func TestSample(t *testing.T) {
	items, err := LoadCSV(strings.NewReader(sampleItems), money.CNY)
	if err != nil {
		t.Fatal(err)
	}
	members, err := LoadMembersCSV(strings.NewReader(sampleMembers))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(items, members); err != nil {
		t.Fatal(err)
	}
	weighed := 0
	for _, i := range items {
		if i.Initials != Initials(i.Name) {
			t.Errorf("%s: initials %q, want %q", i.Name, i.Initials, Initials(i.Name))
		}
		if i.NameEn == "" || i.Unit == "" || !i.Price.Positive() {
			t.Errorf("%s: English name, unit or price missing", i.Name)
		}
		if i.Weighed {
			weighed++
			if len(i.Code) != 5 || i.Unit != "kg" {
				t.Errorf("%s: a weighed article has five digits and kg", i.Name)
			}
		} else if len(i.Code) != 13 || i.Code < "690" || i.Code >= "70" {
			t.Errorf("%s: %s is no Chinese EAN-13", i.Name, i.Code)
		}
	}
	if len(items) < 55 || weighed < 5 || len(members) < 3 {
		t.Errorf("%d items, %d weighed, %d members", len(items), weighed, len(members))
	}
	if Sample().Len() != len(items) {
		t.Error("Sample is not what the files hold")
	}
}

func TestFind(t *testing.T) {
	c, err := New([]Item{
		{Code: "6901234567892", Name: "水", Price: money.Fen(200)},
		{Code: "036000291452", Name: "纸", Price: money.Fen(500)},
		{Code: "96385074", Name: "糖", Price: money.Fen(100)},
		{Code: "06001", Name: "苹果", Price: money.Fen(998), Weighed: true},
		{Code: "A-17", Name: "袋", Price: money.Fen(30)},
		{Code: "12345678", Name: "自编", Price: money.Fen(30)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		"6901234567892": "水", "06901234567892": "水", " 6901234567892\n": "水", "16901234567899": "",
		"036000291452": "纸", "0036000291452": "纸", "00036000291452": "纸",
		"96385074": "糖", "0000096385074": "糖", "06001": "苹果", "6001": "", "A-17": "袋", "12345678": "自编", "": "",
	} {
		item, ok := c.Find(code)
		if ok != (want != "") || item.Name != want {
			t.Errorf("%q finds %q, want %q", code, item.Name, want)
		}
	}
}

func TestSearch(t *testing.T) {
	c := Sample()
	for _, tc := range []struct{ text, want string }{
		{"nfsq", "农夫山泉 550ml"},
		{"NFSQ", "农夫山泉 550ml"},
		{"ｎｆｓｑ", "农夫山泉 550ml"},
		{"夫山", "农夫山泉 550ml"},
		{"nongfu", "农夫山泉 550ml"},
		{"spring", "农夫山泉 550ml"},
		{"kkkl", "可口可乐 330ml|可口可乐 500ml"},
		{"kkkl5", "可口可乐 500ml"},
		{"cola", "可口可乐 330ml|可口可乐 500ml|百事可乐 500ml|德芙巧克力 43g"},
		{"kl", "德芙巧克力 43g|可口可乐 330ml|可口可乐 500ml|百事可乐 500ml|统一老坛酸菜面"},
		{"cc", "长城干红 750ml"},
		{"6901234567892", "农夫山泉 550ml"},
		{"06901234567892", "农夫山泉 550ml"},
		{"0600", "土豆|橙子|香蕉|五花肉|大白菜|散装瓜子|散装苹果|本地西红柿"},
		{"06003", "橙子"},
		{"苹果", "散装苹果"},
		{"  ", ""},
		{"没有这个", ""},
		{"\x01", ""},
		{"34567", ""}, // the middle of a code says nothing
	} {
		if got := names(c.Search(tc.text, 20)); got != tc.want {
			t.Errorf("%q finds %s, want %s", tc.text, got, tc.want)
		}
	}
	if got := c.Search("l", 3); len(got) != 3 {
		t.Errorf("limit 3 gave %d", len(got))
	}
	if got := c.Search("l", 0); got != nil {
		t.Errorf("limit 0 gave %d", len(got))
	}
}

// The better hit comes first, whatever the order of the catalogue.
func TestSearchRanks(t *testing.T) {
	price := money.Fen(1)
	c, err := New([]Item{
		{Code: "1", Name: "散茶", Price: price},
		{Code: "2", Name: "茶", Price: price},
		{Code: "3", Name: "茶叶蛋", Price: price},
		{Code: "4", Name: "冰", NameEn: "Iced Cake", Price: price},
		{Code: "5", Name: "面", NameEn: "Pancake", Price: price},
		{Code: "6", Name: "擦", NameEn: "Cake", Price: price},
		{Code: "cake", Name: "x", Price: price},
		{Code: "cake2", Name: "y", Price: price},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"茶": "茶|茶叶蛋|散茶", "c": "擦|茶|茶叶蛋|冰|散茶|面|x|y", "cake": "x|擦|冰|面|y",
	} {
		if got := names(c.Search(text, 10)); got != want {
			t.Errorf("%q finds %s, want %s", text, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	ok := Item{Code: "6901234567892", Name: "水", Price: money.Fen(1)}
	change := func(f func(i *Item)) []Item {
		i := ok
		f(&i)
		return []Item{i}
	}
	for want, items := range map[string][]Item{
		"item 1 (): it has no code":                                    change(func(i *Item) { i.Code = "" }),
		"item 1 (6901234567893): the check digit of its code is wrong": change(func(i *Item) { i.Code = "6901234567893" }),
		"item 1 (a b): its code must be":                               change(func(i *Item) { i.Code = "a b" }),
		"item 1 (6901234567892): it has no name":                       change(func(i *Item) { i.Name = " " }),
		"item 1 (6901234567892): name and unit must be":                change(func(i *Item) { i.Name = "\x1b[2J" }),
		"item 1 (6901234567892): its pinyin initials":                  change(func(i *Item) { i.Initials = "水" }),
		"item 1 (6901234567892): its price must be zero or more":       change(func(i *Item) { i.Price = money.Fen(-1) }),
		"item 2 (06901234567892): item 1 has this code already":        append(change(func(*Item) {}), Item{Code: "06901234567892", Name: "水", Price: money.Fen(1)}),
		"item 2 (2): its price is in JPY":                              append(change(func(*Item) {}), Item{Code: "2", Name: "水", Price: money.New(1, "JPY")}),
	} {
		if _, err := New(items, nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for want, members := range map[string][]Member{
		"member 1 (): it has no number":               {{}},
		"member 2 (1): this number is there twice":    {{Number: "1"}, {Number: "1"}},
		"member 1 (1): name and phone must be at":     {{Number: "1", Name: "a\nb"}},
		"member 1 (一): its number must be at most 32": {{Number: "一"}},
	} {
		if _, err := New(nil, members); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := New(make([]Item, 50), nil); err == nil || strings.Count(err.Error(), "\n") != maxFaults {
		t.Errorf("want %d sentences and a count, got %v", maxFaults, err)
	}
}

func TestFindMember(t *testing.T) {
	c, err := New(nil, []Member{
		{Number: "8800001001", Phone: "138****5678"},
		{Number: "8800001002", Phone: "13912345679"},
		{Number: "8800001003", Phone: "13800005678"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"8800001001": "8800001001", "13912345679": "8800001002", " 5679 ": "8800001002",
		"13811115678": "8800001001", // the masked one is the only one that fits
		"13800005678": "",           // two fit: the till must ask for the card
		"5678":        "", "": "", "0000": "", "139": "", "138****5678": "",
	} {
		m, ok := c.FindMember(text)
		if ok != (want != "") || ok && m.Number != want {
			t.Errorf("%q finds %v, want %q", text, m, want)
		}
	}
	for phone, want := range map[string]string{"13912345679": "139****5679", "138****5678": "138****5678", "5678": "5678", "": ""} {
		if got := (Member{Phone: phone}).MaskedPhone(); got != want {
			t.Errorf("%s is shown as %s, want %s", phone, got, want)
		}
	}
	if text := fmt.Sprintf("%v %+v", Member{Number: "1", Phone: "139"}, Member{Name: "王"}); strings.Contains(text, "139") || strings.Contains(text, "王") {
		t.Errorf("a member prints as %s", text)
	}
}

// big is a catalogue like a supermarket's: names of several words.
func big(n int) *Catalogue {
	words := strings.Fields("农夫 山泉 康师傅 冰红茶 可乐 牛奶 饼干 薯片 红烧 牛肉面 洗衣液 纸巾 牙膏 苹果 大米 酱油 香醋 巧克力 啤酒 面包")
	items := make([]Item, n)
	for i := range items {
		body := fmt.Sprintf("69%010d", i)
		items[i] = Item{
			Code: body + string(checkDigit(body)),
			Name: fmt.Sprintf("%s%s %dg", words[i%len(words)], words[i/7%len(words)], i%1000), NameEn: fmt.Sprintf("Article %d", i),
			Unit: "件", Price: money.Fen(int64(i)),
		}
	}
	c, err := New(items, nil)
	if err != nil {
		panic(err)
	}
	return c
}

// Find is a map look-up, Search one pass over 100 000 articles; the limit to
// compare with is a plain string search over the same text.
func BenchmarkCatalogue(b *testing.B) {
	c := big(100_000)
	b.Run("find", func(b *testing.B) {
		for b.Loop() {
			c.Find("6900000012343")
		}
	})
	for _, query := range []string{"zzzz", "nfsq", "牛奶", "a", "9", "nf", "article 99999", "690000001"} {
		b.Run("search/"+query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Search(query, 20)
			}
		})
	}
	b.Run("limit/strings.Index", func(b *testing.B) {
		for b.Loop() {
			strings.Contains(c.index.text, "zzzz")
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := New(c.items, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sample", func(b *testing.B) {
		for b.Loop() {
			Sample()
		}
	})
}
