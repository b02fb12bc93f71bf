package lang

import "fmt"

// Paper is what receipts, refund slips and X and Z reports say.
type Paper struct {
	Number    string // of the sale
	Reference string // the shop's own order number
	Till      string
	Operator  string
	Approver  string
	Time      string

	Item, Price, Amount string // the head of the lines
	Unnamed             string // a line of a bare amount
	Subtotal            string
	Discount            string // of a line or of the sale, followed by the reason
	Saved               string // all discounts together
	Total               string
	Paid                string
	Due                 string
	Tendered            string
	Change              string

	Order       string // our number at the acquirer
	AcquirerRef string // the acquirer's own number
	Payer       string
	Funding     string
	Banks       map[string]string // a card's issuer by the clearing system's number

	WeChat, Alipay, UnionPay, Card, Prepaid, Cash string
	Huabei, Balance                               string
	Instalments                                   string // %s funding, %d number of instalments

	Refund         string // a refund, in a receipt or a report
	RefundTitle    string // of the slip
	RefundNumber   string
	OriginalNumber string
	OriginalOrder  string
	RefundTo       string
	RefundAmount   string
	Reason         string
	CameLate       string // the reason of a refund that the till begins by itself
	State          string
	RefundDone     string
	RefundPending  string
	RefundChecking string
	RefundRefused  string
	RefundAbnormal string
	RefundOwed     string // refused, and the money is still to go back
	RefundInstead  string // refused, and the money went back by another refund, or otherwise
	Signature      string

	XTitle         string
	ZTitle         string // %d number
	Shift          string
	OpenedBy       string
	OpenedAt       string
	ClosedAt       string
	PrintedAt      string
	Entries        string
	Sales          string
	Voided         string
	Removed        string
	Discounts      string
	DrawerOpenings string
	Copies         string
	Gross          string
	Refunds        string
	Net            string
	ByChannel      string
	ByOperator     string
	Count          string // %s name, %d how many
	Drawer         string
	Float          string
	CashSales      string
	CashIn         string
	CashOut        string
	CashRefunds    string
	Expected       string
	Counted        string
	Variance       string
	Doubtful       string // %d how many payments and refunds
	Doubles        string // %d how many charges may have been taken twice
	NothingInDoubt string
	Between        string // what came while no shift was open
	BetweenBack    string
	GrandTotal     string
	GrandRefunds   string
	ChainHead      string

	TopUp          string // a line that tops a prepaid card up, before its number
	OnCard         string // what is on the card afterwards
	PrepaidIssued  string // how many cards
	ToppedUp       string
	TakenBack      string // top-ups refunded
	Redeemed       string
	Returned       string // payments refunded to cards
	PrepaidExpired string
	Liability      string // on all cards
	TurnoverOnly   string // without what only went onto cards

	Hold          string // a pre-authorisation, before its number
	HoldTitle     string // of the slip of one that stands
	HoldReleased  string // of the slip of one given up
	HoldCompleted string // the line of a sale that only takes of one
	HoldAmount    string
	HoldNotPaid   string // below: nothing has been paid by it
	HoldFreed     string // below: the money is the customer's again
	Trace         string
	Auth          string
	OpenHolds     string // of a report; %d how many

	Journal    string
	Copy       string // %d; in both languages, whoever finds the paper must know
	Sandbox    string // likewise
	Training   string // likewise
	CodeAbove  string // what the QR code above is for
	Thanks     string
	EndOfPaper string // of a report

	ProbeTitle  string
	ProbeOwn    string // above the sample in the printer's own letters
	ProbeDrawn  string // above the sample as the till draws it
	ProbeSample string
	ProbeLarge  string // printed double
	ProbeChoose string // what to set after looking at both
	ProbeWidth  string // below a ruler as wide as the paper
	TestSheet   string // heads the codes by which a scanner is tried out
}

// Channel names a way of paying by its word in the journal; a word that is
// not known names itself.
func (p *Paper) Channel(word string) string {
	switch word {
	case "wechat":
		return p.WeChat
	case "alipay":
		return p.Alipay
	case "unionpay":
		return p.UnionPay
	case "card":
		return p.Card
	case "prepaid":
		return p.Prepaid
	case "cash":
		return p.Cash
	}
	return word
}

// FundingOf explains the acquirer's word for where the payer's money came
// from, such as PCREDIT in 3 instalments. Words that are not known, a bank's
// short name for one, stay as they are.
func (p *Paper) FundingOf(word string, instalments int) string {
	name := word
	switch word {
	case "PCREDIT":
		name = p.Huabei
	case "BALANCE", "ALIPAYACCOUNT":
		name = p.Balance
	default:
		if bank, ok := p.Banks[word]; ok {
			name = bank
		}
	}
	if instalments > 0 {
		return fmt.Sprintf(p.Instalments, name, instalments)
	}
	return name
}

// RefundState puts the state of a refund in words. A state that is not known
// is in doubt.
func (p *Paper) RefundState(word string) string {
	switch word {
	case "done":
		return p.RefundDone
	case "pending":
		return p.RefundPending
	case "refused":
		return p.RefundRefused
	case "abnormal":
		return p.RefundAbnormal
	case "owed":
		return p.RefundOwed
	case "instead":
		return p.RefundInstead
	}
	return p.RefundChecking
}

var paperChinese = Paper{
	Number:    "单号",
	Reference: "订单号",
	Till:      "柜台",
	Operator:  "收银员",
	Approver:  "主管",
	Time:      "时间",

	Item:     "品名",
	Unnamed:  "商品",
	Price:    "数量×单价",
	Amount:   "金额",
	Subtotal: "小计",
	Discount: "优惠",
	Saved:    "共优惠",
	Total:    "应收",
	Paid:     "实收",
	Due:      "待收",
	Tendered: "收现金",
	Change:   "找零",

	Order:       "支付单号",
	AcquirerRef: "交易号",
	Payer:       "付款人",
	Funding:     "资金",
	Banks:       banksChinese,

	WeChat:      "微信支付",
	Alipay:      "支付宝",
	UnionPay:    "云闪付",
	Card:        "银行卡",
	Prepaid:     "储值卡",
	Cash:        "现金",
	Huabei:      "花呗",
	Balance:     "余额",
	Instalments: "%s分 %d 期",

	Refund:         "退款",
	RefundTitle:    "退款单",
	RefundNumber:   "退款单号",
	OriginalNumber: "原单号",
	OriginalOrder:  "原支付单号",
	RefundTo:       "退回至",
	RefundAmount:   "退款金额",
	Reason:         "原因",
	State:          "状态",
	CameLate:       "款项迟到",
	RefundDone:     "已退款",
	RefundPending:  "已受理,款项退回中",
	RefundChecking: "正在确认,结果未知",
	RefundRefused:  "未退款,被拒绝",
	RefundAbnormal: "退款异常,待人工处理",
	RefundOwed:     "被拒绝,待退还",
	RefundInstead:  "被拒绝,已另退",
	Signature:      "顾客签名",

	XTitle:         "X 报表",
	ZTitle:         "Z 报表 第 %d 号",
	Shift:          "班次",
	OpenedBy:       "开班人",
	OpenedAt:       "开班",
	ClosedAt:       "交班",
	PrintedAt:      "打印",
	Entries:        "账目编号",
	Sales:          "成交笔数",
	Voided:         "作废笔数",
	Removed:        "删行次数",
	Discounts:      "优惠合计",
	DrawerOpenings: "开钱箱次数",
	Copies:         "补打次数",
	Gross:          "收款合计",
	Refunds:        "退款合计",
	Net:            "净额",
	ByChannel:      "按收款方式",
	ByOperator:     "按收银员",
	Count:          "%s %d 笔",
	Drawer:         "钱箱",
	Float:          "备用金",
	CashSales:      "现金收款",
	CashIn:         "存入",
	CashOut:        "取出",
	CashRefunds:    "现金退款",
	Expected:       "应有",
	Counted:        "实点",
	Variance:       "长短款",
	Doubtful:       "待确认 %d 笔",
	Doubles:        "可能收重 %d 笔,请核对",
	NothingInDoubt: "无待确认款项",
	Between:        "两班之间到账",
	BetweenBack:    "两班之间退款",
	GrandTotal:     "累计收款 (永不清零)",
	GrandRefunds:   "累计退款 (永不清零)",
	ChainHead:      "账本链尾",

	TopUp: "储值卡充值", OnCard: "卡内余额", PrepaidIssued: "开卡(张)", ToppedUp: "充值", TakenBack: "充值退回", Redeemed: "储值卡消费",
	Returned: "消费退回卡内", PrepaidExpired: "到期核销", Liability: "全部卡内余额", TurnoverOnly: "营业额(不含充值)",

	Hold: "预授权", HoldTitle: "预授权单", HoldReleased: "预授权撤销单", HoldCompleted: "预授权完成", HoldAmount: "预授权金额",
	HoldNotPaid: "款项只是冻结,尚未收款", HoldFreed: "款项已解冻,没有收款", Trace: "凭证号", Auth: "授权码", OpenHolds: "未完成预授权 %d 笔",

	Journal:    "账本",
	Copy:       "副本 COPY %d",
	Sandbox:    "沙箱 SANDBOX · 非真实交易",
	Training:   "练习 TRAINING · 非真实交易",
	CodeAbove:  "退换货请出示此码",
	Thanks:     "谢谢惠顾,请保留小票",
	EndOfPaper: "报表完",

	ProbeTitle:  "打印测试页",
	ProbeOwn:    "甲 打印机自带字库 (gb18030):",
	ProbeDrawn:  "乙 收银机画的字 (bitmap):",
	ProbeSample: "算盘 收款 ￥12.34 × 2 找零",
	ProbeLarge:  "算盘 ￥12.34",
	ProbeChoose: "甲与乙一样清楚,且二维码都在: 配置 printer.text: gb18030。甲是乱码、空白或缺二维码: printer.text: bitmap。",
	ProbeWidth:  "上面的数字应占满一行,不换行: 换行了就改 printer.width: 58,右边空很多就改 80。",
	TestSheet:   "扫码枪测试码",
}

var paperEnglish = Paper{
	Number:    "Sale",
	Reference: "Order",
	Till:      "Till",
	Operator:  "Cashier",
	Approver:  "Manager",
	Time:      "Time",

	Item:     "Item",
	Unnamed:  "Goods",
	Price:    "Qty × price",
	Amount:   "Amount",
	Subtotal: "Subtotal",
	Discount: "Discount",
	Saved:    "You saved",
	Total:    "TOTAL",
	Paid:     "Paid",
	Due:      "Still due",
	Tendered: "Cash given",
	Change:   "Change",

	Order:       "Payment",
	AcquirerRef: "Acquirer",
	Payer:       "Payer",
	Funding:     "Funds",
	Banks:       banksEnglish,

	WeChat:      "WeChat Pay",
	Alipay:      "Alipay",
	UnionPay:    "UnionPay",
	Card:        "Bank card",
	Prepaid:     "Prepaid card",
	Cash:        "Cash",
	Huabei:      "Huabei",
	Balance:     "balance",
	Instalments: "%s, %d instalments",

	Refund:         "Refund",
	RefundTitle:    "REFUND",
	RefundNumber:   "Refund",
	OriginalNumber: "Of sale",
	OriginalOrder:  "Of payment",
	RefundTo:       "Back to",
	RefundAmount:   "REFUND",
	Reason:         "Reason",
	State:          "State",
	CameLate:       "the money came late",
	RefundDone:     "refunded",
	RefundPending:  "accepted, on its way",
	RefundChecking: "being checked, not known yet",
	RefundRefused:  "not refunded, refused",
	RefundAbnormal: "stuck, a person must act",
	RefundOwed:     "refused, still owed",
	RefundInstead:  "refused, gone otherwise",
	Signature:      "Customer",

	XTitle:         "X REPORT",
	ZTitle:         "Z REPORT No. %d",
	Shift:          "Shift",
	OpenedBy:       "Opened by",
	OpenedAt:       "Opened",
	ClosedAt:       "Closed",
	PrintedAt:      "Printed",
	Entries:        "Entries",
	Sales:          "Sales done",
	Voided:         "Sales voided",
	Removed:        "Lines removed",
	Discounts:      "Discounts",
	DrawerOpenings: "Drawer openings",
	Copies:         "Copies printed",
	Gross:          "Taken",
	Refunds:        "Refunds",
	Net:            "Net",
	ByChannel:      "By method",
	ByOperator:     "By cashier",
	Count:          "%s (%d)",
	Drawer:         "Drawer",
	Float:          "Float",
	CashSales:      "Cash sales",
	CashIn:         "Put in",
	CashOut:        "Taken out",
	CashRefunds:    "Cash refunds",
	Expected:       "Expected",
	Counted:        "Counted",
	Variance:       "Difference",
	Doubtful:       "In doubt (%d)",
	Doubles:        "Charged twice, perhaps: %d",
	NothingInDoubt: "Nothing in doubt",
	Between:        "Came between shifts",
	BetweenBack:    "Refunded between shifts",
	GrandTotal:     "All-time taken",
	GrandRefunds:   "All-time refunds",
	ChainHead:      "Chain head",

	TopUp: "Top-up", OnCard: "On the card", PrepaidIssued: "Cards issued", ToppedUp: "Topped up", TakenBack: "Top-ups refunded", Redeemed: "Paid by card",
	Returned: "Refunded to cards", PrepaidExpired: "Expired", Liability: "On all cards", TurnoverOnly: "Turnover without top-ups",

	Hold: "Hold", HoldTitle: "HOLD ON CARD", HoldReleased: "HOLD RELEASED", HoldCompleted: "Taken of hold", HoldAmount: "HELD",
	HoldNotPaid: "Held only, nothing has been paid", HoldFreed: "The money is free again, nothing was paid", Trace: "Trace", Auth: "Authorisation", OpenHolds: "Holds open (%d)",

	Journal:    "Journal",
	Copy:       "副本 COPY %d",
	Sandbox:    "沙箱 SANDBOX · not a real sale",
	Training:   "练习 TRAINING · not a real sale",
	CodeAbove:  "Show this code to return goods",
	Thanks:     "Thank you. Keep this receipt.",
	EndOfPaper: "End of report",

	ProbeTitle:  "TEST PAGE",
	ProbeOwn:    "甲 A. the printer's own letters (gb18030):",
	ProbeDrawn:  "乙 B. drawn by the till (bitmap):",
	ProbeSample: "算盘 收款 ￥12.34 × 2 找零",
	ProbeLarge:  "算盘 ￥12.34",
	ProbeChoose: "If A is as clear as B and has the code too, set printer.text: gb18030. If A is rubbish, blank or without the code, set printer.text: bitmap.",
	ProbeWidth:  "The digits above should fill one row. If they wrap, set printer.width: 58; if much is left blank, 80.",
	TestSheet:   "Scanner test codes",
}
