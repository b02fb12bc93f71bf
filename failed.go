package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
)

// failed says why what was asked for did not succeed: in words for what people
// meet, in the error's own for the rest.
func (p *program) failed(err error) error {
	t := p.texts.Command
	broken, file := (*ledger.Broken)(nil), (*fs.PathError)(nil)
	about := errors.As(err, &file)
	text := fmt.Sprintf(t.Failed, err)
	switch {
	case errors.As(err, &broken):
		return p.unsound(broken.Why, broken.Number)
	case errors.Is(err, ledger.ErrNewer):
		say, hint := p.texts.Fault(till.FaultNewerBook, nil)
		text = say + "\n" + hint
	case errors.Is(err, context.Canceled):
		text = t.Interrupted
	case about && errors.Is(err, fs.ErrNotExist):
		text = fmt.Sprintf(t.NoSuchFile, file.Path)
	case about && errors.Is(err, fs.ErrExist):
		text = fmt.Sprintf(t.FileExists, file.Path)
	case about && errors.Is(err, fs.ErrPermission):
		text = fmt.Sprintf(t.FileDenied, file.Path)
	}
	return &exit{exitFailed, text}
}

// unsound says what is wrong with the book in the words the screen has for it.
func (p *program) unsound(why string, number int64) error {
	say, hint := p.texts.Broken(why, number)
	return &exit{exitFailed, say + "\n" + hint}
}

func (p *program) ifFailed(err error) error {
	if err == nil {
		return nil
	}
	return p.failed(err)
}

// count is how many there are of something that needs a person.
type count struct {
	n     int
	words lang.Counted
}

// needed names what needs a person, if there is any.
func (p *program) needed(counts ...count) error {
	var some []string
	for _, c := range counts {
		switch {
		case c.n == 1:
			some = append(some, fmt.Sprintf(c.words.One, c.n))
		case c.n > 1:
			some = append(some, fmt.Sprintf(c.words.More, c.n))
		}
	}
	if len(some) == 0 {
		return nil
	}
	return &exit{exitPerson, fmt.Sprintf(p.texts.Command.Needed, strings.Join(some, p.texts.Command.NeededAnd))}
}
