package sandbox

import "strings"

// declines translate a word, or one acquirer's code, into the code each
// acquirer would give. The first code of a list is the one used for the word.
// Names: WeChat Pay's and Alipay's public error tables; APIv3 writes with
// underscores what APIv2 wrote without, and both are seen.
var declines = []struct {
	word   string
	wechat []string
	alipay []string
}{
	{"balance", []string{"NOT_ENOUGH", "NOTENOUGH"},
		[]string{"ACQ.BUYER_BALANCE_NOT_ENOUGH", "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", "ACQ.ERROR_BALANCE_PAYMENT_DISABLE"}},
	{"limit", []string{"RULE_LIMIT", "RULELIMIT"},
		[]string{"ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", "ACQ.BEYOND_PAY_RESTRICTION"}},
	{"risk", []string{"TRADE_ERROR"}, []string{"ACQ.PAYMENT_REQUEST_HAS_RISK", "ACQ.BUYER_ENABLE_STATUS_FORBID"}},
	{"card", []string{"NOTSUPORTCARD", "NOT_SUPPORT_CARD"}, []string{"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE"}},
	{"credit", []string{"NOTSUPORTCARD"}, []string{"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE"}},
	{"code", []string{"AUTH_CODE_INVALID", "AUTH_CODE_ERROR"}, []string{"ACQ.PAYMENT_AUTH_CODE_INVALID"}},
	{"expired", []string{"AUTH_CODE_EXPIRE", "AUTHCODEEXPIRE"}, []string{"ACQ.PAYMENT_AUTH_CODE_INVALID"}},
	{"payer", []string{"BUYER_MISMATCH"}, []string{"ACQ.TRADE_BUYER_NOT_MATCH", "ACQ.BUYER_SELLER_EQUAL"}},
	{"bank", []string{"BANK_ERROR", "BANKERROR"}, []string{"ACQ.SYSTEM_ERROR"}},
	{"system", []string{"SYSTEM_ERROR", "SYSTEMERROR"}, []string{"ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR"}},
}

// declineCode is the code this channel gives for a word, for a code of the
// other channel, or the code itself when it is the channel's own or unknown.
func declineCode(channel, wanted string) string {
	if channel == card {
		return cardDecline(wanted)
	}
	for _, d := range declines {
		own, other := d.wechat, d.alipay
		if channel == alipay {
			own, other = other, own
		}
		for _, code := range own {
			if strings.EqualFold(code, wanted) {
				return code
			}
		}
		if strings.EqualFold(d.word, wanted) {
			return own[0]
		}
		for _, code := range other {
			if strings.EqualFold(code, wanted) {
				return own[0]
			}
		}
	}
	foreign := strings.HasPrefix(wanted, "ACQ.") != (channel == alipay)
	switch {
	case !foreign:
		return wanted
	case channel == alipay && !strings.Contains(wanted, "."):
		return "ACQ." + wanted
	case channel == weChat:
		return strings.TrimPrefix(wanted, "ACQ.")
	}
	return wanted
}
