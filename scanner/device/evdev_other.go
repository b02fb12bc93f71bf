//go:build !linux

package device

import "abacus/scanner"

// Evdev is a scanner that is a keyboard, taken for the till alone. Only Linux
// can do that.
func Evdev(string, scanner.Lines) Source {
	return Source{Open: func() (Port, error) { return nil, errUnsupported }}
}
