// Package wechat takes money through WeChat Pay's merchant interface, API v3:
// the customer's pay code, the till's order code (native), query, reversal,
// close, refund and its query.
//
// Signing and the keys are the official library's (wechatpay-go v0.2.21, its
// core client); comments name the places where it is worked round. The
// interface is described at https://pay.weixin.qq.com/doc/v3/merchant/4012382150
// and the pages beside it.
package wechat

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/signers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"abacus/payment"
	"abacus/payment/wire"
)

// unreachableNotify fills a field that WeChat demands for order codes even of
// a till that nobody can call: this one asks instead of waiting to be told.
const unreachableNotify = "https://till.invalid/wechat"

// Config is one merchant at WeChat Pay. A platform certificate, a WeChat Pay
// public key, or both during a change-over, must be given: answers are checked
// with whichever of them signed.
type Config struct {
	Base           string // empty: https://api.mch.weixin.qq.com
	AppID          string
	MchID          string
	MerchantSerial string // of the merchant's API certificate, hexadecimal
	MerchantKey    *rsa.PrivateKey
	Signer         auth.Signer // signs requests; nil: MerchantKey does
	APIv3Key       string      // 32 characters; opens notifications, which a till does not get

	PlatformSerial string // only held against the certificate's; empty: not even that
	PlatformCert   *x509.Certificate
	PublicKeyID    string // "PUB_KEY_ID_…"
	PublicKey      *rsa.PublicKey

	StoreID   string // empty: the store named in the charge
	DeviceIP  string // empty: left out
	NotifyURL string // of order codes; empty: an address nobody listens at

	HTTP   *http.Client     // nil: wire.NewClient with the system's authorities
	Now    func() time.Time // the clock answers are held against; nil: time.Now
	Timing payment.Timing   // zero fields: the pace WeChat asks for
}

// defaultTiming is the pace WeChat asks for: first query after 5 s, then every
// 5 s, 30 s in all, and no reversal in the first 15 s
// (https://pay.weixin.qq.com/doc/v2/merchant/4011937125).
var defaultTiming = payment.Timing{
	CallTimeout:    10 * time.Second,
	FirstQuery:     5 * time.Second,
	QueryInterval:  5 * time.Second,
	Deadline:       30 * time.Second,
	NoReverseUntil: 15 * time.Second,
	OrderCodeLife:  120 * time.Second,
	CodePoll:       3 * time.Second,
	Watch:          payment.DefaultWatch,
}

// Client is one merchant at WeChat Pay. It keeps nothing about orders and may
// be used concurrently.
type Client struct {
	config Config
	base   string
	core   *core.Client
	guard  validator
}

var (
	_ payment.Presenter = (*Client)(nil)
	_ payment.Refunder  = (*Client)(nil)
)

// New checks a configuration and makes its client; nothing is sent. The error
// names the setting to put right.
func New(c Config) (*Client, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("wechat: %w", err)
	}
	c.Timing = wire.FillTiming(c.Timing, defaultTiming)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.HTTP == nil {
		c.HTTP = wire.NewClient(nil)
	}
	if c.Signer == nil {
		c.Signer = &signers.SHA256WithRSASigner{MchID: c.MchID, PrivateKey: c.MerchantKey, CertificateSerialNo: c.MerchantSerial}
	}
	guard := validator{verifier: c.verifier(), now: c.Now}
	// The library stamps requests with time.Now and draws nonces from
	// crypto/rand, and offers no way in. Both are harmless to tests: the first
	// follows the clock of a synctest bubble, the second is never compared.
	client, err := core.NewClient(context.Background(),
		option.WithSigner(c.Signer),
		option.WithHTTPClient(wire.Guard(c.HTTP)),
		withValidator{guard})
	if err != nil {
		return nil, fmt.Errorf("wechat: %w", err)
	}
	base := strings.TrimSuffix(cmp.Or(c.Base, consts.WechatPayAPIServer), "/")
	return &Client{config: c, base: base, core: client, guard: guard}, nil
}

func (c Config) check() error {
	if c.Base != "" {
		if u, err := url.Parse(c.Base); err != nil || u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("base %q: want https://host", c.Base)
		}
	}
	switch {
	case c.AppID == "":
		return errors.New("appid is empty: copy it from the merchant platform")
	case c.MchID == "":
		return errors.New("mchid is empty: copy it from the merchant platform")
	case c.MerchantSerial == "":
		return errors.New("merchant_serial is empty: it is the serial number of the API certificate")
	case c.MerchantKey == nil:
		return errors.New("merchant_key is missing: it is apiclient_key.pem of the API certificate")
	case c.APIv3Key != "" && len(c.APIv3Key) != 32:
		return errors.New("apiv3_key: want 32 characters")
	case (c.PublicKey == nil) != (c.PublicKeyID == ""):
		return errors.New("public_key and public_key_id: give both or neither")
	case c.PublicKey == nil && c.PlatformCert == nil:
		return errors.New("platform_cert and public_key are both missing: answers could not be checked")
	}
	return c.checkCertificate()
}

func (c Config) checkCertificate() error {
	if c.PlatformCert == nil {
		return nil
	}
	// The library would panic at the first answer.
	if _, ok := c.PlatformCert.PublicKey.(*rsa.PublicKey); !ok {
		return errors.New("platform_cert: want an RSA certificate")
	}
	if own := serialOf(c.PlatformCert); c.PlatformSerial != "" && !sameSerial(own, c.PlatformSerial) {
		return fmt.Errorf("platform_serial %s: the certificate's is %s", c.PlatformSerial, own)
	}
	return nil
}

func (c Config) verifier() auth.Verifier {
	certificate := platformCertificate{c.PlatformCert}
	switch {
	case c.PublicKey == nil:
		return verifiers.NewSHA256WithRSAVerifier(certificate)
	case c.PlatformCert == nil:
		return verifiers.NewSHA256WithRSAPubkeyVerifier(c.PublicKeyID, *c.PublicKey)
	}
	return verifiers.NewSHA256WithRSACombinedVerifier(certificate, c.PublicKeyID, *c.PublicKey)
}

// platformCertificate implements core.CertificateGetter. The library's own map
// compares serial numbers as texts; this is found by the number, and what the
// shop typed plays no part.
type platformCertificate struct{ cert *x509.Certificate }

// Get is asked with an answer's header Wechatpay-Serial.
func (p platformCertificate) Get(_ context.Context, serial string) (*x509.Certificate, bool) {
	return p.cert, sameSerial(serial, serialOf(p.cert))
}

// GetAll is asked by nobody here.
func (p platformCertificate) GetAll(context.Context) map[string]*x509.Certificate {
	return map[string]*x509.Certificate{serialOf(p.cert): p.cert}
}

// GetNewestSerial goes out as the key we want answers signed with.
func (p platformCertificate) GetNewestSerial(context.Context) string { return serialOf(p.cert) }

// serialOf is a serial number as WeChat writes it: in capitals, with the zero
// that makes its digits even.
func serialOf(cert *x509.Certificate) string { return utils.GetCertificateSerialNumber(*cert) }

func sameSerial(a, b string) bool {
	return strings.EqualFold(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
}

type withValidator struct{ validator }

// Apply implements core.ClientOption.
func (w withValidator) Apply(s *core.DialSettings) error {
	s.Validator = w.validator
	return nil
}

// Channel is payment.WeChat.
func (c *Client) Channel() payment.Channel { return payment.WeChat }

// Timing is the scheme's clock as configured.
func (c *Client) Timing() payment.Timing { return c.config.Timing }
