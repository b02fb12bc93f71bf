package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/payment"
	"abacus/tui/theme"
)

// waitScreen is shown while nobody can tell what has become of the money, or
// while the customer types a password. It says what is known, what the till
// does next and when, and what not to do.
type waitScreen struct {
	*desk
	keys []binding
}

func newWait(d *desk) *waitScreen {
	w := &waitScreen{desk: d}
	w.keys = append([]binding{
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyQuery }, run: d.query, bar: true},
		{keys: []string{"f2", "+"}, label: func(t *lang.Screen) string { return t.KeyServeNext }, run: w.serveNext, bar: true},
		{keys: []string{"esc", "-"}, label: func(t *lang.Screen) string { return t.KeyGiveUp }, run: d.cancel, bar: true,
			live: func() bool { return givable(d.snap.Attempt) }},
		{keys: []string{"f9", "."}, label: func(t *lang.Screen) string { return t.KeyMenu }, run: d.openMenu, bar: true},
	}, d.everywhere()...)
	return w
}

func (w *waitScreen) bindings() []binding { return w.keys }
func (w *waitScreen) timed()              {}

// serveNext starts the next sale and leaves this one among the held; its
// payment stays in the list of doubt and is settled by itself.
func (w *waitScreen) serveNext() tea.Cmd {
	w.sell.reset()
	return w.ask(till.SaleOpen{}, func(till.Result) tea.Cmd {
		w.tell(info, w.words.Screen.LeftInDoubt)
		return nil
	})
}

func (w *waitScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		return w.scan(m.text, 0)
	case keyMsg:
		cmd, _ := press(m, w.keys)
		return cmd
	}
	return nil
}

func (w *waitScreen) view(a area, snap *till.Snapshot) string {
	at := snap.Attempt
	if at == nil {
		return w.page(a, nil, w.keys)
	}
	t := &w.words.Screen
	in := func(style theme.Style, text string) string { return newRow(a.w).to(6).put(style, text).end() }
	lines := []string{spaces(a.w)}
	lines = append(lines, w.bigAmount(a.w, 6, at.Payment.Amount.Decimal(), w.look.Wait)...)
	say, hint := w.saysOf(at.Payment, at.Phase)
	lines = append(lines, spaces(a.w), in(w.look.Wait, theme.Doubt+" "+w.channel(at.Payment.Channel)+"  "+at.Payment.ID))
	for _, line := range wrap(say, a.w-12) {
		lines = append(lines, in(w.look.Strong, line))
	}
	for _, line := range wrap(hint, a.w-12) {
		lines = append(lines, in(w.look.Bad, line))
	}
	if tell := w.words.Customer(w.of(at.Payment, at.Phase)); tell != "" {
		for _, line := range wrap(tell, a.w-12) {
			lines = append(lines, in(w.look.Text, line))
		}
	}
	lines = append(lines, spaces(a.w))
	for _, text := range w.plan(at) {
		lines = append(lines, in(w.look.Text, text))
	}
	if next := w.undoingNext(*at); next != "" {
		for _, line := range wrap(next, a.w-12) {
			lines = append(lines, in(w.look.Text, line))
		}
	}
	lines = append(lines, spaces(a.w), w.untilReversal(a.w, at))
	if at.Resumed {
		lines = append(lines, in(w.look.Dim, t.Resumed))
	}
	return w.page(a, lines, w.keys)
}

// plan is what has been asked and what comes next.
func (d *desk) plan(at *till.Attempt) []string {
	t := &d.words.Screen
	var lines []string
	asked := fmt.Sprintf(t.AskedNever, d.clock(at.Payment.StartedAt))
	if at.Asked > 0 {
		asked = fmt.Sprintf(t.AskedTimes, d.clock(at.AskedAt), at.Asked)
	}
	if at.NextAsk.After(d.now()) {
		asked += fmt.Sprintf(t.AskNext, d.clock(at.NextAsk))
	}
	lines = append(lines, asked)
	if at.ReverseAt.After(d.now()) {
		lines = append(lines, fmt.Sprintf(t.ReverseAt, d.clock(at.ReverseAt)))
	}
	return lines
}

// untilReversal is the bar that runs out when the till reverses by itself.
func (w *waitScreen) untilReversal(width int, at *till.Attempt) string {
	left := at.ReverseAt.Sub(w.now())
	if left <= 0 {
		return spaces(width)
	}
	whole := at.ReverseAt.Sub(at.Payment.StartedAt)
	const bar = 32
	full := 0
	if whole > 0 {
		full = int(int64(bar) * int64(min(left, whole)) / int64(whole))
	}
	seconds := int((left + time.Second - 1) / time.Second)
	return newRow(width).to(6).put(w.look.Wait, strings.Repeat(theme.BarFull, full)).
		put(w.look.Dim, strings.Repeat(theme.BarEmpty, bar-full)).
		add("  ").put(w.look.Strong, fmt.Sprintf(w.words.Screen.SecondsLeft, seconds)).end()
}

// givable reports whether a payment can still be given up. One that is being
// undone has been.
func givable(a *till.Attempt) bool { return a != nil && a.Phase != payment.Undoing }
