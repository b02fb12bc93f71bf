package sandbox

import "encoding/json"

// reason is why an acquirer does not do what it was asked. Each channel has
// its own names for them.
type reason string

const (
	accepted      reason = ""
	notFound      reason = "not-found"      // no such order, or not yet
	codeInvalid   reason = "code-invalid"   // no pay code of this channel, or used
	codeExpired   reason = "code-expired"   //
	otherCode     reason = "other-code"     // the order number is tied to another pay code
	otherTerms    reason = "other-terms"    // the order number was used with other content
	orderPaid     reason = "order-paid"     //
	orderClosed   reason = "order-closed"   //
	orderReversed reason = "order-reversed" //
	isCharge      reason = "is-charge"      // a pay-code order is reversed, not closed
	isPresent     reason = "is-present"     // an order-code order is closed, not reversed
	tooLate       reason = "too-late"       // the window for this is over
	hasRefunds    reason = "has-refunds"    // a refunded order cannot be reversed
	notPaid       reason = "not-paid"       // nothing to refund
	refundTooMuch reason = "refund-too-much"
	refundsExceed reason = "refunds-exceed" // only together with what went back before: Alipay's distinction
	refundTooMany reason = "refund-too-many"
	refundOther   reason = "refund-other"  // the refund number was used with other content
	refundUnknown reason = "refund-absent" //
	noRefund      reason = "no-refund"     // this order takes none
	noReversal    reason = "no-reversal"   // nor that
	merchantPoor  reason = "merchant-poor" // the merchant's balance is too small for the refund
	wrongTotal    reason = "wrong-total"   // the request's total is not the order's
	byCustomer    reason = "by-customer"   // the customer's side said no; code has the acquirer's word
	systemFault   reason = "system-fault"  // nobody can tell: the acquirer's own fault
)

// refusal is a reason and, for byCustomer, the acquirer's own code. The zero
// value is no refusal.
type refusal struct {
	why  reason
	code string
}

func (r refusal) text() string {
	if r.code != "" {
		return r.code
	}
	return string(r.why)
}

// MarshalJSON keeps a refusal in the books.
func (r refusal) MarshalJSON() ([]byte, error) { return json.Marshal([2]string{string(r.why), r.code}) }

// UnmarshalJSON reads what MarshalJSON writes.
func (r *refusal) UnmarshalJSON(data []byte) error {
	var pair [2]string
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	r.why, r.code = reason(pair[0]), pair[1]
	return nil
}
