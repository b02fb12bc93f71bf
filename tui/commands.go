package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/scanner"
)

// The messages that commands bring.
type (
	// snapshotMsg is the till's newest state; closed means there will be none.
	snapshotMsg struct {
		snap   *till.Snapshot
		closed bool
	}
	// deviceMsg is a code read by a scanner with a line of its own.
	deviceMsg struct{ scan scanner.Scan }
	// answerMsg is the core's answer to one command.
	answerMsg struct {
		request *request
		result  till.Result
		err     error
	}
	// clockMsg redraws what depends on the time.
	clockMsg struct{ round int }
	// wedgeMsg lets the decoder judge what it holds back.
	wedgeMsg struct{}
	// slowMsg shows that a command is under way, once it takes long.
	slowMsg struct{ request *request }
	// releaseMsg ends the wait for a snapshot that does not come.
	releaseMsg struct{ request *request }
	// bellMsg rings what is left of a sound.
	bellMsg struct{ left int }
)

// request is one command on its way.
type request struct {
	since time.Time
	then  func(till.Result) tea.Cmd // runs in Update; nil: nothing more to do
	await string                    // the payment the snapshot has to show before keys are taken again
	slow  bool                      // shown as working
	aside bool                      // keys need not wait for it
	prove func(till.PIN) tea.Cmd    // does it again with the cardholder's PIN; nil: it takes none
}

const (
	slowAfter  = 300 * time.Millisecond // then the screen shows that it lives
	leaveAfter = 2 * time.Second        // then it says how to leave
	awaitMost  = 500 * time.Millisecond // for the snapshot behind an answer
)

// ask sends a command to the core. Until its answer is there, keys and scans
// wait in order, so that a fast scanner never overtakes the till. then runs
// only on success; a fault is shown.
func (d *desk) ask(c till.Command, then func(till.Result) tea.Cmd) tea.Cmd {
	d.busy = &request{since: d.now(), then: then}
	return tea.Batch(d.do(d.busy, c), after(slowAfter, slowMsg{d.busy}))
}

// lookUp asks for something without holding up the keyboard.
func (d *desk) lookUp(c till.Command, then func(till.Result) tea.Cmd) tea.Cmd {
	return d.do(&request{then: then, aside: true}, c)
}

func (d *desk) do(r *request, c till.Command) tea.Cmd {
	core, ctx := d.core, d.ctx
	return func() tea.Msg {
		result, err := core.Do(ctx, c)
		return answerMsg{r, result, err}
	}
}

// payments fetches several payments in one go; like ask it keeps keys waiting.
func (d *desk) payments(ids []string, then func([]ledger.Payment) tea.Cmd) tea.Cmd {
	core, ctx := d.core, d.ctx
	r := &request{since: d.now(), then: func(result till.Result) tea.Cmd {
		list, _ := result.([]ledger.Payment)
		return then(list)
	}}
	d.busy = r
	return tea.Batch(after(slowAfter, slowMsg{r}), func() tea.Msg {
		var list []ledger.Payment
		for _, id := range ids {
			result, err := core.Do(ctx, till.PaymentGet{Payment: id})
			if err != nil {
				return answerMsg{r, nil, err}
			}
			if p, ok := result.(ledger.Payment); ok {
				list = append(list, p)
			}
		}
		return answerMsg{r, list, nil}
	})
}

// next waits for one snapshot; it is armed again when that has been shown.
func next(ctx context.Context, from <-chan *till.Snapshot) tea.Cmd {
	return func() tea.Msg {
		select {
		case s, open := <-from:
			return snapshotMsg{s, !open}
		case <-ctx.Done():
			return snapshotMsg{closed: true}
		}
	}
}

// nextScan waits for one scan of a device, in order, and is armed again like
// next. nil: there are no devices.
func nextScan(ctx context.Context, from <-chan scanner.Scan) tea.Cmd {
	if from == nil {
		return nil
	}
	return func() tea.Msg {
		select {
		case s := <-from:
			return deviceMsg{s}
		case <-ctx.Done():
			return nil
		}
	}
}

// after delivers a message later.
func after(wait time.Duration, m tea.Msg) tea.Cmd {
	return tea.Tick(wait, func(time.Time) tea.Msg { return m })
}

// A sound is a number of strokes of the bell: with eyes on the customer the
// cashier hears what became of the money.
const (
	soundScanned = 1
	soundPaid    = 2
	soundRefused = 3
	strokeGap    = 140 * time.Millisecond
)

// ring sounds the first stroke and orders the rest.
func (d *desk) ring(strokes int) tea.Cmd {
	if d.silent || strokes <= 0 {
		return nil
	}
	return func() tea.Msg { return bellMsg{strokes} }
}
