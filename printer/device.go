package printer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Device is a printer's device path: /dev/usb/lp0 on Linux; on Windows LPT1 or
// the share of a printer on this machine, \\localhost\NAME. It is opened for
// each job, because only one program at a time may have it.
type Device struct {
	Path string
	Manner
}

// Send opens the device and writes the job.
func (d Device) Send(ctx context.Context, job Job) error {
	return d.manner().send(ctx, "printer "+d.Path, d.open, job)
}

// Look implements Looker.
func (d Device) Look(ctx context.Context) (Status, bool) { return d.manner().look(ctx, d.open) }

// remedy adds what to do about the failures that shops meet.
func remedy(err error) error {
	advice := ""
	switch {
	case errors.Is(err, syscall.EBUSY):
		advice = "another program holds the printer; stop it (often the CUPS queue of the same printer)"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		advice = "the printer is not plugged in or switched on, or its driver is not loaded"
	case errors.Is(err, fs.ErrPermission):
		advice = "this user may not use the printer; add it to the device's group (usually lp, dialout for a serial line)"
	case errors.Is(err, os.ErrNoDeadline):
		advice = "this is no device; use a file as the sink"
	case errors.Is(err, context.DeadlineExceeded):
		advice = "the printer takes no data; look at its paper, cover and lamp"
	default:
		return err
	}
	return errors.Join(errors.New(advice), err)
}
