//go:build linux

package tui

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"abacus/internal/lang"
	"abacus/internal/till"
)

// spilled is what the panics of these tests hold, and nobody may read.
const spilled = "134567890123456789"

// trap is the child's clock, which the screen asks wherever it works and draws.
// From the second scan on it panics at the n-th question, once; with "-n", at
// every n-th. With "command" the core panics at that scan instead.
func trap(plan string, core *fakeCore) func() time.Time {
	if plan == "" {
		return nil
	}
	nth, _ := strconv.Atoi(plan)
	answer, scans, asked := core.answer, 0, atomic.Int64{}
	asked.Store(-1)
	core.answer = func(c till.Command) (till.Result, error) {
		if _, ok := c.(till.SaleScan); ok {
			if scans++; scans == 2 && plan == "command" {
				panic(spilled)
			}
			if scans == 2 {
				asked.Store(0)
			}
		}
		return answer(c)
	}
	return func() time.Time {
		if asked.Load() < 0 {
			return time.Now()
		}
		switch n := asked.Add(1); {
		case nth > 0 && n == int64(nth), nth < 0 && n%int64(-nth) == 0:
			panic(spilled)
		}
		return time.Now()
	}
}

// Wherever the screen's code panics, the screen comes back with the sale that
// was in front, says so, and works.
func TestAPanicOpensTheScreenAgain(t *testing.T) {
	plans := []string{"command"}
	for n := range 5 {
		plans = append(plans, fmt.Sprint(n+1))
	}
	for _, plan := range plans {
		t.Run(plan, func(t *testing.T) {
			t.Setenv("ABACUS_TUI_FALL", plan)
			term := onTerminal(t)
			term.expect("3 lines")
			term.send(goodsCode + "\r")
			term.expect("scan1:13")
			term.send(goodsCode + "\r")
			term.expect("\x1b[?1049l") // left,
			term.expect("\x1b[?1049h") // and opened again
			term.expect("has been opened again")
			term.expect("3 lines")
			term.send(goodsCode + "\r")
			term.expect(map[bool]string{true: "scan2:13", false: "scan3:13"}[plan == "command"])
			if err := term.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if code := term.exit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			term.restored()
			term.tellsNothing()
		})
	}
}

// A screen that falls again and again is left, and the terminal is as it was.
func TestAScreenThatKeepsFallingIsLeft(t *testing.T) {
	t.Setenv("ABACUS_TUI_FALL", "-3")
	term := onTerminal(t)
	term.expect("3 lines")
	term.send(goodsCode + "\r")
	term.expect("scan1:13")
	term.send(goodsCode + "\r")
	term.expect(ErrFell.Error())
	if code := term.exit(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	term.restored()
	term.tellsNothing()
}

// tellsNothing: no panic's value, no stack and no name of a function is read.
func (term *terminal) tellsNothing() {
	term.t.Helper()
	for _, told := range []string{spilled, "goroutine", "panic", ".go:"} {
		if strings.Contains(term.all.String(), told) {
			term.t.Errorf("the terminal shows %q", told)
		}
	}
}

func TestFallsAreCountedWithinAMinute(t *testing.T) {
	var f falls
	for i, c := range []struct {
		after time.Duration
		most  bool
	}{{0, false}, {20 * time.Second, false}, {2 * time.Minute, false}, {time.Second, false}, {58 * time.Second, true}} {
		at := morning().Add(c.after)
		for _, before := range f {
			if before.After(at) {
				at = before.Add(c.after)
			}
		}
		if got := f.again(at); got != c.most {
			t.Errorf("fall %d: one too many: %v", i, got)
		}
	}
}

// What a screen that has fallen says, in both languages.
func TestAFallenScreenSaysSo(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		o := Options{Core: &fakeCore{latest: selling()}, Now: morning, Language: tag, again: true, width: 80, height: 24}
		r, err := New(o.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		r.Update(snapshotMsg{snap: selling()})
		words := lang.Must(tag).Screen
		for _, line := range []string{words.Fell, words.FellHint} {
			if !strings.Contains(r.View(), line) {
				t.Errorf("%s: the screen does not say %q:\n%s", tag, line, r.View())
			}
		}
	}
}
