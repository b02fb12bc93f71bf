// Package fall is what becomes of a panic. Go would end the program, across
// whatever stands on the terminal, and print the panic's value, which may be a
// pay code or a PIN. Where one thing can fail alone, a job of the printer, a
// scanner's line, a request, it is caught there and is that thing's error; what
// is left ends the till in order.
package fall

import (
	"fmt"
	"runtime"
	"strings"
)

// Fall is what may be told of a panic: not its value, unless Go itself has
// written it, and no arguments.
type Fall struct{ What, Where string }

// Error implements error.
func (f *Fall) Error() string { return "fell: " + f.What + " in " + f.Where }

// Of is to be called by the deferred function that has recovered value.
func Of(value any) *Fall {
	f := &Fall{What: fmt.Sprintf("%T", value), Where: places()}
	if e, ok := value.(runtime.Error); ok {
		f.What = e.Error() // of indices, types and nil
	}
	return f
}

// Caught does work and gives its error, which is a *Fall if it panicked.
func Caught(work func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = Of(value)
		}
	}()
	return work()
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
