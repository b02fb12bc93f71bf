package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

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

func TestTheEndOfASale(t *testing.T) {
	t.Run("the next scan is the next sale", func(t *testing.T) {
		at(t, paid(), func(c *counter) {
			c.sees("✔", "138****5678", "in 3 instalments", "printing")
			c.scan("6921168509256", tea.KeyEnter)
			c.asked(till.SaleScan{Text: "6921168509256", Pay: true})
		})
	})
	t.Run("so is the next digit", func(t *testing.T) {
		at(t, paid(), func(c *counter) {
			c.keys("7")
			c.asked(till.SaleDismiss{})
			c.show(idle())
			c.keys("<enter>")
			c.asked(till.SaleAdd{Amount: money.Fen(700)})
		})
	})
	t.Run("change is big", func(t *testing.T) {
		at(t, paidCash(), func(c *counter) {
			c.sees("Change", big("88.64", c.root.look)[1])
		})
	})
	t.Run("declined goes back to the sale", func(t *testing.T) {
		at(t, declined(), func(c *counter) {
			c.sees("✖", "no money was taken")
			c.keys("<enter>")
			c.asked()
			c.sees("Master Kong")
			c.scan("281234567890123456", tea.KeyEnter)
			c.asked(till.SaleScan{Text: "281234567890123456", Pay: true})
		})
	})
	t.Run("a part leaves the rest", func(t *testing.T) {
		at(t, partPaid(), func(c *counter) {
			c.sees("Still due 6.36")
			c.keys("<f2><enter>")
			if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.SalePay{Method: "cash"}) {
				t.Fatalf("asked %#v", got)
			}
		})
	})
	t.Run("copy and refund", func(t *testing.T) {
		at(t, paid(), func(c *counter) {
			c.keys("<f7>")
			c.asked(till.ReceiptPrint{Sale: "20261121-0042", Reason: "customer asked"})
		})
	})
}

// The number by which the acquirer finds a payment is 28 digits, and stands there.
func TestTheEndShowsTheWholeNumber(t *testing.T) {
	for _, state := range []func() *till.Snapshot{paid, partPaid, declined} {
		s := state()
		s.Attempt.Payment.AcquirerReference = "4200002026112112345678901234"
		at(t, s, func(c *counter) {
			c.sees("20261121-0042-1 ", "Acquirer no. 4200002026112112345678901234")
			c.keys("<ctrl+l>")
			c.sees("20261121-0042-1 ", " 4200002026112112345678901234")
		})
	}
}

// What was typed for one customer's sale does nothing to the next one's.
func TestAQuantityDoesNotOutliveItsSale(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.keys("5*<f2><enter>")
		c.show(paid())
		c.sees("✔")
		c.core.took()
		c.scan(goodsCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true})
	})
	at(t, selling(), func(c *counter) {
		c.keys("5*")
		c.show(checking())
		c.keys("<f2>")
		c.show(idle())
		c.core.took()
		c.seesNot("5*_")
		c.scan(goodsCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true})
	})
	at(t, selling(), func(c *counter) { // part of it is paid: it is still the same sale
		c.keys("5*")
		c.show(partPaid())
		c.core.took()
		c.scan(goodsCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true, Quantity: 5 * ledger.One})
	})
}

func TestAQuantityDoesNotOutliveARecall(t *testing.T) {
	held := func() *till.Snapshot {
		s := idle()
		sale := *selling().Sale
		sale.ID, sale.State = "20261121-0001", ledger.SaleHeld
		s.Held = []ledger.Sale{sale}
		return s
	}
	inDoubt := func() *till.Snapshot {
		s := checking()
		s.Sale, s.Attempt = nil, nil
		return s
	}
	for name, test := range map[string]struct {
		state  func() *till.Snapshot
		recall func(c *counter)
	}{
		"from the held sales":   {held, func(c *counter) { c.keys("<f7><enter>") }},
		"from the doubts":       {inDoubt, func(c *counter) { c.keys("<ctrl+d>+") }},
		"by its slip's barcode": {held, func(c *counter) { c.scan("20261121-0001", tea.KeyEnter) }},
	} {
		t.Run(name, func(t *testing.T) {
			for _, typed := range []string{"5*", "12"} {
				at(t, test.state(), func(c *counter) {
					c.core.answer = func(command till.Command) (till.Result, error) {
						if _, ok := command.(till.SaleScan); ok {
							return till.Scanned{Kind: till.ScanReceipt, Mask: "20261121-0001", Sale: &test.state().Held[0]}, nil
						}
						return nil, nil
					}
					c.keys(typed)
					test.recall(c)
					c.show(selling())
					got := c.core.took()
					if _, ok := got[len(got)-1].(till.SaleRecall); !ok {
						c.t.Fatalf("asked %#v", got)
					}
					c.sees("Total")
					if text := c.root.sell.entry.text; text != "" {
						c.t.Errorf("%q stands in the line of the recalled sale", text)
					}
				})
			}
		})
	}
}

// The end of a sale is told also where its last payment was noted before: a
// removed line, or an earlier attempt that has turned out paid, has ended it.
func TestTheEndOfASaleIsToldAfterThatOfItsPayment(t *testing.T) {
	at(t, partPaid(), func(c *counter) {
		c.keys("<enter>")
		c.seesNot("✔")
		c.rest(2 * time.Second)
		c.bell.Reset()
		c.show(paid())
		c.sees("✔", "Paid.")
		c.rest(2 * time.Second)
		if got := strings.Count(c.bell.String(), "\a"); got != soundPaid {
			t.Errorf("%d strokes", got)
		}
		c.core.took()
		c.keys("<enter>")
		c.asked(till.SaleDismiss{})
	})
	at(t, partPaid(), func(c *counter) { // what asks for cash gives way to it
		for _, keys := range []string{"<enter>", "5<enter>"} {
			c.show(partPaid())
			c.keys("<enter><f2>")
			c.sees("Received")
			c.show(paid())
			c.core.took()
			c.keys(keys)
			c.asked()
			c.sees("✔", "Paid.")
			c.seesNot("Received")
			c.rest(time.Second)
			c.keys("<enter>")
			c.show(idle())
		}
	})
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

func TestShiftOpensWhereOneIsMissing(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.SaleAdd); ok {
				return nil, &till.Fault{Code: till.FaultNoShift}
			}
			return nil, nil
		}
		c.keys("5<enter>")
		c.sees("Open the shift", "✖")
		c.core.took()
		c.rest(quiet)
		c.keys("500<enter>")
		c.asked(till.ShiftOpen{Float: money.Fen(50000)})
	})
}

// The float is asked for in the middle of typing: what was meant for the sale is
// no float.
func TestWhatIsTypedOnIsNoFloat(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.SaleAdd); ok {
				return nil, &till.Fault{Code: till.FaultNoShift}
			}
			return nil, nil
		}
		c.keys("5<enter>8<enter>")
		c.asked(till.SaleAdd{Amount: money.Fen(500)})
		c.sees("Open the shift")
		c.rest(quiet)
		c.keys("500<enter>")
		c.asked(till.ShiftOpen{Float: money.Fen(50000)})
	})
}

func TestTheCountIsBlind(t *testing.T) {
	s := idle()
	s.Operator = &till.Operator{ID: "1002", Name: "李雷", Role: till.Cashier}
	at(t, s, func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			switch command.(type) {
			case till.ReportX:
				return report("X"), nil
			case till.ShiftClose:
				return report("Z"), nil
			}
			return nil, nil
		}
		c.keys("<f9>85")
		c.seesNot("Expected")
		c.keys("<pgdown>")
		c.seesNot("Expected", "600.00")
		c.keys("<esc><f9>82")
		c.seesNot("600.00")
		c.core.took()
		c.keys("599<enter><enter>")
		c.asked() // Enter is no answer
		c.keys("+")
		c.asked(till.ShiftClose{Counted: money.Fen(59900)})
		c.keys("<pgdown>")
		c.sees("Expected cash", "Over or short", "-1.00")
	})
}

func TestSignIn(t *testing.T) {
	at(t, signedOut(), func(c *counter) {
		c.sees("王芳", "PIN 246810", "PIN 135790")
		c.keys("<down>135790")
		c.sees(" ******_")
		if strings.Count(c.screen(), "135790") != 1 {
			t.Fatal("the PIN typed is on the screen")
		}
		c.keys("<enter>")
		c.asked(till.Login{Operator: "1002", PIN: "135790"})
		c.keys("/1003<enter>1111<enter>")
		c.asked(till.Login{Operator: "1003", PIN: "1111"})
	})
}

// Everything a sale and a day need is reached by digits, without a function
// key: point opens the menu.
func TestEverythingByDigits(t *testing.T) {
	for keys, want := range map[string]till.Command{
		".3110<enter>1":    till.SaleDiscount{Percent: 10, Reason: "promotion"},
		".345<enter>4":     till.SaleDiscount{Line: 3, Amount: money.Fen(500), Reason: "other"},
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

func TestDoubtListFromAnywhere(t *testing.T) {
	s := checking()
	s.Sale.State = ledger.SaleHeld
	s.Held = []ledger.Sale{*s.Sale}
	s.Sale, s.Attempt = nil, nil
	at(t, s, func(c *counter) {
		c.keys("<f9><ctrl+d>")
		c.sees("20261121-0042-1", "14:32:05", "0:2", "no answer came", "14:32:20")
		c.keys("<enter>")
		c.asked(till.PaymentQuery{Payment: "20261121-0042-1"})
		c.sees("To the front")
		c.keys("+")
		c.asked(till.SaleRecall{Sale: "20261121-0042"})
		c.keys("<f12>-")
		c.asked(till.PaymentCancel{Payment: "20261121-0042-1"})
	})
}

func TestAManagerMayForceWithAReason(t *testing.T) {
	at(t, checking(), func(c *counter) {
		c.keys("<ctrl+d>*1")
		c.sees("Charge again anyway", "customer cannot wait", "11.36")
		c.keys("<enter>")
		c.asked()
		c.keys("+")
		c.asked(till.PaymentForce{Payment: "20261121-0042-1", Reason: "customer cannot wait"})
	})
	s := checking()
	s.Operator = &till.Operator{ID: "1002", Role: till.Cashier}
	at(t, s, func(c *counter) {
		c.keys("<ctrl+d>*1+")
		c.asked()
	})
}

// Past a forced payment the sale is charged like any other: no screen forbids
// it any more, the doubt stays listed with its own sentence, and it is not
// offered to be forced again.
func TestAForcedSaleCanBeCharged(t *testing.T) {
	s := checking()
	s.Attempt.Payment.Forced = true
	s.Doubt[0].Payment.Forced = true
	at(t, s, func(c *counter) {
		c.seesNot("Do not let the customer pay again")
		c.keys("<f2>")
		c.sees("Received", "█")
		c.keys("<esc><ctrl+d>")
		c.sees("lets its sale be charged again", "goes back by itself")
		c.seesNot("Do not let the customer pay again", "Charge again anyway")
		c.keys("*")
		c.asked()
		c.keys("<esc>")
		c.scan(payCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: payCode, Pay: true})
	})
	s.Doubt[0].Decide = true
	at(t, s, func(c *counter) {
		c.keys("<ctrl+d>*")
		c.sees("There is a slip")
	})
	s.Attempt.Payment.State, s.Doubt = ledger.PaymentPaid, nil
	at(t, s, func(c *counter) { c.sees("✔ Paid.") })
}

func TestFindAPayment(t *testing.T) {
	p := paid().Attempt.Payment
	at(t, idle(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if command == (till.PaymentFind{Number: "none"}) {
				return []ledger.Payment{}, nil
			}
			return []ledger.Payment{p}, nil
		}
		c.keys(".75none<enter>")
		c.sees("Neither this till nor the acquirers")
		c.scan(payCode, tea.KeyEnter)
		c.sees("does nothing here")
		c.core.took()
		c.scan("4200002026112100", tea.KeyEnter)
		c.asked(till.PaymentFind{Number: "4200002026112100"})
		c.keys("<enter>")
		c.sees("2026112122001", "138****5678")
	})
}

// Who could not be asked is told, and what was typed stays to be sent again.
func TestALookUpThatCouldNotAskSaysSo(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) {
			return nil, &till.Fault{Code: till.FaultFindUnasked, Args: []any{"wechat"}}
		}
		c.keys(".754200001234<enter>")
		c.sees("Not in this till's books, and WeChat Pay could not be asked", "4200001234")
		c.seesNot("Neither this till")
		c.core.took()
		c.keys("<enter>")
		c.asked(till.PaymentFind{Number: "4200001234"})
	})
}

func TestDoublesAreReadyToGoBack(t *testing.T) {
	at(t, idle(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) {
			return []till.Double{{Payment: paid().Attempt.Payment, Earlier: ledger.Payment{ID: "20261121-0041-1"}, Why: till.DoublePayer, Amount: money.Fen(1136)}}, nil
		}
		c.keys(".76")
		c.sees("same payer", "repeat payment 20261121-0041-1")
		c.keys("<enter>")
		c.sees("at most 11.36")
	})
}

// Why a charge is listed and what Enter does stand there whole, whatever the
// amount and the language.
func TestWhyADoubleIsListed(t *testing.T) {
	p := paid().Attempt.Payment
	for _, why := range []string{till.DoublePayer, till.DoubleCode, till.DoubleSale, till.DoubleLate} {
		at(t, idle(), func(c *counter) {
			c.core.answer = func(till.Command) (till.Result, error) {
				return []till.Double{{Payment: p, Earlier: ledger.Payment{ID: "20261121-0041-1"}, Why: why, Amount: money.Fen(12345600)}}, nil
			}
			c.keys(".76")
			c.sees("Enter gives it back.", "11.36  "+c.root.why(why)+" ")
			c.keys("<ctrl+l>")
			c.sees("Enter", "。", "11.36  "+c.root.why(why)+" ")
			c.seesNot("..")
		})
	}
}

// In the list of doubt Enter asks about a refund, and ends one that is owed.
func TestRefundsInTheListOfDoubt(t *testing.T) {
	at(t, refunding(0)(), func(c *counter) {
		c.keys("<ctrl+d>")
		c.sees("5x 14:31:48", "14:32:20", "Customer oUpF8…3wd4", "4200002026112100000042")
		c.keys("<enter>")
		c.asked(till.RefundQuery{Refund: "20261121-0031-1-R1"})
		c.keys("<down><down><down><enter>1")
		c.sees("new number", "11.36")
		c.keys("+")
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.RefundRetry{Refund: "20261121-0034-1-R1"}) {
			t.Errorf("asked %#v", got)
		}
	})
	at(t, refunding(3)(), func(c *counter) {
		c.keys("<ctrl+d><enter>21")
		c.sees("cash out", "cash out of the drawer, signed for")
		c.keys("+")
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.RefundGiven{Refund: "20261121-0034-1-R1", Reason: "cash out of the drawer, signed for"}) {
			t.Errorf("asked %#v", got)
		}
		c.sees("went back otherwise")
	})
	s := refunding(3)()
	s.Operator = &till.Operator{ID: "1002", Role: till.Cashier}
	at(t, s, func(c *counter) {
		c.keys("<ctrl+d><enter>1+")
		c.asked()
	})
	at(t, idle(), func(c *counter) {
		r := refunding(3)().Refunds[0].Refund
		c.core.answer = func(till.Command) (till.Result, error) { return []ledger.Refund{r}, nil }
		c.keys(".79")
		c.asked(till.RefundList{Limit: 200})
		c.sees("20261121-0034-1-R1", "owed", "gone back.")
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

// Goods and pay codes sign nobody in, and whoever scans one is told what does.
func TestAScanSignsNobodyIn(t *testing.T) {
	at(t, signedOut(), func(c *counter) {
		c.scan("6901234567892", tea.KeyEnter)
		c.rest(time.Second)
		c.sees("This scan signs nobody in")
		c.asked()
	})
}

// A badge chooses who signs in; its text is not shown, and without the PIN it
// opens nothing. Esc forgets it.
func TestABadgeChoosesTheOperator(t *testing.T) {
	at(t, signedOut(), func(c *counter) {
		c.scan("STAFF-0077", tea.KeyEnter)
		c.rest(time.Second)
		c.sees("Operator     badge")
		c.seesNot("STAFF", "0077")
		c.keys("<enter>")
		c.asked()
		c.keys("246810<enter>")
		c.asked(till.Login{Operator: "STAFF-0077", PIN: "246810"})
		c.scan("STAFF-0077", tea.KeyEnter)
		c.keys("<esc>246810<enter>")
		c.asked(till.Login{Operator: "1001", PIN: "246810"})
	})
}
