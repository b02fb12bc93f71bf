package tui

import (
	"fmt"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/fall"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/scanner"
	"abacus/tui/theme"
)

// Root is the only tea.Model. A message goes, in this order, to the size, the
// snapshot, the decoder (which alone can tell a scan from keys), then, as a key
// or a scan, to the screen on top if that is armed, and last to the keys that
// work everywhere.
type Root struct {
	*desk
	input     input
	bell      io.Writer
	snapshots <-chan *till.Snapshot
	scans     <-chan scanner.Scan

	frame  string     // the last one drawn
	stale  bool       // it no longer holds
	fallen *fall.Fall // the screen is to be left
	again  bool       // one before it has fallen

	round   int           // of the clock: an older clockMsg is none
	pace    time.Duration // the clock's, zero before it runs
	grounds grounds
}

// New makes the model. Snapshots are watched from Init on, until ctx of Run
// ends; the zero Options lack only the core.
func New(o Options) (*Root, error) {
	o = o.withDefaults()
	words, err := lang.For(o.Language)
	if err != nil {
		return nil, err
	}
	ascii, err := o.ascii()
	if err != nil {
		return nil, err
	}
	look, err := theme.New(o.Theme, theme.DepthOf(o.Environ), ascii)
	if err != nil {
		return nil, err
	}
	if err := o.Scanner.Validate(); err != nil {
		return nil, err
	}
	if o.Core == nil {
		return nil, fmt.Errorf("the screen needs a core")
	}
	d := &desk{
		ctx: o.ctx, core: o.Core, now: o.Now, words: words, look: look, silent: o.Silent, rules: o.Scanner,
		snap: &till.Snapshot{}, size: area{o.width, o.height},
	}
	r := &Root{desk: d, bell: o.Out, stale: true, scans: o.Scans}
	r.input.wedge = scanner.NewWedge(o.Scanner)
	r.grounds = newGrounds(d)
	d.sell, d.base = r.grounds.sell, r.grounds.start
	if r.again = o.again; o.again {
		d.say = message{bad, words.Screen.Fell, words.Screen.FellHint}
	}
	return r, nil
}

// Init implements tea.Model.
func (r *Root) Init() (cmd tea.Cmd) {
	defer func() {
		if r.caught(recover()) {
			cmd = tea.Quit
		}
	}()
	if r.again { // what is left of a scan is no amount
		r.openedAt, r.armed = r.now(), false
	}
	r.refresh()
	r.snapshots = r.core.Watch(r.ctx)
	return guarded(tea.Batch(next(r.ctx, r.snapshots), nextScan(r.ctx, r.scans), r.keepTime()))
}

// Update implements tea.Model. It does no I/O and never waits. It also draws:
// where View panics, Bubble Tea cannot be asked to leave.
func (r *Root) Update(m tea.Msg) (model tea.Model, cmd tea.Cmd) {
	model = r
	defer func() {
		if r.caught(recover()) {
			cmd = tea.Quit
		}
	}()
	if fell, ok := m.(fellMsg); ok {
		r.fallen = fell.fall
	}
	if r.fallen != nil {
		return r, tea.Quit
	}
	cmd = r.take(m)
	cmd = tea.Batch(cmd, r.keepTime())
	r.refresh()
	return r, guarded(cmd)
}

func (r *Root) take(m tea.Msg) tea.Cmd {
	switch m := m.(type) {
	case tea.WindowSizeMsg:
		r.stale, r.size = true, area{m.Width, m.Height}
	case snapshotMsg:
		return r.receive(m)
	case tea.KeyMsg:
		if check, open := r.top().(*checkScreen); open && r.busy == nil {
			return check.hear(r.now(), strokes(m))
		}
		return r.deliver(r.input.feed(r.now(), m))
	case deviceMsg:
		r.stale = true
		return tea.Batch(r.dispatch(scanMsg{text: m.scan.Text, torn: m.scan.Torn, alone: true}), nextScan(r.ctx, r.scans))
	case heardMsg:
		if check, open := r.top().(*checkScreen); open && r.busy == nil {
			r.stale = true
			cmd := check.over(m)
			r.settle()
			return cmd
		}
	case wedgeMsg:
		r.input.ticking = false
		return r.deliver(r.input.tick(r.now()))
	case answerMsg:
		r.stale = true
		return r.answer(m)
	case slowMsg:
		r.stale = true
		m.request.slow = true
	case clockMsg:
		if m.round == r.round {
			r.stale, r.pace = true, 0
		}
	case bellMsg:
		return r.stroke(m.left)
	case releaseMsg:
		return r.release(m.request)
	}
	return nil
}

// receive takes a snapshot and arms the wait for the next.
func (r *Root) receive(m snapshotMsg) tea.Cmd {
	if m.closed {
		return nil
	}
	before := r.snap
	r.stale, r.snap = true, m.snap
	cmds := []tea.Cmd{next(r.ctx, r.snapshots), r.hear(before), r.followUp(), r.followHold(), r.followPayment()}
	if r.busy != nil && r.busy.await != "" && shows(m.snap, r.busy.await) {
		cmds = append(cmds, r.release(r.busy))
	}
	r.settle()
	return tea.Batch(cmds...)
}

// deliver passes keys and scans on, or keeps them while the core is working.
func (r *Root) deliver(events []tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	held := r.input.wedge.Held()
	r.stale = r.stale || held != r.held || len(events) > 0
	r.held = held
	for _, e := range events {
		cmds = append(cmds, r.dispatch(e))
	}
	if due, waiting := r.input.wedge.Due(); waiting && !r.input.ticking {
		r.input.ticking = true
		cmds = append(cmds, after(max(due.Sub(r.now()), time.Millisecond), wedgeMsg{}))
	}
	return tea.Batch(cmds...)
}

func (r *Root) dispatch(e tea.Msg) tea.Cmd {
	k, isKey := e.(keyMsg)
	if isKey && k.name == scanner.ETX { // Ctrl+C is heard always, and never ends anything by itself
		return r.openQuit()
	}
	if r.size.tooSmall() { // whatever it did would be done unseen
		return r.ring(soundRefused)
	}
	if r.busy != nil {
		return r.postpone(e)
	}
	if scan, ok := e.(scanMsg); ok && scanner.IsStripe(scan.text) {
		r.say = message{}
		return r.swiped(scan.text)
	}
	if isKey && !r.arm(r.now(), k) && !r.typesOn(k) {
		return nil
	}
	r.say = message{}
	r.notice()
	if scan, ok := e.(scanMsg); ok && scan.torn {
		return r.torn(scan)
	}
	cmd := r.top().update(e, r.snap)
	r.settle()
	return cmd
}

// torn takes a code without its head. Among a wedge's keys that head may have
// landed in a field, so what was being typed goes too.
func (r *Root) torn(scan scanMsg) tea.Cmd {
	if scan.alone {
		d := r.scanned(till.Scanned{Kind: till.ScanUnreadable, Problem: till.ProblemTorn})
		r.say = message{bad, d.say, d.hint}
		return r.ring(soundRefused)
	}
	if typing, ok := r.top().(interface{ forget() }); ok {
		typing.forget()
	}
	return r.refuse(r.words.Screen.ScanTorn)
}

// typesOn reports whether a key goes through a screen that is not armed: the
// digits of the next sale, typed while this one's end appeared, are no answer
// to anything.
func (r *Root) typesOn(k keyMsg) bool {
	end, ok := r.top().(*resultScreen)
	return ok && end.nextSale(r.snap) && k.r >= '0' && k.r <= '9'
}

// postpone keeps what was typed or scanned ahead. After a while Esc gives up
// waiting: the command goes on by itself and the snapshot will tell.
func (r *Root) postpone(e tea.Msg) tea.Cmd {
	const most = 64 // a scanner left lying on its trigger
	if k, ok := e.(keyMsg); ok && k.name == scanner.Escape && r.now().Sub(r.busy.since) >= leaveAfter {
		return r.release(r.busy)
	}
	if len(r.late) < most {
		r.late = append(r.late, e)
	}
	return nil
}

// answer takes the core's answer. One that nobody waits for any more is only
// shown if it is a fault.
func (r *Root) answer(m answerMsg) tea.Cmd {
	var cmd tea.Cmd
	current := m.request.aside || r.busy == m.request
	wants, again := wantsPIN(m.err)
	switch {
	case wants && current && m.request.prove != nil:
		if again {
			cmd = r.fault(m.err)
		}
		cmd = tea.Batch(cmd, r.askCardPIN(m.request.prove))
	case m.err != nil:
		cmd = r.fault(m.err)
	case current && m.request.then != nil:
		cmd = m.request.then(m.result)
	}
	defer r.settle()
	if r.busy != m.request {
		return cmd
	}
	if id := m.request.await; id != "" && m.err == nil && !shows(r.snap, id) {
		return tea.Batch(cmd, after(awaitMost, releaseMsg{m.request}))
	}
	return tea.Batch(cmd, r.release(m.request))
}

// release lets the keys through again, first those that came meanwhile. A key
// typed ahead never answers a dialog: dialogs that opened meanwhile swallow it.
func (r *Root) release(request *request) tea.Cmd {
	if r.busy != request {
		return nil
	}
	r.busy, r.stale = nil, true
	r.settle()
	late := r.late
	r.late = nil
	var cmds []tea.Cmd
	for i, e := range late {
		if r.busy != nil { // one of them asked the core: the rest waits again
			r.late = append(r.late, late[i:]...)
			break
		}
		cmds = append(cmds, r.typed(e, request.since))
	}
	return tea.Batch(cmds...)
}

// typed delivers one thing typed ahead, if where it would land is safe.
func (r *Root) typed(e tea.Msg, since time.Time) tea.Cmd {
	if _, isKey := e.(keyMsg); isKey && asks(r.top()) {
		return nil
	}
	r.ahead = since
	defer func() { r.ahead = time.Time{} }()
	return r.dispatch(e)
}

// shows reports whether the snapshot knows a payment.
func shows(s *till.Snapshot, payment string) bool {
	if s.Attempt != nil && s.Attempt.Payment.ID == payment {
		return true
	}
	for i := range s.Doubt {
		if s.Doubt[i].Payment.ID == payment {
			return true
		}
	}
	return false
}

// View implements tea.Model: the frame as Update has left it.
func (r *Root) View() (frame string) {
	defer func() {
		if r.caught(recover()) {
			frame = r.frame
		}
	}()
	if r.fallen == nil {
		r.refresh()
	}
	return r.frame
}

// refresh draws what no longer holds.
func (r *Root) refresh() {
	if r.stale {
		r.frame, r.stale = r.draw(), false
	}
}
