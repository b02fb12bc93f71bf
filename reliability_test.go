package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// cited is a test, a benchmark or a script in docs/reliability.md: its folder,
// its name and, after another slash, a case of it.
var cited = regexp.MustCompile("`((?:[a-z0-9]+/)*)((?:Test|Fuzz|Benchmark)[A-Za-z0-9]+)(?:/([^`]+))?`|`(testdata/[^`]+)`")

// TestReliabilityNamesRealTests: a proof that is cited exists, and the tables
// are whole.
func TestReliabilityNamesRealTests(t *testing.T) {
	text, err := os.ReadFile("docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cited.FindAllStringSubmatch(string(text), -1) {
		folder, name, row, script := c[1], c[2], c[3], c[4]
		if script != "" {
			if _, err := os.Stat(script); err != nil {
				t.Error(err)
			}
			continue
		}
		source := testsIn(t, folder)
		if !strings.Contains(source, "\nfunc "+name+"(") {
			t.Errorf("%s%s is no test", folder, name)
		}
		if row != "" && !strings.Contains(source, `"`+row+`"`) {
			t.Errorf("%s%s has no case %q", folder, name, row)
		}
	}
	for heading, rows := range map[string]int{"## Faults": 45, "## What went wrong elsewhere": 24} {
		_, section, _ := strings.Cut(string(text), "\n"+heading+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		numbered := regexp.MustCompile(`(?m)^\| [0-9]+ \| .*(\x60(Test|[a-z/]+/(Test|Benchmark))|not yet)`).FindAllString(section, -1)
		if len(numbered) != rows {
			t.Errorf("%s: %d rows with a test or a reason, want %d", heading, len(numbered), rows)
		}
		var last [2]string
		for _, row := range regexp.MustCompile(`(?m)^\| ([0-9]+)([a-z]?) \|`).FindAllStringSubmatch(section, -1) {
			this := [2]string{fmt.Sprintf("%3s", row[1]), row[2]}
			if this[0] < last[0] || this[0] == last[0] && this[1] <= last[1] {
				t.Errorf("%s: row %s%s stands behind row %s%s", heading, this[0], this[1], last[0], last[1])
			}
			last = this
		}
	}
}

// TestIntegratorNamesEveryFault: what the sandbox can do to a request is told
// to whoever tests against it.
func TestIntegratorNamesEveryFault(t *testing.T) {
	source, err := os.ReadFile("payment/sandbox/fault.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("docs/integrator.md")
	if err != nil {
		t.Fatal(err)
	}
	faults := regexp.MustCompile(`(?m)^//\t([a-z-]+(?::[A-Z]+)?)  `).FindAllStringSubmatch(string(source), -1)
	if len(faults) < 17 {
		t.Fatalf("%d faults in the sandbox's source", len(faults))
	}
	for _, f := range faults {
		if !strings.Contains(string(text), "`"+f[1]+"`") {
			t.Errorf("%s is not told", f[1])
		}
	}
}

// testsIn is the source of a folder's tests.
func testsIn(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}
