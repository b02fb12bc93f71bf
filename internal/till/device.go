package till

import (
	"context"
	"slices"
	"strings"

	"abacus/printer"
)

const printerLink = "printer"

// PrinterStatus takes in how the printer is; the spooler calls it when that
// changes.
func (t *Till) PrinterStatus(s printer.Status) {
	t.post(context.Background(), func() {
		if t.parts != nil {
			t.printerIs(s)
			t.publish()
		}
	})
}

// printerIs shows the printer's state and what to do about it, once, and takes
// that back when it has been done.
func (t *Till) printerIs(s printer.Status) {
	cause := string(s.Condition())
	state := LinkDown
	if s.Ready() {
		state = LinkUp
	}
	if t.links[printerLink].Cause == cause && t.links[printerLink].State == state {
		return
	}
	t.links[printerLink] = Link{Name: printerLink, State: state, Since: t.now(), Cause: cause}
	t.notices = slices.DeleteFunc(t.notices, func(n Notice) bool { return strings.HasPrefix(n.Code, noticePrinter) })
	if cause != "" {
		t.notice(Notice{Code: noticePrinter + cause})
	}
}

// printerDid is the lamp of a printer that says nothing by itself: it goes by
// the last job.
func (t *Till) printerDid(well bool) {
	if t.links[printerLink].Cause == "" {
		t.setLink(printerLink, map[bool]LinkState{true: LinkUp, false: LinkDown}[well])
	}
}
