package config_test

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"abacus/internal/config"
	"abacus/internal/lang"
)

// real is a shop with real acquirers, complete, for cases that break one line
// of it.
const real = `operators:
  - {id: "7", name: 王芳, role: manager, pin: "830274"}
wechat:
  appid: wx1
  mchid: "1600000001"
  merchant_serial: 5A01
  merchant_key_file: key.pem
  apiv3_key: "0123456789abcdef0123456789abcdef"
  public_key_id: PUB_KEY_ID_01
  public_key_file: pub.pem
alipay:
  app_id: "2021"
  app_key_file: key.pem
  alipay_public_key_file: pub.pem
`

func without(line string) string { return instead(line, "") }

func instead(line, other string) string {
	if !strings.Contains(real, line) {
		panic("no such line: " + line)
	}
	return strings.Replace(real, line, other, 1)
}

func realFiles() map[string]string {
	return map[string]string{
		"/shop/key.pem": keys().private, "/shop/pub.pem": keys().publicKey, "/shop/cert.pem": keys().certificate,
		"/shop/short.pem": keys().short, "/shop/other.txt": "no key", "/shop/locked.pem": locked,
		"/shop/folder/inside": "", "/shop/twice.txt": strings.Repeat("x", 2),
	}
}

const label = `scanner: {weighed: [{prefix: "21", length: 13, item: [3, 7], kind: amount, value: [8, 12], decimals: 2, check: true}]}`

// Every way to be wrong, with the sentence a person gets.
var wrong = []struct{ name, yaml, sentence string }{
	{"card form", "card: {tpdu: \"60\"}", file + ": card.tpdu: must be exactly 10 characters, digits or the letters its comment allows."},
	{"card MAC", "card: {mac: des}", file + ": card.mac: cannot be \"des\"; use one of ecb, sm4, x9.19, x9.19-binary, x9.19-80, x9.19-80-binary, cbc."},
	{"card MAC of the sandbox", "card: {via: host, mac: cbc}", file + ": card.mac: cannot be \"cbc\"; use one of ecb, sm4."},
	{"card key", "card: {master_key_file: other.txt}", file + ": card.master_key_file: must hold just the master key: 16 or 32 hexadecimal characters."},
	{"syntax", "store: {", file + ": is not correct YAML (While parsing config: yaml: line 1: did not find expected node content); compare it with config.example.yaml."},
	{"not a mapping", "- 1\n", file + ": is not correct YAML (While parsing config: yaml: unmarshal errors: line 1: cannot unmarshal !!seq into map[string]interface {}); compare it with config.example.yaml."},
	{"same key twice", "till: \"1\"\ntill: \"2\"\n", file + ": is not correct YAML (While parsing config: yaml: unmarshal errors: line 2: mapping key \"till\" already defined at line 1); compare it with config.example.yaml."},
	{"too big", "#" + strings.Repeat("x", 1<<20), file + ": is larger than 1024 KiB, so it is hardly a configuration of abacus; check the path."},
	{"locked", locked, file + ": cannot be read (permission denied); check its permissions."},

	{"unknown key", "colour: red", file + ": colour: is not a setting; remove it, all settings are in config.example.yaml."},
	{"slip", "wechatt: {appid: x}", file + ": wechatt: is not a setting; did you mean wechat?"},
	{"slip without a value", "sotre:\n", file + ": sotre: is not a setting; did you mean store?"},
	{"slip in a section", "store: {nmae: 店}", file + ": store.nmae: is not a setting; did you mean name?"},
	{"slip in a section without a value", "store:\n  nmae:\n", file + ": store.nmae: is not a setting; did you mean name?"},
	{"slip in a list", "operators: [{id: \"1\", rolle: manager}]", file + ": operators[1].rolle: is not a setting; did you mean role?"},
	{"key that is no text", "operators: [{1: x}]", file + ": operators[1].1: is not a setting; remove it, all settings are in config.example.yaml."},

	{"key with a line break", `"a\nb\e": x`, file + ": a?b?: is not a setting; remove it, all settings are in config.example.yaml."},

	{"number for text", "till: 01", file + ": till: must be text; put it in quotes."},
	{"number for a PIN", "operators: [{id: \"7\", role: manager, pin: 830274}]", file + ": operators[1].pin: must be text; put it in quotes."},
	{"text for a number", "order_code_seconds: \"120\"", file + ": order_code_seconds: must be a whole number, such as 3; write it without quotes or a decimal point."},
	{"fraction for a number", "order_code_seconds: 120.5", file + ": order_code_seconds: must be a whole number, such as 3; write it without quotes or a decimal point."},
	{"text for a switch", "sound: \"true\"", file + ": sound: must be true or false; write it without quotes."},
	{"text for a list", "huabei: {instalments: 3}", file + ": huabei.instalments: must be a list, such as [3, 6]; write even a single value as a list."},
	{"text for a section", "store: 算盘", file + ": store: must be a group of settings; write them below it, indented."},
	{"text for an operator", "operators: [王芳]", file + ": operators[1]: must be a group of settings; write them below it, indented."},
	{"number for money", "confirm_above: 1000.00", file + ": confirm_above: must be an amount in yuan, such as \"300.00\"; write it in quotes with at most two decimals."},
	{"three decimals", "confirm_above: \"1.005\"", file + ": confirm_above: must be an amount in yuan, such as \"300.00\"; write it in quotes with at most two decimals."},
	{"number for a duration", "wechat: {timing: {deadline: 30}}", file + ": wechat.timing.deadline: must be a duration with its unit, such as 500ms or 5s; write the unit."},
	{"number for a size", "disk: {stop: 64}", file + ": disk.stop: must be a size with its unit, such as 64MiB or 2GiB; write a whole number and MiB or GiB."},
	{"other unit", "disk: {stop: 64MB}", file + ": disk.stop: must be a size with its unit, such as 64MiB or 2GiB; write a whole number and MiB or GiB."},
	{"negative size", "disk: {stop: -64MiB}", file + ": disk.stop: must be a size with its unit, such as 64MiB or 2GiB; write a whole number and MiB or GiB."},
	{"too little room", "disk: {stop: 8MiB}", file + ": disk.stop: cannot be 8MiB; use 16MiB to 1024GiB."},
	{"too much room", "disk: {warn: 2048GiB}", file + ": disk.warn: cannot be 2048GiB; use 64MiB to 1024GiB."},
	{"warned too late", "disk: {warn: 100 MiB, stop: 1GiB}", file + ": disk.warn: cannot be 100MiB; use 1GiB to 1024GiB."},
	{"time of day", "business_day_starts: \"4 am\"", file + ": business_day_starts: must be a time of day, such as \"04:00\"; write it in quotes as hours:minutes."},

	{"empty name", "store: {name: \" \"}", file + ": store.name: is empty; fill it in."},
	{"long name", "store: {name: " + strings.Repeat("算", 41) + "}", file + ": store.name: is longer than 40 characters; shorten it."},
	{"printer command in a name", `store: {name: "\e@"}`, file + ": store.name: has characters that cannot be printed; take out line breaks, tabs and other control characters."},
	{"till in Chinese", "till: 一号", file + ": till: must be 1 to 4 letters or digits; take out spaces, Chinese characters and signs."},
	{"till too long", "till: \"00001\"", file + ": till: must be 1 to 4 letters or digits; take out spaces, Chinese characters and signs."},
	{"language", "language: fr", file + ": language: cannot be \"fr\"; use one of zh-CN, en, auto."},
	{"currency", "currency: USD", file + ": currency: cannot be \"USD\"; use one of CNY."},
	{"too many lines", "store: {lines: [a, b, c, d, e, f, g]}", file + ": store.lines: has too many items; keep at most 6."},
	{"seconds", "order_code_seconds: 5", file + ": order_code_seconds: cannot be 5; use 30 to 600."},
	{"plan", "huabei: {instalments: [3, 4]}", file + ": huabei.instalments[2]: cannot be \"4\"; use one of 3, 6, 12."},
	{"plan twice", "huabei: {instalments: [3, 3]}", file + ": huabei.instalments[2]: has \"3\" twice; give each its own."},
	{"negative", "confirm_above: \"-1.00\"", file + ": confirm_above: cannot be negative; use \"0.00\" or more."},
	{"goods file", "goods_file: goods.csv", file + ": goods_file: the file /shop/goods.csv does not exist; put it there or correct the path."},
	{"card of no kind", "scanner: {cards: [{kind: gift, prefix: G, min_length: 8, max_length: 8}]}", file + ": scanner.cards[1].kind: cannot be \"gift\"; use one of member, coupon, prepaid, badge."},
	{"card like a pay code", "scanner: {cards: [{kind: member, prefix: \"28\", min_length: 8, max_length: 16}]}", file + ": scanner.cards[1].prefix: such numbers look like customers' pay codes; use another prefix or another length."},
	{"card shorter than its prefix", "scanner: {cards: [{kind: member, prefix: HY, min_length: 2, max_length: 8}]}", file + ": scanner.cards[1].min_length: cannot be 2; use 3 to 64."},
	{"scanner by magic", "scanner: {devices: [{kind: hidraw, device: /dev/hidraw0}]}", file + ": scanner.devices[1].kind: cannot be \"hidraw\"; use one of serial, evdev."},
	{"scanner twice", "scanner: {devices: [{kind: serial, device: COM3}, {kind: serial, device: COM3, name: b}]}", file + ": scanner.devices[2].device: has \"COM3\" twice; give each its own."},
	{"no pattern", "scanner: {devices: [{kind: evdev, device: \"[Bar\"}]}", file + ": scanner.devices[1].device: \"[Bar\" is no pattern; check the square brackets."},
	{"theme", "theme: red", file + ": theme: cannot be \"red\"; use one of dark, light, contrast."},

	{"no operators", without("  - {id: \"7\", name: 王芳, role: manager, pin: \"830274\"}\n"), file + ": operators: is empty; where the money is real, name at least one operator with role: manager."},
	{"no manager", instead("role: manager", "role: cashier"), file + ": operators: has no manager; give at least one operator role: manager."},
	{"operator twice", "operators: [{id: \"7\", role: manager, pin: \"830274\"}, {id: \"7\", role: cashier, pin: \"830275\"}]", file + ": operators[2].id: has \"7\" twice; give each its own."},
	{"badge of digits", instead("role: manager", "role: manager, badge: \"12345678\""), file + ": operators[1].badge: a badge has 4 to 64 characters, one of them a letter at least."},
	{"badge of signs", instead("role: manager", "role: manager, badge: \"AB 77\""), file + ": operators[1].badge: must be 1 to 64 letters or digits; take out spaces, Chinese characters and signs."},
	{"badge twice", "operators: [{id: \"7\", role: manager, pin: \"830274\", badge: STAFF-1}, {id: \"8\", role: cashier, pin: \"830275\", badge: STAFF-1}]", file + ": operators[2].badge: has \"STAFF-1\" twice; give each its own."},
	{"role", instead("role: manager", "role: owner"), file + ": operators[1].role: cannot be \"owner\"; use one of cashier, manager."},
	{"no PIN", instead(", pin: \"830274\"", ""), file + ": operators[1].pin: is empty and so is pin_hash; give one of the two."},
	{"two PINs", instead("pin: ", "pin_hash: x, pin: "), file + ": operators[1].pin: is set together with pin_hash; keep one of the two."},
	{"short PIN", instead("830274", "8302"), file + ": operators[1].pin: must be 6 to 12 digits; correct it."},
	{"weak PIN", instead("830274", "123456"), file + ": operators[1].pin: is too easy to guess; avoid rows, repetitions and popular numbers."},
	{"sandbox PIN", instead("830274", "246810"), file + ": operators[1].pin: is the sandbox's PIN and not for real money; choose another."},
	{"hash", instead("pin: \"830274\"", "pin_hash: $2a$10$abc"), file + ": operators[1].pin_hash: is not an Argon2id hash; write it as $argon2id$v=19$m=…,t=…,p=…$salt$hash."},

	{"sandbox over real money", real + "sandbox: {embedded: true}", file + ": sandbox.embedded: is true while wechat is set up; make it false for real money, or empty that section for the demonstration."},
	{"both sandboxes", "sandbox: {embedded: true, control: \"http://127.0.0.1:7001\"}", file + ": sandbox.embedded: is true while sandbox.control is set up; make it false for real money, or empty that section for the demonstration."},
	{"sandbox at a real terminal", "sandbox: {control: \"http://127.0.0.1:7001\"}\npinpad: {kind: serial, path: /dev/ttyUSB0}", file + ": sandbox.control: is set while pinpad.path leads to the real acquirer; keep one of the two."},
	{"sandbox at a real terminal on Windows", "sandbox: {control: \"http://127.0.0.1:7001\"}\npinpad: {kind: serial, path: COM3}", file + ": sandbox.control: is set while pinpad.path leads to the real acquirer; keep one of the two."},
	{"sandbox at the real acquirer", real + "sandbox: {control: \"http://127.0.0.1:7001\"}", file + ": sandbox.control: is set while wechat.base leads to the real acquirer; keep one of the two."},
	{"control elsewhere", "sandbox: {control: \"http://192.0.2.1:7001\"}", file + ": sandbox.control: \"http://192.0.2.1:7001\" is not the sandbox's control address; write what the sandbox prints, http://127.0.0.1:PORT."},
	{"plain http", "wechat: {base: \"http://api.mch.weixin.qq.com\"}", file + ": wechat.base: \"http://api.mch.weixin.qq.com\" is not an https address; write it like https://api.mch.weixin.qq.com."},
	{"duration", "alipay: {timing: {deadline: 1h}}", file + ": alipay.timing.deadline: cannot be 1h0m0s; use 0s, or 10ms to 10m0s."},
	{"timing order", "alipay: {timing: {first_query: 5s, deadline: 5s}}", file + ": alipay.timing.deadline: is not after alipay.timing.first_query (5s); make it longer."},
	{"reversal too early", instead("  mchid:", "  timing: {no_reverse_until: 5s}\n  mchid:"), file + ": wechat.timing.no_reverse_until: is earlier than WeChat Pay allows (15s); use 0s, or at least that."},

	{"no app", without("  appid: wx1\n"), file + ": wechat.appid: is empty, but wechat needs it; fill it in."},
	{"serial", instead("5A01", "5A0Z"), file + ": wechat.merchant_serial: must be hexadecimal digits; copy it again from the merchant platform."},
	{"key file missing", instead("merchant_key_file: key.pem", "merchant_key_file: keys/none.pem"), file + ": wechat.merchant_key_file: the file /shop/keys/none.pem does not exist; put it there or correct the path."},
	{"key file locked", instead("merchant_key_file: key.pem", "merchant_key_file: locked.pem"), file + ": wechat.merchant_key_file: the file /shop/locked.pem cannot be read (permission denied); check its permissions."},
	{"key file a folder", instead("merchant_key_file: key.pem", "merchant_key_file: folder"), file + ": wechat.merchant_key_file: /shop/folder is a folder; give the path of a file."},
	{"no key in the file", instead("merchant_key_file: key.pem", "merchant_key_file: other.txt"), file + ": wechat.merchant_key_file: the file /shop/other.txt holds no RSA private key in PEM form; take the key file from the merchant platform."},
	{"public for private", instead("merchant_key_file: key.pem", "merchant_key_file: pub.pem"), file + ": wechat.merchant_key_file: the file /shop/pub.pem holds no RSA private key in PEM form; take the key file from the merchant platform."},
	{"private for public", instead("  public_key_file: pub.pem", "  public_key_file: key.pem"), file + ": wechat.public_key_file: the file /shop/key.pem holds no RSA public key in PEM form; take the key file from the merchant platform."},
	{"short key", instead("merchant_key_file: key.pem", "merchant_key_file: short.pem"), file + ": wechat.merchant_key_file: the key in /shop/short.pem has only 1024 bits; use one of 2048 bits or more."},
	{"APIv3 key", instead("0123456789abcdef0123456789abcdef", "0123"), file + ": wechat.apiv3_key: must be 32 characters, it has 4; copy it again from the merchant platform."},
	{"APIv3 key file", instead("apiv3_key: \"0123456789abcdef0123456789abcdef\"", "apiv3_key_file: twice.txt"), file + ": wechat.apiv3_key_file: must be 32 characters, it has 2; copy it again from the merchant platform."},
	{"APIv3 key twice", instead("  apiv3_key:", "  apiv3_key_file: twice.txt\n  apiv3_key:"), file + ": wechat.apiv3_key: is set together with wechat.apiv3_key_file; keep one of the two."},
	{"no verifier", without("  public_key_id: PUB_KEY_ID_01\n  public_key_file: pub.pem\n"), file + ": wechat.public_key_file: is empty and so is platform_cert_file, so WeChat's answers cannot be verified; give at least one."},
	{"no certificate in the file", instead("public_key_id: PUB", "platform_cert_file: pub.pem\n  public_key_id: PUB"), file + ": wechat.platform_cert_file: the file /shop/pub.pem holds no certificate in PEM form; take the certificate from the merchant platform."},
	{"wrong serial", instead("public_key_id: PUB", "platform_cert_file: cert.pem\n  platform_serial: 5A02\n  public_key_id: PUB"), file + ": wechat.platform_serial: does not fit the certificate, whose serial number is 1234ABCD; correct one of the two."},
	{"CA file", "tls: {ca_file: key.pem}", file + ": tls.ca_file: the file /shop/key.pem holds no certificate in PEM form; take the certificate from the merchant platform."},

	{"printer path", "printer: {kind: device}", file + ": printer.path: is empty, but printer.kind: device needs it; fill it in."},
	{"printer address", "printer: {kind: tcp, address: 192.168.1.50}", file + ": printer.address: \"192.168.1.50\" is not host:port; write it like 192.168.1.50:9100."},
	{"printer line", "printer: {kind: serial}", file + ": printer.path: is empty, but printer.kind: serial needs it; fill it in."},
	{"printer speed", "printer: {baud: 300}", file + ": printer.baud: cannot be 300; use 1200 to 921600."},
	{"display", "display: {kind: serial}", file + ": display.path: is empty, but display.kind: serial needs it; fill it in."},
	{"printer queue", "printer: {kind: cups, drawer: false}", file + ": printer.queue: is empty, but printer.kind: cups needs it; fill it in."},
	{"option for a queue", "printer: {kind: cups, queue: -d, drawer: false}", file + ": printer.queue: is not the name of a queue; write it as lpstat -p lists it, without spaces or slashes, not beginning with a hyphen."},
	{"drawer on a queue", "printer: {kind: cups, queue: till}", file + ": printer.drawer: a print queue would open the drawer when the printer comes back, with nobody there; set it to false."},
	{"paper", "printer: {width: 76}", file + ": printer.width: cannot be \"76\"; use one of 58, 80."},
	{"prepaid prefix", "prepaid: {prefix: \"62\"}", file + ": prepaid.prefix: must be 1 to 7 digits beginning with 7, 8 or 9, unlike pay codes and bank cards; write it like \"9800\"."},
	{"prepaid length", "prepaid: {length: 13}", file + ": prepaid.length: cannot be 13; use 16 to 20."},
	{"empty prepaid cards", "prepaid: {most: \"0.00\"}", file + ": prepaid.most: must be more than nothing; write it like \"1000.00\"."},
	{"label prefix", strings.Replace(label, `"21"`, `"2A"`, 1), file + ": scanner.weighed[1].prefix: must be 1 to 8 digits; write them in quotes."},
	{"label position", strings.Replace(label, "[8, 12]", "[8, 13]", 1), file + ": scanner.weighed[1].value: must be the first and the last position, within 3 and 12, at most 9 digits long; write it like [3, 7]."},
	{"label with one position", strings.Replace(label, "[3, 7]", "[3]", 1), file + ": scanner.weighed[1].item: must be the first and the last position, within 3 and 12, at most 12 digits long; write it like [3, 7]."},
	{"label overlap", strings.Replace(label, "[8, 12]", "[7, 12]", 1), file + ": scanner.weighed[1].value: overlaps the positions of item; compare with the label format of the scales."},
	{"label decimals", strings.Replace(label, "decimals: 2", "decimals: 3", 1), file + ": scanner.weighed[1].decimals: cannot be 3; use 0 to 2."},
}

func TestSentences(t *testing.T) {
	for _, c := range wrong {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.Load(sources(c.yaml, realFiles()))
			check(t, err, c.sentence)
		})
	}
}

func check(t *testing.T, err error, sentence string) {
	t.Helper()
	var e *config.Error
	if !errors.As(err, &e) {
		t.Fatalf("no sentence, but %v", err)
	}
	if e.Error() != sentence {
		t.Errorf("got  %s\nwant %s", e.Error(), sentence)
	}
	chinese := e.Sentence(lang.Must(lang.Chinese))
	if !strings.HasSuffix(chinese, "。") && !strings.HasSuffix(chinese, "?") || strings.Contains(chinese, "%!") {
		t.Errorf("Chinese: %s", chinese)
	}
}

// Faults outside the file name the variable or the flag.
func TestSentencesOfEnvironmentAndFlags(t *testing.T) {
	for _, c := range []struct {
		name, env, sentence string
	}{
		{"unknown", "ABACUS_COLOUR=red", "ABACUS_COLOUR: belongs to no setting; unset it, all settings are in config.example.yaml."},
		{"slip", "ABACUS_LANGAUGE=en", "ABACUS_LANGAUGE: belongs to no setting; did you mean ABACUS_LANGUAGE?"},
		{"type", "ABACUS_SHIFT_REQUIRED=perhaps", "ABACUS_SHIFT_REQUIRED: shift.required: must be true or false; write it without quotes."},
		{"value", "ABACUS_TILL=00001", "ABACUS_TILL: till: must be 1 to 4 letters or digits; take out spaces, Chinese characters and signs."},
		{"list", "ABACUS_HUABEI_INSTALMENTS=[3, 4]", "ABACUS_HUABEI_INSTALMENTS: huabei.instalments[2]: cannot be \"4\"; use one of 3, 6, 12."},
		{"named file", "ABACUS_CONFIG=other.yaml", "/shop/other.yaml: there is no such file; correct the path after --config."},
		{"named folder", "ABACUS_CONFIG=folder", "/shop/folder: is a folder; give the path of the configuration file itself."},
		{"home", "HOME=", "data: cannot be worked out, as none of XDG_DATA_HOME, HOME and LocalAppData is set; give the folder with --data."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sources("", map[string]string{"/shop/folder/inside": ""})
			s.Env = append(s.Env, c.env)
			_, err := config.Load(s)
			check(t, err, c.sentence)
		})
	}
}

// No sentence of internal/lang is without a case here, so none says nonsense.
func TestEverySentenceHasACase(t *testing.T) {
	said := []string{
		"belongs to no setting; unset it, all settings are in config.example.yaml", "belongs to no setting; did you mean X?",
		"there is no such file; correct the path after --config", "is a folder; give the path of the configuration file itself",
		"cannot be worked out, as none of XDG_DATA_HOME, HOME and LocalAppData is set; give the folder with --data",
	}
	for _, c := range wrong {
		said = append(said, c.sentence)
	}
	verb := regexp.MustCompile(`%[a-z]`)
	texts := reflect.ValueOf(lang.Must(lang.English).Command.Config)
	for i := range texts.NumField() {
		parts := verb.Split(texts.Field(i).String(), -1)
		for j := range parts {
			parts[j] = regexp.QuoteMeta(parts[j])
		}
		sentence := regexp.MustCompile(strings.Join(parts, ".*"))
		found := false
		for _, s := range said {
			found = found || sentence.MatchString(s)
		}
		if !found {
			t.Errorf("no case for %s", texts.Type().Field(i).Name)
		}
	}
}

// What is secret is in no sentence and no print.
func TestSecretsStaySecret(t *testing.T) {
	c, err := config.Load(sources(real, realFiles()))
	if err != nil {
		t.Fatal(err)
	}
	if c.WeChat.APIv3Key.Reveal() != "0123456789abcdef0123456789abcdef" {
		t.Error("the key is lost")
	}
	for _, printed := range prints(c, *c, c.WeChat, c.Operators[0]) {
		if strings.Contains(printed, "0123456789abcdef") || strings.Contains(printed, "830274") {
			t.Errorf("printed: %s", printed)
		}
	}
	_, err = config.Load(sources(instead("0123456789abcdef0123456789abcdef", "topsecret"), realFiles()))
	if err == nil || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("error: %v", err)
	}
}
