package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// openPayment shows what the book has on one payment. Enter asks the acquirer;
// what comes of it is in the list it was opened from as well.
func (d *desk) openPayment(p *ledger.Payment) tea.Cmd {
	s := &paymentScreen{p: p}
	s.textScreen = newText(d, func(t *lang.Screen) string { return t.PaymentTitle }, func(t *lang.Screen, w int) []string { return d.paymentLines(*p, t, w) },
		binding{keys: []string{"f8", "/"}, label: func(t *lang.Screen) string { return t.KeyRefund },
			run: func() tea.Cmd { return d.openRefundOf(*p) }, bar: true})
	s.onEnter(binding{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyAskAcquirer },
		run: func() tea.Cmd { return d.askAbout(p) }, bar: true})
	return d.open(s)
}

// paymentScreen is one payment. It follows the snapshot: a cashier may read from
// it what to tell a customer.
type paymentScreen struct {
	*textScreen
	p *ledger.Payment
}

// followPayment takes over what has become of the payment that is looked at, and
// asks for the end of one that the snapshot no longer has.
func (d *desk) followPayment() tea.Cmd {
	s, shown := d.top().(*paymentScreen)
	if !shown || s.p.State.Final() {
		return nil
	}
	for i := range d.snap.Doubt {
		if now := d.snap.Doubt[i].Payment; now.ID == s.p.ID {
			*s.p = now
			return nil
		}
	}
	return d.lookUp(till.PaymentGet{Payment: s.p.ID}, func(r till.Result) tea.Cmd {
		if now, ok := r.(ledger.Payment); ok {
			*s.p = now
		}
		return nil
	})
}

// saysOf is where a payment stands and what to do next.
func (d *desk) saysOf(p ledger.Payment, phase payment.Phase) (say, hint string) {
	return d.words.Payment(d.of(p, phase))
}

func (d *desk) of(p ledger.Payment, phase payment.Phase) lang.PaymentOf {
	return lang.PaymentOf{State: string(p.State), Phase: string(phase), Reason: p.Reason, Present: p.Present,
		Amount: p.Amount, Refunded: p.Refunded, Forced: p.Forced, Over: d.snap.SaleOver(p.Sale)}
}

func (d *desk) paymentLines(p ledger.Payment, t *lang.Screen, w int) []string {
	say, hint := d.saysOf(p, "")
	rows := []string{}
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, left(label, 18)+value)
		}
	}
	add(t.ColumnPayment, p.ID)
	add(t.ColumnSale, p.Sale)
	add(t.OrderNumber, p.Order)
	add(t.AcquirerNumber, p.AcquirerReference)
	add(t.Method, d.channel(p.Channel))
	add(t.ColumnAmount, cash(p.Amount))
	add(t.ColumnState, d.channel(string(p.State)))
	add(t.ColumnTime, p.StartedAt.In(d.now().Location()).Format("2006-01-02 15:04:05"))
	add(t.Payer, p.Payer)
	add(t.Funding, p.Funding)
	if !p.Refunded.IsZero() {
		add(t.ColumnRefunded, cash(p.Refunded))
	}
	rows = append(rows, "")
	rows = append(rows, wrap(say+" "+hint, w)...)
	if tell := d.words.Customer(d.of(p, "")); tell != "" {
		rows = append(rows, wrap(tell, w)...)
	}
	if p.Forced {
		rows = append(rows, wrap(t.WasForced, w)...)
	}
	if p.Detail != "" {
		rows = append(rows, wrap(t.AcquirerSays+" "+p.Detail, w)...)
	}
	return rows
}

// askAbout asks the acquirer about a payment, whatever the book has, and says
// what it said. The screen shows what the book has then.
func (d *desk) askAbout(p *ledger.Payment) tea.Cmd {
	return d.ask(till.PaymentQuery{Payment: p.ID}, func(r till.Result) tea.Cmd {
		asked, ok := r.(till.Asked)
		if !ok {
			return nil
		}
		*p = asked.Payment
		return d.saidOf(asked)
	})
}

// saidOf says what an acquirer said of a payment just now.
func (d *desk) saidOf(r till.Result) tea.Cmd {
	asked, ok := r.(till.Asked)
	if !ok {
		return nil
	}
	p := asked.Payment
	of := lang.AskedOf{Channel: p.Channel, Outcome: asked.Outcome.String(), Reason: string(asked.Reason), State: string(p.State),
		Refunded: p.Refunded, Nobody: asked.Nobody, Heard: asked.Heard, Never: d.neverAsked(p.ID)}
	say, hint := d.words.Asked(of)
	d.say = message{info, say, hint}
	switch {
	case of.Differs():
		d.say.tone = bad
		return d.ring(soundRefused)
	case of.Agrees():
		d.say.tone = good
	}
	return nil
}

// neverAsked reports whether a payment in doubt has not been asked about yet.
func (d *desk) neverAsked(id string) bool {
	return slices.ContainsFunc(d.snap.Doubt, func(a till.Attempt) bool { return a.Payment.ID == id && a.Asked == 0 })
}

// refundNow says where a refund stands that was just asked about.
func (d *desk) refundNow(r till.Result) tea.Cmd {
	refund, ok := r.(ledger.Refund)
	if !ok {
		return nil
	}
	say, hint := d.words.Refund(till.RefundStanding(refund), refund.Reason)
	d.say = message{info, say, hint}
	return nil
}
