package goods

import (
	"flag"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

var update = flag.Bool("update", false, "write the generated files anew")

// asInGoods are characters of several readings for which the dictionary's
// first is not the one heard in a shop: 长城, 重庆, 调味, 人参, 西藏, 弹力.
var asInGoods = map[rune]byte{'长': 'c', '重': 'c', '调': 't', '参': 's', '藏': 'z', '弹': 't', '嚼': 'j', '壳': 'k', '茄': 'q', '咖': 'k', '蛤': 'g', '卷': 'j', '薄': 'b', '呷': 'x', '仔': 'z'}

func tableOfLetters() string {
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	var b strings.Builder
	for r := rune(firstHan); r <= lastHan; r++ {
		letter := byte(' ')
		if readings := pinyin.SinglePinyin(r, args); len(readings) > 0 && readings[0] != "" {
			letter = readings[0][0]
		}
		if usual, ok := asInGoods[r]; ok {
			letter = usual
		}
		b.WriteByte(letter)
	}
	return b.String()
}

func TestLettersAreGoPinyins(t *testing.T) {
	want := tableOfLetters()
	if *update {
		if err := os.WriteFile("initials.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if letters != want {
		t.Error("initials.txt is not what go-pinyin says: go test ./internal/goods -update")
	}
	if i := strings.IndexFunc(letters, func(r rune) bool { return r != ' ' && (r > unicode.MaxASCII || !unicode.IsLower(r)) }); i >= 0 {
		t.Errorf("the letter of %c is %q", firstHan+rune(i), letters[i])
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"农夫山泉 550ml": "nfsq550ml", "可口可乐": "kkkl", "重庆小面": "cqxm", "长城干红": "ccgh",
		"AD钙奶": "adgn", "ＡＢ（盒）": "abh", "": "", "…": "", "ñ": "",
	} {
		if got := Initials(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
