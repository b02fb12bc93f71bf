package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// alipayServer is the Alipay OpenAPI gateway. Source: Alipay open platform
// documents, "公共请求参数", "签名" and the pages of each interface.
type alipayServer struct {
	*acquirer
	setup *Setup
}

const (
	alipayTime = "2006-01-02 15:04:05" // always Beijing's
	alipaySkew = 10 * time.Minute
)

// fault40 is an answer without business content: code, words and sub code.
type fault40 struct{ code, subCode, subMsg string }

var alipayMessages = map[string]string{
	"10000": "Success", "10003": " order success pay inprocess", "20000": "Service Currently Unavailable",
	"40001": "Missing Required Arguments", "40002": "Invalid Arguments", "40004": "Business Failed",
	"40006": "Insufficient Permissions",
}

func (f fault40) node() map[string]any {
	return map[string]any{"code": f.code, "msg": alipayMessages[f.code], "sub_code": f.subCode, "sub_msg": f.subMsg}
}

// parameters merges query and body, as the gateway does: some SDKs put the
// system parameters into one and biz_content into the other.
func parameters(r *http.Request, body []byte) (map[string]string, bool) {
	merged := map[string]string{}
	media, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	texts := []string{r.URL.RawQuery}
	switch media {
	case "multipart/form-data":
		if !readMultipart(merged, body, options["boundary"]) {
			return nil, false
		}
	default:
		texts = append(texts, string(body))
	}
	for _, text := range texts {
		values, err := url.ParseQuery(text)
		if err != nil {
			return nil, false
		}
		for k, v := range values {
			if old, twice := merged[k]; len(v) > 1 || twice && old != v[0] {
				return nil, false // which of the two was signed?
			}
			merged[k] = v[0]
		}
	}
	return merged, true
}

// signedText is what a request's signature covers: all parameters that are not
// empty, except sign, by name.
func signedText(parameters map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if value := parameters[name]; name != "sign" && value != "" {
			pairs = append(pairs, name+"="+value)
		}
	}
	return strings.Join(pairs, "&")
}

// authenticate checks the system parameters and the signature. The second
// value says whether the app is known: only then is the answer signed.
func (s *alipayServer) authenticate(p map[string]string) (*fault40, bool) {
	if p["app_id"] == "" {
		return &fault40{"40001", "isv.missing-app-id", "缺少AppID参数"}, false
	}
	if p["app_id"] != s.setup.Alipay.AppID {
		return &fault40{"40002", "isv.invalid-app-id", "无效的AppID参数"}, false
	}
	for _, required := range []string{"method", "charset", "sign_type", "sign", "timestamp", "version"} {
		if p[required] == "" {
			name := strings.ReplaceAll(orElse(map[string]string{"sign": "signature", "sign_type": "signature-type"}[required], required), "_", "-")
			return &fault40{"40001", "isv.missing-" + name, "缺少" + required + "参数"}, true
		}
	}
	switch {
	case p["sign_type"] != "RSA2":
		return &fault40{"40002", "isv.invalid-signature-type", "无效的签名类型，本应用使用RSA2"}, true
	case !strings.EqualFold(p["charset"], "utf-8"):
		return &fault40{"40002", "isv.invalid-charset", "字符集错误，本应用使用utf-8"}, true
	case p["version"] != "1.0":
		return &fault40{"40002", "isv.invalid-version", "版本错误"}, true
	case p["format"] != "" && !strings.EqualFold(p["format"], "json"):
		return &fault40{"40002", "isv.invalid-format", "无效的数据格式"}, true
	}
	signature, err := base64.StdEncoding.DecodeString(p["sign"])
	if err != nil || !verified(&s.setup.Alipay.AppKey.PublicKey, signedText(p), signature) {
		return &fault40{"40002", "isv.invalid-signature", "验签出错，请确认charset参数、签名原文及私钥公钥是否匹配"}, true
	}
	at, err := time.ParseInLocation(alipayTime, p["timestamp"], beijing)
	if age := s.options.Now().Sub(at); err != nil || age > alipaySkew || age < -alipaySkew {
		return &fault40{"40002", "isv.invalid-timestamp", "非法的时间戳参数，须为北京时间yyyy-MM-dd HH:mm:ss"}, true
	}
	return nil, true
}

// open authenticates a request and finds out what it wants.
func (s *alipayServer) open(r *http.Request, body []byte) call {
	c := call{channel: alipay, forget: func() {}}
	refuse := func(f fault40, node string, signed bool) call {
		c.do = func(strike) answer { return answer{status: http.StatusOK, body: encode(f.node())} }
		c.seal = func(w http.ResponseWriter, a answer, forge bool) { s.seal(w, node, a, forge, signed) }
		return c
	}
	p, ok := parameters(r, body)
	if !ok || r.Method != http.MethodPost && r.Method != http.MethodGet {
		return refuse(fault40{"40002", "isv.invalid-parameter", "参数无法解析，或重复且不一致"}, "error", false)
	}
	method, known := s.methods()[p["method"]]
	node := "error"
	if known {
		node = strings.ReplaceAll(p["method"], ".", "_")
	}
	if f, known := s.authenticate(p); f != nil {
		return refuse(*f, node, known && node != "error")
	}
	if !known {
		return refuse(fault40{"40002", "isv.invalid-method", "不存在的方法名"}, node, false)
	}
	var content biz
	if err := json.Unmarshal([]byte(p["biz_content"]), &content); err != nil {
		return refuse(fault40{"40002", "isv.invalid-parameter", "biz_content不是有效的JSON，或字段类型不符"}, node, true)
	}
	c.operation = method.operation
	c.do = func(f strike) answer {
		asked := content
		asked.strike = f
		return answer{status: http.StatusOK, body: encode(method.do(asked, f.late()))}
	}
	c.seal = func(w http.ResponseWriter, a answer, forge bool) { s.seal(w, node, a, forge, true) }
	return c
}

// seal signs the exact bytes of the answer's object and sends it. Slashes are
// written as \/, as the real gateway does, which catches clients that encode
// the object again before they check the signature.
func (s *alipayServer) seal(w http.ResponseWriter, node string, a answer, forge, signed bool) {
	object := bytes.ReplaceAll(a.body, []byte("/"), []byte(`\/`))
	text := `{"` + node + `_response":` + string(object)
	if signed {
		message := string(object)
		if forge {
			message += " "
		}
		text += `,"sign":"` + s.options.sign(s.setup.alipayKey, message) + `"`
	}
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, text+"}")
}
