package wechat

import (
	"net/http"
	"strings"

	"abacus/payment"
)

// verdict is what an authenticated error code means for the money.
type verdict struct {
	outcome payment.Outcome
	reason  payment.Reason
}

// chargeCodes are the error codes of a charge and of an order code's
// registration. API v3 publishes no table of its own for pay codes, so these
// are the v2 names (https://pay.weixin.qq.com/doc/v2/merchant/4011937125)
// without underscores, because both spellings are in use. What is not here is
// in doubt.
//
// Three rows say less than the documents do. ORDERCLOSED, ORDERREVERSED and
// OUTTRADENOUSED are "final", but a number is minted for one attempt, so an
// acquirer that has met it before knows something the till does not: a query
// has to tell.
var chargeCodes = map[string]verdict{
	"USERPAYING": {payment.Waiting, payment.Password},

	"SYSTEMERROR":        {payment.Unknown, payment.SystemBusy},
	"BANKERROR":          {payment.Unknown, payment.SystemBusy},
	"SERVICEUNAVAILABLE": {payment.Unknown, payment.SystemBusy},
	"RATELIMITEXCEEDED":  {payment.Unknown, payment.SystemBusy},
	"FREQUENCYLIMITED":   {payment.Unknown, payment.SystemBusy},
	"INVALIDREQUEST":     {payment.Unknown, payment.BadAnswer},
	"ORDERPAID":          {payment.Unknown, payment.AlreadyPaid},
	"ORDERCLOSED":        {payment.Unknown, payment.AlreadyClosed},
	"ORDERREVERSED":      {payment.Unknown, payment.AlreadyClosed},
	"OUTTRADENOUSED":     {payment.Unknown, payment.NumberUsed},
	"ORDERNOTEXIST":      {payment.Unknown, payment.NotFound},
	"RESOURCENOTEXISTS":  {payment.Unknown, payment.NotFound},

	"AUTHCODEEXPIRE":  {payment.Declined, payment.CodeExpired},
	"AUTHCODEEXPIRED": {payment.Declined, payment.CodeExpired},
	"AUTHCODEERROR":   {payment.Declined, payment.CodeInvalid},
	"AUTHCODEINVALID": {payment.Declined, payment.CodeInvalid},
	"NOTENOUGH":       {payment.Declined, payment.NoFunds},
	"NOTSUPORTCARD":   {payment.Declined, payment.CardRefused}, // WeChat's own spelling
	"NOTSUPPORTCARD":  {payment.Declined, payment.CardRefused},
	"RULELIMIT":       {payment.Declined, payment.Risk},
	"TRADEERROR":      {payment.Declined, payment.Refused},
	"BUYERMISMATCH":   {payment.Declined, payment.OtherPayer},

	"PARAMERROR":         {payment.Declined, payment.Configuration},
	"LACKPARAMS":         {payment.Declined, payment.Configuration},
	"XMLFORMATERROR":     {payment.Declined, payment.Configuration},
	"REQUIREPOSTMETHOD":  {payment.Declined, payment.Configuration},
	"NOTUTF8":            {payment.Declined, payment.Configuration},
	"SIGNERROR":          {payment.Declined, payment.Configuration},
	"APPIDNOTEXIST":      {payment.Declined, payment.Configuration},
	"MCHIDNOTEXIST":      {payment.Declined, payment.Configuration},
	"MCHNOTEXISTS":       {payment.Declined, payment.Configuration},
	"APPIDMCHIDNOTMATCH": {payment.Declined, payment.Configuration},
	"NOAUTH":             {payment.Declined, payment.Configuration},
}

// bare is a code without its underscores, in capitals.
func bare(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "_", "")) }

// verdictOf reads an authenticated 4xx answer by chargeCodes.
func (r reply) verdictOf() verdict {
	v, known := chargeCodes[bare(r.code)]
	switch {
	case !known:
		return verdict{payment.Unknown, payment.BadAnswer}
	case v.reason == payment.Configuration && strings.Contains(strings.ToLower(r.message), "timestamp"):
		v.reason = payment.ClockSkew // refused for our time, not for our keys
	}
	return v
}

// failed reports whether the answer is an error of the caller's, as WeChat
// files its refusals.
func (r reply) failed() bool {
	return r.status >= http.StatusBadRequest && r.status < http.StatusInternalServerError
}
