package printer

// Job is bytes for the printer under a name that is used once.
type Job struct {
	ID   string
	Data []byte
	// Urgent is for the drawer: the job goes before all that waits, is tried once
	// and not at all when it has waited longer than UrgentWithin. A drawer that
	// opens when nobody stands there is worse than one that stays shut.
	Urgent bool
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
