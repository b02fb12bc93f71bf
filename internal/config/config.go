// Package config makes one validated struct out of the configuration file,
// the environment and the flags. Whatever is wrong with them is one sentence:
// where, which setting, what is wrong and what to do about it (see Error).
package config

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/payment"
)

// Config is the whole configuration, checked: what stands here can be used as
// it is. A field's key is its name in the file; fields with the key "-" are
// worked out from the others. Paths are absolute.
type Config struct {
	File     string   `key:"-"` // the file that was read, empty when there is none
	Language lang.Tag `key:"-"` // "auto" resolved

	Store             Store          `key:"store"`
	Till              string         `key:"till"` // 1 to 4 letters and digits
	LanguageSetting   string         `key:"language"`
	Currency          money.Currency `key:"currency"`
	Data              string         `key:"data"` // folder of the journal
	Disk              Disk           `key:"disk"`
	Operators         []Operator     `key:"operators"`
	Shift             Shift          `key:"shift"`
	BusinessDayStarts ClockTime      `key:"business_day_starts"`
	ConfirmAbove      money.Amount   `key:"confirm_above"`
	OrderCodeSeconds  int            `key:"order_code_seconds"` // 30 to 600
	GoodsFile         string         `key:"goods_file"`         // empty: samples or none
	MembersFile       string         `key:"members_file"`       // empty: samples or none
	Huabei            Huabei         `key:"huabei"`
	WeChat            WeChat         `key:"wechat"`
	Alipay            Alipay         `key:"alipay"`
	Pinpad            Pinpad         `key:"pinpad"`
	Card              CardChannel    `key:"card"`
	Journal           Journal        `key:"journal"`
	Prepaid           Prepaid        `key:"prepaid"`
	TLS               TLS            `key:"tls"`
	Sandbox           Sandbox        `key:"sandbox"`
	Printer           Printer        `key:"printer"`
	Display           Display        `key:"display"`
	Scanner           Scanner        `key:"scanner"`
	Theme             string         `key:"theme"`   // dark, light, contrast
	Borders           string         `key:"borders"` // unicode, ascii
	Sound             bool           `key:"sound"`
}

// Store is the shop.
type Store struct {
	ID    string   `key:"id"` // at the acquirers
	Name  string   `key:"name"`
	Lines []string `key:"lines"` // under the name on receipts
}

// Operator is somebody who may sign in. Exactly one of PIN and PINHash is set;
// PINFits knows which.
type Operator struct {
	ID      string `key:"id"`
	Name    string `key:"name"`
	Role    string `key:"role"` // "cashier" or "manager"
	PIN     Secret `key:"pin"`
	PINHash string `key:"pin_hash"` // $argon2id$…
	Badge   string `key:"badge"`    // what a scanner reads on the badge; empty: none
}

// Shift is the shop's policy about shifts.
type Shift struct {
	Required bool `key:"required"`
}

// ClockTime is a time of day, as the time passed since midnight.
type ClockTime time.Duration

// Day is the business day, yyyy-mm-dd, that an instant belongs to. It goes by
// the clock on the wall of at's location, so that a night in which the clocks
// change has no gap.
func (c *Config) Day(at time.Time) string {
	hour, minute, _ := at.Clock()
	if time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute < time.Duration(c.BusinessDayStarts) {
		at = at.AddDate(0, 0, -1)
	}
	return at.Format(time.DateOnly)
}

// Disk is how much room the journal's disk must have.
type Disk struct {
	Warn Size `key:"warn"` // with less the till says so
	Stop Size `key:"stop"` // with less it sells nothing new
}

// Size is a number of bytes, written with its unit: 64MiB, 2GiB.
type Size int64

// String is the size as it is written.
func (s Size) String() string {
	if s != 0 && s%gibi == 0 {
		return fmt.Sprintf("%dGiB", s/gibi)
	}
	return fmt.Sprintf("%dMiB", s/mebi)
}

// The units of sizes.
const (
	mebi Size = 1 << 20
	gibi Size = 1 << 30
)

// Huabei is the shop's policy about Alipay's consumer credit.
type Huabei struct {
	Allow       bool  `key:"allow"`
	Instalments []int `key:"instalments"` // out of 3, 6, 12
	SellerPays  bool  `key:"seller_pays"`
}

// WeChat is the shop's account at WeChat Pay.
type WeChat struct {
	Base             string `key:"base"` // https://host[:port]
	AppID            string `key:"appid"`
	MchID            string `key:"mchid"`
	MerchantSerial   string `key:"merchant_serial"`
	MerchantKeyFile  string `key:"merchant_key_file"`
	APIv3Key         Secret `key:"apiv3_key"` // 32 bytes, also when it came from its file
	APIv3KeyFile     string `key:"apiv3_key_file"`
	PlatformSerial   string `key:"platform_serial"`
	PlatformCertFile string `key:"platform_cert_file"`
	PublicKeyID      string `key:"public_key_id"`
	PublicKeyFile    string `key:"public_key_file"`
	Timing           Timing `key:"timing"`

	MerchantKey  *rsa.PrivateKey   `key:"-"`
	PlatformCert *x509.Certificate `key:"-"` // nil without the file
	PublicKey    *rsa.PublicKey    `key:"-"` // nil without the file
}

// On reports whether the account is set up.
func (w *WeChat) On() bool { return w.MerchantKey != nil }

// Alipay is the shop's account at Alipay.
type Alipay struct {
	Gateway             string `key:"gateway"` // https://host[:port]/gateway.do
	AppID               string `key:"app_id"`
	AppKeyFile          string `key:"app_key_file"`
	AlipayPublicKeyFile string `key:"alipay_public_key_file"`
	Timing              Timing `key:"timing"`

	AppKey          *rsa.PrivateKey `key:"-"`
	AlipayPublicKey *rsa.PublicKey  `key:"-"`
}

// On reports whether the account is set up.
func (a *Alipay) On() bool { return a.AppKey != nil }

// Pinpad is the bank terminal beside the till.
type Pinpad struct {
	Kind            string   `key:"kind"`    // none, serial, tcp
	Path            string   `key:"path"`    // of kind serial
	Baud            int      `key:"baud"`    // of kind serial
	Address         string   `key:"address"` // host:port of kind tcp
	CustomerSeconds int      `key:"customer_seconds"`
	ListsAll        bool     `key:"lists_all"`
	CanAbort        bool     `key:"can_abort"`
	Codes           []string `key:"codes"` // channels whose pay codes it takes
}

// On reports whether there is one.
func (p *Pinpad) On() bool { return p.Kind != "none" }

// CardChannel is whose the channel card is, and the account at an ISO 8583 host.
type CardChannel struct {
	Via           string       `key:"via"`     // terminal: the bank terminal (Pinpad); host
	Address       string       `key:"address"` // host:port
	TLS           bool         `key:"tls"`
	TPDU          string       `key:"tpdu"`
	Header        string       `key:"header"`
	Merchant      string       `key:"merchant"`
	Terminal      string       `key:"terminal"`
	MasterKeyFile string       `key:"master_key_file"`
	MAC           string       `key:"mac"`
	HostSeconds   int          `key:"host_seconds"`
	ChipService   string       `key:"chip_service"` // pcscd's socket; empty: no chip reader
	ChipReader    string       `key:"chip_reader"`  // part of its name; empty: the first with a card
	SmallAmount   money.Amount `key:"small_amount"` // up to this, no signature and no PIN
	SettleAtClose bool         `key:"settle_at_close"`
	PIN           bool         `key:"pin"` // PINs are keyed at the till: laboratories only

	MasterKey Secret `key:"-"` // hexadecimal
}

// ViaHost reports whether cards are taken at the host.
func (c *CardChannel) ViaHost() bool { return c.Via == "host" }

// Journal is who keeps a copy of the journal.
type Journal struct {
	Address       string `key:"address"` // https://host[:port]/path; empty: nobody
	KeyFile       string `key:"key_file"`
	PublicKeyFile string `key:"public_key_file"`

	Key       *rsa.PrivateKey `key:"-"`
	PublicKey *rsa.PublicKey  `key:"-"`
}

// On reports whether anybody does.
func (j *Journal) On() bool { return j.Key != nil }

// Prepaid is the shop's policy about its own prepaid cards.
type Prepaid struct {
	Offered bool         `key:"offered"`
	Prefix  string       `key:"prefix"` // of every card's number
	Length  int          `key:"length"` // of the whole number, 16 to 20 digits
	Most    money.Amount `key:"most"`   // on one card
	Months  int          `key:"months"` // from issue to the last day; 0: always good
}

// Timing replaces single figures of a scheme's clock; zero leaves the scheme's
// own, which the configuration therefore never repeats.
type Timing struct {
	CallTimeout    time.Duration `key:"call_timeout"`
	FirstQuery     time.Duration `key:"first_query"`
	QueryInterval  time.Duration `key:"query_interval"`
	Deadline       time.Duration `key:"deadline"`
	NoReverseUntil time.Duration `key:"no_reverse_until"`
	CodePoll       time.Duration `key:"code_poll"`
	Watch          time.Duration `key:"watch"`
}

// Over is the scheme's clock with this shop's figures laid over it.
func (t Timing) Over(scheme payment.Timing) payment.Timing {
	for _, figure := range []struct {
		ours   time.Duration
		scheme *time.Duration
	}{
		{t.CallTimeout, &scheme.CallTimeout},
		{t.FirstQuery, &scheme.FirstQuery},
		{t.QueryInterval, &scheme.QueryInterval},
		{t.Deadline, &scheme.Deadline},
		{t.NoReverseUntil, &scheme.NoReverseUntil},
		{t.CodePoll, &scheme.CodePoll},
		{t.Watch, &scheme.Watch},
	} {
		if figure.ours != 0 {
			*figure.scheme = figure.ours
		}
	}
	return scheme
}

// TLS is about connections outward.
type TLS struct {
	CAFile string `key:"ca_file"`

	// Roots is the system's certificates and those of CAFile; nil without
	// the file, which lets crypto/tls take the system's.
	Roots *x509.CertPool `key:"-"`
}

// Sandbox is the acquirers' made-up side.
type Sandbox struct {
	Embedded bool   `key:"embedded"` // run in this process
	Control  string `key:"control"`  // of one run beside
}

// On reports whether the money is made up.
func (s Sandbox) On() bool { return s.Embedded || s.Control != "" }

// Printer is the receipt printer.
type Printer struct {
	Kind     string `key:"kind"`     // none, file, tcp, device, serial, cups
	Path     string `key:"path"`     // of kinds file, device and serial
	Address  string `key:"address"`  // host:port of kind tcp
	Queue    string `key:"queue"`    // of kind cups
	Baud     int    `key:"baud"`     // of kind serial
	Flow     string `key:"flow"`     // of kind serial: none, rts, dtr
	Status   bool   `key:"status"`   // it answers questions about paper and cover
	Text     string `key:"text"`     // gb18030 or bitmap
	Width    int    `key:"width"`    // paper in millimetres: 58 or 80
	Copies   int    `key:"copies"`   // papers for each sale, 1 to 3
	Language string `key:"language"` // a lang.Tag, "auto" resolved
	Drawer   bool   `key:"drawer"`   // the cash drawer hangs on it
}

// Display is the customer display.
type Display struct {
	Kind string `key:"kind"` // none, serial
	Path string `key:"path"`
	Baud int    `key:"baud"`
	Text string `key:"text"` // ascii, gb18030
}

// Scanner is the barcode scanner and the labels of the shop's scales.
type Scanner struct {
	InterKeyMS int       `key:"inter_key_ms"` // 5 to 150
	Prefix     string    `key:"prefix"`
	Suffix     string    `key:"suffix"`
	Weighed    []Weighed `key:"weighed"`
	Cards      []Card    `key:"cards"`
	Devices    []Device  `key:"devices"`
}

// Card is one form of the shop's own codes: a member's card, a coupon, a
// prepaid card, a badge. Lengths count the prefix.
type Card struct {
	Kind      string `key:"kind"` // member, coupon, prepaid or badge
	Prefix    string `key:"prefix"`
	MinLength int    `key:"min_length"`
	MaxLength int    `key:"max_length"`
	Keep      bool   `key:"keep"` // the prefix is part of the number
}

// Device is a scanner with a line of its own, besides those that are keyboards
// to the terminal.
type Device struct {
	Name   string `key:"name"`   // for people; worked out from Device when empty
	Kind   string `key:"kind"`   // serial, or evdev: a keyboard taken for the till alone
	Device string `key:"device"` // path or COM port, pattern of paths; evdev also a pattern of names
	Baud   int    `key:"baud"`   // of kind serial; 0 in the file is 9600
	Prefix string `key:"prefix"`
	Suffix string `key:"suffix"`
}

// InterKey is the longest time between two characters of one scan, on average.
func (s Scanner) InterKey() time.Duration { return time.Duration(s.InterKeyMS) * time.Millisecond }

// Weighed is one form of label of the shop's scales. Positions count from 1,
// first and last character, both included.
type Weighed struct {
	Prefix   string `key:"prefix"`
	Length   int    `key:"length"`
	Item     []int  `key:"item"`     // two positions
	Kind     string `key:"kind"`     // amount or weight (kg)
	Value    []int  `key:"value"`    // two positions
	Decimals int    `key:"decimals"` // of the value
	Check    bool   `key:"check"`    // last digit is an EAN check digit
}

// String keeps secrets and keys out of logs: a configuration prints as where
// it came from.
func (c *Config) String() string { return fmt.Sprintf("config from %q", c.File) }

// Secret is text that must not be shown. It prints as "…" whatever the verb.
type Secret string

// Reveal is the text itself.
func (s Secret) Reveal() string { return string(s) }

// Format shows nothing of the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("…")) }

// MarshalText shows nothing of the secret either.
func (s Secret) MarshalText() ([]byte, error) { return []byte("…"), nil }
