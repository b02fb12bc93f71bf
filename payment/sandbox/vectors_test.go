package sandbox

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vectors are published requests of others' SDKs; their source is in the file.
type vectors struct {
	WeChat struct {
		Method        string `json:"method"`
		Path          string `json:"url_path"`
		Timestamp     string `json:"timestamp"`
		Body          string `json:"body"`
		Authorization string `json:"authorization"`
		Cert          string `json:"verify_with_cert_pem"`
	} `json:"wechat"`
	GCM struct {
		Key        string `json:"api_v3_key"`
		Nonce      string `json:"nonce"`
		Purpose    string `json:"associated_data"`
		Ciphertext string `json:"ciphertext"`
		Plaintext  string `json:"plaintext"`
	} `json:"gcm"`
	Alipay struct {
		Params map[string]string `json:"params"`
		Text   string            `json:"string_to_sign"`
		Sign   string            `json:"sign"`
		Cert   string            `json:"verify_with_cert_pem"`
	} `json:"alipay"`
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func publicKey(t *testing.T, certificate string) *rsa.PublicKey {
	t.Helper()
	cert, err := parseCert(certificate)
	if err != nil {
		t.Fatal(err)
	}
	return cert.PublicKey.(*rsa.PublicKey)
}

// A request signed by another SDK passes, and fails with any part changed.
func TestWeChatRequestOfAnotherSDK(t *testing.T) {
	v := readVectors(t).WeChat
	parsed, ok := parseAuthorization(v.Authorization)
	if !ok {
		t.Fatal("the header is not understood")
	}
	unix, _ := strconv.ParseInt(v.Timestamp, 10, 64)
	setup := &Setup{WeChat: WeChatSetup{
		MchID: "1230000109", MerchantSerial: parsed.serial,
		MerchantKey: &rsa.PrivateKey{PublicKey: *publicKey(t, v.Cert)},
	}}
	try := func(path, body, authorization string, late time.Duration) *problem {
		now := func() time.Time { return time.Unix(unix, 0).Add(late) }
		s := New(setup, Options{Now: now}).wechat
		r := httptest.NewRequest(v.Method, path, nil)
		r.Header.Set("Accept", "*/*")
		r.Header.Set("User-Agent", "x")
		r.Header.Set("Authorization", authorization)
		_, p := s.authenticate(r, []byte(body))
		return p
	}
	if p := try(v.Path, v.Body, v.Authorization, maxSkew); p != nil {
		t.Errorf("refused: %s", p.message)
	}
	for name, p := range map[string]*problem{
		"path":      try(v.Path+"?x=1", v.Body, v.Authorization, 0),
		"body":      try(v.Path, v.Body+" ", v.Authorization, 0),
		"nonce":     try(v.Path, v.Body, strings.Replace(v.Authorization, "AF14", "AF15", 1), 0),
		"late":      try(v.Path, v.Body, v.Authorization, maxSkew+time.Second),
		"early":     try(v.Path, v.Body, v.Authorization, -maxSkew-time.Second),
		"timestamp": try(v.Path, v.Body, strings.Replace(v.Authorization, v.Timestamp, strconv.FormatInt(unix+1, 10), 1), 0),
	} {
		if p == nil {
			t.Errorf("changed %s: accepted", name)
		}
	}
}

func TestGCMVector(t *testing.T) {
	v := readVectors(t).GCM
	if got := encryptGCM(v.Key, v.Nonce, v.Purpose, []byte(v.Plaintext)); got != v.Ciphertext {
		t.Errorf("ciphertext %s, want %s", got, v.Ciphertext)
	}
}

func TestAlipayRequestOfAnotherSDK(t *testing.T) {
	v := readVectors(t).Alipay
	v.Params["sign"] = v.Sign
	v.Params["empty"] = ""
	if got := signedText(v.Params); got != v.Text {
		t.Errorf("signed text\n%s\nwant\n%s", got, v.Text)
	}
	signature, err := base64.StdEncoding.DecodeString(v.Sign)
	key := publicKey(t, v.Cert)
	if err != nil || !verified(key, signedText(v.Params), signature) {
		t.Error("the signature is refused")
	}
	if verified(key, signedText(v.Params)+" ", signature) {
		t.Error("a changed text is accepted")
	}
}

// Names that are the beginning of others sort by name, not by pair.
func TestSignedTextSortsByName(t *testing.T) {
	if got := signedText(map[string]string{"a1": "x", "a": "y", "sign": "z", "sign_type": "RSA2"}); got != "a=y&a1=x&sign_type=RSA2" {
		t.Error(got)
	}
}

func TestDeclineCodes(t *testing.T) {
	for _, c := range []struct{ channel, wanted, code string }{
		{weChat, "balance", "NOT_ENOUGH"},
		{weChat, "NOTENOUGH", "NOTENOUGH"},
		{weChat, "notenough", "NOTENOUGH"},
		{weChat, "ACQ.BUYER_BALANCE_NOT_ENOUGH", "NOT_ENOUGH"},
		{weChat, "ACQ.PAYMENT_FAIL", "PAYMENT_FAIL"},
		{weChat, "SOMETHING_NEW", "SOMETHING_NEW"},
		{weChat, "Risk", "TRADE_ERROR"},
		{alipay, "balance", "ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		{alipay, "NOTENOUGH", "ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		{alipay, "TRADE_ERROR", "ACQ.PAYMENT_REQUEST_HAS_RISK"},
		{alipay, "ACQ.PAYMENT_FAIL", "ACQ.PAYMENT_FAIL"},
		{alipay, "SOMETHING_NEW", "ACQ.SOMETHING_NEW"},
		{alipay, "isp.unknow-error", "isp.unknow-error"},
		{alipay, "limit", "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"},
	} {
		if got := declineCode(c.channel, c.wanted); got != c.code {
			t.Errorf("%s %s: %s, want %s", c.channel, c.wanted, got, c.code)
		}
	}
}
