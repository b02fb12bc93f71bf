package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// grounds are the screens that follow from the snapshot, so that what is shown
// cannot disagree with the core.
type grounds struct {
	start   *startScreen
	signIn  *signInScreen
	sell    *sellScreen
	present *presentScreen
	wait    *waitScreen
	result  *resultScreen
	shown   string // which of them, and for which payment
}

func newGrounds(d *desk) grounds {
	return grounds{
		start: newStart(d), signIn: newSignIn(d), sell: newSell(d),
		present: newPresent(d), wait: newWait(d), result: newResult(d),
	}
}

// pick chooses the screen for a snapshot; name changes when the cashier sees
// something new, and byItself tells that nobody asked for it.
func (g *grounds) pick(s *till.Snapshot, seen string) (sc screen, name string, byItself bool) {
	a := s.Attempt
	switch {
	case !s.Ready || s.Trouble != nil:
		return g.start, "start", false
	case s.Operator == nil:
		return g.signIn, "sign-in", false
	case a != nil && a.Payment.Forced && !a.Payment.State.Final(): // the sale may be charged again
		return g.sell, "sell", false
	case a != nil && !a.Payment.State.Final() && showsCode(a):
		return g.present, "present " + a.Payment.ID, true
	case a != nil && !a.Payment.State.Final():
		return g.wait, "wait " + a.Payment.ID, true
	case ended(s) != "" && ended(s) != seen:
		return g.result, "result " + ended(s), true
	}
	return g.sell, "sell", false
}

// showsCode reports whether the customer may scan the till now.
func showsCode(a *till.Attempt) bool {
	return a.Payment.Present && (a.Phase == payment.Sending || a.Phase == payment.Shown)
}

// ended names what has come to its end in front: the sale, or else a payment.
// Empty: nothing. A sale may be done by a payment whose end was noted before.
func ended(s *till.Snapshot) string {
	switch {
	case s.Sale == nil || s.Sale.State == ledger.SaleVoid:
		return ""
	case saleDone(s):
		return "done " + s.Sale.ID
	case s.Attempt != nil && s.Attempt.Payment.State.Final():
		return s.Attempt.Payment.ID
	}
	return ""
}

func saleDone(s *till.Snapshot) bool { return s.Sale != nil && s.Sale.State == ledger.SaleDone }

// settle puts the right ground below what the cashier has opened.
func (r *Root) settle() {
	sc, name, byItself := r.grounds.pick(r.snap, r.seen)
	r.base = sc
	if name == r.grounds.shown {
		if r.covered && len(r.stack) == 0 { // uncovered: the cashier sees it only now
			r.covered, r.openedAt, r.armed = false, r.now(), false
		}
		return
	}
	r.grounds.shown, r.covered = name, byItself && len(r.stack) > 0
	if sc == r.grounds.start || sc == r.grounds.signIn {
		r.home() // whoever signs in next starts with an empty desk
		r.grounds.signIn.reset()
		r.sell.reset()
	}
	if len(r.stack) == 0 {
		r.openedAt, r.armed = r.now(), !byItself
	}
}

// hear sounds what has become of the payment in front, and that its sale is done.
func (r *Root) hear(before *till.Snapshot) tea.Cmd {
	now, was := r.snap.Attempt, before.Attempt
	if now == nil || !now.Payment.State.Final() || before.Version == 0 {
		return nil
	}
	if saleDone(r.snap) && !saleDone(before) {
		return r.ring(soundPaid)
	}
	if was != nil && was.Payment.ID == now.Payment.ID && was.Payment.State.Final() {
		return nil
	}
	if now.Payment.State == ledger.PaymentPaid {
		return r.ring(soundPaid)
	}
	return r.ring(soundRefused)
}

// keepTime keeps the clock going: by seconds while something counts down, else
// by minutes, so that an idle till wakes up once a minute.
func (r *Root) keepTime() tea.Cmd {
	want := time.Minute
	if _, counts := r.top().(timed); counts || r.busy != nil && r.busy.slow {
		want = time.Second
	}
	if r.pace != 0 && r.pace <= want {
		return nil
	}
	r.round, r.pace = r.round+1, want
	now := r.now()
	return after(want-now.Sub(now.Truncate(want)), clockMsg{r.round})
}
