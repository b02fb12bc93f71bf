package tui

import (
	"fmt"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// typed is what a line of input means.
type typed struct {
	quantity ledger.Quantity // 0: none given
	amount   money.Amount    // a bare amount
	code     string          // goods by code, or a pay code keyed in by hand
	name     string          // goods by name or initials
	onLine   bool            // the quantity is for the chosen line
	bad      bool
}

// read gives a line of input its meaning:
//
//	12.5     a bare amount; so is a whole number of up to 7 digits
//	5*       quantity 5 for the chosen line
//	5*…      quantity 5 of what follows, or of what is scanned next
//	69012…   8 digits and more: a code, keyed in by hand
//	/1001    a short code of the shop's own
//	nfsq     goods by name or pinyin initials
func read(text string, c money.Currency) typed {
	q, rest, ok := splitQuantity(text)
	const longest = 7 // digits before the point: no barcode is that short
	whole, fraction, dotted := strings.Cut(rest, ".")
	number := whole+fraction != "" && strings.Trim(whole+fraction, "0123456789") == ""
	switch {
	case !ok:
		return typed{bad: true}
	case rest == "":
		return typed{quantity: q, onLine: q != 0, bad: q == 0}
	case strings.HasPrefix(rest, "/"):
		return typed{quantity: q, code: rest[1:], bad: rest == "/"}
	case number && !dotted && len(whole) > longest:
		return typed{quantity: q, code: rest}
	case number:
		a, err := money.Parse(rest, c)
		return typed{quantity: q, amount: a, bad: err != nil || !a.Positive() || len(whole) > longest}
	}
	return typed{quantity: q, name: strings.TrimSpace(rest), bad: !strings.ContainsFunc(rest, unicode.IsLetter)}
}

// splitQuantity takes "5*" off the front; ok is false when what stands before
// the star is no quantity.
func splitQuantity(text string) (q ledger.Quantity, rest string, ok bool) {
	before, after, starred := strings.Cut(text, "*")
	if !starred {
		return 0, text, true
	}
	q, ok = parseQuantity(before)
	return q, after, ok && !strings.Contains(after, "*")
}

// submit does what the input line says.
func (s *sellScreen) submit() tea.Cmd {
	in := read(s.entry.text, s.currency())
	switch {
	case in.bad:
		return s.refuse(s.words.Screen.InputUnclear)
	case in.onLine:
		return s.setQuantity(in.quantity)
	case in.name != "":
		return s.addFound(in)
	case in.code != "" && in.quantity == 0 && allDigits(in.code) && len(in.code) >= 8:
		s.reset()
		return s.scan(in.code, 0) // a code keyed in is what a scanned one is
	}
	s.reset()
	return s.add(till.SaleAdd{Code: in.code, Amount: in.amount, Quantity: in.quantity})
}

func (s *sellScreen) setQuantity(q ledger.Quantity) tea.Cmd {
	sale := front(s.snap)
	if sale == nil || len(standing(sale)) == 0 {
		return s.refuse(s.words.Screen.NoLineForQuantity)
	}
	line := s.selected
	if line == 0 {
		lines := standing(sale)
		line = lines[len(lines)-1].No
	}
	s.reset()
	return s.ask(till.SaleSetQuantity{Sale: sale.ID, Line: line, Quantity: q}, nil)
}

// addFound adds the goods chosen in the list; without a list for just this name
// the core decides what it means.
func (s *sellScreen) addFound(in typed) tea.Cmd {
	add := till.SaleAdd{Name: in.name, Quantity: in.quantity}
	if s.foundFor == in.name && len(s.found) > 0 {
		item := s.found[min(s.pick, len(s.found)-1)]
		add = till.SaleAdd{Code: item.Code, Quantity: in.quantity}
		if item.Code == "" {
			add = till.SaleAdd{Name: item.Name, Quantity: in.quantity}
		}
	}
	s.reset()
	return s.add(add)
}

func (d *desk) add(c till.SaleAdd) tea.Cmd {
	return d.ask(c, func(till.Result) tea.Cmd {
		d.sell.selected = 0
		return d.ring(soundScanned)
	})
}

// scan gives a scanned code to the core, which knows what it is. A quantity
// only goes with goods.
func (d *desk) scan(text string, q ledger.Quantity) tea.Cmd {
	return d.ask(till.SaleScan{Text: text, Pay: true, Quantity: q}, func(r till.Result) tea.Cmd {
		what, _ := r.(till.Scanned)
		return d.tookScan(text, what)
	})
}

// tookScan shows what a scan came to.
func (d *desk) tookScan(text string, what till.Scanned) tea.Cmd {
	switch what.Kind {
	case till.ScanGoods, till.ScanWeighed:
		d.sell.selected = what.Line
		return d.ring(soundScanned)
	case till.ScanMember:
		d.tell(good, d.scanned(what).say)
		return d.ring(soundScanned)
	case till.ScanReceipt:
		return d.tookReceipt(what)
	case till.ScanPayCode:
		return d.tookPayCode(text, what)
	case till.ScanCard:
		return d.tookCard(what)
	case till.ScanMerchantURL:
		return d.fault(&till.Fault{Code: till.FaultMerchantPage})
	case till.ScanUnknownItem:
		return d.fault(&till.Fault{Code: till.FaultUnknownGoods, Args: []any{what.Mask}})
	case till.ScanRepeat:
		d.tell(info, d.scanned(what).say)
		return d.ring(soundScanned)
	case till.ScanPrepaid:
		return d.tookPrepaid(text, what)
	case till.ScanCoupon, till.ScanBadge:
		d.say = d.scanned(what)
		return d.ring(soundRefused) // read, but not what it was meant for
	}
	d.say = d.scanned(what)
	d.say.tone = bad
	return d.ring(soundRefused)
}

// scanned is what a scan was and what to do about it, in words.
func (d *desk) scanned(what till.Scanned) message {
	say, hint := d.words.Scan(string(what.Kind), what.Problem, what.Mask)
	return message{info, say, hint}
}

// tookReceipt takes a held sale back to the front, and shows the receipt of
// any other.
func (d *desk) tookReceipt(what till.Scanned) tea.Cmd {
	if what.Sale.State == ledger.SaleHeld && front(d.snap) == nil {
		return d.recall(what.Sale.ID, func() tea.Cmd { return nil })
	}
	d.say = d.scanned(what)
	return tea.Batch(d.openReceipt(what.Sale.ID), d.ring(soundScanned))
}

// tookPayCode waits for the payment to appear, or asks for the one
// confirmation a large amount needs. The code lives in the dialog only.
func (d *desk) tookPayCode(text string, what till.Scanned) tea.Cmd {
	if what.Payment != nil {
		d.home()
		d.awaitPayment(*what.Payment)
		return d.ring(soundScanned)
	}
	if what.Confirm.IsZero() {
		return d.refuse(d.words.Screen.NothingToPay)
	}
	d.popUp(newConfirmPay(d, what, text))
	return d.ring(soundScanned)
}

// awaitPayment keeps keys back until the snapshot shows a payment just begun.
func (d *desk) awaitPayment(p ledger.Payment) {
	if d.busy != nil {
		d.busy.await = p.ID
	}
}

// pay sends a payment and goes home to watch it. key is minted when the screen
// opens that asks for it: sent twice from there, it is still one payment.
func (d *desk) pay(key string, c till.SalePay) tea.Cmd {
	cmd := d.ask(till.Keyed{Key: key, Command: c}, func(r till.Result) tea.Cmd {
		d.home()
		if p, ok := r.(ledger.Payment); ok {
			d.awaitPayment(p)
		}
		return nil
	})
	d.provable(key, c)
	return cmd
}

// mint makes an idempotency key that no other run and no other screen has.
func (d *desk) mint() string {
	d.minted++
	return fmt.Sprintf("screen-%d-%d", d.now().UnixNano(), d.minted)
}
