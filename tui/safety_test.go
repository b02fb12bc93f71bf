package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
)

const (
	goodsCode = "6901234567892"
	payCode   = "281234567890123456"
)

// However a scanner ends its code, and however the bytes are bundled, the core
// hears of one scan and nothing else happens.
func TestOneScanOneCommand(t *testing.T) {
	want := till.SaleScan{Text: goodsCode, Pay: true}
	for name, end := range map[string][]tea.KeyType{
		"CR": {tea.KeyEnter}, "LF": {tea.KeyCtrlJ}, "CR LF": {tea.KeyEnter, tea.KeyCtrlJ}, "Tab": {tea.KeyTab},
		"ETX, which is Ctrl+C": {tea.KeyCtrlC}, "nothing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			at(t, selling(), func(c *counter) {
				for i := range goodsCode {
					c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(goodsCode[i : i+1])})
					time.Sleep(2 * time.Millisecond)
				}
				for _, k := range end {
					c.send(tea.KeyMsg{Type: k})
				}
				c.rest(time.Second)
				c.asked(want)
				c.seesNot("Leave the till", "How is it paid")
			})
		})
	}
	for name, bundles := range map[string][]string{
		"one read": {goodsCode}, "two reads": {goodsCode[:5], goodsCode[5:]}, "three reads": {goodsCode[:1], goodsCode[1:12], goodsCode[12:]},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, selling(), func(c *counter) {
				for _, b := range bundles {
					c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(b)})
				}
				c.send(tea.KeyMsg{Type: tea.KeyEnter})
				c.rest(time.Second)
				c.asked(want)
			})
		})
	}
	t.Run("Escape in front", func(t *testing.T) {
		at(t, selling(), func(c *counter) {
			c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(goodsCode), Alt: true})
			c.send(tea.KeyMsg{Type: tea.KeyEnter})
			c.rest(time.Second)
			c.asked(want)
		})
	})
}

func TestScansKeepTheirOrderAndQuantity(t *testing.T) {
	at(t, selling(), func(c *counter) {
		gate := make(chan struct{})
		c.core.answer = func(till.Command) (till.Result, error) {
			<-gate
			return till.Scanned{Kind: till.ScanGoods}, nil
		}
		c.keys("3*")
		c.scan(goodsCode, tea.KeyEnter)
		c.scan("6921168509256", tea.KeyEnter) // the core has not answered yet
		c.asked(till.SaleScan{Text: goodsCode, Pay: true, Quantity: 3000})
		close(gate)
		c.rest(time.Second)
		c.asked(till.SaleScan{Text: "6921168509256", Pay: true})
	})
}

// Scans of a scanner with a line of its own come one by one, wait for the core
// like those of a wedge, and leave alone what is being typed.
func TestScansByALineOfTheirOwn(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) { return till.Scanned{Kind: till.ScanGoods}, nil }
		c.keys("3*")
		for _, code := range []string{goodsCode, "6921168509256", payCode} {
			c.line <- scanner.Scan{Text: code}
		}
		c.rest(time.Second)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true, Quantity: 3000}, till.SaleScan{Text: "6921168509256", Pay: true},
			till.SaleScan{Text: payCode, Pay: true})
		c.keys("12")
		c.line <- scanner.Scan{Torn: true}
		c.rest(time.Second)
		c.asked()
		c.sees("A part of this code was lost.", ">  12_")
		c.keys("<esc><f2>5") // cash: a number is being typed
		c.line <- scanner.Scan{Text: goodsCode}
		c.rest(time.Second)
		c.asked()
		c.sees("A scan does nothing here.", "Received   5_")
		c.seesNot(goodsCode)
	})
}

// A scan into a number, a PIN or a question does nothing at all.
func TestScansNeverReachANumber(t *testing.T) {
	for name, open := range map[string]string{
		"cash": "<f2>1", "part": "+5", "percent": "<f6>1", "less": "<f6>2", "cash in": ".83", "count": ".82",
		"quit": "<ctrl+c>", "void": ".541",
	} {
		for _, code := range []string{goodsCode, payCode, "weixin://pay", "+1+1+1+1"} {
			t.Run(name+" "+code, func(t *testing.T) {
				at(t, selling(), func(c *counter) {
					c.keys(open)
					c.core.took()
					before := c.core.took()
					c.scan(code, tea.KeyEnter)
					c.asked(before...)
					if c.quit {
						t.Fatal("a scan ended the program")
					}
				})
			})
		}
	}
	fresh := selling()
	fresh.Shift = nil
	at(t, fresh, func(c *counter) {
		c.keys(".81")
		c.scan(goodsCode, tea.KeyEnter)
		c.asked()
		c.sees("Open the shift", "does nothing here")
	})
	at(t, signedOut(), func(c *counter) {
		c.scan("24681013", tea.KeyEnter)
		c.asked()
		if c.root.grounds.signIn.pin.text != "" {
			t.Fatal("a scan became a PIN")
		}
	})
}

// A slow scanner that is taken for typing still cannot make an amount of a
// barcode: an amount has seven digits at most.
func TestABarcodeIsNoAmountEvenWhenTyped(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.keys("<f2>" + goodsCode + "<enter>")
		c.asked()
		c.sees("unclear")
	})
}

func TestAPayCodeIsNeverShown(t *testing.T) {
	hidden := func(c *counter) {
		c.t.Helper()
		for _, part := range []string{payCode, payCode[:14], payCode[4:]} {
			if strings.Contains(c.screen(), part) {
				c.t.Fatalf("the pay code is on the screen:\n%s", c.screen())
			}
		}
	}
	at(t, selling(), func(c *counter) {
		c.core.answer = func(till.Command) (till.Result, error) {
			return till.Scanned{Kind: till.ScanPayCode, Channel: payment.Alipay, Confirm: money.Fen(123400)}, nil
		}
		for _, r := range payCode {
			c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
			time.Sleep(2 * time.Millisecond)
			if strings.Contains(c.screen(), payCode[:5]) {
				t.Fatalf("a burst is on the screen:\n%s", c.screen())
			}
		}
		c.send(tea.KeyMsg{Type: tea.KeyEnter})
		c.rest(time.Second)
		hidden(c)
		c.sees("A large amount", "28…56", "1,234.00")
	})
	at(t, selling(), func(c *counter) { // keyed in by hand
		for i, r := range payCode {
			c.keys(string(r))
			if i > 12 {
				hidden(c)
			}
		}
		c.sees("28…56")
	})
	if text := fmt.Sprintf("%v %+v %#v %s", scanMsg{text: payCode}, scanMsg{text: payCode}, scanMsg{text: payCode}, scanMsg{text: payCode}); strings.Contains(text, payCode) {
		t.Fatal(text)
	}
}

// A large amount is asked for once, and only by a key that no scanner sends.
func TestALargeAmountIsConfirmedByPlusAlone(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.core.answer = func(command till.Command) (till.Result, error) {
			if _, ok := command.(till.SaleScan); ok {
				return till.Scanned{Kind: till.ScanPayCode, Channel: payment.Alipay, Confirm: money.Fen(123400), Sale: &ledger.Sale{ID: "20261121-0042"}}, nil
			}
			return nil, nil
		}
		c.scan(payCode, tea.KeyEnter)
		c.rest(time.Second)
		c.core.took()
		c.keys("<enter>")
		c.scan(payCode, tea.KeyEnter)
		c.scan("+1+2+3+", tea.KeyEnter)
		c.asked()
		c.sees("A large amount")
		c.keys("+")
		got := c.core.took()
		if len(got) != 1 || bare(got[0]) != (till.SalePay{Sale: "20261121-0042", Method: "auto", Amount: money.Fen(123400), Code: payCode}) {
			t.Fatalf("asked %#v", got)
		}
		c.seesNot("A large amount")
	})
}

// Where nothing can be shown, nothing is done: on a window made too small keys
// and scans would act unseen.
func TestATooSmallScreenTakesNothing(t *testing.T) {
	at(t, selling(), func(c *counter) {
		for _, small := range []tea.WindowSizeMsg{{Width: 79, Height: 24}, {Width: 80, Height: 23}} {
			c.send(small)
			c.bell.Reset()
			c.keys("<f2><enter>")
			c.scan(goodsCode, tea.KeyEnter)
			c.line <- scanner.Scan{Text: payCode}
			c.rest(2 * time.Second)
			c.asked()
			if !strings.Contains(c.bell.String(), "\a") {
				t.Error("not a sound")
			}
			c.keys("<ctrl+c>+")
			if c.quit {
				t.Fatal("left unseen")
			}
			c.send(tea.WindowSizeMsg{Width: 80, Height: 24})
			c.sees("Leave the till")
			c.keys("-")
		}
		c.seesNot("Received")
		c.scan(goodsCode, tea.KeyEnter)
		c.asked(till.SaleScan{Text: goodsCode, Pay: true})
	})
}

// What opens by itself takes no key that was meant for what was there before.
func TestWhatOpensByItselfWaitsForQuiet(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.core.show(presenting())
		c.flush()
		for range 8 { // a cashier typing on, 200 ms a key
			c.send(tea.KeyMsg{Type: tea.KeyEsc})
			c.rest(200 * time.Millisecond)
		}
		c.asked()
		c.rest(quiet)
		c.keys("<esc>")
		c.asked(till.PaymentCancel{Payment: presenting().Attempt.Payment.ID})
	})
	at(t, selling(), func(c *counter) {
		c.core.show(paid())
		c.flush()
		c.send(tea.KeyMsg{Type: tea.KeyEnter})
		c.rest(100 * time.Millisecond)
		c.sees("✔")
		c.asked()
	})
}

// Keys typed while the core works are kept for the next safe field, and never
// answer a question.
func TestTypedAhead(t *testing.T) {
	slow := func(c *counter, result till.Result) (answer func()) {
		gate := make(chan struct{})
		c.core.answer = func(till.Command) (till.Result, error) {
			<-gate
			c.core.mu.Lock()
			c.core.answer = nil
			c.core.mu.Unlock()
			return result, nil
		}
		return func() { close(gate); c.rest(time.Second) }
	}
	t.Run("an amount goes to the next line", func(t *testing.T) {
		at(t, selling(), func(c *counter) {
			answer := slow(c, nil)
			c.keys("5<enter>7<enter>")
			c.asked(till.SaleAdd{Amount: money.Fen(500)})
			answer()
			c.asked(till.SaleAdd{Amount: money.Fen(700)})
		})
	})
	t.Run("a plus does not answer a question", func(t *testing.T) {
		at(t, selling(), func(c *counter) {
			answer := slow(c, till.Scanned{Kind: till.ScanPayCode, Confirm: money.Fen(123400)})
			c.scan(payCode, tea.KeyEnter)
			c.core.took()
			c.keys("+")
			answer()
			c.asked()
			c.sees("A large amount")
		})
	})
	t.Run("nor whether to leave", func(t *testing.T) {
		at(t, checking(), func(c *counter) {
			answer := slow(c, nil)
			c.keys("<enter>+<ctrl+c>")
			c.sees("Leave the till")
			answer()
			c.sees("Leave the till")
			if c.quit {
				t.Fatal("left on a plus that was there before the question")
			}
		})
	})
	t.Run("digits go through the end of a sale, Enter does not", func(t *testing.T) {
		at(t, selling(), func(c *counter) {
			answer := slow(c, ledger.Payment{ID: paid().Attempt.Payment.ID})
			c.keys("<f2><enter>")
			c.core.took()
			c.keys("<enter>12")
			c.core.show(paid())
			answer()
			c.asked(till.SaleDismiss{})
			c.show(idle())
			c.sees("> ", "12_")
		})
	})
	t.Run("Esc leaves a slow answer", func(t *testing.T) {
		at(t, selling(), func(c *counter) {
			answer := slow(c, nil)
			c.keys("5<enter>")
			c.rest(300 * time.Millisecond)
			c.sees("Working")
			c.rest(3 * time.Second)
			c.sees("Esc leaves it")
			c.keys("<esc>6")
			c.sees("6_")
			answer()
			c.sees("6_")
		})
	})
}

// A key held down is no decision: it opens the choice of a method, then the
// first of them, and takes no cash there.
func TestEnterHeldDownTakesNoCash(t *testing.T) {
	at(t, selling(), func(c *counter) {
		c.send(tea.KeyMsg{Type: tea.KeyEnter})
		c.rest(500 * time.Millisecond)
		for range 40 {
			c.send(tea.KeyMsg{Type: tea.KeyEnter})
			c.rest(90 * time.Millisecond) // the slowest there is, on a Linux console
		}
		c.asked()
		c.sees("Received")
		c.rest(300 * time.Millisecond)
		c.keys("<enter>")
		if got := c.core.took(); len(got) != 1 || bare(got[0]) != (till.SalePay{Method: "cash"}) {
			t.Errorf("asked %#v", got)
		}
	})
}

func TestLeaving(t *testing.T) {
	at(t, checking(), func(c *counter) {
		c.keys("<ctrl+c>")
		c.sees("Leave the till", "1 payments, refunds or holds have no result", "next start")
		c.keys("<ctrl+c><enter>")
		if c.quit {
			t.Fatal("left without a word")
		}
		c.keys("-")
		c.seesNot("Leave the till")
		c.keys("<ctrl+z>")
		c.sees("asked, 3 times")
		c.keys("<ctrl+c>+")
		if !c.quit {
			t.Fatal("did not leave")
		}
		c.asked() // leaving touches no payment
	})
}

// A refund or a hold in doubt is money in the air as a payment is.
func TestLeavingTellsOfEveryDoubt(t *testing.T) {
	hold := holding(aHold(ledger.HoldChecking, "", 0))
	for name, state := range map[string]func() *till.Snapshot{"a refund": refunding(0), "a hold": hold} {
		t.Run(name, func(t *testing.T) {
			at(t, state(), func(c *counter) {
				c.keys("<ctrl+c>")
				c.sees("Leave the till", "payments, refunds or holds have no result")
			})
		})
	}
}

func TestBell(t *testing.T) {
	rings := func(c *counter, want int) {
		c.t.Helper()
		c.rest(2 * time.Second)
		if got := strings.Count(c.bell.String(), "\a"); got != want {
			c.t.Fatalf("%d strokes, want %d", got, want)
		}
		c.bell.Reset()
	}
	at(t, selling(), func(c *counter) {
		rings(c, 0)
		c.core.answer = func(till.Command) (till.Result, error) { return till.Scanned{Kind: till.ScanGoods}, nil }
		c.scan(goodsCode, tea.KeyEnter)
		rings(c, soundScanned)
		c.show(checking())
		rings(c, 0)
		c.show(paid())
		rings(c, soundPaid)
		c.show(paid())
		rings(c, 0)
		c.show(selling())
		c.show(declined())
		rings(c, soundRefused)
		c.keys(".93")
		c.show(selling())
		c.show(paidCash())
		rings(c, 0) // switched off
	})
}

func TestWhatAScanCameTo(t *testing.T) {
	for kind, says := range map[till.ScanKind]string{
		till.ScanMember: "Member 1234 recognised", till.ScanMerchantURL: "pay code", till.ScanUnknownItem: "1234",
		till.ScanUnreadable: "Scan again", till.ScanRepeat: "being dealt with", till.ScanPayCode: "nothing to pay",
		till.ScanCoupon: "coupon, 1234", till.ScanPrepaid: "prepaid card, 1234", till.ScanBadge: "badge, 1234",
	} {
		at(t, selling(), func(c *counter) {
			c.core.answer = func(till.Command) (till.Result, error) { return till.Scanned{Kind: kind, Mask: "1234"}, nil }
			c.scan(goodsCode, tea.KeyEnter)
			c.sees(says)
		})
	}
	at(t, selling(), func(c *counter) { // 17 digits may be a pay code that lost one
		c.core.answer = func(till.Command) (till.Result, error) { return till.Scanned{Kind: till.ScanUnknownItem}, nil }
		c.scan(payCode[1:], tea.KeyEnter)
		c.seesNot(payCode[1:])
	})
	at(t, selling(), func(c *counter) { // a receipt opens, whatever is being sold
		sale := ledger.Sale{ID: "20261121-0001", State: ledger.SaleDone}
		c.core.answer = func(cmd till.Command) (till.Result, error) {
			if _, ok := cmd.(till.SaleScan); ok {
				return till.Scanned{Kind: till.ScanReceipt, Mask: sale.ID, Sale: &sale}, nil
			}
			return "农夫山泉\n", nil
		}
		c.scan("20261121-0001", tea.KeyEnter)
		c.sees("Receipt 20261121-0001", "receipt of sale 20261121-0001")
	})
	at(t, idle(), func(c *counter) { // a held one comes back
		sale := ledger.Sale{ID: "20261121-0001", State: ledger.SaleHeld}
		c.core.answer = func(till.Command) (till.Result, error) {
			return till.Scanned{Kind: till.ScanReceipt, Mask: sale.ID, Sale: &sale}, nil
		}
		c.scan("20261121-0001", tea.KeyEnter)
		c.asked(till.SaleScan{Text: "20261121-0001", Pay: true}, till.SaleRecall{Sale: sale.ID})
	})
	at(t, selling(), func(c *counter) { // keys pressed into the scan
		c.keys("4")
		c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("9")})
		c.rest(45 * time.Millisecond)
		c.scan(goodsCode, tea.KeyEnter)
		c.asked()
		c.sees("scan again")
	})
}
