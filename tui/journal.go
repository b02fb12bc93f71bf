package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
)

// openJournal shows the end of the book: number, time, what, who, and the hash
// that the next entry is chained to.
func (d *desk) openJournal() tea.Cmd {
	const shown = 200
	after := max(d.snap.Identity.Head.Number-shown, 0)
	return d.ask(till.JournalList{After: after, Limit: shown}, func(r till.Result) tea.Cmd {
		entries, _ := r.([]ledger.Entry)
		l := newList(d, func(t *lang.Screen) string { return t.JournalTitle })
		l.heading = func(w int) string {
			t := &d.words.Screen
			return right(t.ColumnNumber, 9) + "  " + left(t.ColumnTime, 10) + left(t.ColumnWhat, 20) +
				left(t.OperatorNumber, 10) + left(t.ColumnHash, w-51)
		}
		l.rows = func(w int) []string {
			rows := make([]string, 0, len(entries))
			for _, e := range entries {
				rows = append(rows, right(fmt.Sprint(e.Number), 9)+"  "+left(d.clock(e.Time), 10)+left(string(e.Kind), 20)+
					left(e.Operator, 10)+left(e.Hash.String()[:16], w-51))
			}
			return rows
		}
		l.pick = max(len(entries)-1, 0)
		return d.open(l)
	})
}

// syncJournal sends the journal's copy now and says how far it goes.
func (d *desk) syncJournal() tea.Cmd {
	return d.ask(till.JournalSync{}, func(r till.Result) tea.Cmd {
		status, _ := r.(upload.Status)
		say, hint := d.words.Finding(status.Code())
		d.say = message{good, say, hint}
		if status.Cause != upload.None {
			d.say.tone = bad
			return d.ring(soundRefused)
		}
		return nil
	})
}

// openAbout says which till this is and where its book stands.
func (d *desk) openAbout() tea.Cmd {
	return d.ask(till.Hello{}, func(r till.Result) tea.Cmd {
		id, _ := r.(till.Identity)
		return d.open(newText(d, func(t *lang.Screen) string { return t.About }, func(t *lang.Screen, _ int) []string {
			hash := id.Head.Hash.String()
			return []string{
				t.Name + " " + id.Version, t.Till + " " + id.Till + "  " + id.Store, "",
				t.ChainHead + " " + fmt.Sprint(id.Head.Number), hash[:32], hash[32:],
			}
		}))
	})
}
