package till_test

import (
	"strings"
	"testing"

	"abacus/internal/till"
	"abacus/ledger"
)

// A badge stands for the operator's number, never for the PIN, and is in no
// entry.
func TestABadgeNeedsThePIN(t *testing.T) {
	set := settings()
	set.Operators[1].Badge = "STAFF-0077"
	w := &world{t: t, dir: t.TempDir(), wechat: newAcquirer("wechat"), alipay: newAcquirer("alipay"), set: set}
	w.start()
	w.refuses(till.FaultWrongPIN, till.Login{Operator: "STAFF-0077", PIN: ""})
	w.refuses(till.FaultWrongPIN, till.Login{Operator: "STAFF-0077", PIN: "000000"})
	w.refuses(till.FaultWrongPIN, till.Login{Operator: "", PIN: "246810"}) // an operator without a badge has none that is empty
	if who := w.do(till.Login{Operator: "STAFF-0077", PIN: "246810"}).(till.Operator); who.ID != "1002" {
		t.Errorf("signed in: %+v", who)
	}
	w.do(till.Login{Operator: "1001", PIN: "246810"})
	for _, e := range w.do(till.JournalList{Limit: 100}).([]ledger.Entry) {
		if text := string(e.Payload); len(text) > 0 && e.Kind == ledger.KindLoginRefused && !strings.Contains(text, "1002") && !strings.Contains(text, `"?"`) {
			t.Errorf("%s: %s", e.Kind, text)
		}
		if strings.Contains(string(e.Payload), "STAFF") {
			t.Errorf("the badge is in entry %d: %s", e.Number, e.Payload)
		}
	}
}
