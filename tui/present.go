package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/tui/theme"
)

// presentScreen shows the order code beside the amount until the customer has
// paid, the time is up, or the cashier leaves; leaving closes the order first.
type presentScreen struct {
	*desk
	code code
	keys []binding
}

func newPresent(d *desk) *presentScreen {
	p := &presentScreen{desk: d}
	several := func() bool { return len(d.presenters()) > 1 }
	p.keys = append([]binding{
		{keys: []string{"tab", "/"}, label: func(t *lang.Screen) string { return t.KeySwitch }, run: p.swap, bar: true, live: several},
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyQuery }, run: d.query, bar: true},
		{keys: []string{"f3"}, label: func(t *lang.Screen) string { return t.KeyScanInstead }, run: d.cancel, bar: true},
		{keys: []string{"esc", "-"}, label: func(t *lang.Screen) string { return t.KeyCloseOrder }, run: d.cancel, bar: true},
		{keys: []string{"*"}, label: func(t *lang.Screen) string { return t.KeyCustomer }, run: d.openCustomer,
			live: func() bool { return d.snap.Identity.Sandbox }},
	}, d.everywhere()...)
	return p
}

func (p *presentScreen) bindings() []binding { return p.keys }
func (p *presentScreen) timed()              {}

// open attempt of the sale in front, nil if there is none.
func (d *desk) attempt() *till.Attempt {
	if a := d.snap.Attempt; a != nil && !a.Payment.State.Final() {
		return a
	}
	return nil
}

// query asks the acquirer now.
func (d *desk) query() tea.Cmd {
	a := d.attempt()
	if a == nil {
		return nil
	}
	return d.ask(till.PaymentQuery{Payment: a.Payment.ID}, nil)
}

// cancel gives the attempt up; the core closes or reverses before it is over.
func (d *desk) cancel() tea.Cmd {
	a := d.attempt()
	if a == nil {
		return nil
	}
	return d.ask(till.PaymentCancel{Payment: a.Payment.ID}, nil)
}

// swap closes this channel's order and presents the next channel's.
func (p *presentScreen) swap() tea.Cmd {
	a, all := p.attempt(), p.presenters()
	if a == nil || len(all) == 0 {
		return nil
	}
	to := all[0]
	for i, c := range all {
		if string(c) == a.Payment.Channel {
			to = all[(i+1)%len(all)]
		}
	}
	return p.ask(till.PaymentSwitch{Payment: a.Payment.ID, Channel: to}, func(r till.Result) tea.Cmd {
		if next, ok := r.(ledger.Payment); ok {
			p.awaitPayment(next)
		}
		return nil
	})
}

func (p *presentScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		if m.payCode() {
			return p.refuse(p.words.Screen.CloseOrderFirst)
		}
		return p.scan(m.text, 0)
	case keyMsg:
		cmd, _ := press(m, p.keys)
		return cmd
	}
	return nil
}

// view leaves the code as much room as it needs: rules and message go first.
func (p *presentScreen) view(a area, snap *till.Snapshot) string {
	const panel = 36
	at := snap.Attempt
	if at == nil {
		return p.page(a, nil, p.keys)
	}
	lines, w := p.code.draw(at.OrderCode, area{a.w - panel, a.h}, p.look)
	ruled := len(lines) <= a.h-3
	say := p.message(a.w, "")
	beside := len(say) > 1 || !ruled && p.speaks() // the message, where there is no line for the whole of it
	side := p.panel(a.w-w-2, at, len(lines) > 0, beside)
	from, to := 0, a.h
	if ruled {
		from, to = 1, a.h-2
	}
	top := from + max((to-from-len(lines))/2, 0)
	out := make([]string, 0, a.h)
	for y := range a.h {
		code, text := spaces(w), spaces(a.w-w-2)
		if i := y - top; i >= 0 && i < len(lines) {
			code = lines[i]
		}
		if i := y - from; i >= 0 && i < len(side) {
			text = side[i]
		}
		switch {
		case ruled && y == 0, y == to && !beside:
			out = append(out, p.rule(a.w, 0, ""))
		case y > to && !beside:
			out = append(out, say[0])
		default:
			out = append(out, "  "+code+text)
		}
	}
	return strings.Join(out, "\n")
}

// panel is everything beside the code.
func (p *presentScreen) panel(w int, at *till.Attempt, drawn, beside bool) []string {
	t := &p.words.Screen
	in := func(style theme.Style, text string) string { return newRow(w).add("   ").put(style, text).end() }
	lines := []string{spaces(w), in(p.look.Head, " "+p.channel(at.Payment.Channel)+" "), in(p.look.Dim, t.Due)}
	lines = append(lines, p.bigAmount(w, 3, at.Payment.Amount.Decimal(), p.look.Wait)...)
	lines = append(lines, spaces(w))
	switch {
	case at.OrderCode == "":
		lines = append(lines, in(p.look.Wait, theme.Doubt+" "+t.Registering))
	case !drawn:
		for _, line := range wrap(t.CodeTooBig, w-4) {
			lines = append(lines, in(p.look.Bad, line))
		}
	default:
		lines = append(lines, in(p.look.Strong, t.AskCustomerToScan))
	}
	lines = append(lines, spaces(w), p.countdown(w, at))
	if beside {
		for _, line := range p.message(w-1, "") {
			lines = append(lines, " "+line)
		}
	} else {
		say, _ := p.saysOf(at.Payment, at.Phase)
		for _, line := range wrap(theme.Doubt+" "+say, w-4) {
			lines = append(lines, in(p.look.Wait, line))
		}
	}
	lines = append(lines, spaces(w), in(p.look.Dim, t.Order+" "+at.Payment.ID))
	for _, b := range p.keys[:5] {
		if b.works() {
			lines = append(lines, newRow(w).add("   ").put(p.look.Key, left(keyName(b.keys[0]), 6)).add(b.label(t)).end())
		}
	}
	return lines
}

// countdown is the time the code is still shown.
func (p *presentScreen) countdown(w int, at *till.Attempt) string {
	left := max(at.ShownUntil.Sub(p.now()), 0)
	whole := at.ShownUntil.Sub(at.Payment.StartedAt)
	if at.ShownUntil.IsZero() || whole <= 0 {
		return spaces(w)
	}
	const bar = 20
	full := int(int64(bar) * int64(min(left, whole)) / int64(whole))
	text := fmt.Sprintf("%02d:%02d", int(left.Minutes()), int(left.Seconds())%60)
	return newRow(w).add("   ").put(p.look.Strong, text).add("  ").
		put(p.look.Wait, strings.Repeat(theme.BarFull, full)).put(p.look.Dim, strings.Repeat(theme.BarEmpty, bar-full)).end()
}

// clock is a time of day to the second, as the cashier's watch shows it.
func (d *desk) clock(at time.Time) string { return at.In(d.now().Location()).Format("15:04:05") }
