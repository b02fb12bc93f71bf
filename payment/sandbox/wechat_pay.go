package sandbox

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"regexp"
	"time"

	"abacus/internal/money"
)

// wechatOrder is the body of codepay and native. Sources: merchant documents
// 4012382150 (codepay) and the page of native.
type wechatOrder struct {
	merchant
	Description string `json:"description"`
	OutTradeNo  string `json:"out_trade_no"`
	TimeExpire  string `json:"time_expire"`
	Attach      string `json:"attach"`
	NotifyURL   string `json:"notify_url"`
	Amount      struct {
		Total    int64  `json:"total"`
		Currency string `json:"currency"`
	} `json:"amount"`
	Payer struct {
		AuthCode string `json:"auth_code"`
	} `json:"payer"`
	SceneInfo struct {
		StoreInfo struct {
			ID    string `json:"id"`
			OutID string `json:"out_id"`
		} `json:"store_info"`
	} `json:"scene_info"`
}

func (s *wechatServer) readOrder(body []byte) (o wechatOrder, c ask, p *problem) {
	if p = readJSON(body, &o); p != nil {
		return o, c, p
	}
	if p = s.checkMerchant(o.merchant, true); p != nil {
		return o, c, p
	}
	c = ask{
		channel: weChat, number: o.OutTradeNo, amount: fen(o.Amount.Total), subject: o.Description,
		attach: o.Attach, terms: mark(o.Description, o.Attach, o.SceneInfo.StoreInfo.ID, o.SceneInfo.StoreInfo.OutID),
	}
	switch {
	case !wechatNumber.MatchString(o.OutTradeNo):
		return o, c, paramProblem("参数错误：out_trade_no须为6到32位数字、字母或_-|*@")
	case o.Description == "" || len([]rune(o.Description)) > 127:
		return o, c, paramProblem("参数错误：description须为1到127个字符")
	case len([]rune(o.Attach)) > 128:
		return o, c, paramProblem("参数错误：attach不得超过128个字符")
	case !c.amount.Positive():
		return o, c, paramProblem("参数错误：amount.total须为大于0的整数，单位为分")
	case o.Amount.Currency != "" && o.Amount.Currency != string(money.CNY):
		return o, c, paramProblem("参数错误：amount.currency仅支持CNY")
	}
	if o.TimeExpire != "" {
		at, err := time.Parse(time.RFC3339, o.TimeExpire)
		if err != nil || !at.After(s.options.Now()) {
			return o, c, paramProblem("参数错误：time_expire须为晚于当前的RFC3339时间")
		}
		c.expires = s.shifted(at)
	}
	return o, c, nil
}

// shifted is a time given by the till's clock on the sandbox's clock.
func (a *acquirer) shifted(at time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return at.Add(a.offset)
}

// The two numbers of a store, either of which may be missing: WeChat's own of the
// place, and the merchant's.
var (
	placeID     = regexp.MustCompile(`^[0-9]{0,32}$`)
	storeNumber = regexp.MustCompile(`^[0-9A-Za-z]{0,256}$`)
)

func (s *wechatServer) codepay(body []byte, late bool) answer {
	in, c, p := s.readOrder(body)
	store := in.SceneInfo.StoreInfo
	switch {
	case p != nil:
	case in.Payer.AuthCode == "" || len(in.Payer.AuthCode) > 32:
		p = paramProblem("参数错误：payer.auth_code须为1到32个字符")
	case store.ID == "" && store.OutID == "":
		p = paramProblem("参数错误：scene_info.store_info的id与out_id须至少填写一项")
	case !placeID.MatchString(store.ID):
		p = paramProblem("参数错误：scene_info.store_info.id为微信支付线下场所ID，须为1到32位数字")
	case !storeNumber.MatchString(store.OutID):
		p = paramProblem("参数错误：scene_info.store_info.out_id须为1到256位数字、字母")
	}
	if p != nil {
		return p.answer()
	}
	c.code = in.Payer.AuthCode
	o, refused := s.charge(c, late)
	switch {
	case refused.why != accepted:
		return refused.wechat()
	case o.State == waiting:
		// The answer of a payment in progress has no order number.
		return answer{status: http.StatusAccepted, body: encode(map[string]any{"trade_state": "USERPAYING"})}
	}
	return answer{status: http.StatusOK, body: encode(s.transaction(o))}
}

func (s *wechatServer) native(body []byte) answer {
	in, c, p := s.readOrder(body)
	if p == nil && (in.NotifyURL == "" || len(in.NotifyURL) > 255) {
		p = paramProblem("参数错误：notify_url必填")
	}
	if p != nil {
		return p.answer()
	}
	o, refused := s.present(c)
	if refused.why != accepted {
		return refused.wechat()
	}
	return answer{status: http.StatusOK, body: encode(map[string]any{"code_url": o.QR})}
}

// transaction is an order as query and a paid codepay tell it.
func (s *wechatServer) transaction(o *order) map[string]any {
	tradeState, text := o.tradeState()
	amount := map[string]any{"total": o.Amount.Minor(), "payer_currency": "CNY"}
	t := map[string]any{
		"appid": s.setup.WeChat.AppID, "mchid": s.setup.WeChat.MchID, "out_trade_no": o.Number,
		"trade_type": "MICROPAY", "trade_state": tradeState, "trade_state_desc": text,
		"attach": o.Attach, "amount": amount, "promotion_detail": []any{},
	}
	if o.Present {
		t["trade_type"] = "NATIVE"
	}
	if o.Captured.Positive() {
		amount["payer_total"], amount["currency"] = o.Amount.Minor(), "CNY" // WeChat names neither of an unpaid order
		t["transaction_id"] = o.Reference
		t["bank_type"] = bankType(o.Funding)
		t["success_time"] = o.PaidAt.In(beijing).Format(time.RFC3339)
		t["payer"] = map[string]any{"openid": "oSandbox" + o.Payer}
	}
	return t
}

// bankType is WeChat's word for what paid: its own balance is OTHERS.
func bankType(funding string) string {
	if funding == "BALANCE" {
		return "OTHERS"
	}
	return funding
}

func (o *order) tradeState() (name, text string) {
	switch o.State {
	case paid, refunded:
		if len(o.Refunds) > 0 {
			return "REFUND", "转入退款"
		}
		return "SUCCESS", "支付成功"
	case closed:
		return "CLOSED", "已关闭"
	case reversed:
		return "REVOKED", "已撤销"
	case declined:
		return "PAYERROR", "支付失败，请撤销订单后重新收款"
	}
	if o.Present && !o.Scanned {
		return "NOTPAY", "订单未支付"
	}
	return "USERPAYING", "用户支付中，需要输入密码"
}

// certificates gives the platform certificate, encrypted with the APIv3 key.
func (s *wechatServer) certificates() answer {
	cert := s.setup.WeChat.PlatformCert
	plain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	const purpose = "certificate"
	nonce := digits(s.options.Random, "0123456789abcdef", 12)
	return answer{status: http.StatusOK, body: encode(map[string]any{"data": []any{map[string]any{
		"serial_no":      s.setup.WeChat.PlatformSerial,
		"effective_time": cert.NotBefore.In(beijing).Format(time.RFC3339),
		"expire_time":    cert.NotAfter.In(beijing).Format(time.RFC3339),
		"encrypt_certificate": map[string]any{
			"algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": purpose,
			"ciphertext": encryptGCM(s.setup.WeChat.APIv3Key, nonce, purpose, plain),
		},
	}}})}
}

// encryptGCM is base64 of AES-256-GCM, the tag behind the text.
func encryptGCM(key, nonce, purpose string, plain []byte) string {
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return "" // the key is always 32 characters
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(gcm.Seal(nil, []byte(nonce), plain, []byte(purpose)))
}

// wechatRefund is the body of a refund.
type wechatRefund struct {
	TransactionID string `json:"transaction_id"`
	OutTradeNo    string `json:"out_trade_no"`
	OutRefundNo   string `json:"out_refund_no"`
	Reason        string `json:"reason"`
	Amount        struct {
		Refund   int64  `json:"refund"`
		Total    int64  `json:"total"`
		Currency string `json:"currency"`
	} `json:"amount"`
}

func (in *wechatRefund) check() *problem {
	switch {
	case in.TransactionID == "" && in.OutTradeNo == "":
		return paramProblem("参数错误：transaction_id与out_trade_no须填写一项")
	case in.OutRefundNo == "" || len(in.OutRefundNo) > 64 || !refundNumber.MatchString(in.OutRefundNo):
		return paramProblem("参数错误：out_refund_no须为1到64位数字、字母或_-|*@")
	case !fen(in.Amount.Refund).Positive() || !fen(in.Amount.Total).Positive():
		return paramProblem("参数错误：amount.refund与amount.total须为大于0的整数，单位为分")
	case in.Amount.Currency != string(money.CNY):
		return paramProblem("参数错误：amount.currency须为CNY")
	case len([]rune(in.Reason)) > 80:
		return paramProblem("参数错误：reason不得超过80个字符")
	}
	return nil
}

func (s *wechatServer) refundDomestic(body []byte, f strike) answer {
	var in wechatRefund
	p := readJSON(body, &in)
	if p == nil {
		p = in.check()
	}
	if p != nil {
		return p.answer()
	}
	o, _, refused := s.acquirer.refund(giveBack{
		channel: weChat, order: in.OutTradeNo, reference: in.TransactionID, number: in.OutRefundNo,
		amount: fen(in.Amount.Refund), total: fen(in.Amount.Total), strike: f,
	})
	switch refused.why {
	case accepted:
	case notFound:
		return (&problem{http.StatusNotFound, "RESOURCE_NOT_EXISTS", "订单不存在", "268512771"}).answer()
	default:
		return refused.wechat()
	}
	r, _ := o.refund(in.OutRefundNo)
	return answer{status: http.StatusOK, body: encode(s.refundView(o, r))}
}

func (s *wechatServer) refundQuery(number string, late bool) answer {
	o, r, refused := s.queryRefund(weChat, number, "", late)
	if refused.why == notFound {
		refused.why = refundUnknown
	}
	if refused.why != accepted {
		return refused.wechat()
	}
	return answer{status: http.StatusOK, body: encode(s.refundView(o, r))}
}

// refundView is a refund as WeChat tells it: PROCESSING at first, as usual.
func (s *wechatServer) refundView(o *order, r refund) map[string]any {
	v := map[string]any{
		"refund_id": r.Reference, "out_refund_no": r.Number, "transaction_id": o.Reference,
		"out_trade_no": o.Number, "channel": "ORIGINAL", "user_received_account": "支付用户零钱",
		"create_time": r.At.In(beijing).Format(time.RFC3339), "status": "PROCESSING",
		"funds_account": "AVAILABLE", "promotion_detail": []any{},
		"amount": map[string]any{
			"total": o.Amount.Minor(), "refund": r.Amount.Minor(), "payer_total": o.Amount.Minor(),
			"payer_refund": r.Amount.Minor(), "settlement_total": o.Amount.Minor(),
			"settlement_refund": r.Amount.Minor(), "discount_refund": 0, "currency": "CNY",
		},
	}
	switch {
	case !reached(r.Done, s.Clock()) && r.Stuck:
		v["status"] = "ABNORMAL"
	case reached(r.Done, s.Clock()):
		v["status"], v["success_time"] = "SUCCESS", r.Done.In(beijing).Format(time.RFC3339)
	}
	return v
}
