package tui

import (
	"fmt"
	"strings"

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

// syncJournal brings a settlement of cards that is owed to its end, sends the
// journal's copy and says what came of both.
func (d *desk) syncJournal() tea.Cmd {
	return d.ask(till.JournalSync{}, func(r till.Result) tea.Cmd {
		synced, _ := r.(till.Synced)
		d.say = d.synced(synced)
		if d.say.tone == bad {
			return d.ring(soundRefused)
		}
		return nil
	})
}

func (d *desk) synced(r till.Synced) message {
	t := &d.words.Screen
	m := message{tone: good}
	switch {
	case r.CardsOwed:
		m = message{bad, t.CardsOwed, ""}
	case r.Cards != nil:
		m.say = fmt.Sprintf(t.CardBatch, r.Cards.Batch) + " " + settledVerdict(t, *r.Cards, false)
	case r.Journal == nil:
		m.say = t.CardsNotOwed
	}
	if r.Journal == nil {
		return m
	}
	say, hint := d.words.Finding(r.Journal.Code())
	m.say, m.hint = strings.TrimSpace(m.say+" "+say), hint
	if r.Journal.Cause != upload.None {
		m.tone = bad
	}
	return m
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
