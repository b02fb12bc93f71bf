package headless

import (
	"math"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// method is how a request becomes a command.
type method struct {
	build func(*params) till.Command
	reads bool // changes nothing, so that doing it twice does no harm
	// for somebody outside: later requests may begin meanwhile. None of them
	// loses anything by that: the core takes one command after the other and
	// refuses what a payment or refund in doubt forbids.
	waits bool
}

const (
	defaultWait = 60_000  // milliseconds
	longestWait = 600_000 // milliseconds
	idLimit     = 64      // characters of a sale's, payment's or refund's number
)

// The states that payments and refunds are asked for by.
var (
	paymentStates = []ledger.PaymentState{ledger.PaymentWaiting, ledger.PaymentChecking, ledger.PaymentPaid, ledger.PaymentDeclined, ledger.PaymentReversed}
	refundStates  = []ledger.RefundState{ledger.RefundChecking, ledger.RefundPending, ledger.RefundDone, ledger.RefundRefused, ledger.RefundAbnormal}
)

// methods is every command's method; till.snapshot and till.watch are not
// commands. "key" is read by the caller, for all alike.
var methods = map[string]method{
	"till.hello": {reads: true, build: func(*params) till.Command { return till.Hello{} }},

	"operator.login": {build: func(p *params) till.Command {
		return till.Login{Operator: p.text("operator", idLimit), PIN: p.text("pin", idLimit)}
	}},
	"operator.logout": {build: func(*params) till.Command { return till.Logout{} }},

	"shift.open": {build: func(p *params) till.Command { return till.ShiftOpen{Float: p.sum("float")} }},
	"shift.cash": {build: func(p *params) till.Command {
		return till.ShiftCash{Amount: p.amount("amount"), Reason: p.text("reason", textLimit)}
	}},
	"shift.close": {build: func(p *params) till.Command { return till.ShiftClose{Counted: p.sum("counted")} }},

	"sale.open": {build: func(p *params) till.Command {
		return till.SaleOpen{Reference: p.text("reference", textLimit)}
	}},
	"sale.get":    {reads: true, build: func(p *params) till.Command { return till.SaleGet{Sale: p.text("sale", idLimit)} }},
	"sale.hold":   {build: func(p *params) till.Command { return till.SaleHold{Sale: p.text("sale", idLimit)} }},
	"sale.recall": {build: func(p *params) till.Command { return till.SaleRecall{Sale: p.text("sale", idLimit)} }},
	"sale.void": {build: func(p *params) till.Command {
		return till.SaleVoid{Sale: p.text("sale", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"sale.dismiss": {build: func(*params) till.Command { return till.SaleDismiss{} }},
	"sale.list":    {reads: true, build: func(p *params) till.Command { return till.SalesList{Limit: int(p.number("limit", 1, 1000))} }},

	"sale.add": {build: func(p *params) till.Command {
		return till.SaleAdd{
			Sale: p.text("sale", idLimit), Code: p.text("code", textLimit), Name: p.text("name", textLimit),
			Amount: p.amount("amount"), Quantity: p.quantity("quantity"),
		}
	}},
	"sale.quantity": {build: func(p *params) till.Command {
		return till.SaleSetQuantity{Sale: p.text("sale", idLimit), Line: p.line(), Quantity: p.quantity("quantity")}
	}},
	"sale.remove": {build: func(p *params) till.Command {
		return till.SaleRemove{Sale: p.text("sale", idLimit), Line: p.line()}
	}},
	"sale.discount": {build: func(p *params) till.Command {
		return till.SaleDiscount{
			Sale: p.text("sale", idLimit), Line: p.line(), Amount: p.amount("amount"),
			Percent: int(p.number("percent", 1, 100)), Reason: p.text("reason", textLimit),
		}
	}},
	"sale.scan": {build: func(p *params) till.Command {
		return till.SaleScan{Sale: p.text("sale", idLimit), Text: p.raw("text", lineLimit), Pay: p.flag("pay"), Quantity: p.quantity("quantity")}
	}},
	"sale.pay": {build: func(p *params) till.Command {
		return till.SalePay{
			Sale: p.text("sale", idLimit), Method: p.text("method", idLimit), Amount: p.amount("amount"),
			Tendered: p.amount("tendered"), Code: p.raw("code", textLimit), Present: p.flag("present"),
			Huabei: int(p.number("huabei", 0, 12)), PIN: till.PIN(p.raw("pin", idLimit)),
		}
	}},

	"prepaid.issue": {build: func(p *params) till.Command {
		return till.PrepaidIssue{Number: p.raw("number", idLimit), PIN: till.PIN(p.raw("pin", idLimit))}
	}},
	"prepaid.topup": {build: func(p *params) till.Command {
		return till.PrepaidTopUp{Sale: p.text("sale", idLimit), Number: p.raw("number", idLimit), Amount: p.amount("amount")}
	}},
	"prepaid.get": {reads: true, build: func(p *params) till.Command { return till.PrepaidGet{Number: p.raw("number", idLimit)} }},
	"prepaid.list": {reads: true, build: func(p *params) till.Command {
		return till.PrepaidList{Ending: p.text("ending", idLimit), Limit: int(p.number("limit", 1, 1000))}
	}},
	"prepaid.freeze": {build: func(p *params) till.Command {
		return till.PrepaidFreeze{Number: p.raw("number", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"prepaid.thaw": {build: func(p *params) till.Command {
		return till.PrepaidThaw{Number: p.raw("number", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"prepaid.extend": {build: func(p *params) till.Command {
		return till.PrepaidExtend{Number: p.raw("number", idLimit), Expires: p.text("expires", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"prepaid.expire": {build: func(p *params) till.Command {
		return till.PrepaidExpire{Number: p.raw("number", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"prepaid.pin": {build: func(p *params) till.Command {
		return till.PrepaidPIN{Number: p.raw("number", idLimit), PIN: till.PIN(p.raw("pin", idLimit)), Reason: p.text("reason", textLimit)}
	}},

	"payment.get": {reads: true, build: func(p *params) till.Command { return till.PaymentGet{Payment: p.text("payment", idLimit)} }},
	"payment.wait": {reads: true, waits: true, build: func(p *params) till.Command {
		return till.PaymentWait{Payment: p.text("payment", idLimit), Timeout: p.timeout()}
	}},
	"payment.query": {waits: true, build: func(p *params) till.Command {
		return till.PaymentQuery{Payment: p.text("payment", idLimit)}
	}},
	"payment.cancel": {build: func(p *params) till.Command { return till.PaymentCancel{Payment: p.text("payment", idLimit)} }},
	"payment.switch": {build: func(p *params) till.Command {
		return till.PaymentSwitch{Payment: p.text("payment", idLimit), Channel: payment.Channel(p.text("channel", idLimit))}
	}},
	"payment.force": {build: func(p *params) till.Command {
		return till.PaymentForce{Payment: p.text("payment", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"payment.find": {reads: true, waits: true, build: func(p *params) till.Command {
		return till.PaymentFind{Number: p.text("number", idLimit)}
	}},
	"payment.doubles": {reads: true, build: func(p *params) till.Command {
		return till.Doubles{Days: int(p.number("days", 1, 31))}
	}},
	"payment.list": {reads: true, build: func(p *params) till.Command {
		return till.PaymentList{State: oneOf(p, "state", paymentStates...), Limit: int(p.number("limit", 1, 1000))}
	}},

	"refund.create": {build: func(p *params) till.Command {
		return till.RefundCreate{
			Payment: p.text("payment", idLimit), Sale: p.text("sale", idLimit),
			Amount: p.amount("amount"), Reason: p.text("reason", textLimit),
		}
	}},
	"payment.decide": {build: func(p *params) till.Command {
		return till.PaymentDecide{Payment: p.text("payment", idLimit), Done: p.choice("done"), Slip: p.slip(), Reason: p.text("reason", textLimit)}
	}},
	"refund.decide": {build: func(p *params) till.Command {
		return till.RefundDecide{Refund: p.text("refund", idLimit), Done: p.choice("done"), Slip: p.slip(), Reason: p.text("reason", textLimit)}
	}},
	"refund.query": {waits: true, build: func(p *params) till.Command { return till.RefundQuery{Refund: p.text("refund", idLimit)} }},
	"refund.list": {reads: true, build: func(p *params) till.Command {
		return till.RefundList{State: oneOf(p, "state", refundStates...), Open: p.flag("open"), Limit: int(p.number("limit", 1, 1000))}
	}},
	"refund.retry": {build: func(p *params) till.Command { return till.RefundRetry{Refund: p.text("refund", idLimit)} }},
	"refund.given": {build: func(p *params) till.Command {
		return till.RefundGiven{Refund: p.text("refund", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"refund.get": {reads: true, build: func(p *params) till.Command { return till.RefundGet{Refund: p.text("refund", idLimit)} }},

	"receipt.print": {build: func(p *params) till.Command {
		return till.ReceiptPrint{Sale: p.text("sale", idLimit), Hold: p.text("hold", idLimit), Reason: p.text("reason", textLimit), Z: p.number("z", -1, math.MaxInt64)}
	}},
	"receipt.text": {reads: true, build: func(p *params) till.Command {
		return till.ReceiptText{Sale: p.text("sale", idLimit), Width: int(p.number("width", 1, 500))}
	}},
	"printer.probe": {build: func(*params) till.Command { return till.PrinterProbe{} }},
	"scanner.sheet": {build: func(*params) till.Command { return till.ScannerSheet{} }},
	"drawer.open":   {build: func(p *params) till.Command { return till.DrawerOpen{Reason: p.text("reason", textLimit)} }},

	"till.doctor": {reads: true, waits: true, build: func(*params) till.Command { return till.Examine{} }},

	"report.x": {reads: true, build: func(*params) till.Command { return till.ReportX{} }},
	"report.z": {reads: true, build: func(p *params) till.Command {
		return till.ReportZ{Number: p.number("number", 1, math.MaxInt64)}
	}},
	"journal.sync": {waits: true, build: func(*params) till.Command { return till.JournalSync{} }},
	"journal.list": {reads: true, build: func(p *params) till.Command {
		return till.JournalList{After: p.number("after", 0, math.MaxInt64), Limit: int(p.number("limit", 1, 1000))}
	}},
	"goods.search": {reads: true, build: func(p *params) till.Command {
		return till.GoodsSearch{Text: p.text("text", textLimit), Limit: int(p.number("limit", 1, 1000))}
	}},

	"card.settle": {waits: true, build: func(*params) till.Command { return till.CardSettle{} }},
	"card.balance": {reads: true, waits: true, build: func(p *params) till.Command {
		return till.CardBalance{Text: p.raw("text", lineLimit)}
	}},
	"card.test": {reads: true, waits: true, build: func(*params) till.Command { return till.CardTest{} }},
	"card.hold": {build: func(p *params) till.Command {
		return till.CardHold{Amount: p.amount("amount"), Reference: p.text("reference", textLimit)}
	}},
	"card.complete": {build: func(p *params) till.Command {
		return till.CardComplete{Hold: p.text("hold", idLimit), Sale: p.text("sale", idLimit), Amount: p.amount("amount")}
	}},
	"card.reopen": {build: func(p *params) till.Command {
		return till.CardReopen{Hold: p.text("hold", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"card.release": {build: func(p *params) till.Command {
		return till.CardRelease{Hold: p.text("hold", idLimit), Reason: p.text("reason", textLimit)}
	}},
	"card.cancel": {build: func(p *params) till.Command { return till.CardCancel{Hold: p.text("hold", idLimit)} }},
	"card.query":  {build: func(p *params) till.Command { return till.CardQuery{Hold: p.text("hold", idLimit)} }},
	"card.wait": {reads: true, waits: true, build: func(p *params) till.Command {
		return till.CardWait{Hold: p.text("hold", idLimit), Timeout: p.timeout()}
	}},
	"card.holds": {reads: true, build: func(p *params) till.Command {
		return till.CardHolds{All: p.flag("all"), Limit: int(p.number("limit", 1, 1000))}
	}},
	"card.decide": {build: func(p *params) till.Command {
		return till.CardDecide{Hold: p.text("hold", idLimit), Done: p.choice("done"), Slip: p.slip(), Reason: p.text("reason", textLimit)}
	}},

	"sandbox.customer": {build: func(p *params) till.Command {
		return till.CustomerPlays{
			Channel:   payment.Channel(p.text("channel", idLimit)),
			Behaviour: p.text("behaviour", idLimit), Order: p.text("order", idLimit),
		}
	}},
}

// timeout is how long somebody waits.
func (p *params) timeout() time.Duration {
	return time.Duration(min(p.numberOr(defaultWait, "timeout_ms", 0, math.MaxInt64), longestWait)) * time.Millisecond
}

// slip is what stands on a bank terminal's slip.
func (p *params) slip() payment.Slip {
	return payment.Slip{Trace: p.text("trace", idLimit), Reference: p.text("reference", idLimit), Auth: p.text("auth", idLimit), Date: p.text("date", idLimit)}
}

// line is a line's number on the sale, from 1.
func (p *params) line() int { return int(p.number("line", 1, math.MaxInt32)) }
