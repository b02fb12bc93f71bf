package tui

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
)

// askPIN asks the customer for a card's PIN, or for a new one.
func (d *desk) askPIN(title, hint words, then func(till.PIN) tea.Cmd) tea.Cmd {
	return d.open(newNumber(d, secret, title, hint, func(f *field) tea.Cmd {
		pin := till.PIN(f.text)
		f.clear()
		return then(pin)
	}))
}

// askNewPIN asks for a new PIN twice, because nobody sees what is typed; none at
// all once.
func (d *desk) askNewPIN(then func(till.PIN) tea.Cmd) tea.Cmd {
	title := func(t *lang.Screen) string { return t.PrepaidNewPINTitle }
	return d.askPIN(title, func(t *lang.Screen) string { return t.PrepaidNewPINHint }, func(pin till.PIN) tea.Cmd {
		if pin == "" {
			return then(pin)
		}
		return d.askPIN(title, func(t *lang.Screen) string { return t.PrepaidPINAgain }, func(again till.PIN) tea.Cmd {
			d.close(d.top())
			if again != pin {
				return d.refuse(d.words.Screen.PrepaidPINDiffers)
			}
			return then(pin)
		})
	})
}

// issueCard makes a new card, with a PIN if the customer wants one.
func (d *desk) issueCard(number string) tea.Cmd {
	key := d.mint()
	return d.askNewPIN(func(pin till.PIN) tea.Cmd {
		return d.ask(till.Keyed{Key: key, Command: till.PrepaidIssue{Number: number, PIN: pin}},
			d.tookPrepaidCard(number, func(t *lang.Screen) string { return t.PrepaidNew }))
	})
}

// tookPrepaidCard shows a card as a command has left it.
func (d *desk) tookPrepaidCard(number string, done words) func(till.Result) tea.Cmd {
	return func(r till.Result) tea.Cmd {
		got, _ := r.(till.PrepaidCard)
		d.home()
		d.tell(good, done(&d.words.Screen))
		return d.open(newPanel(d, number, got, money.Amount{}))
	}
}

func prepaidDone(t *lang.Screen) string { return t.PrepaidDone }

func lostReasons(t *lang.Screen) []string {
	return []string{t.ReasonLost, t.ReasonCustomerAsks, t.ReasonOther}
}

func foundReasons(t *lang.Screen) []string {
	return []string{t.ReasonFound, t.ReasonCustomerAsks, t.ReasonMistake, t.ReasonOther}
}

func lateReasons(t *lang.Screen) []string {
	return []string{t.ReasonCustomerAsks, t.ReasonExpired, t.ReasonOther}
}

func (d *desk) changeCard(number string, reasons func(*lang.Screen) []string, command func(reason string) till.Command) tea.Cmd {
	key := d.mint()
	return d.chooseReason(reasons, func(reason string) tea.Cmd {
		return d.ask(till.Keyed{Key: key, Command: command(reason)}, d.tookPrepaidCard(number, prepaidDone))
	})
}

// extendCard asks for the new last day; a year more takes one key.
func (d *desk) extendCard(number string, c till.PrepaidCard) tea.Cmd {
	until := max(c.Expires, d.snap.Today.Date)
	last, err := time.Parse(time.DateOnly, until)
	if err != nil { // the books are not read yet
		last = d.now()
	}
	year := last.AddDate(1, 0, 0).Format(time.DateOnly)
	n := newNumber(d, count, func(t *lang.Screen) string { return t.PrepaidExtend },
		func(t *lang.Screen) string { return fmt.Sprintf(t.PrepaidExtendHint, c.Expires, year) }, func(f *field) tea.Cmd {
			day, ok := lastDay(f.text, year)
			switch {
			case !ok:
				return d.refuse(d.words.Screen.PrepaidNoDay)
			case day <= until:
				return d.refuse(fmt.Sprintf(d.words.Screen.PrepaidDayBefore, until))
			}
			return d.changeCard(number, lateReasons, func(reason string) till.Command {
				return till.PrepaidExtend{Number: number, Expires: day, Reason: reason}
			})
		})
	n.small = true
	return d.open(n)
}

// lastDay reads a day of eight digits; nothing typed is the one offered.
func lastDay(typed, offered string) (day string, ok bool) {
	if typed == "" {
		return offered, true
	}
	at, err := time.Parse("20060102", typed)
	return at.Format(time.DateOnly), err == nil
}

// bookOff asks before what is left on a card becomes the shop's.
func (d *desk) bookOff(number string, c till.PrepaidCard) tea.Cmd {
	key := d.mint()
	return d.open(newConfirm(d, func(t *lang.Screen) string { return t.PrepaidExpire }, func(t *lang.Screen) []string {
		return []string{fmt.Sprintf(t.PrepaidExpireSum, cash(c.Balance), c.Mask, c.Expires), t.PrepaidExpireHint}
	}, func() tea.Cmd {
		return d.ask(till.Keyed{Key: key, Command: till.PrepaidExpire{Number: number, Reason: d.words.Screen.ReasonExpired}}, d.tookPrepaidCard(number, prepaidDone))
	}))
}

func (d *desk) newPIN(number string) tea.Cmd {
	return d.askNewPIN(func(pin till.PIN) tea.Cmd {
		return d.changeCard(number, func(t *lang.Screen) []string { return []string{t.ReasonForgot, t.ReasonCustomerAsks, t.ReasonOther} },
			func(reason string) till.Command { return till.PrepaidPIN{Number: number, PIN: pin, Reason: reason} })
	})
}
