package doctor

import (
	"context"
	"errors"
	"io/fs"

	"abacus/printer"
)

// Printer asks a receipt printer how it is, without printing.
type Printer struct {
	Look   func(ctx context.Context) (printer.Status, bool) // false: it never answers
	Absent bool                                             // there is none
	Busy   bool                                             // the running till has it
}

// Name implements Probe.
func (Printer) Name() string { return "printer" }

// Check implements Probe.
func (p Printer) Check(ctx context.Context) []Finding {
	switch {
	case p.Absent:
		return []Finding{note("printer-none")}
	case p.Busy:
		return []Finding{note("device-busy")}
	case p.Look == nil:
		return []Finding{note("printer-mute")}
	}
	status, answers := p.Look(ctx)
	if !answers {
		return []Finding{note("printer-mute")}
	}
	return []Finding{PrinterFinding(status.Condition())}
}

// PrinterFinding is a printer's condition as a finding.
func PrinterFinding(c printer.Condition) Finding {
	f := fault("printer-" + string(c))
	switch c {
	case printer.ConditionReady:
		return well("printer-well")
	case printer.ConditionPaperLow:
		f.State = Note
	}
	return f
}

// ErrTaken is to be among the errors of opening a device that another program
// holds.
var ErrTaken = errors.New("another program holds the device")

// File is a device that the system shows as a file.
type File struct {
	Of   string // the check
	Path string
	Open func(path string) error // opens it as the till would, and closes it
}

// Name implements Probe.
func (f File) Name() string { return f.Of }

// Check implements Probe.
func (f File) Check(context.Context) []Finding {
	err := f.Open(f.Path)
	switch {
	case err == nil:
		return []Finding{well("device-well", f.Path)}
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{fault("device-missing", f.Path)}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{fault("device-denied", f.Path)}
	case errors.Is(err, ErrTaken):
		return []Finding{fault("device-taken", f.Path)}
	case errors.Is(err, errors.ErrUnsupported):
		return []Finding{fault("device-system", f.Path)}
	}
	return []Finding{fault("device-failed", f.Path)}
}
