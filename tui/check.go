package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/payment"
	"abacus/scanner"
	"abacus/tui/theme"
)

// checkScreen tries a scanner out. It hears the keys as they come, before
// anything tells scans from typing: what it looks for is why that fails.
type checkScreen struct {
	*desk
	rules scanner.Rules
	codes []string
	at    int // the code shown
	code  code

	heard  []stroke
	round  int // of the wait for quiet: an older heardMsg is none
	text   string
	found  []scanner.Finding
	judged bool // text and found hold a result
	keys   []binding
}

type stroke struct {
	key scanner.Key
	at  time.Time
}

// heardMsg says that the keyboard has been quiet since.
type heardMsg struct{ round int }

// scanOver is longer than the slowest scanner's pause between two characters.
const scanOver = 300 * time.Millisecond

func (d *desk) openCheck() tea.Cmd {
	c := &checkScreen{desk: d, rules: d.rules, codes: scanner.TestCodes()}
	c.keys = append([]binding{
		{keys: []string{"down", "tab"}, label: func(t *lang.Screen) string { return t.KeyNextCode }, run: func() tea.Cmd { return c.move(+1) }, bar: true},
		{keys: []string{"up"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: func() tea.Cmd { return c.move(-1) }},
		{keys: []string{"f7", "/"}, label: func(t *lang.Screen) string { return t.KeyPrintCodes }, run: c.print, bar: true},
		{keys: []string{"esc", "-", "0"}, label: func(t *lang.Screen) string { return t.KeyBack }, run: d.back, bar: true},
	}, d.everywhere()...)
	return d.open(c)
}

func (c *checkScreen) bindings() []binding { return c.keys }

func (c *checkScreen) move(by int) tea.Cmd {
	c.at, c.judged = (c.at+by+len(c.codes))%len(c.codes), false
	return nil
}

func (c *checkScreen) print() tea.Cmd {
	return c.ask(till.ScannerSheet{}, func(till.Result) tea.Cmd {
		c.tell(good, c.words.Screen.CodesPrinted)
		return nil
	})
}

// update takes scans that came by a line of their own.
func (c *checkScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	if scan, ok := m.(scanMsg); ok {
		return c.judge(scanner.Heard{Text: scan.text, Ended: true})
	}
	return nil
}

// hear takes keys as they come, and waits for the end of the scan.
func (c *checkScreen) hear(at time.Time, keys []scanner.Key) tea.Cmd {
	for _, k := range keys {
		if len(c.heard) < 256 {
			c.heard = append(c.heard, stroke{k, at})
		}
	}
	c.round++
	return after(scanOver, heardMsg{c.round})
}

// over judges what came, unless it was a person at the keys.
func (c *checkScreen) over(m heardMsg) tea.Cmd {
	if m.round != c.round || len(c.heard) == 0 {
		return nil
	}
	heard := c.heard
	c.heard = nil
	if k := heard[0].key; len(heard) == 1 && k.Name != scanner.Enter && k.Rune <= '~' {
		c.say = message{}
		cmd, _ := press(keyMsg{k.Rune, k.Name}, c.keys)
		return cmd
	}
	return c.judge(whatCame(heard))
}

// whatCame puts keys together again.
func whatCame(heard []stroke) scanner.Heard {
	h := scanner.Heard{}
	last := len(heard)
	for last > 0 && terminates(heard[last-1].key) {
		last--
		h.Ended = true
	}
	var b strings.Builder
	for i, s := range heard[:last] {
		if i == last-1 {
			h.Took = s.at.Sub(heard[0].at)
		}
		switch {
		case s.key.Name == "":
			b.WriteRune(s.key.Rune)
		case s.key.Name == scanner.STX:
			b.WriteByte('\x02')
		case s.key.Name == scanner.GS:
			b.WriteByte('\x1d')
		case !terminates(s.key):
			b.WriteString("<" + s.key.Name + ">")
		}
	}
	h.Text = b.String()
	return h
}

func terminates(k scanner.Key) bool {
	return k.Name == scanner.Enter || k.Name == scanner.LineFeed || k.Name == scanner.Tab || k.Name == scanner.ETX
}

// judge compares a scan with the code shown, or with another one of the test
// codes where that is what was scanned.
func (c *checkScreen) judge(heard scanner.Heard) tea.Cmd {
	c.say = message{}
	c.text, c.judged = heard.Text, true
	c.found = scanner.Examine(c.codes[c.at], heard, c.rules)
	for i, code := range c.codes {
		if found := scanner.Examine(code, heard, c.rules); unlike(found) < unlike(c.found) {
			c.at, c.found = i, found
		}
	}
	if len(c.found) > 0 {
		return c.ring(soundRefused)
	}
	return c.ring(soundScanned)
}

// unlike is how much speaks for another code having been scanned.
func unlike(found []scanner.Finding) int {
	if len(found) == 0 {
		return 0
	}
	switch found[0].Flaw {
	case scanner.FlawOther:
		return 2
	case scanner.FlawMissing, scanner.FlawDoubled:
		return 1
	}
	return 0
}

func (c *checkScreen) view(a area, snap *till.Snapshot) string {
	t := &c.words.Screen
	lines := []string{c.look.Head.Paint(left("  "+t.CheckTitle, a.w))}
	drawn, w := c.code.draw(c.codes[c.at], area{a.w/2 - 2, a.h - 5}, c.look)
	if len(drawn) == 0 {
		w = 0
	}
	side := c.side(a.w-w-5, snap)
	for y := range max(len(drawn), len(side)) {
		code, text := spaces(w), spaces(a.w-w-5)
		if y < len(drawn) {
			code = drawn[y]
		}
		if y < len(side) {
			text = side[y]
		}
		lines = append(lines, "  "+code+"   "+text)
	}
	return c.page(a, lines, c.keys)
}

// side is what stands beside the code: what to do, what came of it, and how
// the scanners with a line of their own are.
func (c *checkScreen) side(w int, snap *till.Snapshot) []string {
	t := &c.words.Screen
	var lines []string
	put := func(style theme.Style, text string) {
		for _, line := range wrap(text, w) {
			lines = append(lines, newRow(w).put(style, line).end())
		}
	}
	put(c.look.Strong, fmt.Sprintf("%d/%d  %s", c.at+1, len(c.codes), c.codes[c.at]))
	put(c.look.Dim, t.CheckHint)
	lines = append(lines, spaces(w))
	switch {
	case !c.judged:
		put(c.look.Wait, t.CheckWaiting)
	case len(c.found) == 0:
		put(c.look.Good, theme.Done+" "+t.CheckGood)
	default:
		put(c.look.Dim, t.CheckCame+" "+harmless(c.text))
	}
	for _, f := range c.found {
		if !c.judged {
			break
		}
		say, hint := c.words.Flaw(string(f.Flaw), f.Arg)
		put(c.look.Bad, theme.Failed+" "+say)
		put(c.look.Text, "  "+hint)
	}
	for _, device := range snap.Devices {
		if device.Kind != till.DeviceScanner {
			continue
		}
		mark, style := lamp(c.look, device.State)
		lines = append(lines, newRow(w).put(style, mark).add(" "+device.Name+" ").put(c.look.Dim, device.Line).end())
		if device.Trouble != "" {
			put(c.look.Dim, c.words.Notice(device.Kind+"-"+device.Trouble, []any{device.Name}))
		}
	}
	return lines
}

// harmless is a scanned text as it may be shown: a long number that is none of
// the test codes may be most of a pay code.
func harmless(text string) string {
	for _, code := range scanner.TestCodes() {
		if strings.Contains(text, code) {
			return text
		}
	}
	if digits := strings.Map(onlyDigits, text); len(digits) > 14 {
		return payment.Mask(digits)
	}
	return cut(text, 32)
}

func onlyDigits(r rune) rune {
	if r >= '！' && r <= '～' {
		r = plain(r)
	}
	if r < '0' || r > '9' {
		return -1
	}
	return r
}
