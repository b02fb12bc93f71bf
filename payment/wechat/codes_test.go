package wechat

import (
	"strings"
	"testing"
	"time"

	"abacus/payment"
)

// codeRows is the table of error codes as WeChat documents them for pay codes,
// each in the spellings met in the wild.
var codeRows = []struct {
	codes   string
	outcome payment.Outcome
	reason  payment.Reason
}{
	{"SYSTEMERROR SYSTEM_ERROR BANKERROR BANK_ERROR SERVICE_UNAVAILABLE", payment.Unknown, payment.SystemBusy},
	{"RATELIMIT_EXCEEDED FREQUENCY_LIMITED", payment.Unknown, payment.SystemBusy},
	{"USERPAYING USER_PAYING", payment.Waiting, payment.Password},
	{"AUTHCODEEXPIRE AUTH_CODE_EXPIRE AUTH_CODE_EXPIRED", payment.Declined, payment.CodeExpired},
	{"AUTH_CODE_ERROR AUTH_CODE_INVALID AUTHCODEINVALID", payment.Declined, payment.CodeInvalid},
	{"NOTENOUGH NOT_ENOUGH", payment.Declined, payment.NoFunds},
	{"NOTSUPORTCARD NOT_SUPORT_CARD NOT_SUPPORT_CARD", payment.Declined, payment.CardRefused},
	{"RULELIMIT RULE_LIMIT", payment.Declined, payment.Risk},
	{"TRADE_ERROR TRADEERROR", payment.Declined, payment.Refused},
	{"BUYER_MISMATCH BUYERMISMATCH", payment.Declined, payment.OtherPayer},
	{"ORDERPAID ORDER_PAID", payment.Unknown, payment.AlreadyPaid},
	{"OUT_TRADE_NO_USED", payment.Unknown, payment.NumberUsed},
	{"ORDERCLOSED ORDER_CLOSED ORDERREVERSED ORDER_REVERSED", payment.Unknown, payment.AlreadyClosed},
	{"INVALID_REQUEST", payment.Unknown, payment.BadAnswer},
	{"PARAM_ERROR PARAMERROR", payment.Unknown, payment.Configuration},
	{"LACK_PARAMS XML_FORMAT_ERROR REQUIRE_POST_METHOD NOT_UTF8", payment.Declined, payment.Configuration},
	{"SIGNERROR SIGN_ERROR NOAUTH NO_AUTH", payment.Declined, payment.Configuration},
	{"APPID_NOT_EXIST MCHID_NOT_EXIST MCH_NOT_EXISTS APPID_MCHID_NOT_MATCH", payment.Declined, payment.Configuration},
	{"ORDERNOTEXIST ORDER_NOT_EXIST RESOURCE_NOT_EXISTS", payment.Unknown, payment.NotFound},
	{"SOMETHING_NEW nonsense 268449641", payment.Unknown, payment.BadAnswer},
}

func TestChargeReadsEveryCode(t *testing.T) {
	for _, row := range codeRows {
		for code := range strings.FieldsSeq(row.codes) {
			t.Run(code, func(t *testing.T) {
				c, _ := testClient(t, refusal(400, code))
				a := c.Charge(background(), testCharge())
				expectAnswer(t, a, row.outcome, row.reason)
				if lives := strings.Contains("RULELIMIT TRADEERROR", bare(code)); a.Lives != lives {
					t.Errorf("an order that is to be reversed: %v, want %v", a.Lives, lives)
				}
				if !strings.Contains(a.Detail, code) || !strings.Contains(a.Detail, "08F6A1B2") {
					t.Errorf("detail %q: want the code and the request number", a.Detail)
				}
			})
		}
	}
}

// A refusal that nobody signed, or somebody else, refuses nothing: a broken
// proxy could otherwise make the cashier charge twice.
func TestChargeBelievesNoUnsignedCode(t *testing.T) {
	forged := func(a answer) answer { a.forged = true; return a }
	for _, row := range codeRows {
		for code := range strings.FieldsSeq(row.codes) {
			for _, a := range []answer{refusal(400, code).without(), forged(refusal(403, code))} {
				c, _ := testClient(t, a)
				got := c.Charge(background(), testCharge())
				expectAnswer(t, got, payment.Unknown, payment.BadSignature)
				if !strings.Contains(got.Detail, code) {
					t.Errorf("%s: detail %q keeps no code", code, got.Detail)
				}
			}
		}
	}
}

// Only 4xx answers are refusals: a server's own fault proves nothing, whatever
// code it carries and whoever signs it.
func TestChargeBelievesNoCodeOfAServerFault(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503, 504} {
		for _, a := range []answer{refusal(status, "AUTH_CODE_INVALID"), refusal(status, "NOTENOUGH").without()} {
			c, _ := testClient(t, a)
			expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, payment.SystemBusy)
		}
	}
}

// A PARAM_ERROR that codepay answered to a charge that had been made, as shown
// in WeChat's developer community on 24 December 2024; its message, a check of
// WeChat's own answer, is in other words here. The question finds the money.
func TestParamErrorOfAChargeIsAskedAbout(t *testing.T) {
	c, _ := testClient(t, answer{status: 400, body: `{"code":"PARAM_ERROR","message":"bank_type longer than 16 bytes"}`}, ok(paidBody("", "")))
	expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, payment.Configuration)
	expectAnswer(t, c.Query(background(), theOrder()), payment.Paid, payment.NoReason)
}

// timeRefused is WeChat's answer to a request by another clock.
const timeRefused = `{"code":"SIGN_ERROR","message":"Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"}`

func TestTimeRefusedIsNotConfiguration(t *testing.T) {
	c, _ := testClient(t, answer{status: 400, body: timeRefused})
	expectAnswer(t, c.Charge(background(), testCharge()), payment.Declined, payment.ClockSkew)
}

// WeChat does not sign its answer to a request whose sender it does not make out.
// Anybody could have written it, so it settles nothing, but it says why.
func TestUnknownSenderIsToldUnsigned(t *testing.T) {
	signError := refusal(401, "SIGN_ERROR")
	forged, probe, late := signError, signError, signError
	forged.forged, probe.probe, late.forged, late.after = true, true, true, time.Hour
	for name, row := range map[string]struct {
		a      answer
		reason payment.Reason
	}{
		"keys":            {signError.without(), payment.Configuration},
		"time":            {answer{status: 401, body: timeRefused, unsigned: true}, payment.ClockSkew},
		"forged":          {forged, payment.BadSignature},
		"probe":           {probe, payment.BadSignature},
		"forged and late": {late, payment.BadSignature},
		"another status":  {refusal(403, "SIGN_ERROR").without(), payment.BadSignature},
		"a proxy's":       {answer{status: 401, body: "<html>Sign in</html>", unsigned: true}, payment.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.a)
			for op, a := range map[string]payment.Answer{
				"charge":  c.Charge(background(), testCharge()),
				"query":   c.Query(background(), theOrder()),
				"reverse": c.Reverse(background(), theOrder()),
				"close":   c.Close(background(), theOrder()),
				"present": c.Present(background(), testCharge()),
			} {
				if a.Outcome != payment.Unknown || a.Reason != row.reason {
					t.Errorf("%s: got %s/%s, want unknown/%s", op, a.Outcome, a.Reason, row.reason)
				}
			}
			for op, a := range map[string]payment.RefundAnswer{
				"refund": c.Refund(background(), testRefund()), "its query": c.QueryRefund(background(), testRefund()),
			} {
				if a.Outcome != payment.RefundUnknown || a.Reason != row.reason {
					t.Errorf("%s: got %s/%s, want unknown/%s", op, a.Outcome, a.Reason, row.reason)
				}
			}
			if _, found, err := c.Find(background(), "4200000000202601010000000001"); found || err == nil {
				t.Errorf("find: %v, %v", found, err)
			}
		})
	}
}

func TestNoCodeSettlesAQuery(t *testing.T) {
	for _, row := range codeRows {
		for code := range strings.FieldsSeq(row.codes) {
			c, _ := testClient(t, refusal(404, code))
			a := c.Query(background(), theOrder())
			if a.Outcome != payment.Unknown || a.Reason != row.reason {
				t.Errorf("%s: got %s/%s, want unknown/%s", code, a.Outcome, a.Reason, row.reason)
			}
		}
	}
}

func TestReverseReadsCodes(t *testing.T) {
	for code, want := range map[string]struct {
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"ORDER_NOT_EXIST":     {payment.Reversed, payment.NotFound},
		"RESOURCE_NOT_EXISTS": {payment.Reversed, payment.NotFound},
		"ORDERREVERSED":       {payment.Reversed, payment.AlreadyClosed},
		"ORDER_CLOSED":        {payment.Reversed, payment.AlreadyClosed},
		"REVERSE_EXPIRE":      {payment.Declined, payment.NotRefundable},
		"USERPAYING":          {payment.Unknown, payment.Password},
		"SYSTEM_ERROR":        {payment.Unknown, payment.SystemBusy},
		"SIGN_ERROR":          {payment.Unknown, payment.Configuration},
		"PARAM_ERROR":         {payment.Unknown, payment.Configuration},
		"NO_AUTH":             {payment.Unknown, payment.Configuration},
		"ORDERPAID":           {payment.Unknown, payment.AlreadyPaid},
		"INVALID_REQUEST":     {payment.Unknown, payment.BadAnswer},
		"NOTENOUGH":           {payment.Unknown, payment.MerchantFunds},
		"SOMETHING_NEW":       {payment.Unknown, payment.BadAnswer},
	} {
		c, _ := testClient(t, refusal(404, code))
		t.Run(code, func(t *testing.T) {
			expectAnswer(t, c.Reverse(background(), theOrder()), want.outcome, want.reason)
		})
		unsigned, _ := testClient(t, refusal(404, code).without())
		expectAnswer(t, unsigned.Reverse(background(), theOrder()), payment.Unknown, payment.BadSignature)
		expectAnswer(t, unsigned.Close(background(), theOrder()), payment.Unknown, payment.BadSignature)
	}
}
