package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// bare takes the idempotency key off a command; that there is one is checked
// where it matters.
func bare(c till.Command) till.Command {
	if k, ok := c.(till.Keyed); ok {
		return k.Command
	}
	return c
}

func TestTheInputLine(t *testing.T) {
	add := func(a till.SaleAdd) []till.Command { return []till.Command{a} }
	search := func(texts ...string) (all []till.Command) {
		for _, text := range texts {
			all = append(all, till.GoodsSearch{Text: text, Limit: 40})
		}
		return all
	}
	for _, test := range []struct {
		name, keys string
		want       []till.Command
		left       string // what stays in the line
	}{
		{"an amount", "12.5<enter>", add(till.SaleAdd{Amount: money.Fen(1250)}), ""},
		{"a whole amount", "12<enter>", add(till.SaleAdd{Amount: money.Fen(1200)}), ""},
		{"an amount ended by plus", "12+", add(till.SaleAdd{Amount: money.Fen(1200)}), ""},
		{"the largest amount", "9999999.99<enter>", add(till.SaleAdd{Amount: money.Fen(999999999)}), ""},
		{"five of an amount", "5*12.5<enter>", add(till.SaleAdd{Amount: money.Fen(1250), Quantity: 5000}), ""},
		{"quantity of the last line", "5*<enter>", []till.Command{till.SaleSetQuantity{Sale: "20261121-0042", Line: 3, Quantity: 5000}}, ""},
		{"quantity of a chosen line", "<up><up>2*<enter>", []till.Command{till.SaleSetQuantity{Sale: "20261121-0042", Line: 1, Quantity: 2000}}, ""},
		{"weight of a line", ".", nil, ""},
		{"half a kilo", "0.5*<enter>", []till.Command{till.SaleSetQuantity{Sale: "20261121-0042", Line: 3, Quantity: 500}}, ""},
		{"a barcode by hand", "6921168509256<enter>", []till.Command{till.SaleScan{Text: "6921168509256", Pay: true}}, ""},
		{"three of a barcode", "3*6921168509256<enter>", add(till.SaleAdd{Code: "6921168509256", Quantity: 3000}), ""},
		{"a short code", "/1001<enter>", add(till.SaleAdd{Code: "1001"}), ""},
		{"a name", "nf<enter>", append(search("n", "nf"), till.SaleAdd{Name: "nf"}), ""},
		{"remove the last line", "-", []till.Command{till.SaleRemove{}}, ""},
		{"remove a chosen line", "<up>-", []till.Command{till.SaleRemove{Line: 2}}, ""},
		{"take back a key", "12<bs><enter>", add(till.SaleAdd{Amount: money.Fen(100)}), ""},
		{"clear", "12<esc>", nil, ""},
		{"nothing of nothing", "0<enter>", nil, "0"},
		{"three decimals", "1.234<enter>", nil, "1.234"},
		{"a star without a number", "*", nil, ""},
		{"two stars", "5*5*", nil, "5*5"},
		{"two points", "1.2.3<enter>", nil, "1.2.3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at(t, selling(), func(c *counter) {
				c.keys(test.keys)
				c.asked(test.want...)
				if c.root.sell.entry.text != test.left {
					t.Fatalf("%q stays in the line, want %q", c.root.sell.entry.text, test.left)
				}
			})
		})
	}
}

func TestSearchAddsTheChosenGoods(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.GoodsSearch); ok {
				return shelf(), nil
			}
			return nil, nil
		}
		c.keys("2*s")
		c.sees("2 found", "> Nongfu Spring 550ml", "9.98/kg")
		c.keys("<down>")
		c.sees("> Apples, loose")
		c.keys("<enter>")
		c.asked(till.GoodsSearch{Text: "s", Limit: 40}, till.SaleAdd{Code: "2000010", Quantity: 2000})
		c.seesNot("found")
	})
}

// Enter behind a name means what the list for that name says. Where the list
// still shows what was found for fewer letters, the core decides.
func TestALaggingSearchAddsNothingOfItsOwn(t *testing.T) {
	at(t, selling(), func(c *counter) {
		gate := make(chan struct{})
		c.core.answer = func(command till.Command) (till.Result, error) {
			search, ok := command.(till.GoodsSearch)
			switch {
			case !ok:
				return nil, nil
			case search.Text == "sz":
				<-gate
			}
			return shelf(), nil
		}
		c.keys("s")
		c.sees("Nongfu Spring")
		c.keys("z<down><enter>")
		c.asked(till.GoodsSearch{Text: "s", Limit: 40}, till.GoodsSearch{Text: "sz", Limit: 40}, till.SaleAdd{Name: "sz"})
		close(gate)
	})
	at(t, selling(), func(c *counter) { // a choice in the old list is none in the new one
		gate := make(chan struct{})
		c.core.answer = func(command till.Command) (till.Result, error) {
			if search, ok := command.(till.GoodsSearch); ok && search.Text == "sz" {
				<-gate
			} else if !ok {
				return nil, nil
			}
			return shelf(), nil
		}
		c.keys("sz<down>")
		close(gate)
		c.rest(time.Second)
		c.core.took()
		c.keys("<enter>")
		c.asked(till.SaleAdd{Code: "6921168509256"})
	})
}

func TestCash(t *testing.T) {
	for _, test := range []struct {
		name, keys string
		want       []till.Command
		sees       string
	}{
		{"exactly", "<f2><enter>", []till.Command{till.SalePay{Method: "cash"}}, ""},
		{"with change", "<f2>100<enter>", []till.Command{till.SalePay{Method: "cash", Tendered: money.Fen(10000)}}, ""},
		{"by the pad alone", "+1100<enter>", []till.Command{till.SalePay{Method: "cash", Tendered: money.Fen(10000)}}, ""},
		{"too little is asked", "<f2>5<enter>", nil, "6.36 short"},
		{"a part, meant", "<f2>5+", []till.Command{till.SalePay{Method: "cash", Amount: money.Fen(500), Tendered: money.Fen(500)}}, ""},
		{"a part, then change of it", "+55<enter>120<enter>", []till.Command{till.SalePay{Method: "cash", Amount: money.Fen(500), Tendered: money.Fen(2000)}}, ""},
		{"nonsense", "<f2>.<enter>", nil, "unclear"},
		{"back loses nothing", "<f2>5<esc><esc>", nil, "Total"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at(t, selling(), func(c *counter) {
				c.keys(test.keys)
				got := c.core.took()
				if len(got) != len(test.want) {
					t.Fatalf("asked %#v, want %#v\n%s", got, test.want, c.screen())
				}
				for i := range got {
					if bare(got[i]) != test.want[i] || got[i] == bare(got[i]) {
						t.Fatalf("asked %#v, want %#v under a key", got[i], test.want[i])
					}
				}
				c.sees(test.sees)
			})
		})
	}
}

// A payment asked for twice from one screen carries one key, so that the core
// takes it once; the next screen's is another.
func TestOnePaymentScreenOneKey(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return nil, errors.New("no answer") }
		c.keys("<f2><enter><enter><esc><f2><enter>")
		asked := c.core.took()
		if len(asked) != 3 || asked[0] != asked[1] || asked[1] == asked[2] {
			t.Fatalf("asked %#v", asked)
		}
	})
}

func TestOrderCodeKeys(t *testing.T) {
	id := presenting().Attempt.Payment.ID
	for keys, want := range map[string]till.Command{
		"<enter>": till.PaymentQuery{Payment: id},
		"<tab>":   till.PaymentSwitch{Payment: id, Channel: payment.WeChat},
		"/":       till.PaymentSwitch{Payment: id, Channel: payment.WeChat},
		"<esc>":   till.PaymentCancel{Payment: id},
		"-":       till.PaymentCancel{Payment: id},
		"<f3>":    till.PaymentCancel{Payment: id},
		"*2":      till.CustomerPlays{Channel: payment.Alipay, Behaviour: "pay", Order: "A01202611210042001"},
	} {
		at(t, presenting(), func(c *counter) {
			c.sees("01:4", "Alipay", "Ask the customer to scan")
			c.keys(keys)
			c.asked(want)
		})
	}
}

func TestWaitingKeys(t *testing.T) {
	id := checking().Attempt.Payment.ID
	for keys, want := range map[string]till.Command{
		"<enter>": till.PaymentQuery{Payment: id},
		"<f2>":    till.SaleOpen{},
		"+":       till.SaleOpen{},
		"<esc>":   till.PaymentCancel{Payment: id},
	} {
		at(t, checking(), func(c *counter) {
			c.sees("14:32:00 asked, 3 times so far, next at 14:32:05", "14:32:20", "s left", "not hand over")
			c.seesNot("✔")
			c.keys(keys)
			c.asked(want)
		})
	}
}

// While the payments of a sale are fetched keys wait: a second sale chosen
// meanwhile would put its amount over the first one's.
func TestOneRefundAtATime(t *testing.T) {
	at(t, idle(), func(c *counter) {
		gate := make(chan struct{})
		first, p := *paid().Sale, paid().Attempt.Payment
		second := first
		second.ID = "20261121-0043"
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.SalesList); ok {
				return []ledger.Sale{first, second}, nil
			}
			<-gate
			return p, nil
		}
		c.keys("<f8><enter>")
		c.keys("<down><enter>")
		asked := c.core.took()
		close(gate)
		if len(asked) != 2 || asked[1] != (till.PaymentGet{Payment: p.ID}) {
			t.Errorf("asked %#v", asked)
		}
		c.rest(time.Second)
		if n := len(c.root.stack); n > 3 { // the sales, the amount, and the reason that Enter went on to
			t.Errorf("%d screens are open:\n%s", n, c.screen())
		}
	})
}

func TestRefundFromEndToEnd(t *testing.T) {
	at(t, idle(), func(c *counter) {
		sale, p := *paid().Sale, paid().Attempt.Payment
		c.core.answer = func(command till.Command) (till.Result, error) {
			switch bare(command).(type) {
			case till.SalesList:
				return []ledger.Sale{sale}, nil
			case till.PaymentGet:
				return p, nil
			case till.RefundCreate:
				return ledger.Refund{ID: "R1", State: ledger.RefundChecking}, nil
			}
			return nil, nil
		}
		c.keys("<f8><enter>")
		c.sees("at most 11.36")
		c.keys("20<enter>")
		c.sees("11.36") // more than there is
		c.keys("5<enter>1")
		c.sees("Give back 5.00", "goods returned")
		c.core.took()
		c.keys("<enter>")
		c.asked()
		c.keys("+")
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.RefundCreate{Payment: p.ID, Amount: money.Fen(500), Reason: "goods returned"}) {
			t.Fatalf("asked %#v", got)
		}
		c.sees("the result is not known")
		c.core.answer = func(till.Command) (till.Result, error) { return ledger.Refund{ID: "R1", State: ledger.RefundDone}, nil }
		c.show(idle())
		c.asked(till.RefundGet{Refund: "R1"})
		c.seesNot("not known")
		c.sees("✔", "went back")
	})
}

// Everything a sale and a day need is reached by digits, without a function
// key: point opens the menu.
func TestEverythingByDigits(t *testing.T) {
	for keys, want := range map[string]till.Command{
		".3110<enter>1":    till.SaleDiscount{Percent: 10, Reason: "promotion"},
		".413800<enter>":   till.SaleScan{Text: "13800"},
		".51":              till.SaleHold{},
		".541+":            till.SaleVoid{Reason: "customer left"},
		".6":               till.SalesList{Limit: 200},
		".71":              till.SalesList{Limit: 200},
		".72":              till.PaymentList{Limit: 200},
		".73":              till.SalesList{Limit: 20},
		".74":              till.JournalList{Limit: 200},
		".77":              till.PrinterProbe{},
		".83100<enter>1":   till.ShiftCash{Amount: money.Fen(10000), Reason: "change"},
		".84100<enter>2":   till.ShiftCash{Amount: money.Fen(-10000), Reason: "bank"},
		".85":              till.ReportX{},
		".86":              till.ReportZ{},
		".872":             till.DrawerOpen{Reason: "cash check"},
		".88":              till.ReceiptPrint{Z: -1},
		".96":              till.Hello{},
		".97":              till.Logout{},
		"*1":               till.CustomerPlays{Channel: payment.WeChat, Behaviour: "pay"},
		".12":              till.SalePay{Method: "wechat", Present: true},
		".13":              till.SalePay{Method: "alipay", Present: true},
		".155<enter>2":     till.SalePay{Method: "wechat", Present: true, Amount: money.Fen(500)},
		".955":             till.CustomerPlays{Channel: payment.Alipay, Behaviour: "decline:ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		".2-0<enter>1":     till.SalePay{Method: "cash"},
		"<f5>1001<enter>":  till.SaleScan{Text: "1001"},
		"<f7>":             till.SaleHold{},
		"<f3>1":            till.SalePay{Method: "wechat", Present: true},
		".93-.85":          till.ReportX{},
		"<f6>110<enter>2":  till.SaleDiscount{Percent: 10, Reason: "member"},
		"<f6>3101<enter>1": nil,

		".345<enter>4<enter>": till.SaleDiscount{Line: 3, Amount: money.Fen(500), Reason: "other"},
	} {
		at(t, selling(), func(c *counter) {
			c.keys(strings.TrimSuffix(keys, "<enter>1"))
			if strings.HasSuffix(keys, "<enter>1") {
				c.keys("<enter>")
				if keys == ".2-0<enter>1" {
					c.core.took()
					c.keys("1<enter>")
				} else {
					c.keys("1")
				}
			}
			got := c.core.took()
			if want == nil {
				if len(got) != 0 {
					t.Errorf("%s asked %#v, want nothing", keys, got)
				}
				return
			}
			if len(got) != 1 || bare(got[0]) != want {
				t.Errorf("%s asked %#v, want %#v\n%s", keys, got, want, c.screen())
			}
		})
	}
}

func TestHeldSalesComeBack(t *testing.T) {
	s := idle()
	held := *selling().Sale
	held.State = ledger.SaleHeld
	s.Held = []ledger.Sale{held}
	at(t, s, func(c *counter) {
		c.keys("<f7><enter>")
		c.asked(till.SaleRecall{Sale: "20261121-0042"})
	})
}

func TestNoticesAreSeenOnce(t *testing.T) {
	s := idle()
	s.Notices = []till.Notice{{At: morning().Add(time.Second), Code: till.NoticePrintFailed, Args: []any{"20261121-0041"}}}
	at(t, s, func(c *counter) {
		c.rest(2 * time.Second)
		c.sees("! ", "20261121-0041")
		c.keys("<up>")
		c.seesNot("20261121-0041")
	})
}
