package printer

import "context"

// Job is bytes for the printer under a name that is used once.
type Job struct {
	ID   string
	Data []byte
	// Make gives the Data when the job's turn comes, on the spooler's time: laying
	// a receipt out takes longer than the rest of a sale.
	Make func() []byte
	// Urgent is for the drawer: the job goes before all that waits, is tried once
	// and not at all when it has waited longer than UrgentWithin. A drawer that
	// opens when nobody stands there is worse than one that stays shut.
	Urgent bool
	// Instead goes to a printer that says it has stopped, in place of Data: what
	// such a printer obeys at once or not at all. Urgent jobs only; may be empty.
	Instead []byte

	// What the spooler wants to hear and has to give; nil where there is none.
	begin func(ctx context.Context) error // the first byte is about to leave
	tell  func(Status)                    // the printer has said how it is
	aside func() (urgent Job, settle func(error))
}

// Begins is called by a sink when the first byte is about to leave. After an error
// it must not leave.
func (j Job) Begins(ctx context.Context) error {
	if j.begin == nil {
		return nil
	}
	return j.begin(ctx)
}

func (j Job) tells(s Status) {
	if j.tell != nil {
		j.tell(s)
	}
}

// Outcome is what became of a job; the zero value is Unknown.
type Outcome uint8

// The outcomes of a job.
const (
	Unknown Outcome = iota // part or all of it may be on paper: a person must look
	Printed                // given to the printer whole
	Failed                 // certainly nothing of it was sent, and no further try will be made
)

// String is the outcome's word in the journal.
func (o Outcome) String() string {
	switch o {
	case Printed:
		return "printed"
	case Failed:
		return "failed"
	}
	return "unknown"
}

// Done reports the end of a job.
type Done struct {
	Job     string
	Outcome Outcome
	Tries   int
	Err     error // why it was not printed
}
