package iso8583

import "abacus/payment"

// verdict is what an authenticated response code means.
type verdict struct {
	outcome payment.Outcome
	reason  payment.Reason
	signIn  bool // the keys or the batch are not the host's any more
}

// verdicts are the response codes of field 39. A code that is not here is in
// doubt. 96 and 98 say that nobody can tell, so they are too, though some
// hosts mean a refusal by them. Source: UnionPay POS interface, 应答码.
var verdicts = map[string]verdict{
	"00": {outcome: payment.Paid}, "11": {outcome: payment.Paid},
	// Approved with a defect that the acquirer sorts out by itself.
	"A2": {outcome: payment.Paid}, "A4": {outcome: payment.Paid}, "A5": {outcome: payment.Paid}, "A6": {outcome: payment.Paid},
	// Approved for a part only: what the sale wants is the whole.
	"10": {outcome: payment.Unknown, reason: payment.WrongAmount},

	"01": declined(payment.Refused), "05": declined(payment.Refused), "12": declined(payment.Refused), "13": declined(payment.Refused),
	"14": declined(payment.CodeInvalid), "15": declined(payment.CardRefused), "21": declined(payment.Refused), "22": declined(payment.Refused),
	"25": declined(payment.NotFound), "40": declined(payment.Refused), "45": declined(payment.ChipCard), "51": declined(payment.NoFunds),
	"54": declined(payment.CodeExpired), "55": declined(payment.PINWrong), "57": declined(payment.CardRefused), "58": declined(payment.Configuration),
	"61": declined(payment.OverLimit), "62": declined(payment.CardRefused), "64": declined(payment.NotRefundable), "65": declined(payment.OverLimit),
	"68": declined(payment.SystemBusy), "90": declined(payment.SystemBusy), "91": declined(payment.SystemBusy), "92": declined(payment.SystemBusy),
	"38": declined(payment.Risk), "75": declined(payment.Risk), "59": declined(payment.Risk), "A7": declined(payment.Risk),
	"04": declined(payment.Risk), "07": declined(payment.Risk), "34": declined(payment.Risk), "41": declined(payment.Risk), "43": declined(payment.Risk),
	"03": declined(payment.Configuration), "30": declined(payment.Configuration), "97": declined(payment.Configuration),
	"A1": declined(payment.Refused), "A3": declined(payment.Refused),
	// The trace belongs to another transaction: this one was not done, and a
	// reversal by that trace would undo the other.
	"94": declined(payment.NumberUsed),

	batchOver: {payment.Declined, payment.SystemBusy, true}, "99": {payment.Declined, payment.SystemBusy, true}, "A0": {payment.Declined, payment.SystemBusy, true},
	"96": {outcome: payment.Unknown, reason: payment.SystemBusy}, "98": {outcome: payment.Unknown, reason: payment.SystemBusy},
}

func declined(why payment.Reason) verdict { return verdict{outcome: payment.Declined, reason: why} }

func judge(code string) verdict {
	if v, known := verdicts[code]; known {
		return v
	}
	return verdict{outcome: payment.Unknown, reason: payment.BadAnswer}
}

// batchOver asks for a sign-in: the batch of the message is not the open one, or
// the host knows nothing of the terminal any more.
const batchOver = "77"

// Reasons of a reversal, field 39 of 0400.
const (
	causeNoAnswer = "98"
	causeUnwanted = "96"
	causeBadMAC   = "A0"
	causeOther    = "06"
)

func causeOf(why payment.Reason) string {
	switch why {
	case payment.BadSignature:
		return causeBadMAC
	case payment.NoAnswer, payment.NotSent:
		return causeNoAnswer
	}
	return causeOther
}

// closesReversal: done, or there is nothing to be done.
func closesReversal(code string) bool { return code == "00" || code == "12" || code == "25" }
