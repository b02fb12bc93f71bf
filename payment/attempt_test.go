package payment_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"abacus/payment"
)

var (
	noon   = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	timing = payment.Timing{
		CallTimeout: 10 * time.Second, FirstQuery: 5 * time.Second, QueryInterval: 5 * time.Second, Deadline: 30 * time.Second,
		NoReverseUntil: 15 * time.Second, OrderCodeLife: 2 * time.Minute, CodePoll: 3 * time.Second,
	}
)

func after(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// A card host cannot be asked: a charge in doubt is reversed at once, and so is
// one that a restart finds.
func TestNoQueryReversesAtOnce(t *testing.T) {
	cards := timing
	cards.NoQuery, cards.NoReverseUntil, cards.Deadline = true, 0, time.Minute
	doubt := beat{answer(10, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Undoing, payment.NoAnswer}
	tell(t, payment.NewAttempt(false, cards), []beat{begin(charge), doubt,
		{answer(10, query, payment.Unknown, payment.NoAnswer), reverse, 0, "checking", payment.Undoing, payment.NoAnswer},
		{answer(11, reverse, payment.Unknown, payment.NoAnswer), "", 12, "checking", payment.Undoing, payment.NoAnswer},
		{payment.Tick{At: after(12)}, query, 0, "checking", payment.Undoing, payment.NoAnswer},
		{answer(12, query, payment.Unknown, payment.NoAnswer), reverse, 0, "checking", payment.Undoing, payment.NoAnswer},
		{answer(13, reverse, payment.Reversed, none), "", 33, "reversed", payment.Watching, payment.NoAnswer}})
	tell(t, payment.NewAttempt(false, cards), []beat{begin(charge),
		{payment.Resumed{At: after(3)}, query, 0, "checking", payment.Asking, payment.NoAnswer},
		{answer(3, query, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Undoing, payment.NoAnswer},
		{answer(3, query, payment.Unknown, payment.NoAnswer), reverse, 0, "checking", payment.Undoing, payment.NoAnswer}})
	tell(t, payment.NewAttempt(false, cards), []beat{begin(charge),
		{answer(1, charge, payment.Declined, payment.NoFunds), "", 0, "declined", payment.Ended, payment.NoFunds}})
}

// beat is one step of a story: what happens, and what must follow.
type beat struct {
	event payment.Event
	call  payment.Op // the call that must leave
	wake  int        // or the second the till must come back at; 0: none
	state string
	phase payment.Phase
	why   payment.Reason
}

func answer(second int, op payment.Op, o payment.Outcome, r payment.Reason) payment.Answered {
	return payment.Answered{At: after(second), Op: op, Outcome: o, Reason: r}
}

func lives(e payment.Answered) payment.Answered {
	e.Lives = true
	return e
}

func tell(t *testing.T, a payment.Attempt, story []beat) payment.Attempt {
	t.Helper()
	for i, b := range story {
		var e payment.Effect
		a, e = payment.Step(a, b.event)
		if e.Call != b.call {
			t.Fatalf("beat %d (%+v): calls %q, want %q", i, b.event, e.Call, b.call)
		}
		if b.wake != 0 && !e.Wake.Equal(after(b.wake)) {
			t.Fatalf("beat %d (%+v): comes back at %v, want second %d", i, b.event, e.Wake.Sub(noon), b.wake)
		}
		if a.State() != b.state || a.Phase != b.phase || a.Reason != b.why {
			t.Fatalf("beat %d (%+v): %s, %s, %q; want %s, %s, %q", i, b.event, a.State(), a.Phase, a.Reason, b.state, b.phase, b.why)
		}
	}
	return a
}

const (
	none    = payment.NoReason
	charge  = payment.OpCharge
	present = payment.OpPresent
	query   = payment.OpQuery
	reverse = payment.OpReverse
	closing = payment.OpClose
	ready   = payment.OpReady
)

func begin(op payment.Op) beat {
	return beat{payment.Begin{At: noon}, op, 0, "checking", payment.Sending, none}
}

func TestStories(t *testing.T) {
	tick := func(second int) payment.Tick { return payment.Tick{At: after(second)} }
	stories := map[string]struct {
		present bool
		story   []beat
	}{
		"paid at once": {false, []beat{begin(charge),
			{answer(1, charge, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"declined by a signed answer: watched like a reversed one": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.NoFunds), "", 21, "declined", payment.Watching, payment.NoFunds},
			{tick(21), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(22, query, payment.Declined, payment.Refused), "", 141, "declined", payment.Watching, payment.NoFunds},
			{tick(141), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(142, query, payment.Unknown, payment.NotFound), "", 1041, "declined", payment.Watching, payment.NoFunds},
			{tick(1041), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(1042, query, payment.Unknown, payment.NoAnswer), "", 1941, "declined", payment.Watching, payment.NoFunds},
			{tick(1941), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(1942, query, payment.Reversed, payment.AlreadyClosed), "", 0, "declined", payment.Ended, payment.NoFunds}}},
		"declined, and the acquirer keeps an order that nobody is paying": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.NoFunds), "", 21, "declined", payment.Watching, payment.NoFunds},
			{tick(21), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(22, query, payment.Waiting, none), "", 141, "declined", payment.Watching, payment.NoFunds}}},
		"declined, and the customer has the order on the phone: it is reversed": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.NoFunds), "", 21, "declined", payment.Watching, payment.NoFunds},
			{tick(21), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(22, query, payment.Waiting, payment.Password), reverse, 0, "checking", payment.Undoing, payment.NoFunds},
			{answer(23, reverse, payment.Reversed, none), "", 43, "declined", payment.Watching, payment.NoFunds},
			{tick(43), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(44, query, payment.Waiting, none), reverse, 0, "checking", payment.Undoing, payment.NoFunds}}},
		"declined, and paid after all: it goes back": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.CodeExpired), "", 21, "declined", payment.Watching, payment.CodeExpired},
			{tick(21), query, 0, "declined", payment.Watching, payment.CodeExpired},
			{answer(22, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.LateSuccess},
			{answer(23, reverse, payment.Reversed, payment.PaidThenBack), "", 43, "reversed", payment.Watching, payment.PaidThenBack}}},
		"declined for our settings: no order comes of it": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.Configuration), "", 0, "declined", payment.Ended, payment.Configuration}}},
		"an order code refused: nobody has seen it": {true, []beat{begin(present),
			{answer(1, present, payment.Declined, payment.Risk), "", 0, "declined", payment.Ended, payment.Risk}}},
		"the customer enters the password": {false, []beat{begin(charge),
			{answer(1, charge, payment.Waiting, payment.Password), "", 5, "waiting", payment.Shown, payment.Password},
			{tick(5), query, 0, "waiting", payment.Shown, payment.Password},
			{answer(6, query, payment.Waiting, payment.Password), "", 11, "waiting", payment.Shown, payment.Password},
			{tick(11), query, 0, "waiting", payment.Shown, payment.Password},
			{answer(11, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"no answer, then it turns out paid": {false, []beat{begin(charge),
			{answer(10, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(11, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"never answered: last query, reversed at once, repeated until acknowledged": {false, []beat{begin(charge),
			{answer(10, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(28, query, payment.Unknown, payment.NotSent), "", 30, "checking", payment.Asking, payment.NotSent},
			{tick(30), query, 0, "checking", payment.Undoing, payment.NotSent},
			{answer(31, query, payment.Unknown, payment.NotSent), reverse, 0, "checking", payment.Undoing, payment.NotSent},
			{answer(32, reverse, payment.Unknown, payment.NoAnswer), "", 33, "checking", payment.Undoing, payment.NotSent},
			{tick(33), query, 0, "checking", payment.Undoing, payment.NotSent},
			{answer(33, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.NotSent},
			{answer(34, reverse, payment.Reversed, payment.PaidThenBack), "", 54, "reversed", payment.Watching, payment.PaidThenBack}}},
		"given up early: reversed not before 15 s": {false, []beat{begin(charge),
			{answer(1, charge, payment.Waiting, payment.Password), "", 5, "waiting", payment.Shown, payment.Password},
			{payment.GiveUp{At: after(3)}, query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(4, query, payment.Waiting, payment.Password), "", 9, "checking", payment.Undoing, payment.Cancelled},
			{tick(9), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(9, query, payment.Waiting, payment.Password), "", 14, "checking", payment.Undoing, payment.Cancelled},
			{tick(14), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(14, query, payment.Waiting, payment.Password), "", 15, "checking", payment.Undoing, payment.Cancelled},
			{tick(15), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(15, query, payment.Waiting, payment.Password), reverse, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(16, reverse, payment.Reversed, none), "", 36, "reversed", payment.Watching, payment.Cancelled}}},
		"reversed: watched after 20 s, 2 and 15 minutes": {false, []beat{begin(charge),
			{answer(10, charge, payment.Reversed, payment.AlreadyClosed), "", 30, "reversed", payment.Watching, payment.AlreadyClosed},
			{tick(30), query, 0, "reversed", payment.Watching, payment.AlreadyClosed},
			{answer(31, query, payment.Unknown, payment.NotFound), "", 150, "reversed", payment.Watching, payment.AlreadyClosed},
			{tick(150), query, 0, "reversed", payment.Watching, payment.AlreadyClosed},
			{answer(151, query, payment.Reversed, none), "", 1050, "reversed", payment.Watching, payment.AlreadyClosed},
			{tick(1050), query, 0, "reversed", payment.Watching, payment.AlreadyClosed},
			{answer(1051, query, payment.Unknown, payment.NotFound), "", 0, "reversed", payment.Ended, payment.AlreadyClosed}}},
		"reversed, and the acquirer has another amount: reversed once more, then it has told, and the watch ends": {false, []beat{begin(charge),
			{answer(10, charge, payment.Reversed, payment.AlreadyClosed), "", 30, "reversed", payment.Watching, payment.AlreadyClosed},
			{tick(30), query, 0, "reversed", payment.Watching, payment.AlreadyClosed},
			{answer(31, query, payment.Unknown, payment.WrongAmount), reverse, 0, "checking", payment.Undoing, payment.WrongAmount},
			{answer(32, reverse, payment.Reversed, payment.PaidThenBack), "", 52, "reversed", payment.Watching, payment.PaidThenBack},
			{tick(52), query, 0, "reversed", payment.Watching, payment.PaidThenBack},
			{answer(53, query, payment.Unknown, payment.WrongAmount), "", 172, "reversed", payment.Watching, payment.PaidThenBack},
			{tick(172), query, 0, "reversed", payment.Watching, payment.PaidThenBack},
			{answer(173, query, payment.Unknown, payment.WrongAmount), "", 1072, "reversed", payment.Watching, payment.PaidThenBack},
			{tick(1072), query, 0, "reversed", payment.Watching, payment.PaidThenBack},
			{answer(1073, query, payment.Unknown, payment.WrongAmount), "", 0, "reversed", payment.Ended, payment.PaidThenBack}}},
		"refused, and the acquirer has another amount: reversed": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.NoFunds), "", 21, "declined", payment.Watching, payment.NoFunds},
			{tick(21), query, 0, "declined", payment.Watching, payment.NoFunds},
			{answer(22, query, payment.Unknown, payment.WrongAmount), reverse, 0, "checking", payment.Undoing, payment.WrongAmount},
			{answer(23, reverse, payment.Reversed, none), "", 43, "reversed", payment.Watching, payment.WrongAmount}}},
		"reversed, and what comes is about another order: the same question again": {false, []beat{begin(charge),
			{answer(10, charge, payment.Reversed, payment.AlreadyClosed), "", 30, "reversed", payment.Watching, payment.AlreadyClosed},
			{payment.AskNow{At: after(20)}, query, 0, "reversed", payment.Watching, payment.AlreadyClosed},
			{answer(31, query, payment.Unknown, payment.WrongOrder), "", 140, "reversed", payment.Watching, payment.AlreadyClosed}}},
		"given up, but the customer was faster": {false, []beat{begin(charge),
			{answer(1, charge, payment.Waiting, payment.Password), "", 5, "waiting", payment.Shown, payment.Password},
			{payment.GiveUp{At: after(3)}, query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(4, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"refused by the query: the order is reversed all the same": {false, []beat{begin(charge),
			{answer(10, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(16, query, payment.Declined, payment.Refused), query, 0, "checking", payment.Undoing, payment.Refused},
			{answer(17, query, payment.Declined, payment.Refused), reverse, 0, "checking", payment.Undoing, payment.Refused},
			{answer(18, reverse, payment.Reversed, none), "", 38, "declined", payment.Watching, payment.Refused}}},
		"refused with an order that lives: asked about once more and reversed": {false, []beat{begin(charge),
			{lives(answer(1, charge, payment.Declined, payment.Risk)), query, 0, "checking", payment.Undoing, payment.Risk},
			{answer(2, query, payment.Declined, payment.Refused), "", 7, "checking", payment.Undoing, payment.Risk},
			{tick(15), query, 0, "checking", payment.Undoing, payment.Risk},
			{answer(16, query, payment.Declined, payment.Refused), reverse, 0, "checking", payment.Undoing, payment.Risk},
			{answer(17, reverse, payment.Reversed, none), "", 37, "declined", payment.Watching, payment.Risk}}},
		"refused with an order that lives, and it is paid": {false, []beat{begin(charge),
			{lives(answer(1, charge, payment.Declined, payment.Risk)), query, 0, "checking", payment.Undoing, payment.Risk},
			{answer(2, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"the merchant has too little to give it back: it is said until there is more": {false, []beat{begin(charge),
			{payment.GiveUp{At: after(20)}, "", 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(21, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(22, query, payment.Unknown, payment.NotFound), reverse, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(23, reverse, payment.Unknown, payment.MerchantFunds), "", 24, "checking", payment.Undoing, payment.MerchantFunds},
			{tick(24), query, 0, "checking", payment.Undoing, payment.MerchantFunds},
			{answer(24, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.MerchantFunds},
			{answer(25, reverse, payment.Unknown, payment.NoAnswer), "", 27, "checking", payment.Undoing, payment.Cancelled},
			{tick(27), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(27, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(28, reverse, payment.Unknown, payment.MerchantFunds), "", 32, "checking", payment.Undoing, payment.MerchantFunds},
			{tick(32), query, 0, "checking", payment.Undoing, payment.MerchantFunds},
			{answer(32, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.MerchantFunds},
			{answer(33, reverse, payment.Reversed, payment.PaidThenBack), "", 53, "reversed", payment.Watching, payment.PaidThenBack}}},
		"the reversal is refused and the money is there": {false, []beat{begin(charge),
			{payment.GiveUp{At: after(20)}, "", 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(21, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(22, query, payment.Unknown, payment.NotFound), reverse, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(23, reverse, payment.Declined, payment.Refused), "", 24, "checking", payment.Undoing, payment.Cancelled},
			{tick(24), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(24, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"late success after the reversal goes back": {false, []beat{begin(charge),
			{answer(10, charge, payment.Reversed, payment.AlreadyClosed), "", 30, "reversed", payment.Watching, payment.AlreadyClosed},
			{tick(30), query, 0, "reversed", payment.Watching, payment.AlreadyClosed},
			{answer(31, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.LateSuccess},
			{answer(32, reverse, payment.Reversed, payment.PaidThenBack), "", 52, "reversed", payment.Watching, payment.PaidThenBack}}},
		"reversed before the charge arrived: the order that lives is reversed again": {false, []beat{begin(charge),
			{answer(10, charge, payment.Reversed, payment.AlreadyClosed), "", 30, "reversed", payment.Watching, payment.AlreadyClosed},
			{tick(30), query, 0, "reversed", payment.Watching, payment.AlreadyClosed},
			{answer(31, query, payment.Waiting, payment.Password), reverse, 0, "checking", payment.Undoing, payment.AlreadyClosed},
			{answer(32, reverse, payment.Reversed, none), "", 52, "reversed", payment.Watching, payment.AlreadyClosed}}},
		"declined, asked about by hand: paid after all, and it goes back": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.Risk), "", 21, "declined", payment.Watching, payment.Risk},
			{payment.AskNow{At: after(9)}, query, 0, "declined", payment.Watching, payment.Risk},
			{answer(10, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.LateSuccess},
			{answer(11, reverse, payment.Reversed, payment.PaidThenBack), "", 31, "reversed", payment.Watching, payment.PaidThenBack}}},
		"declined, asked about by hand: still declined": {false, []beat{begin(charge),
			{answer(1, charge, payment.Declined, payment.Risk), "", 21, "declined", payment.Watching, payment.Risk},
			{payment.AskNow{At: after(9)}, query, 0, "declined", payment.Watching, payment.Risk},
			{answer(10, query, payment.Unknown, payment.NotFound), "", 129, "declined", payment.Watching, payment.Risk}}},
		"an order code scanned and paid": {true, []beat{begin(present),
			{answer(1, present, payment.Waiting, none), "", 3, "waiting", payment.Shown, none},
			{tick(3), query, 0, "waiting", payment.Shown, none},
			{answer(4, query, payment.Unknown, payment.NotFound), "", 7, "waiting", payment.Shown, none},
			{tick(7), query, 0, "waiting", payment.Shown, none},
			{answer(7, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"an order code left: closed first": {true, []beat{begin(present),
			{answer(1, present, payment.Waiting, none), "", 3, "waiting", payment.Shown, none},
			{payment.GiveUp{At: after(2)}, query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(2, query, payment.Waiting, none), closing, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(3, closing, payment.Reversed, none), "", 23, "reversed", payment.Watching, payment.Cancelled}}},
		"an order code left, but the customer was faster": {true, []beat{begin(present),
			{answer(1, present, payment.Waiting, none), "", 3, "waiting", payment.Shown, none},
			{payment.GiveUp{At: after(2)}, query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(2, query, payment.Waiting, none), closing, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(3, closing, payment.Paid, payment.AlreadyPaid), "", 0, "paid", payment.Ended, payment.AlreadyPaid}}},
		"an order code nobody scanned, at an acquirer that keeps no order for it: only its reversal ends it": {true, []beat{begin(present),
			{answer(1, present, payment.Waiting, none), "", 3, "waiting", payment.Shown, none},
			{payment.GiveUp{At: after(2)}, query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(2, query, payment.Unknown, payment.NotFound), closing, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(3, closing, payment.Unknown, payment.NotFound), reverse, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(13, reverse, payment.Unknown, payment.NoAnswer), "", 15, "checking", payment.Undoing, payment.Cancelled},
			{tick(15), query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(15, query, payment.Paid, none), reverse, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(16, reverse, payment.Reversed, payment.PaidThenBack), "", 36, "reversed", payment.Watching, payment.PaidThenBack}}},
		"an order code that never came: the order is closed, not forgotten": {true, []beat{begin(present),
			{answer(10, present, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Undoing, payment.NoAnswer},
			{answer(11, query, payment.Unknown, payment.NotFound), closing, 0, "checking", payment.Undoing, payment.NoAnswer},
			{answer(12, closing, payment.Reversed, payment.NotFound), "", 32, "reversed", payment.Watching, payment.NoAnswer}}},
		"cut off while sending, started again": {false, []beat{begin(charge),
			{payment.Resumed{At: after(8)}, query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(9, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"cut off with an order code on the screen": {true, []beat{begin(present),
			{answer(1, present, payment.Waiting, none), "", 3, "waiting", payment.Shown, none},
			{payment.Resumed{At: after(600)}, query, 0, "checking", payment.Undoing, payment.Interrupted},
			{answer(601, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}}},
		"a stranger's answer changes nothing": {false, []beat{begin(charge),
			{answer(1, query, payment.Paid, none), "", 0, "checking", payment.Sending, none}}},
	}
	for name, s := range stories {
		t.Run(name, func(t *testing.T) { tell(t, payment.NewAttempt(s.present, timing), s.story) })
	}
}

// marked is the terminal's answer that it is ready.
func marked(second int) payment.Answered {
	return payment.Answered{At: after(second), Op: ready, Outcome: payment.Waiting, Reason: payment.PresentCard, Mark: "open:000100"}
}

// TestPreparedStories: a terminal that knows no order numbers is asked first,
// and nothing is undone unasked.
func TestPreparedStories(t *testing.T) {
	begin := beat{payment.Begin{At: noon}, ready, 0, "checking", payment.Preparing, none}
	sent := beat{marked(1), charge, 0, "waiting", payment.Shown, payment.PresentCard}
	tick := func(second int) payment.Tick { return payment.Tick{At: after(second)} }
	for name, story := range map[string][]beat{
		"paid": {begin, sent,
			{tick(170), "", 0, "waiting", payment.Shown, payment.PresentCard},
			{answer(180, charge, payment.Paid, none), "", 0, "paid", payment.Ended, none}},
		"not there: nothing was sent": {begin,
			{answer(3, ready, payment.Unknown, payment.NotSent), "", 0, "declined", payment.Ended, payment.NotSent}},
		"ready without saying where it stands: nothing is sent": {begin,
			{answer(3, ready, payment.Waiting, none), "", 0, "declined", payment.Ended, none}},
		"given up before it was sent": {begin,
			{payment.GiveUp{At: after(1)}, "", 0, "declined", payment.Ended, payment.Cancelled},
			{marked(2), "", 0, "declined", payment.Ended, payment.Cancelled}},
		"cut off before it was sent": {begin,
			{payment.Resumed{At: after(9)}, "", 0, "declined", payment.Ended, payment.NotSent}},
		"the answer is lost, the last transaction tells": {begin, sent,
			{answer(20, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(25, query, payment.Unknown, payment.NoAnswer), "", 30, "checking", payment.Asking, payment.NoAnswer},
			{tick(30), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(31, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}},
		"the cable is out for an hour: nothing is undone unasked": {begin, sent,
			{answer(20, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(21, query, payment.Unknown, payment.NotSent), "", 26, "checking", payment.Asking, payment.NotSent},
			{tick(3600), query, 0, "checking", payment.Asking, payment.NotSent},
			{answer(3601, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}},
		"never done: asked twice, then closed": {begin, sent,
			{answer(5, charge, payment.Unknown, payment.NoAnswer), "", 6, "checking", payment.Asking, payment.NoAnswer},
			{tick(6), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(7, query, payment.Declined, payment.NoAnswer), query, 0, "checking", payment.Undoing, payment.NoAnswer},
			{answer(17, query, payment.Declined, payment.NoAnswer), "", 20, "checking", payment.Undoing, payment.NoAnswer}, // 15 s from when it came back
			{tick(20), query, 0, "checking", payment.Undoing, payment.NoAnswer},
			{answer(21, query, payment.Declined, payment.NoAnswer), reverse, 0, "checking", payment.Undoing, payment.NoAnswer},
			{answer(22, reverse, payment.Reversed, payment.NotFound), "", 0, "declined", payment.Ended, payment.NoAnswer}},
		"not sure, then known: no slip decides while the void is out": {begin, sent,
			{answer(5, charge, payment.Unknown, payment.TerminalUnsure), "", 6, "checking", payment.Asking, payment.TerminalUnsure},
			{payment.GiveUp{At: after(25)}, query, 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(26, query, payment.Unknown, payment.TerminalUnsure), reverse, 0, "checking", payment.Undoing, payment.TerminalUnsure},
			{payment.Told{At: after(27), Outcome: payment.Paid}, "", 0, "checking", payment.Undoing, payment.TerminalUnsure},
			{answer(28, reverse, payment.Declined, payment.NotRefundable), "", 29, "checking", payment.Undoing, payment.TerminalUnsure},
			{tick(29), query, 0, "checking", payment.Undoing, payment.TerminalUnsure},
			{answer(29, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}},
		"given up while the customer holds the card, who pays all the same": {begin, sent,
			{payment.GiveUp{At: after(30)}, "", 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(40, charge, payment.Paid, none), "", 0, "paid", payment.Ended, none}},
		"given up while the customer holds the card, who gives up too": {begin, sent,
			{payment.GiveUp{At: after(30)}, "", 0, "checking", payment.Undoing, payment.Cancelled},
			{answer(40, charge, payment.Declined, payment.Cancelled), "", 0, "declined", payment.Ended, payment.Cancelled}},
		"cut off while the customer holds the card": {begin, sent,
			{payment.Resumed{At: after(60)}, query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(61, query, payment.Unknown, payment.NoAnswer), "", 66, "checking", payment.Asking, payment.NoAnswer},
			{tick(66), query, 0, "checking", payment.Asking, payment.NoAnswer},
			{answer(67, query, payment.Paid, none), "", 0, "paid", payment.Ended, none}},
	} {
		t.Run(name, func(t *testing.T) {
			if a := tell(t, payment.NewPrepared(timing), story); a.Phase != payment.Ended {
				t.Errorf("not over: %+v", a)
			}
		})
	}
}

// TestWhatASlipSaidStands: the terminal that could not tell still cannot when it
// is asked by hand or after a restart. It is not asked for ever, and what it
// finds later is another's.
func TestWhatASlipSaidStands(t *testing.T) {
	begin := beat{payment.Begin{At: noon}, ready, 0, "checking", payment.Preparing, none}
	told := func(second int, o payment.Outcome) payment.Told { return payment.Told{At: after(second), Outcome: o} }
	ambiguous := []beat{begin, {marked(1), charge, 0, "waiting", payment.Shown, payment.PresentCard},
		{answer(20, charge, payment.Unknown, payment.NoAnswer), query, 0, "checking", payment.Asking, payment.NoAnswer},
		{answer(21, query, payment.Unknown, payment.Ambiguous), "", 26, "checking", payment.Asking, payment.Ambiguous}}
	for o, state := range map[payment.Outcome]string{payment.Declined: "declined", payment.Paid: "paid"} {
		a := tell(t, payment.NewPrepared(timing), append(slices.Clone(ambiguous), []beat{
			{told(30, payment.Unknown), query, 0, "checking", payment.Asking, payment.Ambiguous}, // says nothing
			{told(31, o), "", 0, state, payment.Ended, payment.SlipSays},
			{payment.AskNow{At: after(60)}, "", 0, state, payment.Ended, payment.SlipSays},
			{answer(61, query, payment.Paid, none), "", 0, state, payment.Ended, payment.SlipSays},
			{payment.Resumed{At: after(3600)}, "", 0, state, payment.Ended, payment.SlipSays},
			{payment.AskNow{At: after(3601)}, "", 0, state, payment.Ended, payment.SlipSays},
		}...))
		// One that was being asked about when this was not yet so ends at the next start.
		a.Phase = payment.Watching
		tell(t, a, []beat{{payment.Resumed{At: after(7200)}, "", 0, state, payment.Ended, payment.SlipSays}})
	}
}

// attempts are one attempt for every state the machine can be in, reached the
// way a till reaches it.
func attempts(t *testing.T) map[string]payment.Attempt {
	t.Helper()
	out := map[string]payment.Attempt{"new charge": payment.NewAttempt(false, timing), "new order code": payment.NewAttempt(true, timing)}
	grow := func(name, from string, e payment.Event) {
		a, ok := out[from]
		if !ok {
			t.Fatalf("no state %q", from)
		}
		out[name], _ = payment.Step(a, e)
	}
	for kind, op := range map[string]payment.Op{"charge": charge, "order code": present} {
		grow(kind+" sending", "new "+kind, payment.Begin{At: noon})
		grow(kind+" shown", kind+" sending", answer(1, op, payment.Waiting, none))
		grow(kind+" shown, querying", kind+" shown", payment.Tick{At: after(6)})
		grow(kind+" paid", kind+" sending", answer(1, op, payment.Paid, none))
		grow(kind+" declined", kind+" sending", answer(1, op, payment.Declined, payment.Risk))
		grow(kind+" given up", kind+" shown", payment.GiveUp{At: after(16)})
		undo := reverse
		if op == present {
			undo = closing
		}
		grow(kind+" undoing", kind+" given up", answer(17, query, payment.Waiting, none))
		grow(kind+" undoing unknown", kind+" undoing", answer(18, undo, payment.Unknown, payment.NoAnswer))
		grow(kind+" undoing refused", kind+" undoing", answer(18, undo, payment.Declined, none))
		grow(kind+" watching", kind+" undoing", answer(18, undo, payment.Reversed, none))
		grow(kind+" watching, querying", kind+" watching", payment.Tick{At: after(60)})
		grow(kind+" late success", kind+" watching, querying", answer(61, query, payment.Paid, none))
	}
	out["new card"] = payment.NewPrepared(timing)
	grow("card preparing", "new card", payment.Begin{At: noon})
	grow("card not ready", "card preparing", answer(1, ready, payment.Unknown, payment.NotSent))
	grow("card shown", "card preparing", marked(1))
	grow("card asking", "card shown", answer(20, charge, payment.Unknown, payment.NoAnswer))
	grow("card given up", "card shown", payment.GiveUp{At: after(20)})
	grow("card undoing", "card given up", answer(21, charge, payment.Unknown, payment.NoAnswer))
	grow("card ambiguous", "card shown", answer(20, charge, payment.Unknown, payment.Ambiguous))
	grow("card given up, ambiguous", "card given up", answer(21, charge, payment.Unknown, payment.Ambiguous))
	for name, o := range map[string]payment.Outcome{"paid": payment.Paid, "declined": payment.Declined} {
		grow("card told "+name, "card ambiguous", payment.Told{At: after(30), Outcome: o, Mark: "open:000100"})
		grow("card given up, told "+name, "card given up, ambiguous", payment.Told{At: after(30), Outcome: o, Mark: "open:000100"})
	}
	grow("charge asking", "charge sending", answer(4, charge, payment.Unknown, payment.NoAnswer))
	grow("charge asking, querying", "charge asking", payment.Tick{At: after(5)})
	return out
}

// TestEveryStateMeetsEveryEvent walks the whole table and holds what must be
// true of any step whatever.
func TestEveryStateMeetsEveryEvent(t *testing.T) {
	var events []payment.Event
	at := after(100)
	for _, op := range []payment.Op{ready, charge, present, query, reverse, closing} {
		for o := payment.Unknown; o <= payment.Reversed; o++ {
			for _, r := range []payment.Reason{none, payment.NotFound, payment.NoAnswer, payment.PaidThenBack, payment.Ambiguous, payment.WrongAmount} {
				events = append(events, payment.Answered{At: at, Op: op, Outcome: o, Reason: r})
			}
		}
	}
	events = append(events, payment.Answered{At: at, Op: ready, Outcome: payment.Waiting, Mark: "open:000100"}, payment.Begin{At: at}, payment.Tick{At: at}, payment.AskNow{At: at}, payment.GiveUp{At: at}, payment.Resumed{At: at})
	for o := payment.Unknown; o <= payment.Reversed; o++ {
		events = append(events, payment.Told{At: at, Outcome: o})
	}
	for name, before := range attempts(t) {
		for _, e := range events {
			after, effect := payment.Step(before, e)
			checkStep(t, fmt.Sprintf("%s meets %T%+v", name, e, e), before, e, after, effect)
		}
	}
}

// TestClockSetBack: a till that is started again with its clock hours behind
// undoes what is open no later than with the right one.
func TestClockSetBack(t *testing.T) {
	for name, a := range attempts(t) {
		now := after(-3 * 3600)
		a, effect := payment.Step(a, payment.Resumed{At: now})
		undone := a.Phase == payment.Ended || a.Watched() || a.SentAt.IsZero() || a.Undo.Refused ||
			a.Prepare && !a.Undo.Wanted // nothing of it is undone unasked
		for restarted := now; now.Before(restarted.Add(2 * time.Minute)); {
			if effect.Call == reverse || effect.Call == closing {
				undone = true
			}
			var e payment.Event = payment.Answered{At: now, Op: effect.Call, Reason: payment.NoAnswer}
			if effect.Call == "" {
				if effect.Wake.After(now.Add(time.Hour)) {
					t.Errorf("%s: asked again after %v only", name, effect.Wake.Sub(now))
				}
				now = later(effect.Wake, now.Add(time.Second))
				e = payment.Tick{At: now}
			}
			a, effect = payment.Step(a, e)
		}
		if !undone {
			t.Errorf("%s: not undone in two minutes: %+v", name, a)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

type failer interface {
	Errorf(format string, args ...any)
	Helper()
}

func checkStep(t failer, what string, before payment.Attempt, e payment.Event, after payment.Attempt, effect payment.Effect) {
	t.Helper()
	answered, isAnswer := e.(payment.Answered)
	ours := isAnswer && answered.Op == before.Flight && answered.Op != ""
	was, is := before.State(), after.State()
	told, isTold := e.(payment.Told)
	byPerson := isTold && before.OnlyASlipTells() && is == told.Outcome.String()
	if timeOnly, _ := payment.Step(before, payment.Tick{At: told.At}); isTold && !byPerson && after != timeOnly {
		t.Errorf("%s: a person's word moved what is not a person's", what)
	}
	if before.Phase == payment.Ended && before.Reason == payment.SlipSays && (after != before || effect != payment.Effect{}) {
		t.Errorf("%s: what a person has read on the slip is asked about, or turned", what)
	}
	if is == "paid" && was != "paid" && !(ours && answered.Outcome == payment.Paid) && !byPerson {
		t.Errorf("%s: became paid without an acquirer saying so", what)
	}
	if is == "declined" && was != "declined" && !ours && !byPerson && !before.Unsent() {
		t.Errorf("%s: became declined without an answer", what)
	}
	if is == "reversed" && was != "reversed" && !(ours && answered.Outcome == payment.Reversed) {
		t.Errorf("%s: became reversed without an acknowledgement", what)
	}
	if was == "paid" && is != "paid" {
		t.Errorf("%s: paid is final, became %s", what, is)
	}
	another := answered.Outcome == payment.Unknown && answered.Reason == payment.WrongAmount
	if (was == "reversed" || was == "declined") && is != was && !(ours && (answered.Outcome == payment.Paid || answered.Outcome == payment.Waiting || another)) {
		t.Errorf("%s: a %s attempt may only turn by a late success, an order that lives or another amount, became %s", what, was, is)
	}
	if isAnswer && !ours && (is == "paid" || is == "declined" || is == "reversed") && is != was {
		t.Errorf("%s: an answer nobody waits for ended it as %s", what, is)
	}
	if _, fresh := e.(payment.Begin); (effect.Call == charge || effect.Call == present) && !((fresh || before.Phase == payment.Preparing) && before.SentAt.IsZero()) {
		t.Errorf("%s: charges again", what)
	}
	if effect.Call != "" && after.Flight != effect.Call {
		t.Errorf("%s: %s leaves but is not in flight", what, effect.Call)
	}
	if _, lost := e.(payment.Resumed); before.Flight != "" && !ours && !lost && effect.Call != "" {
		t.Errorf("%s: two calls in the air", what)
	}
	if !before.SentAt.IsZero() && effect == (payment.Effect{}) && after.Flight == "" && after.Phase != payment.Ended {
		t.Errorf("%s: nothing planned, it would hang in %s", what, after.Phase)
	}
	if effect.Call == reverse && after.Present && after.Undo.Cause != payment.LateSuccess {
		t.Errorf("%s: an unpaid order code is closed, not reversed", what)
	}
	if effect.Call == reverse && after.Undo.After.Before(before.SentAt.Add(before.Timing.NoReverseUntil)) && !before.Present {
		if _, resumed := e.(payment.Resumed); !resumed && after.Undo.Cause != payment.LateSuccess {
			t.Errorf("%s: reversed before the scheme allows it", what)
		}
	}
}

// somebody is an acquirer, or a terminal, that for a while answers what it likes,
// or not at all. What is money, and what leaves for it, it does truly.
type somebody struct {
	prepared    bool      // a bank terminal
	paysAt      time.Time // zero: the customer never pays
	clear       time.Time // from here on it answers truly
	arrives     time.Time // when a charge on its way gets there; zero: none is
	returns     time.Time // when a reversal does
	known, held bool      // it has the order; it has the money
	gone        bool      // the order cannot be paid any more
}

// until lets everything happen that does by itself.
func (s *somebody) until(now time.Time) {
	if !s.arrives.IsZero() && !now.Before(s.arrives) {
		s.known, s.arrives = true, time.Time{}
	}
	if s.known && !s.gone && !s.paysAt.IsZero() && !now.Before(s.paysAt) {
		s.held = true
	}
	if !s.returns.IsZero() && !now.Before(s.returns) {
		s.returns = time.Time{}
		s.does(reverse)
	}
	if s.prepared && s.known && !s.held && !now.Before(after(240)) {
		s.gone = true // the customer has left the terminal
	}
}

// does a call that has arrived, and gives the true answer.
func (s *somebody) does(op payment.Op) (payment.Outcome, payment.Reason) {
	switch {
	case op == ready:
		return payment.Waiting, none
	case op == charge, op == present:
		s.known = true
	case !s.known && op == reverse:
		return payment.Reversed, payment.NotFound
	case !s.known:
		return payment.Unknown, payment.NotFound
	case op == closing && !s.held:
		s.gone = true
	case op == reverse:
		paid := s.held
		s.held, s.gone = false, true
		if paid {
			return payment.Reversed, payment.PaidThenBack
		}
	}
	switch {
	case s.held:
		return payment.Paid, none
	case s.gone && s.prepared && op != reverse:
		return payment.Declined, payment.TimedOut // the terminal has nothing of it
	case s.gone:
		return payment.Reversed, none
	}
	return payment.Waiting, none
}

// lies is what a query may be answered with while nothing is clear.
var lies = []payment.Answered{
	{Outcome: payment.Unknown, Reason: payment.NoAnswer}, {Outcome: payment.Unknown, Reason: payment.NotFound},
	{Outcome: payment.Unknown, Reason: payment.Ambiguous}, {Outcome: payment.Unknown, Reason: payment.SystemBusy},
	{Outcome: payment.Unknown, Reason: payment.WrongAmount}, {Outcome: payment.Unknown, Reason: payment.WrongOrder},
	{Outcome: payment.Waiting}, {Outcome: payment.Declined, Reason: payment.Refused},
}

// answers takes a call in: lost, late, done, and answered truly, not at all, or
// wrongly where that is no proof of anything.
func (s *somebody) answers(t *rapid.T, op payment.Op, now time.Time) payment.Answered {
	a := payment.Answered{At: now, Op: op, Reason: payment.NoAnswer}
	s.until(now)
	fog := now.Before(s.clear)
	if fog && rapid.Bool().Draw(t, "request lost") {
		if s.prepared || !rapid.Bool().Draw(t, "it is late only") {
			return a
		}
		late := now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds late")) * time.Second)
		switch op {
		case charge, present:
			s.arrives = late
		case reverse:
			s.returns = late
		}
		return a
	}
	if fog && op == reverse && s.held && s.returns.IsZero() && rapid.Bool().Draw(t, "reversal refused") {
		a.Outcome, a.Reason = payment.Declined, payment.Refused
		return a
	}
	o, r := s.does(op)
	s.until(now)
	switch {
	case fog && rapid.Bool().Draw(t, "answer lost"):
	case fog && op == query && rapid.Bool().Draw(t, "answered wrongly"):
		lie := rapid.SampledFrom(lies).Draw(t, "lie")
		if lie.Outcome == payment.Declined && !s.known {
			return a // only who has the order says that it failed
		}
		a.Outcome, a.Reason = lie.Outcome, lie.Reason
	default:
		a.Outcome, a.Reason = o, r
	}
	if op == ready && a.Outcome == payment.Waiting {
		a.Mark = "mark"
	}
	return a
}

// TestAnyAcquirerEnds: whatever an acquirer or a terminal answers for a while,
// once it answers truly the attempt ends, and it ends as they have it: with the
// money, or with nothing and an order that takes none any more.
func TestAnyAcquirerEnds(t *testing.T) {
	ends := map[string]int{}
	live := func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"pay code", "order code", "terminal"}).Draw(t, "kind")
		a, now := payment.NewAttempt(false, timing), noon
		s := &somebody{prepared: kind == "terminal", clear: after(rapid.IntRange(0, rapid.SampledFrom([]int{0, 100, 400}).Draw(t, "fog")).Draw(t, "fog until second"))}
		switch kind {
		case "terminal":
			a = payment.NewPrepared(timing)
		case "order code": // a code that nobody has scanned dies by a reversal, at once
			codes := timing
			codes.NoReverseUntil = 0
			a = payment.NewAttempt(true, codes)
		}
		if within := rapid.SampledFrom([]int{0, 30, 200}).Draw(t, "pays within"); within > 0 {
			s.paysAt = after(rapid.IntRange(0, within).Draw(t, "pays at"))
		}
		var e payment.Event = payment.Begin{At: now}
		for step := 0; a.Phase != payment.Ended; step++ {
			if step > 4000 || now.Sub(noon) > 6*time.Hour {
				t.Fatalf("never ends: %+v", a)
			}
			before := a
			var effect payment.Effect
			a, effect = payment.Step(a, e)
			checkStep(t, fmt.Sprintf("%+v", e), before, e, a, effect)
			switch {
			case a.Phase == payment.Ended:
			case effect.Call != "":
				now = now.Add(time.Duration(rapid.IntRange(50, 900).Draw(t, "ms")) * time.Millisecond)
				e = s.answers(t, effect.Call, now)
			default:
				if effect.Wake.After(now) {
					now = effect.Wake
				} else {
					now = now.Add(time.Second)
				}
				e = payment.Tick{At: now}
				if rapid.IntRange(0, 40).Draw(t, "interrupt") == 0 {
					e = []payment.Event{payment.GiveUp{At: now}, payment.AskNow{At: now}, payment.Resumed{At: now}}[rapid.IntRange(0, 2).Draw(t, "which")]
				}
			}
		}
		s.until(now.Add(time.Hour)) // what is on its way gets there
		if (a.Outcome == payment.Paid) != s.held || s.known && !s.gone && !s.held {
			t.Fatalf("ended %s, the acquirer has %+v", a.State(), s)
		}
		ends[a.State()]++
	}
	for range 20 { // 2,000 lives
		rapid.Check(t, live)
	}
	if len(ends) != 3 {
		t.Errorf("none ended in some way: %v", ends)
	}
}

func TestRecognise(t *testing.T) {
	for code, want := range map[string]payment.Channel{
		"134512345678901234": payment.WeChat, "284512345678901234": payment.Alipay, "2845123456789012": payment.Alipay,
		"301234567890123456789012": payment.Alipay, "6212345678901234567": payment.UnionPay, "0112345678901234567": payment.UnionPay,
		"6901285991219": "", "13451234567890123": "", "1345123456789012345": "", "16451234567890123": "", "": "",
		"28451234567890123４": "", "wxp://f2f0abc": "", " 134512345678901234": "", "314512345678901234": "",
	} {
		got, ok := payment.Recognise(code)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}

func TestMaskShowsFourDigitsAtMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9]{0,24}`).Draw(t, "code")
		if shown := len(payment.Mask(code)) - len("…"); shown > 4 {
			t.Fatalf("%d digits of a pay code shown", shown)
		}
	})
}
