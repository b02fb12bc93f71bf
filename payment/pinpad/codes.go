package pinpad

import (
	"strings"

	"abacus/payment"
)

const (
	approved   = "00"
	noOriginal = "25" // no such transaction here, or undone before
)

// verdict is what a code other than "00" means for the money.
type verdict struct {
	certain bool // no money was taken
	reason  payment.Reason
}

// verdicts are the codes that are known to be a certain no. Everything else,
// known doubts (68 and 98 "no answer in time", 96 "host fault", A0 "MAC") and
// codes never heard of alike, is settled by asking for the last transaction.
// Source: UnionPay's table of answer codes (field 39), as printed in terminals'
// manuals.
var verdicts = map[string]verdict{
	"01": {true, payment.CardRefused}, "02": {true, payment.CardRefused}, // ask the issuer
	"03": {true, payment.Configuration},                          // merchant not valid
	"04": {true, payment.CardRefused},                            // keep the card
	"05": {true, payment.Refused},                                // do not honour
	"12": {true, payment.Refused}, "13": {true, payment.Refused}, // transaction, amount not valid
	"14": {true, payment.CardRefused}, "15": {true, payment.CardRefused}, // card number, issuer
	"21":       {true, payment.Refused},                                                                // card not active
	noOriginal: {true, payment.NotFound},                                                               //
	"30":       {true, payment.Refused},                                                                // format
	"33":       {true, payment.CardRefused}, "34": {true, payment.Risk}, "35": {true, payment.Refused}, // expired, suspected, ask
	"36": {true, payment.CardRefused}, "38": {true, payment.CardRefused}, // restricted, PIN tries
	"40": {true, payment.Refused}, "41": {true, payment.CardRefused}, "43": {true, payment.CardRefused}, // not offered, lost, stolen
	"51": {true, payment.NoFunds},                                    //
	"54": {true, payment.CardRefused}, "55": {true, payment.Refused}, // expired, wrong PIN
	"57": {true, payment.CardRefused}, "58": {true, payment.Configuration}, "59": {true, payment.Risk}, // not for card, not for terminal, fraud
	"61": {true, payment.OverLimit}, "62": {true, payment.CardRefused}, "63": {true, payment.Risk}, // amount, restricted, security
	"64": {true, payment.Refused}, "65": {true, payment.OverLimit}, "66": {true, payment.Configuration}, // original amount, tries, ask acquirer
	"75": {true, payment.CardRefused},                                        // too many PIN tries
	"76": {true, payment.Configuration}, "77": {true, payment.Configuration}, // sign on again
	"79": {true, payment.CardRefused},                               // offline data
	"97": {true, payment.Configuration},                             // terminal number unknown
	"C1": {true, payment.Cancelled}, "C2": {true, payment.TimedOut}, // on the terminal: red key, no card in time
	"B1": {true, payment.CodeInvalid}, "B2": {true, payment.CodeExpired}, // the phone's code
}

// verdictOf reads a code other than "00".
func verdictOf(code string) verdict {
	if v, ok := verdicts[strings.ToUpper(code)]; ok {
		return v
	}
	switch code {
	case "68", "98":
		return verdict{false, payment.TerminalSilent}
	case "96", "91", "92", "94":
		return verdict{false, payment.SystemBusy}
	}
	return verdict{false, payment.BadAnswer}
}
