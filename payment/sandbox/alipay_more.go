package sandbox

import (
	"bytes"
	"io"
	"mime/multipart"
	"slices"
)

// readMultipart reads a body of form fields into merged.
func readMultipart(merged map[string]string, body []byte, boundary string) bool {
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return true
		}
		if err != nil {
			return false
		}
		value, err := io.ReadAll(part)
		if _, twice := merged[part.FormName()]; err != nil || twice {
			return false
		}
		merged[part.FormName()] = string(value)
	}
}

// tradeStatus is Alipay's word for where an order stands.
func (o *order) tradeStatus() string {
	switch o.State {
	case waiting:
		return "WAIT_BUYER_PAY"
	case paid:
		return "TRADE_SUCCESS"
	}
	return "TRADE_CLOSED"
}

// number is the order's number of ours; the gateway takes its own as well.
func (s *alipayServer) number(b biz) (string, refusal) {
	if b.TradeNo == "" {
		return b.OutTradeNo, refusal{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[s.byReference[alipay+"/"+b.TradeNo]]
	if o == nil || b.OutTradeNo != "" && b.OutTradeNo != o.Number {
		return "", refusal{why: notFound}
	}
	return o.Number, refusal{}
}

// tradeQuery is alipay.trade.query.
func (s *alipayServer) tradeQuery(b biz, late bool) map[string]any {
	number, refused := s.number(b)
	var o *order
	if refused.why == accepted {
		o, refused = s.query(alipay, number, late)
	}
	if refused.why != accepted {
		return refused.alipay()
	}
	node := done("10000", o)
	node["trade_status"], node["total_amount"] = o.tradeStatus(), o.Amount.Decimal()
	node["buyer_logon_id"] = o.buyer()
	if !o.Captured.Positive() {
		return node
	}
	o.paidFields(node)
	node["send_pay_date"] = o.PaidAt.In(beijing).Format(alipayTime)
	if slices.Contains(b.QueryOptions, "fund_bill_list") {
		node["fund_bill_list"] = o.funds()
	}
	return node
}

// cancel is alipay.trade.cancel: action says whether money went back. There is
// none, nor a trade_no, where there is no trade. Source: alipay.trade.cancel,
// "action", and answers about numbers that were never charged.
func (s *alipayServer) cancel(b biz, _ bool) map[string]any {
	number, refused := s.number(b)
	if refused.why != accepted {
		return refused.alipay()
	}
	o, refused := s.reverse(alipay, number, b.strike)
	switch {
	case refused.why == accepted, refused.why == notFound && number != "":
	case refused.why == systemFault:
		node := refused.alipay()
		node["retry_flag"] = "Y"
		return node
	default:
		return refused.alipay()
	}
	node := map[string]any{"code": "10000", "msg": alipayMessages["10000"], "out_trade_no": number, "retry_flag": "N"}
	if o == nil || o.unborn() {
		return node // done, with nothing to do it to
	}
	node["trade_no"], node["action"] = o.Reference, "close"
	if o.Reversed.Positive() {
		node["action"] = "refund"
	}
	return node
}

// tradeClose is alipay.trade.close, for unpaid orders.
func (s *alipayServer) tradeClose(b biz, late bool) map[string]any {
	number, refused := s.number(b)
	var o *order
	if refused.why == accepted {
		o, refused = s.close(alipay, number, late)
	}
	switch refused.why {
	case accepted:
		return done("10000", o)
	case orderPaid, orderClosed, orderReversed:
		refused.why = notPaid // the one word this method has for a wrong state
	}
	return refused.alipay()
}

// tradeRefund is alipay.trade.refund. refund_fee in the answer is the sum of
// all refunds so far; fund_change says whether this call moved money.
func (s *alipayServer) tradeRefund(b biz, _ bool) map[string]any {
	number, refused := s.number(b)
	switch {
	case refused.why != accepted:
		return refused.alipay()
	case !b.RefundAmount.Positive():
		return invalid("refund_amount须大于0")
	case b.OutRequestNo != "" && (len(b.OutRequestNo) > 64 || !refundNumber.MatchString(b.OutRequestNo)):
		return invalid("out_request_no须为1到64位字母、数字、下划线")
	}
	request := b.OutRequestNo
	if request == "" { // only a refund of the whole may do without
		o, refused := s.query(alipay, number, false)
		if refused.why == accepted && !o.Amount.Equal(b.RefundAmount.Amount) {
			return invalid("部分退款须填写out_request_no")
		}
		request = number
	}
	o, moved, refused := s.acquirer.refund(giveBack{
		channel: alipay, order: number, number: request, amount: b.RefundAmount.Amount, strike: b.strike,
	})
	switch refused.why {
	case accepted:
	case refundTooMuch: // three words for it: the trade is over, the sum of its refunds, this one alone
		switch {
		case o.State == refunded:
			refused.why = orderClosed
		case !o.Captured.Less(b.RefundAmount.Amount):
			refused.why = refundsExceed
		}
		fallthrough
	default:
		return refused.alipay()
	}
	node := done("10000", o)
	node["buyer_logon_id"], node["refund_fee"], node["fund_change"] = o.buyer(), o.refundedSum().Decimal(), "N"
	if moved {
		node["fund_change"] = "Y"
	}
	r, _ := o.refund(request)
	node["gmt_refund_pay"] = r.At.In(beijing).Format(alipayTime)
	node["send_back_fee"] = r.Amount.Decimal()
	return node
}

// refundQuery is alipay.trade.fastpay.refund.query. An answer without
// refund_status means that there is no such refund.
func (s *alipayServer) refundQuery(b biz, late bool) map[string]any {
	number, refused := s.number(b)
	if refused.why != accepted {
		return refused.alipay()
	}
	request := orElse(b.OutRequestNo, number)
	o, r, refused := s.queryRefund(alipay, request, number, late)
	switch refused.why {
	case accepted:
	case refundUnknown:
		return map[string]any{"code": "10000", "msg": alipayMessages["10000"]}
	default:
		return refused.alipay()
	}
	node := done("10000", o)
	node["out_request_no"], node["refund_amount"] = request, r.Amount.Decimal()
	node["total_amount"], node["refund_status"] = o.Amount.Decimal(), "REFUND_SUCCESS"
	return node
}
