package till

import (
	"slices"

	"abacus/payment"
)

// lane sends the calls of one channel that clean up after a line was down, one
// after the other and in order: an acquirer that comes back is not met by a
// thousand tills' questions at once, and what was asked first is asked first.
type lane struct {
	busy  bool
	queue []waiting
}

// waiting is a call that has not left.
type waiting struct {
	id    string // of the attempt or refund
	first bool   // goes before those of which this is not said
	leave func() // makes the call, and ends in Till.laneFree
}

// send makes a call now, or, when it cleans up, in its turn. A reversal goes
// before everything else that waits: it belongs directly behind its query.
func (t *Till) send(channel payment.Channel, id string, cleaning, first bool, call func()) {
	t.calls.Add(1)
	if !cleaning {
		go func() { defer t.calls.Done(); call() }()
		return
	}
	l := t.lanes[channel]
	if l == nil {
		l = &lane{}
		t.lanes[channel] = l
	}
	job := waiting{id, first, func() {
		go func() {
			defer t.calls.Done()
			call()
			t.post(t.ctx, func() { t.laneFree(channel) })
		}()
	}}
	if !l.busy {
		l.busy = true
		job.leave()
		return
	}
	if first {
		l.queue = slices.Insert(l.queue, 0, job)
	} else {
		l.queue = append(l.queue, job)
	}
}

// inLane is the place at which a call of an attempt waits for its turn, -1: none
// does.
func (t *Till) inLane(a *attempt) int {
	l := t.lanes[a.channel]
	if l == nil {
		return -1
	}
	return slices.IndexFunc(l.queue, func(w waiting) bool { return w.id == a.id })
}

// hasten lets the call of an attempt that somebody asked about leave before those
// that the till makes by itself, but no reversal be parted from its query.
func (t *Till) hasten(a *attempt) {
	from := t.inLane(a)
	if from < 0 {
		return
	}
	l := t.lanes[a.channel]
	job := l.queue[from]
	job.first = true
	l.queue = slices.Delete(l.queue, from, from+1)
	to := 0
	for to < len(l.queue) && l.queue[to].first {
		to++
	}
	l.queue = slices.Insert(l.queue, to, job)
}

// laneFree lets the next call of a channel out.
func (t *Till) laneFree(channel payment.Channel) {
	l := t.lanes[channel]
	if len(l.queue) == 0 {
		l.busy = false
		return
	}
	next := l.queue[0]
	l.queue = l.queue[1:]
	next.leave()
	t.publish() // it waits no more
}

// dropLanes forgets what has not left: at the end of a run the book has it.
func (t *Till) dropLanes() {
	for _, l := range t.lanes {
		for range l.queue {
			t.calls.Done()
		}
		l.queue = nil
	}
}
