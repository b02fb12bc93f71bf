package printer_test

import (
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/printer"
)

// document is anything the till prints.
type document interface {
	Document(texts *lang.Paper) printer.Document
}

// sample is one paper, with its texts in the language's own goods names.
type sample struct {
	name string
	make func(tag lang.Tag) document
}

var shanghai = time.FixedZone("CST", 8*3600)

func at(hour, minute int) time.Time {
	return time.Date(2026, 11, 21, hour, minute, 5, 0, shanghai)
}

func pick(tag lang.Tag, chinese, english string) string {
	if tag == lang.Chinese {
		return chinese
	}
	return english
}

const headHash = "9f3a61c05b7d2e84aa17c6f0d3b9854e7710fe42c8a96b3dd5021f8ce67b4a90"

func heading(tag lang.Tag) printer.Heading {
	return printer.Heading{
		Store: []string{
			pick(tag, "鼓楼便民超市", "Gulou Corner Shop"),
			pick(tag, "南京市鼓楼区中山路 1 号", "1 Zhongshan Road, Gulou, Nanjing"),
			"025-8330 0000",
		},
		Till: "01",
	}
}

func sale(tag lang.Tag) printer.Receipt {
	return printer.Receipt{
		Heading:  heading(tag),
		Number:   "20261121-0042",
		Operator: pick(tag, "王芳", "Wang Fang"),
		At:       at(14, 32),
		Lines: []printer.Line{
			{Name: pick(tag, "农夫山泉饮用天然水 550ml", "Nongfu Spring water 550ml"), Quantity: "2", Price: money.Fen(200), Amount: money.Fen(400)},
			{Name: pick(tag, "可乐", "Cola"), Quantity: "1", Price: money.Fen(300), Amount: money.Fen(300)},
		},
		Total: money.Fen(700),
		Payments: []printer.Payment{{
			Channel: "wechat", Amount: money.Fen(700), Order: "T01_20261121_0042_1",
			AcquirerRef: "4200001234202611210123456789", Payer: "o6_b…x9Q", Funding: "BALANCE",
		}},
		Journal: printer.Journal{Number: 1234, Hash: headHash},
		Code:    "20261121-0042",
	}
}

func discounted(tag lang.Tag) printer.Receipt {
	r := sale(tag)
	r.Reference = "WEB-77120"
	r.Lines = append(r.Lines, printer.Line{
		Name: pick(tag, "康师傅红烧牛肉面", "Master Kong beef noodles"), Quantity: "2", Price: money.Fen(450), Amount: money.Fen(900),
		Discount: money.Fen(225), Reason: pick(tag, "第二件半价", "second at half price"),
	})
	r.Discounts = []printer.Discount{{Reason: pick(tag, "会员满十减一", "member, 1 off 10"), Amount: money.Fen(100)}}
	r.Total = money.Fen(1275)
	r.Payments[0].Amount = r.Total
	return r
}

func weighed(tag lang.Tag) printer.Receipt {
	r := sale(tag)
	r.Lines = []printer.Line{
		{Name: pick(tag, "散装苹果", "Loose apples"), Quantity: "0.512 kg", Price: money.Fen(998), Amount: money.Fen(511)},
		{Name: pick(tag, "澳洲进口谷饲安格斯原切西冷牛排(冷冻)", "Australian grain-fed Angus sirloin steak, frozen"), Quantity: "1.250 kg", Price: money.Fen(128_00), Amount: money.Fen(160_00)},
	}
	r.Total = money.Fen(16511)
	r.Payments[0].Amount = r.Total
	return r
}

func split(tag lang.Tag) printer.Receipt {
	r := sale(tag)
	r.Lines = []printer.Line{{Name: pick(tag, "电饭煲 4L", "Rice cooker 4 l"), Quantity: "1", Price: money.Fen(1_299_00), Amount: money.Fen(1_299_00)}}
	r.Total = money.Fen(1_299_00)
	r.Payments = []printer.Payment{
		{Channel: "alipay", Amount: money.Fen(1_000_00), Order: "T01_20261121_0042_1", AcquirerRef: "2026112122001412341234567890", Payer: "138****5678", Funding: "PCREDIT", Instalments: 3},
		{Channel: "cash", Amount: money.Fen(299_00), Tendered: money.Fen(300_00), Change: money.Fen(1_00)},
	}
	return r
}

func cash(tag lang.Tag) printer.Receipt {
	r := sale(tag)
	r.Training = true
	r.Payments = []printer.Payment{{Channel: "cash", Amount: money.Fen(700), Tendered: money.Fen(100_00), Change: money.Fen(93_00)}}
	return r
}

func reprint(tag lang.Tag) printer.Receipt {
	r := sale(tag)
	r.Copy, r.Sandbox = 2, true
	r.Refunds = []printer.Refund{
		{At: at(15, 1), Channel: "wechat", Amount: money.Fen(200), State: "done"},
		{At: at(15, 9), Channel: "wechat", Amount: money.Fen(100), State: "checking"},
	}
	return r
}

func slip(tag lang.Tag) printer.RefundSlip {
	return printer.RefundSlip{
		Heading: heading(tag), Number: "20261121-0042-1-R1", Sale: "20261121-0042", Order: "T01_20261121_0042_1",
		Channel: "wechat", Amount: money.Fen(400), Reason: pick(tag, "瓶盖破损", "broken cap"), State: "pending",
		AcquirerRef: "50300907122026112100123456789", Operator: pick(tag, "王芳", "Wang Fang"), Approver: pick(tag, "李雷", "Li Lei"),
		At: at(15, 1), Journal: printer.Journal{Number: 1301, Hash: headHash},
	}
}

func holdSlip(tag lang.Tag) printer.HoldSlip {
	return printer.HoldSlip{
		Heading: heading(tag), Number: "H20261121-57", Reference: "302", Channel: "card", Amount: money.Fen(100000), State: "held",
		AcquirerRef: "900000000107", Trace: "000107", Auth: "000749", Payer: "622202******0007", Funding: "0308",
		Operator: pick(tag, "王芳", "Wang Fang"), At: at(15, 1), Journal: printer.Journal{Number: 58, Hash: headHash},
	}
}

// released is a hold given up.
func released(tag lang.Tag) printer.HoldSlip {
	h := holdSlip(tag)
	h.State, h.Reason = "released", pick(tag, "顾客退房/归还", "customer leaves")
	return h
}

func xReport(tag lang.Tag) printer.Report {
	return printer.Report{
		Heading: heading(tag), Shift: "S000012", OpenedBy: pick(tag, "王芳", "Wang Fang"), OpenedAt: at(8, 0), At: at(16, 0),
		From: 1001, To: 1402, Sales: 1204, Voided: 3, Removed: 17, Openings: 41, Reprints: 2,
		Gross: money.Fen(41_286_50), Refunds: money.Fen(312_00), Net: money.Fen(40_974_50), Discounts: money.Fen(890_25),
		Channels: []printer.Total{
			{Name: "wechat", Count: 560, Amount: money.Fen(18_204_20), RefundCount: 6, Refunds: money.Fen(200_00)},
			{Name: "alipay", Count: 431, Amount: money.Fen(13_870_80), RefundCount: 3, Refunds: money.Fen(112_00)},
			{Name: "card", Count: 98, Amount: money.Fen(5_102_00)},
			{Name: "cash", Count: 115, Amount: money.Fen(4_109_50)},
		},
		Operators: []printer.Total{{Name: pick(tag, "王芳", "Wang Fang"), Count: 1204, Amount: money.Fen(41_286_50), RefundCount: 9, Refunds: money.Fen(312_00)}},
		Doubtful:  1, DoubtSum: money.Fen(11_36), Holds: 2, HoldSum: money.Fen(1_500_00),
		Head: printer.Journal{Number: 1402, Hash: headHash}, GrandTotal: money.Fen(9_812_345_67), GrandBack: money.Fen(54_321_00),
	}
}

func zReport(tag lang.Tag) printer.Report {
	r := xReport(tag)
	r.Z, r.ClosedAt, r.Doubtful, r.DoubtSum = 12, at(16, 0), 0, money.Fen(0)
	r.Doubles = 2
	r.Cash = &printer.CashCount{
		Float: money.Fen(500_00), Sales: money.Fen(4_109_50), In: money.Fen(100_00), Out: money.Fen(3_000_00),
		Refunds: money.Fen(0), Expected: money.Fen(1_709_50), Counted: money.Fen(1_609_50), Variance: money.Fen(-100_00),
	}
	return r
}

var samples = []sample{
	{"sale", func(t lang.Tag) document { return sale(t) }},
	{"discount", func(t lang.Tag) document { return discounted(t) }},
	{"weighed", func(t lang.Tag) document { return weighed(t) }},
	{"split", func(t lang.Tag) document { return split(t) }},
	{"cash", func(t lang.Tag) document { return cash(t) }},
	{"copy", func(t lang.Tag) document { return reprint(t) }},
	{"refund", func(t lang.Tag) document { return slip(t) }},
	{"hold", func(t lang.Tag) document { return holdSlip(t) }},
	{"released", func(t lang.Tag) document { return released(t) }},
	{"x", func(t lang.Tag) document { return xReport(t) }},
	{"z", func(t lang.Tag) document { return zReport(t) }},
}
