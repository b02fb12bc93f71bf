package tui

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whatever the core can be told, the screen can tell it: the two faces get the
// same till.
func TestTheScreenReachesEveryCommand(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "internal", "till", "command.go"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var screens strings.Builder
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && !strings.HasSuffix(f, "_test.go") {
			screens.Write(text)
		}
	}
	commands := regexp.MustCompile(`func \((\w+)\) command\(\)`).FindAllStringSubmatch(string(source), -1)
	if len(commands) < 30 {
		t.Fatalf("only %d commands found", len(commands))
	}
	for _, c := range commands {
		if c[1] == "PaymentWait" {
			continue // the screen watches snapshots instead of waiting
		}
		if !strings.Contains(screens.String(), "till."+c[1]+"{") {
			t.Errorf("no screen sends %s", c[1])
		}
	}
}
