package tui

import (
	"fmt"
	"slices"
	"strings"

	"abacus/internal/doctor"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/tui/theme"
)

// The smallest screen, and from where on there is room for more.
const (
	leastWidth  = 80
	leastHeight = 24
	wideWidth   = 100
	widestWidth = 132
)

// draw builds the whole frame: header, screen, status bar, each line exactly as
// wide as the terminal and exactly as many lines as it has.
func (r *Root) draw() string {
	a := r.size
	if a.w <= 0 || a.h <= 0 {
		return ""
	}
	before := r.posted
	r.posted = reading{}
	defer func() { r.posted.goesOn(before) }()
	var lines []string
	if a.tooSmall() {
		lines = r.tooSmall(a)
	} else {
		room := area{a.w, a.h - 2}
		if _, fixed := r.top().(*presentScreen); !fixed { // a code that moves is hard to scan
			room.h -= max(len(r.message(a.w, ""))-mostMessage, 0)
		}
		r.posted = reading{}
		body := r.top().view(room, r.snap)
		lines = append([]string{r.header(a.w)}, strings.Split(body, "\n")...)
		lines = append(lines, r.status(a.w))
	}
	var b strings.Builder
	b.Grow(a.h * (a.w*2 + 24))
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(r.look.Line(line))
	}
	return r.look.Narrow(b.String())
}

// tooSmall reports that the till's screens do not fit. A size not known yet is
// not too small.
func (a area) tooSmall() bool {
	return a.w > 0 && a.h > 0 && (a.w < leastWidth || a.h < leastHeight)
}

func (r *Root) tooSmall(a area) []string {
	text := fmt.Sprintf(r.words.Screen.TooSmall, leastWidth, leastHeight, a.w, a.h)
	var lines []string
	for _, line := range wrap(text, a.w) {
		lines = append(lines, left(line, a.w))
	}
	return fill(a, lines)
}

// header says where and when one is.
func (d *desk) header(w int) string {
	t, s := &d.words.Screen, d.snap
	r := newRow(w)
	clock := d.now().Format("01-02 15:04")
	rest := width(clock) + 2
	badge := ""
	switch {
	case s.Identity.Sandbox:
		badge = " " + t.Sandbox + " "
	case s.Identity.Training:
		badge = " " + t.Training + " "
	}
	edge := w - rest - width(badge) - 2
	put := func(style theme.Style, text string) {
		r.put(style, cut(text, edge-r.used))
	}
	put(d.look.Head, " "+t.Till+" "+s.Identity.Till+" "+s.Identity.Store+" ")
	if s.Operator != nil {
		put(d.look.Strong, " "+d.operator(*s.Operator)+" ")
		put(d.look.Dim, d.shiftName())
	}
	if s.Sale != nil && s.Sale.State != ledger.SaleVoid {
		put(d.look.Text, " "+s.Sale.ID)
	}
	return r.to(edge).add(" ").put(d.look.Sandbox, badge).add(" ").put(d.look.Head, " "+clock+" ").end()
}

func (d *desk) operator(o till.Operator) string {
	if o.Name == "" {
		return o.ID
	}
	return o.Name
}

func (d *desk) shiftName() string {
	if d.snap.Shift == nil {
		return d.words.Screen.NoShift
	}
	return d.snap.Shift.ID
}

// status is the bottom line: what is offline, what is in doubt, what is unsent.
func (d *desk) status(w int) string {
	t, s := &d.words.Screen, d.snap
	doubts := d.doubts()
	doubtCount := fmt.Sprint(doubts)
	unread := doubts == 0 && s.Trouble != nil && s.Trouble.Code == till.FaultJournalBroken // something may be open in it
	if unread {
		doubtCount = "?"
	}
	doubt := fmt.Sprintf("%s %s %s", theme.Doubt, t.InDoubt, doubtCount)
	unsent := fmt.Sprintf("%s %s %d", theme.Unsent, t.NotSent, s.Unsent)
	doubtStyle, unsentStyle := d.look.Dim, d.look.Dim
	if doubts > 0 || unread {
		doubtStyle = d.look.Wait
	}
	if s.Unsent > 0 {
		unsentStyle = d.look.Strong
	}
	tail := width(doubt) + width(unsent) + 3
	r := newRow(w)
	for _, l := range d.lamps(w - tail) {
		mark, style := lamp(d.look, l.State)
		r.put(style, mark).add(" ").put(d.look.Dim, d.lampName(l)).add(" ")
	}
	r.to(w-tail).put(doubtStyle, doubt).add("  ").put(unsentStyle, unsent)
	return r.end()
}

// diskLamp is there only while the disk is short, with what is free.
const diskLamp = "disk"

// full reports whether the disk is too full to begin anything.
func (d *desk) full() bool { return d.snap.Space != nil && d.snap.Space.Level == doctor.Full }

// lamps are those that fit into so many cells. What is not there, then what is
// well, makes room for what is out.
func (d *desk) lamps(room int) []till.Link {
	shown := slices.Clone(d.snap.Links)
	if s := d.snap.Space; s != nil && s.Level != doctor.Enough {
		shown = slices.Insert(shown, 0, till.Link{Name: diskLamp, State: till.LinkDown, Cause: s.Free.String()})
	}
	for _, least := range []till.LinkState{till.LinkOff, till.LinkUp, till.LinkDown} {
		for i := len(shown) - 1; i >= 0; i-- {
			used := 0
			for _, l := range shown {
				used += width(d.lampName(l)) + 3
			}
			if used <= room {
				return shown
			}
			if shown[i].State == least {
				shown = slices.Delete(shown, i, i+1)
			}
		}
	}
	return shown
}

func (d *desk) lampName(l till.Link) string {
	switch {
	case l.Cause == "":
		return d.link(l.Name)
	case l.Name == diskLamp:
		return d.link(l.Name) + " " + l.Cause
	}
	return d.link(l.Name) + " " + d.words.Say.Words[l.Cause]
}

// doubts counts every payment, refund and hold whose end is not known.
func (d *desk) doubts() int {
	return max(d.snap.DoubtCount, len(d.snap.Doubt)) + max(d.snap.RefundCount, len(d.snap.Refunds)) + len(d.holdsInDoubt())
}

func lamp(look *theme.Look, state till.LinkState) (string, theme.Style) {
	switch state {
	case till.LinkUp:
		return theme.Up, look.Good
	case till.LinkDown:
		return theme.Down, look.Bad
	}
	return theme.Off, look.Dim
}

func (d *desk) link(name string) string {
	t := &d.words.Screen
	switch name {
	case "network":
		return t.LinkNetwork
	case "wechat":
		return t.LinkWeChat
	case "alipay":
		return t.LinkAlipay
	case "unionpay":
		return t.LinkUnionPay
	case "card":
		return t.LinkCard
	case "printer":
		return t.LinkPrinter
	case "scanner":
		return t.LinkScanner
	case "display":
		return t.LinkDisplay
	case diskLamp:
		return t.LinkDisk
	}
	return name
}

// rule is a line across, with a joint where a column meets it.
func (d *desk) rule(w, joint int, mark string) string {
	if joint <= 0 || joint >= w {
		return d.look.Rule.Paint(strings.Repeat(theme.Across, w))
	}
	return d.look.Rule.Paint(strings.Repeat(theme.Across, joint) + mark + strings.Repeat(theme.Across, w-joint-1))
}
