package goods

import "strings"

// index is the searchable text of all items in one string, so that a search
// over a hundred thousand of them is one pass of the processor's string search.
type index struct {
	text  string
	spans []span // of the items, in order
}

// span is where the fields of one item lie: initials from start, name from
// name, and so on, each with a fieldEnd behind it.
type span struct{ start, name, english, code, end int }

// fieldEnd keeps a search text from matching across fields.
const fieldEnd = "\x01"

func newIndex(items []Item) index {
	var b strings.Builder
	put := func(field string) int {
		b.WriteString(fold(field))
		b.WriteString(fieldEnd)
		return b.Len()
	}
	spans := make([]span, len(items))
	for i, item := range items {
		spans[i] = span{b.Len(), put(item.Initials), put(item.Name), put(item.NameEn), put(item.Code)}
	}
	return index{b.String(), spans}
}

// fold is text as it is compared: lower case, full-width forms as ASCII.
func fold(text string) string { return strings.ToLower(strings.Map(narrow, text)) }

// Where a search text was found, best first.
const (
	wholeCode = iota
	wholeName
	initialsStart
	nameStart
	englishWord
	initialsInside
	nameInside
	englishInside
	codeStart
	ranks
)

// Search finds articles by part of a name in either language, by pinyin
// initials or by the beginning of a code, at most limit of them, the best
// first. Equally good hits come in a fixed order: shorter names first.
func (c *Catalogue) Search(text string, limit int) []Item {
	query := strings.TrimSpace(strings.ReplaceAll(fold(text), fieldEnd, ""))
	if query == "" || limit <= 0 {
		return nil
	}
	var hits [ranks][]int
	if i, ok := c.byCode[codeKey(strings.TrimSpace(text))]; ok {
		hits[wholeCode] = []int{i}
	}
	c.index.each(query, func(i int) bool {
		rank := c.index.rank(i, query)
		if rank < ranks && len(hits[rank]) < limit {
			hits[rank] = append(hits[rank], i)
		}
		// Items come in listing order. When so many begin with the query, only
		// a whole English name could still be better, and one letter is none.
		return len(query) > 1 || len(hits[initialsStart]) < limit
	})
	return c.best(hits[:], limit)
}

func (c *Catalogue) best(hits [][]int, limit int) []Item {
	var found []Item
	taken := map[int]bool{}
	for _, rank := range hits {
		for _, i := range rank {
			if len(found) == limit {
				return found
			}
			if !taken[i] {
				taken[i] = true
				found = append(found, c.items[i])
			}
		}
	}
	return found
}

// each calls visit for every item whose text holds the query, until it says
// false.
func (x index) each(query string, visit func(i int) bool) {
	i := 0
	for from := 0; from < len(x.text); from = x.spans[i].end {
		at := strings.Index(x.text[from:], query)
		if at < 0 {
			return
		}
		for at += from; x.spans[i].end <= at; {
			i++
		}
		if !visit(i) {
			return
		}
	}
}

// rank says how well an item fits the query; ranks means not at all, as when
// it is found only in the middle of a code.
func (x index) rank(i int, query string) int {
	s := x.spans[i]
	initials, name := x.text[s.start:s.name-1], x.text[s.name:s.english-1]
	english, code := x.text[s.english:s.code-1], x.text[s.code:s.end-1]
	switch {
	case name == query || english == query:
		return wholeName
	case strings.HasPrefix(initials, query):
		return initialsStart
	case strings.HasPrefix(name, query):
		return nameStart
	case beginsWord(english, query):
		return englishWord
	case strings.Contains(initials, query):
		return initialsInside
	case strings.Contains(name, query):
		return nameInside
	case strings.Contains(english, query):
		return englishInside
	case strings.HasPrefix(code, query):
		return codeStart
	}
	return ranks
}

// beginsWord reports whether a word of the text begins with the query: Cola is
// a word of Coca-Cola, not of chocolate.
func beginsWord(text, query string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], query)
		if at < 0 {
			return false
		}
		if at += from; at == 0 || strings.IndexByte(" -&'/(", text[at-1]) >= 0 {
			return true
		}
		from = at + 1
	}
}
