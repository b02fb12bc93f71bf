package printer

import (
	"context"
	"errors"
	"slices"

	"abacus/internal/fall"
)

// looks reports whether the printer can be asked and anybody wants to know.
func (s *Spooler) looks() bool {
	_, can := s.options.Sink.(Looker)
	return can && s.options.Status != nil
}

// look asks the printer how it is, until a job comes.
func (s *Spooler) look(ctx context.Context) {
	looker, can := s.options.Sink.(Looker)
	if !can || s.options.Status == nil {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s.mu.Lock()
	busy := len(s.queue) > 0 || s.closing
	s.stopLook = stop
	s.mu.Unlock()
	if busy {
		return
	}
	var status Status
	answers := false
	if fall.Caught(func() error { status, answers = looker.Look(ctx); return nil }) != nil {
		return // as one that does not answer
	}
	if answers && status.Ready() {
		s.unproven = status.Unproven
	}
	if answers && ctx.Err() == nil {
		s.tell(status)
	}
}

// tell passes on what the printer says, when it is news.
func (s *Spooler) tell(status Status) {
	status.Unproven = s.unproven && status.Ready() // a job's own answers do not show it
	if s.told && s.status == status {
		return
	}
	s.told, s.status = true, status
	if s.options.Status != nil {
		s.options.Status(status)
	}
}

// aside takes an urgent job out of the queue for a sink that has another job in
// hands which may take long; settle ends it. Without such a job settle is nil.
func (s *Spooler) aside() (job Job, settle func(error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.queue, func(w *waiting) bool { return w.Urgent })
	if at < 0 || s.options.Now().Sub(s.queue[at].since) > UrgentWithin {
		return Job{}, nil // one that is too late is ended when its turn comes
	}
	w := s.queue[at]
	s.queue = slices.Delete(s.queue, at, at+1)
	w.tries++
	return w.Job, func(err error) {
		switch {
		case err == nil:
			s.report(w, Printed, nil)
		case errors.Is(err, ErrNotSent):
			s.report(w, Failed, err)
		default:
			s.report(w, Unknown, err)
		}
	}
}
