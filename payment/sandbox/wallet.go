package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"abacus/internal/money"
)

// Customer is how a customer behaves when asked to pay.
type Customer struct {
	// Behaviour is "pay" (default), "password:SECONDS" (is asked for the
	// password and enters it after so long by the sandbox's clock), "never"
	// (is asked and walks off) or "decline:CODE". CODE is the acquirer's own
	// code or one of the words balance, limit, risk, card, credit, code,
	// expired, payer, bank, system. A card may be "pin:DIGITS" too: it pays
	// with this PIN only.
	Behaviour string
	Balance   money.Amount // zero: ten thousand yuan
	Funding   string       // what pays, as the acquirer names it: "BALANCE" (default), "PCREDIT" (Huabei), …
}

// wallet is one pay code on one customer's phone.
type wallet struct {
	channel  string
	customer behaviour
	expires  time.Time
	used     bool
	wrong    int // PINs in a row
}

type behaviour struct {
	pays     bool
	after    time.Duration // with pays: once the password is entered
	password bool
	decline  string        // "" or the code
	pin      string        // of a card that wants one
	unsure   time.Duration // at the bank terminal: so long the bank is silent about the payment
	gone     bool          // with unsure: it was never made
	balance  money.Amount
	funding  string
}

const maxPassword = 24 * time.Hour

// parse reads a customer's behaviour.
func (c Customer) parse() (behaviour, error) {
	b := behaviour{balance: c.Balance, funding: orElse(strings.ToUpper(c.Funding), "BALANCE")}
	if b.balance.IsZero() {
		b.balance = fen(10_000_00)
	}
	if !b.balance.Positive() || b.balance.Currency() != money.CNY {
		return b, fmt.Errorf("balance must be more than nothing, in CNY")
	}
	if len(b.funding) > 32 {
		return b, fmt.Errorf("funding is longer than 32 characters")
	}
	word, detail, has := strings.Cut(c.Behaviour, ":")
	switch {
	case (word == "" || word == "pay") && !has:
		b.pays = true
	case word == "never" && !has:
	case word == "password" && has:
		seconds, err := strconv.Atoi(detail)
		b.after = time.Duration(seconds) * time.Second
		if err != nil || seconds < 0 || seconds > int(maxPassword/time.Second) {
			return b, fmt.Errorf("behaviour password:SECONDS wants 0 to 86400 seconds, not %q", clip(detail))
		}
		b.pays, b.password = true, true
	case word == "pin" && len(detail) >= 4 && len(detail) <= 12 && strings.Trim(detail, decimal) == "":
		b.pays, b.pin = true, detail
	case word == "unsure" && has:
		length, how, ends := strings.Cut(detail, ":")
		seconds, err := strconv.Atoi(length)
		b.unsure = time.Duration(seconds) * time.Second
		if b.gone = how == "gone"; err != nil || seconds < 1 || seconds > int(maxPassword/time.Second) || ends && !b.gone {
			return b, fmt.Errorf("behaviour unsure:SECONDS or unsure:SECONDS:gone wants 1 to 86400 seconds, not %q", clip(detail))
		}
		b.pays = true
	case word == "decline" && len(detail) <= 64:
		b.decline = orElse(detail, "balance")
	default:
		return b, fmt.Errorf("behaviour is pay, password:SECONDS, never or decline:CODE, not %q", clip(c.Behaviour))
	}
	return b, nil
}

// NewCode opens a customer's wallet and returns the pay code it shows, or, of a
// card, its stripe as a reader types it. The
// code lives for Options.CodeLife and pays one order. Wallets are not kept
// over a restart: by then a code would have expired.
func (a *acquirer) NewCode(channel string, c Customer) (string, error) {
	b, err := c.parse()
	if err != nil {
		return "", err
	}
	switch {
	case b.unsure > 0:
		return "", fmt.Errorf("only a customer at the bank terminal has unsure:SECONDS: behaviour is pay, password:SECONDS, never or decline:CODE")
	case channel != weChat && channel != alipay && channel != unionPay && channel != card:
		return "", fmt.Errorf("channel is wechat, alipay, unionpay or card, not %q", clip(channel))
	case channel == card && (!b.pays || b.password) && b.decline == "":
		return "", fmt.Errorf("a card pays or is declined: behaviour is pay, pin:DIGITS or decline:CODE")
	case channel != card && b.pin != "":
		return "", fmt.Errorf("only a card has a PIN here: behaviour is pay, password:SECONDS, never or decline:CODE")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forgetOldWallets()
	if channel == card {
		pan, track := a.newCard()
		a.wallets[pan] = &wallet{channel: card, customer: b, expires: a.now().Add(cardLife)}
		return track, nil
	}
	for {
		code := a.payCode(channel)
		if a.wallets[code] == nil {
			a.wallets[code] = &wallet{channel: channel, customer: b, expires: a.now().Add(a.options.CodeLife)}
			return code, nil
		}
	}
}

// cardLife is how long the sandbox knows a card it has made up.
const cardLife = 30 * 24 * time.Hour

// payCode is a code of the channel's shape: WeChat 18 digits from 10 to 14 at
// the front (15 is Hong Kong's), Alipay 18 from 25 to 30, UnionPay 19 with 62.
// The last has no acquirer of its own here: the bank terminal takes it.
func (a *acquirer) payCode(channel string) string {
	switch channel {
	case unionPay:
		return "62" + digits(a.options.Random, decimal, 17)
	case weChat:
		return "1" + digits(a.options.Random, "01234", 1) + digits(a.options.Random, decimal, 16)
	}
	head := [...]string{"25", "26", "27", "28", "29", "30"}
	pick := digits(a.options.Random, "012345", 1)[0] - '0'
	return head[pick] + digits(a.options.Random, decimal, 16)
}

// forgetOldWallets keeps the memory of a long day bounded. An expired code is
// remembered for an hour, so that it is called expired and not unknown.
func (a *acquirer) forgetOldWallets() {
	for code, w := range a.wallets {
		if a.now().After(w.expires.Add(time.Hour)) {
			delete(a.wallets, code)
		}
	}
}

// walletOf is the wallet that shows the code, or why there is none to pay.
func (a *acquirer) walletOf(channel, code string) (*wallet, refusal) {
	w := a.wallets[code]
	switch {
	case w == nil, w.channel != channel, w.used:
		return nil, refusal{why: codeInvalid}
	case reached(w.expires, a.now()):
		return nil, refusal{why: codeExpired}
	}
	return w, refusal{}
}

// ask asks the customer to pay the order: it is then paid, waiting or, with a
// refusal returned, as it was.
func (b behaviour) ask(o *order, now time.Time) refusal {
	credit := b.funding == "PCREDIT"
	switch {
	case b.decline != "":
		return refusal{byCustomer, declineCode(o.Channel, b.decline)}
	case credit && o.NoCredit:
		return refusal{byCustomer, declineCode(o.Channel, "credit")}
	case b.balance.Less(o.Amount):
		return refusal{byCustomer, declineCode(o.Channel, "balance")}
	}
	o.Funding, o.Scanned = b.funding, true
	if credit {
		o.Instalments = o.Plan
	}
	switch {
	case b.password:
		o.PayAt = now.Add(b.after)
		o.note(now, "password asked", money.Amount{}, "")
	case b.pays:
		o.capture(now)
	default:
		o.note(now, "customer does not act", money.Amount{}, "")
	}
	return refusal{}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
