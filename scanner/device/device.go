// Package device reads scanners with a line of their own: on a serial port
// (USB-CDC or RS-232), or a USB keyboard taken out of the system's hands (evdev
// with an exclusive grab, Linux only). Neither a keyboard layout nor an input
// method nor the field that happens to have the focus can touch such a scan.
//
// Keep opens a device, gives its scans, and brings it back when it has been
// unplugged, for as long as the till runs.
package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.bug.st/serial"

	"abacus/internal/fall"
	"abacus/scanner"
)

// Port is an open device. Close makes a Read under way end with an error.
type Port interface {
	// Read waits for bytes, at most so long; 0 is for ever. When nothing has
	// come it gives 0 and no error.
	Read(p []byte, patience time.Duration) (int, error)
	Close() error
}

// Decoder makes scans of a device's bytes: *scanner.Lines, *Keys.
type Decoder interface {
	Feed(at time.Time, data []byte) ([]scanner.Scan, error)
	Quiet(at time.Time) []scanner.Scan
	Waiting() bool
}

// Source is a scanner as it is configured.
type Source struct {
	Open   func() (Port, error) // finds and opens it
	Decode func() Decoder       // a fresh one for each opening
}

// Cause is why a scanner cannot be used, or what is wrong with it; empty when
// all is well.
type Cause string

// The causes.
const (
	Missing     Cause = "missing"     // not plugged in, or another path
	Denied      Cause = "denied"      // no permission
	Busy        Cause = "busy"        // another program holds it
	Gone        Cause = "gone"        // it was there and is not any more
	Keyboard    Cause = "keyboard"    // keys came that no scanner has: it is somebody's keyboard
	Unsupported Cause = "unsupported" // not on this system
	Flood       Cause = "flood"       // it sends more than the till can take; codes were dropped
	Broken      Cause = "broken"      // anything else
)

// Status is how a device does.
type Status struct {
	Up    bool
	Cause Cause
	Err   error // the cause in the system's words, for logs
}

var (
	errNoMatch     = errors.New("no device matches")
	errUnsupported = fmt.Errorf("input devices can be taken on Linux only: %w", errors.ErrUnsupported)
	errKeyboard    = errors.New("a key came that no scanner has")
	errBusy        = errors.New("another program holds the device")
)

// retry is how long after a failure the device is looked for again.
const retry = time.Second

// Options is where scans and states of a device go. Neither function may wait
// for long: the kernel keeps ten characters of a grabbed device, no more.
type Options struct {
	Now    func() time.Time
	Scan   func(scanner.Scan) (taken bool)
	Report func(Status) // each change, the first state included
}

// Keep reads a device until ctx ends. It never gives up, except on a keyboard:
// that is let go at once and for good, or the cashier could not type any more.
func Keep(ctx context.Context, s Source, o Options) {
	k := keeper{Options: o}
	for ctx.Err() == nil {
		err := fall.Caught(func() error { return k.session(ctx, s) })
		if ctx.Err() != nil {
			return
		}
		k.tell(Status{Cause: k.cause(err), Err: err})
		pause := time.NewTimer(retry)
		if errors.Is(err, errKeyboard) || errors.Is(err, errUnsupported) {
			pause.Stop()
			<-ctx.Done()
			return
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
	}
}

type keeper struct {
	Options
	told  Status
	first bool // something has been told
}

func (k *keeper) tell(s Status) {
	if k.first && s.Up == k.told.Up && s.Cause == k.told.Cause {
		return
	}
	k.told, k.first = s, true
	k.Report(s)
}

// session is one opening of the device, up to the error that ends it.
func (k *keeper) session(ctx context.Context, s Source) error {
	port, err := s.Open()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = port.Close() })
	defer func() {
		if stop() {
			_ = port.Close()
		}
	}()
	k.tell(Status{Up: true})
	decoder, buffer := s.Decode(), make([]byte, 4096)
	for {
		patience := time.Duration(0)
		if decoder.Waiting() {
			patience = scanner.Pause
		}
		n, err := port.Read(buffer, patience)
		if err != nil {
			return err
		}
		var scans []scanner.Scan
		if n == 0 {
			scans = decoder.Quiet(k.Now())
		} else if scans, err = decoder.Feed(k.Now(), buffer[:n]); err != nil {
			return err
		}
		for _, scan := range scans {
			k.pass(scan)
		}
	}
}

func (k *keeper) pass(scan scanner.Scan) {
	if k.Scan(scan) {
		k.tell(Status{Up: true})
		return
	}
	k.tell(Status{Up: true, Cause: Flood})
}

// cause names an error. Once a device has been up, "no such device" says that
// it was unplugged.
func (k *keeper) cause(err error) Cause {
	var fell *fall.Fall
	switch c := CauseOf(err); {
	case c != Missing && c != Broken, errors.As(err, &fell):
		return c
	case k.told.Up, k.told.Cause == Gone && errors.Is(err, fs.ErrNotExist):
		return Gone
	default:
		return c
	}
}

// CauseOf names the error of opening any device, also one on a serial line that
// is no scanner.
func CauseOf(err error) Cause {
	var port *serial.PortError
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return Unsupported
	case errors.Is(err, errKeyboard):
		return Keyboard
	case errors.Is(err, errBusy), errors.As(err, &port) && port.Code() == serial.PortBusy:
		return Busy
	case errors.Is(err, fs.ErrPermission):
		return Denied
	case errors.Is(err, errNoMatch), errors.Is(err, fs.ErrNotExist):
		return Missing
	}
	return Broken
}

// find is the path of a device: as it is given, or the first that a pattern
// matches.
func find(path string) (string, error) {
	if !strings.ContainsAny(path, "*?[") {
		return path, nil
	}
	paths, err := filepath.Glob(path)
	if err != nil || len(paths) == 0 {
		return "", errors.Join(errNoMatch, fs.ErrNotExist, err)
	}
	slices.Sort(paths)
	return paths[0], nil
}
