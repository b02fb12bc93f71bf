package alipay

import "testing"

// Only an acquirer that has looked says that it knows no such number: one that
// refuses the shop's keys or rights has not.
func TestFindTellsNoFromNotAsked(t *testing.T) {
	for _, c := range []struct {
		code, sub string
		asked     bool
	}{
		{"40004", "ACQ.TRADE_NOT_EXIST", true},
		{"40004", "ACQ.INVALID_PARAMETER", true},
		{"40004", "ACQ.SYSTEM_ERROR", false},
		{"40004", "ACQ.ACCESS_FORBIDDEN", false},
		{"40004", "ACQ.NEW_CODE", false},
		{"40002", "isv.invalid-signature", false},
		{"40006", "isv.insufficient-isv-permissions", false},
		{"20000", "isp.unknow-error", false},
	} {
		client, _ := testClient(t, answer{node: refused(c.code, c.sub)})
		order, found, err := client.Find(background(), "2026010122001400000000000001")
		if found || order != "" || (err == nil) != c.asked {
			t.Errorf("%s %s: %q, %v, %v", c.code, c.sub, order, found, err)
		}
	}
}
