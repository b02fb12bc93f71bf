package device

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.bug.st/serial"

	"abacus/scanner"
)

// Serial is a scanner on a serial port: a path such as
// /dev/serial/by-id/usb-…, a pattern of paths, or COM3. Baud is the line's
// speed; a USB scanner does not care.
func Serial(path string, baud int, framing scanner.Lines) Source {
	return Source{
		Open:   func() (Port, error) { return openSerial(path, baud) },
		Decode: func() Decoder { return &lines{framing} },
	}
}

func openSerial(path string, baud int) (Port, error) {
	found, err := find(path)
	if err != nil {
		return nil, err
	}
	port, err := serial.Open(found, &serial.Mode{BaudRate: baud, DataBits: 8})
	if err != nil {
		return nil, serialError(err)
	}
	// What was scanned while nobody listened is not meant for this sale. A line
	// without modem wires (a pseudo-terminal) may refuse; it has nothing then.
	_ = port.ResetInputBuffer()
	return &serialPort{port: port}, nil
}

type serialPort struct {
	port     serial.Port
	patience time.Duration
}

func (p *serialPort) Read(b []byte, patience time.Duration) (int, error) {
	if patience != p.patience {
		timeout := patience
		if patience == 0 {
			timeout = serial.NoTimeout
		}
		if err := p.port.SetReadTimeout(timeout); err != nil {
			return 0, err
		}
		p.patience = patience
	}
	return p.port.Read(b)
}

func (p *serialPort) Close() error { return p.port.Close() }

// serialError gives the library's codes the names that the rest of Go uses.
func serialError(err error) error {
	var coded *serial.PortError
	if !errors.As(err, &coded) {
		return err
	}
	switch coded.Code() {
	case serial.PortNotFound:
		return fmt.Errorf("%w (%w)", fs.ErrNotExist, err)
	case serial.PermissionDenied:
		return fmt.Errorf("%w (%w)", fs.ErrPermission, err)
	case serial.PortBusy:
		return fmt.Errorf("%w (%w)", errBusy, err)
	}
	return err
}

// lines makes a Decoder of scanner.Lines, which never fails.
type lines struct{ scanner.Lines }

func (l *lines) Feed(at time.Time, data []byte) ([]scanner.Scan, error) {
	return l.Lines.Feed(at, data), nil
}
