package printer

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// manner is silent: what Windows opens by such a path cannot be read from.
func (d Device) manner() Manner {
	m := d.Manner
	m.Silent = true
	return m
}

func (d Device) open(context.Context) (line, error) {
	file, err := os.OpenFile(d.Path, os.O_WRONLY, 0)
	if err != nil {
		return nil, remedy(err)
	}
	stop := func() { _ = windows.CancelIoEx(windows.Handle(file.Fd()), nil) }
	return oneWay{pace(file, stop)}, nil
}

// oneWay is a line that nothing comes back from.
type oneWay struct{ *paced }

func (oneWay) Read([]byte) (int, error)        { return 0, os.ErrDeadlineExceeded }
func (oneWay) SetReadDeadline(time.Time) error { return nil }
