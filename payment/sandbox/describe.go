package sandbox

import (
	_ "embed"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

const (
	sandboxFile = "sandbox.json"
	configFile  = "config.yaml"
)

// description is DIR/sandbox.json: how to connect. Files are named relative to
// the folder.
type description struct {
	Control string             `json:"control"`
	CA      string             `json:"ca"`
	WeChat  wechatDescription  `json:"wechat"`
	Alipay  alipayDescription  `json:"alipay"`
	Card    cardDescription    `json:"card"`
	Pinpad  pinpadDescription  `json:"pinpad"`
	Journal journalDescription `json:"journal"`
}

type wechatDescription struct {
	Base           string `json:"base"`
	AppID          string `json:"appid"`
	MchID          string `json:"mchid"`
	MerchantSerial string `json:"merchant_serial"`
	MerchantKey    string `json:"merchant_key"`
	APIv3Key       string `json:"apiv3_key"`
	PlatformSerial string `json:"platform_serial"`
	PlatformCert   string `json:"platform_cert"`
	PublicKeyID    string `json:"public_key_id"`
	PublicKey      string `json:"public_key"`
	APIv2Key       string `json:"apiv2_key"`
}

type alipayDescription struct {
	Gateway         string `json:"gateway"`
	AppID           string `json:"app_id"`
	AppKey          string `json:"app_key"`
	AlipayPublicKey string `json:"alipay_public_key"`
}

type cardDescription struct {
	Address   string `json:"address"`
	TPDU      string `json:"tpdu"`
	Header    string `json:"header"`
	Merchant  string `json:"merchant"`
	Terminal  string `json:"terminal"`
	MasterKey string `json:"master_key"`
	MAC       string `json:"mac"`
}

type pinpadDescription struct {
	Address string `json:"address"` // TCP
	TTY     string `json:"tty"`     // serial line, empty where there are no pseudo-terminals
}

type journalDescription struct {
	Address   string `json:"address"`
	TillKey   string `json:"till_key"`
	PublicKey string `json:"public_key"`
}

//go:embed config.yaml.tmpl
var configTemplate string

// describe writes sandbox.json and config.yaml, a whole configuration of a
// till connected to this sandbox.
func (s *Sandbox) describe() error {
	w, a, c := s.setup.WeChat, s.setup.Alipay, s.setup.Card
	d := description{
		Control: s.control, CA: caFile,
		WeChat: wechatDescription{
			Base: s.base, AppID: w.AppID, MchID: w.MchID,
			MerchantSerial: w.MerchantSerial, MerchantKey: merchantKeyFile, APIv3Key: w.APIv3Key,
			PlatformSerial: w.PlatformSerial, PlatformCert: platformCertFile,
			PublicKeyID: w.PublicKeyID, PublicKey: publicKeyFile, APIv2Key: w.APIv2Key,
		},
		Alipay: alipayDescription{
			Gateway: s.Gateway(), AppID: a.AppID, AppKey: appKeyFile, AlipayPublicKey: alipayPublicFile,
		},
		Card: cardDescription{
			Address: s.cardAddress, TPDU: c.TPDU, Header: c.Header, Merchant: c.Merchant, Terminal: c.Terminal, MasterKey: cardKeyFile, MAC: s.options.CardMAC,
		},
	}
	d.Journal = journalDescription{Address: s.JournalURL(), TillKey: tillKeyFile, PublicKey: journalPublicFile}
	d.Pinpad = pinpadDescription{Address: s.counter.address, TTY: s.counter.tty}
	if err := writeJSON(filepath.Join(s.setup.Dir, sandboxFile), d); err != nil {
		return err
	}
	page, err := template.New(configFile).Funcs(template.FuncMap{"q": strconv.Quote}).Parse(configTemplate)
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := page.Execute(&text, struct {
		description
		Options Options
	}{d, s.options}); err != nil {
		return err
	}
	return writeWhole(filepath.Join(s.setup.Dir, configFile), []byte(text.String()))
}
