package sandbox

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// wechatServer is WeChat Pay APIv3. Source: WeChat Pay merchant documents,
// "签名生成", "签名验证" and the pages of each interface.
type wechatServer struct {
	*acquirer
	setup *Setup
	seen  *nonces
}

const (
	wechatScheme = "WECHATPAY2-SHA256-RSA2048"
	maxSkew      = 5 * time.Minute
)

var authorizationPair = regexp.MustCompile(`^\s*([a-z_]+)="([^"]*)"\s*$`)

// authorization is the parts of the Authorization header.
type authorization struct {
	mchid, nonce, serial, signature string
	timestamp                       int64
}

func parseAuthorization(header string) (authorization, bool) {
	var a authorization
	pairs, ok := strings.CutPrefix(header, wechatScheme+" ")
	if !ok || len(header) > 4096 {
		return a, false
	}
	found := map[string]string{}
	for pair := range strings.SplitSeq(pairs, ",") {
		m := authorizationPair.FindStringSubmatch(pair)
		if m == nil {
			return a, false
		}
		found[m[1]] = m[2]
	}
	a.mchid, a.nonce, a.serial, a.signature = found["mchid"], found["nonce_str"], found["serial_no"], found["signature"]
	var err error
	a.timestamp, err = strconv.ParseInt(found["timestamp"], 10, 64)
	ok = err == nil && a.mchid != "" && a.nonce != "" && len(a.nonce) <= 128 && a.serial != "" && a.signature != ""
	return a, ok
}

// authenticate checks who sent the request. The problem returned is nil when
// all is well; forget then takes the request out of those seen.
func (s *wechatServer) authenticate(r *http.Request, body []byte) (forget func(), p *problem) {
	if r.Header.Get("Accept") == "" || r.Header.Get("User-Agent") == "" {
		return nil, &problem{http.StatusBadRequest, "PARAM_ERROR", "Http头缺少Accept或User-Agent", ""}
	}
	a, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return nil, signProblem("Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
	}
	if a.mchid != s.setup.WeChat.MchID {
		return nil, &problem{http.StatusBadRequest, "MCH_NOT_EXISTS", "商户号不存在", ""}
	}
	now := s.options.Now()
	if age := now.Sub(time.Unix(a.timestamp, 0)); age > maxSkew || age < -maxSkew {
		return nil, signProblem("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
	}
	if a.serial != s.setup.WeChat.MerchantSerial {
		return nil, signProblem("商户证书序列号有误，请使用签名私钥匹配的证书序列号")
	}
	signature, err := base64.StdEncoding.DecodeString(a.signature)
	message := r.Method + "\n" + r.URL.RequestURI() + "\n" + strconv.FormatInt(a.timestamp, 10) + "\n" + a.nonce + "\n" + string(body) + "\n"
	if err != nil || !verified(&s.setup.WeChat.MerchantKey.PublicKey, message, signature) {
		return nil, signProblem("错误的签名，验签失败")
	}
	key := a.nonce + "/" + strconv.FormatInt(a.timestamp, 10)
	if !s.seen.add(key, now) {
		return nil, signProblem("请求重复：nonce_str与timestamp已使用过")
	}
	return func() { s.seen.remove(key) }, nil
}

func verified(key *rsa.PublicKey, message string, signature []byte) bool {
	sum := sha256.Sum256([]byte(message))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
}

// sign is the base64 of an RSA signature with SHA-256. It fails only for keys
// too small, which Prepare does not make.
func (o Options) sign(key *rsa.PrivateKey, message string) string {
	sum := sha256.Sum256([]byte(message))
	signature, err := o.Sign(key, sum[:])
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// seal signs and sends an answer. The request's Wechatpay-Serial header says
// which key the till can check; without one it is the platform certificate's.
// Who is not known is answered without a signature, as by the real one.
func (s *wechatServer) seal(r *http.Request, w http.ResponseWriter, a answer, forge bool) {
	key, serial := s.setup.platformKey, s.setup.WeChat.PlatformSerial
	if r.Header.Get("Wechatpay-Serial") == s.setup.WeChat.PublicKeyID {
		key, serial = s.setup.publicKey, s.setup.WeChat.PublicKeyID
	}
	timestamp := strconv.FormatInt(s.options.Now().Unix(), 10)
	nonce := digits(s.options.Random, "0123456789abcdef", 32)
	message := timestamp + "\n" + nonce + "\n" + string(a.body) + "\n"
	if forge {
		message += " "
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	if a.status != http.StatusUnauthorized {
		h.Set("Wechatpay-Timestamp", timestamp)
		h.Set("Wechatpay-Nonce", nonce)
		h.Set("Wechatpay-Serial", serial)
		h.Set("Wechatpay-Signature-Type", wechatScheme)
		h.Set("Wechatpay-Signature", s.options.sign(key, message))
	}
	h.Set("Request-Id", "08"+digits(s.options.Random, "0123456789ABCDEF", 30)+"-"+orElse(a.tail, "0"))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// nonces remembers which requests were seen, for as long as their timestamps
// would be accepted.
type nonces struct {
	mu   sync.Mutex
	seen map[string]time.Time
	turn time.Time // when old ones were last dropped
}

func newNonces() *nonces { return &nonces{seen: map[string]time.Time{}} }

func (n *nonces) add(key string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.turn) > maxSkew {
		for k, at := range n.seen {
			if now.Sub(at) > 2*maxSkew {
				delete(n.seen, k)
			}
		}
		n.turn = now
	}
	if _, known := n.seen[key]; known {
		return false
	}
	n.seen[key] = now
	return true
}

func (n *nonces) remove(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.seen, key)
}
