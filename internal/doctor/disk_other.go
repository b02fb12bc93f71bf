//go:build !linux && !windows

package doctor

import "errors"

// Measure cannot tell on this system.
func Measure(string) (Space, error) { return Space{}, errors.ErrUnsupported }
