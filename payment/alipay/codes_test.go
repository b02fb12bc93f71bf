package alipay

import (
	"strings"
	"testing"

	"abacus/payment"
)

// codeRows is the table of sub_codes as Alipay documents them.
var codeRows = []struct {
	codes   string
	outcome payment.Outcome
	reason  payment.Reason
}{
	{"ACQ.SYSTEM_ERROR AQC.SYSTEM_ERROR isp.unknow-error aop.ACQ.SYSTEM_ERROR", payment.Unknown, payment.SystemBusy},
	{"ACQ.PAYMENT_AUTH_CODE_INVALID SOUNDWAVE_PARSER_FAIL", payment.Declined, payment.CodeInvalid},
	{"ACQ.TRADE_HAS_SUCCESS", payment.Unknown, payment.AlreadyPaid},
	{"ACQ.TRADE_HAS_CLOSE", payment.Unknown, payment.AlreadyClosed},
	{"ACQ.CONTEXT_INCONSISTENT", payment.Unknown, payment.NumberUsed},
	{"ACQ.BUYER_BALANCE_NOT_ENOUGH ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", payment.Declined, payment.NoFunds},
	{"ACQ.ERROR_BALANCE_PAYMENT_DISABLE ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", payment.Declined, payment.NoFunds},
	{"ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", payment.Declined, payment.OverLimit},
	{"ACQ.BEYOND_PAY_RESTRICTION ACQ.BEYOND_PER_RECEIPT_RESTRICTION ACQ.TOTAL_FEE_EXCEED", payment.Declined, payment.OverLimit},
	{"ACQ.PULL_MOBILE_CASHIER_FAIL ACQ.PAYMENT_FAIL", payment.Declined, payment.Refused},
	{"ACQ.MOBILE_PAYMENT_SWITCH_OFF ACQ.USER_FACE_PAYMENT_SWITCH_OFF", payment.Declined, payment.Refused},
	{"ACQ.PAYMENT_REQUEST_HAS_RISK ACQ.BUYER_ENABLE_STATUS_FORBID", payment.Declined, payment.Risk},
	{"ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT ACQ.SELLER_BEEN_BLOCKED", payment.Declined, payment.Risk},
	{"ACQ.BUYER_SELLER_EQUAL ACQ.TRADE_BUYER_NOT_MATCH", payment.Declined, payment.OtherPayer},
	{"ACQ.INVALID_PARAMETER ACQ.ACCESS_FORBIDDEN ACQ.EXIST_FORBIDDEN_WORD", payment.Declined, payment.Configuration},
	{"ACQ.PARTNER_ERROR ACQ.INVALID_STORE_ID", payment.Declined, payment.Configuration},
	{"ACQ.TRADE_NOT_EXIST aop.ACQ.TRADE_NOT_EXIST", payment.Unknown, payment.NotFound},
	{"ACQ.SOMETHING_NEW nonsense", payment.Unknown, payment.BadAnswer},
}

func TestChargeReadsEveryCode(t *testing.T) {
	for _, row := range codeRows {
		for sub := range strings.FieldsSeq(row.codes) {
			t.Run(sub, func(t *testing.T) {
				c, _ := testClient(t, refusal(sub))
				a := c.Charge(background(), testCharge())
				expectAnswer(t, a, row.outcome, row.reason)
				if !strings.Contains(a.Detail, sub) {
					t.Errorf("detail %q keeps no code", a.Detail)
				}
				if a := c.Query(background(), theOrder()); a.Outcome != payment.Unknown || a.Reason != row.reason {
					t.Errorf("query: got %s/%s", a.Outcome, a.Reason)
				}
				unsigned, _ := testClient(t, refusal(sub).without())
				a = unsigned.Charge(background(), testCharge())
				expectAnswer(t, a, payment.Unknown, payment.BadSignature)
				if !strings.Contains(a.Detail, sub) {
					t.Errorf("detail %q of an unsigned answer keeps no code", a.Detail)
				}
			})
		}
	}
}

func TestChargeReadsGatewayCodes(t *testing.T) {
	for _, row := range []struct {
		code, sub string
		outcome   payment.Outcome
		reason    payment.Reason
	}{
		{"20000", "", payment.Unknown, payment.SystemBusy},
		{"20000", "isp.unknow-error", payment.Unknown, payment.SystemBusy},
		{"20000", "aop.ACQ.SYSTEM_ERROR", payment.Unknown, payment.SystemBusy},
		{"40005", "isv.app-call-limited", payment.Unknown, payment.SystemBusy},
		{"20001", "aop.invalid-auth-token", payment.Declined, payment.Configuration},
		{"40001", "isv.missing-app-id", payment.Declined, payment.Configuration},
		{"40002", "isv.invalid-signature", payment.Declined, payment.Configuration},
		{"40002", "isv.invalid-timestamp", payment.Declined, payment.ClockSkew},
		{"40003", "", payment.Declined, payment.Configuration},
		{"40006", "isv.insufficient-isv-permissions", payment.Declined, payment.Configuration},
		{"40004", "", payment.Unknown, payment.BadAnswer},
		{"10001", "", payment.Unknown, payment.BadAnswer},
		{"", "", payment.Unknown, payment.BadAnswer},
		{"20000", "ACQ.PAYMENT_AUTH_CODE_INVALID", payment.Unknown, payment.SystemBusy},
	} {
		c, _ := testClient(t, code(row.code, row.sub))
		t.Run(row.code+row.sub, func(t *testing.T) {
			expectAnswer(t, c.Charge(background(), testCharge()), row.outcome, row.reason)
			expectAnswer(t, c.Present(background(), testCharge()), row.outcome, row.reason)
			expectAnswer(t, c.Query(background(), theOrder()), payment.Unknown, row.reason)
			expectAnswer(t, c.Reverse(background(), theOrder()), payment.Unknown, row.reason)
			expectAnswer(t, c.Close(background(), theOrder()), payment.Unknown, row.reason)
		})
	}
}
