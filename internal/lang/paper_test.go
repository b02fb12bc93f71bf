package lang_test

import (
	"reflect"
	"regexp"
	"testing"

	"abacus/internal/lang"
)

var verb = regexp.MustCompile(`%[a-z]`)

// Both languages are filled with the same values, so they need the same verbs.
func TestPaperIsCompleteAndFillsAlike(t *testing.T) {
	chinese := reflect.ValueOf(lang.Must(lang.Chinese).Paper)
	english := reflect.ValueOf(lang.Must(lang.English).Paper)
	for i := range chinese.NumField() {
		name, zh, en := chinese.Type().Field(i).Name, chinese.Field(i).String(), english.Field(i).String()
		if zh == "" || en == "" {
			t.Errorf("%s: %q, %q: a language is missing", name, zh, en)
		}
		if a, b := verb.FindAllString(zh, -1), verb.FindAllString(en, -1); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v in Chinese, %v in English", name, a, b)
		}
	}
}

func TestPaperWords(t *testing.T) {
	zh, en := &lang.Must(lang.Chinese).Paper, &lang.Must(lang.English).Paper
	for _, test := range []struct{ got, want string }{
		{zh.Channel("wechat"), "微信支付"},
		{zh.Channel("alipay"), "支付宝"},
		{zh.Channel("unionpay"), "云闪付"},
		{zh.Channel("card"), "银行卡"},
		{zh.Channel("prepaid"), "储值卡"},
		{en.Channel("cash"), "Cash"},
		{en.Channel("barter"), "barter"},
		{zh.FundingOf("PCREDIT", 3), "花呗分 3 期"},
		{en.FundingOf("PCREDIT", 12), "Huabei, 12 instalments"},
		{zh.FundingOf("PCREDIT", 0), "花呗"},
		{zh.FundingOf("BALANCE", 0), "余额"},
		{zh.FundingOf("CMB_DEBIT", 0), "CMB_DEBIT"},
		{zh.FundingOf("", 0), ""},
		{en.RefundState("done"), "refunded"},
		{en.RefundState("pending"), "accepted, on its way"},
		{en.RefundState("refused"), "not refunded, refused"},
		{en.RefundState("abnormal"), "stuck, a person must act"},
		{en.RefundState("checking"), "being checked, not known yet"},
		{en.RefundState("owed"), "refused, still owed"},
		{zh.RefundState("owed"), "被拒绝,待退还"},
		{en.RefundState("instead"), "refused, gone otherwise"},
		{zh.RefundState("instead"), "被拒绝,已另退"},
		{en.RefundState("a word of tomorrow"), "being checked, not known yet"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
