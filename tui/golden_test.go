package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"abacus/internal/doctor"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGoldenScreens compares every screen, as text without colours, in both
// languages with testdata/screens.
func TestGoldenScreens(t *testing.T) {
	type shot struct {
		name, screen string
		state        func() *till.Snapshot
		size         area
		borders      string
	}
	small := area{80, 24}
	shots := []shot{
		{"starting", "ground", starting, small, ""}, {"trouble", "ground", broken, small, ""},
		{"sign-in", "ground", signedOut, small, ""}, {"sign-in-own-pin", "ground", ownPINs, small, ""}, {"idle", "ground", idle, small, ""},
		{"selling", "ground", selling, small, ""}, {"selling", "ground", selling, area{100, 30}, ""},
		{"selling", "ground", selling, area{132, 43}, ""}, {"selling-ascii", "ground", selling, small, "ascii"},
		{"order-code", "ground", presenting, small, ""}, {"order-code", "ground", presenting, area{100, 30}, ""},
		{"order-code-ascii", "ground", presenting, area{132, 43}, "ascii"}, {"order-code-no-room", "ground", presenting, small, "ascii"},
		{"checking", "ground", checking, small, ""}, {"paid", "ground", paid, small, ""}, {"paid-cash", "ground", paidCash, small, ""},
		{"paid-part", "ground", partPaid, small, ""}, {"declined", "ground", declined, small, ""},
		{"too-small", "ground", selling, area{60, 10}, ""}, {"doubt", "doubt", checking, small, ""},
	}
	for _, name := range []string{"menu", "shift", "till", "pay", "part", "cash", "discount", "percent", "member", "held", "help", "quit",
		"customer", "refund", "reason", "payment", "float", "count", "sales", "payments", "receipt", "X", "Z", "confirm", "search",
		"fault", "working", "slow", "doctor", "card-pin", "find", "find-unasked", "find-elsewhere",
		"asked-paid", "asked-unsure", "asked-silent", "asked-nobody", "asked-differs", "asked-refunded", "asked-late"} {
		shots = append(shots, shot{name, name, selling, small, ""})
	}
	for name, state := range map[string]func() *till.Snapshot{
		"card-waiting": cardWaiting, "card-asked": cardAsked, "card-ambiguous": cardDoubt, "card-declined": cardDeclined,
		"card-no-funds": cardNoFunds, "card-chip-awaited": chipAwaited,
	} {
		shots = append(shots, shot{name, "ground", state, small, ""})
	}
	standing := aHold(ledger.HoldHeld, "", 2)
	puzzled := aHold(ledger.HoldChecking, payment.Ambiguous, 0)
	puzzled.Decide = true
	shots = append(shots, shot{"cards", "cards", cardSelling, small, ""}, shot{"cards-host", "cards", chipSelling, small, ""},
		shot{"balance", "balance", cardSelling, small, ""}, shot{"balance-host", "balance", chipSelling, small, ""},
		shot{"holds", "holds", holding(standing), small, ""}, shot{"hold", "hold", holding(standing), small, ""},
		shot{"hold-waiting", "hold", holding(aHold(ledger.HoldWaiting, payment.PresentCard, 0)), small, ""},
		shot{"hold-ambiguous", "hold", holding(puzzled), small, ""}, shot{"hold-old", "hold", holding(aHold(ledger.HoldHeld, "", 31)), small, ""},
		shot{"refund-untold", "doubt", refundUntold, small, ""}, shot{"decide", "decide", refundUntold, small, ""})
	for _, fault := range refundDoubts {
		shots = append(shots, shot{"refund-in-" + fault.name, "doubt", fault.snapshot, small, ""})
	}
	for i, name := range []string{"checking", "pending", "abnormal", "owed"} {
		shots = append(shots, shot{"refund-" + name, "doubt", refunding(i), small, ""})
	}
	shots = append(shots, shot{"refund-owed-end", "owed", refunding(3), small, ""}, shot{"doubt-undoing", "doubt", undoing, small, ""},
		shot{"doubt-more", "doubt", crowded, small, ""})
	for _, fault := range doubts {
		shots = append(shots, shot{"in-" + fault.name, "ground", fault.snapshot, small, ""})
	}
	for name, short := range map[string]till.Space{"space-low": {Free: 300 << 20, Level: doctor.Low}, "space-full": {Free: 60 << 20, Level: doctor.Full}} {
		shots = append(shots, shot{name, "ground", shortOf(idle, short), small, ""}, shot{name + "-selling", "ground", shortOf(selling, short), small, ""},
			shot{name + "-told", "ground", told(shortOf(idle, short)), small, ""}, shot{name, "ground", shortOf(idle, short), area{132, 43}, ""})
	}
	shots = append(shots, shot{"no-space", "no-space", shortOf(selling, till.Space{Free: 60 << 20, Level: doctor.Full}), small, ""})
	shots = append(shots, shot{"check", "check", devices, small, ""}, shot{"check-flaws", "flaws", devices, small, ""},
		shot{"check-good", "good", selling, small, ""}, shot{"check-ascii", "check", devices, area{100, 30}, "ascii"})
	for _, s := range shots {
		for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
			r := still(t, Options{Language: tag, Borders: s.borders}, s.state(), s.size)
			screens(r.desk)[s.screen]()
			r.stale = true
			golden(t, fmt.Sprintf("%s-%dx%d.%s.txt", s.name, s.size.w, s.size.h, tag), ansi.Strip(r.View())+"\n")
		}
	}
}

// doubt is what one of the sandbox's faults, or a chain of them, makes of a
// payment, as the cashier sees it.
type doubt struct {
	name   string
	state  ledger.PaymentState
	phase  payment.Phase
	reason payment.Reason
}

func (d doubt) snapshot() *till.Snapshot {
	s := checking()
	s.Attempt.Payment.State, s.Attempt.Phase, s.Attempt.Payment.Reason = d.state, d.phase, string(d.reason)
	s.Attempt.Payment.Present = d.present()
	if d.reason == payment.RecordLost { // the record is the card host's
		s.Attempt.Payment.Channel, s.Attempt.Payment.CodeMask = "card", ""
	}
	if d.phase != payment.Asking {
		s.Attempt.ReverseAt = time.Time{}
	}
	s.Doubt = []till.Attempt{*s.Attempt}
	if d.state.Final() {
		s.Doubt, s.Attempt.NextAsk = nil, time.Time{}
	}
	return s
}

// present: only the payment of an order code is given up because the till stopped.
func (d doubt) present() bool { return d.reason == payment.Interrupted }

var doubts = []doubt{
	{"drop-request", ledger.PaymentChecking, payment.Asking, payment.NoAnswer}, // drop-answer, delay and reset leave the same
	{"no-connection", ledger.PaymentChecking, payment.Asking, payment.NotSent},
	{"http-503", ledger.PaymentChecking, payment.Asking, payment.SystemBusy},
	{"garbage", ledger.PaymentChecking, payment.Asking, payment.BadAnswer}, // so does an unsigned 4xx
	{"bad-signature", ledger.PaymentChecking, payment.Asking, payment.BadSignature},
	{"wrong-amount", ledger.PaymentChecking, payment.Asking, payment.WrongAmount},
	{"wrong-order", ledger.PaymentChecking, payment.Asking, payment.WrongOrder},
	{"duplicate", ledger.PaymentChecking, payment.Asking, payment.NumberUsed},
	{"configuration", ledger.PaymentChecking, payment.Asking, payment.Configuration},
	{"clock", ledger.PaymentChecking, payment.Asking, payment.ClockSkew},
	{"unknown-order", ledger.PaymentChecking, payment.Asking, payment.NotFound},
	{"undoing", ledger.PaymentChecking, payment.Undoing, payment.NoAnswer},
	{"late-success", ledger.PaymentChecking, payment.Undoing, payment.LateSuccess},
	{"merchant-funds", ledger.PaymentChecking, payment.Undoing, payment.MerchantFunds},
	{"record-lost", ledger.PaymentChecking, payment.Undoing, payment.RecordLost},
	{"interrupted", ledger.PaymentChecking, payment.Undoing, payment.Interrupted},
	{"late-success-returned", ledger.PaymentReversed, payment.Ended, payment.LateSuccess},
	{"paid-then-back", ledger.PaymentReversed, payment.Ended, payment.PaidThenBack},
	{"undone", ledger.PaymentReversed, payment.Ended, payment.TimedOut},
}

// Every doubt has words of its own: the cashier can tell them apart and always
// hears what not to do.
func TestEveryDoubtHasItsSentence(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		said := map[string]string{}
		for _, d := range doubts {
			say, hint := lang.Must(tag).Payment(lang.PaymentOf{State: string(d.state), Phase: string(d.phase), Reason: string(d.reason), Present: d.present()})
			if say == "" || hint == "" {
				t.Errorf("%s, %s: %q, %q", tag, d.name, say, hint)
			}
			if other := said[say]; other != "" {
				t.Errorf("%s: %s and %s both say %q", tag, other, d.name, say)
			}
			said[say] = d.name
		}
	}
}

// Where a payment is being undone the screen in front says that this goes on by
// itself, and until when.
func TestAnUndoingSaysThatItGoesOn(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		r := still(t, Options{Language: tag}, undoing(), area{80, 24})
		want := r.words.Next("undo", r.clock(undoing().Doubt[0].NextAsk))
		s := undoing()
		s.Attempt = &s.Doubt[0]
		r.Update(snapshotMsg{snap: s})
		if !strings.Contains(squeeze(ansi.Strip(r.View())), squeeze(want)) {
			t.Errorf("%s: %q is not on\n%s", tag, want, ansi.Strip(r.View()))
		}
	}
}

// What is being undone cannot be given up once more: no key says so, on the wait
// screen or in the list of doubt.
func TestNothingIsGivenUpTwice(t *testing.T) {
	for phase, may := range map[payment.Phase]bool{payment.Undoing: false, payment.Asking: true} {
		s := undoing()
		s.Doubt[0].Phase = phase
		s.Attempt = &s.Doubt[0]
		at(t, s, func(c *counter) {
			for _, keys := range []string{"", "<ctrl+d>"} {
				c.keys(keys)
				if may {
					c.sees("Give up")
				} else {
					c.seesNot("Give up")
				}
			}
			c.keys("-")
			if got := len(c.core.took()); got > 0 != may {
				t.Errorf("%s: %d commands", phase, got)
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "screens", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; look at it, then run with -update:\n%s\nwas:\n%s", name, got, want)
	}
}

// Colours tell nothing that the text does not tell as well: on a terminal
// without any the same words stand on the screen.
func TestNothingIsToldByColourAlone(t *testing.T) {
	for _, state := range []func() *till.Snapshot{signedOut, selling, checking, paid, declined} {
		var plain, coloured string
		for _, terminal := range []string{"TERM=dumb", "TERM=xterm-256color"} {
			r := still(t, Options{Environ: []string{terminal}}, state(), area{80, 24})
			plain, coloured = coloured, r.View()
		}
		if strings.Contains(plain, "\x1b") {
			t.Fatalf("a dumb terminal gets escape sequences: %q", plain)
		}
		if ansi.Strip(coloured) != plain {
			t.Fatalf("without colour:\n%s\nwith:\n%s", plain, ansi.Strip(coloured))
		}
	}
}
