package lang

import (
	"regexp"
	"slices"
	"testing"
)

// Both languages know the same checks and findings and fill in the same; what
// is wrong has a remedy.
func TestDoctorTextsAgree(t *testing.T) {
	zh, en := doctorChinese, doctorEnglish
	sameKeys(t, "check", zh.Checks, en.Checks)
	sameKeys(t, "state", zh.States, en.States)
	sameKeys(t, "finding", zh.Findings, en.Findings)
	places := regexp.MustCompile(`\{w?\d\}`)
	for code, e := range en.Findings {
		a, b := places.FindAllString(zh.Findings[code].Say, -1), places.FindAllString(e.Say, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) || zh.Findings[code].Say == "" || e.Say == "" {
			t.Errorf("%s fills %v in Chinese and %v in English", code, a, b)
		}
		if (e.Hint == "") != (zh.Findings[code].Hint == "") {
			t.Errorf("%s has a remedy in one language only", code)
		}
	}
}

func sameKeys[T any](t *testing.T, what string, a, b map[string]T) {
	t.Helper()
	for key := range a {
		if _, ok := b[key]; !ok {
			t.Errorf("the %s %s is Chinese only", what, key)
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			t.Errorf("the %s %s is English only", what, key)
		}
	}
}
