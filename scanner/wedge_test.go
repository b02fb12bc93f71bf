package scanner

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

const ms = time.Millisecond

// counter is a keyboard with a clock: it brings keys to a Wedge and calls Tick
// when it is due, as a screen does.
type counter struct {
	wedge *Wedge
	now   time.Time
	got   []Event
}

func newCounter(rules Rules) *counter { return &counter{wedge: NewWedge(rules), now: start} }

func (c *counter) keys(keys ...Key) { c.got = append(c.got, c.wedge.Feed(c.now, keys...)...) }

func (c *counter) wait(d time.Duration) {
	end := c.now.Add(d)
	for due, ok := c.wedge.Due(); ok && !due.After(end); due, ok = c.wedge.Due() {
		c.got = append(c.got, c.wedge.Tick(due)...)
	}
	c.now = end
}

// dribble brings one message per key, gap apart.
func (c *counter) dribble(gap time.Duration, keys ...Key) {
	for i, k := range keys {
		if i > 0 {
			c.wait(gap)
		}
		c.keys(k)
	}
}

// runs brings messages of so many characters each, gap apart.
func (c *counter) runs(gap time.Duration, text string, sizes ...int) {
	all := chars(text)
	for i, n := range sizes {
		if i > 0 {
			c.wait(gap)
		}
		c.keys(all[:n]...)
		all = all[n:]
	}
}

func chars(text string) []Key {
	var keys []Key
	for _, r := range text {
		switch r {
		case '\r':
			keys = append(keys, Key{Name: Enter})
		case '\n':
			keys = append(keys, Key{Name: LineFeed})
		case '\t':
			keys = append(keys, Key{Name: Tab})
		case '\x02':
			keys = append(keys, Key{Name: STX})
		case '\x03':
			keys = append(keys, Key{Name: ETX})
		case '\x1d':
			keys = append(keys, Key{Name: GS})
		default:
			keys = append(keys, Key{Rune: r})
		}
	}
	return keys
}

// script writes events as a line: typed characters as they are, other keys in
// <>, scans in [], torn scans in {}.
func script(events []Event) string {
	var b strings.Builder
	for _, e := range events {
		switch e := e.(type) {
		case Typed:
			if e.Key.Alt {
				b.WriteString("<alt>")
			}
			if e.Key.Name != "" {
				fmt.Fprintf(&b, "<%s>", e.Key.Name)
			} else {
				b.WriteRune(e.Key.Rune)
			}
		case Scan:
			if e.Torn {
				fmt.Fprintf(&b, "{%s}", e.Text)
			} else {
				fmt.Fprintf(&b, "[%s]", e.Text)
			}
		}
	}
	return b.String()
}

const ean = "6901234567892"

// The figures are those seen on a pty, in xterm and on the Linux console with
// Bubble Tea 1.3.10, with a quick and with a slow Update.
func TestWedge(t *testing.T) {
	alt := append([]Key{{Rune: '6', Alt: true}}, chars(ean[1:])...)
	named := func(name string) Key { return Key{Name: name} }
	for _, tc := range []struct {
		name  string
		rules Rules
		play  func(c *counter)
		want  string
	}{
		{"one write", Rules{}, func(c *counter) { c.keys(chars(ean)...); c.keys(named(Enter)) }, "[" + ean + "]"},
		{"one key a message, 1 ms", Rules{}, func(c *counter) { c.dribble(ms, chars(ean+"\r")...) }, "[" + ean + "]"},
		{"full-speed keyboard, 16 ms", Rules{}, func(c *counter) { c.dribble(16*ms, chars(ean+"\r")...) }, "[" + ean + "]"},
		{"slow keyboard, 20 ms", Rules{}, func(c *counter) { c.dribble(20*ms, chars(ean+"\r")...) }, "[" + ean + "]"},
		{"update takes 25 ms, 2 ms gaps", Rules{}, func(c *counter) {
			c.runs(25*ms, ean, 1, 1, 10, 1)
			c.wait(25 * ms)
			c.keys(named(Enter))
		}, "[" + ean + "]"},
		{"update takes 25 ms, 10 ms gaps", Rules{}, func(c *counter) {
			c.runs(25*ms, "130061098828009406", 1, 1, 1, 2, 3, 2, 3, 2, 3)
			c.wait(25 * ms)
			c.keys(named(Enter))
		}, "[130061098828009406]"},
		{"bluetooth as configured", Rules{InterKey: 150 * ms}, func(c *counter) { c.dribble(120*ms, chars(ean+"\r")...) }, "[" + ean + "]"},
		{"bluetooth not configured is typing", Rules{}, func(c *counter) { c.dribble(60*ms, chars(ean+"\r")...) }, ean + "<enter>"},
		{"just too slow is all typing, not a code without its head", Rules{}, func(c *counter) {
			c.dribble(34*ms, chars(ean[:8])...)
			c.wait(10 * ms)
			c.dribble(10*ms, chars(ean[8:]+"\r")...)
		}, ean + "<enter>"},
		{"a person on the number pad", Rules{}, func(c *counter) { c.dribble(95*ms, chars("12.50\r")...) }, "12.50<enter>"},
		{"two fingers rolling", Rules{}, func(c *counter) {
			c.runs(90*ms, "128840", 2, 2, 2)
			c.wait(90 * ms)
			c.keys(named(Enter))
		}, "128840<enter>"},
		{"quantity stays", Rules{}, func(c *counter) {
			c.keys(chars("3")...)
			c.wait(400 * ms)
			c.dribble(2*ms, chars(ean+"\r")...)
		}, "3[" + ean + "]"},
		{"keys just before a scan tear it", Rules{}, func(c *counter) {
			c.keys(chars("6")...)
			c.wait(60 * ms)
			c.dribble(2*ms, chars(ean[1:]+"\r")...)
		}, "6{" + ean[1:] + "}"},
		{"a key right after a scan is typed", Rules{}, func(c *counter) {
			c.dribble(ms, chars(ean+"\r")...)
			c.wait(150 * ms)
			c.keys(chars("5")...)
			c.wait(40 * ms)
		}, "[" + ean + "]5"},
		{"two scans back to back", Rules{}, func(c *counter) { c.keys(chars(ean + "\r6909999999993\r")...) }, "[" + ean + "][6909999999993]"},
		{"CR LF once", Rules{}, func(c *counter) {
			c.dribble(4*ms, chars(ean+"\r\n"+ean+"\r\n")...)
		}, "[" + ean + "][" + ean + "]"},
		{"CR LF of a short code once", Rules{}, func(c *counter) { c.keys(chars("123\r\n")...) }, "123<enter>"},
		{"Enter by hand stays", Rules{}, func(c *counter) {
			c.dribble(4*ms, chars(ean+"\r")...)
			c.wait(200 * ms)
			c.keys(named(Enter))
		}, "[" + ean + "]<enter>"},
		{"Tab as suffix does not move the focus", Rules{}, func(c *counter) { c.keys(chars(ean + "\t")...) }, "[" + ean + "]"},
		{"Tab by hand", Rules{}, func(c *counter) { c.keys(named(Tab)) }, "<tab>"},
		{"ETX in a burst is not Ctrl+C", Rules{}, func(c *counter) { c.keys(chars("\x02" + ean + "\x03\r")...) }, "[" + ean + "]"},
		{"Ctrl+C by hand", Rules{}, func(c *counter) { c.dribble(20*ms, chars("12\x03")...) }, "12<ctrl+c>"},
		{"no suffix", Rules{}, func(c *counter) { c.dribble(2*ms, chars(ean)...); c.wait(100 * ms) }, "[" + ean + "]"},
		{"late suffix confirms nothing", Rules{}, func(c *counter) {
			c.dribble(2*ms, chars(ean)...)
			c.wait(130 * ms)
			c.keys(named(Enter))
		}, "[" + ean + "]"},
		{"suffix demanded and missing", Rules{Suffix: "\r"}, func(c *counter) { c.dribble(2*ms, chars(ean)...); c.wait(100 * ms) }, ean},
		{"printed suffix", Rules{Suffix: "#"}, func(c *counter) { c.dribble(2*ms, chars(ean+"#")...) }, "[" + ean + "]"},
		{"printed suffix and Enter", Rules{Suffix: "#\r"}, func(c *counter) { c.dribble(2*ms, chars(ean+"#\r")...) }, "[" + ean + "]"},
		{"prefix makes three enough", Rules{Prefix: "~"}, func(c *counter) { c.dribble(2*ms, chars("~123\r")...) }, "[123]"},
		{"prefix splits what was typed before", Rules{Prefix: "~"}, func(c *counter) {
			c.keys(chars("3")...)
			c.wait(20 * ms)
			c.dribble(2*ms, chars("~"+ean+"\r")...)
		}, "3[" + ean + "]"},
		{"no prefix where one is configured is another scanner", Rules{Prefix: "~"}, func(c *counter) { c.keys(chars(ean + "\r")...) }, "[" + ean + "]"},
		{"Escape as prefix, in one read", Rules{Prefix: "\x1b"}, func(c *counter) { c.keys(alt...); c.keys(named(Enter)) }, "[" + ean + "]"},
		{"Escape as prefix, by itself", Rules{Prefix: "\x1b"}, func(c *counter) {
			c.keys(named(Escape))
			c.dribble(2*ms, chars(ean+"\r")...)
		}, "[" + ean + "]"},
		{"Escape by hand where it is the prefix", Rules{Prefix: "\x1b"}, func(c *counter) { c.keys(named(Escape)); c.wait(35 * ms) }, "<esc>"},
		{"Escape by hand and a scan in one read", Rules{}, func(c *counter) { c.keys(alt...); c.keys(named(Enter)) }, "<esc>[" + ean + "]"},
		{"Alt and a letter", Rules{}, func(c *counter) { c.keys(Key{Rune: 'x', Alt: true}); c.wait(35 * ms) }, "<alt>x"},
		{"GS is part of the code", Rules{}, func(c *counter) { c.keys(chars("]C1010690123456789210A1\x1d1726\r")...) }, "[]C1010690123456789210A1\x1d1726]"},
		{"spaces are part of the code", Rules{}, func(c *counter) { c.keys(chars("AB 12 CD\r")...) }, "[AB 12 CD]"},
		{"function key in between", Rules{}, func(c *counter) { c.keys(chars("12")...); c.keys(named("f2")) }, "12<f2>"},
		{"function key after a code", Rules{}, func(c *counter) { c.keys(chars(ean)...); c.keys(named("f2")) }, "[" + ean + "]<f2>"},
		{"words of an input method", Rules{}, func(c *counter) { c.keys(chars("农夫山泉矿泉水")...) }, "农夫山泉矿泉水"},
		{"full-width digits of an input method stay out of the fields", Rules{}, func(c *counter) { c.keys(chars("６９０１２３４５\r")...) }, "[６９０１２３４５]"},
		{"key held down", Rules{}, func(c *counter) { c.dribble(25*ms, chars(strings.Repeat("0", 20))...); c.wait(35 * ms) }, strings.Repeat("0", 20)},
		{"key held down, Enter", Rules{}, func(c *counter) { c.dribble(25*ms, chars("00000000\r")...) }, "00000000<enter>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newCounter(tc.rules)
			tc.play(c)
			c.wait(time.Second)
			if got := script(c.got); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if c.wedge.Held() != "" {
				t.Errorf("still held: %q", c.wedge.Held())
			}
		})
	}
}

// A program that is late (its timer did not come in time) sees wild gaps; the
// code must not lose its head for that.
func TestLateProgram(t *testing.T) {
	w := NewWedge(Rules{})
	var got []Event
	got = append(got, w.Feed(start, Key{Rune: '6'})...)
	got = append(got, w.Feed(start.Add(70*ms), Key{Rune: '9'})...)
	got = append(got, w.Feed(start.Add(140*ms), chars(ean[2:])...)...)
	got = append(got, w.Feed(start.Add(140*ms), Key{Name: Enter})...)
	if script(got) != "["+ean+"]" {
		t.Errorf("got %q", script(got))
	}
}

func TestHeldIsShown(t *testing.T) {
	w := NewWedge(Rules{})
	if events := w.Feed(start, chars("12")...); len(events) != 0 || w.Held() != "12" {
		t.Fatalf("events %v, held %q", events, w.Held())
	}
	due, ok := w.Due()
	if !ok || due.Sub(start) != 35*ms {
		t.Fatalf("due %v after the key", due.Sub(start))
	}
	if events := w.Tick(due.Add(-1)); len(events) != 0 {
		t.Fatalf("too early: %v", events)
	}
	if got := script(w.Tick(due)); got != "12" || w.Held() != "" {
		t.Fatalf("got %q, held %q", got, w.Held())
	}
}

func TestScanTellsNothing(t *testing.T) {
	scan := Scan{Text: "130061098828009406", At: start}
	for _, format := range []string{"%v", "%+v", "%s", "%#v"} {
		if text := fmt.Sprintf(format, scan); strings.Contains(text, "1300") {
			t.Errorf("%s shows the code: %s", format, text)
		}
	}
}

func TestRules(t *testing.T) {
	for _, r := range []Rules{{InterKey: 4 * ms}, {InterKey: 151 * ms}, {MinLength: 2}, {MinLength: 65}, {Suffix: strings.Repeat("x", 17)}} {
		if r.Validate() == nil {
			t.Errorf("%+v passes", r)
		}
		NewWedge(r).Feed(start, chars(ean)...)
	}
	if err := (Rules{}).Validate(); err != nil {
		t.Error(err)
	}
}

// play brings keys in messages of any size with any gaps, with or without
// Tick, and returns all events.
func play(rules Rules, keys []Key, sizes, gaps []byte, ticking bool) []Event {
	c := newCounter(rules)
	for i := 0; len(keys) > 0; i++ {
		n := 1
		if i < len(sizes) {
			n = min(1+int(sizes[i])%20, len(keys))
		}
		c.keys(keys[:n]...)
		keys = keys[n:]
		gap := time.Duration(0)
		if i < len(gaps) {
			gap = time.Duration(gaps[i]) * ms
		}
		if ticking {
			c.wait(gap)
		} else {
			c.now = c.now.Add(gap)
		}
	}
	c.wait(time.Second)
	return c.got
}

// flat is what a stream says, without the keys that may be part of a suffix.
func flat(events []Event) (text string, ends int) {
	var b strings.Builder
	for _, e := range events {
		switch e := e.(type) {
		case Scan:
			b.WriteString(e.Text)
		case Typed:
			c, ok := e.Key.char()
			switch {
			case e.Key.ends():
				ends++
			case e.Key.Alt:
				fmt.Fprintf(&b, "\x1b%c", e.Key.Rune)
			case ok:
				b.WriteRune(c)
			case e.Key.Name == Escape:
				b.WriteByte('\x1b')
			case e.Key.Name != "":
				fmt.Fprintf(&b, "<%s>", e.Key.Name)
			default:
				b.WriteRune(e.Key.Rune)
			}
		}
	}
	return b.String(), ends
}

func checkNothingLost(t interface{ Fatalf(string, ...any) }, keys []Key, got []Event) {
	var typed []Event
	for _, k := range keys {
		typed = append(typed, Typed{k})
	}
	want, ends := flat(typed)
	text, gotEnds := flat(got)
	if text != want || gotEnds > ends {
		t.Fatalf("came %q with %d ends, out %q with %d: %s", want, ends, text, gotEnds, script(got))
	}
}

// Whatever the timing: what is typed and what is scanned, put together, is
// what came in.
func TestNothingLost(t *testing.T) {
	key := rapid.Custom(func(t *rapid.T) Key {
		if rapid.IntRange(0, 5).Draw(t, "named") == 0 {
			return Key{Name: rapid.SampledFrom([]string{Enter, LineFeed, Tab, Escape, ETX, GS, "f2", "up"}).Draw(t, "name")}
		}
		r := rapid.SampledFrom([]rune("0123456789abc .]中６")).Draw(t, "rune")
		return Key{Rune: r, Alt: rapid.IntRange(0, 20).Draw(t, "alt") == 0}
	})
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(key, 0, 80).Draw(t, "keys")
		sizes := rapid.SliceOf(rapid.Byte()).Draw(t, "sizes")
		gaps := rapid.SliceOf(rapid.ByteRange(0, 120)).Draw(t, "gaps")
		rules := Rules{MinLength: rapid.IntRange(3, 8).Draw(t, "min")}
		checkNothingLost(t, keys, play(rules, keys, sizes, gaps, rapid.Bool().Draw(t, "ticking")))
	})
}

// A code at a scanner's pace is one scan, however the reads fall and whatever
// was typed long before.
func TestScansAreScans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9A-Z]{6,40}`).Draw(t, "code")
		if strings.Trim(code, code[:1]) == "" {
			return // one key held down
		}
		before := rapid.StringMatching(`[0-9*]{0,3}`).Draw(t, "before")
		c := newCounter(Rules{})
		c.dribble(120*ms, chars(before)...)
		c.wait(200 * ms)
		for keys := chars(code + "\r"); len(keys) > 0; {
			n := rapid.IntRange(1, len(keys)).Draw(t, "run")
			c.keys(keys[:n]...)
			c.wait(time.Duration(rapid.IntRange(0, 20).Draw(t, "gap")) * ms)
			keys = keys[n:]
		}
		if got := script(c.got); got != before+"["+code+"]" {
			t.Fatalf("got %q", got)
		}
	})
}

func FuzzWedge(f *testing.F) {
	f.Add("3"+ean+"\r\n", []byte{0, 3, 9}, []byte{200, 2, 2}, true)
	f.Add("\x02"+ean+"\x03", []byte{40}, []byte{}, false)
	f.Add("12.50\r"+ean+"\t", []byte{}, []byte{90, 90, 90, 90, 90, 90, 1, 1}, true)
	f.Fuzz(func(t *testing.T, text string, sizes, gaps []byte, ticking bool) {
		if strings.ContainsRune(text, '\x02') {
			text = strings.ReplaceAll(text, "\x02", "") // taken off as a scanner's prefix
		}
		keys := chars(text)
		checkNothingLost(t, keys, play(Rules{}, keys, sizes, gaps, ticking))
	})
}
