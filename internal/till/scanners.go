package till

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"abacus/printer"
	"abacus/scanner"
)

// Device is a thing on the counter that comes and goes, and how it does.
type Device struct {
	Kind  string // DeviceScanner or DeviceDisplay
	Name  string // as people call it, at most 24 characters
	Line  string // what it hangs on: "serial", "evdev"
	State LinkState
	// Trouble is what is wrong, one of the words of scanner/device; empty when
	// all is well. Kind, "-" and Trouble are the code of its notice.
	Trouble string
	Since   time.Time
}

// The kinds of devices: a scanner with a line of its own, the customer display.
const (
	DeviceScanner = "scanner"
	DeviceDisplay = "display"
)

// notice is the code of the sentence that says how the device does.
func (d Device) notice() string {
	if d.Trouble == "" {
		return d.Kind + "-back"
	}
	return d.Kind + "-" + d.Trouble
}

// DeviceSeen takes in how a device does, for the lamp of its kind, the list of
// devices and, when it has gone or come back, a notice. Kind and Name tell
// which device it is.
func (t *Till) DeviceSeen(ctx context.Context, d Device) {
	_, _ = t.inside(ctx, func(ctx context.Context) (Result, error) {
		d.Since = t.now()
		at := slices.IndexFunc(t.devices, func(b Device) bool { return b.Kind == d.Kind && b.Name == d.Name })
		news := d.Trouble != "" // a device that is simply there is none
		if at < 0 {
			t.devices = append(t.devices, d)
		} else {
			news = news || t.devices[at].State != d.State
			t.devices[at] = d
		}
		if news {
			t.notice(Notice{Code: d.notice(), Args: []any{d.Name}})
		}
		t.setLink(d.Kind, t.lampOf(d.Kind))
		return nil, nil
	})
}

// lampOf is up when every device of a kind is.
func (t *Till) lampOf(kind string) LinkState {
	for _, d := range t.devices {
		if d.Kind == kind && d.State != LinkUp {
			return LinkDown
		}
	}
	return LinkUp
}

// LoneScan is the last scan of a device that came to the till without a screen
// in between, and what it came to.
type LoneScan struct {
	At      time.Time
	Device  string // the device's name
	Scanned Scanned
	Fault   *Fault // set: it was refused
}

// printTestCodes prints the codes by which a scanner is tried out.
func (t *Till) printTestCodes() (Printed, error) {
	if t.parts.Paper == nil {
		return Printed{}, fault(FaultMethodOff, "printer")
	}
	job := fmt.Sprintf("%sscanner-%d", probeJob, t.now().UnixNano())
	t.submit(job, printer.TestSheet(scanner.TestCodes(), t.parts.Paper.Texts), 1)
	return Printed{Job: job}, nil
}

// ScanAlone does what a scan does where no screen takes it: goods are added and
// a pay code pays the sale in front. What came of it stands in the snapshot.
// Torn says that part of the code was lost, so that it is not acted on.
func (t *Till) ScanAlone(ctx context.Context, device, text string, torn bool) {
	s := &LoneScan{Device: device, Scanned: Scanned{Kind: ScanUnreadable, Problem: ProblemTorn}}
	if !torn {
		r, err := t.Do(ctx, SaleScan{Text: text, Pay: true})
		if s.Scanned, _ = r.(Scanned); err != nil {
			if !errors.As(err, &s.Fault) {
				return // the till is ending
			}
		}
	}
	_, _ = t.inside(ctx, func(ctx context.Context) (Result, error) {
		s.At = t.now()
		t.loneScan = s
		return nil, nil
	})
}
