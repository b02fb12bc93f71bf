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
	lives   bool // declined, with an order that could still be paid
}

// chargeCodes are the error codes of a charge and of an order code's
// registration. API v3 publishes no table of its own for pay codes, so these
// are the v2 names (https://pay.weixin.qq.com/doc/v2/merchant/4011937125)
// without underscores, because both spellings are in use. What is not here is
// in doubt.
//
// Some rows say less than the documents do. ORDERCLOSED, ORDERREVERSED and
// OUTTRADENOUSED are "final", but a number is minted for one attempt, so an
// acquirer that has met it before knows something the till does not: a query
// has to tell. RULELIMIT and TRADEERROR end the attempt and leave its order:
// the table has it asked about once and reversed before the next attempt.
//
// PARAMERROR is "final" too, and yet codepay has answered it to a charge that had
// been made, because WeChat's own answer failed a check of its fields (bank_type
// above 16 bytes; shown in its developer community, 24 December 2024).
var chargeCodes = map[string]verdict{
	"USERPAYING": {outcome: payment.Waiting, reason: payment.Password},

	"SYSTEMERROR":        {outcome: payment.Unknown, reason: payment.SystemBusy},
	"BANKERROR":          {outcome: payment.Unknown, reason: payment.SystemBusy},
	"SERVICEUNAVAILABLE": {outcome: payment.Unknown, reason: payment.SystemBusy},
	"RATELIMITEXCEEDED":  {outcome: payment.Unknown, reason: payment.SystemBusy},
	"FREQUENCYLIMITED":   {outcome: payment.Unknown, reason: payment.SystemBusy},
	"INVALIDREQUEST":     {outcome: payment.Unknown, reason: payment.BadAnswer},
	"ORDERPAID":          {outcome: payment.Unknown, reason: payment.AlreadyPaid},
	"ORDERCLOSED":        {outcome: payment.Unknown, reason: payment.AlreadyClosed},
	"ORDERREVERSED":      {outcome: payment.Unknown, reason: payment.AlreadyClosed},
	"OUTTRADENOUSED":     {outcome: payment.Unknown, reason: payment.NumberUsed},
	"ORDERNOTEXIST":      {outcome: payment.Unknown, reason: payment.NotFound},
	"RESOURCENOTEXISTS":  {outcome: payment.Unknown, reason: payment.NotFound},

	"AUTHCODEEXPIRE":  {outcome: payment.Declined, reason: payment.CodeExpired},
	"AUTHCODEEXPIRED": {outcome: payment.Declined, reason: payment.CodeExpired},
	"AUTHCODEERROR":   {outcome: payment.Declined, reason: payment.CodeInvalid},
	"AUTHCODEINVALID": {outcome: payment.Declined, reason: payment.CodeInvalid},
	"NOTENOUGH":       {outcome: payment.Declined, reason: payment.NoFunds},
	"NOTSUPORTCARD":   {outcome: payment.Declined, reason: payment.CardRefused}, // WeChat's own spelling
	"NOTSUPPORTCARD":  {outcome: payment.Declined, reason: payment.CardRefused},
	"RULELIMIT":       {outcome: payment.Declined, reason: payment.Risk, lives: true},
	"TRADEERROR":      {outcome: payment.Declined, reason: payment.Refused, lives: true},
	"BUYERMISMATCH":   {outcome: payment.Declined, reason: payment.OtherPayer},

	"PARAMERROR":         {outcome: payment.Unknown, reason: payment.Configuration},
	"LACKPARAMS":         {outcome: payment.Declined, reason: payment.Configuration},
	"XMLFORMATERROR":     {outcome: payment.Declined, reason: payment.Configuration},
	"REQUIREPOSTMETHOD":  {outcome: payment.Declined, reason: payment.Configuration},
	"NOTUTF8":            {outcome: payment.Declined, reason: payment.Configuration},
	"SIGNERROR":          {outcome: payment.Declined, reason: payment.Configuration},
	"APPIDNOTEXIST":      {outcome: payment.Declined, reason: payment.Configuration},
	"MCHIDNOTEXIST":      {outcome: payment.Declined, reason: payment.Configuration},
	"MCHNOTEXISTS":       {outcome: payment.Declined, reason: payment.Configuration},
	"APPIDMCHIDNOTMATCH": {outcome: payment.Declined, reason: payment.Configuration},
	"NOAUTH":             {outcome: payment.Declined, reason: payment.Configuration},
}

// bare is a code without its underscores, in capitals.
func bare(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "_", "")) }

// verdictOf reads an authenticated 4xx answer by chargeCodes.
func (r reply) verdictOf() verdict {
	v, known := chargeCodes[bare(r.code)]
	switch {
	case !known:
		return verdict{outcome: payment.Unknown, reason: payment.BadAnswer}
	case v.reason == payment.Configuration:
		v.reason = r.refused()
	}
	return v
}

// failed reports whether the answer is an error of the caller's, as WeChat
// files its refusals.
func (r reply) failed() bool {
	return r.status >= http.StatusBadRequest && r.status < http.StatusInternalServerError
}
