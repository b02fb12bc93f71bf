package sandbox

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"abacus/internal/money"
)

type alipayMethod struct {
	operation string
	do        func(b biz, late bool) map[string]any
}

func (s *alipayServer) methods() map[string]alipayMethod {
	return map[string]alipayMethod{
		"alipay.trade.pay":                  {opCharge, s.pay},
		"alipay.trade.precreate":            {opPresent, s.precreate},
		"alipay.trade.query":                {opQuery, s.tradeQuery},
		"alipay.trade.cancel":               {opReverse, s.cancel},
		"alipay.trade.close":                {opClose, s.tradeClose},
		"alipay.trade.refund":               {opRefund, s.tradeRefund},
		"alipay.trade.fastpay.refund.query": {opQuery, s.refundQuery},
	}
}

// biz is biz_content of all methods together.
type biz struct {
	OutTradeNo     string   `json:"out_trade_no"`
	TradeNo        string   `json:"trade_no"`
	Scene          string   `json:"scene"`
	AuthCode       string   `json:"auth_code"`
	Subject        string   `json:"subject"`
	Body           string   `json:"body"`
	TotalAmount    yuan     `json:"total_amount"`
	TimeoutExpress string   `json:"timeout_express"`
	TimeExpire     string   `json:"time_expire"`
	QRTimeout      string   `json:"qr_code_timeout_express"`
	StoreID        string   `json:"store_id"`
	TerminalID     string   `json:"terminal_id"`
	OperatorID     string   `json:"operator_id"`
	Enable         string   `json:"enable_pay_channels"`
	Disable        string   `json:"disable_pay_channels"`
	QueryOptions   []string `json:"query_options"`
	OutRequestNo   string   `json:"out_request_no"`
	RefundAmount   yuan     `json:"refund_amount"`
	ExtendParams   struct {
		Instalments   string `json:"hb_fq_num"`
		SellerPercent string `json:"hb_fq_seller_percent"`
	} `json:"extend_params"`

	strike strike // what the request suffers
}

// yuan is an amount as Alipay takes it: a text or number with at most two
// decimals. Zero means it was left out.
type yuan struct{ money.Amount }

var yuanShape = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,2})?$`)

// UnmarshalJSON reads "11.36" or 11.36; never through a float.
func (y *yuan) UnmarshalJSON(data []byte) error {
	text := string(data)
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	if text == "null" || text == "" {
		return nil
	}
	if !yuanShape.MatchString(text) {
		return errors.New("not an amount in yuan")
	}
	var err error
	y.Amount, err = money.Parse(text, money.CNY)
	return err
}

// alipayFaults are Alipay's sub codes for the books' reasons. Source: error
// tables of alipay.trade.pay, query, cancel, close and refund.
var alipayFaults = map[reason]fault40{
	notFound:      {"40004", "ACQ.TRADE_NOT_EXIST", "交易不存在"},
	codeInvalid:   {"40004", "ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款"},
	codeExpired:   {"40004", "ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，付款码已过期，请顾客刷新付款码后重新收款"},
	otherCode:     {"40004", "ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"},
	otherTerms:    {"40004", "ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"},
	orderPaid:     {"40004", "ACQ.TRADE_HAS_SUCCESS", "交易已被支付"},
	orderClosed:   {"40004", "ACQ.TRADE_HAS_CLOSE", "交易已经关闭"},
	orderReversed: {"40004", "ACQ.TRADE_HAS_CLOSE", "交易已经关闭"},
	tooLate:       {"40004", "ACQ.TRADE_HAS_FINISHED", "超过可操作的期限"},
	hasRefunds:    {"40004", "ACQ.REASON_TRADE_REFUND_FEE_ERR", "交易已发生退款，不能撤销"},
	notPaid:       {"40004", "ACQ.TRADE_STATUS_ERROR", "交易状态不合法"},
	refundTooMuch: {"40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"},
	refundsExceed: {"40004", "ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效"},
	noRefund:      {"40004", "ACQ.TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款"},
	noReversal:    {"40004", "ACQ.CANCEL_NOT_ALLOWED", "交易不允许撤销"},
	refundTooMany: {"40004", "ACQ.REFUND_CHARGE_ERROR", "部分退款次数超过50次"},
	refundOther:   {"40004", "ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致"},
	merchantPoor:  {"40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户的支付宝账户中无足够的资金进行撤销"},
	systemFault:   {"20000", "isp.unknow-error", "系统繁忙"},
}

func (r refusal) alipay() map[string]any {
	if r.why == byCustomer {
		return fault40{"40004", r.code, "支付失败，请更换付款方式"}.node()
	}
	return alipayFaults[r.why].node()
}

func invalid(message string) map[string]any {
	return fault40{"40004", "ACQ.INVALID_PARAMETER", message}.node()
}

// done is the beginning of an answer about an order.
func done(code string, o *order) map[string]any {
	return map[string]any{"code": code, "msg": alipayMessages[code], "out_trade_no": o.Number, "trade_no": o.Reference}
}

var (
	alipayNumber = regexp.MustCompile(`^[0-9A-Za-z_]{1,64}$`)
	timeout      = regexp.MustCompile(`^([0-9]{1,5})([mhd])$`)
)

// order reads what pay and precreate have in common.
func (s *alipayServer) order(b biz) (c ask, problem string) {
	c = ask{
		channel: alipay, number: b.OutTradeNo, amount: b.TotalAmount.Amount, subject: b.Subject,
		terms: mark(b.Subject, b.Body, b.StoreID, b.TerminalID, b.ExtendParams.Instalments),
	}
	switch {
	case !alipayNumber.MatchString(b.OutTradeNo):
		return c, "out_trade_no须为1到64位字母、数字、下划线"
	case b.Subject == "" || len([]rune(b.Subject)) > 256:
		return c, "subject须为1到256个字符"
	case !b.TotalAmount.Positive() || fen(100_000_000_00).Less(b.TotalAmount.Amount):
		return c, "total_amount须为0.01到100000000.00"
	case b.Enable != "" && b.Disable != "":
		return c, "enable_pay_channels与disable_pay_channels不能同时设置"
	}
	c.noCredit = named(b.Disable, "pcredit") || b.Enable != "" && !named(b.Enable, "pcredit")
	switch num, percent := b.ExtendParams.Instalments, b.ExtendParams.SellerPercent; {
	case num == "" && percent == "":
	case (num == "3" || num == "6" || num == "12") && (percent == "0" || percent == "100"):
		c.plan, _ = strconv.Atoi(num)
	default:
		return c, "hb_fq_num须为3、6、12，且hb_fq_seller_percent须为0或100"
	}
	var ok bool
	if c.expires, ok = s.expiry(b); !ok {
		return c, "timeout_express须为1m到15d，time_expire须为晚于当前的yyyy-MM-dd HH:mm:ss"
	}
	return c, ""
}

func named(list, channel string) bool {
	for name := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(name), channel) {
			return true
		}
	}
	return false
}

// expiry is when an order dies by itself; zero when the request does not say.
func (s *alipayServer) expiry(b biz) (time.Time, bool) {
	if b.TimeExpire != "" {
		at, err := time.ParseInLocation(alipayTime, b.TimeExpire, beijing)
		return s.shifted(at), err == nil && at.After(s.options.Now())
	}
	if b.TimeoutExpress == "" {
		return time.Time{}, true
	}
	life, ok := express(b.TimeoutExpress)
	return s.Clock().Add(life), ok
}

// express reads a relative time, 1m to 15d.
func express(text string) (time.Duration, bool) {
	m := timeout.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, _ := strconv.Atoi(m[1])
	life := time.Duration(n) * map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
	return life, life > 0 && life <= 15*24*time.Hour
}

// pay is alipay.trade.pay: 10000 when paid, 10003 while the customer must act.
func (s *alipayServer) pay(b biz, late bool) map[string]any {
	c, problem := s.order(b)
	switch {
	case problem != "":
		return invalid(problem)
	case b.Scene != "bar_code":
		return invalid("scene须为bar_code")
	case b.AuthCode == "" || len(b.AuthCode) > 32:
		return invalid("auth_code须为1到32个字符")
	}
	c.code = b.AuthCode
	o, refused := s.charge(c, late)
	if refused.why != accepted {
		return refused.alipay()
	}
	code := "10000"
	if o.State == waiting {
		code = "10003"
	}
	node := done(code, o)
	node["buyer_logon_id"], node["total_amount"] = o.buyer(), o.Amount.Decimal()
	if o.State != waiting {
		o.paidFields(node)
		node["gmt_payment"] = o.PaidAt.In(beijing).Format(alipayTime)
		node["fund_bill_list"] = o.funds()
	}
	return node
}

// precreate is alipay.trade.precreate.
func (s *alipayServer) precreate(b biz, _ bool) map[string]any {
	c, problem := s.order(b)
	if problem != "" {
		return invalid(problem)
	}
	if b.TimeExpire == "" {
		c.life = orderLife
		if b.TimeoutExpress != "" {
			c.life, _ = express(b.TimeoutExpress) // read before
		}
	}
	if b.QRTimeout != "" {
		var ok bool
		if c.shown, ok = express(b.QRTimeout); !ok {
			return invalid("qr_code_timeout_express须为1m到15d")
		}
	}
	o, refused := s.present(c)
	if refused.why != accepted {
		return refused.alipay()
	}
	node := done("10000", o)
	delete(node, "trade_no")
	node["qr_code"] = o.QR
	return node
}

// buyer is the customer's masked account.
func (o *order) buyer() string { return "13" + o.Payer[:1] + "****" + o.Payer[1:5] }

func (o *order) paidFields(node map[string]any) {
	total := o.Amount.Decimal()
	node["receipt_amount"], node["buyer_pay_amount"], node["invoice_amount"] = total, total, total
	node["point_amount"] = "0.00"
	node["buyer_user_id"] = "2088" + o.Payer[:12]
	if o.Instalments > 0 {
		node["hb_fq_pay_info"] = map[string]any{"user_install_num": strconv.Itoa(o.Instalments)}
	}
}

// funds says what paid. Alipay's word for its own balance is ALIPAYACCOUNT.
func (o *order) funds() []any {
	channel := o.Funding
	if channel == "BALANCE" {
		channel = "ALIPAYACCOUNT"
	}
	return []any{map[string]any{"fund_channel": channel, "amount": o.Amount.Decimal()}}
}
