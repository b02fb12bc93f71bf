package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"abacus/internal/money"
)

// Say is what became of the money, and what faults and notices mean, in
// sentences. Keys are the words of the till: states, reasons, codes.
//
// A template's {0} is the first argument as it is, {w0} the same looked up in
// Words, {h0} likewise as the state of a hold, {ws} all arguments looked up so, one after the other. A key ending in ":none" is the sentence for when no argument has text.
type Say struct {
	Payments map[string]Standing // by state, or by phase or direction where that tells more
	Refunds  map[string]Standing // by state
	Holds    map[string]Standing // by state
	Reasons  map[string]Reason
	Exact    map[string]Sentence // "state/reason" where composing would read badly
	Faults   map[string]Sentence
	Notices  map[string]string
	Books    map[string]Sentence // by why a book is not sound
	Flaws    map[string]Sentence // of a test scan
	Asked    map[string]Sentence // what an acquirer said when it was asked
	Scans    map[string]Sentence // by kind, or "unreadable/problem" where that tells more
	Words    map[string]string   // states, roles and channels inside a sentence
	Customer map[string]string   // what to tell the customer
	Next     map[string]string   // what happens next about money in doubt
}

// Sentence is what is so, and the next thing to do.
type Sentence struct{ Say, Hint string }

// Standing is where a payment or refund stands. With a reason the sentence is
// the reason's clause followed by Then, or by Bare if there is one and the
// reason is doubtful; where Then is empty the reason adds nothing. Mine says
// that the standing's own hint stays, whatever the reason; First is said before
// the hint, whosever that is.
type Standing struct {
	Say, Then, Bare, First, Hint string
	Mine                         bool
}

// Reason is why, as a clause without its full stop. Doubtful says that the
// clause by itself tells that the end is not known. Do is what to do once the
// end is known; Call is added to the hint while it is not.
type Reason struct {
	Clause   string
	Do       string
	Call     string
	Doubtful bool
}

// Refund says where a refund stands and what to do next. A state that is not
// known is treated as in doubt.
func (t *Texts) Refund(state, reason string) (say, hint string) {
	if s, ok := t.Say.Exact["refund-"+state+"/"+reason]; ok {
		return s.Say, s.Hint
	}
	standing, ok := t.Say.Refunds[state]
	if !ok {
		standing = t.Say.Refunds["checking"]
	}
	return t.compose(standing, reason)
}

// Hold says where a pre-authorisation stands and what to do next. A state that
// is not known is treated as in doubt.
func (t *Texts) Hold(state, reason string) (say, hint string) {
	if s, ok := t.Say.Exact["hold-"+state+"/"+reason]; ok {
		return s.Say, s.Hint
	}
	standing, ok := t.Say.Holds[state]
	if !ok {
		standing = t.Say.Holds["checking"]
	}
	return t.compose(standing, reason)
}

func (t *Texts) compose(s Standing, reason string) (say, hint string) {
	r := t.Say.Reasons[reason]
	say, hint = s.Say, s.Hint
	if s.Then == "" || r.Clause == "" {
		return say, t.join(s.First, hint)
	}
	then := s.Then
	if r.Doubtful && s.Bare != "" {
		then = s.Bare
	}
	switch {
	case !s.Mine && r.Do != "":
		hint = r.Do
	case s.Mine:
		hint = t.join(hint, r.Call)
	}
	return r.Clause + then, t.join(s.First, hint)
}

// join puts two sentences one after the other; either may be empty.
func (t *Texts) join(a, b string) string {
	if a == "" || b == "" || t.Tag == Chinese {
		return a + b
	}
	return a + " " + b
}

// Fault says what a refusal means and what to do. A code that is not known
// says itself, so that somebody can look it up.
func (t *Texts) Fault(code string, args []any) (say, hint string) {
	if code == "journal-broken" {
		return t.broken(args)
	}
	s, ok := t.Say.Faults[code]
	if none, has := t.Say.Faults[code+":none"]; has && !t.anyText(args) {
		s, ok = none, true
	}
	if !ok {
		s, args = t.Say.Faults["internal"], []any{code}
	}
	return t.fill(s.Say, args), t.fill(s.Hint, args)
}

// Notice says what happened by itself.
func (t *Texts) Notice(code string, args []any) string {
	text, ok := t.Say.Notices[code]
	if !ok {
		return t.fill("{0}", []any{code})
	}
	return t.fill(text, args)
}

// Flaw says what a test scan found wrong and what to set.
func (t *Texts) Flaw(flaw string, arg any) (say, hint string) {
	args := []any{arg}
	s := t.Say.Flaws[flaw]
	if none, ok := t.Say.Flaws[flaw+":none"]; ok && !t.anyText(args) {
		s = none
	}
	return t.fill(s.Say, args), t.fill(s.Hint, args)
}

// Scan says what a scanner read and what to do about it: kind and problem as
// the till has them, shown what of the code may be shown.
func (t *Texts) Scan(kind, problem, shown string) (say, hint string) {
	s, ok := t.Say.Scans[kind+"/"+problem]
	if !ok {
		if s, ok = t.Say.Scans[kind]; !ok {
			s = t.Say.Scans["unreadable"]
		}
	}
	args := []any{shown}
	return t.fill(s.Say, args), t.fill(s.Hint, args)
}

func (t *Texts) anyText(args []any) bool {
	for i := range args {
		if t.argument(args, i) != "…" {
			return true
		}
	}
	return false
}

// fill puts arguments into a template. Missing ones become "…": a sentence
// with a hole is better than none.
func (t *Texts) fill(template string, args []any) string {
	if !strings.Contains(template, "{") {
		return template
	}
	pairs := []string{"{ws}", t.words(args)}
	for i := range 4 {
		n, text := strconv.Itoa(i), t.argument(args, i)
		pairs = append(pairs, "{"+n+"}", text, "{w"+n+"}", t.word("", text), "{h"+n+"}", t.word("hold-", text))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// word is a text's in Words, or else the text.
func (t *Texts) word(kind, text string) string {
	if word, ok := t.Say.Words[kind+text]; ok {
		return word
	}
	return text
}

// words are all arguments looked up in Words, as a list inside a sentence.
func (t *Texts) words(args []any) string {
	and := " and "
	if t.Tag == Chinese {
		and = "和"
	}
	all := make([]string, len(args))
	for i := range args {
		all[i] = t.word("", t.argument(args, i))
	}
	return strings.Join(all, and)
}

// argumentRunes keeps a scanned text from filling the screen.
const argumentRunes = 40

// argument is one argument for people. Scanned and typed texts come through
// here, so control characters, which a terminal would obey, are dropped.
func (t *Texts) argument(args []any, i int) string {
	if i >= len(args) || args[i] == nil {
		return "…"
	}
	var text string
	switch a := args[i].(type) {
	case money.Amount:
		text = a.String()
	case time.Time:
		text = a.Format("15:04:05")
	default:
		text = fmt.Sprint(a)
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
	if runes := []rune(text); len(runes) > argumentRunes {
		text = string(runes[:argumentRunes]) + "…"
	}
	if text == "" {
		return "…"
	}
	return text
}
