package config

import (
	"time"

	"abacus/internal/money"
)

// sandboxPIN is the PIN of the sample operators. It is printed in the manual,
// so it is refused where the money is real.
const sandboxPIN = "246810"

// defaults is the configuration of a till without any: the embedded sandbox.
// Lists have their defaults in sampleOperators and sampleLabels, because a
// list given replaces the default as a whole.
func defaults() *Config {
	return &Config{
		Store:             Store{ID: "0001", Name: "算盘便利店"},
		Till:              "01",
		LanguageSetting:   auto,
		Currency:          money.CNY,
		Disk:              Disk{Warn: 512 * mebi, Stop: 64 * mebi},
		Shift:             Shift{Required: true},
		BusinessDayStarts: ClockTime(4 * time.Hour),
		ConfirmAbove:      money.Fen(1000_00),
		OrderCodeSeconds:  120,
		Huabei:            Huabei{Allow: true},
		WeChat:            WeChat{Base: "https://api.mch.weixin.qq.com"},
		Alipay:            Alipay{Gateway: "https://openapi.alipay.com/gateway.do"},
		Pinpad:            Pinpad{Kind: "none", Baud: 9600, CustomerSeconds: 210, Codes: []string{}},
		Card:              CardChannel{Via: "terminal", TPDU: "6000030000", Header: "603100311000", MAC: "ecb", HostSeconds: 60, SettleAtClose: true, SmallAmount: money.Fen(1000_00)},
		Prepaid:           Prepaid{Offered: true, Prefix: "9800", Length: 16, Most: money.Fen(1000_00), Months: 36},
		Sandbox:           Sandbox{Embedded: true},
		Display:           Display{Kind: "none", Baud: 9600, Text: "ascii"},
		Printer:           Printer{Kind: "none", Baud: 9600, Flow: "none", Status: true, Text: "gb18030", Width: 80, Copies: 1, Language: auto, Drawer: true},
		Scanner:           Scanner{InterKeyMS: 30},
		Theme:             "dark",
		Borders:           "unicode",
		Sound:             true,
	}
}

func sampleOperators() []Operator {
	return []Operator{
		{ID: "1001", Name: "王芳", Role: manager, PIN: sandboxPIN},
		{ID: "1002", Name: "李雷", Role: cashier, PIN: sandboxPIN},
	}
}

// sampleLabels are the two commonest forms: 13 digits with five of the item
// and five of the amount in fen, or of the weight in grams.
func sampleLabels() []Weighed {
	amount := Weighed{
		Prefix: "21", Length: 13, Item: []int{3, 7}, Kind: "amount", Value: []int{8, 12}, Decimals: 2, Check: true,
	}
	weight := amount
	weight.Prefix, weight.Kind, weight.Decimals = "22", "weight", 3
	return []Weighed{amount, weight}
}
