package wechat

import "testing"

// Only an acquirer that has looked says that it knows no such number: one that
// refuses the shop's keys or rights has not.
func TestFindTellsNoFromNotAsked(t *testing.T) {
	for code, asked := range map[string]bool{
		"ORDER_NOT_EXIST": true, "RESOURCE_NOT_EXISTS": true, "PARAM_ERROR": true,
		"SIGN_ERROR": false, "NO_AUTH": false, "MCH_NOT_EXISTS": false, "SYSTEM_ERROR": false, "FREQUENCY_LIMITED": false, "NEW_CODE": false,
	} {
		c, _ := testClient(t, answer{status: 400, body: errorBody(code)})
		order, found, err := c.Find(background(), "4200000000202601010000000001")
		if found || order != "" || (err == nil) != asked {
			t.Errorf("%s: %q, %v, %v", code, order, found, err)
		}
	}
}
