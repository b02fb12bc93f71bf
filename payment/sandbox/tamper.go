package sandbox

import (
	"bytes"
	"encoding/json"

	"abacus/internal/money"
)

// Fields of answers that hold amounts (fen as numbers, yuan as texts) and
// numbers of ours.
var (
	amountFields = map[string]bool{
		"total": true, "payer_total": true, "refund": true, "payer_refund": true, "settlement_refund": true,
		"total_amount": true, "receipt_amount": true, "buyer_pay_amount": true, "invoice_amount": true,
		"refund_fee": true, "refund_amount": true, "send_back_fee": true, "amount": true,
	}
	numberFields = map[string]bool{"out_trade_no": true, "out_refund_no": true, "out_request_no": true}
)

// moreMoney is the answer with every amount one fen more.
func moreMoney(body []byte) []byte {
	return tamper(body, func(key string, v any) any {
		if !amountFields[key] {
			return v
		}
		switch v := v.(type) {
		case json.Number:
			if n, err := v.Int64(); err == nil {
				return n + 1
			}
		case string:
			if a, err := money.Parse(v, money.CNY); err == nil {
				return a.Add(fen(1)).Decimal()
			}
		}
		return v
	})
}

// otherOrder is the answer under another order's number.
func otherOrder(body []byte) []byte {
	return tamper(body, func(key string, v any) any {
		text, ok := v.(string)
		if !ok || !numberFields[key] || text == "" {
			return v
		}
		last := byte('0')
		if text[len(text)-1] == last {
			last = '1'
		}
		return text[:len(text)-1] + string(last)
	})
}

func tamper(body []byte, change func(key string, v any) any) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if decoder.Decode(&tree) != nil {
		return body // an empty answer stays as it is
	}
	return encode(walk("", tree, change))
}

func walk(key string, v any, change func(string, any) any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = walk(k, v[k], change)
		}
		return v
	case []any:
		for i := range v {
			v[i] = walk(key, v[i], change)
		}
		return v
	}
	return change(key, v)
}

// encode is JSON as both acquirers write it: nothing but the necessary escaped.
func encode(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return []byte("{}") // answers are made of texts and numbers only
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
