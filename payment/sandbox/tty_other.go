//go:build !linux

package sandbox

import "io"

// openTTY: only Linux has pseudo-terminals a till can open as a serial line.
func (s *Sandbox) openTTY() (io.ReadWriteCloser, error) { return nil, nil }
