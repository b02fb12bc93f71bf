package printer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// Device is a printer's device path, such as /dev/usb/lp0 or a serial line
// that has been set up. It is opened for each job.
type Device struct {
	Path         string
	WriteTimeout time.Duration // zero is DefaultWriteTimeout
}

// Send opens the device and writes the job. Without blocking, because a serial
// line may wait for a carrier, and a printer without paper takes no bytes.
func (d Device) Send(ctx context.Context, job []byte) error {
	what := "printer " + d.Path
	if err := ctx.Err(); err != nil {
		return notSent(what, err)
	}
	file, err := os.OpenFile(d.Path, os.O_RDWR|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return notSent(what, remedy(err))
	}
	defer file.Close()
	ctx, cancel := context.WithTimeout(ctx, or(d.WriteTimeout, DefaultWriteTimeout))
	defer cancel()
	// The deadline itself is set by bound; this asks whether the device knows any.
	if err := file.SetWriteDeadline(time.Time{}); err != nil {
		return notSent(what, remedy(err))
	}
	release := bound(ctx, file.SetWriteDeadline)
	n, err := file.Write(job)
	release()
	if err != nil {
		return written(what, n, len(job), remedy(cause(ctx, err)))
	}
	return nil
}

// remedy adds what to do about the failures that shops meet.
func remedy(err error) error {
	advice := ""
	switch {
	case errors.Is(err, syscall.EBUSY):
		advice = "another program holds the printer; stop it (often the CUPS queue of the same printer)"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		advice = "the printer is not plugged in or switched on, or its driver is not loaded"
	case errors.Is(err, fs.ErrPermission):
		advice = "this user may not use the printer; add it to the device's group (usually lp)"
	case errors.Is(err, os.ErrNoDeadline):
		advice = "this is no device; use a file as the sink"
	case errors.Is(err, context.DeadlineExceeded):
		advice = "the printer takes no data; look at its paper, cover and lamp"
	default:
		return err
	}
	return errors.Join(errors.New(advice), err)
}
