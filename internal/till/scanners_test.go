package till_test

import (
	"testing"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
)

func (w *world) lamp(name string) till.LinkState {
	w.t.Helper()
	for _, l := range w.snapshot().Links {
		if l.Name == name {
			return l.State
		}
	}
	w.t.Fatalf("no lamp %s", name)
	return ""
}

// A device that goes and comes back moves its lamp and says a sentence each
// time; one that was there from the start says nothing.
func TestDevicesComeAndGo(t *testing.T) {
	inWorld(t, func(w *world) {
		say := func(name string, state till.LinkState, trouble string) {
			w.core.DeviceSeen(w.t.Context(), till.Device{Kind: till.DeviceScanner, Name: name, Line: "serial", State: state, Trouble: trouble})
		}
		notices := func(want ...string) {
			t.Helper()
			got := w.snapshot().Notices
			for i, code := range want {
				if i >= len(got) || got[i].Code != code || got[i].Args[0] != "left" {
					t.Fatalf("got %+v, want %q", got, want)
				}
			}
			if len(got) != len(want) {
				t.Fatalf("got %+v, want %q", got, want)
			}
		}
		say("right", till.LinkUp, "")
		notices()
		say("left", till.LinkDown, "missing")
		if w.lamp("scanner") != till.LinkDown {
			t.Error("the lamp stays up with a scanner missing")
		}
		say("left", till.LinkUp, "")
		say("left", till.LinkUp, "flood")
		if w.lamp("scanner") != till.LinkUp {
			t.Error("the lamp is down though both scanners are there")
		}
		say("left", till.LinkUp, "")
		say("left", till.LinkDown, "gone")
		notices(till.NoticeScannerMissing, till.NoticeScannerBack, till.NoticeScannerFlood, till.NoticeScannerGone)
		if d := w.snapshot().Devices; len(d) != 2 || d[0].Name != "right" || d[1].Trouble != "gone" || d[1].Since.IsZero() {
			t.Errorf("%+v", d)
		}
	})
}

// Without a screen a device's scan does what it does on one, and the snapshot
// tells what came of it.
func TestScansWithoutAScreen(t *testing.T) {
	inWorld(t, func(w *world) {
		scan := func(text string, torn bool) *till.LoneScan {
			w.core.ScanAlone(w.t.Context(), "left", text, torn)
			return w.snapshot().LoneScan
		}
		if s := scan("6901234567892\r", false); s == nil || s.Scanned.Kind != till.ScanGoods || s.Device != "left" || s.Fault != nil {
			t.Fatalf("%+v", s)
		}
		if s := scan("6901234567892", true); s.Scanned.Kind != till.ScanUnreadable || s.Scanned.Problem != till.ProblemTorn {
			t.Fatalf("%+v", s)
		}
		if lines := w.snapshot().Sale.Lines; len(lines) != 1 || lines[0].Quantity != ledger.One {
			t.Fatalf("a torn scan was sold: %+v", lines)
		}
		c := code(payment.WeChat)
		s := scan("]C1"+c, false)
		if s.Scanned.Payment == nil || s.Scanned.Mask == c {
			t.Fatalf("%+v", s)
		}
		w.wait(s.Scanned.Payment.ID)
		if s := scan(code(payment.WeChat), false); s.Fault == nil || s.Fault.Code == till.FaultInternal {
			t.Fatalf("nothing to pay, and no fault: %+v", s)
		}
	})
}

// What a scan is follows from its content and from what the till knows.
func TestTheRouter(t *testing.T) {
	inWorld(t, func(w *world) {
		w.formats.Cards = []scanner.CardFormat{
			{Kind: scanner.Member, Prefix: "HY", MinLength: 6, MaxLength: 13},
			{Kind: scanner.Coupon, Prefix: "CP", MinLength: 8, MaxLength: 16},
			{Kind: scanner.Prepaid, Prefix: "9800", MinLength: 16, MaxLength: 16, Keep: true},
			{Kind: scanner.Badge, Prefix: "YG-", MinLength: 7, MaxLength: 9},
		}
		w.restart()
		s := w.sale(1234)
		p := w.do(till.SalePay{Sale: s.ID, Method: "auto", Code: "]Q1" + code(payment.Alipay)}).(ledger.Payment)
		p = w.wait(p.ID)
		for _, tc := range []struct {
			text string
			kind till.ScanKind
			mask string
		}{
			{"CP20261122", till.ScanCoupon, "…1122"},
			{"9800123412345678", till.ScanPrepaid, "…5678"},
			{"YG-1001", till.ScanBadge, "…"},
			{s.ID, till.ScanReceipt, s.ID},
			{p.ID + "\r", till.ScanReceipt, s.ID},
			{p.Order, till.ScanReceipt, s.ID},
			{"12345678901234567", till.ScanUnknownItem, "12…67"}, // may be a pay code that lost a digit
			{"no such thing", till.ScanUnknownItem, "no such thing"},
			{"HY0000000", till.ScanUnknownItem, "0000000"},
			{"6901234567893", till.ScanUnreadable, ""},
		} {
			r := w.do(till.SaleScan{Text: tc.text, Pay: true}).(till.Scanned)
			if r.Kind != tc.kind || r.Mask != tc.mask || r.Payment != nil {
				t.Errorf("%q: %+v", tc.text, r)
			}
			if r.Kind == till.ScanReceipt && r.Sale.ID != s.ID {
				t.Errorf("%q: sale %+v", tc.text, r.Sale)
			}
		}
		if v := w.snapshot(); v.Sale != nil && v.Sale.State == ledger.SaleOpen {
			t.Errorf("one of these opened a sale: %+v", v.Sale)
		}
	})
}

// A quantity goes with goods, and with nothing that has its own.
func TestScanWithAQuantity(t *testing.T) {
	inWorld(t, func(w *world) {
		r := w.do(till.SaleScan{Text: "6901234567892", Quantity: 3 * ledger.One}).(till.Scanned)
		if r.Kind != till.ScanGoods || r.Sale.Lines[0].Quantity != 3*ledger.One {
			t.Fatalf("%+v", r)
		}
		r = w.do(till.SaleScan{Text: "6901234567892", Quantity: 2 * ledger.One}).(till.Scanned)
		if len(r.Sale.Lines) != 1 || r.Sale.Lines[0].Quantity != 5*ledger.One || !r.Sale.Total.Equal(r.Sale.Lines[0].Price.MulDiv(5, 1)) {
			t.Fatalf("%+v", r.Sale)
		}
		w.refuses(till.FaultBadQuantity, till.SaleScan{Text: "6901234567892", Quantity: 1500})
		w.refuses(till.FaultBadQuantity, till.SaleScan{Text: weighedLabel, Quantity: 2 * ledger.One})
		if r := w.do(till.SaleScan{Text: weighedLabel}).(till.Scanned); r.Kind != till.ScanWeighed && r.Kind != till.ScanUnknownItem {
			t.Fatalf("%+v", r)
		}
		if total := w.snapshot().Sale.Total; total.Less(money.Fen(1)) {
			t.Fatal(total)
		}
	})
}

// weighedLabel says article 06013 for 4.00, by the layout most scales have.
const weighedLabel = "2106013004009"
