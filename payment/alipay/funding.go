package alipay

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"abacus/payment"
	"abacus/payment/wire"
)

// described is an answer with all that is known of the payment. What it adds
// decorates the receipt and never decides: a part that cannot be read is left
// out.
func (r reply) described(outcome payment.Outcome, reason payment.Reason) payment.Answer {
	a := payment.Answer{
		Outcome:     outcome,
		Reason:      reason,
		Detail:      r.detail(),
		Reference:   r.TradeNo,
		Payer:       r.BuyerLogonID,
		Funding:     funding(r.FundBillList),
		Instalments: instalments(r.HBFQPayInfo),
	}
	if !strings.Contains(a.Payer, "*") { // Alipay masks it by itself, as a rule
		a.Payer = wire.MaskID(a.Payer)
	}
	for _, text := range []string{r.GmtPayment, r.SendPayDate} {
		if at, err := time.ParseInLocation(timeLayout, text, beijing()); err == nil {
			a.PaidAt = at
		}
	}
	return a
}

// unquoted undoes the wrapping of lists and objects into strings, which
// Alipay does in some answers and not in others.
func unquoted(raw json.RawMessage) []byte {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []byte(text)
	}
	return raw
}

// funding is where the customer's money came from: PCREDIT (Huabei) if any of
// it did, else the first channel named. The library reads this list into
// floats, so it is read here.
func funding(raw json.RawMessage) string {
	var bills []struct {
		Channel string `json:"fund_channel"`
	}
	if json.Unmarshal(unquoted(raw), &bills) != nil || len(bills) == 0 {
		return ""
	}
	for _, b := range bills {
		if b.Channel == "PCREDIT" {
			return b.Channel
		}
	}
	return bills[0].Channel
}

// instalments is the number the customer chose; 0 if none.
func instalments(raw json.RawMessage) int {
	var info struct {
		Number string `json:"user_install_num"`
	}
	if json.Unmarshal(unquoted(raw), &info) != nil {
		return 0
	}
	n, err := strconv.Atoi(info.Number)
	if err != nil || n < 0 || n > 36 {
		return 0
	}
	return n
}
