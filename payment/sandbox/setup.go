package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Setup is who the merchant is at both acquirers, with the keys of both sides.
// The exported part is what a till needs to be connected.
type Setup struct {
	Dir     string // empty: nothing was written
	CAPEM   []byte // the authority that signed the servers' certificate
	Roots   *x509.CertPool
	WeChat  WeChatSetup
	Alipay  AlipaySetup
	Card    CardSetup
	Journal JournalSetup

	options     Options
	platformKey *rsa.PrivateKey // signs WeChat's answers in certificate mode
	publicKey   *rsa.PrivateKey // signs them in public key mode
	alipayKey   *rsa.PrivateKey // signs Alipay's answers
	journalKey  *rsa.PrivateKey // signs for copies of journals
	server      tls.Certificate
}

// WeChatSetup is the merchant's account at WeChat Pay. Both ways of checking
// answers work at any time; a request's Wechatpay-Serial header chooses.
type WeChatSetup struct {
	AppID, MchID   string
	MerchantSerial string
	MerchantKey    *rsa.PrivateKey
	APIv3Key       string // 32 characters
	APIv2Key       string // 32 characters
	PlatformSerial string
	PlatformCert   *x509.Certificate
	PublicKeyID    string // "PUB_KEY_ID_…"
	PublicKey      *rsa.PublicKey
}

// AlipaySetup is the merchant's app at Alipay.
type AlipaySetup struct {
	AppID           string
	AppKey          *rsa.PrivateKey
	AlipayPublicKey *rsa.PublicKey
}

// JournalSetup is the till's key at the journal's keeper, and the keeper's.
type JournalSetup struct {
	TillKey   *rsa.PrivateKey
	PublicKey *rsa.PublicKey
}

// identity is what is kept of a Setup in DIR/identity.json; keys and
// certificates are PEM texts.
type identity struct {
	AppID          string `json:"appid"`
	MchID          string `json:"mchid"`
	MerchantSerial string `json:"merchant_serial"`
	APIv3Key       string `json:"apiv3_key"`
	APIv2Key       string `json:"apiv2_key"`
	PublicKeyID    string `json:"public_key_id"`
	AlipayAppID    string `json:"alipay_app_id"`
	CardMerchant   string `json:"card_merchant"`
	CardTerminal   string `json:"card_terminal"`
	CardKey        string `json:"card_master_key"`

	MerchantKey  string `json:"merchant_key"`
	PlatformKey  string `json:"platform_key"`
	PlatformCert string `json:"platform_cert"`
	PublicKey    string `json:"wechat_key"`
	AppKey       string `json:"app_key"`
	AlipayKey    string `json:"alipay_key"`
	TillKey      string `json:"journal_till_key"`
	JournalKey   string `json:"journal_key"`
	CA           string `json:"ca"`
	ServerCert   string `json:"server_cert"`
	ServerKey    string `json:"server_key"`
}

// Files of a sandbox's folder. The identity holds the acquirers' private keys
// too; the others are what a till is given.
const (
	identityFile     = "identity.json"
	caFile           = "ca.pem"
	merchantKeyFile  = "wechat_merchant_key.pem"
	platformCertFile = "wechat_platform_cert.pem"
	publicKeyFile    = "wechat_public_key.pem"
	appKeyFile       = "alipay_app_key.pem"
	alipayPublicFile = "alipay_public_key.pem"
	cardKeyFile      = "card_master_key.txt"

	tillKeyFile       = "journal_till_key.pem"
	journalPublicFile = "journal_public_key.pem"
)

// Prepare makes the keys, numbers and certificates of a merchant and of both
// acquirers, or loads those made in dir before. With an empty dir nothing is
// kept. Making five RSA keys takes seconds on a small machine, so ctx can end
// it; nothing is left half made.
func Prepare(ctx context.Context, dir string, options Options) (*Setup, error) {
	options = options.withDefaults()
	if dir == "" {
		id, err := makeIdentity(ctx, options.Random)
		if err != nil {
			return nil, err
		}
		if _, err := id.complete(ctx, options.Random); err != nil {
			return nil, err
		}
		return id.setup("", options)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("sandbox: folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox: folder: %w", err)
	}
	id, err := loadIdentity(filepath.Join(dir, identityFile))
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh {
		id, err = makeIdentity(ctx, options.Random)
	}
	if err == nil {
		var grown bool
		if grown, err = id.complete(ctx, options.Random); err == nil && (grown || fresh) {
			err = writeJSON(filepath.Join(dir, identityFile), id)
		}
	}
	if err != nil {
		return nil, err
	}
	s, err := id.setup(dir, options)
	if err != nil {
		return nil, fmt.Errorf("%w; delete %s to start afresh", err, filepath.Join(dir, identityFile))
	}
	return s, s.writeKeys(id)
}

func loadIdentity(path string) (*identity, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sandbox: keys: %w", err)
	}
	var id identity
	if err := json.Unmarshal(data, &id); err != nil {
		return nil, fmt.Errorf("sandbox: keys: %s is damaged (%w); delete it to start afresh", path, err)
	}
	return &id, nil
}

func makeIdentity(ctx context.Context, random io.Reader) (*identity, error) {
	keys, err := makeKeys(ctx, 5)
	if err != nil {
		return nil, err
	}
	id := &identity{
		AppID:          "wx" + digits(random, "0123456789abcdef", 16),
		MchID:          "16" + digits(random, decimal, 8),
		MerchantSerial: "5A" + digits(random, "0123456789ABCDEF", 38),
		APIv3Key:       digits(random, letters, 32),
		APIv2Key:       digits(random, letters, 32),
		PublicKeyID:    "PUB_KEY_ID_01" + digits(random, decimal, 32),
		AlipayAppID:    "2021" + digits(random, decimal, 12),
		MerchantKey:    keyPEM(keys[0]), PlatformKey: keyPEM(keys[1]), PublicKey: keyPEM(keys[2]),
		AppKey: keyPEM(keys[3]), AlipayKey: keyPEM(keys[4]),
	}
	// A serial of forty hexadecimal digits, as the real ones have: the first
	// byte is set so that no leading zero is lost.
	serial, _ := new(big.Int).SetString("4B"+digits(random, "0123456789ABCDEF", 38), 16)
	if id.PlatformCert, err = platformCertificate(keys[1], serial); err != nil {
		return nil, err
	}
	id.CA, id.ServerCert, id.ServerKey, err = serverCertificate()
	return id, err
}

// complete adds what a folder of an earlier version lacks; true: something was.
func (id *identity) complete(ctx context.Context, random io.Reader) (bool, error) {
	grown := id.addCard(random)
	if id.JournalKey != "" {
		return grown, nil
	}
	keys, err := makeKeys(ctx, 2)
	if err == nil {
		id.TillKey, id.JournalKey = keyPEM(keys[0]), keyPEM(keys[1])
	}
	return true, err
}

// addCard gives the merchant a card terminal; false: it has one.
func (id *identity) addCard(random io.Reader) bool {
	if id.CardTerminal != "" {
		return false
	}
	id.CardMerchant, id.CardTerminal = "898"+digits(random, decimal, 12), "1"+digits(random, decimal, 7)
	id.CardKey = digits(rand.Reader, "0123456789ABCDEF", 32)
	return true
}

// makeKeys makes n RSA-2048 keys at once.
func makeKeys(ctx context.Context, n int) ([]*rsa.PrivateKey, error) {
	keys, errs := make([]*rsa.PrivateKey, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if errs[i] = ctx.Err(); errs[i] == nil {
				keys[i], errs[i] = rsa.GenerateKey(rand.Reader, 2048)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("sandbox: making keys: %w", err)
	}
	return keys, nil
}

// setup parses the identity's texts.
func (id *identity) setup(dir string, options Options) (*Setup, error) {
	s := &Setup{Dir: dir, CAPEM: []byte(id.CA), Roots: x509.NewCertPool(), options: options}
	var errs [9]error
	s.WeChat = WeChatSetup{
		AppID: id.AppID, MchID: id.MchID, MerchantSerial: id.MerchantSerial,
		APIv3Key: id.APIv3Key, APIv2Key: id.APIv2Key, PublicKeyID: id.PublicKeyID,
	}
	s.WeChat.MerchantKey, errs[0] = parseKey(id.MerchantKey)
	s.platformKey, errs[1] = parseKey(id.PlatformKey)
	s.publicKey, errs[2] = parseKey(id.PublicKey)
	s.Alipay.AppID = id.AlipayAppID
	s.Card = CardSetup{TPDU: "6000030000", Header: "603100311000", Merchant: id.CardMerchant, Terminal: id.CardTerminal, MasterKey: id.CardKey}
	s.Alipay.AppKey, errs[3] = parseKey(id.AppKey)
	s.alipayKey, errs[4] = parseKey(id.AlipayKey)
	s.WeChat.PlatformCert, errs[5] = parseCert(id.PlatformCert)
	s.server, errs[6] = tls.X509KeyPair([]byte(id.ServerCert), []byte(id.ServerKey))
	s.Journal.TillKey, errs[7] = parseKey(id.TillKey)
	s.journalKey, errs[8] = parseKey(id.JournalKey)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("sandbox: keys: %w", err)
	}
	if !s.Roots.AppendCertsFromPEM(s.CAPEM) {
		return nil, errors.New("sandbox: keys: no certificate authority")
	}
	s.WeChat.PlatformSerial = strings.ToUpper(s.WeChat.PlatformCert.SerialNumber.Text(16))
	s.WeChat.PublicKey = &s.publicKey.PublicKey
	s.Alipay.AlipayPublicKey = &s.alipayKey.PublicKey
	s.Journal.PublicKey = &s.journalKey.PublicKey
	return s, nil
}

// writeKeys writes the files a till is given.
func (s *Setup) writeKeys(id *identity) error {
	for name, text := range map[string]string{
		caFile: id.CA, merchantKeyFile: id.MerchantKey, platformCertFile: id.PlatformCert,
		publicKeyFile: publicPEM(s.WeChat.PublicKey), appKeyFile: id.AppKey,
		alipayPublicFile: publicPEM(s.Alipay.AlipayPublicKey), cardKeyFile: id.CardKey + "\n",
		tillKeyFile: id.TillKey, journalPublicFile: publicPEM(s.Journal.PublicKey),
	} {
		if err := writeWhole(filepath.Join(s.Dir, name), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}
