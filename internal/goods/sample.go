package goods

import (
	_ "embed"
	"strings"

	"abacus/internal/money"
)

//go:embed sample_items.csv
var sampleItems string

//go:embed sample_members.csv
var sampleMembers string

// Sample is a small shop's catalogue for the demo, training and tests: made-up
// article numbers, prices and members, none of which exist.
func Sample() *Catalogue {
	// The files are part of the program and a test loads them: there is no
	// error left to report.
	items, _ := LoadCSV(strings.NewReader(sampleItems), money.CNY)
	members, _ := LoadMembersCSV(strings.NewReader(sampleMembers))
	catalogue, err := New(items, members)
	if err != nil {
		return &Catalogue{}
	}
	return catalogue
}
