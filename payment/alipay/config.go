// Package alipay takes money through Alipay's OpenAPI gateway with RSA2
// signatures: the customer's pay code, the till's order code, query, cancel,
// close, refund and its query, and Huabei credit.
//
// Signing, verification and transport are those of smartwalle/alipay v3.2.28,
// used through its generic Payload; comments name the places where it is
// worked round. The interface is described at
// https://opendocs.alipay.com/open/194/105072 and the pages beside it.
package alipay

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	library "github.com/smartwalle/alipay/v3"

	"abacus/payment"
	"abacus/payment/wire"
)

const productionGateway = "https://openapi.alipay.com/gateway.do"

// Config is one application of a merchant at Alipay.
type Config struct {
	Gateway   string // empty: https://openapi.alipay.com/gateway.do
	AppID     string
	AppKey    *rsa.PrivateKey // the application's private key
	PublicKey *rsa.PublicKey  // Alipay's, not the application's

	StoreID string // empty: the store named in the charge

	HTTP   *http.Client   // nil: wire.NewClient with the system's authorities
	Timing payment.Timing // zero fields: the pace Alipay asks for
}

// defaultTiming is the pace Alipay asks for: first query after 5 s, then every
// 3 s, and the cancellation directly after the last query
// (https://opendocs.alipay.com/open/194/106039).
var defaultTiming = payment.Timing{
	CallTimeout:   10 * time.Second,
	FirstQuery:    5 * time.Second,
	QueryInterval: 3 * time.Second,
	Deadline:      30 * time.Second,
	OrderCodeLife: 120 * time.Second,
	CodePoll:      3 * time.Second,
	Watch:         payment.DefaultWatch,
}

// Client is one application at Alipay. It keeps nothing about orders and may
// be used concurrently.
type Client struct {
	config Config
	lib    *library.Client
}

var (
	_ payment.Presenter = (*Client)(nil)
	_ payment.Refunder  = (*Client)(nil)
)

// New checks a configuration and makes its client; nothing is sent. The error
// names the setting to put right.
func New(c Config) (*Client, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("alipay: %w", err)
	}
	c.Timing = wire.FillTiming(c.Timing, defaultTiming)
	if c.HTTP == nil {
		c.HTTP = wire.NewClient(nil)
	}
	private, public, err := pemKeys(c.AppKey, c.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("alipay: %w", err)
	}
	guarded := wire.Guard(c.HTTP)
	guarded.Transport = okOnly{guarded.Transport}
	// The library's "production" differs in one thing that matters here: an
	// unknown certificate number in an answer makes it download a certificate
	// in the middle of a payment. So even the real gateway is given to it as
	// "sandbox". Its clock is time.Now, which follows a synctest bubble; its
	// time zone is the machine's unless told.
	lib, err := library.New(c.AppID, private, false,
		library.WithSandboxGateway(cmp.Or(c.Gateway, productionGateway)),
		library.WithTimeLocation(beijing()),
		library.WithHTTPClient(guarded))
	if err != nil {
		return nil, fmt.Errorf("alipay: app_key: %w", err)
	}
	if err := lib.LoadAliPayPublicKey(public); err != nil {
		return nil, fmt.Errorf("alipay: alipay_public_key: %w", err)
	}
	return &Client{config: c, lib: lib}, nil
}

func (c Config) check() error {
	if c.Gateway != "" {
		// The library would panic on an address that cannot be parsed.
		if u, err := url.Parse(c.Gateway); err != nil || u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("gateway %q: want https://host/gateway.do", c.Gateway)
		}
	}
	switch {
	case c.AppID == "":
		return errors.New("app_id is empty: copy it from Alipay's open platform")
	case c.AppKey == nil:
		return errors.New("app_key is missing: it is the application's private key")
	case c.PublicKey == nil:
		return errors.New("alipay_public_key is missing: answers could not be checked")
	case c.PublicKey.Equal(c.AppKey.Public()):
		return errors.New("alipay_public_key is the application's own: copy Alipay's from the open platform")
	}
	return nil
}

// pemKeys writes the keys as the library wants to read them.
func pemKeys(private *rsa.PrivateKey, public *rsa.PublicKey) (string, string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", fmt.Errorf("app_key: %w", err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", "", fmt.Errorf("alipay_public_key: %w", err)
	}
	encode := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return encode("PRIVATE KEY", der), encode("PUBLIC KEY", publicDER), nil
}

// beijing is the zone of every time Alipay sends or is sent. China has had no
// summer time since 1991, so no zone file is needed.
func beijing() *time.Location { return time.FixedZone("CST", 8*60*60) }

// Channel is payment.Alipay.
func (c *Client) Channel() payment.Channel { return payment.Alipay }

// Timing is the scheme's clock as configured.
func (c *Client) Timing() payment.Timing { return c.config.Timing }
