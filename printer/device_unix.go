//go:build unix

package printer

import (
	"context"
	"os"
	"syscall"
	"time"
)

func (d Device) manner() Manner { return d.Manner }

// open takes the device without blocking, because a serial line may wait for a
// carrier, and a printer without paper takes no bytes.
func (d Device) open(context.Context) (line, error) {
	file, err := os.OpenFile(d.Path, os.O_RDWR|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, remedy(err)
	}
	// The deadlines themselves are set later; this asks whether the device knows any.
	if err := file.SetWriteDeadline(time.Time{}); err != nil {
		_ = file.Close()
		return nil, remedy(err)
	}
	return file, nil
}
