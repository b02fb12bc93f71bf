package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/doctor"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/tui/theme"
)

// openDoctor looks the whole till over and shows what was found, each fault
// with its remedy.
func (d *desk) openDoctor() tea.Cmd {
	return d.ask(till.Examine{}, func(r till.Result) tea.Cmd {
		report, _ := r.(doctor.Report)
		return d.open(newText(d, func(*lang.Screen) string { return d.words.Doctor.Title },
			func(_ *lang.Screen, w int) []string { return d.findings(report, w) }))
	})
}

// findings are the report's lines: what needs somebody first.
func (d *desk) findings(r doctor.Report, w int) []string {
	t := &d.words.Doctor
	needed := 0
	var first, rest []string
	for _, f := range r.Findings {
		say, hint := d.words.Finding(f.Code, f.Args)
		lines := hanging(left(mark(f.State)+" "+d.words.Check(f.Check), labelWidth), say, w)
		if hint != "" && f.State != doctor.Well {
			lines = append(lines, hanging(left("", labelWidth), "→ "+hint, w)...)
		}
		if f.State == doctor.Fault || f.State == doctor.Unknown {
			needed++
			first = append(first, lines...)
		} else {
			rest = append(rest, lines...)
		}
	}
	if needed == 0 {
		return append([]string{theme.Done + " " + t.AllWell, ""}, rest...)
	}
	first = append([]string{theme.Failed + " " + fmt.Sprintf(t.Needed, needed), ""}, first...)
	return append(append(first, ""), rest...)
}

const labelWidth = 17

// hanging is a label with a text beside it, in as many lines as it needs.
func hanging(label, text string, w int) []string {
	lines := wrap(text, w-width(label))
	for i := range lines {
		lines[i] = label + lines[i]
		label = spaces(width(label))
	}
	return lines
}

func mark(s doctor.State) string {
	switch s {
	case doctor.Well:
		return theme.Done
	case doctor.Note:
		return "·"
	case doctor.Fault:
		return theme.Failed
	}
	return theme.Doubt
}
