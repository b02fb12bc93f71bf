// Package lang holds every text people read, complete in Chinese and English.
//
// Texts are Go structs, so a text that is missing or misspelt does not
// compile, and a test walks them to find empty ones. Each room of the house
// has its own struct in its own file.
package lang

import "fmt"

// Tag names a language as in BCP 47.
type Tag string

// The languages.
const (
	Chinese Tag = "zh-CN"
	English Tag = "en"
)

// Texts is everything in one language.
type Texts struct {
	Tag     Tag
	Screen  Screen  // the cashier's and the manager's screens
	Say     Say     // what became of the money, faults and notices, in sentences
	Paper   Paper   // receipts and reports
	Command Command // the command line and the configuration
	Doctor  Doctor  // what an examination of the till found
}

var (
	chinese = Texts{Chinese, screenChinese, sayChinese, paperChinese, commandChinese, doctorChinese}
	english = Texts{English, screenEnglish, sayEnglish, paperEnglish, commandEnglish, doctorEnglish}
)

// For gives the texts of a language; anything unknown is an error that names
// the languages there are.
func For(tag Tag) (*Texts, error) {
	switch tag {
	case Chinese:
		return &chinese, nil
	case English:
		return &english, nil
	}
	return nil, fmt.Errorf("language %q: use %s or %s", tag, Chinese, English)
}

// Must gives the texts of a language known to exist, Chinese otherwise.
func Must(tag Tag) *Texts {
	if t, err := For(tag); err == nil {
		return t
	}
	return &chinese
}

// Other is the language a single key switches to.
func (t *Texts) Other() *Texts {
	if t.Tag == Chinese {
		return &english
	}
	return &chinese
}
