package headless

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/creachadair/jrpc2"

	"abacus/internal/doctor"
	"abacus/internal/money"
	"abacus/internal/till"
)

type snapshotOf struct {
	Number    uint64       `json:"snapshot"` // rises with every change
	Identity  identityOf   `json:"identity"`
	Ready     bool         `json:"ready"`
	Trouble   *problem     `json:"trouble,omitempty"`
	Operator  *operatorOf  `json:"operator,omitempty"`
	SignIn    []operatorOf `json:"sign_in,omitempty"`
	Shift     *shiftOf     `json:"shift,omitempty"`
	Today     dayOf        `json:"today"`
	Sale      *saleOf      `json:"sale,omitempty"`
	Attempt   *paymentOf   `json:"attempt,omitempty"`
	Held      []saleOf     `json:"held"`
	Doubt     []paymentOf  `json:"doubt"`
	Refunds   []refundOf   `json:"refunds"`
	Holds     []heldOf     `json:"holds,omitempty"` // pre-authorisations not over, oldest first, at most a hundred
	HoldCount int          `json:"hold_count,omitempty"`
	Methods   []methodOf   `json:"methods"`
	Links     []linkOf     `json:"links"`
	Devices   []deviceOf   `json:"devices"`
	Scan      *loneScanOf  `json:"scan,omitempty"`  // the last one by a device
	Space     *spaceOf     `json:"space,omitempty"` // on the journal's disk; absent: not measured yet
	Unsent    int          `json:"unsent"`
	Printing  string       `json:"printing"`
	Notices   []noticeOf   `json:"notices"`

	DoubtCount  int `json:"doubt_count"` // of all payments in doubt; doubt lists the newest hundred, those of the sale in front first
	RefundCount int `json:"refund_count"`
}

type dayOf struct {
	Date     string         `json:"date"`
	Sales    int            `json:"sales"`
	Gross    minor          `json:"gross"`
	Refunds  minor          `json:"refunds"`
	Currency money.Currency `json:"currency"`
	Channels []totalOf      `json:"channels"`
}

type methodOf struct {
	Channel     string `json:"channel"`
	Charge      bool   `json:"charge"`
	Present     bool   `json:"present"`
	Instalments []int  `json:"instalments,omitempty"` // Huabei plans on offer
	Terminal    bool   `json:"terminal,omitempty"`    // by a bank terminal beside the till
	Holds       bool   `json:"holds,omitempty"`       // which holds money on a card, too
}

type linkOf struct {
	Name  string         `json:"name"`
	State till.LinkState `json:"state"`
	Since time.Time      `json:"since,omitzero"`
	Cause string         `json:"cause,omitempty"` // what is wrong, as a word
	Say   string         `json:"say,omitempty"`   // and what to do about it
}

// spaceOf is the room on the journal's disk, in bytes.
type spaceOf struct {
	Free  doctor.Bytes `json:"free"`
	State doctor.Level `json:"state"`
	Warn  doctor.Bytes `json:"warn"` // below this it is low
	Stop  doctor.Bytes `json:"stop"` // below this it is full
}

type noticeOf struct {
	At      time.Time `json:"at"`
	Code    string    `json:"code"`
	Say     string    `json:"say"`
	Args    []any     `json:"args,omitempty"`
	Payment string    `json:"payment,omitempty"`
}

// now is the current snapshot.
func (s *session) now(ctx context.Context) (*till.Snapshot, error) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	for now := range s.core.Watch(ctx) {
		return now, nil
	}
	return nil, s.interrupted(ctx)
}

// interrupted is why there was no snapshot: the request ended, or the till.
func (s *session) interrupted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return &till.Fault{Code: till.FaultClosing}
}

// snapshot answers with the current snapshot; with watch, once a connection,
// the later ones follow as notifications.
func (s *session) snapshot(ctx context.Context, r *jrpc2.Request, watch bool) (any, error) {
	now, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	if watch {
		s.watching.Do(func() {
			answered := s.wire.after(r.ID())
			s.pumps.Go(func() { s.pump(answered, now.Version) })
		})
	}
	return s.snapshotView(now), nil
}

// pump pushes every snapshot after the one seen. The wire keeps only the newest
// and never blocks, so neither this nor the core waits for a slow client.
func (s *session) pump(answered <-chan struct{}, seen uint64) {
	select {
	case <-answered:
	case <-s.life.Done():
		return
	}
	for now := range s.core.Watch(s.life) {
		if now.Version == seen {
			continue
		}
		text, err := json.Marshal(pushed{jrpc2.Version, "till.snapshot", s.snapshotView(now)})
		if err != nil { // an amount out of range: this one cannot be shown
			continue
		}
		s.wire.Push(text)
	}
}

type pushed struct {
	Version string      `json:"jsonrpc"`
	Method  string      `json:"method"`
	Params  *snapshotOf `json:"params"`
}

func (s *session) snapshotView(n *till.Snapshot) *snapshotOf {
	v := &snapshotOf{
		Number: n.Version, Identity: identityView(n.Identity), Ready: n.Ready,
		Today: dayOf{
			n.Today.Date, n.Today.Sales, minor{n.Today.Gross}, minor{n.Today.Refunds},
			n.Identity.Currency, each(n.Today.ByChannel, totalView),
		},
		Held:    each(n.Held, saleView),
		Doubt:   each(n.Doubt, func(a till.Attempt) paymentOf { return s.attemptView(n, a.Payment, a) }),
		Refunds: each(n.Refunds, func(r till.Refund) refundOf { return s.refundView(r, slices.Contains(n.Decide, r.ID)) }),

		DoubtCount: n.DoubtCount, RefundCount: n.RefundCount,

		Holds: each(n.Holds, s.heldView), HoldCount: n.HoldCount,
		Methods: each(n.Methods, func(m till.Method) methodOf {
			return methodOf{string(m.Channel), m.Charge, m.Present, m.Plans, m.Desk, m.Hold}
		}),
		Devices: each(n.Devices, s.deviceView), Scan: s.loneScanView(n.LoneScan),
		Links:  each(n.Links, s.linkView),
		Unsent: n.Unsent, Printing: n.Printing,
		Notices: each(n.Notices, func(t till.Notice) noticeOf {
			return noticeOf{t.At, t.Code, s.texts.Notice(t.Code, t.Args), plain(t.Args), t.Payment}
		}),
	}
	s.signedIn(v, n)
	if r := n.Space; r != nil {
		v.Space = &spaceOf{r.Free, r.Level, r.Limits.Warn, r.Limits.Stop}
	}
	if n.Trouble != nil {
		say, hint := s.texts.Fault(n.Trouble.Code, n.Trouble.Args)
		v.Trouble = &problem{Code: n.Trouble.Code, Say: say, Hint: hint, Args: plain(n.Trouble.Args)}
	}
	if n.Sale != nil {
		v.Sale = pointer(saleView(*n.Sale))
	}
	if n.Attempt != nil {
		v.Attempt = pointer(s.attemptView(n, n.Attempt.Payment, *n.Attempt))
	}
	return v
}

func (s *session) linkView(l till.Link) linkOf {
	v := linkOf{Name: l.Name, State: l.State, Since: l.Since, Cause: l.Cause}
	if l.Cause != "" {
		v.Say = s.texts.Notice(l.Name+"-"+l.Cause, nil)
	}
	return v
}

func (s *session) signedIn(v *snapshotOf, n *till.Snapshot) {
	if o := n.Operator; o != nil {
		v.Operator = &operatorOf{Operator: o.ID, Name: o.Name, Role: o.Role}
	}
	for _, who := range n.SignIn {
		o := operatorOf{Operator: who.Operator.ID, Name: who.Operator.Name, Role: who.Operator.Role}
		if n.Identity.Sandbox { // a PIN of a real shop leaves by no door, whatever the snapshot holds
			o.PIN = who.PIN
		}
		v.SignIn = append(v.SignIn, o)
	}
	if n.Shift != nil {
		v.Shift = pointer(shiftView(*n.Shift))
	}
}

func pointer[T any](v T) *T { return &v }
