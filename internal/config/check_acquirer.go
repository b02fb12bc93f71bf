package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"abacus/internal/lang"
)

// checkSandbox sees to it that a till never shows SANDBOX over real money or
// takes made-up money for real.
func (l *loader) checkSandbox() *fault {
	c := l.config
	wechat, alipay := c.WeChat, c.Alipay
	wechat.Base, wechat.Timing, alipay.Gateway, alipay.Timing = "", Timing{}, "", Timing{}
	l.wechatOn, l.alipayOn = wechat != WeChat{}, alipay != Alipay{}

	setUp := ""
	switch {
	case l.wechatOn:
		setUp = "wechat"
	case l.alipayOn:
		setUp = "alipay"
	case c.Pinpad.On():
		setUp = "pinpad"
	case c.Card.ViaHost() && c.Card.Address != "":
		setUp = "card"
	case c.Sandbox.Control != "":
		setUp = "sandbox.control"
	}
	if setUp != "" && !l.viper.IsSet("sandbox.embedded") {
		c.Sandbox.Embedded = false
	}
	if c.Sandbox.Embedded && setUp != "" {
		return &fault{"sandbox.embedded", func(t *lang.Config) string { return fmt.Sprintf(t.StillSandbox, setUp) }}
	}
	if c.Sandbox.Control == "" {
		return nil
	}
	if !isLoopback(c.Sandbox.Control) {
		return &fault{"sandbox.control", func(t *lang.Config) string { return fmt.Sprintf(t.NotControl, c.Sandbox.Control) }}
	}
	real := ""
	switch {
	case l.wechatOn && isRealAcquirer(c.WeChat.Base):
		real = "wechat.base"
	case l.alipayOn && isRealAcquirer(c.Alipay.Gateway):
		real = "alipay.gateway"
	case c.Pinpad.Kind == "tcp" && !onThisMachine(c.Pinpad.Address):
		real = "pinpad.address"
	case c.Pinpad.Kind == "serial" && isRealPort(c.Pinpad.Path):
		real = "pinpad.path"
	case c.Card.ViaHost() && !onThisMachine(c.Card.Address):
		real = "card.address"
	default:
		return nil
	}
	return &fault{"sandbox.control", func(t *lang.Config) string { return fmt.Sprintf(t.RealAcquirer, real) }}
}

// isLoopback: the control address lets anybody make money, so it never leaves
// the machine.
func isLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Port() == "" || strings.Trim(u.Path, "/") != "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

func onThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip, bad := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || bad == nil && ip.IsLoopback())
}

// isRealPort: the sandbox's terminal is a pseudo-terminal, or a name in its folder
// that leads to one.
func isRealPort(path string) bool {
	return windowsPort(path) || strings.HasPrefix(path, "/dev/") && !strings.HasPrefix(path, "/dev/pts/")
}

func isRealAcquirer(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := "." + strings.ToLower(u.Hostname())
	return strings.HasSuffix(host, ".weixin.qq.com") || strings.HasSuffix(host, ".alipay.com")
}

func (l *loader) checkTLS() (f *fault) {
	if l.config.TLS.CAFile != "" {
		l.config.TLS.Roots, f = l.roots("tls.ca_file", l.config.TLS.CAFile)
	}
	return f
}

func (l *loader) checkWeChat() *fault {
	w := &l.config.WeChat
	w.Base = strings.TrimSuffix(w.Base, "/")
	if f := first(
		httpsAddress("wechat.base", w.Base, defaults().WeChat.Base, ""),
		timing("wechat.timing.", w.Timing),
		tooEarly("wechat.timing.no_reverse_until", w.Timing.NoReverseUntil, l.config.Sandbox.On()),
	); f != nil || !l.wechatOn {
		return f
	}
	if f := first(
		needed("wechat.appid", w.AppID, "wechat"),
		needed("wechat.mchid", w.MchID, "wechat"),
		needed("wechat.merchant_serial", w.MerchantSerial, "wechat"),
		serial("wechat.merchant_serial", w.MerchantSerial),
		needed("wechat.merchant_key_file", w.MerchantKeyFile, "wechat"),
	); f != nil {
		return f
	}
	var f *fault
	if w.MerchantKey, f = l.privateKey("wechat.merchant_key_file", w.MerchantKeyFile); f != nil {
		return f
	}
	return first(l.checkAPIv3Key(), l.checkVerifiers())
}

func (l *loader) checkAPIv3Key() *fault {
	w, key := &l.config.WeChat, "wechat.apiv3_key"
	switch {
	case w.APIv3Key != "" && w.APIv3KeyFile != "":
		return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.BothSet, "wechat.apiv3_key_file") }}
	case w.APIv3KeyFile != "":
		key = "wechat.apiv3_key_file"
		data, f := l.fileText(key, w.APIv3KeyFile)
		if f != nil {
			return f
		}
		w.APIv3Key = Secret(strings.TrimSpace(string(data)))
	case w.APIv3Key == "":
		return needed(key, "", "wechat")
	}
	if n := len(w.APIv3Key); n != 32 {
		return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.APIv3Length, n) }}
	}
	return nil
}

// checkVerifiers wants at least one way to verify WeChat's answers, each whole.
func (l *loader) checkVerifiers() *fault {
	w := &l.config.WeChat
	if w.PublicKeyFile == "" && w.PlatformCertFile == "" {
		return &fault{"wechat.public_key_file", func(t *lang.Config) string { return t.NoVerifier }}
	}
	if w.PublicKeyID != "" || w.PublicKeyFile != "" {
		if f := first(
			needed("wechat.public_key_id", w.PublicKeyID, "wechat.public_key_file"),
			needed("wechat.public_key_file", w.PublicKeyFile, "wechat.public_key_id"),
		); f != nil {
			return f
		}
		var f *fault
		if w.PublicKey, f = l.publicKey("wechat.public_key_file", w.PublicKeyFile); f != nil {
			return f
		}
	}
	if w.PlatformSerial == "" && w.PlatformCertFile == "" {
		return nil
	}
	if f := first(
		needed("wechat.platform_cert_file", w.PlatformCertFile, "wechat.platform_serial"),
		serial("wechat.platform_serial", w.PlatformSerial),
	); f != nil {
		return f
	}
	var f *fault
	if w.PlatformCert, f = l.certificate("wechat.platform_cert_file", w.PlatformCertFile); f != nil {
		return f
	}
	// The serial is in the certificate; writing it down is only a check.
	actual := strings.ToUpper(w.PlatformCert.SerialNumber.Text(16))
	if w.PlatformSerial != "" && strings.TrimLeft(strings.ToUpper(w.PlatformSerial), "0") != actual {
		return &fault{"wechat.platform_serial", func(t *lang.Config) string { return fmt.Sprintf(t.WrongSerial, actual) }}
	}
	return nil
}

func (l *loader) checkAlipay() *fault {
	a := &l.config.Alipay
	if f := first(
		httpsAddress("alipay.gateway", a.Gateway, defaults().Alipay.Gateway, "/"),
		timing("alipay.timing.", a.Timing),
	); f != nil || !l.alipayOn {
		return f
	}
	if f := first(
		needed("alipay.app_id", a.AppID, "alipay"),
		needed("alipay.app_key_file", a.AppKeyFile, "alipay"),
		needed("alipay.alipay_public_key_file", a.AlipayPublicKeyFile, "alipay"),
	); f != nil {
		return f
	}
	var f *fault
	if a.AlipayPublicKey, f = l.publicKey("alipay.alipay_public_key_file", a.AlipayPublicKeyFile); f != nil {
		return f
	}
	a.AppKey, f = l.privateKey("alipay.app_key_file", a.AppKeyFile)
	return f
}

// httpsAddress wants https and nothing but host, port and a path that begins
// with path.
func httpsAddress(key, address, example, path string) *fault {
	u, err := url.Parse(address)
	if err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
		(u.Path == path || path != "" && strings.HasPrefix(u.Path, path)) {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.NotHTTPS, address, example) }}
}

func serial(key, value string) *fault {
	if strings.Trim(value, "0123456789abcdefABCDEF") == "" {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return t.NotHex }}
}

func timing(prefix string, t Timing) *fault {
	if f := first(
		duration(prefix+"call_timeout", t.CallTimeout),
		duration(prefix+"first_query", t.FirstQuery),
		duration(prefix+"query_interval", t.QueryInterval),
		duration(prefix+"deadline", t.Deadline),
		duration(prefix+"no_reverse_until", t.NoReverseUntil),
		duration(prefix+"code_poll", t.CodePoll),
		duration(prefix+"watch", t.Watch),
	); f != nil {
		return f
	}
	if t.Deadline != 0 && t.Deadline <= t.FirstQuery {
		return &fault{prefix + "deadline", func(say *lang.Config) string {
			return fmt.Sprintf(say.TimingOrder, prefix+"first_query", t.FirstQuery)
		}}
	}
	return nil
}

// tooEarly: reversing sooner than 15 s after the charge may cross with a
// payment under way. Source: WeChat Pay, pay-code payment, "撤销" (a reversal is
// to wait at least 15 s after the payment call).
func tooEarly(key string, d time.Duration, sandbox bool) *fault {
	const least = 15 * time.Second
	if d == 0 || d >= least || sandbox {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.TooEarly, least) }}
}

func (l *loader) checkJournal() (f *fault) {
	j := &l.config.Journal
	if j.Address == "" && j.KeyFile == "" && j.PublicKeyFile == "" {
		return nil
	}
	if f := first(
		needed("journal.address", j.Address, "journal"),
		httpsAddress("journal.address", j.Address, "https://example.com/journal", "/"),
		needed("journal.key_file", j.KeyFile, "journal"),
		needed("journal.public_key_file", j.PublicKeyFile, "journal"),
	); f != nil {
		return f
	}
	if j.PublicKey, f = l.publicKey("journal.public_key_file", j.PublicKeyFile); f != nil {
		return f
	}
	j.Key, f = l.privateKey("journal.key_file", j.KeyFile)
	return f
}
