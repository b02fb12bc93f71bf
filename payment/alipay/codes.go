package alipay

import (
	"strings"

	"abacus/payment"
)

// verdict is what an authenticated answer's code means for the money.
type verdict struct {
	outcome payment.Outcome
	reason  payment.Reason
}

// gatewayCodes are the public codes other than success and 40004
// (https://opendocs.alipay.com/common/02km9f).
var gatewayCodes = map[string]verdict{
	"20000": {payment.Unknown, payment.SystemBusy},
	"40005": {payment.Unknown, payment.SystemBusy},
	"20001": {payment.Declined, payment.Configuration},
	"40001": {payment.Declined, payment.Configuration},
	"40002": {payment.Declined, payment.Configuration},
	"40003": {payment.Declined, payment.Configuration},
	"40006": {payment.Declined, payment.Configuration},
}

// chargeCodes are the sub_codes of 40004 for a charge or a registration,
// without "ACQ." (https://opendocs.alipay.com/open/194/105072). What is not
// here is in doubt.
//
// Two rows say less than the document does. TRADE_HAS_CLOSE and
// CONTEXT_INCONSISTENT are "final", but a number is minted for one attempt, so
// an acquirer that has met it before knows something the till does not: a
// query has to tell.
var chargeCodes = map[string]verdict{
	"SYSTEM_ERROR":         {payment.Unknown, payment.SystemBusy},
	"UNKNOW-ERROR":         {payment.Unknown, payment.SystemBusy}, // isp.unknow-error
	"TRADE_HAS_SUCCESS":    {payment.Unknown, payment.AlreadyPaid},
	"TRADE_HAS_CLOSE":      {payment.Unknown, payment.AlreadyClosed},
	"CONTEXT_INCONSISTENT": {payment.Unknown, payment.NumberUsed},
	"TRADE_NOT_EXIST":      {payment.Unknown, payment.NotFound},

	"PAYMENT_AUTH_CODE_INVALID": {payment.Declined, payment.CodeInvalid},
	"SOUNDWAVE_PARSER_FAIL":     {payment.Declined, payment.CodeInvalid},

	"BUYER_BALANCE_NOT_ENOUGH":          {payment.Declined, payment.NoFunds},
	"BUYER_BANKCARD_BALANCE_NOT_ENOUGH": {payment.Declined, payment.NoFunds},
	"ERROR_BALANCE_PAYMENT_DISABLE":     {payment.Declined, payment.NoFunds},
	"NO_PAYMENT_INSTRUMENTS_AVAILABLE":  {payment.Declined, payment.NoFunds},

	"BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR":   {payment.Declined, payment.OverLimit},
	"BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": {payment.Declined, payment.OverLimit},
	"BEYOND_PAY_RESTRICTION":                 {payment.Declined, payment.OverLimit},
	"BEYOND_PER_RECEIPT_RESTRICTION":         {payment.Declined, payment.OverLimit},
	"TOTAL_FEE_EXCEED":                       {payment.Declined, payment.OverLimit},

	"PULL_MOBILE_CASHIER_FAIL":     {payment.Declined, payment.Refused},
	"PAYMENT_FAIL":                 {payment.Declined, payment.Refused},
	"MOBILE_PAYMENT_SWITCH_OFF":    {payment.Declined, payment.Refused},
	"USER_FACE_PAYMENT_SWITCH_OFF": {payment.Declined, payment.Refused},

	"PAYMENT_REQUEST_HAS_RISK":        {payment.Declined, payment.Risk},
	"BUYER_ENABLE_STATUS_FORBID":      {payment.Declined, payment.Risk},
	"ERROR_BUYER_CERTIFY_LEVEL_LIMIT": {payment.Declined, payment.Risk},
	"SELLER_BEEN_BLOCKED":             {payment.Declined, payment.Risk},

	"BUYER_SELLER_EQUAL":    {payment.Declined, payment.OtherPayer},
	"TRADE_BUYER_NOT_MATCH": {payment.Declined, payment.OtherPayer},

	"INVALID_PARAMETER":    {payment.Declined, payment.Configuration},
	"ACCESS_FORBIDDEN":     {payment.Declined, payment.Configuration},
	"EXIST_FORBIDDEN_WORD": {payment.Declined, payment.Configuration},
	"PARTNER_ERROR":        {payment.Declined, payment.Configuration},
	"INVALID_STORE_ID":     {payment.Declined, payment.Configuration},
}

// bare is a sub_code without its prefix, in capitals. The prefix is ACQ., AQC.
// (Alipay's own slip), isp. or isv., and the gateway may put aop. before it:
// aop.ACQ.SYSTEM_ERROR has been seen with code 20000.
func bare(subCode string) string {
	code := strings.ToUpper(subCode)
	for _, prefix := range []string{"AOP.", "ACQ.", "AQC.", "ISP.", "ISV."} {
		code = strings.TrimPrefix(code, prefix)
	}
	return code
}

// verdict reads an authenticated answer other than success.
func (n node) verdict() verdict {
	v, known := gatewayCodes[n.Code]
	switch code := bare(n.SubCode); {
	case n.Code == "40004":
		v, known = chargeCodes[code]
	case code == "UNKNOW-ERROR":
		v = chargeCodes[code] // whatever the code above it
	case v.reason == payment.Configuration && strings.Contains(code, "TIMESTAMP"):
		v.reason = payment.ClockSkew // refused for our time, not for our keys
	}
	if !known {
		return verdict{payment.Unknown, payment.BadAnswer}
	}
	return v
}
