package till

import "abacus/payment"

// lane sends the calls of one channel that clean up after a line was down, one
// after the other and in order: an acquirer that comes back is not met by a
// thousand tills' questions at once, and what was asked first is asked first.
type lane struct {
	busy  bool
	queue []func() // each makes one call and ends in Till.laneFree
}

// send makes a call now, or, when it cleans up, in its turn. A reversal goes
// before everything else that waits: it belongs directly behind its query.
func (t *Till) send(channel payment.Channel, cleaning, first bool, call func()) {
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
	job := func() {
		go func() {
			defer t.calls.Done()
			call()
			t.post(t.ctx, func() { t.laneFree(channel) })
		}()
	}
	if !l.busy {
		l.busy = true
		job()
		return
	}
	if first {
		l.queue = append([]func(){job}, l.queue...)
	} else {
		l.queue = append(l.queue, job)
	}
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
	next()
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
