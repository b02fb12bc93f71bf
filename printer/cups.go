package printer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// CUPS is a print queue of this machine, given jobs as they are (-o raw) by the
// program lp, which knows servers, users and rights better than a second
// client of the protocol would. The queue keeps what it took and says nothing
// of paper: a job counts as printed once it is in the queue.
type CUPS struct {
	Queue string
	Lp    string // the program; empty is "lp"
}

// queueWithin is how long lp may take; it does not wait for the printer.
const queueWithin = 15 * time.Second

// Send puts the job into the queue.
func (c CUPS) Send(ctx context.Context, job Job) error {
	what := "print queue " + c.Queue
	program := c.Lp
	if program == "" {
		program = "lp"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return notSent(what, fmt.Errorf("the program lp is not here, install the CUPS client: %w", err))
	}
	if err := errors.Join(ctx.Err(), job.Begins(ctx)); err != nil {
		return notSent(what, err)
	}
	ctx, cancel := context.WithTimeout(ctx, queueWithin)
	defer cancel()
	var said bytes.Buffer
	// The name goes to the queue's list, where somebody may look for it.
	lp := exec.CommandContext(ctx, path, "-d", c.Queue, "-o", "raw", "-t", job.ID)
	lp.Stdin, lp.Stderr, lp.WaitDelay = bytes.NewReader(job.Data), &said, time.Second
	err = lp.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil && errors.As(err, &ended) && ended.Exited(): // lp refuses before it takes
		return notSent(what, fmt.Errorf("lp: %s", oneLine(said.String())))
	case lp.Process == nil:
		return notSent(what, err)
	}
	return fmt.Errorf("%s: lp did not come back, look at the paper and the queue: %w", what, cause(ctx, err))
}

// oneLine is what a program said, which may be in the encoding of its user's
// language.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
}
