package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// problem is an error of WeChat Pay. tail is the number at the end of the
// Request-Id header that its support reads.
type problem struct {
	status        int
	code, message string
	tail          string
}

func signProblem(message string) *problem {
	return &problem{http.StatusUnauthorized, "SIGN_ERROR", message, "268443699"}
}

func paramProblem(message string) *problem {
	return &problem{http.StatusBadRequest, "PARAM_ERROR", message, ""}
}

func (p *problem) answer() answer {
	body := map[string]any{"code": p.code, "message": p.message}
	if p.code == "SIGN_ERROR" {
		body["detail"] = map[string]any{"field": "Authorization", "issue": "sign not match", "location": "authorization"}
	}
	return answer{status: p.status, body: encode(body), tail: p.tail}
}

// problems are WeChat's words for the books' reasons. Source: error tables of
// the APIv3 pages; where codepay's own table is not published, the APIv2 names
// in APIv3 spelling.
var problems = map[reason]problem{
	notFound:      {404, "ORDER_NOT_EXIST", "订单不存在", "268512771"},
	codeInvalid:   {400, "AUTH_CODE_INVALID", "付款码无效，请刷新后重新扫码", ""},
	codeExpired:   {400, "AUTH_CODE_EXPIRE", "付款码已过期，请刷新后重新扫码", ""},
	otherCode:     {400, "AUTH_CODE_INVALID", "每个付款码仅限使用一次，请更换商户订单号后重试", ""},
	otherTerms:    {403, "OUT_TRADE_NO_USED", "商户订单号重复，且与原请求参数不一致", "268498688"},
	orderPaid:     {400, "ORDER_PAID", "该订单已支付", "268449538"},
	orderClosed:   {400, "ORDER_CLOSED", "该订单已关闭，请更换商户订单号", "268447914"},
	orderReversed: {400, "ORDER_REVERSED", "该订单已撤销，请更换商户订单号", ""},
	isCharge:      {400, "INVALID_REQUEST", "付款码支付订单不支持关单，请使用撤销", "268449641"},
	isPresent:     {400, "INVALID_REQUEST", "该订单不是付款码支付订单，请使用关单", ""},
	tooLate:       {400, "INVALID_REQUEST", "订单已超过可操作期限", ""},
	hasRefunds:    {400, "INVALID_REQUEST", "订单已发生退款，不能撤销", ""},
	notPaid:       {400, "INVALID_REQUEST", "订单未支付，不能退款", ""},
	refundTooMuch: {400, "INVALID_REQUEST", "申请退款金额大于订单可退金额", ""},
	refundTooMany: {400, "INVALID_REQUEST", "部分退款次数超过50次", ""},
	refundOther:   {400, "INVALID_REQUEST", "商户退款单号重复，且与原请求参数不一致", ""},
	refundUnknown: {404, "RESOURCE_NOT_EXISTS", "退款单不存在", ""},
	wrongTotal:    {400, "INVALID_REQUEST", "订单金额与原订单不一致", ""},
	merchantPoor:  {403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起", ""},
	systemFault:   {500, "SYSTEM_ERROR", "系统异常，请稍后重试", ""},
}

// customerStatus is the HTTP status of a code that comes from the customer's
// side; others are 400.
var customerStatus = map[string]int{
	"NOT_ENOUGH": 403, "NOTENOUGH": 403, "RULE_LIMIT": 403, "RULELIMIT": 403, "TRADE_ERROR": 403,
	"BANK_ERROR": 500, "BANKERROR": 500, "SYSTEM_ERROR": 500, "SYSTEMERROR": 500,
	"FREQUENCY_LIMITED": 429, "RATELIMIT_EXCEEDED": 429, "USERPAYING": 202, "USER_PAYING": 202,
}

func (r refusal) wechat() answer {
	if r.why == byCustomer {
		p := problem{customerStatus[r.code], r.code, "支付失败，请更换付款方式", ""}
		if p.status == 0 {
			p.status = http.StatusBadRequest
		}
		return p.answer()
	}
	p := problems[r.why]
	return p.answer()
}

// open authenticates a request and finds out what it wants.
func (s *wechatServer) open(r *http.Request, body []byte) call {
	c := call{channel: weChat, forget: func() {}}
	c.seal = func(w http.ResponseWriter, a answer, forge bool) { s.seal(r, w, a, forge) }
	operation, do := s.route(r, body)
	forget, p := s.authenticate(r, body)
	if p == nil && do == nil {
		forget()
		p = &problem{http.StatusNotFound, "RESOURCE_NOT_EXISTS", "请求的资源不存在", ""}
	}
	if p != nil {
		c.do = func(strike) answer { return p.answer() }
		return c
	}
	c.operation, c.do, c.forget = operation, do, forget
	return c
}

const (
	byNumber    = "/v3/pay/transactions/out-trade-no/"
	byReference = "/v3/pay/transactions/id/"
	refundsPath = "/v3/refund/domestic/refunds"
)

// route names the operation of a request and how to do it; nil for a path or
// method that does not exist.
func (s *wechatServer) route(r *http.Request, body []byte) (string, func(strike) answer) {
	path, post := r.URL.Path, r.Method == http.MethodPost
	get := r.Method == http.MethodGet
	switch {
	case post && path == "/v3/pay/transactions/codepay":
		return opCharge, func(f strike) answer { return s.codepay(body, f.late()) }
	case post && path == "/v3/pay/transactions/native":
		return opPresent, func(strike) answer { return s.native(body) }
	case get && path == "/v3/certificates":
		return "", func(strike) answer { return s.certificates() }
	case post && path == refundsPath:
		return opRefund, func(f strike) answer { return s.refundDomestic(body, f) }
	case get && strings.HasPrefix(path, refundsPath+"/"):
		number := strings.TrimPrefix(path, refundsPath+"/")
		return opQuery, func(f strike) answer { return s.refundQuery(number, f.late()) }
	case get && strings.HasPrefix(path, byReference):
		reference := strings.TrimPrefix(path, byReference)
		return opQuery, func(f strike) answer {
			return s.queried(r.URL.Query(), func() (*order, refusal) { return s.queryReference(weChat, reference, f.late()) })
		}
	}
	number, ok := strings.CutPrefix(path, byNumber)
	if !ok {
		return "", nil
	}
	number, verb, _ := strings.Cut(number, "/")
	switch {
	case get && verb == "":
		return opQuery, func(f strike) answer {
			return s.queried(r.URL.Query(), func() (*order, refusal) { return s.query(weChat, number, f.late()) })
		}
	case post && verb == "reverse":
		return opReverse, func(f strike) answer { return s.reversed(number, body, f) }
	case post && verb == "close":
		return opClose, func(f strike) answer { return s.closed(number, body, f.late()) }
	}
	return "", nil
}

// merchant is who a body says it is for; every POST says so again.
type merchant struct {
	AppID string `json:"appid"`
	MchID string `json:"mchid"`
}

func (s *wechatServer) checkMerchant(m merchant, withApp bool) *problem {
	switch {
	case m.MchID == "" || withApp && m.AppID == "":
		return paramProblem("参数错误：缺少appid或mchid")
	case m.MchID != s.setup.WeChat.MchID, withApp && m.AppID != s.setup.WeChat.AppID:
		return &problem{http.StatusBadRequest, "APPID_MCHID_NOT_MATCH", "appid和mchid不匹配", ""}
	}
	return nil
}

var (
	wechatNumber = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{6,32}$`)
	refundNumber = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{1,64}$`)
)

func readJSON(body []byte, v any) *problem {
	if err := json.Unmarshal(body, v); err != nil {
		return paramProblem("参数错误：请求体不是有效的JSON，或字段类型不符")
	}
	return nil
}

func (s *wechatServer) queried(values url.Values, find func() (*order, refusal)) answer {
	if p := s.checkMerchant(merchant{MchID: values.Get("mchid")}, false); p != nil {
		return p.answer()
	}
	o, refused := find()
	if refused.why != accepted {
		return refused.wechat()
	}
	return answer{status: http.StatusOK, body: encode(s.transaction(o))}
}

func (s *wechatServer) reversed(number string, body []byte, f strike) answer {
	var m merchant
	if p := readJSON(body, &m); p != nil {
		return p.answer()
	}
	if p := s.checkMerchant(m, true); p != nil {
		return p.answer()
	}
	o, refused := s.reverse(weChat, number, f)
	if refused.why != accepted {
		return refused.wechat()
	}
	return answer{status: http.StatusOK, body: encode(map[string]any{
		"appid": m.AppID, "mchid": m.MchID, "out_trade_no": o.Number, "transaction_id": o.Reference,
	})}
}

func (s *wechatServer) closed(number string, body []byte, late bool) answer {
	var m merchant
	if p := readJSON(body, &m); p != nil {
		return p.answer()
	}
	if p := s.checkMerchant(m, false); p != nil {
		return p.answer()
	}
	// Closing what is closed is acknowledged again.
	if _, refused := s.close(weChat, number, late); refused.why != accepted && refused.why != orderClosed {
		return refused.wechat()
	}
	return answer{status: http.StatusNoContent}
}
