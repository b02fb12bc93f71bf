package config

import (
	"strings"
	"unicode"

	"abacus/internal/lang"
)

// Error is one thing wrong with the configuration, with its remedy. It never
// repeats the value of a secret.
type Error struct {
	Where    string   // the file, the environment variable or the flag
	Key      string   // the setting, such as "wechat.base"; may be empty
	Language lang.Tag // the one the till would have spoken

	say problem
}

// problem says what is wrong with a setting and what to do, as the second half
// of a sentence.
type problem func(t *lang.Config) string

// Sentence is the whole of it for people: where, which setting, what is wrong
// and what to do.
func (e *Error) Sentence(t *lang.Texts) string {
	end := "."
	if t.Tag == lang.Chinese {
		end = "。"
	}
	parts := make([]string, 0, 3)
	for _, part := range []string{e.Where, e.Key, e.say(&t.Command.Config)} {
		if part != "" {
			parts = append(parts, strings.Map(printable, part))
		}
	}
	text := strings.Join(parts, ": ")
	if strings.HasSuffix(text, "?") { // "did you mean …?"
		return text
	}
	return text + end
}

// Error is the sentence in English, for logs.
func (e *Error) Error() string { return e.Sentence(lang.Must(lang.English)) }

// printable keeps a sentence one line: a misspelt key may hold anything, also
// a terminal's commands.
func printable(r rune) rune {
	if unicode.IsGraphic(r) {
		return r
	}
	return '?'
}
