package config_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"abacus/internal/config"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/payment"
)

func prints(values ...any) []string {
	var all []string
	for _, v := range values {
		all = append(all, fmt.Sprintf("%v %+v %s", v, v, v), fmt.Sprintf("%#v", v))
	}
	if data, err := json.Marshal(values[len(values)-1]); err == nil {
		all = append(all, string(data))
	}
	return all
}

func load(t *testing.T, s config.Sources) *config.Config {
	t.Helper()
	c, err := config.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNoConfigurationIsTheSandbox(t *testing.T) {
	c := load(t, sources("", nil))
	if !c.Sandbox.Embedded || c.WeChat.On() || c.Alipay.On() || c.File != "" {
		t.Errorf("not the sandbox: %+v", c.Sandbox)
	}
	if c.Data != "/home/wang/.local/share/abacus" {
		t.Errorf("data in %s", c.Data)
	}
	if len(c.Operators) != 2 || !c.Operators[0].PINFits("246810") || c.Operators[0].PINFits("") {
		t.Errorf("operators %v", c.Operators)
	}
	if !c.ConfirmAbove.Equal(money.Fen(1000_00)) || c.Scanner.InterKey() != 30*time.Millisecond {
		t.Errorf("%v %v", c.ConfirmAbove, c.Scanner.InterKey())
	}
}

func TestRealAcquirersEndTheSandbox(t *testing.T) {
	c := load(t, sources(real, realFiles()))
	if c.Sandbox.On() || !c.WeChat.On() || !c.Alipay.On() {
		t.Errorf("sandbox %v, wechat %v, alipay %v", c.Sandbox.On(), c.WeChat.On(), c.Alipay.On())
	}
	if c.WeChat.PublicKey == nil || c.WeChat.PlatformCert != nil || c.Alipay.AlipayPublicKey == nil {
		t.Error("keys are not as given")
	}
}

func TestSandboxBeside(t *testing.T) {
	yaml := `
operators: [{id: "1001", role: manager, pin: "246810"}]
shift: {required: false}
sandbox: {control: "http://127.0.0.1:7001"}
tls: {ca_file: cert.pem}
wechat:
  base: https://127.0.0.1:7002/
  appid: wx1
  mchid: "16"
  merchant_serial: 5A
  merchant_key_file: key.pem
  apiv3_key_file: v3.txt
  platform_cert_file: cert.pem
  platform_serial: 001234abcd
  timing: {first_query: 20ms, no_reverse_until: 50ms}
`
	files := realFiles()
	files["/shop/v3.txt"] = "0123456789abcdef0123456789abcdef\r\n"
	c := load(t, sources(yaml, files))
	if !c.Sandbox.On() || c.Sandbox.Embedded || c.TLS.Roots == nil || !c.WeChat.On() {
		t.Errorf("%+v", c.Sandbox)
	}
	if c.WeChat.Base != "https://127.0.0.1:7002" || len(c.WeChat.APIv3Key.Reveal()) != 32 || c.WeChat.PlatformCert == nil {
		t.Errorf("%+v", c.WeChat)
	}
	if c.Operators[0].Name != "1001" {
		t.Errorf("name %q", c.Operators[0].Name)
	}
	scheme := payment.Timing{FirstQuery: time.Second, Deadline: time.Minute, NoReverseUntil: time.Second}
	want := payment.Timing{FirstQuery: 20 * time.Millisecond, Deadline: time.Minute, NoReverseUntil: 50 * time.Millisecond}
	if got := c.WeChat.Timing.Over(scheme); got != want {
		t.Errorf("%+v", got)
	}
}

// Alipay's key tool writes keys without PEM's lines.
func TestBareKey(t *testing.T) {
	files := realFiles()
	files["/shop/key.pem"] = keys().bare + "\n"
	if c := load(t, sources(real, files)); !c.Alipay.On() {
		t.Error("a bare key is not taken")
	}
}

func TestOrderOfSources(t *testing.T) {
	s := sources("till: \"1\"\nlanguage: zh-CN\ndata: books\n", nil)
	s.Env = append(s.Env, "ABACUS_TILL=2", "ABACUS_SHIFT_REQUIRED=false", "ABACUS_HUABEI_INSTALMENTS=[6]", "ABACUS_CONFIRM_ABOVE=12.50", "ABACUS_SOUND=")
	c := load(t, s)
	if c.Till != "2" || c.Shift.Required || len(c.Huabei.Instalments) != 1 || !c.ConfirmAbove.Equal(money.Fen(1250)) || !c.Sound {
		t.Errorf("the environment is not over the file: %#v", *c)
	}
	if c.Data != "/shop/books" || c.Language != lang.Chinese {
		t.Errorf("data %s, language %s", c.Data, c.Language)
	}
	s.Env = append(s.Env, "ABACUS_DATA=env")
	s.Data, s.File = "flag", "config.yaml"
	if c = load(t, s); c.Data != "/shop/flag" {
		t.Errorf("the flag is not over the environment: %s", c.Data)
	}
}

// A relative path belongs to the place it was written in.
func TestRelativePaths(t *testing.T) {
	s := sources("", map[string]string{"/etc/abacus/config.yaml": "data: books\ngoods_file: g.csv\ndisplay: {kind: serial, path: tty}\n", "/etc/abacus/g.csv": ""})
	c := load(t, s)
	if c.Data != "/etc/abacus/books" || c.GoodsFile != "/etc/abacus/g.csv" || c.Display.Path != "/etc/abacus/tty" {
		t.Errorf("%s %s %s", c.Data, c.GoodsFile, c.Display.Path)
	}
	s.Env = append(s.Env, "ABACUS_DATA=books")
	if c = load(t, s); c.Data != "/shop/books" {
		t.Errorf("%s", c.Data)
	}
}

func TestFirstPlaceWins(t *testing.T) {
	files := map[string]string{
		"/shop/config.yaml": "till: W", "/xdg/abacus/config.yaml": "till: X",
		"/home/wang/.config/abacus/config.yaml": "till: H", "/etc/abacus/config.yaml": "till: E",
	}
	for _, c := range []struct {
		env, gone, till string
	}{
		{"", "", "W"},
		{"XDG_CONFIG_HOME=/xdg", "/shop/config.yaml", "X"},
		{"", "/xdg/abacus/config.yaml", "H"},
		{"", "/home/wang/.config/abacus/config.yaml", "E"},
	} {
		delete(files, c.gone)
		s := sources("", files)
		s.Env = append(s.Env, c.env)
		if got := load(t, s).Till; got != c.till {
			t.Errorf("without %q: %s, want %s", c.gone, got, c.till)
		}
	}
}

func TestLanguageOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want lang.Tag
	}{
		{nil, lang.Chinese},
		{[]string{"LANG=zh_CN.UTF-8"}, lang.Chinese},
		{[]string{"LANG=C.UTF-8"}, lang.Chinese},
		{[]string{"LANG=en_GB.UTF-8"}, lang.English},
		{[]string{"LANG=de_DE.UTF-8"}, lang.English},
		{[]string{"LANG=zh_CN.UTF-8", "LC_ALL=en_US.UTF-8"}, lang.English},
		{[]string{"LANG=en_US.UTF-8", "LC_MESSAGES=zh_CN.UTF-8", "LC_ALL="}, lang.Chinese},
	} {
		s := sources("", nil)
		s.Env = append([]string{"HOME=/home/wang"}, c.env...)
		if config.LanguageOf(c.env) != c.want {
			t.Errorf("%v: %s", c.env, config.LanguageOf(c.env))
		}
		if got := load(t, s); got.Language != c.want || got.Printer.Language != string(c.want) {
			t.Errorf("%v: %s, paper %s", c.env, got.Language, got.Printer.Language)
		}
	}
}

func TestFoldersOfTheSystem(t *testing.T) {
	for _, c := range []struct{ system, env, want string }{
		{"linux", "XDG_DATA_HOME=/xdg", "/xdg/abacus"},
		{"darwin", "", "/home/wang/Library/Application Support/abacus"},
		{"windows", "LocalAppData=/local", "/local/abacus"},
	} {
		s := sources("", nil)
		s.OS = c.system
		s.Env = append(s.Env, c.env)
		if got := load(t, s).Data; got != c.want {
			t.Errorf("%s: %s, want %s", c.system, got, c.want)
		}
	}
	s := sources("", map[string]string{"/roaming/abacus/config.yaml": "till: R"})
	s.OS = "windows"
	s.Env = append(s.Env, "AppData=/roaming")
	if got := load(t, s).Till; got != "R" {
		t.Errorf("windows: %s", got)
	}
}

func TestBusinessDay(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	shop := load(t, sources("", nil))
	for _, c := range []struct {
		hour, minute int
		want         string
	}{{0, 0, "2026-02-28"}, {3, 59, "2026-02-28"}, {4, 0, "2026-03-01"}, {23, 59, "2026-03-01"}} {
		at := time.Date(2026, 3, 1, c.hour, c.minute, 30, 0, shanghai)
		if got := shop.Day(at); got != c.want {
			t.Errorf("%v: %s, want %s", at, got, c.want)
		}
	}
}
