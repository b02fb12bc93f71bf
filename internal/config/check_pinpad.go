package config

import (
	"slices"

	"abacus/payment"
)

// checkPinpad also keeps a channel from having two acquirers.
func (l *loader) checkPinpad() *fault {
	p := &l.config.Pinpad
	if f := first(
		oneOf("pinpad.kind", p.Kind, "none", "serial", "tcp"),
		within("pinpad.baud", p.Baud, 1200, 921600),
		within("pinpad.customer_seconds", p.CustomerSeconds, 5, 600),
		each(p.Codes, func(i int, code string) *fault {
			return first(
				oneOf(item("pinpad.codes", i), code, l.codesLeft()...),
				twice(item("pinpad.codes", i), code, slices.Index(p.Codes, code) < i),
			)
		}),
	); f != nil {
		return f
	}
	switch p.Kind {
	case "serial":
		return needed("pinpad.path", p.Path, "pinpad.kind: serial")
	case "tcp":
		return first(needed("pinpad.address", p.Address, "pinpad.kind: tcp"), hostPort("pinpad.address", p.Address))
	}
	return nil
}

// codesLeft are the channels that have no acquirer of their own.
func (l *loader) codesLeft() []string {
	left := []string{string(payment.UnionPay)}
	if !l.alipayOn {
		left = append(left, string(payment.Alipay))
	}
	if !l.wechatOn {
		left = append(left, string(payment.WeChat))
	}
	return left
}
