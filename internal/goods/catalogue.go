package goods

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"abacus/internal/money"
)

// Catalogue is all goods and members, ready to be looked up. It never changes
// and may be used concurrently.
type Catalogue struct {
	items   []Item         // in the order in which equal hits are listed
	byCode  map[string]int // by codeKey
	index   index
	members []Member
}

// Limits of what a catalogue takes, so that a wrong file is refused rather
// than loaded.
const (
	maxItems = 1_000_000
	maxName  = 64 // characters
	maxCode  = 32
)

// New makes a catalogue. The error names every bad item by its row (from 1) and
// its code, and every bad member, at most 20 of them.
func New(items []Item, members []Member) (*Catalogue, error) {
	if len(items) > maxItems {
		return nil, fmt.Errorf("%d items: a catalogue takes at most %d", len(items), maxItems)
	}
	c := &Catalogue{members: slices.Clone(members)}
	rows, faults := checkItems(items)
	numbers := map[string]bool{}
	for i, m := range members {
		switch err := m.check(); {
		case err != nil:
			faults.add("member %d (%s): %w", i+1, m.Number, err)
		case numbers[m.Number]:
			faults.add("member %d (%s): this number is there twice: remove one", i+1, m.Number)
		}
		numbers[m.Number] = true
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	order := listing(items)
	c.items, c.byCode = make([]Item, len(items)), rows
	places := make([]int, len(items))
	for place, row := range order {
		c.items[place], places[row] = items[row], place
		if item := &c.items[place]; item.Initials == "" {
			item.Initials = Initials(item.Name)
		}
	}
	for key, row := range rows {
		rows[key] = places[row]
	}
	c.index = newIndex(c.items)
	return c, nil
}

// listing gives the rows in the order in which equally good hits are shown:
// shorter names first.
func listing(items []Item) []int {
	order, length := make([]int, len(items)), make([]int, len(items))
	for row, item := range items {
		order[row], length[row] = row, utf8.RuneCountInString(item.Name)
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(length[a]-length[b], strings.Compare(items[a].Name, items[b].Name), strings.Compare(items[a].Code, items[b].Code))
	})
	return order
}

// checkItems gives the row of every code, and what is wrong.
func checkItems(items []Item) (rows map[string]int, bad *faults) {
	rows, bad = make(map[string]int, len(items)), &faults{}
	var currency money.Currency
	for row, item := range items {
		key := codeKey(item.Code)
		first, twice := rows[key]
		switch err := item.check(); {
		case err != nil:
			bad.add("item %d (%s): %w", row+1, item.Code, err)
		case twice:
			bad.add("item %d (%s): item %d has this code already: remove one", row+1, item.Code, first+1)
		case currency != "" && item.Price.Currency() != "" && item.Price.Currency() != currency:
			bad.add("item %d (%s): its price is in %s, the others' in %s", row+1, item.Code, item.Price.Currency(), currency)
		default:
			rows[key] = row
		}
		if currency == "" {
			currency = item.Price.Currency()
		}
	}
	return rows, bad
}

// check finds what keeps an item from being sold.
func (i Item) check() error {
	switch {
	case i.Code == "":
		return errors.New("it has no code")
	case len(i.Code) > maxCode || strings.ContainsFunc(i.Code, notCode):
		return fmt.Errorf("its code must be at most %d ASCII letters, digits and signs without spaces", maxCode)
	case len(i.Code) == 13 && isDigits(i.Code) && !hasCheckDigit(i.Code):
		return fmt.Errorf("the check digit of its code is wrong: it should end in %c", checkDigit(i.Code[:12]))
	case strings.TrimSpace(i.Name) == "":
		return errors.New("it has no name")
	case !plain(i.Name) || !plain(i.NameEn) || !plain(i.Unit):
		return fmt.Errorf("name and unit must be at most %d characters on one line", maxName)
	case len(i.Initials) > maxName || strings.ContainsFunc(i.Initials, notCode):
		return errors.New("its pinyin initials must be ASCII letters and digits")
	case !i.Price.Valid() || i.Price.Negative():
		return errors.New("its price must be zero or more")
	}
	return nil
}

func (m Member) check() error {
	switch {
	case m.Number == "":
		return errors.New("it has no number")
	case len(m.Number) > maxCode || strings.ContainsFunc(m.Number, notCode):
		return fmt.Errorf("its number must be at most %d ASCII letters, digits and signs without spaces", maxCode)
	case !plain(m.Name) || !plain(m.Phone):
		return fmt.Errorf("name and phone must be at most %d characters on one line", maxName)
	}
	return nil
}

// plain keeps control characters, which could steer a terminal or a printer,
// out of what is shown.
func plain(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxName && !strings.ContainsFunc(text, unicode.IsControl)
}

func notCode(r rune) bool { return r <= ' ' || r > '~' }

// Find looks an article up by its whole code. The forms of one article number
// (12, 13 and 14 digits, EAN-8) find the same article.
func (c *Catalogue) Find(code string) (Item, bool) {
	i, ok := c.byCode[codeKey(strings.TrimSpace(code))]
	if !ok {
		return Item{}, false
	}
	return c.items[i], true
}

// Len is the number of articles.
func (c *Catalogue) Len() int { return len(c.items) }

// FindMember looks a member up by card number, phone number, or the phone's
// last four digits. It is false when several members fit.
func (c *Catalogue) FindMember(text string) (Member, bool) {
	text = strings.TrimSpace(text)
	var found Member
	hits := 0
	for _, m := range c.members {
		if m.Number == text {
			return m, true
		}
		if m.hasPhone(text) {
			found = m
			hits++
		}
	}
	return found, hits == 1
}

// hasPhone compares with a phone number that may have been masked where the
// list was made: every star stands for one digit.
func (m Member) hasPhone(text string) bool {
	switch {
	case len(text) == 4 && isDigits(text):
		return strings.HasSuffix(m.Phone, text)
	case len(text) < 7 || len(text) != len(m.Phone) || !isDigits(text):
		return false
	}
	for i := range len(text) {
		if m.Phone[i] != '*' && m.Phone[i] != text[i] {
			return false
		}
	}
	return true
}

// faults collects what is wrong, a sentence each, up to a readable number.
type faults struct {
	list []error
	more int
}

const maxFaults = 20

func (f *faults) add(format string, args ...any) {
	if len(f.list) == maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Errorf(format, args...))
}

func (f *faults) err() error {
	if f.more > 0 {
		return errors.Join(append(f.list, fmt.Errorf("and %d more", f.more))...)
	}
	return errors.Join(f.list...)
}
