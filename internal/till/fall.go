package till

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// ErrFell reports a panic on the core's goroutine. What is in memory cannot be
// trusted any more, what is in the book can: end the program and start it again.
var ErrFell = errors.New("the core fell")

// Fall is what may be told of a panic: not its value, which may hold a code or a
// PIN, unless Go itself has written it, and no arguments.
type Fall struct{ What, Where string }

// FallOf is to be called by the deferred function that has recovered value.
func FallOf(value any) Fall {
	f := Fall{What: fmt.Sprintf("%T", value), Where: places()}
	if e, ok := value.(runtime.Error); ok {
		f.What = e.Error() // of indices, types and nil
	}
	return f
}

// places are the functions a panic came through, innermost first.
func places() string {
	const ours = "abacus/"
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var list []string
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); strings.HasPrefix(f.Function, ours) {
			list = append(list, fmt.Sprintf("%s:%d", strings.TrimPrefix(f.Function, ours), f.Line))
		}
	}
	return strings.Join(list, " ")
}
