package printer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"go.bug.st/serial"
)

// Serial is a printer on a serial line, 8 data bits, no parity, 1 stop bit.
type Serial struct {
	Path string // /dev/ttyUSB0, COM3
	Baud int    // as set at the printer, mostly 9600 to 115200
	Flow Flow
	Manner
}

// Flow is how a printer says on the line itself that its buffer is full.
type Flow string

// The manners of flow control. Without any, a printer that is slower than its
// line loses what it has no room for.
const (
	FlowNone Flow = "none"
	FlowRTS  Flow = "rts" // it drops CTS
	FlowDTR  Flow = "dtr" // it drops DSR
)

// Send opens the line and takes the job over.
func (s Serial) Send(ctx context.Context, job Job) error {
	return s.send(ctx, "printer "+s.Path, s.open, job)
}

// Look implements Looker.
func (s Serial) Look(ctx context.Context) (Status, bool) { return s.look(ctx, s.open) }

func (s Serial) open(context.Context) (line, error) {
	port, err := openPort(s.Path, s.Baud)
	if err != nil {
		return nil, err
	}
	port.flow = s.Flow
	_ = port.ResetInputBuffer() // what the printer said before nobody has asked for
	return &serialLine{paced: pace(port, port.stop), port: port}, nil
}

// readBeat is how long a read that is to end may last on.
const readBeat = time.Second / 10

// port is a serial line as a paced writer drives it.
type port struct {
	serial.Port
	flow    Flow
	stopped atomic.Bool
}

func openPort(path string, baud int) (*port, error) {
	opened, err := serial.Open(path, &serial.Mode{BaudRate: baud})
	if err != nil {
		return nil, serialRemedy(path, err)
	}
	if err := opened.SetReadTimeout(readBeat); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return &port{Port: opened}, nil
}

// stop ends a write that is stuck: with the line's buffer emptied it has room.
func (p *port) stop() {
	p.stopped.Store(true)
	_ = p.ResetOutputBuffer()
}

// Write waits until the printer takes data, where the line can say so.
func (p *port) Write(data []byte) (int, error) {
	for !p.clear() {
		if p.stopped.Load() {
			return 0, os.ErrDeadlineExceeded
		}
		<-time.After(readBeat / 10)
	}
	n, err := p.Port.Write(data)
	if err == nil && p.flow != FlowNone {
		err = p.Drain() // else the line's own buffer would run ahead of the printer
	}
	return n, err
}

func (p *port) clear() bool {
	if p.flow != FlowRTS && p.flow != FlowDTR {
		return true
	}
	bits, err := p.GetModemStatusBits()
	if err != nil {
		return true // a line that cannot say is not waited for
	}
	return p.flow == FlowRTS && bits.CTS || p.flow == FlowDTR && bits.DSR
}

// serialLine is a serial line with deadlines.
type serialLine struct {
	*paced
	port    *port
	readEnd atomic.Bool
}

// Read waits for bytes until the deadline has passed.
func (l *serialLine) Read(data []byte) (int, error) {
	for !l.readEnd.Load() {
		if n, err := l.port.Read(data); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, os.ErrDeadlineExceeded
}

func (l *serialLine) SetReadDeadline(at time.Time) error {
	l.readEnd.Store(!at.IsZero())
	return nil
}

// forgets: a printer switched off and on again looks the same from here.
func (l *serialLine) forgets() {}

// serialRemedy says what to do about a line that does not open.
func serialRemedy(path string, err error) error {
	var e *serial.PortError
	if errors.As(err, &e) {
		switch e.Code() {
		case serial.PortBusy:
			return fmt.Errorf("another program holds %s; stop it: %w", path, err)
		case serial.PortNotFound:
			return remedy(errors.Join(fs.ErrNotExist, err))
		case serial.PermissionDenied:
			return remedy(errors.Join(fs.ErrPermission, err))
		case serial.InvalidSerialPort:
			return fmt.Errorf("%s is no serial line; look at the setting: %w", path, err)
		}
	}
	return remedy(err)
}
