package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever may do what a cashier may not has one name in Chinese, on the screen
// and in the guide.
func TestAManagerHasOneName(t *testing.T) {
	texts, _ := filepath.Glob("*.go")
	guides, _ := filepath.Glob("../../docs/*.zh-CN.md")
	for _, path := range append(texts, guides...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(path, "_test.go") && strings.Contains(string(text), "店长") {
			t.Errorf("%s says 店长 for 主管", path)
		}
	}
}
