package printer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"abacus/printer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errPartly = errors.New("cut off in the middle")

// answer is what the scripted printer does with one try.
type answer struct {
	err   error
	takes time.Duration
	deaf  bool // does not notice that its context has ended
}

// script is a sink that answers as told, and well when it has nothing more to
// be told.
type script struct {
	mu      sync.Mutex
	start   time.Time
	answers []answer
	tried   []string // "job@time since start"
	taken   []string // jobs of which the printer got everything or something
}

func (s *script) Send(ctx context.Context, job printer.Job) error {
	s.mu.Lock()
	s.tried = append(s.tried, fmt.Sprintf("%s@%v", job.ID, time.Since(s.start)))
	var a answer
	if len(s.answers) > 0 {
		a, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	over := ctx.Done()
	if a.deaf {
		over = nil
	}
	select {
	case <-time.After(a.takes):
	case <-over:
		a.err = fmt.Errorf("interrupted: %w", errors.Join(a.err, ctx.Err()))
	}
	if !errors.Is(a.err, printer.ErrNotSent) {
		s.mu.Lock()
		s.taken = append(s.taken, job.ID)
		s.mu.Unlock()
	}
	return a.err
}

// bench is a spooler on a script, with what it reported.
type bench struct {
	*printer.Spooler
	sink    *script
	mu      sync.Mutex
	reports []string // "job outcome"
}

func newBench(ctx context.Context, answers ...answer) *bench {
	b := &bench{sink: &script{answers: answers, start: time.Now()}}
	b.Spooler = printer.NewSpooler(ctx, printer.Options{Sink: b.sink, Report: func(d printer.Done) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.reports = append(b.reports, d.Job+" "+d.Outcome.String())
	}})
	return b
}

func (b *bench) submit(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		job := printer.Job{ID: name, Data: []byte(name), Urgent: strings.HasPrefix(name, "drawer")}
		if err := b.Submit(job); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// closeIn closes with a patience and tells how long it took.
func (b *bench) closeIn(patience time.Duration) (left []string, took time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	start := time.Now()
	return b.Close(ctx), time.Since(start)
}

func TestJobsKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context(), answer{takes: time.Second}, answer{takes: time.Second})
		b.submit(t, "a", "b", "c")
		left, _ := b.closeIn(time.Minute)
		b.want(t, "left", left)
		b.want(t, "tried", b.sink.tried, "a@0s", "b@1s", "c@2s")
		b.want(t, "reports", b.reports, "a printed", "b printed", "c printed")
	})
}

func TestOnlyWhatWasCertainlyNotSentIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := answer{err: printer.ErrNotSent}
		b := newBench(t.Context(), away, away, away, answer{err: errPartly})
		b.submit(t, "a", "b")
		b.closeIn(time.Minute)
		b.want(t, "tried", b.sink.tried, "a@0s", "a@500ms", "a@1.25s", "a@2.375s", "b@2.375s")
		b.want(t, "reports", b.reports, "a unknown", "b printed")
	})
}

func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context(), slices.Repeat([]answer{{err: printer.ErrNotSent}}, 1000)...)
		b.submit(t, "a", "b")
		time.Sleep(printer.DefaultGiveUp - time.Second)
		b.submit(t, "late")
		time.Sleep(12 * time.Second)
		synctest.Wait()
		// b is as old as a: it gets the one try that everybody gets.
		b.want(t, "reports", b.reports, "a failed", "b failed")
		b.want(t, "reports after the end", b.reports[2:])
		left, took := b.closeIn(0)
		b.want(t, "left", left, "late")
		if took != 0 {
			t.Errorf("closing took %v", took)
		}
	})
}

// trap is a printer on which the code for some jobs falls: while they are made,
// before their first byte, or behind it.
type trap struct{ tried []string }

func (p *trap) Send(ctx context.Context, job printer.Job) error {
	p.tried = append(p.tried, job.ID)
	if strings.HasPrefix(job.ID, "before") {
		panic("134567890123456789")
	}
	if err := job.Begins(ctx); err != nil {
		return err
	}
	if strings.HasPrefix(job.ID, "behind") {
		panic("134567890123456789")
	}
	return nil
}

// A job that makes the printer's code fall would do so at every start: it is
// tried once, what became of it is told, and the next is printed.
func TestAFallEndsTheJobOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports []string
		sink := &trap{}
		s := printer.NewSpooler(t.Context(), printer.Options{
			Sink: sink, Begin: func(context.Context, string) error { return nil },
			Report: func(d printer.Done) {
				reports = append(reports, d.Job+" "+d.Outcome.String())
				if d.Err != nil && strings.Contains(d.Err.Error(), "1345") {
					t.Errorf("the panic's value is told: %v", d.Err)
				}
			},
		})
		for _, job := range []printer.Job{
			{ID: "before", Data: []byte("x")}, {ID: "behind", Data: []byte("x")}, {ID: "before too", Data: []byte("x"), Urgent: true},
			{ID: "making", Make: func() []byte { panic("134567890123456789") }}, {ID: "last", Data: []byte("x")},
		} {
			if err := s.Submit(job); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		s.Close(t.Context())
		if want := []string{"before failed", "behind unknown", "before too unknown", "making failed", "last printed"}; !slices.Equal(reports, want) {
			t.Errorf("reports %q, want %q", reports, want)
		}
		if want := []string{"before", "behind", "before too", "last"}; !slices.Equal(sink.tried, want) {
			t.Errorf("tried %q, want %q", sink.tried, want)
		}
	})
}

func TestTheDrawerDoesNotWaitForPaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := answer{err: printer.ErrNotSent}
		b := newBench(t.Context(), away, away, away, away)
		b.submit(t, "a")
		time.Sleep(600 * time.Millisecond) // a has been tried twice and pauses until 1.25 s
		b.submit(t, "b", "drawer1", "drawer2")
		synctest.Wait()
		b.want(t, "tried", b.sink.tried, "a@0s", "a@500ms", "drawer1@600ms", "drawer2@600ms")
		b.want(t, "reports", b.reports, "drawer1 failed", "drawer2 failed")
		b.closeIn(time.Minute)
		b.want(t, "reports", b.reports[2:], "a printed", "b printed")
	})
}

func TestAnOldDrawerJobIsNotTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context(), answer{takes: printer.UrgentWithin + time.Second})
		b.submit(t, "a")
		synctest.Wait()
		b.submit(t, "drawer")
		b.closeIn(time.Minute)
		b.want(t, "tried", b.sink.tried, "a@0s")
		b.want(t, "reports", b.reports, "a printed", "drawer failed")
	})
}

func TestSubmitRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context(), answer{takes: time.Hour})
		b.submit(t, "a", "b") // at once, though the printer holds a for an hour
		for name, test := range map[string]struct {
			job  printer.Job
			want error
		}{
			"being printed": {printer.Job{ID: "a", Data: []byte("x")}, printer.ErrRepeated},
			"waiting":       {printer.Job{ID: "b", Data: []byte("x")}, printer.ErrRepeated},
			"no name":       {printer.Job{Data: []byte("x")}, printer.ErrNoJob},
			"no data":       {printer.Job{ID: "c"}, printer.ErrNoJob},
		} {
			if err := b.Submit(test.job); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
		}
		b.closeIn(2 * time.Hour)
		if err := b.Submit(printer.Job{ID: "d", Data: []byte("x")}); !errors.Is(err, printer.ErrClosed) {
			t.Errorf("after closing: %v", err)
		}
		b.want(t, "reports", b.reports, "a printed", "b printed")
	})
}

func TestAPrintedNameStaysTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context())
		b.submit(t, "a")
		synctest.Wait()
		if err := b.Submit(printer.Job{ID: "a", Data: []byte("a")}); !errors.Is(err, printer.ErrRepeated) {
			t.Errorf("got %v", err)
		}
		b.closeIn(time.Minute)
		b.want(t, "tried", b.sink.tried, "a@0s")
	})
}

func TestClosing(t *testing.T) {
	tests := []struct {
		name    string
		answer  answer
		left    []string
		reports []string
		took    time.Duration
	}{
		{"while the printer is slow", answer{takes: time.Second}, nil, []string{"a printed", "b printed"}, time.Second},
		{"printer interrupted, nothing sent", answer{err: printer.ErrNotSent, takes: time.Hour}, []string{"a", "b"}, nil, 3 * time.Second},
		{"printer interrupted in the middle", answer{takes: time.Hour}, []string{"b"}, []string{"a unknown"}, 3 * time.Second},
		{"printer does not come back", answer{takes: time.Hour, deaf: true}, []string{"b"}, []string{"a unknown"}, 5 * time.Second},
		{"printer comes back much later", answer{err: printer.ErrNotSent, takes: time.Hour, deaf: true}, []string{"b"}, []string{"a unknown"}, 5 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t.Context(), test.answer)
				b.submit(t, "a", "b")
				left, took := b.closeIn(3 * time.Second)
				time.Sleep(2 * time.Hour) // whatever comes later changes nothing
				synctest.Wait()
				b.want(t, "left", left, test.left...)
				b.want(t, "reports", b.reports, test.reports...)
				if took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

func TestTheEndOfTheContextStopsTheSpooler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := newBench(ctx, answer{err: printer.ErrNotSent})
		b.submit(t, "a")
		synctest.Wait()
		cancel()
		synctest.Wait()
		if err := b.Submit(printer.Job{ID: "b", Data: []byte("x")}); !errors.Is(err, printer.ErrClosed) {
			t.Errorf("got %v", err)
		}
		left, _ := b.closeIn(time.Second)
		b.want(t, "left", left, "a")
		b.want(t, "reports", b.reports)
	})
}

// spoolerPlan is a random day at a bad printer.
type spoolerPlan struct {
	answers []answer
	names   []string
	pauses  []time.Duration // before each job
	close   time.Duration   // patience at the end
}

func drawPlan(t *rapid.T) spoolerPlan {
	faults := []error{nil, nil, printer.ErrNotSent, printer.ErrNotSent, errPartly}
	durations := rapid.SampledFrom([]time.Duration{0, 0, time.Millisecond, 3 * time.Second, 15 * time.Second, time.Minute})
	var p spoolerPlan
	for range rapid.IntRange(0, 60).Draw(t, "answers") {
		p.answers = append(p.answers, answer{
			err: rapid.SampledFrom(faults).Draw(t, "fault"), takes: durations.Draw(t, "takes"), deaf: rapid.Bool().Draw(t, "deaf"),
		})
	}
	for i := range rapid.IntRange(1, 12).Draw(t, "jobs") {
		kind := rapid.SampledFrom([]string{"sale", "sale", "sale", "drawer"}).Draw(t, "kind")
		p.names = append(p.names, fmt.Sprintf("%s%d", kind, i))
		p.pauses = append(p.pauses, durations.Draw(t, "pause"))
	}
	p.close = durations.Draw(t, "close")
	return p
}

// check runs the plan and says what is wrong with how it went.
func (p spoolerPlan) check(t *testing.T) (problem string) {
	b := newBench(t.Context(), p.answers...)
	for i, name := range p.names {
		time.Sleep(p.pauses[i])
		b.submit(t, name)
	}
	left, took := b.closeIn(p.close)
	if took > p.close+3*time.Second {
		return fmt.Sprintf("closing took %v, patience was %v", took, p.close)
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	ends := map[string]int{}
	for _, name := range left {
		ends[name]++
	}
	for _, report := range b.reports {
		name, outcome, _ := strings.Cut(report, " ")
		ends[name]++
		if outcome == "failed" && slices.Contains(b.sink.taken, name) {
			return name + " failed though the printer has some of it"
		}
	}
	for _, name := range p.names {
		if ends[name] != 1 {
			return fmt.Sprintf("%s has %d ends: reports %q, left %q", name, ends[name], b.reports, left)
		}
	}
	for _, name := range left {
		if slices.Contains(b.sink.taken, name) {
			return name + " is left though the printer has some of it"
		}
	}
	return p.checkTaken(b.sink.taken)
}

// checkTaken looks at what reached the printer: nothing twice, sales in order.
func (p spoolerPlan) checkTaken(taken []string) (problem string) {
	at := -1
	for i, name := range taken {
		if slices.Contains(taken[:i], name) {
			return name + " reached the printer twice"
		}
		if strings.HasPrefix(name, "sale") {
			if place := slices.Index(p.names, name); place < at {
				return name + " came out of order"
			} else {
				at = place
			}
		}
	}
	return ""
}

func TestNothingIsPrintedTwiceAndNothingIsForgotten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := drawPlan(rt)
		var problem string
		synctest.Test(t, func(t *testing.T) { problem = plan.check(t) })
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}
