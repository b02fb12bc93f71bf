// Abacus is a shop's till in a terminal. This package only ties the rooms
// together: flags, signals, exit codes.
package main

import (
	// First of all: keeps the terminal library from questioning the terminal
	// before main and losing what is scanned meanwhile.
	_ "abacus/tui/theme/early"

	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"abacus/internal/config"
	"abacus/internal/lang"
)

// version is set by the release build.
var version = "0.1.0-dev"

// Exit codes, as scripts rely on them.
const (
	exitDone   = 0
	exitFailed = 1 // the thing asked for did not succeed
	exitUsage  = 2 // wrong usage or configuration
	exitPerson = 3 // done, but something needs a person
)

// exit is an error that carries its exit code; its text, if any, has been
// chosen for people.
type exit struct {
	code int
	text string
}

func (e *exit) Error() string { return e.text }

func main() { os.Exit(run(os.Args[1:])) }

// run is the whole program; it returns the exit code.
func run(args []string) int {
	// A closed terminal and a killed session end the till in order, like a
	// request to stop: money in flight is in the book.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Ignore(syscall.SIGPIPE)
	p := &program{texts: lang.Must(config.LanguageOf(os.Environ()))}
	root := p.commands()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var e *exit
	var bad *config.Error
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &e):
		if e.text != "" {
			fmt.Fprintln(os.Stderr, e.text)
		}
		return e.code
	case errors.As(err, &bad):
		fmt.Fprintln(os.Stderr, bad.Sentence(lang.Must(bad.Language)))
		return exitUsage
	}
	fmt.Fprintf(os.Stderr, p.texts.Command.WrongUsage+"\n", err)
	return exitUsage
}
