package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"abacus/internal/till"
	"abacus/tui/theme"
)

// mostMessage is how many lines of a message a screen has room for; a longer one
// makes the screen above it shorter.
const mostMessage = 2

// page is the usual screen: content between two rules, below it the message
// and the keys. Content lines are a.w wide.
func (d *desk) page(a area, content []string, keys []binding) string {
	say := d.message(a.w, "")
	lines := append([]string{d.rule(a.w, 0, "")}, fill(area{a.w, a.h - 4}, content)...)
	if len(say) == 1 { // a long message takes the rule's place
		lines = append(lines, d.rule(a.w, 0, ""))
	}
	return strings.Join(append(append(lines, say...), d.keyBar(a.w, keys)), "\n")
}

// message is what the last gesture came to, what happened by itself, or that
// the till is working; otherwise the hint. It is never cut: what is so and what
// to do share a line where they fit, and else have as many as they need.
func (d *desk) message(w int, hint string) []string {
	one := func(style theme.Style, text string) []string {
		return []string{newRow(w).add("  ").put(style, text).end()}
	}
	if d.busy != nil && d.busy.slow {
		text := d.words.Screen.Working
		if d.now().Sub(d.busy.since) >= leaveAfter {
			text = d.words.Screen.WorkingLong
		}
		return one(d.look.Wait, theme.Doubt+" "+text)
	}
	say, todo, style := d.say.say, d.say.hint, d.look.Strong
	switch n := d.unread(); {
	case say != "" && d.say.tone == bad:
		say, style = theme.Failed+" "+say, d.look.Bad
	case say != "" && d.say.tone == good:
		say, style = theme.Done+" "+say, d.look.Good
	case say != "":
	case n != nil:
		say, style = "! "+d.tells(n), d.look.Wait
		d.posted = reading{n[len(n)-1].At, d.now()}
	case todo == "":
		return one(d.look.Dim, hint)
	}
	if 2+width(say)+1+width(todo) <= w {
		r := newRow(w).add("  ").put(style, say)
		if todo != "" {
			r.add(" ").put(d.look.Text, todo)
		}
		return []string{r.end()}
	}
	first := []string{say}
	if 2+width(say) > w {
		first = wrap(say, w-4)
	}
	var lines []string
	for i, line := range first {
		lines = append(lines, newRow(w).to(2+2*min(i, 1)).put(style, line).end())
	}
	if todo != "" {
		for _, line := range wrap(todo, w-4) {
			lines = append(lines, newRow(w).to(4).put(d.look.Text, line).end())
		}
	}
	return lines
}

// speaks reports whether there is a message.
func (d *desk) speaks() bool {
	return d.say.say != "" || d.unread() != nil || d.busy != nil && d.busy.slow
}

// reading is a notice on the screen: which, and since when.
type reading struct{ at, since time.Time }

// goesOn keeps the time of a notice that was there in the frame before.
func (r *reading) goesOn(before reading) {
	if r.at.Equal(before.at) {
		r.since = before.since
	}
}

// manyEnds is how many payments that ended are told in one sentence.
const manyEnds = 4

// unread is the oldest notice nobody has taken note of, or the many of payments
// that ended one after the other.
func (d *desk) unread() []till.Notice {
	from := slices.IndexFunc(d.snap.Notices, func(n till.Notice) bool { return n.At.After(d.noticed) })
	if from < 0 {
		return nil
	}
	ends := d.snap.Notices[from:]
	if to := slices.IndexFunc(ends, func(n till.Notice) bool { return n.Code != till.NoticeSettled && n.Code != till.NoticeAsideEnded }); to >= 0 {
		ends = ends[:to]
	}
	if len(ends) >= manyEnds {
		return ends
	}
	return d.snap.Notices[from : from+1]
}

// tells is a notice, or many, in a sentence.
func (d *desk) tells(n []till.Notice) string {
	if len(n) == 1 {
		return d.words.Notice(n[0].Code, n[0].Args)
	}
	return fmt.Sprintf(d.words.Screen.ManyEnded, len(n))
}

// notice takes note of a notice once it has stood on the screen long enough to
// be read. One behind a message, or behind another notice, has not.
func (d *desk) notice() {
	const readable = time.Second
	if n := d.unread(); n != nil && n[len(n)-1].At.Equal(d.posted.at) && d.now().Sub(d.posted.since) >= readable {
		d.noticed = d.posted.at
	}
}
