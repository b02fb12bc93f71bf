package alipay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"abacus/payment"
	"abacus/payment/wire"
)

const timeLayout = "2006-01-02 15:04:05"

// Charge takes money with the customer's pay code (alipay.trade.pay).
func (c *Client) Charge(ctx context.Context, ch payment.Charge) payment.Answer {
	if err := check(ch, false); err != nil {
		return wire.Unsent(err)
	}
	f := c.order(ch)
	f["scene"], f["auth_code"] = "bar_code", ch.Code
	f["query_options"] = []string{"fund_bill_list"}
	r := c.call(ctx, "alipay.trade.pay", f)
	return wire.CleanAnswer(charged(r, expected{ch.Order, ch.Amount}), ch.Code)
}

// Present registers an order for the customer to scan
// (alipay.trade.precreate).
func (c *Client) Present(ctx context.Context, ch payment.Charge) payment.Answer {
	if err := check(ch, true); err != nil {
		return wire.Unsent(err)
	}
	f := c.order(ch)
	// The other time begins with the scan only, which makes the trade: until then
	// the code would be good for two hours, with nobody there to end it.
	f["qr_code_timeout_express"] = f["timeout_express"]
	r := c.call(ctx, "alipay.trade.precreate", f)
	return wire.CleanAnswer(presented(r, expected{ch.Order, ch.Amount}), "")
}

func check(ch payment.Charge, presenting bool) error {
	switch ch.Huabei.Instalments {
	case 0, 3, 6, 12:
	default:
		return errors.New("huabei: instalments come in 3, 6 or 12")
	}
	return wire.CheckCharge(ch, presenting)
}

// order is what a charge and a registration have in common. A repeat of the
// same charge is the same text, or Alipay would take it for another order.
func (c *Client) order(ch payment.Charge) fields {
	f := fields{
		"out_trade_no": ch.Order,
		"subject":      subject(cmp.Or(ch.Subject, ch.Store, ch.Order)),
		"total_amount": ch.Amount.Decimal(),
		"product_code": "FACE_TO_FACE_PAYMENT",
	}
	f.set("store_id", wire.Truncate(cmp.Or(c.config.StoreID, ch.Store), 32))
	f.set("terminal_id", wire.Truncate(ch.Till, 32))
	f.set("operator_id", wire.Truncate(ch.Cashier, 28))
	// An order nobody looks after must die by itself, and by Alipay's clock: one
	// that this machine's clock had live for hours could be paid for hours.
	life := cmp.Or(ch.Life, 2*time.Minute)
	f["timeout_express"] = fmt.Sprintf("%dm", max(1, (life+time.Minute-1)/time.Minute))
	f.huabei(ch.Huabei)
	return f
}

// huabei allows, forbids or splits Huabei credit. Only Huabei is shut out, not
// credit cards with it, as the channel group credit_group would
// (https://opendocs.alipay.com/open/common/wifww7).
func (f fields) huabei(h payment.Huabei) {
	if h.Forbid {
		f["disable_pay_channels"] = "pcredit,pcreditpayInstallment"
		return
	}
	if h.Instalments == 0 {
		return
	}
	share := "0"
	if h.SellerPays {
		share = "100"
	}
	f["extend_params"] = map[string]string{
		"hb_fq_num":            strconv.Itoa(h.Instalments),
		"hb_fq_seller_percent": share,
	}
}

// subject leaves out what Alipay refuses in a subject.
func subject(text string) string {
	return wire.Truncate(strings.Map(func(r rune) rune {
		if strings.ContainsRune("/=&", r) {
			return ' '
		}
		return r
	}, text), 40)
}

// charged reads the answer to a charge.
func charged(r reply, want expected) payment.Answer {
	if r.doubt != "" {
		return r.unknown(r.doubt)
	}
	switch r.Code {
	case "10000":
		return r.paid(want)
	case "10003":
		if r.OutTradeNo != "" && r.mismatch(want) != "" {
			return r.unknown(r.mismatch(want))
		}
		return payment.Answer{Outcome: payment.Waiting, Reason: payment.Password, Detail: r.detail(), Reference: r.TradeNo}
	}
	v := r.verdict()
	return payment.Answer{Outcome: v.outcome, Reason: v.reason, Detail: r.detail()}
}

// paid reads a charge's success. It carries no trade_status; one that does is
// the answer to a query in disguise, for the signature does not cover the
// method's name.
func (r reply) paid(want expected) payment.Answer {
	switch wrong := r.mismatch(want); {
	case wrong != "":
		return r.unknown(wrong)
	case r.TotalAmount == "":
		return r.unknown(payment.WrongAmount)
	case r.TradeStatus != "" && r.TradeStatus != "TRADE_SUCCESS":
		return r.unknown(payment.BadAnswer)
	}
	return r.described(payment.Paid, payment.NoReason)
}

// presented reads the answer to a registration.
func presented(r reply, want expected) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case !r.ok():
		v := r.verdict()
		return payment.Answer{Outcome: v.outcome, Reason: v.reason, Detail: r.detail()}
	case r.mismatch(want) != "":
		return r.unknown(r.mismatch(want))
	case !orderCode(r.QRCode):
		return r.unknown(payment.BadAnswer)
	}
	return payment.Answer{Outcome: payment.Waiting, OrderCode: r.QRCode}
}

// orderCode reports whether a text can be an order code: short enough to be
// drawn, printable, and a link.
func orderCode(text string) bool {
	if !strings.HasPrefix(text, "https://") || len(text) > 256 {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}
